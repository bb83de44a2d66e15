"""What people do with mentions, back and forth."""

from __future__ import annotations

import os
import pwd
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from listen import service
from listen.model import STATUSES
from listen.store import actions, duties, inbox, schema, sqlite, switches
from listen.store.read import Reader
from listen.store.sqlite import StoreBusy, StoreError, StoreFull
from listen.store.triage import Done, HalfDone, Triage
from listen.store.write import Writer
from tests.store.posts import NOW, Desk, Turned, check_everything, check_inbox, fast, make_desk, make_post


@pytest.fixture
def ana(store_path: Path, world: Desk, clock: Turned) -> Iterator[Triage]:
    with Triage(store_path, "ana", clock) as found:
        yield found


@pytest.fixture
def ids(world: Desk) -> list[int]:
    return [row[0] for row in world.rows("SELECT id FROM mentions ORDER BY id")]


def state(desk: Desk) -> tuple[list[Any], list[Any]]:
    return desk.rows("SELECT mention_id, status, starred, assignee FROM triage"), desk.rows("SELECT * FROM inbox")


def test_done_leaves_the_inbox_and_undo_brings_it_back(world: Desk, ana: Triage, ids: list[int]) -> None:
    before = state(world)
    assert ana.set_status(ids[:3], "done") == Done("3 done", 3)
    assert world.rows("SELECT mention_id, status, by, at FROM triage") == [(one, 1, "ana", NOW) for one in ids[:3]]
    assert not set(ids[:3]) & {row[0] for row in world.rows("SELECT mention_id FROM inbox")}
    check_inbox(world.connection)
    assert ana.undo() == Done("undone: 3 done", 3)
    assert state(world) == before
    assert ana.redo() == Done("redone: 3 done", 3)
    assert [row[1] for row in world.rows("SELECT * FROM triage")] == [1, 1, 1]
    check_inbox(world.connection)


def test_what_is_so_already_or_not_there_does_not_count(world: Desk, ana: Triage, ids: list[int]) -> None:
    ana.set_status(ids[:2], "dismissed")
    assert ana.set_status([*ids[:3], ids[2], 12345], "dismissed") == Done("1 dismissed", 1)
    assert ana.star([12345]) == Done("0 starred", 0)
    assert world.one("SELECT count(*) FROM journal") == 2
    assert ana.undo() == Done("undone: 1 dismissed", 1)


def test_words_of_every_action(ana: Triage, ids: list[int]) -> None:
    told = [ana.set_status(ids[:1], status).text for status in [*STATUSES[1:], "new"]]
    assert told == ["1 done", "1 answered", "1 dismissed", "1 skipped", "1 new again"]
    told = [ana.star(ids[:1]).text, ana.star(ids[:1], False).text]
    assert told == ["1 starred", "1 no longer starred"]
    assert [ana.assign(ids[:1], "bo").text, ana.assign(ids[:1], None).text] == ["1 given to bo", "1 given to nobody"]
    with pytest.raises(ValueError, match="no such status: 'gone'"):
        ana.set_status(ids[:1], "gone")


def test_a_mention_with_nothing_left_to_say_has_no_row(world: Desk, ana: Triage, ids: list[int]) -> None:
    ana.star(ids[:1])
    ana.set_status(ids[:1], "done")
    ana.star(ids[:1], False)
    assert world.rows("SELECT status, starred FROM triage") == [(1, 0)]
    ana.set_status(ids[:1], "new")
    assert world.rows("SELECT * FROM triage") == []


def test_many_levels_across_restarts_and_only_ones_own(
    store_path: Path, world: Desk, clock: Turned, ids: list[int]
) -> None:
    states = [state(world)]
    for turn, act in enumerate(
        [lambda t: t.set_status(ids[:4], "done"), lambda t: t.star(ids[2:6]), lambda t: t.assign(ids[:2], "bo")]
    ):
        clock.at += turn
        with Triage(store_path, "ana", clock) as ana:
            act(ana)
        states.append(state(world))
    with Triage(store_path, "bo", clock) as bo:
        bo.set_status(ids[20:21], "skipped")
    for wanted in reversed(states[:-1]):
        with Triage(store_path, "ana", clock) as ana:
            assert ana.undo()
        assert [row for row in state(world)[0] if row[0] != ids[20]] == wanted[0]
    with Triage(store_path, "ana", clock) as ana:
        assert ana.undo() is None
        for wanted in states[1:]:
            assert ana.redo()
            assert [row for row in state(world)[0] if row[0] != ids[20]] == wanted[0]
        assert ana.redo() is None
    with Triage(store_path, "bo", clock) as bo:
        assert bo.redo() is None
        assert bo.undo() == Done("undone: 1 skipped", 1)


def test_what_a_desk_did_is_taken_back_by_anybody_and_done_again_by_who_took_it_back(
    world: Desk, ana: Triage, ids: list[int], store_path: Path, clock: Turned
) -> None:
    care = service.Desk("care", "battery", assign="bob", tags=("late",))
    with world.writer.transaction():
        assert duties.act(world.connection, care, ids[:3], NOW) == 3
    step = world.one("SELECT max(step) FROM journal")
    with Triage(store_path, "bo", clock) as bo:
        assert bo.redo() is None
        assert ana.undo(step) == Done("undone: 3 given to bob, tagged late", 3)
        assert world.rows("SELECT * FROM triage") == world.rows("SELECT * FROM tags") == []
        assert bo.redo() is None, "ana took it back"
        bo.assign(ids[:1], "chloe")
        assert ana.redo() == Done("redone: 3 given to bob, tagged late (1 changed or gone since, left alone)", 3)
        assert world.rows("SELECT assignee FROM triage ORDER BY 1") == [("bob",), ("bob",), ("chloe",)]
        assert ana.undo(step) is not None
        ana.star(ids[:1])
        assert ana.redo() is None, "something else was done since"
    with Reader(store_path) as reader:
        log = {one.step: one for one in reader.steps()}
        login = pwd.getpwuid(os.getuid()).pw_name
        assert (log[step].by, log[step].user, log[step].taken_back) == (
            "desk care",
            None,
            f"taken back by ana ({login})",
        )
        assert {(one.user, one.signed) for one in log.values() if one.by == "ana"} == {(login, f"ana ({login})")}
        assert log[step]._replace(by=login, user=login, undone_by=login).taken_back == "taken back"


def test_a_new_action_buries_what_was_undone(world: Desk, ana: Triage, ids: list[int]) -> None:
    ana.set_status(ids[:1], "done")
    ana.undo()
    ana.star(ids[:1])
    assert ana.redo() is None
    ana.undo()
    assert ana.redo() == Done("redone: 1 starred", 1)
    assert ana.redo() is None
    assert world.rows("SELECT status, starred FROM triage") == [(0, 1)]


def test_undo_leaves_alone_what_others_changed_since(
    store_path: Path, world: Desk, ana: Triage, clock: Turned, ids: list[int]
) -> None:
    ana.set_status(ids[:3], "done")
    with Triage(store_path, "bo", clock) as bo:
        bo.set_status(ids[:1], "answered")
    world.writer.delete(ids[1:2])
    assert ana.undo() == Done("undone: 1 done (2 changed or gone since, left alone)", 1)
    assert world.rows("SELECT mention_id, status FROM triage") == [(ids[0], 2)]
    check_everything(world.connection)


def test_undo_never_reaches_another_mention_in_the_same_place(world: Desk, ana: Triage, ids: list[int]) -> None:
    last = ids[-1]
    ana.set_status([last], "done")
    world.writer.delete([last])
    world.writer._ids.forget()
    assert world.add([make_post("another", published_at=(last >> 12) + 946_684_800)]).new_ids == [last]
    ana.undo()
    assert ana.redo() == Done("redone: 0 done (1 changed or gone since, left alone)", 0)
    assert world.rows("SELECT * FROM triage") == []


def test_a_bulk_action_is_one_step_in_short_transactions(
    world: Desk, ana: Triage, ids: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(actions, "STEP", 7)
    before = state(world)
    assert ana.set_status(ids, "done") == Done("40 done", 40)
    assert world.one("SELECT count(*) FROM journal") == 6
    assert world.rows("SELECT * FROM inbox") == []
    assert ana.undo() == Done("undone: 40 done", 40)
    assert state(world) == before
    assert ana.undo() is None
    assert ana.redo() == Done("redone: 40 done", 40)
    assert world.rows("SELECT * FROM inbox") == []


def test_an_action_says_whom_it_changed_and_how_far_it_is(
    ana: Triage, ids: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(actions, "STEP", 15)
    heard: list[tuple[int, int]] = []
    ana.report = lambda done, of: heard.append((done, of))
    ana.set_status(ids[:3], "done")
    assert heard == [(3, 3)]
    heard.clear()
    assert ana.set_status(ids, "done").ids == tuple(ids[3:])
    assert heard == [(15, 40), (30, 40), (40, 40)]
    heard.clear()
    undone = ana.undo()
    assert undone is not None
    assert sorted(undone.ids) == ids[3:]
    assert heard == [(10, 37), (25, 37), (37, 37)]
    redone = ana.redo()
    assert redone is not None
    assert redone.ids == tuple(ids[3:])


def test_an_action_that_cannot_go_on_says_how_far_it_came_and_is_undone_so_far(
    world: Desk, ana: Triage, ids: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(actions, "STEP", 10)
    before, real = state(world), ana._fields.set

    def fails(part: Any, *arguments: Any, **more: Any) -> Any:
        if ids[25] in part:
            raise StoreFull("no room left to write")
        return real(part, *arguments, **more)

    monkeypatch.setattr(ana._fields, "set", fails)
    with pytest.raises(HalfDone, match="20 of 40 done, then no room left to write"):
        ana.set_status(ids, "done")
    with pytest.raises(StoreFull, match="no room left"):
        ana.set_status(ids[20:], "done")
    monkeypatch.setattr(ana._fields, "set", real)
    assert ana.undo() == Done("undone: 20 done", 20)
    assert state(world) == before


def test_others_write_while_a_bulk_action_goes_on(
    store_path: Path, clock: Turned, ana: Triage, ids: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(actions, "STEP", 10)
    with Triage(store_path, "bo", clock) as bo:
        monkeypatch.setattr(ana, "report", lambda done, of: bo.star([ids[done - 1]]))
        ana.set_status(ids, "done")
        monkeypatch.undo()
        assert bo.undo() == Done("undone: 1 starred", 1)
    assert ana.undo() == Done("undone: 40 done", 40)


def test_topics_are_found_for_many_as_for_one(world: Desk, ids: list[int]) -> None:
    found = inbox.topics_of_many(world.connection, [*ids, 12345])
    assert {one: sorted(topics) for one, topics in found.items()} == {
        one: list(inbox.topics_of(world.connection, one)) for one in [*ids, 12345]
    }


@given(st.lists(st.integers(0, 1 << 36), unique=True))
def test_runs_hold_every_id_once_and_stay_in_their_hour(ids: list[int]) -> None:
    ordered = sorted(ids)
    runs = list(inbox._runs(ordered))
    assert [one for first, last in runs for one in ordered if first <= one <= last] == ordered
    assert all((first >> 12) // 3600 == (last >> 12) // 3600 for first, last in runs)


def test_an_interrupted_bulk_action_is_undone_as_far_as_it_went(
    world: Desk, ana: Triage, ids: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(actions, "STEP", 10)
    before = state(world)
    real, calls = ana._fields.set, []

    def fails(*arguments: Any) -> Any:
        calls.append(1)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return real(*arguments)

    monkeypatch.setattr(ana._fields, "set", fails)
    with pytest.raises(KeyboardInterrupt):
        ana.set_status(ids, "done")
    monkeypatch.setattr(ana._fields, "set", real)
    check_inbox(world.connection)
    assert world.one("SELECT count(*) FROM triage") == 20
    assert ana.undo() == Done("undone: 20 done", 20)
    assert state(world) == before


def test_sources_and_channels_are_switched_and_switched_back(world: Desk, ana: Triage, store_path: Path) -> None:
    whole, one = world.channels["a1"], world.channels["b1"]
    others = frozenset({world.channels["a2"].id})
    assert ana.switch([("a", ""), ("b", one.key)], on=False) == Done("switched off", 2)
    assert switches.off_channels(world.connection) == {whole.id, one.id} | others
    assert ana.switch([("a", ""), ("nobody", ""), ("a", "nothing")], on=False).count == 0
    with Reader(store_path) as reader:
        told = {channel.key: channel for channel in reader.channels()}
        assert [told[key].state for key in ("a1", "a2", "b1", "b2")] == ["off", "off", "off", "waiting"]
        assert (told["a1"].off_at, told["a1"].off_by, told["a1"].whole, told["b1"].whole) == (NOW, "ana", True, False)
        assert [source.active for source in reader.sources()] == [False, True]
    with Triage(store_path, "bo", Turned(NOW + 9)) as bo:
        assert bo.switch([("b", one.key)], on=True) == Done("switched on", 1)
    assert ana.undo() == Done("undone: 1 switched off (1 changed or gone since, left alone)", 1)
    assert not switches.off_channels(world.connection)
    assert ana.redo() == Done("redone: 2 switched off", 2)
    assert ana.undo() == Done("undone: 2 switched off", 2)
    assert world.rows("SELECT * FROM state WHERE name LIKE 'off:%'") == []


acts = st.one_of(
    st.tuples(st.just("status"), st.lists(st.integers(0, 5), max_size=4), st.sampled_from(STATUSES)),
    st.tuples(st.just("star"), st.lists(st.integers(0, 5), max_size=4), st.booleans()),
    st.tuples(st.just("assign"), st.lists(st.integers(0, 5), max_size=4), st.sampled_from([None, "ana", "bo"])),
    st.tuples(st.just("undo"), st.just([]), st.just(None)),
    st.tuples(st.just("redo"), st.just([]), st.just(None)),
)


@given(st.lists(acts, max_size=25))
@settings(max_examples=60, deadline=None)
def test_one_person_s_undo_and_redo_are_a_stack_of_states(tmp_path_factory: Any, life: list[Any]) -> None:
    path = tmp_path_factory.mktemp("life") / "listen.db"
    schema.prepare(path)
    desk = make_desk(Writer(fast(sqlite.connect_writer(path)), Turned(NOW)))
    ids = desk.add([make_post(str(n), topics=dict.fromkeys(range(1, 1 + n % 3))) for n in range(6)]).new_ids
    ana = Triage(path, "ana", Turned(NOW))
    fast(ana.connection)
    states, at = [state(desk)], 0
    for name, places, value in life:
        chosen = [ids[place] for place in places]
        if name == "undo":
            assert (ana.undo() is not None) == (at > 0)
            at = max(0, at - 1)
        elif name == "redo":
            assert (ana.redo() is not None) == (at + 1 < len(states))
            at = min(len(states) - 1, at + 1)
        else:
            done = {"status": ana.set_status, "star": ana.star, "assign": ana.assign}[name](chosen, value)
            if done.count:
                at += 1
                states[at:] = [state(desk)]
        assert state(desk) == states[at]
        check_inbox(desk.connection)
    ana.close()
    desk.connection.close()


def test_the_store_must_be_there_and_ours(tmp_path: Path, clock: Turned) -> None:
    with pytest.raises(StoreError, match="there is no store"):
        Triage(tmp_path / "none.db", "ana", clock)


def test_a_writer_that_takes_too_long_is_told_in_words(
    world: Desk, ana: Triage, ids: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    ana.connection.execute("PRAGMA busy_timeout = 1")
    with world.writer.transaction(), pytest.raises(StoreBusy, match="another process has been writing"):
        ana.star(ids[:1])
    assert ana.star(ids[:1]).count == 1


def test_people_s_actions_import_little() -> None:
    """The console imports them at start."""
    run = subprocess.run(
        [sys.executable, "-c", "import sys, listen.store.triage, listen.store.requests; print(*sys.modules)"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert not {"sqlite_utils", "msgspec", "listen.store.write", "listen.store.schema"} & set(run.stdout.split())
