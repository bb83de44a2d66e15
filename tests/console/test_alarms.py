"""The alerts screen, driven by keys on a real store: what is drawn, and what is stored."""

from __future__ import annotations

import json
from typing import Any

import pytest

from listen.console.alarms import Watching, chart
from listen.console.replay_lines import replay_page
from listen.console.screens import asking
from listen.console.theme import DARK
from listen.console.trial import Trial
from listen.console.widgets.alarm_list import AlertList
from listen.insight.figures import figures
from listen.insight.window import window
from listen.store import alerts, outbox, requests
from listen.store.alerts import FIRING, PENDING, RESOLVED, Alert
from listen.store.outbox import Draft
from listen.store.read import Reader
from listen.text import one_line
from tests.console.conftest import Driven, console
from tests.console.town import NOW, Town
from tests.insight import test_brief as briefs
from tests.insight.test_brief import DAY, WEEK, House, house

__all__ = ["house"]

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
        late = Draft("k2", "chat", "t2", "viral", "firing", "notice", (ids[1],), body, NOW)
        outbox.put(town.writer.connection, [late], NOW - 600)
        outbox.put_off(town.writer.connection, [3], NOW + 60, "HTTP 503")
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
        for word in ("1 firing", "1 pending", "1 not delivered", "1 delayed 10 min", "● firing",
                     "8 in the hour, expected 2 ± 1", "new words: burns", "what is usual",
                     "the acme battery burns", "firing to duty: sent 14:32",
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
        await driven.press("j")
        await driven.until(lambda: "notify:mail  1 letter unsent" in driven.text())
        assert "! unsent  notify:mail" in driven.text()
        await driven.press("a")
        assert "T sends them again, d drops them" in driven.footer()
        await driven.press("T")
        await driven.until(lambda: "1 letter to mail will be sent again" in driven.footer())
        await driven.until(lambda: "not delivered" not in driven.text())
        with town.writer.transaction():
            outbox.set_aside(town.writer.connection, [2], "dead", f"HTTP 410 {HOSTILE}")
        await driven.until(lambda: "1 not delivered" in driven.text())
        await driven.press("g", "j", "j")
        await driven.until(lambda: "HTTP 410" in driven.text())
        assert "\x1b" not in driven.text()
        await driven.press("d")
        assert "d again drops 1 letter to mail for good: that cannot be undone" in driven.footer()
        await driven.press("k", "j", "d")
        assert "d again drops" in driven.footer(), "elsewhere in between, it is asked anew"
        await driven.press("d")
        await driven.until(lambda: "1 letter to mail dropped" in driven.footer())
        await driven.until(lambda: "not delivered" not in driven.text())
        await driven.press("g")
        await driven.until(lambda: "to mail: dropped by" in driven.text())
        await driven.press("enter")
        await driven.until(lambda: driven.screen is driven.pilot.app.stream)
        assert driven.screen.view.text.startswith("(topic:acme) topic:acme seen:")
        await driven.until(lambda: len(driven.feed.ids) == 8)


REPLAYED = {
    "rule": "bad-buzz", "since": "2026-08-23T12:00:00Z", "until": "2026-11-21T12:00:00Z", "mentions": 1204,
    "firings": [{"instance": f"topic:acme{HOSTILE}", "began_at": "2026-11-20T11:59:00Z", "peak": 41.0,
                 "fired_at": "2026-11-20T12:00:00Z", "resolved_at": "2026-11-20T12:35:00Z",
                 "why": f"41 in the hour, expected 2 {HOSTILE}"}],
    "thresholds": [{"factor": factor, "firings": n} for factor, n in ((0.5, 9), (1.0, 1), (2.0, 0))],
    "volume": [0] * 58 + [3, 41], "read_back_to": "2026-08-23T12:00:00Z",
    "taken_for_heard_before": "2026-09-01T12:00:00Z",
}  # fmt: skip


def asked(town: Town) -> list[requests.Request]:
    return requests.open_requests(town.writer.connection)


async def test_a_rule_that_never_fired_is_replayed_by_the_collector(town: Town) -> None:
    town.writer.set_state("rules", json.dumps(RULES))
    town.writer.set_state("alerts_held", json.dumps({"viral": f"too little was heard {HOSTILE}"}))
    async with console(town.path, town.clock, size=(120, 40)) as driven:
        await driven.press("3")
        await driven.until(lambda: "T tells how often" in driven.text())
        for word in ("nothing fires", "watches bad-buzz", "held    viral", "too little was heard", "spike, 1 h"):
            assert word in driven.text(), word
        await driven.press("a")
        assert "bad-buzz is a rule, not an alert" in driven.footer()
        await driven.press("T", "T")
        assert "asking…" in driven.text()
        await driven.until(lambda: asked(town))
        (request,) = asked(town)
        assert (request.kind, request.body["rule"]) == ("replay", "bad-buzz")
        assert town.clock.now() - request.body["since"] == 90 * 86_400
        requests.finish(town.writer.connection, request.id, town.clock, answer=REPLAYED)
        await driven.until(lambda: "bad-buzz: would have fired 1 time in 90 days" in driven.footer())
        for word in ("▁█", "1,204 mentions", "x0.5       9 █████████", "x2         0", "35 min  topic:acme",
                     "41 in the hour, expected 2", "nobody kept what was heard", "esc goes back"):  # fmt: skip
            assert word in driven.text(), word
        assert "\x1b" not in driven.text()
        assert "\u202e" not in driven.text()
        await driven.press("escape")
        assert "T tells how often" in driven.text()
        await driven.press("j", "T")
        await driven.until(lambda: asked(town))
        requests.finish(town.writer.connection, asked(town)[0].id, town.clock, error="it has no replay")
        await driven.until(lambda: "viral: it has no replay" in driven.footer())
        assert "esc goes back" in driven.text()
        await driven.press("enter")
        await driven.until(lambda: driven.screen is driven.pilot.app.stream)
        assert driven.screen.view.text == "topic:acme"
    waits = replay_page("viral", Trial("viral", collected=False), "esc", 70, DARK, NOW)
    assert "nobody collects, so it waits until somebody does" in "".join(piece.text for piece in waits[1])


WRITTEN = {
    "rules": {
        "bad-buzz": {"when": "spike", "query": "topic:acme", "severity": "page", "route": f"notify:{HOSTILE}"},
        "viral": {"when": "growth", "query": "topic:acme", "enabled": "false"},
    },
    "notify": [HOSTILE, "duty"],
}


async def edits(driven: Driven, town: Town) -> dict[str, Any]:
    """What the collector is asked to change, once it is asked."""
    await driven.until(lambda: [one for one in asked(town) if one.kind == "edit"])
    (request,) = [one for one in asked(town) if one.kind == "edit"]
    requests.finish(town.writer.connection, request.id, town.clock, answer={"message": "the rule is saved"})
    await driven.until(lambda: "the rule is saved" in driven.footer())
    return request.body


async def test_a_rule_is_replayed_before_it_is_saved_and_another_is_begun_and_switched(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "TICK", 0.1)
    town.writer.set_state("rules", json.dumps(RULES[:1]))
    town.writer.set_state("rules_written", json.dumps(WRITTEN))
    async with console(town.path, town.clock, size=(80, 24)) as driven:
        await driven.press("3")
        await driven.until(lambda: "off     viral" in driven.text())
        assert "\x1b" not in driven.text()
        await driven.press("e")
        await driven.until(lambda: "query           topic:acme" in driven.text())
        assert "\u202e" not in driven.text()
        await driven.press("down", "down")  # sensitivity, which has words to choose from
        await driven.press("tab", "tab")
        await driven.press("down")
        await driven.type("2x")
        await driven.until(lambda: "expected a duration" in driven.text())
        await driven.press("enter")
        await driven.until(lambda: "window: expected a duration" in driven.footer())
        assert not asked(town)
        await driven.press("backspace")
        await driven.type("h")
        await driven.press("enter")
        await driven.until(lambda: asked(town))
        (request,) = asked(town)
        assert (request.kind, request.body["rule"]) == ("replay", "bad-buzz")
        entry = {
            "when": "spike", "query": "topic:acme", "sensitivity": "balanced", "window": "2h", "severity": "page",
            "route": [f"notify:{one_line(HOSTILE)}"],
        }  # fmt: skip
        assert request.body["entry"] | {"route": entry["route"]} == entry
        requests.finish(town.writer.connection, request.id, town.clock, answer=REPLAYED)
        await driven.until(lambda: "x0.5       9" in driven.text())
        assert "x2         0" in driven.text()
        await driven.type("3")  # another rule: what is shown is no more about it
        await driven.until(lambda: "x2         0" not in driven.text())
        await driven.press("escape")
        await driven.until(lambda: "esc again leaves it as it was" in driven.footer())
        await driven.press("backspace", "enter")
        await driven.until(lambda: asked(town))
        await driven.press("enter")  # nobody waits for the answer
        assert (await edits(driven, town))["entry"] == request.body["entry"]
        await driven.until(lambda: not asked(town))

        await driven.press("j", "x")
        assert await edits(driven, town) == {"rule": "viral", "on": True}
        await driven.press("colon")
        await driven.type("rule new recall")
        await driven.press("enter")
        await driven.until(lambda: "each mention that is found" in driven.text())
        await driven.type("ma")
        await driven.press("tab", "enter")
        await driven.until(lambda: "query: match needs one" in driven.footer())
        await driven.type("topic:acme (recall")
        await driven.press("enter")
        await driven.until(lambda: "query: " in driven.footer() and ")" in driven.footer())
        await driven.type(")")
        await driven.press("enter")
        await driven.until(lambda: asked(town))
        await driven.press("enter")
        new = {"when": "match", "query": "topic:acme (recall)"}
        assert await edits(driven, town) == {"rule": "recall", "new": True, "entry": new}


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


def test_the_cursor_stays_on_an_alert_when_another_one_comes_first() -> None:
    listed = AlertList(DARK, lambda entry, columns, look: [])
    old, new = (Alert(n, "bad-buzz", "", {}, "page", FIRING, NOW, NOW) for n in (1, 2))
    listed.tell([old], [], ["bad-buzz"], ())
    listed.tell([new, old], [], ["bad-buzz"], ())
    assert listed.current is not None
    assert listed.current.key == 1, "the next key means what was in sight"


def test_the_chart_of_an_alert_expects_what_the_overview_does(house: House) -> None:
    """A day of three weeks was not heard: it is no silence that teaches anything."""
    house.say_daily(21, 9)
    house.heard(3 * WEEK, 2 * DAY)
    house.heard(DAY, 0)
    now = briefs.NOW - 1
    alert = Alert(1, "loud", "", {}, "page", FIRING, now, now, now, evidence={"until": now})
    with Reader(house.path) as reader:
        drawn = figures(reader, "acme", window("48h", now), now=now)
        told = chart(reader, Watching("loud", "count", "topic:acme", 3600.0), alert, now)
    assert drawn is not None
    assert told is not None
    assert [one and one.mean for one in told.usual[:-1]] == [one.expected for one in drawn.points[:-1]]
    assert 0.0 in [one.heard for one in drawn.points]
