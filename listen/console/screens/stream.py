"""The stream screen: the list, what is under its cursor, what stands around it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.containers import Container, Horizontal, Vertical

from listen import query
from listen.console import counting, keys, notes, questions
from listen.console.answers import Checked
from listen.console.desk import Desk
from listen.console.format import day, local, sure
from listen.console.keys import VIEWS, Key, footer, footer_of
from listen.console.messages import FilterApplied, FilterLeft, FilterTyped, NamesWanted, ViewChosen
from listen.console.saved import of_desks
from listen.console.screens.marking import LONG
from listen.console.screens.taking import Taking
from listen.console.theme import Palette
from listen.console.view import View, query_of
from listen.console.widgets.caption import Caption, Position
from listen.console.widgets.header import Header, State
from listen.console.widgets.sections import Entry, sections
from listen.console.widgets.side import Side
from listen.console.widgets.stream_list import StreamList
from listen.model import id_time
from listen.query import QueryError
from listen.query.folding import folded_away

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType
    from textual.widget import Widget

    from listen.console.widgets.naming_line import NamingLine
    from listen.console.widgets.query_line import QueryLine
    from listen.console.widgets.working_line import WorkLine


class StreamScreen(Taking):
    """Where everything begins."""

    AUTO_FOCUS = "StreamList"
    SCOPES = ("lists", "mentions")
    BINDINGS: ClassVar[list[BindingType]] = keys.elsewhere(
        "alerts, sources", but=("global", "lists", "views", "mentions"), besides=()
    )
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-normal"), (160, "-wide")]  # noqa: RUF012
    VERTICAL_BREAKPOINTS = [(0, "-low"), (16, "-tall")]  # noqa: RUF012

    def __init__(self, desk: Desk, colours: Palette, table: Sequence[Key], view: View, *, jump: int = 1) -> None:
        super().__init__(desk, colours, view, StreamList(colours, desk.clock, jump=jump))
        self.table = table
        for key in table:
            if key.id.startswith("commands.") and key.keys:
                self._bindings.key_to_bindings.pop(key.keys[0], None)  # what is not here gives way
                self._bindings.bind(key.keys[0], key.action, key.label, show=False)
        self.header, self.side, self.caption = Header(colours), Side(colours), Caption(colours)

    def fit(self, width: int, height: int) -> None:
        """Take the classes for a terminal of that size before anything is laid out, which saves a second paint."""
        for size, points in ((width, self.HORIZONTAL_BREAKPOINTS), (height, self.VERTICAL_BREAKPOINTS)):
            self.add_class(max(point for point in points if size >= point[0])[1])

    def compose(self) -> ComposeResult:
        yield self.header
        with Horizontal(id="body"):
            yield self.side
            with Container(id="main"):
                with Vertical(id="stream"):
                    yield self.caption
                    yield self.stream
                yield self.detail
        yield self.footer

    def on_mount(self) -> None:
        self.watch(self, "focused", self._focus_changed, init=True)

    # --- views and filters ---

    def read(self) -> None:
        """Once to read, once more to read with all the room there is."""
        if self.detail.display and self.focused is not self.detail:
            self.set_focus(self.detail)
        elif not self.has_class("zoom-detail"):
            self.zoom("zoom-detail")

    @on(ViewChosen)
    def _view_chosen(self, event: ViewChosen) -> None:
        if self._open_entry(event.entry):
            self.set_focus(self.stream)

    def _open_entry(self, entry: Entry) -> bool:
        """Show what a line of the side pane stands for, and say why when nothing can be found by it."""
        try:
            self.open(self.within_window(entry.text))
        except QueryError:
            self.say(f"{sure(entry.name)} cannot be opened: {entry.fault}", "amber", LONG)
            return False
        if entry.fault:
            self.say(f"{sure(entry.name)} finds nothing: {entry.fault}", "amber", LONG)
        return True

    def action_view(self, by: int) -> None:
        """The next view, or the one before."""
        entries = self.side.entries
        if len(entries) <= 1:
            self.say("there is one view only: no topics yet")
            return
        at = next((place for place, entry in enumerate(entries) if entry.text == self.side.active), 0)
        self._open_entry(entries[(at + by) % len(entries)])

    def action_drop_filter(self) -> None:
        """Back to the topic, then to everything."""
        base = query_of(self.topic)
        if self.view.text == "":
            self.say("there is no filter")
        else:
            self.open("" if self.view.text == base else base)

    def action_noise(self) -> None:
        """Show noise among the rest, or fold it away again."""
        if folded_away(query.parse(self.view.text)) is None:
            self.say(f"this filter says itself what it wants of noise · {self.key('list.drop-filter')} drops it")
            return
        self.open(self.view.text, at=self.here(), noise=not self.view.noise)
        self.say("noise is shown among the rest" if self.view.noise else "noise is folded away")

    def action_stories(self) -> None:
        """Show every copy, or fold copies into one row for each story again."""
        folds = self.stream.feed.folds
        folds.on = not folds.on
        self.open(self.view.text, at=self.here())
        self.say("copies are folded into one row for each story" if folds.on else "every copy has a row of its own")

    async def action_filter(self) -> None:
        """Type a filter."""
        if self.filter is not None:
            self.set_focus(self.filter.input)
            return
        await self.close_lines()
        from listen.console.completing import around
        from listen.console.widgets.filter_line import FilterLine

        text = f"{self.view.text} " if self.view.text else ""
        known = around(self.glance, self.desk.clock.now())
        self.filter = FilterLine(self.colours, text, self.listen.earlier_filters(), known)
        self.caption.display = False
        await self.query_one("#stream").mount(self.filter, before=self.stream)

    async def open_query(self, line: QueryLine) -> None:
        self.filter = line
        self.caption.display = False
        await self.query_one("#stream").mount(line, before=self.stream)

    async def open_naming(self, line: NamingLine | WorkLine) -> None:
        self.caption.display = False
        await self.query_one("#stream").mount(line, before=self.stream)

    async def close_lines(self) -> bool:
        if self.naming is not None:
            naming, self.naming = self.naming, None
            self.caption.display = True
            self.set_focus(self.stream)
            await naming.remove()
            return True
        return await self.leave_filter()

    async def action_edit_entry(self) -> None:
        """Another query for what the side pane's cursor is on."""
        entry = self.side.current
        if entry is None or not entry.text:
            self.say("everything has no query; choose a topic or a view")
        elif entry.topic is not None:
            await self.edit_topic(entry.topic)
        elif entry.text in {one.text for one in of_desks(self.glance.desks)}:
            await self.edit_desk(entry.name)
        else:
            await self.edit_view(entry.name)

    def shown_view(self) -> str | None:
        shown = self.side.active
        return next((entry.name for entry in self.side.entries if not entry.topic and entry.text == shown != ""), None)

    @on(FilterTyped)
    def _filter_typed(self, event: FilterTyped) -> None:
        self.desk.details.ask("check", counting.check(event.text, self.desk.clock.now()))

    @on(NamesWanted)
    def _names_wanted(self, event: NamesWanted) -> None:
        self.desk.details.ask("names", questions.names(event.kind, event.start))

    @on(FilterApplied)
    async def _filter_applied(self, event: FilterApplied) -> None:
        try:
            self.open(event.text)
        except QueryError as error:
            if self.filter is not None:
                self.filter.tell(Checked(event.text, error))
            return
        self.remember(event.text)
        await self.leave_filter()

    def remember(self, text: str) -> None:
        self.listen.remember_filter(text)

    @on(FilterLeft)
    async def leave_filter(self) -> bool:
        """Close the filter line; whether it was open."""
        if self.filter is None:
            return False
        line, self.filter = self.filter, None
        self.desk.details.cancel("check")
        self.desk.aside.cancel("gains")
        self.caption.display = True
        self.set_focus(self.stream)
        await line.remove()
        return True

    # --- what stands around ---

    def update(self) -> None:
        """Bring everything around the list up to date; what has not changed is not painted."""
        view, feed = self.view, self.stream.feed
        above, below = feed.counters()
        following = feed.following and not self.failure
        position = Position(
            self.total_told(), view.counted, following, above, below, self._progress(short=True),
            order=self.order_told(), find=self.words.text if self.words else "", found=self.words_count,
            marked=len(self.marks), hidden=self.off_screen(), trouble=self._trouble(),
            again=self.key("app.refresh"), matching=self._matching(),
            apart=view.apart, folded=not view.noise, unfold=self.key("list.noise"), stories=view.stories,
        )  # fmt: skip
        self.caption.tell(view.text, position)
        around, now = self.around, self.desk.clock.now()
        self.side.show(sections(self.glance, around.tallies, around.pulses.get(None), now), self.glance, view)
        collecting, trouble = self.heartbeat.state()
        clock = f"{local(now):%H:%M}"
        firing = self.firing or ()
        paged = any(one.severity == "page" for one in firing)
        pulse = around.pulses.get(self.topic)
        state = State(self.topic, pulse, collecting, trouble, self.desk.who, clock, len(firing), paged)
        self.header.tell(self.glance, state)
        self.stream.say(self._note(), self._progress())

    def _matching(self) -> str:
        """How far the topic that is shown has been matched anew, or what is stored scored anew."""
        found = next((one for one in self.glance.rematches if one.topic == self.topic), None)
        if found is not None:
            return f"matched anew {found.share:.0%}"
        share = self.glance.rescored
        return "" if share is None else f"scored anew {min(share, 0.99):.0%}"

    def _trouble(self) -> str:
        """Why the rows that are shown do not go on; the store by its name alone, since there is one line for it."""
        store = self.desk.store
        return self.failure.replace(f"{store.parent}/", "") if self.stream.feed.ids else ""

    def _note(self) -> notes.Note:
        if self.failure:
            return notes.failed(self.failure, self.key("app.quit"))
        if not self.view.loaded or self.stream.feed.ids or not self.glance.known:
            return ()
        if self.glance.stored:
            return notes.no_hits(
                self.view.text, self._progress(), self.key("list.filter"), self.key("list.drop-filter")
            )
        heartbeat, now = self.heartbeat, self.desk.clock.now()
        return notes.nothing_stored(self.glance, *heartbeat.told(), now=now, why=heartbeat.why)

    def _progress(self, short: bool = False) -> str:
        """How far back was searched, while the answer is not complete."""
        feed, view = self.stream.feed, self.view
        if not view.loaded or feed.oldest or not (view.searching or self.halted):
            return ""
        back = day(id_time(feed.searched_to), self.desk.clock.now())
        if view.searching:
            return f"searched back to {back} …"
        return f"searched back to {back}" if short else f"searched back to {back}; moving on goes on"

    def _focus_changed(self) -> None:
        """Reading the detail pane holds the list."""
        focused = self.focused
        if focused is self.detail:
            self.stream.feed.paused = True
        elif focused is self.stream:
            self.stream.feed.paused = False
        if focused is not self.side and self.has_class("drawer"):
            self.remove_class("drawer")
            self.call_after_refresh(self.show_detail)
        if self.filter is not None and focused is self.filter.input:
            saves = hasattr(self.filter, "subject")
            told = footer(self.table, ("inputs",))
            self.footer.tell([(key, "save" if saves and word == "apply" else word) for key, word in told])
            return
        if self.naming is not None and focused is self.naming.input:
            kinds = [(self.key("input.complete"), self.naming.tab)] if self.naming.tab else []
            self.footer.tell([(self.key("input.apply"), "save"), *kinds, (self.key("input.leave"), "leave")])
            return
        if self.chooser is not None and focused is self.chooser:
            self.footer.tell([("j k", "move"), ("enter", "choose"), ("esc", "leave")])
            return
        if self.chooser is not None and focused is not None:
            self.call_later(self.leave_chooser)
        if focused is self.side:
            self.footer.tell(footer_of(self.table, VIEWS))
            return
        if self.find is not None and focused is self.find.input:
            self.stream.feed.paused = True
            self.footer.tell([("enter", "stay here"), ("↑ ↓", "the other ones"), ("esc", "go back")])
            return
        self.footer.tell(footer(self.table, ("global", *self.SCOPES)))

    # --- panes ---

    def focus_next(self, selector: object = "*") -> Widget | None:
        """The next pane, from left to right and down."""
        return self._go_to_pane(1)

    def focus_previous(self, selector: object = "*") -> Widget | None:
        """The pane before."""
        return self._go_to_pane(-1)

    def _go_to_pane(self, by: int) -> Widget:
        """Where there is no room for the side pane, it comes for as long as it has the focus."""
        names: dict[Widget, str] = {self.side: "zoom-side", self.stream: "zoom-list", self.detail: "zoom-detail"}
        zoomed = [name for name in names.values() if self.has_class(name)]
        panes = [pane for pane in names if zoomed or pane is not self.detail or pane.display]
        at = panes.index(self.focused) if self.focused in panes else panes.index(self.stream)
        pane = panes[(at + by) % len(panes)]
        if zoomed:
            self.remove_class(*zoomed)
            self.add_class(names[pane])
        elif pane is self.side and not self.side.display:
            self.add_class("drawer")
        self.set_focus(pane)
        self.call_after_refresh(self.show_detail)
        return pane

    # --- zoom and out ---

    def zoom(self, name: str = "") -> None:
        """The pane that has the focus alone, or all of them again."""
        zoomed = [one for one in ("zoom-list", "zoom-detail", "zoom-side") if self.has_class(one)]
        if zoomed:
            self.remove_class(*zoomed)
        else:
            own = (
                "zoom-detail"
                if self.focused is self.detail
                else "zoom-side"
                if self.focused is self.side
                else "zoom-list"
            )
            self.add_class(name or own)
        if name == "zoom-detail" or self.has_class("zoom-detail"):
            self.set_focus(self.detail)
        elif zoomed:
            self.set_focus(self.stream)
        self.call_after_refresh(self.show_detail)

    async def out(self) -> bool:
        """One step out: typed lines, range, marks, zoom, another pane; False when there is nothing to leave."""
        if await self.close_lines() or await self.leave_find() or await self.leave_chooser() or self.leave_range():
            return True
        if self.focused is self.stream and (self.drop_words() or self.drop_marks() or self.stream.fold()):
            return True
        if any(self.has_class(name) for name in ("zoom-list", "zoom-detail", "zoom-side")):
            self.zoom()
            return True
        if self.focused is not self.stream:
            self.set_focus(self.stream)
            return True
        return self.drop_words() or self.drop_marks()

    def on_resize(self) -> None:
        self.call_after_refresh(self.show_detail)
