"""The writer's stories: what comes in is compared with what it resembles, and told together with it.

A story is a row of `stories` and the `story_id` of its mentions; a mention that nobody repeats has none. Both are
written in the transaction of the mentions. The table of keys (`prints`) follows after each commit and is saved now and
then: what a crash loses of it is read again from the store.
"""

from __future__ import annotations

import uuid
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from listen import likeness
from listen.likeness import Said
from listen.model import KINDS, Prepared, first_id, id_time
from listen.store import changes, echoes, mirror, prints
from listen.store.ids import identified
from listen.store.prints import Prints
from listen.store.sqlite import Connection

if TYPE_CHECKING:
    from listen.store.mentions import New, Stored
    from listen.store.write import Writer

COMPARED = 6
"""Candidates that a mention is compared with."""

BRIDGE = 0.85
"""How surely a mention must tell two stories for them to become one: nearly word for word, both of them."""

REMEMBERED = 500
"""Stored mentions whose words are kept for the next comparison."""

MISSED = 10_000
"""Arrivals after the last saving that are read again at once (half a second); more of them are read in idle steps."""

SAVED_EVERY = 5_000
"""Arrivals after which the keys are saved when there is time."""

HISTORY = 500_000
"""Newest mentions of a store whose keys are lost, or were never made, that are read in idle steps."""

STEP = 250
"""Mentions of one such step: some 30 ms."""

_TOLD = "SELECT id, kind, title, text, url FROM mentions WHERE "


class Stories:
    """Finds the story of what comes in."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._prints = Prints()
        self._path: Path | None = None
        self._store = b""
        self._behind = 0
        """Stored mentions that were read so."""
        self._left = 0
        """Stored mentions below this id have not been read yet; 0 when all have."""
        self._unsaved = 0
        self._echoes = False
        """More is stored than memory holds the keys of."""
        self._read: OrderedDict[int, Said] = OrderedDict()
        self._batch: dict[int, New] = {}
        """What is about to be stored in this transaction, by id."""
        self._fresh: list[tuple[int, list[int]]] = []
        """Keys that count when the transaction is committed."""
        self._stale: list[tuple[int, list[int]]] = []
        self._overlay: dict[int, list[int]] = {}
        """Key of the former -> ids."""

    # --- what comes in -----------------------------------------------------------------------------------------------

    def place(self, new: Sequence[New]) -> list[int]:
        """Give each mention that is about to be stored its story; the stored ones that have become part of one."""
        told: list[int] = []
        grown: dict[int, int] = {}
        named: dict[tuple[str, str], int] = {}
        for one in new:
            said, keys = self._keys(one.post)
            self._batch[one.id] = one
            near = self._near(one, said, keys, named)
            if near:
                story = one.story = self._story(near[0], told)
                grown[story] = grown.get(story, 0) + 1
                for other in near[1:]:
                    story = self._unite(story, other, told, grown)
            if one.post.kind != "repost":
                named[one.post.network, one.post.external_id] = one.id
            if keys:
                self._fresh.append((one.id, keys))
                for key in keys:
                    self._overlay.setdefault(key, []).append(one.id)
        self._connection.executemany(
            "UPDATE stories SET mentions = mentions + ? WHERE id = ?", [(n, story) for story, n in grown.items()]
        )
        if self._prints.crowded:
            self._echoes = True
            echoes.keep(self._connection, self._fresh)
        return told

    def _keys(self, post: Prepared) -> tuple[Said | None, list[int]]:
        if post.keys is not None:
            return None, post.keys
        said = likeness.heard(post)
        return said, likeness.keys(said)

    def _near(self, one: New, said: Said | None, keys: Sequence[int], named: dict[tuple[str, str], int]) -> list[int]:
        """The mention that it tells again, and those of other stories that it tells as surely; [] for none."""
        found = self._candidates(keys, one.id)
        if found:
            said = said or likeness.heard(one.post)
            if (near := self._most_alike(one.id, said, found)) is not None:
                return [near, *(self._bridged(one.id, said, near, found) if len(found) > 1 else ())]
        if self._echoes and (found := echoes.find(self._connection, one.id, keys, COMPARED)):
            near = self._most_alike(one.id, said or likeness.heard(one.post), found)
            if near is not None:
                return [near]
        if one.post.kind == "repost" and one.post.parent_id:
            here = named.get((one.post.network, one.post.parent_id))
            shared = here or identified(self._connection, one.post.network, one.post.parent_id)
            return [shared] if shared is not None else []
        return []

    def _bridged(self, mention_id: int, said: Said, near: int, candidates: Iterable[int]) -> list[int]:
        """Candidates of other stories than the nearest one's, which a mention tells as surely: one of each story."""
        story = self._story_of(near)
        first: dict[int, int] = {}
        for candidate in candidates:
            number = self._story_of(candidate)
            if candidate != near and (number is None or number != story):
                first.setdefault(-candidate if number is None else number, candidate)
        if not first or self._likeness(mention_id, said, near) < BRIDGE:
            return []
        return [one for one in first.values() if self._likeness(mention_id, said, one) >= BRIDGE]

    def _likeness(self, mention_id: int, said: Said, candidate: int) -> float:
        other = self._said(candidate)
        return 0.0 if other is None else likeness.same(said, other, id_time(mention_id) - id_time(candidate))

    def _story_of(self, mention_id: int) -> int | None:
        here = self._batch.get(mention_id)
        if here is not None:
            return here.story
        row = self._connection.execute("SELECT story_id FROM mentions WHERE id = ?", (mention_id,)).fetchone()
        return None if row is None else row[0]

    def _candidates(self, keys: Sequence[int], but: int) -> Sequence[int]:
        found = self._prints.near(keys)
        for key in keys if self._overlay else ():
            for one in self._overlay.get(key, ()):
                found[one] = found.get(one, 0) + (prints.PROOF if key >= likeness.STRONG else 1)
        found.pop(but, None)
        return prints.best(found, COMPARED) if found else ()

    def _most_alike(self, mention_id: int, said: Said, candidates: Iterable[int]) -> int | None:
        best, nearest = 0.0, None
        for candidate in candidates:
            alike = self._likeness(mention_id, said, candidate)
            if alike > best:
                best, nearest = alike, candidate
            if best == 1.0:
                break
        return nearest

    def _said(self, mention_id: int) -> Said | None:
        """What a stored mention says, or one of this transaction; None when it is gone."""
        said = self._read.get(mention_id)
        if said is None:
            if (one := self._batch.get(mention_id)) is not None:
                said = likeness.heard(one.post)
            else:
                row = self._connection.execute(_TOLD + "id = ?", (mention_id,)).fetchone()
                if row is None:
                    return None
                said = likeness.read(KINDS[row[1]], *row[2:])
            self._read[mention_id] = said
            if len(self._read) > REMEMBERED:
                self._read.popitem(last=False)
        return said

    def _story(self, mention_id: int, told: list[int]) -> int:
        """The story of a mention, which begins with it when there was none."""
        here = self._batch.get(mention_id)
        if here is not None and here.story is not None:
            return here.story
        stored = self._connection.execute("SELECT story_id FROM mentions WHERE id = ?", (mention_id,)).fetchone()
        if stored is not None and stored[0] is not None:
            return int(stored[0])
        story = int(self._connection.execute("INSERT INTO stories(mentions) VALUES (1)").lastrowid or 0)
        if stored is not None:
            self._connection.execute("UPDATE mentions SET story_id = ? WHERE id = ?", (story, mention_id))
            told.append(mention_id)
        if here is not None:
            here.story = story
        return story

    def _unite(self, story: int, mention_id: int, told: list[int], grown: dict[int, int]) -> int:
        """A mention's story and this one are one from now on: the smaller joins the bigger, whose number is given."""
        other = self._story_of(mention_id)
        if other is None:
            if mention_id in self._batch:
                self._batch[mention_id].story = story
            else:
                self._connection.execute("UPDATE mentions SET story_id = ? WHERE id = ?", (story, mention_id))
                told.append(mention_id)
            grown[story] = grown.get(story, 0) + 1
        elif other != story:
            gone, kept = sorted((story, other), key=lambda one: (self._size(one) + grown.get(one, 0), -one))
            told += self._move(gone, kept)
            grown[kept] = grown.get(kept, 0) + grown.pop(gone, 0)
            return kept
        return story

    def _size(self, story: int) -> int:
        return int(self._connection.execute("SELECT mentions FROM stories WHERE id = ?", (story,)).fetchone()[0])

    def _move(self, gone: int, kept: int) -> list[int]:
        """Give all mentions of one story to another; those that are stored."""
        run = self._connection.execute
        ids = [row[0] for row in run("SELECT id FROM mentions WHERE story_id = ?", (gone,))]
        run("UPDATE mentions SET story_id = ? WHERE story_id = ?", (kept, gone))
        run("UPDATE stories SET mentions = mentions + ? WHERE id = ?", (self._size(gone), kept))
        run("DELETE FROM stories WHERE id = ?", (gone,))
        for one in self._batch.values():
            if one.story == gone:
                one.story = kept
        return ids

    # --- what changes ------------------------------------------------------------------------------------------------

    def edited(self, stored: Stored, post: Prepared, gone: bool) -> None:
        """A stored mention says something else from now on: it stays in its story, goes to another one, or to none."""
        self._read.pop(stored.id, None)
        self._batch.pop(stored.id, None)
        before = likeness.read(KINDS[stored.kind], stored.title, stored.text, stored.url)
        self._stale.append((stored.id, likeness.keys(before)))
        (story,) = self._connection.execute("SELECT story_id FROM mentions WHERE id = ?", (stored.id,)).fetchone()
        said, keys = self._keys(post)
        said, keys = said or likeness.heard(post), [] if gone else keys
        candidates = [*self._candidates(keys, stored.id), *(self._ends(story, stored.id) if story is not None else ())]
        near = self._most_alike(stored.id, said, candidates) if keys else None
        told: list[int] = []
        after = self._story(near, told) if near is not None else None
        if after != story:
            self.leave([stored.id])
            if after is not None:
                self._connection.execute("UPDATE mentions SET story_id = ? WHERE id = ?", (after, stored.id))
                self._connection.execute("UPDATE stories SET mentions = mentions + 1 WHERE id = ?", (after,))
            changes.note(self._connection, told)
        if keys:
            self._fresh.append((stored.id, keys))
        echoes.drop(self._connection, self._stale[-1:])
        if self._echoes and keys:
            echoes.keep(self._connection, self._fresh[-1:])

    def _ends(self, story: int, but: int) -> list[int]:
        """The first and the last other mention of a story."""
        row = self._connection.execute(
            "SELECT min(id), max(id) FROM mentions WHERE story_id = ? AND id <> ?", (story, but)
        ).fetchone()
        return [one for one in dict.fromkeys(row) if one is not None]

    def leave(self, ids: Iterable[int]) -> None:
        """These mentions are told with no others from now on: what is left of their stories begins with the next one.

        Inside a transaction, and before the rows go, when they are to go.
        """
        for one in ids:
            row = self._connection.execute("SELECT story_id FROM mentions WHERE id = ?", (one,)).fetchone()
            if row is not None and row[0] is not None:
                self._connection.execute("UPDATE mentions SET story_id = NULL WHERE id = ?", (one,))
                self._connection.execute("UPDATE stories SET mentions = mentions - 1 WHERE id = ?", row)
                self._connection.execute("DELETE FROM stories WHERE id = ? AND mentions <= 0", row)

    def forget(self, ids: Iterable[int]) -> None:
        """The same for mentions that are to go: their keys go, too, as soon as the transaction is committed."""
        for one in ids:
            row = self._connection.execute(_TOLD + "id = ?", (one,)).fetchone()
            if row is not None:
                self._stale.append((one, likeness.keys(likeness.read(KINDS[row[1]], *row[2:]))))
                self._read.pop(one, None)
        echoes.drop(self._connection, self._stale)
        self.leave(ids)
        self._unsaved += SAVED_EVERY  # the file is to forget them soon, too

    # --- transactions ------------------------------------------------------------------------------------------------

    def committed(self) -> None:
        """What the transaction brought is known from now on."""
        for one, keys in self._stale:
            self._prints.drop(one, keys)
        for one, keys in self._fresh:
            self._prints.put(one, keys)
        self._unsaved += len(self._fresh) + len(self._stale)
        self._clear()

    def rolled_back(self) -> None:
        """Nothing of the transaction ever was."""
        self._read.clear()
        self._clear()

    def _clear(self) -> None:
        self._batch.clear()
        self._overlay.clear()
        self._fresh.clear()
        self._stale.clear()

    # --- restarts ----------------------------------------------------------------------------------------------------

    def claim(self) -> None:
        """Take up the keys as they were saved, and what came in since. Inside a transaction."""
        name = mirror.state(self._connection, "stories")
        if name is None:
            mirror.set_state(self._connection, "stories", name := uuid.uuid4().hex)
        (_, _, file) = self._connection.execute("PRAGMA database_list").fetchone()
        self._path = Path(f"{file}-stories") if file else None
        self._store = bytes.fromhex(name)
        first, last = self._connection.execute("SELECT min(seq), max(seq) FROM arrivals").fetchone()
        stood = self._prints.load(self._path, self._store) if self._path else None
        if stood is None or stood[0] > (last or 0) or not self._caught_up(stood[0], first, last):
            self._prints = Prints()
            (newest,) = self._connection.execute("SELECT max(id) FROM mentions").fetchone()
            self._left = 0 if newest is None else newest + 1
            self._behind = 0
        else:
            self._left = stood[1]
        self._unsaved = 0
        self._echoes = echoes.there(self._connection)

    def _caught_up(self, seq: int, first: int | None, last: int | None) -> bool:
        """Read what came in after the saving; False when that is too much, or not known any more."""
        if last is None or seq == last:
            return True
        if first is None or first > seq + 1 or last - seq > MISSED:
            return False
        rows = self._connection.execute(
            "SELECT m.id, m.kind, m.title, m.text, m.url FROM arrivals AS a JOIN mentions AS m ON m.id = a.mention_id "
            "WHERE a.seq > ? ORDER BY a.seq",
            (seq,),
        )
        for row in rows:
            self._prints.put(row[0], likeness.keys(likeness.read(KINDS[row[1]], *row[2:])))
        return True

    @property
    def waits(self) -> bool:
        """Whether there is something to read again, or to save."""
        return bool(self._left) or self._unsaved >= SAVED_EVERY

    def save(self) -> None:
        """Write the keys beside the store, under the claim; where that fails they are read from the store one day."""
        if self._path is None or not self._unsaved:
            return
        (last,) = self._connection.execute("SELECT max(seq) FROM arrivals").fetchone()
        self._unsaved = 0
        with suppress(OSError):  # it is tried again after as many arrivals
            self._prints.save(self._path, self._store, last or 0, self._left)

    def look_back(self) -> bool:
        """Read some more of what is stored, from the newest back, and put its copies together; False when done."""
        if not self._left:
            return False
        rows = self._connection.execute(
            "SELECT id, kind, title, text, url, story_id FROM mentions WHERE id < ? ORDER BY id DESC LIMIT ?",
            (self._left, STEP),
        ).fetchall()
        told: list[int] = []
        for *row, story in rows:
            said = likeness.read(KINDS[row[1]], *row[2:])
            keys = likeness.keys(said)
            near = self._most_alike(row[0], said, self._candidates(keys, row[0])) if story is None else None
            if near is not None:
                story = self._story(near, told)
                self._connection.execute("UPDATE mentions SET story_id = ? WHERE id = ?", (story, row[0]))
                self._connection.execute("UPDATE stories SET mentions = mentions + 1 WHERE id = ?", (story,))
                told.append(row[0])
            self._prints.put_behind(row[0], keys)
        changes.note(self._connection, told)
        self._behind += len(rows)
        self._unsaved += len(rows)
        self._left = rows[-1][0] if len(rows) == STEP and self._behind < HISTORY else 0
        return True


def step(writer: Writer) -> bool:
    """Some of what can wait: reading stored mentions again, saving the keys; False when nothing does."""
    if not writer.stories.waits:
        return False
    with writer.transaction():
        if echoes.prune(writer.connection, first_id(writer.clock.now())):
            return True
        if writer.stories.look_back():
            return True
        writer.stories.save()
    return False
