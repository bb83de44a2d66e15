"""How much one step of the writer may do, learned from the steps before, so that nobody waits long for its end."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

SECONDS = 0.08
"""How long a step is meant to last: on a machine thrice as busy in the next moment it is a quarter of a second."""


class Pace:
    """What one row costs."""

    def __init__(self, row: float, least: int = 1) -> None:
        """`row`: seconds to begin with; `least`: rows in a step whatever they cost, for steps have their own costs."""
        self.row, self._least = row, least

    def room(self, seconds: float = SECONDS) -> int:
        """Rows of a step that lasts so long."""
        return max(self._least, int(seconds / self.row))

    @contextmanager
    def over(self, rows: int) -> Iterator[None]:
        """Learn from a step over so many rows; from too few there is nothing to learn."""
        begun = time.monotonic()
        yield
        if rows >= self._least:
            self.row = max(1e-6, (self.row + (time.monotonic() - begun) / max(1, rows)) / 2)
