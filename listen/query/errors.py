"""What is said about a query that cannot be read (`QueryError`), or that probably means something else (`Hint`)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

PICTURE = 76
"""Columns of the query that a picture shows at most."""

LONGEST_PART = 240
"""Cells of a message or of a hint: a fault may quote a very long word."""


class QueryError(ValueError):
    """A fault of a query: what is wrong, at which column (from 0), over how many characters, and what to write instead.

    `expected` lists what could have stood there, for completion. `str()` is one sentence.
    """

    def __init__(
        self, message: str, column: int, length: int = 1, hint: str = "", expected: Iterable[str] = ()
    ) -> None:
        from listen.text import one_line

        self.message, self.hint = one_line(message, LONGEST_PART), one_line(hint, LONGEST_PART)
        self.column, self.length, self.expected = column, max(1, length), list(expected)
        tail = f"; {self.hint}" if hint else ""
        super().__init__(f"column {column + 1}: {self.message}{tail}")

    def caret(self, query: str) -> str:
        """Two lines: the query, made safe to show and cut around the fault, and carets below the fault."""
        from listen.text import cell_width, one_line

        start = max(0, self.column - PICTURE // 2)
        stop = min(len(query), start + PICTURE)
        end = min(stop, self.column + self.length)
        before, wrong, after = (
            "".join(one_line(sign) or " " for sign in query[a:b])
            for a, b in ((start, self.column), (self.column, end), (end, stop))
        )
        left, right = "… " if start else "", " …" if stop < len(query) else ""
        pad = " " * cell_width(left + before)
        return f"{left}{before}{wrong}{after}{right}\n{pad}{'^' * max(1, cell_width(wrong))}"


class Hint(NamedTuple):
    """A remark on a query that can be read: where (from 0) and what it does that may not be meant."""

    message: str
    column: int
    length: int


def suggestion(word: str, choices: Iterable[str], cutoff: float = 0.6) -> str:
    """The choice that was probably meant, or ""; `cutoff` is the share of letters that have to be the same."""
    import difflib

    found = difflib.get_close_matches(word.lower(), list(choices), n=1, cutoff=cutoff)
    return found[0] if found else ""
