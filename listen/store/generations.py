"""The generations of a topic: the one that is live, the one that is being matched anew, the one kept for undo.

Each is a row of `topics` of its own, so that matches, numbers, inbox and search facets follow from its id; only the
live one is active, and only active ones are shown. `rematches` says what the others are for. The writer matches all of
them against what arrives, so that a swap either way is one short transaction.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import NamedTuple

from listen.model import RIVALS, Tracked
from listen.store import mirror
from listen.store.journal import Signed
from listen.store.search import FOREVER
from listen.store.sqlite import Connection

BUILDING, FILLING, LIVE, KEPT, DROPPING, GONE = "building", "filling", "live", "kept", "dropping", "gone"
"""What a generation is: matched anew to replace another; live while its history is matched; live; the undo of the live
one; on its way out; a number that is never given again."""

HIDDEN = (BUILDING, KEPT, DROPPING, GONE)

KEPT_DAYS = 90
"""After so many days a replaced generation is dropped: it costs room, and nobody takes back what is so long ago."""

Topic = tuple[str, str, str]
"""(name, query, role)"""


TONES_OWED = "tones_owed"
"""Name of the state: topic id -> from which id on its matches are looked at since its role or its teaching changed."""


class Generation(NamedTuple):
    """A row of `rematches` with its topic."""

    topic_id: int
    name: str
    query: str
    replaces: int
    """Building: the live topic; kept: the one that took its place; filling: itself."""
    state: str
    by: str
    """Who changed the query; empty when it was changed in the configuration's file."""
    at: int
    """When this state began, in Unix seconds."""
    done_to: int
    """The stored mentions from this id on have been matched."""
    gained: int
    lost: int


_SELECT = (
    "SELECT r.topic_id, t.name, t.query, r.replaces, r.state, r.by, r.at, r.done_to, r.gained, r.lost "
    "FROM rematches AS r JOIN topics AS t ON t.id = r.topic_id "
)


def of_state(connection: Connection, *states: str) -> list[Generation]:
    """The generations in one of these states, in the order in which they began."""
    rows = connection.execute(
        _SELECT + "WHERE r.state IN (SELECT value FROM json_each(?)) ORDER BY r.at, r.topic_id",  # noqa: S608
        (json.dumps(states),),
    )
    return [Generation._make(row) for row in rows.fetchall()]


def beside(connection: Connection, live: int, state: str) -> Generation | None:
    """The generation in that state that belongs to a live topic."""
    row = connection.execute(_SELECT + "WHERE r.replaces = ? AND r.state = ?", (live, state)).fetchone()
    return None if row is None else Generation._make(row)


def tracked(connection: Connection) -> dict[int, Tracked]:
    """By id all that makes a mention worth keeping: what is live, and what soon will be."""
    rows = connection.execute(
        "SELECT id, query, name, role FROM topics "
        "WHERE active OR id IN (SELECT topic_id FROM rematches WHERE state = ?)",
        (BUILDING,),
    )
    lessons = mirror.taught(connection)
    return {number: Tracked(query, name, role, lessons.get(name, "")) for number, query, name, role in rows.fetchall()}


def progress(connection: Connection, done_to: int) -> float:
    """The share of the stored mentions that lie above an id, by the counts of the partitions, 0 to 1."""
    whole = above = 0.0
    rows = connection.execute("SELECT count, min_id, max_id FROM partitions WHERE count > 0")
    for count, low, high in rows.fetchall():
        whole += count
        above += count * min(1.0, max(0.0, (high + 1 - done_to) / (high + 1 - low)))
    return above / whole if whole else 1.0


class Rematch(NamedTuple):
    """A topic that is matched anew."""

    topic: str
    query: str
    """The one that it will have; the one that it has when only its history is filled."""
    by: str
    at: int
    share: float
    """Of the stored mentions that are done, 0 to 1."""
    gained: int
    """So far."""
    lost: int


def under_way(connection: Connection) -> list[Rematch]:
    """What is matched anew at the moment, in the order in which it began."""
    return [
        Rematch(one.name, one.query, one.by, one.at, progress(connection, one.done_to), one.gained, one.lost)
        for one in of_state(connection, BUILDING, FILLING)
    ]


# --- the configuration -----------------------------------------------------------------------------------------------


def sync(connection: Connection, topics: Sequence[Topic], now: int, by: str = "") -> dict[str, int]:
    """Make the active topics exactly these; name -> id. `by` is whom changes are written to.

    A topic whose query changes keeps its matches until the new ones are there; one that is new or returns is active at
    once and gets its history by and by. A query that was replaced before is swapped back. Their order is kept.
    """
    mirror.set_state(connection, "topics", json.dumps([name for name, _, _ in topics], ensure_ascii=False))
    active: dict[str, tuple[int, str]] = {
        name: (number, query)
        for number, name, query in connection.execute("SELECT id, name, query FROM topics WHERE active").fetchall()
    }
    for name, _, role in topics:
        _take_role(connection, name, role)
    found = {}
    for name, query, role in topics:
        if name in active:
            number, standing = active.pop(name)
            found[name] = _change(connection, number, standing, (name, query, role), now, by)
        else:
            found[name] = _appear(connection, (name, query, role), now, by)
    for number, _ in active.values():
        _leave(connection, number, now)
    return found


def _take_role(connection: Connection, name: str, role: str) -> None:
    """Give a topic its role, in all its generations; what is said toward others depends on whether it is a rival."""
    old = connection.execute("SELECT id, role FROM topics WHERE name = ? AND role <> ?", (name, role)).fetchall()
    connection.execute("UPDATE topics SET role = ? WHERE name = ?", (role, name))
    if any((before in RIVALS) != (role in RIVALS) for _, before in old):
        owe_tones(connection, name)


def owe_tones(connection: Connection, name: str) -> None:
    """The tone toward a topic is to be worked out anew for all its stored mentions, in all its generations."""
    owed = json.loads(mirror.state(connection, TONES_OWED) or "{}")
    numbers = connection.execute("SELECT id FROM topics WHERE name = ?", (name,)).fetchall()
    mirror.set_state(connection, TONES_OWED, json.dumps(owed | {str(number): FOREVER for (number,) in numbers}))


def _change(connection: Connection, live: int, standing: str, topic: Topic, now: int, by: str) -> int:
    """Go for another query, or go on with the one that stands; the id that is live then."""
    building, kept = beside(connection, live, BUILDING), beside(connection, live, KEPT)
    if building is not None and building.query != topic[1]:
        set_state(connection, building.topic_id, DROPPING, now)
    if standing == topic[1] or (building is not None and building.query == topic[1]):
        return live
    if kept is not None and kept.query == topic[1]:
        swap(connection, kept.topic_id, live, now)
        return kept.topic_id
    _begin(connection, live, topic, now, by)
    return live


def _appear(connection: Connection, topic: Topic, now: int, by: str) -> int:
    """A topic that is new, or was away: it takes up its newest id."""
    name, query, _ = topic
    row = connection.execute(
        "SELECT id, query FROM topics WHERE name = ? AND id NOT IN "
        "(SELECT topic_id FROM rematches WHERE state IN (SELECT value FROM json_each(?))) ORDER BY id DESC LIMIT 1",
        (name, json.dumps(HIDDEN)),
    ).fetchone()
    number, standing = (_insert(connection, topic, True, now), query) if row is None else row
    connection.execute("UPDATE topics SET active = 1 WHERE id = ?", (number,))
    if connection.execute("SELECT 1 FROM mentions LIMIT 1").fetchone():
        connection.execute("UPDATE topics SET since = ? WHERE id = ?", (now, number))
        _note(connection, number, number, FILLING, by, now)
    if standing != query:
        _begin(connection, number, topic, now, by)
    return int(number)


def _begin(connection: Connection, live: int, topic: Topic, now: int, by: str) -> None:
    _note(connection, _insert(connection, topic, False, now), live, BUILDING, by, now)


def _insert(connection: Connection, topic: Topic, active: bool, now: int) -> int:
    """A new topic's id. Numbers are never given twice: an arrival on its way may still name an old one."""
    name, query, role = topic
    cursor = connection.execute(
        "INSERT INTO topics(name, query, role, active, since) VALUES (?,?,?,?,?)", (name, query, role, active, now)
    )
    return int(cursor.lastrowid or 0)


def _note(connection: Connection, number: int, replaces: int, state: str, by: str, now: int) -> None:
    connection.execute(
        "INSERT OR REPLACE INTO rematches(topic_id, replaces, state, by, at, done_to) VALUES (?,?,?,?,?,?)",
        (number, replaces, state, by, now, FOREVER),
    )


def _leave(connection: Connection, live: int, now: int) -> None:
    """A topic is no longer configured: its matches stay, its other generations go."""
    connection.execute("UPDATE topics SET active = 0 WHERE id = ?", (live,))
    connection.execute("DELETE FROM rematches WHERE topic_id = ? AND state IN (?,?)", (live, FILLING, LIVE))
    for state in (BUILDING, KEPT):
        if (one := beside(connection, live, state)) is not None:
            set_state(connection, one.topic_id, DROPPING, now)


# --- from one state to the next --------------------------------------------------------------------------------------


def set_state(connection: Connection, number: int, state: str, now: int) -> None:
    """What a generation is from now on."""
    connection.execute("UPDATE rematches SET state = ?, at = ? WHERE topic_id = ?", (state, now, number))


def swap(connection: Connection, number: int, live: int, now: int) -> None:
    """A generation takes the live topic's place, which is kept for undo; what was kept before goes."""
    before = beside(connection, live, KEPT)
    if before is not None and before.topic_id != number:
        set_state(connection, before.topic_id, DROPPING, now)
    if (building := beside(connection, live, BUILDING)) is not None and building.topic_id != number:
        set_state(connection, building.topic_id, DROPPING, now)
    connection.execute("UPDATE topics SET active = 0 WHERE id = ?", (live,))
    connection.execute("UPDATE topics SET active = 1 WHERE id = ?", (number,))
    connection.execute(
        "UPDATE rematches SET state = ?, at = ?, replaces = topic_id WHERE topic_id = ?", (LIVE, now, number)
    )
    connection.execute(
        "INSERT INTO rematches(topic_id, replaces, state, by, at, done_to) VALUES (?1,?2,?3,'',?4,0) "
        "ON CONFLICT DO UPDATE SET replaces = ?2, state = ?3, at = ?4",
        (live, number, KEPT, now),
    )


def matched_whole(connection: Connection, number: int) -> None:
    """The history of a topic is matched: from the beginning on, when every source kept what no topic wanted."""
    if json.loads(mirror.state(connection, "keep_matched") or "[]"):
        return
    connection.execute("UPDATE topics SET since = 0 WHERE id = ?", (number,))


def note_edit(connection: Connection, topic: str, before: str, after: str, by: Signed, now: int) -> None:
    """Write a changed query into its author's journal, so that undo takes it back; inside the caller's transaction."""
    detail = {"field": "topic", "value": after, "before": [[before, [["", topic]]]]}
    _journal(connection, "topic changed", detail, by, now)


def note_change(
    connection: Connection, action: str, name: str, before: object, after: object, by: Signed, now: int
) -> None:
    """The same for tables of `console.toml` (`listen.config.edits.Puts`) that come, go or change."""
    old, new = (json.dumps(one, ensure_ascii=False) for one in (before, after))
    _journal(connection, action, {"field": "definition", "value": new, "before": [[old, [["", name]]]]}, by, now)


class Edit(NamedTuple):
    """A definition that somebody changed."""

    by: str
    at: int
    field: str
    """`topic` for its query alone, `definition` for tables of `console.toml`."""
    after: str
    """The query, or the tables as JSON, since then."""


def edits_of(connection: Connection, name: str) -> list[Edit]:
    """The changes of what has that name, undone or not, the last one first."""
    rows = connection.execute(
        "SELECT by, at, undone_by, undone_at, detail FROM journal WHERE count = 1 AND (action GLOB 'topic *' "
        "OR action GLOB 'view *' OR action GLOB 'desk *' OR action GLOB 'rule *') "
        "AND json_extract(detail, '$.field') IN ('topic', 'definition') "
        "AND json_extract(detail, '$.before[0][1][0][1]') = ? ORDER BY id DESC LIMIT 20",
        (name,),
    ).fetchall()
    found = []
    for by, at, undone_by, undone_at, detail in rows:
        told = json.loads(detail)
        after = told["before"][0][0] if undone_at is not None else told["value"]
        found.append(Edit(undone_by or by, undone_at or at, told["field"], after or ""))
    return sorted(found, key=lambda one: -one.at)


def _journal(connection: Connection, action: str, detail: object, by: Signed, now: int) -> None:
    connection.execute(
        "UPDATE journal SET buried = 1 WHERE undone_by = ? AND undone_at IS NOT NULL AND NOT buried", (by.name,)
    )
    row = connection.execute(
        "INSERT INTO journal(step, at, by, user, action, count, detail) VALUES (0,?,?,?,?,1,?)",
        (now, by.name, by.user, action, json.dumps(detail, ensure_ascii=False)),
    ).lastrowid
    connection.execute("UPDATE journal SET step = id WHERE id = ?", (row,))
