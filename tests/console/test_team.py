"""A console among those of others on one store: who is away, who is where, who was quicker."""

from __future__ import annotations

from listen import absence
from listen.absence import Absence
from listen.store.triage import Triage
from tests.console.conftest import console
from tests.console.town import Town


async def test_who_covers_finds_what_waits_for_who_is_away_and_who_gives_them_more_is_told(town: Town) -> None:
    ids = town.talk()
    people = {"bob": Absence("2026-12-01", "ana"), "chloe": Absence("2026-11-20", "ana")}
    town.writer.set_state("people", absence.written(people))
    with Triage(town.path, "dan", town.clock) as dan:
        dan.assign(ids[:2], "bob")
    async with console(town.path, town.clock, size=(140, 40), query="assignee:bob") as driven:
        await driven.until(lambda: "bob’s" in driven.text(), "the queue of who is away")
        line = next(line for line in driven.drawn() if "bob’s" in line)
        assert "chloe" not in driven.text(), "who was away yesterday is back"
        await driven.until(lambda: "2" in next(line for line in driven.drawn() if "bob’s" in line)[:40], line)
        await driven.until(lambda: "away until 1 Dec, ana covers" in driven.text(), "what the detail says")
        await driven.press("e", "ctrl+u")
        await driven.type("@chloe")
        await driven.press("enter")
        await driven.until(lambda: "given to chloe" in driven.footer(), "nobody is told of somebody who is there")
        assert "away" not in driven.footer()
        await driven.press("e", "ctrl+u")
        await driven.type("@bob")
        await driven.press("enter")
        await driven.until(lambda: "given to bob, away until 1 Dec, ana covers" in driven.footer(), "a warning")
