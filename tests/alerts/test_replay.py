"""A rule over history fires when it would have fired as things arrived."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from listen import service
from listen.alerts import cycle, history, replay
from listen.alerts.evaluate import Seen, reading
from listen.alerts.history import Heard
from listen.alerts.lived import FACTORS
from listen.alerts.replay import BrokenOff, NoReplay, Replayed
from listen.alerts.rules import Rule
from listen.insight.expected import Baseline
from listen.model import Author, id_time
from listen.store.read import Reader
from tests.alerts.test_engine import Watch, rule, weeks
from tests.store.posts import NOW, Desk, Turned

HOUR = 3_600


@pytest.fixture
def watch(desk: Desk, store_path: Path, clock: Turned) -> Iterator[Watch]:
    made = Watch(desk, store_path, clock, [])
    made.clock.at = NOW // HOUR * HOUR
    made.start()
    yield made
    made.engine.close()


def lived(watch: Watch, minutes: int, seed: int) -> list[tuple[str, int]]:
    """Waves of mentions, and (instance, when it fired) of what the rules made of them as they came."""
    rng, wants, found = random.Random(seed), random.Random(seed), []
    for minute in range(minutes):
        loud = minute // 45 % 3 == 1
        for _ in range(rng.choice((0, 1, 2) if loud else (0, 0, 0, 0, 1))):
            intents = wants.choice((None, "complaint", "complaint churn", "praise"))
            watch.say(1, lang=rng.choice(("fr", "de")), author=Author(f"u{rng.randrange(6)}"), intents=intents)
        watch.turn()
        found += [(one.instance, one.fired_at or 0) for one in watch.alerts() if one.fired_at == int(watch.clock.at)]
        watch.clock.at += 60
    return sorted(found)


def replayed(watch: Watch, since: float, which: Any = None) -> Replayed:
    with Reader(watch.path) as reader:
        return replay.replay(reader, which or watch.rules[0], since, watch.clock.at)


@pytest.mark.parametrize(
    "given",
    [
        {"when": "count", "at_least": 8, "window": 1_800.0},
        {"when": "count", "at_least": 5, "window": 1_800.0, "per": ("lang",), "authors": 3},
        {"when": "count", "at_least": 4, "window": 900.0, "for_": 600.0, "resolve_after": 900.0, "cooldown": 1_800.0},
        {"when": "count", "at_least": 6, "window": 1_800.0, "per": ("topic",)},
        {"when": "count", "at_least": 4, "window": 1_800.0, "per": ("intent",)},
        {"when": "count", "query": "topic:acme intent:(churn praise)", "at_least": 3, "per": ("intent", "lang")},
        {"when": "count", "query": "topic:acme desk:care OR lang:fr", "at_least": 5, "per": ("desk",)},
        {"when": "count", "query": "", "at_least": 4, "window": 1_800.0, "per": ("desk", "topic"), "authors": 3},
        {"when": "share", "query": "desk:care", "of": "topic:acme", "threshold": 0.8, "mentions": 5, "per": ("desk",)},
        {"when": "match", "query": "topic:acme lang:fr", "window": 600.0},
        {"when": "share", "query": "topic:acme lang:fr", "of": "topic:acme", "threshold": 0.7, "mentions": 5},
    ],
)
def test_it_fires_in_the_minute_in_which_it_would_have_fired(
    watch: Watch, given: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    watch.desk.writer.sync_desks(
        [
            service.Desk("Care", "intent:complaint", 60.0),
            service.Desk("legal", "lang:fr"),
            service.Desk("shut", "lang:de", open=False),
        ]
    )
    watch.rules = [rule(**given)]
    watch.start()
    since = watch.clock.at
    live = lived(watch, 300, seed=len(str(given)))
    told = replayed(watch, since)
    assert live
    assert sorted((one.instance, one.fired_at) for one in told.firings) == live
    assert told.factors[1.0] == len(told.firings)
    assert sum(told.bars) == told.mentions > 0
    monkeypatch.setattr(history, "LABELLED", 10)  # each topic, desk or intent is asked for by itself
    if len(given.get("per", ())) < 2 and given.get("per") != ("lang",):
        assert replayed(watch, since).firings == told.firings
    if "desk" in given.get("per", ()):
        wanted = {"Care"} if "desk:care" in given["query"] else {"Care", "legal"}
        assert {dict(one.labels)["desk"] for one in watch.alerts()} == wanted


def test_a_spike_is_replayed_against_earlier_weeks_with_what_other_thresholds_would_do(watch: Watch) -> None:
    weeks(watch, 4)
    since = watch.clock.at
    watch.say(20, "acme batteries burn")
    watch.clock.at += 2 * HOUR
    watch.heard(since, watch.clock.at)
    told = replayed(watch, since, rule("spike", mentions=5, authors=3, stories=2, coverage=0.8))
    (one,) = told.firings
    assert one.text.startswith("20 in the hour, expected ")
    assert one.resolved_at is not None
    assert told.factors[0.5] >= told.factors[1.0] >= told.factors[2.0]


def slowly(watch: Watch, which: Rule, since: int) -> dict[float, list[tuple[int, int | None, str]]]:
    """Threshold's factor -> (when a spike fires, when it is over, its words), by asking everything every minute."""
    with Reader(watch.path) as reader:
        heard = Heard(reader, which, since, watch.clock.at)
    rows = watch.desk.connection.execute(
        "SELECT id, author_id, ifnull(story_id, -id) FROM mentions ORDER BY id"
    ).fetchall()
    said = [(id_time(one), author, story) for one, author, story in rows]
    found: dict[float, list[tuple[int, int | None, str]]] = {}
    for factor in FACTORS:
        baseline, alert, cool, told = Baseline(said[0][0] // HOUR), None, 0.0, []
        for now in range(since, int(watch.clock.at) + 1, 60):
            while baseline.next < now // HOUR:
                baseline.push(sum(at // HOUR == baseline.next for at, _, _ in said), heard.hour(baseline.next))
            window = [one for one in said if now - which.window < one[0] <= now]
            usual = baseline.expect(now - which.window, now)
            people, stories = len({one[1] for one in window}), len({one[2] for one in window})
            share = heard.share(now - which.window, now)
            one = reading(which, "", {}, Seen(int(len(window) / factor), people, stories, 0, 0, share, usual), now)
            alert, what = cycle.step(alert, one, which, now, cool)
            if what == "resolved" and alert is not None:
                told.append((alert.fired_at or 0, alert.resolved_at, str(alert.evidence["text"])))
                alert, cool = None, now + which.cooldown
        if alert is not None and alert.state == "firing":
            told.append((alert.fired_at or 0, None, str(alert.evidence["text"])))
        found[factor] = told
    return found


@pytest.mark.parametrize(
    "more",
    [
        {"resolve_after": 1_200.0, "cooldown": 600.0},
        {"window": 5_400.0, "for_": 300.0, "mentions": 3, "sensitivity": "sensitive"},
    ],
)
def test_a_spike_fires_where_asking_everything_every_minute_would_find_it(watch: Watch, more: dict[str, Any]) -> None:
    weeks(watch, 4, 1)
    since = int(watch.clock.at)
    rng = random.Random(len(str(more)))
    loud = (0.02, 1.0, 0.03, 0.6, 0.05, 0.06, 0.07, 0.5, 0.05, 0.06)
    for minute in range(600):
        block = minute // 60
        few = block % 4 == 3  # so few people that they are not enough
        for _ in range(int(loud[block] + rng.random())):
            watch.say(1, author=Author(f"u{rng.randrange(2 if few else 9)}"))
        watch.clock.at += 60
    watch.heard(since, since + 400 * 60)
    which = rule("spike", **({"mentions": 5, "authors": 3, "stories": 2, "coverage": 0.8} | more))
    slow, told = slowly(watch, which, since), replayed(watch, since, which)
    assert [(one.fired_at, one.resolved_at, one.text) for one in told.firings] == slow[1.0]
    assert slow[1.0]
    assert told.factors == {factor: len(some) for factor, some in slow.items()}


def test_silence_is_replayed_and_what_hung_on_people_is_not(watch: Watch) -> None:
    watch.say(3)
    since = watch.clock.at
    watch.clock.at += 12 * HOUR
    watch.say(1)
    (one,) = replayed(watch, since, rule("silence", window=6 * HOUR)).firings
    assert 6 * HOUR <= one.fired_at - since <= 6 * HOUR + 600
    with pytest.raises(NoReplay, match="nobody kept"):
        replayed(watch, since, rule("late"))


def test_an_empty_store_has_no_firings(watch: Watch) -> None:
    told = replayed(watch, watch.clock.at - 90 * 86_400, rule("spike", mentions=5, coverage=0.8))
    assert (told.firings, told.mentions, sum(told.bars)) == ([], 0, 0)


def test_what_nobody_wants_any_more_is_broken_off(watch: Watch) -> None:
    watch.say(3)
    turns = iter((True, False))
    with Reader(watch.path) as reader, pytest.raises(BrokenOff):
        replay.replay(reader, rule("count", at_least=1), 0, watch.clock.at + 600, lambda: next(turns))
