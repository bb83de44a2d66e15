"""Letters that did not arrive, on the alerts screen: they are sent again, or dropped for good."""

from __future__ import annotations

from listen.console.format import sure
from listen.console.letter_lines import many
from listen.console.screens.marking import LONG
from listen.console.screens.trying import RuleTrials
from listen.console.widgets.alarm_list import Entry
from listen.store.triage import Done, Triage
from listen.text import one_line


class Posting(RuleTrials):
    """What a person does with the letters under the cursor."""

    dropping: int | str | None
    """The key of the entry whose letters go when the same key is pressed again."""

    def action_try_now(self) -> None:
        """Send letters again; of a rule, ask what it would have done."""
        entry = self.list.current
        if entry is None or entry.stuck is None:
            super().action_try_now()
            return
        ids, to = entry.stuck.ids, sure(one_line(entry.stuck.target, 30))

        def act(triage: Triage) -> Done:
            n = triage.send_again(ids)
            return Done(f"{many(n)} to {to} will be sent again" if n else "there is nothing of that to send", 0)

        self.act("send", act)

    def drop(self, entry: Entry) -> None:
        """Never send letters; it cannot be undone, so it is said first, and done when the key is pressed again."""
        if entry.stuck is None:
            return
        ids, to, key = entry.stuck.ids, sure(one_line(entry.stuck.target, 30)), self.key("alert.dismiss")
        if self.desk.hands is not None and self.dropping != entry.key:
            self.dropping = entry.key
            self.say(f"{key} again drops {many(len(ids))} to {to} for good: that cannot be undone", "amber", LONG)
            return
        self.dropping = None

        def act(triage: Triage) -> Done:
            n = triage.drop_letters(ids)
            return Done(f"{many(n)} to {to} dropped" if n else "there is nothing of that to drop", 0)

        self.act("drop", act)
