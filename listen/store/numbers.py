"""The rollups: at every commit they equal GROUP BY of `matches`, by one delta that every change goes through."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from listen.model import EPOCH, NEGATIVE, POSITIVE
from listen.store.aspects import Aspects
from listen.store.heard import note
from listen.store.layout import hour_of
from listen.store.sqlite import Connection

HOURLY_DAYS = 56
"""For how many days the numbers by hour and source, or aspect, are kept; by hour, by day and source, and by day and
aspect they are kept for good."""

Cell = tuple[int, int, int, int, int]
"""(mentions, negative, positive, scored, sum of the scores in thousandths)"""

Cells = dict[tuple[Any, ...], Cell]

_UPSERT = (
    " ON CONFLICT DO UPDATE SET n=n+excluded.n, neg=neg+excluded.neg, pos=pos+excluded.pos, "
    "scored=scored+excluded.scored, total=total+excluded.total"
)
_TABLES = {
    "hourly": ("hour", "topic_id", "source_id"),
    "hourly_topic": ("hour", "topic_id"),
    "daily": ("day", "topic_id", "source_id"),
    "daily_topic": ("day", "topic_id"),
    "hourly_aspect": ("hour", "topic_id", "aspect"),
    "daily_aspect": ("day", "topic_id", "aspect"),
}


class Delta:
    """What a transaction changes in the rollups, gathered so that each cell is written once."""

    def __init__(self, hourly_from: int = 0, aspects_from: int = 0) -> None:
        """`hourly_from`: the first hour for which the numbers by hour and source, or aspect, are kept.

        `aspects_from`: the first mention that is counted by its aspects.
        """
        self._hourly_from, self._aspects_from = hourly_from, aspects_from
        self._cells: Cells = {}
        self._aspects: Cells = {}
        """By hour, topic and all aspects of a mention together."""
        self._shrinks = False

    def apply(
        self,
        mention_id: int,
        source_id: int,
        old: Mapping[int, int | None],
        new: Mapping[int, int | None],
        aspects: Aspects,
        before: Aspects | None = None,
    ) -> None:
        """A mention's matches, topic id -> score toward it, change from `old` to `new`; `before`: its aspects then."""
        hour = hour_of(mention_id)
        for topic, score in old.items():
            self._shrinks = True
            _add(self._cells, (hour, topic, source_id), _cell(score, -1))
            self.count(mention_id, topic, score, aspects if before is None else before, -1)
        for topic, score in new.items():
            _add(self._cells, (hour, topic, source_id), _cell(score, 1))
            self.count(mention_id, topic, score, aspects)

    def count(self, mention_id: int, topic: int, score: int | None, aspects: Aspects, sign: int = 1) -> None:
        """Count a match by its aspects, or with -1 no more: for who changes none of the other numbers."""
        if aspects and mention_id >= self._aspects_from:
            self._shrinks = self._shrinks or sign < 0
            _add(self._aspects, (hour_of(mention_id), topic, aspects), _cell(score, sign))

    def write(self, connection: Connection) -> None:
        """Add it to the tables, inside the caller's transaction."""
        for table, cells in self._rolled_up().items():
            if not cells:
                continue
            keys = _TABLES[table]
            marks = ",".join("?" * (len(keys) + 5))
            connection.executemany(
                f"INSERT INTO {table} VALUES ({marks}){_UPSERT}",  # noqa: S608
                sorted(key + cell for key, cell in cells.items()),
            )
            if self._shrinks:
                where = " AND ".join(f"{key}=?" for key in keys)
                connection.executemany(f"DELETE FROM {table} WHERE {where} AND n=0", sorted(cells))  # noqa: S608

    def _rolled_up(self) -> dict[str, Cells]:
        found: dict[str, Cells] = {table: {} for table in _TABLES}
        for (hour, topic, source), cell in self._cells.items():
            if hour >= self._hourly_from:
                found["hourly"][hour, topic, source] = cell
            _add(found["hourly_topic"], (hour, topic), cell)
            _add(found["daily"], (hour // 24, topic, source), cell)
            _add(found["daily_topic"], (hour // 24, topic), cell)
        for (hour, topic, aspects), cell in self._aspects.items():
            for aspect in aspects:
                if hour >= self._hourly_from:
                    _add(found["hourly_aspect"], (hour, topic, aspect), cell)
                _add(found["daily_aspect"], (hour // 24, topic, aspect), cell)
        return found


@lru_cache(maxsize=8_192)
def _cell(score: int | None, sign: int) -> Cell:
    """What one match adds, or with -1 takes away."""
    if score is None:
        return sign, 0, 0, 0, 0
    return sign, sign * (score <= NEGATIVE), sign * (score >= POSITIVE), sign, sign * score


def _add(cells: Cells, key: tuple[Any, ...], change: Cell) -> None:
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
    if found:
        note(connection, channel_id, min(found))
    connection.executemany(
        "INSERT INTO coverage VALUES (?,?,min(3600,?)) "
        "ON CONFLICT DO UPDATE SET seconds=min(3600, seconds+excluded.seconds)",
        [(hour, channel_id, seconds) for hour, seconds in sorted(found.items())],
    )
