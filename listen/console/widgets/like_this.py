"""What is like a mention, to choose from with one key: a few lines above the footer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, cast

from rich.segment import Segment
from textual import events
from textual.strip import Strip
from textual.widget import Widget

from listen.console import keys
from listen.console.alike import Choice
from listen.console.answers import Alike
from listen.console.format import fit
from listen.console.messages import AlikeChosen
from listen.console.theme import BAR, Palette
from listen.console.widgets.pane import Pane
from listen.text import cell_width

if TYPE_CHECKING:
    from textual.binding import BindingType

    from listen.console.app import ListenApp

OURS = ("list.down", "list.up", "list.top", "list.bottom", "list.open")
"""The moves of lists that it takes."""

THROUGH = ("app.out", "app.back", "app.quit", "app.help")
"""Keys that mean here what they mean everywhere; all others wait until it is closed."""


class LikeThis(Pane, can_focus=True):
    """Choices, each with its letter and its number. Keys typed before they are there are kept for them."""

    BINDING_GROUP_TITLE = "Like this"
    BINDINGS: ClassVar[list[BindingType]] = keys.bindings("lists", only=OURS)

    def __init__(self, colours: Palette, mention_id: int, without: bool, back: Widget | None) -> None:
        super().__init__(id="like-this")
        self.colours, self.mention_id, self.without, self.back = colours, mention_id, without, back
        self.answer: Alike | None = None
        self.cursor = 0
        self._typed: list[str] = []

    @property
    def choices(self) -> Sequence[Choice]:
        """As many as there is room for."""
        return self.answer.choices[: max(1, self.screen.size.height - 3)] if self.answer else ()

    def on_mount(self) -> None:
        # At once: `focus()` waits for its turn, and keys typed meanwhile would be verbs.
        self.screen.set_focus(self)

    def tell(self, answer: Alike) -> None:
        """Offer these."""
        if answer.mention_id != self.mention_id:
            return
        first, self.answer = self.answer is None, answer
        self.styles.height = 1 + len(self.choices)
        self.refresh()
        if first and not answer.choices:
            self.post_message(AlikeChosen(None, self.without))
        while first and self._typed and self.is_attached:
            self._type(self._typed.pop(0))

    # --- painting ----------------------------------------------------------------------------------------------------

    def render_line(self, y: int) -> Strip:
        width, colours = self.size.width, self.colours
        if y == 0:
            title = " nothing like this " if self.without else " only like this "
            hint = "a letter or a number chooses · esc leaves" if width >= 64 else ""
            return self.strip([Segment(title, colours.lit_bold), Segment(hint, colours.faint)], width)
        if y > len(self.choices):
            return self.blank(width)
        chosen = y - 1 == self.cursor
        return self.strip(self._line(y - 1, chosen, width), width, colours.under_cursor if chosen else None)

    def _line(self, at: int, chosen: bool, width: int) -> list[Segment]:
        colours, choice = self.colours, self.choices[at]
        count = self._count(at)
        room = max(4, width - 19 - cell_width(count))
        return [
            Segment(BAR if chosen else " ", colours.lit),
            Segment(f"{at + 1:>2} {choice.letter:<2}", colours.keys),
            Segment(f"{choice.what:<10} ", colours.faint),
            Segment(fit(choice.value, room) + " ", colours.strong if chosen else colours.plain),
            Segment(count + " ", colours.faint),
        ]

    def _count(self, at: int) -> str:
        counted = self.answer.counts[at] if self.answer and at < len(self.answer.counts) else None
        return "" if counted is None else f"{counted[0]:,}{'' if counted[1] else '+'}"

    # --- keys --------------------------------------------------------------------------------------------------------

    def on_key(self, event: events.Key) -> None:
        """Every printable key is a choice, or no key of this place."""
        if not event.is_printable or event.character is None or self._bound(event.key):
            return
        event.stop()
        event.prevent_default()
        self._type(event.character)

    def _bound(self, key: str) -> bool:
        active = self.screen.active_bindings.get(key)
        return active is not None and (active.node is self or active.binding.id in THROUGH)

    def _type(self, sign: str) -> None:
        if self.answer is None:
            self._typed.append(sign)
            return
        names = [{choice.letter, str(at + 1)} - {""} for at, choice in enumerate(self.choices)]
        at = next((at for at, known in enumerate(names) if sign in known), None)
        if at is not None:
            self._choose(at)
        else:
            cast("ListenApp", self.app).say("a letter or a number of the list chooses · esc leaves")

    def _choose(self, at: int) -> None:
        if self.choices:
            self.post_message(AlikeChosen(self.choices[at], self.without))

    def _go(self, to: int) -> None:
        self.cursor = max(0, min(to, len(self.choices) - 1))
        self.refresh()

    def action_down(self) -> None:
        self._go(self.cursor + 1)

    def action_up(self) -> None:
        self._go(self.cursor - 1)

    def action_top(self) -> None:
        self._go(0)

    def action_bottom(self) -> None:
        self._go(len(self.choices))

    def action_open(self) -> None:
        self._choose(self.cursor)

    def on_click(self, event: events.Click) -> None:
        if 0 < event.y <= len(self.choices):
            self._choose(event.y - 1)
