"""What the store says at a glance: topics and their numbers, what came in, what was done and who is here.

Numbers come from the rollups, which count every match. What people dismissed is taken off when they are read, and what
they corrected is put in its place, so that both count at once.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from listen.model import EPOCH, first_id
from listen.store import changes, generations, presence, pulse, retold
from listen.store.aside import NOISE
from listen.store.inbox import GONE
from listen.store.layout import NO_TOPIC, hour_of
from listen.store.presence import Console, Seat, Visit
from listen.store.pulse import Hour, Pulse, Totals
from listen.store.question import Questions
from listen.store.scored import Rescoring, under_way
from listen.store.sqlite import Connection

if TYPE_CHECKING:
    from listen.store.steps import Step

WAITING_CAP = 1_000
"""How far a queue is counted: "1,000+" says as much."""

ARRIVALS_AT_ONCE = 10_000


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


class Overview(Questions):
    """The part of a reader that needs no query."""

    def __init__(self, path: str | Path, who: str = "") -> None:
        super().__init__(path, who)
        self.totals = Totals()

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
                found = self.totals.pulse(connection, hours, now)
            else:
                found = _pulse(connection, topic, hours, now)
        return found

    def waiting(self) -> dict[str | None, int]:
        """Active topic (None: mentions of no topic) -> how many are still new, up to WAITING_CAP."""
        with self._question() as connection:
            names = dict(connection.execute("SELECT id, name FROM topics WHERE active ORDER BY id").fetchall())
            found = _waiting(connection, [*names, NO_TOPIC])
        return {names.get(number): n for number, n in found.items()}

    def new_mentions(self) -> int:
        """How many mentions of active topics are still new, each once, up to WAITING_CAP."""
        with self._question() as connection:
            return int(connection.execute(_NEW, (WAITING_CAP,)).fetchone()[0])

    def rematches(self) -> list[generations.Rematch]:
        """The topics that are matched anew at the moment, and how far that is, in the order in which it began."""
        return self._ask(generations.under_way)

    def rescoring(self) -> Rescoring | None:
        """What is scored anew at the moment, None when all scores are from the engines that run."""
        return self._ask(under_way)

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

    def touched(self, seen: int) -> tuple[int, list[int] | None]:
        """What was changed since; see `listen.store.changes.since`."""
        return self._ask(changes.since, seen)

    def newest(self) -> int | None:
        """The newest mention's id, None in an empty store."""
        with self._question() as connection:
            found = connection.execute("SELECT max(id) FROM mentions").fetchone()[0]
        return None if found is None else int(found)

    def steps(self, who: str | None = None, since: float = 0, limit: int = 100) -> list[Step]:
        """What was done, the newest first: by a person, or by everybody."""
        from listen.store.steps import steps

        return self._ask(steps, who, since, limit)

    def tags(self) -> list[tuple[str, int]]:
        """All tags, and how many mentions have each, the most frequent first."""
        from listen.store.tags import known

        with self._question() as connection:
            return list(known(connection, "", -1))

    def last_visit(self, who: str) -> Visit | None:
        """When a person was last here, None when they never were."""
        return self._ask(presence.last_visit, who)

    def seats(self, but: Console | None = None) -> list[Seat]:
        """The consoles that are open, `but` left out, and where their people are."""
        return self._ask(presence.seats, but)


def _topics(connection: Connection) -> list[tuple[int, str, str, str, int]]:
    """(id, name, query, role, since) of the active topics, in the order of the configuration."""
    rows = connection.execute("SELECT id, name, query, role, since FROM topics WHERE active ORDER BY id").fetchall()
    order = connection.execute("SELECT value FROM state WHERE name = 'topics'").fetchone()
    places = {name: place for place, name in enumerate(json.loads(order[0]) if order else ())}
    return sorted(rows, key=lambda row: places.get(row[1], len(places)))


def _pulse(connection: Connection, topic: str, hours: int, now: float) -> Pulse | None:
    """How loud a topic is; None for an unknown one."""
    row = connection.execute("SELECT id, since FROM topics WHERE name = ? AND active", (topic,)).fetchone()
    if row is None:
        return None
    number, since = row
    usual = pulse.usual(connection, {number: since}, now).get(number, (None, 0))
    listed = _hours(connection, number, hours, now)
    span = first_id(listed[0].start), first_id(listed[-1].start + 3600)
    found = Pulse(listed, pulse.last_hour(connection, now)[number], *usual)
    return found._replace(stories=found.numbers.n - retold.of_topics(connection, *span, number).get(number, 0))


def _hours(connection: Connection, topic: int, hours: int, now: float) -> list[Hour]:
    """A topic's numbers hour by hour, oldest first, up to the hour of `now`."""
    from listen.store import counted

    last = hour_of(first_id(now))
    span = counted.Span(max(0, last - hours + 1), last + 1)
    found = counted.hours_of(connection, topic, span)
    return [Hour(EPOCH + 3600 * hour, found.get(hour, counted.NOTHING)) for hour in range(*span)]


_NEW = """
SELECT count(*) FROM (SELECT DISTINCT x.mention_id FROM topics AS t CROSS JOIN inbox AS x ON x.topic_id = t.id
WHERE t.active LIMIT ?)"""


def _waiting(connection: Connection, topics: list[int]) -> dict[int, int]:
    sql = f"SELECT count(*) FROM (SELECT 1 FROM inbox WHERE topic_id = ? LIMIT {WAITING_CAP})"  # noqa: S608
    return {topic: connection.execute(sql, (topic,)).fetchone()[0] for topic in topics}


def _stories_waiting(connection: Connection, waiting: dict[int, int]) -> dict[int, int]:
    """How many stories wait: of inboxes that are counted to their ends."""
    again = retold.waiting(connection, [topic for topic, n in waiting.items() if 1 < n < WAITING_CAP])
    return {topic: n - again.get(topic, 0) for topic, n in waiting.items()}
