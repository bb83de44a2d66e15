"""The people screen's lines: a row of the list and its headings. Pure, for any thread.

Handles, names and segments are foreign: all of them pass `listen.text` here.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import tzinfo
from typing import NamedTuple

from rich.segment import Segment
from rich.style import Style

from listen.console.facts import Line
from listen.console.format import NO_CURSOR, Look, compact, day, fit, number, sure, when
from listen.console.people import SHORT, Talk
from listen.console.theme import BAR, BAR_AND_MARK, GLYPHS, MARK, Palette
from listen.insight.people import MARKS, NOT_SEEN, Order, Shares, Talker, Voice
from listen.model import id_time
from listen.store.people import Account, Who
from listen.text import cell_width, one_line

ROLES = {"produces": "produces", "comments": "comments", "relays": "relays"}

SIDES = {"evangelist": "▲ evangelist", "detractor": "▼ detractor", "": ""}


WIDEST = 52
"""Cells of a name and its handle, where segments have a column of their own."""


LEAST_NAME = 12
"""Cells of a name beside its handle, which stands in a column of its own; narrower lists tell the name alone."""


class Columns(NamedTuple):
    """Widths in cells, 0 for one that is left out. Each but the first is followed by one blank."""

    width: int
    said: int
    tone: int
    name: int
    network: int
    followers: int
    liked: int
    role: int
    side: int
    segment: int
    last: int


HEADS = ("said", "tone", "who", "network", "followers", "endorsed", "role", "side", "segment", "last")

RIGHT = frozenset({"said", "followers", "endorsed"})

SORTED: dict[Order, str] = {
    "mentions": "said", "followers": "followers", "endorsed": "endorsed", "critics": "tone", "fans": "tone",
}  # fmt: skip
"""Under which heading an order sorts."""


def columns(width: int) -> Columns:
    """The columns that suit a list of that many cells."""
    said, tone, network, followers, liked, role, side, segment, last = 5, 6, 10, 9, 8, 8, 12, 12, 6
    if width < 130:
        segment = 0
    if width < 100:
        network = 0
    if width < 84:
        side = 1
    if width < 68:
        liked, last = 0, 0
    if width < 52:
        followers, side = 0, 0
    if width < 36:
        tone, role = 1, 0
    fixed = 1 + sum(one + 1 for one in (said, tone, network, followers, liked, role, side, segment, last) if one)
    name = max(1, width - fixed - 1)
    if segment and name > WIDEST:
        name, segment = WIDEST, segment + name - WIDEST
    return Columns(width, said, tone, name, network, followers, liked, role, side, segment, last)


def headings(cols: Columns, order: Order, part: str, colours: Palette) -> Line:
    """What stands above the columns; the one that the list is sorted by is lit, what narrows the list stands by it."""
    pieces = [Segment(" ", colours.faint)]
    for name, width in zip(HEADS, cols[1:], strict=True):
        if width:
            narrowed = name == "who" and part
            text = one_line(f"who: {part}", width) if narrowed else name if width > 1 else ""
            shown = f"{text[:width]:>{width}}" if name in RIGHT else fit(text, width)
            style = colours.amber if narrowed else colours.lit if name == SORTED[order] else colours.faint
            pieces.append(Segment(shown + " ", style))
    return pieces


def row(
    talker: Talker,
    cols: Columns,
    colours: Palette,
    now: float,
    look: Look = NO_CURSOR,
    zone: tzinfo | None = None,
) -> Line:
    """One person as a line."""
    voice, who = talker.voice, talker.who
    main = colours.strong if look.cursor and look.focused else colours.plain
    pieces = [_edge(look, colours), (f"{compact(voice.n):>{cols.said}} ", main)]
    if cols.tone:
        pieces.append((fit(toned(voice, cols.tone), cols.tone) + " ", colours.tone(voice.tone)))
    pieces += _name(who, cols.name, main, colours)
    if cols.network:
        names = dict.fromkeys(one.network for one in who.accounts)
        pieces.append((fit(sure(", ".join(names)), cols.network) + " ", colours.faint))
    if cols.followers:
        pieces.append((f"{known(who.followers):>{cols.followers}} ", colours.faint if who.followers is None else main))
    if cols.liked:
        pieces.append((f"{known(voice.endorsed):>{cols.liked}} ", colours.faint if voice.endorsed is None else main))
    if cols.role:
        pieces.append((fit(ROLES[voice.role], cols.role) + " ", colours.faint))
    if cols.side:
        style = colours.green if voice.stance == "evangelist" else colours.red
        pieces.append((fit(SIDES[voice.stance][: cols.side], cols.side) + " ", style))
    if cols.segment:
        pieces.append((fit(sure(" ".join(who.segments)) if who.segments else "", cols.segment) + " ", colours.amber))
    if cols.last:
        pieces.append((f"{when(id_time(voice.newest), now, zone):<{cols.last}} ", colours.faint))
    return [Segment(text, style) for text, style in pieces]


def _edge(look: Look, colours: Palette) -> tuple[str, Style]:
    """The first cell: its left half is the cursor, its right half the mark."""
    if look.marked:
        return (BAR_AND_MARK if look.cursor else MARK), colours.amber
    return (BAR if look.cursor else " "), colours.lit if look.focused else colours.faint


def called(who: Who) -> str:
    """What a person is called: their name, else their handle. Foreign text, fit for a line."""
    account = who.accounts[0]
    return sure(account.name or account.handle)


def _name(who: Who, width: int, main: Style, colours: Palette) -> list[tuple[str, Style]]:
    """The name and how many accounts more, then, below each other, as much of the handles as there is room for."""
    account = who.accounts[0]
    more = f"+{len(who.accounts) - 1}" if len(who.accounts) > 1 else ""
    handle, alone = _handle(account), width < 2 * LEAST_NAME
    room = width if alone or (not handle and not more) else max(LEAST_NAME, width * 2 // 5)
    name = one_line(called(who), max(1, room - len(more) - 1 if more else room))
    pieces = [(name, main)]
    if more and room >= cell_width(name) + len(more) + 1:
        pieces.append((f" {more}", colours.lit))
    told = sum(cell_width(text) for text, _ in pieces)
    pieces.append((" " * (room - told + 1), colours.faint))
    if room < width:
        pieces.append((fit(handle, width - room - 1) + " ", colours.faint))
    return pieces


def _handle(account: Account) -> str:
    """What a handle tells beside the name: all of it, or from its @ on where it begins with the name."""
    if not account.name:
        return ""
    name, handle = sure(account.name), sure(account.handle)
    return handle[len(name) :] if handle == name or handle.startswith(f"{name}@") else f"@{handle}"


def known(count: int | None) -> str:
    """A number that may be unknown, which is not 0."""
    return "?" if count is None else compact(count)


def toned(voice: Voice, width: int = 6) -> str:
    """`▼ -.31`"""
    sign = GLYPHS[voice.tone]
    return sign if width == 1 or voice.mean is None else f"{sign} {number(round(voice.mean))}"


# --- shares ----------------------------------------------------------------------------------------------------------


def percent(part: int, of: int) -> str:
    """`6 %`; what is not nothing is no 0 %."""
    if not of:
        return "–"
    return "<1 %" if part and part * 200 < of else f"{round(100 * part / of)} %"


WORDY = 80
"""Cells from which on there is room for all words above the list."""


def parts(shares: Shares, window: str, width: int, colours: Palette) -> Iterator[tuple[str, Style]]:
    """Which part they take; the sides by their signs alone where there is no room for words."""
    roomy = width >= WORDY
    for word, n in (("produce", shares.produces), ("comment", shares.comments), ("relay", shares.relays)):
        yield f"{word} ", colours.faint
        yield f"{percent(n, shares.people)}  ", colours.bold
    if window in SHORT:
        yield " sides want three weeks: > " if roomy else " sides: > ", colours.faint
        return
    for word, n, style in (("▲", shares.evangelists, colours.green), ("▼", shares.detractors, colours.red)):
        yield f" {word} {n:,} ", style
        if roomy:
            yield f"{'evangelist' if word == '▲' else 'detractor'}{'s' * (n != 1)} ", colours.faint


def classes(shares: Shares, width: int, colours: Palette) -> Iterator[tuple[str, Style]]:
    """How much they engage, beside the founding documents' marks; those who are silent cannot be seen."""
    marks, mark = dict(MARKS), "mark " if width >= 96 else ""
    for word, n in (("engaged", shares.engaged), ("casual", shares.casual)):
        yield f"{word} ", colours.faint
        yield percent(n, shares.people), colours.bold
        yield f" ({mark}{marks[word]})  ", colours.faint
    yield "once ", colours.faint
    yield f"{percent(shares.once, shares.people)}  ", colours.bold
    if width >= WORDY:
        yield f"{NOT_SEEN} (mark {marks['silent']})", colours.faint


def progress(talk: Talk, now: float, zone: tzinfo | None = None) -> str:
    """How far back was looked, while that is not all."""
    if talk.complete or not talk.n:
        return ""
    return f"looked back to {day(id_time(talk.back_to), now, zone)}{' …' if talk.searching else ''}"
