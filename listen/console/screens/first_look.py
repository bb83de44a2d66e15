"""What people say of a brand right now: hits to keep or refuse, a better query, then listening for good."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, ClassVar

from rich.segment import Segment
from textual import on
from textual.binding import Binding
from textual.screen import Screen

from listen.console import keys
from listen.console.first import beginning as children
from listen.console.first.beginning import Beginning, Child
from listen.console.first.sample import Advice, Sample
from listen.console.first.shown import advice_lines, hit_in_full, paragraph, source_lines
from listen.console.theme import Palette
from listen.console.view import View, query_of
from listen.console.widgets.answer_field import AnswerField, Entered, Left, Told
from listen.console.widgets.choices import Choice, Choices, Chosen
from listen.console.widgets.footer import Footer
from listen.console.widgets.hit_list import HitList, HitMoved
from listen.console.widgets.line import Line, Pieces
from listen.console.widgets.scrolled import Scrolled
from listen.query import QueryError, check_topic, parse
from listen.text import one_line

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType

LISTEN = Choice("listen", "listen to it")
ANYWAY = Choice("listen", "save it anyway")
AGAIN = Choice("again", "try again")
TAKE = Choice("take", "take the better query")
EDIT = Choice("edit", "edit the query")
BACK = Choice("back", "another name")


class Title(Line):
    """The brand, and how many of its hits are about it."""

    def __init__(self, colours: Palette, sample: Sample) -> None:
        super().__init__(id="title")
        self.colours, self.sample = colours, sample

    def pieces(self, width: int) -> tuple[Pieces, Pieces]:
        found, colours = self.sample.precision, self.colours
        told = f"{len(self.sample.hits)} hits" if self.sample.hits else ""
        if found.judged:
            left = f"   {self.sample.open} to go" if self.sample.open and width >= 72 else ""
            told = f"{found}{left}"
        name = one_line(self.sample.brand, max(8, width - 14 - len(told)))
        return (
            [Segment(" listen ", colours.badge), Segment(f"  {name}", colours.bold)],
            [Segment(f"{told}  ", colours.green if found.judged and found.low > 0.5 else colours.plain)],
        )


class Asked(Line):
    """The query that was asked."""

    def __init__(self, colours: Palette, sample: Sample) -> None:
        super().__init__(id="asked-query")
        self.colours, self.sample = colours, sample

    def pieces(self, width: int) -> tuple[Pieces, Pieces]:
        return [
            Segment("  query  ", self.colours.faint),
            Segment(one_line(self.sample.query, max(8, width - 11)), self.colours.lit),
        ], ()


class FirstLook(Screen[None]):
    """One brand's hits. Nothing is stored until the person listens to it.

    Verbs move the focus at once, not by a message: keys that were typed ahead are for what they lead to.
    """

    AUTO_FOCUS = "HitList"
    SCOPES: ClassVar = ("yes or no", "lists")
    VERTICAL_BREAKPOINTS = [(0, "-low"), (20, "-tall"), (34, "-high")]  # noqa: RUF012
    BINDINGS: ClassVar[list[BindingType]] = [
        *keys.bindings("yes or no"),
        *(Binding(name, "screen.take_back", show=False, id="app.undo") for name in keys.BY_ID["app.undo"].keys),
        *(Binding(name, "screen.go_on", show=False, id="list.open") for name in keys.BY_ID["list.open"].keys),
    ]

    def __init__(self, colours: Palette, beginning: Beginning, brand: str, query: str) -> None:
        super().__init__()
        self.colours, self.beginning = colours, beginning
        self.sample = Sample(brand, query)
        self.title_line, self.asked = Title(colours, self.sample), Asked(colours, self.sample)
        self.sources, self.told, self.better = Told(colours, id="sources"), Told(colours), Told(colours, id="better")
        self.hits = HitList(colours, beginning.clock, self.sample)
        self.detail = Scrolled(id="hit")
        self.bar = Choices(colours, [BACK], flat=True, id="bar")
        self.footer = Footer(colours)
        self.advice: Advice | None = None
        self.busy = ""
        """What is under way that must not be begun twice."""
        self.trouble = ""
        """Why listening could not begin."""
        self._child: Child | None = None

    def compose(self) -> ComposeResult:
        yield self.title_line
        yield self.asked
        yield self.sources
        yield self.told
        yield self.hits
        yield self.detail
        yield self.better
        yield self.bar
        yield self.footer

    def on_mount(self) -> None:
        self.watch(self, "focused", self._focus_changed, init=True)
        self.ask()

    def on_resize(self) -> None:
        self.call_after_refresh(self.update)

    def on_unmount(self) -> None:
        if self._child is not None:
            self._child.stop()

    # --- asking ------------------------------------------------------------------------------------------------------

    def ask(self, query: str | None = None) -> None:
        """Try this query, or the same one again."""
        self.sample.again(query or self.sample.query)
        self.trouble = ""
        self.hits.move_to(0)
        self.set_focus(self.hits)
        self.run_worker(self._try(), group="trial", exclusive=True, exit_on_error=False)
        self.update()

    async def _try(self) -> None:
        child = self._child = Child(self.beginning.trying(self.sample.query))
        try:
            async for record in child.records():
                self.sample.take(record)
                self.update()
            self.sample.finish(child.code, child.said)
        except OSError as error:
            self.sample.finish(2, f"the sources could not be asked: {error}")
        self.update()
        if self.hits.hit is None or (self.sample.said.get(self.hits.hit.key) is not None and not self.hits.next_open()):
            self.set_focus(self.bar)

    # --- what is drawn -----------------------------------------------------------------------------------------------

    def update(self) -> None:
        """Bring everything up to date with the sample."""
        sample, colours, width = self.sample, self.colours, self.size.width
        self.advice = sample.advice() if sample.ended or sample.said else None
        self.title_line.draw()
        self.asked.draw()
        self.sources.show([*source_lines(sample, width, colours), []])
        self.told.show(self._words(width))
        self.set_class(not sample.hits, "empty")
        self.hits.update()
        self._show_hit()
        self.better.show(advice_lines(self.advice, width, colours) if self.advice and not self.trouble else [])
        self.bar.offer(self._choices())
        self._focus_changed()

    def _words(self, width: int) -> list[list[Segment]]:
        """What there is to say instead of hits."""
        sample, colours = self.sample, self.colours
        if self.trouble:
            return paragraph(self.trouble, width, colours.red)
        if self.busy or sample.hits:
            return paragraph(self.busy, width, colours.plain) if self.busy else []
        if sample.failure:
            return paragraph(f"Nothing could be asked: {sample.failure}", width, colours.red)
        if not sample.ended:
            return paragraph("Asking; the first answers come within seconds.", width, colours.faint)
        if sample.unreachable:
            words = "No source could be reached: this machine seems to have no network."
            more = (
                "What you typed is kept here. Try again, or save it anyway: listening begins when the network is back."
            )
            return [*paragraph(words, width, colours.amber), [], *paragraph(more, width, colours.plain)]
        words = "Nobody says this at the moment, where one can ask without a key."
        more = "Listen to it all the same, and what comes is kept; or edit the query, or try another name."
        return [*paragraph(words, width, colours.plain), [], *paragraph(more, width, colours.faint)]

    def _choices(self) -> list[Choice]:
        sample = self.sample
        if self.busy:
            return []
        if sample.failure:
            return [EDIT, BACK]
        if sample.ended and not sample.hits:
            return [AGAIN, ANYWAY, EDIT, BACK] if sample.unreachable else [LISTEN, EDIT, AGAIN, BACK]
        return [LISTEN, *([TAKE] if self.advice else []), EDIT, BACK]

    def _show_hit(self) -> None:
        hit, width = self.hits.hit, max(20, self.size.width - 5)
        self.detail.lines = hit_in_full(hit, width, self.colours, self.beginning.clock.now()) if hit else []
        self.detail.scroll_lines(0)
        self.detail.refresh()

    @on(HitMoved)
    def _moved(self) -> None:
        self.detail.top = 0
        self._show_hit()

    def _focus_changed(self) -> None:
        if self.query(AnswerField):
            self.footer.tell([("enter", "ask again"), ("esc", "leave it as it was")])
        elif self.focused is self.bar:
            self.footer.tell([("enter", "do it"), ("← →", "move"), ("tab", "the hits"), ("esc", "back")])
        else:
            words = (("answer.keep", "about it"), ("answer.refuse", "not"), ("app.undo", "undo"), ("list.down", "down"),
                     ("list.filter", "edit the query"), ("list.open", "go on"), ("app.out", "back"))  # fmt: skip
            table = {key.id: key.keys[0] for key in self.app.table}  # type: ignore[attr-defined]
            self.footer.tell([(keys.shown(table[id]), word) for id, word in words])

    # --- verbs -------------------------------------------------------------------------------------------------------

    def action_keep(self) -> None:
        """It is about the brand."""
        self._judge(True)

    def action_refuse(self) -> None:
        """It is not."""
        self._judge(False)

    def _judge(self, kept: bool) -> None:
        hit = self.hits.hit
        if hit is None:
            self.footer.say("there is no hit to judge")
            return
        self.sample.judge(hit.key, kept)
        more = self.hits.next_open()
        self.update()
        if not more and self.sample.ended:
            self.set_focus(self.bar)

    def action_take_back(self) -> None:
        """Undo the last judgement."""
        key = self.sample.take_back()
        if key is None:
            self.footer.say("nothing was said of a hit yet")
            return
        at = next((at for at, hit in enumerate(self.sample.hits) if hit.key == key), None)
        if at is not None:
            self.hits.move_to(at)
            self.set_focus(self.hits)
        self.update()

    async def action_filter(self) -> None:
        """Edit the query in its line."""
        if self.query(AnswerField) or self.busy:
            return
        question = AnswerField(self.colours, "  query  ", self.sample.query, "enter asks again")
        self.asked.display = False
        await self.mount(question, after=self.asked)
        self.set_focus(question.field)
        self._focus_changed()

    @on(Entered)
    async def _edited(self, event: Entered) -> None:
        event.stop()
        question = self.query_one(AnswerField)
        try:
            check_topic(parse(event.value))
        except QueryError as error:
            question.fault(f"{error.message}; {error.hint}" if error.hint else error.message, error.column)
            return
        if not event.value.strip():
            question.fault("write what to look for")
            return
        await self._close_question()
        self.ask(event.value.strip())

    @on(Left)
    async def _left(self, event: Left) -> None:
        event.stop()
        await self._close_question()

    async def _close_question(self) -> None:
        await self.query(AnswerField).remove()
        self.asked.display = True
        self.set_focus(self.hits)
        self.update()

    def action_go_on(self) -> None:
        """Enough seen: to what can be done next."""
        self.set_focus(self.bar)

    @on(Chosen)
    async def _chosen(self, event: Chosen) -> None:
        event.stop()
        match event.id:
            case "listen":
                self.run_worker(self._listen(), group="listen", exclusive=True, exit_on_error=False)
            case "again":
                self.ask()
            case "take" if self.advice is not None:
                self.ask(self.advice.query)
            case "edit":
                await self.action_filter()
            case "back":
                self.app.pop_screen()

    # --- listening ---------------------------------------------------------------------------------------------------

    async def _listen(self) -> None:
        """Write the configuration, then go on into the stream."""
        if self.busy:
            return
        self.busy, self.trouble = f"Writing {self.beginning.file} …", ""
        self.update()
        try:
            code, said = await children.done(self.beginning.writing(self.sample.brand, self.sample.query))
            if code:
                self.trouble = said.removeprefix("listen: ") or "the configuration could not be written"
            else:
                begun = await asyncio.to_thread(self.beginning.begin)
                view = View.of(1, query_of(begun.topic))
                self.app.begin(begun.store, begun.companion, view)  # type: ignore[attr-defined]
                return
        except (OSError, TimeoutError) as error:
            self.trouble = f"the configuration could not be written: {error or 'it took too long'}"
        except Exception as error:
            self.trouble = str(error) or type(error).__name__
        self.busy = ""
        self.update()
        self.set_focus(self.bar)
