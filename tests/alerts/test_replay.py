"""A rule over history fires when it would have fired as things arrived."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from listen.alerts import replay
from listen.alerts.replay import BrokenOff, NoReplay, Replayed
from listen.model import Author
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
    rng, found = random.Random(seed), []
    for minute in range(minutes):
        loud = minute // 45 % 3 == 1
        for _ in range(rng.choice((0, 1, 2) if loud else (0, 0, 0, 0, 1))):
            watch.say(1, lang=rng.choice(("fr", "de")), author=Author(f"u{rng.randrange(6)}"))
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
        {"when": "match", "query": "topic:acme lang:fr", "window": 600.0},
        {"when": "share", "query": "topic:acme lang:fr", "of": "topic:acme", "threshold": 0.7, "mentions": 5},
    ],
)
def test_it_fires_in_the_minute_in_which_it_would_have_fired(watch: Watch, given: dict[str, Any]) -> None:
    watch.rules = [rule(**given)]
    watch.start()
    since = watch.clock.at
    live = lived(watch, 300, seed=len(str(given)))
    told = replayed(watch, since)
    assert live
    assert sorted((one.instance, one.fired_at) for one in told.firings) == live
    assert told.factors[1.0] == len(told.firings)
    assert sum(told.bars) == told.mentions > 0


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
