"""A list painted line by line, so that thousands of entries cost no more than those in view."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import ClassVar, Generic, Protocol, TypeVar

from rich.segment import Segment
from textual import events
from textual.geometry import Region
from textual.strip import Strip

from listen.console.facts import Line
from listen.console.messages import CursorMoved
from listen.console.notes import Note
from listen.console.theme import Palette
from listen.console.widgets.pane import Pane
from listen.text import cell_width

WHEEL = 3
"""Rows that a notch of the wheel moves."""


class Keyed(Protocol):
    """An entry that is known again by its key."""

    @property
    def key(self) -> Hashable: ...


E = TypeVar("E", bound=Keyed)


class Rows(Pane, Generic[E], can_focus=True):
    """One entry a line; the cursor stays on what it is on when the order changes."""

    FOLLOWS: ClassVar[bool] = True
    """At the top the cursor stays there, whatever comes first; False where a verb would hit what has just come."""

    def __init__(self, colours: Palette, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.colours = colours
        self.entries: Sequence[E] = ()
        self.cursor = self.top = 0
        self.note: Note = ()
        """What stands in an empty list."""
        self._painted: dict[int, Line] = {}

    @property
    def current(self) -> E | None:
        """What the cursor is on."""
        return self.entries[self.cursor] if self.entries else None

    @property
    def at_top(self) -> bool:
        """Nobody has moved away from what stands first."""
        return self.cursor == 0 and self.top == 0

    def show(self, entries: Sequence[E], note: Note) -> None:
        """Show these; the cursor stays on what it is on, wherever that stands now."""
        stays = not (self.FOLLOWS and self.at_top)
        at = self.current.key if self.current is not None and stays else None
        offset = self.cursor - self.top
        self.entries, self.note = entries, note
        found = next((place for place, entry in enumerate(entries) if entry.key == at), None)
        if found is not None:
            self.cursor = found
            self.top = 0 if not self.top and found < self.size.height else found - offset
        self._keep_in_view()
        self.draw()

    def go_to(self, key: Hashable) -> None:
        """Put the cursor on an entry, when it is there."""
        for place, entry in enumerate(self.entries):
            if entry.key == key:
                self._go(place)
                return

    def _keep_in_view(self) -> None:
        height = max(1, self.size.height)
        self.cursor = max(0, min(self.cursor, len(self.entries) - 1))
        self.top = max(0, min(self.top, len(self.entries) - height))
        self.top = max(self.cursor - height + 1, min(self.top, self.cursor))

    # --- painting ----------------------------------------------------------------------------------------------------

    def draw(self) -> None:
        """Paint the lines that have changed since they were painted."""
        width = self.size.width
        changed = [y for y in range(self.size.height) if self._painted.get(y) != self._line(y)]
        if changed:
            self.refresh(*(Region(0, y, width, 1) for y in changed))

    def _line(self, y: int) -> Line:
        at = self.top + y
        if at < len(self.entries):
            return self.drawn(at)
        return [] if self.entries else self._note_line(y)

    def drawn(self, at: int) -> Line:
        """An entry as a line."""
        raise NotImplementedError

    def _note_line(self, y: int) -> Line:
        first = max(0, (self.size.height - len(self.note)) // 3)
        if not 0 <= y - first < len(self.note):
            return []
        text, style = self.note[y - first]
        widest = max(cell_width(line) for line, _ in self.note)
        indent = max(1, (self.size.width - widest) // 2)
        return [Segment(" " * indent + text, getattr(self.colours, style))]

    def render_line(self, y: int) -> Strip:
        pieces = self._painted[y] = self._line(y)
        under = self.has_focus and self.entries and self.top + y == self.cursor
        return self.strip(pieces, self.size.width, self.colours.under_cursor if under else None)

    def on_resize(self) -> None:
        self._painted.clear()
        self._keep_in_view()

    def on_focus(self) -> None:
        self.draw()

    def on_blur(self) -> None:
        self.draw()

    # --- keys --------------------------------------------------------------------------------------------------------

    def _go(self, to: int) -> None:
        before = self.cursor
        self.cursor = to
        self._keep_in_view()
        self.draw()
        if self.cursor != before:
            self.post_message(CursorMoved())

    @property
    def _page(self) -> int:
        return max(1, self.size.height - 1)

    def action_down(self) -> None:
        self._go(self.cursor + 1)

    def action_up(self) -> None:
        self._go(self.cursor - 1)

    def action_half_down(self) -> None:
        self._go(self.cursor + max(1, self._page // 2))

    def action_half_up(self) -> None:
        self._go(self.cursor - max(1, self._page // 2))

    def action_page_down(self) -> None:
        self._go(self.cursor + self._page)

    def action_page_up(self) -> None:
        self._go(self.cursor - self._page)

    def action_top(self) -> None:
        self._go(0)

    def action_bottom(self) -> None:
        self._go(len(self.entries) - 1)

    def on_click(self, event: events.Click) -> None:
        if self.top + event.y < len(self.entries):
            self._go(self.top + event.y)

    def on_mouse_scroll_down(self) -> None:
        self._go(self.cursor + WHEEL)

    def on_mouse_scroll_up(self) -> None:
        self._go(self.cursor - WHEEL)
