"""Who talks: for each person and ISO week what they said, from the newest mention back, as far as there is time.

There is no rollup by author: most authors speak once, so that it would be as large as `matches` and cost a random page
for each mention. What is asked for is a topic or a query within a window, and newest-first reading answers that.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import NamedTuple

from listen.model import KINDS, NEGATIVE, POSITIVE, SEQUENCE_BITS
from listen.query import tree
from listen.query.folding import asks_for
from listen.store.aside import NOISE, OWN
from listen.store.inbox import DISMISSED, GONE
from listen.store.sqlite import Connection

CHUNK = 250
"""Mentions that are counted at a time: some 4 ms."""

COMMENTS = ("comment", "reply", "quote")
"""Kinds that say something under what somebody else said; a repost says nothing of its own."""


class Cell(NamedTuple):
    """What one person said in one ISO week, as far as it counts."""

    person: int
    """The author's id, or the one that stands for all accounts of the same person."""
    week: int
    """ISO weeks (from Monday, UTC) since that of 2000-01-01, which is 0."""
    n: int
    neg: int
    pos: int
    scored: int
    total: int
    """Sum of the scores in thousandths, toward the topic where one was asked for."""
    relays: int
    """Reposts, and links without a word."""
    comments: int
    endorsed: int | None
    """Likes and reposts received by what is no repost itself; None when none of them are known."""
    newest: int
    """A mention's id."""


class Voices(NamedTuple):
    """A part of an answer."""

    cells: Sequence[Cell]
    """Those of one week stand together; the newest week first."""
    n: int
    """Mentions that were looked at."""
    back_to: int
    """Everything from this id on was looked at."""
    complete: bool


def week_of(mention_id: int) -> int:
    """The ISO week of a mention's own time; see `Cell`."""
    return ((mention_id >> SEQUENCE_BITS) // 86_400 + 5) // 7


def topic_number(connection: Connection, name: str | None) -> int | None:
    """The id of an active topic; None for none."""
    row = connection.execute("SELECT id FROM topics WHERE name = ? AND active", (name,)).fetchone()
    return None if row is None else int(row[0])


def excluded(query: tree.Node) -> str:
    """SQL of what does not count: own words, noise, what people dismissed; each counts for who asks for it."""
    aside = OWN * (not asks_for(query, "own")) | NOISE * (not asks_for(query, "noise"))
    parts = [f"m.state < {GONE}"]
    if aside:
        parts.append(f"NOT EXISTS (SELECT 1 FROM aside WHERE mention_id = m.id AND why & {aside})")  # noqa: S608
    if not asks_for(query, "dismissed"):
        parts.append(f"NOT EXISTS (SELECT 1 FROM triage WHERE mention_id = m.id AND status = {DISMISSED})")  # noqa: S608
    return " AND ".join(parts)


def cells(connection: Connection, ids: Sequence[int], topic: int | None, counts: str) -> list[Cell]:
    """What these mentions come to, the newest week first; `counts` is what `excluded` says."""
    score, join = "ifnull(k.score, m.score)", ""
    values: tuple[object, ...] = (json.dumps(ids),)
    if topic is not None:
        score = "iif(x.topic_id IS NULL, NULL, ifnull(k.score, x.score))"
        join = "LEFT JOIN matches AS x ON x.topic_id = ? AND x.mention_id = m.id "
        values = (json.dumps(ids), topic)
    sql = (
        f"SELECT ifnull(i.person, m.author_id), ((m.id >> {SEQUENCE_BITS}) / 86400 + 5) / 7, count(*), "  # noqa: S608
        f"ifnull(sum({score} <= {NEGATIVE}), 0), ifnull(sum({score} >= {POSITIVE}), 0), count({score}), "
        f"ifnull(sum({score}), 0), sum({RELAYED}), sum(m.kind IN ({_COMMENTS}) AND NOT {RELAYED}), "
        f"sum(iif(m.kind = {_REPOST}, NULL, {_ENDORSED})), max(m.id) "
        f"FROM json_each(?) AS j CROSS JOIN mentions AS m ON m.id = j.value {join}"
        "LEFT JOIN corrections AS k ON k.mention_id = m.id "
        f"LEFT JOIN identities AS i ON i.author_id = m.author_id "
        f"WHERE m.author_id IS NOT NULL AND {counts} GROUP BY 1, 2 ORDER BY 2 DESC"
    )
    return [Cell._make(row) for row in connection.execute(sql, values)]


_REPOST = KINDS.index("repost")
_COMMENTS = ",".join(str(KINDS.index(kind)) for kind in COMMENTS)
RELAYED = (
    f"(m.kind = {_REPOST} OR (m.text GLOB 'http*://*' AND ifnull(m.title, '') = '' "
    "AND trim(m.text, ' ' || char(9, 10, 13)) NOT GLOB '*[ ' || char(9, 10, 13) || ']*'))"
)
"""Whether a mention `m` passes on what others said: a repost, or a text that is one link and nothing else."""
_ENDORSED = "iif(coalesce(m.likes, m.reposts) IS NULL, NULL, ifnull(m.likes, 0) + ifnull(m.reposts, 0))"
