"""The overview: everything about one topic in a window of time; enter opens the stream behind each number."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from textual import on
from textual.containers import Vertical

from listen.console import overview as asking
from listen.console.answers import Acted, Failed, Recovered
from listen.console.clerk import Clerk
from listen.console.desk import Desk
from listen.console.format import MONTHS, local, when
from listen.console.keys import Key as Verb
from listen.console.keys import footer_of
from listen.console.messages import CursorMoved, FilterApplied, FilterLeft, Told
from listen.console.notes import Note, failed
from listen.console.overview import (
    FIRST_WINDOW,
    WINDOWS,
    Agreement,
    Health,
    Loudness,
    Promised,
    Risen,
    Speaking,
    Subject,
)
from listen.console.overview_lines import Known, Size, compares, overview
from listen.console.panels import objectives
from listen.console.screens.acting import Acting
from listen.console.screens.marking import LONG
from listen.console.theme import Palette
from listen.console.widgets.footer import Footer
from listen.console.widgets.overview_board import OverviewBoard
from listen.console.widgets.overview_head import OverviewHead, OverviewHint
from listen.console.widgets.overview_head import Told as HeadTold
from listen.insight.window import Window
from listen.query import QueryError
from listen.store.overview import Talk
from listen.text import one_line

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.widget import Widget

    from listen.console.reporting import Wanted
    from listen.console.screens.stream import StreamScreen
    from listen.console.widgets.name_line import NameLine

LOOK = 5.0
"""Seconds between two looks at the store: numbers that change more often cannot be read."""

SOON = 0.1
"""Seconds between two looks whether the stream knows the topics."""

SELDOM = 60.0
"""Seconds between two looks at what takes longer to find out."""

RIVALS = 3
"""Topics beside the one that is shown that the first line names."""

TOLD = {"24h": "24 hours", "7d": "7 days", "30d": "30 days", "90d": "90 days"}

EXAMPLE = "7d, 2026-10-01..2026-10-31, or 7d against 2026-10-01..2026-10-07"


class OverviewScreen(Acting):
    """One topic's numbers."""

    AUTO_FOCUS = "OverviewBoard"
    CSS_PATH = ["beside.tcss", "overview.tcss"]  # noqa: RUF012
    SCOPES = ("lists",)

    def __init__(self, desk: Desk, colours: Palette, table: Sequence[Verb], stream: StreamScreen) -> None:
        super().__init__(desk, Footer(colours))
        self.colours, self.table, self.stream = colours, table, stream
        self.subject, self.known, self.failure = Subject(), Known(), ""
        self.head, self.board, self.hint = OverviewHead(colours), OverviewBoard(colours), OverviewHint(colours)
        self.line: NameLine | None = None
        self._asked_slowly = 0.0
        self.clerk = Clerk("overview", desk.store, self.hear)
        self.slow = Clerk("overview-slow", desk.store, self.hear)
        """What takes longer, so that the numbers need not wait for it."""

    def compose(self) -> ComposeResult:
        yield self.head
        with Vertical(id="overview"):
            yield self.board
        yield self.hint
        yield self.footer

    def on_mount(self) -> None:
        self.set_interval(LOOK, self._look)
        self.watch(self, "focused", self._focus_changed, init=True)
        self._show(self._first(), FIRST_WINDOW)
        self._begin()

    def _begin(self) -> None:
        """Take a topic as soon as it is known which there are: who is quick is here before."""
        if not self.stream.glance.known:
            self.set_timer(SOON, self._begin)
        elif not self.subject.topic:
            self._look()
            self.update()

    def on_unmount(self) -> None:
        self.clerk.close()
        self.slow.close()

    def on_screen_resume(self) -> None:
        self._look()
        self.update()

    def on_resize(self) -> None:
        self.call_after_refresh(self.lay_out)

    # --- asking ------------------------------------------------------------------------------------------------------

    @property
    def marked_topic(self) -> str | None:
        return self.subject.topic or None

    @property
    def to_report(self) -> Wanted | None:
        from listen.console.reporting import Wanted

        window, _, other = self.subject.window.partition(asking.AGAINST.strip())
        return Wanted(self.subject.topic, window.strip(), other.strip()) if self.subject.topic else None

    @property
    def topics(self) -> Sequence[Talk]:
        """Those that there are, as the stream's side pane has them."""
        return self.stream.glance.topics

    def _first(self) -> str:
        """The topic that the stream shows, else the first brand, else the first of all."""
        names = [one.name for one in self.topics]
        brands = [one.name for one in self.topics if one.role == "brand"]
        return self.stream.topic or next(iter([*brands, *names]), "")

    def _show(self, topic: str, window: str) -> None:
        """Another topic or another window; what is shown stays until the answer is there."""
        self.subject = Subject(self.subject.number + 1, topic, window)
        self.known = self.known._replace(speaking=None, promised=None, rising=None, agreement=None)
        self._asked_slowly = 0.0
        self._ask()
        self.update()

    def _look(self) -> None:
        if not self.covered:
            if not self.subject.topic and self.topics:
                self._show(self._first(), self.subject.window)
            else:
                self._ask()

    def _ask(self, *, anew: bool = False) -> None:
        if not self.subject.topic:
            return
        known = self.known.loudness
        known = None if anew or (known and known.number != self.subject.number) else known
        self.clerk.ask("loudness", asking.loudness(self.subject, known, self.desk.clock))
        self.clerk.ask("health", asking.health(Health() if anew else self.known.health))

    def _ask_slowly(self, loudness: Loudness) -> None:
        """What takes longer: once the numbers are there, and then now and again."""
        if loudness.figures is None or time.monotonic() - self._asked_slowly < SELDOM:
            return
        self._asked_slowly = time.monotonic()
        found = loudness.figures
        talk = next((one for one in self.topics if one.name == found.topic), None)
        self.slow.ask("risen", asking.risen(loudness.number, found, self.desk.clock))
        self.slow.ask("speaking", asking.speaking(loudness.number, found))
        self.slow.ask("promised", asking.promised(loudness.number, found, self.desk.clock))
        if talk is not None:
            self.slow.ask("agreement", asking.agreement(loudness.number, found.topic, talk.query))

    def refresh_view(self) -> None:
        """Ask anew."""
        self._asked_slowly = 0.0
        self._ask(anew=True)
        self.say("asked anew")

    def on_told(self, event: Told) -> None:
        known, number = self.known, self.subject.number
        match event.answer:
            case Loudness() as loudness if loudness.number == number:
                self.known = known._replace(loudness=loudness)
                self._ask_slowly(loudness)
            case Health() as health:
                self.known = known._replace(health=health)
            case Speaking() as speaking if speaking.number == number:
                self.known = known._replace(speaking=speaking)
            case Risen() as risen if risen.number == number:
                self.known = known._replace(rising=risen)
            case Promised() as promised if promised.number == number:
                self.known = known._replace(promised=promised)
            case Agreement() as agreement if agreement.number == number:
                self.known = known._replace(agreement=agreement)
            case Acted() as acted:
                self.tell_acted(acted)
                self._ask(anew=True)
            case Failed(sentence):
                self.failure = sentence
            case Recovered():
                self.failure = ""
        self.update()

    # --- what is shown -----------------------------------------------------------------------------------------------

    def update(self) -> None:
        """Bring everything up to date; what has not changed is not painted."""
        if not self.covered:
            self._tell_head()
            self.lay_out()

    def lay_out(self) -> None:
        """Lay the page out for the room that there is."""
        if self.board.size.width:
            size = Size(*self.board.size)
            self.board.show(overview(self.known, size, self.colours, self.desk.clock.now()), self._note())
            self._tell_hint()

    def _tell_head(self) -> None:
        loudness, now = self.known.loudness, self.desk.clock.now()
        clock = f"{local(now):%H:%M}"
        found = loudness.figures if loudness is not None and loudness.number == self.subject.number else None
        keys = self.key("app.shorter"), self.key("app.longer")
        told = HeadTold(self.subject.topic, window=self._window(clock), keys=keys, who=self.desk.who, clock=clock)
        if found is not None and loudness is not None:
            others = [one.name for one in found.voice if one.name != found.topic]
            more = len(others) - RIVALS
            rivals = (*others[:RIVALS], *([f"{more} more"] if more > 0 else []))
            firing = [one for one in loudness.alerts if one.standing == "firing"]
            chosen = loudness.before != found.window.before()
            against = _dates(loudness.before, now) if chosen else ""
            known = found.window.since < found.heard_from < now
            begun = when(found.heard_from, now) if known else ""
            told = told._replace(
                against=against, alone=not compares(loudness, found), rivals=rivals, coverage=found.coverage,
                heard_from=begun, firing=len(firing),
                paged=any(one.severity == "page" for one in firing),
            )  # fmt: skip
        self.head.tell(told)

    def _window(self, clock: str) -> str:
        this = self.subject.window
        if this in TOLD:
            return f"{TOLD[this]} to {clock}"
        now = self.desk.clock.now()
        return _dates(asking.windows(this, now)[0], now)

    def _tell_hint(self) -> None:
        here = self.board.here
        if here is None:
            self.hint.tell("", "", 0)
        else:
            self.hint.tell(here.spot.told, here.spot.query, self.board.below)

    @on(CursorMoved)
    def _moved(self) -> None:
        self._tell_hint()

    def _note(self) -> Note:
        if self.failure:
            return failed(self.failure, self.key("app.quit"))
        loudness = self.known.loudness
        if not self.subject.topic:
            if not self.stream.glance.known or self.topics:  # the next look takes one of them
                return (("Looking…", "faint"),)
            return (
                ("There is no topic yet, so there is nothing to count.", "plain"), ("", "plain"),
                ("A topic is a query that has a name: a brand, a rival, a theme.", "faint"),
                ("listen init BRAND writes one, or a table [topics.acme] in config.toml.", "faint"),
            )  # fmt: skip
        if loudness is None or loudness.number != self.subject.number:
            return (("Counting…", "faint"),)
        return (
            (f"There is no topic {one_line(self.subject.topic, 40)} any more.", "plain"),
            (f"{self.key('list.next-view')} goes to the next one.", "faint"),
        )

    def recolour(self, colours: Palette) -> None:
        """Take other colours."""
        self.colours = colours
        self.update()

    def _focus_changed(self) -> None:
        if self.line is not None and self.focused is self.line.input:
            self.footer.tell([("enter", "show it"), ("esc", "leave")])
            return
        moves = [*footer_of(self.table, ("list.down", "list.up")), (self.key("app.next-pane"), "along")]
        moves.append((self.key("list.open"), "stream"))
        views = " ".join(self.key(f"list.{way}-view") for way in ("next", "previous"))
        window = f"{self.key('app.shorter')} {self.key('app.longer')}"
        own = [(window, "window"), (views, "topic"), (self.key("list.filter"), "dates")]
        self.footer.tell([*moves, *own, *footer_of(self.table, ("app.palette", "app.help"))])

    # --- topic, window, cursor ---------------------------------------------------------------------------------------

    def action_view(self, by: int) -> None:
        """The next topic, or the one before."""
        names = [one.name for one in self.topics]
        if len(names) < 2:
            self.say("there is one topic only" if names else "there are no topics yet")
            return
        at = names.index(self.subject.topic) if self.subject.topic in names else -1
        self._show(names[(at + by) % len(names)], self.subject.window)

    def window(self, by: int) -> None:
        """A longer (1) or a shorter (-1) time window."""
        this = self.subject.window
        at = WINDOWS.index(this) - by if this in WINDOWS else WINDOWS.index(FIRST_WINDOW)
        if not 0 <= at < len(WINDOWS):
            edge = "longest" if by > 0 else "shortest"
            self.say(f"{TOLD[this]} is the {edge} window here; {self.key('list.filter')} takes any dates")
            return
        self._show(self.subject.topic, WINDOWS[at])

    def focus_next(self, selector: object = "*") -> Widget | None:
        """The next number of the row; the page is one pane."""
        self.board.go_beside(1)
        return self.board

    def focus_previous(self, selector: object = "*") -> Widget | None:
        """The number before."""
        self.board.go_beside(-1)
        return self.board

    def read(self) -> None:
        """The stream behind a number, or the screen that knows more."""
        here = self.board.here
        if here is None:
            self.say("there is no number here")
        elif here.spot.place == "objectives":
            objectives(self.listen, self.desk)
        elif here.spot.place == "people":
            self.listen.open_people(self.subject.topic, self.subject.window)
        elif here.spot.place != "stream":
            self.listen.action_place(here.spot.place)
        elif not here.spot.query:
            self.say("the query language has no words for this part")
        else:
            try:
                self.listen.open_stream(here.spot.query)
            except QueryError as error:
                self.say(f"{error}", "amber", LONG)

    # --- dates -------------------------------------------------------------------------------------------------------

    async def action_filter(self) -> None:
        """Type a window, or two of them to compare."""
        from listen.console.widgets.name_line import NameLine

        await self._close_line()
        self.line = NameLine(self.colours, "", "window")
        await self.query_one("#overview").mount(self.line, before=self.board)
        self.say(f"such as {EXAMPLE}", seconds=LONG)

    async def _close_line(self) -> None:
        if self.line is not None:
            line, self.line = self.line, None
            self.set_focus(self.board)
            await line.remove()

    @on(FilterApplied)
    async def _applied(self, event: FilterApplied) -> None:
        written = event.text.strip()
        await self._close_line()
        if not written:
            return
        try:
            asking.windows(written, self.desk.clock.now())
        except ValueError as error:
            self.say(f"{error}", "amber", LONG)
            return
        self._show(self.subject.topic, written)

    @on(FilterLeft)
    async def _left(self) -> None:
        await self._close_line()

    # --- what means the same everywhere ------------------------------------------------------------------------------

    def zoom(self) -> None:
        """The page has the whole screen as it is."""
        self.say("this page has all the room there is")

    async def out(self) -> bool:
        """One step out: the typed line, dates, the cursor; False at the head of the page."""
        if self.line is not None:
            await self._close_line()
        elif self.subject.window not in WINDOWS:
            self._show(self.subject.topic, FIRST_WINDOW)
        else:
            return False
        return True


def _dates(window: Window, now: float) -> str:
    """`1-7 Oct`, `28 Oct-3 Nov`, `1-7 Oct 2025`: the days (UTC) that it holds."""
    first, last = (datetime.fromtimestamp(at, UTC) for at in (window.since, window.until - 1))
    year = f" {last.year}" if last.year != datetime.fromtimestamp(now, UTC).year else ""
    end = f"{last.day} {MONTHS[last.month - 1]}{year}"
    if first.date() == last.date():
        return end
    return f"{first.day}-{end}" if first.month == last.month else f"{first.day} {MONTHS[first.month - 1]}-{end}"
