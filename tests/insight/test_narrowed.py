"""What a query leaves of a topic is counted as the query language counts it; all of it is `test_figures`' matter."""

from __future__ import annotations

from pathlib import Path

import pytest

from listen.insight.figures import Figures
from listen.insight.narrowed import narrowed
from listen.insight.window import window
from listen.model import Author
from listen.query import QueryError, parse
from listen.query.folding import counted
from listen.store.read import Reader
from listen.store.triage import Triage
from tests.store.conftest import clock, desk, store_path
from tests.store.posts import NOW, Desk, Turned, make_post

__all__ = ["clock", "desk", "store_path"]


@pytest.fixture
def reader(desk: Desk, store_path: Path, clock: Turned) -> Reader:
    """Sixty mentions in three languages by five people, of two days; the first one is dismissed, the next corrected."""
    acme, rival = desk.topics["acme"], desk.topics["rival"]
    ids = desk.add([
        make_post(str(n), f"acme words {n}", published_at=NOW - 2_900 * n - 60, lang=("fr", "en", None)[n % 3],
                  author=Author(f"u{n % 5}"), kind=("article", "post")[n % 2], likes=n,
                  intents=("complaint", None)[n % 2], score=(-600, 500, None)[n % 3], hits=2,
                  topics={acme: (-600, 500, None)[n % 3]} | ({rival: 100} if n % 4 == 0 else {}))
        for n in range(60)
    ]).new_ids  # fmt: skip
    newest = sorted(ids, reverse=True)
    with Triage(store_path, "ana", clock) as ana:
        ana.set_status(newest[:1], "dismissed")
        ana.correct(newest[3:4], "pos")
    return Reader(store_path)


@pytest.mark.parametrize(
    "only", ["lang:fr", "-lang:fr author:@u1", "words sentiment:pos", "status:dismissed", "is:own"]
)
def test_each_number_is_what_its_query_counts(reader: Reader, only: str) -> None:
    with reader:
        found = narrowed(reader, "acme", only, window("24h", NOW), now=NOW)
        assert found is not None
        count = lambda more: reader.count(counted(parse(f"{found.query} {more}")), None, None, now=NOW).n  # noqa: E731
        assert found.query.startswith(f"topic:acme ({only}) since:")
        assert (found.numbers.n, found.numbers.neg, found.numbers.pos) == (
            count(""), count("toward:acme:neg"), count("toward:acme:pos"),
        )  # fmt: skip
        assert sum(one.numbers.n for one in found.points) == sum(map(sum, found.heat)) == found.numbers.n
        assert found.numbers.n > 0 or only == "is:own"
        for part in _parts(found):
            assert count(part.query) == part.numbers.n, part
        voice = {one.name: one.numbers.n for one in found.voice}
        assert voice.get("rival", 0) == reader.count(
            counted(parse(found.query.replace("topic:acme", "topic:rival"))), None, None, now=NOW
        ).n  # fmt: skip


def _parts(found: Figures) -> list:  # type: ignore[type-arg]
    speakers = [one for one in found.speakers if one.name != "us"]
    return [*found.sources, *found.languages, *speakers, *found.intents]


def test_no_topic_has_no_numbers_and_a_broken_query_says_so(reader: Reader) -> None:
    with reader:
        assert narrowed(reader, "nobody", "lang:fr", window("24h", NOW), now=NOW) is None
        with pytest.raises(QueryError):
            narrowed(reader, "acme", "lang:", window("24h", NOW), now=NOW)
