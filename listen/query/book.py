"""What a person has given names to: views (`view:crisis`), desks (`desk:legal`) and lists (`author:@staff`), put in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from listen.model import ME
from listen.query import tree
from listen.query.errors import QueryError, suggestion
from listen.service import ALWAYS, Service
from listen.text import fold

LISTED = ("author", "source", "site", "topic")
"""Facets whose values can come from a list."""

MOST = 20_000
"""Parts that a query may have with everything put in: views of views of views grow fast."""


@dataclass(frozen=True, slots=True)
class OfDesk:
    """What a book knows of a desk."""

    query: tree.Node
    within: float | None = None
    """Seconds of service that it promises; None when nothing can be late here."""
    service: Service = ALWAYS


@dataclass(frozen=True, slots=True)
class Book:
    """All by folded name."""

    views: Mapping[str, tree.Node] = field(default_factory=dict)
    lists: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Values as a query writes them; `listed` makes them from what is configured."""
    desks: Mapping[str, OfDesk] = field(default_factory=dict)
    me: str = ""
    """Who asks, for `assignee:me`."""


EMPTY = Book()

LATE = "is:late"

WAITS: tuple[tree.Node, ...] = (
    tree.Facet("status", ("new",)),
    tree.Not(tree.Facet("is", ("answered",))),
    tree.Not(tree.Facet("is", ("own", "noise"))),
)
"""Nobody dealt with it yet, and none of us has answered; what we say ourselves, and noise, wait for nobody."""

_OF_A_TOPIC = tree.Facet("has", ("topic",))


def listed(values: tuple[str, ...]) -> tuple[str, ...]:
    """A configured list for a `Book`: handles, names, hosts, sources, folded and without the @ of a handle."""
    return tuple(dict.fromkeys(fold(value.strip()).removeprefix("@") for value in values))


def resolved(node: tree.Node, book: Book, *, strict: bool = False) -> tree.Node:
    """The query with every view, desk and list in its place.

    A desk has what its query finds among the mentions of any topic. Late is what waits (new, and not answered) at a
    desk that promises something, and arrived longer ago, in hours of service, than it promises.

    Names that nobody has given stay as they are, which is: unknown, so false.

    Raises:
        QueryError: a view leads back to itself, or all together is too much; with `strict` also an unknown name.
    """
    return _Resolver(book, strict).put(node, ())


class _Resolver:
    def __init__(self, book: Book, strict: bool) -> None:
        self.book, self.strict, self.parts = book, strict, 0
        self._lists: dict[int, bool] = {}

    def put(self, node: tree.Node, within: tuple[str, ...]) -> tree.Node:
        self.parts += 1
        if self.parts > MOST:
            raise QueryError(f"with its views the query has more than {MOST:,} parts", *_place(node))
        match node:
            case tree.And(items):
                return tree.And(tuple(self.put(item, within) for item in items), node.span)
            case tree.Or(items):
                return tree.Or(tuple(self.put(item, within) for item in items), node.span)
            case tree.Not(item):
                return tree.Not(self.put(item, within), node.span)
            case tree.View(names):
                found = [self.view(name, node, within) for name in names]
                return found[0] if len(found) == 1 else tree.Or(tuple(found), node.span)
            case tree.Desk(names):
                at = [self.desk(name, node, within) for name in names]
                return at[0] if len(at) == 1 else tree.Or(tuple(at), node.span)
            case tree.Late():
                return self.late(node, within)
            case tree.Facet("assignee", values) if self.book.me and ME in values:
                return replace(node, values=tuple(self.book.me if one == ME else one for one in values))
            case tree.Facet() if self.lists(node):
                return replace(node, values=self.values(node))
        return node

    def lists(self, node: tree.Facet) -> bool:
        """Whether it names a list; asked once of a part that comes thousands of times."""
        found = self._lists.get(id(node))
        if found is None:
            found = self._lists[id(node)] = node.name in LISTED and any(one.startswith("@") for one in node.values)
        return found

    def inside(self, name: str, node: tree.Node, within: tuple[str, ...]) -> tuple[str, ...]:
        """One step further in. Raises QueryError where that leads back."""
        if name in within:
            path = " → ".join((*within[within.index(name) :], name))
            kind = name.partition(":")[0] if name != LATE else "desk"
            raise QueryError(f"a {kind} cannot hold itself: {path}", *_place(node), f"take {name} out of one of them")
        return (*within, name)

    def desk(self, name: str, node: tree.Desk, within: tuple[str, ...]) -> tree.Node:
        found = self.book.desks.get(name)
        if found is None:
            if self.strict:
                raise _unknown(f"there is no desk {name}", "desk:", name, self.book.desks, node)
            return tree.Desk((name,), node.span)
        within = self.inside(f"desk:{name}", node, within)
        return tree.And((self.put(found.query, within), _OF_A_TOPIC), node.span)

    def late(self, node: tree.Late, within: tuple[str, ...]) -> tree.Node:
        within = self.inside(LATE, node, within)
        waiting: list[tree.Node] = []
        for name, one in self.book.desks.items():
            if one.within is not None and (not node.names or name in node.names):
                its = self.put(one.query, self.inside(f"desk:{name}", node, within))
                waiting.append(tree.And((its, tree.Time("seen", None, tree.Overdue(one.within, one.service)))))
        return tree.And((*WAITS, _OF_A_TOPIC, tree.Or(tuple(waiting))), node.span)

    def view(self, name: str, node: tree.View, within: tuple[str, ...]) -> tree.Node:
        within = self.inside(f"view:{name}", node, within)
        query = self.book.views.get(name)
        if query is None:
            if self.strict:
                raise _unknown(f"there is no view {name}", "view:", name, self.book.views, node)
            return tree.View((name,), node.span)
        return self.put(query, within)

    def values(self, node: tree.Facet) -> tuple[str, ...]:
        found: list[str] = []
        for value in node.values:
            known = self.book.lists.get(value[1:]) if value.startswith("@") else None
            if known is not None:
                found += known
            elif self.strict and value.startswith("@") and node.name != "author":
                raise _unknown(f"there is no list {value}", f"{node.name}:@", value[1:], self.book.lists, node)
            else:
                found.append(value)
        return tuple(dict.fromkeys(found))


def _place(node: tree.Node) -> tuple[int, int]:
    return node.span[0], node.span[1] - node.span[0]


def _unknown(message: str, before: str, name: str, known: Mapping[str, object], node: tree.Node) -> QueryError:
    meant = suggestion(name, known)
    hint = f"did you mean {before}{meant}" if meant else f"there are {', '.join(known)}" if known else "there are none"
    return QueryError(message, *_place(node), hint, [f"{before}{each}" for each in known])
