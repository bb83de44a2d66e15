"""Copies of the store that can be trusted: made while others write, checked, and never half."""

from __future__ import annotations

import contextlib
import glob
import json
import os
import shutil
from pathlib import Path

from listen.store import audit, files, mirror, sqlite
from listen.store.errors import BadTarget
from listen.store.layout import APPLICATION_ID
from listen.store.sqlite import StoreError, check_schema, explained, sqlite3


def backup(path: str | Path, target: str | Path, *, force: bool = False) -> int:
    """Copy the store as it is at one moment to one file (0600), which appears under its name only when it was checked.

    How many mentions it holds. Others may write meanwhile. Raises `BadTarget` when the target exists (unless forced) or
    cannot be one, `StoreError` when there is no room for it or the copy is damaged.
    """
    source, target = Path(path), Path(target)
    if not source.is_file():
        raise StoreError(f"there is no store at {source}")
    _refuse_target(target, force)
    if target.exists() and target.samefile(source):
        raise BadTarget(f"{target} is the store itself; give another file")
    sqlite.connect_reader(source, forced=True).close()  # says it in its own words when this is no store
    half = target.with_name(f"{target.name}.part-{os.getpid()}")
    _need_room(half, source)
    try:
        _copy(source, half)
        found = check(half)
        _put(half, target)
    finally:
        _remove(half)
    return found


def restore(source: str | Path, target: str | Path, *, force: bool = False) -> int:
    """Put a backup where the store is. The caller holds the collector's lock, so that nobody writes meanwhile.

    How many mentions it holds. The backup is checked before anything is touched. Raises `BadTarget` when there is none
    or a store is there (unless forced), `StoreError` when it is damaged or somebody still has that store open.
    """
    source, target = Path(source), Path(target)
    if not source.is_file():
        raise BadTarget(f"there is no backup at {source}")
    _refuse_target(target, force)
    if target.exists() and target.samefile(source):
        raise BadTarget(f"{source} is the store itself; give the file that `listen backup` made")
    check(source)
    half = target.with_name(f"{target.name}.part-{os.getpid()}")
    _need_room(half, source)
    try:
        _copy(source, half)
        found = check(half)
        if target.exists():
            _settle(target)
        _put(half, target)
    finally:
        _remove(half)
    return found


REMEMBERED = 50
"""Backups of which a store remembers where they were put."""

_BACKUPS = "backups"


def remember(path: str | Path, target: str | Path, at: int) -> None:
    """Have the store remember where its copy was put, as far as its user may write to it."""
    file = str(Path(target).resolve())
    with (
        contextlib.suppress(StoreError),
        contextlib.closing(sqlite.connect_people(path, forced=True)) as people,
        sqlite.short_transaction(people),
    ):
        before = [one for one in _told(people) if one[0] != file]
        mirror.set_state(people, _BACKUPS, json.dumps([*before, (file, at)][-REMEMBERED:]))


def known(path: str | Path, connection: sqlite.Connection) -> list[tuple[str, int]]:
    """(file, Unix seconds) of the copies of a store that are known and still there, oldest first.

    Those that were remembered, those that a migration made, and every other store in the same folder.
    """
    found = {file: at for file, at in _told(connection) if Path(file).is_file()}
    own = Path(path).resolve()
    for file in sorted(own.parent.iterdir()):
        if file.is_file() and file != own and _is_store(file):
            found.setdefault(str(file), int(file.stat().st_mtime))
    return sorted(found.items(), key=lambda one: one[1])


def _told(connection: sqlite.Connection) -> list[tuple[str, int]]:
    return [(str(file), int(at)) for file, at in json.loads(mirror.state(connection, _BACKUPS) or "[]")]


def _is_store(file: Path) -> bool:
    """By what SQLite's file format says of an application's own files."""
    try:
        with file.open("rb") as opened:
            head = opened.read(72)
    except OSError:
        return False
    return head[:16] == b"SQLite format 3\0" and head[68:72] == APPLICATION_ID.to_bytes(4, "big")


def check(path: str | Path) -> int:
    """How many mentions a store holds, all of it read: SQLite's own check, and some of them searched by their words.

    Raises `StoreError`.
    """
    try:
        connection = sqlite3.connect(f"{Path(path).resolve().as_uri()}?mode=ro", uri=True)
        try:
            check_schema(connection, path)
            lines = [row[0] for row in connection.execute("PRAGMA integrity_check(5)")]
            if lines != ["ok"]:
                raise StoreError(f"{path} is damaged: {'; '.join(lines)}")
            (mentions,) = connection.execute("SELECT count(*) FROM mentions").fetchone()
        finally:
            connection.close()
    except sqlite3.Error as error:
        told = explained(error, path)
        raise (told if isinstance(told, StoreError) else StoreError(f"{path} cannot be read: {error}")) from error
    if found := audit.problems(path):
        raise StoreError(f"{path} is damaged: {found[0]}")
    return int(mentions)


def _refuse_target(target: Path, force: bool) -> None:
    if target.is_dir():
        raise BadTarget(f"{target} is a folder; give a file in it")
    if target.exists() and not force:
        raise BadTarget(f"{target} exists; give another file, or --force to replace it")
    if not target.parent.is_dir():
        raise BadTarget(f"there is no folder {target.parent}; make it first")


def _need_room(half: Path, source: Path) -> None:
    """Raise `StoreError` when the copy cannot fit. What only the log holds yet is counted as if it were all new."""
    log = Path(f"{source}-wal")
    size = source.stat().st_size + (log.stat().st_size if log.exists() else 0)
    free = shutil.disk_usage(half.parent).free
    if free < size:
        left, needed = (f"{number / (1 << 20):.1f} MiB" for number in (free, size))
        raise StoreError(f"{half.parent} has {left} left and the copy needs {needed}; give another place")


def _copy(source: Path, half: Path) -> None:
    """All pages in one step, so that writers cannot make it begin again; one file that needs no log beside it."""
    try:
        _sweep(half)
        _remove(half)
        files.new_file(half)
        os.chmod(half, 0o600)
    except OSError as error:
        raise StoreError(f"nothing can be written to {half.parent}: {error.strerror}; give another place") from error
    try:
        reader, copy = sqlite3.connect(f"{source.resolve().as_uri()}?mode=ro", uri=True), sqlite3.connect(half)
        try:
            reader.backup(copy, pages=-1)
            copy.execute("PRAGMA journal_mode=DELETE")
        finally:
            copy.close()
            reader.close()
    except sqlite3.Error as error:
        told = explained(error, source)
        raise (told if isinstance(told, StoreError) else StoreError(f"{source} cannot be copied: {error}")) from error
    files.sync(half)


def _settle(target: Path) -> None:
    """Bring an old store's log into its file: a log left behind would be applied to the new one."""
    log = Path(f"{target}-wal")
    try:
        connection = sqlite.connect_unprepared(target)
        try:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        finally:
            connection.close()
    except (StoreError, sqlite3.Error):
        _remove(log)  # damaged: that is why it is being replaced
    if log.exists():
        raise StoreError(f"{target} is open in another program; quit all consoles of this store and try again")


def _put(half: Path, target: Path) -> None:
    os.chmod(half, files.file_mode(target) if target.exists() else 0o600)
    os.replace(half, target)
    Path(f"{target}-shm").unlink(missing_ok=True)
    files.sync(target.parent)


def _sweep(half: Path) -> None:
    """Remove the unfinished copies of processes that were killed at it."""
    for left in half.parent.glob(f"{glob.escape(half.stem)}.part-*"):
        pid = left.suffix.removeprefix(".part-")
        if pid.isdecimal() and not _alive(int(pid)):
            _remove(left)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        pass
    return True


def _remove(path: Path) -> None:
    for name in (path, Path(f"{path}-wal"), Path(f"{path}-shm"), Path(f"{path}-journal")):
        name.unlink(missing_ok=True)
