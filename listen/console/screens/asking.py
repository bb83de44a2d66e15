"""What the stream screen asks the store."""

from __future__ import annotations

import gc
from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual import on
from textual.timer import Timer

from listen import query
from listen.console import counting, pages
from listen.console.answers import Glance
from listen.console.desk import Desk
from listen.console.feed import Want
from listen.console.heartbeat import Heartbeat
from listen.console.messages import EndWanted, ViewMoved
from listen.console.screens.reading import Reading
from listen.console.surroundings import Surroundings
from listen.console.theme import Palette
from listen.console.view import Order, View, topic_named
from listen.console.widgets.stream_list import StreamList

if TYPE_CHECKING:
    from listen.console.reporting import Wanted
    from listen.console.widgets.filter_line import FilterLine
    from listen.query.complete import Name

TICK = 5.0
"""Seconds between two looks at what stands around the list."""

SOON = 3.0
"""Seconds after which numbers, and what others did, follow a change."""


class Asking(Reading):
    """The one place where the store is asked for what the list shows and for what stands around it."""

    def __init__(self, desk: Desk, colours: Palette, view: View, stream: StreamList) -> None:
        super().__init__(desk, colours, view, stream)
        self.around = Surroundings(desk)
        self.filter: FilterLine | None = None
        """The filter line while it is open."""
        self.halted = False
        """A key stopped the background search."""
        self._asked: Want | None = None
        self._soon_timer: Timer | None = None

    def learn(self, kind: str, names: Sequence[Name]) -> None:
        """Names for the completion of what is typed."""
        if self.filter is not None:
            self.filter.learn({kind: names})

    def ask_wishes(self) -> None:
        """Look what became of what was asked."""

    def on_mount(self) -> None:
        self.set_interval(TICK, self.tick)
        self.update()
        self.call_after_refresh(self._begin_rest)

    def _begin_rest(self) -> None:
        """What the first paint does not need."""
        self._ask_glance()
        self._ask_count()
        self.set_timer(SOON, gc.enable)

    # --- asking ------------------------------------------------------------------------------------------------------

    @property
    def glance(self) -> Glance:
        """What stands around the list."""
        return self.around.glance

    @property
    def heartbeat(self) -> Heartbeat:
        """Whether anybody collects."""
        return self.around.heartbeat

    @property
    def topic(self) -> str | None:
        """The topic that is shown, None for everything. Until the topics are known, as the query calls it."""
        if not self.glance.known:
            return self.view.topic
        return topic_named((topic.name for topic in self.glance.topics), self.view.topic)

    @property
    def to_report(self) -> Wanted | None:
        from listen.console.reporting import of_query

        return of_query(self.view.text, self.topic) if self.topic else None

    def open(self, text: str, *, at: int | None = None, order: Order | None = None, noise: bool | None = None) -> None:
        """Show another query, or the same one anew, in the order of now or another one. Raises `QueryError`.

        `noise` says whether noise is among the rest; None leaves it as it is for the same query, and folds it away.
        """
        if noise is None:
            noise = self.view.noise and text.strip() == self.view.text
        view = View.of(self.view.number + 1, text, order or self.view.order, noise=noise)
        if view.text != self.view.text:
            self.drop_marks()
        else:
            self.end_range()
        self.view, self._asked, self.halted = view, None, False
        self.desk.pages.cancel("more")
        self.desk.pages.cancel("rows")
        self.desk.watch.follow(view.number, view.node)
        self.desk.pages.ask("page", pages.first(view, self.desk.clock.now(), at))
        self._ask_count()
        self._ask_glance()
        self.update()

    def refresh_view(self) -> None:
        """Ask anew, which drops what was handled and does not belong here any more."""
        feed = self.stream.feed
        feed.forget_rows()
        self.open(self.view.text, at=self.here())
        self.say("asked anew")

    def here(self) -> int | None:
        """The mention at which a new answer shall stand; None at the top, where the first one shall."""
        feed = self.stream.feed
        return None if feed.at_top else feed.current

    def rows_again(self) -> None:
        """Read the rows in view anew."""
        visible = self.stream.feed.visible
        if visible:
            self.desk.pages.ask("again", pages.rows(self.view, visible, self.desk.clock))

    def _ask_more(self) -> None:
        """Ask for what is missing around the cursor."""
        feed, view, now = self.stream.feed, self.view, self.desk.clock.now()
        missing = feed.rows_wanted()
        if missing:
            self.desk.pages.ask("rows", pages.rows(self.view, missing, self.desk.clock))
        want = feed.wants()
        if want is None or want == self._asked or view.searching or self.halted or not view.loaded:
            return
        self._asked = want
        question = pages.below if want.direction == "down" else pages.above
        self.desk.pages.ask("more", question(view, want.beyond, now))

    def _ask_count(self) -> None:
        view, now = self.view, self.desk.clock.now()
        self.desk.details.ask("count", counting.count(view.number, query.parse(view.text), now))

    def _ask_glance(self) -> None:
        self.around.ask(self.view.topic)

    def glance_soon(self) -> None:
        """Bring numbers and rows in view up to date, not too often."""
        if self._soon_timer is None:
            self._soon_timer = self.set_timer(SOON, self._look)

    def _look(self) -> None:
        self._soon_timer = None
        self._ask_glance()
        self.rows_again()

    def key_pressed(self) -> None:
        """A background search goes on until the next key."""
        super().key_pressed()
        if self.view.searching:
            self.halted = True
            self.desk.pages.cancel("more")
        if self.view.ranking:
            self.view.ranking = False
            self.desk.pages.cancel("page")

    def tick(self) -> None:
        """Every few seconds: the clock, who collects, the numbers."""
        self.stream.tick()
        self.desk.note_visit()
        self.around.tick(self.view.topic)
        self.ask_wishes()
        self.update()

    # --- the list wants more -----------------------------------------------------------------------------------------

    @on(ViewMoved)
    def _view_moved(self, event: ViewMoved) -> None:
        if event.by_person:
            self.halted = False
        self._ask_more()
        self.update()

    @on(EndWanted)
    def _end_wanted(self, event: EndWanted) -> None:
        view, now = self.view, self.desk.clock.now()
        question = pages.first if event.end == "top" else pages.last
        self.desk.pages.ask("page", question(view, now))
