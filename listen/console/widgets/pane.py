"""What all panes have in common: they paint their own lines."""

from __future__ import annotations

from collections.abc import Sequence

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

from listen.console.theme import Palette


class Pane(Widget):
    """Lines of pieces on the pane's own ground."""

    ALLOW_SELECT = False
    auto_links = False

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._base: Style | None = None

    @property
    def base(self) -> Style:
        """Ground and colour from the style sheet; Textual works them out anew at each look, which is dear."""
        if self._base is None:
            self._base = self.rich_style
        return self._base

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._base = None
        self.forget_strips()

    def forget_strips(self) -> None:
        """Strips that were made for another style are of no use."""

    def action_open(self) -> None:
        """What that means is for the screen to say; at once, since the keys typed next go where it leads."""
        read = getattr(self.screen, "read", None)
        if read is not None:
            read()

    def recolour(self, colours: Palette) -> None:
        """Take other colours."""
        self.colours = colours
        self.forget_strips()
        self.refresh()

    def strip(self, pieces: Sequence[Segment], width: int, over: Style | None = None) -> Strip:
        """A line of exactly that width; `over` is laid over the ground."""
        style = self.base if over is None else self.base + over
        return Strip(pieces).adjust_cell_length(width).apply_style(style)

    def blank(self, width: int) -> Strip:
        """An empty line."""
        return Strip.blank(width, self.base)
