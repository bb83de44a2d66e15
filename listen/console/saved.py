"""Saved queries as the side pane shows them: what each opens, why it cannot be counted, how many it has and since when.

They are counted beside everything else: in a thread of their own, up to a cap, with a budget, and not too often.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from listen import query
from listen.query import QueryError
from listen.query.named import facet_query
from listen.query.saved import fault_of, left
from listen.service import Desk
from listen.store.running import SavedView

LEAST, MOST = 5.0, 60.0
"""Seconds from one count to the next: at least, and at most when nothing has changed (`since:2h` moves by itself)."""

SHARE = 20
"""A count that took a second is not repeated for so many."""


class Saved(NamedTuple):
    """A saved query."""

    name: str
    text: str
    """The query that it opens; of a queue only what is still new."""
    queue: bool
    fault: str = ""
    """Why nothing can be counted; such a query finds nothing."""
    query: str = ""
    """The query as it was saved."""
    desk: str = ""
    """The desk whose mentions wait there."""


class Tally(NamedTuple):
    """How many mentions a saved query has."""

    n: int
    exact: bool
    """False: at least so many."""
    oldest: float | None = None
    """When the one that waits longest was said, in Unix seconds; None when that is not known."""
    late: int = 0
    """So many wait for longer than their desk promises."""
    stories: int | None = None
    """That they tell; None when that is not known."""


@lru_cache(maxsize=512)
def saved(view: SavedView) -> Saved:
    """A saved query of the configuration, read."""
    try:
        node = query.parse(view.query)
    except QueryError as error:
        return Saved(view.name, view.query, view.queue, f"column {error.column + 1}: {error.message}", view.query)
    if fault := fault_of(node):
        return Saved(view.name, view.query, view.queue, fault, view.query)
    text = left(view.query, node) if view.queue else view.query
    return Saved(view.name, text, view.queue, query=view.query)


def of_desks(desks: Sequence[Desk]) -> tuple[Saved, ...]:
    """Open desks as queues: what waits there."""
    return tuple(
        Saved(one.name, f"{facet_query('desk', one.name)} status:new -is:answered", True, "", one.query, one.name)
        for one in desks
        if one.open
    )


class Pace:
    """Says when to count again: the sooner the cheaper it was. Times in monotonic seconds."""

    def __init__(self) -> None:
        self.stale = True
        """Something was written since."""
        self._asked: float | None = None
        self._next = self._latest = 0.0
        self._of: Sequence[Saved] = ()

    def due(self, views: Sequence[Saved], now: float) -> bool:
        """Whether these are to be counted now; then they are being counted until `done`."""
        if self._of == views and (self._asked is not None or now < (self._next if self.stale else self._latest)):
            return False
        self._asked, self._of, self.stale = now, views, False
        return bool(views)

    def done(self, cost: float, now: float) -> None:
        """They have been counted, which took `cost` seconds."""
        self._asked = None
        self._next = now + max(LEAST, SHARE * cost)
        self._latest = now + max(MOST, SHARE * cost)
