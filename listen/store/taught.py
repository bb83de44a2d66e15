"""What was taught about the sentiment toward each topic, and how far stored tones are brought up to it.

A teaching is kept as the text that `listen.sentiment.teaching` writes and reads. What arrives is scored by it at once,
what is stored step by step, newest first (`listen.store.tones`). Light on purpose: readers import this module.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import NamedTuple

from listen.store import generations, mirror
from listen.store.sqlite import Connection


class Renewal(NamedTuple):
    """A topic toward which the tone of what is stored is worked out anew, since its teaching or its role changed."""

    topic: str
    share: float
    """Of what is stored that is done, 0 to 1."""


def sync(connection: Connection, told: Mapping[str, str]) -> list[str]:
    """Make what was taught exactly this; the topics about which that is something else, to be scored anew."""
    before = mirror.taught(connection)
    changed = [name for name in sorted({*before, *told}) if before.get(name) != told.get(name)]
    if changed:
        mirror.sync_taught(connection, told)
    for name in changed:
        generations.owe_tones(connection, name)
    return changed


def under_way(connection: Connection) -> list[Renewal]:
    """The topics that are scored anew at the moment."""
    owed = json.loads(mirror.state(connection, generations.TONES_OWED) or "{}")
    names = dict(connection.execute("SELECT id, name FROM topics WHERE active").fetchall())
    return [
        Renewal(names[int(number)], generations.progress(connection, done_to))
        for number, done_to in owed.items()
        if int(number) in names
    ]
