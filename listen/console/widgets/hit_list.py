"""The hits of a trial, with what was said of each."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.message import Message
from textual.strip import Strip

from listen.clock import Clock
from listen.console import keys
from listen.console.first.sample import Hit, Sample
from listen.console.first.shown import hit_row
from listen.console.theme import Palette
from listen.console.widgets.scrolled import Scrolled

if TYPE_CHECKING:
    from textual.binding import BindingType


class HitMoved(Message):
    """Another hit is under the cursor."""


class HitList(Scrolled):
    """One line a hit, in the order in which they came: nothing moves under the reader."""

    BINDING_GROUP_TITLE = "The hits"
    BINDINGS: ClassVar[list[BindingType]] = keys.bindings("lists", only=("list.filter",))

    def __init__(self, colours: Palette, clock: Clock, sample: Sample) -> None:
        super().__init__(id="hits")
        self.colours, self.clock, self.sample = colours, clock, sample
        self.cursor = 0

    @property
    def hit(self) -> Hit | None:
        """The one under the cursor."""
        hits = self.sample.hits
        return hits[self.cursor] if self.cursor < len(hits) else None

    def update(self) -> None:
        """Hits have come in, or were judged."""
        if self.cursor >= len(self.sample.hits):
            self.cursor = self.top = 0
        self.refresh()

    def render_line(self, y: int) -> Strip:
        at, width = y + self.top, self.size.width
        if at >= len(self.sample.hits):
            return self.blank(width)
        hit, here = self.sample.hits[at], at == self.cursor
        line = hit_row(
            hit,
            self.sample.said.get(hit.key),
            width,
            self.colours,
            self.clock.now(),
            cursor=here,
            focused=self.has_focus,
        )
        return self.strip(line, width, self.colours.under_cursor if here and self.has_focus else None)

    def on_focus(self) -> None:
        self.refresh()

    def on_blur(self) -> None:
        self.refresh()

    def move_to(self, at: int) -> None:
        """Put the cursor there, in view."""
        at = max(0, min(at, len(self.sample.hits) - 1))
        height = max(1, self.size.height)
        self.top = max(min(self.top, at), at - height + 1, 0)
        if at != self.cursor:
            self.cursor = at
            self.post_message(HitMoved())
        self.refresh()

    def next_open(self) -> bool:
        """Go to the next hit of which nothing was said, around the end; False when there is none."""
        count = len(self.sample.hits)
        for step in range(1, count + 1):
            at = (self.cursor + step) % count
            if self.sample.hits[at].key not in self.sample.said:
                self.move_to(at)
                return True
        return False

    def scroll_lines(self, by: int) -> None:
        self.move_to(self.cursor + by)

    def action_top(self) -> None:
        self.move_to(0)

    def action_bottom(self) -> None:
        self.move_to(len(self.sample.hits))

    def on_resize(self) -> None:
        self.move_to(self.cursor)
