"""The detail pane: one mention in full, scrolled by itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.geometry import Region
from textual.selection import Selection
from textual.strip import Strip

from listen.console import keys
from listen.console.facts import Line
from listen.console.reading import plain_text
from listen.console.widgets.scrolled import Scrolled

if TYPE_CHECKING:
    from textual.binding import BindingType


class Detail(Scrolled):
    """A mention's lines."""

    BINDING_GROUP_TITLE = "The mention"
    BINDINGS: ClassVar[list[BindingType]] = keys.bindings("lists", "mentions")
    ALLOW_SELECT = True

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.mention_id: int | None = None

    def show(self, mention_id: int | None, lines: Sequence[Line]) -> None:
        """Show a mention's lines; the place is kept when it is the same mention."""
        if mention_id == self.mention_id and lines == self.lines:
            return
        width, height = self.content_size
        before = [self.row(y) for y in range(height)]
        if mention_id != self.mention_id:
            self.top = 0
            self.mention_id = mention_id
        self.lines = lines
        self.top = max(0, min(self.top, len(lines) - max(1, self.room)))
        # `refresh` counts from where the content begins
        changed = [Region(0, y, width, 1) for y in range(height) if list(before[y]) != list(self.row(y))]
        if changed:
            self.refresh(*changed)

    def render_line(self, y: int) -> Strip:
        strip, at, width = super().render_line(y), y + self.top, self.content_size.width
        if y >= self.room:
            return strip
        selection = self.text_selection
        if selection is not None and (span := selection.get_span(at)) is not None:
            start, end = span
            end = width if end == -1 else min(end, width)
            marked = strip.crop(start, end).apply_style(self.screen.get_component_rich_style("screen--selection"))
            strip = Strip.join([strip.crop(0, start), marked, strip.crop(end, width)])
        return strip.apply_offsets(0, at)

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """What the mouse has marked, as shown."""
        return selection.extract("\n".join(plain_text(list(self.lines)))), "\n"

    def selection_updated(self, selection: Selection | None) -> None:
        """Paint what is marked now."""
        self.refresh()
