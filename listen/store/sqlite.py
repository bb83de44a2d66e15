"""Which SQLite is used, and how a connection to the store is opened. No sqlite-utils: readers import this module."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

from listen.store import door
from listen.store.errors import StoreBusy, StoreError, StoreFull
from listen.store.files import check_place
from listen.store.layout import APPLICATION_ID, SCHEMA_VERSION

if TYPE_CHECKING:
    import sqlite3
else:
    if os.environ.get("LISTEN_SQLITE") == "stdlib":
        # sqlite-utils imports pysqlite3 by itself. Two SQLite libraries on one file in one process drop each other's
        # locks and can crash, so the choice has to hold for the whole process.
        sys.modules["pysqlite3"] = None
    try:
        from pysqlite3 import dbapi2 as sqlite3
    except ImportError:
        import sqlite3

__all__ = [
    "Connection",
    "StoreBusy",
    "StoreError",
    "StoreFull",
    "connect_people",
    "connect_reader",
    "connect_unprepared",
    "connect_writer",
    "explained",
    "explaining",
    "risky",
    "short_transaction",
    "sqlite3",
]

Connection = sqlite3.Connection

OLDEST = (3, 40, 0)
"""The oldest SQLite whose features the schema uses."""

BUSY_SECONDS = 5.0
"""How long a statement waits for another process's write transaction."""

STEPS = 1_000
"""Virtual machine steps between two calls of a reader's progress handler: some 100 microseconds."""

WAL_KEPT = 64 << 20
"""The write-ahead log shrinks to this after a checkpoint, in bytes."""


def version() -> tuple[int, ...]:
    """The version of the SQLite library in use, as numbers."""
    return tuple(int(part) for part in sqlite3.sqlite_version.split("."))


def risky(numbers: tuple[int, ...]) -> bool:
    """Whether that SQLite has the WAL-reset race, which can corrupt a store that several processes write.

    Present since 3.7.0, fixed in 3.51.3, and in 3.50.7 and 3.44.6 for their lines.
    """
    if numbers[:2] == (3, 44):
        return numbers < (3, 44, 6)
    if numbers[:2] == (3, 50):
        return numbers < (3, 50, 7)
    return (3, 7, 0) <= numbers < (3, 51, 3)


def explained(error: BaseException, path: str | Path | None = None) -> BaseException:
    """The error as a `StoreError` with a remedy where the cause is known, else the error itself."""
    code = getattr(error, "sqlite_errorcode", None)
    where = f"{path}: " if path else ""
    if not isinstance(error, sqlite3.Error) or code is None:
        return error
    match code & 0xFF:
        case 13:  # SQLITE_FULL
            return StoreFull(f"{where}no room left to write; free some space, then it goes on by itself")
        case 10:  # SQLITE_IOERR
            return StoreFull(f"{where}the disk refused to read or write ({error}); is it full, or failing?")
        case 5 | 6:  # SQLITE_BUSY, SQLITE_LOCKED
            return StoreBusy(f"{where}another process has been writing for more than {BUSY_SECONDS:.0f} seconds")
        case 8:  # SQLITE_READONLY
            return StoreError(f"{where}the store may not be written by this user; check its owner and permissions")
        case 14:  # SQLITE_CANTOPEN
            return StoreError(f"{where}the file, or those beside it, cannot be opened or made; check its folder")
        case 26:  # SQLITE_NOTADB
            return StoreError(f"{where}this is not an SQLite file; give another path, or move it away")
        case 11:  # SQLITE_CORRUPT
            return StoreError(f"{where}the file is damaged ({error}); stop listen and restore a backup")
    return error


WRITER_CACHE = 32
"""MB of pages that the collector's connection keeps: a stream fills it within minutes, and from then on memory is flat.
Four times as much writes no faster into a million mentions (tests.bench.bench_ingest --cache): the system has them."""


# --- connections -----------------------------------------------------------------------------------------------------


def _decode(raw: bytes) -> str:
    return raw.decode("utf-8", "replace")


def _connect(
    path: str | Path, mode: str, settle: Callable[[Connection], None], *, cache_mb: int, any_thread: bool = False
) -> Connection:
    """Open a file and have `settle` look at it and set it up; errors are explained, and leave nothing open."""
    if version() < OLDEST:
        needed = ".".join(str(number) for number in OLDEST)
        raise StoreError(f"SQLite {sqlite3.sqlite_version} is too old, {needed} is needed; install pysqlite3 >= 0.6.1")
    connection: Connection | None = None
    try:
        connection = sqlite3.connect(
            f"{Path(path).resolve().as_uri()}?{mode}", uri=True, timeout=BUSY_SECONDS, isolation_level=None,
            cached_statements=512, check_same_thread=not any_thread,
        )  # fmt: skip
        # One row with bytes that are no UTF-8 (written by hand) must not hide all others.
        connection.text_factory = _decode
        connection.execute(f"PRAGMA cache_size={-1024 * cache_mb}")
        connection.execute("PRAGMA trusted_schema=OFF")
        settle(connection)
    except BaseException as error:
        if connection is not None:
            connection.close()
        if (told := explained(error, path)) is not error:
            raise told from error
        raise
    return connection


def connect_unprepared(path: str | Path, cache_mb: int = 8) -> Connection:
    """A writing connection to a file that may be empty, or an older store. Raises `StoreError`."""
    return _connect(path, "mode=rw", _set_up_writing, cache_mb=cache_mb)


def _set_up_writing(connection: Connection) -> None:
    write_ahead(connection)
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA foreign_keys=ON")
    connection.execute("PRAGMA secure_delete=ON")
    connection.execute("PRAGMA wal_autocheckpoint=0")  # only the collector checkpoints, when it has time
    connection.execute(f"PRAGMA journal_size_limit={WAL_KEPT}")


def write_ahead(connection: Connection) -> None:
    """Switch the file to write-ahead logging, waiting for others who do the same: SQLite's own timeout does not."""
    deadline = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise
            time.sleep(0.01)


def check_schema(connection: Connection, path: str | Path) -> None:
    """Raise `StoreError` unless the open file is a listen store of this program's version."""
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (stored,) = connection.execute("PRAGMA user_version").fetchone()
    if application != APPLICATION_ID:
        raise StoreError(f"{path} is not a listen store; give another path with --db, or run `listen collect` first")
    if stored > SCHEMA_VERSION:
        raise StoreError(
            f"{path} was made by a newer listen (schema {stored}, this one reads {SCHEMA_VERSION}); upgrade"
        )
    if stored < SCHEMA_VERSION:
        raise StoreError(
            f"{path} was made by an older listen (schema {stored}); run `listen collect` to bring it up to date"
        )


def connect_writer(path: str | Path, cache_mb: int = WRITER_CACHE, *, forced: bool = False) -> Connection:
    """The collector's connection to a prepared store, in autocommit mode. Raises `StoreError`."""
    return _open_existing(path, cache_mb, forced)


def connect_people(path: str | Path, *, forced: bool = False) -> Connection:
    """A person's connection for short writes (triage, requests) to a prepared store. Raises `StoreError`."""
    return _open_existing(path, 4, forced)


def _open_existing(path: str | Path, cache_mb: int, forced: bool) -> Connection:
    _refuse_missing(path, forced)

    def settle(connection: Connection) -> None:
        check_schema(connection, path)  # first: a foreign file must stay as it is
        _set_up_writing(connection)

    return _connect(path, "mode=rw", settle, cache_mb=cache_mb)


def _refuse_missing(path: str | Path, forced: bool) -> None:
    check_place(path, forced)
    if not Path(path).is_file():
        raise StoreError(f"there is no store at {path}; `listen collect` or `listen init` makes one")


def connect_reader(
    path: str | Path, *, cache_mb: int = 16, progress: Callable[[], Any] | None = None, forced: bool = False
) -> Connection:
    """A read-only connection, usable from any thread one at a time. Raises `StoreError`.

    `progress` is called every STEPS steps of a query; when it returns true the query ends with `OperationalError`.
    """
    _refuse_missing(path, forced)

    def settle(connection: Connection) -> None:
        connection.execute("PRAGMA query_only=ON")
        check_schema(connection, path)

    try:
        connection = _connect(path, "mode=ro", settle, cache_mb=cache_mb, any_thread=True)
    except StoreError as error:
        code = getattr(error.__cause__, "sqlite_errorcode", 0) & 0xFF
        if code not in (8, 14) or (code == 8 and Path(f"{path}-shm").exists()):  # SQLITE_READONLY, SQLITE_CANTOPEN
            raise
        # The -wal and -shm files cannot be made: a read-only disk, or a folder that only others write. The file alone
        # is right as long as nobody writes.
        log = Path(f"{path}-wal")
        if log.exists() and log.stat().st_size:
            raise StoreError(
                f"{path} cannot be read here: its folder cannot be written and {log.name} holds changes that are not "
                "in the file yet; open it once with a user who may write, or copy both files to a folder of yours"
            ) from error
        connection = _connect(path, "mode=ro&immutable=1", settle, cache_mb=cache_mb, any_thread=True)
    if progress is not None:
        connection.set_progress_handler(progress, STEPS)
    return connection


@contextmanager
def explaining(path: str | Path | None = None) -> Iterator[None]:
    """Raise errors of SQLite whose cause is known as `StoreError`, `StoreFull` or `StoreBusy`."""
    try:
        yield
    except sqlite3.Error as error:
        told = explained(error, path)
        if told is error:
            raise
        raise told from error


@contextmanager
def short_transaction(connection: Connection) -> Iterator[None]:
    """A person's write: begun as one, so that reading before writing can never end in a locked database.

    Raises `StoreFull`, `StoreBusy`, `StoreError`.
    """
    with explaining():
        try:
            begin(connection)
            yield
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.rollback()
            raise


def begin(connection: Connection, *, polite: bool = False) -> None:
    """Begin to write as soon as the lock is free, by asking every few milliseconds: SQLite asks every 100.

    People wait at the door of the store, so that the next transaction of whoever is `polite` comes after theirs.
    Raises OperationalError when the lock was not to be had within the connection's `busy_timeout`.
    """
    (patience,) = connection.execute("PRAGMA busy_timeout").fetchone()
    connection.execute("PRAGMA busy_timeout=0")
    try:
        if _begun(connection):
            return
        end = time.monotonic() + patience / 1000
        with nullcontext() if polite else door.standing(file_of(connection)):
            while not _begun(connection, last=time.monotonic() > end):
                time.sleep(door.LOOK)
    finally:
        connection.execute(f"PRAGMA busy_timeout={patience}")


def _begun(connection: Connection, last: bool = False) -> bool:
    """Whether the write lock was free."""
    try:
        connection.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError as error:
        if last or error.sqlite_errorcode & 0xFF != 5:  # SQLITE_BUSY
            raise
        return False
    return True


def file_of(connection: Connection) -> str:
    """The file of an open store."""
    return str(connection.execute("PRAGMA database_list").fetchone()[2])


def free_bytes(connection: Connection) -> int:
    """How much of the file nothing lies in: what comes in goes there first."""
    (pages,) = connection.execute("PRAGMA freelist_count").fetchone()
    (size,) = connection.execute("PRAGMA page_size").fetchone()
    return int(pages * size)
