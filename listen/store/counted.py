"""What is counted of one topic in a span of whole hours: from the rollups, with what people change put in its place.

Whole days come from the numbers by day, the hours before and after them from those by hour. Where those are no longer
kept, a day's edge is counted anew from the matches.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any, NamedTuple, TypeVar

from listen.model import NEGATIVE, POSITIVE
from listen.store import aspects
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


def of_score(score: int | None) -> Numbers:
    """The numbers of one match."""
    if score is None:
        return Numbers(1)
    return Numbers(1, score <= NEGATIVE, score >= POSITIVE, 1, score)


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


_NUMBERS = ("n", "neg", "pos", "scored", "total")
"""The columns of every table that is counted here; of `amended` what they have to be changed by."""

_AMENDED = """
SELECT {key}, {sums} FROM json_each(?1) AS t CROSS JOIN amended AS a
  ON a.topic_id = t.value AND a.mention_id >= ?2 AND a.mention_id < ?3 GROUP BY {by}"""

_LEFT_OUT = """
SELECT group_concat((mention_id >> 12) / 3600) FROM dismissed
WHERE topic_id = ? AND mention_id >= ? AND mention_id < ?"""

_OWN = "SELECT count(*) FROM amended WHERE topic_id = ? AND mention_id >= ? AND mention_id < ? AND own"


def _amended(
    connection: Connection, topics: Iterable[int], span: Span, key: str, *, by: str = "1", only_n: bool = False
) -> Iterator[tuple[Any, ...]]:
    """Each key, and what people add to its numbers: what they left out goes, what they corrected is another."""
    sql = _AMENDED.format(key=key, sums=_sums(only_n), by=by)
    return connection.execute(sql, (json.dumps([*topics]), *span.ids))


def _sums(only_n: bool) -> str:
    """Of the numbers as many as are asked for: SQLite sorts one in half of the time of all."""
    return ", ".join(f"sum({one})" for one in _NUMBERS[: 1 if only_n else None])


def own(connection: Connection, topic: int, span: Span) -> int:
    """Mentions that count in no number because one of our accounts said them."""
    return int(connection.execute(_OWN, (topic, *span.ids)).fetchone()[0])


# --- one topic -------------------------------------------------------------------------------------------------------

_BY_HOUR = """
SELECT {columns} FROM hourly_topic INDEXED BY hourly_topic_hours WHERE topic_id = ? AND hour >= ? AND hour < ?"""

_BY_DAY = """
WITH RECURSIVE days(day) AS (SELECT ?1 UNION ALL SELECT day + 1 FROM days WHERE day + 1 < ?2)
SELECT r.day, r.n, r.neg, r.pos, r.scored, r.total
FROM days CROSS JOIN daily_topic AS r ON r.day = days.day AND r.topic_id = ?3"""

_ROLLED_UP = """
SELECT r.{key} AS key, n, neg, pos, scored, total FROM json_each(?) AS s CROSS JOIN {table} AS r
  ON r.{step} = s.value AND r.topic_id = ?"""

_ANEW = f"""
SELECT source_id, count(*), ifnull(sum(score <= {NEGATIVE}), 0), ifnull(sum(score >= {POSITIVE}), 0), count(score),
  ifnull(sum(score), 0) FROM matches WHERE topic_id = ? AND mention_id >= ? AND mention_id < ? GROUP BY 1"""  # noqa: S608

_ASPECTS_ANEW = """
SELECT x.score, m.lang, m.country, m.kind, m.intents FROM matches AS x CROSS JOIN mentions AS m ON m.id = x.mention_id
WHERE x.topic_id = ? AND x.mention_id >= ? AND x.mention_id < ?"""


def hours_of(connection: Connection, topic: int, span: Span) -> dict[int, Numbers]:
    """Hour -> numbers that count; hours of which none are known are left out."""
    rows = connection.execute(_BY_HOUR.format(columns="hour, n, neg, pos, scored, total"), (topic, *span))
    found = {hour: Numbers(*row) for hour, *row in rows}
    for hour, *row in _amended(connection, [topic], span, "(a.mention_id >> 12) / 3600"):
        put(found, hour, Numbers(*row))
    return found


def mentions_by_hour(connection: Connection, topic: int, span: Span) -> dict[int, int]:
    """Hour -> mentions that count; hours of which none is known are left out. Read as text, in half of the time."""
    sql = _BY_HOUR.format(columns="json_group_array(hour), json_group_array(n)")
    hours, numbers = map(json.loads, connection.execute(sql, (topic, *span)).fetchone())
    found: dict[int, int] = dict(zip(hours, numbers, strict=True))
    for written, n in _times(connection.execute(_LEFT_OUT, (topic, *span.ids)).fetchone()[0]).items():
        found[int(written)] = found.get(int(written), 0) - n
    return {hour: n for hour, n in found.items() if n > 0}


def by_step(connection: Connection, topic: int, span: Span, step: int) -> dict[int, Numbers]:
    """The first hour of each step, of so many hours, -> numbers that count; steps without mentions are left out."""
    if step != 24 or span.edges:
        hours = hours_of(connection, topic, span)
        return hours if step == 1 else sums((span.step_of(hour, step), numbers) for hour, numbers in hours.items())
    found = {24 * day: Numbers(*row) for day, *row in connection.execute(_BY_DAY, (*span.days, topic))}
    for day, *row in _amended(connection, [topic], span, "(a.mention_id >> 12) / 86400"):
        put(found, 24 * day, Numbers(*row))
    return found


def by_source(connection: Connection, topic: int, span: Span, *, only_n: bool = False) -> dict[int, Numbers]:
    """Source's id -> numbers that count, or of them only `n`."""
    found = _rolled_up(connection, topic, span, "source_id", "", only_n)
    for edge in _no_longer_kept(connection, span):
        for key, *row in connection.execute(_ANEW, (topic, *edge.ids)):
            put(found, key, Numbers(*row))
    for key, *row in _amended(connection, [topic], span, "a.source_id", only_n=only_n):
        put(found, key, Numbers(*row))
    return found


def by_aspect(connection: Connection, topic: int, span: Span, *, only_n: bool = False) -> dict[str, Numbers]:
    """The same by aspect (`listen.store.aspects`), of hours that are counted by aspects."""
    found = _rolled_up(connection, topic, span, "aspect", "_aspect", only_n)
    for edge in _no_longer_kept(connection, span):
        for score, *told in connection.execute(_ASPECTS_ANEW, (topic, *edge.ids)):
            for aspect in aspects.of(*told):
                put(found, aspect, of_score(score))
    told = "a.lang, a.country, a.kind, a.intents"
    amended = _amended(connection, [topic], span, told, by="1, 2, 3, 4", only_n=only_n)
    put_all(found, sums((aspect, Numbers(*row[4:])) for row in amended for aspect in aspects.of(*row[:4])))
    return found


def _rolled_up(
    connection: Connection, topic: int, span: Span, key: str, suffix: str, only_n: bool
) -> dict[Any, Numbers]:
    """Key -> numbers as they were computed, or of them only `n`; `suffix`: of the tables by day and hour."""
    kept = hourly_from(connection)
    hours = [hour for first, last in span.edges if first >= kept for hour in range(first, last)]
    asked = [("daily", "day", [*range(*span.days)]), ("hourly", "hour", hours)]
    parts = [_ROLLED_UP.format(key=key, table=table + suffix, step=step) for table, step, at in asked if at]
    if not parts:
        return {}
    sql = f"SELECT key, {_sums(only_n)} FROM ({' UNION ALL '.join(parts)}) GROUP BY 1"  # noqa: S608
    rows = connection.execute(sql, [one for _, _, at in asked if at for one in (json.dumps(at), topic)])
    return {key: Numbers(*row) for key, *row in rows}


def _no_longer_kept(connection: Connection, span: Span) -> list[Span]:
    """What lies beside the whole days and has no numbers by hour any more."""
    kept = hourly_from(connection)
    return [Span(*edge) for edge in span.edges if edge[0] < kept]


def hourly_from(connection: Connection) -> int:
    """The first hour of which the numbers by hour and source, or facet, are kept."""
    row = connection.execute("SELECT value FROM state WHERE name = 'hourly_from'").fetchone()
    return int(row[0]) if row else 0


# --- many topics -----------------------------------------------------------------------------------------------------

_DAYS_OF_ALL = "SELECT topic_id, {sums} FROM daily_topic WHERE day >= ? AND day < ? GROUP BY 1"

_HOURS_OF_MANY = """
SELECT t.value, {sums} FROM json_each(?1) AS t CROSS JOIN hourly_topic AS r INDEXED BY hourly_topic_hours
  ON r.topic_id = t.value AND r.hour >= ?2 AND r.hour < ?3 GROUP BY 1"""


_LEFT_OF_MANY = """
SELECT t.value, -(SELECT count(*) FROM dismissed WHERE topic_id = t.value AND mention_id >= ?2 AND mention_id < ?3)
FROM json_each(?1) AS t"""


def by_topic(connection: Connection, topics: Iterable[int], span: Span, *, only_n: bool = False) -> dict[int, Numbers]:
    """Topic's id -> numbers that count, or of them only `n`."""
    found = dict.fromkeys(topics, NOTHING)
    wanted, sums = json.dumps([*found]), _sums(only_n)
    rows = [*connection.execute(_DAYS_OF_ALL.format(sums=sums), span.days)] if any(span.days) else []
    for edge in span.edges:
        rows += connection.execute(_HOURS_OF_MANY.format(sums=sums), (wanted, *edge))
    if only_n:
        rows += connection.execute(_LEFT_OF_MANY, (wanted, *span.ids))
    else:
        rows += _amended(connection, found, span, "t.value")
    for topic, *row in rows:
        if topic in found:
            put(found, topic, Numbers(*row))
    return found


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
