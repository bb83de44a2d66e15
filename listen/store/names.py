"""Which topics, sources and authors a query means by their names."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import lru_cache

from listen.query import QueryError, parse, tree
from listen.query.book import Book, listed
from listen.store.normal import Kept
from listen.store.sql import authors
from listen.store.sqlite import Connection
from listen.text import fold

MOST_AUTHORS = 200
"""Authors of one name who are looked for as such; of more, each mention's author is asked for the name."""


class Names:
    """Looks names up in the store, inside the caller's transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def ids(self, what: Kept, names: Sequence[str]) -> set[int] | None:
        """Ids of the topics, sources or authors with one of these folded names; None for too many authors."""
        if what == "author":
            return self._authors(names)
        if what == "topic":
            rows = self._connection.execute("SELECT id, name, NULL FROM topics WHERE active").fetchall()
        else:
            rows = self._connection.execute("SELECT id, name, adapter FROM sources").fetchall()
        wanted = set(names)
        return {number for number, *called in rows if any(name and fold(name) in wanted for name in called)}

    def _authors(self, names: Sequence[str]) -> set[int] | None:
        found: set[int] = set()
        conditions, values = authors(names)
        at = 0
        for condition in conditions:
            bound = values[at : (at := at + condition.count("?"))]
            sql = f"SELECT id FROM authors WHERE {condition} LIMIT {MOST_AUTHORS + 1}"  # noqa: S608
            found.update(row[0] for row in self._connection.execute(sql, bound))
            if len(found) > MOST_AUTHORS:
                return None
        return found


@lru_cache(maxsize=4)
def book(views: str, lists: str) -> Book:
    """Saved queries and lists as the mirror keeps them (JSON); a query that cannot be read is one that is not there."""
    found: dict[str, tree.Node] = {}
    for view in json.loads(views):
        try:
            found[fold(view["name"])] = parse(view["query"])
        except QueryError:
            continue
    return Book(found, {fold(name): listed(tuple(values)) for name, values in json.loads(lists).items()})
