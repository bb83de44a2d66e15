"""`?`: the keys of what has the focus, then all others, then the query language."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from rich.segment import Segment

from listen.console import keys
from listen.console.facts import Line
from listen.console.keys import Key, Scope, shown
from listen.console.screens.page import Page
from listen.console.theme import Palette
from listen.query import hints
from listen.query.described import SYNTAX

TITLES: dict[Scope, str] = {
    "global": "EVERYWHERE",
    "lists": "LISTS",
    "views": "TOPICS AND VIEWS",
    "mentions": "MENTIONS",
    "people": "PEOPLE",
    "alerts, sources": "ALERTS, SOURCES",
    "yes or no": "YES OR NO",
    "labelling": "LABELLING",
    "brief": "THE DAY'S FIRST CARD",
    "leaving": "WHEN YOU LEAVE",
    "inputs": "WHILE TYPING",
}

WIDEST = 100
"""Cells of a line at most: beyond them nobody finds the id that belongs to a verb."""

KEYS = 14
"""Cells of the keys' column."""


FIRST: dict[str, tuple[tuple[str, ...], tuple[Scope, ...]]] = {
    "Views": ((*keys.VIEWS, "list.next-view", "list.previous-view", "list.top", "list.bottom"), ("lists",)),
    "The mention": ((*keys.MOVES, "app.zoom", "app.out"), ("mentions", "lists")),
}
"""Title of a pane -> the verbs that matter most in it, and the scopes that follow."""


def laid_out(
    table: Sequence[Key],
    scopes: Sequence[Scope],
    colours: Palette,
    width: int,
    title: str = "",
    absent: Collection[str] = (),
) -> list[Line]:
    """What matters in the pane of that title, the keys of these scopes, the others; what comes later is faint.

    `absent` are verbs that belong to another screen than the one in front, whose own ones come first then.
    """
    lines: list[Line] = []
    own, order = FIRST.get(title, ((), ()))
    if own:
        lines += [[], [Segment(f"  {title.upper()}", colours.lit_bold)]]
        lines += [_line(key, colours, width) for key in sorted(table, key=lambda key: _at(own, key)) if key.id in own]
    rest = [key for key in table if key.scope in scopes and key.id in absent]
    for scope in dict.fromkeys((*order, *(reversed(scopes) if rest else scopes), *TITLES)):
        told = [key for key in table if key.scope == scope and key.id not in own and key not in rest]
        lines += _section(TITLES[scope], told, colours, width)
    return [*lines, *_section("LISTS, IN THE STREAM", rest, colours, width), *_language(colours, width)]


def _section(title: str, told: Sequence[Key], colours: Palette, width: int) -> list[Line]:
    if not told:
        return []
    return [[], [Segment(f"  {title}", colours.lit_bold)], *(_line(key, colours, width) for key in told)]


def _at(order: Sequence[str], key: Key) -> int:
    return order.index(key.id) if key.id in order else len(order)


def _language(colours: Palette, width: int) -> list[Line]:
    """How a filter is written; what of it comes later says so."""
    lines: list[Line] = [[], [Segment("  THE QUERY LANGUAGE, IN FILTERS, TOPICS AND VIEWS", colours.lit_bold)]]
    column = max(len(example) for example, _ in SYNTAX) + 2
    for example, meaning in SYNTAX:
        later = any("not there yet" in hint.message for hint in hints(example))
        told = f"{meaning} (comes later)" if later else meaning
        gap = column if column + 30 < width else len(example) + 2
        lines.append(
            [
                Segment(f"  {example:<{gap}}", colours.faint if later else colours.keys),
                Segment(told, colours.faint if later else colours.plain),
            ]
        )
    return lines


def _line(key: Key, colours: Palette, width: int) -> Line:
    names = " ".join(shown(name) for name in key.keys if "_letter_" not in name)
    told = f"{key.help} (comes later)" if key.later else key.help
    line = [
        Segment(f"  {names:<{KEYS}} ", colours.faint if key.later else colours.keys),
        Segment(told, colours.faint if key.later else colours.plain),
    ]
    room = min(width, WIDEST) - 5 - KEYS - len(told)
    if room > len(key.id):
        line.append(Segment(f"{key.id:>{room}}", colours.faint))
    return line


class Help(Page):
    """All keys, with the ids by which they can be changed."""

    def __init__(
        self,
        table: Sequence[Key],
        scopes: Sequence[Scope],
        colours: Palette,
        title: str = "",
        absent: Collection[str] = (),
    ) -> None:
        super().__init__(colours)
        self.table, self.scopes, self.title_of_pane, self.absent = table, scopes, title, absent

    def lines(self, width: int) -> list[Line]:
        return laid_out(self.table, self.scopes, self.colours, width, self.title_of_pane, self.absent)
