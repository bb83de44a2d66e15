"""The side pane: topics with what is still new in them, and how well the sources are heard."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from rich.segment import Segment
from textual import events
from textual.geometry import Region
from textual.strip import Strip

from listen.console import keys
from listen.console.answers import Glance
from listen.console.format import compact, fit, sure
from listen.console.messages import ViewChosen
from listen.console.theme import BAR, Palette
from listen.console.view import query_of
from listen.console.widgets.pane import Pane
from listen.store.overview import WAITING_CAP, Source
from listen.text import cell_width, one_line

if TYPE_CHECKING:
    from textual.binding import BindingType

EVERYTHING = "everything"


class Entry(NamedTuple):
    """A line that can be chosen."""

    topic: str | None
    """None for everything."""
    waiting: str


class Side(Pane, can_focus=True):
    """Views above, sources below."""

    BINDING_GROUP_TITLE = "Views"
    BINDINGS: ClassVar[list[BindingType]] = keys.bindings("lists")

    def __init__(self, colours: Palette, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.colours = colours
        self.glance = Glance()
        self.active: str | None = None
        """The topic that is shown, None for everything."""
        self.cursor = 0
        self._lines: list[list[Segment]] = []
        self._width = 0
        self._strips: dict[int, Strip] = {}

    @property
    def entries(self) -> list[Entry]:
        """The views that can be chosen."""
        return [Entry(None, ""), *(Entry(topic.name, waiting(topic.new)) for topic in self.glance.topics)]

    def show(self, glance: Glance, active: str | None) -> None:
        """Show these numbers."""
        if glance is not self.glance or active != self.active:
            self.glance, self.active = glance, active
            self.draw()

    def draw(self) -> None:
        """Lay out all lines, and paint those that have changed."""
        if not self.size.width or self.size.width != self._width:
            self._width = 0  # it has to be painted whole anyway
            return
        lines = self._laid_out()
        height = max(len(lines), len(self._lines))
        changed = [y for y in range(height) if lines[y : y + 1] != self._lines[y : y + 1]]
        self._lines = lines
        for y in changed:
            self._strips.pop(y, None)
        if changed:
            self.refresh(*(Region(0, y, self.size.width, 1) for y in changed if y < self.size.height))

    def _laid_out(self) -> list[list[Segment]]:
        width, colours = max(12, self._width), self.colours
        lines: list[list[Segment]] = [[], [Segment(" TOPICS", colours.faint)]]
        entries = self.entries
        self.cursor = max(0, min(self.cursor, len(entries) - 1))
        for at, entry in enumerate(entries):
            lines.append(self._entry(entry, entry.topic == self.active, self.has_focus and at == self.cursor, width))
        if len(entries) == 1:
            lines.append([Segment("   none yet", colours.faint)])
        lines += [[], [Segment(" SOURCES", colours.faint)]]
        for source in self.glance.sources:
            if source.active:
                lines.append(self._source(source, width))
        if not any(source.active for source in self.glance.sources):
            lines.append([Segment("   none yet", colours.faint)])
        return lines

    def _entry(self, entry: Entry, active: bool, chosen: bool, width: int) -> list[Segment]:
        colours = self.colours
        room = width - 4 - cell_width(entry.waiting)
        name = fit(one_line(entry.topic or EVERYTHING), room)
        bar = BAR if active or chosen else " "
        style = colours.lit_bold if active else colours.bold if chosen else colours.plain
        count = colours.bold if active else colours.faint
        return [
            Segment(" " + bar, colours.lit if active else colours.plain),
            Segment(name + " ", style),
            Segment(entry.waiting + " ", count),
        ]

    def _source(self, source: Source, width: int) -> list[Segment]:
        colours = self.colours
        if source.failing:
            sign, style = ("×", colours.red) if source.failing >= source.channels else ("◐", colours.amber)
        else:
            sign, style = ("●", colours.green) if source.good_at else ("○", colours.faint)
        count = compact(source.mentions)
        return [
            Segment(f" {sign} ", style),
            Segment(
                fit(sure(source.name), width - 5 - len(count)) + " ", colours.plain if not source.failing else style
            ),
            Segment(count + " ", colours.faint),
        ]

    def render_line(self, y: int) -> Strip:
        if self.size.width != self._width:
            self._width, self._strips = self.size.width, {}
            self._lines = self._laid_out()
        if y not in self._strips:
            pieces: Sequence[Segment] = self._lines[y] if y < len(self._lines) else ()
            self._strips[y] = self.strip(pieces, self.size.width)
        return self._strips[y]

    def recolour(self, colours: Palette) -> None:
        super().recolour(colours)
        self._width = 0

    def forget_strips(self) -> None:
        self._strips.clear()

    def on_focus(self) -> None:
        found = [at for at, entry in enumerate(self.entries) if entry.topic == self.active]
        self.cursor = found[0] if found else 0
        self.draw()

    def on_blur(self) -> None:
        self.draw()

    # --- keys --------------------------------------------------------------------------------------------------------

    def _go(self, to: int) -> None:
        self.cursor = max(0, min(to, len(self.entries) - 1))
        self.draw()

    def action_down(self) -> None:
        self._go(self.cursor + 1)

    def action_up(self) -> None:
        self._go(self.cursor - 1)

    def action_half_down(self) -> None:
        self._go(self.cursor + 5)

    def action_half_up(self) -> None:
        self._go(self.cursor - 5)

    def action_page_down(self) -> None:
        self._go(len(self.entries))

    def action_page_up(self) -> None:
        self._go(0)

    def action_top(self) -> None:
        self._go(0)

    def action_bottom(self) -> None:
        self._go(len(self.entries))

    def action_open(self) -> None:
        self.post_message(ViewChosen(query_of(self.entries[self.cursor].topic)))

    def on_click(self, event: events.Click) -> None:
        at = event.y - 2
        if 0 <= at < len(self.entries):
            self.cursor = at
            self.action_open()


def waiting(count: int) -> str:
    """How many are still new, as far as that is counted."""
    return f"{count:,}+" if count >= WAITING_CAP else str(count) if count else ""
