"""What a rule would have counted in the past: the mentions of each of its instances, and how much was heard."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from listen.alerts import facts
from listen.alerts.facts import Labels
from listen.alerts.rules import Rule
from listen.insight.hearing import Hearing, sources_of
from listen.model import EPOCH, INTENTS, SEQUENCE_BITS, first_id, id_time
from listen.query import parse, tree
from listen.query.named import facet_query
from listen.query.tree import Node
from listen.store import inbox
from listen.store.read import Reader
from listen.text import fold

HOUR, WEEK = 3_600, 604_800

WEEKS = 8
"""Weeks before the time that are read to know what was usual."""

MOST = 5_000_000
"""Mentions that are read of one query: half a year of everything at ten million."""

LABELLED = 200_000
"""The same where each must be looked at to know its instance."""

VALUED = ("topic", "desk", "intent")
"""What alerts are told apart by and may be asked for one by one."""

STEP = 2_000
"""Mentions whose labels are looked up at once."""

Heed = Callable[[float], None]
"""Told how much of the reading is done, 0 to 1; may raise to break it off."""


@dataclass(slots=True)
class Series:
    """One instance's mentions, oldest first. Their ids carry their times."""

    labels: Labels = ()
    ids: array[int] = field(default_factory=lambda: array("q"))
    all: array[int] = field(default_factory=lambda: array("q"))
    """share: of those that it is a share of."""
    back_to: float = 0.0
    """From when on they are all there."""

    def until(self, moment: float) -> int:
        """How many there are up to a moment, which is counted in."""
        return bisect_left(self.ids, (int(moment) + 1 - EPOCH) << SEQUENCE_BITS)

    def of(self, moment: float) -> int:
        """The same of those that it is a share of."""
        return bisect_left(self.all, (int(moment) + 1 - EPOCH) << SEQUENCE_BITS)


def read(reader: Reader, rule: Rule, start: float, until: float, heed: Heed) -> Iterator[Series]:
    """The mentions of each instance, one instance after the other. Raises QueryError, StoreError."""
    reading = _Reading(reader, rule, start, until)
    per = rule.per or (("story",) if rule.when == "growth" else ())
    if not per:
        found: Iterator[Series] = iter((reading.series((), reading.node, MOST, heed),))
    elif len(per) == 1 and per[0] in VALUED:
        found = reading.by_value(per[0], heed)
    else:
        found = reading.by_facts(heed)
    if rule.when != "share":
        yield from found
        return
    of = reader.resolved(parse(rule.of))
    for one in found:
        asked = tree.And((of, *(_of_one(reader, name, value) for name, value in one.labels)))
        whole = reading.series((), asked, MOST, heed)
        one.all, one.back_to = whole.ids, max(one.back_to, whole.back_to)
        yield one


def _of_one(reader: Reader, name: str, value: str) -> Node:
    """What belongs to one topic, desk, language …"""
    return reader.resolved(tree.Facet("topic", (fold(value),)) if name == "topic" else parse(facet_query(name, value)))


class _Reading:
    """One rule's mentions of one span of time."""

    def __init__(self, reader: Reader, rule: Rule, start: float, until: float) -> None:
        self._reader, self._rule, self._start, self._until = reader, rule, start, until
        self.node = reader.resolved(parse(rule.query))
        self._asked_for = facts.asked_for(rule, reader.book())

    def series(self, labels: Labels, node: Node, most: int, heed: Heed) -> Series:
        """The newest `most` of a query, as far as they count."""
        low, high = first_id(self._start), first_id(self._until + 1)
        found = self._reader.sweep(node, low, high, most, heed, now=self._until)
        back_to = self._start if found.back_to <= low else float(id_time(found.back_to))
        return Series(labels, found.ids(), back_to=back_to)

    def by_value(self, name: str, heed: Heed) -> Iterator[Series]:
        """Few mentions are sorted by their topics (desks, intents); of many each topic is asked for."""
        wanted, topics = self._asked_for[name], self._names()
        values = [one for one in self._values(name, topics) if not wanted or fold(one) in wanted]
        known = self.series((), self.node, LABELLED, _part(heed, 0, 1 / 8))
        if known.back_to <= self._start:
            labelled = partial(self._topics if name == "topic" else self._labels, names=topics)
            yield from self._sorted(known, labelled, _part(heed, 1 / 8, 1))
            return
        for at, value in enumerate(values):
            asked = tree.And((self.node, _of_one(self._reader, name, value)))
            done = _part(heed, at / len(values), (at + 1) / len(values))
            yield self.series(((name, value),), asked, MOST, done)

    def _values(self, name: str, topics: Mapping[int, str]) -> Sequence[str]:
        if name == "topic":
            return sorted(topics.values())
        if name == "desk":
            return [one.name for one in self._reader.desks() if one.open]
        return list(dict.fromkeys((*INTENTS, *self._reader.own_intents())))

    def _names(self) -> dict[int, str]:
        with self._reader.snapshot() as connection:
            return dict(connection.execute("SELECT id, name FROM topics WHERE active").fetchall())

    def by_facts(self, heed: Heed) -> Iterator[Series]:
        """By what is known of each mention."""
        known = self.series((), self.node, LABELLED, _part(heed, 0, 1 / 8))
        yield from self._sorted(known, partial(self._labels, names=self._names()), _part(heed, 1 / 8, 1))

    def _sorted(
        self, known: Series, labelled: Callable[[Sequence[int]], Mapping[int, Sequence[Labels]]], heed: Heed
    ) -> Iterator[Series]:
        found: dict[Labels, Series] = {}
        for at in range(0, len(known.ids), STEP):
            heed(at / len(known.ids))
            ids = known.ids[at : at + STEP]
            told = labelled(ids)
            for one in ids:
                for labels in told.get(one, ()):
                    found.setdefault(labels, Series(labels, back_to=known.back_to)).ids.append(one)
        while found:
            yield found.pop(next(iter(found)))

    def _topics(self, ids: Sequence[int], names: Mapping[int, str]) -> Mapping[int, Sequence[Labels]]:
        with self._reader.snapshot() as connection:
            told = inbox.topics_of_many(connection, ids)
        wanted = self._asked_for["topic"]
        its = {number: name for number, name in names.items() if not wanted or fold(name) in wanted}
        return {one: [(("topic", its[number]),) for number in some if number in its] for one, some in told.items()}

    def _labels(self, ids: Sequence[int], names: Mapping[int, str]) -> Mapping[int, Sequence[Labels]]:
        with self._reader.snapshot() as connection:
            told = facts.of(connection, ids, names)
        if "desk" in self._rule.per:
            told = facts.with_desks(self._reader, told, self._until)
        return {one: facts.labels(self._rule, fact, self._asked_for) for one, fact in told.items()}


def _part(heed: Heed, start: float, end: float) -> Heed:
    return lambda share: heed(start + share * (end - start))


class Heard:
    """The share of each hour that was heard. Before anything of that was kept, all is taken for heard."""

    def __init__(self, reader: Reader, rule: Rule, since: float, until: float, pace: float = 1.0) -> None:
        """`pace`: seconds of the clock that pass in a real one."""
        hearing, sources = Hearing(), sources_of(reader.resolved(parse(rule.query)))
        last = int(until) // HOUR
        with reader.snapshot() as connection:
            hearing.look(connection, until, pace)
            self._hours = hearing.between(connection, sources, int(since - WEEKS * WEEK) // HOUR, until)
        self._first = min((hour for hour, share in self._hours.items() if share), default=last + 1)
        self._gaps = [hour for hour in range(self._first, last + 1) if self._hours.get(hour, 0.0) < 1.0]
        """Hours that were not heard to the full."""
        self.deaf_before = self._first * HOUR if self._first * HOUR > since else None

    def hour(self, hour: int) -> float:
        """The share of one hour (Unix seconds // 3600)."""
        return 1.0 if hour < self._first else self._hours.get(hour, 0.0)

    def between(self, start: float, end: float) -> tuple[float, float]:
        """(the least, the most) that was heard of any hour of a time."""
        first, last = int(start) // HOUR, int(end - 1) // HOUR
        low = bisect_left(self._gaps, first)
        high = bisect_left(self._gaps, last + 1, low)
        gaps = [self.hour(hour) for hour in self._gaps[low:high]]
        return min(gaps, default=1.0), max(gaps) if len(gaps) == last - first + 1 else 1.0

    def share(self, start: float, end: float) -> float:
        """The share of a time."""
        first, last = int(start) // HOUR, int(end - 1) // HOUR
        total = sum(
            self.hour(hour) * (min(end, (hour + 1) * HOUR) - max(start, hour * HOUR)) for hour in range(first, last + 1)
        )
        return min(1.0, total / max(1.0, end - start))
