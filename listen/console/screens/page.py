"""A page of lines over whatever is in front."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, cast

from rich.segment import Segment
from textual.screen import ModalScreen

from listen.console import keys
from listen.console.answers import Failed
from listen.console.clerk import Clerk
from listen.console.desk import Desk
from listen.console.facts import Line
from listen.console.messages import Told
from listen.console.notes import failed
from listen.console.theme import Palette
from listen.console.widgets.footer import Footer
from listen.console.widgets.scrolled import Scrolled

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType

    from listen.console.app import ListenApp

ANEW = (("j k", "move"), ("R", "again"), ("esc", "close"))
"""What the footer says of a page whose numbers go on."""


class PageText(Scrolled):
    """The lines."""


class Page(ModalScreen[None]):
    """Lines that are laid out as wide as the terminal is, and the keys that they are read with."""

    AUTO_FOCUS = "PageText"
    BINDINGS: ClassVar[list[BindingType]] = keys.bindings(
        "global", only=("app.help", "app.out", "app.back", "app.quit")
    )

    KEYS: ClassVar[Sequence[tuple[str, str]]] = (("j k", "move"), ("g G", "top, bottom"), ("esc", "close"))
    """What the footer says: (keys, word)."""

    def __init__(self, colours: Palette, text: PageText | None = None) -> None:
        super().__init__()
        self.colours = colours
        self.text, self.footer = text or PageText(), Footer(colours)
        self.footer.tell(self.KEYS)

    def compose(self) -> ComposeResult:
        yield self.text
        yield self.footer

    def on_resize(self) -> None:
        self.lay_out()

    def lines(self, width: int) -> Sequence[Line] | None:
        """The page in so many cells; None while there is nothing to show yet."""
        raise NotImplementedError

    def lay_out(self) -> None:
        """Show what is known now."""
        lines = self.lines(self.size.width)
        if lines is not None:
            self.show(lines)

    def show(self, lines: Sequence[Line]) -> None:
        """Other lines, from where the reader is."""
        self.text.lines = lines
        self.text.scroll_lines(0)
        self.text.refresh()


class AskedPage(Page):
    """A page whose lines the store is asked for."""

    BINDINGS: ClassVar[list[BindingType]] = keys.bindings("global", only=("app.refresh",))

    def __init__(self, desk: Desk, colours: Palette, name: str, text: PageText | None = None) -> None:
        """`name` is that of the thread which asks."""
        super().__init__(colours, text)
        self.desk = desk
        self.clerk = Clerk(name, desk.store, self.hear, desk.who)

    def on_mount(self) -> None:
        self.refresh_view()

    def on_unmount(self) -> None:
        self.clerk.close()

    def refresh_view(self) -> None:
        """Ask the store."""
        raise NotImplementedError

    def take(self, answer: object) -> None:
        """An answer of the store, a failure aside."""
        raise NotImplementedError

    def hear(self, answer: object) -> None:
        """Take an answer, from any thread."""
        self.post_message(Told(answer))

    def on_told(self, event: Told) -> None:
        if not isinstance(event.answer, Failed):
            self.take(event.answer)
        elif self.lines(self.size.width) is not None:
            self.footer.say(event.answer.sentence, "red")
        else:
            told = failed(event.answer.sentence, cast("ListenApp", self.app).key("app.quit"))
            self.show([[Segment(f"  {line}", getattr(self.colours, style))] for line, style in told])
