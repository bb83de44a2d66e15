"""Tags, notes and who takes care of a mention, typed in the console."""

from __future__ import annotations

import pytest

from listen.console.working import Edit, edited, offers, shown, word_at
from listen.store.triage import Triage
from tests.console.conftest import Driven, console
from tests.console.town import Town


def tags(town: Town, one: int) -> list[str]:
    rows = town.writer.connection.execute("SELECT name FROM tags WHERE mention_id = ? ORDER BY key", (one,))
    return [name for (name,) in rows]


async def typed(driven: Driven, key: str, text: str) -> None:
    """Type a text after a verb, and apply it."""
    await driven.press(key)
    await driven.until(lambda: driven.screen.naming is not None)
    await driven.type(text)
    await driven.press("enter")
    await driven.until(lambda: driven.screen.naming is None)


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_tags_are_completed_given_drawn_and_taken_away(town: Town, size: tuple[int, int]) -> None:
    ids = town.talk()
    with Triage(town.path, "bob", town.clock) as bob:
        bob.tag(ids[3:6], "press")
        bob.tag(ids[3:4], "premium")
    async with console(town.path, town.clock, size=size) as driven:
        await driven.press("t")
        await driven.until(lambda: driven.screen.naming is not None)
        await driven.type("vip pre")
        await driven.until(lambda: "press  premium" in driven.text())
        await driven.press("tab", "tab", "shift+tab")
        assert driven.screen.naming.input.value == "vip press"
        await driven.press("enter")
        await driven.until(lambda: tags(town, ids[0]) == ["press", "vip"])
        assert "[press vip]" in driven.drawn()[2]
        assert "tagged vip, tagged press: claire" in driven.footer()
        if size[1] > 24:
            await driven.until(lambda: any("tags        press vip" in line for line in driven.drawn()))
        await typed(driven, "t", "-vip")
        await driven.until(lambda: tags(town, ids[0]) == ["press"])
        assert "[press]" in driven.drawn()[2]
        await driven.press("j", "full_stop", "k", "u", "u")
        await driven.until(lambda: tags(town, ids[0]) == [])
        await driven.until(lambda: "[" not in driven.drawn()[2])


async def test_marked_ones_are_one_step_and_the_verb_is_repeated_elsewhere(town: Town) -> None:
    ids = town.talk()
    async with console(town.path, town.clock) as driven:
        await driven.press("space", "space")
        await typed(driven, "t", "vip")
        await driven.until(lambda: tags(town, ids[1]) == ["vip"])
        assert tags(town, ids[0]) == ["vip"]
        assert driven.feed.current == ids[2]
        await driven.press("full_stop")
        await driven.until(lambda: tags(town, ids[2]) == ["vip"])
        await driven.press("u", "u")
        await driven.until(lambda: tags(town, ids[0]) == tags(town, ids[1]) == tags(town, ids[2]) == [])


async def test_a_note_and_a_person_are_shown_with_who_and_when_and_changed(town: Town) -> None:
    ids = town.talk()
    async with console(town.path, town.clock) as driven:
        await typed(driven, "e", "@Bo wants money back")
        await driven.until(lambda: "wants money back   by ana 14:32" in driven.text())
        assert "[✎ @bo]" in driven.drawn()[2]
        assert "given to bo by ana 14:32" in driven.text()
        await driven.press("e")
        await driven.until(lambda: driven.screen.naming is not None)
        assert driven.screen.naming.input.value == "@bo wants money back"
        await driven.press("ctrl+u")
        await driven.type("got it")
        await driven.press("enter")
        await driven.until(lambda: "got it   by ana" in driven.text())
        read = town.writer.connection.execute("SELECT assignee FROM triage WHERE mention_id = ?", (ids[0],)).fetchall()
        assert read == [], "what is not in the line any more is taken away"
        await driven.press("u")
        await driven.until(lambda: "wants money back" in driven.text() and "[✎ @bo]" in driven.drawn()[2])


async def test_what_is_no_tag_is_told_below_and_leaving_changes_nothing(town: Town) -> None:
    ids = town.talk()
    async with console(town.path, town.clock) as driven:
        await driven.press("t")
        await driven.until(lambda: driven.screen.naming is not None)
        await driven.type("a:b")
        await driven.press("enter")
        await driven.until(lambda: "a:b is no tag: a tag is one word" in driven.text())
        await driven.press("escape")
        await driven.until(lambda: driven.screen.naming is None)
        await typed(driven, "e", "  ")
        assert "nothing was changed" in driven.footer()
        assert tags(town, ids[0]) == []
        assert town.writer.connection.execute("SELECT count(*) FROM journal").fetchone() == (0,)


async def test_who_may_only_read_is_told_so(town: Town) -> None:
    town.talk()
    async with console(town.path, town.clock, read_only=True) as driven:
        for key in ("t", "e"):
            await driven.press(key)
            await driven.until(lambda: "this console only reads" in driven.footer())
            assert driven.screen.naming is None


@pytest.mark.parametrize(
    ("text", "note", "person", "whole", "meant"),
    [
        ("@bo call", "", None, True, Edit("call", "bo")),
        ("@Bo call", "call", "bo", True, Edit()),
        ("call", "call", "bo", True, Edit(None, "")),
        ("", "call", "bo", True, Edit("", "")),
        ("@bo", "call", "bo", True, Edit("", None)),
        ("note: @bo says", "", None, True, Edit("@bo says", None)),
        ("two lines", "two\nlines", None, True, Edit()),
        ("", "", None, False, Edit()),
        ("@ ", "", None, False, Edit(None, "")),
        ("note:", "", None, False, Edit("", None)),
        ("@bo", "", None, False, Edit(None, "bo")),
        ("call", "", None, False, Edit("call", None)),
    ],
)
def test_what_is_typed_says_what_changes(text: str, note: str, person: str | None, whole: bool, meant: Edit) -> None:
    assert edited(text, note, person, all_of_it=whole) == meant
    assert edited(shown(note, person), note, person) == Edit()


def test_a_dash_offers_what_the_mentions_have_and_a_word_what_is_known() -> None:
    known, has = ["press", "premium", "vip"], ["vip", "old"]
    assert offers(word_at("x, #PRE", 7, "tag"), known, has) == ["press", "premium"]
    assert offers(word_at("-", 1, "tag"), known, has) == ["vip", "old"]
    assert offers(word_at("", 0, "tag"), known, has) == known
    assert offers(word_at("@a", 2, "assignee"), ["ana"]) == ["ana"]
    assert offers(word_at("@ana a", 6, "assignee"), ["ana"]) == []
