"""How the collector fares, as the store, the service manager and whoever watches are told."""

from __future__ import annotations

import json
import time
from collections import Counter
from dataclasses import replace
from typing import Any

from listen.clock import Clock
from listen.collect import systemd
from listen.collect.channels import Opened, Watch, stored
from listen.collect.events import Emit, Event, Kind
from listen.collect.rounds import Rounds
from listen.collect.writing import Scribe
from listen.secrets import mask
from listen.store.fares import Fare
from listen.store.write import Writer

BEAT = 15.0
"""Real seconds between two signs of life in the store."""


def _turned(writer: Writer) -> list[Fare]:
    """What has turned since the last look."""
    turned, writer.turned = writer.turned, []
    return turned


class Timer:
    """Comes round every so many real seconds, the first time at once."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._next = 0.0

    def due(self) -> bool:
        """Whether it has come round; then it starts again."""
        now = time.monotonic()
        if now < self._next:
            return False
        self._next = now + self.seconds
        return True

    def restart(self) -> None:
        self._next = time.monotonic() + self.seconds


class Health:
    """Counts, problems and signs of life."""

    def __init__(self, scribe: Scribe, clock: Clock, rounds: Rounds, emit: Emit) -> None:
        self._scribe, self._clock, self._rounds, self._emit = scribe, clock, rounds, emit
        self.doing = ""
        """What takes long and goes on in the background."""
        self._began = int(clock.now())
        self._stored = 0
        self._dropped: Counter[str] = Counter()
        self._problems: dict[str, str] = {}
        self._beat = Timer(BEAT)
        self._watchdog = Timer(systemd.watchdog_seconds() or 0.0)

    def tell(self, kind: Kind, watch: Watch | None = None, **more: Any) -> None:
        """Emit an event of the collector, or of one of its channels."""
        event = Event(kind, self._clock.now(), **more)
        if watch is not None:
            event = replace(event, source=watch.source.name, channel=watch.channel.label)
        self.passed(event)

    def closed(self, opened: Opened) -> None:
        """A source that cannot be opened, so that there is no channel to tell of it."""
        if opened.error is not None:
            words, remedy = mask(opened.error.message), mask(opened.error.remedy)
            name, reason = opened.source.name, opened.error.reason
            self.passed(Event("error", self._clock.now(), name, "", reason=reason, message=words, remedy=remedy))

    def passed(self, event: Event) -> None:
        """Count an event and pass it on."""
        self._stored += event.new
        if event.dropped:
            self._dropped[event.source] += event.dropped
        self._emit(event)

    async def fares(self) -> None:
        """Tell of channels that have fallen quiet, died or come back. Raises StoreError."""
        for one in await self._scribe.do(_turned):
            words = f"{one.fare}: {one.words}" if one.fare else "well again"
            told = Event("fare", one.at, one.source, one.channel, reason=one.fare, message=words)
            self.passed(told)

    def status(self) -> str:
        """One line for people."""
        watches = self._rounds.watches.values()
        ill = sum(1 for watch in watches if watch.row.errors)
        told = f"{len(watches)} channels, {ill} with an error, {self._stored} mentions since the start"
        return f"{told}; {self.doing}" if self.doing else told

    async def problem(self, subject: str, words: str) -> None:
        """Keep in the store what is wrong with the collector, for consoles to show; no words: it is over.

        Raises StoreFull when not even that can be written.
        """
        self._problems[subject] = stored(words, 2_000)
        told = "; ".join(problem for problem in self._problems.values() if problem) or None

        def write(writer: Writer) -> None:
            who = json.loads(writer.state("collector") or "{}")
            writer.set_state("collector", json.dumps({**who, "problem": told}))

        await self._scribe.do(write)

    async def beat(self) -> None:
        """A sign of life, and how many posts were dropped because their source keeps matched ones only."""
        if not self._beat.due():
            return
        await self._scribe.do(Writer.beat)
        if self._dropped:
            told = json.dumps({"since": self._began, "sources": self._dropped})
            await self._scribe.do(lambda writer: writer.set_state("dropped", told))
        systemd.notify(systemd.status(self.status()))

    def feed_watchdog(self) -> None:
        """Only when both the loop, which calls this, and the writer have come round: what hangs is started anew."""
        half = self._watchdog.seconds
        if half and time.monotonic() - self._scribe.progress < 2 * half and self._watchdog.due():
            systemd.notify("WATCHDOG=1")
