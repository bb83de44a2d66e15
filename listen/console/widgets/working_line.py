"""The lines in which tags, a note or a person are typed: the field, and below it what it may become or is for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from rich.segment import Segment
from textual import on
from textual.containers import Horizontal, Vertical
from textual.widgets import Input

from listen.console import working
from listen.console.format import sure
from listen.console.messages import NameApplied, NameLeft, NamesWanted
from listen.console.theme import Palette
from listen.console.widgets.line import Line, Pieces
from listen.console.widgets.naming_line import Before
from listen.console.widgets.typed import Typed
from listen.query.complete import Known
from listen.store.tags import LONGEST_NOTE
from listen.text import cell_width, one_line

if TYPE_CHECKING:
    from textual.app import ComposeResult


class Offered(Line):
    """What could be typed next, a fault, or what the field is for."""

    def __init__(self, colours: Palette, indent: int, purpose: str) -> None:
        super().__init__(id="naming-below")
        self.colours, self.indent, self.purpose = colours, indent, purpose
        self.names: Sequence[str] = ()
        self.chosen: int | None = None
        self.fault = ""

    def pieces(self, width: int) -> tuple[Pieces, Pieces]:
        colours, room = self.colours, max(1, width - self.indent - 1)
        blank = Segment(" " * self.indent, colours.faint)
        if self.fault or not self.names:
            told, style = (self.fault, colours.red) if self.fault else (self.purpose, colours.faint)
            return [blank, Segment(one_line(told, room), style)], ()
        pieces = [blank]
        for place, name in enumerate(map(sure, self.names)):
            if cell_width(name) + 2 > room:
                break
            room -= cell_width(name) + 2
            pieces.append(Segment(f"{name}  ", colours.lit_bold if place == self.chosen else colours.plain))
        return pieces, ()


class WorkLine(Vertical):
    """The field for one of these kinds: `tag`, or `assignee` behind an @ before a note."""

    tab = "complete"
    """What tab does, for the footer."""

    empties = True
    """Whether nothing at all may be typed: a note is emptied so."""

    def __init__(
        self, colours: Palette, kind: str, text: str, purpose: str, has: Sequence[str], check: Callable[[str], str]
    ) -> None:
        super().__init__(id="naming")
        self.kind, self.has, self.check = kind, has, check
        self.prompt = Before(" tag " if kind == "tag" else " note ", colours)
        self.input = Typed(text, LONGEST_NOTE, id="naming-input")
        self.below = Offered(colours, cell_width(self.prompt.text), purpose)
        self._known: list[str] = []
        self._made: tuple[str, int] | None = None
        """The text and its caret after the last tab: the candidates stay until something else is typed."""

    def compose(self) -> ComposeResult:
        with Horizontal():
            yield self.prompt
            yield self.input
        yield self.below

    def on_mount(self) -> None:
        self.input.take_focus()
        self._look()

    def learn(self, known: Known) -> None:
        """Names that the store has, the frequent ones first."""
        self._known = [name.text for name in known.get(self.kind, ())]
        if self._made is None:
            self._offer()

    def refuse(self, fault: str) -> None:
        """Say why not."""
        self.below.fault = fault
        self.below.draw()

    def _word(self) -> working.Word | None:
        return working.word_at(self.input.value, self.input.cursor_position, self.kind)

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self._look()

    @on(Typed.Moved)
    def _moved(self) -> None:
        self._look()

    def _look(self) -> None:
        if (self.input.value, self.input.cursor_position) == self._made:
            return
        self._made = None
        word = self._word()
        if word is not None:
            self.post_message(NamesWanted(self.kind, word.typed))
        self._offer()

    def _offer(self) -> None:
        self.below.names = working.offers(self._word(), self._known, self.has)
        self.below.chosen, self.below.fault = None, ""
        self.below.draw()

    @on(Typed.Key)
    def _key(self, event: Typed.Key) -> None:
        event.stop()
        match event.verb:
            case "complete":
                self._complete(event.by)
            case "apply":
                self.post_message(NameApplied(self.input.value.strip(), False))
            case "leave":
                self.post_message(NameLeft())

    def _complete(self, by: int) -> None:
        """The next candidate in the place of the word; one that is alone is followed by a blank."""
        word, names = self._word(), self.below.names
        if word is None or not names:
            return
        chosen = self.below.chosen
        self.below.chosen = (0 if by > 0 else len(names) - 1) if chosen is None else (chosen + by) % len(names)
        end = self.input.cursor_position
        text = names[self.below.chosen] + (" " if len(names) == 1 else "")
        self._made = self.input.value[: word.start] + text + self.input.value[end:], word.start + len(text)
        self.input.value, self.input.cursor_position = self._made
        self.below.draw()
