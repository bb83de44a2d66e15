"""What stands beside the list of alerts for a rule: what it is, and what it would have done. Pure, for any thread.

Rules, queries and instances are foreign: all of them pass `listen.text` here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from rich.segment import Segment
from rich.style import Style

from listen.config.alerts import POLLED
from listen.console import replays
from listen.console.alarm_lines import Columns, paragraph, span
from listen.console.alarms import Watching
from listen.console.facts import Line
from listen.console.format import NO_CURSOR, Look, compact, day, fit, moment, sure
from listen.console.theme import BAR, Palette
from listen.console.trial import Trial
from listen.store.alerts import Figures
from listen.text import one_line
from listen.told import sparkline

LISTED = 12
"""Firings that are shown, the last ones."""

WHAT = 24
"""Cells for what fired."""


class RuleKeys(NamedTuple):
    """The keys of what can be done with a rule."""

    try_: str
    edit: str
    switch: str


def rule_row(rule: Watching, held: str, cols: Columns, colours: Palette, look: Look = NO_CURSOR) -> Line:
    """A rule that runs, as a line below the alerts."""
    main = colours.strong if look.cursor and look.focused else colours.faint
    pieces: list[tuple[str, Style]] = [(BAR if look.cursor else " ", colours.lit if look.focused else colours.faint)]
    pieces.append(("  ", colours.faint))
    if cols.state:
        state = "off" if rule.off else "held" if held else "watches"
        pieces.append((fit(state, cols.state) + " ", colours.amber if held and not rule.off else colours.faint))
    pieces.append((fit(sure(one_line(rule.name, cols.rule)), cols.rule) + " ", main))
    rest = cols.width - sum(len(text) for text, _ in pieces)
    told = held or f"{rule.when}  {rule.query}"
    pieces.append((fit(sure(one_line(told, max(0, rest))), max(0, rest)), colours.amber if held else colours.faint))
    return [Segment(text, style) for text, style in pieces]


def rule_page(
    rule: Watching, held: str, figures: Figures | None, verbs: RuleKeys, width: int, colours: Palette
) -> list[Line]:
    """What a rule is, and how it has fared."""
    about = rule.query or ("all that is heard" if rule.when not in POLLED else "")
    lines = [_title(rule.name, f"{one_line(rule.when, 20)}, {span(rule.window)}", width, colours)]
    lines += paragraph(about, width, colours.plain) if about else []
    if held:
        lines += paragraph(f"held: {held}", width, colours.amber)
    fared = f"fired {figures.fired}, useful {figures.useful}, noise {figures.noise}" if figures else "has not fired"
    more = [one for one in rule.said.items() if one[0] not in ("when", "query", "window", "enabled")]
    wide = max((len(key) for key, _ in more), default=0)
    for key, value in more:
        lines.append([Segment(f"{key:<{wide}}  ", colours.faint), Segment(one_line(value, width), colours.plain)])
    if rule.off:
        lines += [[], *paragraph("it is off: nobody watches by it", width, colours.amber)]
    lines += [[], *paragraph(f"in 30 days: {fared}", width, colours.faint)]
    lines += paragraph(f"{verbs.try_} tells how often it would have fired in {replays.DAYS} days", width, colours.faint)
    switch = f"{verbs.switch} switches it {'on' if rule.off else 'off'}"
    lines += paragraph(f"{verbs.edit} changes it, {switch}", width, colours.faint)
    return lines


def replay_page(rule: str, trial: Trial, back: str, width: int, colours: Palette, now: float) -> list[Line]:
    """What a rule would have done, or what became of the question. `back` is the key that leaves."""
    lines = [_title(rule, f"replayed over {replays.DAYS} days", width, colours)]
    good = trial.good and (trial.collected or not trial.open)
    lines += paragraph(replays.told(trial), width, colours.bold if good else colours.amber)
    if trial.open and not trial.collected:
        lines += paragraph(f"listen alerts test {rule} replays it without", width, colours.faint)
    answer = trial.answer
    if answer and replays.fired(trial) is not None:
        lines += _volume(answer, width, colours, now)
        lines += [[], *_thresholds(answer["thresholds"], width, colours)]
        lines += _firings(answer["firings"], width, colours, now)
        lines += _limits(answer, width, colours, now)
    return [*lines, [], [Segment(fit(f"{back} goes back", width), colours.faint)]]


def _title(name: str, rest: str, width: int, colours: Palette) -> Line:
    shown = sure(one_line(name, max(8, width // 2)))
    return [
        Segment(shown, colours.bold),
        Segment(f"  {one_line(rest, max(0, width - len(shown) - 2))}", colours.author),
    ]


def _volume(answer: Mapping[str, Any], width: int, colours: Palette, now: float) -> list[Line]:
    bars: Sequence[int] = answer["volume"]
    size = -(-len(bars) // max(1, width))
    drawn = sparkline([sum(bars[at : at + size]) for at in range(0, len(bars), size)])
    first = day(_unix(answer["since"]), now)
    return [
        [Segment(drawn, colours.lit)],
        [Segment(fit(f"{answer['mentions']:,} mentions since {first}", width), colours.faint)],
    ]


def _thresholds(told: Sequence[Mapping[str, Any]], width: int, colours: Palette) -> Iterator[Line]:
    """How often it would fire with other thresholds, as bars."""
    yield [Segment(fit("with another threshold", width), colours.faint)]
    top = max([1, *(one["firings"] for one in told)])
    for one in told:
        words = f"x{one['factor']:<5g} {compact(one['firings']):>5} "
        length = min(one["firings"], round(one["firings"] / top * max(0, min(40, width - len(words)))))
        style = colours.bold if one["factor"] == 1.0 else colours.plain
        yield [Segment(words, style), Segment("█" * length, colours.lit)]


def _firings(told: Sequence[Mapping[str, Any]], width: int, colours: Palette, now: float) -> Iterator[Line]:
    """The last ones, the newest first, each with its arithmetic."""
    if told:
        yield []
        yield [Segment(fit("the last times", width), colours.faint)]
    for one in reversed(told[-LISTED:]):
        at, over = _unix(one["fired_at"]), one["resolved_at"]
        lasted = span(_unix(over) - at) if over else "still"
        words = f"{moment(at, now)}  {lasted}"
        room = max(0, min(WHAT, width - len(words) - 2))
        yield [
            Segment(fit(words, min(width, len(words))), colours.plain),
            Segment(f"  {sure(one_line(str(one['instance']), room))}" if room > 2 else "", colours.author),
        ]
        for line in paragraph(str(one["why"]), max(8, width - 2), colours.faint):
            yield [Segment("  "), *line]


def _limits(answer: Mapping[str, Any], width: int, colours: Palette, now: float) -> Iterator[Line]:
    """What a replay could not know."""
    back_to, heard = _unix(answer["read_back_to"]), answer["taken_for_heard_before"]
    if back_to > _unix(answer["since"]):
        yield []
        yield from paragraph(f"only what is newer than {moment(back_to, now)} was read", width, colours.amber)
    if heard is not None:
        yield []
        told = f"before {moment(_unix(heard), now)} nobody kept what was heard; all of it is taken for heard"
        yield from paragraph(told, width, colours.faint)


def _unix(stamp: str) -> float:
    return datetime.fromisoformat(stamp).timestamp()
