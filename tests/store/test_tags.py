"""Tags, notes and who takes care: given, taken, taken back, also after a restart and by two people."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from listen.model import Note
from listen.query import parse
from listen.query.match import Subject, compile
from listen.store.read import Reader
from listen.store.triage import Done, Triage
from tests.store.posts import NOW, Desk, Turned, make_post


@pytest.fixture
def ana(store_path: Path, world: Desk, clock: Turned) -> Iterator[Triage]:
    with Triage(store_path, "ana", clock) as found:
        yield found


@pytest.fixture
def ids(world: Desk) -> list[int]:
    return [row[0] for row in world.rows("SELECT id FROM mentions ORDER BY id")]


def found(path: Path, query: str) -> list[int]:
    with Reader(path) as reader:
        return sorted(reader.page(parse(query), now=NOW).ids)


def tags(world: Desk) -> list[tuple[int, str]]:
    return world.rows("SELECT mention_id, name FROM tags ORDER BY mention_id, key")


def test_tags_come_and_go_together_and_undo_takes_back_what_really_changed(
    store_path: Path, world: Desk, clock: Turned, ana: Triage, ids: list[int]
) -> None:
    assert ana.tag(ids[:2], "vip") == Done("2 tagged vip", 2)
    before = tags(world)
    assert ana.tag(ids[:3], "#VIP Été -old") == Done("3 tagged VIP, tagged Été, untagged old", 3)
    assert ana.tag(ids[:3], "ete, vip") == Done("0 tagged ete, tagged vip", 0)
    assert tags(world) == [(one, name) for one in ids[:3] for name in ("Été", "vip")]
    assert found(store_path, "tag:ÉTÉ tag:#vip") == ids[:3] == found(store_path, "has:tag")
    ana.close()
    with Triage(store_path, "ana", clock) as again:
        assert again.undo() == Done("undone: 3 tagged VIP, tagged Été, untagged old", 3)
        assert tags(world) == before
        assert again.redo() == Done("redone: 3 tagged VIP, tagged Été, untagged old", 3)
        assert len(tags(world)) == 6
        again.undo()
        assert again.undo() == Done("undone: 2 tagged vip", 2)
        assert tags(world) == []
        assert again.undo() is None


@pytest.mark.parametrize("text", ["a:b", 'say "x"', "(x", "--x", "#", "x" * 41, "@ana"])
def test_what_is_no_tag_is_refused_before_anything_is_written(
    ana: Triage, world: Desk, ids: list[int], text: str
) -> None:
    with pytest.raises(ValueError, match="is no tag: a tag is one word"):
        ana.tag(ids[:1], f"vip {text}")
    assert tags(world) == []
    assert world.one("SELECT count(*) FROM journal") == 0


def test_note_and_person_are_one_step_and_an_undo_leaves_a_colleagues_note_alone(
    store_path: Path, world: Desk, clock: Turned, ana: Triage, ids: list[int]
) -> None:
    done = ana.edit(ids[:2], note=" ask\x1f her \n soon ", person="@Bo")
    assert done == Done("2 noted, given to bo", 2)
    with Reader(store_path) as reader:
        (read,) = reader.mentions(ids[:1])
        (row,) = reader.rows(ids[:1])
    assert (read.note, read.assignee) == (Note("ask  her \n soon", "ana", NOW), "bo")
    assert (row.noted, row.assignee, row.tags) == (True, "bo", ())
    assert found(store_path, "has:note assignee:BO") == ids[:2]
    with Triage(store_path, "bo", clock) as bo:
        assert bo.edit(ids[:1], note="called") == Done("1 noted", 1)
        assert ana.undo() == Done("undone: 2 noted, given to bo (1 changed or gone since, left alone)", 2)
        assert world.rows("SELECT mention_id, text, by FROM notes") == [(ids[0], "called", "bo")]
        assert found(store_path, "assignee:bo") == []
        bo.undo()
    assert world.rows("SELECT text, by, at FROM notes") == [("ask  her \n soon", "ana", NOW)], "by whoever wrote it"
    assert ana.edit(ids[:2], note="  ") == Done("1 note removed", 1)


def test_what_is_erased_leaves_neither_tags_nor_notes(world: Desk, ana: Triage, ids: list[int]) -> None:
    ana.tag(ids[:2], "vip")
    ana.edit(ids[:2], note="hers")
    world.writer.delete(ids[:1])
    assert tags(world) == [(ids[1], "vip")]
    assert world.rows("SELECT mention_id FROM notes") == [(ids[1],)]


def test_completion_knows_tags_and_people_the_frequent_ones_first(
    store_path: Path, ana: Triage, ids: list[int]
) -> None:
    ana.tag(ids[:1], "vital vip")
    ana.tag(ids[1:3], "vip")
    ana.edit(ids[:1], person="ana")
    with Reader(store_path) as reader:
        assert [(one.text, one.n) for one in reader.heard("tag", "VI")] == [("vip", 3), ("vital", 1)]
        assert [(one.text, one.n) for one in reader.heard("assignee", "")] == [("ana", 1)]
        assert list(reader.heard("tag", "x")) == []


def test_me_is_whoever_asks_in_both_compilers(world: Desk, store_path: Path, ana: Triage, ids: list[int]) -> None:
    ana.assign(ids[:2], "me")
    ana.assign(ids[2:3], "bo")
    for who, mine in (("Ana", ids[:2]), ("bo", ids[2:3]), ("", [])):
        with Reader(store_path, who) as reader:
            assert sorted(reader.page(parse("assignee:me"), now=NOW).ids) == mine
            holds = compile(reader.meant(parse("assignee:(me nobody)")), NOW)
            assert [one.id for one in reader.mentions(ids) if holds(Subject.of(one))] == mine


def test_an_undo_reaches_what_was_deleted_and_came_again_and_never_a_stranger(
    world: Desk, ana: Triage, ids: list[int]
) -> None:
    (name,) = world.rows("SELECT external_id FROM mentions WHERE id = ?", ids[-1])[0]
    ana.tag(ids[-2:], "vip")
    ana.correct(ids[-2:], "neg")
    world.writer.delete(ids[-2:])
    stranger = world.add([make_post("stranger", "battery", published_at=NOW - 1)]).new_ids
    back = world.add([make_post(name, "battery", published_at=NOW - 1)]).new_ids
    ana.tag(stranger, "vip")
    with_it = ana.tag(back, "vip").ids
    assert with_it == tuple(back)
    ana.undo(), ana.undo()
    assert ana.undo() == Done("undone: 0 called negative (2 changed or gone since, left alone)", 0)
    ana.tag(back, "vip")
    ana.tag(stranger, "vip")
    first = world.one("SELECT min(step) FROM journal")
    assert ana.undo(first) == Done("undone: 1 tagged vip (1 changed or gone since, left alone)", 1)
    assert tags(world) == [(stranger[0], "vip")]
