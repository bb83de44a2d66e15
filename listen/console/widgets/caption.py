"""The line above the list: the query that is shown, how many mentions it has, and what came in since."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from rich.segment import Segment

from listen.console.theme import Palette
from listen.console.widgets.line import Line, Pieces
from listen.query.folding import Apart
from listen.text import cell_width, one_line
from listen.told import of_stories

BESIDE: tuple[Apart, ...] = ("own", "dismissed", "deleted")
"""What a number leaves out and is told beside it; noise is told for itself, since it is folded away from the list."""


class Position(NamedTuple):
    """What the caption tells besides the query."""

    total: int | None = None
    """Mentions of the view, None while that is not known."""
    exact: bool = True
    following: bool = True
    above: int = 0
    """New ones that were not in view yet, above."""
    below: int = 0
    searching: str = ""
    """How far back was looked, while that goes on."""
    find: str = ""
    """Words that are looked for."""
    found: tuple[int, bool] | None = None
    """How many mentions have them, and whether those are all."""
    order: str = ""
    """The order when it is another one than newest first."""
    again: str = "R"
    """The key that asks anew."""
    apart: Mapping[Apart, int] = {}
    """Mentions that are no part of the number: our own and the dismissed stand in the list, noise may."""
    folded: bool = True
    """Noise does not stand in the list."""
    unfold: str = "v"
    """The key that shows noise, or folds it away."""
    trouble: str = ""
    """Why nothing new can be read."""
    marked: int = 0
    matching: str = ""
    """How far the topic has been matched anew."""
    hidden: int = 0
    """Marked ones that are not in view."""
    stories: int | None = None
    """Stories that the mentions tell."""


class Caption(Line):
    """Query on the left, numbers on the right."""

    def __init__(self, colours: Palette, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.colours = colours
        self.query_text = ""
        self.position = Position()

    def tell(self, query: str, position: Position) -> None:
        """Show this."""
        if (query, position) != (self.query_text, self.position):
            self.query_text, self.position = query, position
            self.draw()

    def pieces(self, width: int) -> tuple[Pieces, Pieces]:
        if self.position.trouble:
            again = " · tried again every second " if width >= 72 else " "
            told = one_line(f" ! {self.position.trouble}", max(20, width - len(again)))
            return [Segment(told, self.colours.amber)], [Segment(again, self.colours.faint)]
        query, numbers = query_pieces(self.query_text, self.colours), self._numbers()
        for short in (1, 2):
            if sum(cell_width(piece.text) for piece in (*query, *numbers)) > width:
                numbers = self._numbers(short)
        room = width - sum(cell_width(piece.text) for piece in numbers)
        if sum(cell_width(piece.text) for piece in query) - 1 > room:
            query = query_pieces(one_line(self.query_text, max(1, room - 1)), self.colours)
        return query, numbers

    def _numbers(self, short: int = 0) -> list[Segment]:
        """`short`: without what can be done without, when the query needs the room; 2 is shorter than 1."""
        colours, told = self.colours, self.position
        pieces = [] if not told.searching else [Segment(f"{told.searching}  ", colours.amber)]
        if told.matching:
            pieces.append(Segment(f"{told.matching}  ", colours.lit))
        if told.find:
            count = "" if told.found is None else f" {told.found[0]:,}{'' if told.found[1] else '+'} found"
            pieces += [Segment("/", colours.keys), Segment(one_line(told.find, 24), colours.amber)]
            pieces.append(Segment(f"{count}   ", colours.faint))
        if told.total is not None:
            more = "" if told.exact else "+"
            pieces.append(
                Segment(f"{told.total:,}{more} mention{'' if told.total == 1 and not more else 's'}", colours.faint)
            )
            if told.exact and short < 2 and (stories := of_stories(told.total, told.stories)):
                pieces.append(Segment(stories, colours.faint))
        beside = ", ".join(f"{told.apart[name]:,} {name}" for name in BESIDE if told.apart.get(name))
        if beside and told.total is not None and not short:
            pieces.append(Segment(f" + {beside}", colours.faint))
        if noise := told.apart.get("noise"):
            gap = " · " if pieces else ""
            pieces.append(Segment(f"{gap}{noise:,} noise {'hidden' if told.folded else 'shown'} ", colours.faint))
            pieces.append(Segment(told.unfold, colours.keys))
        if told.order:
            pieces += [Segment(" · ", colours.faint)] if told.total is not None else []
            pieces.append(Segment(told.order, colours.lit))
        if told.above:
            way = f" · {told.again} shows them" if told.order else " ▲"
            pieces.append(Segment(f"  +{told.above:,} new{way}", colours.amber))
        if told.below:
            pieces.append(Segment(f" · {told.below:,} below", colours.amber))
        if told.marked:
            hidden = f", {told.hidden:,} off screen" if told.hidden else ""
            pieces.append(Segment(f"  {told.marked:,} marked{hidden}", colours.keys))
        elif told.following and not short and not (told.above or told.below or told.order):
            pieces.append(Segment(" · following" if pieces else "following", colours.faint))
        return [Segment("  ", colours.faint), *pieces, Segment(" ", colours.faint)]


def query_pieces(text: str, colours: Palette) -> list[Segment]:
    """A query with its fields in the accent's colour."""
    shown = one_line(text)
    if not shown:
        return [Segment(" no filter", colours.faint)]
    pieces = [Segment(" ", colours.plain)]
    for word in shown.split(" "):
        field = ":" in word[1:] and not word.startswith(('"', "{"))
        pieces.append(Segment(word + " ", colours.lit if field else colours.plain))
    return pieces
