"""Topics, views and desks that are begun, changed and removed in the console: what the collector is asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from textual import on
from textual.timer import Timer

from listen.console import counting
from listen.console.answers import Previewed
from listen.console.desk import Desk
from listen.console.format import sure
from listen.console.messages import NameApplied, NameLeft, QueryApplied, QueryTyped
from listen.console.screens.marking import LONG, READ_ONLY
from listen.console.screens.wishing import Wishing
from listen.console.theme import Palette
from listen.console.view import View, window_of
from listen.console.widgets.stream_list import StreamList
from listen.text import one_line

if TYPE_CHECKING:
    from listen.console.definitions import Subject
    from listen.console.screens.teaching import Offer
    from listen.console.widgets.naming_line import NamingLine
    from listen.console.widgets.query_line import QueryLine
    from listen.console.widgets.working_line import WorkLine
    from listen.query.complete import Name

REST = 0.3
"""Seconds without a key after which it is looked what a topic's query would gain and lose."""


NAMED = 16
"""Cells of a name before the field in which another one is typed."""


class Editing(Wishing):
    """The verbs of topics and views, for a screen with a stream and a side pane."""

    def __init__(self, desk: Desk, colours: Palette, view: View, stream: StreamList) -> None:
        super().__init__(desk, colours, view, stream)
        self.naming: NamingLine | WorkLine | None = None
        """The line for a name, for tags or for a note while it is open."""
        self._named: Callable[[str, bool], None] = lambda _name, _queue: None
        """What is done with the name."""
        self._rest: Timer | None = None

    def learn(self, kind: str, names: Sequence[Name]) -> None:
        """Names for the completion of what is typed."""
        super().learn(kind, names)
        if self.naming is not None:
            self.naming.learn({kind: names})

    async def close_lines(self) -> bool:
        """Close what is open to be typed in; whether anything was."""
        raise NotImplementedError

    async def open_query(self, line: QueryLine) -> None:
        """Show a line that a query is typed in."""
        raise NotImplementedError

    async def open_naming(self, line: NamingLine | WorkLine) -> None:
        """Show a line that a name, or words about a mention, are typed in."""
        raise NotImplementedError

    def shown_view(self) -> str | None:
        """The name of the saved view that is shown."""
        raise NotImplementedError

    # --- views -------------------------------------------------------------------------------------------------------

    async def action_save_view(self) -> None:
        """Save what is shown under a name."""
        await self.save_view("")

    async def save_view(self, name: str) -> None:
        """The same with a name that has been given already."""
        text, window = window_of(self.view.text)
        if not text:
            self.say(f"there is no filter to save; {self.key('list.filter')} narrows what is shown")
            return
        without = f" · without since:{window}, which is the time window" if window else ""

        def save(name: str, queue: bool) -> None:
            kind = "queue" if queue else "view"
            body = {"view": name, "query": text, "queue": queue}
            self.wish(f"saving the {kind} {name}", f"the {kind} {name} is saved", "edit", body)

        await self._ask_name("save as", name, f"{text}{without}", save, self._views(), kinds=True)

    async def rename_view(self, name: str) -> None:
        """Give a view that was saved here another name; the one that is shown unless a name is given."""
        name = name or self.shown_view() or ""
        if not name:
            self.say("no saved view is shown; type its name behind the command")
            return

        def rename(other: str, _queue: bool) -> None:
            told = f"the view {name} is called {other} now"
            self.wish(f"renaming the view {name}", told, "edit", {"view": name, "name": other})

        query = next((view.query for view in self.glance.views if view.name == name), "")
        others = [one for one in self._views() if one != name]
        await self._ask_name(f"rename {one_line(name, NAMED)} to", name, query, rename, others)

    def remove_view(self, name: str) -> None:
        """Remove a view that was saved here; the one that is shown unless a name is given."""
        name = name or self.shown_view() or ""
        if name:
            body = {"view": name, "remove": True}
            self.wish(f"removing the view {name}", f"the view {name} is removed", "edit", body)
        else:
            self.say("no saved view is shown; type its name behind the command")

    async def edit_view(self, name: str) -> None:
        """Another query for a view."""
        from listen.console.definitions import Subject

        name = name or self.shown_view() or ""
        found = next((view for view in self.glance.views if view.name == name), None)
        if found is None:
            self.say("no saved view is shown; type its name behind the command")
        else:
            await self._type_query(Subject("view", found.name, found.query), self.kept_query("view", found.name))

    def _views(self) -> list[str]:
        return [view.name for view in self.glance.views]

    # --- topics ------------------------------------------------------------------------------------------------------

    async def edit_topic(self, name: str, query: str = "") -> None:
        """Another query for a topic; the one that is shown unless a name is given. `query` is proposed."""
        from listen.console.definitions import Subject

        found = next((topic for topic in self.glance.topics if topic.name == (name or self.topic)), None)
        if found is None:
            self.say("no topic is shown; type its name behind the command")
            return
        coming = next((one.query for one in self.glance.rematches if one.topic == found.name), found.query)
        await self._type_query(Subject("topic", found.name, coming), query or self.kept_query("topic", found.name))

    async def new_topic(self, name: str) -> None:
        """Begin a topic: its name, then its query."""
        await self._begin("topic", name, [topic.name for topic in self.glance.topics])

    def undo_topic(self, name: str) -> None:
        """The query and the mentions that a topic had before."""
        if name := self._topic_meant(name):
            told = f"{name} has the query again that it had before"
            self.wish(f"taking {name} back", told, "re-match", {"topic": name, "undo": True}, topic=name)

    def reset_topic(self, name: str) -> None:
        """The query that the file has for a topic."""
        if name := self._topic_meant(name):
            self.wish(f"resetting {name}", "", "edit", {"topic": name, "reset": True}, topic=name)

    def remove_topic(self, name: str) -> None:
        """End a topic that was begun here."""
        if name := self._topic_meant(name):
            body = {"topic": name, "remove": True}
            self.wish(f"removing the topic {name}", f"the topic {name} is removed", "edit", body)

    def _topic_meant(self, name: str) -> str:
        if not name and self.topic is None:
            self.say("no topic is shown; type its name behind the command")
        return name or self.topic or ""

    def teach(self, offer: Offer | None) -> None:
        """Have the collector teach a topic what was accepted; None for nothing."""
        if offer is not None:
            self.wish(f"teaching {offer.body['teach']}", "", "edit", offer.body)

    # --- something new -----------------------------------------------------------------------------------------------

    async def _begin(self, kind: str, name: str, known: Sequence[str]) -> None:
        """Begin a topic or a desk: its name, when it is not given yet, then its query. `known` are taken."""
        from listen.console.definitions import Subject, name_fault

        def begin(name: str, _queue: bool) -> None:
            self.call_later(self._begin, kind, name, known)

        if not name:
            await self._ask_name(f"new {kind}", "", "its query comes next", begin, known, kind=kind)
        elif fault := name_fault(kind, name, known):
            self.say(fault, "amber", LONG)
        else:
            await self._type_query(Subject(kind, name, new=True), self.kept_query(kind, name))

    # --- typing a name -----------------------------------------------------------------------------------------------

    async def _ask_name(
        self,
        prompt: str,
        name: str,
        text: str,
        named: Callable[[str, bool], None],
        known: Sequence[str],
        *,
        kinds: bool = False,
        kind: str = "view",
    ) -> None:
        from listen.console.definitions import name_fault

        await self._ask_line(prompt, name, text, named, partial(name_fault, kind, known=known), kinds=kinds)

    async def _ask_line(
        self,
        prompt: str,
        typed: str,
        text: str,
        named: Callable[[str, bool], None],
        check: Callable[[str], str],
        *,
        kinds: bool = False,
        empties: bool = False,
    ) -> None:
        """Have one word or two typed; `check` says what is wrong with them, `text` what they are for."""
        if self.desk.hands is None:
            self.say(READ_ONLY, "amber")
            return
        from listen.console.widgets.naming_line import NamingLine

        await self.close_lines()
        self._named = named
        self.naming = NamingLine(self.colours, prompt, typed, text, check, kinds=kinds, empties=empties)
        await self.open_naming(self.naming)

    @on(NameApplied)
    async def _name_applied(self, event: NameApplied) -> None:
        line = self.naming
        if line is None:
            return
        if fault := line.check(event.text) or ("" if event.text or line.empties else "type a name first"):
            line.refuse(fault)
            return
        await self.close_lines()
        self._named(event.text, event.queue)

    @on(NameLeft)
    async def _name_left(self) -> None:
        await self.close_lines()

    # --- typing a query ----------------------------------------------------------------------------------------------

    async def _type_query(self, subject: Subject, text: str = "") -> None:
        if self.desk.hands is None:
            self.say(READ_ONLY, "amber")
            return
        from listen.console.completing import around
        from listen.console.widgets.query_line import QueryLine

        await self.close_lines()
        history = self.listen.earlier_filters()
        known = around(self.glance, self.desk.clock.now())
        await self.open_query(QueryLine(self.colours, subject, text or subject.standing, history, known))

    def kept_query(self, kind: str, name: str) -> str:
        """The query that was typed and could not be saved, which is on the screen from now on."""
        body = self.kept.pop((kind, name), {})
        return str(body.get("query") or body.get("set", {}).get("query", ""))

    def _line(self) -> QueryLine | None:
        return cast("QueryLine", self.filter) if hasattr(self.filter, "subject") else None

    @on(QueryTyped)
    def _query_typed(self, event: QueryTyped) -> None:
        line = self._line()
        if line is None:
            return
        from listen.console.definitions import reading

        read = reading(line.subject)
        self.desk.details.ask("check", counting.check(event.text, self.desk.clock.now(), read))
        if line.difference is not None and event.text != line.difference.text:
            self.desk.aside.cancel("gains")
            line.difference.wait("")
            if self._rest is not None:
                self._rest.stop()
            self._rest = self.set_timer(REST, partial(self._look_at_gains, event.text))

    def _look_at_gains(self, text: str, said: str = "") -> None:
        """Look what the query would gain and lose, unless it has changed, is the one that stands, or has a fault."""
        from listen.console.definitions import reading

        line = self._line()
        if line is None or line.difference is None or line.input.value != text:
            return
        if text.strip() == line.subject.standing:
            line.difference.wait("the query that it has")
            return
        line.difference.wait(said or "looking what that would gain and lose …")
        now, read = self.desk.clock.now(), reading(line.subject)
        compared = counting.shifted if line.subject.kind == "desk" else counting.gained
        self.desk.aside.ask("gains", compared(line.subject.name, text, read, now))

    def previewed(self, answer: Previewed) -> None:
        """What the query would gain and lose."""
        line = self._line()
        if line is not None and line.difference is not None and line.input.value == answer.text:
            line.difference.tell(answer.text, answer.gains)

    @on(QueryApplied)
    async def _query_applied(self, event: QueryApplied) -> None:
        """Enter: never before the person has seen what it would gain and lose."""
        line, text = self._line(), event.text.strip()
        if line is None or (line.below.answer.text == event.text and line.below.answer.error):
            return
        subject = line.subject
        if text == subject.standing and not subject.new:
            await self.close_lines()
            self.say(f"{sure(subject.name)} has that query already")
        elif line.difference is not None and line.difference.text != event.text:
            self._look_at_gains(event.text, "looking what that would gain and lose … then enter saves it")
        else:
            await self.close_lines()
            self._give(subject, text)

    def _give(self, subject: Subject, text: str) -> None:
        name = subject.name
        if subject.kind == "desk":
            new = {"new": True} if subject.new else {"read": {"query": subject.standing}}
            doing = f"{'beginning' if subject.new else 'changing'} the desk {name}"
            self.wish(doing, "", "edit", {"desk": name, "set": {"query": text}, **new})
            return
        if subject.kind == "view":
            body: dict[str, Any] = {"view": name, "query": text, "edit": True, "read": subject.standing}
            self.wish(f"changing the view {name}", f"the view {name} has another query", "edit", body)
            return
        body = {"topic": name, "query": text, **({"new": True} if subject.new else {"read": subject.standing})}
        self.wish(f"{'beginning' if subject.new else 'changing'} {name}", "", "edit", body, topic=name)
