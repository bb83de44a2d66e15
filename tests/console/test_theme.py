"""The colours: readable in every theme, in 256 and in 16 colours, and nothing is said by a colour alone."""

from __future__ import annotations

import pytest
from rich.color import Color, ColorSystem
from rich.color_triplet import ColorTriplet
from rich.palette import Palette as Colours

from listen.config.keys import PERSONAL
from listen.console import prepare_environment, theme
from listen.console.theme import GLYPHS, THEMES, Palette, palette
from tests.console.conftest import console
from tests.console.town import Town

READ = ("text", "bright", "soft", "accent", "key", "good", "bad", "warn")
"""Colours of words."""

GROUNDS = ("ground", "panel", "bar", "cursor")

VGA = ((0, 0, 0), (170, 0, 0), (0, 170, 0), (170, 85, 0), (0, 0, 170), (170, 0, 170), (0, 170, 170), (170, 170, 170),
       (85, 85, 85), (255, 85, 85), (85, 255, 85), (255, 255, 85), (85, 85, 255), (255, 85, 255), (85, 255, 255),
       (255, 255, 255))  # fmt: skip
XTERM = ((0, 0, 0), (205, 0, 0), (0, 205, 0), (205, 205, 0), (0, 0, 238), (205, 0, 205), (0, 205, 205), (229, 229, 229),
         (127, 127, 127), (255, 0, 0), (0, 255, 0), (255, 255, 0), (92, 92, 255), (255, 0, 255), (0, 255, 255),
         (255, 255, 255))  # fmt: skip
"""What the sixteen colours are on the console of Linux, and in xterm."""


def luminance(colour: ColorTriplet) -> float:
    """Relative luminance as WCAG 2.2 defines it."""
    parts = [part / 255 for part in colour]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: ColorTriplet, other: ColorTriplet) -> float:
    """The ratio of WCAG 2.2, from 1 to 21."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def really(colour: str, system: ColorSystem, sixteen: Colours | None = None) -> ColorTriplet:
    """What a terminal shows for a colour of a palette."""
    shown = Color.parse(colour).downgrade(system)
    if sixteen is not None:
        assert shown.number is not None
        return sixteen[shown.number]
    return shown.get_truecolor()


def readable(colours: Palette, system: ColorSystem, sixteen: Colours | None = None) -> None:
    grounds = GROUNDS if colours.grounds else ("ground",)
    for name in (*READ, "dim"):
        least = 3.0 if name == "dim" else 4.5
        for ground in grounds:
            one = really(getattr(colours, name), system, sixteen)
            ratio = contrast(one, really(getattr(colours, ground), system, sixteen))
            assert ratio >= least, f"{colours.name}: {name} on {ground} in {system.name} has {ratio:.2f}"


@pytest.mark.parametrize("name", THEMES)
def test_every_theme_can_be_read(name: str) -> None:
    readable(palette(name, no_color=False, color_system="truecolor"), ColorSystem.TRUECOLOR)


@pytest.mark.parametrize("name", THEMES)
def test_every_theme_can_be_read_in_256_colours_and_keeps_its_grounds_apart(name: str) -> None:
    colours = palette(name, no_color=False, color_system="256")
    readable(colours, ColorSystem.EIGHT_BIT)
    grounds = [really(getattr(colours, ground), ColorSystem.EIGHT_BIT) for ground in ("ground", "bar", "cursor")]
    assert len(set(grounds)) == 3
    for ground in grounds:
        assert max(ground) - min(ground) <= 40, "a ground is grey, not navy"


@pytest.mark.parametrize("sixteen", [VGA, XTERM], ids=["vga", "xterm"])
@pytest.mark.parametrize("name", THEMES)
def test_every_theme_can_be_read_in_16_colours(name: str, sixteen: tuple[tuple[int, int, int], ...]) -> None:
    colours = palette(name, no_color=False, color_system="standard")
    assert colours.dark == THEMES[name].dark
    readable(colours, ColorSystem.STANDARD, Colours(sixteen))
    for field in (*READ, "dim", "ground"):
        written = Color.parse(getattr(colours, field))
        assert really(getattr(colours, field), ColorSystem.STANDARD, Colours(VGA)) == written.get_truecolor()


def test_no_colour_is_none_at_all() -> None:
    colours = palette("listen-light", no_color=True, color_system="truecolor")
    for style in (colours.strong, colours.faint, colours.lit, colours.red_bold, colours.badge, colours.under_cursor):
        assert style.color is None
        assert style.bgcolor is None


@pytest.mark.parametrize("colours", [*THEMES.values(), theme.SIXTEEN, theme.SIXTEEN_LIGHT, theme.PLAIN])
def test_what_differs_by_colour_differs_without(colours: Palette) -> None:
    assert len({GLYPHS[tone] for tone in ("pos", "neu", "neg", "unknown")}) == 4
    assert colours.bold.bold
    assert colours.lit_bold.bold
    assert colours.keys.bold
    assert colours.link.underline
    assert colours.badge.bgcolor or colours.badge.reverse
    assert colours.under_cursor.bgcolor or colours.under_cursor.bold


def test_the_configuration_knows_the_same_names() -> None:
    key = PERSONAL["me"].keys["theme"]
    assert key.choices == tuple(THEMES)
    assert key.default in THEMES


@pytest.mark.parametrize(
    ("given", "left"),
    [
        ({"TERM": "vt100"}, "1"),
        ({"TERM": "xterm-mono"}, "1"),
        ({"TERM": "xterm"}, None),
        ({"TERM": "linux"}, None),
        ({"TERM": "tmux-256color", "NO_COLOR": ""}, None),
        ({"TERM": "tmux-256color", "NO_COLOR": "yes"}, "yes"),
        ({}, None),
    ],
)
def test_what_the_environment_says_of_colours(given: dict[str, str], left: str | None) -> None:
    prepare_environment(given)
    assert given.get("NO_COLOR") == left


async def test_other_colours_while_it_runs(town: Town) -> None:
    town.talk(1)
    town.all_good()
    async with console(town.path, town.clock) as driven:
        await driven.until(lambda: "sources" in driven.text(), "the numbers")
        before = colours_in(driven)
        assert "#11141b" in before
        driven.app.action_look("listen-light")
        await driven.until(lambda: not colours_in(driven) & before, "everything in other colours")
        assert 'theme = "listen-light"' in driven.footer()
        assert "#fafafa" in colours_in(driven)


def colours_in(driven: object) -> set[str]:
    """All colours on the screen."""
    screen = driven.app.screen  # type: ignore[attr-defined]
    styles = [segment.style for line in screen._compositor.render_strips(screen.size) for segment in line]
    colours = [colour for style in styles if style for colour in (style.color, style.bgcolor) if colour]
    return {colour.get_truecolor().hex for colour in colours}


async def test_the_palette_offers_the_themes(town: Town) -> None:
    async with console(town.path, town.clock) as driven:
        offered = [command.title for command in driven.app.get_system_commands(driven.screen)]
        for name in THEMES:
            assert f"theme {name}" in offered
