"""Mentions that stay out of every number, in a small table of their own: readers take them off, like the dismissed.

Light on purpose: readers, the writer and people's actions import it.
"""

from __future__ import annotations

from collections.abc import Iterable

from listen.store import inbox
from listen.store.sqlite import Connection

OWN, NOISE = 1, 2
"""Bits of `aside.why`."""


def why(connection: Connection, mention_id: int) -> int:
    """The reasons for which it is left out, 0 for none."""
    row = connection.execute("SELECT why FROM aside WHERE mention_id = ?", (mention_id,)).fetchone()
    return 0 if row is None else int(row[0])


def put(connection: Connection, ids: Iterable[int], reason: int) -> list[int]:
    """Leave these mentions out for this reason; those that were not left out for it before.

    They wait for nobody, and their matches are taken off the numbers.
    """
    changed = [one for one in ids if not why(connection, one) & reason]
    for one in changed:
        connection.execute(
            "INSERT INTO aside VALUES (?,?) ON CONFLICT DO UPDATE SET why = why | excluded.why", (one, reason)
        )
        topics = inbox.topics_of(connection, one)
        inbox.take(connection, one, list(topics))
        inbox.discount(connection, one, topics)
    return changed


def take_back(connection: Connection, ids: Iterable[int], reason: int) -> list[int]:
    """This reason no longer holds for these mentions; those for which it did."""
    changed = [one for one in ids if why(connection, one) & reason]
    for one in changed:
        connection.execute("UPDATE aside SET why = why & ~? WHERE mention_id = ?", (reason, one))
        connection.execute("DELETE FROM aside WHERE mention_id = ? AND why = 0", (one,))
        topics = inbox.topics_of(connection, one)
        if not inbox.is_left_out(connection, one):
            inbox.count_again(connection, one, topics)
        (state,) = connection.execute("SELECT state FROM mentions WHERE id = ?", (one,)).fetchone()
        if state < inbox.GONE and inbox.waits(connection, one):
            inbox.insert(connection, one, topics)
    return changed
