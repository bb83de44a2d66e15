"""How many mentions a time should bring, and how surprising it is that there are more.

The same hour of earlier weeks says how many (their median, leaning on the same hour of the last days, since a median
of small numbers jumps), times how much louder than that the last three days were. How far such guesses were off before
says how far to trust this one: counts scatter more than chance alone (Poisson), so the tail is that of a negative
binomial. An hour that was not really heard is neither silence nor baseline: it is left out everywhere. What was a spike
itself teaches only as much as the largest count that would have been no surprise.

How it compares with what others publish: `python -m tests.bench.bench_spikes`.
"""

from __future__ import annotations

import copy
import math
from array import array
from collections.abc import Iterable
from typing import NamedTuple

HOUR, DAY, WEEK = 3_600, 24, 168
"""An hour in seconds; a day and a week in hours."""

WEEKS = 8
"""Earlier weeks that are looked at."""

NEIGHBOUR = 0.5
"""What the hours before and after the same hour weigh beside it."""

DAYS = 14
"""Earlier days whose same hour is what a week's hour leans on."""

LEAN = 8.0
"""So many hours of observation the days' mean weighs, beside two for each week."""

RECENT = 72
"""Hours that tell how loud it is now."""

STEADY = 10.0
"""So many mentions the level leans on "as loud as ever": a few mentions more or less do not change it."""

QUIETEST, LOUDEST = 0.4, 2.5
"""The bounds of the level: beyond them it is a crisis, not a season."""

HEARD = 0.8
"""The share of an hour that must have been heard for it to teach anything."""

SHOCK = 5.0
"""Spreads above the expectation from which on an hour teaches no more."""

FADE = 0.998
"""What the scatter seen an hour ago weighs beside that of now: half of it is a fortnight old."""

SCATTER = 0.3
"""The extra variance, by the square of the mean, that is assumed before any was seen."""

LEAST = 0.05
"""Mentions an hour that are expected where nobody ever said a word."""

KEPT = (WEEKS + 2) * WEEK
"""Hours that are remembered."""

SOON = 6
"""Hours that must have been heard before anything is expected at all."""

FARTHEST = 10_000.0
"""Steps after which a continued fraction is near enough; dozens do for any count that a window holds."""

BY_WEEKS, BY_DAYS, BY_HOURS = "the same hours of earlier weeks", "the same hours of earlier days", "the last hours"
"""Whence an expectation is known, the best first."""

SENSITIVITY = {"sensitive": 1e-2, "balanced": 1e-3, "strict": 1e-4}
"""The chance below which a count is a surprise: some 4, 1 and 0.3 false alarms a month and topic."""

FLOOR = 5
"""Mentions below which nothing is called far above what is expected."""


class Expectation(NamedTuple):
    """How many mentions a window should bring: 9 ± 4, and from what that was told."""

    mean: float
    spread: float
    """The standard deviation, in mentions."""
    basis: str
    """One of BY_WEEKS, BY_DAYS and BY_HOURS."""

    def is_passed_by(self, n: int) -> bool:
        """Whether so many are far more: alerts would call it a surprise, too, were they asked in their usual temper."""
        return n >= FLOOR and is_surprising(n, self, SENSITIVITY["balanced"])


class Baseline:
    """What is expected of one series of mentions, taught hour by hour: some 4 µs each, 35 KB in all."""

    def __init__(self, first: int) -> None:
        """`first`: the hour that is pushed first, in whole hours since 1970."""
        self.first = first
        self._counts = array("f")
        """What each hour taught; NaN: it was not heard."""
        self._smooth = array("d")
        """The mentions an hour around each hour but the last; the first one is that around the hour before `first`."""
        self._seasonal, self._rates = array("f", [math.nan]), array("f", [math.nan])
        """What each hour usually brings, and what it should bring as loud as it is: to the next one. NaN: unknown."""
        self._basis = BY_HOURS
        self._got = self._wanted = 0.0
        """What the last RECENT hours had, and what was usual for them, of those that are known."""
        self._off, self._weight = SCATTER, 1.0

    @property
    def next(self) -> int:
        """The hour that is to be pushed next; the first of which nothing is known."""
        return self.first + len(self._counts)

    def copy(self) -> Baseline:
        """Another one that knows the same, to be taught something else."""
        found = copy.copy(self)
        for name in ("_counts", "_smooth", "_seasonal", "_rates"):
            setattr(found, name, getattr(self, name)[:])
        return found

    def push(self, count: float, heard: float = 1.0) -> None:
        """Teach the next hour: its mentions, and the share of it in which they could be heard."""
        self.teach(((count, heard),))

    def teach(self, hours: Iterable[tuple[float, float]]) -> None:
        """`push` for each of these hours, one after the other, in less time."""
        counts, smooth, seasonal, rates = self._counts, self._smooth, self._seasonal, self._rates
        got, wanted, off, weight = self._got, self._wanted, self._off, self._weight
        place, expected = len(counts), rates[-1]
        for count, heard in hours:
            if heard < HEARD:
                count = math.nan
            elif expected == expected:  # what is not itself is NaN
                if count > expected + 1:
                    count = min(count, expected + SHOCK * _spread(expected, off / weight) + 1)
                off = FADE * off + (count - expected) ** 2 - expected
                weight = FADE * weight + expected * expected
            counts.append(count)
            smooth.append(_around(counts, place - 1))
            if (count := counts[place]) == count and (usual := seasonal[place]) == usual:
                got += count
                wanted += usual
            old = place - RECENT
            if old >= 0 and (count := counts[old]) == count and (usual := seasonal[old]) == usual:
                got -= count
                wanted -= usual
            place += 1
            usual, self._basis = self._usual(place)
            level = (got + STEADY) / ((wanted if wanted > 0.0 else 0.0) + STEADY)
            rate = usual * (QUIETEST if level < QUIETEST else LOUDEST if level > LOUDEST else level)
            seasonal.append(usual)
            rates.append(LEAST if rate < LEAST else rate)
            expected = rates[place]
        self._got, self._wanted, self._off, self._weight = got, wanted, off, weight
        if place >= KEPT + WEEK:
            self._forget(place - KEPT)

    def take_back(self, hour: int) -> None:
        """One mention of an hour, since 1970, was none: it teaches no more. What was expected till then stays."""
        place = hour - self.first
        if 0 <= place < len(self._counts) and self._counts[place] >= 1:
            self._counts[place] -= 1
            for near in range(place, min(place + 3, len(self._smooth))):
                self._smooth[near] = _around(self._counts, near - 1)
            if place >= len(self._counts) - RECENT and not math.isnan(self._seasonal[place]):
                self._got -= 1

    def expect(self, since: float, until: float) -> Expectation | None:
        """What the time between two moments (unix seconds) should bring; None while too little was heard.

        It reaches up to an hour beyond what was pushed; of times before `first`, or longer ago
        than ten weeks, nothing is expected.
        """
        mean, at = 0.0, since
        while at < until:
            hour = int(at // HOUR)
            end = min((hour + 1) * HOUR, until)
            place = min(hour - self.first, len(self._rates) - 1)
            if place < 0 or math.isnan(self._rates[place]):
                return None
            mean += self._rates[place] * (end - at) / HOUR
            at = end
        mean = max(mean, LEAST * (until - since) / HOUR)
        return Expectation(mean, _spread(mean, self._off / self._weight), self._basis)

    def _forget(self, hours: int) -> None:
        self.first += hours
        del self._counts[:hours], self._smooth[:hours], self._seasonal[:hours], self._rates[:hours]

    def _usual(self, at: int) -> tuple[float, str]:
        """What this hour usually brings, and whence that is known."""
        weeks = _back(self._smooth, at - WEEK + 1, WEEK, WEEKS)
        days = _back(self._counts, at - DAY, DAY, DAYS)
        if len(weeks) >= 2:
            weight, lean = 2.0 * len(weeks), LEAN if days else 0.0
            return (_median(weeks) * weight + sum(days) / max(1, len(days)) * lean) / (weight + lean), BY_WEEKS
        if len(days) >= 2:
            near = _back(self._smooth, at - DAY + 1, DAY, DAYS)
            return sum(near) / len(near), BY_DAYS
        lately = _back(self._counts, at - 1, 1, DAY)
        return (sum(lately) / len(lately) if len(lately) >= SOON else math.nan), BY_HOURS


def _spread(mean: float, scatter: float) -> float:
    """The standard deviation of counts that scatter so much more than chance alone makes them."""
    return math.sqrt(mean + (scatter if scatter > 0.0 else 0.0) * mean * mean)


def _around(counts: array[float], place: int) -> float:
    """Mentions an hour around an hour, as far as it was heard; NaN where it was not."""
    if place > 0:
        total = NEIGHBOUR * counts[place - 1] + NEIGHBOUR * counts[place + 1] + counts[place]
        if total == total:  # what is not itself is NaN
            return total / (2 * NEIGHBOUR + 1.0)
    total = weight = 0.0
    for near in (place - 1, place + 1):
        if near >= 0 and (count := counts[near]) == count:
            total += NEIGHBOUR * count
            weight += NEIGHBOUR
    if place >= 0 and (count := counts[place]) == count:
        total += count
        weight += 1.0
    return total / weight if weight else math.nan


def _back(values: array[float], start: int, step: int, most: int) -> list[float]:
    """What is known of a place and of those at every `step` before it, as many as there are and `most` at most."""
    if start < 0:
        return []
    stop = start - step * most
    found = values[start : stop if stop >= 0 else None : -step].tolist()
    total = sum(found)
    return found if total == total else [value for value in found if value == value]


def _median(rates: list[float]) -> float:
    """As `statistics` has it, in a third of the time."""
    rates.sort()
    half = len(rates) // 2
    return rates[half] if len(rates) % 2 else (rates[half - 1] + rates[half]) / 2


def is_surprising(count: int, expectation: Expectation, chance: float) -> bool:
    """Whether `surprise` is below a chance; where the tail's first term makes that plain, the rest is not summed.

    Each term is at most `ratio` times the one before, so that the whole lies between the first one and the geometric
    series.
    """
    if count <= expectation.mean:
        return chance > 1.0
    first, ratio = _first_term(count, expectation)
    if first >= chance:
        return False
    if ratio < 1.0 and first / (1.0 - ratio) < chance:
        return True
    return surprise(count, expectation) < chance


def _first_term(count: int, expectation: Expectation) -> tuple[float, float]:
    """(the chance of exactly so many, at most how many times that the chance of one more is, and so on)."""
    mean, variance = expectation.mean, expectation.spread**2
    if variance <= mean * 1.000_1:
        return math.exp(count * math.log(mean) - mean - math.lgamma(count + 1)), mean / (count + 1)
    size, share = mean * mean / (variance - mean), mean / variance
    log = (
        math.lgamma(count + size) - math.lgamma(size) - math.lgamma(count + 1)
        + size * math.log(share) + count * math.log1p(-share)
    )  # fmt: skip
    return math.exp(log), (1 - share) * max(1.0, (count + size) / (count + 1))


def surprise(count: int, expectation: Expectation) -> float:
    """The chance of so many mentions or more when all is as usual, 0 to 1: the exact tail of a negative binomial.

    Where counts scatter no more than chance alone makes them, that of a Poisson distribution.
    """
    mean, variance = expectation.mean, expectation.spread**2
    if count <= mean:
        return 1.0
    first, _ = _first_term(count, expectation)
    if variance <= mean * 1.000_1:
        return min(first * _terms(count, mean), 1.0)
    return min(first * _fraction(float(count), mean * mean / (variance - mean), 1.0 - mean / variance), 1.0)


def _terms(count: int, mean: float) -> float:
    """A Poisson tail by its first term."""
    term = total = 1.0
    at = count
    while term > 1e-9 * total:
        term *= mean / (at + 1)
        total += term
        at += 1
    return total


def _fraction(a: float, b: float, x: float) -> float:
    """A negative binomial's tail by its first term: I_x(a, b) over x^a (1-x)^b / (a B(a, b)).

    The continued fraction of the incomplete beta function (Abramowitz and Stegun 26.5.8) by Lentz's method: some 20
    steps where the terms of the tail of a loud topic are thousands. It is asked right of the mean only, where it
    converges.
    """
    c, d = 1.0, 1.0 / (1.0 - (a + b) * x / (a + 1.0))
    found, step = d, 0.0
    while step < FARTHEST:
        step += 1.0
        twice = a + 2.0 * step
        part = step * (b - step) * x / ((twice - 1.0) * twice)
        d, c = 1.0 / (1.0 + part * d), 1.0 + part / c
        found *= d * c
        part = -(a + step) * (a + b + step) * x / (twice * (twice + 1.0))
        d, c = 1.0 / (1.0 + part * d), 1.0 + part / c
        found *= d * c
        if abs(d * c - 1.0) < 1e-12:
            break
    return found
