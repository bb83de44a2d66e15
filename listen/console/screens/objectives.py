"""What was promised, on a page: how far each number is, where it goes, what it costs and what it is worth."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from listen.console.answers import Post
from listen.console.clerk import Asked, Job
from listen.console.desk import Desk
from listen.console.facts import Line
from listen.console.objective_lines import page
from listen.console.screens.page import ANEW, AskedPage
from listen.console.theme import Palette
from listen.insight.objectives import Progress, one_by_one
from listen.insight.strip import Strip, strip
from listen.insight.window import window
from listen.store.read import Reader


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


class Objectives(AskedPage):
    """All of them, over whatever is in front."""

    def __init__(self, desk: Desk, colours: Palette) -> None:
        super().__init__(desk, colours, "objectives")
        self.found: Found | None = None

    def refresh_view(self) -> None:
        self.footer.tell([(keys, "looking …" if word == "again" else word) for keys, word in ANEW])
        self.clerk.ask("objectives", asked(self.desk.clock.now()))

    def take(self, answer: object) -> None:
        if not isinstance(answer, Found):
            return
        shown = self.found
        if shown is None or answer.whole or len(answer.objectives) >= len(shown.objectives):
            self.found = answer
            self.lay_out()
        if answer.whole:
            self.footer.tell(ANEW)

    def lines(self, width: int) -> Sequence[Line] | None:
        return self.found and page(self.found.objectives, self.found.strips, width, self.colours)
