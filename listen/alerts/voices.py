"""Who said the mentions of one instance, and of how many stories they are: looked up where it is asked for alone."""

from __future__ import annotations

import json

from listen.alerts.history import Series
from listen.alerts.rules import Rule
from listen.store.read import Reader

NEAR = 5_000
"""Mentions of one window whose authors and stories are looked up."""

FEW = 8
"""Mentions whose authors and stories are looked at first; then eight times as many, and so on."""

AHEAD = 64
"""Mentions that are looked up beforehand where a window holds so few that all of them will be wanted."""


class Voices:
    """Asked in order of time, by the places of mentions in their series."""

    def __init__(self, reader: Reader, rule: Rule, series: Series) -> None:
        self._reader, self._ids = reader, series.ids
        self._authors, self._stories = rule.authors, rule.stories
        self._told: dict[int, tuple[int, int]] = {}
        """Place in the series -> (author, story)."""
        self._enough = (-1, 0)
        """Two places: what lies between them has authors and stories enough."""

    @property
    def wanted(self) -> bool:
        """Whether one mention alone might have too few of them."""
        return self._authors > 1 or self._stories > 1

    def reach(self, low: int, high: int) -> bool:
        """Whether the newest NEAR of some mentions have so many of both: of most windows the last few tell."""
        ahead = AHEAD if high - low <= AHEAD else 0
        low = max(low, high - NEAR)
        start, end = self._enough
        if low <= start and end <= high:
            return True
        few = FEW
        while True:
            start = max(low, high - few)
            if self._has(start, high, ahead):
                self._enough = start, high
                return True
            if start == low:
                return False
            few *= 8

    def distinct(self, low: int, high: int) -> tuple[int, int]:
        """(authors, stories) of the newest NEAR of some mentions."""
        found = self._look_up(max(low, high - NEAR), high)
        return len({author for author, _ in found}), len({story for _, story in found})

    def _has(self, low: int, high: int, ahead: int) -> bool:
        found = self._look_up(low, high, ahead)
        return (
            len({author for author, _ in found}) >= self._authors
            and len({story for _, story in found}) >= self._stories
        )

    def _look_up(self, low: int, high: int, ahead: int = 0) -> list[tuple[int, int]]:
        if len(self._told) > 4 * NEAR:
            self._told = {place: one for place, one in self._told.items() if place >= low}
        told = self._told
        if any(place not in told for place in range(low, high)):
            unknown = [place for place in range(low, min(high + ahead, len(self._ids))) if place not in told]
            with self._reader.snapshot() as connection:
                rows = connection.execute(
                    "SELECT ifnull(m.author_id, -m.id), ifnull(m.story_id, -m.id) FROM json_each(?) AS j "
                    "LEFT JOIN mentions AS m ON m.id = j.value ORDER BY j.key",
                    (json.dumps([self._ids[place] for place in unknown]),),
                ).fetchall()
            told.update(zip(unknown, rows, strict=True))
        return [told[place] for place in range(low, high)]
