"""What was done, step by step: who, when, to how many; one's own steps are taken back from here, whichever they are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from rich.segment import Segment
from textual.binding import Binding
from textual.screen import ModalScreen
from textual.strip import Strip

from listen.console import keys
from listen.console.answers import Acted, Failed, Post
from listen.console.clerk import Asked, Clerk, Job
from listen.console.desk import Desk
from listen.console.facts import Line
from listen.console.format import fit, moment, sure
from listen.console.messages import Told
from listen.console.screens.marking import READ_ONLY
from listen.console.theme import BAR, Palette
from listen.console.widgets.footer import Footer
from listen.console.widgets.scrolled import Scrolled
from listen.store.read import Reader
from listen.store.rivals import DESK
from listen.store.steps import Step
from listen.store.triage import Triage
from listen.text import one_line

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType

MOST = 500
"""Steps that are listed: the newest."""

HEAD = 2
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
    what = max(8, width - 2 - 15 - 11 - 9 - 11)
    return [
        Segment(f"{BAR if chosen else ' '} ", colours.lit),
        Segment(f"{moment(step.at, now):<15}", colours.faint),
        Segment(fit("you" if own else sure(step.by), 10) + " ", colours.faint if own else colours.author),
        Segment(f"{step.mentions:>7,}  ", main),
        Segment(fit(one_line(action, what), what), main),
        Segment(f" {state}", colours.faint),
    ]


class StepList(Scrolled):
    """The steps, with a cursor."""

    BINDINGS: ClassVar[list[BindingType]] = keys.bindings("lists", only=("list.open",))

    def __init__(self) -> None:
        super().__init__()
        self.cursor = 0

    def put(self, lines: Sequence[Line]) -> None:
        """Other lines; the cursor stays where it is."""
        self.lines = [list(line) for line in lines]
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


class Doings(ModalScreen[None]):
    """A panel over whatever is in front."""

    AUTO_FOCUS = "StepList"
    BINDINGS: ClassVar[list[BindingType]] = [
        *keys.bindings("global", only=("app.help", "app.out", "app.back", "app.quit")),
        *(Binding(name, "take_back", show=False, id="app.undo") for name in keys.BY_ID["app.undo"].keys),
        *(Binding(name, "again", show=False, id="app.redo") for name in keys.BY_ID["app.redo"].keys),
        *(Binding(name, "whose", show=False, id="app.next-pane") for name in keys.BY_ID["app.next-pane"].keys),
    ]

    def __init__(self, desk: Desk, colours: Palette) -> None:
        super().__init__()
        self.desk, self.colours = desk, colours
        self.list, self.footer = StepList(), Footer(colours)
        self.mine = True
        self.steps: Sequence[Step] | None = None
        self.clerk = Clerk("doings", desk.store, self._hear, desk.who)

    def compose(self) -> ComposeResult:
        yield self.list
        yield self.footer

    def on_mount(self) -> None:
        told = [("j k", "move"), ("u", "take this back"), ("U", "redo"), ("tab", "mine, everybody's"), ("esc", "close")]
        self.footer.tell(told)
        self._ask()

    def on_unmount(self) -> None:
        self.clerk.close()

    def _ask(self) -> None:
        self.clerk.ask("steps", asked(self.desk.who if self.mine else None))

    def _hear(self, answer: object) -> None:
        self.post_message(Told(answer))

    def on_told(self, event: Told) -> None:
        match event.answer:
            case Done(steps):
                self.steps = steps
                self._lay_out()
            case Acted() as acted:
                nothing = "there is nothing to do again" if acted.verb == "redo" else "it does not stand any more"
                said = acted.error or acted.text or nothing
                self.footer.say(said, "red" if acted.error else "plain")
                self._ask()
            case Failed(sentence):
                self.footer.say(sentence, "red")

    def on_resize(self) -> None:
        self._lay_out()

    def action_whose(self) -> None:
        """One's own steps, or everybody's."""
        self.mine = not self.mine
        self.list.cursor = 0
        self._ask()

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
            self.desk.hands.do("undo", (), lambda triage: Triage.undo(triage, step.step), self._hear)

    def action_again(self) -> None:
        """Do again what was taken back last, here or elsewhere."""
        if self.desk.hands is None:
            self.footer.say(READ_ONLY, "amber")
        else:
            self.desk.hands.do("redo", (), Triage.redo, self._hear)

    def cursor_moved(self) -> None:
        """The bar goes with the cursor."""
        self._lay_out(move=False)

    def _lay_out(self, move: bool = True) -> None:
        if self.steps is None:
            return
        whose = "What you did" if self.mine else "What everybody did"
        title = [Segment(f"  {whose}, the newest first", self.colours.lit_bold)]
        now, width = self.desk.clock.now(), self.list.content_size.width or self.size.width
        lines: list[Line] = [title, []]
        for at, step in enumerate(self.steps):
            chosen = at == self.list.cursor
            lines.append(row(step, self.desk.who, width, chosen, self.colours, now))
        if not self.steps:
            lines.append([Segment("  Nothing yet.", self.colours.plain)])
        if move:
            self.list.put(lines)
        else:
            self.list.lines = [list(line) for line in lines]
