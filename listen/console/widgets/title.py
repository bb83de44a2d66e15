"""The first line of the screens beside the stream: which one it is, what there is room for, who looks, and when."""

from __future__ import annotations

from collections.abc import Iterable

from rich.segment import Segment
from rich.style import Style

from listen.console.theme import Palette
from listen.console.widgets.line import Pieces
from listen.text import cell_width, one_line

PERSON = 16
"""Cells of a person's name at most."""

GAP = "   "


def ends(who: str, clock: str, colours: Palette) -> list[Segment]:
    """The line's right end."""
    return [Segment(f" {one_line(who, PERSON)}  ", colours.faint), Segment(f"{clock} ", colours.faint)]


def title(
    name: str, words: Iterable[tuple[str, Style]], right: Pieces, width: int, colours: Palette, about: str = ""
) -> tuple[list[Segment], Pieces]:
    """The line: the screen's name, what it is about, and as many words, in their order, as fit beside the right end."""
    pieces = [Segment(" listen ", colours.badge), Segment(f"  {name}", colours.bold)]
    pieces += [Segment(f"  {about}", colours.lit)] if about else []
    room = width - cells(pieces) - cells(right)
    for told, style in words:
        if (wide := cell_width(told) + len(GAP)) <= room:
            pieces += [Segment(GAP, colours.plain), Segment(told, style)]
            room -= wide
    return pieces, right


def all_fit(name: str, words: Iterable[tuple[str, Style]], right: Pieces, width: int, about: str) -> bool:
    """Whether there is room for every one of the words."""
    begun = cell_width(f" listen   {name}  {about}")
    return begun + sum(cell_width(told) + len(GAP) for told, _ in words) + cells(right) <= width


def cells(pieces: Pieces) -> int:
    """How wide they are."""
    return sum(cell_width(piece.text) for piece in pieces)
