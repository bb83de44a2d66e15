"""A topic hour by hour or day by day: what was said, how much of it was really heard, and what was to be expected.

What is expected is what alerts expect (`listen.insight.expected`): each hour is told from those before it, and one that
was not heard teaches nothing.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, tzinfo
from functools import lru_cache
from itertools import groupby
from typing import NamedTuple

from listen.insight.expected import WEEKS, Baseline, Expectation
from listen.insight.hearing import Hearing
from listen.insight.window import HOUR, Window
from listen.model import EPOCH
from listen.store.counted import NOTHING, Span, total
from listen.store.pulse import Numbers
from listen.store.read import Reader
from listen.store.sqlite import Connection

_BEGIN = EPOCH // HOUR
"""The hour since 1970 that the store counts as 0."""

SETTLED = 48
"""Hours after which what was heard in an hour, and said, hardly changes any more."""


class Point(NamedTuple):
    """An hour or a day of the window."""

    start: int
    """Unix seconds."""
    numbers: Numbers
    heard: float
    """The share of it (as far as it has passed) in which the channels were really heard, 0 to 1; 1 before anything of
    that was kept."""
    expected: float | None
    """Mentions that were to be expected (up to now, in a step that is not over); None while too little is known."""
    spread: float | None
    """Their standard deviation."""


class Heard(NamedTuple):
    """How much was really heard; all is taken for heard before anything of that was kept."""

    hours: Mapping[int, float]
    """Hour since 1970 -> share."""
    first: int
    """The first hour of which that was kept."""

    def at(self, hour: int) -> float:
        """The share of an hour."""
        return 1.0 if hour < self.first else self.hours.get(hour, 0.0)

    def over(self, hours: range) -> list[float]:
        """The shares of hours one after the other."""
        deaf = max(0, min(len(hours), self.first - hours.start))
        return [1.0] * deaf + [self.hours.get(hour, 0.0) for hour in hours[deaf:]]

    def of(self, window: Window, now: float) -> float | None:
        """The share of what has passed of a window, None where nothing of that was kept."""
        return self.between(window.since, min(now, window.until))

    def between(self, since: float, until: float) -> float | None:
        """The share of the time between two moments (Unix seconds), None where nothing of it was kept."""
        since = max(since, float(self.first * HOUR))
        if until <= since:
            return None
        first, last = int(since) // HOUR, int(until) // HOUR
        whole = HOUR * sum(self.over(range(first, last)))
        return (whole - self.at(first) * (since % HOUR) + self.at(last) * (until % HOUR)) / (until - since)


def span_of(window: Window) -> Span:
    """The hours of a window as the store counts them."""
    return Span(max(0, window.since // HOUR - _BEGIN), max(0, window.until // HOUR - _BEGIN))


def heard(connection: Connection, window: Window, now: float) -> Heard:
    """What was heard of a window, of the one before it and of the weeks that tell what is expected."""
    first = min(window.before().since // HOUR, window.since // HOUR - WEEKS * 168)
    return heard_since(connection, first, min(now, window.until))


def heard_since(connection: Connection, first: int, until: float, sources: frozenset[str] = frozenset()) -> Heard:
    """What was heard from an hour (since 1970) to a moment (Unix seconds), in all sources or in some (folded names)."""
    hearing = Hearing()
    hearing.look(connection, until)
    hours = hearing.between(connection, sources, first, until)
    return Heard(hours, min((hour for hour, share in hours.items() if share), default=int(until) // HOUR + 1))


def coverage(reader: Reader, windows: Collection[Window], now: float) -> dict[Window, float | None]:
    """The share of each of these windows that was heard, as far as it has passed.

    Stricter than that of `Figures`: what was before anything was kept was not heard. None where nothing ever was.
    """
    if not windows:
        return {}
    hearing, end = Hearing(), min(now, max(one.until for one in windows))
    with reader.snapshot() as connection:
        hearing.look(connection, end)
        hours = hearing.between(connection, frozenset(), min(one.since for one in windows) // HOUR, end)
    if not any(hours.values()):
        return dict.fromkeys(windows)
    return {one: Heard(hours, 0).of(one, now) for one in windows}


def past(window: Window) -> Span:
    """The weeks before a window that tell what is expected of it."""
    span = span_of(window)
    return Span(max(0, span.first - WEEKS * 168), span.first)


def points(
    window: Window, numbers: Mapping[int, Numbers], hours: Mapping[int, int], listened: Heard, now: float
) -> list[Point]:
    """The window step by step, the oldest first.

    `numbers` are its own, by the first hour of each step, `hours` the mentions of its hours and of those of its `past`;
    hours are since 2000.
    """
    first, begin = _BEGIN + min(hours, default=span_of(window).last), window.since // HOUR
    steps = range(window.since, window.until, window.step)
    over = steps[: max(0, (int(now) // HOUR - SETTLED) * HOUR - window.since) // window.step]
    before = range(first, max(first, begin, over.stop // HOUR - 1))
    told, known = _foretold(first, tuple(zip(_said(hours, before), listened.over(before), strict=True)), over)
    baseline, found = known.copy(), []
    for place, start in enumerate(steps):
        end = min(start + window.step, (int(now) // HOUR + 1) * HOUR)
        taught = range(baseline.next, end // HOUR - 1)
        baseline.teach(zip(_said(hours, taught), listened.over(taught), strict=True))
        usual = told[place] if place < len(told) else baseline.expect(start, min(end, now)) if start < now else None
        passed = range(start // HOUR, end // HOUR)
        share = sum(listened.over(passed)) / len(passed) if passed else 0.0
        said = numbers.get(start // HOUR - _BEGIN, NOTHING)
        found.append(Point(start, said, share, usual and usual.mean, usual and usual.spread))
    return found


def _said(hours: Mapping[int, int], span: range) -> list[int]:
    return [hours.get(hour, 0) for hour in range(span.start - _BEGIN, span.stop - _BEGIN)]


@lru_cache(maxsize=8)
def _foretold(
    first: int, hours: tuple[tuple[int, float], ...], steps: range
) -> tuple[Sequence[Expectation | None], Baseline]:
    """What was expected of these steps, and what is expected after these hours: copy it, do not teach it.

    Kept for who asks for the same window again.
    """
    baseline, told = Baseline(first), []
    for start in steps:
        end = start + steps.step
        baseline.teach(hours[baseline.next - first : max(0, end // HOUR - 1 - first)])
        told.append(baseline.expect(start, end))
    baseline.teach(hours[baseline.next - first :])
    return told, baseline


def by_day(points: Sequence[Point], zone: tzinfo, now: float) -> list[Point]:
    """Points of hours by the days of a zone, of 23 to 25 hours; an hour belongs to the day that it begins in.

    What is expected of a day is what was expected of its hours so far; its spread follows the same law of scatter
    (`listen.insight.expected`), variance = mean + scatter * mean^2, with the scatter that its last hour knew.
    """
    days = groupby(points, key=lambda one: datetime.fromtimestamp(one.start, zone).date())
    return [_together(list(hours), now) for _, hours in days]


def _together(hours: Sequence[Point], now: float) -> Point:
    passed = [one for one in hours if one.start < now]
    numbers = total(one.numbers for one in hours)
    heard = sum(one.heard for one in passed) / len(passed) if passed else 0.0
    known = [(one.expected, one.spread) for one in passed if one.expected is not None and one.spread is not None]
    if not known or len(known) < len(passed):
        return Point(hours[0].start, numbers, heard, None, None)
    mean = sum(expected for expected, _ in known)
    last, spread = known[-1]
    scatter = max(0.0, spread**2 - last) / last**2
    return Point(hours[0].start, numbers, heard, mean, math.sqrt(mean + scatter * mean**2))
