"""Carrying out a plan: the branches' rows of one partition after the other, merged in order of ids."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from heapq import merge
from operator import itemgetter

from listen.store import patterns, search
from listen.store.plan import FEW, Branch, Plan, Walk
from listen.store.sql import Condition
from listen.store.sqlite import Connection

Step = tuple[int, int]
"""(mention id, whether it is one of the query's): candidates count, too, since they say how far one has looked."""

DOWNWARDS = 2
"""Partitions after which a page that they did not fill is known to find few mentions in each."""

_id = itemgetter(0)


def walk(
    connection: Connection, plan: Plan, low: int, high: int, newest_first: bool = True, *, pause: Callable[[], None]
) -> Iterator[Step]:
    """The candidates with low <= id < high in order; an id may come several times in a row.

    When a range is done, a step that is no mention says so: its id is the first one beyond. `pause` is called before
    each statement and may raise: full text that finds little takes SQLite too few steps to ask whether to go on.
    """
    low = max(low, min((branch.low for branch in plan.branches), default=high))
    high = min(high, max((branch.high for branch in plan.branches), default=low))
    thick = {id(branch) for branch in plan.branches}
    for turn, (no, start, end) in enumerate(_ranges(connection, plan, low, high, newest_first)):
        if turn == DOWNWARDS:
            thick.clear()
        streams = []
        for branch in plan.branches:
            pause()
            streams.append(_rows(connection, branch, no, start, end, newest_first, thick))
        yield from streams[0] if len(streams) == 1 else merge(*streams, key=_id, reverse=newest_first)
        yield (start - 1 if newest_first else end), 0


def _ranges(
    connection: Connection, plan: Plan, low: int, high: int, newest_first: bool
) -> Iterator[tuple[int, int, int]]:
    """(partition, lowest id, id after the highest), in the order in which they are walked."""
    if low >= high:
        return
    if not plan.partitioned:
        yield 0, low, high
        return
    parts = search.load(connection)
    for part in reversed(parts) if newest_first else parts:
        start, end = max(low, part.from_id), min(high, part.to_id)
        if start < end and part.count:
            yield part.no, start, end


def _rows(
    connection: Connection, branch: Branch, no: int, low: int, high: int, newest_first: bool, thick: set[int]
) -> Iterable[Step]:
    """One branch's candidates in a range, by the shortest way.

    Full text is read upwards in two thirds of the time that it takes downwards, and a partition of few candidates is
    read to its end anyway. A branch that has many of them in one partition is `thick`, and read downwards from then on.
    """
    low, high = max(low, branch.low), min(high, branch.high)
    if low >= high:
        return ()
    upwards = branch.walk.partitioned and id(branch) not in thick
    for shortcut in (*branch.shortcuts, branch.walk) if upwards else branch.shortcuts:
        few = connection.execute(*filled(connection, no, shortcut, shortcut.few(no, low, high))).fetchall()
        if len(few) < FEW:
            return _tested(connection, shortcut, {row[0] for row in few if low <= row[0] < high}, newest_first)
    if upwards:
        thick.add(id(branch))
    return connection.execute(*filled(connection, no, branch.walk, branch.walk.select(no, low, high, newest_first)))


def filled(connection: Connection, no: int, walk: Walk, asked: Condition) -> Condition:
    """What is asked of a walk, with this partition's terms for patterns, which stand in its first value."""
    if not walk.patterned:
        return asked
    sql, values = asked
    return sql, tuple(
        patterns.filled(connection, no, str(value)) if value is walk.values[0] else value for value in values
    )


def _tested(connection: Connection, walk: Walk, ids: Iterable[int], newest_first: bool) -> Iterable[Step]:
    """These candidates in order, each with its test's outcome."""
    ordered = sorted(ids, reverse=newest_first)
    if walk.test is None:
        return ((found, 1) for found in ordered)
    sql, values = walk.test
    order = "DESC" if newest_first else "ASC"
    return connection.execute(
        f"SELECT m.id, {sql} FROM mentions AS m WHERE m.id IN (SELECT value FROM json_each(?)) ORDER BY m.id {order}",  # noqa: S608
        (*values, json.dumps(ordered)),
    )
