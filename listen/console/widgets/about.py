"""The pane beside the list of sources: one of them in full, scrolled by itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.geometry import Region

from listen.console.facts import Line
from listen.console.roster import Key
from listen.console.widgets.roster_list import RosterList
from listen.console.widgets.scrolled import Scrolled

if TYPE_CHECKING:
    from textual.binding import BindingType


class AboutPane(Scrolled):
    """What is known of a source or channel."""

    BINDING_GROUP_TITLE = "The source"
    BINDINGS: ClassVar[list[BindingType]] = RosterList.BINDINGS

    def __init__(self) -> None:
        super().__init__(id="about")
        self.key: Key | None = None

    def show(self, key: Key | None, lines: Sequence[Line]) -> None:
        """Show these lines; the place is kept while they are about the same source."""
        before, top = self.lines, self.top
        if key != self.key:
            self.key, self.top = key, 0
        self.lines = lines
        self.scroll_lines(0)
        width, height = self.content_size
        changed = [
            Region(0, y, width, 1)
            for y in range(height)
            if list(before[top + y : top + y + 1]) != list(lines[self.top + y : self.top + y + 1])
        ]
        if changed:
            self.refresh(*changed)
