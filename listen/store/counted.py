"""What is counted of one topic in a span of whole hours: from the rollups, with what people change put in its place.

Whole days come from the numbers by day, the hours before and after them from those by hour. Where those are no longer
kept, a day's edge is counted anew from the matches.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache, partial
from typing import Any, NamedTuple, TypeVar

from listen.model import NEGATIVE, POSITIVE
from listen.store import aspects
from listen.store.aside import OWN
from listen.store.layout import hour_id
from listen.store.pulse import Numbers
from listen.store.sqlite import Connection

K = TypeVar("K")

NOTHING = Numbers()


class Span(NamedTuple):
    """Hours since 2000-01-01 UTC: first <= hour < last."""

    first: int
    last: int

    @property
    def days(self) -> tuple[int, int]:
        """The whole days in it: first <= day < last; as many as none."""
        first, last = -(-self.first // 24), self.last // 24
        return (first, last) if first < last else (0, 0)

    @property
    def edges(self) -> list[tuple[int, int]]:
        """(first hour, hour after the last) of what lies beside the whole days."""
        first, last = self.days
        sides = [(self.first, 24 * first), (24 * last, self.last)] if first < last else [(self.first, self.last)]
        return [side for side in sides if side[0] < side[1]]

    @property
    def ids(self) -> tuple[int, int]:
        """The ids of its mentions: low <= id < high."""
        return hour_id(self.first), hour_id(self.last)

    def step_of(self, hour: int, step: int) -> int:
        """The first hour of the step that an hour lies in; steps of so many hours begin with the span."""
        return hour - (hour - self.first) % step


EVER = Span(0, 24 * 10**6)
"""All hours that there can be, in whole days."""


class Changes(NamedTuple):
    """What people left out or corrected: what has to be added to the numbers of a span as they were computed."""

    steps: dict[int, Numbers]
    """By the first hour of each step."""
    sources: dict[int, Numbers]
    """By the source's id."""
    aspects: dict[str, Numbers]
    """Of the hours that are counted by aspects."""
    own: int
    """Mentions that count in no number because one of our accounts said them."""


def of_score(score: int | None) -> Numbers:
    """The numbers of one match."""
    if score is None:
        return Numbers(1)
    return Numbers(1, score <= NEGATIVE, score >= POSITIVE, 1, score)


@lru_cache(maxsize=8_192)
def _instead(score: int | None, counts: int | None) -> Numbers:
    return (NOTHING if counts is None else of_score(counts)).minus(of_score(score))


def total(numbers: Iterable[Numbers]) -> Numbers:
    """All of them together."""
    return Numbers(*map(sum, zip(NOTHING, *numbers, strict=True)))


def put(found: dict[K, Numbers], key: K, more: Numbers) -> None:
    """Add to what is counted under a key."""
    found[key] = found.get(key, NOTHING).plus(more)


def put_all(found: dict[K, Numbers], more: Mapping[K, Numbers]) -> None:
    """Add to what is counted under many keys."""
    for key, numbers in more.items():
        put(found, key, numbers)


def sums(some: Iterable[tuple[K, Numbers]]) -> dict[K, Numbers]:
    """What is counted under each key."""
    found: defaultdict[K, list[Numbers]] = defaultdict(list)
    for key, numbers in some:
        found[key].append(numbers)
    return {key: total(numbers) for key, numbers in found.items()}


_CHANGED = """
SELECT x.mention_id, x.source_id, x.score, {counts}, {own}, m.lang, m.country, m.kind, m.intents
FROM {table} AS d CROSS JOIN matches AS x ON x.topic_id = d.topic_id AND x.mention_id = d.mention_id
CROSS JOIN mentions AS m ON m.id = d.mention_id {more}
WHERE d.topic_id = ?1 AND d.mention_id >= ?2 AND d.mention_id < ?3"""

_LEFT_OUT = _CHANGED.format(
    table="dismissed",
    counts="NULL",
    own=f"ifnull(e.why, 0) & {OWN}",
    more="LEFT JOIN aside AS e ON e.mention_id = d.mention_id",
)
_CORRECTED = (
    _CHANGED.format(
        table="corrected",
        counts="k.score",
        own="0",
        more="CROSS JOIN corrections AS k ON k.mention_id = d.mention_id "
        "LEFT JOIN dismissed AS z ON z.topic_id = d.topic_id AND z.mention_id = d.mention_id",
    )
    + " AND z.mention_id IS NULL"
)


def changes(connection: Connection, topic: int, span: Span, step: int, parted: int) -> Changes:
    """What people changed of a topic; `step`: hours of each, from the span's first on; `parted`: first with aspects."""
    (low, high), length, counts_from = span.ids, hour_id(step), hour_id(parted)
    rows = connection.execute(_LEFT_OUT, (topic, low, high)).fetchall()
    rows += connection.execute(_CORRECTED, (topic, low, high)).fetchall()
    steps: defaultdict[int, list[Numbers]] = defaultdict(list)
    sources: defaultdict[int, list[Numbers]] = defaultdict(list)
    told: defaultdict[tuple[Any, ...], list[Numbers]] = defaultdict(list)
    for mention, source, score, counts, _, *what in rows:
        delta = _instead(score, counts)
        steps[(mention - low) // length].append(delta)
        sources[source].append(delta)
        if mention >= counts_from:
            told[tuple(what)].append(delta)
    return Changes(
        {span.first + step * at: total(deltas) for at, deltas in steps.items()},
        {source: total(deltas) for source, deltas in sources.items()},
        sums((aspect, total(deltas)) for what, deltas in told.items() for aspect in aspects.of(*what)),
        sum(row[4] for row in rows),
    )


_LEFT_BY_HOUR = """
SELECT (mention_id >> 12) / 3600, count(*) FROM dismissed WHERE topic_id = ? AND mention_id >= ? AND mention_id < ?
GROUP BY 1"""


def left_out(connection: Connection, topic: int, span: Span) -> dict[int, int]:
    """Hour -> mentions that the rollups count and that count in no number."""
    return dict(connection.execute(_LEFT_BY_HOUR, (topic, *span.ids)).fetchall())


# --- rollups ---------------------------------------------------------------------------------------------------------

_SUMS = "sum(r.n), sum(r.neg), sum(r.pos), sum(r.scored), sum(r.total)"
_ONLY_N = "sum(r.n)"
"""What is enough for a time that others are compared with; SQLite sorts it in half of the time."""

_BY_HOUR = """
WITH RECURSIVE hours(hour) AS (SELECT ?1 UNION ALL SELECT hour + 1 FROM hours WHERE hour + 1 < ?2)
SELECT r.hour, r.n, r.neg, r.pos, r.scored, r.total
FROM hours CROSS JOIN hourly_topic AS r ON r.hour = hours.hour AND r.topic_id = ?3"""

_BY_DAY = """
WITH RECURSIVE days(day) AS (SELECT ?1 UNION ALL SELECT day + 1 FROM days WHERE day + 1 < ?2)
SELECT r.day, r.n, r.neg, r.pos, r.scored, r.total
FROM days CROSS JOIN daily_topic AS r ON r.day = days.day AND r.topic_id = ?3"""

_OF_TOPIC = """
WITH RECURSIVE steps(at) AS (SELECT ?1 UNION ALL SELECT at + 1 FROM steps WHERE at + 1 < ?2)
SELECT r.{key}, {sums} FROM steps CROSS JOIN {table} AS r ON r.{step} = steps.at AND r.topic_id = ?3
GROUP BY 1"""

_ANEW = f"""
SELECT r.source_id, {_SUMS} FROM (SELECT source_id, 1 AS n, ifnull(score <= {NEGATIVE}, 0) AS neg,
  ifnull(score >= {POSITIVE}, 0) AS pos, score IS NOT NULL AS scored, ifnull(score, 0) AS total
  FROM matches WHERE topic_id = ?3 AND mention_id >= ?1 AND mention_id < ?2) AS r GROUP BY 1"""  # noqa: S608

_OF_ALL = "SELECT r.topic_id, {sums} FROM {table} AS r WHERE r.{step} >= ? AND r.{step} < ? GROUP BY 1"


def by_hour(connection: Connection, topic: int, span: Span) -> dict[int, Numbers]:
    """Hour -> numbers as they were computed; hours without mentions are left out."""
    return {hour: Numbers(*row) for hour, *row in connection.execute(_BY_HOUR, (*span, topic))}


_MENTIONS_BY_HOUR = """
SELECT r.hour, r.n FROM json_each(?1) AS h CROSS JOIN hourly_topic AS r ON r.hour = h.value AND r.topic_id = ?2"""


def mentions_by_hour(connection: Connection, topic: int, span: Span) -> dict[int, int]:
    """Hour -> mentions that count; hours of which none is known are left out."""
    found: dict[int, int] = dict(connection.execute(_MENTIONS_BY_HOUR, (json.dumps([*range(*span)]), topic)).fetchall())
    for hour, n in left_out(connection, topic, span).items():
        found[hour] = max(0, found.get(hour, 0) - n)
    return {hour: n for hour, n in found.items() if n}


def by_step(connection: Connection, topic: int, span: Span, step: int) -> dict[int, Numbers]:
    """The first hour of each step, of so many hours, -> numbers as they were computed; without what has none."""
    if step == 24 and not span.edges:
        rows = connection.execute(_BY_DAY, (*span.days, topic))
        return {24 * day: Numbers(*row) for day, *row in rows}
    found = by_hour(connection, topic, span)
    return found if step == 1 else sums((span.step_of(hour, step), numbers) for hour, numbers in found.items())


def by_source(connection: Connection, topic: int, span: Span, *, only_n: bool = False) -> dict[int, Numbers]:
    """Source's id -> numbers as they were computed, or of them only `n`."""
    found: dict[int, Numbers] = {}
    of_topic = partial(_OF_TOPIC.format, key="source_id", sums=_ONLY_N if only_n else _SUMS)
    daily = of_topic(table="daily", step="day")
    for key, *row in connection.execute(daily, (*span.days, topic)) if any(span.days) else ():
        put(found, key, Numbers(*row))
    kept = hourly_from(connection)
    hourly = of_topic(table="hourly", step="hour")
    for first, last in span.edges:
        anew = first < kept
        sql, asked = (_ANEW, (hour_id(first), hour_id(last))) if anew else (hourly, (first, last))
        for key, *row in connection.execute(sql, (*asked, topic)):
            put(found, key, Numbers(*row))
    return found


_ASPECTS_ANEW = """
SELECT x.score, m.lang, m.country, m.kind, m.intents FROM matches AS x CROSS JOIN mentions AS m ON m.id = x.mention_id
WHERE x.topic_id = ?3 AND x.mention_id >= ?1 AND x.mention_id < ?2"""


def by_aspect(connection: Connection, topic: int, span: Span, *, only_n: bool = False) -> dict[str, Numbers]:
    """The same by aspect (`listen.store.aspects`), of hours that are counted by aspects."""
    found: dict[str, Numbers] = {}
    of_topic = partial(_OF_TOPIC.format, key="aspect", sums=_ONLY_N if only_n else _SUMS)
    daily = of_topic(table="daily_aspect", step="day")
    for key, *row in connection.execute(daily, (*span.days, topic)) if any(span.days) else ():
        put(found, key, Numbers(*row))
    kept = hourly_from(connection)
    hourly = of_topic(table="hourly_aspect", step="hour")
    for first, last in span.edges:
        if first >= kept:
            for key, *row in connection.execute(hourly, (first, last, topic)):
                put(found, key, Numbers(*row))
            continue
        for score, *told in connection.execute(_ASPECTS_ANEW, (hour_id(first), hour_id(last), topic)):
            for aspect in aspects.of(*told):
                put(found, aspect, of_score(score))
    return found


def hourly_from(connection: Connection) -> int:
    """The first hour of which the numbers by hour and source, or facet, are kept."""
    row = connection.execute("SELECT value FROM state WHERE name = 'hourly_from'").fetchone()
    return int(row[0]) if row else 0


def by_topic(connection: Connection, topics: Iterable[int], span: Span, *, only_n: bool = False) -> dict[int, Numbers]:
    """Topic's id -> numbers that count, or of them only `n`: people's changes are in them."""
    found, of_all = dict.fromkeys(topics, NOTHING), partial(_OF_ALL.format, sums=_ONLY_N if only_n else _SUMS)
    parts = [("daily_topic", "day", *span.days)] if any(span.days) else []
    parts += [("hourly_topic", "hour", *edge) for edge in span.edges]
    for table, step, first, last in parts:
        for topic, *row in connection.execute(of_all(table=table, step=step), (first, last)):
            if topic in found:
                put(found, topic, Numbers(*row))
    if only_n:
        for topic, n in connection.execute(_LEFT_BY_TOPIC, (json.dumps([*found]), *span.ids)):
            put(found, topic, Numbers(-n))
        return found
    for topic, numbers in _by_people(connection, found, span, "t.value"):
        put(found, topic, numbers)
    return found


def hours_of(connection: Connection, topic: int, span: Span) -> dict[int, Numbers]:
    """Hour -> numbers of a topic that count: people's changes are in them; hours of which none are known left out."""
    found = by_hour(connection, topic, span)
    for hour, numbers in _by_people(connection, [topic], span, "(d.mention_id >> 12) / 3600"):
        put(found, hour, numbers)
    return found


def _by_people(connection: Connection, topics: Iterable[int], span: Span, key: str) -> Iterator[tuple[int, Numbers]]:
    """What people change of the numbers under each key: what they left out goes, what they corrected is another.

    By `t.value`, the topic, the rows lie in order, so that thousands need not be sorted.
    """
    asked = (json.dumps([*topics]), *span.ids, NEGATIVE, POSITIVE)
    for at, *row in connection.execute(_BY_PEOPLE.format(key=key), asked):
        yield at, Numbers(*row)


_LEFT_BY_TOPIC = """
SELECT t.value, count(*) FROM json_each(?1) AS t CROSS JOIN dismissed AS d
  ON d.topic_id = t.value AND d.mention_id >= ?2 AND d.mention_id < ?3 GROUP BY t.value"""

_BY_PEOPLE = """
SELECT {key} AS key, -count(*), -ifnull(sum(x.score <= ?4), 0), -ifnull(sum(x.score >= ?5), 0), -count(x.score),
  -ifnull(sum(x.score), 0)
FROM json_each(?1) AS t CROSS JOIN dismissed AS d ON d.topic_id = t.value AND d.mention_id >= ?2 AND d.mention_id < ?3
CROSS JOIN matches AS x ON x.topic_id = d.topic_id AND x.mention_id = d.mention_id GROUP BY {key}
UNION ALL SELECT {key}, 0, sum((k.score <= ?4) - ifnull(x.score <= ?4, 0)),
  sum((k.score >= ?5) - ifnull(x.score >= ?5, 0)), sum(x.score IS NULL), sum(k.score - ifnull(x.score, 0))
FROM json_each(?1) AS t CROSS JOIN corrected AS d ON d.topic_id = t.value AND d.mention_id >= ?2 AND d.mention_id < ?3
CROSS JOIN matches AS x ON x.topic_id = d.topic_id AND x.mention_id = d.mention_id
CROSS JOIN corrections AS k ON k.mention_id = d.mention_id
LEFT JOIN dismissed AS z ON z.topic_id = d.topic_id AND z.mention_id = d.mention_id WHERE z.mention_id IS NULL
GROUP BY {key}"""


# --- stories ---------------------------------------------------------------------------------------------------------

_STORIES = """
SELECT group_concat(story_id) FROM retold WHERE topic_id = ? AND mention_id >= ? AND mention_id < ?"""

_STORIES_LEFT_OUT = """
SELECT group_concat(r.story_id) FROM dismissed AS d CROSS JOIN retold AS r
  ON r.topic_id = d.topic_id AND r.mention_id = d.mention_id
WHERE d.topic_id = ? AND d.mention_id >= ? AND d.mention_id < ?"""

_NEWEST = """
SELECT max(mention_id) FROM retold INDEXED BY retold_story
WHERE topic_id = ?1 AND story_id = ?4 AND mention_id >= ?2 AND mention_id < ?3
  AND NOT EXISTS (SELECT 1 FROM dismissed AS d WHERE d.topic_id = ?1 AND d.mention_id = retold.mention_id)"""

_LONELY = """
SELECT m.id, ifnull(m.likes, 0) + ifnull(m.reposts, 0) + ifnull(m.replies, 0) AS endorsed FROM
  (SELECT mention_id FROM matches WHERE topic_id = ?1 AND mention_id >= ?2 AND mention_id < ?3
   ORDER BY mention_id DESC LIMIT ?4) AS x CROSS JOIN mentions AS m ON m.id = x.mention_id
LEFT JOIN retold AS r ON r.topic_id = ?1 AND r.mention_id = m.id
LEFT JOIN dismissed AS d ON d.topic_id = ?1 AND d.mention_id = m.id
WHERE r.mention_id IS NULL AND d.mention_id IS NULL AND endorsed > 0 ORDER BY 2 DESC, 1 DESC LIMIT ?5"""


REMEMBERED = 500_000
"""Letters in which the stories of a time are written up to which it is remembered how often each stands there."""


def stories(connection: Connection, topic: int, span: Span) -> Counter[str]:
    """Story, as it is written, -> how many of its mentions lie there and count; of those that several tell somewhere.

    Counted here: SQLite takes three times as long to sort the rows, and Python twice as long to make numbers of them.
    """
    told, left_out = (
        connection.execute(sql, (topic, *span.ids)).fetchone()[0] or "" for sql in (_STORIES, _STORIES_LEFT_OUT)
    )
    found = (_remembered(told) if len(told) <= REMEMBERED else _times(told)).copy()
    for story, n in _times(left_out).items():
        found[story] -= n
        if not found[story]:
            del found[story]
    return found


def _times(written: str) -> Counter[str]:
    return Counter(written.split(",") if written else ())


_remembered = lru_cache(maxsize=2)(_times)
"""For who asks for the same time again: a window and the one before it."""


def newest(connection: Connection, topic: int, span: Span, story: int) -> int:
    """The newest mention of a story that lies there and counts."""
    return int(connection.execute(_NEWEST, (topic, *span.ids, story)).fetchone()[0])


def endorsed(connection: Connection, topic: int, span: Span, read: int, most: int) -> list[int]:
    """Of the newest `read` mentions those that nobody else tells and that were endorsed most, the first one first."""
    return [row[0] for row in connection.execute(_LONELY, (topic, *span.ids, read, most))]
