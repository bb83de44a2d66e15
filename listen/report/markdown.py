"""Markdown in which no foreign word means anything."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from listen.text import one_line

_MEANING = re.compile(r"([\\`*_{}\[\]<>#|~@&])")
_START = re.compile(r"^(\s*\d*)([-+=.)])")


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
