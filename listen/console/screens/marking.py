"""What a verb is about: the marked mentions, else the one under the cursor."""

from __future__ import annotations

import time
from collections.abc import Sequence

from listen.console import pages
from listen.console.answers import Gathered
from listen.console.desk import Desk
from listen.console.marks import Marks
from listen.console.screens.place import Place
from listen.console.view import View
from listen.console.widgets.detail import Detail
from listen.console.widgets.footer import Footer
from listen.console.widgets.stream_list import StreamList

LONG = 12.0
"""Seconds that a message stays which has to be read."""

READ_ONLY = "this console only reads (--read-only, or you may not write): nothing was changed"


class Marking(Place):
    """Marks, for a screen with a stream."""

    def __init__(self, desk: Desk, view: View, stream: StreamList, detail: Detail, footer: Footer) -> None:
        super().__init__(desk, footer)
        self.view, self.stream, self.detail = view, stream, detail
        self._gathering = False

    @property
    def marks(self) -> Marks:
        """What is marked."""
        return self.stream.marks

    def update(self) -> None:
        """Bring everything around the list up to date."""
        raise NotImplementedError

    # --- what is meant -----------------------------------------------------------------------------------------------

    def target(self) -> int | None:
        """The mention under the cursor, which a key typed now means; says so when there is none."""
        if not self.among_mentions():
            return None
        feed = self.stream.feed
        found = feed.target(time.monotonic())
        if found is None and feed.ids:
            feed.paused = True
            self.say("rows were coming in under the cursor just now: the list is held, press it again", "amber")
        elif found is None:
            self.say("there is no mention here")
        return found

    def targets(self, *, copies: bool = True) -> Sequence[int]:
        """All that a verb means: what is marked, else what is under the cursor; says why if none.

        A row that stands for a story means all of it that the view has, or (without `copies`) the one that is shown.
        """
        if self._gathering:
            self.say(f"still gathering what is to be marked: wait for it, or {self.key('app.out')} stops that", "amber")
            return ()
        if self.marks:
            return self.marks.all_of(self.stream.feed.meant) if self.among_mentions() else ()
        one = self.target()
        if one is None:
            return ()
        return self.stream.feed.meant((one,)) if copies else (one,)

    def among_mentions(self) -> bool:
        """Whether the keys go to mentions; says so when they go to another pane."""
        if self.focused in (None, self.stream, self.detail):
            return True
        self.say(f"that is for mentions: {self.key('app.next-pane')} or {self.key('list.open')} goes to the list")
        return False

    def off_screen(self) -> int:
        """How many of the marked ones are not in view."""
        feed = self.stream.feed
        return len(self.marks) - self.marks.within(feed.meant(feed.visible)) if self.marks else 0

    # --- marks -------------------------------------------------------------------------------------------------------

    def action_mark(self) -> None:
        """Mark, or no longer, and go on."""
        one = self.target()
        if one is None:
            return
        if self.marks.ranging:
            self.end_range()
        else:
            self.marks.toggle(*self.stream.feed.meant((one,)))
        self._paint(one)
        self.stream.go(lambda feed: feed.go_to(one))
        self.stream.go(lambda feed: feed.move(1))

    def action_range(self) -> None:
        """Mark from here on, up to where it is pressed again."""
        if self.marks.ranging:
            self.end_range()
            self.say(f"{count(len(self.marks))} marked · {self.key('app.out')} drops the marks")
            self.update()
            return
        one = self.target()
        if one is None:
            return
        self.marks.begin(one)
        self.stream.feed.held = True
        self.stream.go(lambda feed: feed.go_to(one))
        self._paint(one)
        self.update()
        ends, leaves = self.key("list.range"), self.key("app.out")
        self.say(f"a range from here: move to extend it · {ends} ends it · {leaves} leaves it", seconds=LONG)

    def action_mark_all(self) -> None:
        """Mark all that the view has now, also what is not at hand."""
        if not self.among_mentions():
            return
        self.end_range()
        self._gathering = True
        view, now = self.view, self.desk.clock.now()
        self.desk.aside.ask("gather", pages.all_of(view.number, view.node, now))

    def gathered(self, answer: Gathered) -> None:
        """The store's answer to `*`, or to a range that goes where the list was not."""
        if answer.view != self.view.number or (answer.what == "all" and not self._gathering):
            return
        if answer.going:
            self.say(f"marking all: {answer.found:,} so far · {self.key('app.out')} stops that")
            return
        self._gathering = False
        more = f" · it stops at {len(answer.ids):,}: the view has more" if answer.more else ""
        if answer.what == "range":
            self._reach(answer)
            self.say(f"{count(len(self.marks))} in the range{more}", seconds=LONG)
        elif answer.ids:
            self.marks.take(answer.ids)
            frozen = "" if more else " · what arrives later is not among them"
            self.say(
                f"all {count(len(answer.ids))} marked{more or frozen} · {self.key('app.out')} drops the marks",
                seconds=LONG,
            )
        else:
            self.say("there is nothing to mark in this view")
        self.stream.refresh()
        self.update()

    def _reach(self, answer: Gathered) -> None:
        """Extend the range over ids that the list did not hold."""
        end, current = self.marks.end, self.stream.feed.current
        if end is not None and current is not None:
            steps = answer.ids if current < end else answer.ids[::-1]
            self.marks.walk(steps[1:] if steps[:1] and steps[0] == end else steps)

    def jumped(self) -> None:
        """The list was loaded anew in another place: a range goes over all that lies between."""
        feed, end = self.stream.feed, self.marks.end
        if end is None or feed.current is None or feed.current == end:
            return
        view, low, high = self.view, min(end, feed.current), max(end, feed.current)
        self._gathering = True
        self.desk.aside.ask("gather", pages.between(view.number, view.node, high, low, self.desk.clock.now()))

    def leave_range(self) -> bool:
        """Stop gathering, or leave the range that is being drawn; whether there was one."""
        if self._gathering:
            self._stop_gathering()
            self.say("stopped: nothing more is marked")
            return True
        if not self.marks.ranging:
            return False
        self.marks.leave()
        self.end_range()
        self.stream.refresh()
        self.update()
        return True

    def drop_marks(self) -> bool:
        """No marks any more; whether there were any."""
        self._stop_gathering()
        self.stream.feed.held = False
        if not self.marks.clear():
            return False
        self.stream.refresh()
        self.update()
        return True

    def _stop_gathering(self) -> None:
        if self._gathering:
            self._gathering = False
            self.desk.aside.cancel("gather")

    def end_range(self) -> None:
        """The range is done: its rows stay marked."""
        self._stop_gathering()
        self.marks.fix(self.stream.feed.meant)
        self.stream.feed.held = False

    def _paint(self, one: int) -> None:
        place = self.stream.feed.place(one)
        if place is not None:
            self.stream.refresh_rows(place)


def count(number: int, word: str = "mention") -> str:
    """`1 mention`, `1,234 mentions`."""
    return f"{number:,} {word}{'' if number == 1 else 's'}"
