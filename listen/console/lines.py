"""Ids in an order and where each stands on the screen: rows, and the lines that they take.

Between two rows stands the line of the last visit, which is no row. Places are counted in rows, lines with it.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from contextlib import contextmanager

from listen.console.folds import Folds
from listen.console.view import Order

SORTED = ("newest", "oldest")
"""Orders of which the store tells one page after the other; what is ranked comes whole."""


class Lines:
    """Ids, a cursor, and a view of so many lines."""

    def __init__(self, height: int) -> None:
        self.ids: list[int] = []
        self.order: Order = "newest"
        self.visited: int | None = None
        """The newest id at the last visit: newest first, a line of its own stands above it."""
        self.cursor = self.top = 0
        """The cursor's row, the view's first line."""
        self.height = height
        self._known: set[int] = set()
        self.folds = Folds()

    @property
    def current(self) -> int | None:
        """The id under the cursor."""
        return self.ids[self.cursor] if self.ids else None

    @property
    def visible(self) -> list[int]:
        """The ids in view, from the top."""
        return self.ids[self._from(self.top) : self._from(self.top + self.height)]

    def place(self, mention_id: int) -> int | None:
        """Where an id stands in the list."""
        if mention_id not in self._known:
            return None
        if self.order not in SORTED:
            return self.ids.index(mention_id)
        at = self._place(mention_id)
        return at if at < len(self.ids) and self.ids[at] == mention_id else None

    @property
    def gap(self) -> int | None:
        """The row above which the line of the last visit stands; None when it is not among the ids at hand."""
        if self.visited is None or self.order != "newest":
            return None
        at = self._place(self.visited)
        return at if 0 < at < len(self.ids) else None

    @property
    def lines(self) -> int:
        """How many lines all rows at hand take."""
        return len(self.ids) + (self.gap is not None)

    def line(self, at: int) -> int:
        """The line of a row, counted from the first one at hand."""
        gap = self.gap
        return at + (gap is not None and at >= gap)

    def row_at(self, line: int) -> int | None:
        """The row on a line, None for that of the last visit."""
        gap = self.gap
        return None if line == gap else line - (gap is not None and line > gap)

    def _from(self, line: int) -> int:
        """The first row on that line or below it."""
        gap = self.gap
        return line - (gap is not None and line > gap)

    def _key(self, one: int) -> tuple[int, bool, int]:
        """Ids go up by it down the list; in ranked orders, where it counts for nothing, they are the newest first.

        What belongs to an unfolded story stands below the first one of it.
        """
        head = self.folds.head(one)
        return (head, head != one, one) if self.order == "oldest" else (-head, head != one, -one)

    def _place(self, one: int) -> int:
        """Where an id stands, or would stand, in ids that are sorted."""
        return bisect_left(self.ids, self._key(one), key=self._key)

    @contextmanager
    def _held(self) -> Iterator[None]:
        """Whatever is put in or taken out meanwhile, the cursor's row stays on its line of the view."""
        offset = self.line(self.cursor) - self.top
        yield
        self.top = self.line(self.cursor) - offset
