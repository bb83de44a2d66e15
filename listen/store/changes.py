"""Which stored mentions changed lately, other than by coming in: edited, heard again, taken away, worked on by people.

Those who remember an answer bring it up to date by these and by `arrivals`, rather than ask the whole query again.
"""

from __future__ import annotations

import json
from collections.abc import Iterable

from listen.store.sqlite import Connection

KEPT = 1_000
"""Changes that are remembered; who has missed more has to begin anew."""

_NAME = "changed"


def note(connection: Connection, ids: Iterable[int]) -> None:
    """Inside the transaction that changes these mentions."""
    new = list(ids)
    if new:
        at, known = _stored(connection)
        told = json.dumps([at + len(new), (known + new)[-KEPT:]], separators=(",", ":"))
        connection.execute(
            "INSERT INTO state VALUES (?,?) ON CONFLICT DO UPDATE SET value=excluded.value", (_NAME, told)
        )


def since(connection: Connection, seen: int) -> tuple[int, list[int] | None]:
    """(how many changes there were ever, ids of those after the first `seen`); None when they are not all known."""
    at, known = _stored(connection)
    missed = at - seen
    if not 0 <= missed <= len(known):
        return at, None
    return at, known[len(known) - missed :]


def _stored(connection: Connection) -> tuple[int, list[int]]:
    row = connection.execute("SELECT value FROM state WHERE name = ?", (_NAME,)).fetchone()
    if row is None:
        return 0, []
    at, known = json.loads(row[0])
    return at, known
