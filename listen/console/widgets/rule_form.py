"""The lines of a rule: a key and its value each, what is wrong right below; one field that goes from line to line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.segment import Segment
from textual import events, on
from textual.message import Message
from textual.strip import Strip
from textual.widgets import Input

from listen.config import rules
from listen.console.completing import Completer
from listen.console.format import sure
from listen.console.ruling import NAME, QUERIES, Around, Draft, completed
from listen.console.theme import BAR, Palette
from listen.console.widgets.pane import Pane
from listen.console.widgets.typed import Typed
from listen.query.complete import Known
from listen.text import cell_width, one_line

if TYPE_CHECKING:
    from textual.app import ComposeResult

LABEL = 17
"""Cells before a value."""

LONGEST = 16_384


class FormKey(Message):
    """`typed`: a text has changed; `moved`: another line; `apply` and `leave`."""

    def __init__(self, verb: str) -> None:
        super().__init__()
        self.verb = verb


class RuleForm(Pane):
    """Paints all lines itself; the field lies over the value that is being typed."""

    def __init__(self, colours: Palette, draft: Draft, known: Known) -> None:
        super().__init__(id="rule-form")
        self.colours, self.draft, self.around = colours, draft, Around()
        self.faults: dict[str, str] = {}
        self.entry: dict[str, object] = {}
        self.input = Typed("", LONGEST, id="rule-input")
        self.completer = Completer()
        self.completer.known.update(known)
        first = NAME if draft.new and not draft.called else draft.shown[1 if draft.new else 0]
        self.at = next((key for key in draft.shown if draft.meanwhile(key)), first)
        self.top = 0

    def compose(self) -> ComposeResult:
        yield self.input

    def on_mount(self) -> None:
        self.input.take_focus()
        self.go(self.at)

    def on_resize(self) -> None:
        self.look()

    def learn(self, around: Around) -> None:
        """What a rule may name."""
        self.around = around
        self.look()

    def go(self, key: str) -> None:
        """The field goes to a line."""
        self.at = key
        self.input.write(self.draft.texts.get(key, ""))
        self.look()
        self.post_message(FormKey("moved"))

    def move(self, by: int) -> None:
        """The line below or above, as far as there is one."""
        shown = self.draft.shown
        to = shown[max(0, min(shown.index(self.at) + by, len(shown) - 1))]
        if to != self.at:
            self.go(to)

    def fault(self) -> tuple[str, str] | None:
        """(line, words) of the first fault, whether or not it was shown yet; from now on it is."""
        self.draft.pressed = True
        self.look()
        return next(((key, self.faults[key]) for key in self.draft.shown if key in self.faults), None)

    # --- painting ----------------------------------------------------------------------------------------------------

    def look(self) -> None:
        """Check it anew and paint it."""
        self.entry, self.faults = self.draft.checked(self.around)
        lines, height = self._lines(), max(1, self.size.height)
        here = next(at for at, (key, part) in enumerate(lines) if key == self.at and part == 0)
        last = max(at for at, (key, _) in enumerate(lines) if key == self.at)
        self.top = max(last - height + 1, min(self.top, here, max(0, len(lines) - height)))
        self.input.styles.offset = (LABEL, here - self.top)
        self.input.styles.width = max(8, self.size.width - LABEL - 1)
        self.input.placeholder = self.draft.placeholder(self.at)
        self.refresh()

    def _lines(self) -> list[tuple[str, int]]:
        """(key, 0 for its value, 1 for its fault) from the top."""
        return [(key, part) for key in self.draft.shown for part in ((0, 1) if key in self.faults else (0,))]

    def render_line(self, y: int) -> Strip:
        lines, width, colours = self._lines(), self.size.width, self.colours
        if not 0 <= self.top + y < len(lines):
            return self.blank(width)
        key, part = lines[self.top + y]
        if part:
            told = one_line(self.faults[key], max(8, width - LABEL - 1))
            return self.strip([Segment(" " * LABEL), Segment(told, colours.red)], width)
        here = key == self.at
        text = sure(one_line(self.draft.texts.get(key, "").strip(), max(8, width - LABEL - 1)))
        value = Segment(text, colours.plain) if text else Segment(self.draft.placeholder(key), colours.faint)
        style = colours.lit if here else colours.amber if self.draft.meanwhile(key) else colours.faint
        label = Segment(f"{key:<{LABEL - 2}} ", style)
        pieces = [Segment(BAR if here else " ", colours.lit), label]
        return self.strip([*pieces, *([] if here else [value])], width)

    def on_click(self, event: events.Click) -> None:
        lines = self._lines()
        if 0 <= self.top + event.y < len(lines):
            self.go(lines[self.top + event.y][0])

    # --- keys --------------------------------------------------------------------------------------------------------

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        if event.value == self.draft.texts.get(self.at, ""):
            return
        self.draft.texts[self.at] = event.value
        self.look()
        self.post_message(FormKey("typed"))

    @on(Typed.Moved)
    def _moved(self, event: Typed.Moved) -> None:
        event.stop()

    @on(Typed.Key)
    def _key(self, event: Typed.Key) -> None:
        event.stop()
        self.draft.texts[self.at] = self.input.value  # keys typed fast overtake the message that the text has changed
        match event.verb:
            case "walk":
                self.move(event.by)
            case "complete":
                self._complete(event.by)
            case verb:
                self.post_message(FormKey(verb))

    def _complete(self, by: int) -> None:
        if self.at in QUERIES:
            made = self.completer.step(self.input.value, self.input.cursor_position, by)
            if made is not None:
                self.input.value, self.input.cursor_position = made
            return
        text = completed(self.at, self.input.value, self.draft.candidates(self.at, self.around), by)
        if text is not None:
            self.input.write(text)

    def told(self) -> list[tuple[str, str]]:
        """(name, meaning) of what could be typed here."""
        if self.at in QUERIES:
            found = self.completer.look(self.input.value, self.input.cursor_position).candidates
            return [(one.text, one.word) for one in found]
        return self.draft.candidates(self.at, self.around)

    @property
    def help(self) -> str:
        """What the line is for."""
        return "what the rule is called" if self.at == NAME else rules.KEYS[self.at].help

    @property
    def widest(self) -> int:
        """Cells of the longest name that could be typed here."""
        return max((cell_width(name) for name, _ in self.told()), default=0)
