"""Dead or quiet: what has become of a channel, told against its own habit, and the moments when that changed.

A channel is *quiet* when it answers and yet brings nothing for much longer than it used to; it is *dead* when it has
not answered well for a week, or says that it is gone. Neither is said of an hour in which nobody asked. The habit is
learned from what arrives: how long the channel was silent, while it was asked, before something new came.
"""

from __future__ import annotations

import json
from typing import NamedTuple

from listen.store.layout import NEVER
from listen.store.sqlite import Connection

DAY = 86_400
LEARNING = 10 * DAY
"""Seconds, and so many arrivals, before a habit is known: by then it has had nights and a whole weekend."""
ARRIVALS = 10
TIMES = 2.0
"""Quiet is longer than so many times the longest silence of late."""
AT_LEAST = 3_600
HALVED = 28 * DAY
"""Seconds after which a silence of the past counts half."""
GIVEN_UP = 7 * DAY
FAILURES = 3
QUIET, DEAD = "quiet", "dead"
KEPT = 10_000
"""Moments of change that are kept."""


class Habit(NamedTuple):
    """What is known of a channel's arrivals. Times in Unix seconds."""

    since: int
    """When it was first asked."""
    arrivals: int = 0
    longest: float = 0.0
    """The longest silence of late, in seconds, as of the last arrival."""


class Fare(NamedTuple):
    """A moment when a channel fell quiet or died, or was well again (no word)."""

    id: int
    at: int
    source: str
    channel: str
    channel_id: int
    fare: str
    words: str


class Row(NamedTuple):
    """What a judgement rests on."""

    habit: str | None
    fare: str | None
    good_at: int | None
    new_at: int | None
    next_at: int
    errors: int
    error_reason: str | None


_ROW = f"SELECT {', '.join(Row._fields)} FROM channels WHERE id = ?"  # noqa: S608


def row(connection: Connection, channel_id: int) -> Row | None:
    """A channel as it stands."""
    found = connection.execute(_ROW, (channel_id,)).fetchone()
    return None if found is None else Row._make(found)


def learned(before: Row, at: int, new: bool) -> Habit:
    """The habit after an answer at `at` that brought something new, or did not."""
    habit = Habit(*json.loads(before.habit)) if before.habit else Habit(at)
    if not new:
        return habit
    if before.new_at is None or before.good_at is None:
        return habit._replace(arrivals=habit.arrivals + 1)
    silence = float(max(0, before.good_at - before.new_at))
    if _known(habit, at):
        # One long outage must not become what is usual.
        silence = min(silence, TIMES * max(habit.longest, AT_LEAST))
    return habit._replace(arrivals=habit.arrivals + 1, longest=round(max(silence, _faded(habit, before.new_at, at)), 1))


def judged(now: Row, habit: Habit, at: int) -> tuple[str, str]:
    """(`quiet`, `dead` or nothing, why in plain words)."""
    if now.errors:
        if now.error_reason == "gone":
            return DEAD, "it says that it is gone for good"
        deaf = at - max(now.good_at or 0, habit.since)
        if deaf >= GIVEN_UP and now.errors >= FAILURES and now.next_at < NEVER:
            return DEAD, "no good answer for a week"
        return "", ""
    if now.good_at is None or now.new_at is None or not _known(habit, at):
        return "", ""
    silence, longest = now.good_at - now.new_at, _faded(habit, now.new_at, at)
    if silence <= max(TIMES * longest, AT_LEAST):
        return "", ""
    usual = f"its longest silence of late was {_span(longest)}" if longest >= 60 else "it had always brought something"
    return QUIET, f"it answers, and has brought nothing new for much longer than it used to ({usual})"


def note(connection: Connection, channel_id: int, arrival: Row | None, at: int) -> Fare | None:
    """Inside a transaction that has changed a channel: learn from it, and keep the moment when its fare changed.

    `arrival` is how the channel stood before something new came.
    """
    after = row(connection, channel_id)
    if after is None:
        return None
    before = arrival or after
    # A page that is stored in several parts is one arrival.
    habit = learned(before, at, before.new_at != after.new_at)
    fare, words = judged(after, habit, at)
    kept = json.dumps(habit, separators=(",", ":"))
    if kept != before.habit or (fare or None) != before.fare:
        columns = (kept, fare or None, words or None, channel_id)
        connection.execute("UPDATE channels SET habit = ?, fare = ?, fare_words = ? WHERE id = ?", columns)
    if (fare or None) == before.fare:
        return None
    connection.execute("INSERT INTO fares(channel_id, at, fare, words) VALUES (?,?,?,?)", (channel_id, at, fare, words))
    (told,) = fares(connection, 1)
    connection.execute("DELETE FROM fares WHERE id <= ?", (told.id - KEPT,))
    return told


def fares(connection: Connection, limit: int, after: int = 0) -> list[Fare]:
    """The last moments of change, newest first, of those whose id is above `after`."""
    return [Fare._make(row) for row in connection.execute(_FARES, (after, limit))]


def _known(habit: Habit, at: int) -> bool:
    return habit.arrivals >= ARRIVALS and at - habit.since >= LEARNING


def _faded(habit: Habit, new_at: int, at: int) -> float:
    """The longest silence, which counts less the longer ago it was."""
    return float(habit.longest * 0.5 ** (max(0, at - new_at) / HALVED))


def _span(seconds: float) -> str:
    """`3 d`, `8 h`, `5 min`."""
    for unit, size in (("d", DAY), ("h", 3_600)):
        if seconds >= 2 * size:
            return f"{int(seconds // size)} {unit}"
    return f"{int(seconds // 60)} min"


_FARES = """
SELECT f.id, f.at, s.name, c.label, f.channel_id, f.fare, f.words FROM fares AS f
JOIN channels AS c ON c.id = f.channel_id JOIN sources AS s ON s.id = c.source_id
WHERE f.id > ? ORDER BY f.id DESC LIMIT ?"""
