"""The keys that look for something in the list: the next new one, words."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from rich.style import Style

from listen.console import searches
from listen.query import parse, tree
from listen.store.triage import Triage
from tests.console.conftest import Driven, console
from tests.console.town import Town


async def order(driven: Driven, name: str) -> None:
    while driven.screen.view.order != name:
        await driven.press("O")
    await driven.until(lambda: driven.screen.view.loaded and driven.feed.order == name)


def strips(driven: Driven) -> list[Any]:
    """The screen, line by line."""
    return driven.app.screen._compositor.render_strips(driven.app.screen.size)


def marked(driven: Driven, line: int) -> list[str]:
    """The words of a line of the screen that are marked as found."""
    found: Style = driven.app.colours.found  # type: ignore[attr-defined]
    return [
        part.text for part in strips(driven)[line] if part.style and part.style.bgcolor == found.bgcolor and part.text
    ]


# --- the next new one ------------------------------------------------------------------------------------------------


async def test_the_next_and_the_previous_new_one(town: Town) -> None:
    ids = town.talk(3)
    with Triage(town.path, "bob", town.clock) as other:
        other.set_status([one for one in ids if one not in (ids[0], ids[4], ids[20])], "done")
    async with console(town.path, town.clock) as driven:
        for key, wanted in (("semicolon", 4), ("semicolon", 20), ("comma", 4), ("comma", 0)):
            await driven.press(key)
            await driven.until(lambda wanted=wanted: driven.feed.current == ids[wanted], f"{key} to {wanted}")
        await driven.press("comma")
        await driven.until(lambda: "no new one above" in driven.footer())
        await driven.press("G", "semicolon")
        await driven.until(lambda: "no new one below" in driven.footer())


async def test_what_was_handled_just_now_is_new_no_more(town: Town) -> None:
    ids = town.talk(2)
    async with console(town.path, town.clock) as driven:
        await driven.press("j", "a", "a", "k", "k", "k", "semicolon")
        await driven.until(lambda: driven.feed.current == ids[3])


async def test_the_next_new_one_may_lie_beyond_what_is_loaded(town: Town) -> None:
    ids = town.talk(60)
    with Triage(town.path, "bob", town.clock) as other:
        other.set_status(ids[:500] + ids[501:], "done")
    for name in ("newest", "worst"):
        async with console(town.path, town.clock) as driven:
            assert ids[500] not in driven.feed.ids
            await order(driven, name)
            await driven.press("semicolon")
            await driven.until(lambda: driven.feed.current == ids[500], name)
            await driven.until(lambda: driven.feed.row(driven.feed.current) is not None)


async def test_oldest_first_the_next_one_is_newer(town: Town) -> None:
    ids = town.talk(3)
    with Triage(town.path, "bob", town.clock) as other:
        other.set_status(ids[:5] + ids[6:], "done")
    async with console(town.path, town.clock) as driven:
        await order(driven, "oldest")
        await driven.press("semicolon")
        await driven.until(lambda: driven.feed.current == ids[5])
        await driven.press("semicolon")
        await driven.until(lambda: "no new one below" in driven.footer())


async def test_an_empty_list_says_that_there_is_nothing(town: Town) -> None:
    async with console(town.path, town.clock) as driven:
        await driven.press("semicolon")
        assert "there is nothing in this list" in driven.footer()


# --- words -----------------------------------------------------------------------------------------------------------


async def test_words_are_found_while_they_are_typed_and_marked(town: Town) -> None:
    ids = town.talk(2)
    async with console(town.path, town.clock) as driven:
        cursor: Style = driven.app.colours.under_cursor
        await driven.press("slash")
        assert driven.drawn()[1].lstrip().startswith("find")
        await driven.type("burn")
        await driven.until(lambda: driven.feed.current == ids[4])
        await driven.until(lambda: marked(driven, 6) == ["burning"])
        assert "stay here" in driven.footer()
        await driven.until(lambda: "2 found" in driven.drawn()[1])
        assert any(part.style and part.style.bgcolor == cursor.bgcolor for part in strips(driven)[6])
        await driven.press("enter")
        assert driven.screen.focused is driven.stream
        await driven.until(lambda: "/burn 2 found" in driven.drawn()[1])
        await driven.press("n")
        await driven.until(lambda: driven.feed.current == ids[15])
        await driven.press("n")
        await driven.until(lambda: "no match below" in driven.footer())
        await driven.press("N")
        await driven.until(lambda: driven.feed.current == ids[4])
        await driven.press("N")
        await driven.until(lambda: "no match above" in driven.footer())
        await driven.press("escape")
        await driven.until(lambda: not marked(driven, 6))
        assert "found" not in driven.drawn()[1]
        assert driven.feed.current == ids[4]


async def test_escape_goes_back_to_where_it_began(town: Town) -> None:
    ids = town.talk(2)
    async with console(town.path, town.clock) as driven:
        await driven.press("j", "slash")
        await driven.type("teardown")
        await driven.until(lambda: driven.feed.current == ids[2])
        await driven.press("escape")
        await driven.until(lambda: driven.feed.current == ids[1])
        assert driven.screen.focused is driven.stream
        assert driven.screen.find is None
        assert not marked(driven, 4)


async def test_up_and_down_go_to_the_other_ones_and_deleting_goes_back(town: Town) -> None:
    ids = town.talk(2)
    async with console(town.path, town.clock) as driven:
        await driven.press("slash")
        await driven.type("reset")
        await driven.until(lambda: driven.feed.current == ids[7])
        await driven.press("down")
        await driven.until(lambda: driven.feed.current == ids[18])
        await driven.press("up")
        await driven.until(lambda: driven.feed.current == ids[7])
        await driven.press("enter", "g", "slash")
        await driven.type("x")
        await driven.until(lambda: "no match below" in driven.drawn()[1])
        await driven.press("backspace")
        await driven.until(lambda: "no match" not in driven.drawn()[1])
        assert driven.feed.current == ids[0]


async def test_words_beyond_what_is_loaded_are_found(town: Town) -> None:
    (far,) = town.say("mastodon", "far", "a needle somewhere", ago=90_000)
    town.talk(60)
    async with console(town.path, town.clock) as driven:
        assert far not in driven.feed.ids
        await driven.press("slash")
        await driven.type("needle")
        await driven.until(lambda: driven.feed.current == far)
        await driven.press("escape")
        await driven.until(lambda: driven.feed.at_top and driven.feed.current != far)


@pytest.mark.parametrize("name", ["oldest", "worst", "endorsed"])
async def test_words_are_found_in_every_order(town: Town, name: str) -> None:
    town.talk(4)
    async with console(town.path, town.clock) as driven:
        await order(driven, name)
        await driven.press("slash")
        await driven.type("teardown")
        await driven.until(lambda: "teardown" in driven.stream.feed.row(driven.feed.current).title)
        first = driven.feed.cursor
        await driven.press("enter", "n")
        await driven.until(lambda: driven.feed.cursor > first)
        assert "teardown" in driven.stream.feed.row(driven.feed.current).title
        await driven.press("N")
        await driven.until(lambda: driven.feed.cursor == first)


async def test_words_are_found_within_the_view_only(town: Town) -> None:
    town.talk(2)
    async with console(town.path, town.clock, query="topic:rival") as driven:
        await driven.press("slash")
        await driven.type("refund")
        await driven.until(lambda: "no match below" in driven.drawn()[1])
        await driven.press("enter")
        await driven.until(lambda: "/refund 0 found" in driven.drawn()[1])


async def test_a_fault_in_what_is_looked_for_is_told(town: Town) -> None:
    town.talk()
    async with console(town.path, town.clock) as driven:
        await driven.press("slash", "quotation_mark", "a")
        await driven.until(lambda: "quot" in driven.drawn()[1])
        await driven.press("enter", "n")
        assert "nothing was looked for yet" in driven.footer()


async def test_a_long_search_goes_on_until_the_next_key(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    from listen.store.read import Reader

    town.talk(2)
    going, pause = Reader.page, threading.Event()

    def slow(self: Reader, query: tree.Node, **options: object) -> object:
        page = going(self, query, **options)  # type: ignore[arg-type]
        if "needle" not in str(query):
            return page
        pause.wait(0.04)  # as long as a search may take before it tells how far it is
        return page._replace(complete=False)

    monkeypatch.setattr(Reader, "page", slow)
    async with console(town.path, town.clock) as driven:
        await driven.press("slash")
        await driven.type("needle")
        await driven.until(lambda: "looking below for the next match" in driven.drawn()[1])
        await driven.press("enter")
        await driven.press("n")
        await driven.until(lambda: "looking below" in driven.footer())
        await driven.press("j")
        await driven.until(lambda: "the search was stopped" in driven.footer())


def test_the_last_word_may_go_on() -> None:
    assert searches.words("burn") == parse("burn*")
    assert searches.words('"burning smell"') == parse('"burning smell"')
    assert searches.words("a") == parse("a")
    assert searches.words("status:new") == parse("status:new")


async def test_the_words_stand_out_in_the_mention_that_is_read(town: Town) -> None:
    (one,) = town.say("press", "reporter", "A quiet river runs by the mill")
    async with console(town.path, town.clock) as driven:
        await driven.until(lambda: driven.screen.detail.mention_id == one)
        match = driven.app.colours.match

        def marked() -> list[str]:
            return [piece.text for line in driven.screen.detail.lines for piece in line if piece.style == match]

        assert marked() == []
        await driven.press("slash")
        await driven.type("river")
        await driven.until(lambda: marked() == ["river"])
        await driven.press("enter", "escape")
        await driven.until(lambda: marked() == [])
