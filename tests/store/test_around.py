"""What stands around one mention."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from listen.model import Author, Mention, first_id
from listen.store import around
from listen.store.around import Doing
from listen.store.read import Reader
from listen.store.triage import Triage
from tests.store.posts import NOW, Desk, Turned, make_post

ANN = Author("ann", "Ann")


@pytest.fixture
def reader(desk: Desk, store_path: Path) -> Iterator[Reader]:
    with Reader(store_path) as opened:
        yield opened


@pytest.fixture
def ana(store_path: Path, desk: Desk, clock: Turned) -> Iterator[Triage]:
    with Triage(store_path, "ana", clock) as found:
        yield found


def say(desk: Desk, name: str, body: str = "hello", channel: str = "a1", **more: Any) -> int:
    return desk.add([make_post(name, body, **more)], channel).new_ids[0]


def mention(reader: Reader, mention_id: int) -> Mention:
    found = reader.mention(mention_id)
    assert found is not None
    return found


def test_its_topics_come_with_their_queries(reader: Reader, desk: Desk) -> None:
    told = say(desk, "p", "the battery", topics={desk.topics["power"]: None, desk.topics["acme"]: 5})
    assert reader.around(mention(reader, told)).queries == {"power": "battery", "acme": "acme"}
    desk.writer.sync_topics([("power", "battery OR charger", "theme")])
    desk.writer.sync_topics([("power", "x", "theme")])
    while desk.writer.idle():
        pass
    told = say(desk, "q", "the x")
    assert reader.around(mention(reader, told)).queries == {"power": "x"}


def test_all_channels_that_heard_it_the_first_one_in_front(reader: Reader, desk: Desk) -> None:
    told = say(desk, "p", channel="b2")
    desk.add([make_post("p", "hello")], "a1")
    desk.add([make_post("p", "hello")], "b1")
    assert reader.around(mention(reader, told)).heard == (("b", "second"), ("a", "first"), ("b", "first"))


def test_its_conversation_as_far_as_it_is_stored(reader: Reader, desk: Desk) -> None:
    root = say(desk, "root", "a question", title="How do I", author=ANN, published_at=NOW - 60)
    parent = say(desk, "parent", "x" * 500, author=None, parent_id="root", thread_id="root")
    told = say(desk, "p", parent_id="parent", thread_id="root")
    found = reader.around(mention(reader, told))
    assert found.parent == (parent, None, "x" * around.QUOTED)
    assert found.root == (root, "Ann", "How do I")
    assert found.root.time == NOW - 60
    assert reader.around(mention(reader, parent)).root is None
    assert reader.around(mention(reader, root))[2:4] == (None, None)
    lost = say(desk, "lost", parent_id="nowhere", thread_id="elsewhere")
    assert reader.around(mention(reader, lost))[2:4] == (None, None)


def test_who_did_what_and_when(
    reader: Reader, desk: Desk, ana: Triage, clock: Turned, store_path: Path
) -> None:  # fmt: skip
    told, other = say(desk, "p"), say(desk, "q")
    assert reader.around(mention(reader, told)).doings == {}
    ana.set_status([other, told], "done")
    with Triage(store_path, "bob", Turned(NOW + 60)) as bob:
        bob.star([told])
    assert reader.around(mention(reader, told)).doings == {
        "status": Doing("ana", NOW),
        "starred": Doing("bob", NOW + 60),
    }
    clock.at = NOW + 90
    ana.set_status([told], "answered")
    assert reader.around(mention(reader, told)).doings["status"] == Doing("ana", NOW + 90)
    ana.undo()
    assert reader.around(mention(reader, told)).doings["status"] == Doing("ana", NOW)
    ana.set_status([told], "new")
    assert reader.around(mention(reader, told)).doings == {"starred": Doing("bob", NOW + 60)}


def test_without_a_journal_the_triage_tells_who_did_the_one_thing(reader: Reader, desk: Desk, ana: Triage) -> None:
    told = say(desk, "p")
    ana.set_status([told], "done")
    ana.connection.execute("DELETE FROM journal")
    assert reader.around(mention(reader, told)).doings == {"status": Doing("ana", NOW)}
    ana.star([told])
    ana.connection.execute("DELETE FROM journal")
    assert reader.around(mention(reader, told)).doings == {}


def test_what_was_taken_away_was_nobody_s_doing(reader: Reader, desk: Desk) -> None:
    told = say(desk, "p")
    desk.add([make_post("p", state="deleted")])
    gone = mention(reader, told)
    assert gone.status == "skipped"
    assert reader.around(gone).doings == {}


def test_what_its_author_said_before(reader: Reader, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    scores = (-600, 700, None, -300, 0)
    for number, score in enumerate(scores):
        say(desk, f"p{number}", author=ANN, published_at=NOW - 900 + number, score=score, hits=score and 1)
    told = say(desk, "now", author=ANN, published_at=NOW)
    say(desk, "later", author=ANN, published_at=NOW + 5)
    say(desk, "other", published_at=NOW - 5)
    assert reader.said_before(told) == (5, False, {"neg": 2, "pos": 1, "unknown": 1, "none": 1})
    assert reader.said_before(first_id(NOW - 900)) == (0, False, {})
    monkeypatch.setattr(around, "BEFORE_CAP", 3)
    assert reader.said_before(told)[:2] == (3, True)
    assert sum(reader.said_before(told).tones.values()) == 3


def test_without_an_author_or_without_time_nothing_is_said_of_before(reader: Reader, desk: Desk) -> None:
    say(desk, "p", author=ANN, published_at=NOW - 60)
    assert reader.said_before(say(desk, "q", author=None)) == (0, False, {})
    assert reader.said_before(12345) == (0, False, {})
    assert reader.said_before(say(desk, "r", author=ANN), budget=0.0).more in (True, False)
