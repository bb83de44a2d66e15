"""The overview's charts: how loud it was, hour by hour or day by day, and how people felt. Pure, for any thread."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, tzinfo
from typing import NamedTuple

from rich.segment import Segment

from listen.console import charts
from listen.console.format import DAYS, MONTHS, local, moment
from listen.console.overview_words import Ink, a_net, changed, counted, named, span
from listen.console.spots import Link, Row, Spot, Tile, Writing
from listen.insight.expected import BY_HOURS, Expectation
from listen.insight.figures import Figures, Point, topic_query
from listen.insight.marks import Effect, Mark
from listen.insight.window import DAY, HOUR, Window
from listen.store.pulse import Numbers
from listen.text import cell_width, one_line

WHOLE = (1, 2, 3, 4, 6, 8, 12, 24, 48, 72, 168)
"""Points that one bar may stand for."""

HEARD = 0.8
"""The share of its time that must have been heard for a bar to tell how loud it was."""

Marked = Sequence[tuple[Mark, Effect | None]]
"""Marks, and what was said before and after some of them."""

EPISODES = 3
"""Times far above what is expected that are told."""


class Step(NamedTuple):
    """What one bar stands for: one point of the series or several."""

    window: Window
    numbers: Numbers
    heard: float
    expected: float | None
    spread: float | None
    loud: bool
    begun: bool
    """It is not wholly in the future."""

    @property
    def deaf(self) -> bool:
        return self.begun and self.heard < HEARD


class Frame(NamedTuple):
    """How a series is laid out: its steps, the cells of each, and those left of it."""

    steps: Sequence[Step]
    wide: int
    left: int


def framed(found: Figures, width: int, now: float, left: int = 6) -> Frame:
    """The series in as many bars as there is room for, all of them as wide as that allows."""
    room = max(8, width - left)
    each = next((one for one in WHOLE if -(-len(found.points) // one) <= room), WHOLE[-1])
    points = found.points
    steps = [_step(points[at : at + each], found.window.step, now) for at in range(0, len(points), each)]
    return Frame(steps, max(1, room // max(1, len(steps))), left)


def _step(points: Sequence[Point], step: int, now: float) -> Step:
    expected, spreads = [one.expected for one in points], [one.spread for one in points]
    known = [one for one in expected if one is not None]
    passed = [one for one in points if one.start < now] or points[:1]
    total = Numbers()
    for one in points:
        total = total.plus(one.numbers)
    return Step(
        Window(points[0].start, points[-1].start + step, step),
        total,
        sum(one.heard for one in passed) / len(passed),
        sum(known) if len(known) == len(passed) else None,
        math.sqrt(sum(one * one for one in spreads if one is not None)) if known else None,
        any(map(loud, points)),
        points[0].start < now,
    )


def loud(point: Point) -> bool:
    """Whether it is far above what was expected."""
    if point.expected is None or point.spread is None:
        return False
    return Expectation(point.expected, point.spread, BY_HOURS).is_passed_by(point.numbers.n)


# --- how loud --------------------------------------------------------------------------------------------------------


def volume(found: Figures, frame: Frame, fired: Sequence[int], ink: Ink, rows: int, marked: Marked = ()) -> Tile:
    """Mentions over time; red where an alert fired (unix seconds) or more came than was to be expected."""
    colours, steps = ink.colours, frame.steps
    if not found.numbers.n:
        return Tile("volume", [_volume_head(found, frame, ink), *_silent(found, ink)])
    told = [one._replace(loud=one.loud or _fires(fired, one.window) > 0) for one in steps]
    bars = [charts.Bar(one.numbers.n, one.expected, one.loud, one.deaf) for one in told]
    top = max([1.0, *(bar.n for bar in bars), *(bar.usual or 0.0 for bar in bars)])
    lines = [_volume_head(found, frame, ink)]
    lines += [_mark_row(frame, [mark.at for mark, _ in marked], ink)] if marked else []
    for level, line in enumerate(charts.bars(bars, rows, top, colours, frame.wide)):
        value = top * (rows - level) / rows
        shown = f"{value:,.0f}" if level == 0 or (rows >= 4 and level == rows // 2) else ""
        lines.append(Row([Segment(f"{shown:>{frame.left - 1}} ", colours.faint), *line]))
    lines.append(_ticks(found, told, frame, ink, rows))
    told_marks = [_mark(mark, effect, found, ink) for mark, effect in reversed(marked) if effect is not None]
    return Tile("volume", [*lines, *_episodes(found, fired, ink), *told_marks])


def _silent(found: Figures, ink: Ink) -> list[Row]:
    """Why there is no chart."""
    words = f"nothing was said of {ink.name} in this time"
    if found.coverage is None:
        words = f"nothing is stored of {ink.name} in this time; what was heard is not known"
    elif found.coverage < HEARD:
        words += f", of which {100 * found.coverage:.0f} % was heard"
    return [Row([Segment(one_line(words, ink.width), ink.colours.plain)])]


def _fires(fired: Iterable[int], window: Window) -> int:
    """How many alerts fired in it."""
    return sum(window.since <= at < window.until for at in fired)


def _volume_head(found: Figures, frame: Frame, ink: Ink) -> Row:
    colours, n = ink.colours, found.numbers.n
    writing = Writing(ink.width)
    writing.text(f"MENTIONS {_each(frame)}", colours.faint)
    told = f"{n:,} mentions of {ink.name}"
    writing.link(counted("n", f"{n:,}", colours.bold, found.query, told))
    text, style = changed(n, found.before.n, ink)
    query = f"{topic_query(found.topic)} {ink.before.query()}"
    if text:
        writing.link(counted("before", text, style, query, f"{found.before.n:,} mentions in the time before"))
    if found.stories and found.stories < n:
        more, _ = changed(found.stories, found.stories_before, ink)
        told = f"{n:,} mentions of {ink.name} tell {found.stories:,} stories"
        writing.link(
            counted("stories", f"in {found.stories:,} stories {more}".rstrip(), colours.faint, found.query, told)
        )
    if any(one.expected is not None for one in frame.steps):
        writing.text(f"{charts.USUAL} expected", colours.faint, gap=3)
    if any(one.deaf for one in frame.steps):
        writing.text(f"{charts.DEAF} not heard", colours.faint, gap=2)
    return writing.row()


def _each(frame: Frame) -> str:
    """How much time a bar stands for."""
    length = frame.steps[0].window.until - frame.steps[0].window.since if frame.steps else HOUR
    words = {HOUR: "AN HOUR", DAY: "A DAY", 7 * DAY: "A WEEK"}
    return words.get(length, f"IN {length // HOUR} HOURS" if length < 2 * DAY else f"IN {length // DAY} DAYS")


def _mark_row(frame: Frame, marks: Sequence[int], ink: Ink) -> Row:
    cells = [" "] * frame.wide * len(frame.steps)
    for place, step in enumerate(frame.steps):
        if any(step.window.since <= at < step.window.until for at in marks):
            cells[place * frame.wide] = "▾"
    return Row([Segment(" " * frame.left + "".join(cells), ink.colours.amber)])


def _ticks(found: Figures, steps: Sequence[Step], frame: Frame, ink: Ink, rows: int) -> Row:
    """The line of times below the bars, in which each of them can be gone to."""
    spots = []
    for place, step in enumerate(steps):
        if step.begun:
            query = f"{topic_query(found.topic)} {step.window.query()}"
            start = frame.left + place * frame.wide
            spots.append(Spot(f"bar {step.window.since}", start, frame.wide, query, _of_bar(step, ink), above=rows))
    labels = list(_labels(steps, found.window, ink.zone))
    return Row([Segment(_laid(labels, frame, len(steps)), ink.colours.faint)], spots)


def _laid(labels: Sequence[tuple[int, str]], frame: Frame, steps: int) -> str:
    """Labels at the beginning of their steps, as many as do not touch each other."""
    shown = " " * frame.left
    for place, label in labels:
        start = frame.left + place * frame.wide
        if start >= cell_width(shown) + (place > 0) and start + cell_width(label) <= frame.left + steps * frame.wide:
            shown += " " * (start - cell_width(shown)) + label
    return shown


def _labels(steps: Sequence[Step], window: Window, zone: tzinfo | None) -> Iterable[tuple[int, str]]:
    """(place of a step, how its beginning is called): days, or hours of a short window, or dates of a long one."""
    last = None
    for place, step in enumerate(steps):
        at = datetime.fromtimestamp(step.window.since, UTC) if window.step == DAY else local(step.window.since, zone)
        if window.until - window.since <= 2 * DAY:
            name, label = at.hour // 3, f"{at:%H:%M}"
        elif window.step == HOUR:
            name, label = at.toordinal(), DAYS[at.weekday()]
        else:
            name, label = at.isocalendar().week, f"{at.day} {MONTHS[at.month - 1]}"
        if name != last and (last is not None or at.hour == 0):
            yield place, label
        last = name


def _of_bar(step: Step, ink: Ink) -> str:
    """A bar in words."""
    n = step.numbers.n
    words = [f"{span(step.window, ink)}: {n:,} mention{'s' * (n != 1)}"]
    if step.expected is not None:
        words.append(f"{step.expected:,.0f} ± {step.spread or 0.0:,.0f} expected")
    if step.numbers.net is not None:
        words.append(f"net {a_net(step.numbers.net)}")
    if step.deaf:
        words.append(f"{100 * step.heard:.0f} % of it heard")
    return ", ".join(words)


def _episodes(found: Figures, fired: Sequence[int], ink: Ink) -> list[Row]:
    """What red says, in words: the times that stand out, those farthest above what was expected first."""
    step = found.window.step
    runs: list[list[Point]] = []
    for place, point in enumerate(found.points):
        if loud(point) or _fires(fired, Window(point.start, point.start + step, step)):
            if runs and runs[-1][-1] is found.points[place - 1]:
                runs[-1].append(point)
            else:
                runs.append([point])
    if not runs:
        return []
    writing = Writing(ink.width)
    writing.text("stands out", ink.colours.red)
    for run in sorted(runs, key=lambda run: -sum(one.numbers.n - (one.expected or 0.0) for one in run))[:EPISODES]:
        writing.link(_episode(found, run, fired, ink))
    return [writing.row()]


def _episode(found: Figures, run: Sequence[Point], fired: Sequence[int], ink: Ink) -> Link:
    colours = ink.colours
    window = Window(run[0].start, run[-1].start + found.window.step, found.window.step)
    n, expected = sum(one.numbers.n for one in run), [one.expected for one in run]
    usual = sum(one for one in expected if one is not None) if None not in expected else None
    told = f"{span(window, ink)}: {n:,} mention{'s' * (n != 1)}"
    told += f" where {usual:,.0f} were expected" if usual is not None else ""
    if alerts := _fires(fired, window):
        told += f"; {alerts} alert{'s' * (alerts > 1)} fired"
    more = [(f" {n:,}", colours.red)] + ([(f" of {usual:,.0f}", colours.faint)] if usual is not None else [])
    query = f"{topic_query(found.topic)} {window.query()}"
    return counted(f"run {window.since}", span(window, ink), colours.plain, query, told, *more)


def _mark(mark: Mark, effect: Effect, found: Figures, ink: Ink) -> Row:
    """What was said before and after something that happened, in two times of the same length."""
    colours, writing = ink.colours, Writing(ink.width)
    lasting = f"{effect.span // HOUR} h" if effect.span >= HOUR else f"{effect.span // 60} min"
    at = moment(mark.at, ink.now, ink.zone)
    writing.text("▾", colours.amber)
    writing.text(named(mark.text, max(8, ink.width // 3)), colours.plain, gap=1)
    writing.text(at, colours.faint, gap=2)
    before, after = Window(mark.at - effect.span, mark.at, HOUR), Window(mark.at, mark.at + effect.span, HOUR)
    for word, window, numbers in (("before", before, effect.before), ("after", after, effect.after)):
        told = f"{numbers.n:,} mentions in the {lasting} {word} {named(mark.text, 40)}"
        told += "" if word == "before" or effect.over else ", which are not over yet"
        query = f"{topic_query(found.topic)} {window.query()}"
        link = counted(
            f"mark {mark.id} {word}", f"{numbers.n:,}", colours.plain, query, told, (f" {word}", colours.faint)
        )
        writing.link(link)
    writing.text(*changed(effect.after.n, effect.before.n, ink._replace(compares=True)), gap=2)
    if effect.expected is not None:
        writing.text(f"{effect.expected:,.0f} expected", colours.faint, gap=2)
    writing.text(f"in {lasting}", colours.faint, gap=2)
    return writing.row()


# --- how people felt -------------------------------------------------------------------------------------------------


def feeling(found: Figures, frame: Frame, ink: Ink, rows: int, agreement: str = "") -> Tile:
    """Net sentiment toward the topic; a bar of few mentions leans on nought, as its interval does."""
    colours, net = ink.colours, found.net
    if net.value is None or net.low is None or net.high is None:
        told = "NET SENTIMENT  nothing was scored" if found.numbers.n else ""
        return Tile("feeling", [Row([Segment(told, colours.faint)])] if told else [])
    values = [
        (one.numbers.pos - one.numbers.neg) / (one.numbers.scored + 2) if one.numbers.scored else None
        for one in frame.steps
    ]
    head = _feeling_head(found, ink, agreement)
    known = [one for one in values if one is not None]
    lines = charts.both_ways(values, rows, colours, frame.wide)
    labels = [f"{a_net(max(known)):>{frame.left - 1}} ", *[" " * frame.left] * (rows - 1)]
    if rows > 1 and min(known) < 0:
        labels[-1] = f"{a_net(min(known)):>{frame.left - 1}} "
    beside = [Row([Segment(label, colours.faint), *line]) for label, line in zip(labels, lines, strict=True)]
    return Tile("feeling", [head, *beside])


def _feeling_head(found: Figures, ink: Ink, agreement: str) -> Row:
    colours, net, numbers = ink.colours, found.net, found.numbers
    assert net.value is not None
    assert net.low is not None
    assert net.high is not None
    tone = "pos" if net.low > 0 else "neg" if net.high < 0 else "neu"
    writing = Writing(ink.width)
    writing.text(f"NET SENTIMENT toward {ink.name}", colours.faint) or writing.text("NET SENTIMENT", colours.faint)
    toward = f"toward:{topic_query(found.topic).removeprefix('topic:')}"
    told = f"net sentiment from {a_net(net.low)} to {a_net(net.high)} (95 %), of {net.scored:,} scored mentions"
    style = {"pos": colours.green, "neg": colours.red_bold}.get(tone, colours.bold)
    half = (f" ±{(net.high - net.low) / 2:.2f}".replace("0.", "."), colours.faint)
    writing.link(counted("net", a_net(net.value), style, f"{found.query} {toward}:-1..1", told, half))
    if found.net_before.value is not None and ink.compares:
        apart = net.value - found.net_before.value
        words = f"{'▲' if apart > 0 else '▼'} {abs(apart):.2f}" if abs(apart) >= 0.005 else "="
        before = f"{topic_query(found.topic)} {ink.before.query()} {toward}:-1..1"
        told = f"net sentiment {a_net(found.net_before.value)} before, of {found.net_before.scored:,} scored mentions"
        writing.link(counted("net before", words, colours.faint, before, told))
    for word, glyph, n in (("neg", "▼", numbers.neg), ("pos", "▲", numbers.pos)):
        text = f"{glyph} {n:,}"
        meant = {"neg": "negative", "pos": "positive"}[word]
        told = f"{n:,} of {numbers.scored:,} scored are {meant} toward {ink.name}"
        writing.link(counted(word, text, colours.tone(word), f"{found.query} {toward}:{word}", told), 2)
    if agreement:
        writing.text(agreement, colours.faint, gap=3)
    return writing.row()
