"""Saying that accounts are one person, with a reason, and taking that back; see `listen.store.people`.

The journal names accounts by (network, lasting name or handle), and keeps what was said of each before, so that undo
and redo leave alone what somebody has said otherwise since.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from listen.store.journal import Change, Name
from listen.store.people import accounts_of, person_of
from listen.store.sqlite import Connection
from listen.text import clean, fold, one_line

PERSON = "person"
"""The field of the journal."""

LONGEST_REASON = 300

_ANY: Any = object()

Value = str | None
"""What is said of an account, as JSON: [network, name of who stands for the person, reason, by, at]; None nothing."""


def reason_of(written: str) -> str:
    """A reason as it is kept. Raises ValueError for none at all."""
    found = one_line(clean(written)[0]).strip()[:LONGEST_REASON]
    if not found:
        raise ValueError("it takes a reason: what tells that they are one person")
    return found


def united(connection: Connection, persons: Sequence[int], reason: str, who: str, at: int) -> tuple[Value, list[Name]]:
    """(what is to be said, of which accounts) when the first of these persons is all of them, too."""
    first, *rest = (person_of(connection, one) for one in persons)
    others = dict.fromkeys(one for one in rest if one != first)
    accounts = [account for person in others for account in accounts_of(connection, person)]
    before = accounts_of(connection, first)
    if len(before) == 1:  # whoever stands for the person is said to do so, too
        accounts = [first, *accounts]
    names = _names(connection, [first, *accounts])
    if not others or len(names) < 2:
        return None, []
    told = json.dumps([*names[first], reason, who, at], ensure_ascii=False, separators=(",", ":"))
    return told, [names[one] for one in accounts if one in names]


def parted(connection: Connection, person: int) -> list[Name]:
    """The accounts of a person who is several; [] for whoever is one anyway."""
    accounts = accounts_of(connection, person_of(connection, person))
    return list(_names(connection, accounts).values()) if len(accounts) > 1 else []


def put(connection: Connection, names: Iterable[Name], value: Value, standing: Any = _ANY) -> list[Change]:
    """Say this of accounts, inside the caller's transaction; what was changed.

    With `standing`, of those alone of which this very thing is said now.
    """
    changes = []
    for name in names:
        author = _found(connection, name)
        old = None if author is None else said_of(connection, author)
        if author is None or old == value or (standing is not _ANY and old != standing):
            continue
        if value is None:
            connection.execute("DELETE FROM identities WHERE author_id = ?", (author,))
        else:
            network, handle, reason, by, at = json.loads(value)
            person = _found(connection, (network, handle))
            if person is None:
                continue
            connection.execute(
                "INSERT OR REPLACE INTO identities VALUES (?,?,?,?,?)", (author, person, reason, by, int(at))
            )
        changes.append(Change(0, name, old))
    return changes


def said_of(connection: Connection, author: int) -> Value:
    """What is said of an account."""
    row = connection.execute(
        "SELECT n.name, ifnull(a.uid, a.handle), i.reason, i.by, i.at FROM identities AS i "
        "JOIN authors AS a ON a.id = i.person JOIN networks AS n ON n.id = a.network_id WHERE i.author_id = ?",
        (author,),
    ).fetchone()
    return None if row is None else json.dumps([*row], ensure_ascii=False, separators=(",", ":"))


def _names(connection: Connection, authors: Sequence[int]) -> dict[int, Name]:
    rows = connection.execute(
        "SELECT a.id, n.name, ifnull(a.uid, a.handle) FROM json_each(?) AS j CROSS JOIN authors AS a ON a.id = j.value "
        "JOIN networks AS n ON n.id = a.network_id ORDER BY j.key",
        (json.dumps(authors),),
    )
    return {author: (network, name) for author, network, name in rows}


def _found(connection: Connection, name: Name) -> int | None:
    network, known_as = name
    row = connection.execute(
        "SELECT a.id FROM networks AS n CROSS JOIN authors AS a ON a.network_id = n.id AND (a.uid = ?2 "
        "OR a.handle_key = ?3) WHERE n.name = ?1 ORDER BY a.uid IS NOT ?2 LIMIT 1",
        (network, known_as, fold(known_as)),
    ).fetchone()
    return None if row is None else int(row[0])
