"""`:teach`: what a topic's corrections suggest, what each suggestion would do, and accepting it or taking it back.

The collector works it out: it takes seconds where there are thousands of labels, and nobody's keys wait for it here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, cast

from rich.segment import Segment
from textual import on
from textual.screen import ModalScreen

from listen.console import keys, questions
from listen.console.answers import Acted, Failed, Requests
from listen.console.clerk import Clerk
from listen.console.desk import Desk
from listen.console.facts import Line
from listen.console.first.shown import paragraph
from listen.console.messages import Told
from listen.console.screens.marking import READ_ONLY
from listen.console.theme import Palette
from listen.console.widgets.choices import Choice, Choices, Chosen
from listen.console.widgets.footer import Footer
from listen.console.widgets.line import Line as OneLine
from listen.console.widgets.line import Pieces
from listen.console.widgets.scrolled import Scrolled
from listen.store import requests
from listen.store.triage import Triage
from listen.text import cell_width, one_line

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType

LOOK = 0.3
"""Real seconds between two looks whether the collector has answered."""

NAMED = 40
"""Cells of a word."""


class Offer(NamedTuple):
    """Something that can be taught, or taken back, and what the collector is asked for then."""

    label: str
    hint: str
    body: Mapping[str, Any]


def offers(answer: Mapping[str, Any]) -> list[Offer]:
    """What is suggested, then what can be taken back."""
    topic = answer["topic"]
    found = [Offer(_label(one), _hint(one), one["accept"]) for one in answer["offers"]]
    return [*found, *_back(topic, answer["taught"])]


def _label(one: Mapping[str, Any]) -> str:
    if one["kind"] == "word":
        return f"{one_line(one['word'], NAMED)} = {one['value']:g}"
    if one["kind"] == "begins":
        return "negative to {:+.2f}, positive from {:+.2f}".format(*one["begins"])
    return f"a model of {one['labels']:,} labels"


def _hint(one: Mapping[str, Any]) -> str:
    flips = f"{one['flips']:,} of {'' if one['all'] else 'the newest '}{one['of']:,} mentions flip"
    if one["kind"] == "word":
        return f"{flips}, agrees with {one['agrees']} of your {one['labels']} labels, {one['agreed']} before"
    told = f"macro-F1 {one['macro_f1_before']:.2f} → {one['macro_f1']:.2f} on labels left out"
    if one["wrong_sign"] is not None and one["wrong_sign_before"] is not None:
        told += f", wrong sign {one['wrong_sign_before']:.0%} → {one['wrong_sign']:.0%}"
    return f"{told}, {flips}"


def _back(topic: str, taught: Mapping[str, Any]) -> Iterator[Offer]:
    for word, value in sorted(taught["words"].items()):
        told = f"{one_line(word, NAMED)} = {value:g}"
        yield Offer(f"not {told}", "as the lexicon says again", {"teach": topic, "word": word, "value": None})
    if taught["begins"]:
        told = "negative to {:+.2f}, positive from {:+.2f}".format(*taught["begins"])
        yield Offer(f"not {told}", "as elsewhere again", {"teach": topic, "begins": None})
    if taught["model"]:
        name = one_line(taught["model"], NAMED)
        yield Offer(f"without {name}", "its file stays", {"teach": topic, "model": None})


def told_lines(answer: Mapping[str, Any], width: int, colours: Palette) -> list[Line]:
    """How many labels there are, and why there is no more to offer."""
    n, agreed = answer["labels"], answer["agreed"]
    head = (
        f"{n:,} labels by + - 0, of which the scores agree with {agreed:,}." if n else "No labels yet: + - 0 give some."
    )
    lines: list[Line] = [[], *paragraph(head, width, colours.plain)]
    if not answer["offers"]:
        lines += paragraph("They suggest nothing now.", width, colours.plain)
    for why in answer["refused"]:
        lines += paragraph(one_line(why, 300), width, colours.faint)
    return [*lines, []]


class Head(OneLine):
    """What is taught."""

    def __init__(self, colours: Palette, topic: str) -> None:
        super().__init__(id="title")
        self.colours, self.topic = colours, topic

    def pieces(self, width: int) -> tuple[Pieces, Pieces]:
        name = one_line(self.topic, max(8, width - 40))
        return (
            [Segment(" teach ", self.colours.badge), Segment(f"  {name}", self.colours.bold)],
            [Segment("what your corrections suggest  ", self.colours.faint)] if width >= 60 else (),
        )


class TeachText(Scrolled):
    """What is known, above the choices."""


class Offers(Choices):
    """What can be accepted; of the one under the cursor all is told."""

    BINDING_GROUP_TITLE = "What to teach"

    def action_along(self, by: int) -> None:
        super().action_along(by)
        cast("Teach", self.screen).update()


class Teach(ModalScreen["Offer | None"]):
    """A panel over the stream; it ends with what somebody accepts."""

    AUTO_FOCUS = "Choices"
    BINDINGS: ClassVar[list[BindingType]] = keys.bindings(
        "global", only=("app.help", "app.out", "app.back", "app.quit")
    )

    def __init__(self, desk: Desk, colours: Palette, topic: str, silent: bool) -> None:
        super().__init__()
        self.desk, self.colours, self.topic = desk, colours, topic
        self.head, self.text, self.footer = Head(colours, topic), TeachText(id="teach-text"), Footer(colours)
        self.choices = Offers(colours, [], id="teach-choices")
        self.found: Sequence[Offer] = ()
        self.answer: Mapping[str, Any] | None = None
        self.number: int | None = None
        """The request's, once it is in the store."""
        waits = ": nobody collects, so it waits until somebody does" if silent else " …"
        self.note = READ_ONLY if desk.hands is None else f"The collector looks what the corrections suggest{waits}"
        self.clerk = Clerk("teach", desk.store, self._hear, desk.who)

    def compose(self) -> ComposeResult:
        yield self.head
        yield self.text
        yield self.choices
        yield self.footer

    def on_mount(self) -> None:
        self.footer.tell([("j k", "move"), ("enter", "accept"), ("esc", "close")])
        if self.desk.hands is not None:
            self.desk.hands.do("asked", (), self._ask, self._hear)
            self.set_interval(LOOK, self._look)
        self.update()

    def on_unmount(self) -> None:
        self.clerk.close()

    def on_resize(self) -> None:
        self.call_after_refresh(self.update)

    def _ask(self, triage: Triage) -> None:
        self.number = requests.ask(triage.connection, "preview", {"suggest": self.topic}, triage.who, triage.clock)

    def _look(self) -> None:
        if self.number is not None and self.answer is None:
            self.clerk.ask("answer", questions.requested([self.number]))

    def _hear(self, answer: object) -> None:
        self.post_message(Told(answer))

    def on_told(self, event: Told) -> None:
        match event.answer:
            case Requests(found) if found and found[0].done_at is not None:
                self.answer, self.note = found[0].answer, found[0].error or ""
                self.number = None
                self.found = offers(self.answer) if self.answer is not None else ()
                self.choices.offer([Choice(str(at), one.label, one.hint) for at, one in enumerate(self.found)])
                self.update()
            case Failed(sentence):
                self.note = sentence
                self.update()
            case Acted(error=error) if error:
                self.note = error
                self.update()

    def update(self) -> None:
        """Bring everything up to date."""
        width = self.size.width
        lines = [[], *paragraph(one_line(self.note, 300), width, self.colours.plain)]
        if self.answer is not None:
            lines = told_lines(self.answer, width, self.colours)
            if self.found:
                at = self.found[min(self.choices.cursor, len(self.found) - 1)]
                wide = max(cell_width(one.label) for one in self.found) + 5
                if cell_width(at.hint) > width - wide - 2:
                    lines += [*paragraph(at.hint, width, self.colours.lit), []]
        self.text.lines = lines
        self.text.styles.height = min(len(lines), max(3, self.size.height - len(self.found) - 2))
        self.text.refresh()

    @on(Chosen)
    def _chosen(self, event: Chosen) -> None:
        if event.id.isdecimal() and int(event.id) < len(self.found):
            self.dismiss(self.found[int(event.id)])
