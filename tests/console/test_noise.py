"""Noise in the console: folded away and counted, shown by one key, explained, and called by people."""

from __future__ import annotations

from listen.noise import Pattern
from tests.console.conftest import console
from tests.console.town import Town

SPAM = "Use promo code ACME10 for 10% off"


def judged(town: Town) -> list[int]:
    town.writer.sync_noise({"coupon": Pattern('"promo code"', "offers a coupon")})
    return town.talk() + town.say("bluesky", "shop", SPAM, ago=30)


async def test_noise_is_folded_away_counted_and_shown_by_a_key(town: Town) -> None:
    *_, spam = judged(town)
    async with console(town.path, town.clock) as driven:
        assert spam not in driven.feed.ids
        await driven.until(lambda: "1 noise hidden v" in driven.drawn()[1])
        (late,) = town.say("bluesky", "shop", f"again: {SPAM}")
        (fine,) = town.say("bluesky", "ana", "my Acme battery died")
        await driven.until(lambda: fine in driven.feed.ids)
        assert late not in driven.feed.ids
        await driven.press("v")
        await driven.until(lambda: {spam, late} <= set(driven.feed.ids))
        await driven.until(lambda: "2 noise shown v" in driven.drawn()[1])
        await driven.press("v")
        await driven.until(lambda: not {spam, late} & set(driven.feed.ids))
    async with console(town.path, town.clock, query="is:noise") as driven:
        assert driven.feed.ids == [late, spam]
        await driven.press("v")
        await driven.until(lambda: "says itself" in driven.footer())


async def test_its_reasons_are_told_and_people_call_it_otherwise(town: Town) -> None:
    *_, spam = judged(town)

    def aside() -> list[tuple[int]]:
        return town.writer.connection.execute("SELECT mention_id FROM aside").fetchall()

    async with console(town.path, town.clock, query="is:noise") as driven:
        await driven.until(lambda: "offers a coupon coupon" in driven.text())
        await driven.press("D")
        await driven.until(lambda: not aside())
        await driven.until(lambda: "no noise, says ana" in driven.text())
        await driven.press("u")
        await driven.until(lambda: aside() == [(spam,)])
        await driven.press("D", "D")
        await driven.until(lambda: "noise, says ana" in driven.text() and "no noise, says" not in driven.text())
        assert aside() == [(spam,)]
