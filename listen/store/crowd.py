"""The part of a reader that knows who talks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, cast

from listen.store.finding import Finding, Page
from listen.store.search import FOREVER

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
        from listen.store.walk import walk

        query = self.meant(query)
        counts, high = voices.excluded(query), FOREVER if before is None else before
        cells: list[voices.Cell] = []
        ids: list[int] = []
        looked, at, complete, number = 0, high - 1, False, None
        with self._question(budget, query) as connection, self._ended():
            number = voices.topic_number(connection, topic)
            for at, holds in walk(connection, self._plan(query, now), 0, high, pause=self._pause):
                if holds and (not ids or ids[-1] != at):
                    if len(ids) == voices.CHUNK:
                        cells += voices.cells(connection, ids, number, counts)
                        looked, ids = looked + len(ids), []
                        if looked >= most:
                            break
                    ids.append(at)
            else:
                complete = True
        with self._question() as connection:
            cells += voices.cells(connection, ids, number, counts)
        # Another branch may still have had this id to offer.
        back_to = 0 if complete else at if ids and ids[-1] == at else at + 1
        return voices.Voices(cells, looked + len(ids), back_to, complete)

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
