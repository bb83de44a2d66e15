"""The colours: one ground, one accent, colour only where it means something. A palette makes strips and theme.

Sentiment always has a glyph besides its colour, and the cursor a bar besides its ground, so that 16 colours or none are
enough to read everything.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from rich.style import Style

if TYPE_CHECKING:
    from textual.theme import Theme

GLYPHS = {"pos": "▲", "neu": "·", "none": "-", "neg": "▼", "unknown": "?"}
"""Tone (`listen.model.tone`) -> its sign."""

BAR = "▌"
"""Left of what the cursor is on."""

MARK = "▐"
"""Left of what is marked: the other half of the cell."""

BAR_AND_MARK = "█"


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
    bright: str = "#ffffff"
    """What stands out from the text: the cursor's row, what is bold."""
    dim: str = "#8089a0"
    soft: str = "#9fb4d8"
    accent: str = "#7aa2f7"
    key: str = "#e0af68"
    good: str = "#8fbf7f"
    bad: str = "#f0858d"
    warn: str = "#e0af68"
    dark: bool = True
    colour: bool = True
    grounds: bool = True
    """Whether grounds can be told apart: not with 16 colours, not with none."""

    def _style(self, colour: str, *, bold: bool | None = None, underline: bool | None = None) -> Style:
        return Style(color=colour if self.colour else None, bold=bold, underline=underline)

    @cached_property
    def strong(self) -> Style:
        return self._style(self.bright)

    @cached_property
    def plain(self) -> Style:
        return self._style(self.text)

    @cached_property
    def bold(self) -> Style:
        return self._style(self.bright, bold=True)

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
    def match(self) -> Style:
        """Words by which something was found."""
        return Style(color=self.ground, bgcolor=self.key) if self.colour else Style(bold=True)

    def scored(self, tone: str) -> Style:
        """Words that a sentiment comes from."""
        return self._style(self.good if tone == "pos" else self.bad, underline=True)

    @cached_property
    def wants(self) -> Style:
        """Words that show what an author wants."""
        return self._style(self.accent, underline=True)

    @cached_property
    def badge(self) -> Style:
        """The product's name at the left of the header."""
        return (
            Style(color=self.ground, bgcolor=self.accent, bold=True) if self.grounds else Style(reverse=True, bold=True)
        )

    @cached_property
    def found(self) -> Style:
        """Laid over words that were looked for."""
        return Style(color=self.ground, bgcolor=self.warn) if self.grounds else Style(reverse=True)

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

BLACK = Palette(
    "listen-black", ground="#000000", panel="#0b0b0b", bar="#171717", cursor="#3a3a3a", line="#303030", text="#e4e4e4",
    bright="#ffffff", dim="#9e9e9e", soft="#d7c49e", accent="#5fd7ff", key="#ffd75f", good="#87d787", bad="#ff8787",
    warn="#ffd75f",
)  # fmt: skip
"""More contrast, on black."""

LIGHT = Palette(
    "listen-light", ground="#fafafa", panel="#f1f3f6", bar="#e6e9ef", cursor="#d5e0f5", line="#c4cad4", text="#2b3140",
    bright="#000000", dim="#66707f", soft="#24527a", accent="#1d4fc0", key="#704400", good="#226b2b", bad="#b1201a",
    warn="#704400", dark=False,
)  # fmt: skip

THEMES: Mapping[str, Palette] = {one.name: one for one in (DARK, BLACK, LIGHT)}
"""What `[me] theme` may name; `listen.config` knows the same names."""

SIXTEEN = Palette(
    "listen-16", ground="#000000", panel="#000000", bar="#000000", cursor="#0000aa", line="#555555", text="#ffffff",
    bright="#ffffff", dim="#aaaaaa", soft="#00aaaa", accent="#55ffff", key="#ffff55", good="#55ff55", bad="#ff5555",
    warn="#ffff55", grounds=False,
)  # fmt: skip
"""Colours that every terminal has, exactly, so that nothing is rounded: no blue on black, and nothing fainter than the
white that is not bright, since some palettes make the bright black their ground."""

SIXTEEN_LIGHT = Palette(
    "listen-16-light", ground="#ffffff", panel="#ffffff", bar="#ffffff", cursor="#aaaaaa", line="#555555",
    text="#000000", bright="#000000", dim="#555555", soft="#0000aa", accent="#0000aa", key="#aa00aa", good="#0000aa",
    bad="#aa0000", warn="#aa00aa", dark=False, grounds=False,
)  # fmt: skip
"""The same on white, where neither green nor yellow nor cyan can be read."""

PLAIN = Palette("listen-plain", colour=False, grounds=False)


def palette(name: str = DARK.name, *, no_color: bool, color_system: str | None) -> Palette:
    """The palette of a theme for a terminal; `color_system` as Rich names it."""
    chosen = THEMES.get(name, DARK)
    if no_color:
        return PLAIN
    if color_system == "standard":
        return SIXTEEN if chosen.dark else SIXTEEN_LIGHT
    return in_256(chosen) if color_system == "256" else chosen


def in_256(colours: Palette) -> Palette:
    """The palette in the nearest of the 256 colours. Rich's own way turns dark blue grounds into navy and teal."""
    fields = ("ground", "panel", "bar", "cursor", "line", "text", "bright", "dim", "soft", "accent", "key", "good",
              "bad", "warn")  # fmt: skip
    nearest: dict[str, Any] = {name: _nearest(getattr(colours, name)) for name in fields}
    return replace(colours, **nearest)


CUBE = (0, 95, 135, 175, 215, 255)
"""Steps of each colour in the 256 ones."""


def _nearest(colour: str) -> str:
    """A colour that Rich maps to the nearest grey or cube colour of the 256."""
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    step = max(0, min(23, round(((red + green + blue) / 3 - 8) / 10)))
    grey = 8 + 10 * step
    cube = [min(CUBE, key=lambda one, part=part: abs(one - part)) for part in (red, green, blue)]  # type: ignore[misc]
    if _apart((red, green, blue), cube) < _apart((red, green, blue), (grey,) * 3):
        return "#" + "".join(f"{part:02x}" for part in cube)
    shade = round(255 * (step + 1) / 25)  # Rich takes the lightness of a grey in twenty-fifths
    return "#" + f"{shade:02x}" * 3


def _apart(one: Sequence[int], other: Sequence[int]) -> int:
    return sum((a - b) ** 2 for a, b in zip(one, other, strict=True))


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
        dark=colours.dark,
        variables={
            "line": colours.line,
            "dim": colours.dim,
            "input-cursor-background": colours.text,
            "input-cursor-foreground": colours.ground,
            "input-selection-background": colours.cursor,
            "block-cursor-background": colours.cursor,
            "block-cursor-foreground": colours.bright,
            "scrollbar": colours.line,
            "scrollbar-background": colours.ground,
        },
    )
