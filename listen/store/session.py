"""The collector's claim on the store, its transactions, and the small things it writes beside the posts."""

from __future__ import annotations

import json
import os
import socket
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from listen.clock import Clock
from listen.noise import Patterns, version
from listen.service import Desk
from listen.store import door, fares, generations, mirror, noise, numbers
from listen.store import rejects as refusals
from listen.store.journal import Signed
from listen.store.mirror import ChannelRow, ChannelUpdate
from listen.store.sqlite import Connection, StoreError, begin, explaining, file_of


class LostLock(StoreError):
    """Another collector has taken over the store; this one must stop, and nothing of its transaction was written."""


class Session:
    """A claimed connection: every transaction checks that the claim still holds."""

    def __init__(self, connection: Connection, clock: Clock) -> None:
        self.connection = connection
        self.clock = clock
        self.path = file_of(connection)
        """The store's file."""
        self.epoch: int | None = None
        self.waited_for = 0.0
        """When somebody was last let in before a transaction of this writer, on the monotonic clock."""
        self.turned: list[fares.Fare] = []
        """Channels that have fallen quiet, died or come back since somebody last emptied this list."""

    def claim(self, who: str = "") -> int:
        """Become the one writer of the store: raise its epoch, so that an older writer's next transaction fails.

        `who` is the person on whose behalf it writes, for consoles to show.
        """
        with self._plain_transaction():
            epoch = int(mirror.state(self.connection, "epoch") or 0) + 1
            mirror.set_state(self.connection, "epoch", str(epoch))
            now = int(self.clock.now())
            told = {"pid": os.getpid(), "host": socket.gethostname(), "since": now, "heartbeat": now, "epoch": epoch}
            mirror.set_state(self.connection, "collector", json.dumps({**told, "who": who}))
        self.epoch = epoch
        return epoch

    def beat(self) -> None:
        """Say that this writer is alive."""
        with self.transaction():
            who = json.loads(mirror.state(self.connection, "collector") or "{}")
            who["heartbeat"] = int(self.clock.now())
            mirror.set_state(self.connection, "collector", json.dumps(who))

    def release(self) -> None:
        """Say that nobody collects any more: the orderly end."""
        with self.transaction():
            self.connection.execute("DELETE FROM state WHERE name = 'collector'")

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """One short write transaction under the claim. Raises `LostLock`, `StoreFull`, `StoreBusy`, `StoreError`."""
        if self.epoch is None:
            raise LostLock("this writer has not claimed the store: call claim() first")
        with self._plain_transaction():
            if mirror.state(self.connection, "epoch") != str(self.epoch):
                raise LostLock("another collector has taken over this store; this one stops")
            yield

    @contextmanager
    def _plain_transaction(self) -> Iterator[None]:
        if door.give_way(self.path):
            self.waited_for = time.monotonic()
        with explaining():
            try:
                begin(self.connection, polite=True)
                yield
                self.connection.execute("COMMIT")
            except BaseException:
                self._undo()
                raise
        self.committed()

    def _undo(self) -> None:
        if self.connection.in_transaction:
            self.connection.rollback()
        self.rolled_back()

    def committed(self) -> None:
        """Called after each commit, outside a transaction."""

    def rolled_back(self) -> None:
        """Called after each rollback: whatever is remembered of what never happened must go."""
        self.turned.clear()

    # --- health ------------------------------------------------------------------------------------------------------

    def set_host(self, host: str, not_before: int, level: int, reason: str | None) -> None:
        """Remember not to ask a host:port again before that time; level 0 and no reason forget it."""
        with self.transaction():
            if not level and reason is None:
                self.connection.execute("DELETE FROM hosts WHERE host = ?", (host,))
            else:
                self.connection.execute(
                    "INSERT OR REPLACE INTO hosts VALUES (?,?,?,?)", (host, not_before, level, reason)
                )

    def hosts(self) -> dict[str, tuple[int, int, str | None]]:
        """host:port -> (not before, level, reason)."""
        rows = self.connection.execute("SELECT host, not_before, level, reason FROM hosts")
        return {host: (not_before, level, reason) for host, not_before, level, reason in rows}

    def note_channel(self, channel_id: int, update: ChannelUpdate | None, new: int, seen_at: int) -> None:
        """Inside a transaction: a channel's cursor, health and coverage, and how many new mentions it brought."""
        columns = {} if update is None else update.columns()
        before = fares.row(self.connection, channel_id) if new else None
        if new:
            columns["new_at"] = seen_at
            self.connection.execute("UPDATE channels SET mentions = mentions + ? WHERE id = ?", (new, channel_id))
        mirror.set_columns(self.connection, channel_id, columns)
        if update is not None and update.heard is not None:
            numbers.heard(self.connection, channel_id, [update.heard])
        turned = fares.note(self.connection, channel_id, before, seen_at or int(self.clock.now()))
        self.turned += [turned] if turned is not None else []

    def update_channel(self, channel_id: int, update: ChannelUpdate, refused: Sequence[refusals.Reject] = ()) -> None:
        """Store a channel's health when it brought nothing."""
        with self.transaction():
            self.note_channel(channel_id, update, 0, 0)
            refusals.add(self.connection, channel_id, refused, int(self.clock.now()))

    def add_rejects(self, channel_id: int | None, refused: Sequence[refusals.Reject]) -> None:
        """Store what could not be taken in."""
        with self.transaction():
            refusals.add(self.connection, channel_id, refused, int(self.clock.now()))

    # --- the mirror of what runs -------------------------------------------------------------------------------------

    def sync_sources(self, sources: Sequence[tuple[str, str, dict[str, Any]]]) -> dict[str, int]:
        """See `mirror.sync_sources`."""
        with self.transaction():
            return mirror.sync_sources(self.connection, sources)

    def sync_channels(self, source_id: int, channels: Sequence[tuple[str, str]]) -> dict[str, ChannelRow]:
        """See `mirror.sync_channels`."""
        with self.transaction():
            return mirror.sync_channels(self.connection, source_id, channels)

    def bystander(self, name: str, adapter: str, label: str) -> int:
        """See `mirror.bystander`."""
        with self.transaction():
            return mirror.bystander(self.connection, name, adapter, label)

    def sync_noise(self, found: Patterns) -> None:
        """See `noise.sync`."""
        with self.transaction():
            noise.sync(self.connection, found, version(found))
        self.noise_changed()

    def noise_changed(self) -> None:
        """Called after the patterns of noise may have changed."""

    def sync_topics(self, topics: Sequence[generations.Topic], by: str = "") -> dict[str, int]:
        """See `generations.sync`."""
        with self.transaction():
            found = generations.sync(self.connection, topics, int(self.clock.now()), by)
        self.topics_changed()
        return found

    def note_edit(self, topic: str, before: str, after: str, by: Signed) -> None:
        """See `generations.note_edit`."""
        with self.transaction():
            generations.note_edit(self.connection, topic, before, after, by, int(self.clock.now()))

    def note_change(self, action: str, name: str, before: object, after: object, by: Signed) -> None:
        """See `generations.note_change`."""
        with self.transaction():
            generations.note_change(self.connection, action, name, before, after, by, int(self.clock.now()))

    def topics_changed(self) -> None:
        """Called after the topics or their generations have changed."""

    def sync_views(self, views: Sequence[tuple[str, str, bool]]) -> None:
        """See `mirror.sync_views`."""
        with self.transaction():
            mirror.sync_views(self.connection, views)

    def sync_desks(self, desks: Sequence[Desk]) -> None:
        """See `mirror.sync_desks`."""
        with self.transaction():
            mirror.sync_desks(self.connection, desks)

    def sync_edits(self, edits: Sequence[mirror.Edit]) -> None:
        """See `mirror.sync_edits`."""
        with self.transaction():
            mirror.sync_edits(self.connection, edits)

    def sync_lists(self, lists: Mapping[str, Sequence[str]]) -> None:
        """See `mirror.sync_lists`."""
        with self.transaction():
            mirror.sync_lists(self.connection, lists)

    def set_state(self, name: str, value: str) -> None:
        """Remember a fact by its name."""
        with self.transaction():
            mirror.set_state(self.connection, name, value)

    def state(self, name: str) -> str | None:
        """A remembered fact, None when it was never set."""
        return mirror.state(self.connection, name)
