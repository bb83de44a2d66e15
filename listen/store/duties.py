"""What desks do when a mention arrives: give it to somebody, tag it. The journal has it under the desk's own name.

Whoever has a mention keeps it, and of two desks the first gives it; a tag is added to those that are there.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from listen.model import Mention
from listen.query import QueryError, tree
from listen.query.book import resolved
from listen.query.match import Subject, compile
from listen.service import Desk, read
from listen.store import changes, mirror, records, tags
from listen.store.journal import Change, Name, detail_of, words
from listen.store.names import book
from listen.store.sqlite import Connection
from listen.text import fold

REMEMBERED = 2_000
"""Parts of the journal in which a desk looks for what it did."""

_DID = "SELECT detail FROM journal WHERE by = ? AND undone_at IS NULL ORDER BY id DESC LIMIT ?"


def signature(desk: Desk) -> str:
    """Who did it, in the journal."""
    return f"desk {desk.name}"


class Duties:
    """The desks that act, with their queries."""

    def __init__(self) -> None:
        self._acting: list[tuple[Desk, tree.Node]] = []

    def load(self, connection: Connection) -> None:
        """Read what runs; a desk whose query leads back to itself does nothing."""
        told = {name: mirror.state(connection, name) for name in ("views", "lists", "desks")}
        known = book(told["views"] or "[]", told["lists"] or "{}", told["desks"] or "[]")
        self._acting = []
        for desk in read(told["desks"] or "[]"):
            if desk.acts:
                try:
                    self._acting.append((desk, resolved(tree.Desk((fold(desk.name),)), known)))
                except QueryError:
                    continue

    def carry_out(self, connection: Connection, ids: Sequence[int], at: int) -> None:
        """For mentions that came in, in the transaction that stores them."""
        if not self._acting or not ids:
            return
        arrived = [Subject.of(one) for one in records.mentions(connection, ids)]
        waiting = [one for one in arrived if one.status == "new"]
        for desk, node in self._acting:
            holds = compile(node, at)
            act(connection, desk, [_id(one) for one in waiting if holds(one)], at)


def _id(subject: Subject) -> int:
    assert isinstance(subject.record, Mention)
    return subject.record.id


def act(connection: Connection, desk: Desk, ids: Sequence[int], at: int) -> int:
    """Give these mentions to the desk's person and tag them, as one step; how many changed."""
    sets: list[tuple[str, Any]] = [(f"{tags.TAG}{tag}", 1) for tag in desk.tags]
    person = tags.person_of(desk.assign) if desk.assign else None
    return _step(connection, desk, ids, [("assignee", person), *sets] if person else sets, at)


def let_go(connection: Connection, desk: Desk, ids: Iterable[int], at: int) -> int:
    """Take back what the desk did to these mentions and nobody has changed since, as one step; how many changed."""
    wanted = _names(connection, ids)
    done: dict[str, list[int]] = {}
    for name, field in _done(connection, desk):
        if name in wanted:
            done.setdefault(field, []).append(wanted[name])
    changed: set[int] = set()
    step = 0
    values = {field: None if field == "assignee" else 0 for field in done}
    said = ", ".join(words(field, value) for field, value in values.items())
    for field, its in done.items():
        standing = tags.person_of(desk.assign or "") if field == "assignee" else 1
        count, step = _set(connection, desk, its, field, values[field], standing, at, step, said)
        changed |= count
    return len(changed)


def _done(connection: Connection, desk: Desk) -> Iterator[tuple[Name, str]]:
    """(mention, field) of what the desk set."""
    for (detail,) in connection.execute(_DID, (signature(desk), REMEMBERED)).fetchall():
        told = json.loads(detail)
        for _, names in told["before"] if told["value"] else ():
            for network, external_id in names:
                yield (network, external_id), told["field"]


def _names(connection: Connection, ids: Iterable[int]) -> dict[Name, int]:
    rows = connection.execute(
        "SELECT n.name, m.external_id, m.id FROM json_each(?) AS j CROSS JOIN mentions AS m ON m.id = j.value "
        "JOIN networks AS n ON n.id = m.network_id",
        (json.dumps(list(ids)),),
    )
    return {(network, external_id): number for network, external_id, number in rows}


def _step(connection: Connection, desk: Desk, ids: Sequence[int], sets: Sequence[tuple[str, Any]], at: int) -> int:
    changed: set[int] = set()
    step = 0
    said = ", ".join(words(field, value) for field, value in sets)
    for field, value in sets:
        standing = None if field == "assignee" else 0
        its, step = _set(connection, desk, ids, field, value, standing, at, step, said)
        changed |= its
    return len(changed)


def _set(
    connection: Connection,
    desk: Desk,
    ids: Sequence[int],
    field: str,
    value: Any,
    standing: Any,
    at: int,
    step: int,
    said: str,
) -> tuple[set[int], int]:
    """Set a field where it has this value, and write the step into the journal; (what changed, the step)."""
    column, values = tags.column(field) if tags.own(field) else ("t.assignee", ())
    rows = connection.execute(
        f"SELECT m.id, n.name, m.external_id, {column} FROM json_each(?) AS j "  # noqa: S608
        "CROSS JOIN mentions AS m ON m.id = j.value JOIN networks AS n ON n.id = m.network_id "
        "LEFT JOIN triage AS t ON t.mention_id = m.id",
        (*values, json.dumps(list(ids))),
    ).fetchall()
    its = [Change(row[0], (row[1], row[2]), row[3]) for row in rows if row[3] == standing]
    if not its:
        return set(), step
    changed = [one.mention_id for one in its]
    if tags.own(field):
        tags.put(connection, field, changed, value)
    else:
        _give(connection, changed, value, at, signature(desk))
    changes.note(connection, changed)
    row = connection.execute(
        "INSERT INTO journal(step, at, by, action, count, detail) VALUES (?,?,?,?,?,?)",
        (step, at, signature(desk), said, len(its), detail_of(field, value, its)),
    ).lastrowid
    assert row is not None
    if not step:
        connection.execute("UPDATE journal SET step = id WHERE id = ?", (row,))
    return set(changed), step or row


def _give(connection: Connection, ids: Sequence[int], person: str | None, at: int, by: str) -> None:
    connection.executemany(
        "INSERT INTO triage(mention_id, assignee, at, by) VALUES (?,?,?,?) "
        "ON CONFLICT DO UPDATE SET assignee=excluded.assignee, at=excluded.at, by=excluded.by",
        [(one, person, at, by) for one in ids],
    )
    if person is None:
        connection.executemany(
            "DELETE FROM triage WHERE mention_id = ? AND status = 0 AND starred = 0 AND assignee IS NULL "
            "AND noise IS NULL",
            [(one,) for one in ids],
        )
