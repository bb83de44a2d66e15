"""The list of alerts: one a line, what is open first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from listen.console import keys
from listen.console.alarm_lines import Columns, columns
from listen.console.facts import Line
from listen.console.format import Look
from listen.console.notes import Note
from listen.console.theme import Palette
from listen.console.widgets.rows import Rows
from listen.store.alerts import Alert

if TYPE_CHECKING:
    from textual.binding import BindingType

HERE = ("list.open", "list.order", *keys.MOVES)
"""What the keys of lists that mean something here are."""

VERBS = ("alert.done", "alert.dismiss", "alert.silence", "alert.note", "alert.try")


class Entry(NamedTuple):
    """A line of the list."""

    key: int
    """The alert's number."""
    alert: Alert


class AlertList(Rows[Entry]):
    """One alert a line; the cursor stays on what it is on."""

    BINDING_GROUP_TITLE = "Alerts"
    BINDINGS: ClassVar[list[BindingType]] = [
        *keys.bindings("lists", only=HERE),
        *keys.elsewhere("lists", "mentions", "alerts, sources", but=(), besides=(*HERE, *VERBS)),
        *keys.bindings("alerts, sources", only=VERBS),
    ]

    def __init__(self, colours: Palette, draw: Callable[[Alert, Columns, Look], Line]) -> None:
        super().__init__(colours)
        self._alert_line = draw

    def tell(self, alerts: Sequence[Alert], note: Note) -> None:
        """Show these."""
        self.show([Entry(one.id, one) for one in alerts], note)

    def drawn(self, at: int) -> Line:
        look = Look(at == self.cursor, self.has_focus)
        return self._alert_line(self.entries[at].alert, columns(self.size.width), look)
