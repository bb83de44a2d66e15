"""What was erased, when and by whom, by an id that names nobody; and whether every byte of it is gone.

Rows that are deleted are overwritten where they lie. What is left of them in the write-ahead log goes when that is
emptied, which waits for whoever still reads an older state; what is left in the gaps of pages, when those are washed.
"""

from __future__ import annotations

import json
import secrets
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from listen.store import gaps, mirror, upkeep
from listen.store.sqlite import Connection, file_of

ROUNDS = 2
"""Times that the file is washed: first beside all else, then what was written meanwhile while the writer stands still,
some 3 seconds a gigabyte. A page that is written all the time would keep its gap otherwise."""

OWED = "wash"
"""Name of the fact that deleted rows may have left something: who reads keeps the log, and how often it was washed."""

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
    mirror.set_state(connection, OWED, "0")


def owed(connection: Connection) -> bool:
    """Whether bytes of deleted rows may be left."""
    return mirror.state(connection, OWED) is not None


class Washing:
    """Empties the log and washes the file, a step at a time; the writer calls it when it has nothing else to do."""

    def __init__(self) -> None:
        self.waits = ""
        """What it waits for, in words."""
        self._child: subprocess.Popen[bytes] | None = None

    def step(self, connection: Connection) -> int | None:
        """Go on: the washings done by now when one has just ended, else None. Waits for nobody."""
        if self._child is not None:
            code = self._child.poll()
            if code is None:
                return None
            self._child = None
            connection.execute("PRAGMA shrink_memory")
            if code == gaps.UNFIT:
                self.waits = "its pages cannot be washed; `VACUUM` by hand would do it"
            return int(mirror.state(connection, OWED) or 0) + 1 if code in (0, gaps.UNFIT) else None
        if not upkeep.moved(connection, "TRUNCATE"):
            self.waits = "somebody still reads an older state of the store; the log is emptied when they let go"
            return None
        self.waits = ""
        # What this connection remembers of pages would bring their gaps back.
        connection.execute("PRAGMA shrink_memory")
        command = [sys.executable, "-I", str(Path(gaps.__file__)), file_of(connection)]
        quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        self._child = subprocess.Popen(command, start_new_session=True, **quiet)  # type: ignore[call-overload]
        if int(mirror.state(connection, OWED) or 0) + 1 < ROUNDS:
            return None
        self._child.wait()
        return self.step(connection)

    def wait(self) -> None:
        """Until the washing under way has ended."""
        if self._child is not None:
            self._child.wait()

    @property
    def busy(self) -> bool:
        return self._child is not None


def washed(connection: Connection, rounds: int, at: int) -> bool:
    """The file was washed so many times, inside the caller's transaction; whether that is enough."""
    if rounds < ROUNDS:
        mirror.set_state(connection, OWED, str(rounds))
        return False
    connection.execute("DELETE FROM state WHERE name = ?", (OWED,))
    connection.execute("UPDATE receipts SET clean_at = ? WHERE clean_at IS NULL", (at,))
    return True
