"""What people switched off: sources and channels that are configured, and left alone until somebody switches them on.

Kept in the store and not in a file of the configuration: a source and a single channel are switched alike, it counts at
once and without a collector, where the configuration's folder cannot be written too, and the journal takes it back like
every other action.
"""

from __future__ import annotations

import json

from listen.store.sqlite import Connection

Target = tuple[str, str]
"""(source, key of its channel); an empty key is the whole source, with the channels that it will have later."""


def switch(connection: Connection, target: Target, on: bool, who: str, at: int) -> bool:
    """Switch on or off; False when it was so already, or when there is no such source or channel."""
    fact = _fact(connection, target)
    if fact is None or is_on(connection, target) == on:
        return False
    if on:
        connection.execute("DELETE FROM state WHERE name = ?", (fact,))
    else:
        connection.execute("INSERT INTO state VALUES (?,?)", (fact, json.dumps({"at": at, "by": who})))
    return True


def is_on(connection: Connection, target: Target) -> bool:
    """Whether this very source or channel is on; a channel of a source that is off may be."""
    return connection.execute("SELECT 1 FROM state WHERE name = ?", (_fact(connection, target),)).fetchone() is None


def off_channels(connection: Connection) -> frozenset[int]:
    """Ids of the channels that nobody shall ask, those of whole sources too."""
    off: set[int] = set()
    for (name,) in connection.execute("SELECT name FROM state WHERE name > 'off:' AND name < 'off;'").fetchall():
        source, channel = map(int, name.split(":")[1:])
        if channel:
            off.add(channel)
        else:
            off.update(row[0] for row in connection.execute("SELECT id FROM channels WHERE source_id = ?", (source,)))
    return frozenset(off)


def _fact(connection: Connection, target: Target) -> str | None:
    """The fact's name in the table `state`."""
    name, key = target
    row = connection.execute("SELECT id FROM sources WHERE name = ?", (name,)).fetchone()
    if row is None or not key:
        return None if row is None else f"off:{row[0]}:0"
    channel = connection.execute("SELECT id FROM channels WHERE source_id = ? AND key = ?", (row[0], key)).fetchone()
    return None if channel is None else f"off:{row[0]}:{channel[0]}"
