"""The people screen: who talks about what is in view, which part they take, and who of them is one person."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual import on
from textual.containers import Vertical

from listen.console.answers import Acted, Failed, Recovered
from listen.console.clerk import Clerk
from listen.console.desk import Desk
from listen.console.facts import Line
from listen.console.format import Look, local, sure
from listen.console.keys import Key as Verb
from listen.console.keys import footer
from listen.console.messages import FilterApplied, FilterLeft, FilterTyped, Told
from listen.console.notes import Note, failed
from listen.console.people import ORDER, WINDOWS, WINDOWS_TOLD, Search, Subject, Talk
from listen.console.people_lines import Columns, called, row
from listen.console.screens.acting import Acting
from listen.console.screens.marking import LONG, READ_ONLY
from listen.console.theme import Palette
from listen.console.view import query_of, window_of
from listen.console.widgets import people_head as heads
from listen.console.widgets.footer import Footer
from listen.console.widgets.people_list import PeopleList
from listen.insight.people import ORDERS, Order, Talker
from listen.store.triage import Done
from listen.text import one_line

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from listen.console.reporting import Wanted
    from listen.console.screens.stream import StreamScreen
    from listen.console.widgets.name_line import NameLine

CLOCK = 5.0
"""Seconds between two looks at the clock."""

FIRST_WINDOW = "30d"


class PeopleScreen(Acting):
    """Everybody who talks about a subject, in an order; enter opens the page of one."""

    AUTO_FOCUS = "PeopleList"
    CSS_PATH = ["beside.tcss", "people.tcss"]  # noqa: RUF012
    SCOPES = ("lists", "people")

    def __init__(self, desk: Desk, colours: Palette, table: Sequence[Verb], stream: StreamScreen) -> None:
        super().__init__(desk, Footer(colours))
        self.colours, self.table, self.stream = colours, table, stream
        self.order: Order = ORDER[0]
        self.part, self.failure, self.window_text = "", "", FIRST_WINDOW
        self.subject = self._shown_in_stream()
        self.talk, self.search = Talk(0), Search(0, self.subject, self.window_text, 0.0)
        self.marks: dict[int, Talker] = {}
        self.heads = [
            heads.PeopleSummary(colours), heads.PeopleParts(colours), heads.PeopleClasses(colours),
            heads.PeopleHead(colours),
        ]  # fmt: skip
        self.list = PeopleList(colours, self._row)
        self.line: NameLine | None = None
        self._united: Sequence[Talker] = ()
        """Of whom a reason is being typed."""
        self.clerk = Clerk("people", desk.store, self.hear)

    def compose(self) -> ComposeResult:
        yield self.heads[0]
        with Vertical(id="crowd"):
            yield from self.heads[1:]
            yield self.list
        yield self.footer

    def on_mount(self) -> None:
        self.set_interval(CLOCK, self.update)
        self.watch(self, "focused", self._focus_changed, init=True)
        self.refresh_view()

    def on_unmount(self) -> None:
        self.clerk.close()

    def on_screen_resume(self) -> None:
        self.update()

    # --- asking ------------------------------------------------------------------------------------------------------

    def _shown_in_stream(self) -> Subject:
        """What the stream shows, whatever its time window."""
        text, _ = window_of(self.stream.view.text)
        topic = self.stream.topic
        if not text:
            return Subject()
        return Subject(text, topic if topic is not None and text == query_of(topic) else text, topic)

    def subjects(self) -> list[Subject]:
        """All that can be in view: everything, each topic, and what the stream shows."""
        topics = [Subject(query_of(one.name), one.name, one.name) for one in self.stream.glance.topics]
        found = [Subject(), *topics]
        return [*found, *(one for one in (self.subject, self._shown_in_stream()) if one not in found)]

    def refresh_view(self, *, said: bool = False) -> None:
        """Ask anew."""
        self.search = Search(self.search.number + 1, self.subject, self.window_text, self.desk.clock.now())
        self._ask()
        if said or self.talk.number:
            self.say("asked anew")

    @property
    def to_report(self) -> Wanted | None:
        from listen.console.reporting import of_query

        topic = self.subject.topic
        return of_query(self.subject.text, topic, self.window_text) if topic else None

    def show_topic(self, topic: str, window: str) -> None:
        """Who talks about a topic; in another window where there is such a one here."""
        self._show(Subject(query_of(topic), topic, topic), window if window in WINDOWS else self.window_text)

    def _show(self, subject: Subject, window: str) -> None:
        self.subject, self.window_text = subject, window
        self.search = Search(self.search.number + 1, subject, window, self.desk.clock.now())
        self._ask()
        self.update()

    def _ask(self) -> None:
        self.clerk.ask("people", self.search.asked(self.order, self.part))

    def on_told(self, event: Told) -> None:
        match event.answer:
            case Talk() as talk if talk.number == self.search.number:
                self.talk = talk
            case Acted() as acted:
                self._acted(acted)
            case Failed(sentence):
                self.failure = sentence
            case Recovered():
                self.failure = ""
        self.update()

    # --- what is shown -----------------------------------------------------------------------------------------------

    def update(self) -> None:
        """Bring everything up to date; what has not changed is not painted."""
        if self.covered:
            return
        now = self.desk.clock.now()
        clock = f"{local(now):%H:%M}"
        told = heads.Told(
            self.subject, self.window_text, self.talk, self.order, self.part, len(self.marks), self.desk.who, clock, now
        )
        for head in self.heads:
            head.tell(told)
        self.list.tell(self.talk.talkers, self.marks.keys(), self._note())

    def _note(self) -> Note:
        if self.failure:
            return failed(self.failure, self.key("app.quit"))
        if self.talk.number != self.search.number or self.talk.searching:
            return (("Looking who talks…", "faint"),)
        if self.part:
            return (
                ("Nobody has this in a handle, a name or a segment", "plain"), (one_line(self.part, 60), "lit"),
                ("", "plain"), (f"{self.key('list.drop-filter')} shows everybody again", "faint"),
            )  # fmt: skip
        within = WINDOWS_TOLD[WINDOWS.index(self.window_text)]
        return (
            (f"Nobody talked about this {within if not self.window_text else f'in the {within}'}.", "plain"),
            (one_line(sure(self.subject.name), 60), "lit"),
            ("", "plain"),
            (f"{self.key('app.longer')} looks further back, {self.key('list.next-view')} is the next topic.", "faint"),
        )

    def _row(self, talker: Talker, cols: Columns, look: Look) -> Line:
        return row(talker, cols, self.colours, self.desk.clock.now(), look)

    def recolour(self, colours: Palette) -> None:
        """Take other colours."""
        self.colours = colours
        self.update()

    def _focus_changed(self) -> None:
        if self.line is not None and self.focused is self.line.input:
            self.footer.tell([("enter", "keep it so"), ("esc", "leave")])
            return
        here = footer(self.table, ("global", *self.SCOPES))
        views = " ".join(self.key(f"list.{way}-view") for way in ("next", "previous"))
        window = f"{self.key('app.shorter')} {self.key('app.longer')}"
        own = [(self.key("list.open"), "page"), (views, "topic"), (window, "window"), (self.key("list.mark"), "mark")]
        self.footer.tell([*here[:1], *own, *here[1:]])

    # --- order, topic, window, names ---------------------------------------------------------------------------------

    def action_order(self) -> None:
        """The next order."""
        self.order = ORDER[(ORDER.index(self.order) + 1) % len(ORDER)]
        self.say(ORDERS[self.order])
        self._ask()
        self.update()

    def action_view(self, by: int) -> None:
        """The next topic, or the one before."""
        found = self.subjects()
        if len(found) == 1:
            self.say("there is nothing else to look at: no topics yet")
            return
        self._show(found[(found.index(self.subject) + by) % len(found)], self.window_text)

    def window(self, by: int) -> None:
        """A longer (1) or a shorter (-1) time window."""
        at = WINDOWS.index(self.window_text) - by
        if not 0 <= at < len(WINDOWS):
            self.say("this is all of it" if by > 0 else f"{WINDOWS_TOLD[-1]} is the shortest time window")
            return
        self._show(self.subject, WINDOWS[at])

    async def action_filter(self) -> None:
        """Type a part of a name."""
        await self._close_line()
        await self._open_line("who", self.part)

    action_find = action_filter

    def action_drop_filter(self) -> None:
        """Show everybody again."""
        if not self.part:
            self.say("there is no filter")
            return
        self.part = ""
        self._ask()
        self.update()

    async def _open_line(self, prompt: str, text: str) -> None:
        from listen.console.widgets.name_line import NameLine

        self.line = NameLine(self.colours, text, prompt)
        await self.query_one("#crowd").mount(self.line, before=self.heads[-1])

    async def _close_line(self) -> None:
        self._united = ()
        if self.line is not None:
            line, self.line = self.line, None
            self.set_focus(self.list)
            await line.remove()

    @on(FilterTyped)
    def _typed(self, event: FilterTyped) -> None:
        if not self._united and event.text != self.part:
            self.part = event.text
            self._ask()
            self.update()

    @on(FilterApplied)
    async def _applied(self, event: FilterApplied) -> None:
        united = self._united
        await self._close_line()
        if united:
            self._carry_out(united, event.text)

    @on(FilterLeft)
    async def _left(self) -> None:
        typed = not self._united
        await self._close_line()
        if typed and self.part:
            self.action_drop_filter()

    # --- verbs -------------------------------------------------------------------------------------------------------

    def read(self) -> None:
        """The page of a person."""
        talker = self.list.talker
        if talker is None:
            self.say("there is nobody here")
            return
        from listen.console.screens.person import PersonScreen

        self.app.push_screen(PersonScreen(self.desk, self.colours, self.table, talker.who))

    def action_mark(self) -> None:
        """Mark, and go on."""
        talker = self.list.talker
        if talker is None:
            self.say("there is nobody here")
            return
        if self.marks.pop(talker.who.person, None) is None:
            self.marks[talker.who.person] = talker
        self.list.action_down()
        self.update()

    async def action_unite(self) -> None:
        """Type why the marked people are one person, or why one is after all: an empty reason takes them apart."""
        marked, here = list(self.marks.values()), self.list.talker
        if self.desk.hands is None:
            self.say(READ_ONLY, "amber")
        elif len(marked) == 1:
            self.say(f"one is marked; mark the other one, too, then {self.key('person.unite')}")
        elif marked:
            await self._ask_why(marked, f"why are these {len(marked)} one person?")
        elif here is not None and len(here.who.accounts) > 1:
            await self._ask_why([here], "empty takes them apart; why one person?")
        else:
            mark = self.key("list.mark")
            self.say(f"mark those who are one person with {mark}, then {self.key('person.unite')} and a reason")

    async def _ask_why(self, talkers: Sequence[Talker], prompt: str) -> None:
        await self._close_line()
        await self._open_line(prompt, "")
        self._united = talkers

    def _carry_out(self, talkers: Sequence[Talker], reason: str) -> None:
        persons, back = [one.who.person for one in talkers], self.key("app.undo")
        name = called(talkers[0].who)
        if len(persons) > 1 and not reason.strip():
            self.say("nothing was changed: it takes a reason, what tells that they are one person", "amber", LONG)
        elif len(persons) > 1:
            self.marks.clear()
            self.act("unite", lambda triage: _told(triage.unite(persons, reason), name, back))
        elif not reason.strip():
            self.act("split", lambda triage: _told(triage.part(persons[0]), name, back))
        else:
            self.say("they are one person already; an empty line takes them apart")

    def _acted(self, acted: Acted) -> None:
        self.tell_acted(acted)
        self._show(self.subject, self.window_text)

    # --- zoom and out ------------------------------------------------------------------------------------------------

    def zoom(self) -> None:
        """The list alone, or what stands above it again."""
        self.toggle_class("zoom-list")

    async def out(self) -> bool:
        """One step out: what is typed, the zoom, the marks, the filter; False at the list itself."""
        if self.line is not None:
            await self._left()
        elif self.has_class("zoom-list"):
            self.zoom()
        elif self.marks:
            self.marks.clear()
            self.update()
        elif self.part:
            self.action_drop_filter()
        else:
            return False
        return True


def _told(done: Done, name: str, back: str) -> Done:
    return Done(f"{name}: {done.text} · {back} takes it back" if done.count else "they are so already", 0)
