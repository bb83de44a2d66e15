"""The collector's side of the store: one writer, short transactions, everything that hangs together in one of them."""

from __future__ import annotations

import json
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from listen.clock import Clock
from listen.model import Author, Prepared
from listen.noise import FLOOD
from listen.store import (
    accounts,
    aside,
    changes,
    growth,
    inbox,
    mentions,
    mirror,
    noise,
    rebuild,
    rejects,
    rematch,
    search,
    threads,
    upkeep,
    verdicts,
)
from listen.store import authors as names
from listen.store.aside import OWN
from listen.store.authors import Authors
from listen.store.ids import Ids, key_of, next_key
from listen.store.layout import NO_TOPIC
from listen.store.mentions import Added, Change, New, Stored
from listen.store.mirror import KEEP, ChannelRow, ChannelUpdate
from listen.store.numbers import Delta
from listen.store.partitions import Partitions
from listen.store.rematch import Own
from listen.store.search import Document
from listen.store.session import LostLock, Session
from listen.store.sqlite import Connection, StoreError, explaining, sqlite3
from listen.store.verdicts import Verdicts
from listen.voices import Voices

__all__ = ["KEEP", "Added", "ChannelRow", "ChannelUpdate", "Delivery", "LostLock", "Writer"]


ROWS = 500
"""Mentions of one account that are taken away in one transaction."""

SHOWN = 50
"""Mentions of a renamed account that screens are told of: the newest."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """What one channel brought at one time."""

    channel_id: int
    posts: Sequence[Prepared]
    seen_at: int
    update: ChannelUpdate | None = None
    rejects: Sequence[rejects.Reject] = ()
    matched: bool = False
    """Keep what matches a topic alone; what is known already is brought up to date all the same."""
    quiet: bool = False
    """A back-fill or an import: no alert counts what it brings."""
    stand: Mapping[str, str] = field(default_factory=dict)
    """Facts to remember together with it (`mirror.set_state`): where a back-fill or an import stands."""
    asked: bool = False
    """Somebody asked for these posts: the channel did not bring them by itself."""


Batch = tuple[Delivery, Added, Sequence[Prepared]]
"""A delivery, what has become of it so far, and its posts that are still to be stored."""


@dataclass(slots=True)
class Known:
    """A post that is stored already, and what this version of it changes."""

    stored: Stored
    post: Prepared
    change: Change
    channel_id: int
    source_id: int
    seen_at: int


Name = tuple[str, str]
"""(network, external id): the identity of a post."""


def _taken_away(network: str, external_id: str, state: str) -> Prepared:
    return Prepared(network, external_id, "post", None, None, "", "", "", [], state=state)


def _latest(posts: Sequence[Prepared]) -> dict[Name, Prepared]:
    """Each post once, in the version that counts."""
    found: dict[Name, Prepared] = {}
    for post in posts:
        name = (post.network, post.external_id)
        before = found.get(name)
        found[name] = post if before is None else mentions.later(before, post)
    return found


class Writer(Session):
    """Writes to a prepared store. Call `claim()` first: every transaction checks that the claim still holds."""

    def __init__(self, connection: Connection, clock: Clock, partition_size: int = search.PARTITION_SIZE) -> None:
        super().__init__(connection, clock)
        self.partitions = Partitions(connection, partition_size)
        self._ids = Ids(connection)
        self._authors = Authors(connection)
        self._networks: dict[str, int] = {}
        self._channels: dict[int, tuple[int, str, str]] = {}
        self.hourly_from = int(mirror.state(connection, "hourly_from") or 0)
        """The first hour for which the numbers by hour and source are kept."""
        self._own = Own()
        self._voices = Voices({})
        self.verdicts = Verdicts()

    def claim(self, who: str = "") -> int:
        """Become the one writer of the store: raise its epoch, so that an older writer's next transaction fails."""
        epoch = super().claim(who)
        with self.transaction():
            self.partitions.load()
            self.partitions.ensure()
        self._own.load(self.connection, afresh=True)
        self._voices = accounts.load(self.connection)
        self.verdicts.load(self.connection)
        self.hourly_from = int(mirror.state(self.connection, "hourly_from") or 0)
        return epoch

    def sync_accounts(self, told: Mapping[str, Sequence[str]]) -> None:
        """Make these our own voices; what is stored is looked through in `idle()`, step by step."""
        with self.transaction():
            self._voices = accounts.sync(self.connection, told)

    def topics_changed(self) -> None:
        self._own.load(self.connection, afresh=False)

    def committed(self) -> None:
        self._ids.trim()

    def rolled_back(self) -> None:
        super().rolled_back()
        self._ids.forget()
        self._authors.forget()
        self._networks.clear()
        self._channels.clear()
        self.verdicts.forget()
        self.partitions.load()
        self.hourly_from = int(mirror.state(self.connection, "hourly_from") or 0)

    # --- posts -------------------------------------------------------------------------------------------------------

    def add(
        self,
        channel_id: int,
        batch: Sequence[Prepared],
        *,
        seen_at: int,
        update: ChannelUpdate | None = None,
        rejects: Sequence[rejects.Reject] = (),
        matched: bool = False,
        quiet: bool = False,
        stand: Mapping[str, str] | None = None,
    ) -> Added:
        """Store what a channel brought, with its cursor and health, in one transaction: all of it or nothing.

        Known posts are sightings, and edits when they changed. A post that SQLite cannot hold goes to `rejects`.
        """
        delivery = Delivery(channel_id, batch, seen_at, update, rejects, matched, quiet, stand or {})
        return self.add_all([delivery])[0]

    def add_all(self, deliveries: Sequence[Delivery]) -> list[Added]:
        """The same for several channels in one transaction: one commit, and rows in order of ids across all of them."""
        try:
            return self._add_all(deliveries)
        except (OverflowError, UnicodeEncodeError, sqlite3.InterfaceError, sqlite3.ProgrammingError):
            checked = [self._storable(delivery) for delivery in deliveries]
            if all(len(new.posts) == len(old.posts) for new, old in zip(checked, deliveries, strict=True)):
                raise
            return self._add_all(checked)

    def _add_all(self, deliveries: Sequence[Delivery]) -> list[Added]:
        added = [Added([], 0, 0) for _ in deliveries]
        with self.transaction():
            wave = [(delivery, result, delivery.posts) for delivery, result in zip(deliveries, added, strict=True)]
            while wave:
                wave = self._wave(wave)
            for delivery, result in zip(deliveries, added, strict=True):
                new = 0 if delivery.asked else len(result.new_ids)
                self.note_channel(delivery.channel_id, delivery.update, new, delivery.seen_at)
                rejects.add(self.connection, delivery.channel_id, delivery.rejects, delivery.seen_at)
                for name, value in delivery.stand.items():
                    mirror.set_state(self.connection, name, value)
        return added

    def _wave(self, batches: Sequence[Batch]) -> list[Batch]:
        """Store the first version of each post in these batches; what has to wait until that is stored."""
        fresh, known, left = self._identify(batches)
        new = self._number(fresh)
        delta = Delta(self.hourly_from)
        self._insert_rows(new)
        self._insert_matches(new, delta)
        ids, old = self._revise(known, delta)
        delta.write(self.connection)
        self._index(old, [*map(mentions.new_document, new), *mentions.documents(self.connection, ids)])
        threads.enter(self.connection, [*map(mentions.place, new)], [one.id for one in new if one.own])
        self._tell_noise(new, known)
        for one in new:
            one.result.new_ids.append(one.id)
        return left

    def _tell_noise(self, new: Sequence[New], known: Sequence[Known]) -> None:
        """Judge what came in, and what was edited."""
        places = {one.channel_id: self._place(one.channel_id)[1:] for one in new}
        found = self.verdicts.of_new(self.connection, new, places)
        for one in known:
            if one.change.content:
                reasons = (
                    [] if mentions.gone(one.post) else self.verdicts.of_post(one.post, *self._place(one.channel_id)[1:])
                )
                flood = FLOOD in noise.names(self.connection, one.stored.id) and not mentions.gone(one.post)
                found[one.stored.id] = reasons + [FLOOD] * flood
        if found:
            arrived = {one.id for one in new}
            changed = noise.judge(self.connection, found)
            changes.note(self.connection, [one for one in changed if one not in arrived])

    def noise_changed(self) -> None:
        self.verdicts.load(self.connection)

    def _source_of(self, channel_id: int) -> int:
        return self._place(channel_id)[0]

    def _place(self, channel_id: int) -> tuple[int, str, str]:
        """(id, name, adapter) of a channel's source."""
        place = self._channels.get(channel_id)
        if place is None:
            place = self.connection.execute(
                "SELECT s.id, s.name, s.adapter FROM channels AS c JOIN sources AS s ON s.id = c.source_id "
                "WHERE c.id = ?",
                (channel_id,),
            ).fetchone()
            if place is None:
                raise StoreError(f"there is no channel {channel_id} in the store; sync_channels() makes them")
            self._channels[channel_id] = place
        return place

    def _topics(self, post: Prepared, channel_id: int) -> Mapping[int, int | None]:
        return self._own.topics(post, *self._place(channel_id)[1:])

    def _is_own(self, post: Prepared) -> bool:
        if not self._voices:
            return False
        who = (post.author.handle, post.author.url, post.author.uid) if post.author else (None,)
        return self._voices.account(post.network, post.kind, post.url, *who) is not None

    def _network(self, name: str) -> int:
        number = self._networks.get(name)
        if number is None:
            self.connection.execute("INSERT OR IGNORE INTO networks(name) VALUES (?)", (name,))
            (number,) = self.connection.execute("SELECT id FROM networks WHERE name = ?", (name,)).fetchone()
            self._networks[name] = number
        return number

    def _identify(self, batches: Sequence[Batch]) -> tuple[list[New], list[Known], list[Batch]]:
        """(new posts, known posts with what is stored of them, posts that are in an earlier one of these batches)."""
        fresh: list[New] = []
        known: list[Known] = []
        left: list[Batch] = []
        taken: dict[int, Name] = {}
        versions = [_latest(posts) for _, _, posts in batches]
        homes = {name: key_of(*name) for unique in versions for name in unique}
        free = set(homes.values()) - self._present(homes.values())
        for (delivery, result, posts), unique in zip(batches, versions, strict=True):
            source_id = self._source_of(delivery.channel_id)
            result.again += len(posts) - len(unique)
            waiting = []
            for name, post in unique.items():
                key, stored = self._find(name, homes[name], free, taken)
                if key in taken:
                    waiting.append(post)
                elif stored is not None:
                    change = mentions.change(stored, post, delivery.channel_id)
                    known.append(Known(stored, post, change, delivery.channel_id, source_id, delivery.seen_at))
                    result.again += 1
                    result.changed += change.content
                elif mentions.gone(post):
                    continue  # taken away before it was ever heard: nothing to store, and its place stays free
                elif delivery.matched and not (topics := self._topics(post, delivery.channel_id)):
                    result.left += 1
                    continue
                else:
                    network = self._network(post.network)
                    topics = self._topics(post, delivery.channel_id)
                    fresh.append(
                        New(
                            0,
                            key,
                            network,
                            None,
                            source_id,
                            delivery.channel_id,
                            delivery.seen_at,
                            post,
                            topics,
                            result,
                            self._is_own(post),
                            delivery.quiet,
                        )
                    )
                taken[key] = name
            if waiting:
                left.append((delivery, result, waiting))
        return fresh, known, left

    def _present(self, keys: Iterable[int]) -> set[int]:
        """Those of the keys that are taken in the store, by one question for all of them."""
        rows = self.connection.execute(
            "SELECT key FROM mentions WHERE key IN (SELECT value FROM json_each(?))", (json.dumps([*keys]),)
        )
        return {row[0] for row in rows}

    def _find(self, name: Name, key: int, free: Container[int], taken: Mapping[int, Name]) -> tuple[int, Stored | None]:
        """The key of an identity, and its row when there is one: the hash's own place or the next free one after it."""
        while True:
            row = None if key in free else self.connection.execute(mentions.FIND, (key,)).fetchone()
            if row is not None:
                stored = Stored._make(row)
                if (self._network(name[0]), name[1]) == (stored.network_id, stored.external_id):
                    return key, stored
            elif taken.get(key, name) == name:
                return key, None
            key = next_key(key)

    def _number(self, fresh: list[New]) -> list[New]:
        """Give ids and authors; sorted by id, the order in which every table and the search index are fastest."""
        authors = self._authors.ids([(one.network_id, one.post.author) for one in fresh])
        for one, author in zip(fresh, authors, strict=True):
            told = one.post.published_at
            one.id = self._ids.take(one.seen_at if told is None else min(told, one.seen_at))
            one.author_id = author
        return sorted(fresh, key=lambda one: one.id)

    def _insert_rows(self, new: Sequence[New]) -> None:
        run = self.connection.executemany
        run(mentions.INSERT, map(mentions.new_row, new))
        run("INSERT INTO sightings VALUES (?,?)", [(one.id, one.channel_id) for one in new])
        run("INSERT INTO arrivals(mention_id, quiet) VALUES (?,?)", [(one.id, one.quiet) for one in new])
        run("INSERT INTO aside VALUES (?,?)", [(one.id, OWN) for one in new if one.own])

    def _insert_matches(self, new: Sequence[New], delta: Delta) -> None:
        rows: list[tuple[Any, ...]] = []
        waiting: list[tuple[int, int]] = []
        left_out: list[tuple[int, int]] = []
        for one in new:
            post, here = one.post, left_out if one.own else waiting
            if one.topics:
                delta.apply(one.id, one.source_id, {}, one.topics)
                tail = (post.hits, post.lang, mentions.state_no(post.state))
                rows += [(topic, one.id, one.source_id, score, *tail) for topic, score in one.topics.items()]
                here += [(topic, one.id) for topic in one.topics]
            elif not one.own:
                waiting.append((NO_TOPIC, one.id))
        rows.sort()
        self.connection.executemany("INSERT INTO matches VALUES (?,?,?,?,?,?,?)", rows)
        self.connection.executemany("INSERT INTO inbox VALUES (?,?)", sorted(waiting))
        self.connection.executemany("INSERT INTO dismissed VALUES (?,?)", sorted(left_out))

    def _revise(self, known: Sequence[Known], delta: Delta) -> tuple[list[int], list[Document]]:
        """Apply what known posts bring; the ids whose tokens change, and their search rows from before."""
        unheard = [one for one in known if not self._heard(one.stored.id, one.channel_id)]
        touched = {one.stored.id for one in known if one.change.content}
        touched |= {
            one.stored.id for one in unheard if one.source_id not in mentions.sources_of(self.connection, one.stored.id)
        }
        ids = sorted(touched)
        old = mentions.documents(self.connection, ids)
        seen = sorted((one.stored.id, one.channel_id) for one in unheard)
        self.connection.executemany("INSERT INTO sightings VALUES (?,?)", seen)
        for one in known:
            if one.change.columns:
                self._update(one)
            if one.change.content:
                topics = {} if mentions.gone(one.post) else self._topics(one.post, one.channel_id)
                self._rematch(one.stored, topics, delta)
        people = [(one.stored.network_id, one.post.author) for one in known if one.post.author is not None]
        self._recognise(self._authors.tell(people))
        changes.note(self.connection, {one.stored.id for one in known if one.change.columns}.union(ids))
        return ids, old

    def _update(self, known: Known) -> None:
        """Set what changes in the row, and what follows from it beside text and matches."""
        stored, columns = known.stored, known.change.columns
        moved = not columns.keys().isdisjoint(("parent_id", "thread_id"))
        places = list(threads.places(self.connection, [stored.id])) if moved else []
        for place in places:
            threads.leave(self.connection, place)
        if not columns.keys().isdisjoint(growth.COUNTS) and inbox.topics_of(self.connection, stored.id):
            growth.note(self.connection, stored.id, *mentions.counted(stored, columns, known.seen_at))
        mentions.update(self.connection, stored.id, columns)
        if places:
            own = [stored.id] if aside.why(self.connection, stored.id) & OWN else []
            threads.enter(self.connection, [*threads.places(self.connection, [stored.id])], own)
        if not columns.keys().isdisjoint(("url", "kind")):
            accounts.judge(self.connection, self._voices, [stored.id])

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
        inbox.count_again(connection, stored.id, before)
        if state < inbox.GONE and inbox.waits(connection, stored.id):
            inbox.insert(connection, stored.id, topics)
        elif inbox.is_left_out(connection, stored.id):
            inbox.discount(connection, stored.id, topics)

    def _index(self, old: Sequence[Document], new: Sequence[Document]) -> None:
        """Take old tokens out before the new ones go in, both in order of ids."""
        self.partitions.remove(old)
        self.partitions.add(sorted(new))

    def _storable(self, delivery: Delivery) -> Delivery:
        """The delivery without the posts that SQLite cannot hold: each one's values are given to it and not stored."""
        good: list[Prepared] = []
        refused: list[rejects.Reject] = []
        for post in delivery.posts:
            values = mentions.values_of(post)
            try:
                self.connection.execute(f"SELECT {','.join('?' * len(values))}", values).fetchone()
                good.append(post)
            except (OverflowError, UnicodeEncodeError, sqlite3.InterfaceError, sqlite3.ProgrammingError) as error:
                refused.append(("not storable", f"{type(error).__name__}: {error}", repr(post.external_id)))
        return replace(delivery, posts=good, rejects=[*delivery.rejects, *refused])

    # --- single mentions ---------------------------------------------------------------------------------------------

    def edit(self, mention_id: int, post: Prepared) -> bool:
        """Store another version of a mention whatever its date; False when there is none, or nothing changes."""
        with self.transaction():
            row = self.connection.execute(mentions.FIND_BY_ID, (mention_id,)).fetchone()
            if row is None:
                return False
            stored = Stored._make(row)
            change = mentions.change(stored._replace(edited_at=None), post, stored.channel_id)
            delta = Delta(self.hourly_from)
            source_id, now = self._source_of(stored.channel_id), int(self.clock.now())
            known = Known(stored, post, change, stored.channel_id, source_id, now)
            ids, old = self._revise([known], delta)
            delta.write(self.connection)
            self._index(old, mentions.documents(self.connection, ids))
            self._tell_noise([], [known])
        return bool(change.columns)

    def delete(self, ids: Sequence[int]) -> int:
        """Remove mentions and all that hangs on them; how many there were. Their words leave the file by `idle()`."""
        with self.transaction():
            stored = [
                Stored._make(row)
                for one in sorted(set(ids))
                for row in self.connection.execute(mentions.FIND_BY_ID, (one,))
            ]
            delta = Delta(self.hourly_from)
            self.partitions.remove(mentions.documents(self.connection, [one.id for one in stored]))
            for one in stored:
                self._delete(one, delta)
            delta.write(self.connection)
            changes.note(self.connection, [one.id for one in stored])
            self.partitions.must_merge([one.id for one in stored])
        return len(stored)

    def _delete(self, stored: Stored, delta: Delta) -> None:
        connection = self.connection
        topics = inbox.topics_of(connection, stored.id)
        delta.apply(stored.id, self._source_of(stored.channel_id), topics, {})
        inbox.take(connection, stored.id, list(topics))
        inbox.count_again(connection, stored.id, topics)
        connection.executemany(
            "DELETE FROM matches WHERE topic_id=? AND mention_id=?", [(topic, stored.id) for topic in topics]
        )
        (key,) = connection.execute("SELECT key FROM mentions WHERE id = ?", (stored.id,)).fetchone()
        for place in threads.places(connection, [stored.id]):
            threads.leave(connection, place)
        for table in ("sightings", "triage", "aside", "noise", "growth"):
            connection.execute(f"DELETE FROM {table} WHERE mention_id = ?", (stored.id,))  # noqa: S608
        connection.execute("DELETE FROM mentions WHERE id = ?", (stored.id,))
        self._close_gap(key)

    def _close_gap(self, key: int) -> None:
        """One that sat behind the deleted one for want of its own place moves up, or it would not be found again."""
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

    # --- accounts ----------------------------------------------------------------------------------------------------

    def tell_authors(self, network: str, authors: Sequence[Author]) -> int:
        """Take over what a network says of accounts, by their lasting names; how many have another handle now."""
        with self.transaction():
            number = self._network(network)
            renamed = self._authors.tell([(number, one) for one in authors])
            changes.note(self.connection, [one for author in renamed for one in self._said_by(author, SHOWN)])
            self._recognise(renamed)
            names.believe(self.connection, network, [one.uid for one in authors if one.uid])
        return len(renamed)

    def doubt_names(self, network: str, uids: Sequence[str], now: int) -> None:
        """These accounts may be called otherwise now."""
        with self.transaction():
            names.doubt(self.connection, network, uids, now)

    def believe_names(self, network: str, uids: Sequence[str]) -> None:
        """Nobody could say that these accounts are called otherwise."""
        with self.transaction():
            names.believe(self.connection, network, uids)

    def unnamed(self, network: str, limit: int) -> list[str]:
        """The lasting names of accounts of which no handle is known, newest first."""
        row = self.connection.execute("SELECT id FROM networks WHERE name = ?", (network,)).fetchone()
        return self._authors.unnamed(row[0], limit) if row else []

    def doubted(self, network: str) -> dict[str, int]:
        """The lasting names of accounts that may be called otherwise by now, and since when."""
        return names.doubted(self.connection, network)

    def gone_authors(self, channel_id: int, network: str, uids: Mapping[str, str], seen_at: int) -> int:
        """Take away all that accounts said that are no more, uid -> `deleted` or `withheld`; how many mentions."""
        changed = 0
        for uid, state in uids.items():
            said = [_taken_away(network, external_id, state) for external_id in self.said_by(network, [uid])]
            for start in range(0, len(said), ROWS):
                changed += self.add(channel_id, said[start : start + ROWS], seen_at=seen_at).changed
        return changed

    def said_by(self, network: str, uids: Iterable[str]) -> list[str]:
        """The external ids of all that is stored of these accounts."""
        rows = self.connection.execute(
            "SELECT a.id FROM authors AS a JOIN networks AS n ON n.id = a.network_id "
            "WHERE a.uid IN (SELECT value FROM json_each(?)) AND n.name = ?",
            (json.dumps([*uids]), network),
        ).fetchall()
        ids = [one for (author,) in rows for one in self._said_by(author)]
        found = self.connection.execute(
            "SELECT external_id FROM mentions WHERE id IN (SELECT value FROM json_each(?))", (json.dumps(ids),)
        )
        return [external_id for (external_id,) in found]

    def _recognise(self, renamed: Iterable[int]) -> None:
        """Accounts that are called otherwise now may be ours, or have ceased to be."""
        for author in renamed if self._voices else ():
            accounts.judge(self.connection, self._voices, self._said_by(author))

    def _said_by(self, author: int, limit: int = -1) -> list[int]:
        """Ids of an author's mentions, newest first."""
        found: list[int] = []
        for part in reversed(self.partitions.parts):
            if len(found) != limit:
                left = -1 if limit < 0 else limit - len(found)
                found += search.of_author(self.connection, part.no, author, left)
        return found

    # --- upkeep ------------------------------------------------------------------------------------------------------

    def checkpoint(self) -> bool:
        """Move the write-ahead log into the file when it has grown beyond 128 MB; waits for nobody."""
        with explaining():
            return upkeep.checkpoint(self.connection)

    def idle(self) -> bool:
        """One short step (some 50 ms) of what can wait: pruning, rebuilding, matching, merging; False when done."""
        with self.transaction():
            if self._tidy():
                return True
            if accounts.step(self.connection, self._voices) or rebuild.step(self.partitions, self._documents):
                return True
        if rematch.step(self) or verdicts.step(self):
            return True
        with self.transaction():
            part = upkeep.to_merge(self.partitions)
            if part is not None:
                self.partitions.merge(part)
                return True
        return upkeep.checkpoint(self.connection, upkeep.WAL_IDLE) and False

    def _documents(self, first: int, last: int) -> list[Document]:
        return mentions.documents_between(self.connection, first, last)

    def stale(self) -> int:
        """How many mentions have to be indexed anew, because the tokenizer or a partition's size changed."""
        return sum(part.count for part in rebuild.wanted(self.partitions))

    def reindex_all(self) -> None:
        """Make anew all partitions that need it, step by step; what is done stays done when this is interrupted."""
        while True:
            with self.transaction():
                if not rebuild.step(self.partitions, self._documents):
                    return
            self.checkpoint()

    def _tidy(self) -> bool:
        before = self.hourly_from
        self.hourly_from = upkeep.prune_hourly(self.connection, before, self.clock.now())
        return self.hourly_from != before or upkeep.prune_arrivals(self.connection)

    def prune_arrivals(self, kept: int = upkeep.ARRIVALS_KEPT) -> None:
        """Drop all but the newest rows of `arrivals`."""
        with self.transaction():
            while upkeep.prune_arrivals(self.connection, kept):
                pass

    def reindex(self, ids: Sequence[int]) -> int:
        """Put mentions that were missing from the search index into it; how many. See `audit` for those that are."""
        with self.transaction():
            found = mentions.documents(self.connection, sorted(set(ids)))
            self._index([], found)
        return len(found)
