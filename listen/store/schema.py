"""A store is made, or brought up to date, by the migrations that it has not gone through yet."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

from listen.store import files, sqlite

# isort: split
# After listen.store.sqlite, which decides for the whole process which SQLite library sqlite-utils takes.
from sqlite_utils import Database, Migrations

from listen.store.layout import APPLICATION_ID, SCHEMA_VERSION
from listen.store.migrations import STEPS
from listen.store.sqlite import StoreError, sqlite3


def _step(script: str) -> Callable[[Database], None]:
    """What carries out the statements of one migration, one by one: a script would commit before it."""

    def run(db: Database) -> None:
        for statement in script.split(";\n"):
            if statement.strip():
                db.conn.execute(statement)

    return run


def _registered() -> Migrations:
    found = Migrations("listen")
    for name, script in STEPS.items():
        found(name=name)(_step(script))
    return found


migrations = _registered()


def prepare(path: str | Path, *, forced: bool = False) -> None:
    """Make the store, or bring an older one up to date, in one transaction; a store with content is copied before.

    Safe when several processes do it at once. Raises `StoreError` when the file is not ours, is newer than this
    program, or lies on a network file system (unless forced).
    """
    files.check_place(path, forced)
    files.new_file(path)
    with sqlite.explaining(path):
        _refuse_foreign(path)
        connection = sqlite.connect_unprepared(path)
        try:
            _migrate(connection, Path(path))
        finally:
            connection.close()


def _refuse_foreign(path: str | Path) -> None:
    """Raise `StoreError` for a file that is somebody else's or too new, before anything in it is touched."""
    connection = sqlite3.connect(f"{Path(path).resolve().as_uri()}?mode=rw", uri=True, timeout=sqlite.BUSY_SECONDS)
    try:
        (application,) = connection.execute("PRAGMA application_id").fetchone()
        (stored,) = connection.execute("PRAGMA user_version").fetchone()
        tables = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    finally:
        connection.close()
    if application != APPLICATION_ID and (tables or application):
        raise StoreError(f"{path} is an SQLite file of another program; give another path with --db")
    if stored > SCHEMA_VERSION:
        raise StoreError(
            f"{path} was made by a newer listen (schema {stored}, this one knows {SCHEMA_VERSION}); upgrade"
        )


def _migrate(connection: sqlite.Connection, path: Path) -> None:
    """Apply what is pending; the version is read again inside the transaction, where nobody else can change it."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        (stored,) = connection.execute("PRAGMA user_version").fetchone()
        if stored < SCHEMA_VERSION:
            if stored:
                copy_before(path, f"{path}.before-schema-{SCHEMA_VERSION}")
            migrations.apply(Database(connection, execute_plugins=False))
            connection.execute(f"PRAGMA application_id={APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version={SCHEMA_VERSION}")
        connection.execute("COMMIT")
    except BaseException:
        connection.rollback()
        raise


def copy_before(path: Path, target: str) -> None:
    """Copy the store as it was before the migration, by a second connection that sees only what is committed."""
    size = path.stat().st_size
    if shutil.disk_usage(path.parent).free < size + (64 << 20):
        raise StoreError(
            f"the store has to be brought up to date and needs {size >> 20} MiB beside it for a copy first; "
            f"free some space on {path.parent}"
        )
    half = f"{target}.part"
    Path(half).unlink(missing_ok=True)
    files.new_file(half)
    source, copy = sqlite3.connect(path), sqlite3.connect(half)
    try:
        source.backup(copy, pages=-1)
    finally:
        copy.close()
        source.close()
    files.sync(half)
    os.replace(half, target)
    files.sync(path.parent)
