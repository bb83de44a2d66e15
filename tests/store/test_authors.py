"""Accounts with lasting names: one row each, whatever they are called, and a handle belongs to who has it now."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from listen import text
from listen.model import Author
from tests.store.posts import Desk, check_everything, make_post

ANN, BOB = "did:plc:ann", "did:plc:bob"
ROWS = "SELECT handle, uid, name FROM authors ORDER BY id"


def said(desk: Desk, number: int, handle: str, uid: str | None = ANN, name: str | None = None) -> None:
    desk.add([make_post(f"at://{uid}/{number}", "battery", author=Author(handle, name, uid=uid), network="bluesky")])


def test_a_lasting_name_stands_for_the_handle_until_that_is_told(desk: Desk) -> None:
    said(desk, 1, ANN)
    said(desk, 2, ANN)
    assert desk.rows(ROWS) == [(ANN, ANN, None)]
    assert desk.writer.unnamed("bluesky", 5) == [ANN]
    assert desk.writer.unnamed("elsewhere", 5) == []
    assert desk.writer.tell_authors("bluesky", [Author("ann.test", "Ann", uid=ANN), Author("x.test", uid="did:x")]) == 1
    assert desk.rows(ROWS) == [("ann.test", ANN, "Ann")], "of accounts that are not stored, nothing is"
    assert desk.writer.unnamed("bluesky", 5) == []
    said(desk, 3, ANN)
    assert desk.rows(ROWS) == [("ann.test", ANN, "Ann")], "a frame without a handle takes none away"
    assert desk.rows("SELECT DISTINCT author_id FROM mentions") == [(1,)]
    check_everything(desk.connection)


def test_a_topic_that_names_an_author_follows_how_accounts_are_called(desk: Desk) -> None:
    topics = [
        ("acme", "acme", "brand"),
        ("ann", "author:@ann.test", "theme"),
        ("rest", "battery -author:@ann.test", ""),
    ]
    desk.writer.sync_topics([(name, query, role or "theme") for name, query, role in topics])
    while desk.writer.idle():
        pass
    matched = (
        "SELECT m.external_id, t.name FROM matches AS x JOIN topics AS t ON t.id = x.topic_id AND t.active "
        "JOIN mentions AS m ON m.id = x.mention_id ORDER BY 1, 2"
    )
    rest = dict(desk.rows("SELECT name, id FROM topics WHERE active"))["rest"]

    def heard(number: int) -> None:
        # As from the workshop, which knows no handle.
        post = make_post(f"{number}", "battery", author=Author(ANN, uid=ANN), network="bluesky", topics={rest: None})
        desk.add([post])

    heard(1)
    assert desk.rows(matched) == [("1", "rest")]
    desk.writer.tell_authors("bluesky", [Author("ann.test", uid=ANN)])
    assert desk.rows(matched) == [("1", "ann")], "it was not known yet what the account is called"
    heard(2)
    assert desk.rows(matched) == [("1", "ann"), ("2", "ann")], "it is known by now"
    check_everything(desk.connection)
    desk.writer.tell_authors("bluesky", [Author("other.test", uid=ANN)])
    assert desk.rows(matched) == [("1", "rest"), ("2", "rest")]
    check_everything(desk.connection)


def test_a_post_that_comes_again_tells_the_handle_too(desk: Desk) -> None:
    said(desk, 1, ANN)
    said(desk, 1, "Ann.test", name="Ann")
    assert desk.rows(ROWS) == [("Ann.test", ANN, "Ann")]


def test_a_handle_moves_to_another_account(desk: Desk) -> None:
    said(desk, 1, "acme.test", ANN)
    said(desk, 2, "acme.test", BOB)
    assert desk.rows(ROWS) == [(ANN, ANN, None), ("acme.test", BOB, None)]
    desk.writer.tell_authors("bluesky", [Author("acme.test", uid=ANN), Author("bob.test", uid=BOB)])
    assert desk.rows(ROWS) == [("acme.test", ANN, None), ("bob.test", BOB, None)]
    desk.writer._authors.forget()
    desk.writer.tell_authors("bluesky", [Author("bob.test", uid=ANN), Author("acme.test", uid=BOB)])
    assert desk.rows(ROWS) == [("bob.test", ANN, None), ("acme.test", BOB, None)], "two that change places"


def test_a_row_from_before_lasting_names_is_taken_over(desk: Desk) -> None:
    said(desk, 1, "ann.test", None)
    said(desk, 2, "ann.test", ANN)
    assert desk.rows(ROWS) == [("ann.test", ANN, None)]


def test_names_that_are_doubted_are_remembered_until_somebody_tells(desk: Desk) -> None:
    said(desk, 1, "ann.test")
    desk.writer.doubt_names("bluesky", [ANN, BOB], 70)
    assert desk.writer.doubted("bluesky") == {ANN: 70}, "of accounts that are not stored, nothing is"
    assert desk.writer.doubted("elsewhere") == {}
    desk.writer.tell_authors("bluesky", [Author("anna.test", uid=ANN)])
    assert desk.writer.doubted("bluesky") == {}
    desk.writer.doubt_names("bluesky", [ANN], 80)
    desk.writer.believe_names("bluesky", [ANN])
    assert desk.writer.doubted("bluesky") == {}


def test_all_that_an_account_said_is_found(desk: Desk) -> None:
    said(desk, 1, "ann.test")
    said(desk, 2, ANN)
    said(desk, 3, "bob.test", BOB)
    assert sorted(desk.writer.said_by("bluesky", [ANN, "did:x"])) == [f"at://{ANN}/1", f"at://{ANN}/2"]
    assert desk.writer.said_by("elsewhere", [ANN]) == []


NAMES = st.tuples(st.sampled_from(["u1", "u2", "u3"]), st.sampled_from(["a.test", "A.test", "b.test", "", "c.test"]))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(batches=st.lists(st.lists(NAMES, min_size=1, max_size=4), min_size=1, max_size=6), forget=st.booleans())
def test_whatever_is_told_in_whatever_order(desk: Desk, batches: list[list[tuple[str, str]]], forget: bool) -> None:
    """Each account has one row; nobody is called what another is called; who was told last is believed."""
    connection = desk.connection
    connection.execute("DELETE FROM authors")
    desk.writer._authors.forget()
    for batch in batches:
        people = [(1, Author(handle or uid, uid=uid)) for uid, handle in batch]
        with desk.writer.transaction():
            given = desk.writer._authors.ids(people)
        if forget:
            desk.writer._authors.forget()
        stored = {uid: (number, handle) for number, handle, uid in desk.rows("SELECT id, handle, uid FROM authors")}
        assert [stored[str(one.uid)][0] for _, one in people] == given
        assert len({text.fold(handle) for _, handle in stored.values()}) == len(stored)
        uid, handle = batch[-1]
        if handle:
            assert text.fold(stored[uid][1]) == text.fold(handle)
    assert desk.rows("SELECT count(*) FROM authors WHERE handle_key GLOB char(0) || '*'") == [(0,)]
