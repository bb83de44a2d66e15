"""The numbers that can be promised, each over a span of time. What each of them is stands in `listen.objectives`.

Whole topics are told from the rollups, anything narrower by asking the query; both leave out what leaves every number.
Each question has BUDGET seconds, all of one objective have LOOK, and what could not be looked at in them is said.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from listen.insight import contacts
from listen.insight.desks import promising, took
from listen.insight.dismissals import Share
from listen.insight.figures import net, span_of
from listen.insight.precision import wilson
from listen.insight.window import Window
from listen.objectives import FEW, Objective
from listen.query import parse, tree
from listen.query.fields import ToneName
from listen.query.folding import counted
from listen.service import Desk
from listen.store import counted as counted_by
from listen.store.labels import Asked
from listen.store.pulse import Numbers
from listen.store.read import Reader
from listen.text import fold

BUDGET = 1.0
"""Seconds for one question."""

LOOK = 4.0
"""Seconds for all questions of one objective, the last window's first; LEAST for each when they are over."""

LEAST = 0.02

PARTLY = "not all could be looked at in time"

MOST = 20_000
"""Mentions whose people are looked at, the newest of a window."""

EARLIER = 4
"""Windows before it in which somebody who returns had spoken."""

SCORED: tuple[ToneName, ...] = ("neg", "neu", "none", "pos")


class Measure(NamedTuple):
    """A number over a span of time, with its 95 % interval where it is estimated from n of something."""

    value: float | None = None
    low: float | None = None
    high: float | None = None
    n: int = 0
    """Of how many; of a count the number itself."""
    note: str = ""
    """What is to be known of it, in words."""
    whole: bool = True
    """All of it was looked at."""

    def partly(self, whole: bool) -> Measure:
        """The same, with what is to be said where not all of it was looked at."""
        if whole:
            return self
        return self._replace(whole=False, note="; ".join(filter(None, (self.note, PARTLY))))


NOTHING = Measure()


def share(part: float, n: int, note: str = "") -> Measure:
    """So many of n, with Wilson's interval (`listen.insight.precision`); nothing of none."""
    return Measure(part / n, *wilson(part / n, n), n, note) if n else NOTHING._replace(note=note)


def of_net(numbers: Numbers) -> Measure:
    """Net sentiment; see `listen.insight.figures`."""
    return Measure(*net(numbers))


class Scope:
    """What an objective is about; what was asked once for it is not asked again."""

    def __init__(self, reader: Reader, objective: Objective, now: float, patience: float | None = None) -> None:
        """`patience`: seconds for all questions and for each, for who wants the same answer on a busy machine."""
        self.reader, self.objective, self.now = reader, objective, now
        self._each, look = (BUDGET, LOOK) if patience is None else (patience, patience)
        self._end = time.monotonic() + look
        self.persons: Callable[[Window], tuple[frozenset[int], bool]] = lru_cache(maxsize=64)(self._persons)

    @property
    def budget(self) -> float:
        """Seconds for the next question."""
        return max(LEAST, min(self._each, self._end - time.monotonic()))

    @property
    def node(self) -> tree.Node:
        """The mentions that it is about. Raises QueryError for a query that cannot be read any more."""
        one = self.objective
        parts: list[tree.Node] = []
        if one.topic:
            parts.append(tree.Facet("topic", (fold(one.topic),)))
        if one.view:
            parts.append(tree.View((fold(one.view),)))
        if one.desk:
            parts.append(tree.Desk((fold(one.desk),)))
        if one.query.strip():
            parts.append(parse(one.query))
        return tree.And(tuple(parts)) if len(parts) > 1 else parts[0] if parts else tree.Facet("has", ("topic",))

    def within(self, window: Window, *more: tree.Node) -> tree.Node:
        """Those of a span of time that count."""
        time = tree.Time("time", tree.Moment(at=window.since), tree.Moment(at=window.until))
        return counted(tree.And((self.reader.meant(self.node), time, *more)))

    def tone(self, values: tuple[ToneName, ...]) -> tree.Node:
        """A sentiment, toward the topic where one is named."""
        tone = tree.Tone(values)
        return tree.Toward(fold(self.objective.topic), tone) if self.objective.topic else tone

    def count(self, window: Window, *more: tree.Node) -> tuple[int, bool]:
        """(mentions of a span of time, whether these are all)."""
        return self.reader.count(self.within(window, *more), cap=None, budget=self.budget, now=self.now)

    @property
    def whole_topic(self) -> bool:
        """Whether the rollups know it."""
        one = self.objective
        return bool(one.topic) and not (one.query.strip() or one.view or one.desk)

    def _persons(self, window: Window) -> tuple[frozenset[int], bool]:
        """(who spoke, whether these are all)."""
        found = self.reader.voices(self.within(window), most=MOST, budget=self.budget, now=self.now)
        return frozenset(one.person for one in found.cells), found.complete


def measure(scope: Scope, window: Window) -> Measure:
    """The objective's number over a span of time. Raises QueryError for a query that cannot be read any more."""
    return _METRICS[scope.objective.metric](scope, window)


def _of_topics(scope: Scope, window: Window, names: Collection[str]) -> dict[str, Numbers]:
    """Whole topics, from the rollups; those that there are."""
    topics = {one.number: one.name for one in scope.reader.live_topics() if one.name in names}
    with scope.reader.snapshot() as connection:
        found = counted_by.by_topic(connection, topics, span_of(window))
    return {topics[number]: numbers for number, numbers in found.items()}


def _numbers(scope: Scope, window: Window) -> tuple[Numbers, bool]:
    """(what is said, whether that is all)."""
    if scope.whole_topic:
        return _of_topics(scope, window, {scope.objective.topic}).get(scope.objective.topic, Numbers()), True
    asked: tuple[tuple[tree.Node, ...], ...] = ((), (scope.tone(("neg",)),), (scope.tone(("pos",)),))
    (n, whole), (neg, _), (pos, _) = (scope.count(window, *more) for more in asked)
    scored, all_scored = scope.count(window, scope.tone(SCORED))
    return Numbers(n, neg, pos, scored), whole and all_scored


# --- what is said ----------------------------------------------------------------------------------------------------


def _mentions(scope: Scope, window: Window) -> Measure:
    if scope.whole_topic:
        n = _numbers(scope, window)[0].n
        return Measure(float(n), n=n)
    n, whole = scope.count(window)
    return Measure(float(n), n=n).partly(whole)


def _voice(scope: Scope, window: Window) -> Measure:
    topics = scope.reader.live_topics()
    own = next((one for one in topics if one.name == scope.objective.topic), None)
    if own is None:
        return NOTHING._replace(note="there is no such topic")
    peers = {one.name for one in topics if (one.role == "theme") == (own.role == "theme")}
    n = {name: numbers.n for name, numbers in _of_topics(scope, window, peers).items()}
    return share(n[own.name], sum(n.values()))


def _net(scope: Scope, window: Window) -> Measure:
    numbers, whole = _numbers(scope, window)
    return of_net(numbers).partly(whole)


def _negative(scope: Scope, window: Window) -> Measure:
    numbers, whole = _numbers(scope, window)
    return share(numbers.neg, numbers.scored).partly(whole)


def _recommend(scope: Scope, window: Window) -> Measure:
    (yes, one), (no, other) = (scope.count(window, tree.Facet("intent", (it,))) for it in ("recommend", "dissuade"))
    return share(yes, yes + no).partly(one and other)


# --- who says it -----------------------------------------------------------------------------------------------------


def _reach(scope: Scope, window: Window) -> Measure:
    persons, whole = scope.persons(window)
    known = [one.followers for one in scope.reader.who(sorted(persons)) if one.followers is not None]
    note = f"followers are known of {len(known):,} of {len(persons):,} people"
    return Measure(float(sum(known)) if known else None, n=len(known), note=note).partly(whole)


def _returning(scope: Scope, window: Window) -> Measure:
    now, whole = scope.persons(window)
    before: set[int] = set()
    at = window
    for _ in range(EARLIER):
        at = at.before()
        found, complete = scope.persons(at)
        before |= found
        whole = whole and complete
    return share(len(now & before), len(now)).partly(whole)


# --- what desks answer -----------------------------------------------------------------------------------------------


def _desks(scope: Scope, *, promising_only: bool) -> list[Desk]:
    found = scope.reader.desks()
    wanted = scope.objective.desk
    chosen = [one for one in found if one.open and (not wanted or fold(one.name) == fold(wanted))]
    return promising(chosen) if promising_only else chosen


def _kept(scope: Scope, window: Window, *, done: bool = False, promised: bool = False) -> Measure:
    """What was answered (done) in time; what waits for longer than that counts, what may still be in time does not."""
    desks = _desks(scope, promising_only=promised)
    if not desks:
        return NOTHING._replace(note=f"no desk {'promises anything' if promised else 'is open'}")
    only, target = counted(scope.reader.meant(scope.node)), scope.objective.target
    known: dict[int, bool] = {}
    taken: list[float] = []
    open_, whole = set[int](), True
    for desk in desks:
        found = took(scope.reader, desk, only, window.since, window.until, now=scope.now, budget=scope.budget)
        whole = whole and found.whole
        spans = found.closed if done else found.answered
        for number in spans.keys() - known.keys():
            taken.append(spans[number])
            known[number] = spans[number] <= (desk.within or 0.0) if promised else target.met_by(spans[number])
        for number, waited in found.waiting.items():
            if waited > (desk.within or 0.0) if promised else not target.met_by(waited):
                known.setdefault(number, False)
            else:
                open_.add(number)
    notes = (_middle(taken, scope.objective), _waits(len(open_ - known.keys())))
    return share(sum(known.values()), len(known), "; ".join(filter(None, notes))).partly(whole)


def _waits(n: int) -> str:
    return f"{n:,} may still be in time" if n else ""


def _middle(taken: Sequence[float], objective: Objective) -> str:
    """`8 of 10 took at most 3 h`, of what was answered; nearest rank."""
    from listen.insight.desks import spoken

    if not taken or objective.of.kind != "time":
        return ""
    rank = max(0, math.ceil(objective.share * len(taken)) - 1)
    return f"{objective.share * 100:.0f} % of those that were took {spoken(sorted(taken)[rank])} at most"


def _first(scope: Scope, window: Window) -> Measure:
    return _kept(scope, window)


def _done(scope: Scope, window: Window) -> Measure:
    return _kept(scope, window, done=True)


def _promised(scope: Scope, window: Window) -> Measure:
    return _kept(scope, window, promised=True)


# --- what became of it -----------------------------------------------------------------------------------------------


def _recovery(scope: Scope, window: Window) -> Measure:
    found = contacts.cases(scope.reader, scope.within(window, tree.Facet("is", ("answered",)), tree.Tone(("neg",))),
                           now=scope.now)  # fmt: skip
    return share(found.recovered, found.answered).partly(found.whole)


def _precision(scope: Scope, window: Window) -> Measure:
    """By a precision check where enough of it lies in the window, else by what people dismissed."""
    reader, topic = scope.reader, scope.objective.topic
    live = next((one for one in reader.live_topics() if one.name == topic), None)
    if live is None:
        return NOTHING._replace(note="there is no such topic")
    span = tree.Time("time", tree.Moment(at=window.since), tree.Moment(at=window.until))
    ids = reader.page(tree.And((scope.node, span)), limit=MOST, budget=scope.budget, now=scope.now).ids
    judged = reader.labelled(Asked(live.query, topic), ids)
    if len(judged) >= FEW:
        return share(sum(judged.values()), len(judged), "by precision checks")
    rows = [one for one in reader.handled(window.since, window.until) if one.topic == topic]
    dealt = Share(sum(one.dismissed for one in rows), sum(one.handled for one in rows))
    return share(dealt.handled - dealt.dismissed, dealt.handled, "by what people dismissed")


_METRICS: Mapping[str, Callable[[Scope, Window], Measure]] = {
    "volume": _mentions,
    "share_of_voice": _voice,
    "net_sentiment": _net,
    "negative_share": _negative,
    "recommend_share": _recommend,
    "reach": _reach,
    "first_response_time": _first,
    "time_to_done": _done,
    "answered_within_promise": _promised,
    "recovery": _recovery,
    "returning_authors": _returning,
    "precision": _precision,
}
