"""How much of each hour all channels together really heard, kept once it can hardly change any more.

Channels weigh by what they had brought by then, so that a dead one which never says much holds nothing back. Hours are
since 2000. What is heard of an hour afterwards, as by a channel that is asked once a week, has it worked out anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from listen.store.sqlite import Connection

FRESH = 26
"""Hours whose coverage may still change: what is asked once a day has heard the day when it answers."""

STEP = 96
"""Hours that one step works out: some 20 ms with 170 channels."""

HOUR = 3_600


class Ear(NamedTuple):
    """A channel that listens."""

    id: int
    weight: float
    first: int
    """The first hour in which it was heard."""


_EARS = """
SELECT c.id, c.mentions + 1.0, c.heard_from FROM channels AS c JOIN sources AS s ON s.id = c.source_id
WHERE c.active AND s.active AND ifnull(c.fare, '') <> 'dead' AND c.heard_from IS NOT NULL"""


def shares(connection: Connection, ears: Iterable[Ear], first: int, last: int) -> dict[int, float]:
    """Hour -> the share of it that these channels heard, first <= hour <= last; hours without a trace are left out."""
    ears = list(ears)
    weights = {one.id: one.weight for one in ears}
    found: dict[int, float] = {}
    rows = connection.execute(
        "SELECT hour, channel_id, seconds FROM coverage WHERE hour BETWEEN ? AND ?", (first, last)
    )
    for hour, channel, seconds in rows:
        found[hour] = found.get(hour, 0.0) + weights.get(channel, 0.0) * min(HOUR, seconds) / HOUR
    for hour, total in found.items():
        wanted = sum(one.weight for one in ears if one.first <= hour)
        found[hour] = min(1.0, total / wanted) if wanted else 0.0
    return found


def known(connection: Connection, ears: Sequence[Ear], first: int, last: int) -> dict[int, float]:
    """The same of all channels that listen, as it was kept; what is not kept yet is worked out."""
    rows = connection.execute("SELECT hour, share FROM heard WHERE hour BETWEEN ? AND ?", (first, last))
    found: dict[int, float] = dict(rows.fetchall())
    begin = _begin(connection)
    missing = [] if begin is None else [hour for hour in range(max(first, begin), last + 1) if hour not in found]
    if missing:
        found = shares(connection, ears, missing[0], missing[-1]) | found
    return found


def step(connection: Connection, now: int) -> bool:
    """Keep some more hours, those after the kept ones first; False when all are kept. `now`: the hour that it is."""
    begin, closed = _begin(connection), now - FRESH - 1
    if begin is None or begin > closed:
        return False
    low, high = connection.execute("SELECT min(hour), max(hour) FROM heard").fetchone()
    if high is None:
        first, last = max(begin, closed - STEP + 1), closed
    elif high < closed:
        first, last = high + 1, min(high + STEP, closed)
    elif low > begin:
        first, last = max(begin, low - STEP), low - 1
    else:
        return False
    ears = [Ear._make(row) for row in connection.execute(_EARS)]
    found = shares(connection, ears, first, last)
    connection.executemany(
        "INSERT INTO heard VALUES (?,?)", [(hour, found.get(hour, 0.0)) for hour in range(first, last + 1)]
    )
    return True


def note(connection: Connection, channel_id: int, first: int) -> None:
    """A channel has heard something from that hour on."""
    connection.execute(
        "UPDATE channels SET heard_from = ?2 WHERE id = ?1 AND (heard_from IS NULL OR heard_from > ?2)",
        (channel_id, first),
    )
    connection.execute("DELETE FROM heard WHERE hour >= ?", (first,))


def _begin(connection: Connection) -> int | None:
    found = connection.execute("SELECT min(hour) FROM coverage").fetchone()[0]
    return None if found is None else int(found)
