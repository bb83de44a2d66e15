"""The sources screen tells what share of a source people dismiss."""

from __future__ import annotations

from listen.store.triage import Triage
from tests.console.conftest import console
from tests.console.town import Town

DAY = 86_400


def dealt(town: Town, source: str, days: int, dismissed: int, done: int) -> None:
    """Mentions of so many days ago, and what became of them."""
    with Triage(town.path, "ana", town.clock) as triage:
        for status, n in (("dismissed", dismissed), ("done", done)):
            ids = [one for _ in range(n) for one in town.say(source, "eve", "Acme again", ago=days * DAY)]
            triage.set_status(ids, status)


async def test_a_share_that_grows_beyond_chance_is_told_where_the_source_is(town: Town) -> None:
    town.all_good()
    dealt(town, "bluesky", 20, 1, 24)
    dealt(town, "bluesky", 2, 8, 12)
    dealt(town, "mastodon", 20, 3, 12)
    dealt(town, "press", 2, 1, 2)
    async with console(town.path, town.clock) as driven:
        await driven.press("5")
        screen = driven.screen
        await driven.until(lambda: screen.listening.channels and screen.dismissed is not None)

        async def detail_of(source: str) -> str:
            for _ in range(12):
                if screen.list.current is not None and screen.list.current.source == source:
                    break
                await driven.press("j")
            await driven.until(lambda: screen.detail.lines)
            return "\n".join("".join(piece.text for piece in line) for line in screen.detail.lines)

        await driven.press("g")
        told = await detail_of("bluesky")
        assert "20 % of 45 dealt with in 35 days" in told
        assert "4 % → 40 % dismissed, re-check, 7 days against 28" in " ".join(told.split())
        assert "topic acme: 4 % → 40 % dismissed, re-check (:check)" in " ".join(told.split())
        await driven.press("g")
        told = await detail_of("mastodon")
        assert "20 % of 15 dealt with" in told
        assert "→" not in told
        await driven.press("g")
        assert "dealt with" not in await detail_of("press"), "few say nothing"
