"""The first line: what is shown, how much of it there is and in which mood, who listens, whose console it is.

Its parts know shorter forms of themselves. What there is no room for is left out, the least important first.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from rich.segment import Segment

from listen.console.answers import Glance
from listen.console.format import compact, full_number
from listen.console.theme import GLYPHS, Palette
from listen.console.widgets.line import Line, Pieces
from listen.console.widgets.sections import EVERYTHING, LOUD
from listen.model import tone
from listen.store.pulse import Pulse
from listen.text import cell_width, one_line
from listen.told import in_stories, sparkline

BARS = 8
"""Blocks of the short sparkline; the long one has one an hour."""

MINIMUM = 20
"""Mentions of earlier days below which nothing is called usual."""

NOISE = 2.0
"""Standard deviations of a count (the root of it, as arrivals are about Poisson) that are no change."""

WIDE = 160
"""Cells from which on there is room for every hour, the day's count and the shares of both moods."""

GAP = 3
"""Blanks between two parts."""

MOST_NAMES = 8
"""Other topics beside the one that is shown."""

NAME = 24
"""Cells of a topic's name at most."""


class State(NamedTuple):
    """What the header tells besides the glance."""

    topic: str | None
    """What is shown, None for everything."""
    pulse: Pulse | None
    """How loud it is, None while that is not known."""
    collecting: str
    """Who collects, in a word or two."""
    trouble: bool
    """Nobody does, or it says that something is wrong."""
    who: str
    clock: str
    """The time of day."""
    firing: int = 0
    """Alerts that nobody has taken note of."""
    paged: bool = False
    """One of them is a page."""


class Part(NamedTuple):
    """Something that the header tells."""

    rank: int
    """The smaller, the more important."""
    grows: int
    """The smaller, the sooner it takes a longer form."""
    forms: Sequence[Pieces]
    """Long ones first. With an empty one at the end it waits until the others have what they cannot do without."""


class Header(Line):
    """The first line of the screen."""

    def __init__(self, colours: Palette, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.colours = colours
        self.glance = Glance()
        self.state = State(None, None, "", False, "", "")

    def tell(self, glance: Glance, state: State) -> None:
        """Show these numbers."""
        if glance is not self.glance or state != self.state:
            self.glance, self.state = glance, state
            self.draw()

    def pieces(self, width: int) -> tuple[Pieces, Pieces]:
        colours, state = self.colours, self.state
        clock = Segment(f"  {state.clock} ", colours.faint)
        who = Segment(one_line(state.who, 16), colours.faint)
        badge = [Segment(" listen ", colours.badge)]
        parts = [
            Part(0, 5, _names(self.glance, state.topic, colours)),
            Part(2, 4, _firing(state, colours)),
            Part(3, 0, _volume(state.pulse, width >= WIDE, colours)),
            Part(4, 1, _net(state.pulse, width >= WIDE, colours)),
            Part(7, 3, _measured(self.glance, colours)),
            Part(5, 2, _sources(self.glance, colours)),
            Part(2 if state.trouble else 6, 3, _collecting(state, colours)),
            Part(3, -1, _why(state, colours)),
        ]
        right = Part(1, 4, [[who, clock], [clock]])
        chosen = chosen_forms([*parts, right], width - 8 - 2)
        left = [*badge]
        for form in filter(None, chosen[:-1]):
            left += [Segment(" " * (GAP if len(left) > 1 else 2), colours.plain), *form]
        return left, chosen[-1]


def chosen_forms(parts: Sequence[Part], room: int) -> list[Pieces]:
    """A form of each part, so that all fit: first the shortest of each by rank, then the longest possible.

    A part for which not even the shortest form fits beside more important ones is empty.
    """
    order = sorted(range(len(parts)), key=lambda at: parts[at].rank)
    chosen: list[Pieces] = [()] * len(parts)
    for at in order:
        if parts[at].forms and _cells(parts[at].forms[-1]) <= room:
            chosen[at] = parts[at].forms[-1]
            room -= _cells(chosen[at])
    for at in sorted(order, key=lambda at: parts[at].grows):
        if chosen[at] in parts[at].forms:
            room += _cells(chosen[at])
            chosen[at] = next(form for form in parts[at].forms if _cells(form) <= room)
            room -= _cells(chosen[at])
    return chosen


def _cells(form: Pieces) -> int:
    return sum(cell_width(piece.text) for piece in form) + GAP if form else 0


# --- parts -----------------------------------------------------------------------------------------------------------


def _names(glance: Glance, active: str | None, colours: Palette) -> list[Pieces]:
    """The topics, the one that is shown in bold; first all of them, at last that one alone."""
    shown = Segment(one_line(active or EVERYTHING, NAME), colours.bold)
    dot = Segment(" · ", colours.faint)
    names = [topic.name for topic in glance.topics]
    at = names.index(active) if active in names else None
    others = [place for place in range(len(names)) if place != at]
    forms: list[Pieces] = []
    for count in range(min(len(others), MOST_NAMES), -1, -1):
        kept = others[:count]
        pieces = [(place, Segment(one_line(names[place], NAME), colours.faint)) for place in kept]
        pieces.append((-1 if at is None else at, shown))
        line: list[Segment] = []
        for _, piece in sorted(pieces, key=lambda pair: pair[0]):
            line += [dot, piece] if line else [piece]
        forms.append(line)
    return forms


def _firing(state: State, colours: Palette) -> list[Pieces]:
    if not state.firing:
        return []
    style = colours.red if state.paged else colours.amber
    return [[Segment(f"● {state.firing} firing", style)], [Segment(f"●{state.firing}", style)]]


def _volume(pulse: Pulse | None, wide: bool, colours: Palette) -> list[Pieces]:
    if pulse is None:
        return []
    hours = [hour.numbers.n for hour in pulse.hours]
    # The last hour of the clock has only begun: the last sixty minutes stand for it, lest every line end in a dip.
    hours[-1:] = [pulse.last_hour]
    step = max(1, len(hours) // BARS)
    bars = [sum(hours[at : at + step]) for at in range(0, len(hours), step)]
    rate = Segment(f"{compact(pulse.last_hour)}/h", colours.bold)
    change = _change(pulse, colours)
    day = Segment(f"  {in_stories(pulse.numbers.n, pulse.stories)} in 24 h", colours.faint)
    short, long = (Segment(f"{sparkline(values)} ", colours.lit) for values in (bars, hours))
    forms: list[Pieces] = [[short, rate, *change], [short, rate], [rate]]
    return [[long, rate, *change, day], [long, rate, *change], *forms] if wide else forms


def _change(pulse: Pulse, colours: Palette) -> list[Segment]:
    """Against the same minutes of the days before, where there were enough to tell, and when it is more than chance."""
    usual = pulse.usual
    if not usual or usual * pulse.days < MINIMUM or abs(pulse.last_hour - usual) < NOISE * usual**0.5:
        return []
    ratio = pulse.last_hour / usual
    sign, style = ("▲", colours.amber if ratio >= LOUD else colours.faint) if ratio > 1 else ("▼", colours.faint)
    told = f"×{ratio:.0f}" if ratio >= 4 else f"{abs(ratio - 1):.0%}".replace("%", " %")
    return [Segment(f" {sign}{told}", style)]


def _net(pulse: Pulse | None, wide: bool, colours: Palette) -> list[Pieces]:
    """The net sentiment of the last 24 hours, and at length the shares that it is the difference of."""
    numbers = pulse.numbers if pulse is not None else None
    if numbers is None or numbers.net is None:
        return []
    kind = tone(round(1000 * numbers.net), 1)
    net = Segment(f"{GLYPHS[kind]} {full_number(1000 * numbers.net)}", colours.tone(kind))
    word = Segment("net ", colours.faint)
    shares = [
        Segment(f"  {GLYPHS[kind]} {count / numbers.scored:.0%}".replace("%", " %"), colours.faint)
        for kind, count in (("neg", numbers.neg), ("pos", numbers.pos))
    ]
    forms: list[Pieces] = [[word, net], [net]]
    return [[word, net, *shares], *forms] if wide else forms


def _measured(glance: Glance, colours: Palette) -> list[Pieces]:
    """How often the tone is as people say, where enough of it was labelled blind."""
    if glance.measured is None:
        return []
    share, _ = glance.measured
    short = f"{100 * share.value:.0f} %"
    return [[Segment(f"measured {told}", colours.faint)] for told in (share, short)]


def _sources(glance: Glance, colours: Palette) -> list[Pieces]:
    heard, of = _heard(glance)
    if not of:
        return []
    failing = any(source.active and source.failing for source in glance.sources)
    sign, style = ("●", colours.green) if heard == of else ("◐", colours.amber) if heard else ("×", colours.red)
    if not heard and not failing:
        sign, style = "○", colours.faint  # they have only been asked
    return [[Segment(f"{sign} {heard}/{of} sources", style)], [Segment(f"{sign} {heard}/{of}", style)]]


def _heard(glance: Glance) -> tuple[int, int]:
    """(sources of which something is heard, sources that are on)"""
    active = [source for source in glance.sources if source.active]
    heard = [source for source in active if source.good_at and source.failing < max(1, source.channels)]
    return len(heard), len(active)


def _collecting(state: State, colours: Palette) -> list[Pieces]:
    if not state.collecting:
        return []
    if not state.trouble:
        short = state.collecting.partition(" on ")[0]  # where, if it is another machine, is the first thing left out
        return [*([Segment(one_line(words, 40), colours.faint)] for words in (state.collecting, short)), []]
    first = state.collecting.partition(" · ")[0]
    return [[Segment(one_line(first, room), colours.amber)] for room in (40, 24, 16)]


def _why(state: State, colours: Palette) -> list[Pieces]:
    """What is said beside the trouble, in a few words: it is what to look at, before any number."""
    beside = state.collecting.partition(" · ")[2] if state.trouble else ""
    return [[Segment(one_line(beside, room), colours.amber)] for room in (44, 24, 14)] if beside else []
