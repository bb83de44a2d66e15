"""A few things that can be done next, one of them under the cursor; enter does it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from rich.segment import Segment
from textual import events
from textual.binding import Binding
from textual.message import Message
from textual.strip import Strip

from listen.console import keys
from listen.console.theme import BAR, Palette
from listen.console.widgets.pane import Pane
from listen.text import cell_width, one_line

if TYPE_CHECKING:
    from textual.binding import BindingType

GAP = "   "
"""Between two choices that stand in one line."""


class Choice(NamedTuple):
    """One of them. The hint is for lists that have a line for each."""

    id: str
    label: str
    hint: str = ""


class Chosen(Message):
    """The person wants this."""

    def __init__(self, id: str) -> None:
        super().__init__()
        self.id = id


class Choices(Pane, can_focus=True):
    """Choices below each other, or side by side in one line."""

    BINDING_GROUP_TITLE = "What next"
    BINDINGS: ClassVar[list[BindingType]] = [
        *keys.bindings("lists", only=("list.down", "list.up", "list.open")),
        Binding("right", "along(1)", show=False),
        Binding("left", "along(-1)", show=False),
    ]

    def __init__(
        self, colours: Palette, choices: Sequence[Choice], *, flat: bool = False, id: str | None = None
    ) -> None:
        super().__init__(id=id)
        self.colours, self.choices, self.flat = colours, list(choices), flat
        self.cursor = 0
        self.spill: Callable[[str], None] | None = None
        """Takes signs that are typed here and mean nothing."""

    def on_key(self, event: events.Key) -> None:
        """What is no key of anything here is meant for the text field."""
        if self.spill and event.is_printable and event.character and event.key not in self.screen.active_bindings:
            event.stop()
            self.spill(event.character)

    def offer(self, choices: Sequence[Choice]) -> None:
        """Other choices; while somebody chooses, the cursor stays on the one it was on, else it is on the first."""
        if list(choices) == self.choices:
            return
        before = self.choices[self.cursor].id if self.choices and self.has_focus else ""
        self.choices = list(choices)
        self.cursor = next((at for at, one in enumerate(self.choices) if one.id == before), 0)
        self.refresh()

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        if self.flat:
            return self.strip(self._in_line(width), width) if y == 0 else self.blank(width)
        return self.strip(self._row(y, width), width) if y < len(self.choices) else self.blank(width)

    def _row(self, at: int, width: int) -> list[Segment]:
        choice, here = self.choices[at], at == self.cursor and self.has_focus
        colours = self.colours
        label = f"{choice.label:<{max(len(one.label) for one in self.choices)}}"
        return [
            Segment(BAR if here else " ", colours.lit),
            Segment(f" {label}", colours.bold if here else colours.plain),
            Segment("   " + one_line(choice.hint, max(1, width - len(label) - 6)), colours.faint),
        ]

    def _in_line(self, width: int) -> list[Segment]:
        colours, line = self.colours, [Segment(" ", self.colours.faint)]
        used = 1
        for at, choice in enumerate(self.choices):
            here = at == self.cursor
            if used + cell_width(choice.label) + len(GAP) > width:
                break
            style = (colours.badge if self.has_focus else colours.bold) if here else colours.plain
            line += [Segment(f" {choice.label} ", style), Segment(GAP[1:], colours.faint)]
            used += cell_width(choice.label) + len(GAP) + 1
        return line

    def on_focus(self) -> None:
        self.refresh()

    def on_blur(self) -> None:
        self.refresh()

    def on_click(self, event: events.Click) -> None:
        at = event.y
        if self.flat:
            ends = 1
            for at, choice in enumerate(self.choices):  # noqa: B007 - the one that was hit is wanted
                ends += cell_width(choice.label) + len(GAP) + 1
                if event.x < ends:
                    break
        if 0 <= at < len(self.choices):
            self.cursor = at
            self.action_open()

    def action_along(self, by: int) -> None:
        """The choice beside it, where they stand side by side."""
        self.cursor = max(0, min(self.cursor + by, len(self.choices) - 1))
        self.refresh()

    def action_down(self) -> None:
        if self.flat or self.cursor == len(self.choices) - 1:
            return
        self.action_along(1)

    def action_up(self) -> None:
        if self.flat or self.cursor == 0:
            self.screen.focus_previous()
        else:
            self.action_along(-1)

    def action_open(self) -> None:
        if self.choices:
            self.post_message(Chosen(self.choices[self.cursor].id))
