"""The tone toward each topic on stored matches, worked out anew where a text's topics have changed or its score has.

Whatever changes a mention's matches calls `renew` in the same transaction, so that what is stored is always what would
be stored if the mention came in now, and the numbers follow by the one delta.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from listen.aims import Aim, Tone, aim, toward_each
from listen.model import Prepared
from listen.sentiment import said
from listen.store import aspects, changes, inbox, mirror
from listen.store.generations import TONES_OWED
from listen.store.layout import TAGGED
from listen.store.sqlite import Connection
from listen.text import before_tags

if TYPE_CHECKING:
    from listen.store.write import Writer


STEP = 100
"""Mentions that one step looks at."""


class Aims:
    """The topics of a store, each read and parsed when it is first asked for."""

    def __init__(self) -> None:
        self._known: dict[int, Aim] = {}

    def forget(self) -> None:
        """The topics may be others now."""
        self._known.clear()

    def of(self, connection: Connection, topics: Iterable[int]) -> dict[int, Aim]:
        """Topic id -> what decides about the sentiment toward it."""
        topics = list(topics)
        missing = json.dumps([topic for topic in topics if topic not in self._known])
        rows = connection.execute(
            "SELECT id, name, query, role FROM topics WHERE id IN (SELECT value FROM json_each(?))", (missing,)
        )
        lessons = mirror.taught(connection) if missing != "[]" else {}
        for number, name, query, role in rows.fetchall():
            self._known[number] = aim(name, query, role, lessons.get(name, ""))
        return {topic: self._known[topic] for topic in topics if topic in self._known}

    def topics(self, connection: Connection, post: Prepared, topics: Iterable[int]) -> dict[int, int | None]:
        """The score of a post that comes in toward each of these topics; `hits_toward` is set beside them."""
        text = before_tags(post.text) if post.tagged else post.text
        spoken, _ = said(post.title or "", text or "")
        told = toward_each(spoken, post.lang, Tone(post.score, post.hits), self.of(connection, topics))
        post.hits_toward = {topic: tone.hits for topic, tone in told.items() if tone.hits != post.hits}
        return {topic: tone.score for topic, tone in told.items()}


_SAID = """SELECT id, country, kind, intents, ifnull(title, ''), text, lang, flags, score, hits FROM mentions
WHERE id IN (SELECT value FROM json_each(?))"""


def renew(writer: Writer, ids: Sequence[int]) -> list[int]:
    """Bring what is stored toward the topics of these mentions up to date; the mentions for which that changed it."""
    connection = writer.connection
    matches: dict[int, dict[int, tuple[int, Tone]]] = {}
    for mention, topic, source, score, hits in inbox.matches_of_many(connection, ids):
        matches.setdefault(mention, {})[topic] = source, Tone(score, hits)
    delta = writer.delta()
    rows: list[tuple[int | None, int | None, int, int]] = []
    changed: list[int] = []
    for mention, country, kind, intents, *row in connection.execute(_SAID, (json.dumps([*matches]),)).fetchall():
        before = matches[mention]
        toward = _toward(row, writer.aims.of(connection, before))
        new = {topic: tone for topic, tone in toward.items() if tone != before[topic][1]}
        its = aspects.of(row[2], country, kind, intents)
        for topic, tone in new.items():
            source, old = before[topic]
            delta.apply(mention, source, {topic: old.score}, {topic: tone.score}, its)
            rows.append((*tone, topic, mention))
        if new:
            changed.append(mention)
    connection.executemany("UPDATE matches SET score=?, hits=? WHERE topic_id=? AND mention_id=?", rows)
    delta.write(connection)
    changes.note(connection, changed)
    return changed


def step(writer: Writer) -> bool:
    """Look at the next matches of a topic whose role or teaching has changed, in a transaction of its own.

    False when there is none.
    """
    connection = writer.connection
    owed = json.loads(mirror.state(connection, TONES_OWED) or "{}")
    if not owed:
        return False
    topic, before = next(iter(owed.items()))
    with writer.transaction():
        rows = connection.execute(
            "SELECT mention_id FROM matches WHERE topic_id = ? AND mention_id < ? ORDER BY mention_id DESC LIMIT ?",
            (int(topic), before, STEP),
        )
        ids = [row[0] for row in rows.fetchall()]
        renew(writer, ids)
        left = owed | {topic: ids[-1]} if ids else {one: at for one, at in owed.items() if one != topic}
        mirror.set_state(connection, TONES_OWED, json.dumps(left))
    return True


def _toward(row: Sequence[Any], aims: Mapping[int, Aim]) -> dict[int, Tone]:
    title, text, lang, flags, score, hits = row
    scored = before_tags(text) if flags & TAGGED else text
    return toward_each(said(title, scored or "")[0], lang, Tone(score, hits), aims)
