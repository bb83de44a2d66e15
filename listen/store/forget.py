"""A person erased from the store, step by step, so that neither collecting nor people wait for it.

First of all the account is kept out, so that nothing of it comes in meanwhile; a run that is broken off is begun anew
and finds what is left. Each step is a transaction of its own; `erase` yields between them.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

from listen.model import KINDS
from listen.query.attributes import called
from listen.store import authors, changes, forgotten, journal, mentions, quoted, receipts, threads, traces
from listen.store.names import of_network
from listen.store.sqlite import Connection
from listen.text import fold

if TYPE_CHECKING:
    from listen.store.receipts import Receipt
    from listen.store.write import Writer

BATCH = 50
"""Mentions of theirs whose answers are looked for at a time."""

LOOKED = 10_000
"""Mentions looked at in one step for their author: some 20 ms."""

COUNTED = (
    "mentions", "shared", "names", "sightings", "notes", "tags", "triage", "growth", "labels", "blind", "journal",
    "alerts", "rejects", "requests", "quoted", "masked",
)  # fmt: skip
"""What a receipt counts; `shared`: of the mentions, those by which others passed on their words; `quoted`: mentions of
others that name them still."""

SHORTEST = 4
"""Letters that a name needs before what holds it somewhere in its text is taken to be about that person."""

_REPOST = KINDS.index("repost")


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody's account on one network. Foreign text."""

    id: int
    network: str
    handle: str
    name: str | None = None
    url: str | None = None
    uid: str | None = None

    @property
    def spelled(self) -> str:
        """As a person writes it, network and all."""
        return f"{self.network}:{self.handle}"

    @property
    def terms(self) -> tuple[str, ...]:
        """What tells this account from others, in lower case."""
        told = (self.handle, self.uid, self.url)
        return tuple(dict.fromkeys(one.lower() for one in told if one and len(one) >= SHORTEST))


_ACCOUNTS = (
    "SELECT a.id, n.name, a.handle, a.name, a.url, a.uid FROM authors AS a JOIN networks AS n ON n.id = a.network_id "
)


def found(connection: Connection, written: str) -> list[Account]:
    """The accounts that are meant by `@claire@host`, `network/claire`, a lasting name or the address of a profile."""
    known, name = of_network(connection, written)
    where = "AND n.name = ?2" if known else "AND ?2 IS NOT NULL"
    key = called(fold(name))
    begun = "a.handle_key >= ?1 || '@' AND a.handle_key < ?1 || 'A'"
    ways = [("a.uid = ?1", name), ("a.handle_key = ?1", key), (begun, key), ("a.url = ?1", name)]
    if not known:  # somebody of that name on another network may be meant
        ways[1:3] = [(f"(a.handle_key = ?1 OR {begun})", key)]
    for condition, value in ways:
        rows = connection.execute(f"{_ACCOUNTS} WHERE {condition} {where} ORDER BY a.id LIMIT 100", (value, known))
        if listed := [Account(*row) for row in rows.fetchall()]:
            return listed
    return []


def accounts(connection: Connection, ids: Iterable[int]) -> list[Account]:
    """The accounts with these numbers; those that are gone are left out."""
    sql = f"{_ACCOUNTS} WHERE a.id IN (SELECT value FROM json_each(?))"  # noqa: S608
    rows = connection.execute(sql, (json.dumps([*ids]),))
    return [Account(*row) for row in rows.fetchall()]


def merged(connection: Connection, ids: Collection[int]) -> list[int]:
    """All accounts that somebody takes for the same people as these."""
    rows = connection.execute(
        "SELECT b.author_id FROM identities AS a JOIN identities AS b ON b.person = a.person "
        "WHERE a.author_id IN (SELECT value FROM json_each(?))",
        (json.dumps([*ids]),),
    )
    return sorted({row[0] for row in rows.fetchall()}.union(ids))


# --- erasing ---------------------------------------------------------------------------------------------------------


def erase(writer: Writer, people: Sequence[Account], by: str, *, mask: bool = False) -> Iterator[Receipt | int]:
    """Erase accounts with all that they said, and keep them out.

    Yields the mentions erased so far after each step, and the receipt at last.
    `mask`: their handles go from what others say, too.
    """
    counts: Counter[str] = Counter()
    gone: set[journal.Name] = set()
    with writer.transaction():
        _keep_out(writer, people, mask)
    yield 0
    ids = {one.id for one in people}
    after: int | None = -1
    while after is not None:
        said, after = _said(writer.connection, ids, after)
        for start in range(0, len(said), BATCH):
            for _ in _erase_mentions(writer, said[start : start + BATCH], counts, gone):
                yield counts["mentions"]
        yield counts["mentions"]
    later = (
        quoted.others(writer, people, mask, counts),
        traces.rewrite_journal(writer, counts),
        traces.erase_traces(writer, people, gone, counts),
    )
    for _ in chain.from_iterable(later):
        yield counts["mentions"]
    with writer.transaction():
        for one in people:
            authors.believe(writer.connection, one.network, [one.uid] if one.uid else [])
        counts["names"] += erase_accounts(writer, people)
    while writer.merge_deleted():
        yield counts["mentions"]
    with writer.transaction():
        told = {name: counts[name] for name in COUNTED}
        done = receipts.write(writer.connection, "forget", told, by, int(writer.clock.now()))
        forgotten.write_list(writer.connection, writer.path)
    writer.kept_out.load(writer.connection)
    yield done


def _keep_out(writer: Writer, people: Sequence[Account], mask: bool) -> None:
    rows: list[tuple[int, str, str]] = []
    for one in people:
        if one.uid:
            rows += [(forgotten.UID, one.network, one.uid), (forgotten.HANDLE_BESIDE, one.network, one.handle)]
        else:
            rows.append((forgotten.HANDLE_ONLY, one.network, one.handle))
        if mask:
            rows += [(forgotten.MASKED, one.network, name) for name in {one.handle, one.handle.partition("@")[0]}]
    forgotten.add(writer.connection, rows)
    writer.kept_out.load(writer.connection)


def _said(connection: Connection, ids: Collection[int], after: int) -> tuple[list[int], int | None]:
    """(mentions of these authors, where to go on) among the next ones: each row is looked at, index or not."""
    rows = connection.execute(
        "SELECT id, author_id FROM mentions WHERE id > ? ORDER BY id LIMIT ?", (after, LOOKED)
    ).fetchall()
    return [one for one, author in rows if author in ids], rows[-1][0] if len(rows) == LOOKED else None


def _erase_mentions(
    writer: Writer, ids: Sequence[int], counts: Counter[str], gone: set[journal.Name]
) -> Iterator[None]:
    """Erase a batch, and what others pass on of it; what others answer of it no longer says what that was.

    Their own mentions go last: whoever begins anew finds by them what has been left.
    """
    connection = writer.connection
    places = list(threads.places(connection, ids))
    answers = _answers(connection, places)
    passed_on = [one for one, kind in answers if kind == _REPOST]
    erased = {(one.network, one.external_id) for one in [*places, *passed_on]}
    with writer.transaction():
        forgotten.add(connection, [(forgotten.POST, *name) for name in sorted(erased)])
    yield
    for part in _parts(writer, [one.mention_id for one, kind in answers if kind != _REPOST]):
        with writer.transaction():
            _veil(connection, [*threads.places(connection, part)], erased)
        yield
    counts["shared"] += len(passed_on)
    for part in _parts(writer, [one.mention_id for one in [*passed_on, *places]]):
        for table in ("sightings", "notes", "tags", "triage", "growth", "labels", "blind"):
            counts[table] += _count(connection, table, part)
        counts["mentions"] += writer.delete(part)
        yield
    gone |= erased


def _parts(writer: Writer, ids: Sequence[int]) -> Iterator[Sequence[int]]:
    """So many at a time as can be erased in a short step."""
    start = 0
    while start < len(ids):
        end = start + writer.erasing.room()
        yield ids[start:end]
        start = end


def _count(connection: Connection, table: str, ids: Sequence[int]) -> int:
    (number,) = connection.execute(
        f"SELECT count(*) FROM {table} WHERE mention_id IN (SELECT value FROM json_each(?))",  # noqa: S608
        (json.dumps([*ids]),),
    ).fetchone()
    return int(number)


def _answers(connection: Connection, places: Sequence[threads.Place]) -> list[tuple[threads.Place, int]]:
    """(mention of others that names one of these as what it answers or stands under, its kind)."""
    own = {one.mention_id for one in places}
    names = {one.external_id for one in places}
    keys = {one.key for one in places} | {one.thread for one in places if one.thread is not None}
    rows = connection.execute(
        "SELECT DISTINCT t.mention_id, m.kind FROM json_each(?) AS j CROSS JOIN threads AS t ON t.thread = j.value "
        "JOIN mentions AS m ON m.id = t.mention_id",
        (json.dumps(sorted(keys)),),
    ).fetchall()
    kinds = {mention: kind for mention, kind in rows if mention not in own}
    there = threads.places(connection, sorted(kinds))
    return [(one, kinds[one.mention_id]) for one in there if names.intersection((one.parent_id, one.thread_id))]


def _veil(connection: Connection, places: Sequence[threads.Place], gone: Collection[journal.Name]) -> None:
    """Have these answer something without a name."""
    for one in places:
        threads.leave(connection, one)
        columns: dict[str, object] = {
            column: forgotten.veil(connection, one.network, told)
            for column in ("parent_id", "thread_id")
            if (told := getattr(one, column)) is not None and (one.network, told) in gone
        }
        mentions.update(connection, one.mention_id, columns)
    ids = [one.mention_id for one in places]
    own = connection.execute(
        "SELECT mention_id FROM aside WHERE why & 1 AND mention_id IN (SELECT value FROM json_each(?))",
        (json.dumps(ids),),
    ).fetchall()
    threads.enter(connection, [*threads.places(connection, ids)], [row[0] for row in own])
    changes.note(connection, ids)


def erase_accounts(writer: Writer, people: Sequence[Account]) -> int:
    """The names themselves, what somebody said of who they are, and their place among our customers."""
    connection = writer.connection
    for one in people:
        connection.execute("DELETE FROM identities WHERE author_id = ?", (one.id,))
        left = [row[0] for row in connection.execute("SELECT author_id FROM identities WHERE person = ?", (one.id,))]
        if len(left) > 1:
            connection.execute("UPDATE identities SET person = ? WHERE person = ?", (min(left), one.id))
        else:
            connection.execute("DELETE FROM identities WHERE person = ?", (one.id,))
        connection.execute(
            "DELETE FROM customers WHERE handle_key = ? AND network IN ('', ?)", (fold(one.handle), one.network)
        )
    done = connection.executemany("DELETE FROM authors WHERE id = ?", [(one.id,) for one in people]).rowcount
    writer.forget_authors()
    return done
