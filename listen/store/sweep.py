"""All mentions of a query, as numbers and nothing else: for who counts millions of them and looks at few."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence

from listen.store import search
from listen.store.aside import NOISE, OWN
from listen.store.inbox import DISMISSED
from listen.store.plan import Plan
from listen.store.sqlite import Connection
from listen.store.walk import filled

Heed = Callable[[float], None]
"""Told how much has been looked through, 0 to 1, before each part of the store; may raise to break it off."""

_LEFT_OUT = f"""
SELECT mention_id FROM aside WHERE mention_id >= ?1 AND mention_id < ?2 AND why & {OWN | NOISE}
UNION SELECT mention_id FROM triage WHERE status = {DISMISSED} AND status > 0 AND mention_id >= ?1 AND mention_id < ?2
"""  # noqa: S608


class Swept:
    """What has been found so far, the newest first."""

    def __init__(self, high: int) -> None:
        self.back_to = high
        """All from this id on is there."""
        self._parts: list[array[int]] = []
        self._found = 0

    def ids(self) -> array[int]:
        """Oldest first."""
        whole: array[int] = array("q")
        while self._parts:
            whole.extend(self._parts.pop())
        return whole

    def put(self, ids: Sequence[int], low: int, most: int) -> bool:
        """Take in those of the part below, from `low` on; whether there may be more."""
        room = most - self._found
        self.back_to = low if len(ids) <= room else ids[-room]
        self._parts.append(array("q", ids[-room:]))
        self._found += min(len(ids), room)
        return self._found < most


def sweep(connection: Connection, plan: Plan, low: int, high: int, most: int, found: Swept, heed: Heed) -> None:
    """Put into `found` the newest `most` mentions of a plan that count, of those with low <= id < high.

    Each part of the store hands its ids over as one text, in half the time that it takes row by row.
    """
    for part in reversed(search.load(connection)):
        start, end = max(low, part.from_id), min(high, part.to_id)
        if start < end:
            heed((high - end) / (high - low))
            if not found.put(_part(connection, plan, part.no, start, end), start, most):
                return


def _part(connection: Connection, plan: Plan, no: int, low: int, high: int) -> list[int]:
    ids: dict[int, None] = {}  # which keeps their order, unlike a set: what is sorted already is sorted in no time
    for branch in plan.branches:
        walk, start, end = branch.walk, max(low, branch.low), min(high, branch.high)
        if start >= end:
            continue
        sql, values = filled(connection, no, walk, walk.every(no, start, end))
        (text,) = connection.execute(f"SELECT group_concat(id) FROM ({sql})", values).fetchone()  # noqa: S608
        if text:
            ids.update(dict.fromkeys(map(int, text.split(","))))
    for (left_out,) in connection.execute(_LEFT_OUT, (low, high)):
        ids.pop(left_out, None)
    return sorted(ids)
