"""The sources screen, driven by keys on a real store: what is drawn, and what is stored."""

from __future__ import annotations

import json
import re

import pytest

from listen.console.panels import rejects
from listen.console.screens import sources as sources_screen
from listen.store import requests, switches
from listen.store.layout import NEVER
from listen.store.mirror import ChannelUpdate
from listen.store.read import Reader
from listen.store.triage import Triage
from listen.text import clean
from tests.console.conftest import Driven, console
from tests.console.hostile import FORBIDDEN, TEXTS
from tests.console.town import NOW, SOURCES, Town
from tests.store.posts import make_post

FEEDS = ("lemonde.example", "heise.example", "gone.example")


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources_screen, "LOOK", 0.1)


def feeds(town: Town, *labels: str) -> dict[str, int]:
    """The source `press` gets these channels; label -> id."""
    with Reader(town.path) as reader:
        number = next(source.id for source in reader.sources() if source.name == "press")
    rows = town.writer.sync_channels(number, [(f"https://{label}/feed", label) for label in labels])
    return {row.label: row.id for row in rows.values()}


def health(town: Town, channel: int, **changed: object) -> None:
    town.writer.update_channel(channel, ChannelUpdate(**changed))  # type: ignore[arg-type]


def press(town: Town) -> dict[str, int]:
    """One feed that is well, one that fails, one that is not asked any more."""
    town.all_good()
    town.writer.connection.execute("UPDATE channels SET active = 0 WHERE id = ?", (town.channels["press"],))
    found = feeds(town, *FEEDS)
    health(town, found["lemonde.example"], good_at=NOW - 190, checked_at=NOW - 190, next_at=NOW + 40,
           heard=(NOW - 86_400, NOW - 190), rate_left=58, rate_reset_at=NOW + 480)  # fmt: skip
    health(town, found["heise.example"], good_at=NOW - 3 * 86_400, checked_at=NOW - 40, next_at=NOW + 1_900, errors=5,
           error_reason="http-503", error="heise.example answers 503", error_remedy="it is asked again by itself",
           error_at=NOW - 40)  # fmt: skip
    health(town, found["gone.example"], checked_at=NOW - 9, next_at=NEVER, errors=1, error_reason="gone",
           error="it is gone for good", error_remedy="look for its new address", error_at=NOW - 9)  # fmt: skip
    return found


def line(driven: Driven, name: str) -> str:
    """The line of the list that shows a name."""
    found = [one for one in driven.drawn()[2:] if re.search(rf"\b{re.escape(name)}\b", one)]
    return found[0] if found else ""


async def on(driven: Driven, name: str) -> None:
    """Put the cursor on the line of a source or channel."""
    found = (one.key for one in driven.screen.list.entries if name == (one.label if one.nested else one.source))
    driven.screen.list.go_to(next(found))
    await driven.pilot.pause()


async def go(driven: Driven) -> None:
    """To the sources screen, with everything read."""
    await driven.press("5")
    await driven.until(lambda: driven.screen.list.entries)


# --- going between screens -------------------------------------------------------------------------------------------


async def test_screens_are_gone_to_by_their_keys_and_keep_their_state(town: Town) -> None:
    town.talk(5)
    press(town)
    async with console(town.path, town.clock) as driven:
        await driven.press("j", "j", "j")
        at, stream = driven.feed.current, driven.screen
        await go(driven)
        await driven.press("j", "j", "O", "z")
        chosen = driven.screen.list.current.key
        for key in ("1", "5", "q", "left_parenthesis", "escape", "escape", "5", "ampersand"):
            await driven.press(key)
        assert driven.screen is stream
        assert driven.feed.current == at
        await driven.press("5")
        assert driven.screen.list.current.key == chosen
        assert driven.screen.order.name == "name"
        await driven.press("5")
        assert len(driven.app.screen_stack) == 2


async def test_what_arrives_meanwhile_is_in_the_stream_and_paints_nothing(town: Town) -> None:
    town.talk()
    press(town)
    async with console(town.path, town.clock) as driven:
        stream = driven.stream
        await go(driven)
        painted: list[int] = []
        draw = stream.render_line
        stream.render_line = lambda y: painted.append(y) or draw(y)
        town.say("bluesky", "newcomer", "while you were away")
        await driven.until(lambda: len(driven.feed) == 12)
        await driven.press("j", "k")
        assert not painted
        await driven.press("1")
        await driven.until(lambda: "while you were away" in driven.drawn()[2])
        assert "12 mentions · following" in driven.drawn()[1]


async def test_a_terminal_that_was_resized_meanwhile_fits_both(town: Town) -> None:
    town.talk()
    press(town)
    async with console(town.path, town.clock, size=(80, 24)) as driven:
        await go(driven)
        await driven.pilot.resize_terminal(170, 50)
        await driven.until(lambda: driven.screen.has_class("-wide"))
        assert driven.screen.detail.region.x > 90
        await driven.press("1")
        await driven.until(lambda: driven.screen.has_class("-wide"))
        assert len(driven.drawn()) == 50


# --- what is drawn ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60), (240, 70), (40, 12), (20, 6)])
async def test_every_size_shows_what_needs_care_first(town: Town, size: tuple[int, int]) -> None:
    town.talk(3)
    press(town)
    async with console(town.path, town.clock, size=size, wait=size[1] > 15) as driven:
        await go(driven)
        lines = driven.drawn()
        assert len(lines) == size[1]
        assert "▌" in lines[2]
        assert "✗" in lines[2]
        if size[0] >= 80:
            assert "4 of 6 heard" in lines[0]
            assert "2 failing" in lines[0]
            assert "mention an hour" in lines[0]
            assert re.search(r"state +name +last good +next check +/h heard", lines[1])
            assert re.search(r"† dead +gone.example +never +not by itself +0 +0% +×1", line(driven, "gone.example"))
            assert re.search(r"✗ failing +heise.example +3 d ago +in 31 min +0 +0% +×5", line(driven, "heise.example"))
            assert re.search(r"● ok +lemonde.example +3 min ago +in 40 s +0 +98%", line(driven, "lemonde.example"))


async def test_the_detail_tells_what_is_wrong_since_when_and_what_to_do(town: Town) -> None:
    found = press(town)
    town.writer.add_rejects(found["lemonde.example"], [("no date", "the entry has no date", "<entry>")])
    async with console(town.path, town.clock) as driven:
        await go(driven)
        await on(driven, "heise.example")
        text = driven.text()
        assert "✗ failing 5 times in a row, last 40 s ago; no good answer since Wed 14:32" in text
        assert re.search("problem +heise.example answers 503", text)
        assert re.search("what to do +it is asked again by itself", text)
        assert "https://heise.example/feed" in text
        await on(driven, "lemonde.example")
        await driven.until(lambda: re.search("set aside +14:32 no date ×1: the entry has no date", driven.text()))
        assert "58 until 14:40" in driven.text()


async def test_settings_are_shown_and_secrets_are_not(town: Town) -> None:
    town.all_good()
    names = [("mastodon", "mastodon", {"host": "mastodon.social", "tags": ["acme", "x"], "token": "canary-one",
              "headers": {"a": "canary-two"}, "api_key": "canary-three"})]  # fmt: skip
    town.writer.sync_sources(names)
    async with console(town.path, town.clock, size=(200, 60)) as driven:
        await go(driven)
        await on(driven, "mastodon")
        assert "settings    host = mastodon.social · tags = acme, x" in driven.text()
        assert "canary" not in driven.text()


async def test_times_go_on_and_what_changes_is_shown(town: Town) -> None:
    found = press(town)
    async with console(town.path, town.clock) as driven:
        await go(driven)
        assert "in 40 s" in line(driven, "lemonde.example")
        town.clock.at += 20
        await driven.until(lambda: "in 20 s" in line(driven, "lemonde.example"))
        health(town, found["heise.example"], errors=0, error=None, good_at=NOW + 20, next_at=NOW + 60)
        await driven.until(lambda: re.search("● ok +heise.example", driven.text()))
        assert "5 of 6 heard" in driven.drawn()[0]


async def test_a_clock_that_jumps_breaks_nothing(town: Town) -> None:
    found = press(town)
    async with console(town.path, town.clock) as driven:
        await go(driven)
        town.clock.at -= 10 * 86_400
        await driven.until(lambda: "ahead" in line(driven, "lemonde.example"))
        town.clock.at += 4_000 * 86_400
        await driven.until(lambda: "now" in line(driven, "lemonde.example"))
        health(town, found["lemonde.example"], good_at=2**62, next_at=2**62, error_at=-(2**62), rate_reset_at=2**62)
        await on(driven, "lemonde.example")
        await driven.until(lambda: "not by itself" in line(driven, "lemonde.example"))


async def test_mentions_an_hour_are_those_of_the_last_day(town: Town) -> None:
    found = press(town)
    posts = [make_post(f"p{n}", "acme", network="press", published_at=NOW - 60 * n) for n in range(120)]
    town.writer.add(found["lemonde.example"], posts, seen_at=NOW)
    async with console(town.path, town.clock) as driven:
        await go(driven)
        await driven.until(lambda: re.search(r" 5\.0 +98%", line(driven, "lemonde.example")))
        assert "5 mentions an hour" in driven.drawn()[0]


async def test_a_store_without_sources_says_what_to_do(town: Town) -> None:
    town.writer.connection.execute("DELETE FROM channels")
    async with console(town.path, town.clock, size=(80, 24)) as driven:
        await driven.press("5")
        await driven.until(lambda: "Nothing is listened to yet." in driven.text())
        assert "listen init BRAND" in driven.text()
        for key in ("j", "G", "enter", "T", "x", "O", "z", "R", "tab"):
            await driven.press(key)
        assert driven.screen.list.current is None


async def test_a_store_that_is_not_there_is_told_calmly(town: Town, tmp_path) -> None:
    async with console(tmp_path / "missing.db", town.clock, wait=False) as driven:
        await driven.press("5")
        await driven.until(lambda: "The store cannot be read." in driven.text())


async def test_nothing_foreign_bites(town: Town) -> None:
    town.all_good()
    found = feeds(town, *(clean(text, 500, lines=False)[0] for text in TEXTS))
    for number in found.values():
        text = clean(TEXTS[number % len(TEXTS)], 500)[0]
        health(town, number, errors=3, error=text, error_remedy=text, error_reason=text, next_at=NOW + 5)
        town.writer.add_rejects(number, [(text, text, text)])
    async with console(town.path, town.clock) as driven:
        await go(driven)
        seen = 0
        for _ in range(len(found) + 6):
            await driven.press("j")
            seen += sum(len(one) for one in driven.drawn())
            assert not FORBIDDEN.search("".join(driven.drawn()))
        assert seen
        for width in (30, 60, 200):
            await driven.pilot.resize_terminal(width, 40)
            await driven.pilot.pause()
            assert not FORBIDDEN.search("".join(driven.drawn()))
        rejects(driven.app, driven.screen.desk)
        await driven.until(lambda: driven.screen.text.lines)
        for _ in range(30):
            assert not FORBIDDEN.search("".join(driven.drawn()))
            await driven.press("pagedown")


async def test_five_hundred_channels_are_painted_as_fast_as_ten(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources_screen, "LOOK", 1_000)
    town.all_good()
    feeds(town, *(f"feed{n:03}.example" for n in range(500)))
    async with console(town.path, town.clock, size=(120, 40)) as driven:
        await go(driven)
        assert "501 channels" in line(driven, "press")
        await driven.press("G")
        drawn: list[object] = []
        draw = driven.screen.list._draw
        driven.screen.list._draw = lambda *one: drawn.append(one) or draw(*one)
        await driven.press("k")
        assert 0 < len(drawn) <= 3 * driven.screen.list.size.height
        await driven.press("f")
        await driven.type("feed123")
        await driven.until(lambda: len(driven.screen.list.entries) == 2)


# --- order and names -------------------------------------------------------------------------------------------------


async def test_other_orders_keep_the_cursor_where_it_is(town: Town) -> None:
    press(town)
    town.talk(5)
    async with console(town.path, town.clock) as driven:
        await go(driven)

        def names() -> list[str]:
            return [entry.source for entry in driven.screen.list.entries if not entry.nested]

        assert names()[0] == "press"
        await on(driven, "lemonde.example")
        await driven.press("O")
        assert "by name" in driven.footer()
        assert names() == ["bluesky", "hackernews", "mastodon", "press"]
        assert driven.screen.list.current.label == "lemonde.example"
        await driven.press("O")
        assert names()[0] == "mastodon"
        await driven.press("O", "O")
        assert "by what needs care" in driven.footer()


@pytest.mark.parametrize("key", ["f", "slash"])
async def test_a_part_of_a_name_narrows_the_list(town: Town, key: str) -> None:
    press(town)
    async with console(town.path, town.clock) as driven:
        await go(driven)
        await driven.press(key)
        await driven.type("heise")
        await driven.until(lambda: len(driven.screen.list.entries) == 2)
        await driven.press("x", "backspace", "enter")
        assert driven.screen.focused is driven.screen.list
        assert "name: heise" in driven.drawn()[1]
        assert line(driven, "heise.example")
        assert not line(driven, "lemonde.example")
        await driven.press("backspace")
        assert line(driven, "lemonde.example")
        await driven.press("backspace")
        assert "there is no filter" in driven.footer()
        await driven.press("f")
        await driven.type("nothing like it")
        await driven.until(lambda: "No source or channel has this in its name" in driven.text())
        await driven.press("escape")
        assert line(driven, "lemonde.example")


# --- verbs -----------------------------------------------------------------------------------------------------------


async def test_enter_opens_the_stream_of_that_source(town: Town) -> None:
    town.talk(2)
    press(town)
    async with console(town.path, town.clock) as driven:
        await go(driven)
        await on(driven, "bluesky")
        await driven.press("enter")
        await driven.until(lambda: "source:bluesky" in driven.drawn()[1] and driven.feed.ids)
        assert driven.screen is driven.stream.screen
        assert "6 mentions" in driven.drawn()[1]


async def test_try_now_is_asked_and_answered(town: Town) -> None:
    found = press(town)
    async with console(town.path, town.clock) as driven:
        await go(driven)
        await on(driven, "lemonde.example")
        await driven.press("T")
        await driven.until(lambda: "asking…" in line(driven, "lemonde.example"))
        (asked,) = requests.open_requests(town.writer.connection)
        assert (asked.kind, asked.body, asked.by) == ("try", {"channel": found["lemonde.example"]}, "ana")
        await driven.press("T")
        assert "lemonde.example: asked…" in driven.footer()
        await on(driven, "press")
        await driven.press("T")
        await driven.until(lambda: len(requests.open_requests(town.writer.connection)) == 2)
        whole = requests.open_requests(town.writer.connection)[1]
        assert whole.body == {"source": "press"}
        answer = {"channels": 1, "new": 3, "again": 40, "failed": 0, "errors": []}
        requests.finish(town.writer.connection, asked.id, town.clock, answer=answer)
        await driven.until(lambda: "lemonde.example: asked: 3 new, 40 known" in driven.footer())
        assert "+3 new" in line(driven, "lemonde.example")
        error = {"channel": "heise.example", "error": "it says 503", "remedy": "wait"}
        answer = {"channels": 3, "new": 0, "again": 0, "failed": 1, "errors": [error]}
        requests.finish(town.writer.connection, whole.id, town.clock, answer=answer)
        told = "press: asked 3 channels: nothing new, 1 failed; heise.example: it says 503 → wait"
        await driven.until(lambda: told in driven.footer())


async def test_try_now_without_anybody_who_collects_waits_and_says_so(town: Town, monkeypatch) -> None:
    press(town)
    town.writer.set_state("collector", "null")
    monkeypatch.setattr("listen.console.trial.PATIENCE", 0.05)
    async with console(town.path, town.clock) as driven:
        await driven.until(lambda: "nobody collects" in driven.text())
        await go(driven)
        await on(driven, "bluesky")
        await driven.press("T")
        await driven.until(lambda: "nobody collects, so it waits until somebody does" in driven.footer())
        await driven.until(lambda: "it waits" in line(driven, "bluesky"))
        town.writer.set_state(
            "collector", json.dumps({"pid": 1, "host": "here", "since": NOW, "heartbeat": NOW, "epoch": 1})
        )
        await driven.press("1", "R")
        await driven.until(lambda: "nobody collects" not in driven.text())
        await driven.press("5")
        await driven.until(lambda: re.search("tried +asked; no answer yet", driven.text()))


async def test_what_others_ask_for_is_shown(town: Town) -> None:
    press(town)
    async with console(town.path, town.clock) as driven:
        await go(driven)
        with Triage(town.path, "bo", town.clock) as bo:
            number = requests.ask(bo.connection, "try", {"source": "mastodon"}, "bo", town.clock)
        await driven.until(lambda: "asking…" in line(driven, "mastodon"))
        requests.finish(town.writer.connection, number, town.clock, error="No source has that name.")
        await driven.until(lambda: "mastodon: not asked: No source has that name." in driven.footer())


async def test_a_source_is_switched_off_and_on_and_taken_back(town: Town) -> None:
    found = press(town)
    async with console(town.path, town.clock) as driven:
        await go(driven)

        def off() -> frozenset[int]:
            return switches.off_channels(town.writer.connection)

        await on(driven, "lemonde.example")
        await driven.press("x")
        await driven.until(lambda: re.search("– off +lemonde.example", driven.text()))
        assert off() == {found["lemonde.example"]}
        assert "lemonde.example: switched off · u takes it back" in driven.footer()
        await on(driven, "lemonde.example")
        await driven.until(lambda: "– off by ana, 14:32" in driven.text())
        assert "1 switched off" in driven.drawn()[0]
        await driven.press("T")
        assert "lemonde.example is off; x switches it on" in driven.footer()
        await driven.press("x")
        await driven.until(lambda: not off())
        await driven.press("u")
        await driven.until(lambda: off() == {found["lemonde.example"]})
        await driven.until(lambda: "undone: 1 switched on" in driven.footer())
        await driven.press("U")
        await driven.until(lambda: not off())

        await on(driven, "press")
        await driven.press("x")
        await driven.until(lambda: set(found.values()) <= off())
        await driven.until(lambda: re.search("– off +press +4 channels", driven.text()))
        await on(driven, "lemonde.example")
        await driven.press("x")
        assert "all of press is off; x on its first line switches it on" in driven.footer()
        await on(driven, "press")
        await driven.press("x")
        await driven.until(lambda: not off())


async def test_channels_that_are_off_one_by_one_are_switched_on_together(town: Town) -> None:
    found = press(town)
    with Triage(town.path, "bo", town.clock) as bo:
        bo.switch([("press", f"https://{name}/feed") for name in FEEDS], on=False)
    async with console(town.path, town.clock) as driven:
        await go(driven)
        await on(driven, "press")
        assert switches.off_channels(town.writer.connection) == set(found.values())
        await driven.press("x")
        await driven.until(lambda: not switches.off_channels(town.writer.connection))


async def test_what_is_not_configured_is_not_switched(town: Town) -> None:
    press(town)
    town.writer.sync_sources([("press", "feed", {})])
    async with console(town.path, town.clock) as driven:
        await go(driven)
        await on(driven, "bluesky")
        await driven.press("x")
        assert "bluesky: change it in the configuration" in driven.footer()
        assert "off: not in the configuration that runs, or not enabled there" in driven.text()


async def test_a_console_that_only_reads_says_so(town: Town) -> None:
    press(town)
    async with console(town.path, town.clock, read_only=True) as driven:
        await go(driven)
        for key in ("x", "T", "u", "U"):
            driven.screen.say("")
            await driven.press(key)
            assert "this console only reads" in driven.footer()
        assert not requests.open_requests(town.writer.connection)


async def test_nobody_collects_is_said_when_something_is_switched(town: Town) -> None:
    press(town)
    town.writer.set_state("collector", "null")
    async with console(town.path, town.clock) as driven:
        await driven.until(lambda: "nobody collects" in driven.text())
        await go(driven)
        await driven.press("x")
        await driven.until(lambda: "press: switched off, once somebody collects" in driven.footer())


NOT_HERE = "not on this screen; 1 goes to the stream"


async def test_verbs_that_are_not_here_say_where_they_are(town: Town) -> None:
    press(town)
    async with console(town.path, town.clock) as driven:
        await driven.press("T")
        assert "T try now: not on this screen; 3 goes to the alerts, 5 to the sources" in driven.footer()
        driven.app.say("a refusal", "amber")
        await driven.press("S")
        assert "a refusal" in driven.footer()
        await go(driven)
        for key, told in (("a", NOT_HERE), ("s", NOT_HERE), ("space", NOT_HERE), ("J", NOT_HERE),
                          ("S", "S silence: not on this screen; 3 goes to the alerts")):  # fmt: skip
            await driven.press(key)
            assert told in driven.footer(), key


async def test_help_and_palette_tell_the_keys_of_this_screen(town: Town) -> None:
    press(town)
    async with console(town.path, town.clock) as driven:
        await go(driven)
        await driven.press("question_mark")
        assert "ALERTS, SOURCES" in driven.text()
        await driven.press("question_mark", "colon")
        await driven.type("try now")
        await driven.until(lambda: "try it now" in driven.text())


# --- what was set aside ----------------------------------------------------------------------------------------------


async def test_what_was_set_aside_is_listed_of_one_channel_and_of_all(town: Town) -> None:
    found = press(town)
    town.writer.add_rejects(found["lemonde.example"], [("no date", "the entry has no date", "<entry>one</entry>")] * 3)
    town.writer.add_rejects(None, [(f"hung {n}", "took 10 s", "<rss>") for n in range(40)])
    async with console(town.path, town.clock, size=(80, 24)) as driven:
        await go(driven)
        await on(driven, "lemonde.example")
        await driven.press("tab", "enter")
        await driven.until(lambda: "no date ×3   press · lemonde.example" in driven.text())
        assert "<entry>one</entry>" in driven.text()
        assert "SET ASIDE" in driven.text()
        assert "hung" not in driven.text()
        await driven.press("q")
        assert driven.screen.focused is driven.screen.detail
        await driven.press("1")
        rejects(driven.app, driven.screen.desk)
        await driven.until(lambda: driven.app.screen.query("PageText") and "hung" in driven.text())
        await driven.press("G")
        assert "no date" in driven.text()
        await driven.press("escape")
        assert driven.screen is driven.stream.screen


async def test_nothing_set_aside_is_said(town: Town) -> None:
    press(town)
    async with console(town.path, town.clock, size=(80, 24)) as driven:
        rejects(driven.app, driven.screen.desk)
        await driven.until(
            lambda: driven.app.screen.query("PageText") and "Nothing has been set aside." in driven.text()
        )


async def test_other_colours_are_taken_by_a_screen_that_was_left(town: Town) -> None:
    press(town)
    async with console(town.path, town.clock) as driven:
        await go(driven)
        screen = driven.screen
        await driven.press("1")
        driven.app.action_look("listen-light")
        await driven.press("5")
        await driven.until(lambda: screen.list.base.bgcolor == screen.detail.base.bgcolor)
        light = {piece.style.color.name for piece in screen.list._painted[0] if piece.style and piece.style.color}
        assert light <= {color for color in vars(screen.colours).values() if isinstance(color, str)}
        assert screen.colours.name == "listen-light"


async def test_what_a_trial_has_brought_is_told(town: Town) -> None:
    town.talk()
    town.writer.set_state("trials", json.dumps({name: "2026-11-20" for name, _ in SOURCES}))
    async with console(town.path, town.clock) as driven:
        await driven.press("5")
        await driven.until(lambda: "its trial ended on 2026-11-20" in driven.text())
