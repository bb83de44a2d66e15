"""Single matches of a topic, for who counts what no rollup knows."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import NamedTuple

from listen.store import aspects
from listen.store.aspects import Aspects
from listen.store.counted import of_score
from listen.store.layout import hour_of
from listen.store.pulse import Numbers
from listen.store.sqlite import Connection

CHUNK = 500
"""Matches that are read at a time: some milliseconds."""


class Picked(NamedTuple):
    """A match as people see it."""

    mention: int
    source: int
    score: int | None
    """Toward the topic in thousandths: what people say, else what was computed."""
    lang: str | None
    country: str | None
    kind: int
    intents: str | None
    story: int | None
    """None where nobody else tells it."""
    endorsed: int
    """Likes, reposts and replies that are known."""

    @property
    def hour(self) -> int:
        """Since 2000."""
        return hour_of(self.mention)

    @property
    def aspects(self) -> Aspects:
        """What it is counted under."""
        return aspects.of(self.lang, self.country, self.kind, self.intents)

    @property
    def numbers(self) -> Numbers:
        """What it adds to."""
        return of_score(self.score)


_PICKED = """
SELECT x.mention_id, x.source_id, ifnull(k.score, x.score), m.lang, m.country, m.kind, m.intents, r.story_id,
  ifnull(m.likes, 0) + ifnull(m.reposts, 0) + ifnull(m.replies, 0)
FROM json_each(?2) AS j CROSS JOIN matches AS x ON x.topic_id = ?1 AND x.mention_id = j.value
CROSS JOIN mentions AS m ON m.id = x.mention_id LEFT JOIN corrections AS k ON k.mention_id = m.id
LEFT JOIN retold AS r ON r.topic_id = x.topic_id AND r.mention_id = x.mention_id"""


def picked(connection: Connection, topic: int, ids: Sequence[int]) -> list[Picked]:
    """These mentions of a topic (its number), in their order; CHUNK at most."""
    return [Picked._make(row) for row in connection.execute(_PICKED, (topic, json.dumps(ids)))]
