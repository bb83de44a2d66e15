"""Accounts that are one person: said, taken back, said otherwise by somebody else, and forgotten."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from listen.model import Author
from listen.store import customers, forget
from listen.store.customers import Customer
from listen.store.read import Reader
from listen.store.triage import Triage
from listen.text import fold
from tests.store.posts import Desk, Turned, make_post

HANDLES = ("ann", "bob@m.example", "cyd", "dan")


@pytest.fixture
def ana(store_path: Path, desk: Desk, clock: Turned) -> Iterator[Triage]:
    for name in HANDLES:
        desk.add([make_post(name, "said", author=Author(name, name.title(), followers=10))])
    with Triage(store_path, "ana", clock) as found:
        yield found


@pytest.fixture
def ids(ana: Triage, desk: Desk) -> dict[str, int]:
    return dict(desk.rows("SELECT handle, id FROM authors"))


def groups(desk: Desk) -> set[frozenset[str]]:
    """Who is one with whom."""
    rows = desk.rows(
        "SELECT p.handle, a.handle FROM identities AS i JOIN authors AS a ON a.id = i.author_id "
        "JOIN authors AS p ON p.id = i.person"
    )
    found: dict[str, set[str]] = {}
    for person, handle in rows:
        found.setdefault(person, set()).add(handle)
    assert all(person in handles for person, handles in found.items()), "who stands for a person is one of them"
    return {frozenset(handles) for handles in found.values()}


def test_what_is_said_of_accounts_is_one_step_and_taken_back_in_steps(
    desk: Desk, ana: Triage, ids: dict[str, int], store_path: Path
) -> None:
    ann, bob, cyd, dan = (ids[name] for name in HANDLES)
    with pytest.raises(ValueError, match="reason"):
        ana.unite([ann, bob], " \n ")
    assert ana.unite([ann, bob], "same face").text == "2 accounts taken for one person"
    assert ana.unite([cyd, dan], "same words").count == 2
    assert ana.unite([ann, cyd], "same\nmail").count == 2, "both of the other person's come along"
    assert groups(desk) == {frozenset(HANDLES)}
    with Reader(store_path) as reader:
        (who,) = reader.who([ann])
        assert (who.followers, [one.handle for one in who.accounts]) == (40, list(HANDLES))
        assert reader.persons("dan") == [ann]
        assert reader.persons("net/@BOB") == [ann]
        assert [one.reason for one in reader.joined(ann)] == ["same face", "same mail", "same mail"]
    assert ana.unite([ann, ann], "again").count == 0
    done = ana.undo()
    assert done is not None
    assert done.text == "undone: 2 accounts taken for one person"
    assert groups(desk) == {frozenset(HANDLES[:2]), frozenset(HANDLES[2:])}
    assert ana.redo() is not None
    assert groups(desk) == {frozenset(HANDLES)}
    assert ana.part(ann).text == "4 accounts taken apart"
    assert groups(desk) == set()
    assert ana.part(ann).count == 0
    for left in (
        {frozenset(HANDLES)},
        {frozenset(HANDLES[:2]), frozenset(HANDLES[2:])},
        {frozenset(HANDLES[:2])},
        set(),
    ):
        ana.undo()
        assert groups(desk) == left


def test_undo_leaves_alone_what_somebody_else_has_said_since(
    desk: Desk, ana: Triage, ids: dict[str, int], store_path: Path, clock: Turned
) -> None:
    ann, bob, cyd, _ = (ids[name] for name in HANDLES)
    ana.unite([ann, bob], "same face")
    with Triage(store_path, "zoe", clock) as zoe:
        zoe.part(ann)
        zoe.unite([cyd, bob], "no, this one")
    done = ana.undo()
    assert done is not None
    assert "2 changed or gone since, left alone" in done.text
    assert groups(desk) == {frozenset({"cyd", "bob@m.example"})}


def test_who_is_forgotten_is_nobody_s_other_account_and_no_customer(
    desk: Desk, ana: Triage, ids: dict[str, int]
) -> None:
    zoe = Author("zoé☂")
    desk.add([make_post("z", "said", author=zoe)])
    handle = desk.one("SELECT id FROM authors WHERE handle = ?", zoe.handle)
    with desk.writer.transaction():
        vip = [Customer(fold(zoe.handle), "", "C1", "VIP"), Customer("cyd", "", "C2", "VIP")]
        customers.say(desk.connection, dict(map(customers.told, vip)))
    ana.unite([handle, ids["cyd"]], "same face")
    ana.unite([handle, ids["dan"]], "same face")
    for _ in forget.erase(desk.writer, forget.found(desk.connection, zoe.handle), "ana"):
        pass
    assert groups(desk) == {frozenset({"cyd", "dan"})}
    assert desk.rows("SELECT handle_key FROM customers") == [("cyd",)]
    assert desk.one("SELECT count(*) FROM journal") == 0
    with desk.writer.transaction():
        kept = [Customer(fold(zoe.handle), "", "C1", "VIP"), Customer("cyd", "net", "C2", "VIP")]
        assert customers.kept_out(desk.connection, kept) == {kept[0]}
