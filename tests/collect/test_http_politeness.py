"""Politeness: pauses that hosts ask for, kept across restarts; few requests at a time; a gap between two."""

from __future__ import annotations

import asyncio
import itertools

import pytest

from listen.collect.http import Client, FetchError, HostState, MemoryHosts, Rate, politeness
from listen.collect.http.politeness import Turns
from tests.collect.asking import ask, refusal
from tests.collect.clocks import TurnedClock
from tests.collect.server import Reply, Seen, Server

DAY = 86_400


def polite(clock: TurnedClock, hosts: MemoryHosts | None = None, *, luck: float = 1.0, gap: float = 0) -> Client:
    return Client(clock, gap=gap, hosts=hosts, random=lambda: luck)


async def test_retry_after_is_kept_across_a_restart_and_nothing_is_sent_meanwhile(
    clock: TurnedClock, server: Server
) -> None:
    server.on("/feed", Reply(429, headers={"Retry-After": "120"}), Reply(body=b"<rss>"))
    hosts = MemoryHosts()
    async with polite(clock, hosts) as client:
        fault = await refusal(client, server.url("/feed"))
    assert (fault.reason, fault.status, fault.retry_at) == ("http-429", 429, clock.now() + 120)
    clock.turn(119)
    async with polite(clock, hosts) as client:
        waiting = await refusal(client, server.url("/another"))
        assert (waiting.reason, waiting.retry_at) == ("waiting", fault.retry_at)
        assert "http-429" in waiting.message
        assert len(server.seen) == 1
        clock.turn(1)
        assert (await ask(client, server.url("/feed"))).answer is not None


async def test_a_pause_is_for_host_and_port(clock: TurnedClock, server: Server, other: Server) -> None:
    server.on("/feed", Reply(503))
    other.on("/feed", Reply(body=b"<rss>"))
    async with polite(clock) as client:
        await refusal(client, server.url("/feed"))
        assert (await ask(client, other.url("/feed"))).answer is not None
        assert (await refusal(client, server.url("/feed"))).reason == "waiting"


async def test_a_clock_that_is_set_back_lengthens_neither_gap_nor_pause_beyond_reason(
    clock: TurnedClock, server: Server, other: Server
) -> None:
    server.on("/feed", Reply(body=b"<rss>"))
    other.on("/feed", Reply(429, headers={"Retry-After": "120"}), Reply(body=b"<rss>"))
    async with polite(clock, gap=1) as client:
        await ask(client, server.url("/feed"))
        await refusal(client, other.url("/feed"))
        clock.turn(-30 * DAY)
        await ask(client, server.url("/feed"))
        assert sum(clock.slept) <= 2
        assert (await ask(client, other.url("/feed"))).answer is not None


async def test_slow_requests_leave_their_places_to_others(
    clock: TurnedClock, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(politeness, "SLOW", 0.05)
    release = asyncio.Event()

    async def hang(_: Seen, writer: asyncio.StreamWriter) -> None:
        await release.wait()

    server.on("/hang", hang)
    server.on("/good", Reply(body=b"<rss>"))
    async with polite(clock) as client:
        stuck = [asyncio.create_task(refusal(client, server.url("/hang"))) for _ in range(2)]
        assert (await asyncio.wait_for(ask(client, server.url("/good")), 20)).answer is not None
        release.set()
        await asyncio.gather(*stuck)
        assert (await ask(client, server.url("/good"))).answer is not None


async def test_only_few_of_a_host_are_let_go_so(clock: TurnedClock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(politeness, "SLOW", 0.0)
    turns = Turns(clock, MemoryHosts(), gap=0, per_host=2, overall=99, random=lambda: 1.0)
    release, inside = asyncio.Event(), 0

    async def ask_slowly() -> None:
        nonlocal inside
        async with turns.turn("slow.test:80"):
            inside += 1
            await release.wait()

    asking = [asyncio.create_task(ask_slowly()) for _ in range(9)]
    for _ in range(50):
        await asyncio.sleep(0)
    assert inside == 2 + politeness.SLOW_AT_ONCE
    release.set()
    await asyncio.gather(*asking)
    assert inside == 9


async def test_a_redirect_to_a_paused_host_waits_too(clock: TurnedClock, server: Server, other: Server) -> None:
    other.on("/feed", Reply(503))
    server.on("/feed", Reply(302, headers={"Location": other.url("/feed")}))
    async with polite(clock) as client:
        await refusal(client, other.url("/feed"))
        assert (await refusal(client, server.url("/feed"))).reason == "waiting"
        assert len(other.seen) == 1


async def test_pauses_double_and_a_success_begins_anew(clock: TurnedClock, server: Server) -> None:
    server.on("/feed", Reply(503))
    pauses = []
    async with polite(clock) as client:
        for _ in range(13):
            fault = await refusal(client, server.url("/feed"))
            assert fault.retry_at is not None
            pauses.append(fault.retry_at - clock.now())
            clock.turn(pauses[-1])
        assert pauses == [60, 120, 240, 480, 960, 1920, 3840, 7680, 15360, 30720, 61440, DAY, DAY]
        server.on("/feed", Reply(body=b"<rss>"), Reply(503))
        await ask(client, server.url("/feed"))
        fault = await refusal(client, server.url("/feed"))
        assert fault.retry_at == clock.now() + 60


@pytest.mark.parametrize(("luck", "pause"), [(0.0, 1), (0.25, 15), (0.999, 60)])
async def test_a_pause_is_drawn_by_lot(clock: TurnedClock, server: Server, luck: float, pause: float) -> None:
    server.on("/feed", Reply(503))
    async with polite(clock, luck=luck) as client:
        fault = await refusal(client, server.url("/feed"))
    assert fault.retry_at == clock.now() + pause


@pytest.mark.parametrize(
    ("status", "headers", "pause"),
    [
        (429, {"Retry-After": "5"}, 5),
        (429, {"Retry-After": "99999999"}, 7 * DAY),
        (429, {"Retry-After": "9" * 5000}, 7 * DAY),
        (429, {"Retry-After": "Sat, 18 Nov 2026 11:08:00 GMT", "Date": "Sat, 18 Nov 2026 11:06:40 GMT"}, 80),
        (429, {"Retry-After": "0"}, 60),
        (429, {"Retry-After": "soon"}, 60),
        (429, {"Retry-After": "-5"}, 60),
        (503, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "33"}, 33),
        (503, {"Retry-After": "44", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "33"}, 44),
        (429, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1"}, 1),
        (500, {"Retry-After": "44"}, 44),
        (403, {"Retry-After": "44"}, 44),
        (403, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "33"}, 33),
        (403, {"X-RateLimit-Remaining": "9", "X-RateLimit-Reset": "33"}, None),
        (404, {}, None),
        (500, {}, None),
    ],
)
async def test_what_hosts_ask_for_is_what_they_get(
    clock: TurnedClock, server: Server, status: int, headers: dict[str, str], pause: float | None
) -> None:
    server.on("/feed", Reply(status, headers=headers))
    async with polite(clock) as client:
        fault = await refusal(client, server.url("/feed"))
        assert fault.status == status
        assert fault.retry_at == (None if pause is None else clock.now() + pause)
        again = await refusal(client, server.url("/feed"))
        assert again.reason == (f"http-{status}" if pause is None else "waiting")


async def test_an_allowance_that_is_all_but_used_up_pauses_the_host(clock: TurnedClock, server: Server) -> None:
    server.on("/feed", Reply(body=b"<rss>", headers={"X-RateLimit-Remaining": "1", "X-RateLimit-Reset": "50"}))
    hosts = MemoryHosts()
    async with polite(clock, hosts) as client:
        fetched = await ask(client, server.url("/feed"))
        assert fetched.rate == Rate(1, clock.now() + 50)
        assert (await refusal(client, server.url("/feed"))).retry_at == clock.now() + 50
        clock.turn(50)
        assert (await ask(client, server.url("/feed"))).answer is not None


async def test_freshness_and_wishes_of_a_good_answer_are_passed_on(clock: TurnedClock, server: Server) -> None:
    headers = {"Cache-Control": "public, max-age=600", "Age": "100", "Retry-After": "30"}
    server.on("/feed", Reply(body=b"<rss>", headers=headers))
    async with polite(clock) as client:
        fetched = await ask(client, server.url("/feed"))
        assert (fetched.fresh_for, fetched.retry_at) == (500, clock.now() + 30)


def turns(clock: TurnedClock, store: MemoryHosts | None = None, *, gap: float = 0, overall: int = 8) -> Turns:
    return Turns(clock, store or MemoryHosts(), gap=gap, per_host=2, overall=overall, random=lambda: 1.0)


def test_a_success_that_began_before_the_pause_does_not_end_it(clock: TurnedClock) -> None:
    store = MemoryHosts()
    order = turns(clock, store)
    began = clock.now()
    order.refused("a:80", "http-429", 100, Rate())
    order.answered("a:80", began, Rate())
    assert store.get("a:80") == HostState(clock.now() + 100, 1, "http-429")
    order.answered("a:80", clock.now() + 100, Rate())
    assert store.get("a:80") == HostState(0, 0, "")


def test_a_pause_is_never_shortened_and_ends_on_a_whole_second_at_least_as_late(clock: TurnedClock) -> None:
    order = turns(clock)
    clock.turn(0.4)
    until = order.refused("a:80", "http-429", 100, Rate())
    assert until == 1_795_000_101
    assert order.refused("a:80", "http-503", 5, Rate()) == until


async def test_two_requests_to_one_host_keep_their_distance(clock: TurnedClock, server: Server, other: Server) -> None:
    for place in (server, other):
        place.on("/feed", Reply(body=b"<rss>"))
    async with polite(clock, gap=1.5) as client:
        await ask(client, server.url("/feed"))
        await ask(client, other.url("/feed"))
        assert clock.slept == []
        await ask(client, server.url("/feed"))
        assert clock.slept == [1.5]
        clock.turn(1)
        await ask(client, server.url("/feed"))
        assert clock.slept == [1.5, 0.5]


async def test_a_redirect_within_a_host_needs_no_distance(clock: TurnedClock, server: Server) -> None:
    server.on("/a", Reply(302, headers={"Location": "/b"}))
    server.on("/b", Reply(body=b"<rss>"))
    async with polite(clock, gap=1.5) as client:
        await ask(client, server.url("/a"))
    assert clock.slept == []


async def test_at_most_two_at_a_time_for_a_host_and_a_few_overall(clock: TurnedClock) -> None:
    order = turns(clock, overall=3)
    inside: list[str] = []
    most: dict[str, int] = {}

    async def one(host: str) -> None:
        async with order.turn(host):
            inside.append(host)
            most[host] = max(most.get(host, 0), inside.count(host))
            most["all"] = max(most.get("all", 0), len(inside))
            for _ in range(5):
                await asyncio.sleep(0)
            inside.remove(host)

    await asyncio.gather(*(one(host) for host in ["a:80"] * 6 + ["b:80"] * 6))
    assert most == {"a:80": 2, "b:80": 2, "all": 3}


async def test_a_slow_host_does_not_keep_others_out(clock: TurnedClock, server: Server, other: Server) -> None:
    release = asyncio.Event()

    async def slow(request: Seen, writer: asyncio.StreamWriter) -> None:
        await release.wait()
        writer.write(b"HTTP/1.1 200 Fine\r\nContent-Length: 1\r\n\r\nx")

    server.on("/slow", slow)
    other.on("/feed", Reply(body=b"<rss>"))
    async with polite(clock) as client:
        waiting = [asyncio.create_task(ask(client, server.url(f"/slow?{n}"))) for n in range(12)]
        assert (await ask(client, other.url("/feed"))).answer is not None
        assert len(server.seen) <= 2
        release.set()
        assert all(fetched.answer for fetched in await asyncio.gather(*waiting))


async def test_those_who_queue_meet_the_pause_that_came_meanwhile(clock: TurnedClock, server: Server) -> None:
    server.on("/feed", Reply(429, headers={"Retry-After": "60"}))
    async with polite(clock) as client:
        outcomes = await asyncio.gather(
            *(ask(client, server.url(f"/feed?{n}")) for n in range(9)), return_exceptions=True
        )
    reasons = [fault.reason for fault in outcomes if isinstance(fault, FetchError)]
    assert sorted(reasons) == ["http-429"] * len(server.seen) + ["waiting"] * (9 - len(server.seen))
    assert len(server.seen) <= 2


async def test_a_cancelled_fetch_gives_its_turn_back(clock: TurnedClock, server: Server) -> None:
    both = asyncio.Barrier(3)

    async def silent(request: Seen, writer: asyncio.StreamWriter) -> None:
        await both.wait()
        await asyncio.Event().wait()

    server.on("/silent", silent)
    server.on("/feed", Reply(body=b"<rss>"))
    async with polite(clock) as client:
        stuck = [asyncio.create_task(ask(client, server.url("/silent"))) for _ in range(2)]
        async with asyncio.timeout(20):
            await both.wait()
        for task in stuck:
            task.cancel()
        await asyncio.gather(*stuck, return_exceptions=True)
        assert (await ask(client, server.url("/feed"))).answer is not None


async def test_many_hosts_that_are_not_asked_again_cost_no_memory(clock: TurnedClock) -> None:
    order = turns(clock, gap=1)
    for number in range(10_000):
        async with order.turn(f"host{number}:80"):
            clock.turn(1)
    assert len(order._seats) <= 4_097


async def test_names_of_one_place_wait_in_one_queue_with_its_own_gap(clock: TurnedClock) -> None:
    order, began = turns(clock, gap=1), []
    for host in ("www.reddit.com:443", "old.reddit.com:443", "reddit.com:443", "oauth.reddit.com:443"):
        async with order.turn(host):
            began.append(clock.now())
    assert [later - before for before, later in itertools.pairwise(began)] == [61, 61, 0]


async def test_a_shy_place_says_403_for_429(
    clock: TurnedClock, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(politeness.MANNERS, "127.0.0.1", politeness.Manners("reddit.com", 1.0, shy=True))
    server.on("/feed", Reply(403))
    async with polite(clock) as client:
        assert (await refusal(client, server.url("/feed"))).retry_at == clock.now() + 60
        assert (await refusal(client, server.url("/other"))).reason == "waiting"
    assert len(server.seen) == 1
