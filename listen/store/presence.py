"""When each person was last here, so that a console can show what came in since."""

from __future__ import annotations

import json
from typing import NamedTuple

from listen.store.sqlite import Connection

PREFIX = "presence:"
"""Before a person's name, among the facts that are kept by name."""


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
