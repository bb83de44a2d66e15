"""Mentions whose author is nobody any more: name, handle and addresses give way to a stable pseudonym; the text stays.

What is counted stays as it is: matches, sentiment, states of work. Own voices are left alone. The post is known by a
keyed hash from then on, so that it is not stored once more when it comes again.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from listen.store import forget, forgotten, mirror, search, threads
from listen.store.forgotten import ANON, MASK
from listen.store.pace import Pace
from listen.store.sqlite import Connection
from listen.text import HANDLE, fold

if TYPE_CHECKING:
    from listen.store.write import Writer

_ROWS = (
    "SELECT m.id, m.network_id, n.name, m.external_id, m.title, m.text, m.parent_id, m.thread_id, a.id, a.handle, "
    "a.uid, a.followers FROM json_each(?) AS j CROSS JOIN mentions AS m ON m.id = j.value "
    "JOIN networks AS n ON n.id = m.network_id LEFT JOIN authors AS a ON a.id = m.author_id "
    "WHERE NOT EXISTS (SELECT 1 FROM aside WHERE mention_id = m.id AND why & 1) "
    "AND m.external_id NOT LIKE 'anon:%' ORDER BY m.id"
)


def apply(writer: Writer, ids: Sequence[int], counts: Counter[str], pace: Pace) -> set[int]:
    """Pseudonymise a batch in a transaction of its own; the authors that were told in it."""
    connection = writer.connection
    told: set[int] = set()
    with writer.transaction(), pace.over(len(ids)):
        rows = connection.execute(_ROWS, (json.dumps([*ids]),)).fetchall()
        done = [row[0] for row in rows]
        mirror.set_state(connection, forgotten.PSEUDONYMS, "1")
        answered = connection.execute(
            "SELECT mention_id, thread FROM answered WHERE mention_id IN (SELECT value FROM json_each(?))",
            (json.dumps(done),),
        ).fetchall()
        for place in threads.places(connection, done):
            threads.leave(connection, place)
        columns: dict[int, dict[str, object]] = {}
        for number, network_id, network, _, title, text, parent, thread, author, handle, uid, followers in rows:
            columns[number] = {
                "title": _masked(writer, network, title),
                "text": _masked(writer, network, text) or "",
                "url": None,
                "parent_id": parent and forgotten.anon(connection, network, parent),
                "thread_id": thread and forgotten.anon(connection, network, thread),
            }
            if author is not None:
                pseudonym = f"anon-{forgotten.anon(connection, network, uid or fold(handle))[len(ANON) :][:12]}"
                columns[number]["author_id"] = _author(connection, network_id, pseudonym, followers)
                told.add(author)
        writer.forget_authors()
        writer.rewrite(columns)
        for number, _, network, name, *_ in rows:
            writer.rename(number, network, forgotten.anon(connection, network, name))
        connection.executemany("DELETE FROM aliases WHERE mention_id = ?", [(one,) for one in done])
        threads.enter(connection, [*threads.places(connection, done)])
        connection.executemany("INSERT OR IGNORE INTO answered VALUES (?,?)", answered)
    if not writer.kept_out.pseudonyms:
        writer.kept_out.load(connection)
    counts["mentions"] += len(rows)
    return told


def _author(connection: Connection, network_id: int, pseudonym: str, followers: int | None) -> int:
    connection.execute(
        "INSERT INTO authors(network_id, handle, followers, handle_key) VALUES (?,?,?,?) ON CONFLICT DO NOTHING",
        (network_id, pseudonym, followers, pseudonym),
    )
    (number,) = connection.execute(
        "SELECT id FROM authors WHERE network_id = ? AND handle_key = ?", (network_id, pseudonym)
    ).fetchone()
    return int(number)


def _masked(writer: Writer, network: str, text: str | None) -> str | None:
    """A text without any handle but our own."""
    return HANDLE.sub(lambda found: found[0] if writer.is_ours(network, found[1]) else MASK, text) if text else text


def drop_silent(writer: Writer, authors: Collection[int]) -> int:
    """The accounts of which nothing is left lose their names; how many."""
    connection = writer.connection
    parts = search.load(connection)
    silent = [
        one for one in sorted(authors) if not any(search.of_author(connection, part.no, one, 1) for part in parts)
    ]
    if not silent:
        return 0
    with writer.transaction():
        return forget.erase_accounts(writer, forget.accounts(connection, silent))
