"""What the stream shows: a query with its number, and where in its answer the reader stands."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from listen import query
from listen.query import tree
from listen.text import fold


@dataclass(slots=True)
class View:
    """One answer of the store. A new number for each, so that late answers to an older one are known for that."""

    number: int = 0
    text: str = ""
    node: tree.Node = field(default_factory=tree.All)
    loaded: bool = False
    searching: bool = False
    count: int | None = None
    counted: bool = False
    """The count is exact."""
    early: list[int] = field(default_factory=list)
    """Mentions that came in before the first page."""

    @classmethod
    def of(cls, number: int, text: str) -> View:
        """A view of a query. Raises `QueryError`."""
        return cls(number, text.strip(), query.parse(text))

    @property
    def topic(self) -> str | None:
        """The folded name of the one topic that is shown, None when it is not just one."""
        parts = self.node.items if isinstance(self.node, tree.And) else (self.node,)
        named = [part for part in parts if isinstance(part, tree.Facet) and part.name == "topic"]
        return named[0].values[0] if len(named) == 1 and len(named[0].values) == 1 else None


def topic_named(names: Iterable[str], folded: str | None) -> str | None:
    """The topic's name as configured, None when there is no such topic."""
    return next((name for name in names if fold(name) == folded), None) if folded else None


def query_of(topic: str | None) -> str:
    """The query that shows a topic; everything for None."""
    if topic is None:
        return ""
    plain = topic.isascii() and topic.replace("-", "").replace("_", "").isalnum()
    return f"topic:{topic}" if plain else 'topic:"' + topic.replace('"', "") + '"'
