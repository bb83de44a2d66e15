"""When each person was last here, and on which mention they are now, so that nobody steps on anybody's feet."""

from __future__ import annotations

import json
from typing import NamedTuple

from listen.store.sqlite import Connection

PREFIX = "presence:"
"""Before a person's name, among the facts that are kept by name."""


ON = "on:"
"""The same, before where a person is now."""

STALE = 150
"""Seconds after which somebody who did nothing more is no longer on a mention."""


class Visit(NamedTuple):
    at: int
    """Unix seconds."""
    newest: int
    """The newest mention's id at that time; 0 when there was none."""
    seq: int
    """Where the arrivals stood."""


def last_visit(connection: Connection, who: str) -> Visit | None:
    """A person's last visit, None when they never were here."""
    row = connection.execute("SELECT value FROM state WHERE name = ?", (PREFIX + who,)).fetchone()
    return Visit(*json.loads(row[0])) if row else None


def note_visit(connection: Connection, who: str, at: int) -> None:
    """The person is here now. To be called inside a transaction."""
    newest, seq = connection.execute(
        "SELECT ifnull((SELECT max(id) FROM mentions), 0), ifnull((SELECT max(seq) FROM arrivals), 0)"
    ).fetchone()
    connection.execute(
        "INSERT INTO state VALUES (?,?) ON CONFLICT DO UPDATE SET value=excluded.value",
        (PREFIX + who, json.dumps([at, newest, seq])),
    )


def stand(connection: Connection, who: str, mention_id: int | None, at: int) -> None:
    """The person is on that mention now, or on none any more. To be called inside a transaction."""
    if mention_id is None:
        connection.execute("DELETE FROM state WHERE name = ?", (ON + who,))
    else:
        connection.execute(
            "INSERT INTO state VALUES (?,?) ON CONFLICT DO UPDATE SET value=excluded.value",
            (ON + who, json.dumps([mention_id, at])),
        )


def standing(connection: Connection, now: float, but: str = "") -> dict[str, int]:
    """Person -> the mention that they are on; without `but`, and without those who have done nothing for long."""
    rows = connection.execute("SELECT name, value FROM state WHERE name >= ? AND name < ?", (ON, ON[:-1] + ";"))
    told = ((name.removeprefix(ON), *json.loads(value)) for name, value in rows)
    return {who: mention_id for who, mention_id, at in told if who != but and now - at < STALE}


def others(standing: dict[str, int]) -> dict[int, tuple[str, ...]]:
    """Mention -> who is on it."""
    found: dict[int, tuple[str, ...]] = {}
    for who, mention_id in sorted(standing.items()):
        found[mention_id] = (*found.get(mention_id, ()), who)
    return found
