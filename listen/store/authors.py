"""Who said it: one row for each handle of a network, kept up to date as posts tell more.

Where handles can change, a network has lasting names (`uid`) as well: then the row is that of the lasting name, and its
handle is what was told last. Until a handle is known, the lasting name stands for it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from listen import text
from listen.model import Author
from listen.store import mirror
from listen.store.sqlite import Connection

REMEMBERED = 50_000
"""Authors kept in memory, so that those who say much cost nothing."""

MOST_DOUBTED = 1_000
"""Accounts of a network of which it is remembered that they may be called otherwise."""

_DOUBTED = "names_doubted"

Handle = tuple[int, str]
"""(network id, handle as spelled, or folded)"""


@dataclass(slots=True)
class _Known:
    """What is stored of an author."""

    name: str | None
    url: str | None
    followers: int | None
    handle: str
    uid: str | None


class Authors:
    """Ids of authors, making and updating their rows inside the caller's transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._ids: dict[Handle, int] = {}
        self._uids: dict[Handle, int] = {}
        self._known: dict[int, _Known] = {}
        self._next = 0

    def forget(self) -> None:
        """After a rollback: what was remembered may not exist."""
        self._ids.clear()
        self._uids.clear()
        self._known.clear()
        self._next = 0

    def ids(self, authors: Sequence[tuple[int, Author | None]]) -> list[int | None]:
        """The id of each (network id, author), None for nobody."""
        if len(self._known) > REMEMBERED:
            self._ids.clear()
            self._uids.clear()
            self._known.clear()
        self._recall([(network, one) for network, one in authors if one is not None])
        changes = _Changes()
        found = [None if one is None else self._one(network, one, changes) for network, one in authors]
        self._write(changes)
        return found

    def tell(self, authors: Iterable[tuple[int, Author]]) -> list[int]:
        """Take over what is told of those accounts that are stored, by their lasting names; ids of the renamed ones."""
        told = [(network, one) for network, one in authors if one.uid]
        self._recall(told)
        changes = _Changes()
        for network, one in told:
            if (network, str(one.uid)) in self._uids:
                self._one(network, one, changes)
        self._write(changes)
        return sorted(changes.renamed)

    def called(self, network: int, author: Author) -> Author | None:
        """The account as it is called here, where it came with its lasting name alone and its handle is known."""
        if not author.uid or author.handle != author.uid:
            return None
        self._recall([(network, author)])
        known = self._known.get(self._uids.get((network, author.uid), 0))
        return (
            None
            if known is None or known.handle == author.uid
            else replace(author, handle=known.handle, name=known.name)
        )

    def unnamed(self, network: int, limit: int) -> list[str]:
        """The lasting names of accounts whose handle is not known, newest first."""
        rows = self._connection.execute(
            "SELECT uid FROM authors WHERE network_id = ? AND handle = uid ORDER BY id DESC LIMIT ?", (network, limit)
        )
        return [uid for (uid,) in rows]

    def _recall(self, authors: Iterable[tuple[int, Author]]) -> None:
        """Remember what is stored of these authors, by one question for all of them."""
        known, uids = self._ids, self._uids
        wanted = {one.uid for network, one in authors if one.uid and (network, one.uid) not in uids}
        handles = {
            (network, one.handle)
            for network, one in authors
            if (network, one.handle) not in known and not (one.handle == one.uid and (network, one.uid) in uids)
        }
        folded_ones = {(network, text.fold(handle)) for network, handle in handles}
        strange = {folded for network, folded in folded_ones if (network, folded) not in known}
        if not (strange or wanted):
            return
        rows = self._connection.execute(_BY_HANDLE, (json.dumps(list(strange)),)).fetchall()
        if wanted:
            rows += self._connection.execute(_BY_UID, (json.dumps(list(wanted)),)).fetchall()
        for network, folded, number, name, url, followers, handle, uid in rows:
            if number not in self._known:
                self._known[number] = _Known(name, url, followers, handle, uid)
            known[network, folded] = number
            if uid:
                uids[network, uid] = number

    def _one(self, network: int, author: Author, changes: _Changes) -> int:
        spelled = (network, author.handle)
        number = self._uids.get((network, author.uid)) if author.uid else self._ids.get(spelled)
        if number is None:
            number = self._by_handle(network, author, changes)
        known = self._known[number]
        if author.uid:
            self._name(network, number, author, known, changes)
        # What a post does not tell is no news.
        told = (
            author.name or known.name,
            author.url or known.url,
            known.followers if author.followers is None else author.followers,
        )
        if told != (known.name, known.url, known.followers):
            known.name, known.url, known.followers = told
            changes.told.add(number)
        return number

    def _by_handle(self, network: int, author: Author, changes: _Changes) -> int:
        """The row of that handle, or a new one; one that is another account's by now gives it up."""
        folded = text.fold(author.handle)
        number = self._ids.get((network, folded))
        if number is not None and author.uid and self._known[number].uid not in (None, author.uid):
            self._give_up(network, number, folded, changes)
            number = None
        if number is None:
            number = self._number()
            self._known[number] = _Known(author.name, author.url, author.followers, author.handle, author.uid)
            changes.new[number] = network
        self._ids[network, author.handle] = self._ids[network, folded] = number
        if author.uid:
            self._uids[network, author.uid] = number
        return number

    def _name(self, network: int, number: int, author: Author, known: _Known, changes: _Changes) -> None:
        """Bring handle and lasting name of a row up to date."""
        if known.uid is None:
            known.uid = author.uid
            self._uids[network, str(author.uid)] = number
            changes.named.append(number)
        if author.handle in (author.uid, known.handle):
            return
        folded, before = text.fold(author.handle), text.fold(known.handle)
        other = self._ids.get((network, folded))
        if other is not None and other != number and not self._give_up(network, other, folded, changes):
            return
        self._drop(network, before, known)
        self._ids[network, folded] = self._ids[network, author.handle] = number
        known.handle = author.handle
        changes.named.append(number)
        changes.renamed.add(number)

    def _give_up(self, network: int, number: int, folded: str, changes: _Changes) -> bool:
        """Another account has this handle now: the row is called by its lasting name again, if it has one."""
        known = self._known[number]
        if known.uid is None:
            return False
        self._drop(network, folded, known)
        known.handle = known.uid
        self._ids[network, text.fold(known.uid)] = number
        changes.named.append(number)
        changes.renamed.add(number)
        return True

    def _drop(self, network: int, folded: str, known: _Known) -> None:
        """Forget whose a handle was."""
        for spelling in (folded, known.handle):
            self._ids.pop((network, spelling), None)

    def _write(self, changes: _Changes) -> None:
        """Rows that give up a handle come before those that take it, and new ones last."""
        named = [number for number in changes.named if number not in changes.new]
        if named:
            rows = [
                (self._known[one].handle, text.fold(self._known[one].handle), self._known[one].uid, one)
                for one in named
            ]
            parked = [(f"\x00{one}", one) for one in dict.fromkeys(named)]
            self._connection.executemany("UPDATE authors SET handle_key=? WHERE id=?", parked)
            self._connection.executemany("UPDATE authors SET handle=?, handle_key=?, uid=? WHERE id=?", rows)
        if changes.new:
            rows_new = []
            for number, network in changes.new.items():
                one = self._known[number]
                folded = text.fold(one.handle)
                rows_new.append(
                    (number, network, one.handle, one.name, one.url, one.followers, folded, _key(one.name), one.uid)
                )
            self._connection.executemany(_INSERT, rows_new)
        told = [number for number in changes.told if number not in changes.new]
        if told:
            self._connection.executemany(
                "UPDATE authors SET name=?, name_key=?, url=?, followers=? WHERE id=?",
                [(one.name, _key(one.name), one.url, one.followers, number) for number in told
                 if (one := self._known[number])],
            )  # fmt: skip

    def _number(self) -> int:
        if not self._next:
            (highest,) = self._connection.execute("SELECT max(id) FROM authors").fetchone()
            self._next = (highest or 0) + 1
        self._next += 1
        return self._next - 1


_BY_HANDLE = (
    "SELECT network_id, handle_key, id, name, url, followers, handle, uid FROM authors "
    "WHERE handle_key IN (SELECT value FROM json_each(?))"
)
_BY_UID = (
    "SELECT network_id, handle_key, id, name, url, followers, handle, uid FROM authors "
    "WHERE uid IN (SELECT value FROM json_each(?))"
)
_INSERT = (
    "INSERT INTO authors(id, network_id, handle, name, url, followers, handle_key, name_key, uid) "
    "VALUES (?,?,?,?,?,?,?,?,?)"
)


def doubted(connection: Connection, network: str) -> dict[str, int]:
    """Lasting names of stored accounts that may be called otherwise by now, and since when."""
    told = json.loads(mirror.state(connection, _DOUBTED) or "{}").get(network, {})
    return {str(uid): int(since) for uid, since in told.items()}


def doubt(connection: Connection, network: str, uids: Iterable[str], now: int) -> None:
    """These accounts may be called otherwise now; of those that are not stored, nothing is kept."""
    rows = connection.execute(
        "SELECT a.uid FROM authors AS a JOIN networks AS n ON n.id = a.network_id "
        "WHERE a.uid IN (SELECT value FROM json_each(?)) AND n.name = ?",
        (json.dumps([*uids]), network),
    ).fetchall()
    if rows:
        before = doubted(connection, network)
        _set_doubted(connection, network, {**before, **{uid: now for (uid,) in rows}})


def believe(connection: Connection, network: str, uids: Iterable[str]) -> None:
    """It is known, or cannot be known, what these accounts are called."""
    before = doubted(connection, network)
    after = {uid: since for uid, since in before.items() if uid not in {*uids}}
    if after != before:
        _set_doubted(connection, network, after)


def _set_doubted(connection: Connection, network: str, uids: dict[str, int]) -> None:
    told = json.loads(mirror.state(connection, _DOUBTED) or "{}")
    newest = dict(sorted(uids.items(), key=lambda one: one[1])[-MOST_DOUBTED:])
    mirror.set_state(connection, _DOUBTED, json.dumps({**told, network: newest}))


class _Changes:
    """What a batch changes, written at its end."""

    __slots__ = ("named", "new", "renamed", "told")

    def __init__(self) -> None:
        self.new: dict[int, int] = {}
        """New row -> its network."""
        self.told: set[int] = set()
        self.named: list[int] = []
        self.renamed: set[int] = set()


def _key(name: str | None) -> str | None:
    """How a name is looked for."""
    return text.fold(name) if name else None
