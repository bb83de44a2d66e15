"""The questions about the ids and rows of a view: its beginning, what stands around a mention, what follows, all."""

from __future__ import annotations

import time
from array import array
from collections.abc import Sequence
from typing import Literal

from listen.clock import Clock
from listen.console.answers import Gathered, Ids, Looking, Post, Rows, Whole
from listen.console.clerk import Asked, Job
from listen.console.feed import LIMIT
from listen.console.owed import late_first
from listen.console.owed import rows as rows_of
from listen.console.view import Order, View
from listen.packed import packed
from listen.query import tree
from listen.store.rank import By
from listen.store.read import BUDGET, Page, Reader

PAGE = 200
"""Ids in one answer."""

AT_ONCE = 80
"""Rows that come with a page, so that it is painted once."""

SLICE = 0.25
"""Seconds of a background search between two reports."""

WHOLE, WHOLE_BUDGET = 20_000, 5.0
"""Mentions of a story that are told together at most, and seconds for it, where a page had no time for that."""

RANKING = 2.0
"""Seconds after which a ranked order shows what it has found."""

PIECE = 50_000
"""Ids that are gathered at a time."""

MARKED = 500_000
"""Mentions that can be marked at a time."""


def first(view: View, now: float, at: int | None = None) -> Job:
    """A new answer for a view: its beginning, or what stands around `at`, where the cursor shall go."""
    if view.order == "late":
        return _owed(view, at, now)
    if view.order == "worst" or view.order == "endorsed":
        return _ranked(view, view.order, at, now)
    return _begun(view, now) if at is None else _around(view, at, now)


def _begun(view: View, now: float) -> Job:
    number, node, order = view.number, view.node, view.order

    def job(reader: Reader, _asked: Asked, _post: Post) -> Ids:
        seen, _ = reader.arrivals(None)
        page = _page(reader, node, order, None, now=now)
        stories = reader.stories(node, page.ids, now=now)
        found = rows_of(reader, page.ids[:AT_ONCE], now, view.toward)
        return Ids(
            number, "first", page.ids, _end(page), page.back_to, rows=found, arrivals=seen, stories=stories
        )  # fmt: skip

    return job


def _around(view: View, at: int, now: float) -> Job:
    number, node, order = view.number, view.node, view.order

    def job(reader: Reader, _asked: Asked, _post: Post) -> Ids:
        seen, _ = reader.arrivals(None)
        above = _page(reader, node, order, at, up=True, now=now)
        below = _page(reader, node, order, at + 1 if order == "newest" else at - 1, now=now)
        ids = [*above.ids, *below.ids]
        near = ids[max(0, len(above.ids) - AT_ONCE) : len(above.ids) + AT_ONCE]
        rows = rows_of(reader, near, now, view.toward)
        return Ids(
            number, "first", ids, _end(below), below.back_to, rows=rows, at=at, newest=_end(above),
            up_to=above.back_to, arrivals=seen, stories=reader.stories(node, ids, now=now),
        )  # fmt: skip

    return job


def _ranked(view: View, by: By, at: int | None, now: float) -> Job:
    """What comes first: all of it at once, so that nothing is put between what is being read.

    A big view is looked through for RANKING seconds, or until the next key, and tells how far back that was.
    """
    number, node = view.number, view.node

    def job(reader: Reader, asked: Asked, post: Post) -> Ids:
        until = time.monotonic() + RANKING
        seen, _ = reader.arrivals(None)
        found = reader.ranked(node, by, limit=LIMIT, budget=SLICE, now=now, toward=view.toward)
        while asked.wanted and not found.complete and time.monotonic() < until:
            post(Looking(number, found.back_to))
            found = reader.ranked(
                node, by, best=found.best, before=found.back_to, limit=LIMIT, budget=SLICE, now=now, toward=view.toward
            )
        return _at_once(reader, view, found.ids, at, 0 if found.complete else found.back_to, seen, now)

    return job


def _owed(view: View, at: int | None, now: float) -> Job:
    """What desks have promised an answer to first, the soonest due on top; all of it at once, as what is ranked."""

    def job(reader: Reader, _asked: Asked, _post: Post) -> Ids:
        seen, _ = reader.arrivals(None)
        ids, complete = late_first(reader, view.node, LIMIT, now)
        return _at_once(reader, view, ids, at, 0 if complete or not ids else min(ids), seen, now)

    return job


def _at_once(
    reader: Reader, view: View, ids: Sequence[int], at: int | None, ranked_to: int, seen: int, now: float
) -> Ids:
    """All of an order that is not time's, with the rows around `at`."""
    begin = max(0, ids.index(at) - AT_ONCE // 2) if at in ids else 0
    found = rows_of(reader, ids[begin : begin + AT_ONCE], now, view.toward)
    stories = reader.stories(view.node, ids, now=now)
    return Ids(
        view.number, "first", ids, True, 0, rows=found, at=at, ranked_to=ranked_to, arrivals=seen, stories=stories
    )  # fmt: skip


def rows(view: View, ids: Sequence[int], clock: Clock) -> Job:
    """Rows for the list."""

    def job(reader: Reader, _asked: Asked, _post: Post) -> Rows:
        return Rows(rows_of(reader, ids, clock.now(), view.toward), ids)

    return job


def whole(view: View, ids: Sequence[int], now: float) -> Job:
    """All of the stories of these mentions, for whose count there was no time."""
    number, node = view.number, view.node

    def job(reader: Reader, asked: Asked, _post: Post) -> Whole | None:
        found = reader.stories(node, ids, budget=WHOLE_BUDGET, most=WHOLE, now=now)
        return Whole(number, found) if asked.wanted else None

    return job


def last(view: View, now: float) -> Job:
    """The last mentions of a view in an order of time."""
    return _upwards(view, "last", -1 if view.order == "newest" else None, now)


def above(view: View, beyond: int, now: float) -> Job:
    """The mentions next above an id."""
    return _upwards(view, "up", beyond, now)


def _upwards(view: View, place: Literal["up", "last"], beyond: int | None, now: float) -> Job:
    number, node, order = view.number, view.node, view.order

    def job(reader: Reader, _asked: Asked, _post: Post) -> Ids:
        page = _page(reader, node, order, beyond, up=True, now=now)
        rows, stories = rows_of(reader, page.ids[-AT_ONCE:], now, view.toward), reader.stories(node, page.ids, now=now)
        return Ids(number, place, page.ids, _end(page), page.back_to, rows=rows, stories=stories)

    return job


def below(view: View, beyond: int, now: float) -> Job:
    """The mentions next below an id: what is found at once, then the rest in the background while it is wanted."""
    number, node, order = view.number, view.node, view.order

    def job(reader: Reader, asked: Asked, post: Post) -> None:
        at, limit, budget = beyond, PAGE, BUDGET
        while True:
            page = _page(reader, node, order, at, limit=limit, budget=budget, now=now)
            going = asked.wanted and not page.complete
            found = rows_of(reader, page.ids[:AT_ONCE], now, view.toward)
            stories = reader.stories(node, page.ids, now=now)
            post(Ids(number, "down", page.ids, _end(page, limit), page.back_to, going, found, stories=stories))
            if not going:
                return
            at, limit, budget = page.back_to, limit - len(page.ids), SLICE

    return job


def _page(
    reader: Reader,
    node: tree.Node,
    order: Order,
    beyond: int | None,
    *,
    up: bool = False,
    limit: int = PAGE,
    budget: float = BUDGET,
    now: float,
) -> Page:
    """The page next to an id in an order of time, below it or above it (`up`); with None from the very end."""
    if (order == "newest") != up:
        page = reader.page(node, before=beyond, limit=limit, budget=budget, now=now)
    else:
        page = reader.page(node, after=-1 if beyond is None else beyond, limit=limit, budget=budget, now=now)
    return page if order == "newest" else page._replace(ids=page.ids[::-1])


def _end(page: Page, limit: int = PAGE) -> bool:
    return page.complete and len(page.ids) < limit


# --- marks -----------------------------------------------------------------------------------------------------------


def all_of(view: int, node: tree.Node, now: float) -> Job:
    """All ids of a view as it is now, the newest MARKED of them: what comes in meanwhile is not among them."""

    def job(reader: Reader, asked: Asked, post: Post) -> Gathered | None:
        seen, _ = reader.arrivals(None)
        ids = array("q")
        before: int | None = None
        end = False
        while asked.wanted and not end and len(ids) <= MARKED:
            limit = min(PIECE, MARKED + 1 - len(ids))
            with reader.frugal():
                page = reader.page(node, before=before, limit=limit, budget=SLICE, now=now)
            ids.extend(page.ids)
            before, end = page.back_to, _end(page, limit)
            post(Gathered(view, (), going=True, found=len(ids)))
        if not asked.wanted:
            return None
        if late := _since(reader, seen):
            ids = array("q", [one for one in ids if one not in late])
        return Gathered(view, packed(ids[:MARKED]), more=len(ids) > MARKED)

    return job


def _since(reader: Reader, seen: int) -> set[int]:
    late: set[int] = set()
    while True:
        seen, ids = reader.arrivals(seen)
        if not ids:
            return late
        late.update(ids)


def between(view: int, node: tree.Node, newest: int, oldest: int, now: float) -> Job:
    """The ids of a view from `newest` to `oldest`, both with them; the oldest MARKED of them."""

    def job(reader: Reader, asked: Asked, _post: Post) -> Gathered | None:
        parts: list[array[int]] = []
        after, room, end = oldest - 1, MARKED + 1, False
        while asked.wanted and not end and room > 0:
            limit = min(PIECE, room)
            with reader.frugal():
                page = reader.page(node, after=after, before=newest + 1, limit=limit, budget=SLICE, now=now)
            parts.append(array("q", page.ids))
            after, room, end = page.back_to, room - len(page.ids), _end(page, limit)
        ids = array("q")
        for part in reversed(parts):
            ids.extend(part)
        return Gathered(view, packed(ids[-MARKED:]), "range", more=len(ids) > MARKED) if asked.wanted else None

    return job
