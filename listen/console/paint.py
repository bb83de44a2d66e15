"""Fewer bytes to the terminal, for the same picture: what stands on the screen already is not sent again, and an
attribute is sent when it changes instead of around every piece of text.

Textual writes dirty regions whole, lays everything out anew for small reasons, and resets all attributes after every
segment. Over a slow line that is felt; with several consoles in one tmux, too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import groupby
from typing import NamedTuple

from listen.console import scroll
from listen.text import cell_width

TOKEN = re.compile(
    r"\x1b\[(?P<row>\d+);(?P<column>\d+)H"
    r"|\x1b\[(?P<codes>[\d;]*)m"
    r"|\x1b\]8;(?P<link>[^\x1b\x07]*)(?:\x1b\\|\x07)"
    r"|\x1b\](?!8;)[^\x1b\x07]*(?:\x1b\\|\x07)|\x1b(?:\[[^@-~]*[@-~]|.)|[\x00-\x1f]"
)
"""What Textual writes besides text."""

HARMLESS = re.compile(r"\x1b\[[?<=>][\d;]*\$?[a-z]|\x1b\].*", re.DOTALL)
"""Sequences that change no cell: modes, questions, the clipboard, the pointer."""

FORE, BACK = re.compile("3[0-79]|9[0-7]"), re.compile("4[0-79]|10[0-7]")

HOME = (1, 1)

MOVE = 9
"""Bytes of a cursor movement: what is shorter is sent again rather than jumped over."""


class Attributes(NamedTuple):
    """How a piece of text is drawn, as SGR and OSC 8 write it."""

    fore: str = ""
    back: str = ""
    rest: frozenset[str] = frozenset()
    link: str = ";"


NONE = Attributes()

Piece = tuple[str, Attributes, int]
"""(text, attributes, cells)"""

Cell = tuple[str, Attributes]
"""(character, attributes)"""

Place = tuple[int, int]
"""(row, column) from 1; row 0 is nowhere"""

Step = tuple[Place, Piece] | str
"""A piece at a place, or another sequence."""


class Canvas:
    """Knows what stands on the screen, and thins out what is written to it."""

    def __init__(self, *, no_color: bool = False) -> None:
        self.no_color = no_color
        """Drop all colours, as NO_COLOR asks."""
        self._rows: dict[int, dict[int, Piece]] = {}
        self._width = 0
        self._cursor = (0, 0)

    def forget(self, width: int | None = None) -> None:
        """The screen may show something else: it was resized to `width` cells, or another program wrote to it."""
        self._rows.clear()
        self._cursor = (0, 0)
        if width is not None:
            self._width = width

    def thinned(self, data: str) -> str:
        """The same picture as after writing `data`. Both ends of it are without attributes, as Textual leaves them."""
        steps, end = self._read(data)
        out = _Output()
        drawn = [step for step in steps if isinstance(step, tuple)]
        shift = scroll.find(self._rows, drawn, self._width) if len(drawn) == len(steps) else None
        if shift is not None:
            repairs = scroll.beside(self._rows, drawn, shift)
            out.raw(shift.sequence)
            self._rows.update(shift.moved(self._rows))
            steps = [*repairs, *steps]
        for step in steps:
            if isinstance(step, tuple):
                self._draw(out, *step)
            else:
                self._pass(out, step)
        return self._finish(out, *end)

    def _read(self, data: str) -> tuple[list[Step], Place]:
        """What is written, step by step, and where the cursor is at the end; row 0 is nowhere."""
        steps: list[Step] = []
        row = column = at = 0
        wanted = NONE
        for token in TOKEN.finditer(data + "\n"):
            if token.start() > at:
                text = data[at : token.start()]
                piece = (text, wanted, cell_width(text))
                steps.append(((row, column), piece))
                column += piece[2]
            at = token.end()
            kind = token.lastgroup
            if kind == "column":
                row, column = int(token["row"]), int(token["column"])
            elif kind == "codes":
                wanted = applied(wanted, token["codes"], self.no_color)
            elif kind == "link":
                wanted = wanted._replace(link=token["link"])
            elif token[0] != "\n":
                steps.append(token[0])
            elif at <= len(data):
                row = 0  # the next line begins with its own movement
        return steps, (row, column)

    def _pass(self, out: _Output, token: str) -> None:
        """A sequence that draws nothing, or one of which nothing is known."""
        if not HARMLESS.fullmatch(token):
            self.forget()
        out.raw(token)

    def _draw(self, out: _Output, place: Place, piece: Piece) -> None:
        """A piece of text at a place, unless it stands there already."""
        row, column = place
        if not row:
            self.forget()
            out.style(piece[1])
            out.raw(piece[0])
            return
        line = self._rows.setdefault(row, {})
        if line.get(column) == piece:
            out.skip(row, column, piece)
            return
        old = taken_out(line, column, column + piece[2])
        line[column] = piece
        for stands, part in compared(old, piece):
            (out.skip if stands else out.piece)(row, column, part)
            column += part[2]

    def _finish(self, out: _Output, row: int, column: int) -> str:
        out.style(NONE)
        # The cursor is hidden; its place matters to input methods alone, which look for it in a text field.
        if row and ((row, column) != self._cursor or (out.moved and (row, column) != HOME)):
            out.raw(f"\x1b[{row};{column}H")
        if row:
            self._cursor = (row, column)
        return "".join(out.parts)


class _Output:
    """What is really written."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.moved = False
        """Whether the cursor has gone anywhere."""
        self._now = NONE
        self._skipped: list[Piece] = []
        """Short pieces behind the cursor that stand on the screen already: sent again, they may be the shorter way."""
        self._next = (0, 0)
        """The place behind them, or behind the last piece."""

    def raw(self, text: str) -> None:
        """Something that draws nothing, or of which nothing is known."""
        self._stay()
        self.parts.append(text)

    def style(self, wanted: Attributes) -> None:
        """From here on with these attributes."""
        if wanted != self._now:
            self.parts.append(change(self._now, wanted))
            self._now = wanted

    def skip(self, row: int, column: int, piece: Piece) -> None:
        """It stands there already."""
        if (row, column) != self._next or sum(len(kept[0]) for kept in self._skipped) + len(piece[0]) > MOVE:
            self._stay()
            return
        self._skipped.append(piece)
        self._next = row, column + piece[2]

    def piece(self, row: int, column: int, piece: Piece) -> None:
        """Write at a place."""
        if (row, column) == self._next:
            for kept in self._skipped:
                self._write(kept)
        else:
            self.parts.append(f"\x1b[{row};{column}H")
        self._write(piece)
        self._next = row, column + piece[2]
        self._skipped = []
        self.moved = True

    def _stay(self) -> None:
        self._skipped, self._next = [], (0, 0)

    def _write(self, piece: Piece) -> None:
        text, wanted, _ = piece
        if text.isspace() and not wanted.rest and not self._now.rest:
            wanted = wanted._replace(fore=self._now.fore)  # blanks have no colour of their own
        self.style(wanted)
        self.parts.append(text)


def taken_out(line: dict[int, Piece], column: int, end: int) -> list[Cell | None]:
    """Remove what stands from `column` to before `end`, and tell it cell by cell; None where that is not known."""
    cells: list[Cell | None] = [None] * (end - column)
    for start in [start for start, old in line.items() if start < end and start + old[2] > column]:
        text, attributes, width = line.pop(start)
        if not plain(text):
            continue
        if start < column:
            line[start] = (text[: column - start], attributes, column - start)
        if start + width > end:
            line[end] = (text[end - start :], attributes, start + width - end)
        for at in range(max(start, column), min(start + width, end)):
            cells[at - column] = text[at - start], attributes
    return cells


def compared(old: list[Cell | None], piece: Piece) -> Iterator[tuple[bool, Piece]]:
    """A piece in parts: (whether it stands there already, part)."""
    text, wanted, _ = piece
    if not plain(text) or not any(old):
        yield False, piece
        return
    blank = (wanted.back, wanted.rest, wanted.link)
    same = [
        cell is not None
        and cell[0] == sign
        and (cell[1] == wanted or (sign == " " and not wanted.rest and cell[1][1:] == blank))
        for cell, sign in zip(old, text, strict=True)
    ]
    for stands, group in groupby(range(len(text)), same.__getitem__):
        places = list(group)
        yield stands, (text[places[0] : places[-1] + 1], wanted, len(places))


@lru_cache(maxsize=4096)
def plain(text: str) -> bool:
    """Whether each character fills one cell, so that a piece can be cut anywhere."""
    return text.isascii() or all(cell_width(sign) == 1 for sign in text)


@lru_cache(maxsize=4096)
def applied(before: Attributes, codes: str, no_color: bool = False) -> Attributes:
    """The attributes after one SGR sequence."""
    fore, back, rest, link = before
    numbers = codes.split(";") if codes else ["0"]
    at = 0
    while at < len(numbers):
        code = numbers[at] or "0"
        if code in ("38", "48"):
            size = 5 if numbers[at + 1 : at + 2] == ["2"] else 3
            colour = "" if no_color else ";".join(numbers[at : at + size])
            fore, back = (colour, back) if code == "38" else (fore, colour)
            at += size
            continue
        at += 1
        if code == "0":
            fore, back, rest = "", "", frozenset()
        elif FORE.fullmatch(code):
            fore = "" if no_color or code == "39" else code
        elif BACK.fullmatch(code):
            back = "" if no_color or code == "49" else code
        else:
            rest = rest | {code}
    return Attributes(fore, back, rest, link)


@lru_cache(maxsize=4096)
def change(now: Attributes, wanted: Attributes) -> str:
    """The shortest sequence from some attributes to others."""
    link = "" if now.link == wanted.link else f"\x1b]8;{wanted.link}\x1b\\"
    if now[:3] == wanted[:3]:
        return link
    fresh = [*sorted(wanted.rest), *filter(None, (wanted.fore, wanted.back))]
    anew = ";".join(fresh) if now[:3] == NONE[:3] else ";".join(["0", *fresh]) if fresh else ""
    if not now.rest <= wanted.rest:
        return f"{link}\x1b[{anew}m"
    codes = sorted(wanted.rest - now.rest)
    for old, new, default in ((now.fore, wanted.fore, "39"), (now.back, wanted.back, "49")):
        if old != new:
            codes.append(new or default)
    short = ";".join(codes)
    return f"{link}\x1b[{short if len(short) <= len(anew) else anew}m"
