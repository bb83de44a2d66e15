"""What explains an alert: three of its mentions, and the words that were not said before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from listen.insight import telling
from listen.insight.context import stop_words
from listen.model import first_id
from listen.query import QueryError, parse
from listen.store import lately
from listen.store.lately import Told
from listen.store.sqlite import Connection

MENTIONS, WORDS = 3, 5

READ = 300
"""Mentions whose words are read, of the window and of what was said before it."""

_BEFORE = "SELECT id FROM mentions WHERE id < ? ORDER BY id DESC LIMIT ?"


def explained(connection: Connection, ids: Sequence[int], since: float) -> Mapping[str, Any]:
    """`mentions`: ids of those that explain it; `words`: those that were rarely said before. `ids` in order of time."""
    told = lately.texts(connection, ids[-READ:])
    if not told:
        return {"mentions": list(ids[-MENTIONS:]), "words": []}
    return {"mentions": _mentions(told), "words": _words(connection, told, since)}


def _mentions(told: Sequence[Told]) -> list[int]:
    """The most endorsed mention of each of the stories that most tell; then what else is endorsed, or new."""
    stories: dict[int, list[Told]] = {}
    for one in told:
        stories.setdefault(-one.id if one.story is None else one.story, []).append(one)
    largest = sorted(stories.values(), key=lambda some: (len(some), max(one.endorsed for one in some)), reverse=True)
    first = [max(some, key=lambda one: (one.endorsed, -one.id)).id for some in largest[:MENTIONS]]
    rest = sorted((one for one in told if one.id not in first), key=lambda one: (one.endorsed, one.id), reverse=True)
    return [*first, *(one.id for one in rest)][:MENTIONS]


def _words(connection: Connection, told: Sequence[Told], since: float) -> list[str]:
    now = telling.said(told)
    if now.stories < telling.LEAST:
        return []
    ids = [row[0] for row in connection.execute(_BEFORE, (first_id(since), READ))]
    before = telling.said(lately.texts(connection, ids))
    known = telling.asked_for(_topics(connection)) | stop_words()
    return [one.word for one in telling.words(now, before, known, WORDS)]


def _topics(connection: Connection) -> Iterable[Any]:
    for (query,) in connection.execute("SELECT query FROM topics WHERE active").fetchall():
        try:
            yield parse(query)
        except QueryError:
            continue
