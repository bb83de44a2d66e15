"""All desks on a page: what waits, what is late, how soon they answered and were done, and what promises were worth."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from rich.segment import Segment

from listen.console.answers import Post
from listen.console.clerk import Asked, Job
from listen.console.desk import Desk
from listen.console.facts import Line
from listen.console.format import fit, sure
from listen.console.screens.page import ANEW, AskedPage
from listen.console.theme import Palette
from listen.insight.desks import Spans, Standing, spoken, standings
from listen.store.read import Reader
from listen.text import one_line

NAME, CELL = 16, 11
"""Cells of a desk's name, which what follows stands beside, and of a length of time."""

WIDE = 80
"""Cells from which on a desk's name has a column of its own."""


class Found(NamedTuple):
    """The answer: the open desks, and the names of those that are closed."""

    standings: Sequence[Standing]
    closed: Sequence[str]


def asked(now: float) -> Job:
    """How the desks do."""

    def job(reader: Reader, _asked: Asked, _post: Post) -> Found:
        return Found(standings(reader, now=now), [one.name for one in reader.desks() if not one.open])

    return job


def laid_out(found: Found, width: int, colours: Palette, now: float) -> list[Line]:
    """A few lines for each desk."""
    lines: list[Line] = [
        [],
        [Segment("  DESKS", colours.lit_bold), Segment("   the last 30 days, in hours of service", colours.faint)],
    ]
    for one in found.standings:
        lines += [[], *_desk(one, width, colours, now)]
    if not found.standings:
        lines += [[], [Segment("  No desk is open: nobody has promised anything.", colours.plain)]]
    if found.closed:
        told = one_line(f"closed: {', '.join(map(sure, found.closed))} · :desk open NAME", max(8, width - 3))
        lines += [[], [Segment(f"  {told}", colours.faint)]]
    return lines


def _desk(one: Standing, width: int, colours: Palette, now: float) -> list[Line]:
    promise = "promises nothing" if one.desk.within is None else f"within {spoken(one.desk.within)}"
    more = "" if one.exact else "+"
    head: Line = [
        Segment(f"  {fit(sure(one.desk.name), NAME)} ", colours.bold),
        Segment(f"{promise}   ", colours.faint),
    ]
    waits: Line = [Segment(f"{one.waiting:,}{more} waiting", colours.plain if one.waiting else colours.faint)]
    if one.late:
        waits.append(Segment(f", {one.late:,}{more} late", colours.red))
    if one.oldest is not None:
        waits.append(Segment(f", oldest {spoken(now - one.oldest)}", colours.faint))
    column, cell = (NAME + 3, CELL) if width >= WIDE else (4, CELL - 3)
    lines = [[*head, *waits]] if width >= WIDE else [head, [Segment(" " * column), *waits]]
    for label, spans, kept in (("first answer", one.first, one.kept), ("done", one.done, one.done.kept)):
        lines.append([Segment(f"{'':{column}}{label:<14}", colours.faint), *_spans(spans, kept, cell, colours)])
    return lines


def _spans(spans: Spans, kept: float | None, cell: int, colours: Palette) -> Line:
    """`35 min     90%: 2 h        of 12   in time: 83%`: what the half, and nine of ten, took at most."""
    line: Line = []
    if spans.half is None or spans.most is None:
        line.append(Segment("none yet", colours.faint))
    else:
        line += [
            Segment(f"{spoken(spans.half):<{cell}}", colours.plain),
            Segment("90%: ", colours.faint),
            Segment(f"{spoken(spans.most):<{cell}}", colours.plain),
            Segment(f"of {spans.n:,}", colours.faint),
        ]
    if kept is not None:
        line += [
            Segment("   in time: ", colours.faint),
            Segment(f"{kept:.0%}", colours.green if kept >= 0.9 else colours.amber if kept >= 0.5 else colours.red),
        ]
    return line


class Desks(AskedPage):
    """All of them, over whatever is in front."""

    KEYS = ANEW

    def __init__(self, desk: Desk, colours: Palette) -> None:
        super().__init__(desk, colours, "desks")
        self.found: Found | None = None

    def refresh_view(self) -> None:
        self.clerk.ask("desks", asked(self.desk.clock.now()))

    def take(self, answer: object) -> None:
        if isinstance(answer, Found):
            self.found = answer
            self.lay_out()

    def lines(self, width: int) -> Sequence[Line] | None:
        return self.found and laid_out(self.found, width, self.colours, self.desk.clock.now())
