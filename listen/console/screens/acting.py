"""What screens beside the stream have in common: people act there, it is told, and it can be taken back."""

from __future__ import annotations

from listen.console.answers import Acted
from listen.console.clerk import Action
from listen.console.screens.marking import LONG, READ_ONLY
from listen.console.screens.place import Place
from listen.store.triage import Triage


class Acting(Place):
    """A screen on which something can be done."""

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
