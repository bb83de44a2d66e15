"""Counts that are kept up to date equal counts by slow, obvious means, whatever happened in between."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from listen.query import match, parse
from listen.store import changes, tally
from listen.store import walk as walking
from listen.store.read import Reader
from listen.store.sqlite import Connection, sqlite3
from listen.store.triage import Triage
from tests.store.posts import NOW, Desk, Turned, make_post

QUERIES = [
    "", "status:new", "topic:acme status:new", "topic:acme sentiment:neg status:new", "topic:acme battery status:new",
    "topic:(acme rival) status:new", "status:done", "is:starred", "battery", "source:b", "lang:fr OR charger",
    "topic:acme -battery status:new", "is:edited", "nowhere", "likes:>1", "author:claire", "since:1h status:new",
    "since:2025-12-31 status:new", "followers:>5", "bat?ery status:new", "status:skipped",
]  # fmt: skip
TEXTS = ["the battery died", "great charger", "battery and charger", "rien"]
CAP = 6


@pytest.fixture
def reader(desk: Desk, store_path: Path) -> Iterator[Reader]:
    with Reader(store_path) as opened:
        yield opened


def _post(pick: random.Random, number: int) -> object:
    score = pick.choice([-600, -20, 0, 700, None])
    return make_post(
        f"p{number}", pick.choice(TEXTS), published_at=NOW - pick.randrange(40_000), lang=pick.choice(["en", "fr"]),
        score=score, likes=pick.choice([None, 0, 5]),
        topics=dict.fromkeys(pick.sample((1, 2, 3), pick.randrange(3)), score),
    )  # fmt: skip


def _something(desk: Desk, people: Triage, pick: random.Random) -> None:
    """One thing that happens in a store."""
    ids = [row[0] for row in desk.rows("SELECT id FROM mentions ORDER BY id")]
    some = pick.sample(ids, min(len(ids), pick.choice([1, 1, 3])))
    match pick.choice(["add", "add", "again", "status", "status", "star", "undo", "redo", "delete"]):
        case "add":
            desk.add([_post(pick, pick.randrange(10_000)) for _ in range(pick.choice([1, 2, 9]))])  # type: ignore[misc]
        case "again":
            names = [int(row[0][1:]) for row in desk.rows("SELECT external_id FROM mentions ORDER BY random() LIMIT 2")]
            state = pick.choice(["active", "active", "deleted"])
            posts = [_post(pick, number) for number in names]
            for post in posts:
                post.state, post.edited_at = state, NOW + pick.randrange(99)  # type: ignore[attr-defined]
            desk.add(posts, channel=pick.choice(["a1", "b1"]))  # type: ignore[arg-type]
        case "status":
            people.set_status(some, pick.choice(["done", "dismissed", "new"]))
        case "star":
            people.star(some, pick.random() < 0.7)
        case "undo":
            people.undo()
        case "redo":
            people.redo()
        case "delete":
            desk.writer.delete(some)


def _wanted(reader: Reader, desk: Desk, text: str, now: float) -> list[int]:
    """The ids of a query by the predicate, oldest first."""
    holds = match.compile(parse(text), now)
    mentions = reader.mentions([row[0] for row in desk.rows("SELECT id FROM mentions ORDER BY id")])
    return [one.id for one in mentions if holds(match.Subject.of(one))]


@pytest.mark.parametrize("seed", range(6))
def test_whatever_happens_the_counts_are_right(
    desk: Desk, reader: Reader, store_path: Path, clock: Turned, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    pick = random.Random(seed)
    monkeypatch.setattr(tally, "SLACK", pick.choice([0, 1, 3]))
    monkeypatch.setattr(tally, "NOTICED", pick.choice([2, 5, 1_000]))
    monkeypatch.setattr(changes, "KEPT", pick.choice([2, 1_000]))
    with Triage(store_path, "ana", clock) as people:
        for _ in range(60):
            for _ in range(pick.choice([1, 1, 3])):
                _something(desk, people, pick)
            clock.at += pick.choice([0, 5, 700])
            for text in pick.sample(QUERIES, 8):
                wanted = _wanted(reader, desk, text, clock.at)
                found = reader.tally(parse(text), CAP, None, now=clock.at)
                assert found[:3] == (min(CAP, len(wanted)), len(wanted) <= CAP, wanted[0] if wanted else None), text


def test_an_arrival_is_all_that_is_tested(
    desk: Desk, reader: Reader, clock: Turned, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.add([make_post(f"p{number}", "battery", topics={1: None}) for number in range(30)])
    query = parse("topic:acme battery status:new")
    assert reader.tally(query, budget=None, now=clock.at).n == 30
    asked: list[object] = []
    monkeypatch.setattr(reader, "_plan", asked.append)
    desk.add([make_post("new", "battery", topics={1: None}), make_post("other", "rien")])
    assert reader.tally(query, budget=None, now=clock.at).n == 31
    assert not asked


def test_what_could_not_be_counted_in_time_is_gone_on_with(
    desk: Desk, reader: Reader, clock: Turned, monkeypatch: pytest.MonkeyPatch
) -> None:
    def walk(connection: Connection, *rest: Any, **more: Any) -> Iterator[tuple[int, int]]:
        for number, step in enumerate(whole(connection, *rest, **more)):
            if number == 100:
                raise sqlite3.OperationalError("interrupted")
            yield step

    whole = walking.walk
    monkeypatch.setattr("listen.store.tally.walk", walk)
    desk.add([make_post(f"p{number}", "battery") for number in range(250)])
    counts = [reader.tally(parse("status:new"), now=clock.at) for _ in range(4)]
    assert [one.n for one in counts] == [100, 199, 250, 250]
    assert [one.complete for one in counts] == [False, False, True, True]


def test_changes_that_were_missed_are_known_as_missed(desk: Desk) -> None:
    connection = desk.connection
    changes.note(connection, [])
    assert changes.since(connection, 0) == (0, [])
    changes.note(connection, range(5))
    changes.note(connection, [9, 9])
    assert changes.since(connection, 4) == (7, [4, 9, 9])
    assert changes.since(connection, 8) == (7, None)
    changes.note(connection, range(changes.KEPT))
    assert changes.since(connection, 6) == (7 + changes.KEPT, None)
    assert changes.since(connection, 7) == (7 + changes.KEPT, list(range(changes.KEPT)))


def test_only_what_is_noted_is_remembered(reader: Reader) -> None:
    for text in ("since:2h", "followers:>5", "topic:x since:2d status:new", "is:answered"):
        assert not tally.steady(parse(text)), text
    for text in ("battery status:new", "since:2026-01-01", "is:starred", '"a b" lang:fr', "-is:noise", ""):
        assert tally.steady(parse(text)), text
