"""Where the reader stopped: the line between what was there at the last visit and what came in since."""

from __future__ import annotations

import pytest

from listen.store.read import Reader
from listen.store.triage import Triage
from tests.console.conftest import Driven, console
from tests.console.town import NOW, Town


def line_of(driven: Driven) -> int | None:
    """The line of the screen on which it stands."""
    return next((at for at, line in enumerate(driven.drawn()) if "── you were here, " in line), None)


def visits(town: Town, who: str = "ana") -> object:
    with Reader(town.path) as reader:
        return reader.last_visit(who)


def been_here(town: Town, seconds: int = 3 * 86_400) -> None:
    """Ana was here so long ago."""
    town.clock.at -= seconds
    with Triage(town.path, "ana", town.clock) as ana:
        ana.here()
    town.clock.at += seconds


async def test_the_line_stands_between_what_was_there_and_what_came_since(town: Town) -> None:
    town.talk()
    been_here(town)
    for number in range(3):
        town.say("bluesky", "newcomer", f"since then {number}", ago=10 - number)
    async with console(town.path, town.clock) as driven:
        lines = driven.drawn()
        assert "── you were here, Wed 14:32 ──" in lines[5]
        assert "since then 0" in lines[4]
        assert "La batterie" in lines[6]
        await driven.press("j", "j", "j")
        assert driven.drawn()[6].count("▌"), "it takes no cursor"
        assert line_of(driven) == 5


async def test_it_never_moves_under_the_reader_and_stays_until_the_next_start(town: Town) -> None:
    ids = town.talk(3)
    been_here(town)
    async with console(town.path, town.clock) as driven:
        assert line_of(driven) is None, "nothing came in since"
        await driven.press("j", "j")
        rows = driven.drawn()[2:14]
        (fresh,) = town.say("bluesky", "newcomer", "just now")
        await driven.until(lambda: "+1 new ▲" in driven.drawn()[1])
        assert driven.drawn()[2:14] == rows
        await driven.press("g")
        await driven.until(lambda: line_of(driven) == 3)
        town.say("bluesky", "newcomer", "and another")
        await driven.until(lambda: line_of(driven) == 4)
        await driven.press("R")
        await driven.until(lambda: driven.screen.view.loaded and line_of(driven) == 4)
        await driven.press("O")
        await driven.until(lambda: driven.feed.order == "oldest" and line_of(driven) is None)
        assert driven.feed.ids[0] == ids[-1]
    async with console(town.path, town.clock) as driven:
        assert line_of(driven) is None
        town.say("bluesky", "newcomer", "later still")
        await driven.until(lambda: line_of(driven) == 3)
        assert "just now" in driven.drawn()[5] or "and another" in driven.drawn()[4]
    assert fresh


async def test_it_is_noted_when_the_console_is_left(town: Town) -> None:
    ids = town.talk()
    async with console(town.path, town.clock) as driven:
        await driven.press("j")
        assert visits(town) is None
    assert visits(town) == (NOW, ids[0], 11)
    assert visits(town, "bob") is None


async def test_it_is_noted_now_and_then(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    town.talk()
    async with console(town.path, town.clock) as driven:
        driven.desk._noted -= 100.0
        driven.screen.tick()
        assert not driven.desk.hands._actions, "nobody has pressed a key"
        await driven.press("j")
        driven.screen.tick()
        await driven.until(lambda: visits(town) is not None)
        before = visits(town)
        town.say("bluesky", "newcomer", "just now")
        await driven.press("j")
        driven.screen.tick()
        assert visits(town) == before
        assert driven.footer().startswith("  j k"), "nothing is said about it"


async def test_a_console_that_only_reads_notes_nothing(town: Town) -> None:
    town.talk()
    async with console(town.path, town.clock, read_only=True) as driven:
        await driven.press("j", "k")
    assert visits(town) is None


async def test_it_can_be_scrolled_to_and_clicked_without_effect(town: Town) -> None:
    town.talk(8)
    been_here(town)
    for number in range(40):
        town.say("bluesky", "newcomer", f"since then {number}")
    async with console(town.path, town.clock, size=(80, 24)) as driven:
        while line_of(driven) is None:
            await driven.press("j")
        await driven.press("j", "j", "j")
        at = line_of(driven)
        assert at is not None
        before = driven.feed.current
        await driven.pilot.click(offset=(30, at))
        assert driven.feed.current == before
        await driven.pilot.click(offset=(30, at + 1))
        assert driven.feed.current == driven.feed.ids[40]
        await driven.pilot.resize_terminal(60, 14)
        await driven.until(lambda: driven.screen.size.height == 14)
        assert any("▌" in line for line in driven.drawn())
