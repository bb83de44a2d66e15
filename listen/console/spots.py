"""Lines in which numbers can be gone to: each is a spot, and enter opens what is behind it. Pure, for any thread.

Tiles are written on their own and laid out in one column or two; a page knows where every spot ended up.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from listen.console.facts import Line
from listen.text import cell_width

MARGIN = 2
"""Blanks left of a column: the cursor's bar stands left of what it is on."""

GAP = 2
"""Blanks between two numbers of a row."""


class Spot(NamedTuple):
    """Cells that stand for some mentions, or for another screen."""

    key: str
    """What it is, within its tile: the cursor stays on it wherever it moves."""
    start: int
    width: int
    query: str
    """What enter shows in the stream; empty: nothing can."""
    told: str
    """The same in words, made safe."""
    place: str = "stream"
    """The screen that enter goes to."""
    above: int = 0
    """Lines above it that belong to it: a bar of a chart."""
    lean: bool = False
    """Others stand right beside it: the cursor has no room but on it."""


class Row(NamedTuple):
    """A line and its spots, from the left."""

    pieces: Sequence[Segment] = ()
    spots: Sequence[Spot] = ()


class Tile(NamedTuple):
    """Lines about one thing."""

    name: str
    rows: Sequence[Row]


class Link(NamedTuple):
    """A spot that has no place yet."""

    key: str
    pieces: Sequence[tuple[str, Style]]
    query: str
    told: str
    place: str = "stream"

    @property
    def width(self) -> int:
        return sum(cell_width(text) for text, _ in self.pieces)


class Writing:
    """A row while it is written; what does not fit any more is left out."""

    def __init__(self, width: int) -> None:
        self.width, self.at = width, 0
        self.pieces: list[Segment] = []
        self.spots: list[Spot] = []

    def text(self, text: str, style: Style, gap: int = 0) -> bool:
        """Words, behind so many blanks; False when there is no room."""
        wide = cell_width(text) + (gap if self.at else 0)
        if self.at + wide > self.width:
            return False
        self._blank(gap)
        self.pieces.append(Segment(text, style))
        self.at += cell_width(text)
        return True

    def link(self, link: Link, gap: int = GAP) -> bool:
        """A spot; False when there is no room."""
        if self.at + (gap if self.at else 0) + link.width > self.width:
            return False
        self._blank(gap)
        self.spots.append(Spot(link.key, self.at, link.width, link.query, link.told, link.place))
        self.pieces += [Segment(text, style) for text, style in link.pieces]
        self.at += link.width
        return True

    def _blank(self, gap: int) -> None:
        if self.at and gap:
            self.pieces.append(Segment(" " * gap))
            self.at += gap

    def row(self) -> Row:
        """What was written."""
        return Row(self.pieces, self.spots)


def flowing(head: Sequence[tuple[str, Style]], links: Iterable[Link], width: int, lines: int, indent: int) -> list[Row]:
    """Links behind a head, in as few lines as they need and no more than `lines`; those that follow are indented."""
    writing = Writing(width)
    for text, style in head:
        writing.text(text, style, gap=1)
    rows: list[Row] = []
    for link in links:
        if not writing.link(link, GAP if writing.spots else 1):
            rows.append(writing.row())
            if len(rows) == lines:
                return rows
            writing = Writing(width)
            writing.text(" " * indent, Style.null())
            writing.link(link, 0)
    return [*rows, writing.row()] if writing.spots or not rows else rows


# --- the page --------------------------------------------------------------------------------------------------------


class Placed(NamedTuple):
    """A spot and where it is on the page."""

    tile: str
    spot: Spot
    line: int
    column: int

    @property
    def key(self) -> tuple[str, str]:
        return self.tile, self.spot.key


class Page(NamedTuple):
    """Lines of exactly one width, and where their spots are."""

    lines: Sequence[Line] = ()
    spots: Sequence[Placed] = ()
    """By column, then by line, then from the left."""


def page(columns: Sequence[tuple[Sequence[Tile], int, Style]], least: int = 0, above: int = 0) -> Page:
    """Tiles below each other in columns of so many cells and that ground, an empty line between two of them.

    `above` empty lines stand above them; `least` is how many lines there are at least.
    """
    written = [_column(tiles, at, above) for at, (tiles, _, _) in enumerate(columns)]
    height = max([least, *(len(rows) for rows, _ in written)])
    lines: list[Line] = []
    for y in range(height):
        line: Line = []
        for (rows, _), (_, width, ground) in zip(written, columns, strict=True):
            pieces = rows[y].pieces if y < len(rows) else ()
            shown = Strip([Segment(" " * MARGIN), *pieces]).adjust_cell_length(width)
            line += list(shown.apply_style(ground)) if ground else list(shown)
        lines.append(line)
    left, spots = 0, []
    for (_, placed), (_, width, _) in zip(written, columns, strict=True):
        spots += [one._replace(spot=one.spot._replace(start=one.spot.start + left + MARGIN)) for one in placed]
        left += width
    return Page(lines, spots)


def _column(tiles: Sequence[Tile], at: int, above: int) -> tuple[list[Row], list[Placed]]:
    rows = [Row()] * above
    placed: list[Placed] = []
    for tile in tiles:
        if not tile.rows:
            continue
        rows += [Row()] if len(rows) > above else []
        for row in tile.rows:
            placed += [Placed(tile.name, spot, len(rows), at) for spot in row.spots]
            rows.append(row)
    return rows, placed


# --- moving ----------------------------------------------------------------------------------------------------------


def below(found: Page, here: Placed, by: int) -> Placed:
    """The spot in the next line of the column that has one (-1: the one before), as straight below as there is."""
    lines = sorted({one.line for one in found.spots if one.column == here.column})
    at = lines.index(here.line) + by
    return here if not 0 <= at < len(lines) else nearest(found, lines[at], here.spot.start, here.column)


def nearest(found: Page, line: int, cell: int, column: int) -> Placed:
    """The spot of a column nearest to a line, and there to a cell."""
    within = [one for one in found.spots if one.column == column] or found.spots
    return min(within, key=lambda one: (abs(one.line - line), _away(one, cell)))


def _away(one: Placed, cell: int) -> int:
    """How many cells it is from there to it."""
    return max(one.spot.start - cell, cell - one.spot.start - one.spot.width + 1, 0)


def beside(found: Page, here: Placed, by: int) -> Placed:
    """The next spot of the row (-1: the one before); behind its end that of the other column, else the next row."""
    row = [one for one in found.spots if one.line == here.line and one.column == here.column]
    at = row.index(here) + by
    if 0 <= at < len(row):
        return row[at]
    columns = sorted({one.column for one in found.spots})
    other = columns.index(here.column) + by
    if 0 <= other < len(columns):
        edge = 0 if by > 0 else 1 << 20
        return nearest(found, here.line, edge, columns[other])
    beyond = [one for one in found.spots if one.column == columns[0 if by > 0 else -1]]
    after = [one for one in beyond if (one.line > here.line if by > 0 else one.line < here.line)]
    if not after:
        return here
    return (
        min(after, key=lambda one: (one.line, one.spot.start))
        if by > 0
        else max(after, key=lambda one: (one.line, one.spot.start))
    )


def again(found: Page, before: Placed | None) -> Placed | None:
    """Where what the cursor was on is now; what stands nearest to where it was, when it is there no more."""
    if not found.spots:
        return None
    if before is None:
        return found.spots[0]
    same = next((one for one in found.spots if one.key == before.key), None)
    return same or nearest(found, before.line, before.spot.start, before.column)
