"""What others say of people who are forgotten: mentions that name them as `@handle`, counted or masked."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from listen.store import search
from listen.store.pace import Pace
from listen.store.sqlite import Connection
from listen.text import HANDLE, fold

if TYPE_CHECKING:
    from listen.store.forget import Account
    from listen.store.write import Writer

READ = 1_000
"""Texts of others that are read in one step."""


def others(writer: Writer, people: Sequence[Account], mask: bool, counts: Counter[str]) -> Iterator[None]:
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
