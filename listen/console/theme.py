"""The colours: one dark ground, one accent, colour only where it means something. A palette makes strips and theme.

Sentiment always has a glyph besides its colour, and the cursor a bar besides its ground, so that 16 colours or none are
enough to read everything.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from rich.style import Style

if TYPE_CHECKING:
    from textual.theme import Theme

GLYPHS = {"pos": "▲", "neu": "·", "none": "·", "neg": "▼", "unknown": "?"}
"""Tone (`listen.model.tone`) -> its sign."""

BAR = "▌"
"""Left of what the cursor is on."""


@dataclass(frozen=True)
class Palette:
    """Colours by what they mean."""

    name: str
    ground: str = "#11141b"
    panel: str = "#161a23"
    bar: str = "#1c2230"
    cursor: str = "#25304a"
    line: str = "#262d3d"
    text: str = "#c8d0e0"
    white: str = "#ffffff"
    dim: str = "#6b7489"
    soft: str = "#9fb4d8"
    accent: str = "#7aa2f7"
    key: str = "#e0af68"
    good: str = "#8fbf7f"
    bad: str = "#e06c75"
    warn: str = "#e0af68"
    colour: bool = True
    grounds: bool = True
    """Whether grounds can be told apart: not with 16 colours, not with none."""

    def _style(self, colour: str, *, bold: bool | None = None, underline: bool | None = None) -> Style:
        return Style(color=colour if self.colour else None, bold=bold, underline=underline)

    @cached_property
    def strong(self) -> Style:
        return self._style(self.white)

    @cached_property
    def plain(self) -> Style:
        return self._style(self.text)

    @cached_property
    def bold(self) -> Style:
        return self._style(self.white, bold=True)

    @cached_property
    def faint(self) -> Style:
        return self._style(self.dim) if self.colour else Style(dim=True)

    @cached_property
    def author(self) -> Style:
        return self._style(self.soft)

    @cached_property
    def lit(self) -> Style:
        return self._style(self.accent)

    @cached_property
    def lit_bold(self) -> Style:
        return self._style(self.accent, bold=True)

    @cached_property
    def keys(self) -> Style:
        return self._style(self.key, bold=True)

    @cached_property
    def amber(self) -> Style:
        return self._style(self.warn)

    @cached_property
    def red(self) -> Style:
        return self._style(self.bad)

    @cached_property
    def red_bold(self) -> Style:
        return self._style(self.bad, bold=True)

    @cached_property
    def green(self) -> Style:
        return self._style(self.good)

    @cached_property
    def link(self) -> Style:
        return self._style(self.accent, underline=True)

    @cached_property
    def badge(self) -> Style:
        """The product's name at the left of the header."""
        return (
            Style(color=self.ground, bgcolor=self.accent, bold=True) if self.grounds else Style(reverse=True, bold=True)
        )

    @cached_property
    def under_cursor(self) -> Style:
        """Laid under the row that the cursor is on, in the list that has the focus."""
        return Style(bgcolor=self.cursor) if self.grounds else Style(bold=True)

    def tone(self, tone: str, *, bold: bool = False) -> Style:
        """The colour of a sentiment."""
        match tone:
            case "pos":
                return self.green
            case "neg":
                return self.red_bold if bold else self.red
            case "unknown":
                return self.amber
        return self.faint


DARK = Palette("listen-dark")
SIXTEEN = Palette(
    "listen-16", ground="#000000", panel="#000000", bar="#000000", cursor="#0000aa", line="#555555", text="#aaaaaa",
    white="#ffffff", dim="#555555", soft="#00aaaa", accent="#5555ff", key="#ffff55", good="#00aa00", bad="#ff5555",
    warn="#ffff55", grounds=False,
)  # fmt: skip
"""The colours that every terminal has, exactly, so that nothing is rounded to something unreadable."""

PLAIN = Palette("listen-plain", colour=False, grounds=False)


def palette(*, no_color: bool, color_system: str | None) -> Palette:
    """The palette for a terminal; `color_system` as Rich names it."""
    if no_color:
        return PLAIN
    return SIXTEEN if color_system == "standard" else DARK


def textual_theme(colours: Palette = DARK) -> Theme:
    """The palette for Textual's own widgets and for `console.tcss`."""
    from textual.theme import Theme

    return Theme(
        name=colours.name,
        primary=colours.accent,
        secondary=colours.soft,
        accent=colours.key,
        foreground=colours.text,
        background=colours.ground,
        surface=colours.panel,
        panel=colours.bar,
        success=colours.good,
        warning=colours.warn,
        error=colours.bad,
        dark=True,
        variables={
            "line": colours.line,
            "dim": colours.dim,
            "input-cursor-background": colours.text,
            "input-cursor-foreground": colours.ground,
            "input-selection-background": colours.cursor,
            "block-cursor-background": colours.cursor,
            "block-cursor-foreground": colours.white,
            "scrollbar": colours.line,
            "scrollbar-background": colours.ground,
        },
    )
