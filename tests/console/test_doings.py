"""The log of what was done, and tags renamed from the palette."""

from __future__ import annotations

from listen.service import Desk
from listen.store import duties
from listen.store.triage import Triage
from tests.console.conftest import console
from tests.console.test_marks import statuses
from tests.console.town import Town


async def test_steps_are_listed_and_each_is_taken_back_where_it_stands(town: Town) -> None:
    ids = town.talk()
    with Triage(town.path, "bob", town.clock) as bob:
        bob.tag(ids[:3], "vip")
    with town.writer.transaction():
        duties.act(town.writer.connection, Desk("care", "", assign="chloe"), ids[3:5], int(town.clock.now()))
    async with console(town.path, town.clock, size=(80, 24)) as driven:
        await driven.press("colon")
        await driven.type("mark TV [b]ad")
        await driven.press("enter")
        await driven.until(lambda: "mark set: TV [b]ad, now, for all topics" in driven.footer())
        await driven.press("u")
        await driven.until(lambda: "undone: 1 mark set: TV [b]ad" in driven.footer())
        await driven.press("3", "colon")
        await driven.type("mark fair")
        await driven.press("enter")
        await driven.until(lambda: "mark set: fair, now, for all topics" in driven.text())
        await driven.press("1")
        await driven.press("a", "d")
        await driven.until(lambda: statuses(town) == {ids[0]: "done", ids[1]: "dismissed"})
        await driven.press("colon")
        await driven.type("tag rename vip customer")
        await driven.press("enter")
        await driven.until(lambda: "3 vip renamed to customer" in driven.footer())
        await driven.press("colon")
        await driven.type("log")
        await driven.press("enter")
        await driven.until(lambda: "what you did" in driven.text())
        await driven.until(lambda: "vip renamed to customer" in driven.text() and "dismissed" in driven.text())
        assert "mark set: TV [b]ad" in driven.text()
        await driven.press("j", "j", "u")
        await driven.until(lambda: statuses(town) == {ids[1]: "dismissed"})
        await driven.until(lambda: "taken back" in driven.text())
        await driven.press("tab", "G")
        await driven.until(lambda: "what everybody did" in driven.text() and "bob" in driven.text())
        await driven.press("enter")
        await driven.until(lambda: "that was bob: only they take it back" in driven.text())
        await driven.press("k")
        await driven.until(lambda: "desk care" in driven.text())
        await driven.press("u")
        await driven.until(
            lambda: "undone: 2 given to chloe" in driven.footer(), "what a desk did is anybody's to undo"
        )
        await driven.press("U")
        await driven.until(lambda: "redone: 2 given to chloe" in driven.footer(), "and theirs to do again")
        await driven.press("escape")
        await driven.until(lambda: "[customer]" in driven.drawn()[2])
        await driven.press("colon")
        await driven.type("tag rename nothing x")
        await driven.press("enter")
        await driven.until(lambda: "no mention has the tag nothing" in driven.footer())
