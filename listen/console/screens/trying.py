"""Trying a rule on the alerts screen: the collector is asked what it would have done, and what it answers is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from listen.console import replays
from listen.console.alarms import Board
from listen.console.clerk import Clerk
from listen.console.heartbeat import Heartbeat
from listen.console.replays import Numbered, Replies
from listen.console.screens.acting import Acting
from listen.console.screens.marking import LONG, READ_ONLY
from listen.console.trial import Trial
from listen.console.widgets.alarm_list import AlertList
from listen.store import requests
from listen.store.triage import Triage
from listen.text import one_line

if TYPE_CHECKING:
    from listen.console.app import ListenApp
    from listen.console.screens.stream import StreamScreen


class RuleTrials(Acting):
    """What a person asks of the rule under the cursor."""

    list: AlertList
    board: Board
    clerk: Clerk
    heartbeat: Heartbeat
    trials: dict[str, Trial]
    """What was tried since the screen is there, by the rule's name."""
    tried: int | str | None
    """The key of the entry of which the pane shows that; None: it shows what is under the cursor."""

    def _draw_detail(self) -> None:
        """Show what is to stand in the pane."""
        raise NotImplementedError

    async def action_note(self) -> None:
        """Type a note that acknowledges."""
        raise NotImplementedError

    def action_try_now(self) -> None:
        """Ask the collector what the rule would have done."""
        entry = self.list.current
        if entry is None:
            self.say("there is no rule here")
        elif self.desk.hands is None:
            self.say(f"{READ_ONLY}; listen alerts test {one_line(entry.name, 30)} tells it", "amber", LONG)
        else:
            known = self.trials.get(entry.name)
            if known is None or not known.open:
                self._try(entry.name)
            self.tried = entry.key
            self._draw_detail()

    async def action_edit(self) -> None:
        """A note of an alert; of a rule what it says."""
        if self.list.current is not None and self.list.current.is_rule:
            self.action_edit_rule()
        else:
            await self.action_note()

    def action_edit_rule(self) -> None:
        """What a rule, or that of an alert, says."""
        entry, stream = self.list.current, self._stream
        if entry is None or entry.stuck is not None:
            self.say(f"there is no rule here; {self.key('app.palette')}rule new begins one")
        elif stream is not None:
            stream.edit_rule(entry.name)

    def action_on_off(self) -> None:
        """Watch by a rule, or no longer."""
        entry, stream = self.list.current, self._stream
        rule = self.board.rules.get(entry.name) if entry is not None else None
        if rule is None:
            self.say("there is no rule here")
        elif stream is not None:
            stream.switch_rule(rule.name, rule.off)

    @property
    def _stream(self) -> StreamScreen | None:
        """The stream has what a change of the configuration is asked by, and follows it."""
        return cast("ListenApp", self.app).stream

    def _try(self, rule: str) -> None:
        body: dict[str, Any] = {"rule": rule, "since": self.desk.clock.now() - replays.DAYS * replays.DAY}
        known = self.board.rules.get(rule)
        if known is not None and known.off:
            from listen.config import rules

            body["entry"] = rules.entry(known.said)[0]

        def ask(triage: Triage) -> None:
            self.hear(Numbered(rule, requests.ask(triage.connection, replays.KIND, body, triage.who, triage.clock)))

        self.trials[rule] = Trial(rule, collected=not self.heartbeat.silent)
        self.act("ask", ask)

    def _numbered(self, told: Numbered) -> None:
        """The request is in the store."""
        if told.rule in self.trials:
            self.trials[told.rule].number = told.number
            self._ask_trials()

    def _ask_trials(self) -> None:
        waiting = [one.number for one in self.trials.values() if one.open and one.number is not None]
        if waiting:
            self.clerk.ask("replies", replays.replies(waiting))

    def _replied(self, told: Replies) -> None:
        for request in told.requests:
            trial = next((one for one in self.trials.values() if one.number == request.id), None)
            if trial is not None and trial.see(request):
                words = one_line(f"{trial.name}: {replays.told(trial)}", 200)
                self.say(words, "plain" if trial.good else "amber", LONG)

    def _look_at_trials(self) -> None:
        """Whether anybody collects may have changed, and how long one waits."""
        for trial in self.trials.values():
            trial.collected = not self.heartbeat.silent
        if self.tried is not None:
            self._draw_detail()

    def _failed_to_ask(self) -> None:
        """A request that never reached the store is asked no more."""
        self.trials = {name: one for name, one in self.trials.items() if one.number is not None or not one.open}
        self._leave_trial()

    def _leave_trial(self) -> bool:
        """Back to what is under the cursor; False when that is shown already."""
        left, self.tried = self.tried, None
        if left is not None:
            self._draw_detail()
        return left is not None
