"""How stored mentions follow what is heard again: sightings, edits, deletions, and the topics that they match then."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, replace

from listen.clock import Clock
from listen.model import Author, Prepared
from listen.store import (
    accounts,
    aliases,
    aside,
    aspects,
    changes,
    corrections,
    growth,
    inbox,
    mentions,
    mirror,
    search,
    taught,
    threads,
)
from listen.store.aside import OWN
from listen.store.authors import Authors
from listen.store.callings import Callings
from listen.store.mentions import Change, Stored
from listen.store.numbers import Delta
from listen.store.partitions import Partitions
from listen.store.rematch import Own
from listen.store.search import Document
from listen.store.session import Session
from listen.store.sqlite import Connection, StoreError
from listen.store.stories import Stories
from listen.store.tones import Aims
from listen.voices import Voices

_NOW = "SELECT state, hits, lang, country, kind, intents FROM mentions WHERE id = ?"


@dataclass(slots=True)
class Known:
    """A post that is stored already, and what this version of it changes."""

    stored: Stored
    post: Prepared
    change: Change
    channel_id: int
    source_id: int
    seen_at: int


class Revision(Session):
    """The part of the writer that knows what is stored, and revises it."""

    def __init__(self, connection: Connection, clock: Clock, partition_size: int) -> None:
        super().__init__(connection, clock)
        self.partitions = Partitions(connection, partition_size)
        self.stories = Stories(connection)
        self.aims = Aims()
        self._authors = Authors(connection)
        self._networks: dict[str, int] = {}
        self._channels: dict[int, tuple[int, str, str]] = {}
        self._own = Own()
        self._voices = Voices({})
        self._callings = Callings()
        self._retaught: set[str] = set()
        """Topics that were taught something since this writer began: posts may be on their way that know it not."""
        self._look_up_counting()

    def _look_up_counting(self) -> None:
        """From where on the numbers are kept."""
        self.hourly_from = int(mirror.state(self.connection, "hourly_from") or 0)
        """The first hour for which the numbers by hour and source are kept."""
        self.aspects_from = aspects.since(self.connection)
        """The first mention that is counted by its aspects."""

    def claim(self, who: str = "") -> int:
        """Become the one writer of the store: raise its epoch, so that an older writer's next transaction fails."""
        epoch = super().claim(who)
        with self.transaction():
            self.partitions.load()
            self.partitions.ensure()
            self.stories.claim()
        self._own.load(self.connection, afresh=True)
        self._voices = accounts.load(self.connection)
        self._look_up_counting()
        return epoch

    def release(self) -> None:
        """Say that nobody collects any more: the orderly end. What was learned about copies is kept for the next."""
        super().release()
        with self.transaction():
            self.stories.save()

    def committed(self) -> None:
        self.stories.committed()

    def rolled_back(self) -> None:
        super().rolled_back()
        self._authors.forget()
        self._networks.clear()
        self._channels.clear()
        self.stories.rolled_back()
        self.partitions.load()
        self._look_up_counting()

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

    def delta(self) -> Delta:
        """For what a transaction changes in the rollups."""
        return Delta(self.hourly_from, self.aspects_from)

    # --- places and topics -------------------------------------------------------------------------------------------

    def place_of(self, channel_id: int) -> tuple[int, str, str]:
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

    def _source_of(self, channel_id: int) -> int:
        return self.place_of(channel_id)[0]

    def _network(self, name: str) -> int:
        number = self._networks.get(name)
        if number is None:
            self.connection.execute("INSERT OR IGNORE INTO networks(name) VALUES (?)", (name,))
            (number,) = self.connection.execute("SELECT id FROM networks WHERE name = ?", (name,)).fetchone()
            self._networks[name] = number
        return number

    def _topics(self, post: Prepared, channel_id: int) -> Mapping[int, int | None]:
        """What the post matches, topic id -> score toward it: as the workshop says, and what is matched here."""
        place = self.place_of(channel_id)[1:]
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

    # --- what is stored ----------------------------------------------------------------------------------------------

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
