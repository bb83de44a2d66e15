"""`:quality`: a random sample, one mention after another: positive, negative, neutral; and how well it is computed."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import on

from listen.console import keys, quality
from listen.console.answers import Acted
from listen.console.desk import Desk
from listen.console.quality import Ready, Subject
from listen.console.screens.sampling import LEAVE, MORE, Sampling
from listen.console.steps import Steps
from listen.console.theme import GLYPHS, Palette
from listen.console.widgets.choices import Chosen

if TYPE_CHECKING:
    from textual.binding import BindingType

FOOTER = (("label.better", "positive"), ("label.worse", "negative"), ("label.neutral", "neutral"), ("app.undo", "undo"),
          ("list.next-new", "skip"), ("list.open", "result"), ("app.help", "keys"), ("app.out", "leave"))  # fmt: skip

TONES = {1: "pos", 0: "neu", -1: "neg"}


class Quality(Sampling):
    """Positive, negative or neutral, said of one mention after another; then what all labels say."""

    SCOPES: ClassVar = ("labelling", "lists")
    BINDINGS: ClassVar[list[BindingType]] = keys.bindings("labelling")
    VERBS = FOOTER
    TITLED = "Sentiment, labelled blind"
    NOTHING = "nothing was labelled here yet"

    def __init__(self, desk: Desk, colours: Palette, table: Sequence[keys.Key], subject: Subject) -> None:
        super().__init__(desk, colours, table, "quality", subject.name, self._sign)
        self.subject = subject
        self.steps: Steps[int] = Steps()
        self.ready: Ready | None = None
        self.found: Sequence[str] = ()

    def _sign(self, said: int | None) -> tuple[str, Style]:
        tone = TONES[said] if said is not None else ""
        return (GLYPHS[tone], self.colours.tone(tone)) if tone else ("○", self.colours.faint)

    def on_mount(self) -> None:
        self.watch(self, "focused", self.update, init=False)
        self._ask_for_sample()

    # --- asking ------------------------------------------------------------------------------------------------------

    def _ask_for_sample(self, *, another: bool = False) -> None:
        self.steps, self.ready, self.found = Steps(), None, ()
        job = quality.ready(self.subject, self.desk.who, self.desk.clock.now(), another=another)
        self.clerk.ask("sample", job)
        self.update()

    def take(self, answer: object) -> None:
        match answer:
            case Ready() as ready:
                self.ready, self.steps = ready, Steps.of(ready.ids, ready.said)
                if self.steps.ids and not self.steps.open:
                    self.set_focus(self.bar)
                self._ask_figures()
                self.update()
            case quality.Told(lines):
                self.found = lines
                self.update()
            case Acted():
                self._ask_figures()

    def _ask_figures(self) -> None:
        if self.focused is self.bar or not self.steps.open:
            self.clerk.ask("figures", quality.told(self.subject, self.desk.clock.now()))

    # --- what is drawn -----------------------------------------------------------------------------------------------

    def update(self) -> None:
        """Bring everything up to date."""
        done = len(self.steps.ids) - self.steps.open
        self.head.said = f"{done} of {len(self.steps.ids)} labelled" if self.steps.ids else ""
        self.draw_head(self.ready.rule if self.ready else "")
        if self.focused is self.bar and self.ready is not None:
            self._draw(self.found)
        elif self.steps.current is None:
            self._say_instead()
        elif (width := self.detail.content_size.width) > 0:
            self.clerk.ask("show", quality.shown(self.steps.current, width, self.colours, self.desk.clock))
        self.bar.offer([*([MORE] if self.steps.ids else []), LEAVE])
        self.tell_keys()

    def _draw(self, lines: Sequence[str]) -> None:
        self.detail.lines = [[], *([Segment(line, self.colours.plain)] for line in lines)]
        self.detail.refresh()

    def _say_instead(self) -> None:
        if self.ready is None:
            self.say_instead("Drawing a random sample …", self.colours.faint)
        else:
            self.say_instead("It finds nothing that is stored, so there is nothing to label.", self.colours.plain)

    @property
    def shows_mention(self) -> bool:
        return self.focused is not self.bar

    # --- verbs -------------------------------------------------------------------------------------------------------

    def action_label(self, tone: int) -> None:
        """Say of the current one how it speaks."""
        one = self.steps.judge(tone) if self.focused is not self.bar else None
        if one is None:
            self.footer.say("there is no mention to label here")
            return
        self.detail.top = 0
        self.keep(one, tone)
        if not self.steps.open:
            self.action_go_on()
        self.update()

    def keep(self, one: int, said: int | None) -> None:
        if self.ready is not None:
            who, clock, sample = self.desk.who, self.desk.clock, self.ready.sample
            self.do("labelled", one, partial(quality.keep, sample=sample, one=one, tone=said, who=who, clock=clock))

    def action_go_on(self) -> None:
        """Enough labelled: to what it says."""
        self.set_focus(self.bar)
        self._ask_figures()
        self.update()

    @on(Chosen)
    def _chosen(self, event: Chosen) -> None:
        event.stop()
        if event.id == "more":
            self.set_focus(self.detail)
            self._ask_for_sample(another=True)
        else:
            self.dismiss()
