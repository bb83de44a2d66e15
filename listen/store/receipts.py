"""What was erased, when and by whom, by an id that names nobody; and whether every byte of it is gone.

Rows that are deleted are overwritten where they lie. What is left of them in the write-ahead log goes when that is
emptied, which waits for whoever still reads an older state; what is left in the gaps of pages, when those are washed.
"""

from __future__ import annotations

import contextlib
import json
import secrets
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from listen.store import gaps, mirror, upkeep
from listen.store.sqlite import Connection

if TYPE_CHECKING:
    from listen.store.session import Session

OWED = "wash"
"""Name of the fact that deleted rows may have left something."""

KEPT = 1_000
"""Receipts; the oldest give way."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """One erasure. Times in Unix seconds."""

    id: str
    at: int
    by: str
    action: str
    """`forget`, `prune` or `pseudonymise`."""
    counts: dict[str, Any]
    clean_at: int | None
    """Since when no byte of it is left in the store's files; None: not yet."""


def write(connection: Connection, action: str, counts: Mapping[str, Any], by: str, at: int) -> Receipt:
    """A new receipt, inside the caller's transaction; the files are washed when there is time."""
    number = f"R-{secrets.token_hex(5)}"
    connection.execute(
        "INSERT INTO receipts(id, at, by, action, counts) VALUES (?,?,?,?,?)",
        (number, at, by, action, json.dumps(dict(counts))),
    )
    connection.execute(
        "DELETE FROM receipts WHERE clean_at IS NOT NULL AND id NOT IN "
        "(SELECT id FROM receipts ORDER BY at DESC, id LIMIT ?)",
        (KEPT,),
    )
    owe(connection)
    return Receipt(number, at, by, action, dict(counts), None)


def listed(connection: Connection, limit: int = 100) -> list[Receipt]:
    """The newest receipts, newest first."""
    return [_receipt(row) for row in connection.execute(_SELECT + "ORDER BY at DESC, id LIMIT ?", (limit,)).fetchall()]


def receipt(connection: Connection, number: str) -> Receipt | None:
    """One receipt, None for an unknown id."""
    row = connection.execute(_SELECT + "WHERE id = ?", (number,)).fetchone()
    return None if row is None else _receipt(row)


_SELECT = "SELECT id, at, by, action, counts, clean_at FROM receipts "


def _receipt(row: tuple[Any, ...]) -> Receipt:
    number, at, by, action, counts, clean_at = row
    return Receipt(number, at, by, action, json.loads(counts), clean_at)


# --- the bytes -------------------------------------------------------------------------------------------------------


def owe(connection: Connection) -> None:
    """Rows were deleted whose bytes must go, inside the caller's transaction."""
    mirror.set_state(connection, OWED, "1")


def owed(connection: Connection) -> bool:
    """Whether bytes of deleted rows may be left."""
    return mirror.state(connection, OWED) is not None


class Washing:
    """Empties the log and washes the file, a step at a time; the writer calls it when it has nothing else to do.

    The whole file is washed beside all else, some 3 seconds a gigabyte. Whoever had read a page before may write it
    since, old gap and all: what was written is known from the log, and washed while nobody else can write. The commit
    that ends this makes everybody read anew.
    """

    def __init__(self) -> None:
        self.waits = ""
        """What it waits for, in words."""
        self._child: subprocess.Popen[str] | None = None
        self._written: set[int] | None = None
        """Pages that were written since the whole file was begun to be washed; None before that."""

    @property
    def under_way(self) -> bool:
        """Between its beginning and its end the log is to be left alone: it tells what is written."""
        return self._written is not None

    def step(self, writer: Session) -> None:
        """Go on. Waits for nobody, but to make the end, for which others wait some 100 ms."""
        if self._child is not None:
            if self._child.poll() is None:
                return
            self._told(self._child.returncode)
            self._child = None
        version = self._noted(writer)
        if not upkeep.moved(writer.connection, "TRUNCATE", upkeep.PATIENCE):
            self.waits = "somebody still reads an older state of the store; the log is emptied when they let go"
            self.give_up(writer.path)
        elif self._written is None:
            self.waits = ""
            # What this connection remembers of pages would bring their gaps back.
            writer.connection.execute("PRAGMA shrink_memory")
            self._written = set()
            self._child = _washing(writer.path)
        else:
            self._end(writer, version, self._written)

    def _noted(self, writer: Session) -> int:
        """Note what was written since the beginning; the version of the store that this is true for."""
        with writer.transaction():
            if self._written is not None:
                self._written |= gaps.logged(Path(f"{writer.path}-wal"))
            return _version(writer.connection)

    def _end(self, writer: Session, version: int, pages: Iterable[int]) -> None:
        """Wash what was written, unless somebody was quicker and has written more."""
        self._written = None
        with writer.transaction():
            if _version(writer.connection) != version:
                return
            writer.connection.execute("PRAGMA shrink_memory")
            child = _washing(writer.path, pages)
            self._told(child.wait())
            writer.connection.execute("PRAGMA shrink_memory")
            if child.returncode in (0, gaps.UNFIT):
                washed(writer.connection, int(writer.clock.now()))

    def give_up(self, path: str) -> None:
        """Begin anew some time when the log has grown too long: somebody reads all the time."""
        if self._child is None and Path(f"{path}-wal").stat().st_size > upkeep.WAL_LIMIT:
            self._written = None

    def _told(self, code: int) -> None:
        if code == gaps.UNFIT:
            self.waits = "its pages cannot be washed; `VACUUM` by hand would do it"
        elif code:
            self._written = None  # from the beginning

    def wait(self) -> None:
        """Until the washing under way has ended."""
        if self._child is not None:
            self._child.wait()


def _washing(path: str, pages: Iterable[int] | None = None) -> subprocess.Popen[str]:
    """A process that washes the whole file, or these pages of it."""
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    command = [sys.executable, "-I", str(Path(gaps.__file__)), path, *(["-"] if pages is not None else [])]
    child = subprocess.Popen(  # type: ignore[call-overload]
        command, start_new_session=True, stdin=subprocess.PIPE, text=True, **quiet
    )
    with child.stdin as told, contextlib.suppress(BrokenPipeError):
        told.write(" ".join(map(str, sorted(pages or ()))))
    return child  # type: ignore[no-any-return]


def _version(connection: Connection) -> int:
    """Another one after whatever others have written."""
    return int(connection.execute("PRAGMA data_version").fetchone()[0])


def washed(connection: Connection, at: int) -> None:
    """No byte of what was deleted is left, inside the caller's transaction."""
    connection.execute("DELETE FROM state WHERE name = ?", (OWED,))
    connection.execute("UPDATE receipts SET clean_at = ? WHERE clean_at IS NULL", (at,))
