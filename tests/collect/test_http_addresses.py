"""Private networks: judged on the address that is connected to, whatever its spelling, for every hop."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Sequence

import pytest

from listen.collect.http import Client, FetchError, Limits, addresses
from listen.collect.http.addresses import allowed, is_public, unwrap
from sources.base import Request
from tests.collect.asking import ask, refusal
from tests.collect.clocks import TurnedClock
from tests.collect.server import Reply, Server

PRIVATE = [
    "0.0.0.0", "0.1.2.3", "10.1.2.3", "100.64.0.1", "127.0.0.1", "127.255.255.254", "169.254.169.254", "172.16.0.1",
    "192.168.1.1", "192.0.2.1", "198.18.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255", "::", "::1", "fe80::1",
    "fe80::1%eth0", "fc00::1", "fd12::1", "fec0::1", "ff02::1", "2001:db8::1", "100::1", "5f00::1", "::ffff:127.0.0.1",
    "::ffff:10.0.0.1", "::7f00:1", "64:ff9b::7f00:1", "64:ff9b::a00:1", "64:ff9b:1::1", "2002:7f00:1::", "2002:a00::1",
]  # fmt: skip
PUBLIC = [
    "1.1.1.1", "93.184.216.34", "2606:4700::1111", "::ffff:1.1.1.1", "64:ff9b::101:101", "2002:101:101::1",
]  # fmt: skip


@pytest.mark.parametrize("text", PRIVATE)
def test_private_addresses_are_known_in_every_wrapping(text: str) -> None:
    assert not is_public(ipaddress.ip_address(text))


@pytest.mark.parametrize("text", PUBLIC)
def test_public_addresses_are_known_in_every_wrapping(text: str) -> None:
    assert is_public(ipaddress.ip_address(text))


def test_the_inner_address_is_found() -> None:
    inner = ipaddress.ip_address("10.0.0.1")
    for text in ("10.0.0.1", "::ffff:10.0.0.1", "::a00:1", "64:ff9b::a00:1", "2002:a00:1::5"):
        assert unwrap(ipaddress.ip_address(text)) == inner


@pytest.mark.parametrize(
    ("entry", "host", "port", "address", "permitted"),
    [
        ("intranet.example", "intranet.example", 80, "10.0.0.1", True),
        ("Intranet.Example.", "intranet.example", 8080, "10.0.0.1", True),
        ("intranet.example:8080", "intranet.example", 8080, "10.0.0.1", True),
        ("intranet.example:8080", "intranet.example", 80, "10.0.0.1", False),
        ("intranet.example", "evil.example", 80, "10.0.0.1", False),
        ("intranet.example", "sub.intranet.example", 80, "10.0.0.1", False),
        ("café.example", "xn--caf-dma.example", 80, "10.0.0.1", True),
        ("10.1.2.0/24", "any.example", 80, "10.1.2.3", True),
        ("10.1.2.0/24", "any.example", 80, "10.1.3.3", False),
        ("10.1.2.3/24", "any.example", 80, "10.1.2.9", True),
        ("10.1.2.3", "any.example", 80, "::ffff:10.1.2.3", True),
        ("10.1.2.3", "10.1.2.3", 80, "10.1.2.3", True),
        ("10.1.2.3:81", "10.1.2.3", 80, "10.1.2.3", False),
        ("10.1.2.3:81", "10.1.2.3", 81, "10.1.2.3", True),
        ("::1", "::1", 80, "::1", True),
        ("[::1]", "::1", 80, "::1", True),
        ("[::1]:8080", "::1", 8080, "::1", True),
        ("[::1]:8080", "::1", 80, "::1", False),
        ("fd00::/8", "any.example", 80, "fd12::1", True),
        ("1.1.1.1", "any.example", 80, "10.0.0.1", False),
        ("1.1.1.1", "any.example", 80, "8.8.8.8", True),
    ],
)
def test_what_a_source_allows(entry: str, host: str, port: int, address: str, permitted: bool) -> None:
    assert allowed([entry]).permits(host, port, ipaddress.ip_address(address)) is permitted


@pytest.mark.parametrize(
    "entry", ["", " ", "http://intranet.example/", "a/b", "10.0.0.0/99", "user@host", "a b?c", "[::1"]
)
def test_an_entry_that_says_nothing_is_an_error(entry: str) -> None:
    with pytest.raises(ValueError, match="allow_private"):
        allowed([entry])


async def test_a_wrong_entry_is_told_without_asking_anybody(client: Client, server: Server) -> None:
    fault = await refusal(client, server.url("/feed"), allow_private=("http://x/y",))
    assert fault.reason == "request"
    assert "allow_private" in fault.message
    assert server.connections == 0


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "127.1", "0", "[::ffff:127.0.0.1]", "[::1]", "127.0.0.1."],
)
async def test_loopback_is_refused_in_every_spelling(client: Client, server: Server, host: str) -> None:
    fault = await refusal(client, f"http://{host}:{server.port}/feed", allow_private=())
    assert fault.reason in {"private-address", "dns"}
    assert server.connections == 0
    if host in {"127.0.0.1", "localhost", "2130706433", "127.1"}:
        assert fault.reason == "private-address"
        assert "allow_private" in fault.remedy


async def test_an_allowed_place_is_asked_and_no_other(client: Client, server: Server, other: Server) -> None:
    server.on("/feed", Reply(body=b"<rss>"))
    server.on("/away", Reply(302, headers={"Location": other.url("/internal")}))
    assert (await ask(client, server.url("/feed"), allow_private=(server.place,))).answer is not None
    fault = await refusal(client, server.url("/away"), allow_private=(server.place,))
    assert fault.reason == "private-address"
    assert other.connections == 0


async def test_permission_does_not_pass_to_another_source_through_an_open_connection(
    client: Client, server: Server
) -> None:
    server.on("/feed", Reply(body=b"<rss>"))
    for _ in range(2):
        await ask(client, server.url("/feed"), allow_private=(server.place,))
    assert server.connections == 1, "the connection was to stay open"
    assert (await refusal(client, server.url("/feed"), allow_private=())).reason == "private-address"
    assert len(server.seen) == 2


class Names:
    """A name server with one answer after the other."""

    def __init__(self, *answers: Sequence[str] | OSError) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        self.asked.append(host)
        answer = self.answers.pop(0)
        if isinstance(answer, OSError):
            raise answer
        return answer


async def fetch_by_name(names: Names, port: int, *, allow: Sequence[str] = ()) -> FetchError | None:
    async with Client(TurnedClock(), gap=0, resolve=names) as client:
        try:
            await client.fetch(Request(f"http://Feeds.Example:{port}/feed"), allow_private=allow)
        except FetchError as fault:
            return fault
    return None


async def test_the_connection_goes_to_the_address_that_was_judged(server: Server) -> None:
    server.on("/feed", Reply(body=b"<rss>"))
    names = Names(["127.0.0.1"])
    assert await fetch_by_name(names, server.port, allow=["feeds.example"]) is None
    assert names.asked == ["feeds.example"]
    assert server.seen[0].headers["host"] == f"feeds.example:{server.port}"


async def test_of_several_addresses_the_forbidden_ones_are_passed_over(server: Server) -> None:
    server.on("/feed", Reply(body=b"<rss>"))
    names = Names(["10.0.0.1", "127.0.0.1"])
    assert await fetch_by_name(names, server.port, allow=["127.0.0.0/8"]) is None
    fault = await fetch_by_name(Names(["10.0.0.1", "192.168.0.1"]), server.port)
    assert fault is not None
    assert fault.reason == "private-address"
    assert "10.0.0.1" in fault.message


async def test_an_address_where_nobody_answers_gives_way_to_the_next(server: Server) -> None:
    server.on("/feed", Reply(body=b"<rss>"))
    assert await fetch_by_name(Names(["::1", "127.0.0.1"]), server.port, allow=["feeds.example"]) is None


@pytest.mark.parametrize("answer", [[], ["no address"], socket.gaierror(socket.EAI_AGAIN, "canary text")])
async def test_a_name_without_an_address_is_told(answer: Sequence[str] | OSError) -> None:
    fault = await fetch_by_name(Names(answer), 80)
    assert fault is not None
    assert fault.reason == "dns"
    assert "feeds.example" in fault.message
    assert "canary" not in fault.message


async def test_a_name_server_that_never_answers_meets_the_deadline_for_connecting(server: Server) -> None:
    async def never(host: str, port: int) -> Sequence[str]:
        await asyncio.Event().wait()
        return []

    async with Client(TurnedClock(), gap=0, resolve=never, limits=Limits(connect=0.1)) as client:
        fault = await refusal(client, "http://feeds.example/")
    assert fault.reason == "timeout"
    assert "0.1 s" in fault.message


async def test_look_up_asks_the_system() -> None:
    assert "127.0.0.1" in await addresses.look_up("127.0.0.1", 80)
    with pytest.raises(OSError):
        await addresses.look_up("nobody.invalid", 80)
    with pytest.raises(OSError):
        await addresses.look_up("a" * 70 + ".example", 80)


async def test_a_look_up_that_is_given_up_harms_nobody() -> None:
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0):
            await addresses.look_up("127.0.0.1", 80)
    assert await addresses.look_up("127.0.0.1", 80)
