"""What the people screen shows: who talks about what is in view; and how the store is asked."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import NamedTuple

from listen import query
from listen.clock import Clock
from listen.console.answers import Post
from listen.console.clerk import Asked, Job
from listen.console.facts import Line
from listen.console.theme import Palette
from listen.console.view import windowed
from listen.insight.people import ORDERS, Crowd, Order, Shares, Talker, first, look
from listen.insight.person import Person, person
from listen.store.read import Reader

SLICE = 0.3
"""Seconds of a search between two reports."""

PATIENCE = 10.0
"""Seconds after which a search that goes on stops and says how far back it looked."""

LISTED = 500
"""People in the list: those who come first."""

AT_ONCE = 80
"""The same in the first answer, which has to be quick."""

WINDOWS = ("", "90d", "30d", "7d", "24h", "6h", "1h")
"""How far back is looked, all of it first."""

WINDOWS_TOLD = ("from any time", "last 90 days", "last 30 days", "last 7 days", "last 24 hours", "last 6 hours",
                "last hour")  # fmt: skip

SHORT = ("7d", "24h", "6h", "1h")
"""Windows that hold no three weeks."""

ORDER: tuple[Order, ...] = tuple(ORDERS)


class Subject(NamedTuple):
    """What people talk about: a query and how it is called."""

    text: str = ""
    name: str = "everything"
    topic: str | None = None
    """The topic that tone is toward; None for that of the mentions themselves."""


class Talk(NamedTuple):
    """An answer so far."""

    number: int
    """Of the search."""
    talkers: Sequence[Talker] = ()
    shares: Shares = Shares()
    n: int = 0
    """Mentions that were looked at."""
    back_to: int = 0
    """Down to which id."""
    complete: bool = False
    searching: bool = False


class Shown(NamedTuple):
    """A person's page, None when nobody is behind the number any more, and its lines for so many cells."""

    person: Person | None
    width: int
    lines: Sequence[Line] = ()


class Search:
    """Everybody who talks about a subject within a window; only the thread that answers touches the crowd."""

    def __init__(self, number: int, subject: Subject, window: str, now: float) -> None:
        self.number, self.subject, self.window = number, subject, window
        self._now, self._crowd = now, Crowd()

    def asked(self, order: Order, part: str) -> Job:
        """Those who come first in an order, then again and again while more of them are found."""

        def job(reader: Reader, asked: Asked, post: Post) -> Talk:
            node, crowd = query.parse(windowed(self.subject.text, self.window)), self._crowd
            until = time.monotonic() + PATIENCE
            if not crowd.n:
                look(reader, crowd, node, self.subject.topic, now=self._now)
                if not crowd.full:
                    post(self._talk(reader, order, part, searching=True, limit=AT_ONCE))
                    look(reader, crowd, node, self.subject.topic, budget=SLICE, now=self._now)
            while not crowd.full and asked.wanted and time.monotonic() < until:
                post(self._talk(reader, order, part, searching=True))
                look(reader, crowd, node, self.subject.topic, budget=SLICE, now=self._now)
            return self._talk(reader, order, part)

        return job

    def _talk(self, reader: Reader, order: Order, part: str, *, searching: bool = False, limit: int = LISTED) -> Talk:
        crowd = self._crowd
        found = first(reader, crowd, order, part, limit)
        return Talk(self.number, found, crowd.shares(), crowd.n, crowd.back_to, crowd.complete, searching)


def shown(number: int, width: int, colours: Palette, clock: Clock) -> Job:
    """A person's page, laid out."""

    def job(reader: Reader, _asked: Asked, _post: Post) -> Shown:
        from listen.console.person_lines import page

        found = person(reader, number, now=clock.now())
        if found is None:
            return Shown(None, width)
        rows = reader.rows([one.id for one in found.mentions])
        return Shown(found, width, page(found, rows, width, colours, clock.now()))

    return job
