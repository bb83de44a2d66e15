"""What panels have in common in which a person says something of a sample, one mention after another."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.binding import Binding
from textual.screen import ModalScreen

from listen.console import keys
from listen.console.answers import Acted, Failed, Recovered, Shown
from listen.console.clerk import Action, Clerk
from listen.console.desk import Desk
from listen.console.first.shown import paragraph
from listen.console.messages import Told
from listen.console.screens.marking import LONG
from listen.console.steps import Steps
from listen.console.theme import Palette
from listen.console.widgets.choices import Choice, Choices
from listen.console.widgets.footer import Footer
from listen.console.widgets.line import Line as OneLine
from listen.console.widgets.line import Pieces
from listen.console.widgets.scrolled import Scrolled
from listen.text import cell_width, one_line

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType

LEAVE = Choice("leave", "leave")
MORE = Choice("more", "another sample")

READ_ONLY_HERE = "this console only reads: what you say is not kept"

Sign = Callable[[Any], tuple[str, Style]]
"""What was said of a mention, None for nothing -> how that is drawn."""


class SampleHead(OneLine):
    """What is sampled, and how far that has come."""

    def __init__(self, colours: Palette, badge: str, name: str) -> None:
        super().__init__(id="title")
        self.colours, self.badge, self.called = colours, badge, name
        self.said, self.good = "", False
        """What is known so far, and whether that is good."""

    def pieces(self, width: int) -> tuple[Pieces, Pieces]:
        colours = self.colours
        name = one_line(self.called, max(8, width - 9 - len(self.badge) - cell_width(self.said)))
        return (
            [Segment(f" {self.badge} ", colours.badge), Segment(f"  {name}", colours.bold)],
            [Segment(f"{self.said}  ", colours.green if self.good else colours.plain)],
        )


class SampleText(Scrolled):
    """The mention that is to be judged, or what is said instead."""

    def __init__(self, title: str) -> None:
        super().__init__(id="sample-text")
        self.BINDING_GROUP_TITLE = title


class Progress(OneLine):
    """A sign for each mention of the sample, and how it was drawn."""

    def __init__(self, colours: Palette, sign: Sign) -> None:
        super().__init__(id="progress")
        self.colours, self.sign, self.rule = colours, sign, ""
        self.steps: Steps[Any] = Steps()

    def pieces(self, width: int) -> tuple[Pieces, Pieces]:
        colours, steps = self.colours, self.steps
        shown = max(10, width - 4)
        first = max(0, min(steps.at - shown // 2, len(steps.ids) - shown))
        pieces: list[Segment] = [Segment("  ", colours.faint)]
        for at, one in list(enumerate(steps.ids))[first : first + shown]:
            sign, style = self.sign(steps.said.get(one))
            here = at == steps.at
            pieces.append(Segment("▸" if here and one not in steps.said else sign, colours.lit_bold if here else style))
        room = width - min(shown, len(steps.ids)) - 6
        rule = one_line(self.rule if cell_width(self.rule) <= room else self.rule.partition(" (")[0], max(1, room))
        return pieces, [Segment(f"{rule}  ", colours.faint)] if self.rule and room >= 12 else ()


class Sampling(ModalScreen[None]):
    """A panel over whatever is in front. What is said is kept as it is said."""

    AUTO_FOCUS = "SampleText"
    BINDINGS: ClassVar[list[BindingType]] = [
        *keys.bindings("lists", only=("list.next-new", "list.previous-new")),
        *(Binding(name, "screen.take_back", show=False, id="app.undo") for name in keys.BY_ID["app.undo"].keys),
        *(Binding(name, "screen.go_on", show=False, id="list.open") for name in keys.BY_ID["list.open"].keys),
        *keys.bindings(
            "global", only=("app.help", "app.out", "app.back", "app.quit", "app.next-pane", "app.previous-pane")
        ),
    ]
    VERBS: ClassVar[Sequence[tuple[str, str]]] = ()
    """What the footer says while a mention is shown: verbs by their ids."""

    TITLED: ClassVar = ""
    """What the help calls the mention."""

    NOTHING: ClassVar = ""
    """What is said when nothing can be taken back."""

    steps: Steps[Any]

    def __init__(
        self, desk: Desk, colours: Palette, table: Sequence[keys.Key], name: str, subject: str, sign: Sign
    ) -> None:
        """`name` is the panel's, `subject` what is sampled."""
        super().__init__()
        self.desk, self.colours, self.table = desk, colours, table
        self.failure = ""
        self.head, self.progress = SampleHead(colours, name, subject), Progress(colours, sign)
        self.detail = SampleText(self.TITLED)
        self.bar = Choices(colours, [LEAVE], flat=True, id="bar")
        self.footer = Footer(colours)
        self.clerk = Clerk(name, desk.store, self.hear, desk.who)

    def compose(self) -> ComposeResult:
        yield self.head
        yield self.progress
        yield self.detail
        yield from self.below()
        yield self.bar
        yield self.footer

    def below(self) -> ComposeResult:
        """What stands between the mention and the choices."""
        return ()

    def on_unmount(self) -> None:
        self.clerk.close()

    def on_resize(self) -> None:
        self.call_after_refresh(self.update)

    def hear(self, answer: object) -> None:
        """Take an answer of the store's thread."""
        self.post_message(Told(answer))

    def on_told(self, event: Told) -> None:
        match event.answer:
            case Shown() as shown:
                if shown.id == self.steps.current and self.shows_mention:
                    self._show(shown)
            case Failed(sentence):
                self.failure = sentence
                self.update()
            case Recovered():
                self.failure = ""
                self.update()
            case Acted(error=error, text=text) as acted:
                if error or text:
                    self.footer.say(error or text, "red" if error else "amber", LONG)
                self.take(acted)
            case answer:
                self.take(answer)

    def take(self, answer: object) -> None:
        """An answer of the panel's own."""
        raise NotImplementedError

    def update(self) -> None:
        """Bring everything up to date."""
        raise NotImplementedError

    @property
    def shows_mention(self) -> bool:
        """Whether a mention is shown, and not what is said of all of them."""
        return True

    def draw_head(self, rule: str) -> None:
        """The two lines above the mention; `rule` is how the sample was drawn."""
        self.progress.steps, self.progress.rule = self.steps, rule
        self.head.draw()
        self.progress.draw()

    def say_instead(self, words: str, style: Style) -> None:
        """Words in the place of a mention, unless there is a fault to tell."""
        if self.failure:
            words, style = self.failure, self.colours.red
        self.detail.lines = [[], *paragraph(words, max(20, self.detail.content_size.width), style, 0)]
        self.detail.refresh()

    def _show(self, shown: Shown) -> None:
        if shown.mention is None:
            gone = "It is not there any more: ; goes on to the next."
            self.detail.lines = [[], [Segment(gone, self.colours.amber)]]
        else:
            self.detail.lines = shown.lines
        self.detail.scroll_lines(0)
        self.detail.refresh()

    def tell_keys(self) -> None:
        """The keys of what has the focus."""
        if self.focused is self.bar:
            self.footer.tell([("enter", "do it"), ("← →", "move"), ("tab", "the mention"), ("esc", "leave")])
        else:
            table = {key.id: key.keys[0] for key in self.table}
            self.footer.tell([(keys.shown(table[id]), word) for id, word in self.VERBS])

    def action_take_back(self) -> None:
        """Undo what was said last."""
        taken = self.steps.take_back()
        if taken is None:
            self.footer.say(self.NOTHING)
            return
        self.keep(*taken)
        self.set_focus(self.detail)
        self.update()

    def keep(self, one: int, said: Any) -> None:
        """Keep what was said of a mention, None for nothing any more."""
        raise NotImplementedError

    def do(self, verb: str, one: int, act: Action) -> None:
        """Keep it in the store; a console that only reads forgets it."""
        if self.desk.hands is None:
            self.footer.say(READ_ONLY_HERE, "amber")
        else:
            self.desk.hands.do(verb, (one,), act, self.hear)

    def action_untriaged(self, by: int) -> None:
        """Leave this one open, and go to the next one that is, or the one before."""
        if not self.steps.step(by):
            self.steps.move(by)
        self.detail.top = 0
        self.set_focus(self.detail)
        self.update()
