"""`:quality`: a random sample, one mention after another: positive, negative, neutral; and how well it is computed."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import on

from listen.console import keys, quality
from listen.console.answers import Acted, Failed, Recovered, Shown
from listen.console.desk import Desk
from listen.console.messages import Told
from listen.console.quality import Ready, Subject
from listen.console.screens.marking import LONG
from listen.console.screens.sampling import LEAVE, Sampling
from listen.console.steps import Steps
from listen.console.theme import GLYPHS, Palette
from listen.console.widgets.choices import Choice, Chosen
from listen.console.widgets.line import Line as OneLine
from listen.console.widgets.line import Pieces
from listen.console.widgets.scrolled import Scrolled
from listen.text import cell_width, one_line

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType

MORE = Choice("more", "another sample")

FOOTER = (("label.better", "positive"), ("label.worse", "negative"), ("label.neutral", "neutral"), ("app.undo", "undo"),
          ("list.next-new", "skip"), ("list.open", "result"), ("app.help", "keys"), ("app.out", "leave"))  # fmt: skip

TONES = {1: "pos", 0: "neu", -1: "neg"}


class Head(OneLine):
    """Whose sentiment is measured, and how much is labelled."""

    def __init__(self, colours: Palette, subject: Subject) -> None:
        super().__init__(id="title")
        self.colours, self.subject = colours, subject
        self.steps: Steps[int] = Steps()

    def pieces(self, width: int) -> tuple[Pieces, Pieces]:
        colours, done = self.colours, len(self.steps.ids) - self.steps.open
        said = f"{done} of {len(self.steps.ids)} labelled" if self.steps.ids else ""
        name = one_line(self.subject.name, max(8, width - 16 - cell_width(said)))
        return (
            [Segment(" quality ", colours.badge), Segment(f"  {name}", colours.bold)],
            [Segment(f"{said}  ", colours.plain)],
        )


class QualityText(Scrolled):
    """The mention that is to be labelled, or what all labels say."""

    BINDING_GROUP_TITLE = "Sentiment, labelled blind"


class Quality(Sampling):
    """A panel over whatever is in front. What is said is kept as it is said."""

    AUTO_FOCUS = "QualityText"
    SCOPES: ClassVar = ("labelling", "lists")
    BINDINGS: ClassVar[list[BindingType]] = keys.bindings("labelling")
    VERBS = FOOTER

    def __init__(self, desk: Desk, colours: Palette, table: Sequence[keys.Key], subject: Subject) -> None:
        super().__init__(desk, colours, table, "quality", self._sign, QualityText(id="check-text"))
        self.subject, self.head = subject, Head(colours, subject)
        self.steps: Steps[int] = Steps()
        self.ready: Ready | None = None
        self.found: Sequence[str] = ()

    def _sign(self, said: int | None) -> tuple[str, Style]:
        tone = TONES[said] if said is not None else ""
        return (GLYPHS[tone], self.colours.tone(tone)) if tone else ("○", self.colours.faint)

    def compose(self) -> ComposeResult:
        yield self.head
        yield self.progress
        yield self.detail
        yield self.bar
        yield self.footer

    def on_mount(self) -> None:
        self.watch(self, "focused", self.update, init=False)
        self._ask_for_sample()

    # --- asking ------------------------------------------------------------------------------------------------------

    def _ask_for_sample(self, *, another: bool = False) -> None:
        self.steps, self.ready, self.found = Steps(), None, ()
        job = quality.ready(self.subject, self.desk.who, self.desk.clock.now(), another=another)
        self.clerk.ask("sample", job)
        self.update()

    def on_told(self, event: Told) -> None:
        match event.answer:
            case Ready() as ready:
                self.ready, self.steps = ready, Steps.of(ready.ids, ready.said)
                if self.steps.ids and not self.steps.open:
                    self.set_focus(self.bar)
                self._ask_figures()
                self.update()
            case quality.Told(lines):
                self.found = lines
                self.update()
            case Shown() as shown:
                self._show(shown)
            case Acted(error=error, text=text):
                if error or text:
                    self.footer.say(error or text, "red" if error else "amber", LONG)
                self._ask_figures()
            case Failed(sentence):
                self.failure = sentence
                self.update()
            case Recovered():
                self.failure = ""
                self.update()

    def _ask_figures(self) -> None:
        if self.focused is self.bar or not self.steps.open:
            self.clerk.ask("figures", quality.told(self.subject, self.desk.clock.now()))

    # --- what is drawn -----------------------------------------------------------------------------------------------

    def update(self) -> None:
        """Bring everything up to date."""
        self.head.steps = self.progress.steps = self.steps
        self.progress.rule = self.ready.rule if self.ready else ""
        self.head.draw()
        self.progress.draw()
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
        colours = self.colours
        if self.failure:
            words, style = self.failure, colours.red
        elif self.ready is None:
            words, style = "Drawing a random sample …", colours.faint
        else:
            words, style = "It finds nothing that is stored, so there is nothing to label.", colours.plain
        self.say_instead(words, style)

    def _show(self, shown: Shown) -> None:
        if shown.id == self.steps.current and self.focused is not self.bar:
            self.show(shown)

    # --- verbs -------------------------------------------------------------------------------------------------------

    def action_label(self, tone: int) -> None:
        """Say of the current one how it speaks."""
        one = self.steps.judge(tone) if self.focused is not self.bar else None
        if one is None:
            self.footer.say("there is no mention to label here")
            return
        self.detail.top = 0
        self._keep(one, tone)
        if not self.steps.open:
            self.action_go_on()
        self.update()

    def action_take_back(self) -> None:
        """Undo the last label."""
        taken = self.steps.take_back()
        if taken is None:
            self.footer.say("nothing was labelled here yet")
            return
        self._keep(*taken)
        self.set_focus(self.detail)
        self.update()

    def _keep(self, one: int, tone: int | None) -> None:
        """In the store; a console that only reads forgets it."""
        if self.desk.hands is None or self.ready is None:
            self.footer.say("this console only reads: what you say is not kept", "amber")
            return
        desk, sample = self.desk, self.ready.sample
        act = partial(quality.keep, sample=sample, one=one, tone=tone, who=desk.who, clock=desk.clock)
        self.desk.hands.do("labelled", (one,), act, self.hear)

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
