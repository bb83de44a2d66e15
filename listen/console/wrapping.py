"""Long lines as lines that fit."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from listen.text import cell_width

_WIDE = "\u2e80-\u303f\u3041-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uff60\U00020000-\U0003fffd"


@cache
def _pieces() -> re.Pattern[str]:
    """Where a line may break: at blanks, and beside each sign of a script that has none. Compiled when first needed."""
    return re.compile(rf"[ ]+|[{_WIDE}]|[^ {_WIDE}]+")


def wrap(text: str, width: int) -> Iterator[tuple[int, int]]:
    """(start, end) of each line of a text that has passed `listen.text.block`, at most `width` cells wide.

    Lazy: of a long text only as many lines are made as are taken.
    """
    width = max(2, width)
    start = 0
    while start <= len(text):
        stop = text.find("\n", start)
        stop = len(text) if stop < 0 else stop
        yield from _wrap_line(text, start, stop, width)
        start = stop + 1


def _wrap_line(text: str, start: int, stop: int, width: int) -> Iterator[tuple[int, int]]:
    begin, end, used = start, start, 0
    for piece in _pieces().finditer(text, start, stop):
        at, to = piece.span()
        cells = cell_width(text[at:to]) if to - at <= 8 * width else 8 * width
        if used + cells <= width:
            end, used = to, used + cells
            continue
        if text[at] == " ":
            yield begin, end
            begin, end, used = to, to, 0
            continue
        if used:
            yield begin, end
            begin = at
        while (cut := _cut(text, begin, to, width)) < to:
            yield begin, cut
            begin = cut
        end, used = to, cell_width(text[begin:to])
    yield begin, end


def _cut(text: str, start: int, stop: int, width: int) -> int:
    """The end of what fits into `width` cells from `start` on; at least one sign."""
    if text[start : start + width].isascii():
        return min(stop, start + width)
    used = 0
    for at in range(start, stop):
        used += cell_width(text[at])
        if used > width:
            return max(at, start + 1)
    return stop
