"""Samples of what a query finds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from listen import query
from listen.insight import sampling
from listen.insight.sampling import sample
from listen.store import schema, search, sqlite
from listen.store.read import Reader
from listen.store.write import Writer
from tests.store.posts import NOW, Turned, fast, make_desk, make_post

DAY = 86_400
N = 900


@pytest.fixture
def reader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Reader]:
    """Three partitions, most of them of one day, every third mention of a battery."""
    monkeypatch.setattr(search, "PARTITION_SIZE", 300)
    path = tmp_path / "listen.db"
    schema.prepare(path)
    writer = Writer(fast(sqlite.connect_writer(path)), Turned(NOW))
    desk = make_desk(writer)
    for batch in range(0, N, 100):
        desk.add(
            [
                make_post(f"p{n}", f"{'battery' if n % 3 == 0 else 'cable'} {n}", published_at=NOW - DAY + n * 60)
                for n in range(batch, batch + 100)
            ]
        )
    writer.connection.close()
    with Reader(path) as reader:
        yield reader


def all_of(reader: Reader, text: str) -> list[int]:
    return reader.page(query.parse(text), limit=10_000, budget=None, now=NOW).ids


def test_small_answers_come_whole_and_in_random_order(reader: Reader) -> None:
    whole = all_of(reader, "battery")
    drawn = sample(reader, query.parse("battery"), 1000, 1, now=NOW)
    assert (drawn.whole, drawn.n) == (True, len(whole))
    assert sorted(drawn.ids, reverse=True) == whole != list(drawn.ids)
    assert drawn.rule == "300 of all 300 at random (seed 1)"
    assert sample(reader, query.parse("nowhere"), 10, 1, now=NOW).ids == ()


def test_the_seed_decides(reader: Reader) -> None:
    first, again, other = (sample(reader, query.parse("battery"), 20, seed, now=NOW).ids for seed in (1, 1, 2))
    assert first == again != other
    assert len(set(first)) == 20


def evenly(reader: Reader, seeds: int) -> list[int]:
    """How often each third of the answer was drawn."""
    whole = all_of(reader, "battery")
    place = {one: 3 * at // len(whole) for at, one in enumerate(whole)}
    counts = Counter(
        place[one] for seed in range(seeds) for one in sample(reader, query.parse("battery"), 10, seed, now=NOW).ids
    )
    return [counts[third] for third in range(3)]


def test_every_mention_is_as_likely_as_any_other(reader: Reader) -> None:
    thirds = evenly(reader, 120)  # 400 each, give or take 17
    assert sum(thirds) == 1200
    assert all(300 < n < 500 for n in thirds)


def test_what_is_too_much_to_be_walked_through_is_read_in_spells(
    reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sampling, "WALK", 0.0)
    monkeypatch.setattr(sampling, "PAGE", 60)
    monkeypatch.setattr(sampling, "POOL", 60)
    monkeypatch.setattr(sampling, "SPELLS", 600.0)
    whole = set(all_of(reader, "battery"))
    drawn = sample(reader, query.parse("battery"), 5, 3, now=NOW)
    assert (len(drawn.ids), drawn.whole) == (5, False)
    assert set(drawn.ids) <= whole
    assert 200 < drawn.n < 400  # an estimate of 300
    assert drawn.spells == drawn.of > 100
    assert drawn.rule.startswith("5 of about ")
    # Of the whole time, and not of the newest alone.
    thirds = evenly(reader, 60)
    assert all(130 < n < 270 for n in thirds), thirds


def test_time_that_is_up_and_nobody_waiting_end_it(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sampling, "WALK", 0.0)
    monkeypatch.setattr(sampling, "PAGE", 60)
    monkeypatch.setattr(sampling, "SPELLS", 0.0)
    drawn = sample(reader, query.parse("battery"), 5, 3, now=NOW)
    assert drawn.spells == 1 < drawn.of
    assert "time was up" in drawn.rule
    assert sample(reader, query.parse("battery"), 5, 3, now=NOW, wanted=lambda: False).ids == ()


def test_spells_cover_the_store_evenly() -> None:
    import random

    parts = [(0, 1_000, 10), (1_000, 50_000, 30)]
    spells = list(sampling._spells(parts, 4, random.Random(1)))
    first = [spell for spell in spells if spell[0] < 1_000]
    assert len(first) == sampling.MANY // 4
    assert len(spells) == sampling.MANY
    assert all(low < high for low, high in spells)
    assert len({low // 10 for low, _ in first}) == len(first), "one of each stretch"
