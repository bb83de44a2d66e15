"""The overview: driven by keys on a real store; and every number on it against what the stream behind it counts."""

from __future__ import annotations

import json
import re
import time
from typing import Any

import pytest

from listen import objectives, query
from listen.console import overview as asking
from listen.console.overview import Loudness, Risen, Speaking, Subject
from listen.console.overview_lines import Known, Size, overview
from listen.console.spots import Page
from listen.console.theme import DARK, PLAIN
from listen.console.widgets.overview_head import OverviewHead, Told
from listen.insight import people
from listen.insight.rising import Rising, Term
from listen.model import Author
from listen.query.folding import counted
from listen.service import Desk
from listen.store.alerts import FIRING, Alert, begin
from listen.store.mirror import ChannelUpdate
from listen.store.read import Reader
from listen.store.triage import Triage
from listen.text import cell_width, clean
from tests.console.conftest import Driven, console
from tests.console.hostile import FORBIDDEN, TEXTS
from tests.console.town import NOW, Town
from tests.store.posts import make_post

DAY, HOUR = 86_400, 3_600


def weeks(town: Town) -> list[int]:
    """A fortnight of talk with own words, a story that three tell, one dismissed, one noise, one corrected."""
    town.writer.sync_accounts({"we": ["@ours"]})
    ids = town.talk(4)
    acme = town.topics["acme"]
    for day in range(1, 13):
        score = 600 if day % 3 else -700
        ids += town.say("bluesky", f"u{day}", f"acme on day {day}", ago=day * DAY, score=score, topics={acme: score})
    town.say("bluesky", "ours", "we are acme", ago=HOUR, topics={acme: 0}, score=0)
    town.copies = True
    for at in range(3):
        town.say("mastodon", f"copy{at}", "the acme dock burns, all of them are called back today", ago=2 * HOUR + at,
                 topics={acme: -500})  # fmt: skip
    town.copies = False
    triage = Triage(town.path, "ana", town.clock)
    triage.set_status(ids[:1], "dismissed")
    triage.call_noise(ids[1:2], True)
    triage.correct(ids[2:3], "pos", "acme")
    triage.close()
    town.all_good()
    for channel in town.channels.values():
        town.writer.add(channel, [], seen_at=NOW, update=ChannelUpdate(heard=(NOW - 40 * DAY, NOW)))
    return ids


def answered(town: Town, subject: Subject) -> Known:
    """All answers about a subject, without a screen."""
    never: Any = type("Asked", (), {"wanted": True})()
    with Reader(town.path) as reader:
        loudness = asking.loudness(subject, None, town.clock)(reader, never, print)
        assert isinstance(loudness, Loudness)
        health = asking.health(Known().health)(reader, never, print)
        known = Known(loudness, health)  # type: ignore[arg-type]
        if loudness.figures is not None:
            speaking = asking.speaking(subject.number, loudness.figures)(reader, never, print)
            assert isinstance(speaking, Speaking)
            promised = asking.promised(subject.number, loudness.figures, town.clock)(reader, never, lambda _told: None)
            risen = asking.risen(subject.number, loudness.figures, town.clock)(reader, never, print)
            known = known._replace(speaking=speaking, promised=promised, rising=risen)  # type: ignore[arg-type]
    return known


def words(page: Page) -> list[str]:
    return ["".join(piece.text for piece in line).rstrip() for line in page.lines]


TELLS = re.compile(r"(\d[\d,]*)(?: of [\d,]+)? (?:mentions?|scored)\b")

KINDS = ("n", "before", "stories", "net", "neg", "pos", "bar", "run", "mark", "voice", "languages", "countries", "who",
         "wants", "recommend", "dissuade", "stage", "story", "loudest", "hour", "value",
         "people")  # fmt: skip
"""What the pages of this store have whose number is what the stream behind it counts."""

OTHERWISE = {
    "where": lambda told, n: n >= int(told.split(" heard ")[1].split()[0]) and "shows all that it heard" in told,
    "alert": lambda told, n: told in ("8 in the hour, expected 2", "bad-buzz topic:rival"),
    "objective": lambda told, n: "scored" not in told and n > 0,
    "people": lambda told, n: n > 2 and told.startswith("2 relay, of ") and "all who are called so" in told,
    "loudest": lambda told, n: n > int(told.split(" spoke ")[1].split()[0]) and "all who are called so" in told,
}
"""What else they have, and what has to hold of the words and of what the stream counts."""


def much(town: Town) -> None:
    """The same fortnight with something for each tile."""
    weeks(town)
    acme = {town.topics["acme"]: 500}
    pia: dict[str, Any] = {"ago": 3 * HOUR, "topics": acme}
    town.say("press", "pia", "acme is praised", **pia, likes=9, country="fr", intents="recommend praise")
    town.say("press", "pia", "acme is left", **pia, country="gb", intents="churn dissuade")
    for at in range(9):
        town.say("mastodon" if at % 3 else "press", "pia", f"acme again {at}", **pia)
    twice = make_post("twice", "acme twice", network="m", topics=acme, published_at=NOW - HOUR, author=Author("zed"))
    town.arrive("mastodon", [twice])
    town.arrive("bluesky", [twice])
    for at in range(40):
        town.say("bluesky", f"many{at}", f"acme {at} rumbles", ago=9 * HOUR + at, topics={town.topics["acme"]: -500})
    with Triage(town.path, "ana", town.clock) as ana:
        ana.mark("TV ad", NOW - 20 * HOUR, "acme")
    fires(town)
    promises(town)
    reach_out(town)


def reach_out(town: Town) -> None:
    """One whom we answered in time speaks again, another waits for too long; one replies, one passes a link on."""
    acme = {town.topics["acme"]: 500}
    town.writer.sync_desks([Desk("care", "refund", 2.0 * HOUR)])
    town.clock.at = NOW - 20 * HOUR
    asked = town.say("mastodon", "ann", "acme, a refund", topics=acme)
    town.say("mastodon", "bob", "acme, a refund for me, too", topics=acme)
    town.clock.at = NOW - 19 * HOUR
    with Triage(town.path, "ana", town.clock) as ana:
        ana.set_status(asked, "answered")
    town.clock.at = NOW
    town.say("mastodon", "bob", "acme, the refund came just now", topics=acme)
    town.say("mastodon", "ann", "acme is fair", ago=5 * HOUR, topics=acme, kind="reply")
    town.say("mastodon", "cid", "https://acme.example/1", ago=5 * HOUR, topics=acme)
    town.say("bluesky", "cid", "acme is another cid's", ago=5 * HOUR, topics=acme)


def fires(town: Town) -> None:
    """An alert about acme fires since an hour, another one fired of its rival a day ago."""
    with town.writer.transaction():
        begin(
            town.writer.connection,
            Alert(0, "bad-buzz", "topic:acme", {"topic": "acme"}, "page", FIRING, NOW - 5000, NOW, NOW - 4000,
                  evidence={"text": "8 in the hour, expected 2", "since": NOW - 7600, "until": NOW - 4000}),
        )  # fmt: skip
        other = Alert(0, "bad-buzz", "topic:rival", {"topic": "rival"}, "page", FIRING, NOW - 9 * DAY, NOW, NOW - DAY)
        begin(town.writer.connection, other)
    town.writer.set_state("rules", json.dumps([{"name": "bad-buzz", "when": "spike", "query": "", "window": 3600}]))


def promises(town: Town) -> None:
    """An objective about acme, and another about its rival."""
    keys = dict.fromkeys(
        ("by", "since", "topic", "query", "view", "desk", "worth", "hour", "minutes", "share", "owner")
    )
    tables = {
        "mood": {**keys, "metric": "net_sentiment", "target": ">= 0.9", "topic": "acme", "owner": "marc", "window": 0},
        "other": {**keys, "metric": "net_sentiment", "target": ">= 0.1", "topic": "rival", "window": 0},
    }
    town.writer.set_state(objectives.STATE, objectives.told(objectives.configured(tables, {"mood": "/e/a.toml:7"})))


def test_every_number_is_what_the_stream_behind_it_counts(town: Town) -> None:
    much(town)
    for window in ("7d", "24h", "30d"):
        page = overview(answered(town, Subject(1, "acme", window)), Size(160, 50), DARK, NOW)
        seen = dict.fromkeys((*KINDS, *OTHERWISE), 0)
        with Reader(town.path) as reader:
            for one in (placed.spot for placed in page.spots):
                kind = one.key.split()[0]
                if not one.query:
                    assert one.place in ("objectives", "people", "sources"), one
                    continue
                asked = counted(query.parse(one.query))
                found = reader.count(asked, cap=None, budget=None, now=NOW)
                assert found.complete
                seen[kind] = seen.get(kind, 0) + 1
                if n := TELLS.search(one.told):
                    assert found.n == int(n[1].replace(",", "")), f"{window} {one.key}: {one.query}"
                elif stories := re.search(r": in ([\d,]+) stor", one.told):
                    assert reader.tally(asked, now=NOW).stories == int(stories[1].replace(",", "")), one
                else:
                    assert OTHERWISE[kind](one.told, found.n), one
        assert sum(one.spot.key.startswith("value ") for one in page.spots) == 3
        named = {one.spot.key for one in page.spots if one.spot.key.startswith("people ") and one.spot.query}
        assert next(one.spot.told for one in page.spots if one.spot.key == "objective mood").endswith(" · a.toml:7")
        assert {"people casual", "people comment", "people relay"} <= named
        assert "people once" not in named, "too many for a query"
        missing = {"24h": {"hour"}, "30d": {"before"}}.get(window, set())
        assert {key for key, n in seen.items() if not n} == missing, window


@pytest.mark.parametrize("zone", ["Europe/Paris", "Asia/Kolkata", "CET-1CEST,M3.5.0,M10.5.0/3"])
def test_an_hour_of_the_week_is_what_the_stream_behind_it_counts_by_any_clock(
    town: Town, zone: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    acme = town.topics["acme"]
    for hour in range(26):  # the clocks go back in the night of 2026-10-25
        town.say("bluesky", "u", f"acme {hour}", ago=NOW - 1_792_877_400 - hour * 1800, topics={acme: 0})
    with monkeypatch.context() as here:
        here.setenv("TZ", zone)
        time.tzset()
        known = answered(town, Subject(1, "acme", "2026-10-20..2026-11-20"))
        page = overview(known, Size(80, 24), DARK, NOW)
    time.tzset()
    spots = [one.spot for one in page.spots if one.spot.key.startswith("hour ")]
    assert len(spots) == 168
    total = 0
    with Reader(town.path) as reader:
        for one in spots:
            n = int(TELLS.search(one.told)[1])  # type: ignore[index]
            assert reader.count(counted(query.parse(one.query)), cap=None, budget=None, now=NOW).n == n, one
            total += n
    assert total == 26
    assert ("@Europe/Paris" in spots[0].query) == (zone == "Europe/Paris")


def test_pages_are_exactly_as_wide_as_the_screen_and_say_without_colour_what_they_say_with(town: Town) -> None:
    weeks(town)
    known = answered(town, Subject(1, "acme", "7d"))
    for width, height in ((60, 17), (80, 21), (120, 37), (160, 47), (33, 8)):
        pages = [overview(known, Size(width, height), colours, NOW) for colours in (DARK, PLAIN)]
        assert {cell_width("".join(piece.text for piece in line)) for line in pages[0].lines} == {width}
        assert words(pages[0]) == words(pages[1])
        assert all(style is None or style.color is None for line in pages[1].lines for _, style, _ in line)
        assert len(pages[0].spots) == len({one.key for one in pages[0].spots}), "each has a key of its own"
        for one in pages[0].spots:
            assert 0 < one.spot.start <= one.spot.start + one.spot.width <= width, one
    lines = words(overview(known, Size(80, 21), DARK, NOW))
    assert lines[0].startswith("  MENTIONS IN 3 HOURS  ")
    assert lines.index(next(one for one in lines if "NET SENTIMENT" in one)) < 9
    assert not any(len(one.split()) == 1 and one.strip() == "SOURCES" for one in lines[:18]), "what matters comes first"


def test_two_windows_are_compared_when_they_are_as_long(town: Town) -> None:
    weeks(town)
    day = "2026-11-1{}..2026-11-1{}"
    loudness = answered(town, Subject(1, "acme", f"{day.format(7, 9)} against {day.format(1, 3)}")).loudness
    assert loudness is not None
    assert loudness.figures is not None
    assert (loudness.figures.numbers.n, loudness.figures.before.n) == (3, 3)
    with Reader(town.path) as reader:
        other = query.parse(f"topic:acme {loudness.before.query()}")
        assert reader.count(counted(other), cap=None, now=NOW).n == 3
    for wrong in (f"7d against {day.format(1, 3)}", "soon", "7d against soon"):
        with pytest.raises(ValueError, match=r"write 24h|as long"):
            asking.windows(wrong, NOW)
    assert asking.windows("7d against", NOW) == asking.windows("7d", NOW)


def test_alerts_that_fired_make_their_bars_red_and_stand_beside(town: Town) -> None:
    weeks(town)
    fires(town)
    known = answered(town, Subject(1, "acme", "7d"))
    assert known.loudness is not None
    assert known.loudness.fired == [NOW - 4000], "the other one is about another topic"
    lines = words(overview(known, Size(120, 40), DARK, NOW))
    assert any("stands out  Sat 13:00" in one for one in lines)
    assert any("● bad-buzz topic:acme" in one and "fires 1 h 6 min" in one for one in lines)
    assert any("8 in the hour, expected 2" in one for one in lines)
    (spot,) = [one.spot for one in overview(known, Size(120, 40), DARK, NOW).spots if one.spot.key == "alert 1"]
    assert spot.query.startswith("topic:acme seen:"), spot.query


def test_hostile_names_reach_no_terminal_as_they_are(town: Town) -> None:
    texts = [clean(text)[0] for text in TEXTS]
    names = dict.fromkeys(text[:40].strip() or "x" for text in texts)
    town.writer.sync_topics([("acme", "acme", "brand"), *((name, "x", "brand") for name in names)])
    for text in texts:
        town.say("mastodon", text[:100].strip() or "x", text, title=text, name=text[:100])
    page = overview(answered(town, Subject(1, "acme", "24h")), Size(160, 50), DARK, NOW)
    shown = "".join(words(page)) + "".join(one.spot.told for one in page.spots)
    assert not FORBIDDEN.search(shown)


def test_what_was_promised_stands_beside_the_numbers_and_what_is_not_counted_yet_is_not_told_as_nought(
    town: Town,
) -> None:
    weeks(town)
    promises(town)
    known = answered(town, Subject(1, "acme", "7d"))
    for width, height in ((160, 50), (80, 21)):
        lines = words(overview(known, Size(width, height), DARK, NOW))
        (mood,) = [at for at, line in enumerate(lines) if "mood" in line and "NET" not in line]
        assert "short by" in "".join(lines[mood : mood + 3])
        assert not any(" other" in line for line in lines), "it is about another topic"
        assert any("connectivity" in line for line in lines)
    assert known.loudness is not None
    assert known.loudness.figures is not None
    part = known.loudness.figures._replace(parted_from=NOW - DAY)
    lines = words(overview(known._replace(loudness=known.loudness._replace(figures=part)), Size(160, 50), DARK, NOW))
    assert sum("counted from Fri 14:32 on so far" in line for line in lines) >= 1
    since = {"languages": "11-20T14:32", "us": "11-14T15:00", "where": "11-14T15:00", "people": "11-20T14:32"}
    page = overview(known._replace(loudness=known.loudness._replace(figures=part)), Size(160, 50), DARK, NOW)
    for key, asked in ((one.spot.key.removeprefix("who "), one.spot.query) for one in page.spots if one.spot.query):
        began = since.pop(key.split()[0], "")
        assert f"since:2026-{began}" in asked, key
    assert not since


def test_what_rises_stands_by_kind_with_its_stream_behind_it(town: Town) -> None:
    weeks(town)
    known = answered(town, Subject(1, "acme", "7d"))
    hostile = clean(TEXTS[6])[0]

    def term(text: str, tone: float | None = None, *, new: bool = False) -> Term:
        return Term(text, 31, 0 if new else 1, None if new else 31.0, 8.2, new, tone, f'topic:acme "{len(text)}"')

    found = Rising(
        [term("recall", -0.5), term("burning smell"), term(hostile)], [term("#acmefail", 0.4)],
        [term("🔥"), term("👍🏽")], [], [term("dockgate", new=True)], NOW - 30 * DAY, 51, 3,
    )  # fmt: skip
    for width in (160, 80, 33):
        page = overview(known._replace(rising=Risen(1, found)), Size(width, 40), DARK, NOW)
        lines = words(page)
        assert any("RISING" in line and "recall ×31 ▼" in line for line in lines)
        assert any("TAGS" in line and "#acmefail ×31 ▲" in line for line in lines)
        assert any("EMOJI" in line and "🔥" in line for line in lines)
        assert any("NEW" in line and "dockgate 31" in line for line in lines)
        assert not any("LINKS" in line for line in lines)
        assert {cell_width("".join(piece.text for piece in line)) for line in page.lines} == {width}
        assert not FORBIDDEN.search("".join(lines))
        (spot,) = [one.spot for one in page.spots if one.spot.key == "RISING recall"]
        assert (spot.query, spot.told) == (
            found.words[0].query,
            "recall: in 31 stories, 1 before, 31.0 times its share (z 8.2)",
        )


# --- the screen ------------------------------------------------------------------------------------------------------


async def go(driven: Driven) -> None:
    await driven.press("2")
    await driven.until(lambda: driven.screen.known.speaking is not None, "all answers are there")


def hint(driven: Driven) -> str:
    return driven.drawn()[-2]


def test_the_first_line_leaves_out_what_is_missed_least() -> None:
    head = OverviewHead(PLAIN)
    head.tell(
        Told("acme", ("rival",), "7 days to 14:32", 0.96, heard_from="16 Nov", alone=True, who="ana", clock="14:32")
    )
    long = "< 7 days to 14:32 >   heard from 16 Nov on   coverage 96 %   nothing to compare with"
    for width, told in (
        (160, f"acme against rival   {long}"), (130, f"acme   {long}"),
        (80, "acme   < 7 days >   heard from 16 Nov on"),
        (60, "acme   < 7 days >"), (30, "acme"),
    ):  # fmt: skip
        pieces, right = head.pieces(width)
        said = "".join(piece.text for piece in pieces)
        assert said == f" listen   overview {told}"
        assert len(said) + sum(len(piece.text) for piece in right) <= max(width, 36)


async def test_numbers_are_gone_through_and_open_the_stream_behind_them(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(people, "NAMED", 0)
    weeks(town)
    async with console(town.path, town.clock, size=(120, 40), query="topic:rival") as driven:
        await go(driven)
        assert "overview rival against acme" in driven.drawn()[0]
        await driven.press("J", "J", "J", "K")
        await driven.until(lambda: "overview acme against rival" in driven.drawn()[0], "the topic before")
        await driven.until(lambda: driven.screen.known.speaking is not None)
        assert "< 7 days to 14:32 >" in driven.drawn()[0]
        assert "51 mentions of acme" in hint(driven)
        assert "topic:acme since:2026-11-14T15:00:00Z" in hint(driven)
        await driven.press("l")
        assert "in the time before" in hint(driven)
        await driven.press("j")
        assert driven.screen.board.here.spot.key.startswith("bar ")
        assert "expected" in hint(driven) or "mentions" in hint(driven)
        await driven.press("h", "l", "tab", "shift+tab", "k")
        assert "mentions" in hint(driven)
        await driven.press("g", "j", "G", "g")
        assert driven.screen.board.top == 0
        for _ in range(12):
            await driven.press("j")
            if "rival" in hint(driven):
                break
        asked = driven.screen.board.here.spot
        assert asked.key == "voice rival"
        n = int(TELLS.search(asked.told)[1])  # type: ignore[index]
        await driven.press("enter")
        await driven.until(lambda: driven.app.screen_stack[-1].view.count == n, "the stream has as many")
        assert driven.screen.view.text == asked.query
        await driven.press("2")
        await driven.until(lambda: driven.screen.board.here.spot.key == "voice rival", "it is as it was left")
        await driven.press("2")
        assert "this is the overview" in driven.footer()
        await driven.press("a")
        assert "not on this screen" in driven.footer()
        board = driven.screen.board
        board.here = next(one for one in board.page.spots if one.spot.key == "people once")
        await driven.press("enter")
        await driven.until(lambda: "people  acme   last 7 days" in driven.text(), "who talks about this topic")


async def test_windows_dates_and_what_is_wrong_with_them(town: Town) -> None:
    weeks(town)
    async with console(town.path, town.clock, size=(80, 24), query="topic:acme") as driven:
        await go(driven)
        await driven.press("less_than_sign", "less_than_sign")
        assert "24 hours is the shortest window here" in driven.footer()
        await driven.until(lambda: "< 24 hours to" in driven.drawn()[0])
        await driven.press("greater_than_sign", "greater_than_sign")
        await driven.until(lambda: "MENTIONS A DAY" in driven.text() and "57 mentions of acme" in hint(driven))
        assert "< 30 days to" in driven.drawn()[0]
        await driven.press("f")
        await driven.type("soon")
        await driven.press("enter")
        await driven.until(lambda: "'soon' is no window of time; write 24h" in driven.footer())
        await driven.press("f")
        await driven.type("2026-11-17..2026-11-19 against 2026-11-11..2026-11-13")
        await driven.press("enter")
        await driven.until(lambda: "3 mentions of acme" in hint(driven), "these three days")
        assert "< 17-19 Nov >   against 11-13 Nov" in driven.drawn()[0]
        await driven.press("escape")
        await driven.until(lambda: "< 7 days to" in driven.drawn()[0])
        await driven.press("escape")
        assert driven.app.screen is driven.app.screen_stack[0], "one step further out is the stream"


async def test_nothing_to_tell_is_told_calmly_and_what_arrives_moves_nothing(town: Town) -> None:
    async with console(town.path, town.clock, size=(60, 20)) as driven:
        await driven.press("2")
        await driven.until(lambda: "nothing is stored" in driven.text(), "a topic without mentions")
        await driven.press("j", "k", "h", "l", "enter", "G", "z", "R", "2")
        town.talk()
        await driven.press("R", "g")
        await driven.until(lambda: "11 mentions of acme" in hint(driven))
        await driven.press("j", "j", "j")
        here, line = driven.screen.board.here.key, driven.screen.board.here.line - driven.screen.board.top
        assert line
        town.say("bluesky", "late", "the acme dock again")
        await driven.press("R")
        await driven.until(lambda: driven.screen.known.loudness.figures.numbers.n == 12, "it is counted")
        board = driven.screen.board
        assert (board.here.key, board.here.line - board.top) == (here, line)
        town.writer.sync_topics([])
        await driven.press("R")
        await driven.until(lambda: "There is no topic acme any more" in driven.text())
