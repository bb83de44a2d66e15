"""What screens beside the stream have in common: people act there, it is told, and it can be taken back."""

from __future__ import annotations

from collections.abc import Callable

from listen.console.answers import Acted
from listen.console.clerk import Action
from listen.console.format import sure
from listen.console.screens.marking import LONG, READ_ONLY
from listen.console.screens.place import Place
from listen.store.triage import Done, Triage

MARKED = "mark set"


def marking(text: str, topic: str | None, at: float) -> Callable[[Triage], Done]:
    """Sets what happens at that time (Unix seconds) beside the numbers of a topic, or of all; or says what is amiss."""

    def mark(triage: Triage) -> Done:
        try:
            done = triage.mark(text, at, topic)[1]
        except ValueError as error:
            return Done(str(error), 0)
        return Done(f"{done.text}, now, for {sure(topic) if topic else 'all topics'}", 1)

    return mark


class Acting(Place):
    """A screen on which something can be done."""

    @property
    def marked_topic(self) -> str | None:
        """The topic that this screen is about, None for all of them."""
        return None

    def mark_time(self, text: str) -> None:
        """`TV ad`: what happens now, beside the numbers of the topic that is shown here, or of all."""
        self.act(MARKED, marking(text, self.marked_topic, self.desk.clock.now()))

    def act(self, verb: str, action: Action) -> bool:
        """Have something done; the answer comes as `Acted`. False, and said, when this console only reads."""
        if self.desk.hands is None:
            self.say(READ_ONLY, "amber")
            return False
        self.desk.hands.do(verb, (), action, self.hear)
        return True

    def undo(self) -> None:
        self.act("undo", Triage.undo)

    def redo(self) -> None:
        self.act("redo", Triage.redo)

    def tell_acted(self, acted: Acted) -> None:
        """Say what was done, or why it was not."""
        if acted.error is not None:
            self.say(acted.error, "red", LONG)
        else:
            self.say(acted.text or f"there is nothing to {acted.verb}", seconds=LONG)
