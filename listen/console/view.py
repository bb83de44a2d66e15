"""What the stream shows: a query with its number, and where in its answer the reader stands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from listen import query
from listen.query import tree
from listen.query.folding import Apart, folded
from listen.query.named import facet_query
from listen.text import fold

Order = Literal["newest", "oldest", "worst", "endorsed", "late"]

ORDERS: dict[Order, str] = {
    "newest": "newest first",
    "oldest": "oldest first",
    "worst": "worst first",
    "endorsed": "most endorsed first",
    "late": "late first",
}
"""Orders of the stream, in words; `O` goes through them."""

WINDOWS = ("", "30d", "7d", "24h", "6h", "1h")
"""How far back a view reaches, all of it first."""

WINDOWS_TOLD = ("from any time", "the last 30 days", "the last 7 days", "the last 24 hours", "the last 6 hours",
                "the last hour")  # fmt: skip


@dataclass(slots=True)
class View:
    """One answer of the store. A new number for each, so that late answers to an older one are known for that."""

    number: int = 0
    text: str = ""
    node: tree.Node = field(default_factory=lambda: folded(tree.All()))
    """What is asked of the store: noise is folded away, unless it is wanted."""
    order: Order = "newest"
    noise: bool = False
    """Noise is shown among the rest."""
    apart: Mapping[Apart, int] = field(default_factory=dict)
    """How much of it is left out of the count."""
    ranked_to: int = 0
    """In a ranked order, down to which id was looked; 0 when at all."""
    ranking: bool = False
    """It is being looked which come first."""
    loaded: bool = False
    searching: bool = False
    count: int | None = None
    counted: bool = False
    """The count is exact."""
    stories: int | None = None
    """How many stories they tell, None when that is not known."""
    early: list[int] = field(default_factory=list)
    """Mentions that came in before the first page."""

    @classmethod
    def of(cls, number: int, text: str, order: Order = "newest", *, noise: bool = False) -> View:
        """A view of a query. Raises `QueryError`."""
        node = query.parse(text)
        return cls(number, text.strip(), node if noise else folded(node), order, noise)

    @property
    def ranked(self) -> bool:
        """Whether its order is none of time."""
        return self.order in ("worst", "endorsed", "late")

    @property
    def window(self) -> str:
        """How far back its query reaches, one of WINDOWS; another `since:` counts for all of it."""
        return window_of(self.text)[1]

    @property
    def topic(self) -> str | None:
        """The folded name of the one topic that is shown, None when it is not just one."""
        return topic_of(self.node)

    @property
    def toward(self) -> str | None:
        """The folded name of the topic toward which the tone is shown, None for that of whole texts."""
        return toward_of(self.node)


def toward_of(node: tree.Node) -> str | None:
    """The topic that a query asks for, unless it asks for the tone of whole texts: then that is what it is about."""
    whole = any(
        isinstance(part, tree.Tone) or (isinstance(part, tree.Number) and part.name == "sentiment")
        for part in tree.walk(node)
    )
    return None if whole else topic_of(node)


def topic_of(node: tree.Node) -> str | None:
    """The folded name of the one topic that a query asks for, None when it is not just one."""
    parts = node.items if isinstance(node, tree.And) else (node,)
    named = {part.values for part in parts if isinstance(part, tree.Facet) and part.name == "topic"}
    named |= {(part.topic,) for part in parts if isinstance(part, tree.Toward)}
    (values,) = named if len(named) == 1 else ((),)
    return values[0] if len(values) == 1 else None


def topic_named(names: Iterable[str], folded: str | None) -> str | None:
    """The topic's name as configured, None when there is no such topic."""
    return next((name for name in names if fold(name) == folded), None) if folded else None


def query_of(topic: str | None) -> str:
    """The query that shows a topic; everything for None."""
    return "" if topic is None else facet_query("topic", topic)


def window_of(text: str) -> tuple[str, str]:
    """(the query without its time window, the window as one of WINDOWS)"""
    before, _, word = text.strip().rpartition(" ")
    name, _, window = word.partition(":")
    if name != "since" or window not in WINDOWS[1:]:
        return text.strip(), ""
    try:
        query.parse(before)
        partial = isinstance(query.parse(text), tree.Or)  # `a OR b since:1h`: the last alternative's alone
    except query.QueryError:  # the word ends something that has begun before it
        partial = True
    return (text.strip(), "") if partial else (before.strip(), window)


def windowed(text: str, window: str) -> str:
    """The query with that time window in the place of the one it has, so that the filter line shows what is meant."""
    base, _ = window_of(text)
    if not window:
        return base
    if isinstance(query.parse(f"{base} since:{window}"), tree.Or):
        base = f"({base})"
    return f"{base} since:{window}".strip()
