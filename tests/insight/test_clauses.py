from collections.abc import Iterator
from pathlib import Path

import pytest

from listen import query
from listen.insight.clauses import clauses
from listen.store import schema, sqlite
from listen.store.read import Reader
from listen.store.write import Writer
from tests.store.posts import NOW, Turned, fast, make_desk, make_post


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[Reader]:
    """Fifty mentions of batteries, five of chargers, four of both a toy and a battery, and an old one of cables."""
    path = tmp_path / "listen.db"
    schema.prepare(path)
    writer = Writer(fast(sqlite.connect_writer(path)), Turned(NOW))
    said = (
        [f"battery {n}" for n in range(50)]
        + [f"charger {n}" for n in range(5)]
        + [f"battery toy {n}" for n in range(4)]
    )
    posts = [make_post(f"p{n}", text, published_at=NOW - 60 * n) for n, text in enumerate(said)]
    make_desk(writer).add([*posts, make_post("old", "cable", published_at=NOW - 40 * 86_400)])
    writer.connection.close()
    with Reader(path) as reader:
        yield reader


def told(reader: Reader, text: str) -> dict[str, tuple[int, bool, bool]]:
    """Part of the query -> (mentions, never matched, brings nearly all)"""
    found = clauses(reader, query.parse(text), now=NOW + 1)
    return {text[part.span[0] : part.span[1]]: (part.n, part.idle, part.dominant) for part in found}


def test_each_side_of_an_or_is_counted(reader: Reader) -> None:
    assert told(reader, "battery OR charger OR cable OR nowhere") == {
        "battery": (54, False, True),
        "charger": (5, False, False),
        "cable": (0, True, False),
        "nowhere": (0, True, False),
    }


def test_what_a_not_takes_out_is_counted_within_the_rest(reader: Reader) -> None:
    assert told(reader, "(battery OR charger) -toy -plane") == {
        "battery": (54, False, True),
        "charger": (5, False, False),
        "-toy": (4, False, False),
        "-plane": (0, True, False),
    }


def test_few_mentions_say_nothing_of_shares(reader: Reader) -> None:
    assert told(reader, "charger OR cable") == {"charger": (5, False, False), "cable": (0, True, False)}


def test_a_plain_query_has_no_clauses(reader: Reader) -> None:
    assert told(reader, "battery toy") == {}
