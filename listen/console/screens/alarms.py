"""The alerts screen: what fires and why, what was over lately, and what people said of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.containers import Vertical

from listen.config.values import seconds
from listen.console import alarms, keys
from listen.console.alarm_lines import Columns, page, row, span
from listen.console.alarms import Board, Detail
from listen.console.answers import Acted, Failed, Recovered
from listen.console.clerk import Clerk
from listen.console.desk import Desk
from listen.console.facts import Line
from listen.console.format import Look, local
from listen.console.heartbeat import Heartbeat
from listen.console.keys import Key as Verb
from listen.console.letter_lines import LetterKeys, stuck_page, stuck_row
from listen.console.messages import CursorMoved, FilterApplied, FilterLeft, Told
from listen.console.notes import Note, failed
from listen.console.replay_lines import RuleKeys, replay_page, rule_page, rule_row
from listen.console.replays import Numbered, Replies
from listen.console.screens.marking import LONG, READ_ONLY
from listen.console.screens.posting import Posting
from listen.console.theme import Palette
from listen.console.widgets.alarm_head import AlertSummary
from listen.console.widgets.alarm_list import HERE, VERBS, AlertList, Entry
from listen.console.widgets.footer import Footer
from listen.console.widgets.scrolled import Scrolled
from listen.query import QueryError
from listen.store.alerts import Alert
from listen.store.triage import Done, Triage
from listen.text import one_line

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType

    from listen.console.widgets.name_line import NameLine

LOOK = 2.0
"""Seconds between two looks at the store."""

WIDE = 110
"""Cells from which on the alert stands beside the list."""

LOW = 14
"""Lines below which the list stands alone."""

EXAMPLE = "2h the TV ad runs"

OF_ALERTS = ("alert.done", "alert.dismiss", "alert.note", "alert.rule", "alert.silence", "alert.try")
OF_RULES = ("alert.note", "alert.toggle", "alert.try")
"""What the footer says where the cursor is on a rule."""


class AlertText(Scrolled):
    """All of one alert."""

    BINDING_GROUP_TITLE = "The alert"
    BINDINGS: ClassVar[list[BindingType]] = [
        *keys.bindings("lists", only=HERE),
        *keys.elsewhere("lists", "mentions", "alerts, sources", but=(), besides=(*HERE, *VERBS)),
        *keys.bindings("alerts, sources", only=VERBS),
    ]


class AlertsScreen(Posting):
    """All alerts, and the rules that run; enter opens the stream behind one."""

    AUTO_FOCUS = "AlertList"
    CSS_PATH = ["beside.tcss", "alarms.tcss"]  # noqa: RUF012
    SCOPES = ("lists", "alerts, sources")

    def __init__(self, desk: Desk, colours: Palette, table: Sequence[Verb], heartbeat: Heartbeat) -> None:
        super().__init__(desk, Footer(colours))
        self.colours, self.table, self.heartbeat = colours, table, heartbeat
        self.board, self.detail, self.failure = Board(), Detail(None), ""
        self.trials, self.tried, self.dropping = {}, None, None
        self.head = AlertSummary(colours)
        self.list = AlertList(colours, self._row)
        self.text = AlertText(id="alarm")
        self.line: NameLine | None = None
        self._typing = ""
        """What the typed line is for: `note` or `silence`."""
        self._of: Alert | None = None
        """Of which alert it is typed."""
        self.clerk = Clerk("alerts", desk.store, self.hear)

    def compose(self) -> ComposeResult:
        yield self.head
        with Vertical(id="alarms"):
            with Vertical(id="alarm-list"):
                yield self.list
            yield self.text
        yield self.footer

    def on_mount(self) -> None:
        self.set_interval(LOOK, self._look)
        self.watch(self, "focused", self._focus_changed, init=True)
        self._ask()

    def on_unmount(self) -> None:
        self.clerk.close()

    def on_screen_resume(self) -> None:
        self._ask()
        self.update()

    def on_resize(self) -> None:
        self.set_class(self.size.width >= WIDE, "-wide")
        self.set_class(self.size.height < LOW, "-low")
        self.call_after_refresh(self._draw_detail)

    # --- asking ------------------------------------------------------------------------------------------------------

    def _look(self) -> None:
        if not self.covered:
            self._ask()

    def _ask(self) -> None:
        self.clerk.ask("board", alarms.board(self.desk.clock))
        self._ask_trials()

    def _ask_detail(self) -> None:
        if self.here is not None:
            self.clerk.ask("detail", alarms.detail(self.here.id, self.desk.clock))

    @property
    def here(self) -> Alert | None:
        """The alert under the cursor."""
        return self.list.current.alert if self.list.current is not None else None

    def refresh_view(self) -> None:
        """Ask anew."""
        self._ask()
        self._ask_detail()
        self.say("asked anew")

    def on_told(self, event: Told) -> None:
        match event.answer:
            case Board() as board:
                self._take(board)
            case Detail() as detail:
                self._take_detail(detail)
            case Acted() as acted:
                self._acted(acted)
            case Numbered() as numbered:
                self._numbered(numbered)
            case Replies() as replies:
                self._replied(replies)
            case Failed(sentence):
                self.failure = sentence
            case Recovered():
                self.failure = ""
        self.update()

    def _take(self, board: Board) -> None:
        before = self.list.current
        self.board = board
        self.list.tell(board.alerts, board.stuck, board.rules, self._note())
        if self.list.current != before:
            self._ask_detail()
            self._focus_changed()
        if self.here is None:
            self._draw_detail()

    def _take_detail(self, detail: Detail) -> None:
        if detail.alert is None or self.here is None or detail.alert.id != self.here.id:
            return
        # The chart comes a moment after the words; until then the old one of the same alert stands.
        same = self.detail.alert is not None and self.detail.alert.id == detail.alert.id
        self.detail = detail._replace(chart=self.detail.chart) if same and detail.chart is None else detail
        self._draw_detail()

    @on(CursorMoved)
    def _moved(self) -> None:
        if self.list.current is None or self.list.current.key != self.tried:
            self.tried = None
        self.dropping = None
        self.text.action_top()
        self._draw_detail()
        self._ask_detail()
        self._focus_changed()

    # --- what is shown -----------------------------------------------------------------------------------------------

    def update(self) -> None:
        """Bring everything up to date; what has not changed is not painted."""
        if self.covered:
            return
        told, wrong = self.heartbeat.state()
        self.head.tell(self.board, self.desk.who, f"{local(self.desk.clock.now()):%H:%M}", told if wrong else "")
        self.list.tell(self.board.alerts, self.board.stuck, self.board.rules, self._note())
        self._look_at_trials()

    def _draw_detail(self) -> None:
        lines = self._detail_lines(max(20, self.text.content_size.width))
        if lines is not None and lines != self.text.lines:
            self.text.lines = lines
            self.text.scroll_lines(0)
            self.text.refresh()

    def _detail_lines(self, width: int) -> Sequence[Line] | None:
        """What stands in the pane; None: what stands there, until more is known of the alert under the cursor."""
        entry, now = self.list.current, self.desk.clock.now()
        if entry is None:
            return ()
        if self.tried == entry.key and entry.name in self.trials:
            return replay_page(entry.name, self.trials[entry.name], self.key("app.out"), width, self.colours, now)
        if entry.stuck is not None:
            verbs = LetterKeys(self.key("alert.try"), self.key("alert.dismiss"))
            return stuck_page(entry.stuck, self.board.letters, verbs, width, self.colours, now)
        if entry.alert is None:
            figures = next((one for one in self.board.figures if one.rule == entry.name), None)
            rule, held = self.board.rules[entry.name], self.board.held.get(entry.name, "")
            of_rule = RuleKeys(self.key("alert.try"), self.key("alert.note"), self.key("alert.toggle"))
            return rule_page(rule, held, figures, of_rule, width, self.colours)
        known = self.detail.alert is not None and self.detail.alert.id == entry.alert.id
        return page(self.detail, width, self.colours, now) if known else None

    def _note(self) -> Note:
        if self.failure:
            return failed(self.failure, self.key("app.quit"))
        if not self.board.read:
            return (("Looking…", "faint"),)
        return (
            ("Nothing is watched yet.", "plain"), ("", "plain"),
            (f"{self.key('app.palette')}rule new begins a rule; the README has all that one can say.", "faint"),
        )  # fmt: skip

    def _row(self, entry: Entry, cols: Columns, look: Look) -> Line:
        if entry.stuck is not None:
            return stuck_row(entry.stuck, cols, self.colours, self.desk.clock.now(), look)
        if entry.alert is None:
            held = self.board.held.get(entry.name, "")
            return rule_row(self.board.rules[entry.name], held, cols, self.colours, look)
        return row(entry.alert, cols, self.colours, self.desk.clock.now(), look)

    def recolour(self, colours: Palette) -> None:
        """Take other colours."""
        self.colours = colours
        self._draw_detail()
        self.update()

    def _focus_changed(self) -> None:
        if self.line is not None and self.focused is self.line.input:
            self.footer.tell([("enter", "keep it so"), ("esc", "leave")])
            return
        moves = keys.footer_of(self.table, ("list.down", "list.up"))
        entry = self.list.current
        opens = [(self.key("list.open"), "stream")]
        if entry is not None and entry.stuck is not None:
            verbs, opens = [(self.key("alert.try"), "send again"), (self.key("alert.dismiss"), "drop")], []
        else:
            of_rule = entry is not None and entry.is_rule
            verbs = keys.footer_of(self.table, (*(OF_RULES if of_rule else OF_ALERTS), "app.undo"))
        self.footer.tell([*moves, *opens, *verbs, *keys.footer_of(self.table, ("app.palette", "app.help"))])

    # --- verbs -------------------------------------------------------------------------------------------------------

    def read(self) -> None:
        """The stream of what an alert, or a rule, is about."""
        entry = self.list.current
        if entry is None:
            self.say("there is no alert here")
            return
        query = alarms.behind(self.board.rules.get(entry.name), entry.alert)
        if query is None:
            self.say(f"{one_line(entry.name, 30)} is about no mentions", "amber")
            return
        try:
            self.app.open_stream(query)  # type: ignore[attr-defined]
        except QueryError as error:
            self.say(f"{error}", "amber", LONG)

    action_open = read

    def action_judge(self, verdict: str) -> None:
        """Acknowledge until it is over, and say whether it was worth telling."""
        entry = self.list.current
        if entry is not None and entry.stuck is not None and verdict == "noise":
            self.drop(entry)
        else:
            self._acknowledge(self.here, "", verdict)

    def _say_none(self) -> None:
        entry = self.list.current
        if entry is not None and entry.stuck is not None:
            again, away = self.key("alert.try"), self.key("alert.dismiss")
            self.say(f"these are letters that did not arrive: {again} sends them again, {away} drops them")
            return
        self.say("there is no alert here" if entry is None else f"{one_line(entry.name, 30)} is a rule, not an alert")

    def _acknowledge(self, alert: Alert | None, note: str, verdict: str | None) -> None:
        if alert is None:
            self._say_none()
        elif alert.fired_at is None:
            self.say("it has not fired yet: it is told once its condition has held for long enough", "amber")
        else:
            back, name = self.key("app.undo"), one_line(alert.rule, 30)
            said = verdict or "acknowledged"

            def act(triage: Triage) -> Done:
                done = triage.acknowledge([alert.id], note or (alert.note or ""), verdict or alert.verdict)
                return Done(f"{name}: {said} · {back} takes it back" if done.count else f"{name} is so already", 0)

            self.act("acknowledge", act)

    async def action_note(self) -> None:
        """Type a note that acknowledges."""
        await self._type("note", "note", (self.here.note or "") if self.here is not None else "")

    async def action_silence(self) -> None:
        """Type how long nobody is to be told, and why; a silence that stands is ended."""
        alert = self.here
        standing = [one for one in self.board.silences if alert is not None and alert.muted == f"silence {one.id}"]
        if standing:
            ids = [one.id for one in standing]
            self.act("end the silence", lambda triage: triage.end_silence(ids))
        else:
            await self._type("silence", "silent for how long, and why?", "")

    def action_order(self) -> None:
        """There is one order."""
        self.say("what fires stands first, then what is newest")

    async def _type(self, what: str, prompt: str, text: str) -> None:
        if self.here is None:
            self._say_none()
        elif self.desk.hands is None:
            self.say(READ_ONLY, "amber")
        else:
            from listen.console.widgets.name_line import NameLine

            await self._close_line()
            self._typing, self._of = what, self.here
            self.line = NameLine(self.colours, text, prompt)
            await self.query_one("#alarm-list").mount(self.line, before=self.list)

    async def _close_line(self) -> None:
        if self.line is not None:
            line, self.line = self.line, None
            self.set_focus(self.list)
            await line.remove()

    @on(FilterApplied)
    async def _applied(self, event: FilterApplied) -> None:
        alert, what = self._of, self._typing
        await self._close_line()
        if alert is None:
            return
        if what == "note":
            self._acknowledge(alert, event.text.strip(), None)
        else:
            self._silence(alert, event.text)

    def _silence(self, alert: Alert, typed: str) -> None:
        long, _, why = typed.strip().partition(" ")
        lasting = seconds(long)
        if not lasting or not why.strip():
            self.say(f"nothing was changed: write how long and why, such as {EXAMPLE}", "amber", LONG)
            return
        until, back, name = self.desk.clock.now() + lasting, self.key("app.undo"), one_line(alert.rule, 30)

        def act(triage: Triage) -> Done:
            triage.silence(until, why.strip(), rule=alert.rule, instance=alert.instance)
            return Done(f"{name}: silent for {span(lasting)} · {back} takes it back", 0)

        self.act("silence", act)

    @on(FilterLeft)
    async def _left(self) -> None:
        await self._close_line()

    def _acted(self, acted: Acted) -> None:
        if acted.error is not None or acted.verb != "ask":
            self.tell_acted(acted)
        if acted.error is not None and acted.verb == "ask":
            self._failed_to_ask()
        self._ask()
        self._ask_detail()

    # --- zoom and out ------------------------------------------------------------------------------------------------

    def zoom(self) -> None:
        """The pane that has the focus alone, or both again."""
        zoomed = "zoom-detail" if self.focused is self.text else "zoom-list"
        if self.has_class("zoom-list", "zoom-detail") or self.has_class("zoom-list") or self.has_class("zoom-detail"):
            self.remove_class("zoom-list", "zoom-detail")
        else:
            self.add_class(zoomed)

    async def out(self) -> bool:
        """One step out: what is typed, a trial, the zoom; False at the list itself."""
        if self.line is not None:
            await self._close_line()
        elif self._leave_trial():
            pass
        elif self.has_class("zoom-list") or self.has_class("zoom-detail"):
            self.remove_class("zoom-list", "zoom-detail")
        elif self.focused is self.text:
            self.set_focus(self.list)
        else:
            return False
        return True
