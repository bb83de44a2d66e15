"""Who answers whom: conversations by the key of their first post, our own replies, and what they answer.

A mention stands under the key of its thread, else of its parent; the first post itself is found by its own key. With a
reply of ours come two keys: that of its conversation, and that of the very post which it answers. Whatever stands under
one of them, or bears it, is answered; the post that was answered directly gets that status, if it was still new.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from listen.model import STATUSES, id_time
from listen.store.aside import OWN, why
from listen.store.ids import key_of
from listen.store.sqlite import Connection

WHO = "own"
"""Who answered, where a reply of ours did, in `triage.by`."""

_ANSWERED = STATUSES.index("answered")


class Place(NamedTuple):
    """Where a mention stands."""

    mention_id: int
    network: str
    external_id: str
    parent_id: str | None
    thread_id: str | None

    @property
    def key(self) -> int:
        """Its own."""
        return key_of(self.network, self.external_id)

    @property
    def thread(self) -> int | None:
        """The key that it stands under; None for what answers nothing."""
        under = self.thread_id or self.parent_id
        if under == self.external_id:
            under = self.parent_id if self.parent_id != self.external_id else None
        return key_of(self.network, under) if under else None

    @property
    def parent(self) -> int | None:
        """The key of what it answers."""
        known = self.parent_id and self.parent_id != self.external_id
        return key_of(self.network, str(self.parent_id)) if known else None


_PLACES = (
    "SELECT m.id, n.name, m.external_id, m.parent_id, m.thread_id FROM json_each(?) AS j "
    "CROSS JOIN mentions AS m ON m.id = j.value JOIN networks AS n ON n.id = m.network_id"
)


def places(connection: Connection, ids: Iterable[int]) -> Iterator[Place]:
    """Where stored mentions stand."""
    yield from map(Place._make, connection.execute(_PLACES, (json.dumps([*ids]),)).fetchall())


def enter(connection: Connection, found: Sequence[Place], own: Iterable[int] = ()) -> None:
    """These mentions stand where they stand now; those in `own` are our own voices'."""
    ours = set(own)
    under = [(place.thread, place.mention_id) for place in found if place.thread is not None]
    connection.executemany("INSERT OR IGNORE INTO threads VALUES (?,?)", sorted(under))
    if connection.execute("SELECT 1 FROM ours LIMIT 1").fetchone():
        _find_answers(connection, _spoken_to(connection, [one for one in found if one.mention_id not in ours]))
    for place in found:
        if place.mention_id in ours:
            speak(connection, place)


def catch_up(connection: Connection, found: Iterable[Place]) -> None:
    """The same for mentions of a store that did not keep conversations yet; those that stand there are left alone."""
    for place in found:
        added = (
            place.thread is not None
            and connection.execute(
                "INSERT OR IGNORE INTO threads VALUES (?,?)", (place.thread, place.mention_id)
            ).rowcount
        )
        if added and not why(connection, place.mention_id) & OWN:
            _find_answers(connection, [place])


def leave(connection: Connection, place: Place) -> None:
    """The mention no longer stands there: it is deleted, or its place has become another one."""
    fall_silent(connection, place)
    connection.execute("DELETE FROM answered WHERE mention_id = ?", (place.mention_id,))
    if place.thread is not None:
        connection.execute("DELETE FROM threads WHERE thread = ? AND mention_id = ?", (place.thread, place.mention_id))


def _spoken_to(connection: Connection, found: Sequence[Place]) -> list[Place]:
    """Those that stand where a reply of ours stands: one question for all, as most do not."""
    keys = {place: {place.key, place.thread} - {None} for place in found}
    rows = connection.execute(
        "SELECT DISTINCT thread FROM ours WHERE thread IN (SELECT value FROM json_each(?))",
        (json.dumps(sorted(set().union(*keys.values()))),),
    )
    ours = {row[0] for row in rows.fetchall()}
    return [place for place in found if not ours.isdisjoint(keys[place])]


def _find_answers(connection: Connection, found: Iterable[Place]) -> None:
    """What our replies make of mentions that stand where they stand."""
    for place in found:
        for key in {place.key, place.thread} - {None}:
            rows = connection.execute("SELECT mention_id, direct FROM ours WHERE thread = ?", (key,)).fetchall()
            if rows:
                connection.execute("INSERT OR IGNORE INTO answered VALUES (?,?)", (place.mention_id, key))
            direct = [reply for reply, direct in rows if direct and key == place.key]
            if direct:
                _mark(connection, place.mention_id, min(direct))


# --- our own ---------------------------------------------------------------------------------------------------------


def speak(connection: Connection, place: Place) -> None:
    """The mention is one of ours: it is answered by nobody, and if it is a reply, others are answered by it."""
    connection.execute("DELETE FROM answered WHERE mention_id = ?", (place.mention_id,))
    for key in {place.thread, place.parent} - {None}:
        direct = key == place.parent
        connection.execute("INSERT OR IGNORE INTO ours VALUES (?,?,?)", (key, place.mention_id, direct))
        for other, its_key in _under(connection, key):
            connection.execute("INSERT OR IGNORE INTO answered VALUES (?,?)", (other, key))
            if direct and its_key:
                _mark(connection, other, place.mention_id)


def fall_silent(connection: Connection, place: Place) -> None:
    """The mention is not ours any more: what it alone answered is not answered; what it marked is new again."""
    for key in {place.thread, place.parent} - {None}:
        connection.execute("DELETE FROM ours WHERE thread = ? AND mention_id = ?", (key, place.mention_id))
        left = connection.execute("SELECT max(direct) FROM ours WHERE thread = ?", (key,)).fetchone()[0]
        for other, its_key in _under(connection, key):
            if left is None:
                connection.execute("DELETE FROM answered WHERE mention_id = ? AND thread = ?", (other, key))
            if not left and its_key:
                _unmark(connection, other)


def listen_again(connection: Connection, place: Place) -> None:
    """The mention was ours and is another's now: our replies may answer it."""
    fall_silent(connection, place)
    _find_answers(connection, [place])


def _under(connection: Connection, key: int | None) -> list[tuple[int, bool]]:
    """(mention of others under that key or with it, whether the key is its own)."""
    rows = connection.execute(
        "SELECT d.id, d.its_own FROM (SELECT id, 1 AS its_own FROM mentions WHERE key = ?1 "
        "UNION ALL SELECT mention_id, 0 FROM threads WHERE thread = ?1) AS d "
        "LEFT JOIN aside AS e ON e.mention_id = d.id WHERE ifnull(e.why & ?2, 0) = 0",
        (key, OWN),
    )
    return [(mention_id, bool(its_own)) for mention_id, its_own in rows.fetchall()]


def _mark(connection: Connection, mention_id: int, reply: int) -> None:
    """Somebody of ours has answered it: it waits no longer. What people made of it stays."""
    from listen.store import changes, inbox

    done = connection.execute(
        "INSERT INTO triage(mention_id, status, at, by) VALUES (?,?,?,?) ON CONFLICT DO UPDATE "
        "SET status=excluded.status, at=excluded.at, by=excluded.by WHERE status = 0",
        (mention_id, _ANSWERED, id_time(reply), WHO),
    ).rowcount
    if done:
        inbox.take(connection, mention_id)
        changes.note(connection, [mention_id])


def _unmark(connection: Connection, mention_id: int) -> None:
    from listen.store import changes, inbox

    done = connection.execute(
        "UPDATE triage SET status = 0 WHERE mention_id = ? AND status = ? AND by = ?", (mention_id, _ANSWERED, WHO)
    ).rowcount
    if not done:
        return
    connection.execute(
        "DELETE FROM triage WHERE mention_id = ? AND status = 0 AND starred = 0 AND assignee IS NULL AND noise IS NULL",
        (mention_id,),
    )
    changes.note(connection, [mention_id])
    (state,) = connection.execute("SELECT state FROM mentions WHERE id = ?", (mention_id,)).fetchone()
    if state < inbox.GONE and inbox.waits(connection, mention_id):
        inbox.insert(connection, mention_id, inbox.topics_of(connection, mention_id))
