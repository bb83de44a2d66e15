"""When each person was last here, and on which mention they are now, so that nobody steps on anybody's feet.

Where somebody is belongs to their console, not to their name: two consoles of one name see each other, too.
"""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import NamedTuple

from listen.store.sqlite import Connection

PREFIX = "presence:"
"""Before a person's name, among the facts that are kept by name."""


ON = "on:"
"""The same before a console's key: who sits there, and where they are now."""

YOU = "you"
"""How a person is told of themselves at another console."""

STALE = 150
"""Seconds after which somebody who did nothing more is no longer on a mention."""


class Visit(NamedTuple):
    at: int
    """Unix seconds."""
    newest: int
    """The newest mention's id at that time; 0 when there was none."""
    seq: int
    """Where the arrivals stood."""


def last_visit(connection: Connection, who: str) -> Visit | None:
    """A person's last visit, None when they never were here."""
    row = connection.execute("SELECT value FROM state WHERE name = ?", (PREFIX + who,)).fetchone()
    return Visit(*json.loads(row[0])) if row else None


def note_visit(connection: Connection, who: str, at: int) -> None:
    """The person is here now. To be called inside a transaction."""
    newest, seq = connection.execute(
        "SELECT ifnull((SELECT max(id) FROM mentions), 0), ifnull((SELECT max(seq) FROM arrivals), 0)"
    ).fetchone()
    connection.execute(
        "INSERT INTO state VALUES (?,?) ON CONFLICT DO UPDATE SET value=excluded.value",
        (PREFIX + who, json.dumps([at, newest, seq])),
    )


class Console(NamedTuple):
    """A console that is open, as it leaves its row."""

    key: str
    who: str
    pid: int
    space: str
    """Where its process id means something: the machine, and there the space of process ids (a container's own)."""


class Seat(NamedTuple):
    """Where a console's person is."""

    console: Console
    mention_id: int | None
    at: int
    """Unix seconds: since when, or when they did something last."""


def console(who: str) -> Console:
    """This process as a console of that person."""
    return Console(os.urandom(6).hex(), who, os.getpid(), _space())


@lru_cache(maxsize=1)
def _space() -> str:
    try:
        return f"{socket.gethostname()}:{os.stat('/proc/self/ns/pid').st_ino}"
    except OSError:
        return socket.gethostname()


def ended(one: Console) -> bool:
    """Whether its process is gone, or dead and not yet buried, as far as this machine can tell."""
    if one.space != _space():
        return False
    try:
        os.kill(one.pid, 0)
    except ProcessLookupError:
        return True
    except OSError:
        pass  # somebody else's
    try:
        with open(f"/proc/{one.pid}/stat", encoding="utf-8", errors="replace") as told:
            return told.read().rpartition(") ")[2].startswith(("Z", "X"))
    except OSError:
        return False


def stand(connection: Connection, own: Console, mention_id: int | None, at: int) -> None:
    """A console's person is on that mention now, or on none; consoles that were killed go. Inside a transaction."""
    for key, seat in _rows(connection):
        if seat is None or ended(seat.console):
            connection.execute("DELETE FROM state WHERE name = ?", (key,))
    connection.execute(
        "INSERT INTO state VALUES (?,?) ON CONFLICT DO UPDATE SET value=excluded.value",
        (ON + own.key, json.dumps([own.who, own.pid, own.space, mention_id, at])),
    )


def leave(connection: Connection, own: Console) -> None:
    """The console is closed. To be called inside a transaction."""
    connection.execute("DELETE FROM state WHERE name = ?", (ON + own.key,))


def seats(connection: Connection, but: Console | None = None) -> list[Seat]:
    """The consoles that are open, without `but`."""
    found = [seat for _, seat in _rows(connection) if seat is not None and not ended(seat.console)]
    return [seat for seat in found if but is None or seat.console.key != but.key]


def _rows(connection: Connection) -> list[tuple[str, Seat | None]]:
    """(name, what it says) of each row; None for one of an older version."""
    rows = connection.execute("SELECT name, value FROM state WHERE name >= ? AND name < ?", (ON, ON[:-1] + ";"))
    return [(name, _seat(name.removeprefix(ON), json.loads(value))) for name, value in rows.fetchall()]


def _seat(key: str, told: list[object]) -> Seat | None:
    match told:
        case [str(who), int(pid), str(space), (int() | None) as mention_id, int(at)]:
            return Seat(Console(key, who, pid, space), mention_id, at)
    return None


def others(found: Iterable[Seat], now: float, me: str = "") -> Mapping[int, tuple[str, ...]]:
    """Mention -> who is on it, without those who have done nothing for long; `me` at another console is `you`."""
    told: dict[int, tuple[str, ...]] = {}
    for who, mention_id in sorted({(one.console.who, one.mention_id or 0) for one in found if now - one.at < STALE}):
        if mention_id:
            told[mention_id] = (*told.get(mention_id, ()), YOU if who == me else who)
    return told
