"""Events of the world that people set beside the numbers ("TV ad"): a moment, what happened, maybe for one topic.

What was taken away stays in the table for undo, and is told to nobody.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from listen.store.journal import Change, Name, detail_of
from listen.store.sqlite import Connection
from listen.text import clean, one_line

MARK = "mark"
"""The field of the journal; its names are ("", number), its values whether the mark stands."""

LONGEST = 120
"""Characters of what happened."""


class Mark(NamedTuple):
    """Something happened."""

    id: int
    at: int
    """Unix seconds; it may be still to come."""
    text: str
    """By a person: foreign text."""
    by: str
    topic: str | None
    """The topic that it is about; None for all of them."""


def text_of(written: str) -> str:
    """What happened, as it is kept. Raises ValueError for nothing at all."""
    found = one_line(clean(written)[0]).strip()
    if not found:
        raise ValueError('a mark says what happened: write a few words, such as "TV ad"')
    if len(found) > LONGEST:
        raise ValueError(f"a mark takes {LONGEST} signs at most, and these are {len(found)}: say it shorter")
    return found


def marks(connection: Connection, since: float, until: float, topic: str | None = None) -> list[Mark]:
    """The marks of a span of time (Unix seconds, `until` exclusive), oldest first; with a topic those about it or all.

    A mark whose topic is none any more is told still: what happened has happened.
    """
    rows = connection.execute(
        "SELECT id, at, text, by, topic FROM marks WHERE gone_at IS NULL AND at >= ?1 AND at < ?2 "
        "AND (?3 IS NULL OR topic IS NULL OR topic = ?3) ORDER BY at, id",
        (since, until, topic),
    )
    return [Mark._make(row) for row in rows]


def put(connection: Connection, at: float, said: str, topic: str | None, by: str, now: float) -> int:
    """Inside a transaction: a new mark; its number."""
    row = connection.execute(
        "INSERT INTO marks(at, text, topic, by, made_at) VALUES (?,?,?,?,?)", (int(at), said, topic, by, int(now))
    ).lastrowid
    assert row is not None
    return row


def let_stand(connection: Connection, ids: Iterable[int], stands: bool, now: float) -> list[Change]:
    """Inside a transaction: take marks away, or put them back; what changed. One that was forgotten stays away."""
    changes = []
    for one in ids:
        changed = connection.execute(
            "UPDATE marks SET gone_at = ? WHERE id = ? AND (gone_at IS NULL) <> ? AND text <> ''",
            (None if stands else int(now), one, stands),
        ).rowcount
        if changed:
            changes.append(Change(0, name_of(one), not stands))
    return changes


def name_of(number: int) -> Name:
    """How the journal calls a mark."""
    return "", str(number)


def ids_of(names: Iterable[Name]) -> list[int]:
    """The numbers of what the journal calls so."""
    return [int(number) for _, number in names]


def taken_away(connection: Connection, changes: Sequence[Change]) -> str:
    """What the journal calls that: the text of one, and no text of several, so that each stands in one place alone."""
    if len(changes) != 1:
        return "marks taken away"
    (row,) = connection.execute("SELECT text FROM marks WHERE id = ?", ids_of(one.name for one in changes)).fetchall()
    return words(row[0], False)


def words(said: str, stands: bool) -> str:
    """`mark set: TV ad`."""
    return f"mark {'set' if stands else 'taken away'}" + (f": {said}" if said else "")


def forget(connection: Connection, terms: Iterable[str], after: int = 0, most: int = -1) -> tuple[int, int | None]:
    """Inside a transaction: take every word out of those of the next marks that hold one of these terms.

    The journal keeps that there was a mark. (how many, where to go on).
    """
    wanted, found = list(terms), 0
    rows = connection.execute("SELECT id, text FROM marks WHERE id > ? ORDER BY id LIMIT ?", (after, most)).fetchall()
    for number, said in rows:
        if any(term in said.lower() for term in wanted):
            connection.execute("UPDATE marks SET text = '', gone_at = ifnull(gone_at, made_at) WHERE id = ?", (number,))
            for stands in (True, False):
                detail = detail_of(MARK, stands, [Change(0, name_of(number), not stands)])
                connection.execute("UPDATE journal SET action = ? WHERE detail = ?", (words("", stands), detail))
            found += 1
    return found, rows[-1][0] if rows else None
