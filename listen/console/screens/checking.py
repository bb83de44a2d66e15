"""`:check`: a sample of what is shown, one mention after another: about it, or not; and what that says of the query."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import on

from listen.console import checking, clipboard, keys, questions
from listen.console.checking import Check, Drawn, Judged, Subject
from listen.console.desk import Desk
from listen.console.facts import Line
from listen.console.format import sure
from listen.console.reading import shortened
from listen.console.screens.marking import LONG
from listen.console.screens.sampling import LEAVE, MORE, Sampling
from listen.console.theme import Palette
from listen.console.view import window_of, windowed
from listen.console.widgets.answer_field import Told as Lines
from listen.console.widgets.choices import Choice, Chosen
from listen.insight.checking import told
from listen.query import brands
from listen.text import cell_width, one_line

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType

FILTER = Choice("filter", "set as the filter")
TOPIC = Choice("topic", "change the topic")
COPY = Choice("copy", "copy")

FOOTER = (("answer.keep", "about it"), ("answer.refuse", "not"), ("app.undo", "undo"), ("list.next-new", "skip"),
          ("list.open", "what follows"), ("app.help", "keys"), ("app.out", "leave"))  # fmt: skip


class Checking(Sampling):
    """About it or not, said of one mention after another; then what the refused ones suggest."""

    SCOPES: ClassVar = ("yes or no", "lists")
    BINDINGS: ClassVar[list[BindingType]] = keys.bindings("yes or no")
    VERBS = FOOTER
    TITLED = "Precision check"
    NOTHING = "nothing was judged here yet"

    def __init__(self, desk: Desk, colours: Palette, table: Sequence[keys.Key], subject: Subject) -> None:
        super().__init__(desk, colours, table, "check", subject.name, self._sign)
        self.subject, self.better = subject, Lines(colours, id="better")
        self.steps: Check = Check()
        self.judged: Judged | None = None
        self.drawn: Drawn | None = None
        self.seed = int(desk.clock.now()) % 10_000

    def _sign(self, kept: bool | None) -> tuple[str, Style]:
        colours = self.colours
        return ("●", colours.green) if kept else ("·", colours.faint) if kept is None else ("×", colours.red)

    def below(self) -> ComposeResult:
        yield self.better

    def on_mount(self) -> None:
        self.watch(self, "focused", self._focus_changed, init=True)
        self._draw_sample()

    # --- asking ------------------------------------------------------------------------------------------------------

    def _draw_sample(self) -> None:
        self.steps, self.drawn, self.judged = Check(), None, None
        self.clerk.ask("sample", checking.drawn(self.subject, self.seed, self.desk.clock.now()))
        self.update()

    def take(self, answer: object) -> None:
        match answer:
            case Drawn() as drawn:
                self.drawn, self.steps = drawn, Check.of(drawn.sample.ids, drawn.said)
                self._ask_verdict()
                self.update()
                if self.steps.ids and not self.steps.open:
                    self.set_focus(self.bar)
            case Judged() as judged if judged.said == self.steps.said:
                self.judged = judged
                self.update()

    def _ask_verdict(self) -> None:
        if self.steps.said:
            self.clerk.ask("verdict", checking.judged(self.subject, self.steps.said, self.desk.clock.now()))

    # --- what is drawn -----------------------------------------------------------------------------------------------

    def update(self) -> None:
        """Bring everything up to date."""
        found = self.steps.precision
        self.head.said, self.head.good = (str(found), found.low > 0.5) if found.judged else ("", False)
        self.draw_head(self.drawn.sample.rule if self.drawn else "")
        self._ask_for_text()
        self.better.show(self._proposals())
        self.bar.offer(self._choices())
        self._focus_changed()

    def _ask_for_text(self) -> None:
        current, width = self.steps.current, self.detail.content_size.width
        if current is None:
            self._say_instead()
        elif width > 0:
            job = questions.show(current, width, self.colours, self.desk.clock, self.subject.node, early=True)
            self.clerk.ask("show", job)

    def _say_instead(self) -> None:
        if self.drawn is None:
            self.say_instead("Drawing a sample of all that it finds …", self.colours.faint)
            return
        words = "Nothing was found in the time there was: a query of rarer words is quicker."
        if self.drawn.sample.whole:
            words = "It finds nothing that is stored, so there is nothing to judge."
        self.say_instead(words, self.colours.plain)

    def _proposals(self) -> list[Line]:
        """What the refused ones suggest, with its price; while judging one line, at the end all of it."""
        width, colours = self.size.width, self.colours
        done = bool(self.steps.ids) and (not self.steps.open or self.focused is self.bar)
        if not self.steps.said or not done:
            return []
        if self.judged is None or self.judged.said != self.steps.said:
            return [[Segment("  looking at the refused ones …", colours.faint)]]
        verdict = self.judged.verdict
        if not verdict.proposals:
            refused = verdict.precision.judged - verdict.precision.kept
            words = "No word stands in the refused ones alone." if refused else "Nothing was refused."
            return [[Segment(f"  {words}", colours.faint)]]
        lines: list[Line] = []
        for one in verdict.proposals:
            word = sure(f"NOT {one.word}")
            price = told(one, verdict.precision)
            lines.append(
                [
                    Segment(f"  {word}  ", colours.lit_bold),
                    Segment(one_line(price, max(8, width - 5 - cell_width(word))), colours.plain),
                ]
            )
        lines.append(
            [
                Segment("  better? ", colours.faint),
                Segment(shortened(one_line(verdict.better), max(8, width - 11)), colours.lit),
            ]
        )
        return lines

    def _choices(self) -> list[Choice]:
        known = self.judged is not None and self.judged.said == self.steps.said
        if self.steps.said and not known and not self.failure:
            return []  # what is chosen now would not be what shows up in its place
        proposed = known and self.judged is not None and self.judged.verdict.proposals
        better = [FILTER, *([TOPIC] if self.subject.asked.topic else []), COPY] if proposed else []
        return [*better, *([MORE] if self.steps.ids else []), LEAVE]

    def _focus_changed(self) -> None:
        self.tell_keys()
        self.better.show(self._proposals())

    # --- verbs -------------------------------------------------------------------------------------------------------

    def action_keep(self) -> None:
        """It is about it."""
        self._judge(True)

    def action_refuse(self) -> None:
        """It is not."""
        self._judge(False)

    def _judge(self, kept: bool) -> None:
        one = self.steps.judge(kept)
        if one is None:
            self.footer.say("there is no mention to judge")
            return
        self.detail.top = 0
        self.keep(one, kept)
        self.update()
        if not self.steps.open:
            self.set_focus(self.bar)

    def keep(self, one: int, said: bool | None) -> None:
        self.do("judged", one, partial(checking.keep, subject=self.subject, one=one, kept=said, clock=self.desk.clock))
        self._ask_verdict()

    def action_go_on(self) -> None:
        """Enough judged: to what follows."""
        self.set_focus(self.bar)

    @on(Chosen)
    def _chosen(self, event: Chosen) -> None:
        event.stop()
        match event.id:
            case "filter" if self.judged is not None:
                self._set_filter([one.word for one in self.judged.verdict.proposals])
            case "topic" if self.judged is not None:
                self.dismiss()
                self.app.edit_topic(self.subject.asked.topic, self.judged.verdict.better)  # type: ignore[attr-defined]
            case "copy" if self.judged is not None:
                text = self.judged.verdict.better
                clipboard.hand_over(self.app, text, lambda sent: self.footer.say(f"sent {sent}: {text}", seconds=LONG))
            case "more":
                self.seed += 1
                self._draw_sample()
                self.set_focus(self.detail)
            case "leave":
                self.dismiss()

    def _set_filter(self, words: Sequence[str]) -> None:
        """Show what is left without these words."""
        base, window = window_of(self.subject.filter)
        text = windowed(brands.without(base, words), window)
        self.dismiss()
        self.app.open_stream(text)  # type: ignore[attr-defined]
        self.app.remember_filter(text)  # type: ignore[attr-defined]
