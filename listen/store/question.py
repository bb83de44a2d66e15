"""How a reader asks: one question at a time, each a short transaction that can be ended from outside."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Concatenate, ParamSpec, Self, TypeVar

from listen.query import tree
from listen.store import patterns
from listen.store.files import identity
from listen.store.sqlite import Connection, connect_reader, sqlite3
from listen.text import fold

P = ParamSpec("P")
T = TypeVar("T")

FRUGAL = -1_000
"""Size of a reader's cache, as SQLite has it, while it reads what it does not come back to: 1 MB."""

INTERRUPTED = 9
"""SQLITE_INTERRUPT."""


class Questions:
    """One read-only connection, for any thread, one question at a time: who wants two answers at once opens two.

    Each question is one short read transaction. Raises `StoreError` when the store cannot be opened.
    """

    def __init__(self, path: str | Path, who: str = "") -> None:
        """`who` asks: `assignee:me` is that person."""
        self._path, self._file = path, identity(path)
        self.asker = fold(who)
        self._lock = threading.RLock()
        self._deadline = math.inf
        self._stops = 0
        self._asked_at: int | None = None
        self._connection = connect_reader(path, progress=self._must_end)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop what runs and close the connection."""
        self.stop()
        with self._lock:
            self._connection.close()

    @property
    def moved(self) -> bool:
        """Whether the file was deleted or replaced since it was opened: what is read is not what others write."""
        return identity(self._path) != self._file

    @contextmanager
    def frugal(self) -> Iterator[None]:
        """For one long way through the store: pages that are read once are not worth their memory."""
        with self._lock:
            (before,) = self._connection.execute("PRAGMA cache_size").fetchone()
            self._connection.execute(f"PRAGMA cache_size={FRUGAL}")
        try:
            yield
        finally:
            with self._lock:
                self._connection.execute(f"PRAGMA cache_size={before}")

    def stop(self) -> None:
        """From any thread: queries that run or wait now end within some 10 ms with what they have."""
        self._stops += 1

    def snapshot(self) -> AbstractContextManager[Connection]:
        """One read transaction, for who counts in a way of their own."""
        return self._question()

    @contextmanager
    def interruptible(self) -> Iterator[tuple[Connection, Callable[[], None]]]:
        """The same for what takes longer: it ends with its block when `stop()` is called.

        With it comes what has to be called between statements that are each too short to be stopped.
        """
        with self._question(None) as connection, self._ended():
            yield connection, self._pause

    def _ask(self, asked: Callable[Concatenate[Connection, P], T], *told: P.args, **more: P.kwargs) -> T:
        """The answer of a function that takes a connection first, in a transaction of its own."""
        with self._question() as connection:
            return asked(connection, *told, **more)

    @contextmanager
    def _question(self, budget: float | None = math.inf, query: tree.Node | None = None) -> Iterator[Connection]:
        """A read transaction, which ends by the deadline or by `stop()` when it has a budget (None: no deadline)."""
        stoppable = budget != math.inf
        asked_at, deadline = self._stops, math.inf if budget is None else time.monotonic() + budget
        with self._lock:
            if query is not None:
                patterns.show(self._connection, query)
            self._connection.execute("BEGIN")
            if stoppable:
                self._asked_at, self._deadline = asked_at, deadline
            try:
                yield self._connection
            except sqlite3.OperationalError as error:
                if self._was_ctrl_c(error):
                    raise KeyboardInterrupt from None
                raise
            finally:
                self._asked_at, self._deadline = None, math.inf
                # SQLite ends it itself when it is interrupted while it makes a temporary table.
                if self._connection.in_transaction:
                    self._connection.execute("COMMIT")

    def _must_end(self) -> bool:
        """SQLite asks this every few steps of a query."""
        if self._asked_at is None:
            return False
        return self._asked_at != self._stops or time.monotonic() > self._deadline

    def _pause(self) -> None:
        """End as SQLite would: between two statements, of which each may be too short for it to ask."""
        if self._must_end():
            raise sqlite3.OperationalError("interrupted")

    def _was_ctrl_c(self, error: sqlite3.OperationalError) -> bool:
        """Whether it came while SQLite asked `_must_end`: whatever is raised there ends the query, and is not told."""
        return getattr(error, "sqlite_errorcode", 0) == INTERRUPTED and not self._must_end()

    @contextmanager
    def _ended(self) -> Iterator[None]:
        """Goes on behind its block when the question has to end; what was found by then stays."""
        try:
            yield
        except sqlite3.OperationalError as error:
            if self._was_ctrl_c(error) or ("interrupted" not in str(error) and not self._must_end()):
                raise
