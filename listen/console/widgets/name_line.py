"""The line in which a part of a name, or a few words, are typed: the list follows each key."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Input

from listen.console.messages import FilterApplied, FilterLeft, FilterTyped
from listen.console.theme import Palette
from listen.console.widgets.naming_line import Before
from listen.console.widgets.typed import Typed

LONGEST = 200


class NameLine(Horizontal):
    """The text field with its prompt."""

    def __init__(self, colours: Palette, text: str, prompt: str = "name") -> None:
        super().__init__(id="name")
        self.prompt, self.input = Before(f" {prompt} ", colours), Typed(text, LONGEST)

    def compose(self) -> ComposeResult:
        yield self.prompt
        yield self.input

    def on_mount(self) -> None:
        self.input.take_focus()

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self.post_message(FilterTyped(event.value))

    @on(Typed.Key)
    def _key(self, event: Typed.Key) -> None:
        event.stop()
        match event.verb:
            case "apply":
                self.post_message(FilterApplied(self.input.value))
            case "leave":
                self.post_message(FilterLeft())
