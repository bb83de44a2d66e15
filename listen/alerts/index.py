"""Which rules a mention that arrives may concern: by the topics and words that their queries ask for.

Hundreds of rules cost a mention little: it meets the predicates of those alone whose topic or word it has.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from listen.query import tree
from listen.query.match import Predicate, Subject, TopicIndex, compile
from listen.text import fold


class Index:
    """Queries by number."""

    def __init__(self, queries: Mapping[int, tree.Node], now: float, desks: Mapping[str, tree.Node] = {}) -> None:
        """`desks`: what each finds of those that alerts are told apart by."""
        self._queries, self._now, self._desks = dict(queries), now, dict(desks)
        self._at_desk = {name: compile(node, now) for name, node in desks.items()}
        self._by_topic: dict[str, list[tuple[int, Predicate | None]]] = {}
        self._of: dict[str, list[tuple[int, Predicate | None]]] = {}
        """The same by the names of topics as they are written."""
        worded: dict[int, tree.Node] = {}
        for number, node in queries.items():
            topics, rest = _anchored(node)
            predicate = None if rest is None else compile(rest, now)
            for topic in topics:
                self._by_topic.setdefault(topic, []).append((number, predicate))
            if not topics:
                worded[number] = node
        self._worded = TopicIndex(worded, now) if worded else None
        asked = [*queries.values(), *desks.values()]
        self.moves = any(_moves(node) for node in asked)
        """Whether time alone changes what is found."""
        self.asks_people = any(_asks_people(part) for node in asked for part in tree.walk(node))
        """Whether something is asked for that only the store knows of a mention when it arrives."""

    def at(self, now: float) -> Index:
        """The same at another time."""
        return Index(self._queries, now, self._desks) if self.moves and abs(now - self._now) >= 60 else self

    def may_concern(self, topics: Iterable[str]) -> bool:
        """Whether a mention of these topics has to be looked at."""
        return self._worded is not None or any(self._filed(topic) for topic in topics)

    def match(self, subject: Subject) -> set[int]:
        """The numbers of the queries that find it."""
        found = set(self._worded.match(subject)) if self._worded is not None else set()
        for topic in subject.topics:
            for number, predicate in self._filed(topic):
                if number not in found and (predicate is None or predicate(subject)):
                    found.add(number)
        return found

    def desks(self, subject: Subject) -> tuple[str, ...]:
        """The desks that find it."""
        return tuple(name for name, predicate in self._at_desk.items() if predicate(subject))

    def _filed(self, topic: str) -> list[tuple[int, Predicate | None]]:
        filed = self._of.get(topic)
        if filed is None:
            filed = self._of[topic] = self._by_topic.get(fold(topic), [])
        return filed


def _anchored(node: tree.Node) -> tuple[frozenset[str], tree.Node | None]:
    """(folded topics of which every match has one, what such a mention has still to fulfil); no topics: anything."""
    match node:
        case tree.Facet("topic", values):
            return frozenset(values), None
        case tree.And(items):
            for at, item in enumerate(items):
                if isinstance(item, tree.Facet) and item.name == "topic":
                    rest = (*items[:at], *items[at + 1 :])
                    return frozenset(item.values), rest[0] if len(rest) == 1 else tree.And(rest)
    return _topics(node) or frozenset(), node


def _topics(node: tree.Node) -> frozenset[str] | None:
    """Folded names of topics of which every match has one; None when there are none."""
    match node:
        case tree.Facet("topic", values):
            return frozenset(values)
        case tree.Toward(topic):
            return frozenset((topic,))
        case tree.And(items):
            return min((found for item in items if (found := _topics(item)) is not None), key=len, default=None)
        case tree.Or(items):
            branches = [_topics(item) for item in items]
            return frozenset[str]().union(*(one for one in branches if one)) if None not in branches else None
    return None


def _asks_people(node: tree.Node) -> bool:
    match node:
        case tree.Facet("tag" | "assignee" | "segment" | "status"):
            return True
        case tree.Facet("is", values):
            return not _OF_PEOPLE.isdisjoint(values)
        case tree.Facet("has", values):
            return "note" in values or "tag" in values
        case tree.Number("followers"):
            return True
    return False


_OF_PEOPLE = frozenset(("starred", "corrected", "answered", "replied"))


def _moves(node: tree.Node) -> bool:
    return any(
        moment is not None and moment.ago is not None
        for part in tree.walk(node)
        if isinstance(part, tree.Time)
        for moment in (part.low, part.high)
    )
