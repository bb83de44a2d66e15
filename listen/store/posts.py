"""How posts become mentions: each is stored once, known ones are sightings and edits."""

from __future__ import annotations

import json
import time
from collections.abc import Container, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from typing import Any

from listen.clock import Clock
from listen.model import Author, Prepared
from listen.noise import FLOOD
from listen.store import (
    accounts,
    aliases,
    aside,
    aspects,
    changes,
    corrections,
    following,
    growth,
    inbox,
    mentions,
    mirror,
    noise,
    perishable,
    rejects,
    search,
    taught,
    threads,
)
from listen.store.aside import OWN
from listen.store.authors import Authors
from listen.store.callings import Callings
from listen.store.delivery import Delivery, portions
from listen.store.duties import Duties
from listen.store.forgotten import KeptOut
from listen.store.ids import Ids, key_of, next_key
from listen.store.layout import NO_TOPIC
from listen.store.mentions import Added, Change, New, Stored
from listen.store.mirror import ChannelUpdate
from listen.store.numbers import Delta
from listen.store.pace import Pace
from listen.store.partitions import Partitions
from listen.store.receipts import Washing
from listen.store.rematch import Own
from listen.store.search import Document
from listen.store.session import Session
from listen.store.sqlite import Connection, StoreError, sqlite3
from listen.store.stories import Stories
from listen.store.tones import Aims
from listen.store.verdicts import Verdicts
from listen.voices import Voices

AT_HAND = 5_000
"""Mentions that were just stored and are kept at hand."""

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


HELD, HURRIED = 0.25, 0.08
"""Seconds for which a transaction that stores posts may keep others from writing; the second when somebody waits."""

REMEMBERED = 2.0
"""Seconds for which who has waited is expected to wait again."""

FEWEST = 50
"""Posts that are stored in one transaction, whatever it takes: each has its costs."""

_NOW = "SELECT state, hits, lang, country, kind, intents FROM mentions WHERE id = ?"

Name = tuple[str, str]
"""(network, external id): the identity of a post."""


def _latest(posts: Sequence[Prepared]) -> dict[Name, Prepared]:
    """Each post once, in the version that counts."""
    found: dict[Name, Prepared] = {}
    for post in posts:
        name = (post.network, post.external_id)
        before = found.get(name)
        found[name] = post if before is None else mentions.later(before, post)
    return found


class Posts(Session):
    """The half of the writer that takes in what was collected."""

    def __init__(self, connection: Connection, clock: Clock, partition_size: int = search.PARTITION_SIZE) -> None:
        super().__init__(connection, clock)
        self.partitions = Partitions(connection, partition_size)
        self._ids = Ids(connection)
        self._authors = Authors(connection)
        self._networks: dict[str, int] = {}
        self._channels: dict[int, tuple[int, str, str]] = {}
        self.hourly_from = int(mirror.state(connection, "hourly_from") or 0)
        """The first hour for which the numbers by hour and source are kept."""
        self.aspects_from = aspects.since(connection)
        """The first mention that is counted by its aspects."""
        self._own = Own()
        self.aims = Aims()
        self._retaught: set[str] = set()
        """Topics that were taught something since this writer began: posts may be on their way that know it not."""
        self._voices = Voices({})
        self.verdicts = Verdicts()
        self.duties = Duties()
        self._callings = Callings()
        self._perishable: frozenset[str] = frozenset()
        """Adapters whose mentions may be kept for some days only."""
        self.stories = Stories(connection)
        self._follows = True
        """A new copy of a story that was dealt with follows it."""
        self.kept_out = KeptOut()
        self.washing = Washing()
        self._pace = Pace(0.0003, FEWEST)
        self.remembers = False
        """Whether what is stored is kept at hand for who watches arrivals."""
        self.just_stored: dict[int, New] = {}

    def claim(self, who: str = "") -> int:
        """Become the one writer of the store: raise its epoch, so that an older writer's next transaction fails."""
        epoch = super().claim(who)
        with self.transaction():
            self.partitions.load()
            self.partitions.ensure()
            self.stories.claim()
        self._own.load(self.connection, afresh=True)
        self._voices = accounts.load(self.connection)
        self.verdicts.load(self.connection)
        self.duties.load(self.connection)
        self._perishable = frozenset(perishable.days_of(self.connection))
        self.kept_out.load(self.connection)
        self.hourly_from = int(mirror.state(self.connection, "hourly_from") or 0)
        self.aspects_from = aspects.since(self.connection)
        self._follows = mirror.state(self.connection, "stories_follow") != "0"
        return epoch

    def sync_stories(self, follow: bool) -> None:
        """Whether a new copy of a story that was dealt with follows it; see `following`."""
        self.set_state("stories_follow", str(int(follow)))
        self._follows = follow

    def sync_keeping(self, days: Mapping[str, int]) -> None:
        """See `perishable.sync`."""
        with self.transaction():
            found = perishable.sync(self.connection, days)
        self._perishable = frozenset(found)

    def release(self) -> None:
        """Say that nobody collects any more: the orderly end. What was learned about copies is kept for the next."""
        super().release()
        with self.transaction():
            self.stories.save()

    def topics_changed(self) -> None:
        self._own.load(self.connection, afresh=False)
        self.aims.forget()

    def sync_teaching(self, told: Mapping[str, str]) -> None:
        """Make what was taught about topics exactly this; what is stored is scored by it in `idle()`, step by step."""
        with self.transaction():
            changed = taught.sync(self.connection, told)
        if changed:
            self._retaught.update(changed)
            self.aims.forget()

    def committed(self) -> None:
        self._ids.trim()
        self.stories.committed()

    def rolled_back(self) -> None:
        super().rolled_back()
        self._ids.forget()
        self._authors.forget()
        self._networks.clear()
        self._channels.clear()
        self.verdicts.forget()
        self.stories.rolled_back()
        self.just_stored.clear()
        self.kept_out.load(self.connection)
        self.partitions.load()
        self.hourly_from = int(mirror.state(self.connection, "hourly_from") or 0)
        self.aspects_from = aspects.since(self.connection)

    def delta(self) -> Delta:
        """For what a transaction changes in the rollups."""
        return Delta(self.hourly_from, self.aspects_from)

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
        """Store what a channel brought, with its cursor and health; see `add_all`.

        Known posts are sightings, and edits when they changed. A post that SQLite cannot hold goes to `rejects`.
        """
        delivery = Delivery(channel_id, batch, seen_at, update, rejects, matched, quiet, stand or {})
        return self.add_all([delivery])[0]

    def add_all(self, deliveries: Sequence[Delivery]) -> list[Added]:
        """The same for several channels: one commit, and rows in order of ids across all of them.

        What would take too long beside others who wait is stored in portions; the last one tells where each channel
        stands. Whoever comes again, because not all of them could be written, finds the first ones known.
        """
        added = [Added([], 0, 0) for _ in deliveries]
        for part in portions(deliveries, self._bearable()):
            for at, one in zip(part, self._add_some([*part.values()]), strict=True):
                added[at].take(one)
        return added

    def _bearable(self) -> int:
        """Posts that one transaction may hold."""
        waited_for = time.monotonic() - self.waited_for < REMEMBERED
        return self._pace.room(HURRIED if waited_for else HELD)

    def _add_some(self, deliveries: Sequence[Delivery]) -> list[Added]:
        """In one transaction."""
        try:
            return self._add_all(deliveries)
        except (OverflowError, UnicodeEncodeError, sqlite3.InterfaceError, sqlite3.ProgrammingError):
            checked = [self._storable(delivery) for delivery in deliveries]
            if all(len(new.posts) == len(old.posts) for new, old in zip(checked, deliveries, strict=True)):
                raise
            return self._add_all(checked)

    def _add_all(self, deliveries: Sequence[Delivery]) -> list[Added]:
        added = [Added([], 0, 0) for _ in deliveries]
        with self.transaction(), self._pace.over(sum(len(delivery.posts) for delivery in deliveries)):
            wave: list[Batch] = [
                (delivery, result, self._admitted(aliases.resolved(self.connection, delivery.posts), result))
                for delivery, result in zip(deliveries, added, strict=True)
            ]
            while wave:
                wave = self._wave(wave)
            for delivery, result in zip(deliveries, added, strict=True):
                new = 0 if delivery.asked else len(result.new_ids)
                self.note_channel(delivery.channel_id, delivery.update, new, delivery.seen_at)
                rejects.add(self.connection, delivery.channel_id, delivery.rejects, delivery.seen_at)
                for name, value in delivery.stand.items():
                    mirror.set_state(self.connection, name, value)
        return added

    def _admitted(self, posts: Sequence[Prepared], result: Added) -> Sequence[Prepared]:
        """The posts without those of people who were forgotten, who are counted and never told."""
        if not self.kept_out:
            return posts
        barred = [post for post in posts if self.kept_out.post(post)]
        self.kept_out.seen(self.connection, barred)
        mirror.count(self.connection, "kept_out", len(barred))
        result.forgotten = len(barred)
        names = {id(post) for post in barred}
        renamed = self.kept_out.told_before(self.connection, posts)
        admitted: list[Prepared] = []
        for at, post in enumerate(posts):
            if at in renamed and id(post) not in names:
                # Of what is stored without a name, nothing is news but that it was taken away.
                result.again += not mentions.gone(post)
                admitted += [replace(post, external_id=renamed[at], author=None)] if mentions.gone(post) else []
            elif id(post) not in names:
                admitted.append(self.kept_out.veiled(post))
        return admitted

    def _wave(self, batches: Sequence[Batch]) -> list[Batch]:
        """Store the first version of each post in these batches; what has to wait until that is stored."""
        fresh, known, left = self._identify(batches)
        new = self._number(fresh)
        delta = self.delta()
        changes.note(self.connection, self.stories.place(new))
        self._insert_rows(new)
        self._insert_matches(new, delta)
        ids, old = self._revise(known, delta)
        delta.write(self.connection)
        self._index(old, [*map(mentions.new_document, new), *mentions.documents(self.connection, ids)])
        threads.enter(self.connection, [*map(mentions.place, new)], [one.id for one in new if one.own])
        self._tell_noise(new, known)
        if self._follows:
            following.follow(self.connection, new, int(self.clock.now()))
        counting = [one.id for one in new if one.topics and not one.own]
        self.duties.carry_out(self.connection, counting, int(self.clock.now()))
        if self._perishable:
            self._tell_keeping(new, known)
        for one in new:
            one.result.new_ids.append(one.id)
        if self.remembers:
            if len(self.just_stored) > AT_HAND:
                self.just_stored.clear()
            self.just_stored.update((one.id, one) for one in new)
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

    def _tell_keeping(self, new: Sequence[New], known: Sequence[Known]) -> None:
        """Note what may be kept for some days more, since its place has told it again."""

        def bound(channel_id: int) -> bool:
            return self._place(channel_id)[2] in self._perishable

        perishable.drop(self.connection, [one.stored.id for one in known if mentions.gone(one.post)])
        perishable.tell(
            self.connection,
            [(one.id, one.seen_at) for one in new if bound(one.channel_id)],
            [(one.stored.id, one.seen_at) for one in known if bound(one.channel_id)],
        )

    def _source_of(self, channel_id: int) -> int:
        return self._place(channel_id)[0]

    def place_of(self, channel_id: int) -> tuple[int, str, str]:
        """(id, name, adapter) of a channel's source."""
        return self._place(channel_id)

    def _place(self, channel_id: int) -> tuple[int, str, str]:
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
        """What the post matches, topic id -> score toward it: as the workshop says, and what is matched here."""
        place = self._place(channel_id)[1:]
        found = self._own.topics(post, *place)
        called = self._called(post)
        if called is not None:
            found = self._callings.topics(replace(post, author=called), found, *place)
        if found == post.topics.keys() and not self._is_retaught(found):
            return post.topics
        return self.aims.topics(self.connection, post, sorted(found))

    def _is_retaught(self, topics: Set[int]) -> bool:
        if not self._retaught or not topics:
            return False
        return any(one.name in self._retaught for one in self.aims.of(self.connection, topics).values())

    def _called(self, post: Prepared) -> Author | None:
        """Who said it, where topics ask for that, it came with a lasting name alone and the name is known here."""
        if post.author is None or post.author.handle != post.author.uid or mentions.gone(post):
            return None
        if not self._callings.load(self.connection):
            return None
        return self._authors.called(self._network(post.network), post.author)

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
        aliases.tell(self.connection, [(one.post, one.id) for one in new])

    def _insert_matches(self, new: Sequence[New], delta: Delta) -> None:
        rows: list[tuple[Any, ...]] = []
        waiting: list[tuple[int, int]] = []
        left_out: list[tuple[int, int]] = []
        for one in new:
            post, here = one.post, left_out if one.own else waiting
            if one.topics:
                delta.apply(one.id, one.source_id, {}, one.topics, mentions.aspects_of_post(post))
                hits, tail = post.hits_toward, (post.lang, mentions.state_no(post.state))
                rows += [
                    (topic, one.id, one.source_id, score, hits.get(topic, post.hits), *tail)
                    for topic, score in one.topics.items()
                ]
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
        aliases.tell(self.connection, [(one.post, one.stored.id) for one in unheard])
        for one in known:
            if one.change.columns:
                self._update(one)
            if one.change.content:
                self.stories.edited(one.stored, one.post, mentions.gone(one.post))
                topics = {} if mentions.gone(one.post) else self._topics(one.post, one.channel_id)
                self._rematch(one.stored, topics, one.post.hits_toward, delta)
            elif "country" in one.change.columns:
                self._reaspect(one.stored, delta)
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

    def _rematch(
        self, stored: Stored, topics: Mapping[int, int | None], hits_toward: Mapping[int, int | None], delta: Delta
    ) -> None:
        """Make a changed mention's matches and inbox rows those of its new text."""
        connection = self.connection
        before = inbox.topics_of(connection, stored.id)
        source_id = self._source_of(stored.channel_id)
        state, hits, lang, *told = connection.execute(_NOW, (stored.id,)).fetchone()
        delta.apply(stored.id, source_id, before, topics, aspects.of(lang, *told), mentions.aspects_of(stored))
        connection.executemany(
            "DELETE FROM matches WHERE topic_id=? AND mention_id=?", [(topic, stored.id) for topic in before]
        )
        rows = [
            (topic, stored.id, source_id, score, hits_toward.get(topic, hits), lang, state)
            for topic, score in sorted(topics.items())
        ]
        connection.executemany("INSERT INTO matches VALUES (?,?,?,?,?,?,?)", rows)
        inbox.take(connection, stored.id, list(before))
        inbox.count_again(connection, stored.id, before)
        corrections.follow(connection, stored.id, before, topics)
        if state < inbox.GONE and inbox.waits(connection, stored.id):
            inbox.insert(connection, stored.id, topics)
        elif inbox.is_left_out(connection, stored.id):
            inbox.discount(connection, stored.id, topics)

    def _reaspect(self, stored: Stored, delta: Delta) -> None:
        """A mention that matches what it did is counted under what it is now."""
        topics = inbox.topics_of(self.connection, stored.id)
        _, _, *told = self.connection.execute(_NOW, (stored.id,)).fetchone()
        for topic, score in topics.items():
            delta.count(stored.id, topic, score, mentions.aspects_of(stored), -1)
            delta.count(stored.id, topic, score, aspects.of(*told))

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
