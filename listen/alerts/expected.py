"""What is usual: how many mentions a time like this one has had before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import median

HOUR, DAY, WEEK = 3_600, 86_400, 604_800

WEEKS, DAYS = 8, 7
"""Earlier weeks, and earlier days while there are no two such weeks."""

COVERED = 0.8
"""The share of an hour that must have been heard for it to tell what is usual."""

LEAST_HOURS = 6
"""Hours that the mean of the last day needs, while there is nothing better."""


@dataclass(frozen=True, slots=True)
class Expectation:
    """What is usual for a window."""

    mean: float
    spread: float
    """A standard deviation."""
    basis: str
    """`the same hours of 5 weeks`"""


def expected(series: Mapping[int, float], heard: Mapping[int, float], start: float, end: float) -> Expectation | None:
    """What the window from `start` to `end` (Unix seconds) is expected to have; None while too little is known.

    `series` is hour (Unix seconds // 3600) -> mentions, none where it has none; `heard` hour -> share that was heard.
    """
    for step, most, least, unit in ((WEEK, WEEKS, 2, "week"), (DAY, DAYS, 2, "day")):
        apart = step * max(1, -(-int(end - start) // step))
        earlier = [
            n
            for place in range(1, most + 1)
            if (n := _counted(series, heard, start - place * apart, end - place * apart)) is not None
        ]
        if len(earlier) >= least:
            middle = median(earlier)
            spread = 1.4826 * median(abs(one - middle) for one in earlier)
            return Expectation(middle, max(spread, middle**0.5), f"the same hours of {len(earlier)} {unit}s")
    return _last_day(series, heard, start, end)


def _last_day(series: Mapping[int, float], heard: Mapping[int, float], start: float, end: float) -> Expectation | None:
    first = int(start) // HOUR
    known = [series.get(hour, 0.0) / heard[hour] for hour in range(first - 24, first) if heard.get(hour, 0) >= COVERED]
    if len(known) < LEAST_HOURS:
        return None
    mean = sum(known) / len(known) * (end - start) / HOUR
    return Expectation(mean, mean**0.5, f"the {len(known)} hours before")


def _counted(series: Mapping[int, float], heard: Mapping[int, float], start: float, end: float) -> float | None:
    """The mentions of an earlier window by whole hours and shares of those at both ends; None when it was not heard."""
    total = 0.0
    for hour in range(int(start) // HOUR, int(end - 1) // HOUR + 1):
        part = (min(end, (hour + 1) * HOUR) - max(start, hour * HOUR)) / HOUR
        share = heard.get(hour, 0.0)
        if part > 0.02 and share < COVERED:
            return None
        total += series.get(hour, 0.0) / max(share, COVERED) * part
    return total
