"""The collector as a process of its own: killed at any moment, asked to end, started twice, out of disk."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import random
import resource
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from listen.collect import lock
from listen.store import audit
from tests.collect.collecting import item, rows, rss
from tests.collect.server import Seen, Server

ROOT = Path(__file__).parents[2]
SHOWN, GROWTH = 160, 80
"""Posts in the feed, and how many of them are new at each look."""


class Collector:
    """A collector process and the events that it prints."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.events: list[dict[str, Any]] = []

    async def until(self, kind: str, count: int = 1, seconds: float = 60.0) -> None:
        """Read events until there are so many of that kind, or the process has ended."""
        assert self.process.stdout is not None
        async with asyncio.timeout(seconds):
            while sum(event["kind"] == kind for event in self.events) < count:
                line = await self.process.stdout.readline()
                if not line:
                    return
                self.events.append(json.loads(line))

    async def end(self, number: signal.Signals) -> tuple[int, str]:
        """Send a signal; the exit code and what was said on standard error, also of one that has ended by itself."""
        with contextlib.suppress(ProcessLookupError):
            self.process.send_signal(number)
        return await self.ended()

    async def ended(self) -> tuple[int, str]:
        async with asyncio.timeout(30):
            _, complaint = await self.process.communicate()
            return await self.process.wait(), complaint.decode()


@asynccontextmanager
async def started(store: Path, *urls: str, **environment: str) -> AsyncIterator[Collector]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.collect.collecting", str(store), *urls,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT, env={**os.environ, **environment},
    )  # fmt: skip
    try:
        yield Collector(process)
    finally:
        if process.returncode is None:
            process.kill()
            await process.communicate()


def growing(server: Server, path: str, first: int = 0) -> None:
    """A feed that shows its newest posts, and has more of them at each look."""
    shown = [first]

    async def answer(_: Seen, writer: asyncio.StreamWriter) -> None:
        shown[0] += GROWTH
        newest = range(shown[0], max(first, shown[0] - SHOWN), -1)
        body = rss(*(item(number, f"The acme battery number {number} is great") for number in newest))
        writer.write(f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode() + body)
        await writer.drain()

    server.on(path, answer)


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "listen.db"


async def test_killed_at_any_moment_it_loses_and_repeats_nothing(store: Path, server: Server) -> None:
    await _kill(store, server, 20)


@pytest.mark.slow
async def test_killed_two_hundred_times_it_loses_and_repeats_nothing(store: Path, server: Server) -> None:
    await _kill(store, server, 200)


async def _kill(store: Path, server: Server, times: int) -> None:
    for number in range(3):
        growing(server, f"/{number}", number * 1_000_000)
    urls = [server.url(f"/{number}") for number in range(3)]
    chance = random.Random(7)
    committed: dict[int, str] = {}
    working = pages = 0
    for _ in range(times):
        async with started(store, *urls) as collector:
            after = chance.choice(("start", "ready", "page", "page"))
            if after != "start":
                await collector.until(after)
                working += 1
            await asyncio.sleep(chance.random())
            code, complaint = await collector.end(signal.SIGKILL)
        assert code == -signal.SIGKILL, complaint
        pages += sum(event["kind"] == "page" for event in collector.events)
        if working:
            found = dict(rows(store, "SELECT id, external_id FROM mentions"))
            lost = {one: name for one, name in committed.items() if found.get(one) != name}
            assert not lost
            committed = found
    assert len(committed) >= pages * GROWTH > 0
    _sound(store)
    async with started(store, *urls) as collector:
        await collector.until("page", 3)
        assert (await collector.end(signal.SIGTERM))[0] == 0
    final = dict(rows(store, "SELECT id, external_id FROM mentions"))
    assert committed.items() <= final.items()
    _sound(store)
    ((again,),) = rows(store, "SELECT count(*) - count(DISTINCT external_id) FROM mentions")
    assert again == 0
    print(f"\n{times} kills: {len(committed)} mentions committed, 0 lost, {again} repeated, {len(final)} in the end")


def _sound(store: Path) -> None:
    """The file, the index and the numbers agree with the mentions."""
    assert list(audit.problems(store, deep=True)) == []
    counted = rows(store, "SELECT topic_id, sum(n), sum(total), sum(scored) FROM hourly_topic GROUP BY topic_id")
    real = rows(store, "SELECT topic_id, count(*), sum(score), count(score) FROM matches GROUP BY topic_id")
    assert counted == real
    assert rows(
        store, "SELECT count(*) FROM mentions m WHERE NOT EXISTS (SELECT 1 FROM sightings s WHERE s.mention_id = m.id)"
    ) == [(0,)]
    shown = rows(store, "SELECT sum(mentions) FROM channels")
    assert shown == rows(store, "SELECT count(*) FROM mentions")


async def test_asked_to_end_it_finishes_its_batch_and_says_goodbye(store: Path, server: Server, tmp_path: Path) -> None:
    growing(server, "/feed")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.settimeout(10)
        async with started(store, server.url("/feed"), NOTIFY_SOCKET=str(tmp_path / "notify")) as collector:
            await collector.until("page")
            children = _children(collector.process.pid)
            assert children
            code, complaint = await collector.end(signal.SIGTERM)
        said = [manager.recv(4096).decode()]
        while not said[-1].startswith("STOPPING=1"):
            said.append(manager.recv(4096).decode())
    assert (code, complaint) == (0, "")
    assert said[0].startswith("READY=1\nSTATUS=1 channels")
    assert rows(store, "SELECT value FROM state WHERE name = 'collector'") == []
    assert lock.holder(store) is None
    _sound(store)
    async with asyncio.timeout(10):
        while _alive(children):  # noqa: ASYNC110 - nothing tells of another process's end
            await asyncio.sleep(0.02)


async def test_a_fetch_that_never_ends_does_not_keep_it_from_ending(store: Path, server: Server) -> None:
    asked = asyncio.Event()

    async def silent(*_: object) -> None:
        asked.set()
        await asyncio.sleep(3600)

    server.on("/silent", silent)
    async with started(store, server.url("/silent")) as collector:
        await collector.until("ready")
        await asyncio.wait_for(asked.wait(), 30)
        assert await collector.end(signal.SIGTERM) == (0, "")


async def test_the_second_collector_ends_with_4_and_names_the_first(store: Path, server: Server) -> None:
    async with started(store) as first:
        await first.until("ready")
        async with started(store) as second:
            code, complaint = await second.ended()
        assert code == 4
        assert f"process {first.process.pid} on {socket.gethostname()}" in complaint
        assert "Traceback" not in complaint


async def test_of_four_started_at_once_on_no_store_one_collects(store: Path, server: Server) -> None:
    growing(server, "/feed")
    async with (
        started(store, server.url("/feed")) as a,
        started(store, server.url("/feed")) as b,
        started(store, server.url("/feed")) as c,
        started(store, server.url("/feed")) as d,
    ):
        everyone = (a, b, c, d)
        await asyncio.gather(*(one.until("page") for one in everyone))
        (winner,) = [one for one in everyone if one.events]
        told = [await one.ended() for one in everyone if one is not winner]
        assert [code for code, _ in told] == [4, 4, 4]
        assert all(str(winner.process.pid) in complaint and "Traceback" not in complaint for _, complaint in told)
        assert await winner.end(signal.SIGTERM) == (0, "")
    _sound(store)


@pytest.mark.skipif(
    not hasattr(resource, "prlimit"), reason="the limits of another process can be changed on Linux only"
)
async def test_without_room_for_the_store_it_pauses_and_goes_on_when_there_is(store: Path, server: Server) -> None:
    growing(server, "/feed")
    async with started(store, server.url("/feed")) as collector:
        await collector.until("page")
        size = store.with_name("listen.db-wal").stat().st_size
        unlimited = resource.prlimit(collector.process.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
        await collector.until("paused")
        kept = rows(store, "SELECT id FROM mentions")
        resource.prlimit(collector.process.pid, resource.RLIMIT_FSIZE, unlimited)
        await collector.until("resumed")
        await collector.until("page", sum(event["kind"] == "page" for event in collector.events) + 1)
        assert await collector.end(signal.SIGTERM) == (0, "")
    assert len(rows(store, "SELECT id FROM mentions")) > len(kept)
    assert set(kept) <= set(rows(store, "SELECT id FROM mentions"))
    assert rows(store, "SELECT errors FROM channels") == [(0,)]
    _sound(store)


def _children(pid: int) -> list[int]:
    listed = Path(f"/proc/{pid}/task/{pid}/children")
    if not listed.exists():
        pytest.skip("this system does not tell who the children of a process are")
    return [int(child) for child in listed.read_text().split()]


def _alive(pids: list[int]) -> list[int]:
    return [pid for pid in pids if Path(f"/proc/{pid}").exists()]
