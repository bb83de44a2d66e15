"""What was promised, on a page: how far each number is, where it goes, what it costs and what it is worth."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from textual.screen import ModalScreen

from listen.console import keys
from listen.console.answers import Failed, Post
from listen.console.clerk import Asked, Clerk, Job
from listen.console.desk import Desk
from listen.console.messages import Told
from listen.console.objective_lines import page
from listen.console.theme import Palette
from listen.console.widgets.footer import Footer
from listen.console.widgets.scrolled import Scrolled
from listen.insight.objectives import Progress, one_by_one
from listen.insight.strip import Strip, strip
from listen.insight.window import window
from listen.store.read import Reader

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType


class Found(NamedTuple):
    """The objectives, and the value strip of each topic that they are about; those come later."""

    objectives: Sequence[Progress]
    strips: Sequence[tuple[str, Strip]] = ()
    whole: bool = False
    """Nothing more comes."""


def asked(now: float) -> Job:
    """How far they are: as each is known, then the strips."""

    def job(reader: Reader, question: Asked, post: Post) -> Found | None:
        found, wanted = Found([]), reader.objectives()
        for one in one_by_one(reader, wanted, now=now):
            found = Found([*found.objectives, one])
            if not question.wanted:
                return None
            post(found)
        for topic in dict.fromkeys(one.topic for one in wanted if one.topic):
            found = Found(found.objectives, [*found.strips, (topic, strip(reader, topic, window("7d", now), now))])
            if not question.wanted:
                return None
            post(found)
        return found._replace(whole=True)

    return job


class ObjectivesText(Scrolled):
    """The page."""


class Objectives(ModalScreen[None]):
    """A panel over whatever is in front."""

    AUTO_FOCUS = "ObjectivesText"
    BINDINGS: ClassVar[list[BindingType]] = keys.bindings(
        "global", only=("app.help", "app.out", "app.back", "app.quit", "app.refresh")
    )

    def __init__(self, desk: Desk, colours: Palette) -> None:
        super().__init__()
        self.desk, self.colours = desk, colours
        self.text, self.footer = ObjectivesText(), Footer(colours)
        self.found: Found | None = None
        self.clerk = Clerk("objectives", desk.store, self._hear, desk.who)

    def compose(self) -> ComposeResult:
        yield self.text
        yield self.footer

    def on_mount(self) -> None:
        self.refresh_view()

    def on_unmount(self) -> None:
        self.clerk.close()

    def refresh_view(self) -> None:
        """Look again."""
        self._tell("looking …")
        self.clerk.ask("objectives", asked(self.desk.clock.now()))

    def _tell(self, state: str = "") -> None:
        self.footer.tell([("j k", "move"), ("R", state or "again"), ("esc", "close")])

    def _hear(self, answer: object) -> None:
        self.post_message(Told(answer))

    def on_told(self, event: Told) -> None:
        match event.answer:
            case Found() as found:
                shown = self.found
                if shown is None or found.whole or len(found.objectives) >= len(shown.objectives):
                    self.found = found
                    self._lay_out()
                if found.whole:
                    self._tell()
            case Failed(sentence):
                self.footer.say(sentence, "red")

    def on_resize(self) -> None:
        self._lay_out()

    def _lay_out(self) -> None:
        if self.found is not None:
            self.text.lines = page(self.found.objectives, self.found.strips, self.size.width, self.colours)
            self.text.scroll_lines(0)
            self.text.refresh()
