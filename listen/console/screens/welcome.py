"""The first screen of somebody who has told nothing yet: one question. Nothing is fetched and nothing is written."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING, ClassVar

from rich.segment import Segment
from textual import on
from textual.containers import Vertical
from textual.screen import Screen

from listen.console import PLAY_DEMO
from listen.console.first.beginning import Beginning
from listen.console.theme import Palette
from listen.console.widgets.answer_field import AnswerField, Entered, Left, Told
from listen.console.widgets.choices import Choice, Choices, Chosen
from listen.console.widgets.footer import Footer
from listen.query import QueryError
from listen.query.brands import brand_query, plain_name
from listen.text import one_line

if TYPE_CHECKING:
    from textual.app import ComposeResult

HINT = "a brand, a product, a name: enter shows what people say of it"

LONGEST_PATH = 300
"""Characters of a path that are shown."""

CHOICES = (
    Choice("demo", "play the demo", "a fictional week with a crisis; needs no network"),
    Choice("store", "open another store", "a file that is there already"),
)


class Welcome(Screen[None]):
    """Name a brand, or play the demo, or open another store."""

    AUTO_FOCUS = "TextField"
    SCOPES: ClassVar = ("inputs", "lists")

    def __init__(self, colours: Palette, beginning: Beginning) -> None:
        super().__init__()
        self.colours, self.beginning = colours, beginning
        self.head, self.between, self.foot = Told(colours), Told(colours), Told(colours)
        self.question = AnswerField(colours, "▌ ", hint=HINT)
        self.choices = Choices(colours, CHOICES, id="choices")
        self.footer = Footer(colours)

    def compose(self) -> ComposeResult:
        with Vertical(id="middle"), Vertical(id="asked"):
            yield self.head
            yield self.question
            yield self.between
            yield self.choices
            yield self.foot
        yield self.footer

    def on_mount(self) -> None:
        colours = self.colours
        self.head.show(
            [
                [Segment(" listen ", colours.badge)],
                [],
                [Segment("What shall I listen for?", colours.bold)],
                [],
            ]
        )
        self.between.show([[], [Segment("or", colours.faint)]])
        promise = "Nothing is fetched and nothing is written until you say so."
        said: list[list[Segment]] = [[], [Segment(promise, colours.faint)]]
        if self.beginning.missing is not None:
            name = one_line(str(self.beginning.missing), LONGEST_PATH)
            said.append([Segment(f"No store is there yet; one is made when you begin: {name}", colours.amber)])
        self.foot.show(said)
        self.choices.spill = self._go_on_typing
        self.watch(self, "focused", self._focus_changed, init=True)
        gc.enable()

    def _focus_changed(self) -> None:
        typing = self.focused is self.question.field
        keys = [
            ("enter", "ask" if typing else "do it"),
            ("tab ↓" if typing else "↑ ↓", "the other choices" if typing else "move"),
        ]
        self.footer.tell([*keys, *([] if typing else [("?", "keys")]), ("ctrl+q", "leave")])

    def _go_on_typing(self, sign: str) -> None:
        self.set_focus(self.question.field)
        self.question.field.insert_text_at_cursor(sign)

    @on(Entered)
    def _named(self, event: Entered) -> None:
        event.stop()
        try:
            name, text = plain_name(event.value), brand_query(event.value)
        except QueryError as error:
            self.question.fault(f"{error.message}; {error.hint}", error.column)
            return
        from listen.console.screens.first_look import FirstLook

        self.app.push_screen(FirstLook(self.colours, self.beginning, name, text))

    @on(Left)
    def _left(self, event: Left) -> None:
        event.stop()
        self.set_focus(self.choices)

    @on(Chosen)
    def _chosen(self, event: Chosen) -> None:
        event.stop()
        if event.id == "demo":
            self.app.exit(PLAY_DEMO)
            return
        from listen.console.screens.other_store import OtherStore

        self.app.push_screen(OtherStore(self.colours))
