"""What the stream screen does with the answers of the store, whichever of the threads they come from."""

from __future__ import annotations

from collections.abc import Sequence

from listen.console import pages
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
    Reported,
    Requests,
    Ringing,
    Rows,
    Shown,
    Sought,
    Tallied,
    Visited,
    Whole,
    Wished,
)
from listen.console.desk import Desk
from listen.console.messages import Told
from listen.console.screens.marking import LONG
from listen.console.screens.working import Working
from listen.console.theme import Palette
from listen.console.view import View
from listen.console.widgets.stream_list import StreamList
from listen.store.alerts import Alert
from listen.store.presence import Visit

REPORTED = 30.0
"""Seconds for which the last line tells where a report is."""


class Taking(Working):
    """The one place where every answer comes."""

    def __init__(self, desk: Desk, colours: Palette, view: View, stream: StreamList) -> None:
        super().__init__(desk, colours, view, stream)
        self.failures: dict[str, str] = {}
        """Why the store does not answer, by which of the threads asked."""
        self.firing: Sequence[Alert] | None = None
        """What fires and nobody has taken note of, once that is known."""

    def on_mount(self) -> None:
        for answer in self.desk.mail.take():
            self.told(answer)
        self.desk.mail.open(self.hear)

    def on_unmount(self) -> None:
        self.desk.mail.close()

    def on_told(self, event: Told) -> None:
        self.told(event.answer)

    def on_screen_resume(self) -> None:
        """What was told while another screen was in front is shown now."""
        self.update()

    @property
    def failure(self) -> str:
        """Why the store does not answer; empty when it does."""
        return next(iter(self.failures.values()), "")

    def told(self, answer: object) -> None:
        """An answer of one of the store's threads."""
        match answer:
            case Failed(sentence, who):
                self.failures[who] = sentence
            case Recovered(who):
                self.failures.pop(who, None)
            case Replaced():
                self._begin_anew()
            case _:
                self._told_of_list(answer)
                self._told_of_changes(answer)
                self._told_around(answer)
                self._told_of_verbs(answer)
        if not self.covered:
            self.update()

    def _told_of_list(self, answer: object) -> None:
        """Ids, rows and counts; those of a view that was left are of no use."""
        match answer:
            case Ids() as ids if ids.view == self.view.number:
                self._take_ids(ids)
            case Rows() as rows:
                self._take_rows(rows)
            case Arrived() as arrived if arrived.view == self.view.number:
                self._take_arrivals(arrived)
            case Counted() as counted if counted.view == self.view.number:
                self._take_count(counted)
            case Counted() as counted:
                self.counted(counted)
            case Sought() as sought:
                self.sought(sought)
            case Looking(view, back_to) if view == self.view.number:
                self.view.ranking, self.view.ranked_to = True, back_to
            case Whole(view, stories) if view == self.view.number and self.stream.feed.folds.complete(stories):
                self.stream.refresh()

    def _told_of_changes(self, answer: object) -> None:
        """What others do, and what happens by itself."""
        match answer:
            case Changed(touched):
                self.around.changed()
                self._touched(touched)
                self.glance_soon()
                self.ask_wishes()
            case Here() as here:
                self._people_moved(here)
            case Ringing() as ringing:
                self._rings(ringing)
            case Visited(Visit() as visit):
                self.stream.tell_visit(visit)
                self.listen.greet(visit)

    def _told_around(self, answer: object) -> None:
        """The detail pane, the side pane, and the lines that are typed in."""
        match answer:
            case Shown() as shown:
                self.take_detail(shown)
            case Glance() | Everything() | Tallied() as around:
                self.around.told(around)
                if isinstance(around, Glance):
                    self.follow()
            case Checked() as checked:
                if self.filter is not None:
                    self.filter.tell(checked)
            case Named(kind, names):
                self.learn(kind, names)
            case Previewed() as previewed:
                self.previewed(previewed)
            case Alike() as alike:
                self.alike(alike)

    def _told_of_verbs(self, answer: object) -> None:
        """What became of what the person did and asked for."""
        match answer:
            case Acting() as acting:
                self.acting(acting)
            case Acted() as acted:
                self.acted(acted)
            case Gathered() as gathered:
                self.gathered(gathered)
            case Handed() as handed:
                self.handed(handed)
            case Reported(text, style):
                (self.listen.place or self).say(text, style, REPORTED)
            case Wished() as wished:
                self.wished(wished)
            case Requests() as requests:
                self.requested(requests)

    # --- the list ---

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
            self.desk.details.ask("whole", pages.whole(self.view, wanting, self.desk.clock.now()))

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

    def _take_arrivals(self, answer: Arrived) -> None:
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

    def _take_count(self, answer: Counted) -> None:
        view = self.view
        view.count, view.counted = answer.n, answer.complete
        view.apart = answer.apart or view.apart
        view.stories = answer.stories if answer.stories is not None else view.stories

    # --- others, and alerts ---

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
            self.come_to_rest()

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


def _more_stories(before: int | None, answer: Arrived) -> int | None:
    """How many stories there are with what came in."""
    if before is None:
        return None
    fresh = set(answer.ids)
    told = [set(ids) for ids in answer.stories.values()]
    return before + len(fresh.difference(*told)) + sum(ids <= fresh for ids in told)
