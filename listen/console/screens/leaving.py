"""The one question that leaving asks, once: whether to keep listening while the console is closed."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Protocol

from rich.segment import Segment
from textual.screen import ModalScreen
from textual.strip import Strip

from listen.console import keys
from listen.console.keys import Key, shown
from listen.console.theme import Palette
from listen.console.widgets.footer import Footer
from listen.console.widgets.pane import Pane

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult
    from textual.binding import BindingType


class Collects(Protocol):
    """What a console knows of the collector that is started for it."""

    keeps: bool | None

    @property
    def personal(self) -> bool:
        """Whether it is for this person to say what becomes of it."""

    def ensure(self) -> None:
        """Start one unless somebody collects; raises when it has failed."""

    def asks(self) -> bool:
        """Whether leaving has to ask what becomes of it."""

    def keep(self, on: bool) -> None:
        """Whether it goes on when the console is closed, from now on."""


class Question(Pane):
    """The question, and what each key does."""

    def __init__(self, table: Sequence[Key], colours: Palette) -> None:
        super().__init__()
        self.table, self.colours = table, colours

    def _lines(self) -> list[list[Segment]]:
        colours = self.colours
        told = [
            ("leave.stay-on", "keep listening, also after this terminal is closed"),
            ("leave.end", "stop: the collector ends with the console"),
            ("app.out", "stay here"),
        ]
        by_id = {key.id: key for key in self.table}
        answers = [
            [Segment(f"   {shown(by_id[name].keys[0]):<5}", colours.keys), Segment(does, colours.plain)]
            for name, does in told
        ]
        ask = [Segment("  Keep listening while the console is closed?", colours.bold)]
        later = f"  Remembered for this store; {shown(by_id['app.palette'].keys[0])} “when I leave” changes it."
        return [[], ask, [], *answers, [], [Segment(later, colours.faint)]]

    def render_line(self, y: int) -> Strip:
        lines = self._lines()
        return self.strip(lines[y], self.size.width) if y < len(lines) else self.blank(self.size.width)


class Leaving(ModalScreen[bool]):
    """The answer: whether the collector goes on; none when the person stays."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *keys.bindings("leaving"),
        *keys.bindings("global", only=("app.out", "app.back", "app.quit")),
    ]

    def __init__(self, table: Sequence[Key], colours: Palette) -> None:
        super().__init__()
        self.question, self.footer = Question(table, colours), Footer(colours)

    def compose(self) -> ComposeResult:
        yield self.question
        yield self.footer

    def action_answer(self, keep: bool) -> None:
        """Leave with this answer."""
        self.dismiss(keep)
