"""When terms are counted: beside the collecting, in steps so short that nobody waits for them.

Triggers put an hour whose mentions change into `terms_owed`, whoever changes them, so that storing them costs no more
than a note; `step` counts such hours again. What was stored before there were terms is counted the same way, a day at a
time, newest first.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from listen import text
from listen.model import first_id
from listen.store import mirror
from listen.store.layout import hour_of
from listen.store.sqlite import Connection
from listen.store.terms import FROM, KEPT_DAYS, counted, pack, today, unpacked
from listen.text import terms as reading

if TYPE_CHECKING:
    from listen.store.write import Writer

HOURS_FOR = 2
"""Whole days before today that are kept hour by hour: a day and the one before it are told to the hour."""

AGAIN, AGAIN_AGED = 600, 21_600
"""Seconds between two looks at the hours that have changed: of these days, and of those that are summed up already."""

STEP = 300
"""Mentions that one step reads: some 30 ms."""

DAYS = 5
"""Days of topics that one step sums up."""

_VERSION = "terms_version"


class Pass:
    """When a writer looks at the hours that have changed."""

    def __init__(self) -> None:
        self._at = self._aged_at = -math.inf

    def due(self, now: float) -> bool:
        """Whether it is time to."""
        return not 0 <= now - self._at < AGAIN

    def aged_due(self, now: float) -> bool:
        """Whether it is time to look at those of days that are summed up."""
        return not 0 <= now - self._aged_at < AGAIN_AGED

    def done(self, now: float, aged: bool) -> None:
        """All of them are counted."""
        self._at, self._aged_at = now, now if aged else self._aged_at


def step(writer: Writer, *, stored_only: bool = False) -> bool:
    """Count some hours that are owed, or sum up a day, in a transaction of its own; False when nothing is due.

    The present hour is left for when it is over. `stored_only`: whatever the time, and only what was counted before
    and may hold words that are to be gone.
    """
    now = writer.clock.now()
    if not stored_only and not writer.recount.due(now):
        return False
    with writer.transaction():
        connection = writer.connection
        _begin(connection)
        filling = not stored_only and int(mirror.state(connection, FROM) or 0) > 0
        aged = filling or stored_only or writer.recount.aged_due(now)
        if _count(connection, now, aged, stored_only) or _sum_up(connection, now):
            return True
        if (filling and _fill(connection, now)) or _prune(connection, now):
            return True
    if not stored_only:
        writer.recount.done(now, aged)
    return False


def _counted_from(connection: Connection, now: float) -> int:
    return max(int(mirror.state(connection, FROM) or 0), 24 * (today(now) - KEPT_DAYS), 0)


def _aged(now: float) -> int:
    """The first day that is kept hour by hour."""
    return today(now) - HOURS_FOR


def _begin(connection: Connection) -> None:
    """Begin anew when the same texts give other terms now."""
    version = f"{text.TOKENIZER} {reading.VERSION}"
    known = mirror.state(connection, _VERSION)
    if known == version:
        return
    mirror.set_state(connection, _VERSION, version)
    if known is not None:
        connection.execute("DELETE FROM term_hours")
        connection.execute("DELETE FROM term_days")
        (newest,) = connection.execute("SELECT max(hour) FROM hourly_topic").fetchone()
        mirror.set_state(connection, FROM, str(0 if newest is None else newest + 1))


def _fill(connection: Connection, now: float) -> bool:
    """Owe the day before those that are known; False when it was the last one."""
    first = int(mirror.state(connection, FROM) or 0)
    (last,) = connection.execute("SELECT max(hour) FROM hourly_topic WHERE hour < ?", (first,)).fetchone()
    oldest = 24 * (today(now) - KEPT_DAYS)
    begin = 0 if last is None or last < oldest else last // 24 * 24
    if begin:
        connection.execute(
            "INSERT OR IGNORE INTO terms_owed SELECT hour, topic_id FROM hourly_topic WHERE hour >= ? AND hour < ?",
            (begin, first),
        )
    mirror.set_state(connection, FROM, str(begin))
    return begin > 0


def _present(now: float) -> int:
    return hour_of(first_id(now))


_OWED = """
SELECT o.hour, o.topic_id FROM terms_owed AS o WHERE o.hour >= ?1 AND o.hour < ?2 AND (NOT ?3
  OR EXISTS (SELECT 1 FROM term_hours AS h WHERE h.topic_id = o.topic_id AND h.hour = o.hour)
  OR EXISTS (SELECT 1 FROM term_days AS d WHERE d.topic_id = o.topic_id AND d.day = o.hour / 24))
ORDER BY o.hour DESC, o.topic_id LIMIT 100"""


def _count(connection: Connection, now: float, aged: bool, stored_only: bool) -> bool:
    """Count the newest hours that are owed; whether there were any."""
    low = max(_counted_from(connection, now), 0 if aged else 24 * _aged(now))
    owed = connection.execute(_OWED, (low, _present(now), stored_only)).fetchall()
    read = 0
    for hour, topic in owed:
        if hour < 24 * _aged(now):
            _reopen(connection, topic, hour)
        found = counted(connection, topic, hour)
        if found.stories or hour < 24 * _aged(now):
            connection.execute(
                "INSERT INTO term_hours VALUES (?,?,?,?) "
                "ON CONFLICT DO UPDATE SET stories=excluded.stories, terms=excluded.terms",
                (topic, hour, found.stories, pack(found.terms)),
            )
        else:
            connection.execute("DELETE FROM term_hours WHERE topic_id = ? AND hour = ?", (topic, hour))
        connection.execute("DELETE FROM terms_owed WHERE hour = ? AND topic_id = ?", (hour, topic))
        read += found.stories + 5
        if read >= STEP:
            break
    return bool(owed)


def _reopen(connection: Connection, topic: int, hour: int) -> None:
    """An hour of a day that is summed up has changed: all its hours are counted again, and summed up then."""
    day = hour // 24
    if (
        connection.execute("SELECT 1 FROM term_days WHERE topic_id = ? AND day = ?", (topic, day)).fetchone() is None
        or connection.execute(
            "SELECT 1 FROM term_hours WHERE topic_id = ? AND hour BETWEEN ? AND ?", (topic, 24 * day, 24 * day + 23)
        ).fetchone()
    ):
        return
    connection.execute(
        "INSERT OR IGNORE INTO terms_owed SELECT hour, topic_id FROM hourly_topic "
        "WHERE topic_id = ? AND hour BETWEEN ? AND ?",
        (topic, 24 * day, 24 * day + 23),
    )


_OPEN = "SELECT DISTINCT topic_id, hour / 24 FROM {} WHERE hour < ?"


def _sum_up(connection: Connection, now: float) -> bool:
    """Make one day of the hours of a topic's old day, all of which are counted; whether there was such a day."""
    old = (24 * _aged(now),)
    hourly = connection.execute(_OPEN.format("term_hours"), old).fetchall()
    owed = set(connection.execute(_OPEN.format("terms_owed"), old).fetchall()) if hourly else set()
    whole = [day for day in hourly if day not in owed]
    for topic, day in whole[:DAYS]:
        _sum_day(connection, topic, day)
    return bool(whole)


def _sum_day(connection: Connection, topic: int, day: int) -> None:
    where = "WHERE topic_id = ? AND hour BETWEEN ? AND ?"
    its = (topic, 24 * day, 24 * day + 23)
    rows = connection.execute(f"SELECT stories, terms FROM term_hours {where}", its).fetchall()  # noqa: S608
    stories = sum(row[0] for row in rows)
    connection.execute(f"DELETE FROM term_hours {where}", its)  # noqa: S608
    connection.execute("DELETE FROM term_days WHERE topic_id = ? AND day = ?", (topic, day))
    if stories:
        packed = pack(unpacked(row[1] for row in rows), least=fewest(stories))
        connection.execute("INSERT INTO term_days VALUES (?,?,?,?)", (topic, day, stories, packed))


def fewest(stories: int) -> int:
    """Stories of a day that must say a term for it to be kept: 2 of a hundred, 3 of a thousand, 4 of ten thousand."""
    return max(1, len(str(stories)) - 1)


def _prune(connection: Connection, now: float) -> bool:
    """Let go of days that are too old, and of what is owed of them; whether there was any."""
    day = today(now) - KEPT_DAYS
    dropped = 0
    for table, column, first in (
        ("term_days", "day", day),
        ("term_hours", "hour", 24 * day),
        ("terms_owed", "hour", _counted_from(connection, now)),
    ):
        dropped += connection.execute(f"DELETE FROM {table} WHERE {column} < ?", (first,)).rowcount  # noqa: S608
    return dropped > 0
