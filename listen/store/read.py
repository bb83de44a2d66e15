"""Reading the store: what every other part asks of it, each question answered by the module that knows it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from listen.model import Mention, first_id
from listen.query import tree
from listen.store import records
from listen.store.crowd import Crowd
from listen.store.finding import BUDGET, Count, Page, topic_ids
from listen.store.health import Health
from listen.store.lessons import Lessons
from listen.store.overview import Overview
from listen.store.pulse import Numbers

if TYPE_CHECKING:
    from listen.store.alerts import Alert, Event, Figures, Silence
    from listen.store.answers import Times
    from listen.store.around import Around, Before
    from listen.store.conversation import Conversation
    from listen.store.copies import Spread
    from listen.store.growth import Counted
    from listen.store.handled import Handled
    from listen.store.labels import Asked
    from listen.store.lately import Told
    from listen.store.marks import Mark
    from listen.store.noise import Verdict
    from listen.store.relevant import Said
    from listen.store.samples import Case, Kept, Member
    from listen.store.vocabulary import Heard

__all__ = ["BUDGET", "Count", "Page", "Reader"]

BEFORE_BUDGET = 0.02
"""Seconds for what an author has said before: it is told beside a text that somebody wants to read."""


class Reader(Crowd, Overview, Lessons, Health):
    """One read-only connection to a store, for any thread; see `listen.store.question`.

    What a query finds: `listen.store.finding`; who said it: `listen.store.crowd`; topics, and what happens:
    `listen.store.overview`; what runs: `listen.store.running`; sources and channels: `listen.store.health`.
    """

    # --- mentions ----------------------------------------------------------------------------------------------------

    def rows(self, ids: Sequence[int], toward: str | None = None) -> list[records.Row]:
        """Light rows for lists, in the order of `ids`; those that are gone are left out.

        `toward` is the folded name of a topic: their scores are those toward it, where they match it.
        """
        with self._question() as connection:
            topics = topic_ids(connection, toward)
            return records.rows_toward(connection, ids, topics) if topics else records.rows(connection, ids)

    def mentions(self, ids: Sequence[int]) -> list[Mention]:
        """Whole mentions, in the order of `ids`; those that are gone are left out."""
        return self._ask(records.mentions, ids)

    def mention(self, mention_id: int) -> Mention | None:
        """One whole mention, None when there is none."""
        found = self.mentions([mention_id])
        return found[0] if found else None

    def around(self, mention: Mention) -> Around:
        """What stands around a mention."""
        from listen.store import around

        return self._ask(around.around, mention)

    def conversation(self, mention: Mention) -> Conversation:
        """The conversation around a mention, as far as it is stored."""
        from listen.store import conversation

        return self._ask(conversation.conversation, mention)

    def story(self, number: int) -> Spread | None:
        """How a story went round; None when nobody else tells it."""
        from listen.store import copies

        return self._ask(copies.spread, number)

    def stories_of(self, ids: Sequence[int]) -> int:
        """How many stories these mentions tell; one that nobody else tells is a story, too."""
        from listen.store import retold

        with self._question() as connection:
            told = retold.stories(connection, ids)
        return len(ids) - len(told) + len(set(told.values()))

    def growth(self, mention_id: int) -> list[Counted]:
        """How its counts grew, oldest first; [] when they did not, as far as that was seen."""
        from listen.store import growth

        return self._ask(growth.of, mention_id)

    def said_before(self, mention_id: int, budget: float | None = BEFORE_BUDGET) -> Before:
        """What its author has said before it, as far as that is counted within `budget` seconds."""
        from listen.store import around

        before = around.Before()
        with self._question(budget) as connection, self._ended():
            for before in around.said_before(connection, mention_id):  # noqa: B007 - the last one is kept
                pass
        return before

    def times(self, ids: Sequence[int]) -> list[Times]:
        """When these mentions came in, were answered and dealt with; see `listen.store.answers`."""
        from listen.store import answers

        return self._ask(answers.times, ids)

    def verdict(self, mention_id: int) -> Verdict:
        """Why a mention is noise, or is not; see `listen.store.noise`."""
        from listen.store import noise

        return self._ask(noise.verdict, mention_id)

    def noise_patterns(self) -> dict[str, str]:
        """Name -> query of the patterns of noise that count."""
        from listen.store import noise

        with self._question() as connection:
            return {name: query for name, (query, _) in noise.patterns(connection).items()}

    def labelled(self, asked: Asked, ids: Sequence[int]) -> dict[int, bool]:
        """What people said of these mentions of a query; see `listen.store.labels`."""
        from listen.store import labels

        return self._ask(labels.labelled, asked, ids)

    # --- spans of time -----------------------------------------------------------------------------------------------

    def counted_between(self, since: float, until: float) -> dict[str, tuple[int, int]]:
        """Active topic -> (its mentions of that time (Unix seconds) that count, the stories that they tell)."""
        from listen.store import lately

        return self._ask(lately.counted, since, until)

    def numbers_between(self, topic: str, since: float, until: float) -> Numbers:
        """A topic's numbers of that time (Unix seconds), to the second; see `listen.store.lately`."""
        from listen.store import lately

        return self._ask(lately.numbers, topic, since, until)

    def told_between(self, since: float, until: float, most: int, slices: int) -> list[Told]:
        """Mentions of active topics that count, of so many slices of a time; see `listen.store.lately`."""
        from listen.store import lately

        return self._ask(lately.told, since, until, most, slices)

    def marks(self, since: float, until: float, topic: str | None = None) -> list[Mark]:
        """What happened in that time (Unix seconds), oldest first; with a topic what is about it, or about all."""
        from listen.store import marks

        return self._ask(marks.marks, since, until, topic)

    def handled(self, since: float, until: float, topics: bool = True) -> list[Handled]:
        """What became of the mentions of a time (Unix seconds) that people dealt with; see `listen.store.handled`."""
        from listen.store import handled

        return self._ask(handled.handled, first_id(since), first_id(until), topics)

    def relevant(self, since: float, topic: str | None = None, limit: int = 5_000) -> list[Said]:
        """Mentions of active topics (or one) that count, the newest `limit` since then; see `listen.store.relevant`."""
        from listen.store import relevant

        return self._ask(relevant.said, first_id(since), topic, limit)

    def gain(self, source: str, since: float) -> tuple[int, int] | None:
        """(mentions first heard in a source, how many of them are relevant); None for an unknown source."""
        from listen.store import relevant

        return self._ask(relevant.gain, source, first_id(since))

    # --- samples -----------------------------------------------------------------------------------------------------

    def samples(self) -> list[Kept]:
        """The random samples that people label blind, the last one first; see `listen.store.samples`."""
        from listen.store import samples

        return self._ask(samples.every)

    def sampled(self, sample_id: int, who: str) -> tuple[list[Member], dict[int, int]]:
        """(what is left of a sample, what one person said of it: -1, 0 or 1)."""
        from listen.store import samples

        with self._question() as connection:
            return samples.members(connection, sample_id), samples.said_by(connection, sample_id, who)

    def cases(self, sample_ids: Sequence[int]) -> list[Case]:
        """The mentions of these samples that somebody labelled."""
        from listen.store import samples

        return self._ask(samples.cases, sample_ids)

    def spread(self) -> list[tuple[int, int, int]]:
        """Where the mentions lie: (lowest id, the one after the highest, how many), oldest first, in even portions."""
        from listen.store import search

        with self._question() as connection:
            parts = search.load(connection)
        return [(part.min_id, part.max_id + 1, part.count) for part in parts if part.count]

    # --- words and topics --------------------------------------------------------------------------------------------

    def heard(self, kind: str, start: str, limit: int = 40, budget: float = BUDGET) -> list[Heard]:
        """Names that begin so, as far as they are found in `budget` seconds; see `listen.store.vocabulary`."""
        from listen.store.vocabulary import heard

        found: list[Heard] = []
        with self._question(budget) as connection, self._ended():
            found = heard(connection, kind, start, limit)
        return found

    def topic_queries(self) -> list[str]:
        """The queries of the active topics."""
        with self._question() as connection:
            return [row[0] for row in connection.execute("SELECT query FROM topics WHERE active")]

    def topics_asked(self) -> list[tree.Node]:
        """The same, parsed."""
        from listen.query import parse

        return [*map(parse, self.topic_queries())]

    def changing(self) -> dict[str, str]:
        """Topics whose history is being matched -> the query that it is matched against, which they are to have."""
        from listen.store.generations import BUILDING, FILLING, of_state

        with self._question() as connection:
            return {one.name: one.query for one in of_state(connection, FILLING, BUILDING)}

    # --- alerts ------------------------------------------------------------------------------------------------------

    def alerts(
        self, *, since: float = 0.0, open_only: bool = False, rule: str | None = None, limit: int = 500
    ) -> list[Alert]:
        """What fires, waits or was over since then; see `listen.store.alerts`."""
        from listen.store import alerts

        return self._ask(alerts.alerts, since=since, open_only=open_only, rule=rule, limit=limit)

    def alert(self, alert_id: int) -> tuple[Alert, list[Event]] | None:
        """One alert with what became of it; None for no such number."""
        from listen.store import alerts

        with self._question() as connection:
            found = alerts.alert(connection, alert_id)
            return None if found is None else (found, alerts.events(connection, alert_id))

    def firing(self) -> list[Alert]:
        """What fires and nobody has taken note of, pages first."""
        from listen.store import alerts

        return self._ask(alerts.firing)

    def silences(self, now: float | None = None) -> list[Silence]:
        """All silences, newest first; with a time those that stand then."""
        from listen.store import alerts

        return self._ask(alerts.silences, now)

    def alert_figures(self, since: float) -> list[Figures]:
        """How often each rule has fired since then, and what people said of it."""
        from listen.store import alerts

        return self._ask(alerts.figures, since)
