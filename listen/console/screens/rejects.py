"""What could not be read and was set aside: why, how often, when, and how it begins."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, NamedTuple, cast

from rich.segment import Segment
from textual.screen import ModalScreen

from listen.console import keys
from listen.console.answers import Failed, Post
from listen.console.clerk import Asked, Clerk, Job
from listen.console.desk import Desk
from listen.console.facts import Line
from listen.console.format import moment, sure
from listen.console.messages import Told
from listen.console.notes import failed
from listen.console.theme import Palette
from listen.console.widgets.footer import Footer
from listen.console.widgets.scrolled import Scrolled
from listen.console.wrapping import wrap
from listen.store.health import Reject
from listen.store.read import Reader
from listen.text import cell_width, one_line

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType

    from listen.console.app import ListenApp

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


class RejectsText(Scrolled):
    """The list."""


class Rejects(ModalScreen[None]):
    """A panel over whatever is in front."""

    AUTO_FOCUS = "RejectsText"
    BINDINGS: ClassVar[list[BindingType]] = keys.bindings(
        "global", only=("app.help", "app.out", "app.back", "app.quit")
    )

    def __init__(self, desk: Desk, colours: Palette, channel: int | None) -> None:
        super().__init__()
        self.desk, self.colours, self.channel = desk, colours, channel
        self.text, self.footer = RejectsText(), Footer(colours)
        self.rejects: Sequence[Reject] | None = None
        self.clerk = Clerk("rejects", desk.store, self._hear, desk.who)

    def compose(self) -> ComposeResult:
        yield self.text
        yield self.footer

    def on_mount(self) -> None:
        self.footer.tell([("j k", "move"), ("g G", "top, bottom"), ("esc", "close")])
        self.clerk.ask("rejects", asked(self.channel))

    def on_unmount(self) -> None:
        self.clerk.close()

    def _hear(self, answer: object) -> None:
        self.post_message(Told(answer))

    def on_told(self, event: Told) -> None:
        match event.answer:
            case SetAside(rejects):
                self.rejects = rejects
                self._lay_out()
            case Failed(sentence):
                told = failed(sentence, cast("ListenApp", self.app).key("app.quit"))
                self.text.lines = [[Segment(f"  {line}", getattr(self.colours, style))] for line, style in told]
                self.text.refresh()

    def on_resize(self) -> None:
        self._lay_out()

    def _lay_out(self) -> None:
        if self.rejects is not None:
            self.text.lines = laid_out(self.rejects, self.size.width, self.colours, self.desk.clock.now())
            self.text.scroll_lines(0)
            self.text.refresh()
