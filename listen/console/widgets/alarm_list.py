"""The list of alerts: one a line, what is open first; below them the rules that run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
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

VERBS = (
    "alert.done", "alert.dismiss", "alert.silence", "alert.note", "alert.rule", "alert.toggle", "alert.try",
)  # fmt: skip


class Entry(NamedTuple):
    """A line of the list."""

    key: int | str
    """The alert's number, or the rule's name."""
    name: str
    """The rule's name. Foreign text."""
    alert: Alert | None = None
    """None: it stands for the rule itself."""


class AlertList(Rows[Entry]):
    """One alert a line; the cursor stays on what it is on."""

    FOLLOWS = False
    BINDING_GROUP_TITLE = "Alerts"
    BINDINGS: ClassVar[list[BindingType]] = [
        *keys.bindings("lists", only=HERE),
        *keys.elsewhere("lists", "mentions", "alerts, sources", but=(), besides=(*HERE, *VERBS)),
        *keys.bindings("alerts, sources", only=VERBS),
    ]

    def __init__(self, colours: Palette, draw: Callable[[Entry, Columns, Look], Line]) -> None:
        super().__init__(colours)
        self._entry_line = draw
        self._instances = False

    def tell(self, alerts: Sequence[Alert], rules: Iterable[str], note: Note) -> None:
        """Show these."""
        self._instances = any(one.instance for one in alerts)
        listed = [Entry(one.id, one.rule, one) for one in alerts]
        self.show([*listed, *(Entry(name, name) for name in rules)], note)

    def drawn(self, at: int) -> Line:
        look = Look(at == self.cursor, self.has_focus)
        return self._entry_line(self.entries[at], columns(self.size.width, instances=self._instances), look)
