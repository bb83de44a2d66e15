"""The collector's side of the store: one writer, short transactions, everything that hangs together in one of them."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from listen.clock import Clock
from listen.model import Prepared
from listen.store import inbox, mentions, mirror, numbers, rejects, search
from listen.store.authors import Authors
from listen.store.ids import Ids, key_of, next_key
from listen.store.mentions import Change, Stored
from listen.store.mirror import KEEP, ChannelRow, ChannelUpdate
from listen.store.numbers import Delta
from listen.store.search import Document, Partitions
from listen.store.sqlite import Connection, StoreError, explained, sqlite3

__all__ = ["KEEP", "Added", "ChannelRow", "ChannelUpdate", "LostLock", "Writer"]

WAL_LIMIT = 128 << 20
"""Bytes of write-ahead log above which the writer moves it into the file."""

ARRIVALS_KEPT = 200_000
"""Newest rows of `arrivals` that are kept."""


class LostLock(StoreError):
    """Another collector has taken over the store; this one must stop, and nothing of its transaction was written."""


@dataclass(slots=True)
class Added:
    """What became of a batch."""

    new_ids: list[int]
    again: int
    """Posts that were known already, or twice in the batch."""
    changed: int
    """Known posts whose text was edited or taken away."""


@dataclass(slots=True)
class New:
    """A post on its way to its first row."""

    id: int
    key: int
    network_id: int
    author_id: int | None
    post: Prepared


class Writer:
    """Writes to a prepared store. Call `claim()` first: every transaction checks that the claim still holds."""

    def __init__(self, connection: Connection, clock: Clock, partition_size: int = search.PARTITION_SIZE) -> None:
        self.connection = connection
        self.clock = clock
        self.epoch: int | None = None
        self.partitions = Partitions(connection, partition_size)
        self._ids = Ids(connection)
        self._authors = Authors(connection)
        self._networks: dict[str, int] = {}
        self._channels: dict[int, int] = {}
        self._hourly_from = int(mirror.state(connection, "hourly_from") or 0)

    # --- the claim and transactions ----------------------------------------------------------------------------------

    def claim(self) -> int:
        """Become the one writer of the store: raise its epoch, so that an older writer's next transaction fails."""
        with self._plain_transaction():
            epoch = int(mirror.state(self.connection, "epoch") or 0) + 1
            mirror.set_state(self.connection, "epoch", str(epoch))
            now = int(self.clock.now())
            who = {"pid": os.getpid(), "host": socket.gethostname(), "since": now, "heartbeat": now, "epoch": epoch}
            mirror.set_state(self.connection, "collector", json.dumps(who))
            self.partitions.ensure()
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
        try:
            self.connection.execute("BEGIN IMMEDIATE")
            yield
            self.connection.execute("COMMIT")
        except BaseException as error:
            self._undo()
            if isinstance(error, sqlite3.Error):
                raise explained(error) from error
            raise
        self._ids.trim()

    def _undo(self) -> None:
        """Roll back, and forget everything that was remembered of what never happened."""
        if self.connection.in_transaction:
            self.connection.rollback()
        self._ids.forget()
        self._authors.forget()
        self._networks.clear()
        self._channels.clear()
        self.partitions.load()

    # --- posts -------------------------------------------------------------------------------------------------------

    def add(
        self,
        channel_id: int,
        batch: Sequence[Prepared],
        *,
        seen_at: int,
        update: ChannelUpdate | None = None,
        rejects: Sequence[rejects.Reject] = (),
    ) -> Added:
        """Store what a channel brought, with its cursor and health, in one transaction: all of it or nothing.

        Known posts are sightings, and edits when they changed. A post that SQLite cannot hold is set aside in `rejects`.
        """
        try:
            return self._add(channel_id, batch, seen_at, update, rejects)
        except (OverflowError, UnicodeEncodeError, sqlite3.InterfaceError, sqlite3.ProgrammingError) as error:
            good, bad = self._storable(batch)
            if not bad:
                raise
            refused = [("not storable", f"{type(error).__name__}: {error}", repr(post.external_id)) for post in bad]
            return self._add(channel_id, good, seen_at, update, [*rejects, *refused])

    def _add(
        self,
        channel_id: int,
        batch: Sequence[Prepared],
        seen_at: int,
        update: ChannelUpdate | None,
        refused: Sequence[rejects.Reject],
    ) -> Added:
        with self.transaction():
            source_id = self._source_of(channel_id)
            fresh, known, again = self._identify(batch)
            changes = [(stored, post, mentions.change(stored, post, channel_id)) for stored, post in known]
            new = self._number(fresh, seen_at)
            delta = Delta(self._hourly_from)
            self._insert_rows(new, channel_id, seen_at)
            self._insert_matches(new, source_id, delta)
            ids, old = self._revise(changes, channel_id, source_id, delta)
            delta.write(self.connection)
            first = [mentions.new_document(one.id, one.post, source_id, one.author_id) for one in new]
            self._index(old, [*first, *mentions.documents(self.connection, ids)])
            self._note_channel(channel_id, update, len(new), seen_at)
            rejects.add(self.connection, channel_id, refused, seen_at)
        return Added([one.id for one in new], again, sum(change.content for _, _, change in changes))

    def _source_of(self, channel_id: int) -> int:
        source = self._channels.get(channel_id)
        if source is None:
            row = self.connection.execute("SELECT source_id FROM channels WHERE id = ?", (channel_id,)).fetchone()
            if row is None:
                raise StoreError(f"there is no channel {channel_id} in the store; sync_channels() makes them")
            source = self._channels[channel_id] = int(row[0])
        return source

    def _network(self, name: str) -> int:
        number = self._networks.get(name)
        if number is None:
            self.connection.execute("INSERT OR IGNORE INTO networks(name) VALUES (?)", (name,))
            (number,) = self.connection.execute("SELECT id FROM networks WHERE name = ?", (name,)).fetchone()
            self._networks[name] = number
        return number

    def _identify(
        self, batch: Sequence[Prepared]
    ) -> tuple[list[tuple[int, Prepared]], list[tuple[Stored, Prepared]], int]:
        """(new posts with their free key, known posts with what is stored of them, how many were not new)."""
        unique: dict[tuple[str, str], Prepared] = {}
        for post in batch:
            identity = (post.network, post.external_id)
            before = unique.get(identity)
            unique[identity] = post if before is None else mentions.later(before, post)
        fresh: dict[int, Prepared] = {}
        known: list[tuple[Stored, Prepared]] = []
        dropped = 0
        for (network, external_id), post in unique.items():
            key, stored = self._find(network, external_id, fresh)
            if stored is not None:
                known.append((stored, post))
            elif mentions.gone(post):
                dropped += 1
            else:
                fresh[key] = post
        return list(fresh.items()), known, len(batch) - len(fresh) - dropped

    def _find(self, network: str, external_id: str, taken: dict[int, Prepared]) -> tuple[int, Stored | None]:
        """The key of an identity, and its row when there is one: the hash's own place or the next free one after it."""
        key = key_of(network, external_id)
        number = self._network(network)
        while True:
            row = self.connection.execute(mentions.FIND, (key,)).fetchone()
            if row is None:
                if key not in taken:
                    return key, None
            elif row[1] == number and row[2] == external_id:
                return key, Stored._make(row)
            key = next_key(key)

    def _number(self, fresh: Sequence[tuple[int, Prepared]], seen_at: int) -> list[New]:
        """Give ids and authors; sorted by id, the order in which every table and the search index are fastest."""
        networks = [self._network(post.network) for _, post in fresh]
        authors = self._authors.ids((network, post.author) for network, (_, post) in zip(networks, fresh, strict=True))
        new = []
        for network, author, (key, post) in zip(networks, authors, fresh, strict=True):
            told = post.published_at
            new.append(New(self._ids.take(seen_at if told is None else min(told, seen_at)), key, network, author, post))
        new.sort(key=lambda one: one.id)
        return new

    def _insert_rows(self, new: Sequence[New], channel_id: int, seen_at: int) -> None:
        run = self.connection.executemany
        run(
            mentions.INSERT,
            [
                mentions.new_row(one.id, one.key, one.network_id, channel_id, one.author_id, seen_at, one.post)
                for one in new
            ],
        )
        run("INSERT INTO sightings VALUES (?,?)", [(one.id, channel_id) for one in new])
        run("INSERT INTO arrivals(mention_id) VALUES (?)", [(one.id,) for one in new])

    def _insert_matches(self, new: Sequence[New], source_id: int, delta: Delta) -> None:
        rows = []
        waiting = []
        for one in new:
            post = one.post
            if post.topics:
                delta.apply(one.id, source_id, {}, post.topics)
                state = mentions.state_no(post.state)
                rows += [
                    (topic, one.id, source_id, score, post.hits, post.lang, state)
                    for topic, score in post.topics.items()
                ]
            else:
                waiting.append((inbox.NO_TOPIC, one.id))
        rows.sort()
        waiting += [row[:2] for row in rows]
        self.connection.executemany("INSERT INTO matches VALUES (?,?,?,?,?,?,?)", rows)
        self.connection.executemany("INSERT INTO inbox VALUES (?,?)", waiting)

    def _revise(
        self, changes: Sequence[tuple[Stored, Prepared, Change]], channel_id: int, source_id: int, delta: Delta
    ) -> tuple[list[int], list[Document]]:
        """Apply what known posts bring; the ids whose tokens change, and their search rows from before."""
        unheard = [stored.id for stored, _, _ in changes if not self._heard(stored.id, channel_id)]
        touched = {stored.id for stored, _, change in changes if change.content}
        touched |= {known for known in unheard if source_id not in mentions.sources_of(self.connection, known)}
        ids = sorted(touched)
        old = mentions.documents(self.connection, ids)
        self.connection.executemany(
            "INSERT INTO sightings VALUES (?,?)", [(known, channel_id) for known in sorted(unheard)]
        )
        for stored, post, change in changes:
            if change.columns:
                mentions.update(self.connection, stored.id, change.columns)
            if change.content:
                self._rematch(stored, {} if mentions.gone(post) else post.topics, delta)
        return ids, old

    def _heard(self, mention_id: int, channel_id: int) -> bool:
        return (
            self.connection.execute(
                "SELECT 1 FROM sightings WHERE mention_id = ? AND channel_id = ?", (mention_id, channel_id)
            ).fetchone()
            is not None
        )

    def _rematch(self, stored: Stored, topics: Mapping[int, int | None], delta: Delta) -> None:
        """Make a changed mention's matches and inbox rows those of its new text."""
        connection = self.connection
        before = inbox.topics_of(connection, stored.id)
        source_id = self._source_of(stored.channel_id)
        delta.apply(stored.id, source_id, before, topics)
        connection.executemany(
            "DELETE FROM matches WHERE topic_id=? AND mention_id=?", [(topic, stored.id) for topic in before]
        )
        state, hits, lang = connection.execute(
            "SELECT state, hits, lang FROM mentions WHERE id = ?", (stored.id,)
        ).fetchone()
        rows = [(topic, stored.id, source_id, score, hits, lang, state) for topic, score in sorted(topics.items())]
        connection.executemany("INSERT INTO matches VALUES (?,?,?,?,?,?,?)", rows)
        inbox.take(connection, stored.id, list(before))
        if state < inbox.GONE and inbox.waits(connection, stored.id):
            inbox.insert(connection, stored.id, topics)

    def _index(self, old: Sequence[Document], new: Sequence[Document]) -> None:
        """Take old tokens out before the new ones go in, both in order of ids."""
        self.partitions.remove(old)
        self.partitions.add(sorted(new))

    def _note_channel(self, channel_id: int, update: ChannelUpdate | None, new: int, seen_at: int) -> None:
        columns = {} if update is None else update.columns()
        if new:
            columns["new_at"] = seen_at
            self.connection.execute("UPDATE channels SET mentions = mentions + ? WHERE id = ?", (new, channel_id))
        mirror.set_columns(self.connection, channel_id, columns)
        if update is not None and update.heard is not None:
            numbers.heard(self.connection, channel_id, [update.heard])

    def _storable(self, batch: Sequence[Prepared]) -> tuple[list[Prepared], list[Prepared]]:
        """(posts that SQLite can hold, the others), by giving it each one's values and storing nothing."""
        good, bad = [], []
        for post in batch:
            author = post.author and (post.author.handle, post.author.name, post.author.url, post.author.followers)
            values = [
                *mentions.new_row(0, 0, 0, 0, 0, 0, post),
                *(author or ()),
                *post.topics.values(),
                post.title_words,
                post.words,
                *post.marks,
            ]
            try:
                self.connection.execute(f"SELECT {','.join('?' * len(values))}", values).fetchone()
                good.append(post)
            except (OverflowError, UnicodeEncodeError, sqlite3.InterfaceError, sqlite3.ProgrammingError):
                bad.append(post)
        return good, bad

    # --- single mentions ---------------------------------------------------------------------------------------------

    def edit(self, mention_id: int, post: Prepared) -> bool:
        """Store a newer version of a mention whatever its date; False when there is no such mention or nothing changes."""
        with self.transaction():
            row = self.connection.execute(mentions.FIND_BY_ID, (mention_id,)).fetchone()
            if row is None:
                return False
            stored = Stored._make(row)
            change = mentions.change(stored._replace(edited_at=None), replace(post, edited_at=None), stored.channel_id)
            delta = Delta(self._hourly_from)
            ids, old = self._revise(
                [(stored, post, change)], stored.channel_id, self._source_of(stored.channel_id), delta
            )
            delta.write(self.connection)
            self._index(old, mentions.documents(self.connection, ids))
        return bool(change.columns)

    def delete(self, ids: Sequence[int]) -> int:
        """Remove mentions with all that hangs on them; how many there were. Their words leave the file with `idle()`."""
        with self.transaction():
            stored = [
                Stored._make(row)
                for one in sorted(set(ids))
                for row in self.connection.execute(mentions.FIND_BY_ID, (one,))
            ]
            delta = Delta(self._hourly_from)
            self.partitions.remove(mentions.documents(self.connection, [one.id for one in stored]))
            for one in stored:
                self._delete(one, delta)
            delta.write(self.connection)
            self.partitions.must_merge([one.id for one in stored])
        return len(stored)

    def _delete(self, stored: Stored, delta: Delta) -> None:
        connection = self.connection
        topics = inbox.topics_of(connection, stored.id)
        delta.apply(stored.id, self._source_of(stored.channel_id), topics, {})
        inbox.take(connection, stored.id, list(topics))
        connection.executemany(
            "DELETE FROM matches WHERE topic_id=? AND mention_id=?", [(topic, stored.id) for topic in topics]
        )
        (key,) = connection.execute("SELECT key FROM mentions WHERE id = ?", (stored.id,)).fetchone()
        for table, column in (("sightings", "mention_id"), ("triage", "mention_id"), ("mentions", "id")):
            connection.execute(f"DELETE FROM {table} WHERE {column} = ?", (stored.id,))  # noqa: S608
        self._close_gap(key)

    def _close_gap(self, key: int) -> None:
        """A mention that sat behind the deleted one for want of its own place moves up, or it would not be found again."""
        connection = self.connection
        behind = next_key(key)
        while row := connection.execute(
            "SELECT m.id, n.name, m.external_id FROM mentions m JOIN networks n ON n.id = m.network_id WHERE m.key = ?",
            (behind,),
        ).fetchone():
            home = key_of(row[1], row[2])
            # Unsigned distances round the circle: it may move when its home is not after the gap.
            if (behind - home) % (1 << 64) >= (behind - key) % (1 << 64):
                connection.execute("UPDATE mentions SET key = ? WHERE id = ?", (key, row[0]))
                key = behind
            behind = next_key(behind)

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

    def update_channel(self, channel_id: int, update: ChannelUpdate, refused: Sequence[rejects.Reject] = ()) -> None:
        """Store a channel's health when it brought nothing."""
        with self.transaction():
            self._note_channel(channel_id, update, 0, 0)
            rejects.add(self.connection, channel_id, refused, int(self.clock.now()))

    def add_rejects(self, channel_id: int | None, refused: Sequence[rejects.Reject]) -> None:
        """Store what could not be taken in."""
        with self.transaction():
            rejects.add(self.connection, channel_id, refused, int(self.clock.now()))

    # --- the mirror of what runs -------------------------------------------------------------------------------------

    def sync_sources(self, sources: Sequence[tuple[str, str, dict[str, Any]]]) -> dict[str, int]:
        """See `mirror.sync_sources`."""
        with self.transaction():
            return mirror.sync_sources(self.connection, sources)

    def sync_channels(self, source_id: int, channels: Sequence[tuple[str, str]]) -> dict[str, ChannelRow]:
        """See `mirror.sync_channels`."""
        with self.transaction():
            return mirror.sync_channels(self.connection, source_id, channels)

    def sync_topics(self, topics: Sequence[tuple[str, str, str]]) -> dict[str, int]:
        """See `mirror.sync_topics`."""
        with self.transaction():
            return mirror.sync_topics(self.connection, topics, int(self.clock.now()))

    def set_state(self, name: str, value: str) -> None:
        """Remember a fact by its name."""
        with self.transaction():
            mirror.set_state(self.connection, name, value)

    def state(self, name: str) -> str | None:
        """A remembered fact, None when it was never set."""
        return mirror.state(self.connection, name)
