"""The alerts screen, driven by keys on a real store: what is drawn, and what is stored."""

from __future__ import annotations

import json
from typing import Any

from listen.store import alerts, outbox
from listen.store.alerts import FIRING, PENDING, RESOLVED, Alert
from listen.store.outbox import Draft
from listen.store.read import Reader
from tests.console.conftest import Driven, console
from tests.console.town import NOW, Town

RULES = [
    {"name": "bad-buzz", "when": "spike", "query": "topic:acme", "window": 3600.0},
    {"name": "viral", "when": "growth", "query": "topic:acme", "window": 3600.0},
]
HOSTILE = "[red]\u202eevil\x1b[2J[/red]"


def alarms(town: Town) -> list[int]:
    """A page that fires, one that waits, one that is over; a letter that arrived and one that never can."""
    said = [town.say("mastodon", f"u{n}", f"the acme battery burns {n}", ago=60 * n, score=-700,
                     topics={town.topics["acme"]: -700})[0] for n in range(8)]  # fmt: skip
    evidence = {
        "text": "8 in the hour, expected 2 ± 1 (the same hours of earlier weeks), 8 authors", "words": ["burns"],
        "mentions": said[:3], "since": NOW - 3600, "until": NOW,
    }  # fmt: skip
    made = [
        Alert(0, "bad-buzz", "topic:acme", {"topic": "acme"}, "page", FIRING, NOW - 700, NOW, NOW - 600,
              evidence=evidence),
        Alert(0, "viral", "story:4", {"story": "4"}, "notice", PENDING, NOW - 60, NOW, evidence={"text": HOSTILE}),
        Alert(0, "bad-buzz", "", {}, "page", RESOLVED, NOW - 9000, NOW - 8000, NOW - 8900, NOW - 7900),
    ]  # fmt: skip
    with town.writer.transaction():
        ids = [alerts.begin(town.writer.connection, one) for one in made]
        alerts.note(town.writer.connection, ids[0], NOW - 600, "firing")
        body = {"title": "x", "text": "y"}
        letters = [Draft(f"k{n}", target, f"t{n}", "bad-buzz", "firing", "page", (ids[0],), body, NOW)
                   for n, target in enumerate(("duty", "mail"))]  # fmt: skip
        outbox.put(town.writer.connection, letters, NOW)
        outbox.mark_sent(town.writer.connection, [1], NOW)
        outbox.set_aside(town.writer.connection, [2], "dead", "HTTP 404 Gone")
    town.writer.set_state("rules", json.dumps(RULES))
    return ids


def stored(town: Town, number: int) -> Alert:
    with Reader(town.path) as reader:
        found = reader.alert(number)
    assert found is not None
    return found[0]


async def go(driven: Driven) -> Any:
    await driven.press("3")
    await driven.until(
        lambda: driven.screen.board.read and driven.screen.detail.chart is not None, "the alert is shown"
    )
    return driven.screen


async def test_an_alert_is_explained_judged_noted_silenced_and_opened(town: Town) -> None:
    first, *_ = alarms(town)
    async with console(town.path, town.clock, size=(120, 40)) as driven:
        await go(driven)
        text = driven.text()
        for word in ("1 firing", "1 pending", "1 not delivered", "● firing", "8 in the hour, expected 2 ± 1",
                     "new words: burns", "what is usual", "the acme battery burns", "firing to duty: sent 14:32",
                     "firing to mail: dead, HTTP 404 Gone", "fires since", "fired 2, useful 0"):  # fmt: skip
            assert word in text, word
        assert "\x1b" not in text
        assert "\u202e" not in text
        await driven.press("a")
        await driven.until(lambda: stored(town, first).verdict == "useful")
        await driven.until(lambda: "taken" in driven.text())
        assert "takes it back" in driven.footer()
        await driven.press("e")
        await driven.type("on it")
        await driven.press("enter")
        await driven.until(lambda: stored(town, first).note == "on it")
        assert stored(town, first).verdict == "useful"
        await driven.press("u")
        await driven.until(lambda: not stored(town, first).note)
        await driven.press("u")
        await driven.until(lambda: stored(town, first).acked_at is None)
        await driven.press("d")
        await driven.until(lambda: stored(town, first).verdict == "noise")
        await driven.press("S")
        await driven.type("nonsense")
        await driven.press("enter")
        await driven.until(lambda: "nothing was changed" in driven.footer())
        await driven.press("S")
        await driven.type("2h the TV ad")
        await driven.press("enter")
        await driven.until(lambda: driven.screen.board.silences)
        (silence,) = driven.screen.board.silences
        assert (silence.rule, silence.comment, silence.until) == ("bad-buzz", "the TV ad", int(town.clock.now()) + 7200)
        await driven.press("j", "a")
        assert "has not fired yet" in driven.footer()
        await driven.press("k", "enter")
        await driven.until(lambda: driven.screen is driven.pilot.app.stream)
        assert driven.screen.view.text.startswith("(topic:acme) topic:acme seen:")
        await driven.until(lambda: len(driven.feed.ids) == 8)


async def test_the_screen_is_legible_when_narrow_empty_and_low(town: Town) -> None:
    async with console(town.path, town.clock, size=(60, 20)) as driven:
        await driven.press("3")
        await driven.until(lambda: "Nothing is watched yet." in driven.text())
        await driven.press("enter", "a", "S", "e", "T", "J", "x")
        assert driven.screen.board.read
        alarms(town)
        await driven.press("R")
        await driven.until(lambda: "bad-buzz" in driven.text())
        assert all(len(line) <= 60 for line in driven.drawn())
        await driven.press("z")
        await driven.press("escape", "q")
        await driven.until(lambda: driven.screen is driven.pilot.app.stream)
