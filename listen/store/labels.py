"""What people said of mentions that a query finds: that they are about what it is meant to find, or not.

A judgement belongs to the query's text: of another query the same mention may be judged otherwise. It is no triage, and
changes no number. Light on purpose: the console imports this module.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from listen.clock import Clock
from listen.store.sqlite import Connection, short_transaction


class Asked(NamedTuple):
    """What a mention was judged for."""

    query: str
    """As written; of a topic, the topic's."""
    topic: str = ""
    """Its name, empty when no topic was judged."""


def label(connection: Connection, asked: Asked, said: Mapping[int, bool | None], who: str, clock: Clock) -> int:
    """Keep what a person said of mentions (None: take it back); how many of them there are.

    Mentions that are not stored are left out. Raises `StoreError`.
    """
    at = int(clock.now())
    with short_transaction(connection):
        there = _stored(connection, said)
        connection.executemany(
            "INSERT INTO labels VALUES (?,?,?,?,?,?) ON CONFLICT DO UPDATE SET kept=excluded.kept, at=excluded.at",
            [(one, who, asked.topic, asked.query, int(kept), at) for one in there if (kept := said[one]) is not None],
        )
        connection.executemany(
            "DELETE FROM labels WHERE mention_id = ? AND by = ? AND topic = ? AND query = ?",
            [(one, who, asked.topic, asked.query) for one in there if said[one] is None],
        )
    return len(there)


def _stored(connection: Connection, ids: Iterable[int]) -> list[int]:
    wanted = json.dumps(list(ids))
    rows = connection.execute("SELECT id FROM mentions WHERE id IN (SELECT value FROM json_each(?))", (wanted,))
    return [row[0] for row in rows]


def labelled(connection: Connection, asked: Asked, ids: Sequence[int]) -> dict[int, bool]:
    """What was said of these mentions, by whomever said it last."""
    rows = connection.execute(
        "SELECT l.mention_id, l.kept FROM json_each(?) AS j CROSS JOIN labels AS l ON l.mention_id = j.value "
        "WHERE l.topic = ? AND l.query = ? ORDER BY l.at, l.by",
        (json.dumps(list(ids)), asked.topic, asked.query),
    )
    return {mention_id: bool(kept) for mention_id, kept in rows}
