"""Words that were looked for, marked in a row of the list."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.segment import Segment
from rich.style import Style

from listen.query import tree
from listen.query.spans import places


def marked(pieces: Sequence[Segment], node: tree.Node, start: int, style: Style) -> list[Segment]:
    """The pieces of a row with the words of a query in another style, from the cell `start` on."""
    found: list[Segment] = []
    at = 0
    for piece in pieces:
        before, behind = piece.split_cells(max(0, min(start - at, piece.cell_length)))
        at += piece.cell_length
        if before.text:
            found.append(before)
        found += _lit(behind, node, style)
    return found


def _lit(piece: Segment, node: tree.Node, style: Style) -> Iterator[Segment]:
    done = 0
    for first, last in places(node, piece.text):
        if first > done:
            yield Segment(piece.text[done:first], piece.style)
        yield Segment(piece.text[first:last], (piece.style or Style()) + style)
        done = last
    if done < len(piece.text):
        yield Segment(piece.text[done:], piece.style)
