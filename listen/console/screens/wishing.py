"""What the collector is asked for by those who edit: asked, followed up, and told when it is known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from listen.console import questions
from listen.console.answers import Acted, Requests, Wished
from listen.console.desk import Desk
from listen.console.format import sure
from listen.console.screens.marking import LONG, READ_ONLY
from listen.console.screens.narrowing import Narrowing
from listen.console.screens.verbs import BACK
from listen.console.theme import Palette
from listen.console.view import View
from listen.console.widgets.footer import SECONDS
from listen.console.widgets.stream_list import StreamList
from listen.query import tree
from listen.store.triage import Triage
from listen.text import fold

if TYPE_CHECKING:
    from listen.console.wishes import Wish
    from listen.store.requests import Request

COMMANDS = {"topics": "topic reset", "desks": "desk reset", "alerts": "rule reset"}
"""What gives up what was changed here, by the table of the configuration."""


class Wishing(Narrowing):
    """A screen on which something may be asked of the collector."""

    def __init__(self, desk: Desk, colours: Palette, view: View, stream: StreamList) -> None:
        super().__init__(desk, colours, view, stream)
        self.wishes: list[Wish] = []
        """What was asked of the collector and not answered yet."""
        self.kept: dict[tuple[str, str], Mapping[str, Any]] = {}
        """(kind, name) -> what was typed of it and could not be done."""
        self._expected: dict[str, str] = {}
        """Topic -> the query that it is being matched anew for."""
        self._told_stale: set[tuple[str, str, str | None]] = set()

    def tell(self, message: str, style: str = "plain", seconds: float = SECONDS) -> None:
        """A message on the screen in front: one may have gone on meanwhile."""
        (self.listen.place or self).say(message, style, seconds)

    def wish(self, doing: str, done: str, kind: str, body: Mapping[str, Any], topic: str = "") -> None:
        """Ask the collector; what becomes of it is told when it is known."""
        from listen.console.wishes import Wish
        from listen.store import requests

        if self.desk.hands is None:
            self.tell(READ_ONLY, "amber")
            return
        wish = Wish(doing, done, kind, body, topic)

        def ask(triage: Triage) -> None:
            self.hear(Wished(wish, requests.ask(triage.connection, kind, body, triage.who, triage.clock)))

        def failed(acted: object) -> None:
            if isinstance(acted, Acted) and acted.error:
                self.hear(Wished(wish, None, acted.error))

        self.desk.hands.do("asked", (), ask, failed)
        if self.heartbeat.silent:
            self.tell(f"{sure(doing)}: nobody collects, so it waits until somebody does", "amber", LONG)
        else:
            self.tell(f"{sure(doing)} …")

    def wished(self, answer: Wished) -> None:
        """It is asked, or could not be."""
        if answer.number is None:
            self.tell(answer.error, "red", LONG)
            return
        answer.wish.number = answer.number
        self.wishes.append(answer.wish)
        self.ask_wishes()

    def ask_wishes(self) -> None:
        """Look what became of what was asked."""
        numbers = [wish.number for wish in self.wishes if wish.number is not None]
        if numbers:
            self.desk.details.ask("wishes", questions.requested(numbers))
        late = next((wish for wish in self.wishes if wish.late), None)
        if late is not None:
            self.tell(f"{sure(late.doing)}: no answer yet, it comes when the collector gets to it", "amber", LONG)

    def requested(self, answer: Requests) -> None:
        """What became of it."""
        self._adopt(answer.found)
        for request in answer.found:
            wish = next((one for one in self.wishes if one.number == request.id), None)
            outcome = wish.outcome(request) if wish is not None else None
            if wish is None or outcome is None:
                continue
            self.wishes.remove(wish)
            told, good = outcome
            if wish.kept is not None and not good:
                self.kept[wish.kept] = request.body
            back = f" · {self.key('app.undo')} takes it back" if good and wish.kind == "edit" else ""
            self.tell(f"{told}{back}", "plain" if good else "amber", LONG)
            query = (request.answer or {}).get("query")
            if good and wish.kind == "re-match":
                self._show_anew(wish.topic)
            elif good and wish.topic and query:
                self._expected[wish.topic] = str(query)
            self._ask_glance()

    def acted(self, acted: Acted) -> None:
        """What is taken back beside mentions is done by the collector, too."""
        super().acted(acted)
        if acted.verb in BACK and acted.text and not acted.error and not acted.touched and self.heartbeat.silent:
            self.say(f"{acted.text} · nobody collects, so it waits until somebody does", "amber", LONG)
        if acted.verb in BACK and not acted.touched:
            self.desk.details.ask("wishes", questions.requested([wish.number for wish in self.wishes if wish.number]))

    def _adopt(self, found: Sequence[Request]) -> None:
        """What was taken back, and waits for the collector, is followed as what was asked for."""
        from listen.console.wishes import Wish

        known = {wish.number for wish in self.wishes}
        for one in found:
            if one.done_at is None and one.by == self.desk.who and one.body.get("again") and one.id not in known:
                topic = str(one.body.get("topic", ""))
                self.wishes.append(Wish("taking it back", "", "undo", one.body, topic, one.id))

    def follow(self) -> None:
        """Tell of topics that have been matched anew since the last look, and of files that are edited in vain."""
        under_way = {one.topic: one.query for one in self.glance.rematches}
        self._expected |= under_way
        news = {} if self.footer.warns else self._expected
        for name, query in list(news.items()):
            standing, gained, lost = self.glance.rematched.get(name, ("", 0, 0))
            if name not in under_way and standing == query:
                del self._expected[name]
                figures = f": {gained:,} gained, {lost:,} lost" if gained or lost else ""
                self.say(f"{sure(name)} has been matched anew{figures} · {self._show_anew(name)}", seconds=LONG)
        for edit in self.glance.edits:
            what = (edit.table, edit.name, edit.under)
            if edit.stale and what not in self._told_stale:
                self._told_stale.add(what)
                command = COMMANDS.get(edit.table, "view remove")
                self.say(
                    f"{sure(edit.name)}: your file was changed in vain, what was given here counts; "
                    f":{command} {sure(edit.name)} gives it up",
                    "amber",
                    LONG,
                )

    def _show_anew(self, topic: str) -> str:
        """Show the topic's mentions when nobody is reading further down; what is to be said of it."""
        asked = [part for part in tree.walk(self.view.node) if isinstance(part, tree.Facet) and part.name == "topic"]
        if any(fold(topic) in part.values for part in asked) and not self.marks:
            if self.stream.feed.at_top and self.focused is self.stream:
                self.open(self.view.text)
            else:
                return f"{self.key('app.refresh')} shows it"
        return f":topic undo {sure(topic)} takes it back"
