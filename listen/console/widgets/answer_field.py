"""A question that is answered by typing, and below it what is wrong with the answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from rich.segment import Segment
from textual import events, on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.strip import Strip
from textual.widgets import Input

from listen.console import keys
from listen.console.theme import Palette
from listen.console.widgets.line import Line, Pieces
from listen.console.widgets.pane import Pane
from listen.text import one_line

if TYPE_CHECKING:
    from textual.binding import BindingType

LONGEST = 16_384
"""Characters of an answer at most."""


class Entered(Message):
    """The answer is given."""

    def __init__(self, value: str) -> None:
        super().__init__()
        self.value = value


class Left(Message):
    """The question was left without an answer."""


class TextField(Input):
    """A text field whose every printable key is text; down goes on to what stands below it."""

    BINDING_GROUP_TITLE = "While typing"
    BINDINGS: ClassVar[list[BindingType]] = keys.bindings(
        "inputs", only=("input.apply", "input.leave", "input.newer", "input.older")
    )

    def __init__(self, text: str = "") -> None:
        super().__init__(one_line(text), select_on_focus=False, compact=True, max_length=LONGEST)

    def _on_paste(self, event: events.Paste) -> None:
        event.stop()
        event.prevent_default()
        self.insert_text_at_cursor(one_line(event.text[:LONGEST]))

    def action_newer(self) -> None:
        self.screen.focus_next()

    def action_older(self) -> None:
        self.screen.focus_previous()

    def action_apply(self) -> None:
        self.post_message(Entered(self.value))

    def action_leave(self) -> None:
        self.post_message(Left())


class Prompt(Line):
    """What stands before the text field."""

    def __init__(self, colours: Palette, words: str) -> None:
        super().__init__(classes="prompt")
        self.colours, self.words = colours, words

    def on_mount(self) -> None:
        self.styles.width = len(self.words)

    def pieces(self, width: int) -> tuple[Pieces, Pieces]:
        return [Segment(self.words, self.colours.keys)], ()


class Told(Pane):
    """Lines that take the room they need."""

    def __init__(self, colours: Palette, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self.colours = colours
        self.lines: Sequence[Sequence[Segment]] = ()

    def show(self, lines: Sequence[Sequence[Segment]]) -> None:
        """Show these instead."""
        if list(lines) == list(self.lines):
            return
        if len(lines) != len(self.lines):
            self.styles.height = len(lines)
        self.lines = lines
        self.refresh()

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        return self.strip(list(self.lines[y]), width) if y < len(self.lines) else self.blank(width)


class AnswerField(Vertical):
    """A prompt, a text field, and a line below."""

    def __init__(self, colours: Palette, prompt: str, text: str = "", hint: str = "", *, id: str | None = None) -> None:
        super().__init__(id=id, classes="question")
        self.colours, self.hint = colours, hint
        self._said = hint, "faint"
        self.prompt, self.field, self.below = Prompt(colours, prompt), TextField(text), Told(colours)

    def compose(self) -> ComposeResult:
        with Horizontal(classes="answer"):
            yield self.prompt
            yield self.field
        yield self.below

    def on_mount(self) -> None:
        self.field.cursor_position = len(self.field.value)

    def on_resize(self) -> None:
        self.say(*self._said)

    def say(self, words: str, style: str = "faint") -> None:
        """What stands below the field; a fault in red goes away when something else is typed."""
        from listen.console.first.shown import paragraph

        self._said = words, style
        lines = paragraph(words, self.size.width - len(self.prompt.words), getattr(self.colours, style), 0)
        self.below.show([[Segment(" " * len(self.prompt.words)), *line] for line in lines])

    def fault(self, words: str, at: int | None = None) -> None:
        """The answer is no good, and where."""
        self.say(words, "red")
        if at is not None:
            self.field.cursor_position = min(at, len(self.field.value))

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self.say(self.hint)
