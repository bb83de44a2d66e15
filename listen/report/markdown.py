"""Markdown in which no foreign word means anything."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import groupby

from listen.text import cell_width, one_line

_MEANING = re.compile(r"([\\`*_{}\[\]<>#|~@&])")
_START = re.compile(r"^(\s*\d*)([-+=.)])")
_CELL = re.compile(r"(?<!\\)\|")
_RULE = re.compile(r"-+:?")


def plain(foreign: str, limit: int | None = None) -> str:
    """Foreign words on one line, every sign that could mean something behind a backslash."""
    return _START.sub(r"\1\\\2", inside(foreign, limit))


def inside(foreign: str, limit: int | None = None) -> str:
    """The same for words that stand behind others, where what begins a line means nothing."""
    return _MEANING.sub(r"\\\1", one_line(foreign, limit))


def link(words: str, url: str | None) -> str:
    """A link where there is an address that is safe, else the words."""
    safe = url is not None and re.fullmatch(r"https?://[^\s<>\\]+", url)
    return f"[{words}](<{url}>)" if safe else words


def table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """A table; cells must have passed `plain`."""
    lines = [f"| {' | '.join(headings)} |", f"|{'---|' * len(headings)}"]
    return [*lines, *(f"| {' | '.join(row)} |" for row in rows)]


def aligned(text: str) -> str:
    """The same text with the cells of its tables below each other, for who reads it as it is."""
    found: list[str] = []
    for is_table, some in groupby(text.split("\n"), key=lambda line: line.startswith("|")):
        lines = list(some)
        found += _aligned([_CELL.split(line)[1:-1] for line in lines]) if is_table else lines
    return "\n".join(found)


def _aligned(rows: Sequence[Sequence[str]]) -> Iterable[str]:
    columns = list(zip(*([cell.strip() for cell in row] for row in rows), strict=False))
    right = [any(_RULE.fullmatch(cell) and cell.endswith(":") for cell in column) for column in columns]
    widths = [max(3, *(cell_width(cell) for cell in column if not _RULE.fullmatch(cell))) for column in columns]
    for row in zip(*columns, strict=True):
        cells = [_cell(cell, width, at_right) for cell, width, at_right in zip(row, widths, right, strict=True)]
        yield f"| {' | '.join(cells)} |"


def _cell(cell: str, width: int, at_right: bool) -> str:
    if _RULE.fullmatch(cell):
        return "-" * (width - at_right) + ":" * at_right
    room = " " * (width - cell_width(cell))
    return room + cell if at_right else cell + room
