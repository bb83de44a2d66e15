"""What a topic can learn from: its mentions with what people said of them, as they are scored toward it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import NamedTuple

from listen.store import inbox, mirror
from listen.store.layout import TAGGED
from listen.store.question import Questions
from listen.store.sqlite import Connection
from listen.store.taught import Renewal, under_way
from listen.text import before_tags, fold


class Spoken(NamedTuple):
    """A mention that matches a topic, as it is scored toward that."""

    id: int
    text: str
    """What was scored: its title and text as one, without a platform's tags."""
    lang: str | None
    score: int | None
    """Toward the topic, as it is stored."""
    topics: tuple[int, ...]
    """All that it matches."""
    label: int | None
    """-1, 0, 1: what somebody said that it is; None when nobody did."""


class Live(NamedTuple):
    """A topic that is listened for."""

    number: int
    name: str
    query: str
    role: str


def _labelled(connection: Connection, topic: Live, most: int) -> list[int]:
    """The mentions of the topic that people corrected or confirmed, the newest; not those said of another topic."""
    rows = connection.execute(
        "SELECT k.mention_id FROM corrected AS d CROSS JOIN corrections AS k ON k.mention_id = d.mention_id "
        "WHERE d.topic_id = ? AND ifnull(k.topic, ?2) = ?2 ORDER BY k.mention_id DESC LIMIT ?",
        (topic.number, fold(topic.name), most),
    )
    return [row[0] for row in rows]


def _newest(connection: Connection, topic: Live, most: int) -> list[int]:
    """The newest mentions of the topic."""
    rows = connection.execute(
        "SELECT mention_id FROM matches WHERE topic_id = ? ORDER BY mention_id DESC LIMIT ?", (topic.number, most)
    )
    return [row[0] for row in rows]


_SPOKEN = """SELECT m.id, ifnull(m.title, ''), m.text, m.lang, m.flags, x.score, k.score FROM json_each(?) AS j
CROSS JOIN mentions AS m ON m.id = j.value CROSS JOIN matches AS x ON x.topic_id = ? AND x.mention_id = m.id
LEFT JOIN corrections AS k ON k.mention_id = m.id WHERE m.state < ?"""


def _spoken(connection: Connection, topic: Live, ids: Sequence[int]) -> list[Spoken]:
    """Those of the mentions that match the topic and are there, in the given order."""
    topics = inbox.topics_of_many(connection, ids)
    return [
        Spoken(number, _said(title, text, flags), lang, score, tuple(sorted(topics[number])), _sign(label))
        for number, title, text, lang, flags, score, label in connection.execute(
            _SPOKEN, (json.dumps(list(ids)), topic.number, inbox.GONE)
        )
    ]


def _said(title: str, text: str, flags: int) -> str:
    bare = before_tags(text) if flags & TAGGED else text
    text = bare or ""
    return text if text.startswith(title) else f"{title}\n{text}"


def _sign(score: int | None) -> int | None:
    return None if score is None else (score > 0) - (score < 0)


class Lessons(Questions):
    """The part of a reader that knows them."""

    def taught(self) -> dict[str, str]:
        """Topic -> what was taught about it, as `listen.sentiment.teaching` reads it."""
        return self._ask(mirror.taught)

    def renewals(self) -> list[Renewal]:
        """The topics toward which the tone of what is stored is worked out anew, and how far that is."""
        return self._ask(under_way)

    def live_topics(self) -> list[Live]:
        """The active topics."""
        with self._question() as connection:
            return [Live(*row) for row in connection.execute("SELECT id, name, query, role FROM topics WHERE active")]

    def spoken(self, topic: Live, ids: Sequence[int]) -> list[Spoken]:
        """Those of the mentions that match the topic, in the given order."""
        return self._ask(_spoken, topic, ids)

    def labelled_of(self, topic: Live, most: int) -> list[Spoken]:
        """Those that people corrected or confirmed, the newest; not what they said with another topic in mind."""
        with self._question() as connection:
            return _spoken(connection, topic, _labelled(connection, topic, most))

    def newest_of(self, topic: Live, most: int) -> list[Spoken]:
        """The newest mentions of the topic."""
        with self._question() as connection:
            return _spoken(connection, topic, _newest(connection, topic, most))

    def matched_count(self, topic: Live) -> int:
        """How many mentions match it."""
        with self._question() as connection:
            (n,) = connection.execute("SELECT ifnull(sum(n), 0) FROM daily_topic WHERE topic_id = ?", (topic.number,))
            return int(n[0])
