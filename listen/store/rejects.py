"""What could not be taken in, and why: repeats are counted, and only the newest are kept."""

from __future__ import annotations

from collections.abc import Sequence

from listen.store.sqlite import Connection

KEPT = 1_000
"""Rows; the oldest give way."""

MESSAGE_LIMIT, SAMPLE_LIMIT = 500, 2_000
"""Characters."""

Reject = tuple[str, str, str]
"""(reason in a word or two, message, sample of what was refused)"""


def add(connection: Connection, channel_id: int | None, rejects: Sequence[Reject], at: int) -> None:
    """Store them; one with the same channel, reason and message as before counts up and keeps the newest sample."""
    found: dict[tuple[str, str], tuple[int, str]] = {}
    for reason, message, sample in rejects:
        key = (reason, message[:MESSAGE_LIMIT])
        found[key] = (found.get(key, (0, ""))[0] + 1, sample[:SAMPLE_LIMIT])
    for (reason, message), (count, sample) in list(found.items())[-KEPT:]:
        changed = connection.execute(
            "UPDATE rejects SET seen = seen + ?, at = ?, sample = ? "
            "WHERE channel_id IS ? AND reason = ? AND message = ?",
            (count, at, sample, channel_id, reason, message),
        ).rowcount
        if not changed:
            connection.execute(
                "INSERT INTO rejects(channel_id, at, reason, message, sample, seen) VALUES (?,?,?,?,?,?)",
                (channel_id, at, reason, message, sample, count),
            )
    if found:
        connection.execute(
            "DELETE FROM rejects WHERE id NOT IN (SELECT id FROM rejects ORDER BY at DESC, id DESC LIMIT ?)", (KEPT,)
        )
