"""How loud it is: mentions hour by hour, in the last sixty minutes, and in the same minutes of the days before.

Of a topic from the rollups, of everything from the mentions themselves, each of which counts once. What people
dismissed is taken off when the numbers are read, and what they corrected is put in its place.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from listen.model import EPOCH, NEGATIVE, POSITIVE, STATES, STATUSES, first_id
from listen.store import changes, corrections, retold
from listen.store.layout import hour_id, hour_of
from listen.store.sqlite import Connection

DAYS = 7
"""Days before today that tell what is usual at this time."""

NOTICED = 10_000
"""Arrivals after which it is cheaper to count anew than to find out which hours they belong to."""

CHANGED = 6
"""Hours, the newest, that are counted anew at a time because something in them changed: counts that grow touch many."""

HOUR, DAY = 3_600, 86_400


class Numbers(NamedTuple):
    """What is counted of a span of time, without what people dismissed."""

    n: int = 0
    neg: int = 0
    pos: int = 0
    scored: int = 0
    total: int = 0
    """Sum of the scores (of a topic: toward it), in thousandths."""

    @property
    def mean(self) -> float | None:
        """The mean score in thousandths; None when nothing was scored."""
        return self.total / self.scored if self.scored else None

    @property
    def net(self) -> float | None:
        """Net sentiment, -1 to 1: the share that is positive less the share that is negative; None without scores."""
        return (self.pos - self.neg) / self.scored if self.scored else None

    @property
    def negative(self) -> float | None:
        """The share of what was scored that is negative, 0 to 1; None without scores."""
        return self.neg / self.scored if self.scored else None

    def minus(self, other: Numbers) -> Numbers:
        """Number by number."""
        n, neg, pos, scored, total = other
        return Numbers(self.n - n, self.neg - neg, self.pos - pos, self.scored - scored, self.total - total)

    def plus(self, other: Numbers) -> Numbers:
        """Number by number."""
        n, neg, pos, scored, total = other
        return Numbers(self.n + n, self.neg + neg, self.pos + pos, self.scored + scored, self.total + total)


class Hour(NamedTuple):
    start: int
    """Unix seconds."""
    numbers: Numbers


class Pulse(NamedTuple):
    """How much is said about a topic, or about everything."""

    hours: Sequence[Hour]
    """By the clock's hours, oldest first; the last one is not over."""
    last_hour: int
    """Mentions of the last sixty minutes."""
    usual: float | None
    """Mentions of the same sixty minutes on the DAYS days before, on average; None when none of them was heard."""
    days: int = 0
    """How many days that is the average of."""
    stories: int | None = None
    """Stories that the mentions of all hours tell."""

    @property
    def numbers(self) -> Numbers:
        """All hours together."""
        return Numbers(*map(sum, zip(*(hour.numbers for hour in self.hours), strict=True))) if self.hours else Numbers()


class Window(NamedTuple):
    """The same sixty minutes of an earlier day: parts of two hours of the clock."""

    start: float
    parts: Sequence[tuple[int, float]]
    """(hour, share of it)"""


# --- topics ----------------------------------------------------------------------------------------------------------


def last_hour(connection: Connection, now: float) -> dict[int, int]:
    """Active topic's id -> its mentions of the last sixty minutes."""
    rows = connection.execute(
        "SELECT t.id, (SELECT count(*) FROM matches WHERE topic_id = t.id AND mention_id >= ?1)"
        " - (SELECT count(*) FROM dismissed WHERE topic_id = t.id AND mention_id >= ?1) FROM topics AS t WHERE active",
        (first_id(now - HOUR),),
    )
    return dict(rows.fetchall())


def usual(connection: Connection, since: Mapping[int, float], now: float) -> dict[int, tuple[float, int]]:
    """Topic's id -> (mentions in the same sixty minutes of earlier days on average, days); without those not heard.

    `since` says from when each topic's matches are those of its query.
    """
    windows = heard(connection, now)
    hours = sorted({hour for window in windows for hour, _ in window.parts})
    counted: dict[tuple[int, int], int] = {
        (topic, hour): n for topic, hour, n in connection.execute(_AT_HOURS, (json.dumps(hours),))
    }
    for topic, hour, n in connection.execute(_DISMISSED_AT_HOURS, (json.dumps(hours),)):
        counted[topic, hour] = counted.get((topic, hour), 0) - n
    found = {}
    for topic, begin in since.items():
        mean = _mean(
            [window for window in windows if window.start >= begin], {h: counted.get((topic, h), 0) for h in hours}
        )
        if mean is not None:
            found[topic] = mean
    return found


def heard(connection: Connection, now: float) -> list[Window]:
    """The same sixty minutes of the DAYS days before, of which something was heard."""
    windows = []
    for day in range(1, DAYS + 1):
        start = now - day * DAY - HOUR
        hour = hour_of(first_id(start))
        share = 1.0 - (start - EPOCH - hour * HOUR) / HOUR
        parts = [(hour, share), (hour + 1, 1.0 - share)]
        if start >= EPOCH and all(_covered(connection, one) for one, part in parts if part > 0.01):
            windows.append(Window(start, parts))
    return windows


def _covered(connection: Connection, hour: int) -> bool:
    return connection.execute("SELECT 1 FROM coverage WHERE hour = ? LIMIT 1", (hour,)).fetchone() is not None


def _mean(windows: Sequence[Window], counted: Mapping[int, int]) -> tuple[float, int] | None:
    """(mentions in a window on average, windows)."""
    if not windows:
        return None
    total = sum(counted.get(hour, 0) * share for window in windows for hour, share in window.parts)
    return total / len(windows), len(windows)


_AT_HOURS = """
SELECT h.topic_id, h.hour, h.n FROM json_each(?1) AS wanted CROSS JOIN hourly_topic AS h ON h.hour = wanted.value"""

_DISMISSED_AT_HOURS = """
SELECT d.topic_id, wanted.value, count(*)
FROM topics AS t CROSS JOIN json_each(?1) AS wanted CROSS JOIN dismissed AS d
  ON d.topic_id = t.id AND d.mention_id >= (wanted.value * 3600) << 12
  AND d.mention_id < ((wanted.value + 1) * 3600) << 12
WHERE t.active GROUP BY 1, 2"""


# --- everything ------------------------------------------------------------------------------------------------------


class Totals:
    """All mentions hour by hour. Hours that are over are counted once and remembered.

    Arrivals and changes say which of them have to be counted again, of changes CHANGED hours at a time; since not all
    changes are remembered for long, one of the remembered hours is counted anew each time, too.
    """

    def __init__(self) -> None:
        self._known: dict[int, Numbers] = {}
        self._seen: int | None = None
        self._changes = 0
        self._changed: set[int] = set()

    def pulse(self, connection: Connection, hours: int, now: float) -> Pulse:
        """The last `hours` hours and what is usual."""
        last = hour_of(first_id(now))
        windows = heard(connection, now)
        wanted = {*range(max(0, last - hours + 1), last + 1), *(h for window in windows for h, _ in window.parts)}
        counted = self._counted(connection, sorted(wanted), last)
        listed = [Hour(EPOCH + HOUR * h, counted[h]) for h in sorted(wanted) if h > last - hours]
        mean = _mean(windows, {hour: numbers.n for hour, numbers in counted.items()}) or (None, 0)
        again = retold.of_all(connection, hour_id(last - hours + 1), hour_id(last + 1))
        found = Pulse(listed, _everything(connection, first_id(now - HOUR)).n, *mean)
        return found._replace(stories=found.numbers.n - again)

    def _counted(self, connection: Connection, wanted: Sequence[int], last: int) -> dict[int, Numbers]:
        self._notice(connection)
        kept = set(wanted) - {last}
        known = self._known = {hour: numbers for hour, numbers in self._known.items() if hour in kept}
        if known:
            known.pop(next(iter(known)))
        for hour in reversed(wanted):
            if hour not in known:
                known[hour] = _all(connection, hour_id(hour), hour_id(hour + 1))
        more = _by_people(connection, hour_id(wanted[0]), hour_id(last + 1))
        return {hour: known[hour].plus(more.get(hour, Numbers())) for hour in wanted}

    def _notice(self, connection: Connection) -> None:
        """Forget the hours in which something came in, was edited or taken away."""
        if self._seen is None:
            self._known.clear()
        else:
            sql = "SELECT mention_id FROM arrivals WHERE seq > ? LIMIT ?"
            ids = connection.execute(sql, (self._seen, NOTICED)).fetchall()
            for hour in {hour_of(row[0]) for row in ids}:
                self._known.pop(hour, None)
            if len(ids) == NOTICED:
                self._known.clear()
        self._seen = int(connection.execute("SELECT ifnull(max(seq), 0) FROM arrivals").fetchone()[0])
        self._changes, changed = changes.since(connection, self._changes)
        self._changed = {hour for hour in (*self._changed, *map(hour_of, changed or ())) if hour in self._known}
        for hour in sorted(self._changed)[-CHANGED:]:
            self._known.pop(hour)
            self._changed.discard(hour)


_COUNTS = "count(*), ifnull(sum(score <= ?1), 0), ifnull(sum(score >= ?2), 0), count(score), ifnull(sum(score), 0)"
_GONE = STATES.index("deleted")
_OFF = STATUSES.index("dismissed")


def _all(connection: Connection, low: int, high: int) -> Numbers:
    """Everything with low <= id < high, dismissed or not; what was deleted or withheld has no text to count."""
    sql = f"SELECT {_COUNTS} FROM mentions WHERE id >= ?3 AND id < ?4 AND state < ?5"  # noqa: S608
    return Numbers(*connection.execute(sql, (NEGATIVE, POSITIVE, low, high, _GONE)).fetchone())


def _everything(connection: Connection, low: int) -> Numbers:
    """Everything from that id on, without what was dismissed."""
    found = _all(connection, low, 1 << 62)
    for numbers in _by_people(connection, low, 1 << 62).values():
        found = found.plus(numbers)
    return found


def _by_people(connection: Connection, low: int, high: int) -> dict[int, Numbers]:
    """What people change of the numbers of each hour: what they dismissed goes, what they corrected is another."""
    sql = (
        f"SELECT (m.id >> 12) / 3600, {_COUNTS} FROM ("  # noqa: S608
        "SELECT mention_id FROM triage INDEXED BY triage_status WHERE status = ?6 AND status > 0 "
        "AND mention_id >= ?3 AND mention_id < ?4 "
        "UNION SELECT mention_id FROM aside WHERE mention_id >= ?3 AND mention_id < ?4) AS d "
        "CROSS JOIN mentions AS m ON m.id = d.mention_id WHERE m.state < ?5 GROUP BY 1"
    )
    asked = (NEGATIVE, POSITIVE, low, high, _GONE, _OFF)
    found = {hour: Numbers().minus(Numbers(*numbers)) for hour, *numbers in connection.execute(sql, asked)}
    for hour, *numbers in connection.execute(corrections.OF_ALL, asked):
        found[hour] = found.get(hour, Numbers()).plus(Numbers(*numbers))
    return found
