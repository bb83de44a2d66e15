"""The page of one person: all that they said on every channel, to us, and what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from rich.segment import Segment

from listen.console import keys, people
from listen.console.answers import Failed
from listen.console.clerk import Clerk
from listen.console.desk import Desk
from listen.console.format import local, sure
from listen.console.keys import Key as Verb
from listen.console.messages import Told
from listen.console.notes import failed
from listen.console.people import Shown
from listen.console.people_lines import called
from listen.console.screens.marking import LONG
from listen.console.screens.place import Place
from listen.console.theme import Palette
from listen.console.widgets.footer import Footer
from listen.console.widgets.line import Line, Pieces
from listen.console.widgets.scrolled import Scrolled
from listen.console.widgets.title import cells, ends, title
from listen.query import QueryError
from listen.query.named import facet_query
from listen.store.people import Who
from listen.text import one_line

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType

HERE = ("list.open", *keys.MOVES)


class PersonText(Scrolled):
    """The page."""

    BINDING_GROUP_TITLE = "The person"
    BINDINGS: ClassVar[list[BindingType]] = [
        *keys.bindings("lists", only=HERE),
        *keys.elsewhere("lists", "mentions", "people", "alerts, sources", but=(), besides=HERE),
    ]


class PersonHead(Line):
    """Who it is."""

    def __init__(self, colours: Palette, who: Who) -> None:
        super().__init__(classes="head")
        self.colours, self._called, self.clock = colours, called(who), ""
        self.person = ""

    def pieces(self, width: int) -> tuple[Pieces, Pieces]:
        right = ends(self.person, self.clock, self.colours)
        name = one_line(self._called, max(8, width - cells(right) - 18))
        return title("people", (), right, width, self.colours, name)


class PersonScreen(Place):
    """One person; enter opens the stream of what they said, where the verbs of mentions live."""

    AUTO_FOCUS = "PersonText"
    CSS_PATH = ["beside.tcss", "people.tcss"]  # noqa: RUF012
    SCOPES = ("lists",)

    def __init__(self, desk: Desk, colours: Palette, table: Sequence[Verb], who: Who) -> None:
        super().__init__(desk, Footer(colours))
        self.colours, self.table, self.who = colours, table, who
        self.head, self.text = PersonHead(colours, who), PersonText()
        self.shown_width = 0
        self.clerk = Clerk("person", desk.store, self.hear)

    def compose(self) -> ComposeResult:
        yield self.head
        yield self.text
        yield self.footer

    def on_mount(self) -> None:
        self.head.person, self.head.clock = self.desk.who, f"{local(self.desk.clock.now()):%H:%M}"
        moves = keys.footer_of(self.table, ("list.down", "list.up"))
        opens = (self.key("list.open"), "all of it in the stream")
        self.footer.tell([*moves, opens, (self.key("app.back"), "back"), (self.key("app.help"), "keys")])
        self._say_something("Reading all that they said…")
        self.call_after_refresh(self._resized)

    def on_unmount(self) -> None:
        self.clerk.close()

    @property
    def _width(self) -> int:
        return max(20, self.text.content_size.width)

    def _ask(self) -> None:
        """Ask for the page as wide as it is now."""
        self.clerk.ask("person", people.shown(self.who.person, self._width, self.colours, self.desk.clock))

    def refresh_view(self) -> None:
        self._ask()
        self.say("asked anew")

    def on_told(self, event: Told) -> None:
        match event.answer:
            case Shown(None):
                self._say_something("Nobody is behind this any more.")
            case Shown(_, width, lines):
                self.text.lines, self.shown_width = lines, width
                self.text.scroll_lines(0)
                self.text.refresh()
            case Failed(sentence):
                told = failed(sentence, self.key("app.quit"))
                self.text.lines = [[Segment(line, getattr(self.colours, style))] for line, style in told]
                self.text.refresh()

    def _say_something(self, sentence: str) -> None:
        self.text.lines = [[], [Segment(sentence, self.colours.faint)]]
        self.text.refresh()

    def on_resize(self) -> None:
        self.call_after_refresh(self._resized)

    def _resized(self) -> None:
        if self._width != self.shown_width:
            self._ask()

    def recolour(self, colours: Palette) -> None:
        """Take other colours."""
        self.colours = colours
        self._ask()

    def read(self) -> None:
        """All that they said, in the stream."""
        query = " OR ".join(dict.fromkeys(facet_query("author", one.handle) for one in self.who.accounts))
        try:
            self.listen.open_stream(query)
        except QueryError:
            self.say(f"{sure(self.who.accounts[0].handle)} cannot be asked for by name", "amber", LONG)

    def undo(self) -> None:
        self.say("what was done is taken back, and done again, one screen before")

    redo = undo

    def zoom(self) -> None:
        """There is one pane."""

    async def out(self) -> bool:
        """Nothing to leave but the page itself."""
        return False
