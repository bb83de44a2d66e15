"""The syntax tree of a query: what both compilers (`listen.query.match`, `listen.store.sql`) read.

A comparison with an unknown value is false, so `Not` of it is true: two-valued logic throughout.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from listen.service import Service

Where = Literal["any", "title", "text"]
"""Which field words are looked for in. Phrases and distances never reach from the title into the text."""

Span = tuple[int, int]
"""Where in the query's text a node was written: first column and the one after the last, from 0."""

NOWHERE: Span = (0, 0)


@dataclass(frozen=True, slots=True)
class All:
    """The empty query: every mention."""

    span: Span = NOWHERE


@dataclass(frozen=True, slots=True)
class And:
    items: tuple[Node, ...]
    span: Span = NOWHERE


@dataclass(frozen=True, slots=True)
class Or:
    items: tuple[Node, ...]
    span: Span = NOWHERE


@dataclass(frozen=True, slots=True)
class Not:
    item: Node
    span: Span = NOWHERE


@dataclass(frozen=True, slots=True)
class Words:
    """One folded token, or several that stand side by side in this order. With `prefix` the last one may go on."""

    tokens: tuple[str, ...]
    prefix: bool = False
    where: Where = "any"
    span: Span = NOWHERE


@dataclass(frozen=True, slots=True)
class Near:
    """Phrases with at most `distance` tokens between one and the next; `ordered` when they come in this order."""

    parts: tuple[tuple[str, ...], ...]
    distance: int
    ordered: bool = False
    where: Where = "any"
    span: Span = NOWHERE


@dataclass(frozen=True, slots=True)
class Pattern:
    """A folded token in which each `?` stands for one character; with `prefix` it may go on."""

    token: str
    prefix: bool = False
    where: Where = "any"
    span: Span = NOWHERE


@dataclass(frozen=True, slots=True)
class Exact:
    """`{Orange}`: these words in this very spelling and case, side by side and not inside longer words."""

    text: str
    where: Where = "any"
    span: Span = NOWHERE


@dataclass(frozen=True, slots=True)
class Mark:
    """`#tag` or `@handle`, folded, with its sign."""

    token: str
    span: Span = NOWHERE


FacetName = Literal[
    "topic",
    "source",
    "author",
    "lang",
    "country",
    "kind",
    "status",
    "is",
    "has",
    "site",
    "url",
    "link",
    "tag",
    "assignee",
    "story",
    "id",
    "segment",
    "intent",
]


@dataclass(frozen=True, slots=True)
class Facet:
    """The mention has one of these values, folded by the parser and checked where the set is closed.

    What each name compares with stands in `listen.query.match`. A last `*` of an author's value means "begins with".
    A value that begins with `@` may be the name of a list: see `listen.query.book`.
    Values of `site`, `url` and `link` are in ASCII lower case.
    """

    name: FacetName
    values: tuple[str, ...]
    span: Span = NOWHERE


NumberName = Literal["sentiment", "followers", "likes", "replies", "reposts", "views", "rating"]


@dataclass(frozen=True, slots=True)
class Number:
    """A number between `low` and `high`; None is no bound. Sentiment is in thousandths."""

    name: NumberName
    low: float | None = None
    high: float | None = None
    low_included: bool = True
    high_included: bool = True
    span: Span = NOWHERE


@dataclass(frozen=True, slots=True)
class Tone:
    """`sentiment:neg`: see `listen.model.tone`."""

    values: tuple[Literal["neg", "neu", "pos", "none", "unknown"], ...]
    span: Span = NOWHERE


@dataclass(frozen=True, slots=True)
class Toward:
    """`toward:acme:neg`: it matches the topic of that folded name, and the sentiment toward it is so."""

    topic: str
    item: Number | Tone
    """Of `sentiment`, without a place of its own."""
    span: Span = NOWHERE


@dataclass(frozen=True, slots=True)
class Moment:
    """A point in time: so many seconds before `now`, or Unix seconds."""

    ago: float | None = None
    at: int | None = None

    def resolve(self, now: float) -> int:
        """Unix seconds."""
        if self.at is not None:
            return self.at
        return int(now - (self.ago or 0.0))


@dataclass(frozen=True, slots=True)
class Overdue:
    """The first moment from which a mention that arrived then has not waited for longer than a desk promises."""

    within: float
    """Seconds of service."""
    service: Service

    @property
    def ago(self) -> float:
        """It moves with time, as what counts from now does."""
        return self.within

    def resolve(self, now: float) -> int:
        """Unix seconds."""
        return self.service.cutoff(now, self.within)


@dataclass(frozen=True, slots=True)
class Time:
    """`since`, `until`, `date` (the mention's own time) or `seen` (when it was first seen): low <= time < high."""

    name: Literal["time", "seen"]
    low: Moment | None = None
    high: Moment | Overdue | None = None
    span: Span = NOWHERE


@dataclass(frozen=True, slots=True)
class Weekly:
    """`weekday:mon`, `hour:9..17`: the mention's own time falls on one of these days, in one of these hours."""

    name: Literal["weekday", "hour"]
    values: tuple[int, ...]
    """Days from 0 for Monday, or hours of the day, ascending."""
    zone: str = ""
    """By whose clock, see `listen.query.weekly`; "" is UTC."""
    span: Span = NOWHERE


@dataclass(frozen=True, slots=True)
class View:
    """`view:crisis`: one of these saved queries, by folded name; `listen.query.book` puts them in their places."""

    names: tuple[str, ...]
    span: Span = NOWHERE


@dataclass(frozen=True, slots=True)
class Desk:
    """`desk:legal`: what one of these desks has to answer, by folded name; `listen.query.book` puts it in its place."""

    names: tuple[str, ...]
    span: Span = NOWHERE


@dataclass(frozen=True, slots=True)
class Late:
    """`is:late`: it waits for longer than a desk promises; with names, than one of these (folded) promises."""

    names: tuple[str, ...] = ()
    span: Span = NOWHERE


@dataclass(frozen=True, slots=True)
class Later:
    """A field whose subject the store does not hold yet (`intent:` ...): unknown, so false."""

    name: str
    value: str
    span: Span = NOWHERE


Named = View | Desk | Late
"""What `listen.query.book` puts something else for."""

Node = (
    All
    | And
    | Or
    | Not
    | Words
    | Near
    | Pattern
    | Exact
    | Mark
    | Facet
    | Number
    | Tone
    | Toward
    | Time
    | Weekly
    | Named
    | Later
)


def walk(node: Node) -> Iterator[Node]:
    """The node and everything below it."""
    yield node
    match node:
        case And(items) | Or(items):
            for item in items:
                yield from walk(item)
        case Not(item):
            yield from walk(item)
