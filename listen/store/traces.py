"""What else may hold the names of people who are forgotten: actions, what was refused, asked, answered and told."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from listen.store import alerts, customers, forgotten, journal, marks, outbox, tags
from listen.store.ids import identified
from listen.store.sqlite import Connection
from listen.text import fold

if TYPE_CHECKING:
    from listen.store.forget import Account
    from listen.store.write import Writer

ENTRIES, ENTRY_BYTES = 200, 60_000
"""Entries of the journal read in one step, or so many characters of them: one may name 500 mentions."""

COMPARED = 100_000
"""Names that are looked for in the texts of one step, all of them in each: some 50 ms."""

Renaming = Callable[[journal.Name], journal.Name | None]


# --- actions ---------------------------------------------------------------------------------------------------------


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


# --- everything else -------------------------------------------------------------------------------------------------


def erase_traces(
    writer: Writer, people: Sequence[Account], gone: Collection[journal.Name], counts: Counter[str]
) -> Iterator[None]:
    """Take their names, and those of their mentions, out of all of it."""
    terms = {term for one in people for term in one.terms}
    names = terms | {external_id.lower() for _, external_id in gone}
    step = max(1, COMPARED // max(1, len(names)))
    yield from _from_rejects(writer, names, step, counts)
    yield from _from_requests(writer, names, step, counts)
    yield from _from_alerts(writer, names, step, counts)
    yield from _from_journal(writer, people, terms, names, counts)


def _from_rejects(writer: Writer, names: Collection[str], step: int, counts: Counter[str]) -> Iterator[None]:
    for rows in _told(writer.connection, "SELECT id, message, sample FROM rejects WHERE id > ?", step):
        found = [(row[0],) for row in rows if _holds(f"{row[1]}\n{row[2]}", names)]
        with writer.transaction():
            writer.connection.executemany("DELETE FROM rejects WHERE id = ?", found)
        counts["rejects"] += len(found)
        yield


def _from_requests(writer: Writer, names: Collection[str], step: int, counts: Counter[str]) -> Iterator[None]:
    """The rows stay, as their numbers must not be given to other requests."""
    asked = "SELECT id, body, answer, error FROM requests WHERE done_at IS NOT NULL AND id > ?"
    for rows in _told(writer.connection, asked, step):
        found = [(row[0],) for row in rows if _holds("\n".join(one or "" for one in row[1:]), names)]
        with writer.transaction():
            writer.connection.executemany(
                "UPDATE requests SET body = '{}', answer = iif(answer IS NULL, NULL, '{}'), "
                "error = iif(error IS NULL, NULL, '') WHERE id = ?",
                found,
            )
        counts["requests"] += len(found)
        yield


def _from_alerts(writer: Writer, names: Collection[str], step: int, counts: Counter[str]) -> Iterator[None]:
    """Alerts, letters and marks."""
    emptying: list[Callable[..., tuple[int, int | None]]] = [
        *(partial(alerts.forget, table=table) for table in alerts.FORGETTING),
        outbox.forget,
        marks.forget,
    ]
    for forget in emptying:
        after: int | None = 0
        while after is not None:
            with writer.transaction():
                emptied, after = forget(writer.connection, terms=names, after=after, most=step)
            counts["alerts"] += emptied
            yield


def _from_journal(
    writer: Writer, people: Sequence[Account], terms: Collection[str], names: Collection[str], counts: Counter[str]
) -> Iterator[None]:
    """Actions on people, and what was noted of mentions."""
    own = {(one.network, fold(one.handle)) for one in people}
    for entries in _entries(writer.connection):
        found = [(number,) for number, detail in entries if _tells(detail, terms, names)]
        lists = [
            (*told, number)
            for number, detail in entries
            if _of_customers(detail) and (told := customers.without(detail, own))
        ]
        with writer.transaction():
            writer.connection.executemany("DELETE FROM journal WHERE id = ?", found)
            writer.connection.executemany("UPDATE journal SET detail = ?, count = ? WHERE id = ?", lists)
        counts["journal"] += len(found)
        yield


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
