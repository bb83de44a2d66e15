"""The sources screen: where is listened, how well, and what to do about what is not heard."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from textual import on
from textual.containers import Container, Vertical
from textual.timer import Timer

from listen.console import roster
from listen.console.answers import Acted, Failed, Recovered
from listen.console.clerk import Action, Clerk
from listen.console.desk import Desk
from listen.console.facts import Line
from listen.console.format import Look, local
from listen.console.heartbeat import Heartbeat
from listen.console.keys import Key as Verb
from listen.console.keys import footer
from listen.console.messages import CursorMoved, FilterApplied, FilterLeft, FilterTyped, Told
from listen.console.notes import Note, failed
from listen.console.roster import ORDERS, About, Entry, Key, Listening
from listen.console.roster_lines import Columns, detail, row
from listen.console.screens.marking import LONG, READ_ONLY
from listen.console.screens.place import Place
from listen.console.theme import Palette
from listen.console.trial import Trial
from listen.console.view import facet_query
from listen.console.widgets.about import AboutPane
from listen.console.widgets.footer import Footer
from listen.console.widgets.roster_head import RosterHead, RosterSummary, State
from listen.console.widgets.roster_list import RosterList
from listen.insight.dismissals import Dismissals
from listen.store import requests
from listen.store.switches import Target
from listen.store.triage import Done, Triage
from listen.text import one_line

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from listen.console.widgets.name_line import NameLine

LOOK = 1.0
"""Seconds between two looks while the screen is in front."""

STARTING: Note = (("Starting to listen…", "plain"), ("", "plain"), ("The sources show up here.", "faint"))

NOTHING: Note = (
    ("Nothing is listened to yet.", "plain"),
    ("", "plain"),
    ("listen init BRAND", "keys"),
    ("   writes a configuration with sources for a brand", "plain"),
    ("listen collect", "keys"),
    ("   asks the sources of a configuration", "plain"),
    ("listen sources kinds", "keys"),
    ("   lists what a [sources.NAME] can be", "plain"),
)


class SourcesScreen(Place):
    """Every channel with its health; `T` tries it now, `x` switches it."""

    AUTO_FOCUS = "RosterList"
    CSS_PATH = "sources.tcss"
    SCOPES = ("lists", "alerts, sources")
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-normal"), (160, "-wide")]  # noqa: RUF012
    VERTICAL_BREAKPOINTS = [(0, "-low"), (16, "-tall")]  # noqa: RUF012

    def __init__(self, desk: Desk, colours: Palette, table: Sequence[Verb], heartbeat: Heartbeat) -> None:
        super().__init__(desk, Footer(colours))
        self.colours, self.table, self.heartbeat = colours, table, heartbeat
        self.listening, self.about, self.failure = Listening(), About(0), ""
        self.order, self.wanted = ORDERS[0], ""
        self._made_from = self.listening, self.order, self.wanted
        self._entries: list[Entry] = []
        self._summary = roster.Summary()
        self.trials: dict[Key, Trial] = {}
        self.dismissed: Dismissals | None = None
        self.yields = roster.Yields({})
        self.summary, self.head = RosterSummary(colours), RosterHead(colours)
        self.list = RosterList(colours, self._row)
        self.detail = AboutPane()
        self.name_line: NameLine | None = None
        self.clerk = Clerk("sources", desk.store, self.hear, desk.who)
        self._timer: Timer | None = None

    def compose(self) -> ComposeResult:
        yield self.summary
        with Container(id="roster"):
            with Vertical(id="roster-list"):
                yield self.head
                yield self.list
            yield self.detail
        yield self.footer

    def on_mount(self) -> None:
        self._timer = self.set_interval(LOOK, self._look)
        self.watch(self, "focused", self._focus_changed, init=True)
        self.refresh_view(said=False)

    def on_unmount(self) -> None:
        self.clerk.close()

    def on_screen_suspend(self) -> None:
        if self._timer is not None and self.covered:
            self._timer.pause()

    def on_screen_resume(self) -> None:
        if self._timer is not None:
            self._timer.resume()
            self._look()

    # --- asking ------------------------------------------------------------------------------------------------------

    def refresh_view(self, *, said: bool = True) -> None:
        """Ask anew, and count anew."""
        self._ask(anew=True)
        self.clerk.ask("dismissed", roster.dismissed(self.desk.clock))
        self.clerk.ask("yields", roster.yields(self.desk.clock))
        if said:
            self.say("asked anew")

    def _look(self) -> None:
        self._ask()
        self.update()

    def _ask(self, *, anew: bool = False) -> None:
        mine = [trial.number for trial in self.trials.values() if trial.open and trial.number is not None]
        # One that is wanted whatever happens must not be dropped for one that looks whether anything has happened.
        kind = "anew" if anew else "look"
        self.clerk.ask(kind, roster.listening(self.listening, self.desk.clock, mine, anew=anew))

    def on_told(self, event: Told) -> None:
        match event.answer:
            case Listening() as listening:
                self._take(listening)
            case About() as about:
                self.about = about
            case Dismissals() as dismissed:
                self.dismissed = dismissed
            case roster.Yields() as yields:
                self.yields = yields
            case Acted() as acted:
                self._acted(acted)
            case (tuple() as key, int(number)):
                self._asked(key, number)
            case Failed(sentence):
                self.failure = sentence
            case Recovered():
                self.failure = ""
        self.update()

    def _take(self, listening: Listening) -> None:
        self.listening = listening
        for request in listening.requests:
            if request.kind != "try":
                continue
            key = self._meant(request.body)
            trial = next((one for one in self.trials.values() if one.number == request.id), None)
            if trial is None and key is not None and not (key in self.trials and self.trials[key].open):
                trial = self.trials[key] = Trial(key[0], number=request.id)
            if trial is not None and trial.see(request):
                self._answer(trial)
        self._ask_about()

    def _meant(self, body: dict[str, Any]) -> Key | None:
        """What a request to try something is about."""
        if "source" in body:
            return str(body["source"]), 0
        found = (one for one in self.listening.channels if one.id == body.get("channel"))
        return next(((one.source, one.id) for one in found), None)

    def _ask_about(self) -> None:
        entry = self.list.current
        if entry is not None and entry.channel is not None:
            self.clerk.ask("about", roster.about(entry.channel.id))

    # --- what is shown -----------------------------------------------------------------------------------------------

    def update(self) -> None:
        """Bring everything up to date; what has not changed is not painted."""
        if self.covered:
            return
        collecting, trouble = self.heartbeat.told()
        for trial in self.trials.values():
            trial.collected = not trouble
            if trial.late and not trial.overdue_told:
                trial.overdue_told = True
                self.say(f"{trial.name}: {trial.told()}", "amber", LONG)
        clock = f"{local(self.desk.clock.now()):%H:%M}"
        state = State(collecting, trouble, self.desk.who, clock)
        self._sort()
        self.summary.tell(self._summary, state)
        self.head.tell(self.order, self.wanted)
        self.list.show(self._entries, self._note())
        self._show_detail()

    def _sort(self) -> None:
        """Make the list's lines anew, unless they were made from the same."""
        told, order, wanted = self._made_from
        if told is not self.listening or (order, wanted) != (self.order, self.wanted):
            self._made_from = self.listening, self.order, self.wanted
            self._entries = roster.entries(self.listening, self.order, self.wanted)
            self._summary = roster.summary(self.listening)

    def _note(self) -> Note:
        if self.failure:
            return failed(self.failure, self.key("app.quit"))
        if self.listening.version < 0:
            return ()
        if self.listening.channels:
            return (
                ("No source or channel has this in its name", "plain"), (one_line(self.wanted, 60), "lit"),
                ("", "plain"), (f"{self.key('list.drop-filter')} shows them all again", "faint"),
            )  # fmt: skip
        if self.desk.collects:
            return (
                ("Starting to listen…", "plain"),
                ("", "plain"),
                ("The sources show up here by themselves.", "faint"),
            )
        return NOTHING

    def _row(self, entry: Entry, cols: Columns, look: Look) -> Line:
        trial = self.trials.get(entry.key)
        return row(entry, cols, self.colours, self.desk.clock.now(), look, trial)

    def _show_detail(self) -> None:
        entry, width = self.list.current, self.detail.content_size.width
        if entry is None or not width:
            self.detail.show(None, ())
            return
        source = next((one for one in self.listening.sources if one.name == entry.source), None)
        now, trial = self.desk.clock.now(), self.trials.get(entry.key)
        lines = detail(
            entry,
            source,
            self.about,
            trial,
            width,
            self.colours,
            now,
            dismissed=self.dismissed,
            on_trial=self.yields.told.get(entry.source, ""),
        )
        self.detail.show(entry.key, lines)

    @on(CursorMoved)
    def _cursor_moved(self) -> None:
        self._ask_about()
        self._show_detail()

    def on_resize(self) -> None:
        self.call_after_refresh(self._show_detail)

    def recolour(self, colours: Palette) -> None:
        """Take other colours."""
        self.colours = colours
        self._show_detail()

    def _focus_changed(self) -> None:
        if self.name_line is not None and self.focused is self.name_line.input:
            self.footer.tell([("enter", "keep it so"), ("esc", "leave")])
            return
        opens = (self.key("list.open"), "set aside" if self.focused is self.detail else "its mentions")
        here = footer(self.table, ("global", *self.SCOPES))
        self.footer.tell([*here[:1], opens, *here[1:-1], (self.key("app.stream"), "stream"), here[-1]])

    # --- order and names ---------------------------------------------------------------------------------------------

    def action_order(self) -> None:
        """The next order."""
        self.order = ORDERS[(ORDERS.index(self.order) + 1) % len(ORDERS)]
        self.say(f"by {self.order.name}")
        self.update()

    async def action_filter(self) -> None:
        """Type a part of a name."""
        if self.name_line is None:
            from listen.console.widgets.name_line import NameLine

            self.name_line = NameLine(self.colours, self.wanted)
            await self.query_one("#roster-list").mount(self.name_line, before=self.head)
        self.set_focus(self.name_line.input)

    action_find = action_filter

    def action_drop_filter(self) -> None:
        """Show all of them again."""
        if not self.wanted:
            self.say("there is no filter")
            return
        self.wanted = ""
        self.update()

    @on(FilterTyped)
    def _typed(self, event: FilterTyped) -> None:
        self.wanted = event.text
        self.update()

    @on(FilterApplied)
    async def _applied(self) -> None:
        await self._close_name_line()

    @on(FilterLeft)
    async def _left(self) -> None:
        self.wanted = ""
        await self._close_name_line()
        self.update()

    async def _close_name_line(self) -> None:
        if self.name_line is not None:
            line, self.name_line = self.name_line, None
            self.set_focus(self.list)
            await line.remove()

    # --- verbs -------------------------------------------------------------------------------------------------------

    def read(self) -> None:
        """The mentions of a source; from its detail what was set aside of it."""
        entry = self.list.current
        if entry is None:
            return
        if self.focused is self.detail:
            self.app.action_rejects(entry.channel.id if entry.channel else None)  # type: ignore[attr-defined]
        else:
            self.app.open_stream(facet_query("source", entry.source))  # type: ignore[attr-defined]

    def act(self, verb: str, action: Action) -> bool:
        """Have something done; the answer comes as `Acted`. False, and said, when this console only reads."""
        if self.desk.hands is None:
            self.say(READ_ONLY, "amber")
            return False
        self.desk.hands.do(verb, (), action, self.hear)
        return True

    def undo(self) -> None:
        self.act("undo", Triage.undo)

    def redo(self) -> None:
        self.act("redo", Triage.redo)

    def action_try_now(self) -> None:
        """Ask the collector to ask it now."""
        entry = self.list.current
        if entry is None:
            self.say("there is no source here")
        elif entry.state == "off":
            self.say(f"{_name(entry)} is off; {self.key('alert.toggle')} switches it on", "amber")
        elif (known := self.trials.get(entry.key)) is not None and known.open:
            self.say(f"{_name(entry)}: {known.told()}")
        else:
            self._try(entry)

    def _try(self, entry: Entry) -> None:
        key, channel = entry.key, entry.channel
        body = {"channel": channel.id} if entry.nested and channel is not None else {"source": entry.source}

        def ask(triage: Triage) -> None:
            self.hear((key, requests.ask(triage.connection, "try", body, triage.who, triage.clock)))

        if self.act("try", ask):
            trouble = self.heartbeat.told()[1]
            trial = self.trials[key] = Trial(_name(entry), collected=not trouble)
            self.say(f"{trial.name}: {trial.told()}", "amber" if trouble else "plain")
            self.update()

    def _asked(self, key: Key, number: int) -> None:
        """The request is in the store."""
        if key in self.trials:
            self.trials[key].number = number
            self._ask()

    def _answer(self, trial: Trial) -> None:
        self.say(f"{trial.name}: {trial.told()}", "plain" if trial.good else "amber", LONG)

    def action_on_off(self) -> None:
        """Switch a source or a channel off, or on again."""
        entry = self.list.current
        if entry is None:
            self.say("there is no source here")
            return
        whole = any(one.whole for one in entry.channels)
        if not any(one.active for one in entry.channels):
            self.say(f"{_name(entry)}: change it in the configuration; it is not there, or not enabled", "amber")
        elif entry.nested and whole:
            toggle = self.key("alert.toggle")
            self.say(f"all of {one_line(entry.source, 40)} is off; {toggle} on its first line switches it on", "amber")
        elif entry.nested:
            self._switch(entry, [(entry.source, entry.channels[0].key)])
        elif entry.state == "off" and not whole:  # one by one
            self._switch(entry, [(entry.source, one.key) for one in entry.channels if one.off_at is not None])
        else:
            self._switch(entry, [(entry.source, "")])

    def _switch(self, entry: Entry, targets: Sequence[Target]) -> None:
        on = entry.state == "off"
        name, back, waits = _name(entry), self.key("app.undo"), self.heartbeat.told()[1]

        def act(triage: Triage) -> Done:
            done = triage.switch(targets, on)
            later = ", once somebody collects" if waits else ""
            told = f"{name}: {done.text}{later} · {back} takes it back"
            return Done(told if done.count else f"{name} is so already", 0)

        self.act("switch", act)

    def _acted(self, acted: Acted) -> None:
        if acted.error is not None:
            self.say(acted.error, "red", LONG)
        elif acted.verb in ("undo", "redo"):
            self.say(acted.text or f"there is nothing to {acted.verb}")
        elif acted.text:
            self.say(acted.text)
        self._ask()

    # --- zoom and out ------------------------------------------------------------------------------------------------

    def zoom(self) -> None:
        """The pane that has the focus alone, or both again."""
        zoomed = [one for one in ("zoom-list", "zoom-detail") if self.has_class(one)]
        if zoomed:
            self.remove_class(*zoomed)
        else:
            self.add_class("zoom-detail" if self.focused is self.detail else "zoom-list")
        self.call_after_refresh(self._show_detail)

    async def out(self) -> bool:
        """One step out: the name that is typed, the zoom, the detail pane, the filter; False at the list itself."""
        if self.name_line is not None:
            await self._left()
        elif self.has_class("zoom-list") or self.has_class("zoom-detail"):
            self.zoom()
        elif self.focused is not self.list:
            self.set_focus(self.list)
        elif self.wanted:
            self.action_drop_filter()
        else:
            return False
        return True


def _name(entry: Entry) -> str:
    """Whom a message is about."""
    return one_line(entry.label if entry.nested and entry.label else entry.source, 40)
