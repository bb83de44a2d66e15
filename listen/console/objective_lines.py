"""Objectives and the value strip in lines of so many cells: for their panel, and in short for the overview. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from rich.segment import Segment
from rich.style import Style

from listen.console.facts import Line
from listen.console.format import sure
from listen.console.theme import BAR, Palette
from listen.console.wrapping import wrap
from listen.insight import objectives_told as told
from listen.insight.objectives import Progress
from listen.insight.strip import Strip, Value
from listen.text import block, cell_width, one_line

MARGIN, LABEL = 2, 14
SHORTEST, SIGN = 8, 8
"""Cells of a bar at least, and of a sign at most."""

ORDER = ("missed", "at risk", "open", "?", "met")
"""What wants to be looked at comes first."""


def ranked(found: Sequence[Progress]) -> list[Progress]:
    """What wants to be looked at first."""
    return sorted(found, key=lambda one: ORDER.index(told.sign(one)))


def sentence(one: Progress) -> str:
    """How it stands; in words what a colour says, so that it reads without any."""
    return f"{_mark(one)}{one.short}"


def _mark(one: Progress) -> str:
    sign = told.sign(one)
    return f"{sign}: " if sign in ("missed", "at risk") else ""


def style_of(one: Progress, colours: Palette) -> Style:
    """The colour of how it stands."""
    match told.sign(one):
        case "met":
            return colours.green
        case "missed":
            return colours.red
        case "at risk":
            return colours.amber
        case "?":
            return colours.faint
    return colours.plain


def bar(one: Progress, cells: int, colours: Palette) -> list[Segment]:
    """The way from where it began to the target."""
    drawn = told.bar(one.done, cells)
    full = drawn.count("█")
    return [Segment(drawn[:full], style_of(one, colours)), Segment(drawn[full:], colours.faint)]


# --- the panel -------------------------------------------------------------------------------------------------------


class Place(NamedTuple):
    """Where an objective, or a value of a topic, stands on the page."""

    first: int
    last: int
    """Line after its last one."""
    query: str
    """Of the mentions behind it; empty where there are none."""
    note: str
    """Why there are none, where that is known."""


def placed(
    found: Sequence[Progress], strips: Iterable[tuple[str, Strip]], width: int, colours: Palette, here: int = -1
) -> tuple[list[Line], list[Place]]:
    """The page, with a bar before the number at that place, and where each of them is on it."""
    places: list[Place] = []
    lines: list[Line] = [[], [Segment("  OBJECTIVES", colours.lit_bold)]]
    if not found:
        lines += [[], *_wrapped("", "Nobody has promised anything yet: [objectives.NAME] in the configuration does.",
                                width, colours.plain, colours)]  # fmt: skip
    for at, one in enumerate(found):
        block = _objective(one, width, colours)
        lines += [[], *(_under_cursor(block, colours) if at == here else block)]
        places.append(Place(len(lines) - len(block), len(lines), one.behind, one.note))
    for topic, strip in strips:
        lines += [[], [Segment(f"  {sure(one_line(topic, 40)).upper()}", colours.lit_bold),
                       Segment("   the last 7 days", colours.faint)]]  # fmt: skip
        for value in strip:
            block = _value(value, width, colours)
            lines += _under_cursor(block, colours) if len(places) == here else block
            query = value.behind.query if value.measure.value is not None else ""
            places.append(Place(len(lines) - len(block), len(lines), query, value.measure.note))
    return lines, places


def _under_cursor(block: list[Line], colours: Palette) -> list[Line]:
    """The same lines, with a bar before the first one."""
    first, *more = block[0]
    return [[Segment(f"{BAR} ", colours.lit), Segment(first.text[2:], colours.lit_bold), *more], *block[1:]]


def _value(one: Value, width: int, colours: Palette) -> list[Line]:
    return [
        line
        for each in told.value_lines(one)
        for line in _wrapped(each.label, each.text, width, colours.plain if each.label else colours.faint, colours)
    ]


def _objective(one: Progress, width: int, colours: Palette) -> list[Line]:
    sign = f"{told.sign(one):<{SIGN}}"
    name = sure(one_line(one.name, max(8, width - 40)))
    head = [
        Segment(f"  {name}  ", colours.bold),
        Segment(sign, style_of(one, colours)),
        Segment(one_line(one.target, max(8, width - cell_width(name) - SIGN - 5)), colours.faint),
    ]
    cells = max(SHORTEST, min(told.BAR, width // 4))
    spark = told.spark(one.trend)
    drawn = [Segment("  ", colours.plain), *bar(one, cells, colours), Segment(f"  {spark:<8}  ", colours.lit)]
    left = width - 2 - cells - 12
    short: list[Line] = [[*drawn, Segment(one_line(one.short, max(8, left)), style_of(one, colours))]]
    if cell_width(one.short) > left:
        short = [drawn, *_wrapped("", one.short, width, style_of(one, colours), colours, indent=0)]
    lines = [head, *short]
    for each in told.lines(one):
        quiet = not each.label or each.label in ("is", "assumed", "cost", "target", "declared")
        lines += _wrapped(each.label, each.text, width, colours.faint if quiet else colours.plain, colours)
    return lines


def _wrapped(label: str, text: str, width: int, style: Style, colours: Palette, indent: int = LABEL) -> list[Line]:
    shown = block(text)
    room = max(8, width - 2 * MARGIN - indent)
    return [
        [
            Segment(f"{' ' * MARGIN}{label if not start else '':<{indent}}", colours.faint),
            Segment(shown[start:end].strip(), style),
        ]
        for start, end in wrap(shown, room)
    ]
