"""The lines in which a filter is typed: its fault under the caret, its count, and what could be typed next."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.segment import Segment
from textual import on
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widgets import Input

from listen.console.answers import Checked
from listen.console.completing import Completer
from listen.console.messages import FilterApplied, FilterLeft, FilterTyped, NamesWanted
from listen.console.theme import Palette
from listen.console.widgets.line import Line, Pieces
from listen.console.widgets.typed import Typed
from listen.query import QueryError
from listen.query.complete import Candidate, Known, place
from listen.text import cell_width, one_line
from listen.told import of_stories

if TYPE_CHECKING:
    from textual.app import ComposeResult

PROMPT = " filter "

LONGEST = 16_384
"""Characters of a query at most, as the language has it."""

ASKED = ("author", "lang", "site", "tag", "assignee", "segment", "intent", "#", "@")
"""What the store is asked for names of."""

EXAMPLES = ("battery died", "acme OR rival", "-toy", '"battery life"', "bat*", "#tag", "@name", "{Orange}", "( )")
"""How to begin, while nothing is typed: `?` is text here."""

NAMED = 20
"""Characters of a candidate that is named once more beside what it means."""

GAP = Segment("  ")


class Prompt(Line):
    """What stands before the text field."""

    def __init__(self, colours: Palette, text: str = PROMPT) -> None:
        super().__init__(id="filter-prompt")
        self.colours, self.text = colours, text
        self.styles.width = cell_width(text)

    def pieces(self, width: int) -> tuple[Pieces, Pieces]:
        return [Segment(self.text, self.colours.keys)], ()


class Promise(Line):
    """What the query would do, below it."""

    def __init__(self, colours: Palette, field: Typed, indent: int) -> None:
        super().__init__(id="filter-below")
        self.colours, self.field, self.indent = colours, field, indent
        self.answer = Checked(field.value)
        self.unfinished = False
        """The fault is where something can still be typed."""

    def tell(self, answer: Checked) -> None:
        """Show this, unless something else has been typed since."""
        if answer.text == self.field.value:
            self.answer = answer
            self.draw()

    def pieces(self, width: int) -> tuple[Pieces, Pieces]:
        error = self.answer.error
        return self._fault(error, width) if error else self._promise(width), ()

    def _fault(self, error: QueryError, width: int) -> Pieces:
        """Carets below what is wrong, the message beside them where there is more room."""
        colours, shown = self.colours, self.answer.text
        soft = self.unfinished and error.column + error.length >= len(shown.rstrip())
        plain, bold = (colours.amber, colours.amber) if soft else (colours.red, colours.red_bold)
        at = self.indent + cell_width(shown[: error.column]) - self.field.first_cell
        wide = cell_width(shown[: error.column + error.length]) - cell_width(shown[: error.column])
        end = max(self.indent + 1, min(at + max(1, wide), at + 20, width))
        at = max(self.indent, min(at, end - 1))
        message = f"{error.message}; {error.hint}" if error.hint else error.message
        room = width - end - 1
        if cell_width(message) <= room or room >= at:
            return [Segment(" " * at + "^" * (end - at), bold), Segment(" " + one_line(message, max(1, room)), plain)]
        before = one_line(message, max(1, at - 2))
        blank = " " * (at - cell_width(before) - 1)
        return [Segment(blank + before + " ", plain), Segment("^" * (end - at), bold)]

    def _promise(self, width: int) -> Pieces:
        colours, answer = self.colours, self.answer
        pieces = [Segment(" " * self.indent, colours.faint)]
        if answer.n is not None:
            at_least = "" if answer.complete else "+"
            word = "mention" if answer.n == 1 and answer.complete else "mentions"
            pieces.append(Segment(f"{answer.n:,}{at_least} {word}", colours.bold if answer.n else colours.amber))
            if answer.complete and (told := of_stories(answer.n, answer.stories)):
                pieces.append(Segment(told, colours.faint))
            pieces.append(Segment(" so far …  " if answer.counting else "  ", colours.faint))
        elif not answer.error:
            pieces.append(Segment("counting …  ", colours.faint))
        if answer.hints:
            pieces.append(Segment(one_line(answer.hints[0].message), colours.amber))
        elif not self.field.value:
            pieces += self._examples(width - sum(cell_width(piece.text) for piece in pieces))
        return pieces

    def _examples(self, room: int) -> Pieces:
        pieces: list[Segment] = []
        for example in EXAMPLES:
            room -= len(example) + 3
            if room < 0:
                break
            pieces += [Segment(" · ", self.colours.faint), Segment(example, self.colours.plain)]
        return pieces


class Offer(Line):
    """What could be typed next, and what it would mean."""

    def __init__(self, colours: Palette, completer: Completer, indent: int) -> None:
        super().__init__(id="filter-offer")
        self.colours, self.completer, self.indent = colours, completer, indent

    def pieces(self, width: int) -> tuple[Pieces, Pieces]:
        found, chosen = self.completer.offered.candidates, self.completer.chosen
        blank = Segment(" " * self.indent, self.colours.faint)
        if not found:
            return [blank, Segment(one_line(self.completer.offered.note), self.colours.faint)], ()
        word = _word(found[chosen or 0], alone=len(found) == 1 or chosen is not None)
        word = one_line(word, max(12, (width - self.indent) // 2))
        told = [] if not word else [Segment(f"  · {word} ", self.colours.faint)]
        room = width - self.indent - cell_width(word) - 5
        names = list(self._names(found, chosen, room))
        return [blank, *names, *told], ()

    def _names(self, found: Sequence[Candidate], chosen: int | None, room: int) -> Pieces:
        """As many candidates as there is room for, so that the chosen one is among them."""
        colours = self.colours
        shown = [one_line(one.text, max(4, room - 2)) for one in found]
        first, last, used = chosen or 0, chosen or 0, cell_width(shown[chosen or 0])
        while last + 1 < len(shown) and used + cell_width(shown[last + 1]) + 2 <= room - 2:
            last += 1
            used += cell_width(shown[last]) + 2
        while first > 0 and used + cell_width(shown[first - 1]) + 2 <= room - 2:
            first -= 1
            used += cell_width(shown[first]) + 2
        pieces = [Segment("… " if first else "", colours.faint)]
        for at in range(first, last + 1):
            pieces += [Segment(shown[at], colours.lit_bold if at == chosen else colours.plain), GAP]
        return [*pieces[:-1], Segment(" …" if last + 1 < len(shown) else "", colours.faint)]


def _word(candidate: Candidate, *, alone: bool) -> str:
    """What a candidate means; its name before it where several stand beside it."""
    name = candidate.text.strip().rstrip(":")
    return candidate.word if alone or not candidate.word or len(name) > NAMED else f"{name}: {candidate.word}"


class FilterLine(Vertical):
    """The text field, and below it what its query would do and how it could go on."""

    def __init__(self, colours: Palette, text: str, history: Sequence[str], known: Known, prompt: str = PROMPT) -> None:
        super().__init__(id="filter")
        self.colours, self.prompt = colours, Prompt(colours, prompt)
        indent = cell_width(prompt)
        self.input = Typed(text, LONGEST, id="filter-input")
        self.completer = Completer()
        self.completer.known.update(known)
        self.below = Promise(colours, self.input, indent)
        self.offer = Offer(colours, self.completer, indent)
        self._history = history
        self._back = 0
        """How far back in the history the text is from, 0 for the person's own."""
        self._draft = ""

    def typed(self, text: str) -> Message:
        """What is said when the text has changed."""
        return FilterTyped(text)

    def applied(self, text: str) -> Message:
        """What is said when it shall be applied."""
        return FilterApplied(text)

    def compose(self) -> ComposeResult:
        with Horizontal():
            yield self.prompt
            yield self.input
        yield self.below
        yield self.offer

    def on_mount(self) -> None:
        self.input.take_focus()
        self.post_message(self.typed(self.input.value))

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self.post_message(self.typed(event.value))
        self._look()

    @on(Typed.Moved)
    def _look(self) -> None:
        text, column = self.input.value, self.input.cursor_position
        at = place(text, column)
        if at.kind in ASKED and self.completer.chosen is None:
            self.post_message(NamesWanted(at.kind, at.typed))
        self.completer.look(text, column)
        self._draw()

    def _draw(self) -> None:
        self.below.unfinished = bool(self.completer.offered.candidates)
        self.offer.draw()
        self.below.draw()

    def tell(self, answer: Checked) -> None:
        """Show what a query would do."""
        self.below.tell(answer)

    def learn(self, known: Known) -> None:
        """Names that the store has heard."""
        self.completer.learn(known, self.input.value, self.input.cursor_position)
        self._draw()

    # --- keys ---

    @on(Typed.Key)
    def _key(self, event: Typed.Key) -> None:
        event.stop()
        match event.verb:
            case "complete":
                self._complete(event.by)
            case "walk":
                self._walk(event.by)
            case "apply":
                self.post_message(self.applied(self.input.value))
            case "leave":
                self.post_message(FilterLeft())

    def _complete(self, by: int) -> None:
        made = self.completer.step(self.input.value, self.input.cursor_position, by)
        if made is not None:
            self.input.value, self.input.cursor_position = made
            self.offer.draw()

    def _walk(self, by: int) -> None:
        """Through the history, which may grow meanwhile; the end of it is what the person typed."""
        if self._back == 0:
            self._draft = self.input.value
        self._back = max(0, min(self._back - by, len(self._history)))
        self.input.write(self._history[-self._back] if self._back else self._draft)
