"""What could not be read and was set aside: why, how often, when, and how it begins."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from rich.segment import Segment

from listen.console.answers import Post
from listen.console.clerk import Asked, Job
from listen.console.desk import Desk
from listen.console.facts import Line
from listen.console.format import moment, sure
from listen.console.screens.page import AskedPage
from listen.console.theme import Palette
from listen.console.wrapping import wrap
from listen.store.health import Reject
from listen.store.read import Reader
from listen.text import cell_width, one_line

MOST = 200
"""Rejects that are listed: the newest."""

SAMPLE = 4
"""Lines of what was refused that are shown."""


class SetAside(NamedTuple):
    """The store's answer."""

    rejects: Sequence[Reject]


def asked(channel: int | None) -> Job:
    """What was set aside, of one channel or of all."""

    def job(reader: Reader, _asked: Asked, _post: Post) -> SetAside:
        return SetAside(reader.rejects(MOST, channel))

    return job


def laid_out(rejects: Sequence[Reject], width: int, colours: Palette, now: float) -> list[Line]:
    """All of them as lines; everything in them but the numbers is foreign."""
    title = [
        Segment("  SET ASIDE", colours.lit_bold),
        Segment("   what could not be read, newest first", colours.faint),
    ]
    if not rejects:
        return [[], title, [], [Segment("  Nothing has been set aside.", colours.plain)]]
    lines: list[Line] = [[], title]
    for one in rejects:
        place = " · ".join(sure(name) for name in (one.source, one.channel) if name)
        times = f" ×{one.seen:,}" if one.seen > 1 else ""
        head = one_line(one.reason, max(8, width // 2)) + times
        room = max(1, width - 20 - cell_width(head))
        lines += [
            [],
            [
                Segment(f"  {moment(one.at, now):<14}", colours.faint),
                Segment(head, colours.amber),
                Segment("   " + one_line(place, room) if place else "", colours.faint),
            ],
        ]
        lines += _wrapped(one.message, width, 3, colours, "plain")
        lines += _wrapped(one.sample, width, SAMPLE, colours, "faint")
    return lines


def _wrapped(text: str, width: int, most: int, colours: Palette, style: str) -> list[Line]:
    room = max(8, width - 18)
    shown = one_line(text[: most * room * 4], most * room)
    cut = [shown[start:end] for start, end in wrap(shown, room)][:most] if shown else []
    return [[Segment(" " * 16 + piece, getattr(colours, style))] for piece in cut]


class Rejects(AskedPage):
    """All of them, over whatever is in front."""

    def __init__(self, desk: Desk, colours: Palette, channel: int | None) -> None:
        super().__init__(desk, colours, "rejects")
        self.channel = channel
        self.found: SetAside | None = None

    def refresh_view(self) -> None:
        self.clerk.ask("rejects", asked(self.channel))

    def take(self, answer: object) -> None:
        if isinstance(answer, SetAside):
            self.found = answer
            self.lay_out()

    def lines(self, width: int) -> Sequence[Line] | None:
        return self.found and laid_out(self.found.rejects, width, self.colours, self.desk.clock.now())
