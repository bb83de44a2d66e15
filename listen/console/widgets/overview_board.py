"""The overview's page: a cursor goes from number to number, and only lines that change are painted."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Region
from textual.strip import Strip

from listen.console import keys, spots
from listen.console.messages import CursorMoved
from listen.console.notes import Note
from listen.console.spots import Page, Placed
from listen.console.theme import BAR, Palette
from listen.console.widgets.pane import Pane
from listen.text import cell_width

if TYPE_CHECKING:
    from textual.binding import BindingType

HERE = ("list.open", "list.filter", "list.next-view", "list.previous-view", *keys.MOVES)
"""What the keys of lists that mean something here are."""

HOLES = ("▲", "[]")
"""What stands in the place of a cell among others that the cursor is on, of one column or two."""

WHEEL = 3
"""Lines that a notch of the wheel moves."""

Look = tuple[tuple[Segment, ...], int, int, bool]
"""A line as it was painted: its pieces, and the cells that the cursor is on."""


def over(strip: Strip, style: Style, sign: str = "") -> Strip:
    """Cells with a style laid over theirs, whatever ground they have; all of them that sign, if one is given."""
    return Strip([Segment(sign * cell_width(text) or text, (own or Style.null()) + style) for text, own, _ in strip])


class OverviewBoard(Pane, can_focus=True):
    """A page, its cursor and where it is scrolled to."""

    BINDING_GROUP_TITLE = "Overview"
    BINDINGS: ClassVar[list[BindingType]] = [
        *keys.bindings("lists", only=HERE),
        *keys.elsewhere("lists", "mentions", "alerts, sources", but=(), besides=HERE),
    ]

    def __init__(self, colours: Palette) -> None:
        super().__init__()
        self.colours = colours
        self.page = Page()
        self.here: Placed | None = None
        self.top = 0
        self.note: Note = ()
        """What stands on an empty page."""
        self._painted: dict[int, Look] = {}

    def show(self, page: Page, note: Note) -> None:
        """Show this page; what the cursor is on keeps its place on the screen."""
        before = self.here
        at_top = self.top == 0 and (before is None or not self.page.spots or before is self.page.spots[0])
        self.page, self.note = page, note
        self.here = spots.again(page, None if at_top and before and before.line == 0 else before)
        if before is not None and self.here is not None and self.top:
            self.top += self.here.line - before.line
        self._keep_in_view()
        self.draw()

    @property
    def below(self) -> int:
        """Lines below those in view."""
        return max(0, len(self.page.lines) - self.top - self.size.height)

    def _keep_in_view(self) -> None:
        """Scroll so far that the cursor is in view, with the chart above it and the head of the page where it fits."""
        height = max(1, self.size.height)
        if self.here is not None:
            high = max(0, self.here.line - max(1, self.here.spot.above))
            if self.here.line - high >= height:
                high = self.here.line
            self.top = max(self.here.line - height + 1, min(self.top, high))
        self.top = max(0, min(self.top, len(self.page.lines) - height))

    # --- painting ----------------------------------------------------------------------------------------------------

    def draw(self) -> None:
        """Paint the lines that have changed since they were painted."""
        width = self.size.width
        changed = [y for y in range(self.size.height) if self._painted.get(y) != self._look(y)]
        if changed:
            self.refresh(*(Region(0, y, width, 1) for y in changed))

    def _look(self, y: int) -> Look:
        at = self.top + y
        pieces = self.page.lines[at] if at < len(self.page.lines) else () if self.page.lines else self._note_line(y)
        here = self.here
        if here is None or not here.line - here.spot.above <= at <= here.line:
            return tuple(pieces), 0, 0, False
        return tuple(pieces), here.spot.start, here.spot.width, at == here.line

    def _note_line(self, y: int) -> list[Segment]:
        first = max(0, (self.size.height - len(self.note)) // 3)
        if not 0 <= y - first < len(self.note):
            return []
        text, style = self.note[y - first]
        indent = max(1, (self.size.width - max(cell_width(line) for line, _ in self.note)) // 2)
        return [Segment(" " * indent + text, getattr(self.colours, style))]

    def render_line(self, y: int) -> Strip:
        look = self._painted[y] = self._look(y)
        pieces, start, wide, mark = look
        width = self.size.width
        strip = self.strip(pieces, width)
        if not wide:
            return strip
        lit = over(strip.crop(start, start + wide), self.colours.under_cursor)
        before, after = strip.crop(0, start), strip.crop(start + wide, width)
        if not mark:
            return Strip.join([before, lit, after])
        lively = self.colours.lit_bold if self.has_focus else self.colours.faint
        if self.here is not None and self.here.spot.above:
            arrow = self.strip([Segment("▲" * wide, self.colours.under_cursor + lively)], wide)
            return Strip.join([before, arrow, after])
        if self.here is not None and self.here.spot.lean:
            sign = self.strip([Segment(HOLES[wide > 1], self.colours.under_cursor + lively)], wide)
            return Strip.join([before, sign, after])
        edge = over(strip.crop(start - 1, start), lively, BAR)
        return Strip.join([strip.crop(0, start - 1), edge, lit, after])

    def on_resize(self) -> None:
        self._painted.clear()
        self._keep_in_view()

    def forget_strips(self) -> None:
        self._painted.clear()

    def on_focus(self) -> None:
        self.refresh()

    def on_blur(self) -> None:
        self.refresh()

    # --- keys --------------------------------------------------------------------------------------------------------

    def _go(self, to: Placed | None) -> None:
        if to is not None and to != self.here:
            self.here = to
            self._keep_in_view()
            self.post_message(CursorMoved())
        self.draw()

    def _scroll(self, by: int) -> None:
        """So many lines down, and the cursor with them."""
        if self.here is None:
            return
        top = self.top
        self.top = max(0, min(self.top + by, len(self.page.lines) - max(1, self.size.height)))
        line = self.here.line + (self.top - top if self.top != top else by)
        self._go(spots.nearest(self.page, line, self.here.spot.start, self.here.column))
        self.post_message(CursorMoved())

    def go_beside(self, by: int) -> None:
        """To the next number of the row, or the one before."""
        if self.here is not None:
            self._go(spots.beside(self.page, self.here, by))

    def action_down(self) -> None:
        if self.here is not None:
            to = spots.below(self.page, self.here, 1)
            self._go(to) if to is not self.here else self._scroll(1)

    def action_up(self) -> None:
        if self.here is not None:
            to = spots.below(self.page, self.here, -1)
            self._go(to) if to is not self.here else self._scroll(-1)

    def action_half_down(self) -> None:
        self._scroll(max(1, self.size.height // 2))

    def action_half_up(self) -> None:
        self._scroll(-max(1, self.size.height // 2))

    def action_page_down(self) -> None:
        self._scroll(max(1, self.size.height - 1))

    def action_page_up(self) -> None:
        self._scroll(-max(1, self.size.height - 1))

    def action_top(self) -> None:
        self.top = 0
        self._go(self.page.spots[0] if self.page.spots else None)

    def action_bottom(self) -> None:
        self.top = max(0, len(self.page.lines) - self.size.height)
        if self.here is not None:
            self._go(spots.nearest(self.page, len(self.page.lines), 0, self.here.column))

    def on_click(self, event: events.Click) -> None:
        line = self.top + event.y
        at = [
            one
            for one in self.page.spots
            if one.line - one.spot.above <= line <= one.line
            and one.spot.start <= event.x < one.spot.start + one.spot.width
        ]
        if at:
            self._go(at[0])

    def on_mouse_scroll_down(self) -> None:
        self._scroll(WHEEL)

    def on_mouse_scroll_up(self) -> None:
        self._scroll(-WHEEL)
