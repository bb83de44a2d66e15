"""One line of the screen, of which only what changes is painted."""

from __future__ import annotations

from collections.abc import Sequence

from rich.segment import Segment
from textual.geometry import Region
from textual.strip import Strip

from listen.console.theme import Palette
from listen.console.widgets.pane import Pane
from listen.text import cell_width

Pieces = Sequence[Segment]


class Line(Pane):
    """Pieces from the left, pieces up to the right end; what they are is said by `pieces`."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._painted: Pieces = ()
        self._width = 0
        self._strip: Strip | None = None

    def pieces(self, width: int) -> tuple[Pieces, Pieces]:
        """What to show on the left and on the right of a line of that width."""
        raise NotImplementedError

    def draw(self) -> None:
        """Paint what has changed since it was painted last."""
        width = self.size.width
        if not width or width != self._width:
            self._width = 0  # it has to be painted whole anyway, and then it asks for its pieces
            return
        pieces = laid_out(*self.pieces(width), width)
        first, last = difference(self._painted, pieces)
        if first < last:
            self._painted, self._strip = pieces, None
            self.refresh(Region(first, 0, last - first, 1))

    def on_show(self) -> None:
        """What was told meanwhile is not in Textual's cache of lines."""
        self.refresh()

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        if width != self._width:
            self._width, self._painted, self._strip = width, laid_out(*self.pieces(width), width), None
        if self._strip is None:
            self._strip = self.strip(self._painted, width)
        return self._strip if y == 0 else self.blank(width)

    def recolour(self, colours: Palette) -> None:
        super().recolour(colours)
        self._width = 0

    def forget_strips(self) -> None:
        self._strip = None


def laid_out(left: Pieces, right: Pieces, width: int) -> Pieces:
    """Pieces that fill a line exactly: those on the right keep their room, those on the left are cut."""
    tail = sum(cell_width(piece.text) for piece in right)
    if tail >= width:
        return list(Strip(right).crop(0, width))
    return [*Strip(left).adjust_cell_length(width - tail), *right]


def difference(old: Pieces, new: Pieces) -> tuple[int, int]:
    """(first, last) cells between which two lines of the same width differ; (0, 0) when they don't."""
    same = start = 0
    while same < min(len(old), len(new)) and old[same] == new[same]:
        start += cell_width(new[same].text)
        same += 1
    if same == len(new) == len(old):
        return 0, 0
    end, back = sum(cell_width(piece.text) for piece in new), 1
    while back <= min(len(old), len(new)) - same and old[-back] == new[-back]:
        end -= cell_width(new[-back].text)
        back += 1
    return start, end
