"""When a channel is asked next."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from listen.collect import schedule
from listen.collect.schedule import CEILING, DAY, DEFAULT, FLOOR, HOUR, NEVER, SPREAD

NOW = 1_795_000_000.0
seconds = st.none() | st.floats(1, 40 * DAY)


@pytest.mark.parametrize(
    ("typed", "adapter", "wishes", "expected"),
    [
        (None, None, (), DEFAULT),
        (None, 120.0, (), FLOOR),
        (120.0, 3600.0, (), 120.0),
        (None, 1800.0, (), 1800.0),
        (120.0, None, (900.0,), 900.0),
        (7200.0, None, (900.0,), 7200.0),
        (None, None, (None, 2_591_034.0), CEILING),
        (None, None, (7200.0, 5400.0), 7200.0),
        (3 * DAY, None, (), 3 * DAY),
        (0.0, None, (), 1.0),
    ],
)
def test_the_interval_is_what_was_asked_for_within_what_is_polite(
    typed: float | None, adapter: float | None, wishes: tuple[float | None, ...], expected: float
) -> None:
    assert schedule.interval(typed, adapter, *wishes) == expected


@given(seconds, seconds, seconds)
def test_nobody_is_asked_oftener_than_allowed_or_given_up(
    typed: float | None, adapter: float | None, wish: float | None
) -> None:
    every = schedule.interval(typed, adapter, wish)
    assert every >= min(FLOOR, typed or FLOOR)
    assert every <= max(CEILING, typed or 0)
    assert every >= min(wish or 0, CEILING)


@given(st.text())
def test_jitter_is_fixed_and_small(key: str) -> None:
    assert 0.9 <= schedule.jitter(key) <= 1.1
    assert schedule.jitter(key) == schedule.jitter(key)


def test_channels_drift_apart() -> None:
    times = {schedule.after_success(NOW, HOUR, f"press/{number}") for number in range(100)}
    assert len(times) > 80
    assert all(NOW + 0.9 * HOUR - 1 <= at <= NOW + 1.1 * HOUR for at in times)


def test_failures_double_the_wait_to_a_day() -> None:
    waits = [schedule.after_failure(NOW, HOUR, "k", streak, "http-500") - NOW for streak in range(1, 40)]
    factor = schedule.jitter("k")
    assert waits[0] == pytest.approx(60 * factor, abs=1)
    assert waits[3] == pytest.approx(480 * factor, abs=1)
    assert waits[-1] == pytest.approx(DAY * factor, abs=1)
    assert waits == sorted(waits)


def test_a_fault_that_may_be_ours_waits_an_hour_at_most() -> None:
    for reason in ("dns", "connect", "workshop"):
        assert schedule.after_failure(NOW, HOUR, "k", 50, reason) - NOW <= 1.1 * HOUR
        assert schedule.after_failure(NOW, 6 * HOUR, "k", 50, reason) - NOW <= 6.6 * HOUR


def test_a_server_that_names_a_time_is_obeyed_and_one_that_is_gone_is_left_alone() -> None:
    assert schedule.after_failure(NOW, HOUR, "k", 1, "http-429", NOW + 5 * DAY) == NOW + 5 * DAY
    assert schedule.after_failure(NOW, HOUR, "k", 10, "http-429", NOW + 1) > NOW + 1000
    assert schedule.after_failure(NOW, HOUR, "k", 1, schedule.GONE, NOW + 1) == NEVER


def test_after_a_start_nothing_fresh_is_asked_and_the_overdue_is_spread() -> None:
    assert schedule.at_start(NOW, NOW + 500, "k", 100, HOUR) == NOW + 500
    assert schedule.at_start(NOW, 0, "k", 100, HOUR) == 0
    times = [schedule.at_start(NOW, NOW - 500, f"press/{number}", 100, HOUR) for number in range(100)]
    assert all(NOW <= at <= NOW + SPREAD for at in times)
    assert max(times) - min(times) > SPREAD / 2
    few = [schedule.at_start(NOW, NOW - 500, f"press/{number}", 3, HOUR) for number in range(3)]
    assert all(NOW <= at <= NOW + 3 for at in few)
    assert schedule.at_start(NOW, NOW - 500, "k", 100, 1.0) <= NOW + 1


def test_a_plan_of_a_clock_that_was_set_back_begins_now() -> None:
    year = 365 * 86_400
    assert schedule.believable(NOW, NOW + 500, NOW - 100) == NOW + 500
    assert schedule.believable(NOW, NOW + 500, None) == NOW + 500
    assert schedule.believable(NOW, NOW + year + 600, NOW + year) == NOW + 600
    assert schedule.believable(NOW, NOW + 5, NOW + year) == NOW
    assert schedule.believable(NOW, NEVER, NOW + year) == NEVER
    assert schedule.believable(NOW, 0, NOW + year) == 0


def test_what_lies_between_two_good_answers_was_heard() -> None:
    assert schedule.heard(NOW, None) is None
    assert schedule.heard(NOW, NOW - 600) == (int(NOW) - 600, int(NOW))
    assert schedule.heard(NOW, NOW + 5) is None


@given(st.integers(0, 2_000_000_000), st.sets(st.integers(0, 167), max_size=167))
def test_hours_to_be_skipped_are_skipped_and_no_more(at: int, skip: set[int]) -> None:
    def hour_of_the_week(moment: float) -> int:
        when = datetime.fromtimestamp(moment, UTC)
        return when.weekday() * 24 + when.hour

    found = schedule.awake(at, skip)
    assert found >= at
    assert hour_of_the_week(found) not in skip
    assert all(hour_of_the_week(moment) in skip for moment in range(at, found, 3_600))
    assert schedule.awake(at, range(168)) == at
