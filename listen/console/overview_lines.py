"""The overview's page: which tiles stand where on a screen of some size, the most important first. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from rich.style import Style

from listen.console import overview_aside as aside
from listen.console import overview_chart as chart
from listen.console import overview_tiles as tiles
from listen.console.format import sure
from listen.console.overview import Agreement, Health, Loudness, Promised, Risen, Speaking
from listen.console.overview_rising import rising
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
    rising: Risen | None = None
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


class Work(NamedTuple):
    """What a tile is made from."""

    known: Known
    loudness: Loudness
    found: Figures
    ink: Ink
    size: Size
    long: bool
    """There is room for more than a line each."""


def overview(known: Known, size: Size, colours: Palette, now: float) -> Page:
    """The whole page."""
    if known.loudness is None or known.loudness.figures is None:
        return Page()
    above = 1 if size.height >= 28 else 0
    if size.width < WIDE:
        return page([(_tiles(NARROW, known, size, size.width, colours, now), size.width, Style.null())], above=above)
    side = min(60, max(40, size.width * 36 // 100))
    main = size.width - side
    ground = Style(bgcolor=colours.panel) if colours.colour and colours.grounds else Style.null()
    columns = [
        (_tiles(LEFT, known, size, main, colours, now), main, Style.null()),
        (_tiles(RIGHT, known, size, side, colours, now), side, ground),
    ]
    return page(columns, size.height, above)


def _tiles(names: Sequence[str], known: Known, size: Size, width: int, colours: Palette, now: float) -> list[Tile]:
    loudness = known.loudness
    if loudness is None or loudness.figures is None:
        return []
    found = loudness.figures
    ink = Ink(colours, width - MARGIN - 1, now, sure(found.topic), loudness.before, compares(loudness, found))
    work = Work(known, loudness, found, ink, size, size.width >= WIDE)
    return [MADE[name](work) for name in names]


def _volume(work: Work) -> Tile:
    frame = chart.framed(work.found, work.ink.width, work.ink.now)
    loudness = work.loudness
    return chart.volume(work.found, frame, loudness.fired, work.ink, work.size.volume, loudness.marked)


def _feeling(work: Work) -> Tile:
    frame = chart.framed(work.found, work.ink.width, work.ink.now)
    told = work.known.agreement.told if work.known.agreement is not None else ""
    return chart.feeling(work.found, frame, work.ink, work.size.feeling, told)


def _stories(work: Work) -> Tile:
    return tiles.stories(work.found, work.ink, 5 if work.size.height >= 32 else 3)


def _rising(work: Work) -> Tile:
    found = work.known.rising.found if work.known.rising is not None else None
    if found is None or not found.mentions_before:  # beside nothing, everything would be new
        return Tile("rising", [])
    return rising(found, work.ink, long=work.long)


def _who(work: Work) -> Tile:
    found, speaking = work.found, work.known.speaking
    part, whole, note = tiles.parted(found, work.ink)
    people = Tile("people", [])
    if speaking is not None:
        people = tiles.crowd(speaking, found, work.ink)
    wants = tiles.row_of_parts("wants", found.intents, found, part, 2, whole)
    return _beside("who", tiles.speakers(found, part, whole), people, wants, tiles.recommend(found, part), note)


def _parts(work: Work) -> Tile:
    found = work.found
    part, whole, note = tiles.parted(found, work.ink)
    languages = tiles.row_of_parts("languages", found.languages, found, part, 2, whole)
    return _beside("parts", languages, tiles.row_of_parts("countries", found.countries, found, part, 2, whole), note)


def _firing(work: Work) -> Tile:
    return aside.firing(work.loudness.alerts, work.loudness.rules, work.ink, 4, long=work.long)


def _objectives(work: Work) -> Tile:
    promised = work.known.promised
    return aside.objectives(promised.progress if promised is not None else (), work.ink, 4, long=work.long)


def _value(work: Work) -> Tile:
    return aside.value(work.known.promised and work.known.promised.strip, work.ink)


def _beside(name: str, *parts: Tile) -> Tile:
    """Tiles of a line or two each, without empty lines between them."""
    return Tile(name, [row for part in parts for row in part.rows])


MADE: Mapping[str, Callable[[Work], Tile]] = {
    "volume": _volume,
    "feeling": _feeling,
    "alerts": _firing,
    "voice": lambda work: tiles.voice(work.found, work.ink),
    "rising": _rising,
    "stories": _stories,
    "objectives": _objectives,
    "value": _value,
    "who": _who,
    "health": lambda work: aside.health(work.known.health.entries, work.ink, 4),
    "where": lambda work: tiles.breakdown("where", work.found.sources, work.found, work.ink, 6),
    "parts": _parts,
    "stages": lambda work: tiles.funnel(work.found, tiles.parted(work.found, work.ink)[0]),
    "hours": lambda work: tiles.hours(work.found, work.loudness.hours, work.ink),
}

NARROW = tuple(MADE)
"""The order in one column: what matters most first."""

RIGHT = ("alerts", "objectives", "value", "health", "where", "parts", "stages")
"""What stands in the second of two columns."""

LEFT = tuple(name for name in NARROW if name not in RIGHT)
