"""Help: what has the focus comes first, with the person's own keys, and the query language at its end."""

from __future__ import annotations

import pytest

from listen.console import keys
from listen.console.screens.help import FIRST, KEYS, laid_out
from listen.console.theme import DARK
from listen.console.widgets.people_list import PeopleList
from listen.query import parse
from listen.query.described import SYNTAX
from tests.console.conftest import Driven, console
from tests.console.town import Town


def said(title: str = "", width: int = 100) -> list[str]:
    lines = laid_out(keys.TABLE, ("lists", "mentions"), DARK, width, title)
    return ["".join(piece.text for piece in line) for line in lines]


@pytest.mark.parametrize("title", ["", "Views", "The mention", "something else"])
def test_every_key_is_told_once(title: str) -> None:
    lines = said(title)
    for key in keys.TABLE:
        assert len([line for line in lines if line.endswith(f" {key.id}")]) == 1, key.id


def test_what_belongs_to_another_screen_stands_behind_what_does_not() -> None:
    absent = keys.absent(PeopleList.BINDINGS)
    assert {"list.range", "mention.done"} <= absent
    assert not absent & {"list.down", "person.unite", "app.undo"}
    lines = [
        "".join(one.text for one in line) for line in laid_out(keys.TABLE, ("lists", "people"), DARK, 100, "", absent)
    ]
    assert lines.index("  PEOPLE") < lines.index("  LISTS") < lines.index("  MENTIONS")
    (where,) = (at for at, line in enumerate(lines) if line.endswith(" list.range"))
    assert lines.index("  LISTS, IN THE STREAM") < where
    for key in keys.TABLE:
        assert len([line for line in lines if line.endswith(f" {key.id}")]) == 1, key.id


def test_every_line_fits_the_smallest_terminal() -> None:
    assert [key.id for key in keys.TABLE if len(key.help) > 80 - KEYS - 3] == []


def test_every_example_of_the_language_can_be_read() -> None:
    for example, meaning in SYNTAX:
        parse(example)
        assert meaning
    assert any("intent:complaint" in line and "(comes later)" not in line for line in said())


def test_the_panes_that_have_a_help_of_their_own_are_there() -> None:
    from listen.console.widgets.detail import Detail
    from listen.console.widgets.side import Side

    assert set(FIRST) == {Side.BINDING_GROUP_TITLE, Detail.BINDING_GROUP_TITLE}
    assert all(name in keys.BY_ID for own, _ in FIRST.values() for name in own)


async def first_of(driven: Driven) -> str:
    await driven.press("question_mark")
    await driven.until(lambda: type(driven.screen).__name__ == "Help")
    await driven.pilot.pause()
    found = next(line.strip() for line in driven.drawn() if line.strip())
    await driven.press("question_mark")
    await driven.until(lambda: type(driven.screen).__name__ != "Help")
    return found


async def test_what_has_the_focus_comes_first(town: Town) -> None:
    town.talk()
    async with console(town.path, town.clock) as driven:
        assert await first_of(driven) == "LISTS"
        driven.screen.side.focus()
        await driven.pilot.pause()
        assert await first_of(driven) == "VIEWS"
        driven.screen.detail.focus()
        await driven.pilot.pause()
        assert await first_of(driven) == "THE MENTION"
        await driven.press("5")
        await driven.until(lambda: type(driven.screen).__name__ == "SourcesScreen")
        assert await first_of(driven) == "ALERTS, SOURCES"
        await driven.press("4")
        await driven.until(lambda: type(driven.screen).__name__ == "PeopleScreen")
        assert await first_of(driven) == "PEOPLE"


@pytest.mark.parametrize("size", [(80, 24), (40, 12)])
async def test_the_language_stands_at_the_end_and_fits(town: Town, size: tuple[int, int]) -> None:
    async with console(town.path, town.clock, size=size, wait=False) as driven:
        await driven.press("question_mark", "G")
        await driven.until(lambda: "<<< a remark >>>" in driven.text())
        if size[0] == 80:
            assert '  "battery life"' in driven.text()
            assert "these words side by side" in driven.text()


async def test_own_keys_are_told(town: Town) -> None:
    async with console(town.path, town.clock, own_keys={"mention.done": ("X",)}, wait=False) as driven:
        await driven.press("question_mark")
        await driven.until(lambda: any(line.strip().startswith("X ") for line in driven.drawn()))


async def test_the_palette_opens_it_and_shows_its_own_keys_in_its_line(town: Town) -> None:
    async with console(town.path, town.clock) as driven:
        await driven.press("colon")
        await driven.until(lambda: "enter runs · tab completes · esc leaves" in driven.text())
        await driven.type("help")
        await driven.press("enter")
        await driven.until(lambda: type(driven.screen).__name__ == "Help")
