"""The questions that the screen asks a `Clerk`: each function returns a job for it."""

from __future__ import annotations

import time
from array import array
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING

from listen import query
from listen.absence import Absence, covered_by
from listen.absence import away as absent
from listen.clock import Clock
from listen.console.answers import (
    Alike,
    Everything,
    Gathered,
    Glance,
    Handed,
    Ids,
    Looking,
    Named,
    Post,
    Requests,
    Rows,
    Shown,
    Visited,
    Whole,
)
from listen.console.clerk import Asked, Job
from listen.console.facts import Facts
from listen.console.feed import LIMIT
from listen.console.owed import late_first, promised
from listen.console.owed import rows as rows_of
from listen.console.reading import reading
from listen.console.saved import Saved, saved
from listen.console.theme import Palette
from listen.console.view import Order, View, topic_named, toward_of
from listen.packed import packed
from listen.query import QueryError, tree
from listen.query.named import facet_query
from listen.store.rank import By
from listen.store.read import BUDGET, Page, Reader
from listen.text import fold

if TYPE_CHECKING:
    from listen.console.alike import Choice
    from listen.insight.quality import Share
    from listen.store.overview import Talk

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

COUNTED = 1_000
"""How far a view is counted: "1,000+" says as much."""

PIECE = 50_000
"""Ids that are gathered at a time."""

MARKED = 500_000
"""Mentions that can be marked at a time."""

HANDED = 300
"""Mentions that are read for a clipboard at most."""

HOURS = 24
"""Hours of the header's sparkline."""


def visited(who: str) -> Job:
    """When a person was last here."""

    def job(reader: Reader, _asked: Asked, _post: Post) -> Visited:
        return Visited(reader.last_visit(who))

    return job


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
        ids, ranked_to = found.ids, 0 if found.complete else found.back_to
        begin = max(0, ids.index(at) - AT_ONCE // 2) if at in ids else 0
        rows = rows_of(reader, ids[begin : begin + AT_ONCE], now, view.toward)
        stories = reader.stories(node, ids, now=now)
        return Ids(
            number, "first", ids, True, 0, rows=rows, at=at, ranked_to=ranked_to, arrivals=seen, stories=stories
        )  # fmt: skip

    return job


def _owed(view: View, at: int | None, now: float) -> Job:
    """What desks have promised an answer to first, the soonest due on top; all of it at once, as what is ranked."""
    number, node = view.number, view.node

    def job(reader: Reader, _asked: Asked, _post: Post) -> Ids:
        seen, _ = reader.arrivals(None)
        ids, complete = late_first(reader, node, LIMIT, now)
        begin = max(0, ids.index(at) - AT_ONCE // 2) if at in ids else 0
        found = rows_of(reader, ids[begin : begin + AT_ONCE], now, view.toward)
        ranked_to = 0 if complete or not ids else min(ids)
        stories = reader.stories(node, ids, now=now)
        return Ids(
            number, "first", ids, True, 0, rows=found, at=at, ranked_to=ranked_to, arrivals=seen, stories=stories
        )  # fmt: skip

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
    number, node, order = view.number, view.node, view.order

    def job(reader: Reader, _asked: Asked, _post: Post) -> Ids:
        page = _page(reader, node, order, -1 if order == "newest" else None, up=True, now=now)
        rows, stories = rows_of(reader, page.ids[-AT_ONCE:], now, view.toward), reader.stories(node, page.ids, now=now)
        return Ids(number, "last", page.ids, _end(page), page.back_to, rows=rows, stories=stories)

    return job


def above(view: View, beyond: int, now: float) -> Job:
    """The mentions next above an id."""
    number, node, order = view.number, view.node, view.order

    def job(reader: Reader, _asked: Asked, _post: Post) -> Ids:
        page = _page(reader, node, order, beyond, up=True, now=now)
        rows, stories = rows_of(reader, page.ids[-AT_ONCE:], now, view.toward), reader.stories(node, page.ids, now=now)
        return Ids(number, "up", page.ids, _end(page), page.back_to, rows=rows, stories=stories)

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


def alike(
    text: str,
    node: tree.Node,
    mention_id: int,
    others: Sequence[str],
    now: float,
    topics: Mapping[str, str] | None = None,
) -> Job:
    """What is like a mention, at once; then how many mentions of the view each has.

    Last stands what could be taken out of its topic, one of `topics` (name -> query), when it has just one.
    """

    def job(reader: Reader, asked: Asked, post: Post) -> Alike | None:
        from listen.console.alike import choices, narrowed

        mention = reader.mention(mention_id)
        found = choices(mention, now, others, toward_of(node)) if mention is not None else []
        post(Alike(mention_id, found))
        its = [name for name in mention.topics if name in topics] if mention is not None and topics else []
        last = _taken_out(reader, its[0], (topics or {})[its[0]], found, asked, now) if len(its) == 1 else None
        if last is not None:
            found = [*found, last]
            post(Alike(mention_id, found))
        counts: list[tuple[int, bool]] = []
        for choice in found:
            if not asked.wanted:
                return None
            try:
                inside = facet_query("topic", choice.topic) if choice.topic else text
                wanted = query.parse(narrowed(inside, choice.term))
            except QueryError:  # it would be too long
                return None
            counts.append(reader.count(wanted, cap=COUNTED, now=now))
            post(Alike(mention_id, found, tuple(counts)))
        return None

    return job


KEPT = "(status:(done answered) OR is:starred OR has:tag OR has:note)"
"""What people have kept of what they looked at."""


def _taken_out(
    reader: Reader, topic: str, asked_for: str, found: Sequence[Choice], asked: Asked, now: float
) -> Choice | None:
    """The exclusion that takes least of what people kept, then much of what they dismissed and little of the rest."""
    from listen.console.alike import exclusions, narrowed, out_of

    best: tuple[int, int, int, Choice] | None = None
    for place, choice in enumerate(exclusions(found)):
        if not asked.wanted:
            return None
        inside = narrowed(facet_query("topic", topic), choice.term)
        counts = [
            reader.count(query.parse(f"{inside} {more}"), cap=COUNTED, now=now).n
            for more in (f"{KEPT} -status:dismissed", "status:dismissed", "-status:dismissed")
        ]
        rank = (counts[0], counts[2] - 2 * counts[1], place, choice)
        best = rank if best is None or rank[:3] < best[:3] else best
    return out_of(topic, asked_for, best[3], best[0]) if best is not None else None


def handed(what: str, ids: Sequence[int], asked: int) -> Job:
    """Mentions whose links or texts are to be handed over: so many as a clipboard may hold."""

    def job(reader: Reader, _asked: Asked, _post: Post) -> Handed:
        return Handed(what, reader.mentions(ids[:HANDED]), asked)

    return job


def rows(view: View, ids: Sequence[int], clock: Clock) -> Job:
    """Rows for the list."""

    def job(reader: Reader, _asked: Asked, _post: Post) -> Rows:
        return Rows(rows_of(reader, ids, clock.now(), view.toward), ids)

    return job


def _rescored(reader: Reader) -> float | None:
    """How far what is stored has been scored anew, by other engines or by what was taught; None when it is not."""
    scoring, shares = reader.rescoring(), [one.share for one in reader.renewals()]
    return min(shares if scoring is None else [*shares, scoring.share], default=None)


def requested(numbers: Sequence[int]) -> Job:
    """What became of requests."""

    def job(reader: Reader, _asked: Asked, _post: Post) -> Requests:
        return Requests(reader.requests(numbers))

    return job


def names(kind: str, start: str) -> Job:
    """Names that the store has heard and that begin so."""

    def job(reader: Reader, _asked: Asked, _post: Post) -> Named:
        from listen.query.complete import Name
        from listen.query.described import LANGUAGES

        found = reader.heard(kind, start)
        if kind == "lang":
            heard = [Name(one.text, LANGUAGES.get(one.text, "")) for one in found]
            return Named(kind, [*heard, *(Name(code, word) for code, word in LANGUAGES.items())])
        if kind == "author":
            shared = Counter(one.text.partition("@")[0] for one in found if "@" in one.text[1:])
            short = [Name(handle, f"{n} accounts of that name") for handle, n in shared.items() if handle and n > 1]
            return Named(kind, [*short, *(Name(one.text, one.called or "") for one in found)])
        if kind == "intent":
            return Named(kind, [Name(one.text, one.called or "one of yours") for one in found])
        unit = "customer" if kind == "segment" else "mention"
        return Named(kind, [Name(one.text, f"{one.n:,} {unit}{'' if one.n == 1 else 's'}") for one in found])

    return job


def glance(topic: str | None, clock: Clock, who: str = "") -> Job:
    """What stands around the list; `topic` is the folded name of the one that is shown, `who` looks at it."""

    def job(reader: Reader, _asked: Asked, _post: Post) -> Glance:
        now = clock.now()
        topics = reader.talk(now=now)
        named = topic_named((one.name for one in topics), topic)
        stored = reader.newest() is not None
        absences = reader.absences()
        return Glance(
            known=True,
            topics=topics,
            views=tuple(map(saved, reader.views())),
            desks=reader.desks(),
            sources=reader.sources(),
            channels=() if stored else reader.channels(),
            collector=reader.collector(),
            heard=reader.last_heard(),
            topic=named,
            pulse=reader.pulse(named, HOURS, now=now) if named else None,
            stored=stored,
            lists=reader.lists(),
            absences=absences,
            covered=covered(absences, who, now),
            rematches=reader.rematches(),
            rescored=_rescored(reader),
            measured=_measured(reader, next((one for one in topics if one.name == named), None)),
            rematched=reader.rematched(),
            rules=reader.rules_written(),
            edits=reader.edits(),
        )

    return job


def _measured(reader: Reader, topic: Talk | None) -> tuple[Share, int] | None:
    if not reader.samples():
        return None
    from listen.insight import blind
    from listen.store.labels import Asked

    return blind.accuracy(reader, Asked("") if topic is None else Asked(topic.query, topic.name))


def covered(absences: Mapping[str, Absence], who: str, now: float) -> Sequence[Saved]:
    """What waits for those who are away, for who covers for them."""
    if not absences:
        return ()
    away = covered_by(absences, fold(who), date.fromtimestamp(now))
    return [Saved(f"{name}’s", text := f"{facet_query('assignee', name)} status:new", True, "", text) for name in away]


def everything(clock: Clock) -> Job:
    """How loud everything together is."""

    def job(reader: Reader, _asked: Asked, _post: Post) -> Everything | None:
        pulse = reader.pulse(None, HOURS, now=clock.now())
        return None if pulse is None else Everything(pulse)

    return job


def show(
    mention_id: int,
    width: int,
    colours: Palette,
    clock: Clock,
    view: tree.Node,
    *,
    early: bool,
    here: Sequence[str] = (),
) -> Job:
    """A mention for a detail pane of that width, with why it is in the view; `early`: its text before all that.

    `here` are other people who are on it.
    """

    def job(reader: Reader, asked: Asked, post: Post) -> Shown | None:
        mention, now = reader.mention(mention_id), clock.now()
        if mention is None:
            return Shown(mention_id, None, width)
        around = reader.around(mention)
        away = absent(reader.absences(), mention.assignee, date.fromtimestamp(now)) if mention.assignee else None
        owed = promised(reader, mention, now)
        facts = Facts(mention, around, away=away, here=here, promises=owed)
        if early:
            post(Shown(mention_id, mention, width, reading(facts, width, colours, now), whole=False))
        from listen.console.reasons import reasons, with_intents, with_lessons
        from listen.insight.taught import taught

        why = reasons(mention, around.queries, view, now, lambda: asked.wanted, around.roles)
        if why is not None and mention.intents:
            why = with_intents(why, mention, reader.own_intents())
        before = reader.said_before(mention_id) if why is not None and mention.author else None
        if not asked.wanted:
            return None
        if why is not None and (lessons := taught(reader, mention)):
            why = with_lessons(why, lessons)
        facts = Facts(mention, around, why, before, reader.verdict(mention_id), away, here, owed)
        return Shown(mention_id, mention, width, reading(facts, width, colours, now))

    return job
