"""What the topics want from places that are searched: the fewest questions that cover them all."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from listen import query
from listen.config import Topic
from listen.query import tree
from sources.base import Adapter, Expresses


@dataclass(frozen=True)
class Wanted:
    """The queries that searches shall cover."""

    nodes: tuple[tree.Node, ...]
    uncovered: tuple[str, ...] = ()
    """Topics that no word can find: only places that bring everything hear them."""

    @classmethod
    def by(cls, topics: Iterable[Topic]) -> Wanted:
        """All topics that words can find, and the names of those that they cannot."""
        topics = list(topics)
        covered = {topic.name for topic in topics if query.search_terms(topic.node)}
        nodes = tuple(topic.node for topic in topics if topic.name in covered)
        return cls(nodes, tuple(topic.name for topic in topics if topic.name not in covered))

    @cached_property
    def terms(self) -> list[str]:
        return query.search_terms(*self.nodes) if self.nodes else []

    def of(self, adapter: Adapter) -> list[str]:
        """What the adapter is to search for: expressions when its place understands them, else terms."""
        if isinstance(adapter, Expresses) and self.nodes:
            return query.searches(*self.nodes, longest=adapter.longest_search)
        return self.terms
