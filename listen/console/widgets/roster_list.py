"""The list of sources and channels."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar

from listen.console import keys
from listen.console.facts import Line
from listen.console.format import Look
from listen.console.roster import Entry
from listen.console.roster_lines import Columns, columns
from listen.console.theme import Palette
from listen.console.widgets.rows import Rows

if TYPE_CHECKING:
    from textual.binding import BindingType

HERE = ("list.open", "list.filter", "list.find", "list.drop-filter", "list.order", *keys.MOVES)
"""What the keys of lists that mean something here are."""

Draw = Callable[[Entry, Columns, Look], Line]


class RosterList(Rows[Entry]):
    """One source or channel a line; the cursor stays on what it is on when the order changes."""

    FOLLOWS = False
    BINDING_GROUP_TITLE = "Sources"
    BINDINGS: ClassVar[list[BindingType]] = [
        *keys.bindings("lists", only=HERE),
        *keys.elsewhere("lists", "mentions", "alerts, sources", but=(), besides=(*HERE, *keys.OF_SOURCES)),
        *keys.bindings("alerts, sources", only=keys.OF_SOURCES),
    ]

    def __init__(self, colours: Palette, draw: Draw) -> None:
        super().__init__(colours)
        self._draw = draw

    def drawn(self, at: int) -> Line:
        return self._draw(self.entries[at], columns(self.size.width), Look(at == self.cursor, self.has_focus))
