"""What the stream screen asks the store, and what it does with the answers."""

from __future__ import annotations

import gc
from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual import on
from textual.timer import Timer

from listen import query
from listen.console import counting, questions
from listen.console.answers import (
    Acted,
    Acting,
    Alike,
    Arrived,
    Changed,
    Checked,
    Counted,
    Everything,
    Failed,
    Gathered,
    Glance,
    Handed,
    Here,
    Ids,
    Looking,
    Named,
    Previewed,
    Recovered,
    Replaced,
    Requests,
    Ringing,
    Rows,
    Shown,
    Tallied,
    Visited,
    Whole,
    Wished,
)
from listen.console.desk import Desk
from listen.console.feed import Want
from listen.console.heartbeat import Heartbeat
from listen.console.messages import CursorMoved, EndWanted, Told, ViewMoved
from listen.console.screens.marking import LONG
from listen.console.screens.verbs import Verbs
from listen.console.surroundings import Surroundings
from listen.console.theme import Palette
from listen.console.view import Order, View, topic_named
from listen.console.widgets.detail import Detail
from listen.console.widgets.footer import Footer
from listen.console.widgets.stream_list import StreamList
from listen.query import tree
from listen.store.alerts import Alert
from listen.store.presence import Visit

if TYPE_CHECKING:
    from listen.console.widgets.filter_line import FilterLine
    from listen.query.complete import Name

TICK = 5.0
"""Seconds between two looks at what stands around the list."""

SOON = 3.0
"""Seconds after which numbers, and what others did, follow a change."""

DEBOUNCE = 0.1
"""Seconds that the cursor rests before the detail pane follows."""

RESTED = 1.0
"""Seconds that the cursor rests on a mention before others are told that somebody is there."""

CALM = 1.0
"""The same when no key moved the cursor, but something came in."""


class Asking(Verbs):
    """The one place where the store is asked, and where every answer comes."""

    def __init__(self, desk: Desk, colours: Palette, view: View, stream: StreamList) -> None:
        super().__init__(desk, view, stream, Detail(), Footer(colours))
        self.colours = colours
        self.around = Surroundings(desk)
        self.failures: dict[str, str] = {}
        """Why the store does not answer, by which of the threads asked."""
        self.filter: FilterLine | None = None
        """The filter line while it is open."""
        self.firing: Sequence[Alert] | None = None
        """What fires and nobody has taken note of, once that is known."""
        self.halted = False
        """A key stopped the background search."""
        self._asked: Want | None = None
        self._detail_timer: Timer | None = None
        self._rest_timer: Timer | None = None
        self._explained = False
        """A mention has been explained, so that all that takes is loaded."""
        self._soon_timer: Timer | None = None

    def recolour(self, colours: Palette) -> None:
        """Take other colours; what was laid out in the old ones is asked anew."""
        self.colours = colours
        self.show_detail()

    def alike(self, answer: Alike) -> None:
        """What is like a mention."""

    def wished(self, answer: Wished) -> None:
        """Something was asked of the collector."""

    def learn(self, kind: str, names: Sequence[Name]) -> None:
        """Names for the completion of what is typed."""
        if self.filter is not None:
            self.filter.learn({kind: names})

    def requested(self, answer: Requests) -> None:
        """What became of it."""

    def previewed(self, answer: Previewed) -> None:
        """What another query would make of a topic."""

    def ask_wishes(self) -> None:
        """Look what became of what was asked."""

    def follow(self) -> None:
        """What stands around the list has been told anew."""

    def update(self) -> None:
        """Bring everything around the list up to date."""
        raise NotImplementedError

    def on_mount(self) -> None:
        for answer in self.desk.mail.take():
            self.told(answer)
        self.desk.mail.open(self.hear)
        self.set_interval(TICK, self.tick)
        self.update()
        self.call_after_refresh(self._begin_rest)

    def _begin_rest(self) -> None:
        """What the first paint does not need."""
        self._ask_glance()
        self._ask_count()
        self.set_timer(SOON, gc.enable)

    def on_unmount(self) -> None:
        self.desk.mail.close()

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
        self.desk.pages.ask("page", questions.first(view, self.desk.clock.now(), at))
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
            self.desk.pages.ask("again", questions.rows(self.view, visible, self.desk.clock))

    def _ask_more(self) -> None:
        """Ask for what is missing around the cursor."""
        feed, view, now = self.stream.feed, self.view, self.desk.clock.now()
        missing = feed.rows_wanted()
        if missing:
            self.desk.pages.ask("rows", questions.rows(self.view, missing, self.desk.clock))
        want = feed.wants()
        if want is None or want == self._asked or view.searching or self.halted or not view.loaded:
            return
        self._asked = want
        question = questions.below if want.direction == "down" else questions.above
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
        self.desk.busy()
        if self._rest_timer is None:
            self._come_to_rest()
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

    # --- answers -----------------------------------------------------------------------------------------------------

    def on_told(self, event: Told) -> None:
        self.told(event.answer)

    def told(self, answer: object) -> None:
        """An answer of one of the store's threads."""
        match answer:
            case Ids() as ids:
                if ids.view == self.view.number:
                    self._take_ids(ids)
            case Visited(Visit() as visit):
                self.stream.tell_visit(visit)
                self.listen.greet(visit)
            case Looking(view, back_to):
                if view == self.view.number:
                    self.view.ranking, self.view.ranked_to = True, back_to
            case Rows() as rows:
                self._take_rows(rows)
            case Whole(view, stories):
                if view == self.view.number and self.stream.feed.folds.complete(stories):
                    self.stream.refresh()
            case Arrived() as arrived:
                self._take_arrivals(arrived)
            case Changed(touched):
                self.around.changed()
                self._touched(touched)
                self.glance_soon()
                self.ask_wishes()
            case Here() as here:
                self._people_moved(here)
            case Ringing() as ringing:
                self._rings(ringing)
            case Counted() as counted:
                if counted.view == self.view.number:
                    self.view.count, self.view.counted = counted.n, counted.complete
                    self.view.apart = counted.apart or self.view.apart
                    self.view.stories = counted.stories if counted.stories is not None else self.view.stories
            case Checked() as checked:
                if self.filter is not None:
                    self.filter.tell(checked)
            case Glance() | Everything() | Tallied() as around:
                self.around.told(around)
                if isinstance(around, Glance):
                    self.follow()
            case Wished() as wished:
                self.wished(wished)
            case Requests() as requests:
                self.requested(requests)
            case Previewed() as previewed:
                self.previewed(previewed)
            case Named(kind, names):
                self.learn(kind, names)
            case Shown() as shown:
                self._take_detail(shown)
            case Gathered() as gathered:
                self.gathered(gathered)
            case Handed() as handed:
                self.handed(handed)
            case Alike() as alike:
                self.alike(alike)
            case Acting() as acting:
                self.acting(acting)
            case Acted() as acted:
                self.acted(acted)
            case Failed(sentence, who):
                self.failures[who] = sentence
            case Recovered(who):
                self.failures.pop(who, None)
            case Replaced():
                self._begin_anew()
        if not self.covered:
            self.update()

    def on_screen_resume(self) -> None:
        """What was told while another screen was in front is shown now."""
        self.update()

    @property
    def failure(self) -> str:
        """Why the store does not answer; empty when it does."""
        return next(iter(self.failures.values()), "")

    def _begin_anew(self) -> None:
        """The store is another one: nothing of what was read holds."""
        self.stream.feed.forget_rows()
        self.drop_marks()
        self.shown = None
        self.open(self.view.text)
        self.say("another store lies in its place now: everything is read anew", "amber", LONG)

    def _take_ids(self, answer: Ids) -> None:
        feed, stream, before = self.stream.feed, self.stream, self.stream.feed.current
        feed.keep(answer.rows)
        self.view.searching = answer.searching
        changed = True
        match answer.place:
            case "down":
                changed = feed.extend_down(
                    answer.ids, oldest=answer.end, searched_to=answer.searched, stories=answer.stories
                )
            case "up":
                changed = feed.extend_up(
                    answer.ids, newest=answer.end, searched_up_to=answer.searched, stories=answer.stories
                )
            case "last":
                last = answer.ids[-1] if answer.ids else None
                feed.load(
                    answer.ids, oldest=True, searched_to=0, newest=answer.end, searched_up_to=answer.searched, at=last,
                    order=self.view.order, stories=answer.stories,
                )  # fmt: skip
            case "first":
                feed.load(
                    answer.ids, oldest=answer.end, searched_to=answer.searched, newest=answer.newest,
                    searched_up_to=answer.up_to, at=answer.at, order=self.view.order, stories=answer.stories,
                )  # fmt: skip
                self.view.loaded, self.view.ranking, self.view.ranked_to = True, False, answer.ranked_to
                early, self.view.early = self.view.early, []
                stream.arrive(early)
        if not answer.searching:
            self._asked = None
        if answer.arrivals is not None:
            self.desk.arrive(answer.arrivals)
        stream.changed(view=changed, before=before)
        self._ask_whole()
        if before is None or answer.place in ("first", "last"):
            self.show_detail()
            self.jumped()

    def _ask_whole(self) -> None:
        """Ask for what a page had no time to find of its stories."""
        if wanting := self.stream.feed.folds.wanting():
            self.desk.details.ask("whole", questions.whole(self.view, wanting, self.desk.clock.now()))

    def _take_rows(self, answer: Rows) -> None:
        feed = self.stream.feed
        before = feed.current
        was = None if before is None else feed.row(before)
        feed.keep(answer.rows)
        there = {row.id for row in answer.rows}
        gone = [one for one in answer.asked if one not in there]
        feed.drop(gone)
        self.marks.drop(gone)
        self.stream.changed(before=before)
        if was is not None and before == feed.current and feed.row(was.id) != was:
            self.show_detail()  # it was edited, or taken away: its old words must not stay

    def _touched(self, ids: Sequence[int] | None) -> None:
        """What others did is shown at once where it is in view, and read anew where it is not."""
        feed, visible = self.stream.feed, set(self.stream.feed.visible)
        if ids is None or visible.intersection(ids):
            self.rows_again()
        if ids is None:
            feed.forget_hidden()
        for one in ids or ():
            if one not in visible:
                feed.forget(one)

    def _people_moved(self, here: Here) -> None:
        """Others are on other mentions now, or another console has been opened."""
        stream, before = self.stream, self.stream.others
        stream.stand(here.people)
        current = stream.feed.current
        if current is not None and before.get(current) != here.people.get(current):
            self.show_detail()
        was_alone, self.desk.alone = self.desk.alone, here.alone
        if was_alone and not here.alone and self.desk.at_work:
            self._come_to_rest()

    def _rings(self, ringing: Ringing) -> None:
        """Something began to fire, or somebody has taken note of it."""
        known, self.firing = self.firing, ringing.alerts
        if known is not None:
            before = {one.id for one in known}
            pages = [one for one in ringing.alerts if one.severity == "page" and one.id not in before]
        else:
            pages = []  # it has fired for a while, and the header says so
        if pages:
            self.listen.alarm(pages)

    def _take_arrivals(self, answer: Arrived) -> None:
        if answer.view != self.view.number:
            return
        if self.view.count is not None:
            self.view.count += len(answer.ids)
            if self.view.stories is None and answer.stories:
                self._ask_count()
            self.view.stories = _more_stories(self.view.stories, answer)
        self.stream.feed.keep(answer.rows)
        if self.view.loaded:
            self.stream.arrive(answer.ids, answer.stories)
        else:
            self.view.early += answer.ids

    def _come_to_rest(self) -> None:
        """From now on it is looked whether the cursor rests."""
        if self._rest_timer is not None:
            self._rest_timer.stop()
        self._rest_timer = self.set_timer(RESTED, self._rested)

    def _rested(self) -> None:
        """The cursor has rested on a mention for so long that others may know."""
        self._rest_timer = None
        self.desk.stand(self.stream.feed.current)

    def _take_detail(self, answer: Shown) -> None:
        if answer.id != self.stream.feed.current or answer.width != self.detail.content_size.width:
            return
        self.shown = answer
        self._explained = self._explained or answer.whole
        self.detail.show(answer.id, answer.lines)

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

    def action_conversation(self) -> None:
        """Read the conversation around the mention under the cursor."""
        current = self.target()
        if current is None:
            return
        from listen.console.screens.conversation import ConversationPanel

        words, wrong = self.heartbeat.told()
        self.app.push_screen(ConversationPanel(self.desk, self.colours, current, words if wrong else ""))

    def looked_for(self) -> tree.Node:
        """What stands out in the detail pane besides the words of topics: why the mention is in the view."""
        return self.view.node

    @on(CursorMoved)
    def _cursor_moved(self, event: CursorMoved) -> None:
        if event.by_arrival and self._detail_timer is not None:
            return
        if self._detail_timer is not None:
            self._detail_timer.stop()
        self._detail_timer = self.set_timer(CALM if event.by_arrival else DEBOUNCE, self.show_detail)
        if not event.by_arrival:
            self._come_to_rest()
        elif self._rest_timer is None:
            self.desk.stand(None)  # the row has gone on from under the cursor, which follows

    @on(ViewMoved)
    def _view_moved(self, event: ViewMoved) -> None:
        if event.by_person:
            self.halted = False
        self._ask_more()
        self.update()

    @on(EndWanted)
    def _end_wanted(self, event: EndWanted) -> None:
        view, now = self.view, self.desk.clock.now()
        question = questions.first if event.end == "top" else questions.last
        self.desk.pages.ask("page", question(view, now))


def _more_stories(before: int | None, answer: Arrived) -> int | None:
    """How many stories there are with what came in."""
    if before is None:
        return None
    fresh = set(answer.ids)
    told = [set(ids) for ids in answer.stories.values()]
    return before + len(fresh.difference(*told)) + sum(ids <= fresh for ids in told)
