"""What was done, step by step: who, when, to how many; one's own steps are taken back from here, whichever they are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from rich.segment import Segment
from textual.binding import Binding
from textual.strip import Strip

from listen.console import keys
from listen.console.answers import Acted, Post
from listen.console.clerk import Asked, Job
from listen.console.desk import Desk
from listen.console.facts import Line
from listen.console.format import fit, moment, sure
from listen.console.screens.marking import READ_ONLY
from listen.console.screens.page import AskedPage, PageText
from listen.console.theme import BAR, Palette
from listen.store.read import Reader
from listen.store.rivals import DESK
from listen.store.steps import Step
from listen.store.triage import Triage
from listen.text import one_line

if TYPE_CHECKING:
    from textual.binding import BindingType

MOST = 500
"""Steps that are listed: the newest."""

HEAD = 3
"""Lines above the first step."""


class Done(NamedTuple):
    """The answer: the newest steps."""

    steps: Sequence[Step]


def asked(who: str | None) -> Job:
    """The steps of a person, or of everybody."""

    def job(reader: Reader, asked: Asked, post: Post) -> Done:
        return Done(reader.steps(who, limit=MOST))

    return job


def row(step: Step, me: str, width: int, chosen: bool, colours: Palette, now: float) -> Line:
    """One step as a line."""
    stands = step.undone_at is None
    own = step.by == me
    main = colours.faint if not stands else colours.lit_bold if chosen else colours.plain
    state = "" if stands else "taken back"
    action = step.action if step.signed == step.by else f"{step.action} (login {step.user})"
    what = max(8, width - 2 - 15 - 11 - 9 - (len(state) + 1 if state else 0))
    return [
        Segment(f"{BAR if chosen else ' '} ", colours.lit),
        Segment(f"{moment(step.at, now):<15}", colours.faint),
        Segment(fit("you" if own else sure(step.by), 10) + " ", colours.faint if own else colours.author),
        Segment(f"{step.mentions:>7,}  ", main),
        Segment(fit(one_line(action, what), what), main),
        Segment(f" {state}", colours.faint),
    ]


class StepList(PageText):
    """The steps, with a cursor."""

    BINDINGS: ClassVar[list[BindingType]] = keys.bindings("lists", only=("list.open",))

    def __init__(self) -> None:
        super().__init__()
        self.cursor = 0

    def put(self, lines: Sequence[Line]) -> None:
        """Other lines; the cursor stays where it is."""
        self.lines = lines
        self.go(self.cursor)

    def go(self, to: int) -> None:
        """The cursor goes to a step."""
        self.cursor = max(0, min(to, len(self.lines) - HEAD - 1))
        at = self.cursor + HEAD
        self.scroll_lines(min(0, at - HEAD - self.top) + max(0, at - self.top - self.room + 1))
        self.screen.cursor_moved()  # type: ignore[attr-defined]
        self.refresh()

    def render_line(self, y: int) -> Strip:
        chosen = self.lines and self.top + y == self.cursor + HEAD and y < self.room
        return self.strip(self.row(y), self.content_size.width, self.app_colours.under_cursor if chosen else None)

    def action_down(self) -> None:
        self.go(self.cursor + 1)

    def action_up(self) -> None:
        self.go(self.cursor - 1)

    def action_half_down(self) -> None:
        self.go(self.cursor + max(1, self._page // 2))

    def action_half_up(self) -> None:
        self.go(self.cursor - max(1, self._page // 2))

    def action_page_down(self) -> None:
        self.go(self.cursor + self._page)

    def action_page_up(self) -> None:
        self.go(self.cursor - self._page)

    def action_top(self) -> None:
        self.go(0)

    def action_bottom(self) -> None:
        self.go(len(self.lines))

    def action_open(self) -> None:
        self.screen.action_take_back()  # type: ignore[attr-defined]


class Doings(AskedPage):
    """One's own steps or everybody's, over whatever is in front."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *(Binding(name, "take_back", show=False, id="app.undo") for name in keys.BY_ID["app.undo"].keys),
        *(Binding(name, "again", show=False, id="app.redo") for name in keys.BY_ID["app.redo"].keys),
        *(Binding(name, "whose", show=False, id="app.next-pane") for name in keys.BY_ID["app.next-pane"].keys),
    ]

    KEYS = (("j k", "move"), ("u", "take this back"), ("U", "redo"), ("tab", "mine, everybody's"), ("esc", "close"))

    def __init__(self, desk: Desk, colours: Palette) -> None:
        self.list = StepList()
        super().__init__(desk, colours, "doings", self.list)
        self.mine = True
        self.steps: Sequence[Step] | None = None

    def refresh_view(self) -> None:
        self.clerk.ask("steps", asked(self.desk.who if self.mine else None))

    def take(self, answer: object) -> None:
        match answer:
            case Done(steps):
                self.steps = steps
                self.lay_out()
            case Acted() as acted:
                nothing = "there is nothing to do again" if acted.verb == "redo" else "it does not stand any more"
                said = acted.error or acted.text or nothing
                self.footer.say(said, "red" if acted.error else "plain")
                self.refresh_view()

    def action_whose(self) -> None:
        """One's own steps, or everybody's."""
        self.mine = not self.mine
        self.list.cursor = 0
        self.refresh_view()

    def action_take_back(self) -> None:
        """Undo the step under the cursor, wherever it stands among the others."""
        if not self.steps:
            return
        step = self.steps[self.list.cursor]
        if self.desk.hands is None:
            self.footer.say(READ_ONLY, "amber")
        elif step.by != self.desk.who and not step.by.startswith(DESK):
            self.footer.say(f"that was {sure(step.by)}: only they take it back", "amber")
        elif step.undone_at is not None:
            self.footer.say("it was taken back already", "amber")
        else:
            self.desk.hands.do("undo", (), lambda triage: Triage.undo(triage, step.step), self.hear)

    def action_again(self) -> None:
        """Do again what was taken back last, here or elsewhere."""
        if self.desk.hands is None:
            self.footer.say(READ_ONLY, "amber")
        else:
            self.desk.hands.do("redo", (), Triage.redo, self.hear)

    def cursor_moved(self) -> None:
        """The bar goes with the cursor."""
        self.list.lines = self.lines(self.size.width) or ()

    def lines(self, width: int) -> list[Line] | None:
        if self.steps is None:
            return None
        whose = "what you did" if self.mine else "what everybody did"
        title = [Segment("  LOG", self.colours.lit_bold), Segment(f"   {whose}, newest first", self.colours.faint)]
        now = self.desk.clock.now()
        lines: list[Line] = [[], title, []]
        for at, step in enumerate(self.steps):
            chosen = at == self.list.cursor
            lines.append(row(step, self.desk.who, width, chosen, self.colours, now))
        if not self.steps:
            lines.append([Segment("  Nothing yet.", self.colours.plain)])
        return lines

    def show(self, lines: Sequence[Line]) -> None:
        self.list.put(lines)
