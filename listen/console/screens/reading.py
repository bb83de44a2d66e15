"""What is under the cursor: the detail pane shows it once the cursor rests, and others learn where somebody is."""

from __future__ import annotations

from textual import on
from textual.timer import Timer

from listen.console import questions
from listen.console.answers import Shown
from listen.console.desk import Desk
from listen.console.heartbeat import Heartbeat
from listen.console.messages import CursorMoved
from listen.console.screens.verbs import Verbs
from listen.console.theme import Palette
from listen.console.view import View
from listen.console.widgets.detail import Detail
from listen.console.widgets.footer import Footer
from listen.console.widgets.stream_list import StreamList
from listen.query import tree

DEBOUNCE = 0.1
"""Seconds that the cursor rests before the detail pane follows."""

RESTED = 1.0
"""Seconds that the cursor rests on a mention before others are told that somebody is there."""

CALM = 1.0
"""The same when no key moved the cursor, but something came in."""


class Reading(Verbs):
    """A screen with a stream and a detail pane."""

    def __init__(self, desk: Desk, colours: Palette, view: View, stream: StreamList) -> None:
        super().__init__(desk, view, stream, Detail(), Footer(colours))
        self.colours = colours
        self._detail_timer: Timer | None = None
        self._rest_timer: Timer | None = None
        self._explained = False
        """A mention has been explained, so that all that takes is loaded."""

    @property
    def heartbeat(self) -> Heartbeat:
        """Whether anybody collects."""
        raise NotImplementedError

    def recolour(self, colours: Palette) -> None:
        """Take other colours; what was laid out in the old ones is asked anew."""
        self.colours = colours
        self.show_detail()

    # --- the detail pane ---

    def show_detail(self) -> None:
        """Show what is under the cursor, now."""
        if self._detail_timer is not None:
            self._detail_timer.stop()
            self._detail_timer = None
        current, width = self.stream.feed.current, self.detail.content_size.width
        if current is None:
            self.detail.show(None, ())
        elif self.detail.display and width > 0:
            question = questions.show(
                current,
                width,
                self.colours,
                self.desk.clock,
                self.looked_for(),
                early=not self._explained,
                here=self.stream.others.get(current, ()),
            )
            self.desk.reading.ask("show", question)

    def take_detail(self, answer: Shown) -> None:
        """Show it, unless the cursor has gone on."""
        if answer.id != self.stream.feed.current or answer.width != self.detail.content_size.width:
            return
        self.shown = answer
        self._explained = self._explained or answer.whole
        self.detail.show(answer.id, answer.lines)

    def looked_for(self) -> tree.Node:
        """What stands out in the detail pane besides the words of topics: why the mention is in the view."""
        return self.view.node

    def action_conversation(self) -> None:
        """Read the conversation around the mention under the cursor."""
        current = self.target()
        if current is None:
            return
        from listen.console.screens.conversation import ConversationPanel

        words, wrong = self.heartbeat.told()
        self.app.push_screen(ConversationPanel(self.desk, self.colours, current, words if wrong else ""))

    # --- the cursor ---

    @on(CursorMoved)
    def _cursor_moved(self, event: CursorMoved) -> None:
        if event.by_arrival and self._detail_timer is not None:
            return
        if self._detail_timer is not None:
            self._detail_timer.stop()
        self._detail_timer = self.set_timer(CALM if event.by_arrival else DEBOUNCE, self.show_detail)
        if not event.by_arrival:
            self.come_to_rest()
        elif self._rest_timer is None:
            self.desk.stand(None)  # the row has gone on from under the cursor, which follows

    def key_pressed(self) -> None:
        """The person is here, and the cursor may rest soon."""
        self.desk.busy()
        if self._rest_timer is None:
            self.come_to_rest()

    def come_to_rest(self) -> None:
        """From now on it is looked whether the cursor rests."""
        if self._rest_timer is not None:
            self._rest_timer.stop()
        self._rest_timer = self.set_timer(RESTED, self._rested)

    def _rested(self) -> None:
        """The cursor has rested on a mention for so long that others may know."""
        self._rest_timer = None
        self.desk.stand(self.stream.feed.current)
