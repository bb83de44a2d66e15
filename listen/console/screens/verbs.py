"""What a person does with mentions. The rows answer at once; the store follows in a thread of its own."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import NamedTuple

from listen.console.answers import Acted, Acting
from listen.console.desk import Desk
from listen.console.format import sure
from listen.console.screens.acting import MARKED
from listen.console.screens.handing import Handing
from listen.console.screens.marking import LONG, READ_ONLY, count
from listen.console.view import View
from listen.console.widgets.detail import Detail
from listen.console.widgets.footer import Footer
from listen.console.widgets.stream_list import StreamList
from listen.packed import packed
from listen.store.records import Row
from listen.store.triage import Done, Triage
from listen.text import one_line

BACK = ("undo", "redo")
RENAMED = "tag renamed"

HOT, BULK_HOT = 5.0, 60.0
"""Seconds in which nobody has taken in what somebody else did: with one mention, with many of which few are in view."""

INSISTS = 20.0
"""Seconds in which the same verb on the same mentions says that it is meant all the same."""


class Begun(NamedTuple):
    """What is known of an action before the store has carried it out."""

    rows: Sequence[Row] = ()
    """Those at hand, as they were."""
    hidden: int = 0
    """How many of its mentions were not in view."""


class Verbs(Handing):
    """The verbs of mentions, for a screen with a stream."""

    def __init__(self, desk: Desk, view: View, stream: StreamList, detail: Detail, footer: Footer) -> None:
        super().__init__(desk, view, stream, detail, footer)
        self._last: Callable[[], None] | None = None
        self._begun: deque[Begun] = deque()
        """Actions that the store has not answered yet."""
        self._left: tuple[str, Sequence[int]] | None = None
        """What was not done, because somebody else was quicker; until when saying it again insists on it."""
        self._insists_until = 0.0

    def glance_soon(self) -> None:
        """The numbers around the list have changed."""

    def rows_again(self) -> None:
        """Rows in view have changed in the store."""

    def show_detail(self) -> None:
        """What the detail pane shows has changed."""

    # --- status and star ---------------------------------------------------------------------------------------------

    def action_status(self, status: str) -> None:
        """Done, answered, dismissed: the row stays, dimmed, and the cursor goes to the next one."""
        self._last = lambda: self.action_status(status)
        ids = self.targets() if self._may_write() else ()
        if not ids:
            return
        bulk, row = bool(self.marks), self.stream.feed.row(ids[0])
        if len(ids) == 1 and not bulk and row is not None and row.status == status and not self.desk.team:
            self.say(f"{_name(row)} is {status} already")
        else:
            self._carry_out(status, ids, lambda triage: triage.set_status(ids, status), status=status)
        if not bulk:
            self.stream.go(lambda feed: feed.go_to(ids[0]))
            self.stream.go(lambda feed: feed.move(1))
            if status == "dismissed" and row is not None and row.status != status and self.view.topic:
                keys = " ".join(map(self.key, ("list.up", "list.not")))
                teach = f"{keys} x takes what is like it out of the topic"
                self.say(f"dismissed: {_name(row)} · {self._back} · {teach}", seconds=LONG)

    def action_star(self) -> None:
        """A star, or no star any more; among marked ones all are starred unless all at hand are."""
        self._last = self.action_star
        ids = self.targets() if self._may_write() else ()
        if not ids:
            return
        rows = [row for row in map(self.stream.feed.row, ids) if row is not None]
        on = not rows or not all(row.starred for row in rows)
        verb = "starred" if on else "no longer starred"
        self._carry_out(verb, ids, lambda triage: triage.star(ids, on), starred=on)

    def action_correct(self, tone: str) -> None:
        """It is positive, neutral or negative; among marked ones all are so unless people say that of all at hand."""
        self._last = lambda: self.action_correct(tone)
        ids = self.targets() if self._may_write() else ()
        if not ids:
            return
        from listen.store.corrections import SCORES, WORDS

        rows = [row for row in map(self.stream.feed.row, ids) if row is not None]
        topic = self.view.topic
        if rows and all(row.corrected and row.tone == tone for row in rows):
            self._carry_out("as computed", ids, lambda triage: triage.correct(ids, None), corrected=False)
        else:
            said = {"score": SCORES[tone], "hits": 1, "corrected": True}
            self._carry_out(WORDS[tone], ids, lambda triage: triage.correct(ids, tone, topic), **said)

    def action_call_noise(self) -> None:
        """It is noise, or none; among marked ones all are noise unless all at hand are."""
        self._last = self.action_call_noise
        ids = self.targets() if self._may_write() else ()
        if not ids:
            return
        rows = [row for row in map(self.stream.feed.row, ids) if row is not None]
        on = not rows or not all(row.noise for row in rows)
        self._carry_out("noise" if on else "no noise", ids, lambda triage: triage.call_noise(ids, on), noise=on)

    def action_again(self) -> None:
        """The last verb again: on the marked mentions, else on this one."""
        if not self.among_mentions():
            return
        if self._last is not None:
            self._last()
        else:
            self.say("there is no verb to repeat yet")

    def pass_over(self, ids: Sequence[int]) -> None:
        """Exactly these are skipped, in one step."""
        if not ids or not self._may_write():
            return
        assert self.desk.hands is not None
        self.say(f"skipped: {count(len(ids))} · {self._back}", seconds=LONG)
        self._begun.append(Begun(self.stream.feed.handled(set(ids), status="skipped")))
        self.desk.hands.do("skipped", packed(ids), lambda triage: triage.set_status(ids, "skipped"))
        self.stream.refresh()

    @property
    def _back(self) -> str:
        return f"{self.key('app.undo')} takes it back"

    def _may_write(self) -> bool:
        if self.desk.hands is None:
            self.say(READ_ONLY, "amber")
        return self.desk.hands is not None

    def _carry_out(
        self, verb: str, ids: Sequence[int], action: Callable[[Triage], Done | None], **changes: object
    ) -> None:
        """Show the change at once, and have the store follow. The marks have served."""
        assert self.desk.hands is not None
        feed, bulk = self.stream.feed, bool(self.marks)
        hidden = self.off_screen()
        if bulk:
            self.say(f"{verb}: {_told(len(ids), hidden)} · {self._back}", seconds=LONG)
        elif len(ids) > 1:
            self.say(f"{verb}: {count(len(ids))} of one story · {self._back}", seconds=LONG)
        else:
            self.say(f"{verb}: {_name(feed.row(ids[0]))} · {self._back}")
        self._begun.append(Begun(feed.handled(feed.ids_at_hand(ids), **changes), hidden))
        ids = packed(ids)
        self.desk.hands.do(verb, ids, self._warily(verb, ids, action))
        if bulk:
            self.drop_marks()
        else:
            self._paint(ids[0])

    def _warily(
        self, verb: str, ids: Sequence[int], action: Callable[[Triage], Done | None]
    ) -> Callable[[Triage], Done | None]:
        """The same action, which leaves alone what others did just now; said again at once it is meant."""
        again = (verb, ids) == self._left and time.monotonic() < self._insists_until
        wary = 0.0 if again or not self.desk.team else BULK_HOT if self.marks else HOT

        def carried_out(triage: Triage) -> Done | None:
            triage.wary = wary
            try:
                return action(triage)
            finally:
                triage.wary = 0.0

        return carried_out

    # --- back and forth ----------------------------------------------------------------------------------------------

    def undo(self) -> None:
        """Take this person's last action back, whenever it was."""
        self._go_back("undo", Triage.undo)

    def redo(self) -> None:
        """Do again what was taken back."""
        self._go_back("redo", Triage.redo)

    def _go_back(self, verb: str, action: Callable[[Triage], Done | None]) -> None:
        if self._may_write() and self.desk.hands is not None:
            self._begun.append(Begun())
            self.desk.hands.do(verb, (), action)

    # --- what the store says -----------------------------------------------------------------------------------------

    def acting(self, acting: Acting) -> None:
        """How far a long action is."""
        self.say(f"{acting.verb}: {acting.done:,} of {acting.of:,} …", seconds=LONG)

    def acted(self, acted: Acted) -> None:
        """The store has done it, or could not."""
        begun = self._begun.popleft() if self._begun else Begun()
        if acted.error is not None:
            self._failed(acted, begun.rows)
        elif acted.verb in BACK:
            self._went_back(acted)
        elif acted.verb in (RENAMED, MARKED):
            self.say(f"{acted.text} · {self._back}" if acted.changed else acted.text, seconds=LONG)
            if acted.verb == RENAMED:
                self.stream.feed.forget_rows()
        elif acted.rivals:
            self._was_late(acted)
        elif self.desk.team and len(acted.ids) == 1 and not acted.changed:
            self.say(f"{_name(self.stream.feed.row(acted.ids[0]))} was so already")
        elif len(acted.ids) > 1:
            same = len(acted.ids) - acted.changed
            left = f" · {same:,} were so already, or are gone" if same else ""
            back = f" · {self._back}" if acted.changed else ""
            self.say(f"{acted.verb}: {_told(acted.changed, begun.hidden)}{left}{back}", seconds=LONG)
        self.stream.feed.forget_hidden()
        self.rows_again()
        self.show_detail()
        self.glance_soon()

    def _was_late(self, acted: Acted) -> None:
        """Somebody else was quicker: what they did stands, unless the same is said once more."""
        self._left, self._insists_until = (acted.verb, acted.ids), time.monotonic() + INSISTS
        first, n = acted.rivals[0], len(acted.rivals)
        same = all(rival.action == acted.verb for rival in acted.rivals)
        who = " and ".join(dict.fromkeys(sure(rival.by) for rival in acted.rivals))
        if not acted.changed and len({(rival.by, rival.action) for rival in acted.rivals}) == 1:
            name = _name(self.stream.feed.row(first.mention_id)) if n == 1 else count(n)
            did = "did that" if same else f"said {one_line(first.action, 40)}"
            stays = "" if same else ", and it stays · the same again there overrules"
            self.say(f"{name}: {who} {did} {first.ago} s ago{stays}", "amber", LONG)
        else:
            rest = f" · {self._back}" if acted.changed else ""
            was = "did that" if same else "was quicker"
            self.say(f"{acted.verb}: {count(acted.changed)}; {n:,} left alone: {who} {was}{rest}", "amber", LONG)

    def _failed(self, acted: Acted, before: Sequence[Row]) -> None:
        """The rows are what they were; what was marked is marked again."""
        way_back = f"; {self.key('app.undo')} takes back what was done" if acted.half else ""
        self.say(f"{acted.error}{way_back}", "red", LONG)
        self.stream.feed.keep(before)
        if len(acted.ids) > 1 and not self.marks and not acted.half:
            self.marks.take(acted.ids)
        self.stream.refresh()
        self.update()

    def _went_back(self, acted: Acted) -> None:
        """Say what was taken back, and go there when it is one mention of this list."""
        if not acted.text:
            self.say(f"there is nothing to {acted.verb}")
            return
        only = acted.touched[0] if len(acted.touched) == 1 else None
        if only is None:
            self.say(acted.text, seconds=LONG)
            return
        row = self.stream.feed.row(only)
        self.stream.go(lambda feed: feed.go_to(only))
        self.say(f"{acted.text} · {_name(row)}" if row else f"{acted.text} · it is not in this list")


def _told(number: int, hidden: int) -> str:
    """`12 mentions, 7 of them off screen`."""
    return count(number) + (f", {hidden:,} of them off screen" if hidden else "")


def _name(row: Row | None) -> str:
    """Whom a message is about."""
    if row is None:
        return "the mention"
    return sure(row.author) if row.author else one_line(row.title or row.text, 40)
