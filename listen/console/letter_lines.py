"""Letters that did not arrive, as a line of the alerts screen and as a page. Pure, for any thread.

Targets, rules and reasons are foreign: all of them pass `listen.text` here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from rich.segment import Segment
from rich.style import Style

from listen.console.alarm_lines import Columns, paragraph
from listen.console.facts import Line
from listen.console.format import NO_CURSOR, Look, fit, moment, sure, when
from listen.console.theme import BAR, Palette
from listen.store.outbox import HELD, Letter, Stuck
from listen.text import one_line

LISTED = 12
"""Letters that are shown, the newest."""


class LetterKeys(NamedTuple):
    """The keys of what can be done with letters."""

    again: str
    drop: str


def many(n: int) -> str:
    """`1 letter`, `12 letters`"""
    return f"{n:,} letter{'s' * (n != 1)}"


def stuck_row(one: Stuck, cols: Columns, colours: Palette, now: float, look: Look = NO_CURSOR) -> Line:
    """Letters to one target for one reason, as a line among the alerts."""
    main = colours.strong if look.cursor and look.focused else colours.plain
    pieces: list[tuple[str, Style]] = [
        (BAR if look.cursor else " ", colours.lit if look.focused else colours.faint),
        ("! ", colours.red),
    ]
    if cols.state:
        pieces.append((fit("unsent", cols.state) + " ", colours.red))
    name = cols.rule + (cols.instance + 1 if cols.instance else 0)
    pieces.append((fit(sure(one_line(f"notify:{one.target}", name)), name) + " ", main))
    if cols.since:
        pieces.append((f"{when(one.since, now):>{cols.since}} ", colours.faint))
    rest = max(0, cols.width - sum(len(text) for text, _ in pieces))
    pieces.append((fit(sure(one_line(f"{many(len(one.ids))}: {_why(one)}", rest)), rest), main))
    return [Segment(text, style) for text, style in pieces]


def stuck_page(
    one: Stuck, letters: Sequence[Letter], verbs: LetterKeys, width: int, colours: Palette, now: float
) -> list[Line]:
    """Why they did not arrive, the newest of them, and what can be done."""
    name = sure(one_line(f"notify:{one.target}", max(8, width - 24)))
    held = one.state == HELD
    lines: list[Line] = [
        [
            Segment(name, colours.bold),
            Segment(f"  {many(len(one.ids))} {'held back' if held else 'unsent'}", colours.red),
        ]
    ]
    lines += paragraph(f"{_why(one)}; the oldest is of {moment(one.since, now)}", width, colours.plain)
    its = set(one.ids)
    shown = [letter for letter in letters if letter.id in its][:LISTED]
    lines.append([])
    for letter in shown:
        stamp = f"{moment(letter.made_at, now)}  "
        title = letter.body.get("title", "its words were erased")
        told = one_line(f"{letter.rule}: {title}", max(8, width - len(stamp)))
        lines.append([Segment(stamp, colours.faint), Segment(sure(told), colours.plain)])
    if len(one.ids) > len(shown):
        lines.append([Segment(f"and {len(one.ids) - len(shown):,} more", colours.faint)])
    told = f"{verbs.again} sends them again, under the same keys · {verbs.drop} drops them for good"
    return [*lines, [], *paragraph(told, width, colours.faint)]


def _why(one: Stuck) -> str:
    return one_line(one.error, 200) or ("more than its per_hour" if one.state == HELD else "no reason is known")
