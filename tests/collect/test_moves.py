"""Addresses that move for good: believed after three good visits over a day, shown, and left again when they fail."""

from __future__ import annotations

from pathlib import Path

from listen.store.channels import Channel
from listen.store.read import Reader
from tests.collect.clocks import TurnedClock
from tests.collect.collecting import Run, collecting, config, item, rows, rss, source
from tests.collect.server import Reply, Server

HOURS = 3_600.0


def channel(store: Path) -> Channel:
    with Reader(store) as reader:
        (found,) = reader.channels()
    return found


async def visits(run: Run, clock: TurnedClock, server: Server, count: int, hours: float) -> list[str]:
    """Let so many visits happen, so many hours apart; the addresses that were asked."""
    asked = []

    def done() -> int:
        return len([event for event in run.events if event.kind in ("page", "unchanged", "error")])

    for number in range(done() + 1, done() + 1 + count):
        seen = len(server.seen)
        clock.turn(hours * HOURS * 1.2)
        await run.until(lambda number=number: done() >= number)
        asked += [request.path for request in server.seen[seen:]]
    return asked


async def test_a_permanent_redirect_is_adopted_after_three_good_visits_over_a_day(
    tmp_path: Path, server: Server
) -> None:
    store, clock = tmp_path / "listen.db", TurnedClock()
    server.on("/old", Reply(301, headers={"Location": "/new"}))
    server.on("/new", Reply(body=rss(item(1))))
    async with collecting(config(store, source("press", server.url("/old"), every=12 * HOURS)), clock) as run:
        await run.until(lambda: run.of("page"))
        assert await visits(run, clock, server, 2, 12) == ["/old", "/new"] * 2
        assert channel(store).moved == server.url("/new")
        assert await visits(run, clock, server, 2, 12) == ["/new"] * 2
        # An address that stops answering gives way to the one that somebody wrote down.
        server.on("/new", Reply(404))
        assert await visits(run, clock, server, 1, 12) == ["/new"]
        assert channel(store).moved is None
        server.on("/old", Reply(body=rss(item(1), item(2))))
        assert await visits(run, clock, server, 1, 12) == ["/old"]
    assert rows(store, "SELECT count(*) FROM mentions") == [(2,)], "an item is the same at both addresses"


async def test_what_is_not_proven_or_not_permanent_or_secret_is_not_adopted(tmp_path: Path, server: Server) -> None:
    store, clock = tmp_path / "listen.db", TurnedClock()
    server.on("/new", Reply(body=rss(item(1))))
    server.on("/key", Reply(body=rss(item(1))))
    moves = [("/new", 301), ("/new", 301), ("/new", 302), ("/new", 301), ("/key?token=canary-77", 301)]
    server.on("/old", *(Reply(status, headers={"Location": to}) for to, status in [*moves, *moves[-1:] * 3]))
    async with collecting(config(store, source("press", server.url("/old"), every=12 * HOURS)), clock) as run:
        await run.until(lambda: run.of("page"))
        asked = await visits(run, clock, server, 7, 12)
    assert [path for path in asked if path == "/old"] == ["/old"] * 7
    assert channel(store).moved is None
    assert b"canary-77" not in store.read_bytes()


async def test_three_visits_within_a_day_prove_nothing(tmp_path: Path, server: Server) -> None:
    store, clock = tmp_path / "listen.db", TurnedClock()
    server.on("/old", Reply(308, headers={"Location": "/new"}))
    server.on("/new", Reply(body=rss(item(1))))
    async with collecting(config(store, source("press", server.url("/old"), every=1 * HOURS)), clock) as run:
        await run.until(lambda: run.of("page"))
        assert await visits(run, clock, server, 4, 1) == ["/old", "/new"] * 4


async def test_a_publisher_is_left_alone_in_the_hours_that_he_names(tmp_path: Path, server: Server) -> None:
    clock = TurnedClock(1_794_823_200.0)  # Monday, 2026-11-16, 10:00 UTC
    store = tmp_path / "listen.db"
    hours = "".join(f"<hour>{hour}</hour>" for hour in (10, 11, 12))
    head = f"<skipHours>{hours}</skipHours><skipDays><day>Tuesday</day></skipDays>"
    server.on("/feed", Reply(body=rss(item(1), head=head)))
    async with collecting(config(store, source("press", server.url("/feed"), every=HOURS)), clock) as run:
        await run.until(lambda: run.of("page"))
        assert channel(store).next_at == 1_794_823_200 + 3 * 3_600
        clock.turn(13.9 * HOURS)  # 23:54, and Tuesday begins
        await run.until(lambda: run.of("unchanged"))
    assert channel(store).next_at == 1_794_823_200 + 38 * 3_600, "the body was not read again, and its wish still holds"
