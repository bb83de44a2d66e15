"""What another query would make of a topic."""

from __future__ import annotations

from pathlib import Path

import pytest

from listen.query import parse
from listen.store import gains as counting
from listen.store.gains import gains, sentence
from listen.store.read import Reader
from tests.store.posts import NOW, Desk, make_post


@pytest.fixture
def talk(desk: Desk) -> Desk:
    """Thirty mentions of the topic `power`, by its query; every third speaks of a charger too."""
    power = desk.topics["power"]
    desk.add(
        [
            make_post(f"p{n}", ("battery charger", "battery", "charger")[n % 3], published_at=NOW - n,
                      topics={power: None} if n % 3 < 2 else {})
            for n in range(30)
        ]
    )  # fmt: skip
    desk.writer.set_state("keep_matched", '["b"]')
    return desk


def test_gained_and_lost_with_their_newest_examples(
    talk: Desk, store_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counting, "CHUNK", 4)
    talk.add([make_post("p2", "", state="deleted")])
    with Reader(store_path) as reader:
        found = gains(reader, "power", parse("charger"), now=NOW)
        assert (found.gained, found.lost, found.complete) == (9, 10, True)
        assert found.gained_ids == tuple(reader.page(parse("charger -battery"), limit=3, now=NOW).ids)
        assert found.lost_ids == tuple(reader.page(parse("battery -charger"), limit=3, now=NOW).ids)
        assert (found.whole, found.partly) == (("a",), ("b",))
        all_but = gains(reader, "power", parse("kind:post"), now=NOW)
        assert (all_but.gained, all_but.lost) == (9, 0), "what was deleted matches nothing"
        same = gains(reader, "power", parse("battery"), now=NOW)
        assert (same.gained, same.lost) == (0, 0)
        new = gains(reader, "nobody", parse("battery"), now=NOW)
        assert (new.gained, new.lost) == (20, 0)
    assert sentence("power", found) == (
        "power would gain 9 and lose 10 of the stored mentions; incomplete for b, which kept only what matched"
    )


def test_without_time_it_says_so(talk: Desk, store_path: Path) -> None:
    with Reader(store_path) as reader:
        found = gains(reader, "power", parse("charger"), budget=0.0, now=NOW)
    assert not found.complete
    assert "at least 0" in sentence("power", found)
    assert "compared not at all" in sentence("power", found)
