"""Rows of the stream with what desks promise them, and the order in which promises are due. For any thread."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from listen.model import Mention
from listen.query import tree
from listen.store.read import Reader
from listen.store.records import Row

if TYPE_CHECKING:
    from listen.insight.desks import Due

BUDGET = 0.25
"""Seconds for what waits at any desk in a view."""


def rows(reader: Reader, ids: Sequence[int], now: float, toward: str | None = None) -> list[Row]:
    """Light rows, each with when its first promise is due; without a desk that promises nothing is asked for that.

    `toward` is the folded name of a topic whose scores they have.
    """
    found = reader.rows(ids, toward)
    if not any(one.promises for one in reader.desks()):
        return found
    from listen.insight.desks import due

    at = due(reader, [row.id for row in found if row.status == "new"], now)
    return [row._replace(due=at[row.id]) if row.id in at else row for row in found] if at else found


def promised(reader: Reader, mention: Mention, now: float) -> Sequence[Due]:
    """What desks promise to a mention."""
    if not any(one.promises for one in reader.desks()):
        return ()
    from listen.insight.desks import promises

    return promises(reader, mention, now)


def late_first(reader: Reader, node: tree.Node, limit: int, now: float) -> tuple[list[int], bool]:
    """(ids of a view: what waits at desks, the soonest due first, then the rest, newest first; whether that is all)"""
    from listen.insight.desks import at_desk, due, promising
    from listen.query.book import WAITS

    desks = promising(reader.desks())
    waiting: list[int] = []
    if desks:
        at_any = tree.Or(tuple(at_desk(one) for one in desks))
        page = reader.page(tree.And((node, *WAITS, at_any)), after=-1, limit=limit, budget=BUDGET, now=now)
        at = due(reader, page.ids, now)
        waiting = sorted(at, key=lambda one: (at[one], one))
    rest = reader.page(node, limit=limit, budget=BUDGET, now=now)
    known = set(waiting)
    found = [*waiting, *(one for one in rest.ids if one not in known)]
    return found[:limit], rest.complete and len(rest.ids) < limit
