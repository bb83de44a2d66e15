"""Budgets: never passed, shared fairly, kept across restarts, told in plain words, given back if unused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

import sources
from listen.collect import budgets, foreign
from listen.collect.budgets import Account, State
from listen.model import KINDS
from listen.store import budgets as ledger
from listen.store import requests, schema
from listen.store.sqlite import connect_people, connect_unprepared
from sources.base import Budget, Channel, Cost, SourceError
from sources.days import DAY, next_midnight
from tests.collect.clocks import StillClock
from tests.collect.collecting import collecting, config, rows, source
from tests.collect.server import Reply, Seen, Server
from tests.sources.reading import at

HEALTH = "SELECT error_reason, error, error_remedy, next_at, errors FROM channels ORDER BY id"


def test_days_begin_at_the_midnight_of_their_place() -> None:
    assert next_midnight(at("2026-11-22T05:00")) == at("2026-11-23")
    assert next_midnight(at("2026-11-23")) == at("2026-11-24"), "strictly after"
    assert next_midnight(at("2026-11-22T05:00"), "America/Los_Angeles") == at("2026-11-22T08:00")
    assert next_midnight(at("2026-07-22T05:00"), "America/Los_Angeles") == at("2026-07-22T07:00"), "summer"
    assert next_midnight(at("2026-07-22T05:00"), "Mars/Olympus") == at("2026-07-23")


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(1, 4), st.integers(0, 5_000)), max_size=60), st.booleans())
def test_nothing_passes_a_budget_and_everybody_gets_an_even_part(
    asked: list[tuple[int, int, int]], spread: bool
) -> None:
    """Channels ask in any order and at any pace; 0 stands for commands that ask once."""
    account = Account(Budget("b", 12, "searches"), "h", 3)
    now, until = 0.0, DAY
    used: dict[int, float] = {}
    for channel, amount, wait in asked:
        now = min(now + wait, DAY - 1.0)
        others = tuple(spent for one, spent in used.items() if one not in (channel, 0))
        state = State(account, until, used.get(channel, 0.0), others, used.get(0, 0.0), spread)
        if amount <= state.free(now) + budgets.LEAST:
            used[channel] = used.get(channel, 0.0) + amount
        else:
            again = state.free_at(amount, now)
            assert now < again <= until
            later = state.free(again)
            assert again == until or again <= now + 1 or later >= amount - 0.01, "then it is free"
        assert sum(used.values()) <= (12 * min(1.0, now / DAY + budgets.AT_ONCE) if spread else 12) + budgets.LEAST
        if not spread and state.left >= amount and state.own + amount <= 4:
            assert used.get(channel, 0.0) >= amount, "nobody waits for what is his part"


def test_a_ledger_forgets_neither_across_connections_nor_when_the_clock_goes_back(tmp_path: Path) -> None:
    store = tmp_path / "listen.db"
    schema.prepare(store)
    connection = connect_unprepared(store)
    for until, amount in ((DAY, 3.0), (DAY, -1.0), (2 * DAY, 5.0), (30 * DAY, 1.0)):
        ledger.spend(connection, "h", "b", until, 7, amount)
    connection.commit()
    connection.close()
    again = connect_unprepared(store)
    assert [ledger.spent(again, "h", "b", until * DAY) for until in (1, 2, 30)] == [{}, {}, {7: 1.0}], "a week is kept"
    ledger.spend(again, "h", "b", 29 * DAY, 7, 4.0)
    ledger.spend(again, "h", "b", 30 * DAY, 0, 2.0)
    assert ledger.spent(again, "h", "b", 29 * DAY) == {7: 4.0}
    assert ledger.spent(again, "h", "b", 30 * DAY) == {7: 1.0, 0: 2.0}
    again.close()


def query(seen: Seen) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(seen.path).query))


def posts(first: int, number: int) -> bytes:
    """A full page of X, newest first, with more behind it."""
    ids = [str(first - place) for place in range(number)]
    told = [{"id": one, "text": "acme", "created_at": "2026-11-18T00:00:00Z"} for one in ids]
    return json.dumps({"data": told, "meta": {"result_count": number, "next_token": "n"}}).encode()


async def test_money_stops_at_its_budget_until_the_next_day_whatever_restarts(
    tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("X_TOKEN", "secret-token")
    store, clock = tmp_path / "listen.db", StillClock(float(at("2026-11-18T22:00")))
    asked: list[int] = []

    async def answer(seen: Seen, writer: Any) -> None:
        size = int(query(seen)["max_results"])
        asked.append(size)
        body = posts(int(query(seen).get("until_id", 2**61)) - 1, size)
        writer.write(Reply(body=body, close=True).head() + body)
        await writer.drain()

    server.on("/2/tweets/search/recent", answer)
    settings = {"token": "env:X_TOKEN", "budget": "1.30", "host": server.url()}
    paid = config(store, source("x", adapter="x", settings=settings))
    async with collecting(paid, clock) as run:
        await run.until(lambda: run.of("waiting"))
    assert asked == [100, 100, 60], "the last page is as large as what is left pays for"
    ((reason, words, remedy, next_at, errors),) = rows(store, HEALTH)
    assert (reason, errors, next_at) == ("budget", 0, at("2026-11-19"))
    assert words == "$1.30 of $1.30 a day are used up"
    assert remedy == "listen asks again at 00:00 UTC on 19 November; `budget` of the source sets the limit"
    assert server.seen[0].headers["authorization"] == "Bearer secret-token"
    clock.turn(3_600)
    async with collecting(paid, clock) as run:
        await run.until(lambda: run.of("ready"))
        people = connect_people(store)
        requests.ask(people, "try", {}, "ana", clock)
        people.close()
        await run.until(lambda: run.of("waiting"))
    assert len(asked) == 3, "a new process knows what the old one spent"
    clock.turn(3_600)
    del asked[:]
    async with collecting(paid, clock) as run:
        await run.until(lambda: run.of("ready"))
        clock.turn(120)
        await run.until(lambda: run.of("waiting"))
    assert asked == [32], "a day's money is not spent in its first minutes"
    ((_, words, remedy, _, _),) = rows(store, HEALTH)
    assert words == "$0.16 of $1.30 are used up, which is all for this time of the day"
    assert remedy.startswith("listen asks again at 00:")
    assert rows(store, "SELECT rate_left FROM channels") == [(228,)], "posts that the rest of the day's money pays for"
    assert rows(store, "SELECT reason FROM rejects") == [("limit:budget",)], "newer posts come before the older half"


async def test_what_a_question_did_not_cost_is_given_back(
    tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("X_TOKEN", "secret-token")
    clock = StillClock(float(at("2026-11-18T10:00")))
    refused = json.dumps({"title": "Invalid Request", "detail": "bad query"}).encode()
    few = json.dumps({"data": [{"id": "9", "text": "acme"}], "meta": {"result_count": 1}}).encode()
    settings = {"token": "env:X_TOKEN", "budget": "1", "host": server.url()}
    for name, reply, spent in (
        ("400", Reply(400, refused), 0.0),
        ("500", Reply(500), 0.0),
        ("200", Reply(body=few), 0.005),
    ):
        store = tmp_path / f"{name}.db"
        server.on("/2/tweets/search/recent", reply)
        async with collecting(config(store, source("x", adapter="x", settings=settings)), clock) as run:
            await run.until(lambda: run.of("error") or run.of("page"))
        ((told,),) = rows(store, "SELECT value FROM state WHERE name = 'budget:source:x:money'")
        assert [one for day in json.loads(told).values() for one in day.values()] == [spent], name


async def test_searches_are_shared_and_a_quota_that_others_used_up_waits_for_california(
    tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("YT_KEY", "secret-key")
    store, clock = tmp_path / "listen.db", StillClock(float(at("2026-11-18T10:00")))
    video = {"id": "v1", "snippet": {"title": "acme"}, "statistics": {"commentCount": "1", "viewCount": "12"}}
    said = {"id": "c1", "snippet": {"textOriginal": "my acme died", "publishedAt": "2026-11-18T09:00:00Z"}}
    thread = {"snippet": {"topLevelComment": said, "totalReplyCount": 0}}
    server.on("/youtube/v3/search", Reply(body=json.dumps({"items": [{"id": {"videoId": "v1"}}]}).encode()))
    server.on("/youtube/v3/videos", Reply(body=json.dumps({"items": [video]}).encode()))
    server.on("/youtube/v3/commentThreads", Reply(body=json.dumps({"items": [thread]}).encode()))
    settings = {"key": "env:YT_KEY", "search": ["acme", "rival"], "host": server.url(), "searches": 48}
    heard = source("yt", adapter="youtube", settings=settings, every=60.0)
    async with collecting(config(store, heard), clock) as run:
        await run.until(lambda: len(run.of("page")) >= 6)
    assert sorted(rows(store, "SELECT external_id, kind FROM mentions")) == [
        ("c1", KINDS.index("comment")),
        ("v1", KINDS.index("video")),
    ]
    asked = [urlsplit(seen.path).path.rpartition("/")[2] for seen in server.seen]
    assert (asked.count("search"), asked.count("videos"), asked.count("commentThreads")) == (2, 2, 2)
    ((early,),) = rows(store, "SELECT min(next_at) FROM channels")
    assert early >= clock.now() + 3_600, (
        "two channels share 48 searches: one an hour each at most, though `every` is 1m"
    )
    assert sorted(rows(store, "SELECT rate_left FROM channels")) == [(46,), (47,)], "the quota is visible"
    assert "secret-key" not in str(rows(store, "SELECT cursor, label, key FROM channels"))
    quota = json.dumps({"error": {"code": 403, "errors": [{"reason": "quotaExceeded"}]}}).encode()
    server.on("/youtube/v3/search", Reply(403, quota))
    clock.turn(2 * 3_600)
    async with collecting(config(store, heard), clock) as run:
        await run.until(lambda: run.of("ready"))
        clock.turn(120)
        await run.until(lambda: len(run.of("waiting")) == 2)
    for reason, words, _, next_at, _ in rows(store, HEALTH):
        assert (reason, words, next_at) == (
            "budget",
            "48 of 48 searches a day are used up",
            at("2026-11-19T08:00"),
        )


class Careless(type(sources.get("x"))):  # type: ignore[misc]
    """An adapter of another package whose questions cost something that it has no budget for."""

    def visit_costs(self, channel: Channel) -> tuple[Cost, ...]:
        return (Cost("gold"),)


def test_an_adapter_that_counts_wrongly_is_at_fault_itself(tmp_path: Path) -> None:
    adapter = Careless()
    (channel,) = adapter.channels({"token": "env:T", "budget": "1", "search": ["a"]}, [])
    with pytest.raises(SourceError, match="name no budget of its own"):
        foreign.check(adapter, [channel])
    store = tmp_path / "listen.db"
    schema.prepare(store)
    connection = connect_unprepared(store)
    found = budgets.accounts(adapter, channel, "x")
    request = adapter.request(channel, {}, 0.0)
    with pytest.raises(SourceError, match="none of its budgets"):
        budgets.take(connection, adapter, channel, found, 7, request, 0.0)
    connection.close()
