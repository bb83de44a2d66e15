"""The last line: the keys of what has the focus, and for a few seconds what just happened."""

from __future__ import annotations

from collections.abc import Sequence

from rich.segment import Segment
from textual.timer import Timer

from listen.console.theme import Palette
from listen.console.widgets.line import Line, Pieces
from listen.text import cell_width, one_line

SECONDS = 5.0
"""How long a message stays."""


KEPT = 3
"""Keys that stay beside a message at most: those at the end, which lead to all others."""


class Footer(Line):
    """Keys, or a message."""

    def __init__(self, colours: Palette, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.colours = colours
        self.keys: Sequence[tuple[str, str]] = ()
        self.message = ""
        self._style = ""
        self._timer: Timer | None = None

    def tell(self, keys: Sequence[tuple[str, str]]) -> None:
        """Show these keys: (keys, word)."""
        self.keys = keys
        self.draw()

    def say(self, message: str, style: str = "plain", seconds: float = SECONDS) -> None:
        """Show a message for a while; `style` names one of `Palette`."""
        self.message, self._style = one_line(message), style
        if self._timer is not None:
            self._timer.stop()
        self._timer = self.set_timer(seconds, self._fall_silent)
        self.draw()

    @property
    def warns(self) -> bool:
        """Whether what is shown says that something went wrong: news can wait until that has been read."""
        return bool(self.message) and self._style in ("amber", "red")

    def _fall_silent(self) -> None:
        self.message, self._timer = "", None
        self.draw()

    def pieces(self, width: int) -> tuple[Pieces, Pieces]:
        *others, last = self.keys or [("", "")]
        if self.message:
            return self._message(width)
        room = width - 3 - self._wide(last)
        pieces = [Segment(" ", self.colours.faint)]
        for pair in others:
            room -= self._wide(pair)
            if room < 0:
                break
            pieces += self._pair(pair)
        return [*pieces, *self._pair(last)], ()

    def _message(self, width: int) -> tuple[Pieces, Pieces]:
        """What happened, and the last keys as far as there is room."""
        shown = one_line(self.message, width - 3)
        room = width - 4 - cell_width(shown)
        right: list[Segment] = []
        for pair in reversed(self.keys):
            room -= self._wide(pair)
            if room < 0 or len(right) >= 2 * KEPT:
                break
            right[:0] = self._pair(pair)
        return [Segment(f"  {shown}", getattr(self.colours, self._style))], right

    @staticmethod
    def _wide(pair: tuple[str, str]) -> int:
        return cell_width(pair[0]) + cell_width(pair[1]) + 3

    def _pair(self, pair: tuple[str, str]) -> list[Segment]:
        return [Segment(f" {pair[0]}", self.colours.keys), Segment(f" {pair[1]} ", self.colours.faint)]
