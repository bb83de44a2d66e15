"""The questions about numbers: how many a query has, or would have, and what is no part of that."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from listen import query
from listen.clock import Clock
from listen.console.answers import Checked, Counted, Post, Previewed, Tallied
from listen.console.clerk import Asked, Job
from listen.console.pages import SLICE
from listen.console.questions import COUNTED
from listen.console.saved import Saved, Tally
from listen.model import id_time
from listen.query import QueryError, tree
from listen.query.folding import Apart, counted, left_out
from listen.store.read import Reader

COUNT_BUDGET = 0.5
"""Seconds for a count that goes on."""


def count(view: int, node: tree.Node, now: float, *, listed: bool = False) -> Job:
    """How many mentions a query has: at once as many as are found, then what is left out, then all up to COUNTED.

    `listed`: of all that the list shows, so that nothing is left out.
    """

    def job(reader: Reader, asked: Asked, post: Post) -> None:
        wanted = node if listed else counted(node)
        found = reader.count(wanted, cap=COUNTED, now=now)
        post(Counted(view, *found))
        apart: dict[Apart, int] = {}
        for name, part in () if listed else left_out(node).items():
            if asked.wanted and (n := reader.count(part, cap=COUNTED, now=now).n):
                apart[name] = n
        if apart:
            post(Counted(view, *found, apart))
        if asked.wanted and not found.complete and found.n < COUNTED:
            found = reader.count(wanted, cap=COUNTED, budget=COUNT_BUDGET, now=now)
            post(Counted(view, *found, apart))
        if asked.wanted and found.complete and not listed:
            stories = reader.count_stories(wanted, cap=COUNTED, now=now)
            if stories < found.n:
                post(Counted(view, *found, apart, stories))

    return job


def check(text: str, now: float, read: Callable[[Reader, str], tree.Node] | None = None) -> Job:
    """What a query that is being typed would find; `read` makes a tree of it, or raises a QueryError."""

    def job(reader: Reader, asked: Asked, post: Post) -> Checked | None:
        try:
            written = query.parse(text)
            node = read(reader, text) if read is not None else reader.resolved(written, strict=True)
        except QueryError as error:
            return Checked(text, error)
        hints = sorted([*query.hints(text), *reader.strangers(written)], key=lambda hint: hint.column)
        node = counted(node)
        found = reader.count(node, cap=COUNTED, now=now)
        going = not found.complete and found.n < COUNTED
        post(Checked(text, None, hints, *found, counting=going))
        if going and asked.wanted:
            found = reader.count(node, cap=COUNTED, budget=COUNT_BUDGET, now=now)
        known = found.complete and found.n > 1 and asked.wanted
        stories = reader.count_stories(node, cap=COUNTED, now=now) if known else None
        return Checked(text, None, hints, *found, stories=stories)

    return job


def gained(topic: str, text: str, read: Callable[[Reader, str], tree.Node], now: float) -> Job:
    """What another query would make of a topic; nothing for one that cannot be read."""

    def job(reader: Reader, asked: Asked, _post: Post) -> Previewed | None:
        from listen.store.gains import gains

        try:
            node = read(reader, text)
        except QueryError:
            return None
        found = gains(reader, topic, node, now=now, wanted=lambda: asked.wanted)
        return Previewed(text, found) if asked.wanted else None

    return job


def shifted(desk: str, text: str, read: Callable[[Reader, str], tree.Node], now: float) -> Job:
    """What waits that another query would take for a desk, or let go of; nothing for one that cannot be read."""

    def job(reader: Reader, asked: Asked, _post: Post) -> Previewed | None:
        from listen.insight.desks import waiting, waits_at
        from listen.store.gains import Gains
        from listen.store.search import FOREVER

        try:
            after, all_after = waiting(reader, read(reader, text), now)
        except QueryError:
            return None
        one = next((one for one in reader.desks() if one.name == desk and one.open), None)
        before, all_before = waiting(reader, waits_at(one), now) if one is not None else ([], True)
        had, has = set(before), set(after)
        whole = all_before and all_after
        found = Gains(len(has - had), len(had - has), 0 if whole else FOREVER)
        return Previewed(text, found) if asked.wanted else None

    return job


def tallies(views: Sequence[Saved], clock: Clock) -> Job:
    """What saved queries have, each up to COUNTED and within its budget."""

    def job(reader: Reader, asked: Asked, post: Post) -> Tallied | None:
        began = told = time.monotonic()
        found: dict[Saved, Tally] = {}
        for view in views:
            if view.fault:
                continue
            found[view] = _tally(reader, view, clock.now())
            if not asked.wanted:
                return None
            if time.monotonic() - told > SLICE:
                told = time.monotonic()
                post(Tallied(dict(found)))
        return Tallied(found, time.monotonic() - began)

    return job


def _at_desk(reader: Reader, view: Saved, now: float) -> Tally:
    """What waits at a desk, and how much of it is late; the oldest by its arrival."""
    from listen.insight.desks import standing

    desk = next((one for one in reader.desks() if one.name == view.desk), None)
    if desk is None:
        return Tally(0, True)
    found = standing(reader, desk, now=now, window=0.0, budget=SLICE)
    return Tally(found.waiting, found.exact, found.oldest, found.late)


def _tally(reader: Reader, view: Saved, now: float) -> Tally:
    if view.desk:
        return _at_desk(reader, view, now)
    found = reader.tally(counted(query.parse(view.text)), cap=COUNTED, budget=SLICE, now=now)
    waits = view.queue and found.oldest is not None
    oldest = id_time(found.oldest) if waits and found.oldest is not None else None
    return Tally(found.n, found.complete, oldest, stories=found.stories)
