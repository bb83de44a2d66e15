"""SQL that a person has typed: it may look at tables and views and do nothing else, and it ends in time."""

from __future__ import annotations

import math
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from listen.store.sqlite import Connection, connect_reader, sqlite3
from listen.store.views import VIEWS

BATCH = 200
"""Rows that are fetched at once."""

_READ, _SELECT, _FUNCTION, _RECURSIVE = 20, 21, 31, 33
"""Codes of SQLite's authorizer (https://sqlite.org/c3ref/c_alter_table.html)."""

_ACTIONS = {
    9: "DELETE", 10: "DROP", 18: "INSERT", 19: "PRAGMA", 22: "a transaction", 23: "UPDATE", 24: "ATTACH", 25: "DETACH",
    26: "ALTER", 27: "REINDEX", 28: "ANALYZE", 32: "a savepoint",
}  # fmt: skip

CLOSED = frozenset({"forgotten"})
"""Tables that nobody reads: hashes of people who were erased."""

REFUSED = frozenset({"load_extension", "readfile", "writefile", "edit", "fts3_tokenizer"})
"""Functions that reach beyond the store."""


class SqlError(Exception):
    """What is wrong with a statement, with the place in it (0 at its beginning) where that is known."""

    def __init__(self, message: str, at: int | None = None, length: int = 1) -> None:
        super().__init__(message)
        self.at, self.length = at, length

    def caret(self, sql: str) -> str:
        """The line of the statement with marks under what is wrong; "" where that is not known."""
        if self.at is None:
            return ""
        start = sql.rfind("\n", 0, self.at) + 1
        line = sql[start:].split("\n", 1)[0].replace("\t", " ")
        return f"{line}\n{' ' * (self.at - start)}{'^' * self.length}"


class SqlSlow(SqlError):
    """The time was up."""


class Answer(NamedTuple):
    columns: list[str]
    rows: Iterator[tuple[Any, ...]]


class Guarded:
    """A connection that can only look. Raises `StoreError` when the store cannot be opened."""

    def __init__(self, path: str | Path, seconds: float) -> None:
        """`seconds` of SQLite's own time for each statement; what the caller does between two rows is not counted."""
        self._seconds, self._deadline = seconds, math.inf
        self._refused = ""
        self._connection: Connection = connect_reader(path, progress=lambda: time.monotonic() > self._deadline)
        self._connection.set_authorizer(self._allows)

    def __enter__(self) -> Guarded:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def ask(self, sql: str) -> Answer:
        """The answer to one SELECT, its rows as they are found. Raises `SqlError`, also while rows are taken."""
        if "\0" in sql:
            raise SqlError("a statement holds no NUL")
        self._refused = ""
        left = self._seconds
        cursor, left = self._timed(sql, left, lambda: self._connection.execute(sql))
        if cursor.description is None:
            raise SqlError("this is no SELECT; only SELECT and WITH … SELECT are answered")
        return Answer([column[0] for column in cursor.description], self._rows(sql, cursor, left))

    def _rows(self, sql: str, cursor: Any, left: float) -> Iterator[tuple[Any, ...]]:
        while True:
            found, left = self._timed(sql, left, lambda: cursor.fetchmany(BATCH))
            yield from found
            if len(found) < BATCH:
                return

    def _timed(self, sql: str, left: float, step: Any) -> tuple[Any, float]:
        """(what the step gives, seconds that are left after it)."""
        began = time.monotonic()
        self._deadline = began + left
        try:
            return step(), left - (time.monotonic() - began)
        except (sqlite3.Error, sqlite3.Warning, MemoryError) as error:
            raise self._explained(error, sql) from None
        finally:
            self._deadline = math.inf

    def _allows(self, action: int, first: str | None, second: str | None, _db: str | None, _by: str | None) -> int:
        if action in (_SELECT, _RECURSIVE):
            return sqlite3.SQLITE_OK
        if action == _READ and (first or "") not in CLOSED:
            return sqlite3.SQLITE_OK
        if action == _FUNCTION and (second or "").lower() not in REFUSED:
            return sqlite3.SQLITE_OK
        if action == _READ:
            self._refused = f"{first} is closed"
        elif action == _FUNCTION:
            self._refused = f"{second}() is closed"
        else:
            self._refused = f"{_ACTIONS.get(action, 'this')} is not allowed"
        return sqlite3.SQLITE_DENY

    def _explained(self, error: BaseException, sql: str) -> SqlError:
        told = str(error)
        if "interrupted" in told:
            return SqlSlow(f"stopped after {self._seconds:g} seconds; ask for less, or give --timeout more of them")
        if self._refused:
            return SqlError(f"{self._refused}: this only looks; only SELECT and WITH … SELECT are answered")
        if "one statement at a time" in told:
            return SqlError("these are several statements; give one")
        if isinstance(error, MemoryError) or "too big" in told:
            return SqlError("a value of the answer is larger than memory allows")
        return _placed(told, sql, self._names())

    def _names(self) -> list[str]:
        """What can be asked for: tables, views, and the columns of the views."""
        tables = [row[0] for row in self._connection.execute("SELECT name FROM sqlite_master")]
        return [*VIEWS, *{column for columns in VIEWS.values() for column in columns}, *tables]


_NAMED = re.compile(
    r'no such (?:column|table|function): (?:\w+\.)?(.+)|near "(.+)"|ambiguous column name: (?:\w+\.)?(.+)'
)


def _placed(told: str, sql: str, names: list[str]) -> SqlError:
    """SQLite's message with a suggestion, and with the place, where what it names stands just once."""
    import difflib

    found = _NAMED.match(told)
    if found is None:
        return SqlError(told)
    word = next(part for part in found.groups() if part)
    near = difflib.get_close_matches(word, names, n=1, cutoff=0.6) if told.startswith("no such") else []
    hint = f'; did you mean "{near[0]}"?' if near else ""
    places = [one.start() for one in re.finditer(rf"(?<!\w){re.escape(word)}(?!\w)", sql)]
    if not places or len(places) > 1:
        return SqlError(told + hint)
    return SqlError(f"{told}{hint} (character {places[0] + 1})", places[0], len(word))
