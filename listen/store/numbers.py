"""The rollups: at every commit they equal GROUP BY of `matches`, by one delta that every change goes through."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from listen.model import EPOCH, NEGATIVE, POSITIVE
from listen.store.layout import day_of, hour_of
from listen.store.sqlite import Connection

HOURLY_DAYS = 56
"""For how many days the numbers by hour and source are kept; by hour, and by day and source, they are kept for good."""

Cell = tuple[int, int, int, int, int]
"""(mentions, negative, positive, scored, sum of the scores in thousandths)"""

Cells = dict[tuple[int, ...], Cell]

_UPSERT = (
    " ON CONFLICT DO UPDATE SET n=n+excluded.n, neg=neg+excluded.neg, pos=pos+excluded.pos, "
    "scored=scored+excluded.scored, total=total+excluded.total"
)
_TABLES = (
    ("hourly", ("hour", "topic_id", "source_id")),
    ("hourly_topic", ("hour", "topic_id")),
    ("daily", ("day", "topic_id", "source_id")),
    ("daily_topic", ("day", "topic_id")),
)


class Delta:
    """What a transaction changes in the rollups, gathered so that each cell is written once."""

    def __init__(self, hourly_from: int = 0) -> None:
        """`hourly_from` is the first hour for which the numbers by hour and source are kept."""
        self._hourly_from = hourly_from
        self._cells: tuple[Cells, Cells, Cells, Cells] = ({}, {}, {}, {})
        self._shrinks = False

    def apply(
        self, mention_id: int, source_id: int, old: Mapping[int, int | None], new: Mapping[int, int | None]
    ) -> None:
        """A mention's matches, topic id -> score toward it, change from `old` to `new`."""
        if old:
            self._count(mention_id, source_id, old, -1)
            self._shrinks = True
        if new:
            self._count(mention_id, source_id, new, 1)

    def _count(self, mention_id: int, source_id: int, topics: Mapping[int, int | None], sign: int) -> None:
        hour, day = hour_of(mention_id), day_of(mention_id)
        hourly, by_hour, daily, by_day = self._cells
        for topic, score in topics.items():
            negative = positive = scored = total = 0
            if score is not None:
                scored, total = sign, sign * score
                negative = sign if score <= NEGATIVE else 0
                positive = sign if score >= POSITIVE else 0
            change = (sign, negative, positive, scored, total)
            _add(by_hour, (hour, topic), change)
            _add(by_day, (day, topic), change)
            _add(daily, (day, topic, source_id), change)
            if hour >= self._hourly_from:
                _add(hourly, (hour, topic, source_id), change)

    def write(self, connection: Connection) -> None:
        """Add it to the tables, inside the caller's transaction."""
        for (table, keys), cells in zip(_TABLES, self._cells, strict=True):
            if not cells:
                continue
            marks = ",".join("?" * (len(keys) + 5))
            connection.executemany(
                f"INSERT INTO {table} VALUES ({marks}){_UPSERT}",  # noqa: S608
                [(*key, *cell) for key, cell in sorted(cells.items())],
            )
            if self._shrinks:
                where = " AND ".join(f"{key}=?" for key in keys)
                connection.executemany(f"DELETE FROM {table} WHERE {where} AND n=0", sorted(cells))  # noqa: S608


def _add(cells: Cells, key: tuple[int, ...], change: Cell) -> None:
    cell = cells.get(key)
    if cell is None:
        cells[key] = change
    else:
        n, neg, pos, scored, total = cell
        cells[key] = (n + change[0], neg + change[1], pos + change[2], scored + change[3], total + change[4])


def heard(connection: Connection, channel_id: int, spans: Iterable[tuple[int, int]]) -> None:
    """Add the seconds of [from, to) in Unix time to the hours in which the channel was heard, at most 3,600 each."""
    found: dict[int, int] = {}
    for start, end in spans:
        at = max(start, EPOCH) - EPOCH
        last = end - EPOCH
        while at < last:
            hour = at // 3600
            upto = min(last, (hour + 1) * 3600)
            found[hour] = found.get(hour, 0) + upto - at
            at = upto
    connection.executemany(
        "INSERT INTO coverage VALUES (?,?,min(3600,?)) "
        "ON CONFLICT DO UPDATE SET seconds=min(3600, seconds+excluded.seconds)",
        [(hour, channel_id, seconds) for hour, seconds in sorted(found.items())],
    )
