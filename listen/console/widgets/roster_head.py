"""The two lines above the list of sources: how well is listened in all, and the headings."""

from __future__ import annotations

from typing import NamedTuple

from listen.console.format import compact
from listen.console.roster import ORDERS, Order, Summary
from listen.console.roster_lines import columns, headings
from listen.console.theme import Palette
from listen.console.widgets.line import Line, Pieces
from listen.console.widgets.title import ends, title


class State(NamedTuple):
    """What the first line tells besides the numbers."""

    collecting: str = ""
    trouble: bool = False
    who: str = ""
    clock: str = ""


class RosterSummary(Line):
    """`11 of 12 heard · 1 failing · 214 mentions an hour`."""

    def __init__(self, colours: Palette) -> None:
        super().__init__(classes="head")
        self.colours = colours
        self.summary, self.state = Summary(), State()

    def tell(self, summary: Summary, state: State) -> None:
        """Show this."""
        if (summary, state) != (self.summary, self.state):
            self.summary, self.state = summary, state
            self.draw()

    def pieces(self, width: int) -> tuple[Pieces, Pieces]:
        colours, told, state = self.colours, self.summary, self.state
        right = ends(state.who, state.clock, colours)
        good = colours.green if told.heard == told.on else colours.amber if told.heard else colours.red
        parts = [(f"{told.heard:,} of {told.on:,} heard", good)] if told.on else []
        parts += [(f"{told.failing:,} failing", colours.red)] if told.failing else []
        parts += [(f"{told.quiet:,} quiet", colours.amber)] if told.quiet else []
        collecting = [(state.collecting, colours.amber if state.trouble else colours.faint)] if state.collecting else []
        parts += collecting if state.trouble else []
        an_hour = compact(round(told.an_hour))
        parts += [(f"{an_hour} mention{'' if an_hour == '1' else 's'} an hour", colours.bold)] if told.on else []
        parts += [] if state.trouble else collecting
        parts += [(f"{told.off:,} switched off", colours.faint)] if told.off else []
        return title("sources", parts, right, width, colours)


class RosterHead(Line):
    """The columns' names, the one lit that the list is sorted by, and what narrows the list."""

    def __init__(self, colours: Palette) -> None:
        super().__init__(classes="head")
        self.colours = colours
        self.order: Order = ORDERS[0]
        self.wanted = ""

    def tell(self, order: Order, wanted: str) -> None:
        """Show this; `wanted` is the part of a name that narrows the list."""
        if (order, wanted) != (self.order, self.wanted):
            self.order, self.wanted = order, wanted
            self.draw()

    def pieces(self, width: int) -> tuple[Pieces, Pieces]:
        return headings(columns(width), self.order, self.wanted, self.colours), ()
