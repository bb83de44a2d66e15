"""When a channel is asked next. Pure functions: times in Unix seconds, durations in seconds."""

from __future__ import annotations

import hashlib
from collections.abc import Collection

from listen.store.layout import NEVER as NEVER

HOUR = 3_600.0
DAY = 86_400.0

DEFAULT = HOUR
"""Between two checks when nobody knows better."""

FLOOR = 600.0
"""No oftener than this, unless somebody wrote a smaller `every`."""

HURRY, SOONEST = 4.0, 60.0
"""While a page fires, intervals are so many times shorter, but not below so many seconds."""

CEILING = DAY
"""No rarer than this: publishers that ask for a month are mistaken."""

JITTER = 0.1
"""A channel's interval is this much shorter or longer, always the same, so that channels drift apart."""

SPREAD = 60.0
"""After a start, what is overdue is asked over so many seconds at most, and not in one burst."""

FIRST_RETRY = 60.0
"""After the first failure, unless the interval is shorter still."""

OURS = frozenset({"connect", "dns", "network", "workshop", "tls"})
"""Failures that may well be this machine's own: it wakes up without a network. They back off to an hour at most."""

THURSDAY = 72
"""The hour of the week, counted from Monday, in which Unix time began."""

GONE = "gone"
"""The reason of HTTP 410: the channel is not asked any more."""


def interval(typed: float | None, adapter: float | None, *wishes: float | None) -> float:
    """Seconds between two checks.

    `typed` is what the configuration says, `adapter` what the channel or its adapter proposes when the configuration
    is silent; `wishes` are the least times that publisher and server ask for, where they do.
    """
    wanted = typed if typed is not None else adapter if adapter is not None else DEFAULT
    floor = min(FLOOR, typed) if typed is not None else FLOOR
    asked = max((wish for wish in wishes if wish is not None), default=0.0)
    return max(min(max(wanted, asked, floor), CEILING), typed or 0.0, 1.0)


def hurried(usual: float, *wishes: float | None) -> float:
    """The same while a page fires about what is asked for: HURRY times as often, never oftener than SOONEST allows.

    What publisher, server and budgets ask for holds in a crisis, too.
    """
    asked = max((wish for wish in wishes if wish is not None), default=0.0)
    return min(usual, max(usual / HURRY, SOONEST, asked))


def jitter(key: str) -> float:
    """A factor between 1 - JITTER and 1 + JITTER, fixed for that key."""
    drawn = int.from_bytes(hashlib.blake2b(key.encode(), digest_size=4).digest(), "big") / 0xFFFFFFFF
    return 1.0 + JITTER * (2.0 * drawn - 1.0)


def after_success(now: float, every: float, key: str) -> int:
    """The next check after a good answer; `every` is what `interval` gave."""
    return int(now + max(1.0, every * jitter(key)))


def after_failure(now: float, every: float, key: str, streak: int, reason: str, not_before: float | None = None) -> int:
    """The next check after the `streak`-th failure in a row: each time twice as long, to a day.

    `not_before` is what the server asked for and wins over anything shorter.
    """
    if reason == GONE:
        return NEVER
    longest = max(HOUR, every) if reason in OURS else max(DAY, every)
    wait = min(min(FIRST_RETRY, every) * 2.0 ** min(streak - 1, 30), longest)
    return int(max(now + max(1.0, wait * jitter(key)), not_before or 0.0))


def awake(at: float, skip: Collection[int]) -> int:
    """The first moment from `at` on that lies in no hour of the week to be skipped; `at` where all of them are.

    `skip`: 0 is the hour from midnight UTC between Sunday and Monday (`skipHours` and `skipDays` of RSS).
    """
    hour = int(at // HOUR)
    for later in range(168 if skip else 0):
        if (hour + later + THURSDAY) % 168 not in skip:
            return int(max(at, (hour + later) * HOUR))
    return int(at)


def believable(now: float, next_at: float, checked_at: float | None) -> float:
    """A planned check as the present clock sees it.

    A last check that lies ahead was written by a clock that has been set back since: the wait that was meant then
    begins now, instead of at a time that may be years away.
    """
    if checked_at is None or checked_at <= now or not now < next_at < NEVER:
        return next_at
    return now + max(0.0, next_at - checked_at)


def at_start(now: float, next_at: float, key: str, overdue: int, every: float) -> float:
    """When a channel is first asked after a start: as was planned, and what is overdue spread over some seconds.

    The span is a second for each of the `overdue` channels, no longer than the channel's own interval. A channel that
    has never been asked (`next_at` 0) is asked at once: somebody is waiting to see it.
    """
    if next_at > now or next_at <= 0:
        return next_at
    share = (jitter(key) - 1.0 + JITTER) / (2.0 * JITTER)
    return now + min(SPREAD, float(overdue), every) * share


def heard(now: float, good_at: float | None) -> tuple[int, int] | None:
    """The span that a good answer adds to what was heard: since the last good one. None for the very first."""
    if good_at is None or good_at >= now:
        return None
    return int(good_at), int(now)
