"""The client against the hostile server that lies beside the checkout: whatever it does, one plain reason comes out."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from listen.collect.http import Client, Fetched, FetchError, Limits, MemoryHosts, Validators
from listen.secrets import Secret
from sources.base import Request
from tests.collect.clocks import TurnedClock

SMALL = Limits(total=0.4)


@pytest.fixture(scope="module")
def hostile(shared: Path) -> Iterator[dict[str, str]]:
    """The addresses `base` and `internal` of a running server."""
    program = shared / "fixtures" / "hostile" / "harness" / "hostile_server.py"
    process = subprocess.Popen([sys.executable, str(program)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        yield json.loads(process.stdout.readline())
    finally:
        process.terminate()
        process.wait(10)
        process.stdout.close()


async def fetch(
    base: str, path: str, *, limits: Limits | None = None, hosts: MemoryHosts | None = None, **options: Any
) -> Fetched:
    options.setdefault("allow_private", (base.removeprefix("http://"),))
    async with Client(TurnedClock(), gap=0, limits=limits, hosts=hosts) as client:
        return await client.fetch(Request(base + path), **options)


async def fault_of(base: str, path: str, **options: Any) -> FetchError:
    with pytest.raises(FetchError) as caught:
        await fetch(base, path, **options)
    return caught.value


async def log(base: str) -> list[dict[str, Any]]:
    fetched = await fetch(base, "/_log")
    assert fetched.answer is not None
    return json.loads(fetched.answer.body)


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("/gzip300", "limit:decoded-bytes"),
        ("/br300", "limit:decoded-bytes"),
        ("/endless", "limit:wire-bytes"),
        ("/ndjson_endless", "limit:wire-bytes"),
        ("/loop", "redirect-loop"),
        ("/tofile", "redirect-scheme"),
        ("/toprivate", "private-address"),
        ("/short", "incomplete"),
        ("/trunc_gzip", "incomplete"),
        ("/304", "http-304"),
        ("/garbage", "protocol"),
        ("/401", "http-401"),
        ("/500", "http-500"),
        ("/nothing-here", "http-404"),
    ],
)
async def test_each_trap_has_its_reason_and_good_answers_still_come(
    hostile: dict[str, str], path: str, reason: str
) -> None:
    base = hostile["base"]
    fault = await fault_of(base, path, limits=Limits(total=20), secrets={"X-Api-Key": Secret("canary-1177")})
    assert fault.reason == reason
    assert "PWN" not in fault.message
    assert "canary" not in repr(fault)
    assert fault.message.isprintable()
    assert (await fetch(base, "/good.xml")).answer is not None


@pytest.mark.parametrize("path", ["/drip", "/driphead", "/silent"])
async def test_drips_and_silence_end_at_the_deadline_while_others_go_on(hostile: dict[str, str], path: str) -> None:
    base = hostile["base"]
    async with Client(TurnedClock(), gap=0, limits=SMALL) as client:
        allow = (base.removeprefix("http://"),)
        stuck = asyncio.create_task(client.fetch(Request(base + path), allow_private=allow))
        good = await client.fetch(Request(base + "/good.xml"), allow_private=allow)
        assert good.answer is not None
        with pytest.raises(FetchError) as caught:
            await stuck
    assert caught.value.reason == "timeout"


async def test_a_private_network_is_not_asked_and_no_key_goes_there_when_it_is_allowed(hostile: dict[str, str]) -> None:
    base, internal = hostile["base"], hostile["internal"]
    keys = {"X-Api-Key": Secret("canary-1"), "Authorization": Secret("canary-2"), "Cookie": Secret("canary-3")}
    assert (await fault_of(base, "/toprivate", secrets=keys)).reason == "private-address"
    assert not [request for request in await log(base) if request["internal"]]
    both = (base.removeprefix("http://"), internal.removeprefix("http://"))
    assert (await fetch(base, "/toprivate", secrets=keys, allow_private=both)).answer is not None
    inside = [request for request in await log(base) if request["internal"]]
    assert len(inside) == 1
    assert "canary" not in json.dumps(inside)


async def test_a_short_body_leaves_the_validators_as_they_were(hostile: dict[str, str]) -> None:
    mine = Validators('"mine"', None, "another address", 0)
    assert (await fault_of(hostile["base"], "/short", validators=mine)).reason == "incomplete"


async def test_a_pause_survives_a_restart(hostile: dict[str, str]) -> None:
    base, hosts = hostile["base"], MemoryHosts()
    fault = await fault_of(base, "/429", hosts=hosts)
    assert (fault.reason, fault.retry_at) == ("http-429", TurnedClock().now() + 120)
    before = len(await log(base))
    assert (await fault_of(base, "/good.xml", hosts=hosts)).reason == "waiting"
    assert len(await log(base)) == before


async def test_a_flapping_server_is_asked_less_often(hostile: dict[str, str]) -> None:
    base, hosts, clock = hostile["base"], MemoryHosts(), TurnedClock()
    allow = (base.removeprefix("http://"),)
    outcomes: list[bool | str] = []
    pauses: list[float] = []
    async with Client(clock, gap=0, hosts=hosts) as client:
        for _ in range(4):
            try:
                outcomes.append((await client.fetch(Request(base + "/flap"), allow_private=allow)).answer is not None)
            except FetchError as fault:
                outcomes.append(fault.reason)
                pauses.append((fault.retry_at or 0) - clock.now())
                clock.turn(pauses[-1])
    assert sorted(map(str, outcomes)) == ["True", "True", "http-503", "http-503"]
    assert all(0 < pause <= 61 for pause in pauses)


async def test_an_empty_answer_is_an_answer(hostile: dict[str, str]) -> None:
    fetched = await fetch(hostile["base"], "/empty")
    assert fetched.answer is not None
    assert fetched.answer.body == b""
