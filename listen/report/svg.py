"""Charts as SVG for a page that allows no script and no style but its own: pure functions, numbers in, text out.

Colours are classes of the page's style sheet, so that one drawing is right in the light, in the dark and on paper.
Every drawing has a title and a description for who cannot see it.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from html import escape
from itertools import groupby
from typing import NamedTuple

from listen.report.words import Ours
from listen.text import one_line

DAY = 86_400

WIDTH, HEIGHT = 960, 240

LEFT, RIGHT, TOP, BOTTOM = 52, 10, 22, 26
"""Around the field of a chart of time."""

HEARD = 0.8
"""Below this share a step was not really heard, and is hatched."""


class Step(NamedTuple):
    """One step of a chart of time."""

    start: float
    n: int
    neg: int
    pos: int
    heard: float
    expected: float | None
    spread: float | None
    other: int | None = None
    """What another window had at its same step."""


class Flag(NamedTuple):
    """Something that happened, in a chart of time."""

    at: float
    text: str


def text(words: object, limit: int | None = None) -> str:
    """Words as text of XML: no sign of them means anything, none is unseen."""
    return escape(one_line(str(words), limit))


def number(value: float) -> str:
    """A length with a decimal at most: the same text on every machine."""
    return (
        f"{value:.1f}".removesuffix(".0").replace("-0", "0") if abs(value) < 0.05 else f"{value:.1f}".removesuffix(".0")
    )


def drawing(name: str, width: float, height: float, title: str, description: str, parts: Iterable[str]) -> Ours:
    """A whole drawing; `name` is its own on the page."""
    head = (
        f'<svg class="{name} chart" viewBox="0 0 {number(width)} {number(height)}" role="img" '
        f'aria-labelledby="{name}-title {name}-text"><title id="{name}-title">{text(title)}</title>'
        f'<desc id="{name}-text">{text(description)}</desc>'
    )
    return Ours(head + "".join(parts) + "</svg>")


# --- over time -------------------------------------------------------------------------------------------------------


def over_time(
    steps: Sequence[Step],
    length: int,
    title: str,
    description: str,
    *,
    day: Callable[[float], str],
    midnight: Callable[[float], bool],
    flags: Sequence[Flag] = (),
    amount: Callable[[float], str] = str,
) -> Ours:
    """How much was said in each step, by tone; what was expected, what was not heard, marks.

    Steps are drawn as wide as each other, though a day of summer time may have 23 hours; the last one has `length`
    seconds.
    """
    if not steps:
        return Ours("")
    most = max(1.0, *(max(one.n, one.expected or 0, one.other or 0) for one in steps))
    lines = ticks(most)
    top = max(most, lines[-1])
    wide, high = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM
    each = wide / len(steps)

    starts = [one.start for one in steps]
    ends = [*starts[1:], starts[-1] + length]

    def x(at: float) -> float:
        place = max(0, bisect_right(starts, at) - 1)
        return LEFT + (place + min(1.0, (at - starts[place]) / (ends[place] - starts[place]))) * each

    def y(n: float) -> float:
        return TOP + high * (1 - n / top)

    parts = [_HATCH]
    parts += [
        f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{number(y(n))}" y2="{number(y(n))}"/>'
        f'<text class="tick" x="{LEFT - 6}" y="{number(y(n) + 4)}" text-anchor="end">{text(amount(n))}</text>'
        for n in lines
    ]
    parts += _gaps(steps, each)
    parts.append(_band(steps, x, y, each))
    parts += _bars(steps, x, y, each)
    parts.append(_line("other", [(x(one.start) + each / 2, one.other) for one in steps], y))
    parts.append(_line("expected", [(x(one.start) + each / 2, one.expected) for one in steps], y))
    parts += _days(steps, x, day, midnight, each)
    parts += _flags(flags, x, starts[0], ends[-1])
    return drawing("volume", WIDTH, HEIGHT, title, description, parts)


_HATCH = (
    '<defs><pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
    '<line class="hatch" x1="0" y1="0" x2="0" y2="6"/></pattern></defs>'
)


def ticks(most: float) -> list[float]:
    """Round numbers from 0 up to the first that is not less than `most`; five at most."""
    power = 10.0 ** math.floor(math.log10(max(most, 1.0)))
    step = next(one * power for one in (0.2, 0.25, 0.5, 1.0, 2.0, 2.5, 5.0) if most / (one * power) <= 4.0)
    step = max(1.0, step)
    return [step * n for n in range(math.ceil(most / step) + 1)]


def _gaps(steps: Sequence[Step], each: float) -> list[str]:
    parts = []
    for deaf, some in groupby(enumerate(steps), key=lambda one: one[1].heard < HEARD):
        run = [place for place, _ in some]
        if deaf:
            parts.append(
                f'<rect class="gap" x="{number(LEFT + run[0] * each)}" y="{TOP}" width="{number(len(run) * each)}" '
                f'height="{HEIGHT - TOP - BOTTOM}" fill="url(#hatch)"/>'
            )
    return parts


def _bars(
    steps: Sequence[Step], x: Callable[[float], float], y: Callable[[float], float], each: float
) -> Iterable[str]:
    """Negative below, positive on top, what is neither between them: a path for each, so that a year stays small."""
    air = min(1.5, each / 6)
    for name in ("neg", "rest", "pos"):
        path = "".join(
            f"M{number(x(one.start) + air / 2)} {number(y(low))}V{number(y(high))}h{number(each - air)}"
            f"V{number(y(low))}z"
            for one in steps
            for low, high in [_ends(name, one)]
            if high > low
        )
        if path:
            yield f'<path class="{name}" d="{path}"/>'


def _ends(tone: str, one: Step) -> tuple[int, int]:
    """From where to where a tone reaches in a bar."""
    middle = max(one.neg, one.n - one.pos)
    return {"neg": (0, one.neg), "rest": (one.neg, middle), "pos": (middle, one.n)}[tone]


def _line(name: str, places: Sequence[tuple[float, float | None]], y: Callable[[float], float]) -> str:
    path, pen = "", "M"
    for at, n in places:
        path += f"{pen}{number(at)} {number(y(n))}" if n is not None else ""
        pen = "L" if n is not None else "M"
    return f'<path class="{name}" d="{path}"/>' if path else ""


def _band(steps: Sequence[Step], x: Callable[[float], float], y: Callable[[float], float], each: float) -> str:
    """What is usual: two standard deviations around what is expected."""
    path = ""
    for known, some in groupby(steps, key=lambda one: one.expected is not None and one.spread is not None):
        run = list(some)
        if not known or len(run) < 2:
            continue
        upper = [(x(one.start) + each / 2, min((one.expected or 0) + 2 * (one.spread or 0), 1e9)) for one in run]
        lower = [(x(one.start) + each / 2, max((one.expected or 0) - 2 * (one.spread or 0), 0.0)) for one in run]
        places = [f"{number(at)} {number(max(TOP, y(n)))}" for at, n in [*upper, *reversed(lower)]]
        path += f"M{'L'.join(places)}z"
    return f'<path class="usual" d="{path}"/>' if path else ""


def _days(
    steps: Sequence[Step],
    x: Callable[[float], float],
    day: Callable[[float], str],
    midnight: Callable[[float], bool],
    each: float,
) -> Iterable[str]:
    """The days below, as many as there is room for; hours where there is no midnight."""
    starts = [one.start for one in steps if midnight(one.start)] or [steps[0].start]
    apart = max(1, math.ceil(len(starts) * 64 / (WIDTH - LEFT - RIGHT)))
    for place, start in enumerate(starts):
        at = number(x(start))
        yield f'<line class="day" x1="{at}" x2="{at}" y1="{TOP}" y2="{HEIGHT - BOTTOM + 4}"/>'
        if place % apart == 0 and x(start) < WIDTH - 50:
            yield f'<text class="tick" x="{number(x(start) + 3)}" y="{HEIGHT - 9}">{text(day(start))}</text>'


def _flags(flags: Sequence[Flag], x: Callable[[float], float], since: float, until: float) -> Iterable[str]:
    shown = [one for one in flags if since <= one.at < until]
    for place, one in enumerate(shown, 1):
        at = number(x(one.at))
        yield (
            f'<g class="flag"><line x1="{at}" x2="{at}" y1="{TOP - 4}" y2="{HEIGHT - BOTTOM}"/>'
            f'<circle cx="{at}" cy="{TOP - 11}" r="8"/><text x="{at}" y="{TOP - 7}" text-anchor="middle">{place}</text>'
            f"<title>{text(one.text, 120)}</title></g>"
        )


# --- parts of a whole ------------------------------------------------------------------------------------------------


def bar(share: float, kind: str = "part", width: int = 160) -> Ours:
    """A bar as long as a share of 1; beside its number in a table, so nothing is to be read out."""
    return stacked([(kind, max(0.0, min(1.0, share)))], 1.0, width)


def stacked(parts: Sequence[tuple[str, float]], most: float | None = None, width: int = 160) -> Ours:
    """Parts side by side, (class, amount): of their sum, or of `most` where bars are compared with each other."""
    whole = sum(amount for _, amount in parts) if most is None else most
    at, drawn = 0.0, []
    for kind, amount in parts:
        long = amount / whole * width if whole else 0.0
        drawn.append(f'<rect class="{kind}" x="{number(at)}" width="{number(long)}" height="10"/>' if long else "")
        at += long
    return Ours(
        f'<svg class="bar" viewBox="0 0 {width} 10" width="{width}" height="10" preserveAspectRatio="none" '
        'aria-hidden="true" focusable="false">'
        f'<rect class="room" width="{width}" height="10"/>{"".join(drawn)}</svg>'
    )


def interval(value: float | None, low: float | None, high: float | None, width: int = 200) -> Ours:
    """A value between -1 and 1 with how surely it is known, on a line with its middle marked."""
    room = width - 12

    def x(n: float) -> float:
        return 6 + (max(-1.0, min(1.0, n)) + 1) / 2 * room

    parts = [
        f'<line class="axis" x1="6" x2="{width - 6}" y1="10" y2="10"/>',
        f'<line class="axis" x1="{number(x(0))}" x2="{number(x(0))}" y1="4" y2="16"/>',
    ]
    if value is not None and low is not None and high is not None:
        kind = "neg" if high < 0 else "pos" if low > 0 else "neu"
        long = max(2.0, x(high) - x(low))
        parts.append(
            f'<rect class="{kind} faint" x="{number(x(low))}" y="6" width="{number(long)}" height="8" rx="4"/>'
        )
        parts.append(f'<circle class="{kind}" cx="{number(x(value))}" cy="10" r="5"/>')
    return Ours(
        f'<svg class="interval" viewBox="0 0 {width} 20" width="{width}" height="20" aria-hidden="true" '
        f'focusable="false">{"".join(parts)}</svg>'
    )


def progress(done: float, met: bool | None, width: int = 160) -> Ours:
    """How far an objective has come, 0 to 1."""
    return bar(done, "pos" if met else "part" if met is None else "neg", width)


def trend(values: Sequence[float | None], width: int = 90, height: int = 18) -> Ours:
    """A small line of how a number went; what is not known is a gap."""
    known = [one for one in values if one is not None]
    if len(known) < 2:
        return Ours("")
    low, high = min(known), max(known)
    room, each = (high - low) or 1.0, (width - 4) / max(1, len(values) - 1)
    places = [(2 + each * place, one) for place, one in enumerate(values)]
    path = _line("trend", places, lambda n: 2 + (height - 4) * (1 - (n - low) / room) if high > low else height / 2)
    return Ours(
        f'<svg class="spark" viewBox="0 0 {width} {height}" width="{width}" height="{height}" aria-hidden="true" '
        f'focusable="false">{path}</svg>'
    )


# --- heat map --------------------------------------------------------------------------------------------------------

LEVELS = 6
"""Shades of the heat map, the first for nothing at all."""


def heat(rows: Sequence[Sequence[int]], days: Sequence[str], title: str, description: str) -> Ours:
    """Seven days by 24 hours; the shade grows with the square root, so that one crisis leaves the rest readable."""
    most = max((n for row in rows for n in row), default=0)
    wide, high, left, top = 34, 20, 44, 20
    parts = [f'<text class="tick" x="{left + hour * wide}" y="14">{hour:02}</text>' for hour in range(0, 24, 3)]
    for place, row in enumerate(rows):
        y = top + place * (high + 2)
        parts.append(f'<text class="tick" x="{left - 8}" y="{y + 14}" text-anchor="end">{text(days[place])}</text>')
        for hour, n in enumerate(row):
            parts.append(
                f'<rect class="heat{shade(n, most)}" x="{left + hour * wide}" y="{y}" width="{wide - 2}" '
                f'height="{high}" rx="2"/>'
            )
    return drawing("hours", left + 24 * wide, top + 7 * (high + 2), title, description, parts)


def shade(n: int, most: int) -> int:
    """0 for nothing, LEVELS - 1 for the most."""
    return 0 if not n or not most else max(1, math.ceil(math.sqrt(n / most) * (LEVELS - 1)))
