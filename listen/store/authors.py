"""Who said it: one row for each handle of a network, kept up to date as posts tell more."""

from __future__ import annotations

import json
from collections.abc import Sequence

from listen import text
from listen.model import Author
from listen.store.sqlite import Connection

REMEMBERED = 50_000
"""Authors kept in memory, so that those who say much cost nothing."""

Handle = tuple[int, str]
"""(network id, handle as spelled, or folded)"""

Known = tuple[int, str | None, str | None, int | None]
"""(id, name, url, followers) as stored."""


class Authors:
    """Ids of authors, making and updating their rows inside the caller's transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._ids: dict[Handle, int] = {}
        self._known: dict[int, Known] = {}
        self._next = 0

    def forget(self) -> None:
        """After a rollback: what was remembered may not exist."""
        self._ids.clear()
        self._known.clear()
        self._next = 0

    def ids(self, authors: Sequence[tuple[int, Author | None]]) -> list[int | None]:
        """The id of each (network id, author), None for nobody."""
        if len(self._known) > REMEMBERED:
            self._ids.clear()
            self._known.clear()
        self._recall({(network, one.handle) for network, one in authors if one is not None})
        new: list[tuple[object, ...]] = []
        changed: list[tuple[object, ...]] = []
        found = [None if one is None else self._one(network, one, new, changed) for network, one in authors]
        if new:
            self._connection.executemany("INSERT INTO authors VALUES (?,?,?,?,?,?,?,?)", new)
        if changed:
            self._connection.executemany(
                "UPDATE authors SET name=?, name_key=?, url=?, followers=? WHERE id=?", changed
            )
        return found

    def _recall(self, handles: set[Handle]) -> None:
        """Remember what is stored of these authors, by one question for all of them."""
        known = self._ids
        strange = {handle: text.fold(handle[1]) for handle in handles if handle not in known}
        wanted = {folded for (network, _), folded in strange.items() if (network, folded) not in known}
        rows = self._connection.execute(
            "SELECT network_id, handle_key, id, name, url, followers FROM authors "
            "WHERE handle_key IN (SELECT value FROM json_each(?))",
            (json.dumps(list(wanted)),),
        )
        for network, folded, *row in rows:
            known[network, folded] = row[0]
            self._known[row[0]] = (row[0], row[1], row[2], row[3])

    def _one(
        self, network: int, author: Author, new: list[tuple[object, ...]], changed: list[tuple[object, ...]]
    ) -> int:
        spelled = (network, author.handle)
        number = self._ids.get(spelled)
        if number is None:
            folded = text.fold(author.handle)
            number = self._ids.get((network, folded))
            if number is None:
                number = self._number()
                new.append(
                    (
                        number,
                        network,
                        author.handle,
                        author.name,
                        author.url,
                        author.followers,
                        folded,
                        _key(author.name),
                    )
                )
                self._known[number] = (number, author.name, author.url, author.followers)
            self._ids[spelled] = self._ids[network, folded] = number
        known = self._known[number]
        _, name, url, followers = known
        # What a post does not tell is no news.
        told = (
            number, author.name or name, author.url or url, followers if author.followers is None else author.followers
        )  # fmt: skip
        if told != known:
            changed.append((told[1], _key(told[1]), told[2], told[3], number))
            self._known[number] = told
        return number

    def _number(self) -> int:
        if not self._next:
            (highest,) = self._connection.execute("SELECT max(id) FROM authors").fetchone()
            self._next = (highest or 0) + 1
        self._next += 1
        return self._next - 1


def _key(name: str | None) -> str | None:
    """How a name is looked for."""
    return text.fold(name) if name else None
