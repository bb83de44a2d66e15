"""How many mentions the window of each minute holds, an hour of minutes at a time: millions are counted in C."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterator
from itertools import accumulate
from operator import sub
from typing import NamedTuple

from listen.alerts.history import HOUR, Series
from listen.model import EPOCH, SEQUENCE_BITS, id_time

MINUTE, DAY = 60, 86_400

WIDE = MINUTE << SEQUENCE_BITS
"""How far the ids of two mentions lie apart that a minute lies between."""

MANY = 60
"""Mentions of a day from which on all of its minutes are counted at once."""


class Hour(NamedTuple):
    """Some minutes of one hour. A window ends with each, and includes what comes in its last second."""

    first: int
    """The first minute, Unix seconds."""
    lows: list[int]
    highs: list[int]
    """Where each window begins and ends in the series."""
    counts: list[int]
    """Mentions of each window."""
    of: list[int]
    """share: mentions of which those are a share; else empty."""

    @property
    def last(self) -> int:
        """The last minute."""
        return self.first + MINUTE * (len(self.counts) - 1)


def hours(
    series: Series, window: float, since: float, until: float, least: int, idle: Callable[[], bool], *, share: bool
) -> Iterator[Hour]:
    """The minutes from one moment to another, by their hour; a day's are counted at once, so that memory is bounded.

    While `idle`, those are passed over whose windows hold fewer than `least`.
    """
    start, end = minute(since), int(until) // MINUTE * MINUTE
    while start <= end:
        if idle() and (later := _loud_again(series, window, start, least, end)) > start:
            start = later
            continue
        span = DAY if series.until((start // DAY + 1) * DAY) - series.until(start) > MANY else HOUR
        last = min(end, (start // span + 1) * span - MINUTE)
        n = (last - start) // MINUTE + 1
        lows, highs, counts = _windows(series.ids, start, window, n)
        of = _windows(series.all, start, window, n)[2] if share else []
        at = 0
        while at < n:
            to = min(n, at + ((start // HOUR + 1) * HOUR - start) // MINUTE)
            if not idle() or max(counts[at:to]) >= least:
                yield Hour(start, lows[at:to], highs[at:to], counts[at:to], of[at:to])
            at, start = to, start + (to - at) * MINUTE


def _loud_again(series: Series, window: float, start: int, least: int, end: int) -> int:
    """A minute before which no window holds so many, not before `start`."""
    place = series.until(start - window) + least - 1
    if place < 0:
        return start
    return max(start, minute(id_time(series.ids[place]))) if place < len(series.ids) else end + MINUTE


def minute(moment: float) -> int:
    """The first full minute that is not before a moment."""
    return -int(-moment // MINUTE) * MINUTE


def _windows(ids: array[int], start: int, window: float, n: int) -> tuple[list[int], list[int], list[int]]:
    lows, highs = _places(ids, start - window, n), _places(ids, start, n)
    return lows, highs, list(map(sub, highs, lows))


def _places(ids: array[int], moment: float, n: int) -> list[int]:
    """How many there are up to a moment, and up to each of the minutes after it."""
    first = (int(moment) + 1 - EPOCH) << SEQUENCE_BITS
    low = bisect_left(ids, first)
    counts = [low] + [0] * (n - 1)
    for one in ids[low : bisect_left(ids, first + (n - 1) * WIDE, low)]:
        counts[(one - first) // WIDE + 1] += 1
    return list(accumulate(counts))
