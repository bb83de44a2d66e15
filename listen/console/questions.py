"""The questions that the screen asks a `Clerk`: each function returns a job for it."""

from __future__ import annotations

from collections.abc import Sequence

from listen import query
from listen.clock import Clock
from listen.console.answers import Checked, Counted, Glance, Ids, Post, Rows, Shown
from listen.console.clerk import Asked, Job
from listen.console.reading import reading
from listen.console.theme import Palette
from listen.console.view import topic_named
from listen.query import QueryError, tree
from listen.store.read import BUDGET, Page, Reader

PAGE = 200
"""Ids in one answer."""

AT_ONCE = 80
"""Rows that come with a page, so that it is painted once."""

SLICE = 0.25
"""Seconds of a background search between two reports."""

COUNTED = 1_000
"""How far a view is counted: "1,000+" says as much."""

COUNT_BUDGET = 0.5

HOURS = 24
"""Hours of the header's sparkline."""


def first(view: int, node: tree.Node, now: float) -> Job:
    """The newest mentions of a view."""

    def job(reader: Reader, _asked: Asked, _post: Post) -> Ids:
        seen, _ = reader.arrivals(None)
        page = reader.page(node, limit=PAGE, now=now)
        found = reader.rows(page.ids[:AT_ONCE])
        return Ids(view, "first", page.ids, _end(page), page.back_to, rows=found, arrivals=seen)

    return job


def around(view: int, node: tree.Node, at: int, now: float) -> Job:
    """A view anew, with the cursor where it stands."""

    def job(reader: Reader, _asked: Asked, _post: Post) -> Ids:
        above = reader.page(node, after=at, limit=PAGE, now=now)
        below = reader.page(node, before=at + 1, limit=PAGE, now=now)
        ids = [*above.ids, *below.ids]
        rows = reader.rows(ids[max(0, len(above.ids) - AT_ONCE) : len(above.ids) + AT_ONCE])
        return Ids(view, "first", ids, _end(below), below.back_to, rows=rows, at=at, newest=_end(above))

    return job


def oldest(view: int, node: tree.Node, now: float) -> Job:
    """The oldest mentions of a view."""

    def job(reader: Reader, _asked: Asked, _post: Post) -> Ids:
        page = reader.page(node, after=-1, limit=PAGE, now=now)
        return Ids(view, "oldest", page.ids, _end(page), page.back_to, rows=reader.rows(page.ids[-AT_ONCE:]))

    return job


def above(view: int, node: tree.Node, after: int, now: float) -> Job:
    """The mentions next above an id."""

    def job(reader: Reader, _asked: Asked, _post: Post) -> Ids:
        page = reader.page(node, after=after, limit=PAGE, now=now)
        return Ids(view, "up", page.ids, _end(page), page.back_to, rows=reader.rows(page.ids[-AT_ONCE:]))

    return job


def below(view: int, node: tree.Node, before: int, now: float) -> Job:
    """The mentions next below an id: what is found at once, then the rest in the background while it is wanted."""

    def job(reader: Reader, asked: Asked, post: Post) -> None:
        at, limit, budget = before, PAGE, BUDGET
        while True:
            page = reader.page(node, before=at, limit=limit, budget=budget, now=now)
            going = asked.wanted and not page.complete
            found = reader.rows(page.ids[:AT_ONCE])
            post(Ids(view, "down", page.ids, _end(page, limit), page.back_to, going, found))
            if not going:
                return
            at, limit, budget = page.back_to, limit - len(page.ids), SLICE

    return job


def _end(page: Page, limit: int = PAGE) -> bool:
    return page.complete and len(page.ids) < limit


def rows(ids: Sequence[int]) -> Job:
    """Rows for the list."""

    def job(reader: Reader, _asked: Asked, _post: Post) -> Rows:
        return Rows(reader.rows(ids), ids)

    return job


def count(view: int, node: tree.Node, now: float) -> Job:
    """How many mentions a view has: at once as many as are found, then all of them up to COUNTED."""

    def job(reader: Reader, asked: Asked, post: Post) -> None:
        found = reader.count(node, cap=COUNTED, now=now)
        post(Counted(view, *found))
        if asked.wanted and not found.complete and found.n < COUNTED:
            post(Counted(view, *reader.count(node, cap=COUNTED, budget=COUNT_BUDGET, now=now)))

    return job


def check(text: str, now: float) -> Job:
    """What a query that is being typed would find."""

    def job(reader: Reader, asked: Asked, post: Post) -> Checked | None:
        try:
            node = query.parse(text)
        except QueryError as error:
            return Checked(text, error)
        hints = query.hints(text)
        found = reader.count(node, cap=COUNTED, now=now)
        if found.complete or found.n >= COUNTED or not asked.wanted:
            return Checked(text, None, hints, *found)
        post(Checked(text, None, hints, *found))
        return Checked(text, None, hints, *reader.count(node, cap=COUNTED, budget=COUNT_BUDGET, now=now))

    return job


def glance(topic: str | None, clock: Clock) -> Job:
    """What stands around the list; `topic` is the folded name of the one whose volume is shown."""

    def job(reader: Reader, _asked: Asked, _post: Post) -> Glance:
        now = clock.now()
        topics = reader.topics(now=now)
        named = topic_named((one.name for one in topics), topic)
        stored = reader.newest() is not None
        return Glance(
            topics=topics,
            sources=reader.sources(),
            channels=() if stored else reader.channels(),
            collector=reader.collector(),
            volume=reader.volume(named, HOURS, now=now) if named else (),
            stored=stored,
        )

    return job


def show(mention_id: int, width: int, colours: Palette, clock: Clock, said: int | None = None) -> Job:
    """A mention for a detail pane of that width: at once with what is known, then with how much its author has said."""

    def job(reader: Reader, asked: Asked, post: Post) -> Shown | None:
        mention, now = reader.mention(mention_id), clock.now()
        if mention is None:
            return Shown(mention_id, None, width)
        post(Shown(mention_id, mention, width, reading(mention, width, colours, now, said=said), said))
        if mention.author is None or not asked.wanted:
            return None
        found = reader.author(mention_id)
        if found is None or found[1] == said:
            return None
        return Shown(mention_id, mention, width, reading(mention, width, colours, now, said=found[1]), found[1])

    return job
