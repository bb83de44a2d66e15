"""A person erased from the store, step by step, so that neither collecting nor people wait for it.

First of all the account is kept out, so that nothing of it comes in meanwhile; a run that is broken off is begun anew
and finds what is left. Each step is a transaction of its own; `erase` yields between them.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, Any

from listen.model import KINDS
from listen.query.attributes import called
from listen.store import (
    alerts,
    authors,
    changes,
    customers,
    forgotten,
    journal,
    marks,
    mentions,
    outbox,
    receipts,
    search,
    tags,
    threads,
)
from listen.store.ids import identified
from listen.store.names import of_network
from listen.store.pace import Pace
from listen.store.sqlite import Connection
from listen.text import HANDLE, fold

if TYPE_CHECKING:
    from listen.store.receipts import Receipt
    from listen.store.write import Writer

BATCH = 50
"""Mentions of theirs whose answers are looked for at a time."""

LOOKED = 10_000
"""Mentions looked at in one step for their author: some 20 ms."""

ENTRIES, ENTRY_BYTES = 200, 60_000
"""Entries of the journal read in one step, or so many characters of them: one may name 500 mentions."""

READ = 1_000
"""Texts of others that are read in one step."""

COMPARED = 100_000
"""Names that are looked for in the texts of one step, all of them in each: some 50 ms."""

COUNTED = (
    *(
        "mentions",
        "shared",
        "names",
        "sightings",
        "notes",
        "tags",
        "triage",
        "growth",
        "labels",
        "blind",
        "journal",
        "alerts",
    ),
    *("rejects", "requests", "quoted", "masked"),
)
"""What a receipt counts; `shared`: of the mentions, those by which others passed on their words; `quoted`: mentions of
others that name them still."""

SHORTEST = 4
"""Letters that a name needs before what holds it somewhere in its text is taken to be about that person."""

Renaming = Callable[[journal.Name], journal.Name | None]

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
        _others(writer, people, mask, counts),
        rewrite_journal(writer, counts),
        _erase_traces(writer, people, gone, counts),
    )
    for _ in chain.from_iterable(later):
        yield counts["mentions"]
    with writer.transaction():
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


def rewrite_journal(writer: Writer, counts: Counter[str]) -> Iterator[None]:
    """Call the mentions of all actions by the names that they have now, and those that are gone no more."""

    def new(name: journal.Name) -> journal.Name | None:
        if identified(writer.connection, *name) is not None:
            return name
        other = name[0], forgotten.anon(writer.connection, *name)
        return None if identified(writer.connection, *other) is None else other

    for rows in _entries(writer.connection):
        found = [number for number, detail in rows if journal.renamed(detail, new) is not None]
        if found:
            with writer.transaction():
                _rewrite_entries(writer.connection, found, new, counts)
        yield


def _entries(connection: Connection) -> Iterator[list[tuple[int, str]]]:
    """(number, detail) of all actions, a few at a time."""
    after = 0
    while True:
        rows: list[tuple[int, str]] = []
        size = 0
        cursor = connection.execute("SELECT id, detail FROM journal WHERE id > ? ORDER BY id LIMIT ?", (after, ENTRIES))
        while size < ENTRY_BYTES and (row := cursor.fetchone()) is not None:
            rows.append(row)
            size += len(row[1])
        cursor.close()
        if not rows:
            return
        yield rows
        after = rows[-1][0]


def _rewrite_entries(connection: Connection, numbers: Sequence[int], new: Renaming, counts: Counter[str]) -> None:
    """People may have undone one of them since it was read."""
    for number in numbers:
        row = connection.execute("SELECT detail FROM journal WHERE id = ?", (number,)).fetchone()
        told = journal.renamed(row[0], new) if row else None
        if told is None:
            continue
        detail, left, dropped = told
        counts["journal"] += bool(dropped)
        if left:
            connection.execute("UPDATE journal SET detail = ?, count = ? WHERE id = ?", (detail, left, number))
        else:
            connection.execute("DELETE FROM journal WHERE id = ?", (number,))


def _erase_traces(
    writer: Writer, people: Sequence[Account], gone: Collection[journal.Name], counts: Counter[str]
) -> Iterator[None]:
    """What else may hold their names: what was refused, what was asked and answered, actions on people."""
    connection = writer.connection
    terms = {term for one in people for term in one.terms}
    names = terms | {external_id.lower() for _, external_id in gone}
    step = max(1, COMPARED // len(names))
    for rows in _told(connection, "SELECT id, message, sample FROM rejects WHERE id > ?", step):
        found = [row[0] for row in rows if _holds(f"{row[1]}\n{row[2]}", names)]
        with writer.transaction():
            connection.executemany("DELETE FROM rejects WHERE id = ?", [(one,) for one in found])
        counts["rejects"] += len(found)
        yield
    asked = "SELECT id, body, answer, error FROM requests WHERE done_at IS NOT NULL AND id > ?"
    for rows in _told(connection, asked, step):
        found = [row[0] for row in rows if _holds("\n".join(one or "" for one in row[1:]), names)]
        with writer.transaction():
            # The row stays, as its number must not be given to another request.
            connection.executemany(
                "UPDATE requests SET body = '{}', answer = iif(answer IS NULL, NULL, '{}'), "
                "error = iif(error IS NULL, NULL, '') WHERE id = ?",
                [(one,) for one in found],
            )
        counts["requests"] += len(found)
        yield
    emptying: list[Callable[..., tuple[int, int | None]]] = [
        *(partial(alerts.forget, table=table) for table in alerts.FORGETTING),
        outbox.forget,
        marks.forget,
    ]
    for forget in emptying:
        after: int | None = 0
        while after is not None:
            with writer.transaction():
                emptied, after = forget(connection, terms=names, after=after, most=step)
            counts["alerts"] += emptied
            yield
    own = {(one.network, fold(one.handle)) for one in people}
    for entries in _entries(connection):
        found = [number for number, detail in entries if _tells(detail, terms, names)]
        lists = [
            (told, number)
            for number, detail in entries
            if _of_customers(detail) and (told := customers.without(detail, own))
        ]
        with writer.transaction():
            connection.executemany("DELETE FROM journal WHERE id = ?", [(one,) for one in found])
            connection.executemany(
                "UPDATE journal SET detail = ?, count = ? WHERE id = ?",
                [(detail, left, number) for (detail, left), number in lists],
            )
        counts["journal"] += len(found)
        yield
    with writer.transaction():
        for network in {one.network for one in people}:
            authors.believe(connection, network, [one.uid for one in people if one.uid and one.network == network])


def _told(connection: Connection, sql: str, step: int) -> Iterator[list[tuple[Any, ...]]]:
    """Rows by their number, so many at a time."""
    after = 0
    while rows := connection.execute(f"{sql} ORDER BY id LIMIT ?", (after, step)).fetchall():
        yield rows
        after = rows[-1][0]


def _tells(detail: str, terms: Iterable[str], names: Iterable[str]) -> bool:
    """Whether an action holds one of their names; those of mentions, which are many, in what somebody noted alone."""
    told = json.loads(detail)
    if told["field"] in (*journal.OF_NO_MENTION, journal.CUSTOMER):
        return False
    noted = told["field"] == tags.NOTE and [told["value"], [old for old, _ in told["before"]]]
    return _holds(_read(told), terms) or (bool(noted) and _holds(_read(noted), names))


def _of_customers(detail: str) -> bool:
    return detail.startswith(f'{{"field":"{journal.CUSTOMER}"')


def _read(detail: object) -> str:
    """A journal's detail as it reads: as it is stored, what is not ASCII is written otherwise."""
    return json.dumps(detail, ensure_ascii=False)


def _holds(text: str, terms: Iterable[str]) -> bool:
    lowered = text.lower()
    return any(term in lowered for term in terms)


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


# --- what others say -------------------------------------------------------------------------------------------------


def _others(writer: Writer, people: Sequence[Account], mask: bool, counts: Counter[str]) -> Iterator[None]:
    """Count the mentions of others that name them as `@handle`, or mask the handles there."""
    pace = Pace(0.002)
    for ids in _quoting(writer.connection, people):
        counts["masked" if mask else "quoted"] += len(ids)
        while mask and ids:
            part, ids = ids[: pace.room()], ids[pace.room() :]
            _mask(writer, part, pace)
            yield None
        yield None


def _quoting(connection: Connection, people: Sequence[Account]) -> Iterator[list[int]]:
    """Ids of mentions with the mark of one of their handles, a few at a time; of their own networks alone."""
    for one in people:
        mark = "@" + fold(one.handle).partition("@")[0].partition(".")[0]
        for part in search.load(connection):
            sql = f"SELECT rowid FROM {part.table} WHERE {part.table} MATCH ?"  # noqa: S608
            ids = [row[0] for row in connection.execute(sql, (f"facets : {search.quoted(mark)}",)).fetchall()]
            for start in range(0, len(ids), READ):
                rows = connection.execute(
                    "SELECT m.id, m.title, m.text FROM json_each(?) AS j CROSS JOIN mentions AS m ON m.id = j.value "
                    "JOIN networks AS n ON n.id = m.network_id AND n.name = ?",
                    (json.dumps(ids[start : start + READ]), one.network),
                ).fetchall()
                yield [number for number, title, text in rows if _names(f"{title or ''} {text}", one)]


def _names(text: str, one: Account) -> bool:
    whole = fold(one.handle)
    names = {whole, whole.partition("@")[0]}
    return any(fold(found[1]) in names for found in HANDLE.finditer(text))


def _mask(writer: Writer, ids: Sequence[int], pace: Pace) -> None:
    """Mask the handles in these mentions, and in what people noted of them."""
    mask = writer.kept_out.mask
    with writer.transaction(), pace.over(len(ids)):
        rows = writer.connection.execute(
            "SELECT m.id, n.name, m.title, m.text, o.text FROM json_each(?) AS j "
            "CROSS JOIN mentions AS m ON m.id = j.value JOIN networks AS n ON n.id = m.network_id "
            "LEFT JOIN notes AS o ON o.mention_id = m.id ORDER BY m.id",
            (json.dumps([*ids]),),
        ).fetchall()
        writer.rewrite({row[0]: {"title": mask(row[1], row[2]), "text": mask(row[1], row[3]) or ""} for row in rows})
        writer.connection.executemany(
            "UPDATE notes SET text = ? WHERE mention_id = ?", [(mask(row[1], row[4]), row[0]) for row in rows if row[4]]
        )
