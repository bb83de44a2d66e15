"""Who said it: one row for each handle of a network, kept up to date as posts tell more."""

from __future__ import annotations

from collections.abc import Iterable

from listen import text
from listen.model import Author
from listen.store.sqlite import Connection

REMEMBERED = 50_000
"""Authors kept in memory, so that those who say much cost nothing."""

Known = tuple[int, str | None, str | None, int | None]
"""(id, name, url, followers) as stored."""


class Authors:
    """Ids of authors, making and updating their rows inside the caller's transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._ids: dict[tuple[int, str], int] = {}  # (network, handle as spelled or folded)
        self._known: dict[int, Known] = {}
        self._next = 0

    def forget(self) -> None:
        """After a rollback: what was remembered may not exist."""
        self._ids.clear()
        self._known.clear()
        self._next = 0

    def ids(self, authors: Iterable[tuple[int, Author | None]]) -> list[int | None]:
        """The id of each (network id, author), None for nobody."""
        if len(self._known) > REMEMBERED:
            self._ids.clear()
            self._known.clear()
        new: list[tuple[object, ...]] = []
        changed: list[tuple[object, ...]] = []
        found = [None if author is None else self._one(network, author, new, changed) for network, author in authors]
        if new:
            self._connection.executemany("INSERT INTO authors VALUES (?,?,?,?,?,?,?,?)", new)
        if changed:
            self._connection.executemany(
                "UPDATE authors SET name=?, name_key=?, url=?, followers=? WHERE id=?", changed
            )
        return found

    def _one(
        self, network: int, author: Author, new: list[tuple[object, ...]], changed: list[tuple[object, ...]]
    ) -> int:
        spelled = (network, author.handle)
        known = self._known.get(self._ids.get(spelled, 0))
        if known is None:
            folded = text.fold(author.handle)
            known = self._known.get(self._ids.get((network, folded), 0)) or self._stored(network, folded)
            if known is None:
                known = (self._number(), author.name, author.url, author.followers)
                new.append((known[0], network, author.handle, *known[1:], folded, _key(author.name)))
            self._ids[spelled] = self._ids[network, folded] = known[0]
        number, name, url, followers = known
        # What a post does not tell is no news.
        told = (
            number, author.name or name, author.url or url, followers if author.followers is None else author.followers
        )  # fmt: skip
        if told != known:
            changed.append((told[1], _key(told[1]), told[2], told[3], number))
        self._known[number] = told
        return number

    def _stored(self, network: int, folded: str) -> Known | None:
        row = self._connection.execute(
            "SELECT id, name, url, followers FROM authors WHERE handle_key=? AND network_id=?", (folded, network)
        ).fetchone()
        return row and (row[0], row[1], row[2], row[3])

    def _number(self) -> int:
        if not self._next:
            (highest,) = self._connection.execute("SELECT max(id) FROM authors").fetchone()
            self._next = (highest or 0) + 1
        self._next += 1
        return self._next - 1


def _key(name: str | None) -> str | None:
    """How a name is looked for."""
    return text.fold(name) if name else None
