"""How much of a time was really heard: an hour that nobody heard is neither silence nor baseline.

Channels weigh by what they have brought, so that a dead one which never says much holds nothing back.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from operator import mul
from typing import NamedTuple

from listen.model import EPOCH
from listen.query import tree
from listen.store import heard
from listen.store.heard import FRESH, Ear
from listen.store.sqlite import Connection
from listen.text import fold

HOUR = 3_600
FIRST_HOUR = EPOCH // HOUR

REREAD = 60.0
"""Seconds for which what was read is good enough."""

WEEKS = 8

GAP = 1_800.0
"""Seconds of silence after which what a channel brings is taken for a backlog, if it is asked more often than that."""

PATIENCE = 120.0
"""Real seconds that a channel may be late without being taken for deaf."""


class _Channel(NamedTuple):
    id: int
    source: str
    adapter: str
    weight: float
    first: int
    """The first hour in which it was heard."""
    good_at: float
    """Up to when it is known what was heard."""
    usual: float
    """Seconds between two times that it is asked."""
    well: bool
    """It is asked in time, so that the time since then may be taken for heard."""


_CHANNELS = """
SELECT c.id, s.name, s.adapter, c.mentions, c.good_at, c.next_at, c.errors, c.heard_from FROM channels AS c
JOIN sources AS s ON s.id = c.source_id WHERE c.active AND s.active AND ifnull(c.fare, '') <> 'dead'"""


class Hearing:
    """Coverage by hour, of all channels or of those of some sources."""

    def __init__(self) -> None:
        self._read_at = 0.0
        self._channels: list[_Channel] = []
        self._of: dict[int, _Channel] = {}
        self._hours: dict[frozenset[str], dict[int, float]] = {}
        self._seconds: dict[int, tuple[Sequence[int], Sequence[float]]] = {}
        """Of the last FRESH hours: hour -> (channels, the seconds of each)."""

    def look(self, connection: Connection, now: float, pace: float = 1.0) -> None:
        """Read what has changed, once a minute at most; `pace`: seconds of the clock that pass in a real one."""
        if 0 <= now - self._read_at < REREAD:
            return
        last = int(now) // HOUR
        self._read_at = now
        self._channels = [self._channel(row, now, PATIENCE * pace) for row in connection.execute(_CHANNELS)]
        self._of = {one.id: one for one in self._channels}
        self._seconds = _seconds(connection, last - FRESH, last)
        for sources, hours in self._hours.items():
            self._catch_up(connection, sources, hours, last)

    def _channel(self, row: Sequence[object], now: float, patience: float) -> _Channel:
        number, source, adapter, mentions, good_at, next_at, errors, heard_from = row
        assert isinstance(number, int)
        assert isinstance(mentions, int)
        assert isinstance(next_at, int)
        good = float(good_at) if isinstance(good_at, int) else 0.0
        usual = max(0.0, min(next_at - good, 86_400.0))
        well = not errors and good > 0 and now <= good + usual + max(usual, patience)
        first = heard_from + FIRST_HOUR if isinstance(heard_from, int) else int(good or now) // HOUR
        return _Channel(number, str(source), str(adapter), mentions + 1.0, first, good, usual, well)

    def _listening(self, sources: frozenset[str]) -> Sequence[_Channel]:
        """All channels, or those of some sources (folded names)."""
        return [one for one in self._channels if not sources or not sources.isdisjoint(map(fold, one[1:3]))]

    def deaf(self, channel: int, at: float) -> bool:
        """Whether a channel had not been heard for long before that, so that what it brought then had waited for us."""
        known = self._of.get(channel)
        return known is None or at - known.good_at > max(GAP, 2 * known.usual)

    def good_at(self, channel: int) -> float:
        """Up to when it is known what a channel said; 0 for one that was never heard."""
        known = self._of.get(channel)
        return known.good_at if known is not None else 0.0

    def hours(self, connection: Connection, sources: frozenset[str] = frozenset()) -> dict[int, float]:
        """Hour (Unix seconds // 3600) -> share that was heard, for the last weeks; `sources` are folded names."""
        found = self._hours.get(sources)
        if found is None:
            found = self._hours[sources] = {}
            last = int(self._read_at) // HOUR
            self._sum(connection, sources, found, last - WEEKS * 168 - 24, last)
        return found

    def between(self, connection: Connection, sources: frozenset[str], first: int, until: float) -> dict[int, float]:
        """The same from an hour on, however long ago; `look` must have been called."""
        found: dict[int, float] = {}
        self._sum(connection, sources, found, first, int(until) // HOUR)
        return found

    def share(self, connection: Connection, start: float, end: float, sources: frozenset[str] = frozenset()) -> float:
        """The share of a time that was heard; 0 where nothing was listened to."""
        hours = self.hours(connection, sources)
        total = sum(
            hours.get(hour, 0.0) * (min(end, (hour + 1) * HOUR) - max(start, hour * HOUR))
            for hour in range(int(start) // HOUR, int(end - 1) // HOUR + 1)
        )
        return min(1.0, total / max(1.0, end - start))

    def _catch_up(self, connection: Connection, sources: frozenset[str], hours: dict[int, float], last: int) -> None:
        newest = max(hours, default=last)
        self._sum(connection, sources, hours, min(newest, last) - FRESH, last)
        for hour in [one for one in hours if one < last - WEEKS * 168 - 24]:
            del hours[hour]

    def _sum(
        self, connection: Connection, sources: frozenset[str], hours: dict[int, float], first: int, last: int
    ) -> None:
        channels = self._listening(sources)
        ears = [Ear(one.id, one.weight, one.first - FIRST_HOUR) for one in channels]
        ask = heard.shares if sources else heard.known
        told = ask(connection, ears, first - FIRST_HOUR, last - FRESH - 1 - FIRST_HOUR)
        hours.update((hour + FIRST_HOUR, share) for hour, share in told.items())
        hours.update(self._fresh(channels, range(max(first, last - FRESH), last + 1)))

    def _fresh(self, channels: Sequence[_Channel], hours: range) -> Iterator[tuple[int, float]]:
        """Each of some hours that may not be over, and the share of what has passed of it."""
        weights = defaultdict(float, {one.id: one.weight for one in channels})
        whole, complete = sum(weights.values()), max((one.first for one in channels), default=0)
        for hour in hours:
            start, end = hour * HOUR, min(self._read_at, (hour + 1) * HOUR)
            passed, (ids, seconds) = max(1.0, end - start), self._seconds.get(hour, ((), ()))
            if passed < HOUR:
                seconds = [min(passed, one) for one in seconds]
            heard = sum(map(mul, map(weights.__getitem__, ids), seconds))
            if waiting := [one for one in channels if one.good_at < end and one.well and one.first <= hour]:
                known = dict(zip(ids, seconds, strict=True))
                more = ((one, known.get(one.id, 0), end - max(one.good_at, start)) for one in waiting)
                heard += sum(one.weight * (min(passed, before + now) - before) for one, before, now in more)
            total = whole if complete <= hour else sum(one.weight for one in channels if one.first <= hour)
            yield hour, heard / passed / total if total else 0.0


_SECONDS = """
SELECT hour, json_group_array(channel_id), json_group_array(seconds) FROM coverage WHERE hour BETWEEN ? AND ?
GROUP BY hour"""


def _seconds(connection: Connection, first: int, last: int) -> dict[int, tuple[Sequence[int], Sequence[float]]]:
    """Hour -> (channels, the seconds of each). Thousands of rows, which are read as text in half of the time."""
    rows = connection.execute(_SECONDS, (first - FIRST_HOUR, last - FIRST_HOUR))
    return {hour + FIRST_HOUR: (json.loads(channels), json.loads(seconds)) for hour, channels, seconds in rows}


def sources_of(node: tree.Node) -> frozenset[str]:
    """The folded names of the sources that every match was heard in; empty for any."""
    match node:
        case tree.Facet("source", values):
            return frozenset(values)
        case tree.And(items):
            return next((found for item in items if (found := sources_of(item))), frozenset())
    return frozenset()
