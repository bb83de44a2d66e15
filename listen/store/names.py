"""Which topics, sources and authors a query means by their names."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import lru_cache

from listen import service
from listen.query import QueryError, parse, tree
from listen.query.attributes import called
from listen.query.book import Book, OfDesk, listed
from listen.store import customers
from listen.store.normal import Kept
from listen.store.sql import authors
from listen.store.sqlite import Connection
from listen.text import fold

MOST_AUTHORS = 5_000
"""Authors who are looked for as such; of more, each mention's author is asked for the names."""

MOST_BEGUN = 200
"""The same for names that only begin so: `author:a*` may mean everybody."""


def of_network(connection: Connection, written: str) -> tuple[str, str]:
    """(network, name) of `mastodon/claire@example` or `mastodon:claire@example`; "" where no network stands before."""
    for mark in "/:":
        network, found, name = written.strip().partition(mark)
        if found and name and connection.execute("SELECT 1 FROM networks WHERE name = ?", (network,)).fetchone():
            return network, name.strip()
    return "", written.strip()


_CALLED = (
    "a.handle_key = j.value",
    "a.handle_key >= j.value || '@' AND a.handle_key < j.value || 'A'",
    "a.name_key = j.value",
)
"""The ways in which an author can have a name, each of which uses one index."""


class Names:
    """Looks names up in the store, inside the caller's transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._known: dict[tuple[Kept, tuple[str, ...]], set[int] | None] = {}
        self._listed: dict[Kept, dict[str, set[int]]] = {}

    def ids(self, what: Kept, names: Sequence[str]) -> set[int] | None:
        """Ids of the topics, sources or authors with one of these folded names, or of the authors in these segments.

        None for too many authors.
        """
        key = what, tuple(names)
        if key not in self._known:
            self._known[key] = self._looked_up(what, names)
        return self._known[key]

    def _looked_up(self, what: Kept, names: Sequence[str]) -> set[int] | None:
        match what:
            case "author":
                return self._authors(names)
            case "segment":
                return customers.accounts(self._connection, names, MOST_AUTHORS)
        return self._kept(what, names)

    def _kept(self, what: Kept, names: Sequence[str]) -> set[int]:
        listed = self.there_are(what)
        return {number for name in names for number in listed.get(name, ())}

    def there_are(self, what: Kept) -> dict[str, set[int]]:
        """The folded names of all topics, or of all sources and their adapters, with the ids of each."""
        if what not in self._listed:
            columns = "name, NULL FROM topics WHERE active" if what == "topic" else "name, adapter FROM sources"
            listed = self._listed[what] = {}
            for number, *each in self._connection.execute(f"SELECT id, {columns}"):
                for name in filter(None, each):
                    listed.setdefault(fold(name), set()).add(number)
        return self._listed[what]

    def _authors(self, names: Sequence[str]) -> set[int] | None:
        found = self._begun([name for name in names if name.endswith("*")])
        whole = [called(name) for name in names if not name.endswith("*")]
        if found is None or not whole:
            return found
        for condition in _CALLED:
            sql = f"SELECT a.id FROM json_each(?) AS j CROSS JOIN authors AS a ON {condition} LIMIT {MOST_AUTHORS + 1}"  # noqa: S608
            found.update(row[0] for row in self._connection.execute(sql, (json.dumps(whole),)))
            if len(found) > MOST_AUTHORS:
                return None
        return found

    def _begun(self, names: Sequence[str]) -> set[int] | None:
        found: set[int] = set()
        conditions, values = authors(names)
        for at, condition in enumerate(conditions):
            sql = f"SELECT id FROM authors WHERE {condition} LIMIT {MOST_BEGUN + 1}"  # noqa: S608
            found.update(row[0] for row in self._connection.execute(sql, values[2 * at : 2 * at + 2]))
            if len(found) > MOST_BEGUN:
                return None
        return found


@lru_cache(maxsize=4)
def book(views: str, lists: str, desks: str = "[]") -> Book:
    """Saved queries and lists as the mirror keeps them (JSON); a query that cannot be read is one that is not there."""
    found: dict[str, tree.Node] = {}
    for view in json.loads(views):
        try:
            found[fold(view["name"])] = parse(view["query"])
        except QueryError:
            continue
    held: dict[str, OfDesk] = {}
    for one in service.read(desks):
        try:
            held[fold(one.name)] = OfDesk(parse(one.query), one.within if one.promises else None, one.service)
        except QueryError:
            continue
    return Book(found, {fold(name): listed(tuple(values)) for name, values in json.loads(lists).items()}, held)
