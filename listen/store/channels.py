"""Sources and their channels as they stand in the store, and how each of them fares."""

from __future__ import annotations

import json
from typing import Any, Literal, NamedTuple

from listen.model import EPOCH, first_id
from listen.store import live
from listen.store.layout import NEVER, hour_of
from listen.store.live import Live
from listen.store.sqlite import Connection

TURNS = 60.0
"""Real seconds that are never a silence, however fast the clock of a demo runs."""

PATIENCE = 1_800.0
"""Seconds without a single success that need no word, however short the rhythm."""


class Source(NamedTuple):
    """A source and the sum of its channels."""

    id: int
    name: str
    adapter: str
    active: bool
    """Configured, and not switched off."""
    channels: int
    failing: int
    """Active channels whose last check went wrong."""
    mentions: int
    """First heard there."""
    good_at: int | None
    new_at: int | None
    settings: dict[str, Any]


State = Literal["ok", "quiet", "waiting", "failing", "dead", "stopped", "off"]
"""A channel in a word. `quiet`: it answers, and brings nothing for longer than it used to; `waiting`: for its first
answer, for the end of a pause that its host asked for, or for the next day of a budget that is used up; `dead`: no good
answer for a week, or gone for good; `stopped`: it failed and is not asked again by itself; `off`: switched off by
somebody, or no longer configured."""


class Channel(NamedTuple):
    """A channel and its health. Times in Unix seconds."""

    id: int
    source: str
    adapter: str
    key: str
    label: str
    active: bool
    next_at: int
    every: int | None
    checked_at: int | None
    good_at: int | None
    new_at: int | None
    errors: int
    """Checks in a row that went wrong."""
    error_reason: str | None
    error: str | None
    error_remedy: str | None
    error_at: int | None
    rate_left: int | None
    rate_reset_at: int | None
    mentions: int
    off_at: int | None = None
    """When somebody switched it, or its whole source, off; None when nobody did."""
    off_by: str | None = None
    whole: bool = False
    """The whole source is switched off."""
    live: Live | None = None
    """How its stream fares, of a channel that is listened to over a socket."""
    moved: str | None = None
    """Where it is asked since its address has moved for good."""
    fare: str | None = None
    """`quiet` or `dead`, against its own habit."""
    fare_words: str | None = None
    """Why, in plain words."""

    @property
    def state(self) -> State:
        """How it fares, in a word."""
        if not self.active or self.off_at is not None:
            return "off"
        if self.errors and self.fare == "dead":
            return "dead"
        if self.errors:
            return "failing" if self.next_at < NEVER else "stopped"
        if self.fare == "quiet" and self.error_reason not in ("waiting", "budget"):
            return "quiet"
        return "ok" if self.good_at and self.error_reason not in ("waiting", "budget") else "waiting"


class LastHeard(NamedTuple):
    """When anything answered last, of all channels that are on, and how soon the next one should."""

    good_at: int | None = None
    """None: nothing ever has."""
    rhythm: int | None = None
    """Seconds from a success to the next visit, the shortest there is among channels without a fault."""

    def silent_for(self, now: float, pace: float = 1.0) -> float | None:
        """Seconds since then, once they are more than the rhythm explains; None as long as they are not.

        `pace` is how many of them pass in a real one: those that a turn of the program takes explain something, too.
        """
        since = now - self.good_at if self.good_at else 0.0
        return since if since > max(PATIENCE, 2 * (self.rhythm or 0), TURNS * pace) else None


_SOURCES = """
SELECT s.id, s.name, s.adapter, s.active AND o.name IS NULL, count(c.id),
  ifnull(sum(c.active AND c.errors > 0 AND w.name IS NULL), 0),
  ifnull(sum(c.mentions), 0), max(c.good_at), max(c.new_at), s.settings
FROM sources AS s LEFT JOIN channels AS c ON c.source_id = s.id
LEFT JOIN state AS o ON o.name = 'off:' || s.id || ':0'
LEFT JOIN state AS w ON w.name = 'off:' || s.id || ':' || c.id
GROUP BY s.id ORDER BY s.name"""

_HEARD = """
SELECT max(c.good_at), min(iif(c.errors = 0 AND c.next_at < ? AND c.next_at > c.good_at, c.next_at - c.good_at, NULL))
FROM channels AS c JOIN sources AS s ON s.id = c.source_id
LEFT JOIN state AS o ON o.name = 'off:' || s.id || ':0'
LEFT JOIN state AS w ON w.name = 'off:' || s.id || ':' || c.id
WHERE c.active AND s.active AND o.name IS NULL AND w.name IS NULL"""

_CHANNELS = """
SELECT c.id, s.name, s.adapter, c.key, c.label, c.active AND s.active, c.next_at, c.every, c.checked_at, c.good_at,
  c.new_at, c.errors, c.error_reason, c.error, c.error_remedy, c.error_at, c.rate_left, c.rate_reset_at, c.mentions,
  ifnull(o.value, w.value) ->> 'at', ifnull(o.value, w.value) ->> 'by', o.name IS NOT NULL,
  iif(c.moved ->> 'adopted', c.moved ->> 'to', NULL), c.fare, c.fare_words
FROM channels AS c JOIN sources AS s ON s.id = c.source_id
LEFT JOIN state AS o ON o.name = 'off:' || s.id || ':0'
LEFT JOIN state AS w ON w.name = 'off:' || s.id || ':' || c.id
ORDER BY s.name, c.id"""


def sources(connection: Connection) -> list[Source]:
    """All sources that ever were, by name."""
    rows = connection.execute(_SOURCES).fetchall()
    return [Source._make((*row[:3], bool(row[3]), *row[4:9], json.loads(row[9]))) for row in rows]


def channels(connection: Connection) -> list[Channel]:
    """All channels that ever were, by source and in the order in which they were made."""
    rows, told = connection.execute(_CHANNELS).fetchall(), live.read(connection)
    return [
        Channel._make((*row[:5], bool(row[5]), *row[6:-4], bool(row[-4]), told.get(row[0]), *row[-3:])) for row in rows
    ]


def last_heard(connection: Connection) -> LastHeard:
    """When anything answered last."""
    return LastHeard(*connection.execute(_HEARD, (NEVER,)).fetchone())


def coverage(connection: Connection, since: float, until: float) -> dict[int, float]:
    """Channel id -> share of the time from the hour of `since` to `until` in which it was really heard, 0 to 1."""
    first, last = hour_of(first_id(since)), hour_of(first_id(until))
    seconds = max(1.0, until - EPOCH - 3600 * first)
    rows = connection.execute(
        "SELECT channel_id, sum(seconds) FROM coverage WHERE hour BETWEEN ? AND ? GROUP BY channel_id",
        (first, last),
    ).fetchall()
    return {channel: min(1.0, heard / seconds) for channel, heard in rows}
