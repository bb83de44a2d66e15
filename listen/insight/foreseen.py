"""What a time was to bring of a topic: for who asks between two moments, not hour by hour of a window.

It is the one expectation of alerts and charts (`listen.insight.expected`), taught as `listen.insight.series` does it.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterable

from listen.insight import series
from listen.insight.expected import WEEK, WEEKS, Baseline, Expectation
from listen.insight.hearing import FIRST_HOUR
from listen.insight.series import Heard
from listen.insight.window import HOUR
from listen.store import counted
from listen.store.counted import Span
from listen.store.sqlite import Connection


def listened(connection: Connection, since: float, until: float, now: float) -> Heard:
    """What was heard between two moments (Unix seconds), and in the weeks before them that tell what is expected."""
    return series.heard_since(connection, int(since) // HOUR - WEEKS * WEEK, min(now, until))


def between(
    connection: Connection, topics: Iterable[int], since: float, until: float, listened: Heard, budget: float = math.inf
) -> dict[int, Expectation | None]:
    """Topic's id -> what the time between two moments was to bring, None where too little is known.

    Those that come after `budget` seconds are left out: some 6 ms each.
    """
    end = time.monotonic() + budget
    found = {}
    for topic in topics:
        if time.monotonic() > end:
            break
        found[topic] = _taught(connection, topic, since, until, listened).expect(since, until)
    return found


def around(
    connection: Connection, topic: int, moment: int, span: int, listened: Heard
) -> tuple[Expectation | None, Expectation | None]:
    """What so many seconds before and after a moment were to bring; those after it as it was foreseen then.

    The hours from the moment on count as not heard, so that what it brought about is not what was expected of it.
    """
    baseline = _taught(connection, topic, moment - span, moment, listened)
    before = baseline.expect(moment - span, moment)
    baseline.teach((0, 0.0) for _ in range(baseline.next, (moment + span) // HOUR))
    return before, baseline.expect(moment, moment + span)


def _taught(connection: Connection, topic: int, since: float, until: float, listened: Heard) -> Baseline:
    """What is expected of a topic, taught the weeks before a time and its hours that are over when it ends."""
    first, last = int(since) // HOUR - WEEKS * WEEK, int(until) // HOUR
    hours = counted.mentions_by_hour(connection, topic, Span(max(0, first - FIRST_HOUR), max(0, last - FIRST_HOUR)))
    baseline = Baseline(FIRST_HOUR + min(hours, default=max(0, last - FIRST_HOUR)))
    baseline.teach((hours.get(hour - FIRST_HOUR, 0), listened.at(hour)) for hour in range(baseline.first, last))
    return baseline
