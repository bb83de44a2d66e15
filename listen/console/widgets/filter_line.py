"""The line in which a filter is typed: its fault under the caret and its count while it is being typed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.segment import Segment
from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import Input

from listen.console import keys
from listen.console.answers import Checked
from listen.console.messages import FilterApplied, FilterLeft, FilterTyped
from listen.console.theme import Palette
from listen.console.widgets.line import Line, Pieces
from listen.query import QueryError
from listen.text import cell_width, one_line

PROMPT = " filter "

LONGEST = 16_384
"""Characters of a query at most, as the language has it."""


class FilterInput(Input):
    """A text field whose every printable key is text."""

    BINDING_GROUP_TITLE = "The filter"
    BINDINGS: ClassVar[list[BindingType]] = keys.bindings("inputs")

    def __init__(self, text: str, history: Sequence[str]) -> None:
        super().__init__(one_line(text), select_on_focus=False, compact=True, max_length=LONGEST)
        self._history = history
        self._at = len(history)
        self._draft = self.value

    def _on_paste(self, event: events.Paste) -> None:
        event.stop()
        event.prevent_default()
        self.insert_text_at_cursor(one_line(event.text[:LONGEST]))

    def action_older(self) -> None:
        self._walk(-1)

    def action_newer(self) -> None:
        self._walk(1)

    def _walk(self, by: int) -> None:
        if self._at == len(self._history):
            self._draft = self.value
        self._at = max(0, min(self._at + by, len(self._history)))
        self.value = self._history[self._at] if self._at < len(self._history) else self._draft
        self.cursor_position = len(self.value)

    def action_apply(self) -> None:
        self.post_message(FilterApplied(self.value))

    def action_leave(self) -> None:
        self.post_message(FilterLeft())


class Prompt(Line):
    """What stands before the text field."""

    def __init__(self, colours: Palette) -> None:
        super().__init__(id="filter-prompt")
        self.colours = colours

    def pieces(self, width: int) -> tuple[Pieces, Pieces]:
        return [Segment(PROMPT, self.colours.keys)], ()


class Promise(Line):
    """What the query would do, below it."""

    def __init__(self, colours: Palette, field: Input) -> None:
        super().__init__(id="filter-below")
        self.colours, self.field = colours, field
        self.answer = Checked(field.value)

    def tell(self, answer: Checked) -> None:
        """Show this, unless something else has been typed since."""
        if answer.text == self.field.value:
            self.answer = answer
            self.draw()

    def pieces(self, width: int) -> tuple[Pieces, Pieces]:
        error = self.answer.error
        return self._fault(error, width) if error else self._promise(), ()

    def _fault(self, error: QueryError, width: int) -> Pieces:
        """Carets below what is wrong, the message beside them."""
        colours, shown = self.colours, self.answer.text
        at = len(PROMPT) + cell_width(shown[: error.column]) - self.field.scroll_offset.x
        marks = "^" * max(1, min(cell_width(shown[error.column : error.column + error.length]), 20))
        at = max(0, min(at, width - len(marks)))
        message = f"{error.message}; {error.hint}" if error.hint else error.message
        room = width - at - len(marks) - 2
        if cell_width(message) <= room or room >= at:
            return [
                Segment(" " * at + marks, colours.red_bold),
                Segment(" " + one_line(message, max(1, room)), colours.red),
            ]
        before = one_line(message, max(1, at - 2))
        blank = " " * (at - cell_width(before) - 1)
        return [Segment(blank + before + " ", colours.red), Segment(marks, colours.red_bold)]

    def _promise(self) -> Pieces:
        colours, answer = self.colours, self.answer
        pieces = [Segment(" " * len(PROMPT), colours.faint)]
        if answer.n is not None:
            at_least = "" if answer.complete else "+"
            word = "mention" if answer.n == 1 and answer.complete else "mentions"
            pieces.append(Segment(f"{answer.n:,}{at_least} {word}", colours.bold if answer.n else colours.amber))
            pieces.append(Segment("   ", colours.faint))
        if answer.hints:
            pieces.append(Segment(one_line(answer.hints[0].message), colours.amber))
        else:
            pieces.append(Segment("enter applies · esc leaves · ↑ ↓ earlier ones", colours.faint))
        return pieces


class FilterLine(Vertical):
    """The text field, and below it what its query would do."""

    def __init__(self, colours: Palette, text: str, history: Sequence[str]) -> None:
        super().__init__(id="filter")
        self.colours = colours
        self.input = FilterInput(text, history)
        self.below = Promise(colours, self.input)

    def compose(self) -> ComposeResult:
        with Horizontal():
            yield Prompt(self.colours)
            yield self.input
        yield self.below

    def on_mount(self) -> None:
        # At once: `focus()` waits for its turn, and keys typed meanwhile would be verbs.
        self.screen.set_focus(self.input)
        self.input.cursor_position = len(self.input.value)
        self.post_message(FilterTyped(self.input.value))

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self.post_message(FilterTyped(event.value))

    def tell(self, answer: Checked) -> None:
        """Show what a query would do."""
        self.below.tell(answer)
