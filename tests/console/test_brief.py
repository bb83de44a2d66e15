"""The first card of the day: shown once, left by a key, opened again from the palette; what waits is passed over."""

from __future__ import annotations

import pytest

from listen.service import Desk
from listen.store.triage import Triage
from tests.console.conftest import Driven, console
from tests.console.town import NOW, Town

DAY = 86_400


def drawn(driven: Driven) -> str:
    return "\n".join(driven.drawn())


def visit(town: Town, at: float) -> None:
    town.clock.at = at
    with Triage(town.path, "ana", town.clock) as people:
        people.here()
    town.clock.at = NOW


def statuses(town: Town) -> dict[str, int]:
    rows = town.writer.connection.execute("SELECT status, count(*) FROM triage GROUP BY status").fetchall()
    return {"skipped": dict(rows).get(4, 0)}


async def carded(driven: Driven) -> None:
    await driven.until(lambda: type(driven.screen).__name__ == "BriefCard", "no card")
    await driven.until(lambda: "mentions of your topics" in drawn(driven), "nothing on the card")


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_the_first_card_of_a_day_passes_over_what_waits_and_nothing_else(
    town: Town, size: tuple[int, int]
) -> None:
    town.writer.sync_desks([Desk("care", "refund", 3_600.0)])
    visit(town, NOW - DAY)
    ids = town.talk()
    async with console(town.path, town.clock, size=size, wait=False, greets=True) as driven:
        await carded(driven)
        assert "since you were here" in drawn(driven)
        waits = len(ids) - 1  # one is promised an answer
        assert f"{waits} wait: pass over them" in drawn(driven)
        town.say("press", "late", "came in meanwhile")
        await driven.press("p")
        await driven.until(lambda: statuses(town)["skipped"] == waits, "they are not skipped")
        await driven.until(lambda: f"skipped: {waits} mentions" in driven.footer(), driven.footer())
        assert type(driven.screen).__name__ == "StreamScreen"
        await driven.press("u")
        await driven.until(lambda: statuses(town)["skipped"] == 0, "one step takes all of it back")


async def test_there_is_no_card_twice_a_day_nor_for_somebody_new_and_the_palette_has_it(town: Town) -> None:
    town.talk()
    async with console(town.path, town.clock, greets=True) as driven:
        assert type(driven.screen).__name__ == "StreamScreen"
        assert not list(driven.app.workers)
    visit(town, NOW - 600)
    async with console(town.path, town.clock, greets=True) as driven:
        assert not list(driven.app.workers)
        await driven.press("colon")
        await driven.type("brief")
        await driven.press("enter")
        await carded(driven)
        await driven.press("enter")
        assert type(driven.screen).__name__ == "StreamScreen"
