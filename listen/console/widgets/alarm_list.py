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
from listen.store.outbox import Stuck

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
    """The alert's number, or the rule's name, or what tells these letters from others."""
    name: str
    """The rule's name, or where the letters should go. Foreign text."""
    alert: Alert | None = None
    """None: it stands for the rule itself, or for letters."""
    stuck: Stuck | None = None
    """Letters that did not arrive."""

    @property
    def is_rule(self) -> bool:
        """Whether it stands for a rule itself."""
        return self.alert is None and self.stuck is None


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

    def tell(self, alerts: Sequence[Alert], stuck: Iterable[Stuck], rules: Iterable[str], note: Note) -> None:
        """Show these: what is open, what did not arrive, what is over, the rules."""
        self._instances = any(one.instance for one in alerts)
        open_, over = ([Entry(one.id, one.rule, one) for one in alerts if one.open == state] for state in (True, False))
        letters = [Entry("\0".join(one[:3]), f"notify:{one.target}", stuck=one) for one in stuck]
        self.show([*open_, *letters, *over, *(Entry(name, name) for name in rules)], note)

    def drawn(self, at: int) -> Line:
        look = Look(at == self.cursor, self.has_focus)
        return self._entry_line(self.entries[at], columns(self.size.width, instances=self._instances), look)
