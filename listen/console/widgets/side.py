"""The side pane: topics, saved views and queues with their numbers, and how well the sources are heard."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar

from rich.segment import Segment
from textual import events
from textual.geometry import Region
from textual.strip import Strip

from listen.console import keys
from listen.console.answers import Glance
from listen.console.messages import ViewChosen
from listen.console.theme import Palette
from listen.console.view import View
from listen.console.widgets.pane import Pane
from listen.console.widgets.sections import Entry, Section, active, heading, layout, line, source_lines

if TYPE_CHECKING:
    from textual.binding import BindingType

Drawn = tuple[Sequence[Segment], bool]
"""(pieces, whether the cursor is on that line)"""


class Side(Pane, can_focus=True):
    """What can be chosen above, in sections that scroll with the cursor; the sources below, where there is room."""

    BINDING_GROUP_TITLE = "Views"
    SCOPES: ClassVar[tuple[keys.Scope, ...]] = ("lists", "views")
    BINDINGS: ClassVar[list[BindingType]] = [
        *keys.bindings("lists", "views"),
        *keys.bindings("mentions", only=keys.free("mentions", beside="views")),  # they say where they belong
    ]

    def __init__(self, colours: Palette, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.colours = colours
        self.active = ""
        """The query of the line that is shown."""
        self.cursor = 0
        self.top = 0
        """The first line in view."""
        self._sections: Sequence[Section] = ()
        self._glance = Glance()
        self._places: dict[int, int] = {}
        """Line of the pane -> entry."""
        self._lines: list[Drawn] = []
        self._fitted = (0, 0)
        self._strips: dict[int, Strip] = {}

    @property
    def entries(self) -> list[Entry]:
        """What can be chosen."""
        return [entry for section in self._sections for entry in section.entries]

    @property
    def current(self) -> Entry | None:
        """The line under the cursor."""
        return self.entries[self.cursor] if self.cursor < len(self.entries) else None

    def show(self, listed: Sequence[Section], glance: Glance, view: View) -> None:
        """Show these sections, with a mark where the view is."""
        shown = active(listed, view)
        if (listed, shown) != (self._sections, self.active) or glance is not self._glance:
            self._sections, self._glance, self.active = listed, glance, shown
            self.draw()

    def draw(self) -> None:
        """Lay out all lines, and paint those that have changed."""
        if not self.size.width or self.size != self._fitted:
            self._fitted = (0, 0)  # it has to be painted whole anyway
            return
        lines = self._laid_out()
        height = max(len(lines), len(self._lines))
        changed = [y for y in range(height) if lines[y : y + 1] != self._lines[y : y + 1]]
        self._lines = lines
        for y in changed:
            self._strips.pop(y, None)
        if changed:
            self.refresh(*(Region(0, y, self.size.width, 1) for y in changed if y < self.size.height))

    def _laid_out(self) -> list[Drawn]:
        """The lines in view."""
        (width, height), colours = self.size, self.colours
        at = layout(self._sections, max(12, width))
        self.cursor = max(0, min(self.cursor, len(self.entries) - 1))
        lines: list[Drawn] = []
        places: dict[int, int] = {}
        number = 0
        for section in self._sections:
            lines += [((), False), (heading(section, at, colours), False)]
            for entry in section.entries:
                here = self.has_focus and number == self.cursor
                places[len(lines)] = number
                shown = entry.text == self.active
                lines.append((line(entry, at, colours, shown=shown, under_cursor=here), here))
                number += 1
        self._scroll(len(lines), places, height)
        if len(lines) <= height:
            below = source_lines(self._glance, height - len(lines), max(12, width), colours)
            lines += [(pieces, False) for pieces in below]
        self._places = {y - self.top: place for y, place in places.items()}
        return lines[self.top : self.top + height]

    def _scroll(self, count: int, places: Mapping[int, int], height: int) -> None:
        """Bring the cursor's line into view, else the line that is shown; with the headings where there is room."""
        wanted = self.cursor
        if not self.has_focus:
            wanted = next((at for at, entry in enumerate(self.entries) if entry.text == self.active), 0)
        at = next((y for y, place in places.items() if place == wanted), 0)
        above = 2 if at - 1 not in places else 0
        self.top = max(0, min(self.top, at - above, count - height), at - height + 1)

    def render_line(self, y: int) -> Strip:
        if self.size != self._fitted:
            self._fitted, self._strips = self.size, {}
            self._lines = self._laid_out()
        if y not in self._strips:
            pieces, here = self._lines[y] if y < len(self._lines) else ((), False)
            self._strips[y] = self.strip(pieces, self.size.width, self.colours.under_cursor if here else None)
        return self._strips[y]

    def recolour(self, colours: Palette) -> None:
        super().recolour(colours)
        self._fitted = (0, 0)

    def forget_strips(self) -> None:
        self._strips.clear()

    def on_focus(self) -> None:
        self.cursor = next((at for at, entry in enumerate(self.entries) if entry.text == self.active), 0)
        self.draw()

    def on_blur(self) -> None:
        self.draw()

    # --- keys --------------------------------------------------------------------------------------------------------

    def _go(self, to: int) -> None:
        self.cursor = max(0, min(to, len(self.entries) - 1))
        self.draw()

    def action_down(self) -> None:
        self._go(self.cursor + 1)

    def action_up(self) -> None:
        self._go(self.cursor - 1)

    def action_half_down(self) -> None:
        self._go(self.cursor + 5)

    def action_half_up(self) -> None:
        self._go(self.cursor - 5)

    def action_page_down(self) -> None:
        self._go(len(self.entries))

    def action_page_up(self) -> None:
        self._go(0)

    def action_top(self) -> None:
        self._go(0)

    def action_bottom(self) -> None:
        self._go(len(self.entries))

    def action_open(self) -> None:
        if self.entries:
            self.post_message(ViewChosen(self.entries[self.cursor]))

    def on_click(self, event: events.Click) -> None:
        place = self._places.get(event.y)
        if place is not None:
            self.cursor = place
            self.action_open()

    def on_mouse_scroll_down(self) -> None:
        self._go(self.cursor + 1)

    def on_mouse_scroll_up(self) -> None:
        self._go(self.cursor - 1)
