"""Marks: what they hold, how they are drawn, and what a verb does with them."""

from __future__ import annotations

from array import array

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import listen.packed as packing
from listen.console import marks as marking
from listen.console import pages
from listen.console.marks import Marks
from listen.store import actions
from tests.console.conftest import Driven, console
from tests.console.test_stream import starred, status_of
from tests.console.town import Town


def statuses(town: Town) -> dict[int, str]:
    """What people did, by mention."""
    from listen.model import STATUSES

    rows = town.writer.connection.execute("SELECT mention_id, status FROM triage WHERE status").fetchall()
    return {mention_id: STATUSES[number] for mention_id, number in rows}


def edges(driven: Driven) -> str:
    """The first cell of each row of the list."""
    left = driven.stream.region.x
    return "".join(line[left : left + 1] or " " for line in driven.drawn()[2 : 2 + driven.feed.height])


# --- the ids ---------------------------------------------------------------------------------------------------------


def test_a_range_goes_back_and_over_its_start() -> None:
    marks = Marks()
    marks.toggle(90)
    marks.begin(50)
    marks.walk([49, 48, 47])
    assert (marks.ids, marks.end, len(marks)) == ((90, 50, 49, 48, 47), 47, 5)
    marks.walk([48, 49, 50, 51])
    assert (marks.ids, marks.end, len(marks)) == ((90, 51, 50), 51, 3)
    marks.leave()
    assert (marks.ids, marks.ranging) == ((90,), False)
    marks.begin(90)
    marks.walk([89])
    assert len(marks) == 2
    marks.fix()
    assert (marks.ids, marks.ranging) == ((90, 89), False)
    assert marks.clear()
    assert not marks.clear()


def test_what_arrives_between_rows_of_a_range_is_no_part_of_it() -> None:
    marks = Marks()
    marks.begin(50)
    marks.walk([49, 40])
    marks.walk([45, 49])
    assert marks.ids == (50, 49)


@given(st.lists(st.integers(0, 30), min_size=1))
def test_a_range_holds_what_lies_between_its_start_and_the_cursor(cursors: list[int]) -> None:
    rows = list(range(100, 131))
    marks, at = Marks(), cursors[0]
    marks.begin(rows[at])
    for to in cursors[1:]:
        marks.walk(rows[at + 1 : to + 1] if to > at else rows[to:at][::-1])
        at = to
        low, high = sorted((cursors[0], at))
        assert marks.ids == tuple(reversed(rows[low : high + 1]))
        assert len(marks) == high - low + 1


MARKING = st.sampled_from(["take", "toggle", "begin", "walk", "fix", "leave", "drop"])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(MARKING, st.integers(0, 30), st.integers(0, 30)), max_size=14))
def test_many_marks_are_what_few_are(monkeypatch: pytest.MonkeyPatch, steps: list[tuple[str, int, int]]) -> None:
    """Half a million are kept otherwise than three: here four are many."""
    for module in (marking, packing):
        monkeypatch.setattr(module, "MANY", 3)
    marks, fixed, drawn = Marks(), set[int](), list[int]()
    for verb, one, other in steps:
        low, high = sorted((one, other))
        match verb:
            case "take":
                marks.take(range(high, low - 1, -1))
                fixed, drawn = set(range(low, high + 1)), []
            case "toggle":
                assert marks.toggle(one) is (one not in fixed)
                fixed ^= {one}
                drawn = [at for at in drawn if at != one or one in fixed]
            case "begin":
                marks.begin(one)
                drawn = [one]
            case "walk" if drawn:
                at = drawn[-1]
                way = [*range(at + 1, one + 1)] or [*range(at - 1, one - 1, -1)]
                marks.walk(array("q", way))
                for step in way:
                    drawn = drawn[: drawn.index(step) + 1] if step in drawn else [*drawn, step]
            case "fix":
                marks.fix()
                fixed, drawn = fixed.union(drawn), []
            case "leave":
                marks.leave()
                drawn = []
            case "drop":
                marks.drop([one])
                fixed, drawn = fixed - {one}, [at for at in drawn if at != one]
        assert (marks.end, len(marks)) == (drawn[-1] if drawn else None, len(fixed.union(drawn)))
        assert list(marks.ids) == sorted(fixed.union(drawn), reverse=True)
        assert {at for at in range(-1, 32) if at in marks} == fixed.union(drawn)


# --- marking ---------------------------------------------------------------------------------------------------------


async def test_space_marks_and_goes_on_and_marks_no_more(town: Town) -> None:
    ids = town.talk()
    async with console(town.path, town.clock) as driven:
        await driven.press("space", "space", "j", "space")
        assert driven.screen.marks.ids == (ids[0], ids[1], ids[3])
        assert edges(driven).startswith("▐▐ ▐▌")
        assert "3 marked" in driven.drawn()[1]
        assert "off screen" not in driven.drawn()[1]
        await driven.press("g")
        assert edges(driven).startswith("█▐ ▐ ")
        await driven.press("space")
        assert driven.screen.marks.ids == (ids[1], ids[3])
        await driven.press("escape")
        assert "marked" not in driven.drawn()[1]
        assert edges(driven).startswith(" ▌   ")
        assert driven.app.is_running


async def test_marks_survive_paging_and_count_what_is_off_screen(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("listen.console.feed.LIMIT", 500)
    ids = town.talk(100)
    async with console(town.path, town.clock) as driven:
        await driven.press("space", "space")
        while ids[0] in driven.feed.ids:
            await driven.press("pagedown")
            await driven.until(lambda: driven.feed.cursor < len(driven.feed) - 1 or driven.feed.oldest)
        current = driven.feed.current
        await driven.press("space")
        assert "3 marked, 2 off screen" in driven.drawn()[1]
        await driven.press("d")
        assert "dismissed: 3 mentions, 2 of them off screen · u takes it back" in driven.footer()
        await driven.until(lambda: statuses(town) == dict.fromkeys([ids[0], ids[1], current], "dismissed"))
        assert "dismissed: 3 mentions, 2 of them off screen · u takes it back" in driven.footer()
        assert not driven.screen.marks
        assert "marked" not in driven.drawn()[1]
        await driven.press("u")
        await driven.until(lambda: not statuses(town))
        await driven.until(lambda: "undone: 3 dismissed" in driven.footer())


async def test_a_range_follows_the_cursor_ends_and_is_left(town: Town) -> None:
    ids = town.talk(3)
    async with console(town.path, town.clock) as driven:
        await driven.press("j", "V")
        assert "move to extend it" in driven.footer()
        await driven.press("j", "j", "j", "k")
        assert driven.screen.marks.ids == tuple(ids[1:4])
        assert edges(driven).startswith(" ▐▐█  ")
        assert "3 marked" in driven.drawn()[1]
        await driven.press("k", "k", "k")
        assert driven.screen.marks.ids == (ids[0], ids[1])
        assert edges(driven).startswith("█▐    ")
        await driven.press("escape")
        assert not driven.screen.marks
        assert edges(driven).startswith("▌     ")
        await driven.press("V", "j", "V", "j", "j")
        assert driven.screen.marks.ids == (ids[0], ids[1])
        await driven.press("V", "j", "d")
        await driven.until(lambda: statuses(town) == dict.fromkeys([*ids[:2], *ids[3:5]], "dismissed"))
        assert not driven.screen.marks.ranging


async def test_nothing_slips_into_a_range_at_the_top(town: Town) -> None:
    ids = town.talk()
    async with console(town.path, town.clock) as driven:
        await driven.press("V")
        town.say("bluesky", "newcomer", "just now")
        await driven.until(lambda: "+1 new ▲" in driven.text())
        assert driven.feed.current == ids[0]
        await driven.press("a")
        await driven.until(lambda: statuses(town) == {ids[0]: "done"})
        await driven.press("g")
        await driven.until(lambda: driven.feed.following)


async def test_a_range_reaches_an_end_that_is_not_at_hand(town: Town) -> None:
    ids = town.talk(40)
    async with console(town.path, town.clock) as driven:
        await driven.press("j", "V", "G")
        await driven.until(lambda: driven.feed.current == ids[-1])
        await driven.until(lambda: "439 mentions in the range" in driven.footer())
        assert driven.screen.marks.ids == tuple(ids[1:])
        await driven.press("k")
        assert driven.screen.marks.ids == tuple(ids[1:-1])
        await driven.press("g")
        await driven.until(lambda: driven.feed.current == ids[0])
        await driven.until(lambda: driven.screen.marks.ids == tuple(ids[:2]))


async def test_all_of_the_view_is_marked_also_what_is_not_at_hand_and_nothing_that_comes_later(town: Town) -> None:
    ids = town.talk(40)
    async with console(town.path, town.clock, query="topic:acme") as driven:
        await driven.press("asterisk")
        await driven.until(lambda: "all 440 mentions marked · what arrives later is not among them" in driven.footer())
        assert set(edges(driven)) == {"█", "▐"}
        (late,) = town.say("bluesky", "newcomer", "just now")
        await driven.until(lambda: late in driven.feed.ids)
        assert driven.screen.marks.ids == tuple(ids)
        assert "440 marked, " in driven.drawn()[1]
        await driven.press("d")
        await driven.until(lambda: len(statuses(town)) == 440)
        assert late not in statuses(town)


async def test_all_stops_at_a_cap_and_says_so(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "MARKED", 25)
    ids = town.talk(3)
    async with console(town.path, town.clock) as driven:
        await driven.press("asterisk")
        await driven.until(lambda: "it stops at 25: the view has more" in driven.footer())
        assert driven.screen.marks.ids == tuple(ids[:25])


async def test_gathering_is_stopped_by_esc_and_no_verb_comes_before_it(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    town.talk()
    monkeypatch.setattr(pages, "all_of", lambda *_: lambda *_: None)
    async with console(town.path, town.clock) as driven:
        await driven.press("asterisk", "d")
        assert "still gathering" in driven.footer()
        await driven.press("escape")
        assert "stopped" in driven.footer()
        await driven.press("s")
        assert "starred: claire" in driven.footer()
        assert not statuses(town)


async def test_marks_vanish_with_the_view_and_stay_when_it_is_asked_anew(town: Town) -> None:
    town.talk()
    async with console(town.path, town.clock) as driven:
        await driven.until(lambda: driven.screen.glance.topics)
        await driven.press("space", "R")
        await driven.until(lambda: driven.screen.view.loaded)
        assert len(driven.screen.marks) == 1
        await driven.press("J")
        assert not driven.screen.marks
        assert "marked" not in driven.drawn()[1]


async def test_an_empty_view_has_nothing_to_mark(town: Town) -> None:
    async with console(town.path, town.clock) as driven:
        await driven.press("asterisk")
        await driven.until(lambda: "nothing to mark" in driven.footer())
        await driven.press("space")
        assert "no mention here" in driven.footer()
        await driven.press("V")
        assert "no mention here" in driven.footer()


async def test_marks_show_without_colour_and_in_a_narrow_list(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    town.talk()
    async with console(town.path, town.clock, size=(38, 20)) as driven:
        await driven.press("space", "space", "k")
        assert edges(driven).startswith("▐█")
        assert "2 marked" in driven.drawn()[1]


# --- verbs on marks --------------------------------------------------------------------------------------------------


async def test_a_verb_says_what_it_left_alone(town: Town) -> None:
    ids = town.talk()
    async with console(town.path, town.clock) as driven:
        await driven.press("a", "g", "space", "space", "a")
        await driven.until(lambda: "done: 1 mention · 1 were so already, or are gone" in driven.footer())
        assert statuses(town) == dict.fromkeys(ids[:2], "done")


async def test_stars_and_the_last_verb_again_on_marks(town: Town) -> None:
    ids = town.talk()
    async with console(town.path, town.clock) as driven:
        await driven.press("space", "space", "s")
        await driven.until(lambda: starred(town, ids[0]) and starred(town, ids[1]))
        assert driven.drawn()[2].count("★") == driven.drawn()[3].count("★") == 1
        await driven.press("space", "space", "full_stop")
        await driven.until(lambda: starred(town, ids[3]))
        await driven.press("g", "space", "space", "full_stop")
        await driven.until(lambda: not starred(town, ids[0]) and not starred(town, ids[1]))
        await driven.press("u")
        await driven.until(lambda: starred(town, ids[0]) and starred(town, ids[1]))


async def test_a_long_action_tells_how_far_it_is_and_is_one_step(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "STEP", 10)
    monkeypatch.setattr("listen.console.clerk.REPORT", 0.0)
    town.talk(4)
    told: list[str] = []
    async with console(town.path, town.clock) as driven:
        await driven.press("asterisk")
        await driven.until(lambda: len(driven.screen.marks) == 44)
        monkeypatch.setattr(driven.screen, "say", lambda message, *_, **__: told.append(message))
        await driven.press("A", "j", "k", "u")
        await driven.until(lambda: "undone: 44 answered" in told)
        assert "answered: 20 of 44 …" in told
        assert "undo: 24 of 44 …" in told
        assert not statuses(town)
        await driven.press("U")
        await driven.until(lambda: len(statuses(town)) == 44)
        steps = town.writer.connection.execute("SELECT count(DISTINCT step) FROM journal").fetchone()
        assert steps == (1,)


async def test_undo_reaches_back_over_restarts(town: Town) -> None:
    ids = town.talk()
    async with console(town.path, town.clock) as driven:
        await driven.press("space", "space", "d", "s")
        await driven.until(lambda: starred(town, ids[2]))
    async with console(town.path, town.clock, query="topic:rival") as driven:
        await driven.press("u")
        await driven.until(lambda: "undone: 1 starred · it is not in this list" in driven.footer())
        await driven.press("u")
        await driven.until(lambda: "undone: 2 dismissed" in driven.footer())
        assert not statuses(town)
        await driven.press("U", "U")
        await driven.until(lambda: starred(town, ids[2]))
        assert status_of(town, ids[1]) == "dismissed"


async def test_a_bulk_action_that_fails_leaves_rows_and_marks_as_they_were(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    from listen.store.sqlite import StoreBusy, StoreFull
    from listen.store.triage import Triage

    faults = [StoreFull("no room left to write; free some space, then it goes on by itself"), StoreBusy("busy")]

    def fails(*_: object) -> None:
        raise faults.pop(0)

    ids = town.talk()
    async with console(town.path, town.clock) as driven:
        monkeypatch.setattr(Triage, "set_status", fails)
        await driven.press("space", "space", "d")
        await driven.until(lambda: "not dismissed, nothing has changed: no room left to write" in driven.footer())
        assert driven.screen.marks.ids == tuple(ids[:2])
        assert "dismissed" not in driven.drawn()[2] + driven.drawn()[3]
        await driven.press("d")
        await driven.until(lambda: "press it again" in driven.footer() and "too long" in driven.footer())
        monkeypatch.undo()
        await driven.press("d")
        await driven.until(lambda: statuses(town) == dict.fromkeys(ids[:2], "dismissed"))


async def test_marks_are_for_mentions(town: Town) -> None:
    ids = town.talk()
    async with console(town.path, town.clock) as driven:
        await driven.press("h")
        assert driven.screen.focused is driven.screen.side
        for key in ("space", "V", "asterisk"):
            await driven.press(key)
            assert "goes to the list" in driven.footer()
        assert not driven.screen.marks
        await driven.press("escape", "enter", "space")
        assert driven.screen.marks.ids == (ids[0],)


async def test_a_console_that_only_reads_marks_and_copies_all_the_same(town: Town) -> None:
    town.talk()
    async with console(town.path, town.clock, read_only=True) as driven:
        await driven.press("space", "space")
        for key in ("a", "A", "d", "s", "u", "U", "full_stop"):
            await driven.press(key)
            assert "only reads" in driven.footer()
        await driven.press("y")
        assert driven.app.clipboard.count("https://") == 2
        assert len(driven.screen.marks) == 2
        assert not statuses(town)


# --- keys where they do not belong -----------------------------------------------------------------------------------


async def test_every_verb_of_mentions_says_in_the_side_pane_where_it_belongs(town: Town) -> None:
    from listen.console.keys import TABLE

    town.talk()
    async with console(town.path, town.clock) as driven:
        await driven.press("h")
        marking = ("list.mark", "list.range", "list.mark-all", "list.only", "list.not")
        its_own = {spelled for key in TABLE if key.scope == "views" for spelled in key.keys}
        for key in TABLE:
            if (key.scope == "mentions" and key.keys[0] not in its_own) or key.id in marking:
                driven.screen.footer.say("")
                await driven.press(key.keys[0])
                said = driven.footer()
                assert ("goes to the list" in said) != ("comes later, nothing was changed" in said), key.id
                assert ("comes later" in said) == key.later, key.id
                assert driven.screen.focused is driven.screen.side
                assert driven.screen.chooser is None
        assert not statuses(town)
        assert not driven.screen.marks


async def test_a_locked_store_is_told_and_the_row_is_what_it_was(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("listen.store.sqlite.BUSY_SECONDS", 0.05)
    ids = town.talk()
    async with console(town.path, town.clock) as driven:
        with town.writer.transaction():
            await driven.press("d")
            await driven.until(lambda: "not dismissed: somebody else has been writing" in driven.footer())
            assert "press it again" in driven.footer()
            await driven.until(lambda: "dismissed" not in driven.drawn()[2])
        await driven.press("g", "d")
        await driven.until(lambda: statuses(town) == {ids[0]: "dismissed"})
