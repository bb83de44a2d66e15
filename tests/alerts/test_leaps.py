"""A clock that leaps: what would have fired in between is written down with the times of then, and told once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from listen.alerts.leaps import FARTHEST, PATIENCE, Leaps
from tests.alerts.test_engine import Watch, rule, weeks
from tests.demo.test_crisis import look_back
from tests.store.posts import NOW, Desk, Turned

HOUR = 3_600


@pytest.fixture
def watch(desk: Desk, store_path: Path, clock: Turned) -> Iterator[Watch]:
    made = Watch(desk, store_path, clock, [])
    made.clock.at = NOW // HOUR * HOUR
    made.heard(made.clock.at - HOUR, made.clock.at)
    yield made
    made.engine.close()


def wake(watch: Watch, after: float, *said: float) -> None:
    """Some time later all that was said in between arrives; `said`: seconds before then."""
    before, watch.clock.at = watch.clock.at, watch.clock.at + after
    for ago in said:
        watch.say(1, published_at=int(watch.clock.at - ago))
    watch.heard(before, watch.clock.at)
    turns(watch, 2)


def turns(watch: Watch, n: int) -> None:
    """Turns with what follows them, so far apart that whatever is wanted is looked at."""
    for _ in range(n):
        watch.turn()
        look_back(watch.path, watch.engine, watch.desk.writer)
        watch.clock.at += PATIENCE
    watch.turn()


def test_what_was_missed_fires_with_its_times_and_is_told_once(watch: Watch) -> None:
    watch.rules = [
        rule("count", at_least=5, for_=300.0, resolve_after=600.0),
        replace(rule("silence", window=3.0 * HOUR, coverage=0.8), name="hush"),
    ]
    watch.start()
    watch.turn(60)
    burst = watch.clock.at + 6 * HOUR
    now_and_then = [HOUR * number for number in (10, 8, 4, 2, 1)]
    wake(watch, 12 * HOUR, *(6 * HOUR - 60 * number for number in range(6)), *now_and_then)
    (one,) = watch.alerts()
    assert burst <= one.began_at <= burst + 360
    assert one.fired_at is not None
    assert one.resolved_at is not None
    assert 300 <= one.fired_at - one.began_at < 420
    assert one.fired_at < one.resolved_at < burst + 2 * HOUR
    assert len(one.evidence["mentions"]) == 3
    turns(watch, 4)
    assert watch.alerts()[0].id == one.id
    assert [each.rule for each in watch.sent] == ["r"], "one letter, and none of silence"


def test_what_was_not_much_at_any_time_fires_not_and_nothing_is_looked_at_where_nothing_leapt(watch: Watch) -> None:
    weeks(watch, 4)
    watch.rules = [rule("count", at_least=5), replace(rule("spike", mentions=5, coverage=0.8), name="loud")]
    watch.start()
    watch.turn(60)
    for _ in range(4):
        before = watch.clock.at
        watch.turn(300)
        watch.say(1, published_at=int(watch.clock.at) - 30)
        watch.heard(before, watch.clock.at)
        watch.turn(1)
        assert watch.engine.leapt(watch.clock.at) is None
    watch.turn(2 * HOUR)
    wake(watch, 12 * HOUR, *(HOUR * number for number in range(1, 11)))
    assert not watch.alerts()


def test_what_was_pending_when_the_machine_slept_fires(watch: Watch) -> None:
    watch.rules = [rule("count", at_least=3, for_=300.0)]
    watch.start()
    watch.turn(60)
    watch.say(4)
    watch.turn(1)
    assert watch.states() == [("", "pending")]
    since = watch.clock.at
    wake(watch, 12 * HOUR)
    (one,) = watch.alerts()
    assert one.fired_at is not None
    assert since < one.fired_at < since + HOUR
    assert one.resolved_at is not None


def test_a_rule_is_looked_at_twice_not_at_each_turn_and_a_week_back_at_most() -> None:
    leaps = Leaps()
    leaps.mark("r", 0.0, 2 * FARTHEST)
    now = 2 * FARTHEST
    assert leaps.take(now) == ("r", FARTHEST)
    leaps.mark("r", now - 5, now)
    assert leaps.take(now + 1) is None
    assert leaps.take(now + PATIENCE) == ("r", FARTHEST)
    assert leaps.take(now + 2 * PATIENCE) == ("r", FARTHEST)
    assert leaps.take(now + 9 * PATIENCE) is None


@pytest.mark.parametrize("went_on", [True, False])
def test_what_fires_when_the_machine_sleeps_is_over_when_it_was_over(watch: Watch, went_on: bool) -> None:
    watch.rules = [rule("count", at_least=5, resolve_after=600.0)]
    watch.start()
    watch.turn(60)
    watch.say(6)
    watch.turn(1)
    assert watch.states() == [("", "firing")]
    fell_asleep = watch.clock.at
    watch.turn(3 * HOUR)
    watch.clock.at += 1
    watch.turn()
    assert watch.states() == [("", "firing")], "nobody has told yet what was said meanwhile"
    if went_on:
        watch.say(30, published_at=int(watch.clock.at - 60))
    watch.heard(fell_asleep, watch.clock.at)
    turns(watch, 3)
    (one,) = watch.alerts()
    if went_on:
        assert (one.resolved_at, len(watch.sent)) == (None, 1)
    else:
        assert one.resolved_at is not None
        assert fell_asleep + HOUR < one.resolved_at < fell_asleep + HOUR + 900
        assert [each.kind for each in watch.sent] == ["firing", "resolved"]
