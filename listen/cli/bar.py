"""A bar on the terminal for what takes a while; where nobody looks, a line at the end says as much."""

from __future__ import annotations

import sys
import time

from listen.text import one_line

WIDTH = 24
"""Cells of the bar itself."""

AGAIN = 0.1
"""Seconds between two drawings."""


class Bar:
    """Draws `━━━━━────  42 %  words` over itself on standard error."""

    def __init__(self) -> None:
        self._shown = sys.stderr.isatty()
        self._drawn_at = 0.0

    def show(self, share: float | None, words: str) -> None:
        """How much is done, 0 to 1, None where that is not known; and what has come of it."""
        now = time.monotonic()
        if not self._shown or now - self._drawn_at < AGAIN:
            return
        self._drawn_at = now
        if share is None:
            line = words
        else:
            done = round(WIDTH * min(1.0, share))
            line = f"{'━' * done}{'─' * (WIDTH - done)} {int(100 * min(1.0, share)):3} %  {words}"
        sys.stderr.write(f"\r\x1b[K{one_line(line, _columns())}")
        sys.stderr.flush()

    def clear(self) -> None:
        """Take it away again."""
        if self._drawn_at:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()


def _columns() -> int:
    import shutil

    return max(20, shutil.get_terminal_size().columns - 1)
