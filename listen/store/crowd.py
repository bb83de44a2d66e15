"""The part of a reader that knows who talks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, cast

from listen.store.finding import Finding, Page
from listen.store.sqlite import Connection

if TYPE_CHECKING:
    from listen.query import tree
    from listen.store.people import Joined, Who
    from listen.store.voices import Voices


class Crowd(Finding):
    """Persons and what they said."""

    def voices(
        self,
        query: tree.Node,
        topic: str | None = None,
        *,
        before: int | None = None,
        most: int = 100_000,
        budget: float | None,
        now: float,
    ) -> Voices:
        """Who said what of a query, of `most` mentions with id < `before`, newest first, for `budget` seconds.

        With `topic` (its name) tone is the one toward it. Own words, noise and what was dismissed count only for a
        query that asks for them.
        """
        from listen.store import voices

        query = self.meant(query)
        counts = voices.excluded(query)
        number = self._ask(voices.topic_number, topic)
        cells: list[voices.Cell] = []
        looked = 0

        def take(connection: Connection, ids: list[int]) -> bool:
            nonlocal looked
            cells.extend(voices.cells(connection, ids, number, counts))
            looked += len(ids)
            return looked < most

        back_to = self._in_portions(query, before, voices.CHUNK, budget, now, take)
        return voices.Voices(cells, looked, back_to, not back_to)

    def who(self, persons: Sequence[int]) -> list[Who]:
        """These persons with all of their accounts, in order; those who are gone are left out."""
        from listen.store import people

        return self._ask(people.who, persons)

    def followed(self, persons: Iterable[int], limit: int) -> list[int]:
        """Those of these persons of whom it is known how many follow them, most followed first."""
        from listen.store import people

        return self._ask(people.followed, persons, limit)

    def called(self, persons: Iterable[int], part: str) -> set[int]:
        """Those of these persons in whose handles, names or segments this occurs."""
        from listen.store import people

        return self._ask(people.called, persons, part)

    def persons(self, written: str) -> list[int]:
        """The persons who are meant by a handle or a name; see `listen.store.people.found`."""
        from listen.store import people

        return self._ask(people.found, written)

    def joined(self, person: int) -> list[Joined]:
        """Why a person's accounts are taken for one."""
        from listen.store import people

        return self._ask(people.joined, person)

    def answering_us(self, ids: Sequence[int]) -> set[int]:
        """Those of these mentions that answer something of ours."""
        from listen.store import people

        return self._ask(people.answering_us, ids)

    def said_by(self, person: int, limit: int, budget: float | None = None, *, now: float) -> Page:
        """The newest mentions of all accounts of a person."""
        from listen.query import tree
        from listen.store import people
        from listen.store.normal import Held

        with self._question() as connection:
            accounts = people.accounts_of(connection, person)
        held = Held("author", tuple(accounts), tree.Facet("author", ()))
        return self.page(cast("tree.Node", held), limit=limit, budget=budget, now=now)
