"""Our own voices in the store: which mentions are ours, worked out anew in small steps when `[accounts]` changes."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence

from listen.model import KINDS
from listen.store import aside, changes, mirror, noise, threads
from listen.store.aside import OWN
from listen.store.sqlite import Connection
from listen.voices import Voices

STEP = 1_000
"""Mentions that one step looks at: some 10 ms."""

_ACCOUNTS, _DONE_TO = "accounts", "voices_to"

_ROWS = (
    "SELECT m.id, n.name, m.kind, m.url, a.handle, a.url, a.uid, ifnull(e.why, 0) & ? FROM json_each(?) AS j "
    "CROSS JOIN mentions AS m ON m.id = j.value JOIN networks AS n ON n.id = m.network_id "
    "LEFT JOIN authors AS a ON a.id = m.author_id LEFT JOIN aside AS e ON e.mention_id = m.id"
)


def load(connection: Connection) -> Voices:
    """Who we are, as the store has been told last."""
    return Voices(json.loads(mirror.state(connection, _ACCOUNTS) or "{}"))


def sync(connection: Connection, accounts: Mapping[str, Sequence[str]]) -> Voices:
    """Make these our accounts. When they are others than before, all that is stored has to be looked through."""
    told = json.dumps({name: list(voices) for name, voices in accounts.items()}, ensure_ascii=False)
    if told != (mirror.state(connection, _ACCOUNTS) or "{}"):
        mirror.set_state(connection, _ACCOUNTS, told)
        (newest,) = connection.execute("SELECT max(id) FROM mentions").fetchone()
        if newest is not None:
            mirror.set_state(connection, _DONE_TO, str(newest + 1))
    return Voices(accounts)


def left(connection: Connection) -> int:
    """The id below which stored mentions have not been looked through yet; 0 when all have."""
    return int(mirror.state(connection, _DONE_TO) or 0)


def step(connection: Connection, voices: Voices) -> bool:
    """Look through the next mentions, newest first, inside the caller's transaction; False when all is done."""
    upto = left(connection)
    if not upto:
        return False
    rows = connection.execute("SELECT id FROM mentions WHERE id < ? ORDER BY id DESC LIMIT ?", (upto, STEP))
    ids = [row[0] for row in rows.fetchall()]
    judge(connection, voices, ids)
    # A store of before conversations were kept does not know yet who answers whom.
    threads.catch_up(connection, threads.places(connection, ids))
    mirror.set_state(connection, _DONE_TO, str(ids[-1] if len(ids) == STEP else 0))
    return True


def judge(connection: Connection, voices: Voices, ids: Iterable[int]) -> None:
    """Bring it up to date which of these mentions are ours, and what follows from that."""
    ours: list[int] = []
    others: list[int] = []
    for mention_id, network, kind, url, handle, profile, uid, was in connection.execute(
        _ROWS, (OWN, json.dumps([*ids]))
    ):
        own = bool(voices and voices.account(network, KINDS[kind], url, handle, profile, uid))
        if own != bool(was):
            (ours if own else others).append(mention_id)
    aside.put(connection, ours, OWN)
    aside.take_back(connection, others, OWN)
    noise.settle(connection, ours + others)
    for place in threads.places(connection, ours):
        threads.speak(connection, place)
    for place in threads.places(connection, others):
        threads.listen_again(connection, place)
    changes.note(connection, ours + others)
