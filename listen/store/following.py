"""A new copy of a story that people have dealt with follows it: nobody handles the same story twice.

It is done when all that the story has is done, or dismissed when all is dismissed. It stays new where anything of the
story still waits or was answered (an answer is owed to each author), and where it is no mere copy: somebody speaks to
us (`OWED`), it is much longer, it matches a topic that the others do not, or it reaches far more people.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from listen.model import STATUSES
from listen.store import inbox
from listen.store.journal import Change, detail_of
from listen.store.sqlite import Connection

if TYPE_CHECKING:
    from listen.store.mentions import New

BY = "story"
"""Who did it, in the journal and beside the mention."""

FOLLOWED = ("done", "dismissed")

OWED = ("comment", "reply", "quote", "mail")
"""Kinds in which somebody speaks to somebody: what they add may want an answer."""

LONGER, MORE = 1.25, 40
"""A text that is so much longer than the longest of the story, and by so many characters, says more."""

LOUDER, LOUD = 10, 10_000
"""So many times the followers of the most followed of the story, and so many at least, are another matter."""

LOOKED_AT = 50
"""Mentions of a story whose lengths are compared, the newest."""

_MEMBERS = """
SELECT m.id, ifnull(t.status, 0), t.by FROM mentions AS m INDEXED BY mentions_story
LEFT JOIN triage AS t ON t.mention_id = m.id
WHERE m.story_id = ? AND NOT EXISTS (SELECT 1 FROM aside AS e WHERE e.mention_id = m.id) ORDER BY m.id DESC"""

_LENGTH = """
SELECT max(n) FROM (SELECT length(ifnull(title, '')) + length(text) AS n FROM mentions
WHERE story_id = ?1 AND id NOT IN (SELECT value FROM json_each(?2)) ORDER BY id DESC LIMIT ?3)"""

_FOLLOWERS = """
SELECT max(ifnull(a.followers, 0)) FROM mentions AS m JOIN authors AS a ON a.id = m.author_id
WHERE m.story_id = ?1 AND m.id NOT IN (SELECT value FROM json_each(?2))"""

_TOPICS = """
SELECT count(*) FROM json_each(?3) AS j WHERE EXISTS (SELECT 1 FROM retold AS r WHERE r.topic_id = j.value
AND r.story_id = ?1 AND r.mention_id NOT IN (SELECT value FROM json_each(?2)))"""


class _Dealt(NamedTuple):
    """What became of a story."""

    status: str
    by: str
    """Of the newest that somebody dealt with."""


def follow(connection: Connection, new: Iterable[New], at: int) -> None:
    """Give what came in the status of its story, inside the transaction that stores it."""
    stories: dict[int, list[New]] = {}
    for one in new:
        if one.story is not None and not one.own and one.post.kind not in OWED:
            stories.setdefault(one.story, []).append(one)
    for story, its in stories.items():
        arrived = [one.id for one in its]
        dealt = _dealt(connection, story, arrived)
        if dealt is None:
            continue
        its = [one for one in its if inbox.waits(connection, one.id)]
        its = [one for one in its if not _matters(connection, one, story, arrived)]
        if its:
            _set(connection, its, dealt, at)


def _dealt(connection: Connection, story: int, arrived: Sequence[int]) -> _Dealt | None:
    """What became of all others of a story that count; None while any of them waits, or wants something else."""
    status, who, fresh = "", "", set(arrived)
    for one, number, by in connection.execute(_MEMBERS, (story,)):
        if one in fresh:
            continue
        if STATUSES[number] not in FOLLOWED:
            return None
        status = "done" if "done" in (status, STATUSES[number]) else STATUSES[number]
        who = who or ("" if by == BY else by)
    return _Dealt(status, who) if who else None


def _matters(connection: Connection, one: New, story: int, arrived: Sequence[int]) -> bool:
    """Whether somebody should look at it all the same."""
    others = (story, json.dumps(arrived))
    said = len(one.post.title or "") + len(one.post.text)
    (longest,) = connection.execute(_LENGTH, (*others, LOOKED_AT)).fetchone()
    if said > (longest or 0) + MORE and said > LONGER * (longest or 0):
        return True
    if connection.execute(_TOPICS, (*others, json.dumps(list(one.topics)))).fetchone()[0] < len(one.topics):
        return True
    reach = one.post.author.followers if one.post.author is not None else None
    if reach is None or reach < LOUD:
        return False
    (most,) = connection.execute(_FOLLOWERS, others).fetchone()
    return bool(reach >= LOUDER * (most or 0))


def _set(connection: Connection, its: Sequence[New], dealt: _Dealt, at: int) -> None:
    """Set the status, take it out of what is new, and write the step into the journal."""
    status = STATUSES.index(dealt.status)
    connection.executemany(
        "INSERT INTO triage(mention_id, status, at, by) VALUES (?,?,?,?) "
        "ON CONFLICT DO UPDATE SET status=excluded.status, at=excluded.at, by=excluded.by",
        [(one.id, status, at, BY) for one in its],
    )
    for one in its:
        inbox.take(connection, one.id, list(one.topics))
        if status == inbox.DISMISSED:
            inbox.discount(connection, one.id, one.topics)
    step = connection.execute(
        "INSERT INTO journal(step, at, by, action, count, detail) VALUES (0,?,?,?,?,?)",
        (at, BY, f"joined a story {dealt.status} by {dealt.by}", len(its), _detail(its, status)),
    ).lastrowid
    connection.execute("UPDATE journal SET step = id WHERE id = ?", (step,))


def _detail(its: Sequence[New], status: int) -> str:
    return detail_of("status", status, [Change(one.id, (one.post.network, one.post.external_id), 0) for one in its])


def followers(connection: Connection, ids: Iterable[int]) -> list[int]:
    """What followed these mentions: others of their stories that nobody looked at; they wait again when these do."""
    rows = connection.execute(
        "SELECT DISTINCT o.id FROM json_each(?) AS j CROSS JOIN mentions AS m ON m.id = j.value "
        "CROSS JOIN mentions AS o INDEXED BY mentions_story ON o.story_id = m.story_id "
        "CROSS JOIN triage AS t ON t.mention_id = o.id WHERE t.by = ? AND t.status > 0",
        (json.dumps(list(ids)), BY),
    )
    return [row[0] for row in rows]
