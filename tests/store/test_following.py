"""A copy of a story that was dealt with follows it, exactly, and can be taken back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from listen.model import Author
from listen.store import schema, sqlite
from listen.store.read import Reader
from listen.store.triage import Triage
from listen.store.write import Writer
from tests.store.posts import NOW, Desk, Turned, check_everything, fast, make_desk, make_post
from tests.store.test_stories import SAID, id_of

ALIKE = f"{SAID} tag1"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    schema.prepare(tmp_path / "s.db")
    connection = fast(sqlite.connect_writer(tmp_path / "s.db"))
    yield make_desk(Writer(connection, Turned(NOW)))
    connection.close()


@contextmanager
def person(desk: Desk, name: str = "ana") -> Iterator[Triage]:
    with Triage(desk.writer.path, name, Turned(NOW)) as found:
        yield found


def handled(desk: Desk, statuses: dict[str, str], **more: Any) -> None:
    """Copies of one text, of which these were given a status, each by ana."""
    topics = {desk.topics["acme"]: 0}
    author = Author("joe", None, None, 5_000)
    desk.add([make_post(one, SAID, **({"topics": topics, "author": author} | more)) for one in statuses])
    with person(desk) as ana:
        for one, status in statuses.items():
            ana.set_status([id_of(desk, one)], status)


def status_of(desk: Desk, external_id: str, **more: Any) -> str:
    """The status that a copy comes in with."""
    topics = {desk.topics["acme"]: 0}
    desk.add([make_post(external_id, **({"body": ALIKE, "topics": topics} | more))])
    check_everything(desk.connection)
    with Reader(desk.writer.path) as reader:
        mention = reader.mention(id_of(desk, external_id))
    assert mention is not None
    return mention.status


@pytest.mark.parametrize(
    ("before", "then"),
    [
        ({"1": "done"}, "done"), ({"1": "dismissed"}, "dismissed"), ({"1": "done", "2": "dismissed"}, "done"),
        ({"1": "done", "2": "new"}, "new"), ({"1": "answered"}, "new"), ({"1": "done", "2": "answered"}, "new"),
        ({"1": "skipped"}, "new"),
    ],
)  # fmt: skip
def test_a_copy_is_what_all_of_its_story_is(desk: Desk, before: dict[str, str], then: str) -> None:
    handled(desk, before)
    assert status_of(desk, "copy") == then
    assert status_of(desk, "another") == then, "of what followed, others follow"


@pytest.mark.parametrize(
    "more",
    [
        {"kind": "comment"}, {"body": f"{SAID} unfortunately extraordinarily disappointing replacements"},
        {"topics": {1: 0, 2: 0}}, {"author": Author("star", None, None, 60_000)},
    ],
)  # fmt: skip
def test_what_is_no_mere_copy_waits(desk: Desk, more: dict[str, Any]) -> None:
    handled(desk, {"1": "done"})
    assert status_of(desk, "copy", **more) == "new"
    assert desk.one("SELECT count(DISTINCT story_id) FROM mentions") == 1, "it is told with the story all the same"


def test_it_is_told_and_taken_back_by_its_number_or_with_what_it_followed(desk: Desk) -> None:
    handled(desk, {"1": "done"})
    assert status_of(desk, "copy") == "done"
    with Reader(desk.writer.path) as reader:
        mention = reader.mention(id_of(desk, "copy"))
        assert mention is not None
        assert reader.around(mention).doings["status"].words == "joined a story done by ana"
        closed = [one.closed_at for one in reader.times([id_of(desk, "1"), mention.id])]
        assert closed == [NOW, None], "it says nothing of how soon people are"
        step = reader.steps()[0]
    assert (step.by, step.action, step.mentions) == ("story", "joined a story done by ana", 1)

    def statuses() -> dict[str, int]:
        return dict(desk.rows("SELECT m.external_id, t.status FROM triage t JOIN mentions m ON m.id = t.mention_id"))

    with person(desk, "bob") as bob:
        bob.undo(step.step)
        assert statuses() == {"1": 1}
        check_everything(desk.connection)
        bob.redo()
        assert statuses() == {"1": 1, "copy": 1}
    assert status_of(desk, "more") == "done"
    with person(desk) as ana:
        undone = ana.undo()
        assert undone is not None
        assert (undone.count, statuses()) == (2, {"copy": 1}), "what bob said of the other one stands"
    check_everything(desk.connection)
    assert status_of(desk, "last") == "new"


def test_it_can_be_switched_off(desk: Desk) -> None:
    desk.writer.sync_stories(False)
    handled(desk, {"1": "done"})
    assert status_of(desk, "copy") == "new"
    desk.writer.claim()
    assert status_of(desk, "another") == "new"
