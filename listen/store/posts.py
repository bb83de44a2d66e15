"""How posts become mentions: each is stored once, known ones are sightings and edits (`listen.store.known`)."""

from __future__ import annotations

import json
import time
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from listen.clock import Clock
from listen.model import Prepared
from listen.noise import FLOOD
from listen.store import (
    aliases,
    changes,
    following,
    mentions,
    mirror,
    noise,
    perishable,
    rejects,
    threads,
)
from listen.store.aside import OWN
from listen.store.delivery import Delivery, portions
from listen.store.duties import Duties
from listen.store.forgotten import KeptOut
from listen.store.ids import Ids, key_of, next_key
from listen.store.known import Known, Revision
from listen.store.layout import NO_TOPIC
from listen.store.mentions import Added, New, Stored
from listen.store.mirror import ChannelUpdate
from listen.store.numbers import Delta
from listen.store.pace import Pace
from listen.store.receipts import Washing
from listen.store.search import PARTITION_SIZE
from listen.store.sqlite import Connection, sqlite3
from listen.store.verdicts import Verdicts

AT_HAND = 5_000
"""Mentions that were just stored and are kept at hand."""

HELD, HURRIED = 0.25, 0.08
"""Seconds for which a transaction that stores posts may keep others from writing; the second when somebody waits."""

REMEMBERED = 2.0
"""Seconds for which who has waited is expected to wait again."""

FEWEST = 50
"""Posts that are stored in one transaction, whatever it takes: each has its costs."""

Batch = tuple[Delivery, Added, Sequence[Prepared]]
"""A delivery, what has become of it so far, and its posts that are still to be stored."""

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


class Posts(Revision):
    """The half of the writer that takes in what was collected."""

    def __init__(self, connection: Connection, clock: Clock, partition_size: int = PARTITION_SIZE) -> None:
        super().__init__(connection, clock, partition_size)
        self._ids = Ids(connection)
        self.verdicts = Verdicts()
        self.duties = Duties()
        self._perishable: frozenset[str] = frozenset()
        """Adapters whose mentions may be kept for some days only."""
        self._follows = True
        """A new copy of a story that was dealt with follows it."""
        self.kept_out = KeptOut()
        self.washing = Washing()
        self._pace = Pace(0.0003, FEWEST)
        self.remembers = False
        """Whether what is stored is kept at hand for who watches arrivals."""
        self.just_stored: dict[int, New] = {}

    def claim(self, who: str = "") -> int:
        """Become the one writer, and take up what the configuration and people have said; see `Session.claim`."""
        epoch = super().claim(who)
        self.verdicts.load(self.connection)
        self.duties.load(self.connection)
        self._perishable = frozenset(perishable.days_of(self.connection))
        self.kept_out.load(self.connection)
        self._follows = mirror.state(self.connection, "stories_follow") != "0"
        return epoch

    def committed(self) -> None:
        super().committed()
        self._ids.trim()

    def rolled_back(self) -> None:
        super().rolled_back()
        self._ids.forget()
        self.verdicts.forget()
        self.just_stored.clear()
        self.kept_out.load(self.connection)

    def sync_stories(self, follow: bool) -> None:
        """Whether a new copy of a story that was dealt with follows it; see `following`."""
        self.set_state("stories_follow", str(int(follow)))
        self._follows = follow

    def sync_keeping(self, days: Mapping[str, int]) -> None:
        """See `perishable.sync`."""
        with self.transaction():
            found = perishable.sync(self.connection, days)
        self._perishable = frozenset(found)

    # --- deliveries --------------------------------------------------------------------------------------------------

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

    # --- new posts ---------------------------------------------------------------------------------------------------

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
                elif (new := self._new(key, post, source_id, delivery, result)) is not None:
                    fresh.append(new)
                else:
                    continue
                taken[key] = name
            if waiting:
                left.append((delivery, result, waiting))
        return fresh, known, left

    def _new(self, key: int, post: Prepared, source_id: int, delivery: Delivery, result: Added) -> New | None:
        """A post that is to be stored under a key; None for one of which nothing is kept."""
        if mentions.gone(post):
            return None  # taken away before it was ever heard: its place stays free
        topics = self._topics(post, delivery.channel_id)
        if delivery.matched and not topics:
            result.left += 1
            return None
        return New(
            0, key, self._network(post.network), None, source_id, delivery.channel_id, delivery.seen_at, post, topics,
            result, self._is_own(post), delivery.quiet,
        )  # fmt: skip

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

    def _is_own(self, post: Prepared) -> bool:
        if not self._voices:
            return False
        who = (post.author.handle, post.author.url, post.author.uid) if post.author else (None,)
        return self._voices.account(post.network, post.kind, post.url, *who) is not None

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

    # --- what is made of them ----------------------------------------------------------------------------------------

    def _tell_noise(self, new: Sequence[New], known: Sequence[Known]) -> None:
        """Judge what came in, and what was edited."""
        places = {one.channel_id: self.place_of(one.channel_id)[1:] for one in new}
        found = self.verdicts.of_new(self.connection, new, places)
        found.update((one.stored.id, self._judged_anew(one)) for one in known if one.change.content)
        if found:
            arrived = {one.id for one in new}
            changed = noise.judge(self.connection, found)
            changes.note(self.connection, [one for one in changed if one not in arrived])

    def _judged_anew(self, edited: Known) -> list[str]:
        """The patterns of noise that it shows now; what was part of a flood stays so."""
        if mentions.gone(edited.post):
            return []
        reasons = self.verdicts.of_post(edited.post, *self.place_of(edited.channel_id)[1:])
        return reasons + [FLOOD] * (FLOOD in noise.names(self.connection, edited.stored.id))

    def _tell_keeping(self, new: Sequence[New], known: Sequence[Known]) -> None:
        """Note what may be kept for some days more, since its place has told it again."""

        def bound(channel_id: int) -> bool:
            return self.place_of(channel_id)[2] in self._perishable

        perishable.drop(self.connection, [one.stored.id for one in known if mentions.gone(one.post)])
        perishable.tell(
            self.connection,
            [(one.id, one.seen_at) for one in new if bound(one.channel_id)],
            [(one.stored.id, one.seen_at) for one in known if bound(one.channel_id)],
        )
