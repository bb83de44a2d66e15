"""Own voices: out of the numbers whenever they are named, and what they reply to is answered."""

from __future__ import annotations

from typing import Any

import pytest

from listen.model import Author
from listen.store import accounts
from listen.store.triage import Triage
from tests.store.posts import NOW, Desk, Turned, check_everything, make_post

TOPIC = {1: -100}


def settle(desk: Desk, *voices: str) -> None:
    desk.writer.sync_accounts({"we": voices})
    while accounts.left(desk.connection):
        desk.writer.idle()
    check_everything(desk.connection)


def said(name: str, who: str, parent: str | None = None, **more: Any) -> Any:
    return make_post(name, "acme", author=Author(who), parent_id=parent, topics=dict(TOPIC), **more)


def waiting(desk: Desk) -> int:
    return int(desk.one("SELECT count(*) FROM inbox WHERE topic_id = 1"))


def test_accounts_hold_for_what_was_stored_before_and_can_be_taken_back(desk: Desk) -> None:
    desk.add([said("q", "ann"), said("a", "us", "q", published_at=NOW - 60), said("x", "bob")])
    assert waiting(desk) == 3
    settle(desk, "@us")
    assert waiting(desk) == 1
    assert desk.rows("SELECT external_id FROM dismissed JOIN mentions ON id = mention_id") == [("a",)]
    assert desk.rows(
        "SELECT m.external_id, t.status, t.by, t.at FROM triage t JOIN mentions m ON m.id = mention_id"
    ) == [("q", 2, "own", NOW - 60)]
    settle(desk, "@somebody")
    assert waiting(desk) == 3
    assert desk.rows("SELECT * FROM triage") == desk.rows("SELECT * FROM answered") == []


def test_an_answer_that_comes_before_its_question_answers_it_too(desk: Desk) -> None:
    settle(desk, "@us")
    desk.add([said("a", "us", "q", thread_id="root")])
    desk.add([said("q", "ann", "root", thread_id="root"), said("other", "bob", "root", thread_id="root")])
    check_everything(desk.connection)
    named = "SELECT DISTINCT m.external_id FROM {} AS d JOIN mentions AS m ON m.id = d.mention_id ORDER BY 1"
    assert desk.rows(named.format("triage")) == [("q",)], "what it replies to"
    assert desk.rows(named.format("answered")) == [("other",), ("q",)], "the conversation holds a reply of ours"


@pytest.mark.parametrize("status", ["done", "dismissed"])
def test_what_people_made_of_it_stays(desk: Desk, clock: Turned, tmp_path: Any, status: str) -> None:
    settle(desk, "@us")
    ids = desk.add([said("q", "ann")]).new_ids
    path = desk.one("SELECT file FROM pragma_database_list WHERE name = 'main'")
    with Triage(path, "ana", clock) as ana:
        ana.set_status(ids, status)
    desk.add([said("a", "us", "q")])
    check_everything(desk.connection)
    assert desk.one("SELECT by FROM triage WHERE mention_id = ?", ids[0]) == "ana"


def test_the_whole_of_a_post_is_no_edit_and_its_beginning_no_news(desk: Desk) -> None:
    state = "SELECT text, state FROM mentions"
    desk.add([make_post("p", "It begins", truncated=True)])
    desk.add([make_post("p", "It begins and it ends.")])
    assert desk.rows(state) == [("It begins and it ends.", 0)]
    desk.add([make_post("p", "It begins", truncated=True)])
    assert desk.rows(state) == [("It begins and it ends.", 0)]
    desk.add([make_post("p", "It ends otherwise.")])
    assert desk.rows(state) == [("It ends otherwise.", 1)]
