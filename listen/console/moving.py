"""The reader goes through ids in their order: where the cursor and the view are after each movement."""

from __future__ import annotations

from typing import NamedTuple

from listen.console.lines import Lines


class Moved(NamedTuple):
    """What a movement changed on the screen."""

    scrolled: bool
    before: int
    """The row that the cursor left."""
    after: int


class Moving(Lines):
    """A cursor that stays in view, and arrivals that wait until nobody looks where they belong."""

    def __init__(self, height: int, margin: int, jump: int) -> None:
        super().__init__(height)
        self.margin = margin
        """Rows kept in view beyond the cursor."""
        self.jump = jump
        """Rows that the view moves by at least: more than one saves repaints on slow lines."""
        self.newest = self.oldest = True
        """Whether nothing is left out above the first, below the last id."""
        self.paused = False
        """The reader reads something else that must not change, such as the detail pane."""
        self.held = False
        """A range is being drawn: nothing may take the place under the cursor."""
        self.unseen: list[int] = []
        """Arrivals that were not in view yet, oldest first."""
        self._waiting: list[int] = []
        """Arrivals that belong between rows in view: they wait until nobody looks there."""
        self._before_push: tuple[int, float] | None = None
        """What an arrival has pushed from under the cursor, and when."""
        self._cursor_since = 0.0
        """Since when the row under the cursor stands there; 0 when the reader went to it."""

    @property
    def following(self) -> bool:
        """Whether arrivals are shown as they come."""
        return self.order == "newest" and self.at_top and not self.paused and not self.held

    @property
    def at_top(self) -> bool:
        """Whether the cursor is on the first of all rows."""
        return self.newest and self.top == 0 and self.cursor == 0

    def move(self, by: int) -> Moved:
        """The cursor goes down by so many rows (up when negative)."""
        return self._go(self.cursor + by)

    def page(self, by: float) -> Moved:
        """View and cursor go down by so many pages (up when negative)."""
        lines = max(1, int(abs(by) * self.height)) * (1 if by > 0 else -1)
        before, line = self.cursor, self.line(self.cursor) + lines
        at = self.row_at(line)
        if at is None:  # the line of the last visit takes no cursor
            at = self._from(line) - (by < 0)
        self.cursor = max(0, min(at, len(self.ids) - 1))
        old, line = self.top, self.line(self.cursor)
        self.top = max(min(self.top + lines, line), line - self.height + 1)
        return self._moved(before, old)

    def to_top(self) -> Moved:
        """To the first id at hand; newest first and with `newest` that is where following starts."""
        before, old = self.cursor, self.top
        self.cursor = self.top = 0
        return self._moved(before, old)

    def to_bottom(self) -> Moved:
        """To the last id at hand."""
        return self._go(len(self.ids) - 1)

    def click(self, line: int) -> Moved | None:
        """The cursor goes to a line of the view; None when nothing stands there."""
        at = self.row_at(self.top + line)
        return self._go(at) if at is not None and 0 <= line < self.height and at < len(self.ids) else None

    def resize(self, height: int) -> None:
        """The view has so many lines now; the cursor stays in it."""
        self.height = max(1, height)
        self.top = max(self.top, self.line(self.cursor) - self.height + 1)
        self._clamp()
        self._look()

    def _go(self, to: int) -> Moved:
        before, old = self.cursor, self.top
        self.cursor = max(0, min(to, len(self.ids) - 1))
        margin = min(self.margin, (self.height - 1) // 2)
        above, below = (margin, 0) if self.cursor < before else (0, margin)
        line = self.line(self.cursor)
        if line < self.top + above:
            self.top = min(line - margin, self.top - self.jump)
        elif line >= self.top + self.height - below:
            self.top = max(line - self.height + 1 + margin, self.top + self.jump)
        return self._moved(before, old)

    def _moved(self, before: int, old_top: int) -> Moved:
        """The reader has moved by themselves: whatever is under the cursor now is meant."""
        self.paused = False
        self._before_push, self._cursor_since = None, 0.0
        self._clamp()
        scrolled = self.top != old_top
        return Moved(self._look() or scrolled, before, self.cursor)

    def _clamp(self) -> None:
        self.cursor = max(0, min(self.cursor, len(self.ids) - 1))
        self.top = max(0, min(self.top, self.lines - self.height))

    def _look(self) -> bool:
        """What is in view has been seen; what waited comes in where nobody looks now. Whether the view changes."""
        view = self.visible
        if self.following:
            ready = self._waiting
        else:
            ready = [one for one in self._waiting if not view or not view[-1] < one < view[0]]
        for one in ready:
            self._insert(self._place(one), one)
        self._waiting = [one for one in self._waiting if one not in ready] if not self.following else []
        self._clamp()
        if self.unseen:
            in_view = set(self.visible)
            self.unseen = [] if self.following else [one for one in self.unseen if one not in in_view]
        return self.visible != view

    def _insert(self, at: int, one: int) -> None:
        with self._held():
            self.ids.insert(at, one)
            self._known.add(one)
            self.cursor += at <= self.cursor
