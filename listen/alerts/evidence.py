"""What explains an alert: three of its mentions, and the words that were not said before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from listen.insight import telling
from listen.model import first_id
from listen.query import QueryError, parse
from listen.store import lately
from listen.store.lately import Told
from listen.store.sqlite import Connection
from listen.text.terms import stop_words

MENTIONS, WORDS = 3, 5

READ, READ_BEFORE = 100, 300
"""Mentions whose words are read, of the window and of what was said before it."""

ANEW = 3_600.0
"""Seconds for which what was said before is remembered."""

_BEFORE = "SELECT id FROM mentions WHERE id < ? ORDER BY id DESC LIMIT ?"


class Explainer:
    """Remembers what was said before, which is the same for alerts that fire together."""

    def __init__(self) -> None:
        self._read_at: float | None = None
        self._before = telling.Said(Counter(), {}, 0)
        self._known: frozenset[str] = frozenset()

    def explained(self, connection: Connection, ids: Sequence[int], since: float, now: float) -> Mapping[str, Any]:
        """`mentions`: ids of those that explain it; `words`: those that were rarely said before. `ids` oldest first."""
        told = lately.texts(connection, ids[-READ:])
        if not told:
            return {"mentions": list(ids[-MENTIONS:]), "words": []}
        return {"mentions": _mentions(told), "words": self._words(connection, told, since, now)}

    def _words(self, connection: Connection, told: Sequence[Told], since: float, now: float) -> list[str]:
        said = telling.said(told)
        if said.stories < telling.LEAST:
            return []
        if self._read_at is None or not 0 <= now - self._read_at < ANEW:
            self._read_at = now
            ids = [row[0] for row in connection.execute(_BEFORE, (first_id(since), READ_BEFORE))]
            self._before = telling.said(lately.texts(connection, ids))
            self._known = frozenset(telling.asked_for(_topics(connection))) | stop_words()
        return [one.word for one in telling.words(said, self._before, self._known, WORDS)]


def _mentions(told: Sequence[Told]) -> list[int]:
    """The most endorsed mention of each of the stories that most tell; then what else is endorsed, or new."""
    stories: dict[int, list[Told]] = {}
    for one in told:
        stories.setdefault(-one.id if one.story is None else one.story, []).append(one)
    largest = sorted(stories.values(), key=lambda some: (len(some), max(one.endorsed for one in some)), reverse=True)
    first = [max(some, key=lambda one: (one.endorsed, -one.id)).id for some in largest[:MENTIONS]]
    rest = sorted((one for one in told if one.id not in first), key=lambda one: (one.endorsed, one.id), reverse=True)
    return [*first, *(one.id for one in rest)][:MENTIONS]


def _topics(connection: Connection) -> Iterable[Any]:
    for (query,) in connection.execute("SELECT query FROM topics WHERE active").fetchall():
        try:
            yield parse(query)
        except QueryError:
            continue
