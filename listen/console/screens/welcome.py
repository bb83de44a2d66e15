"""What somebody sees who has told nothing yet: how to begin. Nothing is fetched."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.segment import Segment
from textual import events
from textual.screen import Screen

from listen.console.theme import Palette
from listen.console.widgets.footer import Footer
from listen.console.widgets.scrolled import Scrolled

if TYPE_CHECKING:
    from textual.app import ComposeResult

TEXT: tuple[tuple[str, str], ...] = (
    ("listen", "lit_bold"),
    ("", "plain"),
    ("Nothing is listened for yet, and nothing is fetched until you say so.", "plain"),
    ("", "plain"),
    ("listen init BRAND", "keys"),
    ("   writes a commented configuration for a brand, then `listen` collects", "plain"),
    ("", "plain"),
    ("listen demo", "keys"),
    ("   plays a fictional week with a crisis on day five; needs no network", "plain"),
    ("", "plain"),
    ("listen --db FILE", "keys"),
    ("   opens a store that is there already", "plain"),
    ("", "plain"),
    ("Leave with Q, then type one of these.", "faint"),
)
"""(line, style of `Palette`)"""


class Calm(Scrolled):
    """A short text in the middle."""

    def __init__(self, colours: Palette) -> None:
        super().__init__()
        self.colours = colours

    def on_resize(self, event: events.Resize) -> None:  # type: ignore[override]
        indent = " " * max(2, (event.size.width - max(len(line) for line, _ in TEXT)) // 2)
        above: list[list[Segment]] = [[] for _ in range(max(1, (event.size.height - len(TEXT)) // 3))]
        self.lines = above + [[Segment(indent + line, getattr(self.colours, style))] for line, style in TEXT]
        self.refresh()


class Welcome(Screen[None]):
    """The first screen without a configuration."""

    AUTO_FOCUS = "Calm"

    def __init__(self, colours: Palette) -> None:
        super().__init__()
        self.calm, self.footer = Calm(colours), Footer(colours)

    def compose(self) -> ComposeResult:
        yield self.calm
        yield self.footer

    def on_mount(self) -> None:
        self.footer.tell([("Q", "leave"), ("?", "keys")])
