"""What became of mentions that people dealt with: how many they dismissed, by topic and source."""

from __future__ import annotations

from typing import NamedTuple

from listen.store.sqlite import Connection

CAP = 5_000
"""Mentions that are looked at, the newest of a time: enough for a share, and some 0.1 s with ten topics."""


class Handled(NamedTuple):
    """Of a topic's mentions (None: of all) that were first heard in a source."""

    topic: str | None
    source: str
    dismissed: int
    handled: int
    """Done, answered, dismissed or starred."""


_DEALT = """
WITH h AS MATERIALIZED (
  SELECT mention_id, status = 3 AS gone FROM triage
  WHERE mention_id >= ?1 AND mention_id < ?2 AND (status IN (1, 2, 3) OR starred) ORDER BY mention_id DESC LIMIT ?3)
"""

_OF_TOPICS = """
SELECT t.name, s.name, sum(h.gone), count(*)
FROM topics AS t CROSS JOIN h CROSS JOIN matches AS x ON x.topic_id = t.id AND x.mention_id = h.mention_id
JOIN sources AS s ON s.id = x.source_id WHERE t.active GROUP BY t.id, s.id
UNION ALL"""

_OF_SOURCES = """
SELECT NULL, s.name, sum(h.gone), count(*)
FROM h CROSS JOIN mentions AS m ON m.id = h.mention_id JOIN channels AS c ON c.id = m.channel_id
JOIN sources AS s ON s.id = c.source_id GROUP BY s.id"""


def handled(connection: Connection, low: int, high: int, topics: bool = True, cap: int = CAP) -> list[Handled]:
    """Of the mentions with low <= id < high that people dealt with, the newest `cap`; without `topics` all at once."""
    sql = f"{_DEALT}{_OF_TOPICS if topics else ''}{_OF_SOURCES}"
    return [Handled._make(row) for row in connection.execute(sql, (low, high, cap))]
