"""The part of a query's answer that the stream holds: ids around the cursor, and the rows that were seen lately.

Plain Python, no screen and no store. Newest first, the reader follows at the top: what arrives is shown and the cursor
stays on the first row. Anywhere else nothing in view moves; what arrives is put where nobody looks, and counted. In
other orders nothing is put anywhere, only counted.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import OrderedDict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Literal, NamedTuple

from listen.console.lines import SORTED
from listen.console.moving import Moved, Moving
from listen.console.view import Order
from listen.packed import MANY, merged, within
from listen.store.records import Row

LIMIT = 2_000
"""Ids held at most."""

ROWS = 1_500
"""Rows kept at most."""

UNSEEN = 10_000
"""Arrivals counted at most: "10,000 new" says as much."""

NEAR = 100
"""Ids that the cursor keeps ahead of it before more are asked for."""

SETTLED = 0.6
"""Seconds that a row must have been under the cursor before a verb can have meant it."""


class Want(NamedTuple):
    """Which ids are missing."""

    direction: Literal["up", "down"]
    beyond: int
    """Those above (`up`) or below (`down`) this id."""


class Feed(Moving):
    """Ids in their order, a cursor, and the rows in view."""

    def __init__(self, height: int = 20, margin: int = 2, jump: int = 1) -> None:
        super().__init__(height, margin, jump)
        self.searched_to = 0
        """Everything between the last id and this one was looked at."""
        self.searched_up_to = 0
        self._rows: OrderedDict[int, Row] = OrderedDict()

    # --- what is there ---

    def row(self, mention_id: int) -> Row | None:
        """The row when it is at hand."""
        return self._rows.get(mention_id)

    def texts(self, most: int) -> list[str]:
        """Titles and texts of the rows that were read last."""
        rows = [row for row, _ in zip(reversed(self._rows.values()), range(most), strict=False)]
        return [f"{row.title or ''} {row.text}" for row in rows]

    def counters(self) -> tuple[int, int]:
        """(unseen arrivals above the view, unseen arrivals below its first row); in other orders all in the first."""
        if not self.unseen:
            return 0, 0
        if not self.ids or self.order != "newest":
            return len(self.unseen), 0
        below = bisect_left(self.unseen, self.folds.head(self.ids[self._from(self.top)]))
        return len(self.unseen) - below, below

    # --- answers -----------------------------------------------------------------------------------------------------

    def load(
        self,
        ids: Sequence[int],
        *,
        oldest: bool,
        searched_to: int,
        newest: bool = True,
        searched_up_to: int = 0,
        at: int | None = None,
        order: Order = "newest",
        stories: Mapping[int, Sequence[int]] = MappingProxyType({}),
    ) -> None:
        """A new answer in the place of the one before. The cursor goes to `at`, or the next one below it."""
        self.folds.clear()
        self.folds.learn(stories)
        self.ids, self.order = self.folds.shown(ids, order), order
        self._known = set(self.ids)
        self.newest, self.oldest, self.searched_to = newest, oldest, searched_to
        self.searched_up_to = self._upper(searched_up_to)
        self.unseen, self._waiting = [], []
        self._before_push, self._cursor_since = None, 0.0
        self.cursor = 0 if at is None else self._nearest(self.folds.lead(at))
        line = self.line(self.cursor)
        self.top = 0 if line < self.height - self.margin else line - self.height // 2
        self._clamp()

    def _nearest(self, one: int) -> int:
        """The place of an id, else of the next one below it; the top where there is no telling."""
        if self.order in SORTED:
            return min(self._place(one), max(0, len(self.ids) - 1))
        return self.place(one) or 0

    def _upper(self, searched: int) -> int:
        """How far was looked above the first id: at least to itself."""
        return min(searched, self.ids[0], key=self._key) if self.ids else searched

    def extend_down(
        self,
        ids: Sequence[int],
        *,
        oldest: bool,
        searched_to: int,
        stories: Mapping[int, Sequence[int]] = MappingProxyType({}),
    ) -> bool:
        """Ids below the last one; whether the view changes."""
        self.folds.learn(stories)
        fresh = [
            one for one in self.folds.shown(ids, self.order) if not self.ids or self._key(one) > self._key(self.ids[-1])
        ]
        changed = self.lines < self.top + self.height
        self.ids += fresh
        self._known.update(fresh)
        self.oldest, self.searched_to = oldest, searched_to
        self._trim()
        return changed

    def extend_up(
        self,
        ids: Sequence[int],
        *,
        newest: bool,
        searched_up_to: int,
        stories: Mapping[int, Sequence[int]] = MappingProxyType({}),
    ) -> bool:
        """Ids above the first one; whether the view changes (it does not move)."""
        self.folds.learn(stories)
        fresh = [
            one for one in self.folds.shown(ids, self.order) if not self.ids or self._key(one) < self._key(self.ids[0])
        ]
        changed = not self.ids
        with self._held():
            self.ids[:0] = fresh
            self._known.update(fresh)
            self.cursor += 0 if changed else len(fresh)
        if changed:
            self.top = 0
        self.newest = newest
        self.searched_up_to = self._upper(searched_up_to)
        self._trim()
        return changed

    def keep(self, rows: Iterable[Row]) -> None:
        """Rows that were read."""
        for row in rows:
            self._rows[row.id] = row
            self._rows.move_to_end(row.id)
        while len(self._rows) > ROWS:
            self._rows.popitem(last=False)

    def forget(self, mention_id: int) -> None:
        """One row is to be read anew."""
        self._rows.pop(mention_id, None)

    def forget_hidden(self) -> None:
        """All rows that are not in view are to be read anew."""
        view = set(self.visible)
        for one in [one for one in self._rows if one not in view]:
            del self._rows[one]

    def forget_rows(self) -> None:
        """All rows are to be read anew."""
        self._rows.clear()

    def drop(self, ids: Iterable[int]) -> bool:
        """Mentions that are gone; whether there were any."""
        lost = list(ids)
        gone = [one for one in lost if one in self._known]
        self._take_out(gone)
        for one in lost:
            self._lead_instead(one)
        if lost:  # else the view stays where it is, blank lines below it included
            self._clamp()
        return bool(gone)

    def _take_out(self, rows: Iterable[int]) -> None:
        """These have no row any more; the cursor stays with its mention."""
        for one in rows:
            at = self.place(one)
            self._known.discard(one)
            if at is None:
                self._waiting.remove(one)
                continue
            with self._held():
                del self.ids[at]
                self.cursor -= at < self.cursor

    def _lead_instead(self, gone: int) -> None:
        """Another mention stands for the story of one that is gone."""
        heir = self.folds.drop(gone)
        if heir is not None and heir not in self._known and self.order in SORTED:
            at = self._place(heir)
            if at < len(self.ids) or self.oldest:
                self._insert(at, heir)

    def wants(self) -> Want | None:
        """Ids that should be asked for next; None when there are enough on both sides of the cursor."""
        if not self.oldest and self.cursor + max(NEAR, self.height) >= len(self.ids):
            return Want("down", self.searched_to)
        if not self.newest and self.cursor < max(NEAR, self.height):
            return Want("up", self.searched_up_to)
        return None

    def rows_wanted(self) -> list[int]:
        """Ids in view, and a page before and after it, whose rows are not at hand; none while half a page is ahead."""
        half, top = self.height // 2, self._from(self.top)
        if all(one in self._rows for one in self.ids[max(0, top - half) : top + self.height + half]):
            return []
        around = self.ids[max(0, top - self.height) : top + 2 * self.height]
        return [one for one in around if one not in self._rows]

    # --- arrivals ----------------------------------------------------------------------------------------------------

    def arrive(
        self, ids: Iterable[int], now: float, stories: Mapping[int, Sequence[int]] = MappingProxyType({})
    ) -> bool:
        """Mentions of the query that came in, at `now` (any clock that only goes on); whether the view changes."""
        self.folds.learn(stories)
        joined = self.folds.joined(stories, self._known)
        if self.following:  # elsewhere nothing that stands there moves
            self._take_out(joined)
        fresh, changed = self._apart({one for one in ids if one not in self._known})
        changed |= bool(joined)
        if not fresh:
            return changed
        if self.following or not self.ids:
            return self._follow(fresh, now) or changed
        for one in fresh:
            if self.order == "newest":
                changed |= self._place_unseen(one)
            insort(self.unseen, one)
        del self.unseen[: max(0, len(self.unseen) - UNSEEN)]
        self._trim()
        return changed

    def _apart(self, fresh: set[int]) -> tuple[list[int], bool]:
        """(those of the arrivals that get a row of their own, whether the view changes by the others), oldest first.

        A copy of what is at hand joins its row; while the reader follows, it takes that row up to its own place.
        """
        rows: list[int] = []
        changed = False
        for one in sorted(fresh, reverse=True):
            lead = self.folds.arrived(one, self._known | set(rows))
            if lead is None or lead in fresh:
                rows += self.folds.shown([one], self.order) if lead is None else []
                continue
            changed = True
            at = self.place(lead)
            if self.following and at is not None and one > lead and not self.folds.below(one):
                with self._held():
                    del self.ids[at]
                    self.cursor -= at < self.cursor
                self._known.discard(lead)
                self.folds.lead_by(one)
                self._clamp()
                rows.append(one)
            elif at is not None and self.folds.head(one) != one:
                self._insert(self._place(one), one)
        return rows[::-1], changed

    def _follow(self, fresh: Sequence[int], now: float) -> bool:
        before, view = self.current, (self.visible, self.gap)
        within = [one for one in fresh if self.oldest or not self.ids or one > self.ids[-1]]
        self._known.update(within)
        if self.ids and within and within[0] > self.ids[0]:
            self.ids[:0] = reversed(within)
        else:
            self.ids = sorted([*self.ids, *within], key=self._key)
        if before is not None and self.current != before:
            if now - self._cursor_since >= SETTLED:
                self._before_push = before, now
            self._cursor_since = now
        self._trim()
        return (self.visible, self.gap) != view

    def _place_unseen(self, one: int) -> bool:
        """Put an arrival where nobody looks; whether it comes to stand on an empty line of the view all the same."""
        if one > self.ids[0]:
            if self.newest:
                self._insert(0, one)
            return False
        if self._key(one) > self._key(self.ids[-1]):
            if not self.oldest:
                return False
            empty = self.lines < self.top + self.height
            self._insert(len(self.ids), one)
            return empty
        at = self._place(one)
        line = at if self.visited is not None and one > self.visited else self.line(at)
        if self.top < line < self.top + self.height:
            insort(self._waiting, one)
            self._known.add(one)
            return False
        self._insert(at, one)
        return False

    def _trim(self) -> None:
        """Hold LIMIT ids, and more of them where the cursor is."""
        excess = len(self.ids) - LIMIT
        if excess <= 0:
            return
        if self.cursor < len(self.ids) // 2:
            gone = self.ids[-excess:]
            del self.ids[-excess:]
            self.oldest, self.searched_to = False, self.folds.head(self.ids[-1])
        else:
            gone = self.ids[:excess]
            with self._held():
                del self.ids[:excess]
                self.cursor -= excess
            self.top = max(0, self.top)
            self.newest, self.searched_up_to = False, self.ids[0]
        self._known.difference_update(gone)

    # --- verbs -------------------------------------------------------------------------------------------------------

    def target(self, now: float) -> int | None:
        """The id that a verb typed at `now` means, None when nobody can tell.

        While the reader follows, an arrival may take the place under the cursor in the moment of typing. The verb means
        the row that stood there long enough to be read, and nothing when none did.
        """
        if not self.following or now - self._cursor_since >= SETTLED or self._cursor_since == 0.0:
            return self.current
        if self._before_push is not None and now - self._before_push[1] < SETTLED:
            return self._before_push[0]
        return None

    def ids_at_hand(self, ids: Sequence[int]) -> Container[int]:
        """These ids, the newest first, for `handled`; of very many only those whose rows are at hand."""
        if len(ids) <= ROWS:
            return set(ids)
        return {one for one in self._rows if within(one, ids)}

    def handled(self, ids: Container[int], **changes: Any) -> list[Row]:
        """A verb changed rows; they stay until the view is asked for anew. Those at hand, as they were."""
        before = [row for one, row in self._rows.items() if one in ids]
        for row in before:
            self._rows[row.id] = row._replace(**changes)
        return before

    def unfold(self) -> bool:
        """Show the others of the story under the cursor below it; whether it stands for one."""
        one = self.current
        others = self.folds.unfold(one) if one is not None else ()
        fresh = sorted((other for other in others if other not in self._known), key=self._key)
        self.ids[self.cursor + 1 : self.cursor + 1] = fresh
        self._known.update(fresh)
        return bool(others)

    def fold(self) -> bool:
        """One row for the story under the cursor, which goes to it; whether it was unfolded."""
        one = self.current
        others = set(self.folds.fold(one)) if one is not None else set()
        if one is None or not others:
            return False
        self.ids = [other for other in self.ids if other not in others]
        self._known -= others
        self.cursor = self.place(self.folds.lead(one)) or 0
        self._clamp()
        return True

    def meant(self, ids: Sequence[int]) -> Sequence[int]:
        """All mentions that these rows stand for, the newest of each first; of very many, newest first as those are."""
        if not self.folds.hidden():
            return ids
        if len(ids) <= MANY:
            return tuple(dict.fromkeys(other for one in ids for other in self.folds.all_of(one)))
        leads = [lead for lead in self.folds.leading() if within(lead, ids)]
        others = {other for lead in leads for other in self.folds.all_of(lead) if not within(other, ids)}
        return merged(ids, others)

    def go_to(self, mention_id: int) -> Moved | None:
        """The cursor goes to an id that is at hand, be it in a story that has to be unfolded for it."""
        at = self.place(mention_id)
        if at is None and (lead := self.place(self.folds.lead(mention_id))) is not None:
            self.cursor = lead
            self.unfold()
            at = self.place(mention_id)
        return None if at is None else self._go(at)

    def __iter__(self) -> Iterator[int]:
        return iter(self.ids)

    def __len__(self) -> int:
        return len(self.ids)
