"""The lines in which a topic, a view or a desk gets another query: the filter, and what would be gained and lost."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.segment import Segment
from textual.message import Message

from listen.console.definitions import Subject
from listen.console.format import sure
from listen.console.messages import QueryApplied, QueryTyped
from listen.console.theme import Palette
from listen.console.widgets.filter_line import FilterLine
from listen.console.widgets.line import Line, Pieces
from listen.query.complete import Known
from listen.store.gains import Gains, day
from listen.store.search import FOREVER
from listen.text import cell_width, one_line

if TYPE_CHECKING:
    from textual.app import ComposeResult

NAMED = 16
"""Cells of the name before the text."""


class Difference(Line):
    """What the query would gain and lose, and how sure that is."""

    def __init__(self, colours: Palette, indent: int, words: tuple[str, str]) -> None:
        super().__init__(id="difference")
        self.colours, self.indent, self.words = colours, indent, words
        self.text: str | None = None
        """The query that the figures are of; None while there are none."""
        self.gains = Gains()
        self.said = ""

    def tell(self, text: str, gains: Gains) -> None:
        """These are the figures of this query."""
        self.text, self.gains, self.said = text, gains, ""
        self.draw()

    def wait(self, said: str) -> None:
        """There are none yet."""
        self.text, self.said = None, said
        self.draw()

    def pieces(self, width: int) -> tuple[Pieces, Pieces]:
        colours, found = self.colours, self.gains
        pieces = [Segment(" " * self.indent, colours.faint)]
        if self.text is None:
            return [*pieces, Segment(self.said, colours.faint)], ()
        least = "" if found.complete else "at least "
        pieces += [
            Segment(f"{least}+{found.gained:,}", colours.green if found.gained else colours.faint),
            Segment(f" {self.words[0]}  ", colours.faint),
            Segment(f"−{found.lost:,}", colours.red if found.lost else colours.faint),
            Segment(f" {self.words[1]}", colours.faint),
        ]
        room = width - sum(cell_width(piece.text) for piece in pieces) - 2
        style = colours.amber if found.partly else colours.faint
        return [*pieces, Segment(f" {one_line(self._sure(), max(1, room))}", style)], ()

    def _sure(self) -> str:
        found = self.gains
        told = ""
        if not found.complete:
            told = "· not all compared " if found.back_to == FOREVER else f"· compared back to {day(found.back_to)} "
        if found.partly:
            return f"{told}· {', '.join(found.partly)} kept only what matched, so there may have been more"
        if found.whole:
            return f"{told}· every source kept everything"
        return told


class QueryLine(FilterLine):
    """The text field with what stands below it."""

    def __init__(self, colours: Palette, subject: Subject, text: str, history: Sequence[str], known: Known) -> None:
        prompt = f" {one_line(sure(subject.name), NAMED)} = "
        super().__init__(colours, text, history, known, prompt)
        self.subject = subject
        words = ("taken", "let go of") if subject.kind == "desk" else ("gained", "lost")
        self.difference = Difference(colours, cell_width(prompt), words) if subject.kind != "view" else None
        self.set_class(self.difference is not None, "-with-difference")

    def typed(self, text: str) -> Message:
        return QueryTyped(text)

    def applied(self, text: str) -> Message:
        return QueryApplied(text)

    def compose(self) -> ComposeResult:
        yield from super().compose()
        if self.difference is not None:
            yield self.difference
