"""Which channels are visited now, and when the next one is due: few at a time, and few of one host."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Iterable

from listen.collect import schedule
from listen.collect.channels import Watch
from listen.collect.http.politeness import SLOW, SLOW_AT_ONCE

PER_HOST = 2
"""Visits to one host at a time: as many as the client lets through, so that no place is spent on waiting."""


class Rounds:
    """The channels on watch, by their number in the store, and the visits under way."""

    def __init__(self) -> None:
        self.watches: dict[int, Watch] = {}
        self.running: dict[int, asyncio.Task[None]] = {}
        self._begun: dict[int, float] = {}
        self.off: frozenset[int] = frozenset()
        """Channels that somebody switched off: they stay as they are until they are switched on."""

    def begin(self, number: int, task: asyncio.Task[None]) -> None:
        """A visit is under way."""
        self.running[number], self._begun[number] = task, time.monotonic()

    def end(self, number: int) -> None:
        """It has ended."""
        del self.running[number], self._begun[number]

    def configure(self, found: Iterable[Watch], now: float) -> None:
        """Watch these from now on. One that is known goes on from where it is; with new settings it is due at once."""
        kept: dict[int, Watch] = {}
        for watch in found:
            old = self.watches.get(watch.row.id)
            if old is not None:
                changed = old.source != watch.source or old.channel != watch.channel
                old.source, old.adapter, old.channel, old.host = watch.source, watch.adapter, watch.channel, watch.host
                old.accounts = watch.accounts
                old.due = min(old.due, now) if changed else old.due
                old.refused = "" if changed else old.refused
                old.seen = frozenset()  # other topics may want what was dropped
            kept[watch.row.id] = old or watch
        self.watches = kept

    def switch(self, off: frozenset[int], now: float) -> bool:
        """Leave these channels alone from now on; one that is on again is due at once. Whether anything has changed."""
        for number in (self.off - off) & self.watches.keys():
            self.watches[number].due = now
        changed, self.off = self.off != off, off
        return changed

    def shift(self, seconds: float) -> None:
        """The clock was set: what was planned moves with it, so that nobody waits for the time to come round again."""
        for watch in self.watches.values():
            watch.due += seconds if watch.due < schedule.NEVER else 0.0

    def due(self, now: float, most: int) -> list[Watch]:
        """Those to visit now, the longest overdue first, so that at most `most` visits are under way."""
        busy = self._busy()
        free = most - len(self.running)
        chosen: list[Watch] = []
        for watch in sorted(self._waiting(), key=lambda watch: watch.due):
            if watch.due > now or len(chosen) >= free:
                break
            if busy[watch.host] < PER_HOST:
                busy[watch.host] += 1
                chosen.append(watch)
        return chosen

    def next_due(self, most: int) -> float | None:
        """When the next visit can begin; None when that takes the end of another one first."""
        if len(self.running) >= most:
            return None
        busy = self._busy()
        return min((watch.due for watch in self._waiting() if busy[watch.host] < PER_HOST), default=None)

    def _waiting(self) -> list[Watch]:
        return [
            watch
            for number, watch in self.watches.items()
            if number not in self.running and number not in self.off and not watch.streams
        ]

    def on(self) -> list[Watch]:
        """Those that nobody switched off."""
        return [watch for number, watch in self.watches.items() if number not in self.off]

    def streaming(self) -> dict[int, Watch]:
        """Those to listen to over a socket now."""
        return {
            number: watch
            for number, watch in self.watches.items()
            if watch.streams and number not in self.running and number not in self.off
        }

    def _busy(self) -> Counter[str]:
        """Places taken of each host; few visits that take long count for none, as their requests keep none."""
        taken: Counter[str] = Counter()
        slow: Counter[str] = Counter()
        since = time.monotonic() - SLOW
        for number in self.running:
            if number in self.watches:
                kind = slow if self._begun.get(number, since) < since else taken
                kind[self.watches[number].host] += 1
        for host, count in slow.items():
            taken[host] += max(0, count - SLOW_AT_ONCE)
        return taken
