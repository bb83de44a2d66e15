"""`:` and `F`: a line to type a part of a name in, and above it what can be meant."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from inspect import isawaitable
from typing import TYPE_CHECKING, NamedTuple

from rich.segment import Segment
from textual import events, on
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.strip import Strip
from textual.widgets import Input

from listen.console import definitions
from listen.console.commands import Command, earlier, names, ranked, saved, verbs
from listen.console.format import fit, sure
from listen.console.keys import Scope
from listen.console.panels import report
from listen.console.screens.acting import Acting
from listen.console.screens.marking import LONG
from listen.console.screens.stream import StreamScreen
from listen.console.theme import BAR, Palette
from listen.console.widgets.line import Line, Pieces
from listen.console.widgets.pane import Pane
from listen.console.widgets.typed import Typed
from listen.query import QueryError
from listen.text import cell_width, one_line

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.widget import AwaitMount

    from listen.console.app import ListenApp

ROWS = 12
"""Candidates that are shown at a time; fewer on a low screen."""

LONGEST = 2_000
"""Characters of what is typed."""

NAME, KIND = 24, 8
"""Cells of the columns."""


def open_palette(app: ListenApp) -> AwaitMount:
    """Everything that has a name; of verbs those that mean something on the screen in front."""
    scopes = scopes_of(app)

    def offer() -> list[Command]:
        more = [Command(one.title, "more", one.help, call=one.callback) for one in app.get_system_commands(app.screen)]
        stream = app.stream
        listed = [*names(stream.glance), *definitions.commands(stream, stream.glance)] if stream else []
        if stream is not None:
            told = "another name for a tag, behind it; one that is there already takes them both"
            more.append(_taking("tag rename", told, stream.rename_tag))
        if (front := app.place) is not None and isinstance(front, StreamScreen | Acting):
            told = "what happens now (a TV ad), beside the numbers of the topic in view"
            more.append(_taking("mark", told, front.mark_time, new=True))
        if stream is not None:
            told = "a report of the topic and window in view, .html or .md, into the file behind it"
            more.append(_taking("report", told, partial(report, app), new=True))
        return [*listed, *verbs(app.table, scopes), *more]

    return app.push_screen(Chooser(offer, COMMANDS, app.colours), partial(run, app))


def _taking(name: str, help: str, take: Callable[[str], object], *, new: bool = False) -> Command:
    """A command that what follows its name is handed to."""
    return Command(name, "more", help, call=partial(take, ""), takes=True, take=take, new=new)


def open_saved(app: ListenApp) -> AwaitMount:
    """The saved queries of the configuration, and the filters that were typed before."""
    history = app.earlier_filters()

    def offer() -> list[Command]:
        return [*(saved(stream.glance) if (stream := app.stream) else ()), *earlier(history)]

    return app.push_screen(Chooser(offer, SAVED, app.colours), partial(run, app))


def scopes_of(app: ListenApp) -> Sequence[Scope]:
    """Whose keys mean something on the screen in front."""
    of_stream: Sequence[Scope] = ("lists", "mentions") if isinstance(app.screen, StreamScreen) else ()
    return next((screen.SCOPES for screen in reversed(app.screen_stack) if hasattr(screen, "SCOPES")), of_stream)


async def run(app: ListenApp, command: Command | None) -> None:
    """Do what was chosen, on the screen in front."""
    if command is None:
        return
    if command.query is not None:
        show(app, command, command.query)
    elif command.call is not None:
        done = command.call()
        if isawaitable(done):
            await done
    elif not await app.run_action(command.action, app.screen.focused or app.screen):
        app.say(f"{command.name}: there is nothing here that it could be done with")


def show(app: ListenApp, command: Command, query: str) -> None:
    """Show a query in the stream; what was typed once can be found again."""
    stream = app.stream
    if stream is None:
        app.say("there is no stream before anything is listened for")
        return
    while app.screen is not stream:
        app.pop_screen()
    typed = command.kind in ("earlier", "verb")
    try:
        stream.open(query if typed else stream.within_window(query))
    except QueryError as error:
        app.say(f"{sure(command.name)} cannot be opened: {error}", "amber", LONG)
        return
    if command.later:
        app.say(f"{sure(command.name)} finds nothing: {command.help}", "amber", LONG)
    if typed:
        app.remember_filter(query)
    stream.stream.focus()


class Words(NamedTuple):
    """How a chooser speaks."""

    prompt: str
    hint: str
    nothing: str
    """Said of what is typed when nothing is meant."""
    empty: str
    """Said when there is nothing to choose from."""


COMMANDS = Words(":", "enter runs · tab completes · esc leaves", "is nothing's name", "there is nothing to run")
SAVED = Words(
    "saved ", "enter applies · tab completes · esc leaves", "is in no filter's name", "no filter was saved or typed yet"
)


class Candidates(Pane):
    """What can be meant, with a cursor."""

    def __init__(self, colours: Palette, words: Words) -> None:
        super().__init__(id="candidates")
        self.colours, self.words = colours, words
        self.found: Sequence[Command] = ()
        self.typed = ""
        self.cursor = 0

    def show(self, found: Sequence[Command], typed: str) -> None:
        """Other candidates; the cursor goes to the best of them."""
        self.found, self.typed, self.cursor = found, typed, 0
        self.refresh()

    def move(self, by: int) -> None:
        """The cursor, which stops at both ends."""
        self.cursor = max(0, min(self.cursor + by, len(self.found) - 1))
        self.refresh()

    @property
    def chosen(self) -> Command | None:
        """What the cursor is on."""
        return self.found[self.cursor] if self.found else None

    @property
    def top(self) -> int:
        """The first candidate in view."""
        return max(0, min(self.cursor - self.size.height // 2, len(self.found) - self.size.height))

    def render_line(self, y: int) -> Strip:
        width, at = self.size.width, self.top + y
        if not self.found and y == self.size.height - 1:
            said = f"“{one_line(self.typed, max(8, width // 2))}” {self.words.nothing}"
            said = said if self.typed.strip() else self.words.empty
            return self.strip([Segment(f"  {said}", self.colours.amber)], width)
        if at >= len(self.found):
            return self.blank(width)
        chosen = at == self.cursor
        return self.strip(
            self._row(self.found[at], chosen, width), width, self.colours.under_cursor if chosen else None
        )

    def _row(self, command: Command, chosen: bool, width: int) -> Pieces:
        colours = self.colours
        name = NAME if command.kind != "earlier" else width - KIND - 6
        wide = max(8, min(name, width - 4))
        key = f" {command.key} " if command.key else " "
        room = width - 2 - wide - 1 - KIND - cell_width(key)
        style = colours.faint if command.later else colours.lit_bold if chosen else colours.plain
        pieces = [
            Segment(f"{BAR if chosen else ' '} ", colours.lit if chosen else colours.plain),
            Segment(fit(sure(command.name), wide) + " ", style),
        ]
        if room > 0:
            pieces.append(Segment(fit(command.kind, KIND), colours.faint))
            pieces.append(Segment(fit(sure(command.help), room), colours.faint if command.later else colours.plain))
            pieces.append(Segment(key, colours.keys))
        return pieces

    def on_click(self, event: events.Click) -> None:
        at = self.top + event.y
        if at < len(self.found):
            self.cursor = at
            self.post_message(Typed.Key("apply"))


class Prompt(Line):
    """What stands before the text field, or behind it."""

    def __init__(self, text: str, style: str, colours: Palette, *, id: str) -> None:
        super().__init__(id=id)
        self.text, self.style_name, self.colours = text, style, colours
        self.styles.width = cell_width(text) + 1

    def pieces(self, width: int) -> tuple[Pieces, Pieces]:
        return [Segment(f" {self.text}", getattr(self.colours, self.style_name))], ()


class Chooser(ModalScreen["Command | None"]):
    """Type a part of a name; enter takes what the cursor is on."""

    AUTO_FOCUS = "Typed"
    BINDINGS = []  # noqa: RUF012

    def __init__(self, offer: Callable[[], Sequence[Command]], words: Words, colours: Palette) -> None:
        super().__init__()
        self.offer, self.colours = offer, colours
        self.candidates = Candidates(colours, words)
        self.input = Typed("", LONGEST, id="palette-input")
        self.prompt = Prompt(words.prompt, "keys", colours, id="palette-prompt")
        self.hint = Prompt(f"{words.hint} ", "faint", colours, id="palette-hint")

    def compose(self) -> ComposeResult:
        with Vertical(id="palette"):
            yield self.candidates
            with Horizontal():
                yield self.prompt
                yield self.input
                yield self.hint

    def on_mount(self) -> None:
        self.input.take_focus()
        self.look()

    def on_resize(self, event: events.Resize) -> None:
        self.hint.display = event.size.width >= 70
        self._fit(event.size.height)

    def look(self) -> None:
        """What is meant by what is typed."""
        self.candidates.show(ranked(self.offer(), self.input.value), self.input.value)
        self._fit(self.size.height)

    def _fit(self, height: int) -> None:
        """As many lines as there are candidates, right above what is typed."""
        self.candidates.styles.height = max(1, min(ROWS, height - 4, len(self.candidates.found)))

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self.look()

    @on(Typed.Key)
    def _key(self, event: Typed.Key) -> None:
        event.stop()
        if not self.is_current:  # esc twice at once: the first one has left it
            return
        if self.candidates.typed != self.input.value:  # keys typed fast overtake the message that the text has changed
            self.look()
        chosen = self.candidates.chosen
        match event.verb:
            case "walk":
                self.candidates.move(event.by)
            case "complete":
                self._complete(event.by)
            case "apply" if chosen is not None:
                self.dismiss(chosen)
            case "leave":
                self.dismiss(None)

    def _complete(self, by: int) -> None:
        """The name under the cursor; when it stands there already, the next one's."""
        chosen = self.candidates.chosen
        if chosen is None:
            return
        if by < 0 or self.input.value == one_line(chosen.name):
            self.candidates.move(by)
            return
        self.input.write(chosen.name)
