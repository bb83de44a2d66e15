"""Topics that ask who said it, matched anew when it becomes known what an account is called, or is called otherwise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set

from listen.model import Prepared
from listen.query import tree
from listen.query.match import Subject, TopicIndex
from listen.query.topics import node_of
from listen.store import generations, inbox, records
from listen.store.generations import FILLING, KEPT
from listen.store.inbox import GONE
from listen.store.mentions import FIND_BY_ID, Stored
from listen.store.sqlite import Connection

MOST = 500
"""Mentions of one account that are matched anew, the newest; a topic's next matching anew finds the others."""


class Callings:
    """The topics whose queries name authors."""

    def __init__(self) -> None:
        self._topics: frozenset[int] | None = None
        self._index: TopicIndex | None = None

    def forget(self) -> None:
        """The topics may be others now."""
        self._topics = None

    def load(self, connection: Connection) -> bool:
        """Know the topics; whether there are any that name authors."""
        if self._topics is None:
            found = {number: one.query for number, one in generations.tracked(connection).items()}
            found |= {one.topic_id: one.query for one in generations.of_state(connection, FILLING, KEPT)}
            nodes = {number: node_of(query) for number, query in found.items()}
            asking = {number: node for number, node in nodes.items() if _asks(node)}
            self._topics = frozenset(asking)
            self._index = TopicIndex(asking, 0.0) if asking else None
        return self._index is not None

    def topics(self, post: Prepared, found: Set[int], source: str, adapter: str) -> Set[int]:
        """What a post matches whose author came with a lasting name alone and is known here, given what was `found`."""
        if self._index is None:
            return found
        matched = self._index.match(Subject.fresh(post, (source,), (adapter,)))
        return (found - (self._topics or frozenset())) | set(matched)

    def changed(self, connection: Connection, ids: Sequence[int]) -> list[tuple[Stored, Mapping[int, int | None]]]:
        """Those of the mentions that match other topics now, each with all that it matches -> score toward it."""
        changed: list[tuple[Stored, Mapping[int, int | None]]] = []
        for mention in records.mentions(connection, ids) if self._index is not None else ():
            stored = Stored._make(connection.execute(FIND_BY_ID, (mention.id,)).fetchone())
            if stored.state >= GONE or self._index is None:
                continue
            before = inbox.topics_of(connection, mention.id)
            kept = {topic: score for topic, score in before.items() if topic not in (self._topics or ())}
            after = kept | dict.fromkeys(self._index.match(Subject.of(mention)), stored.score)
            if after.keys() != before.keys():
                changed.append((stored, after))
        return changed


def _asks(node: tree.Node) -> bool:
    """Whether the query asks who said it."""
    return any(isinstance(one, tree.Facet) and one.name == "author" for one in tree.walk(node))
