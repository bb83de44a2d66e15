"""Partitions of the search index made anew from the stored mentions, step by step, while collecting goes on.

Needed when the tokenizer has changed (the tokens that went in can no longer be known, so nothing can be taken out) and
when a back-fill has made a partition too large. Readers see the old tables until the new ones are complete.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from listen import text
from listen.store import search
from listen.store.search import Document, Partition
from listen.store.sqlite import Connection

if TYPE_CHECKING:
    from listen.store.partitions import Partitions

STEP = 500
"""Mentions in one step: about 50 ms."""

TOO_LARGE = 2
"""A partition is split when it holds so many times what it should."""


@dataclass(slots=True)
class Rebuild:
    """A new `search_<no>` that holds the mentions with from_id <= id < done_to, and will take over at to_id."""

    no: int
    replaces: int
    from_id: int
    to_id: int
    done_to: int
    count: int
    tokenizer: str


def load(connection: Connection) -> list[Rebuild]:
    """All rebuilds under way, oldest ids first."""
    rows = connection.execute(
        "SELECT no, replaces, from_id, to_id, done_to, count, tokenizer FROM rebuilds ORDER BY from_id"
    )
    return [Rebuild(*row) for row in rows]


def wanted(partitions: Partitions) -> list[Partition]:
    """The partitions that have to be made anew, newest first: that is where people look."""
    return [
        part
        for part in reversed(partitions.parts)
        if part.tokenizer != text.TOKENIZER or part.count > TOO_LARGE * partitions.size
    ]


def follow(
    connection: Connection, rebuilds: Sequence[Rebuild], put: Sequence[Document], taken: Sequence[Document]
) -> None:
    """Make a change of a partition in the part of its successors that is done, too."""
    for one in rebuilds:
        out = [document for document in taken if one.from_id <= document[0] < one.done_to]
        new = [document for document in put if one.from_id <= document[0] < one.done_to]
        if out:
            search.delete(connection, one.no, out)
        if new:
            search.insert(connection, one.no, new)
        if len(new) != len(out):
            one.count += len(new) - len(out)
            _save(connection, one)


def step(partitions: Partitions, documents: Callable[[int, int], list[Document]], mentions: int = STEP) -> bool:
    """Go on with the rebuild or begin the next one, inside the caller's transaction; False when none is needed.

    `documents` gives the search rows of the mentions from a first to a last id.
    """
    connection = partitions.connection
    _discard_stale(partitions)
    if not partitions.rebuilds:
        parts = wanted(partitions)
        if not parts:
            return False
        _begin(partitions, parts[0])
    unfinished = [one for one in partitions.rebuilds if one.done_to < one.to_id]
    if unfinished:
        one = unfinished[0]
        rows = connection.execute(
            "SELECT id FROM mentions WHERE id >= ? AND id < ? ORDER BY id LIMIT ?", (one.done_to, one.to_id, mentions)
        ).fetchall()
        ids = [row[0] for row in rows]
        if ids:
            search.insert(connection, one.no, documents(ids[0], ids[-1]))
        one.count += len(ids)
        one.done_to = ids[-1] + 1 if len(ids) == mentions else one.to_id
        _save(connection, one)
    if all(one.done_to >= one.to_id for one in partitions.rebuilds):
        _swap(partitions)
    return True


def _begin(partitions: Partitions, part: Partition) -> None:
    """Cut the partition's range into ranges of the right size, and make an empty table for each."""
    connection = partitions.connection
    starts = [part.from_id]
    while part.count > TOO_LARGE * partitions.size:
        # The sightings hold the ids in order and in little room.
        row = connection.execute(
            "SELECT mention_id FROM sightings WHERE mention_id >= ? AND mention_id < ? "
            "ORDER BY mention_id LIMIT 1 OFFSET ?",
            (starts[-1], part.to_id, partitions.size),
        ).fetchone()
        if row is None:
            break
        starts.append(row[0])
    for from_id, to_id in zip(starts, [*starts[1:], part.to_id], strict=True):
        no = search.next_number(connection)
        search.create_table(connection, no)
        connection.execute(
            "INSERT INTO rebuilds VALUES (?,?,?,?,?,?,?)", (no, part.no, from_id, to_id, from_id, 0, text.TOKENIZER)
        )
    partitions.load()


def _swap(partitions: Partitions) -> None:
    """The complete new tables take the old one's place."""
    connection = partitions.connection
    old = partitions.rebuilds[0].replaces
    # What was deleted meanwhile has left its words in the new tables, too.
    merged = min(0, *(part.merged for part in partitions.parts if part.no == old))
    for one in partitions.rebuilds:
        first, last = connection.execute(
            "SELECT min(id), max(id) FROM mentions WHERE id >= ? AND id < ?", (one.from_id, one.to_id)
        ).fetchone()
        connection.execute(
            "INSERT INTO partitions VALUES (?,?,?,?,?,?,?,?)",
            (
                one.no, one.from_id, one.to_id, one.count, search.FOREVER if first is None else first,
                -1 if last is None else last, merged, one.tokenizer,
            ),
        )  # fmt: skip
    connection.execute("DELETE FROM partitions WHERE no = ?", (old,))
    connection.execute("DELETE FROM rebuilds")
    connection.execute(f"DROP TABLE search_{old}")
    partitions.load()


def _discard_stale(partitions: Partitions) -> None:
    """Begin again when the tokenizer has changed once more, or when the partition it is for is no longer there."""
    parts = {part.no for part in partitions.parts}
    if all(one.tokenizer == text.TOKENIZER and one.replaces in parts for one in partitions.rebuilds):
        return
    for one in partitions.rebuilds:
        partitions.connection.execute(f"DROP TABLE search_{one.no}")
    partitions.connection.execute("DELETE FROM rebuilds")
    partitions.load()


def _save(connection: Connection, one: Rebuild) -> None:
    connection.execute("UPDATE rebuilds SET done_to = ?, count = ? WHERE no = ?", (one.done_to, one.count, one.no))
