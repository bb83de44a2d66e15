"""The overview's page: which tiles stand where on a screen of some size, the most important first. Pure."""

from __future__ import annotations

from typing import NamedTuple

from rich.style import Style

from listen.console import overview_aside as aside
from listen.console import overview_chart as chart
from listen.console import overview_tiles as tiles
from listen.console.format import sure
from listen.console.overview import Agreement, Health, Loudness, Promised, Speaking
from listen.console.overview_words import Ink
from listen.console.spots import MARGIN, Page, Tile, page
from listen.console.theme import Palette
from listen.insight.figures import Figures

WIDE = 100
"""Cells from which on alerts, sources and what belongs to them stand in a column of their own."""

COMPARED = 0.5
"""The share of the window before that must have been heard, beside that of this one, to compare with it."""


class Known(NamedTuple):
    """All answers so far."""

    loudness: Loudness | None = None
    health: Health = Health()
    speaking: Speaking | None = None
    promised: Promised | None = None
    agreement: Agreement | None = None


class Size(NamedTuple):
    """How much room a page has in cells and lines, and so how high its charts are."""

    width: int
    height: int

    @property
    def volume(self) -> int:
        return 8 if self.height >= 44 else 6 if self.height >= 32 else 4 if self.height >= 19 else 3

    @property
    def feeling(self) -> int:
        return 4 if self.height >= 44 else 3 if self.height >= 32 else 2


def compares(loudness: Loudness, found: Figures) -> bool:
    """Whether something was said in the window before, and it was heard well enough for a change to mean anything.

    What the person chose to compare with is compared in any case.
    """
    if loudness.before != found.window.before():
        return True
    heard = found.coverage if found.coverage is not None else 1.0
    return found.before.n > 0 and found.coverage_before is not None and found.coverage_before >= COMPARED * heard


def overview(known: Known, size: Size, colours: Palette, now: float) -> Page:
    """The whole page."""
    if known.loudness is None or known.loudness.figures is None:
        return Page()
    found = known.loudness.figures
    ground = Style(bgcolor=colours.panel) if colours.colour and colours.grounds else Style.null()
    above = 1 if size.height >= 28 else 0
    if size.width < WIDE:
        ink = _ink(known.loudness, found, size.width, colours, now)
        left, right = _left(known, found, ink, size), _right(known, found, ink, long=False)
        alerts, rest = right[:1], right[1:]
        return page([([*left[:2], *alerts, *left[2:], *rest], size.width, Style.null())], above=above)
    side = min(60, max(40, size.width * 36 // 100))
    inks = [_ink(known.loudness, found, wide, colours, now) for wide in (size.width - side, side)]
    columns = [
        (_left(known, found, inks[0], size), size.width - side, Style.null()),
        (_right(known, found, inks[1], long=True), side, ground),
    ]
    return page(columns, size.height, above)


def _ink(loudness: Loudness, found: Figures, width: int, colours: Palette, now: float) -> Ink:
    return Ink(colours, width - MARGIN - 1, now, sure(found.topic), loudness.before, compares(loudness, found))


def _left(known: Known, found: Figures, ink: Ink, size: Size) -> list[Tile]:
    assert known.loudness is not None
    frame = chart.framed(found, ink.width, ink.now)
    told = known.agreement.told if known.agreement is not None else ""
    part, whole, note = tiles.parted(found, ink)
    speaking = [known.speaking] if known.speaking is not None else []
    return [
        chart.volume(found, frame, known.loudness.fired, ink, size.volume, known.loudness.marked),
        chart.feeling(found, frame, ink, size.feeling, told),
        tiles.voice(found, ink),
        tiles.stories(found, ink, 5 if size.height >= 32 else 3),
        _beside(
            "who",
            tiles.speakers(found, part, whole),
            *(tiles.crowd(one.shares, one.loudest, found, ink, complete=one.complete) for one in speaking),
            tiles.row_of_parts("wants", found.intents, found, part, 2, whole),
            tiles.recommend(found, part),
            Tile("note", note),
        ),
        tiles.hours(found, ink),
    ]


def _right(known: Known, found: Figures, ink: Ink, *, long: bool) -> list[Tile]:
    assert known.loudness is not None
    promised = known.promised or Promised(0)
    part, whole, note = tiles.parted(found, ink)
    return [
        aside.firing(known.loudness.alerts, known.loudness.rules, ink, 4, long=long),
        aside.objectives(promised.progress, ink, 4, long=long),
        aside.value(promised.strip, ink),
        aside.health(known.health.entries, ink, 4),
        tiles.breakdown("where", found.sources, found, ink, 6),
        _beside(
            "parts",
            tiles.row_of_parts("languages", found.languages, found, part, 2, whole),
            tiles.row_of_parts("countries", found.countries, found, part, 2, whole),
            Tile("note", note),
        ),
        tiles.funnel(found, part),
    ]


def _beside(name: str, *parts: Tile) -> Tile:
    """Tiles of a line or two each, without empty lines between them."""
    rows = [row for part in parts for row in part.rows]
    return Tile(name, rows)
