"""The line in which words are typed that shall be found in the list."""

from __future__ import annotations

from rich.segment import Segment
from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal

from listen.console.messages import FindApplied, FindLeft, FindStepped, FindTyped
from listen.console.theme import Palette
from listen.console.widgets.line import Line, Pieces
from listen.console.widgets.typed import Typed
from listen.text import one_line

PROMPT = " find "
LONGEST = 1_000
"""Characters at most."""


class Words(Line):
    """What stands before the field, or behind it."""

    def __init__(self, colours: Palette, text: str, style: str, *, id: str) -> None:
        super().__init__(id=id)
        self.colours, self.text, self.look = colours, text, style

    def tell(self, text: str, style: str) -> None:
        """Show this."""
        self.text, self.look = text, style
        self.draw()

    def pieces(self, width: int) -> tuple[Pieces, Pieces]:
        return (), [Segment(one_line(self.text, max(1, width - 1)) + " ", getattr(self.colours, self.look))]


class FindLine(Horizontal):
    """The field, and beside it what was found."""

    def __init__(self, colours: Palette) -> None:
        super().__init__(id="find")
        self.prompt = Words(colours, PROMPT.rstrip(), "keys", id="find-prompt")
        self.input = Typed("", LONGEST, id="find-input")
        self.beside = Words(colours, "", "faint", id="find-beside")

    def compose(self) -> ComposeResult:
        yield self.prompt
        yield self.input
        yield self.beside

    def on_mount(self) -> None:
        self.input.take_focus()

    @on(Typed.Changed)
    def _typed(self, event: Typed.Changed) -> None:
        event.stop()
        self.post_message(FindTyped(event.value))

    @on(Typed.Key)
    def _key(self, event: Typed.Key) -> None:
        event.stop()
        match event.verb:
            case "walk":
                self.post_message(FindStepped(event.by))
            case "apply":
                self.post_message(FindApplied())
            case "leave":
                self.post_message(FindLeft())

    def tell(self, message: str, found: tuple[int, bool] | None) -> None:
        """Why nothing is found, or nothing yet; else how many mentions have the words, and whether those are all."""
        count = "" if found is None else f"{found[0]:,}{'' if found[1] else '+'} found"
        self.beside.tell(message or count, "amber" if message else "faint")
