"""How desks keep their promises: what waits, what is late, how soon we answered. The one home of these numbers.

The clock of a mention runs from its arrival to an answer, in the desk's hours of service. What was dealt with without
an answer (done, dismissed, skipped) waits no longer, and counts neither as kept nor as broken.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import ceil
from statistics import median
from typing import NamedTuple

from listen.model import Mention
from listen.query import tree
from listen.query.book import WAITS
from listen.query.folding import COUNTS
from listen.service import Desk
from listen.store.answers import Times
from listen.store.read import Reader
from listen.text import fold

WINDOW = 30 * 86_400.0
"""Seconds back for which answers are looked at."""

COUNTED = 1_000
"""Mentions up to which what waits is counted."""

ANSWERED = 2_000
"""Answered mentions of one desk that are looked at, the newest."""

BUDGET = 1.0
"""Seconds for one number of one desk."""

MOST, LOOK = 5_000, 2.0
"""Waiting mentions that are looked at where a query would take some and let go of others, the newest; and seconds."""


class Spans(NamedTuple):
    """How long something took, in seconds of service."""

    n: int = 0
    half: float | None = None
    """The median; None where there is nothing."""
    most: float | None = None
    """What nine of ten took at most (the nearest rank)."""
    kept: float | None = None
    """The share that took no longer than promised; None without a promise."""

    @classmethod
    def of(cls, taken: Sequence[float], within: float | None) -> Spans:
        """Of these."""
        if not taken:
            return cls()
        kept = None if within is None else sum(one <= within for one in taken) / len(taken)
        return cls(len(taken), median(taken), sorted(taken)[ceil(0.9 * len(taken)) - 1], kept)


class Standing(NamedTuple):
    """One desk. Times in seconds."""

    desk: Desk
    waiting: int
    late: int
    exact: bool
    """Else there are at least so many."""
    oldest: int | None
    """When the one that waits longest came in, Unix seconds."""
    first: Spans
    """Of what came in during the window: from arrival to the first answer."""
    done: Spans
    """From arrival until it was done or answered."""
    kept: float | None
    """The share of answers that came in time, of all and of what is late by now; None where there is nothing."""


class Took(NamedTuple):
    """Seconds of service by mention, of what came in at a desk in some time."""

    answered: Mapping[int, float]
    """Until the first answer."""
    closed: Mapping[int, float]
    """Until it was done or answered."""
    waiting: Mapping[int, float]
    """How long it has waited for an answer by now."""
    whole: bool
    """Else these are the newest ANSWERED."""


class Due(NamedTuple):
    """By when a mention is promised an answer. Unix seconds."""

    desk: str
    within: float
    at: float
    left: float
    """Seconds of service that are left; below 0: since when it is late, by the clock on the wall."""
    taken: float | None = None
    """Seconds of service until the answer; None while it waits."""


def promising(desks: Sequence[Desk]) -> list[Desk]:
    """Those at which a mention can be late."""
    return [one for one in desks if one.promises]


def at_desk(desk: Desk) -> tree.Node:
    """What it has to answer or had to."""
    return tree.Desk((fold(desk.name),))


def waits_at(desk: Desk) -> tree.Node:
    """What waits there."""
    return tree.And((at_desk(desk), *WAITS))


def waiting(reader: Reader, node: tree.Node, now: float) -> tuple[list[int], bool]:
    """(what would wait at a desk with this query, whether that is all); the query has its views and lists in place."""
    asked = tree.And((node, tree.Facet("has", ("topic",)), *WAITS))
    page = reader.page(asked, limit=MOST, budget=LOOK, now=now)
    return page.ids, page.complete and len(page.ids) < MOST


def late_at(desk: Desk) -> tree.Node:
    """What is late there."""
    return tree.Late((fold(desk.name),))


def due(reader: Reader, ids: Sequence[int], now: float) -> dict[int, float]:
    """Mention -> when the first of the desks where it waits has promised an answer; what waits nowhere is left out.

    For the rows of a list: a few hundred ids.
    """
    found: dict[int, float] = {}
    desks = promising(reader.desks())
    if not desks or not ids:
        return found
    for desk in desks:
        waiting = reader.among(waits_at(desk), ids, now=now)
        assert desk.within is not None
        for one in reader.times(sorted(waiting)):
            at = desk.service.due(one.seen_at, desk.within)
            found[one.id] = min(at, found.get(one.id, at))
    return found


def promises(reader: Reader, mention: Mention, now: float) -> list[Due]:
    """What desks promise to this mention, the soonest first; once it is answered, how long that took."""
    desks = promising(reader.desks())
    if not desks or not mention.topics or mention.own or mention.noise or mention.status in ("dismissed", "skipped"):
        return []
    times = next(iter(reader.times([mention.id])), None)
    if times is None or (times.answered_at is None and mention.status != "new"):
        return []
    found = []
    for desk in desks:
        if desk.within is not None and reader.among(at_desk(desk), [mention.id], now=now):
            at = desk.service.due(times.seen_at, desk.within)
            spent = desk.service.spent(times.seen_at, now)
            left = desk.within - spent if spent <= desk.within else at - now
            taken = None if times.answered_at is None else desk.service.spent(times.seen_at, times.answered_at)
            found.append(Due(desk.name, desk.within, at, left, taken))
    return sorted(found, key=lambda one: one.at)


def standings(reader: Reader, *, now: float, window: float = WINDOW, budget: float = BUDGET) -> list[Standing]:
    """All open desks in their order."""
    return [standing(reader, desk, now=now, window=window, budget=budget) for desk in reader.desks() if desk.open]


def standing(reader: Reader, desk: Desk, *, now: float, window: float = WINDOW, budget: float = BUDGET) -> Standing:
    """How one desk does."""
    waiting = reader.count(waits_at(desk), cap=COUNTED, budget=budget, now=now)
    late, exact = 0, waiting.complete
    if desk.promises and waiting.n:
        counted = reader.count(late_at(desk), cap=COUNTED, budget=budget, now=now)
        late, exact = counted.n, exact and counted.complete
    first = reader.page(waits_at(desk), after=-1, limit=1, budget=budget, now=now).ids if waiting.n else []
    oldest = next((one.seen_at for one in reader.times(first)), None)
    worked = _worked(reader, desk, None, now - window, None, now, budget) if window else []
    spans = [desk.service.spent(one.seen_at, one.answered_at) for one in worked if one.answered_at is not None]
    closed = [desk.service.spent(one.seen_at, one.closed_at) for one in worked if one.closed_at is not None]
    kept = None
    if desk.within is not None and (spans or late):
        kept = sum(span <= desk.within for span in spans) / (len(spans) + late)
    first_, done = Spans.of(spans, desk.within), Spans.of(closed, desk.within)
    return Standing(desk, waiting.n, late, exact, oldest, first_, done, kept)


def took(
    reader: Reader, desk: Desk, only: tree.Node, since: float, until: float, *, now: float, budget: float = BUDGET
) -> Took:
    """How long it took of what came in at a desk from `since` to `until`, of the mentions that `only` finds."""
    worked = _worked(reader, desk, only, since, until, now, budget)
    asked = tree.And((waits_at(desk), only, _came_in(since, until)))
    waits = reader.times(reader.page(asked, limit=ANSWERED, budget=budget, now=now).ids)
    spent = desk.service.spent
    return Took(
        {one.id: spent(one.seen_at, one.answered_at) for one in worked if one.answered_at is not None},
        {one.id: spent(one.seen_at, one.closed_at) for one in worked if one.closed_at is not None},
        {one.id: spent(one.seen_at, now) for one in waits},
        len(worked) < ANSWERED and len(waits) < ANSWERED,
    )


def _worked(
    reader: Reader, desk: Desk, only: tree.Node | None, since: float, until: float | None, now: float, budget: float
) -> list[Times]:
    """What was answered or done of the mentions that came in in that time and count, the newest ANSWERED of them."""
    handled = tree.Or((tree.Facet("is", ("answered",)), tree.Facet("status", ("done",))))
    asked = (at_desk(desk), handled, _came_in(since, until), *COUNTS, *([only] if only is not None else []))
    return reader.times(reader.page(tree.And(asked), limit=ANSWERED, budget=budget, now=now).ids)


def _came_in(since: float, until: float | None) -> tree.Time:
    return tree.Time("seen", tree.Moment(at=int(since)), None if until is None else tree.Moment(at=int(until)))


def spoken(seconds: float) -> str:
    """`35 min`, `2 h`, `2 h 10 min`, `3 d 4 h`: a span in at most two units."""
    minutes = max(0, round(seconds / 60))
    days, hours, rest = minutes // 1440, minutes % 1440 // 60, minutes % 60
    if days:
        return f"{days} d {hours} h" if hours and days < 10 else f"{days} d"
    if hours:
        return f"{hours} h {rest} min" if rest and hours < 10 else f"{hours} h"
    return f"{rest} min" if rest or seconds < 30 else "1 min"


def record(one: Standing, now: float) -> Mapping[str, object]:
    """A desk as a script reads it; times in seconds."""
    return {
        "desk": one.desk.name,
        "query": one.desk.query,
        "answer_within": one.desk.within,
        "waiting": one.waiting,
        "late": one.late,
        "exact": one.exact,
        "oldest": None if one.oldest is None else max(0.0, now - one.oldest),
        "answered": one.first.n,
        "first_response": one.first.half,
        "first_response_p90": one.first.most,
        "done": one.done.n,
        "time_to_done": one.done.half,
        "time_to_done_p90": one.done.most,
        "done_in_time": one.done.kept,
        "kept": one.kept,
        "assign": one.desk.assign,
        "tags": list(one.desk.tags),
    }
