"""The sources screen's lines: a row of the list, its headings, and what the detail pane tells. Pure, for any thread.

Labels, addresses, errors and titles are foreign: all of them pass `listen.text` here.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import tzinfo
from typing import Any, NamedTuple

from rich.segment import Segment
from rich.style import Style

from listen.console.facts import Line
from listen.console.format import NO_CURSOR, Look, compact, fit, moment, sure
from listen.console.roster import BAD, About, Entry, Order
from listen.console.theme import BAR, Palette
from listen.console.trial import Trial
from listen.console.wrapping import wrap
from listen.insight.dismissals import BEFORE, LATELY, LEAST, Dismissals
from listen.store import condition
from listen.store.channels import Channel, Source, State
from listen.store.layout import NEVER
from listen.text import cell_width, one_line, safe_url
from listen.told import of_stories

SIGNS: dict[State, str] = {
    "ok": "●", "quiet": "◌", "waiting": "○", "failing": "✗", "dead": "†", "stopped": "■", "off": "–",
}  # fmt: skip

ROLL: tuple[State, ...] = ("stopped", "dead", "failing", "quiet", "waiting", "ok", "off")
"""The order in which states are counted up."""

STEP = 5
"""Seconds: times that count up or down are told so exactly, so that a row changes twelve times a minute at most."""

LABEL = 12
"""Cells of the labels' column."""

LONGEST = 8
"""Lines of an error, a setting or an address."""

SECRET = ("key", "token", "secret", "password", "passwd", "auth", "cookie", "credential", "header")
"""What a setting's name may hold that is never shown, even though only references are written there."""


class Columns(NamedTuple):
    """Widths in cells, 0 for one that is left out. Each but the first and the last is followed by one blank."""

    width: int
    state: int
    name: int
    last: int
    next: int
    hour: int
    heard: int
    errors: int
    rate: int
    problem: int


def columns(width: int) -> Columns:
    """The columns that suit a list of that many cells."""
    state, last, ahead, hour, heard, errors, rate = 9, 11, 13, 5, 5, 4, 0
    if width >= 96:
        rate = 16
    if width < 72:
        ahead, heard = 0, 0
    if width < 56:
        hour, errors = 0, 0
    if width < 40:
        state, last = 1, 0
    fixed = 1 + sum(one + 1 for one in (state, last, ahead, hour, heard, errors, rate) if one)
    room = width - fixed - 1
    name = max(1, min(room, 44 if width >= 130 else room))
    problem = room - name - 1 if room - name > 24 else 0
    return Columns(width, state, max(1, room) if not problem else name, last, ahead, hour, heard, errors, rate, problem)


def headings(cols: Columns, order: Order, wanted: str, colours: Palette) -> Line:
    """What stands above the columns; the one that the list is sorted by is lit, what narrows the list stands by it."""
    told = (
        ("state", cols.state, False), ("name", cols.name, False), ("last good", cols.last, False),
        ("next check", cols.next, False), ("/h", cols.hour, True), ("heard", cols.heard, True),
        ("err", cols.errors, True), ("rate left", cols.rate, False), ("what is wrong", cols.problem, False),
    )  # fmt: skip
    pieces = [Segment(" ", colours.faint)]
    for name, width, right in told:
        if width:
            narrowed = name == "name" and wanted
            told_as = one_line(f"name: {wanted}", width) if narrowed else name
            shown = fit(told_as, width) if not right else f"{name[:width]:>{width}}"
            style = colours.amber if narrowed else colours.lit if name == order.column else colours.faint
            pieces.append(Segment(shown + " ", style))
    return pieces


def row(
    entry: Entry,
    cols: Columns,
    colours: Palette,
    now: float,
    look: Look = NO_CURSOR,
    trial: Trial | None = None,
    zone: tzinfo | None = None,
) -> Line:
    """One source or channel as a line."""
    now -= now % STEP
    faint, main = colours.faint, colours.strong if look.cursor and look.focused else colours.plain
    off = entry.state == "off"
    style = faint if off else main
    pieces = [(BAR if look.cursor else " ", colours.lit if look.focused else faint)]
    sign = SIGNS[entry.state] if cols.state == 1 else f"{SIGNS[entry.state]} {entry.state}"
    pieces.append((fit(sign, cols.state) + " ", tint(entry.state, colours)))
    pieces += _name(entry, cols.name, style, faint)
    if cols.last:
        late = entry.state in BAD
        pieces.append((fit(condition.ago(entry.good_at, now), cols.last) + " ", colours.amber if late else faint))
    if cols.next:
        words, its = _next(entry, trial, now, colours)
        pieces.append((fit(words, cols.next) + " ", its))
    if cols.hour:
        pieces.append((f"{'' if off and not entry.heard else rate(entry.heard):>{cols.hour}} ", style))
    if cols.heard:
        share = "" if off else f"{entry.coverage:.0%}"
        pieces.append((f"{share:>{cols.heard}} ", colours.amber if entry.coverage < 0.5 and not off else faint))
    if cols.errors:
        errors = f"×{compact(entry.errors)}" if entry.errors and entry.channel is not None and not off else ""
        pieces.append((f"{errors:>{cols.errors}} ", colours.red))
    if cols.rate:
        pieces.append((fit(_rate(entry.channel, now, zone), cols.rate) + " ", faint))
    if cols.problem:
        pieces.append((fit(wrong(entry, now, zone), cols.problem), faint if off else tint(entry.state, colours)))
    return [Segment(text, style) for text, style in pieces]


def tint(state: State, colours: Palette) -> Style:
    """The colour of a state."""
    match state:
        case "ok":
            return colours.green
        case "failing" | "dead" | "stopped":
            return colours.red
        case "waiting" | "quiet":
            return colours.amber
    return colours.faint


def rate(day: int) -> str:
    """Mentions an hour, from those of a day."""
    hour = day / 24
    return compact(round(hour)) if hour >= 10 or not day else f"{max(hour, 0.1):.1f}"


def _name(entry: Entry, width: int, style: Style, faint: Style) -> list[tuple[str, Style]]:
    if entry.nested:
        return [("  " + fit(sure(entry.label or entry.source), width - 2) + " ", style)]
    name = one_line(sure(entry.source), width)
    more = f"{len(entry.channels):,} channels" if entry.channel is None else sure(entry.label) if entry.label else ""
    left = width - cell_width(name)
    if not more or left < 8:
        return [(fit(name, width) + " ", style)]
    return [(name, style), ("  " + fit(more, left - 2) + " ", faint)]


def _next(entry: Entry, trial: Trial | None, now: float, colours: Palette) -> tuple[str, Style]:
    if trial is not None and (told := trial.brief()):
        return told, colours.lit if trial.good else colours.amber
    if entry.state == "off":
        return "", colours.faint
    if lively := [one.live for one in entry.channels if condition.streamed(one, now)]:
        latest = max((one.lag or 0.0 for one in lively if one), default=0.0)
        late = f"{condition.span(latest)} late" if latest >= condition.LATE else "live"
        return late, colours.amber if latest >= condition.LATE else colours.green
    return condition.ahead(NEVER if entry.next_at is None else entry.next_at, now), colours.faint


def _rate(channel: Channel | None, now: float, zone: tzinfo | None) -> str:
    if channel is None or channel.rate_left is None:
        return ""
    reset = channel.rate_reset_at
    return compact(max(0, channel.rate_left)) + (f" until {moment(reset, now, zone)}" if reset and reset > now else "")


def wrong(entry: Entry, now: float, zone: tzinfo | None) -> str:
    """Why it needs care, in words; "" when nothing is known to be wrong."""
    channel = entry.channel
    if channel is None:
        bad = sum(one.state in BAD for one in entry.channels)
        return f"{bad:,} of {len(entry.channels):,} channels fail" if bad else ""
    if channel.state == "off":
        return one_line(condition.switched(channel, moment(channel.off_at or 0, now, zone)))
    if channel.state == "quiet":
        return one_line(condition.problem(channel))
    return one_line(
        condition.advice(channel.error, channel.error_remedy) if channel.error else condition.problem(channel)
    )


# --- the detail pane -------------------------------------------------------------------------------------------------

Field = tuple[str, str, Style]
"""(label, words, style)"""


def detail(
    entry: Entry,
    source: Source | None,
    about: About | None,
    trial: Trial | None,
    width: int,
    colours: Palette,
    now: float,
    zone: tzinfo | None = None,
    *,
    dismissed: Dismissals | None = None,
    on_trial: str = "",
) -> list[Line]:
    """All lines of the detail pane."""
    now -= now % STEP
    adapter = source.adapter if source is not None else entry.channels[0].adapter
    title = entry.label or entry.source if entry.nested else entry.source
    place = f"{entry.source} · {adapter}" if entry.nested else adapter
    lines: list[Line] = [
        [
            Segment(one_line(title, max(8, width * 2 // 3)), colours.bold),
            Segment("   " + one_line(place, width // 3), colours.faint),
        ],
        [],
    ]
    told = _of_channel(entry, entry.channel, colours, now, zone) if entry.channel else _of_several(entry, colours, now)
    for label, words, style in told:
        lines += _field(label, words, style, width, colours)
    if trial is not None:
        lines += _field("tried", trial.told(), colours.plain if trial.good else colours.amber, width, colours)
    if on_trial:
        lines += _field("trial", on_trial, colours.plain, width, colours)
    for label, words, style in _dismissed(dismissed, entry.source, colours):
        lines += _field(label, words, style, width, colours)
    for label, words in _settings(source):
        lines += _field(label, words, colours.faint, width, colours)
    if entry.channel is not None:
        lines += _rejects(about, entry.channel.id, width, colours, now, zone)
    return lines


def _of_channel(entry: Entry, channel: Channel, colours: Palette, now: float, zone: tzinfo | None) -> Iterator[Field]:
    sign = f"{SIGNS[channel.state]} {channel.state}"
    match channel.state:
        case "off":
            words = f"{SIGNS['off']} {condition.switched(channel, moment(channel.off_at or 0, now, zone))}"
            yield "state", words, colours.faint
        case "failing" | "dead" | "stopped":
            since = (
                f"no good answer since {moment(channel.good_at, now, zone)}" if channel.good_at else "never heard yet"
            )
            times = "once" if channel.errors == 1 else f"{channel.errors:,} times in a row"
            yield "state", f"{sign} {times}, last {condition.ago(channel.error_at, now)}; {since}", colours.red
        case "quiet":
            yield "state", f"{sign}: {channel.fare_words or ''}", colours.amber
            yield "what to do", condition.LOOK, colours.plain
        case "waiting":
            yield "state", f"{sign} for its first answer" if not channel.good_at else sign, colours.amber
        case _:
            yield "state", sign, colours.green
    if channel.error and channel.state != "off":
        yield "problem", channel.error, colours.red if channel.errors else colours.amber
        if channel.error_remedy:
            yield "what to do", channel.error_remedy, colours.plain
    if not channel.error and channel.state != "off" and (told := condition.problem(channel)):
        yield "problem", told, colours.amber
    yield from _address(channel, colours)
    yield "heard", _heard(entry, now), colours.plain
    newest = (
        f"{moment(channel.new_at, now, zone)}, {condition.ago(channel.new_at, now)}" if channel.new_at else "none yet"
    )
    yield "last new", f"{newest}; {channel.mentions:,} first heard here in all", colours.plain
    if stream := condition.streamed(channel, now):
        yield "stream", stream, colours.plain
    elif channel.state != "off":
        every = f", every {condition.span(channel.every)} as it asks for" if channel.every else ""
        yield "next check", condition.ahead(channel.next_at, now) + every, colours.plain
    if channel.rate_left is not None:
        yield "rate left", _rate(channel, now, zone), colours.plain


def _address(channel: Channel, colours: Palette) -> Iterator[Field]:
    link = safe_url(channel.key)
    if link:
        yield "address", link, colours.link + Style(link=link)
    elif channel.key != channel.label:
        yield "key", channel.key, colours.faint
    if channel.moved:
        moved = safe_url(channel.moved)
        yield "moved to", moved or channel.moved, (colours.link + Style(link=moved)) if moved else colours.plain


def _of_several(entry: Entry, colours: Palette, now: float) -> Iterator[Field]:
    states = [one.state for one in entry.channels]
    counted = [(state, states.count(state)) for state in ROLL]
    words = ", ".join(f"{count:,} {state}" for state, count in counted if count)
    yield "channels", words, tint(entry.state, colours)
    yield "heard", _heard(entry, now), colours.plain


def _heard(entry: Entry, now: float) -> str:
    last = condition.ago(entry.good_at, now)
    share = f", {entry.coverage:.0%} of the last 24 h" if entry.state != "off" else ""
    told = of_stories(entry.heard, entry.stories)
    return f"{last}{share}; in 24 h {entry.heard:,} mentions{told}, {rate(entry.heard)} an hour"


def _dismissed(found: Dismissals | None, source: str, colours: Palette) -> Iterator[Field]:
    """What share of the source's mentions people dismiss, and where that has changed beyond chance."""
    if found is None:
        return
    share = found.of_source(source)
    if share.handled >= LEAST:
        yield "dismissed", f"{share.percent} of {share.handled:,} dealt with in {LATELY + BEFORE} days", colours.plain
    for one in (*found.sources, *found.topics):
        if one.source == source and one.told:
            of = "" if one.topic is None else f"topic {one.topic}: "
            told = f"{of}{one}" + (" (:check)" if one.topic is not None and one.worse else "")
            yield "", f"{told}, {LATELY} days against {BEFORE}", colours.amber if one.worse else colours.plain


def _settings(source: Source | None) -> Iterator[tuple[str, str]]:
    """The source's own settings, without what may be secret; lists of addresses are the channels themselves."""
    shown = []
    for name, value in (source.settings if source is not None else {}).items():
        if name == "urls" or any(part in name.lower() for part in SECRET) or isinstance(value, dict):
            continue
        shown.append(f"{name} = {_value(value)}")
    if shown:
        yield "settings", " · ".join(shown)


def _value(value: Any) -> str:
    if isinstance(value, list):
        more = f" and {len(value) - 5} more" if len(value) > 5 else ""
        return ", ".join(str(one) for one in value[:5]) + more
    return str(value)


def _rejects(
    about: About | None, channel: int, width: int, colours: Palette, now: float, zone: tzinfo | None
) -> Iterator[Line]:
    if about is None or about.channel != channel or not about.rejects:
        return
    label = "set aside"
    for at, reason, message, seen in about.rejects:
        words = f"{moment(at, now, zone)}  {reason} ×{seen:,}: {message}"
        yield from _field(label, words, colours.amber, width, colours, most=2)
        label = ""
    yield from _field("", "enter here lists them all", colours.faint, width, colours)


def _field(label: str, words: str, style: Style, width: int, colours: Palette, most: int = LONGEST) -> list[Line]:
    """A label and its words, wrapped and indented beside it."""
    room = max(8, width - LABEL)
    shown = one_line(words[: 4 * most * room])
    lines: list[Line] = []
    for at, (start, end) in enumerate(wrap(shown, room)):
        if at == most:
            break
        cut = at == most - 1 and end < len(shown)
        text = one_line(shown[start:], room) if cut else shown[start:end]
        lines.append([Segment(f"{'' if at else label:<{LABEL}}", colours.faint), Segment(text, style)])
    return lines
