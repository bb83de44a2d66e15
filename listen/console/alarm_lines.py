"""The alerts screen's lines: a row of the list, and what stands beside it. Pure, for any thread.

Instances, rules, notes and mentions are foreign: all of them pass `listen.text` here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from rich.segment import Segment
from rich.style import Style

from listen.console import charts
from listen.console.alarms import Chart, Detail
from listen.console.charts import Bar
from listen.console.facts import Line
from listen.console.format import NO_CURSOR, Look, fit, moment, sure, when
from listen.console.theme import BAR, GLYPHS, Palette
from listen.console.wrapping import wrap
from listen.model import tone
from listen.store.alerts import Alert, Silence
from listen.store.outbox import Letter
from listen.store.records import Row
from listen.text import block, one_line

STATES = {"pending": "pending", "firing": "firing", "acknowledged": "taken", "resolved": "over"}

LOUDNESS = {"page": "●", "notice": "○", "digest": "·"}
"""How loud an alert is, besides its colour."""

ROWS = 5
"""Lines of a chart."""


class Columns(NamedTuple):
    """Widths in cells, 0 for one that is left out."""

    width: int
    state: int
    rule: int
    instance: int
    since: int
    value: int
    who: int


def columns(width: int, *, instances: bool = True) -> Columns:
    """The columns that suit a list of that many cells; `instances`: whether any alert is told apart from others."""
    who = 8 if width >= 70 else 0
    state, since = (7, 6) if width >= 44 else (0, 0)
    room = width - 4 - sum(one + 1 for one in (state, since, who) if one)
    rule = max(8, min(22, room * 2 // 5))
    instance = max(0, min(26, room // 3)) if instances and room - rule >= 16 else 0
    value = max(0, room - rule - 1 - (instance + 1 if instance else 0))
    return Columns(width, state, rule, instance, since, value, who)


def row(alert: Alert, cols: Columns, colours: Palette, now: float, look: Look = NO_CURSOR) -> Line:
    """One alert as a line."""
    style = style_of(alert, colours)
    main = colours.strong if look.cursor and look.focused else colours.plain if alert.open else colours.faint
    pieces: list[tuple[str, Style]] = [
        (BAR if look.cursor else " ", colours.lit if look.focused else colours.faint),
        (f"{LOUDNESS.get(alert.severity, ' ')} ", style),
    ]
    if cols.state:
        pieces.append((fit(STATES[alert.standing], cols.state) + " ", style))
    pieces.append((fit(sure(one_line(alert.rule, cols.rule)), cols.rule) + " ", main))
    if cols.instance:
        pieces.append(
            (fit(sure(one_line(_instance(alert, cols.instance), cols.instance)), cols.instance) + " ", colours.author)
        )
    if cols.since:
        at = alert.resolved_at or alert.fired_at or alert.began_at
        pieces.append((f"{when(at, now):>{cols.since}} ", colours.faint))
    if cols.value:
        pieces.append((fit(sure(one_line(_text(alert), cols.value)), cols.value), main))
    if cols.who:
        told = alert.acked_by or ("muted" if alert.muted and alert.open else "")
        pieces.append((" " + fit(sure(one_line(told, cols.who)), cols.who), colours.faint))
    return [Segment(text, style) for text, style in pieces]


def _instance(alert: Alert, room: int) -> str:
    """What tells it from the rule's others, by values alone where several do not fit."""
    short = len(alert.labels) > 1 and len(alert.instance) > room
    return " · ".join(alert.labels.values()) if short else alert.instance


def style_of(alert: Alert, colours: Palette) -> Style:
    """The colour of its state."""
    if alert.standing == "firing":
        return colours.red if alert.severity == "page" else colours.amber
    return colours.lit if alert.standing == "acknowledged" else colours.faint


def _text(alert: Alert) -> str:
    return str(alert.evidence.get("text", ""))


# --- one alert -------------------------------------------------------------------------------------------------------


def page(found: Detail, width: int, colours: Palette, now: float) -> list[Line]:
    """All of one alert, for so many cells."""
    alert = found.alert
    if alert is None:
        return [[Segment("This alert is no more.", colours.faint)]]
    lines = [_title(alert, width, colours), _standing(alert, now, colours)]
    lines += paragraph(_text(alert), width, colours.plain)
    words = [word for one in alert.evidence.get("words", ()) if (word := one_line(str(one), 30).strip())]
    if words:
        lines += paragraph(f"new words: {', '.join(words)}", width, colours.author)
    lines += _muted(alert, found.silences, now, width, colours)
    if found.chart is not None:
        lines += [[], *chart(found.chart, width, colours, now)]
    lines += _section("mentions", [_quote(one, width, colours) for one in found.quotes], colours)
    lines += _section("told", [_letter(one, now, width, colours) for one in found.letters], colours)
    happened = [_happened(one.at, one.what, one.by, one.detail, now, width, colours) for one in found.events]
    lines += _section("what became of it", happened, colours)
    if found.figures is not None:
        one = found.figures
        said = f"this rule, in 30 days: fired {one.fired}, useful {one.useful}, noise {one.noise}"
        lines += [[], [Segment(fit(said, width), colours.faint)]]
    return lines


def _title(alert: Alert, width: int, colours: Palette) -> Line:
    glyph = f"{LOUDNESS.get(alert.severity, '')} "
    name = one_line(alert.rule, max(8, width // 2))
    rest = one_line(alert.instance, max(0, width - len(name) - 4))
    return [
        Segment(glyph, style_of(alert, colours)), Segment(sure(name), colours.bold),
        Segment(f"  {sure(rest)}", colours.author),
    ]  # fmt: skip


def _standing(alert: Alert, now: float, colours: Palette) -> Line:
    told = f"{alert.severity}, {STATES[alert.standing]}"
    if alert.fired_at is None:
        told += f" since {moment(alert.began_at, now)}"
    elif alert.resolved_at is None:
        told += f", fires since {moment(alert.fired_at, now)} ({span(now - alert.fired_at)})"
    else:
        lasted = span(alert.resolved_at - alert.fired_at)
        told += f", {moment(alert.fired_at, now)} to {moment(alert.resolved_at, now)} ({lasted})"
    pieces = [Segment(told, style_of(alert, colours))]
    if alert.acked_by:
        said = "  ".join(one for one in (alert.verdict or "", one_line(alert.note or "", 60)) if one)
        pieces.append(Segment(f"  {sure(one_line(alert.acked_by, 20))} {sure(said)}", colours.lit))
    return pieces


def span(seconds: float) -> str:
    """`12 min`, `3 h 5 min`, `2 d 4 h`."""
    minutes = max(0, int(seconds)) // 60
    if minutes < 60:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    if hours < 24:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    days, hours = divmod(hours, 24)
    return f"{days} d {hours} h" if hours else f"{days} d"


def _muted(alert: Alert, silences: Sequence[Silence], now: float, width: int, colours: Palette) -> list[Line]:
    if not alert.muted:
        return []
    number = alert.muted.removeprefix("silence ")
    found = next((one for one in silences if str(one.id) == number), None)
    if found is None:
        return paragraph(f"nobody is told: {alert.muted}", width, colours.amber)
    told = f"silent until {moment(found.until, now)}, by {one_line(found.by, 20)}: {one_line(found.comment, 120)}"
    return paragraph(told, width, colours.amber)


def paragraph(text: str, width: int, style: Style) -> list[Line]:
    """Foreign text as lines that fit."""
    shown = block(text)  # nothing follows it in its line, so that its width need not be sure
    return [[Segment(shown[start:end].rstrip("\n"), style)] for start, end in wrap(shown, width)]


def _section(title: str, rows: Sequence[Line], colours: Palette) -> Iterator[Line]:
    if rows:
        yield []
        yield [Segment(title, colours.faint)]
        yield from rows


def _quote(one: Row, width: int, colours: Palette) -> Line:
    feeling = tone(one.score, one.hits)
    name = one_line(one.author or "", max(6, min(16, width // 4)))
    said = one_line(f"{one.title or ''} {one.text}".strip(), max(8, width - len(name) - 4))
    return [
        Segment(f"{GLYPHS[feeling]} ", colours.tone(feeling)), Segment(f"{sure(name)} ", colours.author),
        Segment(sure(said), colours.plain),
    ]  # fmt: skip


def _letter(one: Letter, now: float, width: int, colours: Palette) -> Line:
    told = f"{one.kind} to {one_line(one.target, 24)}: {one.state}"
    if one.state == "sent" and one.sent_at is not None:
        return [Segment(fit(f"{told} {moment(one.sent_at, now)}", width), colours.plain)]
    why = f", {one_line(one.error, 120)}" if one.error else ""
    again = f", again {moment(one.due_at, now)}" if one.state == "waiting" and one.tries else ""
    style = colours.faint if one.state == "waiting" else colours.red
    return [Segment(sure(fit(f"{told}{why}{again}", width)), style)]


def _happened(at: float, what: str, by: str | None, detail: str, now: float, width: int, colours: Palette) -> Line:
    who = f" by {one_line(by, 20)}" if by else ""
    more = f": {one_line(detail, 200)}" if detail else ""
    stamp = f"{moment(at, now)}  "
    return [
        Segment(stamp, colours.faint),
        Segment(sure(fit(f"{what}{who}{more}", max(8, width - len(stamp)))), colours.plain),
    ]


# --- the chart -------------------------------------------------------------------------------------------------------


def chart(found: Chart, width: int, colours: Palette, now: float) -> list[Line]:
    """Bars hour by hour, `─` where what is usual stands; what is far above that is red."""
    room = max(8, min(width - 7, len(found.counts)))
    counts, usual = found.counts[-room:], found.usual[-room:]
    top = max([*counts, *(one.mean + one.spread for one in usual if one is not None), 1.0])
    bars = [
        Bar(n, one and one.mean, one is not None and n > one.mean + 2 * one.spread)
        for n, one in zip(counts, usual, strict=True)
    ]
    lines: list[Line] = []
    for place, line in enumerate(charts.bars(bars, ROWS, top, colours)):
        axis = f"{top if place == 0 else 0:>5,.0f} " if place in (0, ROWS - 1) else " " * 6
        lines.append([Segment(axis, colours.faint), *line])
    first, last = f"-{room} h", moment(min(found.until * 3_600, now), now)
    lines.append([Segment(" " * 6 + first + " " * max(1, room - len(first) - len(last)) + last, colours.faint)])
    lines.append([Segment("      ─ what is usual at that hour", colours.faint)])
    return lines
