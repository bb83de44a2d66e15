"""What was promised, on a page: how far each number is, where it goes, what it costs and what it is worth."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from listen.console import keys
from listen.console.answers import Post
from listen.console.clerk import Asked, Job
from listen.console.desk import Desk
from listen.console.facts import Line
from listen.console.objective_lines import Place, placed
from listen.console.screens.page import AskedPage, PageText
from listen.console.theme import Palette
from listen.insight.objectives import Progress, one_by_one
from listen.insight.strip import Strip, strip
from listen.insight.window import window
from listen.store.read import Reader
from listen.text import one_line

if TYPE_CHECKING:
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


class ObjectivesText(PageText):
    """The page, with a cursor that goes from number to number; beyond them it is scrolled."""

    BINDINGS: ClassVar[list[BindingType]] = keys.bindings("lists", only=("list.open",))

    def __init__(self) -> None:
        super().__init__()
        self.cursor = 0
        self.places: Sequence[Place] = ()

    def action_down(self) -> None:
        if not self._go(1):
            self.scroll_lines(1)

    def action_up(self) -> None:
        if not self._go(-1):
            self.scroll_lines(-1)

    def _go(self, by: int) -> bool:
        """To the next number; False when there is none, or this one goes on beyond what is in view."""
        to = self.cursor + by
        if not 0 <= to < len(self.places):
            return False
        first, last = self.places[self.cursor][:2]
        if (by > 0 and last > self.top + self.room) or (by < 0 and first < self.top):
            return False
        self.cursor = to
        first, last = self.places[to][:2]
        self.scroll_lines(max(0, last - self.top - self.room))
        self.scroll_lines(min(0, first - 1 - self.top) if to else -self.top)
        self.screen.lay_out()  # type: ignore[attr-defined]
        return True

    def action_open(self) -> None:
        self.screen.open_stream()  # type: ignore[attr-defined]


class Objectives(AskedPage):
    """All of them, over whatever is in front."""

    text: ObjectivesText

    def __init__(self, desk: Desk, colours: Palette) -> None:
        super().__init__(desk, colours, "objectives", ObjectivesText())
        self.found: Found | None = None

    def refresh_view(self) -> None:
        self._tell("looking …")
        self.clerk.ask("objectives", asked(self.desk.clock.now()))

    def take(self, answer: object) -> None:
        if not isinstance(answer, Found):
            return
        shown = self.found
        if shown is None or answer.whole or len(answer.objectives) >= len(shown.objectives):
            self.found = answer
            self.lay_out()
        if answer.whole:
            self._tell("again")

    def _tell(self, state: str) -> None:
        opens = [("enter", "its stream")] if self.found is not None and self.found.objectives else []
        self.footer.tell([("j k", "move"), *opens, ("R", state), ("esc", "close")])

    def lines(self, width: int) -> Sequence[Line] | None:
        if self.found is None:
            return None
        told, cursor = self.found.objectives, self.text.cursor
        lines, self.text.places = placed(told, self.found.strips, width, self.colours, cursor)
        return lines

    def open_stream(self) -> None:
        """The mentions that the number under the cursor is made from."""
        places, cursor = self.text.places, self.text.cursor
        if cursor >= len(places):
            self.footer.say("there is no number here")
        elif not places[cursor].query:
            why = one_line(places[cursor].note, 80)
            self.footer.say(f"no mentions are behind it{f': {why}' if why else ''}")
        else:
            self.dismiss()
            self.app.open_stream(places[cursor].query)  # type: ignore[attr-defined]
