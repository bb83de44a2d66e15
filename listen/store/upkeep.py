"""What the writer does when it has time, in steps so short that nobody waits for them."""

from __future__ import annotations

import os

from listen import text
from listen.model import EPOCH
from listen.store import mirror, numbers
from listen.store.partitions import Partitions
from listen.store.search import Partition
from listen.store.sqlite import Connection

WAL_LIMIT = 128 << 20
"""Bytes of write-ahead log above which it is moved into the file even under load."""

WAL_IDLE = 4 << 20
"""The same when there is time."""

ARRIVALS_KEPT = 200_000
"""Newest rows of `arrivals` that are kept."""

ARRIVALS_STEP = 20_000
"""Rows of `arrivals` dropped in one transaction."""

HOURLY_STEP = 24
"""Hours of `hourly` dropped in one transaction."""

LATE = 50
"""A closed partition is merged again when it has changed by one mention in this many."""


def checkpoint(connection: Connection, limit: int = WAL_LIMIT) -> bool:
    """Move the write-ahead log into the file when it is longer than `limit` bytes; whether it was.

    Passive: it waits for no reader. When all of it could be moved, the next write starts the log afresh.
    """
    (_, _, path) = connection.execute("PRAGMA database_list").fetchone()
    try:
        length = os.stat(f"{path}-wal").st_size
    except FileNotFoundError:
        return False
    if length <= limit:
        return False
    connection.execute("PRAGMA wal_checkpoint(PASSIVE)")
    return True


def to_merge(partitions: Partitions) -> Partition | None:
    """The next partition to merge: one that must be, or a closed one that has changed since the last time."""
    for part in reversed(partitions.parts):
        if part.tokenizer != text.TOKENIZER:
            continue
        if part.merged < 0:
            return part
        changed = abs(part.count - part.merged)
        if partitions.closed(part) and changed > part.count // LATE:
            return part
    return None


def prune_arrivals(connection: Connection, kept: int = ARRIVALS_KEPT, step: int = ARRIVALS_STEP) -> bool:
    """Drop the oldest rows beyond those kept, at most `step` of them and never the newest; whether there were any."""
    kept = max(1, kept)  # its number is what the next one counts from
    (first, last) = connection.execute("SELECT min(seq), max(seq) FROM arrivals").fetchone()
    if first is None or first > last - kept:
        return False
    connection.execute("DELETE FROM arrivals WHERE seq < ?", (min(first + step, last - kept + 1),))
    return True


def prune_hourly(connection: Connection, hourly_from: int, now: float) -> int:
    """Drop a day of the numbers by hour and source that are too old to be kept; the first hour kept from now on."""
    wanted = int(now - EPOCH) // 3600 - numbers.HOURLY_DAYS * 24
    (oldest,) = connection.execute("SELECT min(hour) FROM hourly").fetchone()
    upto = min(wanted, max(hourly_from, wanted if oldest is None else oldest) + HOURLY_STEP)
    if upto <= hourly_from:
        return hourly_from
    connection.execute("DELETE FROM hourly WHERE hour < ?", (upto,))
    mirror.set_state(connection, "hourly_from", str(upto))
    return upto
