"""The panel in which a rule is written: its lines, what each is for, and what it would have done before it is saved."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from rich.segment import Segment
from textual import on
from textual.containers import Container
from textual.screen import ModalScreen

from listen.console import keys, replays, ruling
from listen.console.alarm_lines import paragraph
from listen.console.answers import Acted, Failed, Glance
from listen.console.clerk import Clerk
from listen.console.completing import around
from listen.console.desk import Desk
from listen.console.facts import Line
from listen.console.format import fit, sure
from listen.console.heartbeat import Heartbeat
from listen.console.messages import Told
from listen.console.replay_lines import replay_page
from listen.console.replays import Numbered, Replies
from listen.console.ruling import Around, Draft
from listen.console.screens.marking import LONG
from listen.console.theme import Palette
from listen.console.trial import Trial
from listen.console.widgets.footer import Footer
from listen.console.widgets.line import Line as OneLine
from listen.console.widgets.line import Pieces
from listen.console.widgets.rule_form import FormKey, RuleForm
from listen.console.widgets.scrolled import Scrolled
from listen.store import requests
from listen.store.triage import Triage
from listen.text import one_line

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType

LOOK = 0.3
"""Real seconds between two looks whether the collector has answered."""

WIDE = 110
LOW = 14

OFFERED = 12
"""Names that are listed of those that could be typed."""


class Saved(NamedTuple):
    """What the panel ends with: what the collector is to be asked for."""

    name: str
    body: Mapping[str, Any]


class Head(OneLine):
    """Which rule, and whether it has been changed."""

    def __init__(self, colours: Palette, draft: Draft) -> None:
        super().__init__(id="title")
        self.colours, self.draft = colours, draft

    def pieces(self, width: int) -> tuple[Pieces, Pieces]:
        name = sure(one_line(self.draft.called or "a new one", max(8, width - 30)))
        state = "not saved yet" if self.draft.changed else ""
        return (
            [Segment(" rule ", self.colours.badge), Segment(f"  {name}", self.colours.bold)],
            [Segment(f"{state}  ", self.colours.amber)],
        )


class RuleText(Scrolled, can_focus=False):
    """What a line is for, or what the rule would have done."""


class RulePanel(ModalScreen["Saved | None"]):
    """Enter replays a changed rule, and then saves it; esc leaves it as it was."""

    AUTO_FOCUS = ""
    CSS_PATH = "ruling.tcss"
    SCOPES: ClassVar = ("lists",)
    BINDINGS: ClassVar[list[BindingType]] = [
        *keys.bindings("global", only=("app.help", "app.out", "app.back", "app.quit")),
        *keys.bindings("lists", only=("list.page-down", "list.page-up")),
    ]

    def __init__(self, desk: Desk, colours: Palette, draft: Draft, glance: Glance, heartbeat: Heartbeat) -> None:
        super().__init__()
        self.desk, self.colours, self.draft, self.heartbeat = desk, colours, draft, heartbeat
        self.glance = glance
        self.head = Head(colours, draft)
        self.form = RuleForm(colours, draft, around(glance, desk.clock.now()))
        self.text, self.footer = RuleText(id="rule-text"), Footer(colours)
        self.trial: Trial | None = None
        """What the rule would have done as it stands there now."""
        self.known = False
        self._warned = False
        """Esc was pressed, and something would be lost."""
        self.clerk = Clerk("rule", desk.store, self._hear, desk.who)

    def compose(self) -> ComposeResult:
        yield self.head
        with Container(id="rule"):
            yield self.form
            yield self.text
        yield self.footer

    def on_mount(self) -> None:
        self.clerk.ask("around", ruling.around(self.glance))
        self.set_interval(LOOK, self._look)
        self._tell_keys()

    def on_unmount(self) -> None:
        self._end_trial()
        self.clerk.close()

    def on_resize(self) -> None:
        self.set_class(self.size.width >= WIDE, "-wide")
        self.set_class(self.size.height < LOW, "-low")
        self.call_after_refresh(self.update)

    def _hear(self, answer: object) -> None:
        self.post_message(Told(answer))

    def on_told(self, event: Told) -> None:
        match event.answer:
            case Around() as known:
                self.known = True
                self.form.learn(known)
            case Numbered(_, number) if self.trial is not None and self.trial.number is None:
                self.trial.number = number
            case Replies(found):
                for one in found:
                    if self.trial is not None and self.trial.number == one.id:
                        self.trial.see(one)
            case Acted(error=error) if error:
                self.trial = None
                self.footer.say(error, "red", LONG)
            case Failed(sentence):
                self.footer.say(sentence, "red", LONG)
        self.update()

    def _look(self) -> None:
        if self.trial is not None and self.trial.open:
            self.trial.collected = not self.heartbeat.silent
            if self.trial.number is not None:
                self.clerk.ask("replies", replays.replies([self.trial.number]))
            self.update()

    # --- what is drawn -----------------------------------------------------------------------------------------------

    def update(self) -> None:
        """Bring everything up to date."""
        self.head.draw()
        self.set_class(self.trial is not None, "-tried")
        self.text.lines = self._lines(max(20, self.text.content_size.width))
        self.text.scroll_lines(0)
        self.text.refresh()
        self._tell_keys()

    def _lines(self, width: int) -> list[Line]:
        colours = self.colours
        if self.trial is not None:
            lines = replay_page(self.draft.called, self.trial, "esc", width, colours, self.desk.clock.now())
            return [*lines[:-1], [Segment(fit("enter saves it · esc goes back", width), colours.faint)]]
        lines = [[Segment(self.form.at, colours.bold)], *paragraph(self.form.help, width, colours.plain)]
        if fault := self.form.faults.get(self.form.at):
            lines += paragraph(fault, width, colours.red)
        if words := self.draft.meanwhile(self.form.at):
            lines += paragraph(sure(words), width, colours.amber)
        lines.append([])
        wide = min(self.form.widest, width // 2)
        for name, meaning in self.form.told()[:OFFERED]:
            rest = one_line(meaning, max(1, width - wide - 2))
            style = colours.lit if name == self.form.input.value.strip() else colours.plain
            lines.append([Segment(fit(sure(one_line(name, wide)), wide), style), Segment(f"  {rest}", colours.faint)])
        return lines

    def _tell_keys(self) -> None:
        enter = "save" if self.trial is not None or not self.draft.replays else "replay, then save"
        scrolls = [("pgdn", "more")] if len(self.text.lines) > self.text.room else []
        tab = [("tab", "complete")] if self.form.told() else []
        back = "back" if self.trial is not None else "leave"
        self.footer.tell([("enter", enter), ("↑ ↓", "lines"), *tab, *scrolls, ("esc", back)])

    def action_page_down(self) -> None:
        """Further down in what it would have done; the field takes all other keys."""
        self.text.action_page_down()

    def action_page_up(self) -> None:
        """Back up."""
        self.text.action_page_up()

    # --- verbs -------------------------------------------------------------------------------------------------------

    @on(FormKey)
    def _form(self, event: FormKey) -> None:
        event.stop()
        match event.verb:
            case "typed":
                self._end_trial()
                self._warned = False
                self.footer.say("")
            case "apply":
                self._apply()
            case "leave":
                self._leave()
        self.update()

    def _apply(self) -> None:
        """Enter: never before the person has been offered to see what it would have done."""
        if not self.known:
            self.footer.say("looking what a rule may name …")
        elif fault := self.form.fault():
            self.form.go(fault[0])
            self.footer.say(f"{fault[0]}: {fault[1]}", "amber", LONG)
        elif not self.draft.changed:
            self.footer.say("it says that already; esc leaves")
        elif self.draft.replays and self.trial is None:
            self._try()
        else:
            new = {"new": True} if self.draft.new else {"read": self.draft.read}
            self.dismiss(Saved(self.draft.called, {"rule": self.draft.called, "entry": self.form.entry, **new}))

    def _try(self) -> None:
        name = self.draft.called
        since = self.desk.clock.now() - replays.DAYS * replays.DAY
        body = {"rule": name, "since": since, "entry": self.form.entry}

        def ask(triage: Triage) -> None:
            self._hear(Numbered(name, requests.ask(triage.connection, replays.KIND, body, triage.who, triage.clock)))

        self.footer.say("")
        self.trial = Trial(name, collected=not self.heartbeat.silent)
        self.text.top = 0
        if self.desk.hands is not None:
            self.desk.hands.do("ask", (), ask, self._hear)

    def _end_trial(self) -> None:
        """What would have been is asked no more: another rule stands there."""
        trial, self.trial = self.trial, None
        if trial is not None and trial.open and trial.number is not None and self.desk.hands is not None:
            number = trial.number

            def end(triage: Triage) -> None:
                requests.finish(triage.connection, number, triage.clock, error="nobody waits for it any more")

            self.desk.hands.do("ask", (), end, lambda _: None)

    def _leave(self) -> None:
        if self.trial is not None:
            self._end_trial()
        elif self.draft.changed and self.draft.said and not self._warned:
            self._warned = True
            self.footer.say("it is not saved: esc again leaves it as it was", "amber", LONG)
        else:
            self.dismiss(None)

    async def out(self) -> bool:
        """One step out."""
        self._leave()
        return True
