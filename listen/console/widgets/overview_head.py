"""The overview's first line, and the one that tells of the number under the cursor what enter would show."""

from __future__ import annotations

from typing import NamedTuple

from rich.segment import Segment

from listen.console.format import sure
from listen.console.theme import Palette
from listen.console.widgets.caption import query_pieces
from listen.console.widgets.line import Line, Pieces
from listen.text import cell_width, one_line


class Told(NamedTuple):
    """What the first line tells."""

    topic: str = ""
    rivals: tuple[str, ...] = ()
    window: str = ""
    coverage: float | None = None
    heard_from: str = ""
    """From when on that is known, where it is not for all of the window."""
    against: str = ""
    """With what is compared when it is not the window before."""
    alone: bool = False
    """Changes are not told."""
    keys: tuple[str, str] = ("<", ">")
    firing: int = 0
    paged: bool = False
    who: str = ""
    clock: str = ""


class OverviewHead(Line):
    """`overview acme against rival   < 7 days to 14:32 >   coverage 96 %`."""

    def __init__(self, colours: Palette) -> None:
        super().__init__(classes="head")
        self.colours, self.told = colours, Told()

    def tell(self, told: Told) -> None:
        """Show this."""
        self.told = told
        self.draw()

    def pieces(self, width: int) -> tuple[Pieces, Pieces]:
        colours, told = self.colours, self.told
        right = [Segment(f" {one_line(told.who, 16)}  ", colours.faint), Segment(f"{told.clock} ", colours.faint)]
        room = width - sum(cell_width(piece.text) for piece in right)
        name = one_line(sure(told.topic), max(8, room // 4))
        pieces = [Segment(" listen ", colours.badge), Segment("  overview ", colours.bold), Segment(name, colours.lit)]
        used = sum(cell_width(piece.text) for piece in pieces)
        parts = self._parts(short=False)
        if used + sum(map(_width, parts[:-1] if told.alone else parts)) > room:
            parts = self._parts(short=True)
        for part in parts:
            if used + _width(part) <= room:
                pieces += [Segment("   "), *part]
                used += _width(part)
        if told.rivals:  # what is least missed takes what room is left
            shown = f"against {', '.join(sure(one) for one in told.rivals)}"
            left = room - used - 1
            if left >= 18:
                pieces.insert(3, Segment(f" {one_line(shown, left)}", colours.faint))
        return pieces, right

    def _parts(self, *, short: bool) -> list[list[Segment]]:
        """What stands behind the topic, what is missed least last."""
        colours, told = self.colours, self.told
        parts = []
        if told.window:
            shorter, longer = (Segment(key, colours.keys) for key in told.keys)
            window = told.window.removesuffix(f" to {told.clock}") if short else told.window
            parts.append([shorter, Segment(f" {window} ", colours.plain), longer])
        if told.firing:
            style = colours.red if told.paged else colours.amber
            parts.append([Segment(f"● {told.firing} firing", style)])
        if told.against:
            parts.append([Segment(f"against {told.against}", colours.plain)])
        if told.heard_from:
            parts.append([Segment(f"heard from {told.heard_from} on", colours.amber)])
        if told.coverage is not None:
            style = colours.faint if told.coverage >= 0.9 else colours.amber
            parts.append([Segment(f"coverage {100 * told.coverage:.0f} %", style)])
        if told.alone:
            parts.append([Segment("nothing to compare with", colours.faint)])
        return parts


def _width(part: list[Segment]) -> int:
    """With the blanks before it."""
    return 3 + sum(cell_width(piece.text) for piece in part)


class OverviewHint(Line):
    """What the number under the cursor is, and the query behind it."""

    def __init__(self, colours: Palette) -> None:
        super().__init__(classes="hint")
        self.colours = colours
        self.words, self.query_text, self.below = "", "", 0

    def tell(self, words: str, query: str, below: int) -> None:
        """Show this; `below` lines are out of view."""
        self.words, self.query_text, self.below = words, query, below
        self.draw()

    def pieces(self, width: int) -> tuple[Pieces, Pieces]:
        colours = self.colours
        right = [Segment(f"  {self.below} more ↓ ", colours.faint)] if self.below else []
        room = width - sum(cell_width(piece.text) for piece in right)
        words = one_line(self.words, room - 2)
        pieces = [Segment(f"  {words}", colours.plain)]
        left = room - cell_width(words) - 4
        if self.query_text and left >= 24:
            pieces += [Segment("   "), *query_pieces(one_line(self.query_text, left - 2), colours)]
        return pieces, right
