"""Who people are: accounts that are one person by somebody's word, and those that are our customers.

A person is known by the id of one of their accounts. Whoever has one account stands for themselves.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from listen.store.names import of_network
from listen.store.sqlite import Connection
from listen.text import fold


class Account(NamedTuple):
    """A person's account on one network. Foreign text."""

    id: int
    network: str
    handle: str
    name: str | None
    url: str | None
    followers: int | None
    """None: unknown, which is not 0."""
    customer: str = ""
    """What our own list of customers calls them, "" where they are not in it."""
    segments: tuple[str, ...] = ()


class Joined(NamedTuple):
    """Why an account is taken for the same person as another."""

    account: int
    reason: str
    by: str
    at: int
    """Unix seconds."""


class Who(NamedTuple):
    """A person and all of their accounts, the one that stands for them first."""

    person: int
    accounts: Sequence[Account]

    @property
    def followers(self) -> int | None:
        """All accounts together, as far as they are known; None when none of them are."""
        known = [one.followers for one in self.accounts if one.followers is not None]
        return sum(known) if known else None

    @property
    def segments(self) -> tuple[str, ...]:
        """The segments of all accounts, each once."""
        return tuple(dict.fromkeys(name for one in self.accounts for name in one.segments))


_ACCOUNTS = """
WITH chosen(person, author_id) AS (
  SELECT value, value FROM json_each(?1) UNION SELECT i.person, i.author_id FROM identities AS i
  WHERE i.person IN (SELECT value FROM json_each(?1)))
SELECT c.person, a.id, n.name, a.handle, a.name, a.url, a.followers,
  (SELECT json_group_array(json_array(k.customer, k.segment)) FROM customers AS k
   WHERE k.handle_key = a.handle_key AND k.network IN ('', n.name))
FROM chosen AS c CROSS JOIN authors AS a ON a.id = c.author_id JOIN networks AS n ON n.id = a.network_id
ORDER BY c.person, a.id <> c.person, a.id"""


def who(connection: Connection, persons: Sequence[int]) -> list[Who]:
    """These persons in their order; those who are gone are left out."""
    found: dict[int, list[Account]] = {}
    for person, *row, told in connection.execute(_ACCOUNTS, (json.dumps(persons),)):
        known = sorted({(customer, segment) for customer, segment in json.loads(told)})
        customer = next((customer for customer, _ in known if customer), "")
        segments = tuple(dict.fromkeys(segment for _, segment in known if segment))
        found.setdefault(person, []).append(Account._make((*row, customer, segments)))
    return [Who(one, found[one]) for one in dict.fromkeys(persons) if one in found]


def person_of(connection: Connection, author: int) -> int:
    """Who stands for an account."""
    row = connection.execute("SELECT person FROM identities WHERE author_id = ?", (author,)).fetchone()
    return author if row is None else int(row[0])


def accounts_of(connection: Connection, person: int) -> list[int]:
    """The ids of all accounts of a person."""
    rows = connection.execute("SELECT author_id FROM identities WHERE person = ? ORDER BY 1", (person,)).fetchall()
    return [row[0] for row in rows] or [person]


def joined(connection: Connection, person: int) -> list[Joined]:
    """Why a person's accounts are taken for one, in the order in which that was said."""
    rows = connection.execute(
        "SELECT author_id, reason, by, at FROM identities WHERE person = ?1 AND author_id <> ?1 ORDER BY at, author_id",
        (person,),
    )
    return [Joined._make(row) for row in rows]


def found(connection: Connection, written: str, limit: int = 20) -> list[int]:
    """The persons who are meant by a handle, with its network behind it or not: `claire`, `@claire@mastodon.example`.

    The whole handle counts first, then one that goes on behind an @, then names.
    """
    network, name = of_network(connection, written)
    key = fold(name.removeprefix("@"))
    ways = (
        ("a.handle_key = ?1", (key,)),
        ("a.handle_key >= ?1 || '@' AND a.handle_key < ?1 || 'A'", (key,)),
        ("a.name_key = ?1", (key,)),
    )
    for condition, values in ways:
        rows = connection.execute(
            "SELECT DISTINCT ifnull(i.person, a.id) FROM authors AS a JOIN networks AS n ON n.id = a.network_id "  # noqa: S608
            f"LEFT JOIN identities AS i ON i.author_id = a.id WHERE {condition} AND (?2 = '' OR n.name = ?2) "
            f"ORDER BY 1 LIMIT {int(limit)}",
            (*values, network),
        ).fetchall()
        if rows:
            return [row[0] for row in rows]
    return []


def followed(connection: Connection, persons: Iterable[int], limit: int) -> list[int]:
    """Those of these persons of whom it is known how many follow them, most followed first."""
    rows = connection.execute(
        "SELECT p FROM (SELECT j.value AS p, a.followers AS f FROM json_each(?1) AS j "
        "CROSS JOIN authors AS a ON a.id = j.value UNION ALL SELECT i.person, a.followers FROM identities AS i "
        "CROSS JOIN authors AS a ON a.id = i.author_id WHERE i.author_id <> i.person "
        "AND i.person IN (SELECT value FROM json_each(?1))) GROUP BY p HAVING sum(f) IS NOT NULL "
        "ORDER BY sum(f) DESC, p LIMIT ?2",
        (json.dumps([*persons]), limit),
    )
    return [row[0] for row in rows]


def called(connection: Connection, persons: Iterable[int], part: str) -> set[int]:
    """Those of these persons in whose handles, names or segments this occurs."""
    rows = connection.execute(
        "WITH chosen(person, author_id) AS (SELECT value, value FROM json_each(?1) UNION "
        "SELECT person, author_id FROM identities WHERE person IN (SELECT value FROM json_each(?1))) "
        "SELECT DISTINCT c.person FROM chosen AS c CROSS JOIN authors AS a ON a.id = c.author_id "
        "WHERE instr(a.handle_key, ?2) OR instr(ifnull(a.name_key, ''), ?2) OR EXISTS ("
        "SELECT 1 FROM customers AS k WHERE k.handle_key = a.handle_key AND instr(k.segment_key, ?2))",
        (json.dumps([*persons]), fold(part.strip())),
    )
    return {row[0] for row in rows}


def answering_us(connection: Connection, ids: Sequence[int]) -> set[int]:
    """Those of these mentions that answer something of ours."""
    from listen.store import threads
    from listen.store.aside import OWN

    parents: Iterator[tuple[int, int | None]] = (
        (place.mention_id, place.parent) for place in threads.places(connection, ids)
    )
    wanted = {mention: parent for mention, parent in parents if parent is not None}
    rows = connection.execute(
        "SELECT m.key FROM json_each(?) AS j CROSS JOIN mentions AS m ON m.key = j.value "
        "JOIN aside AS e ON e.mention_id = m.id AND e.why & ?",
        (json.dumps([*wanted.values()]), OWN),
    )
    ours = {row[0] for row in rows}
    return {mention for mention, parent in wanted.items() if parent in ours}
