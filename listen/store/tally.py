"""Counts that are kept up to date: what a query has, remembered, and of what came in or changed since only that tested.

The count of a queue with ten thousand candidates takes some 20 ms; bringing it up to date takes less than one.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from listen.query import tree
from listen.store import changes, retold
from listen.store.normal import NEVER, Aimed, Held, Leaf, conjuncts
from listen.store.plan import Plan
from listen.store.search import FOREVER
from listen.store.sql import Builder, Check
from listen.store.sqlite import Connection
from listen.store.walk import walk

SLACK = 200
"""Mentions that are remembered beyond the cap, so that one that leaves is not missed."""

NOTICED = 1_000
"""Arrivals and changes after which it is cheaper to count anew."""

TRUSTED = 600.0
"""Seconds after which a query is counted anew in any case."""

REMEMBERED = 200
"""Queries whose counts are remembered."""

_STEADY = (
    tree.Words | tree.Near | tree.Pattern | tree.Exact | tree.Mark | tree.Tone | tree.Weekly | tree.All
)  # fmt: skip
_STEADY_FLAGS = {"starred", "corrected", "own", "noise", "question", "edited", "deleted", "withheld"}


class Tally(NamedTuple):
    """How many mentions a query has."""

    n: int
    complete: bool
    """False: at least so many, for want of time or because the cap was reached."""
    oldest: int | None
    """The oldest of them; None when there is none, or when it was not found in time."""
    stories: int | None = None
    """That they tell; None while not all of them are known."""


@dataclass(slots=True)
class Memory:
    """The newest mentions of one query: all of its mentions from `back_to` on."""

    node: Leaf
    began: float
    """By the clock that `since:2h` is read by."""
    seen: int
    """The newest arrival that was noticed."""
    changed: int
    """Changes that were noticed."""
    ids: set[int] = field(default_factory=set)
    back_to: int = FOREVER
    """0 when all of it was looked through."""
    oldest: int | None = None
    again: int | None = None
    """How many repeat others; None when that has to be counted anew."""

    def tally(self, cap: int) -> Tally:
        """As far as it is known."""
        complete = not self.back_to and len(self.ids) <= cap
        oldest = self.oldest if self.back_to else min(self.ids, default=None)
        stories = len(self.ids) - self.again if complete and self.again is not None else None
        return Tally(min(cap, len(self.ids)), complete, oldest, stories)


def steady(node: Leaf) -> bool:
    """Whether an answer can only change by an arrival or a noted change: time and other people's accounts move."""
    match node:
        case tree.And(items) | tree.Or(items):
            return all(map(steady, items))
        case tree.Not(item):
            return steady(item)
        case tree.Time(_, low, high):
            return all(moment is None or moment.ago is None for moment in (low, high))
        case tree.Facet("is", values):
            return _STEADY_FLAGS.issuperset(values)
        case tree.Facet(name):
            return name in ("kind", "lang", "country", "status", "has", "site", "url", "link", "story", "id")
        case tree.Number(name):
            return name != "followers"
    return isinstance(node, Held | Aimed | _STEADY)


def begun(connection: Connection, node: Leaf, now: float) -> Memory:
    """Nothing is known yet of what lies below the newest."""
    seen = int(connection.execute("SELECT ifnull(max(seq), 0) FROM arrivals").fetchone()[0])
    return Memory(node, now, seen, changes.since(connection, 0)[0])


def caught_up(
    connection: Connection, memory: Memory, cap: int, now: float, use: Callable[[tuple[Check, ...]], None]
) -> bool:
    """Bring what is remembered up to what the connection sees; False when it has to begin anew.

    `use` is given the checks that the test needs, see `listen.store.sql`.
    """
    if not 0 <= now - memory.began < TRUSTED:
        return False
    sql = "SELECT seq, mention_id FROM arrivals WHERE seq > ? ORDER BY seq LIMIT ?"
    arrived = connection.execute(sql, (memory.seen, NOTICED + 1)).fetchall()
    at, changed = changes.since(connection, memory.changed)
    if changed is None or len(arrived) + len(changed) > NOTICED:
        return False
    ids = {row[1] for row in arrived}.union(changed)
    if ids and memory.node != NEVER:
        _tell(memory, ids, fulfilling(connection, memory.node, ids, now, use))
    memory.seen, memory.changed = (arrived[-1][0] if arrived else memory.seen), at
    if len(memory.ids) > cap + 2 * SLACK:
        memory.oldest = memory.oldest if memory.back_to else min(memory.ids)
        memory.ids = set(sorted(memory.ids)[-cap - SLACK :])
        memory.back_to = min(memory.ids)
    return True


def _tell(memory: Memory, ids: set[int], those: set[int]) -> None:
    """Of these mentions, those are the query's."""
    memory.again = None
    memory.ids -= ids
    memory.ids.update(one for one in those if one >= memory.back_to)
    if memory.oldest in ids:
        memory.oldest = None
    elif memory.oldest is not None:
        memory.oldest = min(memory.oldest, *those) if those else memory.oldest


def fulfilling(
    connection: Connection, node: Leaf, ids: Iterable[int], now: float, use: Callable[[tuple[Check, ...]], None]
) -> set[int]:
    """Those of these mentions that a query (in normal form) has; `use` is given its checks."""
    if node == NEVER:
        return set()
    parts = conjuncts(node)
    builder = Builder(now)
    sql, values = builder.condition(parts) if parts else ("1", ())
    use(tuple(builder.checks))
    rows = connection.execute(
        f"SELECT m.id, {sql} FROM json_each(?) AS j CROSS JOIN mentions AS m ON m.id = j.value",  # noqa: S608
        (*values, json.dumps(sorted(ids))),
    )
    return {found for found, holds in rows if holds}


def fold(connection: Connection, memory: Memory) -> None:
    """Count what repeats others, once all is known."""
    if memory.again is None and not memory.back_to:
        told = retold.stories(connection, memory.ids)
        memory.again = len(told) - len(set(told.values()))


def look(connection: Connection, memory: Memory, plan: Plan, cap: int, pause: Callable[[], None]) -> None:
    """Look further back until more than the cap is known; what was found stays when this is interrupted."""
    if not memory.back_to or len(memory.ids) > cap:
        return
    if memory.node == NEVER:
        memory.back_to = 0
        return
    for at, holds in walk(connection, plan, 0, memory.back_to, pause=pause):
        # Another branch may still have an id to offer; those above it are done.
        memory.back_to = at + 1
        if holds:
            memory.ids.add(at)
            if len(memory.ids) > cap + SLACK:
                memory.back_to = at
                return
    memory.back_to = 0
