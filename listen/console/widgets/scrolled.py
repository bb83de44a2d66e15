"""A pane of lines that were laid out before, and an offset."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from rich.segment import Segment
from textual.strip import Strip

from listen.console import keys
from listen.console.theme import DARK, Palette
from listen.console.widgets.pane import Pane

if TYPE_CHECKING:
    from textual.binding import BindingType

WHEEL = 3
"""Lines that a notch of the wheel moves."""


LOWEST = 3
"""Lines of a pane that has one of them to say where it is."""


def whereabouts(above: int, below: int) -> str:
    """How many lines there are above and below what is shown."""
    if above <= 0:
        return f"{below} more line{'s' * (below != 1)} ↓"
    if below <= 0:
        return f"↑ {above} line{'s' * (above != 1)} above"
    return f"↑ {above} above · {below} more ↓"


class Scrolled(Pane, can_focus=True):
    """Lines, scrolled by the keys that move."""

    BINDINGS: ClassVar[list[BindingType]] = keys.bindings("lists", only=keys.MOVES)

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.lines: Sequence[list[Segment]] = ()
        self.top = 0

    def render_line(self, y: int) -> Strip:
        return self.strip(self.row(y), self.content_size.width)

    def row(self, y: int) -> Sequence[Segment]:
        """What stands in a line of the pane; in the last one where this is, when not everything fits."""
        room = self.room
        if y < room:
            return self.lines[self.top + y] if self.top + y < len(self.lines) else ()
        told = whereabouts(self.top, len(self.lines) - self.top - room)
        return [Segment(f"{told:>{self.content_size.width}}", self.app_colours.faint)]

    @property
    def room(self) -> int:
        """Lines that are shown at a time."""
        height = self.content_size.height
        return height if len(self.lines) <= height or height < LOWEST else height - 1

    @property
    def app_colours(self) -> Palette:
        """The colours that were chosen."""
        return getattr(self.app, "colours", DARK)

    def scroll_lines(self, by: int) -> None:
        """Scroll down by so many lines (up when negative), not beyond the last one."""
        before = self.top
        self.top = max(0, min(self.top + by, len(self.lines) - max(1, self.room)))
        if self.top != before:
            self.refresh()

    def on_resize(self) -> None:
        self.scroll_lines(0)

    @property
    def _page(self) -> int:
        return max(1, self.room - 1)

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
