"""A pane of lines that were laid out before, and an offset."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from rich.segment import Segment
from textual.strip import Strip

from listen.console import keys
from listen.console.widgets.pane import Pane

if TYPE_CHECKING:
    from textual.binding import BindingType

WHEEL = 3
"""Lines that a notch of the wheel moves."""


class Scrolled(Pane, can_focus=True):
    """Lines, scrolled by the keys that move."""

    BINDINGS: ClassVar[list[BindingType]] = keys.bindings("lists", only=keys.MOVES)

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.lines: Sequence[list[Segment]] = ()
        self.top = 0

    def render_line(self, y: int) -> Strip:
        at, width = y + self.top, self.content_size.width
        if at >= len(self.lines):
            return self.blank(width)
        return self.strip(self.lines[at], width)

    def scroll_lines(self, by: int) -> None:
        """Scroll down by so many lines (up when negative), not beyond the last one."""
        before = self.top
        self.top = max(0, min(self.top + by, len(self.lines) - max(1, self.content_size.height)))
        if self.top != before:
            self.refresh()

    def on_resize(self) -> None:
        self.scroll_lines(0)

    @property
    def _page(self) -> int:
        return max(1, self.content_size.height - 1)

    def action_down(self) -> None:
        self.scroll_lines(1)

    def action_up(self) -> None:
        self.scroll_lines(-1)

    def action_half_down(self) -> None:
        self.scroll_lines(max(1, self._page // 2))

    def action_half_up(self) -> None:
        self.scroll_lines(-max(1, self._page // 2))

    def action_page_down(self) -> None:
        self.scroll_lines(self._page)

    def action_page_up(self) -> None:
        self.scroll_lines(-self._page)

    def action_top(self) -> None:
        self.scroll_lines(-len(self.lines))

    def action_bottom(self) -> None:
        self.scroll_lines(len(self.lines))

    def on_mouse_scroll_down(self) -> None:
        self.scroll_lines(WHEEL)

    def on_mouse_scroll_up(self) -> None:
        self.scroll_lines(-WHEEL)
