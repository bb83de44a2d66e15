"""Which topics are matched at the moment, and which of them are being matched anew."""

from __future__ import annotations

from collections.abc import Mapping

from listen.collect.health import Health
from listen.collect.workshop import Workshop
from listen.collect.writing import Scribe
from listen.model import Tracked
from listen.store import generations
from listen.store.write import Writer


class Matching:
    """What the workshop matches by; a topic that was matched anew is told once."""

    def __init__(self, scribe: Scribe, health: Health) -> None:
        self._scribe, self._health = scribe, health
        self._topics: Mapping[int, Tracked] = {}
        self._anew: frozenset[int] = frozenset()

    def learn(self, workshop: Workshop, queries: Mapping[int, Tracked]) -> None:
        """What to match from now on, by topic id."""
        self._topics = queries
        workshop.set_topics(queries)

    async def begin(self) -> None:
        """Topics that are being matched anew from here on are told when they are done."""
        _, self._anew, _ = await self._scribe.do(self._now)

    async def look(self, workshop: Workshop) -> None:
        """A topic that was matched anew has another number; the one that it had before is matched for undo alone."""
        queries, anew, done = await self._scribe.do(self._now)
        if queries != self._topics:
            self.learn(workshop, queries)
        self._anew = anew
        for one in done:
            words = f"{one.name} has been matched anew: {one.gained:,} gained, {one.lost:,} lost"
            self._health.tell("rematch", message=words)

    def _now(self, writer: Writer) -> tuple[dict[int, Tracked], frozenset[int], list[generations.Generation]]:
        """(topic id -> query, those that are being matched anew, those that have been since the last look)."""
        under_way = generations.of_state(writer.connection, generations.BUILDING, generations.FILLING)
        anew = frozenset(one.topic_id for one in under_way)
        ended = self._anew - anew
        done = generations.of_state(writer.connection, generations.LIVE) if ended else []
        return generations.tracked(writer.connection), anew, [one for one in done if one.topic_id in ended]
