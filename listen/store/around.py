"""What stands around one mention: why it is here, where it was heard, what it answers, who did what with it, and what
its author has said before. Each is a few look-ups; what may take longer has a bound.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from listen.model import Mention, id_time, tone
from listen.store import copies, following, growth
from listen.store.copies import Spread
from listen.store.corrections import IS_CORRECTED, SCORE
from listen.store.growth import Counted
from listen.store.ids import identified
from listen.store.sqlite import Connection

LATELY = 500
"""Rows of the journal that are looked through for who did what; older ones leave the triage's own `by` and `at`."""

BEFORE_CAP = 100
"""Earlier mentions of an author that are counted; the tone is that of these."""

QUOTED = 200
"""Characters of another mention's text."""


class Related(NamedTuple):
    """Another mention of the same conversation."""

    id: int
    author: str | None
    said: str
    """Its title, else the beginning of its text."""

    @property
    def time(self) -> int:
        """Unix seconds."""
        return id_time(self.id)


class Doing(NamedTuple):
    """What somebody did with the mention."""

    by: str
    at: int
    """Unix seconds."""
    words: str = ""
    """What it was, where nobody did it: it followed its story."""


class Before(NamedTuple):
    """What the author has said before the mention, as far as that was counted."""

    n: int = 0
    more: bool = True
    """There may be more."""
    tones: Mapping[str, int] = MappingProxyType({})
    """`listen.model.tone` -> how many of them."""


class Around(NamedTuple):
    queries: dict[str, str]
    """Topic that it matches -> the topic's query."""
    heard: tuple[tuple[str, str], ...]
    """(source, label of its channel), the one that heard it first in front."""
    parent: Related | None
    """What it answers or shares, when it is stored."""
    root: Related | None
    """How its conversation began, when that is stored and is neither the mention nor its parent."""
    doings: dict[str, Doing]
    """`status`, `starred`, `assignee` -> who made it what it is; only of what is not as it came."""
    growth: tuple[Counted, ...] = ()
    """How its counts grew, oldest first."""
    spread: Spread | None = None
    """How its story went round, None when nobody else tells it."""
    roles: Mapping[str, str] = MappingProxyType({})
    """Topic that it matches -> its role."""


def around(connection: Connection, mention: Mention) -> Around:
    """All but what the author has said before."""
    parent = _related(connection, mention, mention.parent_id)
    root = None
    if mention.thread_id not in (mention.external_id, mention.parent_id):
        root = _related(connection, mention, mention.thread_id)
    asked = _asked(connection, mention)
    return Around(
        {name: query for name, query, _ in asked}, _heard(connection, mention), parent, root,
        _doings(connection, mention),
        tuple(growth.of(connection, mention.id)),
        copies.spread(connection, mention.story) if mention.story is not None else None,
        {name: role for name, _, role in asked},
    )  # fmt: skip


def _asked(connection: Connection, mention: Mention) -> list[tuple[str, str, str]]:
    """(name, query, role) of the topics that it matches."""
    rows = connection.execute(
        "SELECT name, query, role FROM topics WHERE active AND name IN (SELECT value FROM json_each(?))",
        (json.dumps(list(mention.topics)),),
    )
    return list(rows.fetchall())


def _heard(connection: Connection, mention: Mention) -> tuple[tuple[str, str], ...]:
    rows = connection.execute(
        "SELECT s.name, c.label FROM mentions AS m CROSS JOIN sightings AS g ON g.mention_id = m.id "
        "JOIN channels AS c ON c.id = g.channel_id JOIN sources AS s ON s.id = c.source_id "
        "WHERE m.id = ? ORDER BY g.channel_id <> m.channel_id, g.channel_id",
        (mention.id,),
    )
    return tuple((name, label) for name, label in rows)


def _related(connection: Connection, mention: Mention, external_id: str | None) -> Related | None:
    found = identified(connection, mention.network, external_id) if external_id else None
    if found is None:
        return None
    row = connection.execute(
        "SELECT m.id, ifnull(a.name, a.handle), ifnull(m.title, substr(m.text, 1, ?)) FROM mentions AS m "
        "LEFT JOIN authors AS a ON a.id = m.author_id WHERE m.id = ?",
        (QUOTED, found),
    ).fetchone()
    return Related(*row)


def _doings(connection: Connection, mention: Mention) -> dict[str, Doing]:
    """By the journal's last rows, else by the triage row where only one thing can have been done."""
    values = {"status": mention.status != "new", "starred": mention.starred, "assignee": mention.assignee is not None}
    done = [field for field, value in values.items() if value]
    row = connection.execute("SELECT by, at FROM triage WHERE mention_id = ?", (mention.id,)).fetchone()
    if not done or row is None:  # what its author took away is `skipped` without anybody's doing
        return {}
    name = json.dumps([mention.network, mention.external_id], separators=(",", ":"))
    found: dict[str, Doing] = {}
    for field, by, at, action in connection.execute(
        "SELECT json_extract(detail, '$.field'), by, at, action "
        "FROM (SELECT * FROM journal ORDER BY id DESC LIMIT ?) WHERE undone_at IS NULL AND instr(detail, ?) "
        "ORDER BY id DESC",
        (LATELY, name),
    ):
        if field in done:
            found.setdefault(field, Doing(by, at, action if by == following.BY else ""))
    if not found and len(done) == 1:
        found[done[0]] = Doing(*row)
    return found


def said_before(connection: Connection, mention_id: int) -> Iterator[Before]:
    """What its author has said before, by full text, newest first: one count after another, each better than the last.

    Whoever stops has the last one.
    """
    from listen.store import search

    (author,) = connection.execute("SELECT author_id FROM mentions WHERE id = ?", (mention_id,)).fetchone() or (None,)
    found: list[int] = []
    for part in reversed(search.load(connection)) if author is not None else ():
        if part.count and part.from_id < mention_id:
            rows = connection.execute(
                f"SELECT rowid FROM {part.table} WHERE {part.table} MATCH ? AND rowid < ? "  # noqa: S608
                "ORDER BY rowid DESC LIMIT ?",
                (f"facets : {search.quoted(f'a_{author}')}", mention_id, BEFORE_CAP + 1 - len(found)),
            )
            found += [row[0] for row in rows]
            yield Before(len(found[:BEFORE_CAP]))
        if len(found) > BEFORE_CAP:
            break
    counted = found[:BEFORE_CAP]
    yield Before(len(counted), len(found) > BEFORE_CAP, _tones(connection, counted))


def _tones(connection: Connection, ids: Sequence[int]) -> Counter[str]:
    """How many of these mentions have each `listen.model.tone`."""
    rows = connection.execute(
        f"SELECT {SCORE}, max(ifnull(m.hits, 0), {IS_CORRECTED}) FROM json_each(?) AS j "  # noqa: S608
        "CROSS JOIN mentions AS m ON m.id = j.value",
        (json.dumps(ids),),
    )
    return Counter(tone(score, hits) for score, hits in rows)
