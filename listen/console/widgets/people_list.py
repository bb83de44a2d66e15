"""The list of people: one a line, painted as the list of sources is."""

from __future__ import annotations

from collections.abc import Callable, Sequence, Set
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from listen.console import keys
from listen.console.facts import Line
from listen.console.format import Look
from listen.console.notes import Note
from listen.console.people_lines import Columns, columns
from listen.console.theme import Palette
from listen.console.widgets.rows import Rows
from listen.insight.people import Talker

if TYPE_CHECKING:
    from textual.binding import BindingType

HERE = (
    "list.open", "list.filter", "list.find", "list.drop-filter", "list.order", "list.mark", "list.next-view",
    "list.previous-view", *keys.MOVES,
)  # fmt: skip
"""What the keys of lists that mean something here are."""


class Entry(NamedTuple):
    """A line of the list."""

    key: int
    """The person."""
    talker: Talker


class PeopleList(Rows[Entry]):
    """One person a line; the cursor stays on whom it is on when the order changes."""

    BINDING_GROUP_TITLE = "People"
    BINDINGS: ClassVar[list[BindingType]] = [
        *keys.bindings("lists", only=HERE),
        *keys.bindings("people"),
        *keys.elsewhere("lists", "mentions", "alerts, sources", but=("people",), besides=HERE),
    ]

    def __init__(self, colours: Palette, draw: Callable[[Talker, Columns, Look], Line]) -> None:
        super().__init__(colours)
        self._talker_line = draw
        self.marks: Set[int] = frozenset()

    def tell(self, talkers: Sequence[Talker], marks: Set[int], note: Note) -> None:
        """Show these."""
        self.marks = marks
        self.show([Entry(one.who.person, one) for one in talkers], note)

    @property
    def talker(self) -> Talker | None:
        """Whom the cursor is on."""
        return self.current.talker if self.current is not None else None

    def drawn(self, at: int) -> Line:
        entry = self.entries[at]
        look = Look(at == self.cursor, self.has_focus, entry.key in self.marks)
        return self._talker_line(entry.talker, columns(self.size.width), look)
