"""The lines above the list of people: about what they talk, which parts they take, and the headings."""

from __future__ import annotations

from typing import NamedTuple

from rich.segment import Segment
from rich.style import Style

from listen.console.format import sure
from listen.console.people import WINDOWS, WINDOWS_TOLD, Subject, Talk
from listen.console.people_lines import classes, columns, headings, parts, progress
from listen.console.theme import Palette
from listen.console.widgets.line import Line, Pieces
from listen.console.widgets.title import all_fit, cells, ends, title
from listen.insight.people import Order
from listen.text import one_line


class Told(NamedTuple):
    """Everything that these lines tell."""

    subject: Subject = Subject()
    window: str = ""
    talk: Talk = Talk(0)
    order: Order = "mentions"
    part: str = ""
    marked: int = 0
    who: str = ""
    clock: str = ""
    now: float = 0.0


class Head(Line):
    """A line that tells a part of it."""

    def __init__(self, colours: Palette) -> None:
        super().__init__(classes="head")
        self.colours, self.told = colours, Told()

    def tell(self, told: Told) -> None:
        """Show this."""
        self.told = told
        self.draw()


class PeopleSummary(Head):
    """`acme   last 30 days   1,204 people   2,310 mentions`, and narrower `acme   30d   1,204 people`."""

    def pieces(self, width: int) -> tuple[Pieces, Pieces]:
        colours, told = self.colours, self.told
        right = ends(told.who, told.clock, colours)
        room = max(8, (width - cells(right)) // 3)
        words = self._words()
        said = [(f"{told.talk.n:,} mention{'s' * (told.talk.n != 1)}", colours.faint)] if told.talk.n else []
        long, short = WINDOWS_TOLD[WINDOWS.index(told.window)], told.window or "any time"
        alone = ends("", told.clock, colours)  # who looks goes before a number does
        forms = ((long, right, room), (short, right, room), (short, alone, room), (short, alone, max(8, room // 2)))
        for window, end, most in forms:
            name = one_line(sure(told.subject.name), most)
            needed = [(window, colours.plain), *words]
            if all_fit("people", needed, end, width, name):
                break
        return title("people", [*needed, *said], end, width, colours, name)

    def _words(self) -> list[tuple[str, Style]]:
        """What there shall be room for."""
        colours, told, talk = self.colours, self.told, self.told.talk
        people, back = talk.shares.people, progress(talk, told.now)
        words = [(f"{told.marked} marked", colours.amber)] if told.marked else []
        words += [(f"{people:,} {'person' if people == 1 else 'people'}", colours.bold)] if talk.number else []
        return [*words, (back, colours.amber)] if back else words


class PeopleParts(Head):
    """Which parts they take."""

    def pieces(self, width: int) -> tuple[Pieces, Pieces]:
        told = self.told
        if not told.talk.shares.people:
            return (), ()
        pieces = [Segment(text, style) for text, style in parts(told.talk.shares, told.window, width, self.colours)]
        return [Segment(" ", self.colours.faint), *pieces], ()


class PeopleClasses(Head):
    """How much they engage."""

    def pieces(self, width: int) -> tuple[Pieces, Pieces]:
        told = self.told
        if not told.talk.shares.people:
            return (), ()
        pieces = [Segment(text, style) for text, style in classes(told.talk.shares, width, self.colours)]
        return [Segment(" ", self.colours.faint), *pieces], ()


class PeopleHead(Head):
    """The columns' names."""

    def pieces(self, width: int) -> tuple[Pieces, Pieces]:
        told = self.told
        return headings(columns(width), told.order, told.part, self.colours), ()
