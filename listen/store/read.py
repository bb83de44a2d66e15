"""Reading the store: pages of mentions by query, and all that is known of them."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from listen.model import Mention, first_id
from listen.query import QueryError, tree
from listen.query.match import Subject
from listen.store import patterns, records
from listen.store.crowd import Crowd
from listen.store.names import Names
from listen.store.normal import normal
from listen.store.plan import Plan, plan
from listen.store.pulse import Numbers, Totals
from listen.store.rank import BATCH, By, Ranked, Ranking, merged
from listen.store.search import FOREVER
from listen.store.sql import HOLDS, HOLDS_WHOLE, Check
from listen.store.sqlite import Connection, connect_reader, identity, sqlite3
from listen.store.walk import walk
from listen.text import fold

if TYPE_CHECKING:
    from listen.query.errors import Hint
    from listen.store.alerts import Alert, Event, Figures, Silence
    from listen.store.answers import Times
    from listen.store.around import Around, Before
    from listen.store.conversation import Conversation
    from listen.store.copies import Spread, Stories
    from listen.store.growth import Counted
    from listen.store.handled import Handled
    from listen.store.labels import Asked
    from listen.store.lately import Told
    from listen.store.marks import Mark
    from listen.store.noise import Verdict
    from listen.store.relevant import Said
    from listen.store.samples import Case, Kept, Member
    from listen.store.sweep import Heed, Swept
    from listen.store.tally import Memory, Tally
    from listen.store.vocabulary import Heard


def named(node: tree.Node) -> bool:
    """Whether the part is a name that a person has given to something."""
    return isinstance(node, tree.View | tree.Desk | tree.Late) or (
        isinstance(node, tree.Facet)
        and (node.name == "assignee" or any(value.startswith("@") for value in node.values))
    )


BUDGET = 0.035
"""Seconds after which a first answer says what it has, which leaves a screen some time to show it within 50 ms."""

TOLD = 0.25
"""The same for stories: a row that says fewer copies than there are means fewer of them to its verbs, too."""

FRUGAL = -1_000
"""Size of a reader's cache, as SQLite has it, while it reads what it does not come back to: 1 MB."""

INTERRUPTED = 9
"""SQLITE_INTERRUPT."""

TOKENISED = 256
"""Mentions whose words are kept: one queue after the other asks the same ones that came in."""

LONG = 4_000
"""Characters of a text from which on no other is kept beside it."""

BEFORE_BUDGET = 0.02
"""Seconds for what an author has said before: it is told beside a text that somebody wants to read."""


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


class Reader(Crowd):
    """One read-only connection, for any thread, one question at a time: who wants two answers at once opens two.

    Each question is one short read transaction. Raises `StoreError` when the store cannot be opened.
    """

    def __init__(self, path: str | Path, who: str = "") -> None:
        """`who` asks: `assignee:me` is that person."""
        self._path, self._file = path, identity(path)
        self.asker = fold(who)
        self._lock = threading.RLock()
        self._deadline = math.inf
        self._stops = 0
        self._asked_at: int | None = None
        self._checks: tuple[Check, ...] = ()
        self._subjects: dict[int, Subject] = {}
        self.totals = Totals()
        self._tallies: dict[tree.Node, Memory] = {}
        self._connection = connect_reader(path, progress=self._must_end)
        self._connection.create_function(patterns.BEYOND, 2, patterns.beyond, deterministic=True)
        self._connection.create_function(HOLDS, 5, self._holds)
        self._connection.create_function(HOLDS_WHOLE, 2, self._holds_whole)

    def __enter__(self) -> Reader:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop what runs and close the connection."""
        self.stop()
        with self._lock:
            self._connection.close()

    @property
    def moved(self) -> bool:
        """Whether the file was deleted or replaced since it was opened: what is read is not what others write."""
        return identity(self._path) != self._file

    @contextmanager
    def frugal(self) -> Iterator[None]:
        """For one long way through the store: pages that are read once are not worth their memory."""
        with self._lock:
            (before,) = self._connection.execute("PRAGMA cache_size").fetchone()
            self._connection.execute(f"PRAGMA cache_size={FRUGAL}")
        try:
            yield
        finally:
            with self._lock:
                self._connection.execute(f"PRAGMA cache_size={before}")

    def stop(self) -> None:
        """From any thread: queries that run or wait now end within some 10 ms with what they have."""
        self._stops += 1

    # --- queries -----------------------------------------------------------------------------------------------------

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

    def times(self, ids: Sequence[int]) -> list[Times]:
        """When these mentions came in, were answered and dealt with; see `listen.store.answers`."""
        from listen.store import answers

        with self._question() as connection:
            return answers.times(connection, ids)

    def counted_between(self, since: float, until: float) -> dict[str, tuple[int, int]]:
        """Active topic -> (its mentions of that time (Unix seconds) that count, the stories that they tell)."""
        from listen.store import lately

        with self._question() as connection:
            return lately.counted(connection, since, until)

    def numbers_between(self, topic: str, since: float, until: float) -> Numbers:
        """A topic's numbers of that time (Unix seconds), to the second; see `listen.store.lately`."""
        from listen.store import lately

        with self._question() as connection:
            return lately.numbers(connection, topic, since, until)

    def marks(self, since: float, until: float, topic: str | None = None) -> list[Mark]:
        """What happened in that time (Unix seconds), oldest first; with a topic what is about it, or about all."""
        from listen.store import marks

        with self._question() as connection:
            return marks.marks(connection, since, until, topic)

    def told_between(self, since: float, until: float, most: int, slices: int) -> list[Told]:
        """Mentions of active topics that count, of so many slices of a time; see `listen.store.lately`."""
        from listen.store import lately

        with self._question() as connection:
            return lately.told(connection, since, until, most, slices)

    def topics_asked(self) -> list[tree.Node]:
        """The queries of the active topics."""
        from listen.query import parse

        with self._question() as connection:
            return [parse(row[0]) for row in connection.execute("SELECT query FROM topics WHERE active")]

    def forget_tallies(self) -> None:
        """Count anew the next time."""
        self._tallies.clear()

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
        query = self.meant(query)
        ids: list[int] = []
        high = FOREVER if before is None else before
        best, at, complete = list(best), high - 1, False
        with self._question() as connection:
            topics = _topics(connection, toward)
        with self._question(budget, query) as connection, self._ended():
            for at, holds in walk(connection, self._plan(query, now), 0, high, pause=self._pause):
                if holds and (not ids or ids[-1] != at):
                    if len(ids) == BATCH:
                        best, ids = merged(connection, by, best, ids, limit, topics), []
                    ids.append(at)
            complete = True
        with self._question() as connection:
            best = merged(connection, by, best, ids, limit, topics)
        if complete:
            return Ranking(best, 0, True)
        # Another branch may still have had this id to offer.
        return Ranking(best, at if ids and ids[-1] == at else at + 1, False)

    def explain(self, query: tree.Node, *, now: float) -> Plan:
        """How a query would be answered."""
        query = self.meant(query)
        with self._question(None) as connection:
            return plan(query, Names(connection).ids, now)

    def meant(self, query: tree.Node) -> tree.Node:
        """`resolved` for those who ask nobody: a query that leads back to itself finds nothing."""
        if not any(named(part) for part in tree.walk(query)):
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

    def _plan(self, query: tree.Node, now: float) -> Plan:
        made = plan(query, Names(self._connection).ids, now)
        self._use(made.checks)
        return made

    def _use(self, checks: tuple[Check, ...]) -> None:
        """What the SQL functions ask from now on."""
        self._checks = checks

    def heard(self, kind: str, start: str, limit: int = 40, budget: float = BUDGET) -> list[Heard]:
        """Names that begin so, as far as they are found in `budget` seconds; see `listen.store.vocabulary`."""
        from listen.store.vocabulary import heard

        found: list[Heard] = []
        with self._question(budget) as connection, self._ended():
            found = heard(connection, kind, start, limit)
        return found

    def spread(self) -> list[tuple[int, int, int]]:
        """Where the mentions lie: (lowest id, the one after the highest, how many), oldest first, in even portions."""
        from listen.store import search

        with self._question() as connection:
            parts = search.load(connection)
        return [(part.min_id, part.max_id + 1, part.count) for part in parts if part.count]

    def changing(self) -> dict[str, str]:
        """Topics whose history is being matched -> the query that it is matched against, which they are to have."""
        from listen.store.generations import BUILDING, FILLING, of_state

        with self._question() as connection:
            return {one.name: one.query for one in of_state(connection, FILLING, BUILDING)}

    def handled(self, since: float, until: float, topics: bool = True) -> list[Handled]:
        """What became of the mentions of a time (Unix seconds) that people dealt with; see `listen.store.handled`."""
        from listen.store import handled

        with self._question() as connection:
            return handled.handled(connection, first_id(since), first_id(until), topics)

    def labelled(self, asked: Asked, ids: Sequence[int]) -> dict[int, bool]:
        """What people said of these mentions of a query; see `listen.store.labels`."""
        from listen.store import labels

        with self._question() as connection:
            return labels.labelled(connection, asked, ids)

    def samples(self) -> list[Kept]:
        """The random samples that people label blind, the last one first; see `listen.store.samples`."""
        from listen.store import samples

        with self._question() as connection:
            return samples.every(connection)

    def sampled(self, sample_id: int, who: str) -> tuple[list[Member], dict[int, int]]:
        """(what is left of a sample, what one person said of it: -1, 0 or 1)."""
        from listen.store import samples

        with self._question() as connection:
            return samples.members(connection, sample_id), samples.said_by(connection, sample_id, who)

    def cases(self, sample_ids: Sequence[int]) -> list[Case]:
        """The mentions of these samples that somebody labelled."""
        from listen.store import samples

        with self._question() as connection:
            return samples.cases(connection, sample_ids)

    # --- mentions ----------------------------------------------------------------------------------------------------

    def rows(self, ids: Sequence[int], toward: str | None = None) -> list[records.Row]:
        """Light rows for lists, in the order of `ids`; those that are gone are left out.

        `toward` is the folded name of a topic: their scores are those toward it, where they match it.
        """
        with self._question() as connection:
            topics = _topics(connection, toward)
            return records.rows_toward(connection, ids, topics) if topics else records.rows(connection, ids)

    def mentions(self, ids: Sequence[int]) -> list[Mention]:
        """Whole mentions, in the order of `ids`; those that are gone are left out."""
        with self._question() as connection:
            return records.mentions(connection, ids)

    def mention(self, mention_id: int) -> Mention | None:
        """One whole mention, None when there is none."""
        found = self.mentions([mention_id])
        return found[0] if found else None

    def around(self, mention: Mention) -> Around:
        """What stands around a mention."""
        from listen.store import around

        with self._question() as connection:
            return around.around(connection, mention)

    def conversation(self, mention: Mention) -> Conversation:
        """The conversation around a mention, as far as it is stored."""
        from listen.store import conversation

        with self._question() as connection:
            return conversation.conversation(connection, mention)

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

    def stories_of(self, ids: Sequence[int]) -> int:
        """How many stories these mentions tell; one that nobody else tells is a story, too."""
        from listen.store import retold

        with self._question() as connection:
            told = retold.stories(connection, ids)
        return len(ids) - len(told) + len(set(told.values()))

    def story(self, number: int) -> Spread | None:
        """How a story went round; None when nobody else tells it."""
        from listen.store import copies

        with self._question() as connection:
            return copies.spread(connection, number)

    def growth(self, mention_id: int) -> list[Counted]:
        """How its counts grew, oldest first; [] when they did not, as far as that was seen."""
        from listen.store import growth

        with self._question() as connection:
            return growth.of(connection, mention_id)

    def said_before(self, mention_id: int, budget: float | None = BEFORE_BUDGET) -> Before:
        """What its author has said before it, as far as that is counted within `budget` seconds."""
        from listen.store import around

        before = around.Before()
        with self._question(budget) as connection, self._ended():
            for before in around.said_before(connection, mention_id):  # noqa: B007 - the last one is kept
                pass
        return before

    def verdict(self, mention_id: int) -> Verdict:
        """Why a mention is noise, or is not; see `listen.store.noise`."""
        from listen.store import noise

        with self._question() as connection:
            return noise.verdict(connection, mention_id)

    def noise_patterns(self) -> dict[str, str]:
        """Name -> query of the patterns of noise that count."""
        from listen.store import noise

        with self._question() as connection:
            return {name: query for name, (query, _) in noise.patterns(connection).items()}

    def relevant(self, since: float, topic: str | None = None, limit: int = 5_000) -> list[Said]:
        """Mentions of active topics (or one) that count, the newest `limit` since then; see `listen.store.relevant`."""
        from listen.store import relevant

        with self._question() as connection:
            return relevant.said(connection, first_id(since), topic, limit)

    def gain(self, source: str, since: float) -> tuple[int, int] | None:
        """(mentions first heard in a source, how many of them are relevant); None for an unknown source."""
        from listen.store import relevant

        with self._question() as connection:
            return relevant.gain(connection, source, first_id(since))

    # --- alerts ------------------------------------------------------------------------------------------------------

    def alerts(
        self, *, since: float = 0.0, open_only: bool = False, rule: str | None = None, limit: int = 500
    ) -> list[Alert]:
        """What fires, waits or was over since then; see `listen.store.alerts`."""
        from listen.store import alerts

        with self._question() as connection:
            return alerts.alerts(connection, since=since, open_only=open_only, rule=rule, limit=limit)

    def alert(self, alert_id: int) -> tuple[Alert, list[Event]] | None:
        """One alert with what became of it; None for no such number."""
        from listen.store import alerts

        with self._question() as connection:
            found = alerts.alert(connection, alert_id)
            return None if found is None else (found, alerts.events(connection, alert_id))

    def firing(self) -> list[Alert]:
        """What fires and nobody has taken note of, pages first."""
        from listen.store import alerts

        with self._question() as connection:
            return alerts.firing(connection)

    def silences(self, now: float | None = None) -> list[Silence]:
        """All silences, newest first; with a time those that stand then."""
        from listen.store import alerts

        with self._question() as connection:
            return alerts.silences(connection, now)

    def alert_figures(self, since: float) -> list[Figures]:
        """How often each rule has fired since then, and what people said of it."""
        from listen.store import alerts

        with self._question() as connection:
            return alerts.figures(connection, since)

    # --- questions ---------------------------------------------------------------------------------------------------

    @contextmanager
    def interruptible(self) -> Iterator[tuple[Connection, Callable[[], None]]]:
        """The same for what takes longer: it ends with its block when `stop()` is called.

        With it comes what has to be called between statements that are each too short to be stopped.
        """
        with self._question(None) as connection, self._ended():
            yield connection, self._pause

    def snapshot(self) -> AbstractContextManager[Connection]:
        """One read transaction, for who counts in a way of their own."""
        return self._question()

    @contextmanager
    def _question(self, budget: float | None = math.inf, query: tree.Node | None = None) -> Iterator[Connection]:
        """A read transaction, which ends by the deadline or by `stop()` when it has a budget (None: no deadline)."""
        stoppable = budget != math.inf
        asked_at, deadline = self._stops, math.inf if budget is None else time.monotonic() + budget
        with self._lock:
            if query is not None:
                patterns.show(self._connection, query)
            self._connection.execute("BEGIN")
            if stoppable:
                self._asked_at, self._deadline = asked_at, deadline
            try:
                yield self._connection
            except sqlite3.OperationalError as error:
                if self._was_ctrl_c(error):
                    raise KeyboardInterrupt from None
                raise
            finally:
                self._asked_at, self._deadline = None, math.inf
                # SQLite ends it itself when it is interrupted while it makes a temporary table.
                if self._connection.in_transaction:
                    self._connection.execute("COMMIT")

    def _must_end(self) -> bool:
        """SQLite asks this every few steps of a query."""
        if self._asked_at is None:
            return False
        return self._asked_at != self._stops or time.monotonic() > self._deadline

    def _pause(self) -> None:
        """End as SQLite would: between two statements, of which each may be too short for it to ask."""
        if self._must_end():
            raise sqlite3.OperationalError("interrupted")

    def _was_ctrl_c(self, error: sqlite3.OperationalError) -> bool:
        """Whether it came while SQLite asked `_must_end`: whatever is raised there ends the query, and is not told."""
        return getattr(error, "sqlite_errorcode", 0) == INTERRUPTED and not self._must_end()

    @contextmanager
    def _ended(self) -> Iterator[None]:
        """Goes on behind its block when the question has to end; what was found by then stays."""
        try:
            yield
        except sqlite3.OperationalError as error:
            if self._was_ctrl_c(error) or ("interrupted" not in str(error) and not self._must_end()):
                raise

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


def _topics(connection: Connection, folded: str | None) -> list[int]:
    """The ids of the topic of that name."""
    return sorted(Names(connection).ids("topic", (folded,)) or ()) if folded else []
