"""What runs, as readers see it: sources, channels, topics and the configuration, kept in the store without secrets."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from enum import Enum
from functools import lru_cache
from typing import Any, NamedTuple

from listen.service import Desk, told
from listen.store.sqlite import Connection


class Keep(Enum):
    """The one value that leaves a column as it is; None empties it."""

    KEEP = "keep"


KEEP = Keep.KEEP
JSON = frozenset({"cursor", "moved", "skip"})
"""Columns of a channel that hold JSON."""


@dataclass(slots=True)
class ChannelUpdate:
    """Columns of a channel to set with its posts; what is not given stays, None empties. Times in Unix seconds."""

    cursor: dict[str, Any] | Keep = KEEP
    etag: str | Keep | None = KEEP
    last_modified: str | Keep | None = KEEP
    validators_url: str | Keep | None = KEEP
    validators_at: int | Keep | None = KEEP
    body_hash: str | Keep | None = KEEP
    next_at: int | Keep = KEEP
    every: int | Keep | None = KEEP
    checked_at: int | Keep | None = KEEP
    good_at: int | Keep | None = KEEP
    errors: int | Keep = KEEP
    error_reason: str | Keep | None = KEEP
    error: str | Keep | None = KEEP
    error_remedy: str | Keep | None = KEEP
    error_at: int | Keep | None = KEEP
    rate_left: int | Keep | None = KEEP
    rate_reset_at: int | Keep | None = KEEP
    moved: dict[str, Any] | Keep | None = KEEP
    """Where its address has moved for good: see `listen.collect.moves`."""
    skip: list[int] | Keep | None = KEEP
    """Hours of the week (0 is Monday's first, UTC) in which it is not asked."""
    heard: tuple[int, int] | None = None
    """From when to when the channel was really heard, for coverage."""

    @classmethod
    def well(cls, now: float, next_at: int, heard: tuple[int, int] | None, **more: Any) -> ChannelUpdate:
        """The health of a channel that has told something, if only that nothing is new; `more`: other columns."""
        none: dict[str, Any] = dict.fromkeys(("error_reason", "error", "error_remedy", "error_at"))
        return cls(next_at=next_at, checked_at=int(now), good_at=int(now), errors=0, heard=heard, **none, **more)

    def columns(self) -> dict[str, Any]:
        """The columns to set, as stored."""
        found = {field.name: getattr(self, field.name) for field in fields(self) if field.name != "heard"}
        found = {name: value for name, value in found.items() if value is not KEEP}
        for name in JSON.intersection(found):
            found[name] = None if found[name] is None else json.dumps(found[name], separators=(",", ":"))
        return found


@dataclass(slots=True)
class ChannelRow:
    """A channel as stored: where it is and how it fares. Times in Unix seconds."""

    id: int
    source_id: int
    key: str
    label: str
    active: bool
    cursor: dict[str, Any]
    etag: str | None
    last_modified: str | None
    validators_url: str | None
    validators_at: int | None
    body_hash: str | None
    next_at: int
    every: int | None
    checked_at: int | None
    good_at: int | None
    new_at: int | None
    errors: int
    error_reason: str | None
    error: str | None
    error_remedy: str | None
    error_at: int | None
    rate_left: int | None
    rate_reset_at: int | None
    mentions: int
    moved: dict[str, Any] | None = None
    skip: list[int] | None = None


_CHANNEL_COLUMNS = ", ".join(field.name for field in fields(ChannelRow))


def channel_rows(connection: Connection, source_id: int) -> dict[str, ChannelRow]:
    """All channels of a source by key, those that are configured no more too."""
    rows = connection.execute(
        f"SELECT {_CHANNEL_COLUMNS} FROM channels WHERE source_id = ? ORDER BY id",  # noqa: S608
        (source_id,),
    )
    found = {}
    for row in rows.fetchall():
        channel = ChannelRow(*row)
        channel.active = bool(channel.active)
        channel.cursor = json.loads(row[5])
        channel.moved, channel.skip = (json.loads(one) if one else None for one in row[-2:])
        found[channel.key] = channel
    return found


def set_columns(connection: Connection, channel_id: int, columns: Mapping[str, Any]) -> None:
    """Set columns of a channel; the names come from `ChannelUpdate` or this package."""
    if columns:
        names = ", ".join(f"{name}=?" for name in columns)
        connection.execute(f"UPDATE channels SET {names} WHERE id=?", (*columns.values(), channel_id))  # noqa: S608


def sync_sources(connection: Connection, sources: Sequence[tuple[str, str, dict[str, Any]]]) -> dict[str, int]:
    """Make the active sources exactly these (name, adapter, settings without secrets); name -> id."""
    connection.execute("UPDATE sources SET active = 0")
    connection.executemany(
        "INSERT INTO sources(name, adapter, active, settings) VALUES (?,?,1,?) "
        "ON CONFLICT(name) DO UPDATE SET adapter=excluded.adapter, active=1, settings=excluded.settings",
        [(name, adapter, json.dumps(settings, sort_keys=True, default=str)) for name, adapter, settings in sources],
    )
    return dict(connection.execute("SELECT name, id FROM sources WHERE active").fetchall())


def sync_channels(connection: Connection, source_id: int, channels: Sequence[tuple[str, str]]) -> dict[str, ChannelRow]:
    """Make the active channels of a source exactly these (key, label); key -> row. A channel that returns goes on."""
    connection.execute("UPDATE channels SET active = 0 WHERE source_id = ?", (source_id,))
    connection.executemany(
        "INSERT INTO channels(source_id, key, label, active) VALUES (?,?,?,1) "
        "ON CONFLICT(source_id, key) DO UPDATE SET label=excluded.label, active=1",
        [(source_id, key, label) for key, label in channels],
    )
    return {key: row for key, row in channel_rows(connection, source_id).items() if row.active}


def bystander(connection: Connection, name: str, adapter: str, label: str) -> int:
    """The only channel of a source that the configuration need not name, such as imports; its id."""
    connection.execute("INSERT OR IGNORE INTO sources(name, adapter, active) VALUES (?,?,0)", (name, adapter))
    (source_id,) = connection.execute("SELECT id FROM sources WHERE name = ?", (name,)).fetchone()
    connection.execute(
        "INSERT OR IGNORE INTO channels(source_id, key, label, active) VALUES (?,?,?,0)", (source_id, adapter, label)
    )
    (channel_id,) = connection.execute(
        "SELECT id FROM channels WHERE source_id = ? AND key = ?", (source_id, adapter)
    ).fetchone()
    return int(channel_id)


def sync_views(connection: Connection, views: Sequence[tuple[str, str, bool]]) -> None:
    """Make the saved queries exactly these (name, query, whether it is a queue), in this order."""
    told = [{"name": name, "query": query, "queue": queue} for name, query, queue in views]
    set_state(connection, "views", json.dumps(told, ensure_ascii=False))


def sync_desks(connection: Connection, desks: Sequence[Desk]) -> None:
    """Make the desks exactly these, in this order."""
    set_state(connection, "desks", told(desks))


class Edit(NamedTuple):
    """A topic, view, desk or rule that people wrote in the console or by a command, not in the store's file."""

    table: str
    """`topics`, `views`, `desks` or `alerts`."""
    name: str
    query: str
    """Of a rule all that it says."""
    file: str
    """The store's file, and the line in which it has a query for the same name."""
    line: int | None = None
    under: str | None = None
    """That query, which counts no more; None when the file knows no such name."""
    base: str | None = None
    """What the file said when the query was given."""

    @property
    def stale(self) -> bool:
        """Somebody has changed the file since, in vain."""
        return self.under is not None and self.under != self.base


def sync_edits(connection: Connection, found: Sequence[Edit]) -> None:
    """Make the edits exactly these, and remember what the file said when each came to be."""
    before = {(one.table, one.name): one for one in edits(connection)}
    told = []
    for one in found:
        known = before.get((one.table, one.name))
        base = known.base if known is not None and known.query == one.query else one.under
        told.append(one._replace(base=base))
    set_state(connection, "edits", json.dumps(told, ensure_ascii=False))


def edits(connection: Connection) -> list[Edit]:
    """What people have edited, in the order of `console.toml`."""
    return [Edit(*one) for one in json.loads(state(connection, "edits") or "[]")]


class Written(NamedTuple):
    """The rules of alerts as the configuration has them, those that are off, too."""

    rules: Mapping[str, Mapping[str, str]] = {}
    """Name -> key -> what stands there (`listen.config.rules`), without what is taken for granted."""
    notify: Sequence[str] = ()
    """Where alerts can go."""

    @property
    def off(self) -> list[str]:
        """Those that nobody watches by."""
        return [name for name, said in self.rules.items() if said.get("enabled") == "false"]


@lru_cache(maxsize=4)
def written(mirrored: str | None) -> Written:
    """What a collector has told of them; nothing when none of this version has run."""
    told = json.loads(mirrored or "{}")
    return Written(told.get("rules", {}), tuple(told.get("notify", ())))


def sync_lists(connection: Connection, lists: Mapping[str, Sequence[str]]) -> None:
    """Make the named lists exactly these."""
    set_state(
        connection, "lists", json.dumps({name: list(values) for name, values in lists.items()}, ensure_ascii=False)
    )


def sync_taught(connection: Connection, told: Mapping[str, str]) -> None:
    """Make what was taught about the sentiment toward topics exactly this, text by topic."""
    set_state(connection, "taught", json.dumps(dict(told), ensure_ascii=False, sort_keys=True))


def taught(connection: Connection) -> dict[str, str]:
    """Topic -> what was taught about the sentiment toward it, as `listen.sentiment.teaching` reads it."""
    return dict(json.loads(state(connection, "taught") or "{}"))


def set_state(connection: Connection, name: str, value: str) -> None:
    """Remember a fact by its name."""
    connection.execute("INSERT INTO state VALUES (?,?) ON CONFLICT DO UPDATE SET value=excluded.value", (name, value))


def state(connection: Connection, name: str) -> str | None:
    """A remembered fact, None when it was never set."""
    row = connection.execute("SELECT value FROM state WHERE name = ?", (name,)).fetchone()
    return None if row is None else str(row[0])


def count(connection: Connection, name: str, more: int) -> None:
    """Count up a fact by its name."""
    if more:
        set_state(connection, name, str(int(state(connection, name) or 0) + more))
