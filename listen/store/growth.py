"""How the counts of a mention grew: a row when they were seen to have changed, the first one as they were found."""

from __future__ import annotations

from typing import NamedTuple

from listen.store.sqlite import Connection

APART = 600
"""Seconds within which a later count takes the earlier one's place: a channel may read the same page every minute."""

COUNTS = ("likes", "replies", "reposts", "views")


class Counted(NamedTuple):
    """The counts of a mention at one time; None is unknown."""

    at: int
    """Unix seconds."""
    likes: int | None
    replies: int | None
    reposts: int | None
    views: int | None


def note(connection: Connection, mention_id: int, before: Counted, now: Counted) -> None:
    """Counts have changed from what they were found to be at first (`before`, kept once) to what they are now."""
    rows = connection.execute(
        "SELECT at FROM growth WHERE mention_id = ? ORDER BY at DESC LIMIT 2", (mention_id,)
    ).fetchall()
    if not rows:
        connection.execute("INSERT INTO growth VALUES (?,?,?,?,?,?)", (mention_id, *before))
    elif len(rows) > 1 and now.at - rows[0][0] < APART:
        connection.execute("DELETE FROM growth WHERE mention_id = ? AND at = ?", (mention_id, rows[0][0]))
    connection.execute("INSERT OR REPLACE INTO growth VALUES (?,?,?,?,?,?)", (mention_id, *now))


def of(connection: Connection, mention_id: int) -> list[Counted]:
    """All that is known, oldest first."""
    rows = connection.execute(
        "SELECT at, likes, replies, reposts, views FROM growth WHERE mention_id = ? ORDER BY at", (mention_id,)
    )
    return [Counted._make(row) for row in rows.fetchall()]
