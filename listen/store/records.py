"""Rows of the store -> the records that are shown: light ones for lists, whole ones for everything else."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from listen.model import KINDS, STATES, STATUSES, Author, Correction, Mention, Note, id_time, tone
from listen.store.aside import NOISE, OWN
from listen.store.customers import OF_MENTION
from listen.store.inbox import GONE
from listen.store.layout import TRUNCATED
from listen.store.sqlite import Connection
from listen.text import fold

SHOWN = 500
"""Characters of a text that a list's row holds."""


class Row(NamedTuple):
    """What a list shows of a mention."""

    id: int
    kind: str
    network: str
    source: str
    """Name of the source that heard it first."""
    author: str | None
    """Name, else handle."""
    handle: str | None
    title: str | None
    text: str
    """The first SHOWN characters."""
    url: str | None
    lang: str | None
    score: int | None
    hits: int | None
    unscored: str | None
    state: str
    status: str
    starred: bool
    rating: int | None = None
    """Stars of a review, 1 to 5."""
    endorsed: int | None = None
    """Likes, reposts and replies together; None when not one of them is known."""
    alike: int = 1
    """Mentions of its story, itself among them."""
    own: bool = False
    """Said by one of our accounts."""
    noise: bool = False
    """Taken for noise."""
    tags: tuple[str, ...] = ()
    noted: bool = False
    """People left a note."""
    assignee: str | None = None
    """Who takes care of it."""
    corrected: bool = False
    """Its sentiment is what people say."""
    story: int | None = None
    """The story that it belongs to, None when nobody else tells it."""
    intents: tuple[str, ...] = ()
    """What its author wants (`listen.intents`)."""
    due: float | None = None
    """When a desk has promised an answer, in Unix seconds; None where it waits for none (`listen.insight.desks`)."""

    @property
    def time(self) -> int:
        """The mention's own time in Unix seconds."""
        return id_time(self.id)

    @property
    def tone(self) -> str:
        """See `listen.model.tone`."""
        return tone(self.score, self.hits)


_ROWS = f"""
SELECT m.id, m.kind, n.name, s.name, ifnull(a.name, a.handle), a.handle, m.title, substr(m.text, 1, {SHOWN}), m.url,
  m.lang, ifnull(k.score, m.score), iif(k.score IS NULL, m.hits, 1), m.unscored, m.state, t.status, t.starred, m.rating,
  iif(coalesce(m.likes, m.reposts, m.replies) IS NULL, NULL,
    ifnull(m.likes, 0) + ifnull(m.reposts, 0) + ifnull(m.replies, 0)), ifnull(e.why, 0),
  (SELECT group_concat(name, ' ') FROM tags WHERE mention_id = m.id),
  EXISTS (SELECT 1 FROM notes WHERE mention_id = m.id), t.assignee, k.score IS NOT NULL,
  m.story_id, ifnull(y.mentions, 1), m.intents
FROM json_each(?) AS j CROSS JOIN mentions AS m ON m.id = j.value
JOIN networks AS n ON n.id = m.network_id
JOIN channels AS c ON c.id = m.channel_id
JOIN sources AS s ON s.id = c.source_id
LEFT JOIN authors AS a ON a.id = m.author_id
LEFT JOIN triage AS t ON t.mention_id = m.id
LEFT JOIN aside AS e ON e.mention_id = m.id
LEFT JOIN corrections AS k ON k.mention_id = m.id
LEFT JOIN stories AS y ON y.id = m.story_id
ORDER BY j.key"""  # noqa: S608

_MENTIONS = f"""
SELECT m.id, n.name, m.external_id, m.kind, m.text, m.title, m.url, m.lang, m.published_at, m.seen_at, m.edited_at,
  m.state, m.rating, m.likes, m.replies, m.reposts, m.views, m.parent_id, m.thread_id,
  ifnull(k.score, m.score), iif(k.score IS NULL, m.hits, 1), m.unscored, m.flags, a.id, a.handle, a.name, a.url,
  a.followers, t.status, t.starred, t.assignee, ifnull(e.why, 0),
  EXISTS (SELECT 1 FROM answered WHERE mention_id = m.id),
  (SELECT group_concat(name, ' ') FROM tags WHERE mention_id = m.id), o.text, o.by, o.at,
  k.by, k.at, m.score, m.hits, k.topic, m.country, m.story_id, ifnull(y.mentions, 1),
  (SELECT json_group_array(segment) FROM (SELECT DISTINCT k.segment {OF_MENTION} WHERE k.segment <> '')), m.intents
FROM json_each(?) AS j CROSS JOIN mentions AS m ON m.id = j.value
JOIN networks AS n ON n.id = m.network_id
LEFT JOIN authors AS a ON a.id = m.author_id
LEFT JOIN triage AS t ON t.mention_id = m.id
LEFT JOIN aside AS e ON e.mention_id = m.id
LEFT JOIN notes AS o ON o.mention_id = m.id
LEFT JOIN corrections AS k ON k.mention_id = m.id
LEFT JOIN stories AS y ON y.id = m.story_id
ORDER BY j.key"""  # noqa: S608

_SOURCES = """
SELECT j.value, s.name, s.adapter
FROM json_each(?) AS j CROSS JOIN mentions AS m ON m.id = j.value
CROSS JOIN sightings AS g ON g.mention_id = m.id
JOIN channels AS c ON c.id = g.channel_id JOIN sources AS s ON s.id = c.source_id
ORDER BY j.key, g.channel_id <> m.channel_id, g.channel_id"""

# matches is keyed by topic, so the topics that were heard of in the mention's hour are tried.
_TOPICS = """
SELECT j.value, t.name, ifnull(k.score, x.score), iif(k.score IS NULL, x.hits, 1)
FROM json_each(?) AS j LEFT JOIN corrections AS k ON k.mention_id = j.value
CROSS JOIN hourly_topic AS h ON h.hour = (j.value >> 12) / 3600
CROSS JOIN matches AS x ON x.topic_id = h.topic_id AND x.mention_id = j.value
JOIN topics AS t ON t.id = x.topic_id AND t.active
ORDER BY j.key, t.id"""


# Of mentions that lie side by side it is much cheaper to read each topic's matches in one go (+ has SQLite do so).
_BETWEEN = "FROM topics AS t CROSS JOIN matches AS x ON x.topic_id = t.id AND x.mention_id BETWEEN ?1 AND ?2"

_HOW_MANY_BETWEEN = f"SELECT count(*) FROM (SELECT 1 {_BETWEEN} WHERE t.active LIMIT ?3)"  # noqa: S608

_TOPICS_BETWEEN = f"""
SELECT x.mention_id, t.name, ifnull(k.score, x.score), iif(k.score IS NULL, x.hits, 1)
{_BETWEEN} LEFT JOIN corrections AS k ON k.mention_id = x.mention_id
WHERE t.active AND +x.mention_id IN (SELECT value FROM json_each(?3)) ORDER BY t.id"""  # noqa: S608

SIDE_BY_SIDE, AMONG = 20, 64
"""So many mentions lie side by side when their topics have at most so many matches for each of them in that time."""


def _topics(
    connection: Connection, ids: Sequence[int], asked: str
) -> Iterable[tuple[int, str, int | None, int | None]]:
    """(mention, topic, score, hits) of all matches of these mentions, by topic for each of them."""
    if len(ids) >= SIDE_BY_SIDE:
        low, high, most = min(ids), max(ids), AMONG * len(ids)
        ((n,),) = connection.execute(_HOW_MANY_BETWEEN, (low, high, most + 1))
        if n <= most:
            return connection.execute(_TOPICS_BETWEEN, (low, high, asked))
    return connection.execute(_TOPICS, (asked,))


def status_of(number: int | None, state: int, why: int = 0) -> str:
    """What we did with a mention: what its author took away, own words and noise wait for nobody."""
    if not number and (state >= GONE or why):
        return "skipped"
    return STATUSES[number or 0]


def rows(connection: Connection, ids: Sequence[int]) -> list[Row]:
    """Light rows in the order of `ids`."""
    return [
        Row._make(
            (
                *(row[0], KINDS[row[1]], *row[2:13], STATES[row[13]], status_of(row[14], row[13], row[18])),
                *(bool(row[15]), row[16], row[17], row[24], bool(row[18] & OWN), bool(row[18] & NOISE)),
                *(_tags(row[19]), bool(row[20]), row[21], bool(row[22]), row[23], _intents(row[25]), None),
            )
        )
        for row in connection.execute(_ROWS, (json.dumps(ids),))
    ]


def rows_toward(connection: Connection, ids: Sequence[int], topics: Sequence[int]) -> list[Row]:
    """The same with the score toward one of these topics, where they match it; what people say counts over both."""
    found = rows(connection, ids)
    toward = {
        mention: (score, hits)
        for mention, score, hits in connection.execute(
            "SELECT mention_id, score, hits FROM matches WHERE topic_id IN (SELECT value FROM json_each(?)) "
            "AND mention_id IN (SELECT value FROM json_each(?))",
            (json.dumps(topics), json.dumps(ids)),
        )
    }
    return [
        row._replace(score=toward[row.id][0], hits=toward[row.id][1]) if row.id in toward and not row.corrected else row
        for row in found
    ]


def mentions(connection: Connection, ids: Sequence[int]) -> list[Mention]:
    """Whole mentions in the order of `ids`."""
    asked = json.dumps(ids)
    found = {row[0]: _mention(row) for row in connection.execute(_MENTIONS, (asked,))}
    for mention_id, source, adapter in connection.execute(_SOURCES, (asked,)):
        mention = found[mention_id]
        if source not in mention.sources:
            mention.sources += (source,)
            mention.adapters += (adapter,)
    for mention_id, topic, score, hits in _topics(connection, ids, asked):
        if mention_id in found:
            found[mention_id].topics[topic] = score
            if hits != found[mention_id].hits:
                found[mention_id].hits_toward[topic] = hits
    return list(found.values())


def _tags(joined: str | None) -> tuple[str, ...]:
    """The tags of one mention in their order; they hold no blanks."""
    return tuple(sorted(joined.split(" "), key=fold)) if joined else ()


def _intents(joined: str | None) -> tuple[str, ...]:
    return tuple(joined.split(" ")) if joined else ()


def _segments(joined: str) -> tuple[str, ...]:
    return () if joined == "[]" else tuple(sorted(json.loads(joined), key=lambda name: (fold(name), name)))


def _correction(row: tuple[Any, ...]) -> Correction | None:
    return Correction(*row) if row[0] is not None else None


def _mention(row: tuple[Any, ...]) -> Mention:
    author = Author(*row[24:28]) if row[23] is not None else None
    return Mention(
        id=row[0], network=row[1], external_id=row[2], kind=KINDS[row[3]], text=row[4], title=row[5], url=row[6],
        author=author, lang=row[7], published_at=row[8], seen_at=row[9], edited_at=row[10], state=STATES[row[11]],
        rating=row[12], likes=row[13], replies=row[14], reposts=row[15], views=row[16], parent_id=row[17],
        thread_id=row[18], score=row[19], hits=row[20], unscored=row[21], truncated=bool(row[22] & TRUNCATED),
        status=status_of(row[28], row[11], row[31]), starred=bool(row[29]), assignee=row[30], own=bool(row[31] & OWN),
        noise=bool(row[31] & NOISE),
        replied=bool(row[32]), tags=_tags(row[33]), note=Note(*row[34:37]) if row[34] is not None else None,
        correction=_correction(row[37:42]),
        country=row[42],
        story=row[43], copies=row[44],
        segments=_segments(row[45]), intents=_intents(row[46]),
    )  # fmt: skip
