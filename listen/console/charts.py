"""Charts of blocks that read without colours: bars over time, bars on both sides of nought, shares, a week's hours.

Pure: numbers go in, lines of styled pieces come out.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from rich.segment import Segment
from rich.style import Style

from listen.console.facts import Line
from listen.console.theme import Palette
from listen.told import BLOCKS

USUAL = "─"
"""Where what is usual stands above a bar."""

DEAF = "░"
"""A time that was not heard; and what is missing from a share."""

SHADES = " ░▒▓█"

PARTS = " ▏▎▍▌▋▊▉█"


class Bar(NamedTuple):
    """A step of time."""

    n: float
    usual: float | None = None
    """What it should bring, None where that is not known."""
    loud: bool = False
    """It is far above that."""
    deaf: bool = False
    """It was hardly heard, so that few mentions tell nothing."""


def bars(found: Sequence[Bar], rows: int, top: float, colours: Palette, wide: int = 1) -> list[Line]:
    """Bars of `wide` cells, `rows` lines high for `top`; what is loud is red, a time not heard is hatched below.

    Where there are no colours, what is loud is brighter than the others.
    """
    return [
        joined((_cell(one, level, rows, top, colours, wide) for one in found), colours) for level in range(rows, 0, -1)
    ]


def _cell(one: Bar, level: int, rows: int, top: float, colours: Palette, wide: int) -> tuple[str, Style]:
    height = one.n / top * rows
    fill = BLOCKS[max(0, min(8, round((height - level + 1) * 8)))]
    if fill != " ":
        return fill * wide, colours.red if one.loud else colours.lit if colours.colour else colours.faint
    if one.deaf and (level <= max(1, rows // 3) or level - 1 <= height):
        return DEAF * wide, colours.faint
    if one.usual is not None and level - 1 <= one.usual / top * rows < level:
        return USUAL * wide, colours.faint
    return " " * wide, colours.faint


def joined(cells: Iterable[tuple[str, Style]], colours: Palette) -> Line:
    """Cells as few segments, since each of them costs bytes: blanks take the style of what they stand by."""
    merged: list[tuple[str, Style]] = []
    for text, style in cells:
        if merged and (merged[-1][1] == style or not text.strip()):
            merged[-1] = (merged[-1][0] + text, merged[-1][1])
        else:
            merged.append((text, style))
    return [Segment(text, style) for text, style in merged]


def both_ways(values: Sequence[float | None], rows: int, colours: Palette, wide: int = 1) -> list[Line]:
    """Bars up from nought in green and down from it in red.

    Lines above and below nought are shared out by the values, so that it is at the foot of a chart without red.
    """
    known = [one for one in values if one is not None]
    high, low = max([0.0, *known]), -min([0.0, *known])
    above = rows if not low else 0 if not high else min(rows - 1, max(1, round(rows * high / (high + low))))
    unit = max(high / above if above else 0.0, low / (rows - above) if above < rows else 0.0) or 1.0
    return [
        joined((_side(one, level, unit, colours, wide) for one in values), colours)
        for level in (*range(above, 0, -1), *range(-1, above - rows - 1, -1))
    ]


def _side(value: float | None, level: int, unit: float, colours: Palette, wide: int) -> tuple[str, Style]:
    """A cell of the line `level` lines above nought, or below it."""
    height = (value or 0.0) / unit
    if level > 0:
        fill = BLOCKS[max(0, min(8, round((height - level + 1) * 8)))]
        if level == 1 and fill == " " and value is not None and value >= 0:
            fill = BLOCKS[1]
        return fill * wide, colours.green
    eighths = round((-height + level + 1) * 8)
    return (" " if eighths < 2 else "▀" if eighths < 6 else "█") * wide, colours.red


def share(value: float, width: int, style: Style, colours: Palette) -> Line:
    """A share of 1 as a bar of exactly so many cells; what is missing from the whole is hatched."""
    eighths = round(max(0.0, min(1.0, value)) * width * 8)
    full, part = divmod(eighths, 8)
    shown = PARTS[8] * full + (PARTS[part] if part else "")
    return [Segment(shown, style), Segment(DEAF * (width - len(shown)), colours.faint)]


def heat(rows: Sequence[Sequence[int]], wide: int) -> list[str]:
    """Numbers as shades of `wide` cells each: nothing is blank, each quarter of the others has a shade of its own.

    Quarters and not shares of the largest, beside which a week with one loud hour would be empty.
    """
    known = sorted(n for row in rows for n in row if n)

    def shade(n: int) -> str:
        if not n or n == known[-1]:
            return SHADES[-1] if n else " "
        return SHADES[1 + 2 * (bisect_left(known, n) + bisect_right(known, n)) // len(known)]

    return ["".join(shade(n) * wide for n in row) for row in rows]
