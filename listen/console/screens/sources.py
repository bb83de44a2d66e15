"""The sources screen: where is listened, how well, and what to do about what is not heard."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from textual import on
from textual.containers import Container, Vertical
from textual.timer import Timer

from listen.console import roster
from listen.console.answers import Acted, Failed, Recovered
from listen.console.clerk import Clerk
from listen.console.desk import Desk
from listen.console.facts import Line
from listen.console.format import Look, local
from listen.console.heartbeat import Heartbeat
from listen.console.keys import Key as Verb
from listen.console.keys import footer
from listen.console.messages import CursorMoved, FilterApplied, FilterLeft, FilterTyped, Told
from listen.console.notes import Note, ended, failed
from listen.console.roster import ORDERS, About, Entry, Key, Listening
from listen.console.roster_lines import Columns, detail, row
from listen.console.screens.marking import LONG
from listen.console.screens.switching import SourceVerbs
from listen.console.theme import Palette
from listen.console.trial import Trial
from listen.console.widgets.about import AboutPane
from listen.console.widgets.footer import Footer
from listen.console.widgets.roster_head import RosterHead, RosterSummary, State
from listen.console.widgets.roster_list import RosterList
from listen.insight.dismissals import Dismissals
from listen.text import one_line

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from listen.console.widgets.name_line import NameLine

LOOK = 1.0
"""Seconds between two looks while the screen is in front."""

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


class SourcesScreen(SourceVerbs):
    """Every channel with its health; `T` tries it now, `x` switches it."""

    AUTO_FOCUS = "RosterList"
    CSS_PATH = ["beside.tcss", "sources.tcss"]  # noqa: RUF012
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
        collecting, trouble = self.heartbeat.state()
        for trial in self.trials.values():
            trial.collected = not self.heartbeat.told()[1]
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
        if self.heartbeat.why:
            return ended(self.heartbeat.why)
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
