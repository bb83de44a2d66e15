"""`:quality`: a random sample that is labelled blind."""

from __future__ import annotations

from contextlib import closing

from listen.store.sqlite import sqlite3
from tests.console.conftest import Driven, console
from tests.console.town import Town


def labels(town: Town) -> dict[int, int]:
    with closing(sqlite3.connect(town.path)) as connection:
        return dict(connection.execute("SELECT mention_id, tone FROM blind").fetchall())


async def opened(driven: Driven) -> None:
    await driven.press("colon")
    await driven.type("quality")
    await driven.press("enter")
    await driven.until(lambda: type(driven.screen).__name__ == "Quality")
    await driven.until(lambda: driven.screen.ready and driven.screen.detail.lines, "a sample")


async def test_a_sample_is_labelled_blind_and_its_figure_stands_in_the_header(town: Town) -> None:
    acme = town.topics["acme"]
    bad = [
        town.say(
            "mastodon", "claire", f"Acme is terrible \x1b[31m{n}", score=-480, hits=1, topics={acme: -480}, ago=60 * n
        )[0]
        for n in range(30)
    ]
    good = [
        town.say("bluesky", "devon", f"Acme is fine {n}", score=200, hits=1, topics={acme: 200}, ago=60 * n)[0]
        for n in range(25)
    ]
    async with console(town.path, town.clock, size=(120, 30), query="topic:acme") as driven:
        await opened(driven)
        assert "50 of all 55 at random (seed 1)" in driven.text()
        await driven.until(lambda: "Acme is" in driven.text(), "the mention")
        assert not {"sentiment", "-0.48", "+0.20", "why"} & set(driven.text().split()), "nothing that is computed"
        assert "\x1b" not in driven.text()
        await driven.press("0")
        first = driven.screen.steps.ids[0]
        await driven.until(lambda: labels(town) == {first: 0}, "the label in the store")
        await driven.press("u", "semicolon", "comma", "a", "d")
        await driven.until(lambda: labels(town) == {}, "taken back")
        assert driven.screen.steps.current == first
        for at in range(50):
            one = driven.screen.steps.current
            await driven.press("minus" if one in bad or at < 5 else "plus")
        await driven.until(lambda: "Cohen's kappa" in driven.text(), "the figures")
        assert "accuracy" in driven.text()
        assert "estimated without the errors" in driven.text()
        assert len(labels(town)) == 50
        with closing(sqlite3.connect(town.path)) as connection:
            assert connection.execute("SELECT count(*) FROM corrections").fetchone() == (0,)
        await driven.press("escape")
        await driven.until(lambda: type(driven.screen).__name__ == "StreamScreen")
        await driven.until(lambda: "measured" in driven.drawn()[0], "the figure in the header")
        assert "% ±" in driven.drawn()[0]
        assert set(good) | set(bad) >= labels(town).keys()


async def test_little_room_nothing_found_and_only_reading(town: Town) -> None:
    town.say("mastodon", "claire", "Acme", ago=60)
    async with console(town.path, town.clock, size=(40, 10), query="zzz", read_only=True) as driven:
        await opened(driven)
        await driven.until(lambda: "nothing to label" in driven.text())
        await driven.press("plus")
        assert "no mention to label" in driven.footer()
        await driven.press("escape")
    async with console(town.path, town.clock, size=(60, 20), read_only=True) as driven:
        await opened(driven)
        await driven.press("plus")
        await driven.until(lambda: "too few" in driven.text())
        assert labels(town) == {}
