"""What stands around the list, as far as the store has told it: topics, views, sources, numbers, who collects."""

from __future__ import annotations

import time
from collections.abc import Sequence

from listen.console import counting, questions
from listen.console.answers import Everything, Glance, Tallied
from listen.console.desk import Desk
from listen.console.heartbeat import Heartbeat
from listen.console.saved import Pace, Saved, Tally, of_desks
from listen.store.pulse import Pulse


class Surroundings:
    """Asks for it, and keeps what was told last, so that going from topic to topic shows numbers at once."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self.glance = Glance()
        self.heartbeat = Heartbeat(desk.clock, starting=desk.collects)
        self.pulses: dict[str | None, Pulse] = {}
        """Topic, None for everything -> how loud it was when that was asked last."""
        self.tallies: dict[Saved, Tally] = {}
        self._pace = Pace()
        self._minute = 0.0

    def ask(self, topic: str | None) -> None:
        """Ask how things are; `topic` is the folded name of the one that is shown."""
        self._minute = self._desk.clock.now() // 60
        self._desk.details.ask("glance", questions.glance(topic, self._desk.clock, self._desk.who))
        self._desk.counts.ask("everything", questions.everything(self._desk.clock))

    def changed(self) -> None:
        """Something was written."""
        self._pace.stale = True

    def tick(self, topic: str | None) -> None:
        """Numbers of the last hour change by themselves, if slowly."""
        if self._desk.clock.now() // 60 != self._minute:
            self.ask(topic)
        self._count()

    def told(self, answer: Glance | Everything | Tallied) -> None:
        """The store has answered."""
        match answer:
            case Glance() as glance:
                self.glance = glance
                self.heartbeat.see(glance.collector, glance.heard)
                if glance.pulse is not None:
                    self.pulses[glance.topic] = glance.pulse
                self._count()
            case Everything(pulse):
                self.pulses[None] = pulse
            case Tallied(tallies, cost):
                self.tallies |= tallies
                if cost is not None:
                    self.tallies = {view: tally for view, tally in self.tallies.items() if view in self._counted}
                    self._pace.done(cost, time.monotonic())

    def _count(self) -> None:
        if self._pace.due(self._counted, time.monotonic()):
            self._desk.counts.ask("tallies", counting.tallies(self._counted, self._desk.clock))

    @property
    def _counted(self) -> Sequence[Saved]:
        """Saved queries that have a count beside them."""
        return (*self.glance.views, *self.glance.covered, *of_desks(self.glance.desks))
