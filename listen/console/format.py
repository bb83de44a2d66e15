"""Rows, numbers and times as the screen shows them. Pure: a record goes in, styled pieces of one line come out.

Whatever somebody else wrote passes `listen.text` here. Columns that have others to their right keep to signs on whose
width all terminals agree; the text, with everything that people write, stands last.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from datetime import datetime, tzinfo
from functools import lru_cache
from typing import NamedTuple

from rich.segment import Segment
from rich.style import Style

from listen.console.theme import BAR, BAR_AND_MARK, GLYPHS, MARK, Palette
from listen.model import id_time
from listen.store.records import Row
from listen.text import cell_width, one_line

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")

STATUS_SIGNS = {"done": "✓", "answered": "↩", "dismissed": "×", "skipped": "-"}
"""What a narrow list shows instead of the word."""

LAST = 253_402_214_400
"""The last day of the year 9999: ids made by hand may lie behind it."""

STARS = "★★★★★☆☆☆☆☆"
"""Five signs of it are a rating."""

BY_HAND = "hand"
"""In the place of the number where people said what the sentiment is."""

BELOW = "  ↳ "
"""Stands before the words of what belongs to the unfolded story above it."""

USUAL_KINDS = {"post", "article"}
"""Kinds that need no badge."""

_SURE = ((0x20, 0x2FF), (0x370, 0x1FFF), (0x2010, 0x2027), (0x3001, 0xD7FF), (0xF900, 0xFAFF))
"""Code points of whose width terminals agree: not emoji, pictures, most symbols."""


class Columns(NamedTuple):
    """Widths of a row's columns in cells, 0 for one that is left out. Each is followed by one blank."""

    width: int
    time: int
    tone: int
    source: int
    author: int
    badge: int

    @property
    def text(self) -> int:
        """What is left for the text."""
        used = sum(width + 1 for width in self[1:] if width)
        return max(1, self.width - 1 - used)


def columns(width: int) -> Columns:
    """The columns that suit a list of that many cells."""
    if width >= 130:
        return Columns(width, 6, 6, 14, 20, 9)
    if width >= 96:
        return Columns(width, 6, 6, 12, 14, 9)
    if width >= 72:
        return Columns(width, 6, 6, 10, 11, 5)
    if width >= 56:
        return Columns(width, 6, 6, 0, 12, 2)
    if width >= 40:
        return Columns(width, 6, 1, 0, 10, 2)
    return Columns(width, 0, 1, 0, 0, 0)


WHO = 14
"""Cells for the names of those who are on a mention."""


class Look(NamedTuple):
    """How a row is drawn besides its content."""

    cursor: bool = False
    focused: bool = True
    """Whether the list has the keys."""
    marked: bool = False
    who: str = ""
    """Other people who are on it now, made safe."""
    copies: int | None = None
    """How many mentions of the view the row stands for; 0 below another row of its story, None for as many as there
    are."""
    more: bool = False
    """It may stand for more: that is not known yet."""


NO_CURSOR = Look()


def stream_row(
    row: Row, cols: Columns, colours: Palette, now: float, look: Look = NO_CURSOR, zone: tzinfo | None = None
) -> list[Segment]:
    """One mention as a line of exactly `cols.width` cells."""
    if look.copies is not None:
        row = row._replace(alike=look.copies)
    handled = row.status != "new"
    faint = colours.faint
    main = faint if handled else colours.strong if look.cursor and look.focused else colours.plain
    pieces = [_edge(look, colours)]
    if cols.time:
        pieces.append((f"{when(row.time, now, zone):<{cols.time}} ", colours.amber if look.marked else faint))
    if cols.tone:
        figure = BY_HAND if row.corrected else number(row.score, row.hits)
        sign = GLYPHS[row.tone] if cols.tone == 1 else f"{GLYPHS[row.tone]} {figure}"
        pieces.append((f"{sign:<{cols.tone}} ", faint if handled else colours.tone(row.tone)))
    if cols.source:
        pieces.append((fit(sure(row.source), cols.source) + " ", faint))
    if cols.author:
        pieces.append((fit(sure(row.author or "-"), cols.author) + " ", faint if handled else colours.author))
    if cols.badge:
        words, style = badge(row, cols.badge, colours, now, more=look.more)
        pieces.append((fit(words, cols.badge) + " ", style))
    room = cols.text
    if look.who and room >= 3 * WHO:
        told = f"‹{one_line(look.who, WHO - 3)}› "
        pieces.append((told, colours.lit))
        room -= cell_width(told)
    worked = _worked(row, room // 3)
    if worked:
        pieces.append((f"{worked} ", faint if handled else colours.amber))
        room -= cell_width(worked) + 1
    for chip, style in chips(row, room // 3, colours):
        pieces.append((f"{chip} ", style))
        room -= cell_width(chip) + 1
    if not row.alike and room > 20:
        pieces.append((BELOW, faint))
        room -= len(BELOW)
    pieces += _words(row, room, main, faint)
    return _merged(pieces)


def placeholder(
    mention_id: int, cols: Columns, colours: Palette, now: float, look: Look = NO_CURSOR, zone: tzinfo | None = None
) -> list[Segment]:
    """A mention of which only the id is known yet: its time is in it."""
    time = f"{when(id_time(mention_id), now, zone):<{cols.time}} " if cols.time else ""
    rest = cols.width - 1 - len(time)
    return _merged([_edge(look, colours), (time + f"{'·':<{rest}}", colours.faint)])


def _edge(look: Look, colours: Palette) -> tuple[str, Style]:
    """The first cell: its left half is the cursor, its right half the mark."""
    if look.marked:
        return (BAR_AND_MARK if look.cursor else MARK), colours.amber
    if look.cursor:
        return BAR, colours.lit if look.focused else colours.faint
    return " ", colours.faint


def badge(row: Row, width: int, colours: Palette, now: float = 0.0, *, more: bool = False) -> tuple[str, Style]:
    """What was done with it, that it is late, how many tell the same, how much it was endorsed, what sort of post it
    is; a star."""
    handled = row.status != "new"
    words = next((word for word in _badges(row, more) if len(word) <= width), "")
    if row.starred:
        words = f"{words} ★" if words and len(words) + 2 <= width else f"★{STATUS_SIGNS.get(row.status, '')}"
    if not handled and row.due is not None and now > row.due:
        return "late" if width >= 4 else "!", colours.red
    amber = not handled and (row.starred or row.alike > 1)
    return words, colours.amber if amber else colours.faint


def _badges(row: Row, more: bool) -> Iterator[str]:
    """What the small column may say, the most important first, shorter words behind longer ones."""
    if row.own and row.status == "skipped":
        yield "us"
    elif row.status != "new":
        yield from (row.status, STATUS_SIGNS.get(row.status, ""))
    if row.status != "new":
        return
    if row.state in ("deleted", "withheld"):
        yield row.state
    if row.alike > 1 or more:
        yield f"×{compact(row.alike)}{'+' * more}"
    if row.endorsed:
        yield f"+{compact(row.endorsed)}"
    if row.kind not in USUAL_KINDS and not (row.kind == "review" and row.rating):
        yield row.kind


CHIPS = ("crisis", "churn", "complaint", "dissuade", "privacy", "delivery", "purchase", "question")
"""The intents that are told first."""


def chips(row: Row, width: int, colours: Palette) -> Iterator[tuple[str, Style]]:
    """What its author wants, the weightiest first, as far as there is room. Only what can grow has a colour."""
    order = {name: place for place, name in enumerate(CHIPS)}
    for name in sorted(row.intents, key=lambda name: order.get(name, len(order))):
        told = sure(name)
        width -= cell_width(told) + 1
        if width < 0:
            return
        yield told, colours.faint if row.status != "new" else colours.red if name == "crisis" else colours.author


def _worked(row: Row, width: int) -> str:
    """`[✎ @ana press vip]`: whether people noted something, who takes care of it, what they call it."""
    parts = [*(["✎"] * row.noted), *([f"@{sure(row.assignee)}"] if row.assignee else []), *map(sure, row.tags)]
    if not parts or width < 6:
        return ""
    told = " ".join(parts)
    return f"[{told if cell_width(told) <= width - 2 else one_line(told, width - 2)}]"


def _words(row: Row, width: int, main: Style, faint: Style) -> list[tuple[str, Style]]:
    """Stars, then the title and as much of the text as there is room for, or the text alone."""
    if row.rating is not None and width >= 3 * len(STARS):
        rated = STARS[5 - max(0, min(5, row.rating)) :][:5] + " "
        return [(rated, main), *_words(row._replace(rating=None), width - len(rated), main, faint)]
    title = one_line(row.title, width) if row.title else ""
    if not title:
        text = one_line(row.text[: 4 * width], width)
        if text:
            return [(padded(text, width), main)]
        return [(fit("(no text)" if row.state == "active" else f"({row.state})", width), faint)]
    left = width - cell_width(title) - 2
    text = one_line(row.text[: 4 * left], left) if left >= 12 else ""
    if not text or text.startswith(title[:left].rstrip("…")):
        return [(padded(title, width), main)]
    return [(title + "  ", main), (padded(text, left), faint)]


def _merged(pieces: list[tuple[str, Style]]) -> list[Segment]:
    """Pieces as segments, neighbours of one style together: each segment costs bytes."""
    merged: list[tuple[str, Style]] = []
    for text, style in pieces:
        if merged and merged[-1][1] == style:
            merged[-1] = (merged[-1][0] + text, style)
        else:
            merged.append((text, style))
    return [Segment(text, style) for text, style in merged]


# --- text ------------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=2048)
def sure(text: str) -> str:
    """One line without the signs that terminals draw with different widths: for columns that others follow."""
    text = one_line(text[:200])
    if text.isascii():
        return text
    kept = "".join(filter(_agreed, text))
    if any(unicodedata.category(sign) in ("Mn", "Mc", "Me") for sign in kept):
        kept = "".join(sign for sign in kept if unicodedata.category(sign) not in ("Mc", "Me"))
    return one_line(kept) or "-"


@lru_cache(maxsize=4096)
def _agreed(sign: str) -> bool:
    code = ord(sign)
    return any(low <= code <= high for low, high in _SURE)


def fit(text: str, width: int) -> str:
    """Cut with `…` and padded to exactly so many cells."""
    if text.isascii() and len(text) <= width:
        return f"{text:<{width}}"
    return padded(one_line(text, width), width)


def padded(text: str, width: int) -> str:
    """Blanks at its end up to so many cells."""
    return text + " " * max(0, width - cell_width(text))


# --- numbers and times -----------------------------------------------------------------------------------------------


def number(score: int | None, hits: int | None = 1) -> str:
    """`-.71`, `+.66`, `+1.0`; nothing for what was not scored, or holds no word that is known."""
    if score is None or not (score or hits):
        return ""
    value = abs(score) / 1000
    return ("-" if score < 0 else "+") + (f"{value:.1f}" if value >= 0.995 else f"{value:.2f}"[1:])


def full_number(score: float) -> str:
    """`-0.71`, from thousandths."""
    return f"{score / 1000:+.2f}"


def compact(count: int) -> str:
    """`812`, `1.2k`, `31k`, `4.5M`."""
    for size, unit in ((1_000_000_000, "G"), (1_000_000, "M"), (1_000, "k")):
        if count >= size:
            return f"{count / size:.1f}{unit}".replace(".0", "") if count < 10 * size else f"{count // size}{unit}"
    return str(count)


def local(unix: float, zone: tzinfo | None = None) -> datetime:
    """A time where the reader is; the nearest one that calendars know."""
    return datetime.fromtimestamp(max(0.0, min(unix, LAST)), zone).astimezone(zone)


def when(unix: float, now: float, zone: tzinfo | None = None) -> str:
    """At most six cells: `14:31` today, `12 Mar` this year and the last months, else the year."""
    then, today = local(unix, zone), local(now, zone)
    if then.date() == today.date():
        return f"{then:%H:%M}"
    if -1 < (today - then).days < 300:
        return f"{then.day} {MONTHS[then.month - 1]}"
    return str(then.year)


def moment(unix: float, now: float, zone: tzinfo | None = None) -> str:
    """A time in full: `14:31`, `Thu 14:31`, `12 Mar 14:31`, `12 Mar 2024 14:31`."""
    then, today = local(unix, zone), local(now, zone)
    days = (today.date() - then.date()).days
    clock = f"{then:%H:%M}"
    if days == 0:
        return clock
    if 0 < days < 7:
        return f"{DAYS[then.weekday()]} {clock}"
    year = f" {then.year}" if then.year != today.year else ""
    return f"{then.day} {MONTHS[then.month - 1]}{year} {clock}"


def day(unix: float, now: float, zone: tzinfo | None = None) -> str:
    """`14:31`, `12 March`, `12 March 2024`: how far back something was searched."""
    then, today = local(unix, zone), local(now, zone)
    if then.date() == today.date():
        return f"{then:%H:%M}"
    return f"{then.day} {then:%B}" + (f" {then.year}" if then.year != today.year else "")
