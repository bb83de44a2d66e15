"""What people ask of the collector: a row each, taken in order, answered or failed in words. Light on purpose."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from listen.clock import Clock
from listen.store.journal import Signed, account
from listen.store.sqlite import Connection, short_transaction

KINDS = (
    "try", "preview", "back-fill", "fetch thread", "re-match", "replay", "report", "edit", "forget",
    "pseudonymise", "prune", "acknowledge", "import",
)  # fmt: skip
"""What can be asked for."""


@dataclass(frozen=True, slots=True)
class Request:
    """One request as stored. Times in Unix seconds, None when it has not happened."""

    id: int
    at: int
    by: str
    kind: str
    body: dict[str, Any]
    taken_at: int | None
    done_at: int | None
    answer: dict[str, Any] | None
    error: str | None
    progress: dict[str, Any] | None = None
    """How far it is, of one that takes a while; it stands where the answer will."""
    user: str | None = None
    """The login that asked, whatever name it signed with; None where that is not known."""

    @property
    def signed(self) -> Signed:
        """Who asked."""
        return Signed(self.by, self.user)


_SELECT = "SELECT id, at, by, kind, body, taken_at, done_at, answer, error, user FROM requests "


def ask(connection: Connection, kind: str, body: Mapping[str, Any], who: str, clock: Clock) -> int:
    """Ask the collector for something; the request's id, by which `request` tells what became of it."""
    if kind not in KINDS:
        raise ValueError(f"no such request: {kind!r}; one of {', '.join(KINDS)}")
    with short_transaction(connection):
        row = connection.execute(
            "INSERT INTO requests(at, by, user, kind, body) VALUES (?,?,?,?,?)",
            (int(clock.now()), who, account(), kind, json.dumps(dict(body))),
        ).lastrowid
    assert row is not None
    return row


def request(connection: Connection, request_id: int) -> Request | None:
    """One request, None when it was never made."""
    row = connection.execute(_SELECT + "WHERE id = ?", (request_id,)).fetchone()
    return None if row is None else _read(row)


def open_requests(connection: Connection) -> list[Request]:
    """Everything that is neither answered nor failed, oldest first."""
    return [_read(row) for row in connection.execute(_SELECT + "WHERE done_at IS NULL ORDER BY id").fetchall()]


def take(connection: Connection, request_id: int, clock: Clock) -> bool:
    """Say that work on it has begun; False when somebody else has taken it, or it is done."""
    with short_transaction(connection):
        return bool(
            connection.execute(
                "UPDATE requests SET taken_at = ? WHERE id = ? AND taken_at IS NULL AND done_at IS NULL",
                (int(clock.now()), request_id),
            ).rowcount
        )


def give_back(connection: Connection) -> int:
    """A new collector's first act: what the last one took and did not finish is open again; how many there were."""
    with short_transaction(connection):
        return connection.execute(
            "UPDATE requests SET taken_at = NULL WHERE taken_at IS NOT NULL AND done_at IS NULL"
        ).rowcount


def finish(
    connection: Connection,
    request_id: int,
    clock: Clock,
    *,
    answer: Mapping[str, Any] | None = None,
    error: str | None = None,
) -> None:
    """Answer a request, or say in a sentence why it failed; a second answer changes nothing.

    Whoever asked may end it so, too: the collector then breaks off what it does for it.
    """
    with short_transaction(connection):
        connection.execute(
            "UPDATE requests SET done_at = ?, answer = ?, error = ? WHERE id = ? AND done_at IS NULL",
            (int(clock.now()), None if answer is None else json.dumps(dict(answer)), error, request_id),
        )


def tell_progress(connection: Connection, request_id: int, told: Mapping[str, Any]) -> None:
    """Say how far one is that takes a while; nothing happens to one that is done."""
    with short_transaction(connection):
        connection.execute(
            "UPDATE requests SET answer = ? WHERE id = ? AND done_at IS NULL", (json.dumps(dict(told)), request_id)
        )


def _read(row: tuple[Any, ...]) -> Request:
    identifier, at, by, kind, body, taken_at, done_at, told, error, user = row
    read = None if told is None else json.loads(told)
    answer, progress = (None, read) if done_at is None else (read, None)
    return Request(identifier, at, by, kind, json.loads(body), taken_at, done_at, answer, error, progress, user)
