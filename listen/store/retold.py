"""How many mentions repeat others: what stands between a number of mentions and the number of their stories.

In every span of time and every topic a story counts once, however many of its mentions lie there, and what nobody else
tells is a story, too. Exact, of what counts: own mentions, noise and what people dismissed are left out.
"""

from __future__ import annotations

import json
from collections.abc import Iterable

from listen.model import STATUSES
from listen.store.layout import NO_TOPIC
from listen.store.sqlite import Connection

FOREVER = 1 << 62

_DISMISSED = STATUSES.index("dismissed")

_OF_TOPICS = """
SELECT t.id, count(*) - count(DISTINCT r.story_id) FROM {} AS t CROSS JOIN retold AS r
  ON r.topic_id = t.id AND r.mention_id >= ?1 AND r.mention_id < ?2
WHERE NOT EXISTS (SELECT 1 FROM dismissed AS d WHERE d.topic_id = r.topic_id AND d.mention_id = r.mention_id)
GROUP BY t.id"""

_OF_ALL = """
SELECT count(*) - count(DISTINCT r.story_id) FROM retold AS r
WHERE r.topic_id = ?3 AND r.mention_id >= ?1 AND r.mention_id < ?2
  AND NOT EXISTS (SELECT 1 FROM aside AS e WHERE e.mention_id = r.mention_id)
  AND NOT EXISTS (SELECT 1 FROM triage AS d WHERE d.mention_id = r.mention_id AND d.status = ?4)"""

_EVER = "SELECT r.topic_id, r.n FROM topics AS t CROSS JOIN repeats AS r ON r.topic_id = t.id WHERE t.active"

_EVER_LEFT_OUT = """
SELECT t.id, r.story_id, count(*),
  (SELECT count(*) FROM retold AS o WHERE o.topic_id = t.id AND o.story_id = r.story_id)
FROM topics AS t CROSS JOIN dismissed AS d ON d.topic_id = t.id
CROSS JOIN retold AS r ON r.topic_id = d.topic_id AND r.mention_id = d.mention_id
WHERE t.active GROUP BY t.id, r.story_id"""

_WAITING = """
SELECT count(*) - count(DISTINCT r.story_id) FROM inbox AS i CROSS JOIN retold AS r
  ON r.topic_id = i.topic_id AND r.mention_id = i.mention_id WHERE i.topic_id = ?"""

_NUMBERS = """
SELECT j.value, r.story_id FROM json_each(?) AS j CROSS JOIN retold AS r
  ON r.topic_id = ? AND r.mention_id = j.value"""


def of_topics(connection: Connection, low: int, high: int = FOREVER, topic: int | None = None) -> dict[int, int]:
    """Active topic's id (or that one's) -> mentions with low <= id < high that repeat others; without those of none."""
    which = "(SELECT id FROM topics WHERE active)" if topic is None else f"(SELECT {int(topic)} AS id)"
    return dict(connection.execute(_OF_TOPICS.format(which), (low, high)).fetchall())


def ever(connection: Connection) -> dict[int, int]:
    """The same of all of their mentions, from what is kept beside them."""
    found: dict[int, int] = dict(connection.execute(_EVER).fetchall())
    for topic, _, left_out, n in connection.execute(_EVER_LEFT_OUT):
        found[topic] = found.get(topic, 0) - (n - 1 - max(0, n - left_out - 1))
    return found


def of_all(connection: Connection, low: int, high: int = FOREVER) -> int:
    """The same of all mentions, whatever their topics."""
    (found,) = connection.execute(_OF_ALL, (low, high, NO_TOPIC, _DISMISSED)).fetchone()
    return int(found)


def waiting(connection: Connection, topics: Iterable[int]) -> dict[int, int]:
    """Topic's id -> mentions in its inbox that repeat others there: for inboxes of a thousand at most."""
    return {topic: connection.execute(_WAITING, (topic,)).fetchone()[0] for topic in topics}


def stories(connection: Connection, ids: Iterable[int]) -> dict[int, int]:
    """The story of each of these mentions that belongs to one."""
    return dict(connection.execute(_NUMBERS, (json.dumps([*ids]), NO_TOPIC)).fetchall())
