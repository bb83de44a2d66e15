"""What the writer does when it has time, in steps so short that nobody waits for them."""

from __future__ import annotations

import os
import time

from listen import text
from listen.model import EPOCH
from listen.store import aspects, mirror, numbers
from listen.store.layout import hour_of
from listen.store.partitions import Partitions
from listen.store.search import Partition
from listen.store.sqlite import WAL_KEPT, Connection, file_of, sqlite3

WAL_LIMIT = WAL_KEPT
"""Bytes of write-ahead log above which it is moved into the file even under load. The file keeps that length."""

WAL_IDLE = 4 << 20
"""The same when there is time."""

PATIENCE = 60
"""Milliseconds for which everybody's writes may wait for readers of an older state to end."""

AGAIN = 0.5
"""Seconds until that is tried again."""

ARRIVALS_KEPT = 200_000
"""Newest rows of `arrivals` that are kept."""

ARRIVALS_STEP = 20_000
"""Rows of `arrivals` dropped in one transaction."""

HOURLY_STEP = 24
"""Hours of `hourly` dropped in one transaction."""

ASPECTS_STEP = 2_000
"""Mentions of an older store that are counted by their aspects in one transaction: some 50 ms."""

LATE = 50
"""A closed partition is merged again when it has changed by one mention in this many."""


class Log:
    """The write-ahead log of a writer: moved into the file in time, and begun afresh even while others read."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._path = f"{file_of(connection)}-wal"
        self._tried = 0.0

    def checkpoint(self, limit: int = WAL_LIMIT) -> bool:
        """Move it when it is longer than `limit` bytes; whether it was.

        Most of that waits for nobody and keeps nobody waiting. The next write would then begin the log afresh if nobody
        happened to read just then; beside busy readers that moment never comes, so it is made: no more is written until
        those who read an older state have ended, which takes them some milliseconds. Who reads for longer is left
        alone, until the next time.
        """
        try:
            length = os.stat(self._path).st_size
        except FileNotFoundError:
            return False
        if length <= limit:
            return False
        self._connection.execute("PRAGMA wal_checkpoint(PASSIVE)")
        if length > WAL_LIMIT and time.monotonic() - self._tried >= AGAIN:
            moved(self._connection, "RESTART", PATIENCE)
            self._tried = time.monotonic()
        return True


def moved(connection: Connection, how: str, patience: int = 0) -> bool:
    """Move the whole log by `how`, RESTART or TRUNCATE; False when a reader needs some of it for `patience` ms.

    Nobody can write meanwhile.
    """
    before = connection.execute("PRAGMA busy_timeout").fetchone()[0]
    connection.execute(f"PRAGMA busy_timeout={patience}")
    try:
        return not connection.execute(f"PRAGMA wal_checkpoint({how})").fetchone()[0]
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF not in (5, 6):  # SQLITE_BUSY, SQLITE_LOCKED
            raise
        return False
    finally:
        connection.execute(f"PRAGMA busy_timeout={before}")


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
    """Drop a day of the numbers by hour and source, or aspect, that are too old; the first hour kept from now on."""
    wanted = int(now - EPOCH) // 3600 - numbers.HOURLY_DAYS * 24
    (oldest,) = connection.execute("SELECT min(hour) FROM hourly").fetchone()
    upto = min(wanted, max(hourly_from, wanted if oldest is None else oldest) + HOURLY_STEP)
    if upto <= hourly_from:
        return hourly_from
    for table in ("hourly", "hourly_aspect"):
        connection.execute(f"DELETE FROM {table} WHERE hour < ?", (upto,))  # noqa: S608
    mirror.set_state(connection, "hourly_from", str(upto))
    return upto


_MATCHES = """
SELECT x.mention_id, x.topic_id, x.score, m.lang, m.country, m.kind, m.intents
FROM (SELECT DISTINCT topic_id FROM hourly_topic WHERE hour BETWEEN ?1 AND ?2) AS h
CROSS JOIN matches AS x ON x.topic_id = h.topic_id AND x.mention_id >= ?3 AND x.mention_id < ?4
CROSS JOIN mentions AS m ON m.id = x.mention_id"""


def count_aspects(connection: Connection, hourly_from: int, upto: int) -> int:
    """Count the next mentions of a store that is older than `listen.store.aspects`; from which id on all is counted."""
    row = connection.execute(
        "SELECT id FROM mentions WHERE id < ? ORDER BY id DESC LIMIT 1 OFFSET ?", (upto, ASPECTS_STEP - 1)
    ).fetchone()
    low = int(row[0]) if row else 0
    delta = numbers.Delta(hourly_from)
    rows = connection.execute(_MATCHES, (hour_of(low), hour_of(upto), low, upto))
    for mention, topic, score, *told in rows:
        delta.count(mention, topic, score, aspects.of(*told))
    delta.write(connection)
    mirror.set_state(connection, aspects.FROM, str(low))
    return low
