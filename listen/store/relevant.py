"""What people of interest said: mentions of active topics that count, for who wants to know where else to listen."""

from __future__ import annotations

from typing import NamedTuple

from listen.store.corrections import IS_CORRECTED, SCORE
from listen.store.sqlite import Connection


class Said(NamedTuple):
    """A mention that matches a topic, and is neither own, noise nor dismissed."""

    id: int
    network: str
    source: str
    """Who heard it first."""
    author: str | None
    """The handle."""
    title: str | None
    text: str
    url: str | None
    lang: str | None
    score: int | None
    """Toward the topic that was asked for, else of the whole text."""
    hits: int | None
    external_id: str = ""
    country: str | None = None


_RELEVANT = """
SELECT x.mention_id FROM topics AS t CROSS JOIN matches AS x ON x.topic_id = t.id AND x.mention_id >= ?1
LEFT JOIN dismissed AS d ON d.topic_id = x.topic_id AND d.mention_id = x.mention_id
WHERE t.active AND d.mention_id IS NULL"""

_SCORE = SCORE.replace("m.score", "iif(x.topic_id IS NULL, m.score, x.score)")

_SAID = f"""
WITH chosen AS MATERIALIZED (
  SELECT DISTINCT mention_id FROM ({_RELEVANT} AND (?2 IS NULL OR t.name = ?2)) ORDER BY mention_id DESC LIMIT ?3)
SELECT m.id, n.name, s.name, a.handle, m.title, substr(m.text, 1, 5000), m.url, m.lang, {_SCORE},
  iif({IS_CORRECTED}, 1, iif(x.topic_id IS NULL, m.hits, x.hits)), m.external_id, m.country
FROM chosen CROSS JOIN mentions AS m ON m.id = chosen.mention_id
LEFT JOIN matches AS x ON x.topic_id = (SELECT id FROM topics WHERE active AND name = ?2) AND x.mention_id = m.id
JOIN networks AS n ON n.id = m.network_id JOIN channels AS c ON c.id = m.channel_id
JOIN sources AS s ON s.id = c.source_id LEFT JOIN authors AS a ON a.id = m.author_id
ORDER BY m.id DESC"""  # noqa: S608

_YIELD = f"""
SELECT s.name, (SELECT ifnull(sum(mentions), 0) FROM channels WHERE source_id = s.id),
  (SELECT count(DISTINCT mention_id) FROM ({_RELEVANT} AND x.source_id = s.id))
FROM sources AS s WHERE s.name = ?2"""  # noqa: S608


def said(connection: Connection, low: int, topic: str | None, limit: int) -> list[Said]:
    """The newest `limit` of them with low <= id, of one topic or of all, newest first."""
    return [Said._make(row) for row in connection.execute(_SAID, (low, topic, limit)).fetchall()]


def gain(connection: Connection, source: str, low: int) -> tuple[int, int] | None:
    """(mentions first heard in a source, how many of them with low <= id are relevant); None for an unknown one."""
    row = connection.execute(_YIELD, (low, source)).fetchone()
    return None if row is None else (int(row[1]), int(row[2]))
