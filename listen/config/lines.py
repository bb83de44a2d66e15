"""On which line of a TOML text a key stands: the standard parser does not tell, and an error needs its line."""

from __future__ import annotations

import re

_TABLE = re.compile(r"""\s*\[\[?\s*(?P<path>(?:[^\]"']|"[^"]*"|'[^']*')+?)\s*\]\]?\s*(?:#.*)?$""")
_KEY = re.compile(
    r"""\s*(?P<path>(?:[A-Za-z0-9_-]+|"(?:[^"\\]|\\.)*"|'[^']*')(?:\s*\.\s*(?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*'))*)\s*="""
)
_PART = re.compile(r"""[A-Za-z0-9_-]+|"((?:[^"\\]|\\.)*)"|'([^']*)'""")
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"|\'[^\']*\'')


def _parts(path: str) -> tuple[str, ...]:
    return tuple(
        next((group for group in hit.groups() if group is not None), hit.group()) for hit in _PART.finditer(path)
    )


def lines_of(text: str) -> dict[tuple[str, ...], int]:
    """Path of each table and key -> its line, from 1. Keys of inline tables are found at the line of their table."""
    found: dict[tuple[str, ...], int] = {}
    table: tuple[str, ...] = ()
    open_quotes, depth = "", 0
    for number, line in enumerate(text.splitlines(), start=1):
        if open_quotes:
            if open_quotes not in line:
                continue
            line, open_quotes = line.partition(open_quotes)[2], ""
        elif depth == 0:
            if heading := _TABLE.match(line):
                table = _parts(heading["path"])
                for end in range(1, len(table) + 1):
                    found.setdefault(table[:end], number)
                continue
            if key := _KEY.match(line):
                found.setdefault(table + _parts(key["path"]), number)
        for quotes in ('"""', "'''"):
            if line.count(quotes) % 2:
                open_quotes = quotes
                line = line.partition(quotes)[0]
        bare = _STRING.sub("", line).partition("#")[0]
        depth = max(0, depth + bare.count("[") + bare.count("{") - bare.count("]") - bare.count("}"))
    return found


def line_of(lines: dict[tuple[str, ...], int], path: tuple[str, ...]) -> int | None:
    """The line of the nearest enclosing key or table that is written in the text."""
    for end in range(len(path), 0, -1):
        if (line := lines.get(path[:end])) is not None:
            return line
    return None
