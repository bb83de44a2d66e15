"""Words and numbers as the overview tells them. Pure."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from typing import NamedTuple

from rich.style import Style

from listen.console.format import DAYS, MONTHS, local, sure
from listen.console.spots import Link
from listen.console.theme import Palette
from listen.insight.window import DAY, Window
from listen.text import one_line

NOISE = 2.0
"""Standard deviations of a difference of two counts (about Poisson) below which it may be chance."""


class Ink(NamedTuple):
    """With what a tile is written."""

    colours: Palette
    width: int
    now: float
    name: str
    """The topic's, made safe."""
    before: Window
    """What changes are against."""
    compares: bool = True
    """It was heard well enough to compare with."""
    zone: tzinfo | None = None


def counted(key: str, text: str, style: Style, query: str, told: str, *more: tuple[str, Style]) -> Link:
    """A number that enter opens."""
    return Link(key, [(text, style), *more], query, told)


def changed(n: int, before: int, ink: Ink) -> tuple[str, Style]:
    """`▲ 38 %`, `▼ 6 %`, `▲ ×5`, `new`, against the window before; faint when chance alone may make as much of it."""
    faint = ink.colours.faint
    if not ink.compares or n == before:
        return ("=" if n and ink.compares else ""), faint
    style = ink.colours.plain if abs(n - before) > NOISE * max(n + before, 0) ** 0.5 else faint
    if not before:
        return "new", style
    ratio = n / before
    if abs(ratio - 1) < 0.005:
        return "=", faint
    sign = "▲" if ratio > 1 else "▼"
    return f"{sign} ×{ratio:.0f}" if ratio >= 4 else f"{sign} {abs(ratio - 1) * 100:.0f} %", style


def was(before: int, ink: Ink) -> str:
    """`, 12 before`, where that may be compared."""
    return f", {before:,} before" if ink.compares else ""


def percent(part: float, whole: float) -> str:
    """`38 %`, `< 1 %`."""
    if not whole or not part:
        return "0 %"
    share = 100 * part / whole
    return "< 1 %" if share < 0.5 else f"{share:.0f} %"


def a_net(value: float) -> str:
    """`+0.12`."""
    return f"{value:+.2f}"


def named(text: str, width: int) -> str:
    """Foreign words for a column that others follow."""
    return one_line(sure(text), width)


def span(window: Window, ink: Ink) -> str:
    """A span of time in few words: `Fri 13:00`, `Fri 13:00-17:00`, `3 Nov`, `3 Nov to 9 Nov`."""
    if window.step == DAY:
        first, last = (datetime.fromtimestamp(at, UTC) for at in (window.since, window.until - 1))
        return _date(first) if first.date() == last.date() else f"{_date(first)} to {_date(last)}"
    first, last = local(window.since, ink.zone), local(window.until, ink.zone)
    far = ink.now - window.since > 6 * DAY
    name = f"{_date(first)}" if far else DAYS[first.weekday()]
    hours = f"{first:%H:%M}" if window.until - window.since <= window.step else f"{first:%H:%M}-{last:%H:%M}"
    return f"{name} {hours}"


def _date(day: datetime) -> str:
    return f"{day.day} {MONTHS[day.month - 1]}"
