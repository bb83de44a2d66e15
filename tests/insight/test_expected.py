"""What an hour should bring, and how surprising it is that it brings more."""

from __future__ import annotations

import math
import random
from statistics import median

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from listen.insight import expected
from listen.insight.expected import Baseline, Expectation, surprise

WEEK, HOUR = expected.WEEK, expected.HOUR


def taught(weeks: int, said: dict[int, int] | None = None, unheard: range = range(0)) -> Baseline:
    """Nine an hour by day, one by night, and what else is `said` in single hours."""
    baseline = Baseline(0)
    for hour in range(weeks * WEEK):
        usual = 9 if 8 <= hour % 24 < 20 else 1
        heard = hour not in unheard
        baseline.push((said or {}).get(hour, usual) if heard else 0, 1.0 if heard else 0.0)
    return baseline


def hour_of(baseline: Baseline, hour: int, until: float = 1.0) -> Expectation:
    found = baseline.expect(hour * HOUR, (hour + until) * HOUR)
    assert found is not None
    return found


def test_the_same_hour_of_earlier_weeks_says_how_many() -> None:
    baseline = taught(weeks=6)
    assert baseline.next == 6 * WEEK
    night = hour_of(baseline, 6 * WEEK)
    assert night.mean == pytest.approx(1, abs=0.2)
    assert night.basis == expected.BY_WEEKS
    noon = hour_of(taught_until_noon(), 6 * WEEK + 12)
    assert noon.mean == pytest.approx(9, abs=0.3)
    assert 3 <= noon.spread <= 6


def taught_until_noon() -> Baseline:
    baseline = taught(weeks=6)
    for hour in range(12):
        baseline.push(9 if hour >= 8 else 1)
    return baseline


def test_what_is_taken_back_teaches_no_more() -> None:
    loud = range(5 * WEEK + 2, 6 * WEEK)
    baseline, calm = taught(6, dict.fromkeys(loud, 40)), taught(6, dict.fromkeys(loud, 10))
    for hour in loud:
        for _ in range(30):
            baseline.take_back(hour)
    baseline.take_back(-5)
    for one in (baseline, calm):
        one.push(9)
    assert baseline._counts[-WEEK:-2] <= calm._counts[-WEEK:-2]


def test_a_window_over_two_hours_is_expected_by_their_parts() -> None:
    baseline = taught_until_noon()
    morning = baseline.expect((6 * WEEK + 7.5) * HOUR, (6 * WEEK + 8.5) * HOUR)
    assert morning is not None
    early, late = hour_of(baseline, 6 * WEEK + 7), hour_of(baseline, 6 * WEEK + 8)
    assert morning.mean == pytest.approx((early.mean + late.mean) / 2)


def test_one_loud_hour_changes_neither_the_week_after_nor_the_hour_after() -> None:
    loud = {5 * WEEK + 12: 400}
    calm, after = taught(6), taught(6, loud)
    noon = 6 * WEEK + 12
    for baseline in (calm, after):
        for hour in range(12):
            baseline.push(9 if hour >= 8 else 1)
    assert hour_of(after, noon).mean < 1.5 * hour_of(calm, noon).mean


def test_hours_that_were_not_heard_teach_nothing() -> None:
    outage = range(5 * WEEK + 8, 5 * WEEK + 20)
    heard, gap = hour_of(taught(6), 6 * WEEK), hour_of(taught(6, unheard=outage), 6 * WEEK)
    assert gap.mean == pytest.approx(heard.mean, rel=0.1)
    partly = Baseline(0)
    for _ in range(3 * WEEK):
        partly.push(5, 0.5)
    assert partly.expect(3 * WEEK * HOUR, (3 * WEEK + 1) * HOUR) is None


def test_what_lasts_becomes_usual() -> None:
    """Twice as loud for three days is a season; the bound keeps a crisis from becoming one."""
    baseline = taught(6)
    for hour in range(72):
        baseline.push(18 if 8 <= hour % 24 < 20 else 2)
    louder = hour_of(baseline, 6 * WEEK + 72)
    assert 1.4 <= louder.mean / hour_of(taught(6), 6 * WEEK).mean <= expected.LOUDEST + 0.5


def test_a_young_series_is_told_by_days_then_by_hours_then_not_at_all() -> None:
    baseline, told = Baseline(100), []
    for _ in range(3 * WEEK):
        found = baseline.expect(baseline.next * HOUR, (baseline.next + 1) * HOUR)
        told.append(found.basis if found else None)
        baseline.push(4)
    assert told[: expected.SOON] == [None] * expected.SOON
    assert [told[at] for at in (expected.SOON, 40, 50, 3 * WEEK - 1)] == [
        expected.BY_HOURS,
        expected.BY_HOURS,
        expected.BY_DAYS,
        expected.BY_WEEKS,
    ]
    assert baseline.expect(0, HOUR) is None


def test_ten_weeks_are_remembered_and_forgetting_changes_nothing() -> None:
    rng = random.Random(3)
    said = [rng.randrange(12) for _ in range(14 * WEEK)]
    whole = Baseline(0)
    whole._forget = lambda hours: None  # type: ignore[method-assign]
    cut = Baseline(0)
    for count in said:
        whole.push(count)
        cut.push(count)
    assert cut.first > 0
    assert cut.next == whole.next
    at = cut.next * HOUR
    assert cut.expect(at, at + HOUR) == whole.expect(at, at + HOUR)


class Plain(Baseline):
    """The same by its definition: every hour looks at all of its weeks and days anew."""

    def _usual(self, at: int) -> tuple[float, str]:
        weeks = [rate for week in range(1, expected.WEEKS + 1) if (rate := self._round(at - WEEK * week)) is not None]
        same = [self._counts[place] for place in range(at - 24, max(at - 24 * expected.DAYS, 0) - 1, -24)]
        days = [count for count in same if not math.isnan(count)]
        if len(weeks) >= 2 and days:
            weight, lean = 2.0 * len(weeks), expected.LEAN
            return (median(weeks) * weight + sum(days) / len(days) * lean) / (weight + lean), expected.BY_WEEKS
        if len(days) >= 2:
            near = [rate for day in range(1, expected.DAYS + 1) if (rate := self._round(at - 24 * day)) is not None]
            return sum(near) / len(near), expected.BY_DAYS
        lately = [count for count in self._counts[max(at - 24, 0) : at][::-1] if not math.isnan(count)]
        return (sum(lately) / len(lately) if len(lately) >= expected.SOON else math.nan), expected.BY_HOURS

    def _round(self, place: int) -> float | None:
        total = weight = 0.0
        for near, weighs in ((place - 1, expected.NEIGHBOUR), (place + 1, expected.NEIGHBOUR), (place, 1.0)):
            if near >= 0 and not math.isnan(self._counts[near]):
                total += weighs * self._counts[near]
                weight += weighs
        return total / weight if weight else None


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 1 << 30), loud=st.floats(0.05, 2_000), deaf=st.sampled_from([0.0, 0.02, 0.5]))
def test_what_is_kept_for_later_hours_is_what_looking_again_would_tell(seed: int, loud: float, deaf: float) -> None:
    rng, quick, plain, at_once, more = random.Random(seed), Baseline(7), Plain(7), Baseline(7), []
    for _ in range(rng.choice((400, 2_100))):
        count = int(rng.expovariate(1 / loud) * rng.choice((1, 1, 1, 30)))
        heard = 0.5 if rng.random() < deaf else 1.0
        more.append((count, heard))
        for one in (quick, plain):
            one.push(count, heard)
        now = quick.next * HOUR + 1_200
        assert quick.expect(now - HOUR, now) == plain.expect(now - HOUR, now)
        if rng.random() < 0.05:
            at_once.teach(more)
            more.clear()
            other = at_once.copy()
            other.teach([(9_999, 1.0)] * 30)
            assert at_once.expect(now - HOUR, now) == quick.expect(now - HOUR, now)
            taken = quick.next - rng.randrange(1, 2_000)
            for one in (quick, plain, at_once):
                one.take_back(taken)


@given(
    count=st.integers(0, 60), mean=st.floats(0.05, 40), scatter=st.one_of(st.just(0.0), st.floats(0.01, 3))
)  # fmt: skip
def test_the_surprise_is_the_exact_tail(count: int, mean: float, scatter: float) -> None:
    expectation = Expectation(mean, math.sqrt(mean + scatter * mean * mean), expected.BY_WEEKS)
    below = sum(chance(k, mean, scatter) for k in range(count))
    found = surprise(count, expectation)
    assert 0 <= found <= 1
    if count > mean:
        assert found == pytest.approx(1 - below, rel=1e-4, abs=1e-9)
    else:
        assert found == 1


@given(
    count=st.integers(0, 400),
    mean=st.floats(0.05, 90),
    scatter=st.floats(0.0, 30),
    below=st.sampled_from([1e-2, 1e-3, 1e-4]),
)  # fmt: skip
def test_whether_it_is_surprising_is_what_the_tail_says(count: int, mean: float, scatter: float, below: float) -> None:
    expectation = Expectation(mean, math.sqrt(mean + scatter * mean * mean), expected.BY_WEEKS)
    assert expected.is_surprising(count, expectation, below) == (surprise(count, expectation) < below)


def chance(k: int, mean: float, scatter: float) -> float:
    """By products, with no logarithm: the definition."""
    if scatter < 1e-6:
        found = math.exp(-mean)
        for step in range(1, k + 1):
            found *= mean / step
        return found
    size = 1 / scatter
    odds = mean / (mean + size)
    found = float((1 - odds) ** size)
    for step in range(k):
        found *= odds * (size + step) / (step + 1)
    return found


def test_a_surprise_of_thousands_is_told() -> None:
    loud = Expectation(1_300, math.sqrt(1_300 + 0.3 * 1_300**2), expected.BY_WEEKS)
    below = math.fsum(expected._first_term(k, loud)[0] for k in range(2_700))
    assert surprise(2_700, loud) == pytest.approx(1 - below, rel=1e-6)
    assert surprise(50_000, Expectation(40_000, 9_000, expected.BY_WEEKS)) == pytest.approx(0.14, abs=0.03)
    assert surprise(100_000, Expectation(9, 3, expected.BY_WEEKS)) == 0
