"""`?`: the keys of what has the focus, then all others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from rich.segment import Segment
from textual import events
from textual.screen import ModalScreen

from listen.console import keys
from listen.console.keys import Key, Scope, shown
from listen.console.theme import Palette
from listen.console.widgets.footer import Footer
from listen.console.widgets.scrolled import Scrolled

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType

TITLES: dict[Scope, str] = {
    "global": "EVERYWHERE",
    "lists": "LISTS",
    "mentions": "MENTIONS",
    "alerts, sources": "ALERTS, SOURCES",
    "yes or no": "YES OR NO",
    "leaving": "WHEN YOU LEAVE",
    "inputs": "WHILE TYPING",
}

WIDEST = 100
"""Cells of a line at most: beyond them nobody finds the id that belongs to a verb."""

KEYS = 14
"""Cells of the keys' column."""


def laid_out(table: Sequence[Key], scopes: Sequence[Scope], colours: Palette, width: int) -> list[list[Segment]]:
    """The keys of these scopes first, the others after them; what comes later is faint."""
    lines: list[list[Segment]] = []
    for scope in (*scopes, *(scope for scope in TITLES if scope not in scopes)):
        lines += [[], [Segment(f"  {TITLES[scope]}", colours.lit_bold)]]
        lines += [_line(key, colours, width) for key in table if key.scope == scope]
    return lines


def _line(key: Key, colours: Palette, width: int) -> list[Segment]:
    names = " ".join(shown(name) for name in key.keys if "_letter_" not in name)
    told = f"{key.help} (comes later)" if key.later else key.help
    line = [
        Segment(f"  {names:<{KEYS}} ", colours.faint if key.later else colours.keys),
        Segment(told, colours.faint if key.later else colours.plain),
    ]
    room = min(width, WIDEST) - 5 - KEYS - len(told)
    if room > len(key.id):
        line.append(Segment(f"{key.id:>{room}}", colours.faint))
    return line


class HelpText(Scrolled):
    """The table of keys."""

    def __init__(self, table: Sequence[Key], scopes: Sequence[Scope], colours: Palette) -> None:
        super().__init__()
        self.table, self.scopes, self.colours = table, scopes, colours

    def on_resize(self, event: events.Resize) -> None:  # type: ignore[override]
        self.lines = laid_out(self.table, self.scopes, self.colours, event.size.width)
        self.scroll_lines(0)
        self.refresh()


class Help(ModalScreen[None]):
    """All keys, with the ids by which they can be changed."""

    AUTO_FOCUS = "HelpText"
    BINDINGS: ClassVar[list[BindingType]] = keys.bindings(
        "global", only=("app.help", "app.out", "app.back", "app.quit")
    )

    def __init__(self, table: Sequence[Key], scopes: Sequence[Scope], colours: Palette) -> None:
        super().__init__()
        self.text = HelpText(table, scopes, colours)
        self.footer = Footer(colours)

    def compose(self) -> ComposeResult:
        yield self.text
        yield self.footer

    def on_mount(self) -> None:
        self.footer.tell([("j k", "move"), ("g G", "top, bottom"), ("esc", "close")])
