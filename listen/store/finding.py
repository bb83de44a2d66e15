"""What a query finds: its mentions page by page, how many they are, and the stories that they tell."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from listen.model import Mention
from listen.query import QueryError, tree
from listen.query.match import Subject
from listen.store import patterns, records
from listen.store.names import Names
from listen.store.normal import normal
from listen.store.plan import Plan, plan
from listen.store.rank import BATCH, By, Ranked, Ranking, merged
from listen.store.running import Running
from listen.store.search import FOREVER
from listen.store.sql import HOLDS, HOLDS_WHOLE, Check
from listen.store.sqlite import Connection
from listen.store.walk import walk

if TYPE_CHECKING:
    from listen.query.errors import Hint
    from listen.store.copies import Stories
    from listen.store.sweep import Heed, Swept
    from listen.store.tally import Memory, Tally

BUDGET = 0.035
"""Seconds after which a first answer says what it has, which leaves a screen some time to show it within 50 ms."""

TOLD = 0.25
"""The same for stories: a row that says fewer copies than there are means fewer of them to its verbs, too."""

TOKENISED = 256
"""Mentions whose words are kept: one queue after the other asks the same ones that came in."""

LONG = 4_000
"""Characters of a text from which on no other is kept beside it."""


class Page(NamedTuple):
    """Mentions of a query, newest first."""

    ids: list[int]
    back_to: int
    """Everything from here on was looked at (for a page upwards: everything up to here). The next page goes on `before`
    (or `after`) it."""
    complete: bool
    """The page is full, or there are no more."""


class Count(NamedTuple):
    n: int
    complete: bool
    """False: at least so many, for want of time or because the cap was reached."""


def _named(node: tree.Node) -> bool:
    """Whether the part is a name that a person has given to something."""
    return isinstance(node, tree.View | tree.Desk | tree.Late) or (
        isinstance(node, tree.Facet)
        and (node.name == "assignee" or any(value.startswith("@") for value in node.values))
    )


def topic_ids(connection: Connection, folded: str | None) -> list[int]:
    """The ids of the topic of that folded name."""
    return sorted(Names(connection).ids("topic", (folded,)) or ()) if folded else []


class Finding(Running):
    """The part of a reader that answers queries."""

    def __init__(self, path: str | Path, who: str = "") -> None:
        super().__init__(path, who)
        self._checks: tuple[Check, ...] = ()
        self._subjects: dict[int, Subject] = {}
        self._tallies: dict[tree.Node, Memory] = {}
        self._connection.create_function(patterns.BEYOND, 2, patterns.beyond, deterministic=True)
        self._connection.create_function(HOLDS, 5, self._holds)
        self._connection.create_function(HOLDS_WHOLE, 2, self._holds_whole)

    def page(
        self,
        query: tree.Node,
        *,
        before: int | None = None,
        after: int | None = None,
        limit: int = 200,
        budget: float | None = BUDGET,
        now: float,
    ) -> Page:
        """The newest `limit` mentions of a query with id < `before`; with `after`, those next above it. Newest first.

        `budget` is in seconds, None for as long as it takes; `now` is what `since:2h` counts from.
        """
        query = self.meant(query)
        low, high = 0 if after is None else after + 1, FOREVER if before is None else before
        found: list[int] = []
        down = after is None
        at = high - 1 if down else low
        complete = False
        with self._question(budget, query) as connection, self._ended():
            for at, holds in walk(connection, self._plan(query, now), low, high, down, pause=self._pause):
                if holds and (not found or found[-1] != at):
                    found.append(at)
                    if len(found) >= limit:
                        break
            complete = True
        if complete and len(found) < limit:
            at = low if down else high
        elif not found or found[-1] != at:
            # Another branch may still have had this id to offer.
            at += 1 if down else -1
        return Page(found if down else found[::-1], at, complete)

    def sweep(self, query: tree.Node, low: int, high: int, most: int, heed: Heed, *, now: float) -> Swept:
        """The newest `most` mentions of a query that count, of those with low <= id < high; see `listen.store.sweep`.

        After `stop()`: those that were found till then.
        """
        from listen.store.sweep import Swept, sweep

        query, found = self.meant(query), Swept(high)
        with self._question(None, query) as connection, self._ended():
            sweep(connection, self._plan(query, now), low, high, most, found, heed)
        return found

    def count(self, query: tree.Node, cap: int | None = 1000, budget: float | None = BUDGET, *, now: float) -> Count:
        """How many mentions a query has, up to `cap` (None: all) and for `budget` seconds (None: to the end)."""
        query, n, last = self.meant(query), 0, -1
        complete = False
        with self._question(budget, query) as connection, self._ended():
            for at, holds in walk(connection, self._plan(query, now), 0, FOREVER, pause=self._pause):
                if holds and at != last:
                    if n == cap:
                        return Count(n, False)
                    n, last = n + 1, at
            complete = True
        return Count(n, complete)

    def tally(self, query: tree.Node, cap: int = 1000, budget: float | None = BUDGET, *, now: float) -> Tally:
        """The same with the oldest of them, for who asks again and again: what is known is brought up to date.

        What could not be counted within `budget` seconds is gone on with the next time.
        """
        from listen.store import tally

        query = self.meant(query)
        memory, known = self._tallies.pop(query, None), False
        with self._question(budget, query) as connection, self._ended():
            node = normal(query, Names(connection).ids)
            if memory is not None and memory.node == node:
                known = tally.caught_up(connection, memory, cap, now, self._use)
            if not known:
                memory = tally.begun(connection, node, now)
            assert memory is not None
            if memory.back_to and len(memory.ids) <= cap:
                tally.look(connection, memory, self._plan(query, now), cap, self._pause)
            tally.fold(connection, memory)
            known = True
        if memory is None:
            return tally.Tally(0, False, None)
        if memory.back_to and memory.ids and memory.oldest is None:
            memory.oldest = next(iter(self.page(query, after=-1, limit=1, budget=budget, now=now).ids), None)
        if tally.steady(memory.node):
            while len(self._tallies) >= tally.REMEMBERED:
                self._tallies.pop(next(iter(self._tallies)))
            self._tallies[query] = memory
        found = memory.tally(cap)
        return found if known else found._replace(complete=False)

    def among(self, query: tree.Node, ids: Sequence[int], *, now: float) -> set[int]:
        """Those of these mentions that a query finds: for a few hundred at most."""
        from listen.store import tally

        query = self.meant(query)
        with self._question(query=query) as connection:
            return tally.fulfilling(connection, normal(query, Names(connection).ids), ids, now, self._use)

    def ranked(
        self,
        query: tree.Node,
        by: By,
        *,
        best: Sequence[Ranked] = (),
        before: int | None = None,
        limit: int = 2_000,
        budget: float | None = BUDGET,
        now: float,
        toward: str | None = None,
    ) -> Ranking:
        """The first `limit` mentions of a query by another order than time, as far as `budget` seconds reach.

        Looks from the newest back. `best` and `before` take up an earlier `Ranking` where it ended. `toward` is the
        folded name of a topic: what is worst is so toward it.
        """
        found = list(best)
        topics = self._ask(topic_ids, toward)

        def take(connection: Connection, ids: list[int]) -> bool:
            nonlocal found
            found = merged(connection, by, found, ids, limit, topics)
            return True

        back_to = self._in_portions(self.meant(query), before, BATCH, budget, now, take)
        return Ranking(found, back_to, not back_to)

    def stories(
        self, query: tree.Node, ids: Sequence[int], *, budget: float | None = TOLD, most: int | None = None, now: float
    ) -> Stories:
        """The stories of these mentions of a query, each with all of its mentions that the query has, newest first.

        Those that could not be looked through within `budget` seconds, or have more than `most`, are `partial`.
        """
        from listen.store import copies

        query = self.meant(query)
        with self._question() as connection:
            found = copies.among(connection, ids)
        if found:
            with self._question(budget, query) as connection, self._ended():
                node = normal(query, Names(connection).ids)
                found = copies.whole(connection, found, node, now, self._use, self._pause, most or copies.MOST)
        return found

    def count_stories(self, query: tree.Node, *, cap: int = 1_000, now: float) -> int:
        """How many stories the newest `cap` mentions of a query tell; one that nobody else tells is a story, too."""
        from listen.store import retold

        alone, seen = 0, set[int]()
        before: int | None = None
        while cap > 0:
            page = self.page(query, before=before, limit=min(cap, 5_000), budget=None, now=now)
            with self._question() as connection:
                told = retold.stories(connection, page.ids)
            alone, cap, before = alone + len(page.ids) - len(told), cap - len(page.ids), page.back_to
            seen.update(told.values())
            if len(page.ids) < 5_000:
                break
        return alone + len(seen)

    def explain(self, query: tree.Node, *, now: float) -> Plan:
        """How a query would be answered."""
        query = self.meant(query)
        with self._question(None) as connection:
            return plan(query, Names(connection).ids, now)

    def meant(self, query: tree.Node) -> tree.Node:
        """`resolved` for those who ask nobody: a query that leads back to itself finds nothing."""
        if not any(_named(part) for part in tree.walk(query)):
            return query
        try:
            return self.resolved(query)
        except QueryError:
            return tree.Or(())

    def strangers(self, query: tree.Node) -> list[Hint]:
        """Remarks on topics and sources that a query names and that the store does not know."""
        from listen.query.named import strangers

        with self._question() as connection:
            names = Names(connection)
            return list(strangers(query, names.there_are("topic"), names.there_are("source")))

    def resolved(self, query: tree.Node, *, strict: bool = False) -> tree.Node:
        """The query with this store's saved queries and lists in their places; see `listen.query.book.resolved`."""
        from listen.query import book

        return book.resolved(query, self.book(), strict=strict)

    def _in_portions(
        self,
        query: tree.Node,
        before: int | None,
        size: int,
        budget: float | None,
        now: float,
        take: Callable[[Connection, list[int]], bool],
    ) -> int:
        """Have `take` work through what a query finds, so many at a time, newest first, while it wants more.

        Where to go on; 0 when all of it was taken.
        """
        ids: list[int] = []
        high = FOREVER if before is None else before
        at, complete = high - 1, False
        with self._question(budget, query) as connection, self._ended():
            for at, holds in walk(connection, self._plan(query, now), 0, high, pause=self._pause):
                if holds and (not ids or ids[-1] != at):
                    if len(ids) == size:
                        more, ids = take(connection, ids), []
                        if not more:
                            break
                    ids.append(at)
            else:
                complete = True
        self._ask(take, ids)
        # Another branch may still have had this id to offer.
        return 0 if complete else at if ids and ids[-1] == at else at + 1

    def _plan(self, query: tree.Node, now: float) -> Plan:
        made = plan(query, Names(self._connection).ids, now)
        self._use(made.checks)
        return made

    def _use(self, checks: tuple[Check, ...]) -> None:
        """What the SQL functions ask from now on."""
        self._checks = checks

    def _holds(self, number: int, mention_id: int, title: str | None, text: str, url: str | None) -> bool:
        subject = self._subjects.get(mention_id)
        if subject is None or (subject.record.text, subject.record.title, subject.record.url) != (text, title, url):
            if len(self._subjects) == TOKENISED or len(text) > LONG:
                self._subjects.clear()
            subject = self._subjects[mention_id] = Subject.of(Mention(mention_id, "", "", "post", text, title, url))
        return self._checks[number].predicate(subject)

    def _holds_whole(self, number: int, mention_id: int) -> bool:
        found = records.mentions(self._connection, [mention_id])
        return bool(found) and self._checks[number].predicate(Subject.of(found[0]))
