"""Orders and time windows, driven by keys on a real store."""

from __future__ import annotations

import pytest

from listen.console import pages
from listen.console.view import View, window_of, windowed
from listen.query import parse
from listen.store.read import Reader
from tests.console.conftest import Driven, console
from tests.console.town import Town


def scores(town: Town, ids: list[int]) -> list[int | None]:
    with Reader(town.path) as reader:
        return [row.score for row in reader.rows(ids)]


async def order(driven: Driven, name: str) -> None:
    """Press O until that order is shown."""
    while driven.screen.view.order != name:
        await driven.press("O")
    await driven.until(lambda: driven.screen.view.loaded and driven.feed.order == name)


async def test_the_orders_one_after_the_other(town: Town) -> None:
    ids = town.talk(3)
    (liked,) = town.say("bluesky", "star", "everybody likes it", likes=900, reposts=90, replies=9, ago=500)
    async with console(town.path, town.clock) as driven:
        assert "first" not in driven.drawn()[1]
        await driven.press("O")
        await driven.until(lambda: driven.feed.ids[:1] == ids[-1:])
        assert driven.feed.ids == sorted([*ids, liked])
        assert "oldest first" in driven.drawn()[1]
        assert "O again: worst first" in driven.footer()
        await order(driven, "worst")
        told = scores(town, driven.feed.ids)
        known = [one for one in told if one is not None]
        assert known == sorted(known)
        assert told[: len(known)] == known, "what was not scored comes last"
        assert "34 mentions · worst first" in driven.drawn()[1]
        await order(driven, "endorsed")
        assert driven.feed.current == liked
        assert "everybody likes it" in driven.drawn()[2]
        await order(driven, "newest")
        assert driven.feed.following
        assert "following" in driven.drawn()[1]


@pytest.mark.parametrize("name", ["oldest", "worst", "endorsed"])
async def test_in_another_order_nothing_is_put_in(town: Town, name: str) -> None:
    town.talk(3)
    async with console(town.path, town.clock) as driven:
        await order(driven, name)
        before, rows = list(driven.feed.ids), driven.drawn()[2:12]
        (late,) = town.say("bluesky", "newcomer", "just now", score=-990, likes=10_000)
        await driven.until(lambda: "+1 new · R shows them" in driven.drawn()[1])
        assert driven.feed.ids == before
        assert driven.drawn()[2:12] == rows
        assert "34 mentions" in driven.drawn()[1]
        await driven.press("R")
        await driven.until(lambda: late in driven.feed.ids)
        assert driven.screen.view.order == name
        assert "new" not in driven.drawn()[1].split("mentions")[1]


async def test_a_refresh_in_another_order_keeps_the_place(town: Town) -> None:
    town.talk(6)
    async with console(town.path, town.clock) as driven:
        for name in ("oldest", "worst"):
            await order(driven, name)
            await driven.press("G", "k", "k")
            current = driven.feed.current
            await driven.press("R")
            await driven.until(lambda: driven.screen.view.loaded)
            assert driven.feed.current == current


async def test_the_oldest_first_goes_on_to_the_newest_and_back(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("listen.console.feed.LIMIT", 300)
    ids = town.talk(50)
    async with console(town.path, town.clock, size=(120, 160)) as driven:
        await order(driven, "oldest")
        assert not driven.feed.oldest
        await driven.press("G")
        await driven.until(lambda: driven.feed.current == ids[0])
        while driven.feed.current != ids[-1]:
            await driven.press("pageup")
            await driven.until(lambda: driven.feed.cursor > 0 or driven.feed.newest)
        assert driven.feed.at_top
        while driven.feed.current != ids[0]:
            await driven.press("pagedown")
            await driven.until(lambda: driven.feed.cursor < len(driven.feed) - 1 or driven.feed.oldest)


async def test_an_order_stays_when_the_view_changes(town: Town) -> None:
    town.talk(2)
    async with console(town.path, town.clock) as driven:
        await order(driven, "worst")
        await driven.press("J")
        await driven.until(lambda: driven.screen.view.loaded)
        assert driven.screen.view.topic is not None
        assert "worst first" in driven.drawn()[1]


async def test_a_big_view_says_over_what_it_was_ranked(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "RANKING", 0.0)
    monkeypatch.setattr(pages, "SLICE", -1.0)
    town.talk(100)
    async with console(town.path, town.clock) as driven:
        await driven.press("O", "O")
        await driven.until(lambda: driven.screen.view.loaded and driven.screen.view.order == "worst")
        view = driven.screen.view
        assert view.ranked_to, "there was no time to look at all"
        assert " worst back to " in driven.drawn()[1]
        wanted = [one for one in town_ids(town) if one >= view.ranked_to]
        assert sorted(driven.feed.ids) == sorted(wanted)


async def test_any_key_ends_a_long_ranking_and_shows_what_was_found(town: Town, monkeypatch) -> None:
    monkeypatch.setattr(pages, "RANKING", 60.0)
    monkeypatch.setattr(pages, "SLICE", -1.0)
    going = Reader.ranked

    def slow(self: Reader, *args: object, **options: object) -> object:
        found = going(self, *args, **options)  # type: ignore[arg-type]
        return found._replace(complete=False)

    monkeypatch.setattr(Reader, "ranked", slow)
    town.talk(10)
    async with console(town.path, town.clock) as driven:
        await driven.press("O", "O")
        await driven.until(lambda: "looking for the worst" in driven.drawn()[1])
        assert len(driven.drawn()[2]) > 20, "what was there stays until then"
        await driven.until(lambda: driven.screen.view.ranking)
        await driven.press("j")
        await driven.until(lambda: driven.screen.view.loaded)
        assert "looking" not in driven.drawn()[1]


def town_ids(town: Town) -> list[int]:
    with Reader(town.path) as reader:
        return reader.page(parse(""), limit=5_000, budget=None, now=town.clock.now()).ids


# --- the time window -------------------------------------------------------------------------------------------------


async def test_shorter_and_longer_time_windows(town: Town) -> None:
    near = town.say("mastodon", "near", "a minute ago", ago=60)
    today = town.say("mastodon", "today", "hours ago", ago=20 * 3600)
    week = town.say("mastodon", "week", "days ago", ago=5 * 86_400)
    old = town.say("mastodon", "old", "long ago", ago=90 * 86_400)
    async with console(town.path, town.clock) as driven:
        assert len(driven.feed) == 4
        for window, wanted in (
            ("30d", near + today + week),
            ("7d", near + today + week),
            ("24h", near + today),
            ("6h", near),
            ("1h", near),
        ):
            await driven.press("less_than_sign")
            await driven.until(lambda wanted=wanted: driven.screen.view.loaded and driven.feed.ids == wanted, window)
            assert f"since:{window}" in driven.drawn()[1]
        await driven.press("less_than_sign")
        assert "the last hour is the shortest time window" in driven.footer()
        for _ in range(5):
            await driven.press("greater_than_sign")
        await driven.until(lambda: driven.feed.ids == near + today + week + old)
        assert "since:" not in driven.drawn()[1]
        await driven.press("greater_than_sign")
        assert "all of it is shown already" in driven.footer()


async def test_a_time_window_keeps_the_place_and_goes_along_to_other_views(town: Town) -> None:
    ids = town.talk(2)
    async with console(town.path, town.clock) as driven:
        await driven.press("j", "j", "j", "less_than_sign")
        await driven.until(lambda: driven.screen.view.loaded)
        assert driven.feed.current == ids[3]
        await driven.press("J")
        await driven.until(lambda: driven.screen.view.loaded)
        assert driven.screen.view.text == "topic:acme since:30d"
        assert driven.screen.topic == "acme"


async def test_a_queue_is_shown_as_a_whole_whatever_the_time_window(town: Town) -> None:
    town.talk()
    town.writer.sync_views([("to do", "topic:acme", True)])
    async with console(town.path, town.clock, query="topic:rival since:1h") as driven:
        await driven.until(lambda: any(entry.name == "to do" for entry in driven.screen.side.entries))
        await driven.press("colon")
        await driven.type("to do")
        await driven.press("enter")
        await driven.until(lambda: driven.screen.view.text == "topic:acme status:new")


@pytest.mark.parametrize(
    ("text", "window", "wanted"),
    [
        ("", "24h", "since:24h"),
        ("topic:acme", "24h", "topic:acme since:24h"),
        ("topic:acme since:24h", "7d", "topic:acme since:7d"),
        ("topic:acme since:24h", "", "topic:acme"),
        ("since:1h", "", ""),
        ("a OR b", "1h", "(a OR b) since:1h"),
        ("(a OR b) since:1h", "6h", "(a OR b) since:6h"),
        ("a OR b since:1h", "6h", "(a OR b since:1h) since:6h"),
        ('"x since:1h"', "6h", '"x since:1h" since:6h'),
        ("a since:2h", "6h", "a since:2h since:6h"),
        ("a <<< b >>>", "6h", "a <<< b >>> since:6h"),
        ("-toy", "6h", "-toy since:6h"),
    ],
)
def test_the_window_in_the_query(text: str, window: str, wanted: str) -> None:
    assert windowed(text, window) == wanted
    assert window_of(wanted)[1] == window
    parse(wanted)


def test_a_view_knows_its_window() -> None:
    assert View.of(1, "topic:acme since:7d").window == "7d"
    assert View.of(1, "topic:acme since:7d").topic == "acme"
    assert View.of(1, "topic:acme since:2026-01-01").window == ""
