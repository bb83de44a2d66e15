"""A fresh store for each test, and a small world of prepared posts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from listen.store import schema, sqlite
from listen.store.read import Reader
from listen.store.triage import Triage
from listen.store.write import Writer
from tests.store.posts import NOW, Desk, Turned, fast, make_desk, make_post


@pytest.fixture
def clock() -> Turned:
    """A clock that stands at NOW until a test turns it."""
    return Turned(NOW)


@pytest.fixture
def store_path(tmp_path: Path) -> Path:
    """A prepared, empty store."""
    path = tmp_path / "store" / "listen.db"
    schema.prepare(path)
    return path


@pytest.fixture
def desk(store_path: Path, clock: Turned) -> Iterator[Desk]:
    """A claimed writer with two sources of two channels each and three topics."""
    writer = Writer(fast(sqlite.connect_writer(store_path)), clock)
    yield make_desk(writer)
    writer.connection.close()


@pytest.fixture
def world(desk: Desk) -> Desk:
    """The same with forty posts stored: two sources, several languages, topics and scores."""
    posts = [
        make_post(
            f"p{number}",
            ("the battery died", "great phone", "東京 battery", "commande perdue #acme")[number % 4] + f" {number}",
            published_at=NOW - 3600 * number,
            lang=("en", "en", "ja", "fr")[number % 4],
            score=(-600, 700, None, 0)[number % 4],
            topics=dict.fromkeys(range(1, 1 + number % 3), (-600, 700, None, 0)[number % 4]),
        )
        for number in range(40)
    ]
    desk.add(posts[:30])
    desk.add(posts[30:], channel="b1")
    return desk


@pytest.fixture
def reader(world: Desk, store_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Reader]:
    """Over forty mentions of two sources, an hour between each and the next; it can be stopped within so few."""
    monkeypatch.setattr(sqlite, "STEPS", 100)
    with Reader(store_path) as opened:
        yield opened


@pytest.fixture
def people(world: Desk, store_path: Path, clock: Turned) -> Iterator[Triage]:
    with Triage(store_path, "ana", clock) as opened:
        yield opened
