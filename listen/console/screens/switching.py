"""The verbs of the sources screen: read its mentions, try it now, switch it off and on, take that back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from listen.console.answers import Acted
from listen.console.panels import rejects
from listen.console.roster import Entry, Key
from listen.console.screens.acting import Acting
from listen.console.screens.marking import LONG
from listen.console.trial import Trial
from listen.query.named import facet_query
from listen.store import requests
from listen.store.switches import Target
from listen.store.triage import Done, Triage
from listen.text import one_line

if TYPE_CHECKING:
    from listen.console.heartbeat import Heartbeat
    from listen.console.widgets.about import AboutPane
    from listen.console.widgets.roster_list import RosterList


class SourceVerbs(Acting):
    """What people do with the source or channel under the cursor."""

    list: RosterList
    detail: AboutPane
    heartbeat: Heartbeat
    trials: dict[Key, Trial]

    def update(self) -> None:
        """Bring everything up to date."""
        raise NotImplementedError

    def _ask(self, *, anew: bool = False) -> None:
        """Look how things are."""
        raise NotImplementedError

    def read(self) -> None:
        """The mentions of a source; from its detail what was set aside of it."""
        entry = self.list.current
        if entry is None:
            return
        if self.focused is self.detail:
            rejects(self.listen, self.desk, entry.channel.id if entry.channel else None)
        else:
            self.listen.open_stream(facet_query("source", entry.source))

    def action_try_now(self) -> None:
        """Ask the collector to ask it now."""
        entry = self.list.current
        if entry is None:
            self.say("there is no source here")
        elif entry.state == "off":
            self.say(f"{_name(entry)} is off; {self.key('alert.toggle')} switches it on", "amber")
        elif (known := self.trials.get(entry.key)) is not None and known.open:
            self.say(f"{_name(entry)}: {known.told()}")
        else:
            self._try(entry)

    def _try(self, entry: Entry) -> None:
        key, channel = entry.key, entry.channel
        body = {"channel": channel.id} if entry.nested and channel is not None else {"source": entry.source}

        def ask(triage: Triage) -> None:
            self.hear((key, requests.ask(triage.connection, "try", body, triage.who, triage.clock)))

        if self.act("try", ask):
            trouble = self.heartbeat.told()[1]
            trial = self.trials[key] = Trial(_name(entry), collected=not trouble)
            self.say(f"{trial.name}: {trial.told()}", "amber" if trouble else "plain")
            self.update()

    def _asked(self, key: Key, number: int) -> None:
        """The request is in the store."""
        if key in self.trials:
            self.trials[key].number = number
            self._ask()

    def _answer(self, trial: Trial) -> None:
        self.say(f"{trial.name}: {trial.told()}", "plain" if trial.good else "amber", LONG)

    def action_on_off(self) -> None:
        """Switch a source or a channel off, or on again."""
        entry = self.list.current
        if entry is None:
            self.say("there is no source here")
            return
        whole = any(one.whole for one in entry.channels)
        if not any(one.active for one in entry.channels):
            self.say(f"{_name(entry)}: change it in the configuration; it is not there, or not enabled", "amber")
        elif entry.nested and whole:
            toggle = self.key("alert.toggle")
            self.say(f"all of {one_line(entry.source, 40)} is off; {toggle} on its first line switches it on", "amber")
        elif entry.nested:
            self._switch(entry, [(entry.source, entry.channels[0].key)])
        elif entry.state == "off" and not whole:  # one by one
            self._switch(entry, [(entry.source, one.key) for one in entry.channels if one.off_at is not None])
        else:
            self._switch(entry, [(entry.source, "")])

    def _switch(self, entry: Entry, targets: Sequence[Target]) -> None:
        on = entry.state == "off"
        name, back, waits = _name(entry), self.key("app.undo"), self.heartbeat.told()[1]

        def act(triage: Triage) -> Done:
            done = triage.switch(targets, on)
            later = ", once somebody collects" if waits else ""
            told = f"{name}: {done.text}{later} · {back} takes it back"
            return Done(told if done.count else f"{name} is so already", 0)

        self.act("switch", act)

    def _acted(self, acted: Acted) -> None:
        if acted.error is not None:
            self.say(acted.error, "red", LONG)
        elif acted.verb in ("undo", "redo"):
            self.say(acted.text or f"there is nothing to {acted.verb}")
        elif acted.text:
            self.say(acted.text)
        self._ask()


def _name(entry: Entry) -> str:
    """Whom a message is about."""
    return one_line(entry.label if entry.nested and entry.label else entry.source, 40)
