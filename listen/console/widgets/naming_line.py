"""The lines in which something gets a name: the field, and below it what is named, or why it cannot have that name."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from rich.segment import Segment
from textual import on
from textual.containers import Horizontal, Vertical
from textual.widgets import Input

from listen.console.format import sure
from listen.console.messages import NameApplied, NameLeft
from listen.console.theme import Palette
from listen.console.widgets.line import Line, Pieces
from listen.console.widgets.typed import Typed
from listen.text import cell_width, one_line

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from listen.query.complete import Known

LONGEST = 64


class Below(Line):
    """What is named, or the fault of the name."""

    def __init__(self, colours: Palette, indent: int) -> None:
        super().__init__(id="naming-below")
        self.colours, self.indent = colours, indent
        self.kind = self.text = self.fault = ""

    def tell(self, kind: str, text: str, fault: str) -> None:
        self.kind, self.text, self.fault = kind, text, fault
        self.draw()

    def pieces(self, width: int) -> tuple[Pieces, Pieces]:
        colours, room = self.colours, max(1, width - self.indent - 1)
        blank = Segment(" " * self.indent, colours.faint)
        if self.fault:
            return [blank, Segment(one_line(self.fault, room), colours.red)], ()
        kind = f"{self.kind}  " if self.kind else ""
        shown = one_line(self.text, max(1, room - cell_width(kind)))
        return [blank, Segment(kind, colours.lit), Segment(shown, colours.faint)], ()


class Before(Line):
    """What stands before the field."""

    def __init__(self, text: str, colours: Palette) -> None:
        super().__init__(id="naming-prompt")
        self.text, self.colours = text, colours
        self.styles.width = cell_width(text)
        self.styles.height = 1

    def pieces(self, width: int) -> tuple[Pieces, Pieces]:
        return [Segment(self.text, self.colours.keys)], ()


class NamingLine(Vertical):
    """The field for a name; where a view is saved, tab says whether it is a queue."""

    def __init__(
        self,
        colours: Palette,
        prompt: str,
        name: str,
        text: str,
        check: Callable[[str], str],
        *,
        kinds: bool = False,
        empties: bool = False,
        longest: int = LONGEST,
    ) -> None:
        """`empties`: whether nothing at all may be typed."""
        super().__init__(id="naming")
        self.prompt = Before(f" {sure(prompt)} ", colours)
        self.input = Typed(name, longest, id="naming-input")
        self.below = Below(colours, cell_width(self.prompt.text))
        self.text, self.check, self.kinds, self.empties, self.queue = text, check, kinds, empties, False
        self.tab = "view or queue" if kinds else ""
        """What tab does, for the footer."""

    def compose(self) -> ComposeResult:
        with Horizontal():
            yield self.prompt
            yield self.input
        yield self.below

    def on_mount(self) -> None:
        self.input.take_focus()
        self.look()

    def look(self) -> None:
        """Say what is named, or why it cannot be."""
        kind = "" if not self.kinds else "a queue, to empty" if self.queue else "a view, to watch"
        self.below.tell(kind, self.text, self.check(self.input.value.strip()))

    def learn(self, known: Known) -> None:
        """A new name is completed by nothing."""

    def refuse(self, fault: str) -> None:
        """Say why not."""
        self.below.tell("", self.text, fault)

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self.look()

    @on(Typed.Key)
    def _key(self, event: Typed.Key) -> None:
        event.stop()
        match event.verb:
            case "complete" if self.kinds:
                self.queue = not self.queue
                self.look()
            case "apply":
                self.post_message(NameApplied(self.input.value.strip(), self.queue))
            case "leave":
                self.post_message(NameLeft())
