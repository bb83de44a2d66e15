"""What a platform lets nobody keep for longer than some days unless it has told it again: when it told it last.

`perishable` holds a row for each mention that such a place brought first and that is still there.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence

from listen.store import mirror
from listen.store.inbox import GONE
from listen.store.sqlite import Connection

_DAYS = "keep_days"
LOST = "expired"
"""Name of the fact in the store that tells how many mentions lost their text so."""

_BY_ADAPTER = (
    "FROM mentions AS m JOIN channels AS c ON c.id = m.channel_id JOIN sources AS s ON s.id = c.source_id "
    "AND s.adapter IN (SELECT value FROM json_each(?)) "
)


def sync(connection: Connection, days: Mapping[str, int]) -> dict[str, int]:
    """Learn for how many days which adapters' mentions may be kept; what is told of others before stays true.

    Of an adapter that is new here, all that is stored counts from when it was first seen.
    """
    before = days_of(connection)
    after = {**before, **days}
    if new := [*(after.keys() - before.keys())]:
        connection.execute(
            f"INSERT OR IGNORE INTO perishable SELECT m.id, m.seen_at {_BY_ADAPTER} WHERE m.state < ?",
            (json.dumps(new), GONE),
        )
    if after != before:
        mirror.set_state(connection, _DAYS, json.dumps(after))
    return after


def days_of(connection: Connection) -> dict[str, int]:
    """Adapter -> days for which its mentions may be kept; adapters without such a rule are not in it."""
    return {str(name): int(days) for name, days in json.loads(mirror.state(connection, _DAYS) or "{}").items()}


def tell(connection: Connection, new: Iterable[tuple[int, int]], again: Iterable[tuple[int, int]]) -> None:
    """(mention, when it was told) of what came for the first time from such a place, and of what came once more."""
    connection.executemany("INSERT OR REPLACE INTO perishable VALUES (?,?)", [*new])
    connection.executemany("UPDATE perishable SET told_at = ?2 WHERE mention_id = ?1 AND told_at < ?2", [*again])


def drop(connection: Connection, ids: Iterable[int]) -> None:
    """These are gone: nothing of them is kept any more."""
    connection.executemany("DELETE FROM perishable WHERE mention_id = ?", [(one,) for one in ids])


def due(connection: Connection, adapter: str, before: int, without: Collection[int], most: int) -> list[int]:
    """Mentions of this adapter that were told before that time, the longest unheard first."""
    rows = connection.execute(
        "SELECT p.mention_id FROM perishable AS p JOIN mentions AS m ON m.id = p.mention_id "
        "JOIN channels AS c ON c.id = m.channel_id JOIN sources AS s ON s.id = c.source_id AND s.adapter = ? "
        "WHERE p.told_at < ? AND p.mention_id NOT IN (SELECT value FROM json_each(?)) ORDER BY p.told_at LIMIT ?",
        (adapter, before, json.dumps([*without]), most),
    )
    return [row[0] for row in rows.fetchall()]


def named(connection: Connection, ids: Sequence[int]) -> list[tuple[str, int, str, str]]:
    """(source, channel, network, external id) of each of these mentions."""
    return connection.execute(
        "SELECT s.name, c.id, n.name, m.external_id FROM json_each(?) AS j JOIN mentions AS m ON m.id = j.value "
        "JOIN channels AS c ON c.id = m.channel_id JOIN sources AS s ON s.id = c.source_id "
        "JOIN networks AS n ON n.id = m.network_id",
        (json.dumps([*ids]),),
    ).fetchall()


def count(connection: Connection, lost: Mapping[str, int], now: int) -> None:
    """Remember how many mentions of which source lost their text, and when that was last."""
    told = lost_of(mirror.state(connection, LOST))
    for source, number in lost.items():
        told[source] = (told.get(source, (0, 0))[0] + number, now)
    mirror.set_state(connection, LOST, json.dumps(told))


def lost_of(told: str | None) -> dict[str, tuple[int, int]]:
    """Source -> (mentions that lost their text, when last), of the fact `expired` as it is stored."""
    return {str(source): (int(many), int(at)) for source, (many, at) in json.loads(told or "{}").items()}


def sentence(many: int) -> str:
    """What became of so many mentions."""
    lost = "1 mention has lost its text" if many == 1 else f"{many:,} mentions have lost their text"
    return f"{lost}: its place lets nobody keep what it has not told again in time"
