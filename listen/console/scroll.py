"""Finds out whether a picture is the one before, moved up or down: then the terminal can move it by itself.

Moving a list of twenty rows by one line costs a few dozen bytes so, and some thousand when every row is sent again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

Piece = tuple[str, Any, int]
"""(text, attributes, cells)"""

Rows = Mapping[int, Mapping[int, Piece]]
"""Row -> column -> what begins there."""

Place = tuple[int, int]
"""(row, column)"""

OVERHEAD = 20
"""Bytes that a piece costs besides its text."""

SHORT = 4
"""Rows below which moving is not worth looking for."""


class Shift(NamedTuple):
    """Rows `top` to `bottom` move up by so many lines (down when negative)."""

    top: int
    bottom: int
    by: int

    @property
    def sequence(self) -> str:
        """What makes a terminal do it: deleting or inserting lines at the top of a region, which all of them know."""
        lines = f"{self.by}M" if self.by > 0 else f"{-self.by}L"
        return f"\x1b[{self.top};{self.bottom}r\x1b[{self.top};1H\x1b[{lines}\x1b[r"

    def moved(self, rows: Rows) -> dict[int, dict[int, Piece]]:
        """What stands in the region afterwards; lines that came in are empty."""
        inside = range(self.top, self.bottom + 1)
        return {row: dict(rows[row + self.by]) if row + self.by in inside else {} for row in inside}


def find(rows: Rows, frame: Sequence[tuple[Place, Piece]], width: int) -> Shift | None:
    """The movement that saves most of `frame`, None when none is worth it. `rows` is what stands on the screen now.

    Whole lines of the terminal move, with the panes beside the list: they have to be known, and are to be drawn again.
    """
    touched = sorted({row for (row, _), _ in frame})
    if len(touched) < SHORT or touched[-1] - touched[0] + 1 != len(touched):
        return None
    by, gain = _best(rows, frame, touched)
    if not by or abs(by) >= len(touched):
        return None
    shift = Shift(touched[0], touched[-1], by)
    if any(sum(piece[2] for piece in rows.get(row, {}).values()) != width for row in touched):
        return None
    cost = OVERHEAD + sum(_weight(piece) for _, piece in beside(rows, frame, shift))
    return shift if gain > 2 * cost else None


def _best(rows: Rows, frame: Sequence[tuple[Place, Piece]], touched: Sequence[int]) -> Place:
    """(lines, bytes saved) of the movement for which most pieces need not be sent."""
    stands: dict[tuple[int, Piece], list[int]] = {}
    for row in touched:
        for column, piece in rows.get(row, {}).items():
            if not piece[0].isspace():
                stands.setdefault((column, piece), []).append(row)
    saved: dict[int, int] = {}
    for (row, column), piece in frame:
        for old in stands.get((column, piece), ()):
            saved[old - row] = saved.get(old - row, 0) + _weight(piece)
    unmoved = saved.pop(0, 0)
    if not saved:
        return 0, 0
    by = max(saved, key=lambda lines: (saved[lines], -abs(lines)))
    return by, saved[by] - unmoved


def beside(rows: Rows, frame: Sequence[tuple[Place, Piece]], shift: Shift) -> list[tuple[Place, Piece]]:
    """What stands beside the frame and has to be drawn again after the movement."""
    spans = _spans(frame)
    after = shift.moved(rows)
    found = []
    for row in range(shift.top, shift.bottom + 1):
        for column, piece in rows[row].items():
            covered = any(start <= column and column + piece[2] <= end for start, end in spans[row])
            if not covered and after[row].get(column) != piece:
                found.append(((row, column), piece))
    return found


def _spans(frame: Sequence[tuple[Place, Piece]]) -> dict[int, list[tuple[int, int]]]:
    """Row -> (first column, column behind) of each stretch that is drawn without a gap."""
    spans: dict[int, list[tuple[int, int]]] = {}
    for (row, column), piece in frame:
        stretches = spans.setdefault(row, [])
        start = stretches.pop()[0] if stretches and stretches[-1][1] == column else column
        stretches.append((start, column + piece[2]))
    return spans


def _weight(piece: Piece) -> int:
    return len(piece[0].encode()) + OVERHEAD
