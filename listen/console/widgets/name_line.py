"""The line in which a part of a name is typed: the list follows each key."""

from __future__ import annotations

from typing import ClassVar

from rich.segment import Segment
from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.widgets import Input

from listen.console import keys
from listen.console.messages import FilterApplied, FilterLeft, FilterTyped
from listen.console.theme import Palette
from listen.console.widgets.line import Line, Pieces
from listen.text import cell_width, one_line

LONGEST = 200


class NameInput(Input):
    """A text field whose every printable key is text."""

    BINDING_GROUP_TITLE = "The name"
    BINDINGS: ClassVar[list[BindingType]] = keys.bindings("inputs", only=("input.apply", "input.leave"))

    def __init__(self, text: str) -> None:
        super().__init__(text, id="filter-input", select_on_focus=False, compact=True, max_length=LONGEST)

    def _on_paste(self, event: events.Paste) -> None:
        event.stop()
        event.prevent_default()
        self.insert_text_at_cursor(one_line(event.text[:LONGEST]))

    def action_apply(self) -> None:
        self.post_message(FilterApplied(self.value))

    def action_leave(self) -> None:
        self.post_message(FilterLeft())


class NamePrompt(Line):
    """What stands before the text field."""

    def __init__(self, colours: Palette, told: str) -> None:
        super().__init__(id="filter-prompt")
        self.colours, self.told = colours, told
        self.styles.width = cell_width(told) + 2

    def pieces(self, width: int) -> tuple[Pieces, Pieces]:
        return [Segment(f" {self.told} ", self.colours.keys)], ()


class NameLine(Horizontal):
    """The text field with its prompt."""

    def __init__(self, colours: Palette, text: str, prompt: str = "name") -> None:
        super().__init__(id="name")
        self.colours, self.input, self.prompt = colours, NameInput(text), prompt

    def compose(self) -> ComposeResult:
        yield NamePrompt(self.colours, self.prompt)
        yield self.input

    def on_mount(self) -> None:
        # At once: `focus()` waits for its turn, and keys typed meanwhile would be verbs.
        self.screen.set_focus(self.input)
        self.input.cursor_position = len(self.input.value)

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self.post_message(FilterTyped(event.value))
