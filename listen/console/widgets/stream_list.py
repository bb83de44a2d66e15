"""The stream: one mention a line, painted line by line from a window of ids."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from types import MappingProxyType
from typing import TYPE_CHECKING, ClassVar

from rich.segment import Segment
from textual import events
from textual.cache import LRUCache
from textual.geometry import Region
from textual.strip import Strip

from listen.clock import Clock
from listen.console import keys
from listen.console.feed import Feed
from listen.console.format import Columns, Look, columns, local, moment, placeholder, stream_row, sure
from listen.console.marks import Marks
from listen.console.messages import CursorMoved, EndWanted, ViewMoved
from listen.console.moving import Moved
from listen.console.theme import Palette
from listen.console.widgets.pane import Pane
from listen.query import tree
from listen.store.presence import Visit
from listen.store.records import Row
from listen.text import cell_width

if TYPE_CHECKING:
    from textual.binding import BindingType

STRIPS = 600
"""Lines kept as they were painted."""

WHEEL = 3
"""Rows that a notch of the wheel moves."""

Note = Sequence[tuple[str, str]]
"""Lines to show where there is nothing else: (text of ours or made safe, name of a style of `Palette`)."""


class StreamList(Pane, can_focus=True):
    """Newest on top. The top means following; anywhere else nothing in view moves by itself."""

    BINDING_GROUP_TITLE = "The stream"
    BINDINGS: ClassVar[list[BindingType]] = keys.bindings("lists", "mentions")

    def __init__(self, colours: Palette, clock: Clock, *, jump: int = 1, id: str | None = None) -> None:
        super().__init__(id=id)
        self.colours, self.clock = colours, clock
        self.feed = Feed(jump=jump)
        self.marks = Marks()
        self.cols: Columns = columns(80)
        self.note: Note = ()
        """What stands in an empty list."""
        self.tail = ""
        """What stands below the last row."""
        self.last_visit = ""
        """When that was, for the line between what was there and what came since."""
        self.finding = False
        """Words are being typed for it: its cursor moves though the keys go elsewhere."""
        self.words: tree.Node | None = None
        """What was looked for, marked in the rows."""
        self.others: Mapping[int, Sequence[str]] = {}
        """Mention -> other people who are on it now."""
        self._strips: LRUCache[tuple[int, Look], tuple[Row | None, Strip]] = LRUCache(STRIPS)
        self._today: date | None = None

    # --- painting ----------------------------------------------------------------------------------------------------

    def render_line(self, y: int) -> Strip:
        self._fit()
        at = self.feed.row_at(self.feed.top + y)
        if at is None:
            return self._visit_line()
        if at < len(self.feed):
            one = self.feed.ids[at]
            folds, keys = self.feed.folds, self.has_focus or self.finding
            copies = None if not folds.on else 0 if folds.below(one) else folds.copies(one)
            more = bool(copies) and folds.partly(one)
            return self._row(one, Look(at == self.feed.cursor, keys, one in self.marks, self._who(one), copies, more))
        if not self.feed.ids:
            return self._note_line(y)
        if at == len(self.feed) and self.tail:
            return self.strip([Segment(f"  {self.tail}", self.colours.faint)], self.size.width)
        return self.blank(self.size.width)

    def _who(self, one: int) -> str:
        """Who else is on a mention."""
        return " ".join(map(sure, self.others.get(one, ())))

    def stand(self, others: Mapping[int, Sequence[str]]) -> None:
        """Other people are on other mentions now."""
        before, self.others = self.others, others
        moved = {one for one in (*before, *others) if before.get(one) != others.get(one)}
        self.refresh_rows(*(at for at in map(self.feed.place, moved) if at is not None))

    def _visit_line(self) -> Strip:
        """Where the reader stopped at the last visit."""
        told = f" ── you were here, {self.last_visit} "
        dashes = "─" * (self.size.width - cell_width(told) - 1)
        faint, lit = self.colours.faint, self.colours.lit
        return self.strip([Segment(told[:4], faint), Segment(told[4:], lit), Segment(dashes, faint)], self.size.width)

    def _fit(self) -> None:
        """Take the size of now, before the first line is painted in it."""
        width, height = self.size
        if self.cols.width != width:
            self.cols = columns(width)
            self._strips.clear()
        if self.feed.height != height and height:
            if self.feed.jump > 1:
                self.feed.jump = max(2, height // 3)
            self.feed.resize(height)

    def _row(self, mention_id: int, look: Look) -> Strip:
        row = self.feed.row(mention_id)
        kept = self._strips.get((mention_id, look))
        if kept is not None and kept[0] is row:
            return kept[1]
        now = self.clock.now()
        if row is None:
            pieces = placeholder(mention_id, self.cols, self.colours, now, look)
        else:
            pieces = stream_row(row, self.cols, self.colours, now, look)
            if self.words is not None:
                from listen.console.found import marked

                pieces = marked(pieces, self.words, self.cols.width - self.cols.text, self.colours.found)
        over = self.colours.under_cursor if look.cursor and look.focused else None
        strip = self.strip(pieces, self.size.width, over)
        self._strips[(mention_id, look)] = row, strip
        return strip

    def _note_line(self, y: int) -> Strip:
        first = max(0, (self.size.height - len(self.note)) // 3)
        if not 0 <= y - first < len(self.note):
            return self.blank(self.size.width)
        text, style = self.note[y - first]
        widest = max(cell_width(line) for line, _ in self.note)
        indent = max(1, (self.size.width - widest) // 2)
        return self.strip([Segment(" " * indent + text, getattr(self.colours, style))], self.size.width)

    def refresh_rows(self, *places: int) -> None:
        """Paint these rows anew, as far as they are in view."""
        lines = {self.feed.line(at) - self.feed.top for at in places}
        lines = {line for line in lines if 0 <= line < self.size.height}
        if lines:
            self.refresh(*(Region(0, line, self.size.width, 1) for line in lines))

    def tick(self) -> None:
        """Times of day become dates at midnight."""
        today = local(self.clock.now()).date()
        if self._today not in (None, today):
            self._strips.clear()
            self.refresh()
        self._today = today

    def say(self, note: Note = (), tail: str = "") -> None:
        """What stands in an empty list, and below the last row."""
        if (note, tail) == (self.note, self.tail):
            return
        self.note, self.tail = note, tail
        if self.feed.ids:
            self.refresh_rows(len(self.feed))
        else:
            self.refresh()

    def tell_visit(self, visit: Visit) -> None:
        """When the person was last here. Only before there are rows: later a line between them would move them."""
        if not self.feed.ids:
            self.feed.visited = visit.newest
            self.last_visit = moment(visit.at, self.clock.now())

    def highlight(self, words: tree.Node | None) -> None:
        """Mark the words of a query in the rows, or no longer."""
        self.words = words
        self._strips.clear()
        self.refresh()

    def forget_strips(self) -> None:
        self._strips.clear()

    def on_resize(self) -> None:
        self._fit()
        self.post_message(ViewMoved())

    def on_focus(self) -> None:
        self.refresh_rows(self.feed.cursor)

    def on_blur(self) -> None:
        self.refresh_rows(self.feed.cursor)

    # --- changes -----------------------------------------------------------------------------------------------------

    def changed(self, *, view: bool = True, by_arrival: bool = False, before: int | None = None) -> None:
        """The feed has changed; `view` when rows in view did, `before` is the id that was under the cursor."""
        if view:
            self.refresh()
        if self.feed.current != before:
            self.post_message(CursorMoved(by_arrival))
        self.post_message(ViewMoved())

    def arrive(self, ids: Sequence[int], stories: Mapping[int, Sequence[int]] = MappingProxyType({})) -> None:
        """Mentions came in."""
        before = self.feed.current
        self.changed(view=self.feed.arrive(ids, time.monotonic(), stories), by_arrival=True, before=before)

    def go(self, act: Callable[[Feed], Moved | None]) -> None:
        """Move, and paint what that changed."""
        before = self.feed.current
        moved = act(self.feed)
        if moved is None:
            return
        self._extend_range()
        if moved.scrolled:
            self.refresh()
        elif moved.before != moved.after:
            self.refresh_rows(moved.before, moved.after)
        if self.feed.current != before:
            self.post_message(CursorMoved())
        self.post_message(ViewMoved(by_person=True))

    def _extend_range(self) -> None:
        """A range that is being drawn goes on to the cursor."""
        feed, end = self.feed, self.marks.end
        at = feed.place(end) if end is not None else None
        if at is None or at == feed.cursor:
            return
        down = feed.cursor > at
        self.marks.walk(feed.ids[at + 1 : feed.cursor + 1] if down else feed.ids[feed.cursor : at][::-1])
        self.refresh_rows(*range(min(at, feed.cursor), max(at, feed.cursor) + 1))

    # --- keys --------------------------------------------------------------------------------------------------------

    def action_down(self) -> None:
        self.go(lambda feed: feed.move(1))

    def action_up(self) -> None:
        self.go(lambda feed: feed.move(-1))

    def action_half_down(self) -> None:
        self.go(lambda feed: feed.page(0.5))

    def action_half_up(self) -> None:
        self.go(lambda feed: feed.page(-0.5))

    def action_page_down(self) -> None:
        self.go(lambda feed: feed.page(1))

    def action_page_up(self) -> None:
        self.go(lambda feed: feed.page(-1))

    def action_open(self) -> None:
        """Unfold the story under the cursor, else read the mention."""
        if self.feed.unfold():
            self.changed(before=self.feed.current)
        else:
            super().action_open()

    def fold(self) -> bool:
        """One row again for the story under the cursor; whether it was unfolded."""
        before = self.feed.current
        folded = self.feed.fold()
        if folded:
            self.changed(before=before)
        return folded

    def action_top(self) -> None:
        if self.feed.newest:
            self.go(Feed.to_top)
        else:
            self.post_message(EndWanted("top"))

    def action_bottom(self) -> None:
        if self.feed.oldest:
            self.go(Feed.to_bottom)
        else:
            self.post_message(EndWanted("bottom"))

    # --- mouse -------------------------------------------------------------------------------------------------------

    def on_click(self, event: events.Click) -> None:
        self.go(lambda feed: feed.click(event.y))

    def on_mouse_scroll_down(self) -> None:
        self.go(lambda feed: feed.page(WHEEL / self.feed.height))

    def on_mouse_scroll_up(self) -> None:
        self.go(lambda feed: feed.page(-WHEEL / self.feed.height))
