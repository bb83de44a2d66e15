"""What the store says at a glance: topics and their numbers, sources and their health, what came in, who collects.

Numbers come from the rollups, which count every match. What people dismissed is taken off when they are read, and what
they corrected is put in its place, so that both count at once.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from listen import absence
from listen.absence import Absence
from listen.model import EPOCH, first_id
from listen.store import changes, generations, live, mirror, pulse, retold
from listen.store.aside import NOISE
from listen.store.inbox import GONE
from listen.store.layout import NEVER, NO_TOPIC, hour_of
from listen.store.lessons import Lessons
from listen.store.live import Live
from listen.store.presence import Console, Seat, Visit, last_visit, seats
from listen.store.pulse import Hour, Pulse
from listen.store.scored import INTENTS, Rescoring, under_way
from listen.store.sqlite import Connection

if TYPE_CHECKING:
    from listen.objectives import Objective
    from listen.query.book import Book
    from listen.service import Desk
    from listen.store.steps import Step

WAITING_CAP = 1_000
"""How far a queue is counted: "1,000+" says as much."""

ARRIVALS_AT_ONCE = 10_000


TURNS = 60.0
"""Real seconds that are never a silence, however fast the clock of a demo runs."""

PATIENCE = 1_800.0
"""Seconds without a single success that need no word, however short the rhythm."""


class Topic(NamedTuple):
    id: int
    name: str
    query: str
    role: str
    since: int
    """From when its matches are those of this query, in Unix seconds."""
    mentions: int
    """Matched ever, without what people dismissed."""
    last_day: int
    """The same for the present hour of the clock and the 23 before it, as `24h` is everywhere."""
    new: int
    """Still to be dealt with, up to WAITING_CAP."""
    stories: int = 0
    """That `mentions` tell."""
    last_day_stories: int = 0
    new_stories: int = 0
    """That `new` tell; as many as those where they are WAITING_CAP."""


class Talk(NamedTuple):
    """A topic and how much it is talked about now."""

    id: int
    name: str
    query: str
    role: str
    since: int
    """From when its matches are those of this query, in Unix seconds."""
    new: int
    """Still to be dealt with, up to WAITING_CAP."""
    last_hour: int
    """Mentions of the last sixty minutes, without what people dismissed."""
    usual: float | None
    """The same of the days before, on average; None when that is not known."""
    new_stories: int | None = None
    """That `new` tell; as many as those where they are WAITING_CAP."""


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


@dataclass(frozen=True, slots=True)
class Collector:
    """Who collects, as it says itself; the lock says whether it is alive."""

    pid: int
    host: str
    since: int
    heartbeat: int
    epoch: int
    problem: str | None = None
    who: str | None = None
    """The person who started it."""


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


class SavedView(NamedTuple):
    """A saved query of the configuration."""

    name: str
    query: str
    queue: bool
    """To be emptied: it counts what is still new in it."""


class Overview(Lessons):
    """The part of a reader that needs no query."""

    _connection: Connection
    asker: str
    totals: pulse.Totals

    # --- topics ------------------------------------------------------------------------------------------------------

    def topics(self, *, now: float) -> list[Topic]:
        """Active topics with their numbers, in the order of the configuration."""
        from listen.store import counted

        with self._question() as connection:
            rows = _topics(connection)
            ids, last = [row[0] for row in rows], hour_of(first_id(now))
            span = counted.Span(last - 23, last + 1)
            ever, day = counted.by_topic(connection, ids, counted.EVER), counted.by_topic(connection, ids, span)
            waiting = _waiting(connection, ids)
            again, lately = retold.ever(connection), retold.of_topics(connection, *span.ids)
            left = _stories_waiting(connection, waiting)
        found = []
        for row in rows:
            number = row[0]
            told = ever[number].n, day[number].n, waiting[number]
            stories = told[0] - again.get(number, 0), told[1] - lately.get(number, 0), left[number]
            found.append(Topic._make((*row, *told, *stories)))
        return found

    def talk(self, *, now: float) -> list[Talk]:
        """Active topics and how loud each is now, in the order of the configuration."""
        with self._question() as connection:
            rows = _topics(connection)
            waiting = _waiting(connection, [row[0] for row in rows])
            last = pulse.last_hour(connection, now)
            usual = pulse.usual(connection, {row[0]: row[4] for row in rows}, now)
            left = _stories_waiting(connection, waiting)
        return [
            Talk(*row, waiting[row[0]], last.get(row[0], 0), usual.get(row[0], (None, 0))[0], left[row[0]])
            for row in rows
        ]

    def pulse(self, topic: str | None, hours: int, *, now: float) -> Pulse | None:
        """How loud a topic is, or everything; None for an unknown topic, or when `stop()` came before the answer."""
        found = None
        with self._question(None) as connection, self._ended():
            if topic is None:
                return self.totals.pulse(connection, hours, now)
            row = connection.execute("SELECT id, since FROM topics WHERE name = ? AND active", (topic,)).fetchone()
            if row is not None:
                number, since = row
                usual = pulse.usual(connection, {number: since}, now).get(number, (None, 0))
                last = pulse.last_hour(connection, now)[number]
                listed = _hours(connection, number, hours, now)
                again = retold.of_topics(
                    connection, first_id(listed[0].start), first_id(listed[-1].start + 3600), number
                ).get(number, 0)
                found = Pulse(listed, last, *usual)
                found = found._replace(stories=found.numbers.n - again)
        return found

    def waiting(self) -> dict[str | None, int]:
        """Active topic (None: mentions of no topic) -> how many are still new, up to WAITING_CAP."""
        with self._question() as connection:
            names = dict(connection.execute("SELECT id, name FROM topics WHERE active ORDER BY id").fetchall())
            found = _waiting(connection, [*names, NO_TOPIC])
        return {names.get(number): n for number, n in found.items()}

    def rematches(self) -> list[generations.Rematch]:
        """The topics that are matched anew at the moment, and how far that is, in the order in which it began."""
        with self._question() as connection:
            return generations.under_way(connection)

    def rescoring(self) -> Rescoring | None:
        """What is scored anew at the moment, None when all scores are from the engines that run."""
        with self._question() as connection:
            return under_way(connection)

    def rematched(self) -> dict[str, tuple[str, int, int]]:
        """Active topic -> (its query, gained, lost) when it was matched anew last."""
        with self._question() as connection:
            live = generations.of_state(connection, generations.LIVE)
        return {one.name: (one.query, one.gained, one.lost) for one in live}

    def undoable(self) -> dict[str, str]:
        """Active topic -> the query that it had before its last change, where that can be taken back at once."""
        with self._question() as connection:
            return {one.name: one.query for one in generations.of_state(connection, generations.KEPT)}

    def matched(self, topic: str, low: int, high: int) -> list[int]:
        """The mentions of an active topic with low <= id < high; none of an unknown one."""
        with self._question() as connection:
            rows = connection.execute(
                "SELECT mention_id FROM topics AS t CROSS JOIN matches AS x ON x.topic_id = t.id "
                "WHERE t.name = ? AND t.active AND x.mention_id >= ? AND x.mention_id < ?",
                (topic, low, high),
            ).fetchall()
        return [row[0] for row in rows]

    def told(self, ids: Iterable[int]) -> list[int]:
        """Those of these mentions whose author has not taken them away, newest first."""
        with self._question() as connection:
            rows = connection.execute(
                "SELECT m.id FROM json_each(?) AS j CROSS JOIN mentions AS m ON m.id = j.value AND m.state < ? "
                "ORDER BY m.id DESC",
                (json.dumps(list(ids)), GONE),
            ).fetchall()
        return [row[0] for row in rows]

    def without_noise(self, ids: Iterable[int]) -> list[int]:
        """Those of these mentions that are no noise, in their order."""
        with self._question() as connection:
            rows = connection.execute(
                "SELECT j.value FROM json_each(?) AS j LEFT JOIN aside AS e ON e.mention_id = j.value "
                "WHERE ifnull(e.why & ?, 0) = 0 ORDER BY j.key",
                (json.dumps(list(ids)), NOISE),
            ).fetchall()
        return [row[0] for row in rows]

    # --- sources -----------------------------------------------------------------------------------------------------

    def sources(self) -> list[Source]:
        """All sources that ever were, by name."""
        with self._question() as connection:
            rows = connection.execute(_SOURCES).fetchall()
        return [Source._make((*row[:3], bool(row[3]), *row[4:9], json.loads(row[9]))) for row in rows]

    def channels(self) -> list[Channel]:
        """All channels that ever were, by source and in the order in which they were made."""
        with self._question() as connection:
            rows, told = connection.execute(_CHANNELS).fetchall(), live.read(connection)
        return [
            Channel._make((*row[:5], bool(row[5]), *row[6:-4], bool(row[-4]), told.get(row[0]), *row[-3:]))
            for row in rows
        ]

    def last_heard(self) -> LastHeard:
        """When anything answered last."""
        with self._question() as connection:
            return LastHeard(*connection.execute(_HEARD, (NEVER,)).fetchone())

    def coverage(self, since: float, until: float) -> dict[int, float]:
        """Channel id -> share of the time from the hour of `since` to `until` in which it was really heard, 0 to 1."""
        first, last = hour_of(first_id(since)), hour_of(first_id(until))
        seconds = max(1.0, until - EPOCH - 3600 * first)
        with self._question() as connection:
            rows = connection.execute(
                "SELECT channel_id, sum(seconds) FROM coverage WHERE hour BETWEEN ? AND ? GROUP BY channel_id",
                (first, last),
            ).fetchall()
        return {channel: min(1.0, heard / seconds) for channel, heard in rows}

    # --- what happens ------------------------------------------------------------------------------------------------

    def data_version(self) -> int:
        """A number that changes when somebody else has written: a hint that there may be something to read."""
        with self._question() as connection:
            return int(connection.execute("PRAGMA data_version").fetchone()[0])

    def arrivals(self, after: int | None) -> tuple[int, list[int]]:
        """(newest sequence number, ids of mentions that came in after `after`, in that order).

        ARRIVALS_AT_ONCE at most. With None, where the sequence stands now and nothing.
        """
        with self._question() as connection:
            if after is None:
                return int(connection.execute("SELECT ifnull(max(seq), 0) FROM arrivals").fetchone()[0]), []
            rows = connection.execute(
                "SELECT seq, mention_id FROM arrivals WHERE seq > ? ORDER BY seq LIMIT ?", (after, ARRIVALS_AT_ONCE)
            ).fetchall()
        return (rows[-1][0] if rows else after), [row[1] for row in rows]

    def state(self, name: str) -> str | None:
        """A fact that the collector remembers, None when it was never set."""
        with self._question() as connection:
            row = connection.execute("SELECT value FROM state WHERE name = ?", (name,)).fetchone()
        return None if row is None else str(row[0])

    def own_intents(self) -> dict[str, dict[str, Any]]:
        """What the configuration changes of the intents that texts are read for (`listen.intents.intents`)."""
        return dict(json.loads(self.state(INTENTS) or "{}"))

    def collector(self) -> Collector | None:
        """Who collects, None when nobody says so."""
        told = json.loads(self.state("collector") or "null")
        if not told:
            return None
        return Collector(**{field.name: told.get(field.name) for field in fields(Collector)})

    def views(self) -> list[SavedView]:
        """The saved queries of the configuration that runs, in its order."""
        told = json.loads(self.state("views") or "[]")
        return [SavedView(view["name"], view["query"], view["queue"]) for view in told]

    def lists(self) -> dict[str, list[str]]:
        """The named lists of the configuration that runs, as they are written."""
        found: dict[str, list[str]] = json.loads(self.state("lists") or "{}")
        return found

    def absences(self) -> dict[str, Absence]:
        """Who is away, and who covers for them, by folded name."""
        return absence.read(self.state("people"))

    def steps(self, who: str | None = None, since: float = 0, limit: int = 100) -> list[Step]:
        """What was done, the newest first: by a person, or by everybody."""
        from listen.store.steps import steps

        with self._question() as connection:
            return steps(connection, who, since, limit)

    def tags(self) -> list[tuple[str, int]]:
        """All tags, and how many mentions have each, the most frequent first."""
        from listen.store.tags import known

        with self._question() as connection:
            return list(known(connection, "", -1))

    def edits(self) -> list[mirror.Edit]:
        """Topics and views whose query was given in the console or by a command."""
        with self._question() as connection:
            return mirror.edits(connection)

    def rules_written(self) -> mirror.Written:
        """The rules of the configuration that runs."""
        return mirror.written(self.state("rules_written"))

    def last_visit(self, who: str) -> Visit | None:
        """When a person was last here, None when they never were."""
        with self._question() as connection:
            return last_visit(connection, who)

    def seats(self, but: Console | None = None) -> list[Seat]:
        """The consoles that are open, `but` left out, and where their people are."""
        with self._question() as connection:
            return seats(connection, but)

    def touched(self, seen: int) -> tuple[int, list[int] | None]:
        """What was changed since; see `listen.store.changes.since`."""
        with self._question() as connection:
            return changes.since(connection, seen)

    def book(self) -> Book:
        """Saved queries and lists of the configuration that runs, for `listen.query.book.resolved`."""
        from dataclasses import replace

        from listen.store.names import book

        found = book(self.state("views") or "[]", self.state("lists") or "{}", self.state("desks") or "[]")
        return replace(found, me=self.asker)

    def desks(self) -> tuple[Desk, ...]:
        """The desks of the configuration that runs, in its order, closed ones too."""
        from listen import service

        return service.read(self.state("desks") or "[]")

    def objectives(self) -> tuple[Objective, ...]:
        """The objectives of the configuration that runs, in its order."""
        from listen import objectives

        return objectives.read(self.state(objectives.STATE) or "[]")

    def newest(self) -> int | None:
        """The newest mention's id, None in an empty store."""
        with self._question() as connection:
            found = connection.execute("SELECT max(id) FROM mentions").fetchone()[0]
        return None if found is None else int(found)


# --- SQL -------------------------------------------------------------------------------------------------------------

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


def _topics(connection: Connection) -> list[tuple[int, str, str, str, int]]:
    """(id, name, query, role, since) of the active topics, in the order of the configuration."""
    rows = connection.execute("SELECT id, name, query, role, since FROM topics WHERE active ORDER BY id").fetchall()
    order = connection.execute("SELECT value FROM state WHERE name = 'topics'").fetchone()
    places = {name: place for place, name in enumerate(json.loads(order[0]) if order else ())}
    return sorted(rows, key=lambda row: places.get(row[1], len(places)))


def _hours(connection: Connection, topic: int, hours: int, now: float) -> list[Hour]:
    """A topic's numbers hour by hour, oldest first, up to the hour of `now`."""
    from listen.store import counted

    last = hour_of(first_id(now))
    span = counted.Span(max(0, last - hours + 1), last + 1)
    found = counted.hours_of(connection, topic, span)
    return [Hour(EPOCH + 3600 * hour, found.get(hour, counted.NOTHING)) for hour in range(*span)]


def _waiting(connection: Connection, topics: list[int]) -> dict[int, int]:
    sql = f"SELECT count(*) FROM (SELECT 1 FROM inbox WHERE topic_id = ? LIMIT {WAITING_CAP})"  # noqa: S608
    return {topic: connection.execute(sql, (topic,)).fetchone()[0] for topic in topics}


def _stories_waiting(connection: Connection, waiting: dict[int, int]) -> dict[int, int]:
    """How many stories wait: of inboxes that are counted to their ends."""
    again = retold.waiting(connection, [topic for topic, n in waiting.items() if 1 < n < WAITING_CAP])
    return {topic: n - again.get(topic, 0) for topic, n in waiting.items()}
