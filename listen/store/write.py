"""The collector's side of the store: one writer, short transactions, everything that hangs together in one of them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence

from listen.clock import Clock
from listen.model import Author, Prepared, first_id
from listen.service import Desk
from listen.store import (
    accounts,
    callings,
    changes,
    corrections,
    heard,
    inbox,
    mentions,
    perishable,
    rebuild,
    receipts,
    recount,
    rematch,
    retention,
    stories,
    threads,
    tones,
    upkeep,
    verdicts,
)
from listen.store import authors as names
from listen.store.delivery import Delivery
from listen.store.ids import key_of, next_key
from listen.store.known import Known
from listen.store.layout import hour_of
from listen.store.mentions import Added, Stored
from listen.store.mirror import KEEP, ChannelRow, ChannelUpdate
from listen.store.numbers import Delta
from listen.store.pace import Pace
from listen.store.posts import Posts
from listen.store.search import PARTITION_SIZE, Document
from listen.store.session import LostLock
from listen.store.sqlite import Connection, explaining
from listen.text import TOKENIZER

__all__ = ["KEEP", "Added", "ChannelRow", "ChannelUpdate", "Delivery", "LostLock", "Writer"]


ROWS = 500
"""Mentions of one account that are taken away in one transaction."""

HANGING = (
    "sightings", "triage", "aside", "noise", "growth", "perishable", "aliases", "tags", "notes", "labels", "sampled",
    "blind",
)  # fmt: skip
"""Tables whose rows go with their mention, beside those that others keep exact."""

SHOWN = 50
"""Mentions of a renamed account that screens are told of: the newest."""


def _taken_away(network: str, external_id: str, state: str) -> Prepared:
    return Prepared(network, external_id, "post", None, None, "", "", "", [], state=state)


class Writer(Posts):
    """Writes to a prepared store. Call `claim()` first: every transaction checks that the claim still holds."""

    def __init__(self, connection: Connection, clock: Clock, partition_size: int = PARTITION_SIZE) -> None:
        super().__init__(connection, clock, partition_size)
        self._log = upkeep.Log(connection)
        self.erasing = Pace(0.002, 5)
        """What it takes to delete a mention."""
        self.recount = recount.Pass()

    def topics_changed(self) -> None:
        super().topics_changed()
        self._callings.forget()

    _retaining: Iterator[object] | None = None
    """The pass over the rules of retention that is under way."""

    def forget_authors(self) -> None:
        """Accounts were erased by others than the writer's own methods, inside a transaction."""
        self._authors.forget()

    def sync_accounts(self, told: Mapping[str, Sequence[str]]) -> None:
        """Make these our own voices; what is stored is looked through in `idle()`, step by step."""
        with self.transaction():
            self._voices = accounts.sync(self.connection, told)

    def sync_desks(self, desks: Sequence[Desk]) -> None:
        """Make the desks exactly these."""
        super().sync_desks(desks)
        self.duties.load(self.connection)

    def noise_changed(self) -> None:
        self.verdicts.load(self.connection)

    # --- single mentions ---------------------------------------------------------------------------------------------

    def edit(self, mention_id: int, post: Prepared) -> bool:
        """Store another version of a mention whatever its date; False when there is none, or nothing changes."""
        with self.transaction():
            row = self.connection.execute(mentions.FIND_BY_ID, (mention_id,)).fetchone()
            if row is None:
                return False
            stored = Stored._make(row)
            change = mentions.change(stored._replace(edited_at=None), post, stored.channel_id)
            delta = self.delta()
            source_id, now = self._source_of(stored.channel_id), int(self.clock.now())
            known = Known(stored, post, change, stored.channel_id, source_id, now)
            ids, old = self._revise([known], delta)
            delta.write(self.connection)
            self._index(old, mentions.documents(self.connection, ids))
            self._tell_noise([], [known])
        return bool(change.columns)

    def delete(self, ids: Sequence[int]) -> int:
        """Remove mentions and all that hangs on them; how many there were. Their words leave the file by `idle()`."""
        with self.transaction(), self.erasing.over(len(ids)):
            stored = [
                Stored._make(row)
                for one in sorted(set(ids))
                for row in self.connection.execute(mentions.FIND_BY_ID, (one,))
            ]
            delta = self.delta()
            self.partitions.remove(mentions.documents(self.connection, [one.id for one in stored]))
            self.stories.forget([one.id for one in stored])
            for one in stored:
                self._delete(one, delta)
            delta.write(self.connection)
            changes.note(self.connection, [one.id for one in stored])
            self.partitions.must_merge([one.id for one in stored])
        return len(stored)

    def _delete(self, stored: Stored, delta: Delta) -> None:
        connection = self.connection
        topics = inbox.topics_of(connection, stored.id)
        delta.apply(stored.id, self._source_of(stored.channel_id), topics, {}, mentions.aspects_of(stored))
        inbox.take(connection, stored.id, list(topics))
        inbox.count_again(connection, stored.id, topics)
        corrections.forget(connection, stored.id, topics)
        connection.executemany(
            "DELETE FROM matches WHERE topic_id=? AND mention_id=?", [(topic, stored.id) for topic in topics]
        )
        (key,) = connection.execute("SELECT key FROM mentions WHERE id = ?", (stored.id,)).fetchone()
        for place in threads.places(connection, [stored.id]):
            threads.leave(connection, place)
        for table in HANGING:
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

    def rewrite(self, columns: Mapping[int, Mapping[str, object]]) -> None:
        """Set columns of mentions inside a transaction, by id; the index follows, and matches stay what they are."""
        ids = sorted(columns)
        old = mentions.documents(self.connection, ids)
        for one in ids:
            mentions.update(self.connection, one, dict(columns[one]))
        self._index(old, mentions.documents(self.connection, ids))
        self.partitions.must_merge(ids)
        changes.note(self.connection, ids)

    def rename(self, mention_id: int, network: str, external_id: str) -> None:
        """Know a mention by another name, inside a transaction."""
        connection = self.connection
        (before,) = connection.execute("SELECT key FROM mentions WHERE id = ?", (mention_id,)).fetchone()
        key = key_of(network, external_id)
        while connection.execute("SELECT 1 FROM mentions WHERE key = ?", (key,)).fetchone():
            key = next_key(key)
        connection.execute("UPDATE mentions SET key = ?, external_id = ? WHERE id = ?", (key, external_id, mention_id))
        self._close_gap(before)

    def is_ours(self, network: str, handle: str) -> bool:
        """Whether a handle is one of our own voices'."""
        return bool(self._voices) and self._voices.account(network, "post", None, handle) is not None

    def drop_empty(self) -> bool:
        """Give up one part of the index that nothing is in any more; whether there was one."""
        with self.transaction():
            return self.partitions.drop_empty()

    def sync_retention(self, rules: Sequence[retention.Rule]) -> None:
        """See `retention.sync`."""
        with self.transaction():
            retention.sync(self.connection, rules)

    def _retain(self) -> bool:
        """One step of what is kept for some time only; False when nothing is due."""
        if self._retaining is None:
            told = retention.rules(self.connection)
            if not told or not retention.due(self.connection, self.clock.now()):
                return False
            self._retaining = retention.carry_out(self, told, retention.BY, "prune")
        try:
            next(self._retaining)
        except StopIteration:
            self._retaining = None
        except BaseException:
            self._retaining = None
            raise
        return True

    # --- accounts ----------------------------------------------------------------------------------------------------

    def tell_authors(self, network: str, authors: Sequence[Author]) -> int:
        """Take over what a network says of accounts, by their lasting names; how many have another handle now."""
        with self.transaction():
            number = self._network(network)
            renamed = self._authors.tell([(number, one) for one in authors])
            changes.note(self.connection, [one for author in renamed for one in self._said_by(author, SHOWN)])
            self._recognise(renamed)
            self._match_again(renamed)
            names.believe(self.connection, network, [one.uid for one in authors if one.uid])
        return len(renamed)

    def _match_again(self, renamed: Iterable[int]) -> None:
        """Bring it up to date which topics the mentions of these accounts match, where topics name authors."""
        if not self._callings.load(self.connection):
            return
        said = [one for author in renamed for one in self._said_by(author, callings.MOST)]
        changed = self._callings.changed(self.connection, said)
        ids = sorted(stored.id for stored, _ in changed)
        old, delta = mentions.documents(self.connection, ids), self.delta()
        for stored, topics in changed:
            self._rematch(stored, topics, {}, delta)
        delta.write(self.connection)
        tones.renew(self, ids)
        self._index(old, mentions.documents(self.connection, ids))
        changes.note(self.connection, ids)

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

    def expire(self, adapter: str, before: int, now: int) -> int:
        """Take the text of what this adapter's place has not told since then and may not be kept; how many mentions.

        It is `withheld` then; what people made of it stays.
        """
        expired = 0
        while ids := perishable.due(self.connection, adapter, before, (), ROWS):
            lost: dict[str, int] = {}
            deliveries: dict[int, list[Prepared]] = {}
            for source, channel, network, external_id in perishable.named(self.connection, ids):
                lost[source] = lost.get(source, 0) + 1
                deliveries.setdefault(channel, []).append(_taken_away(network, external_id, "withheld"))
            self.add_all([Delivery(channel, posts, now, quiet=True) for channel, posts in deliveries.items()])
            with self.transaction():
                perishable.drop(self.connection, ids)
                perishable.count(self.connection, lost, now)
            expired += len(ids)
        return expired

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

    # --- upkeep ------------------------------------------------------------------------------------------------------

    def checkpoint(self) -> bool:
        """Move the write-ahead log into the file when it has grown beyond 64 MB; see `upkeep.Log`."""
        with explaining():
            if self.washing.under_way:
                self.washing.step(self)
            return not self.washing.under_way and self._log.checkpoint()

    def idle(self) -> bool:
        """One short step (some 50 ms) of what can wait: pruning, rebuilding, matching, counting; False when done."""
        with self.transaction():
            if self._tidy():
                return True
            if accounts.step(self.connection, self._voices) or rebuild.step(self.partitions, self._documents):
                return True
        if rematch.step(self) or verdicts.step(self) or stories.step(self):
            return True
        with self.transaction():
            if heard.step(self.connection, hour_of(first_id(self.clock.now()))):
                return True
            if self.aspects_from:
                self.aspects_from = upkeep.count_aspects(self.connection, self.hourly_from, self.aspects_from)
                return True
            part = upkeep.to_merge(self.partitions)
            if part is not None:
                self.partitions.merge(part)
                return True
        if self._retain():
            return True
        self.wash()
        if recount.step(self):
            return True
        if not self.washing.under_way:
            with explaining():
                self._log.checkpoint(upkeep.WAL_IDLE)
        return False

    def merge_deleted(self) -> bool:
        """One short step of what makes the words of deleted mentions leave the file; False when none are left."""
        with self.transaction():
            stale = any(part.tokenizer != TOKENIZER for part in self.partitions.parts)
            if (self.partitions.rebuilds or stale) and rebuild.step(self.partitions, self._documents):
                return True
            part = next((part for part in self.partitions.parts if part.merged < 0), None)
            if part is not None:
                self.partitions.merge(part)
        return part is not None or recount.step(self, stored_only=True)

    def wash(self) -> None:
        """Go on with what makes the bytes of deleted rows leave the files, if that is owed; waits for nobody."""
        if receipts.owed(self.connection):
            with explaining():
                self.washing.step(self)

    def _documents(self, first: int, last: int) -> list[Document]:
        return mentions.documents_between(self.connection, first, last)

    def stale(self) -> int:
        """How many mentions have to be indexed anew, because the tokenizer or a partition's size changed."""
        return sum(part.count for part in rebuild.wanted(self.partitions))

    def _tidy(self) -> bool:
        before = self.hourly_from
        self.hourly_from = upkeep.prune_hourly(self.connection, before, self.clock.now())
        return self.hourly_from != before or upkeep.prune_arrivals(self.connection)

    def prune_arrivals(self, kept: int = upkeep.ARRIVALS_KEPT) -> None:
        """Drop all but the newest rows of `arrivals`."""
        with self.transaction():
            while upkeep.prune_arrivals(self.connection, kept):
                pass
