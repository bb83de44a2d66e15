"""The first line: what is shown, how much of it there is and in which mood, who listens, whose console it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from rich.segment import Segment

from listen.console.answers import Glance
from listen.console.format import compact, full_number, sparkline
from listen.console.theme import GLYPHS, Palette
from listen.console.widgets.line import Line, Pieces
from listen.console.widgets.side import EVERYTHING
from listen.model import tone
from listen.store.overview import Numbers
from listen.text import cell_width, one_line

BARS = 8
"""Blocks of the sparkline."""

MINIMUM = 20
"""Mentions in a day below which no trend is told."""


class State(NamedTuple):
    """What the header tells besides the numbers."""

    topic: str | None
    """What is shown, None for everything."""
    collecting: str
    """Who collects, in a word or two."""
    trouble: bool
    """Nobody does, or it says that something is wrong."""
    who: str
    clock: str
    """The time of day."""


class Header(Line):
    """The first line of the screen."""

    def __init__(self, colours: Palette, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.colours = colours
        self.glance = Glance()
        self.state = State(None, "", False, "", "")

    def tell(self, glance: Glance, state: State) -> None:
        """Show these numbers."""
        if glance is not self.glance or state != self.state:
            self.glance, self.state = glance, state
            self.draw()

    def pieces(self, width: int) -> tuple[Pieces, Pieces]:
        colours, state = self.colours, self.state
        right = _right(state, colours)
        room = width - sum(cell_width(piece.text) for piece in right)
        pieces = [Segment(" listen ", colours.badge), Segment("  ", colours.plain)]
        pieces += _names(self.glance, state.topic, max(10, room * 2 // 5), colours)
        used = sum(cell_width(piece.text) for piece in pieces)
        for part in _parts(self.glance, state, colours):
            wide = sum(cell_width(piece.text) for piece in part)
            if used + wide + 3 <= room:
                pieces += [Segment("   ", colours.plain), *part]
                used += wide + 3
        return pieces, right


def _names(glance: Glance, active: str | None, room: int, colours: Palette) -> list[Segment]:
    """The topics, the one that is shown in bold; those for which there is no room are left out."""
    names = [topic.name for topic in glance.topics]
    shown = one_line(active or EVERYTHING, room)
    left = room - cell_width(shown)
    kept: list[str] = []
    for name in (one_line(name, 24) for name in names if name != active):
        left -= cell_width(name) + 3
        if left < 0:
            break
        kept.append(name)
    order = [shown, *kept] if active is None else [one for one in (one_line(name, 24) for name in names) if one in kept]
    if active is not None:
        order.insert(sum(1 for name in names[: names.index(active)] if one_line(name, 24) in kept), shown)
    pieces: list[Segment] = []
    for name in order:
        if pieces:
            pieces.append(Segment(" · ", colours.faint))
        pieces.append(Segment(name, colours.bold if name == shown else colours.faint))
    return pieces


def _parts(glance: Glance, state: State, colours: Palette) -> list[list[Segment]]:
    """Groups of pieces from left to right; those for which there is no room are left out."""
    parts = []
    if glance.volume:
        parts += _volume(glance, colours)
    heard, of = _heard(glance)
    if of:
        style = colours.green if heard == of else colours.amber if heard else colours.red
        parts.append([Segment(f"● {heard}/{of} sources", style)])
    if state.collecting:
        parts.append([Segment(state.collecting, colours.amber if state.trouble else colours.faint)])
    return parts


def _volume(glance: Glance, colours: Palette) -> list[list[Segment]]:
    hours = [hour.numbers for hour in glance.volume]
    step = max(1, len(hours) // BARS)
    bars = [sum(one.n for one in hours[at : at + step]) for at in range(0, len(hours), step)]
    told = [Segment(sparkline(bars), colours.lit), Segment(f" {compact(hours[-1].n)}/h", colours.bold)]
    parts = [told]
    total = Numbers(*map(sum, zip(*hours, strict=True)))
    if total.mean is not None:
        kind = tone(round(total.mean), 1)
        parts.append(
            [Segment("net ", colours.faint), Segment(f"{GLYPHS[kind]} {full_number(total.mean)}", colours.tone(kind))]
        )
    return parts


def _heard(glance: Glance) -> tuple[int, int]:
    """(sources of which something is heard, sources that are on)"""
    active = [source for source in glance.sources if source.active]
    heard = [source for source in active if source.good_at and source.failing < max(1, source.channels)]
    return len(heard), len(active)


def _right(state: State, colours: Palette) -> Sequence[Segment]:
    return [Segment(f" {one_line(state.who, 16)}  ", colours.faint), Segment(f"{state.clock} ", colours.faint)]
