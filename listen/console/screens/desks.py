"""All desks on a page: what waits, what is late, how soon they answered and were done, and what promises were worth."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from rich.segment import Segment
from textual.screen import ModalScreen

from listen.console import keys
from listen.console.answers import Failed, Post
from listen.console.clerk import Asked, Clerk, Job
from listen.console.desk import Desk
from listen.console.facts import Line
from listen.console.format import fit, sure
from listen.console.messages import Told
from listen.console.theme import Palette
from listen.console.widgets.footer import Footer
from listen.console.widgets.scrolled import Scrolled
from listen.insight.desks import Spans, Standing, spoken, standings
from listen.store.read import Reader
from listen.text import one_line

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType

NAME, CELL = 16, 11


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
        lines += [[], *_desk(one, colours, now)]
    if not found.standings:
        lines += [[], [Segment("  No desk is open: nobody has promised anything.", colours.plain)]]
    if found.closed:
        told = one_line(f"closed: {', '.join(map(sure, found.closed))} · :desk open NAME", max(8, width - 3))
        lines += [[], [Segment(f"  {told}", colours.faint)]]
    return lines


def _desk(one: Standing, colours: Palette, now: float) -> list[Line]:
    promise = "promises nothing" if one.desk.within is None else f"within {spoken(one.desk.within)}"
    more = "" if one.exact else "+"
    head: Line = [
        Segment(f"  {fit(sure(one.desk.name), NAME)} ", colours.bold),
        Segment(f"{promise}   ", colours.faint),
        Segment(f"{one.waiting:,}{more} waiting", colours.plain if one.waiting else colours.faint),
    ]
    if one.late:
        head.append(Segment(f", {one.late:,}{more} late", colours.red))
    if one.oldest is not None:
        head.append(Segment(f", oldest {spoken(now - one.oldest)}", colours.faint))
    return [
        head,
        _spans("first answer", one.first, one.kept, colours),
        _spans("done", one.done, one.done.kept, colours),
    ]


def _spans(label: str, spans: Spans, kept: float | None, colours: Palette) -> Line:
    """`first answer   half within 35 min · nine of ten within 2 h · of 12 · 83 % as promised`"""
    line = [Segment(f"  {'':{NAME}} {label:<14}", colours.faint)]
    if spans.half is None or spans.most is None:
        line.append(Segment("none yet", colours.faint))
    else:
        line += [
            Segment(f"{spoken(spans.half):<{CELL}}", colours.plain),
            Segment("90%: ", colours.faint),
            Segment(f"{spoken(spans.most):<{CELL}}", colours.plain),
            Segment(f"of {spans.n:,}", colours.faint),
        ]
    if kept is not None:
        line += [
            Segment("   in time: ", colours.faint),
            Segment(f"{kept:.0%}", colours.green if kept >= 0.9 else colours.amber if kept >= 0.5 else colours.red),
        ]
    return line


class DesksText(Scrolled):
    """The list."""


class Desks(ModalScreen[None]):
    """A panel over whatever is in front."""

    AUTO_FOCUS = "DesksText"
    BINDINGS: ClassVar[list[BindingType]] = keys.bindings(
        "global", only=("app.help", "app.out", "app.back", "app.quit", "app.refresh")
    )

    def __init__(self, desk: Desk, colours: Palette) -> None:
        super().__init__()
        self.desk, self.colours = desk, colours
        self.text, self.footer = DesksText(), Footer(colours)
        self.found: Found | None = None
        self.clerk = Clerk("desks", desk.store, self._hear, desk.who)

    def compose(self) -> ComposeResult:
        yield self.text
        yield self.footer

    def on_mount(self) -> None:
        self.footer.tell([("j k", "move"), ("R", "again"), ("esc", "close")])
        self.refresh_view()

    def on_unmount(self) -> None:
        self.clerk.close()

    def refresh_view(self) -> None:
        """Look again."""
        self.clerk.ask("desks", asked(self.desk.clock.now()))

    def _hear(self, answer: object) -> None:
        self.post_message(Told(answer))

    def on_told(self, event: Told) -> None:
        match event.answer:
            case Found() as found:
                self.found = found
                self._lay_out()
            case Failed(sentence):
                self.footer.say(sentence, "red")

    def on_resize(self) -> None:
        self._lay_out()

    def _lay_out(self) -> None:
        if self.found is not None:
            self.text.lines = laid_out(self.found, self.size.width, self.colours, self.desk.clock.now())
            self.text.scroll_lines(0)
            self.text.refresh()
