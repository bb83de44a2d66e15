"""How far objectives are, for the rules that watch them: looked at seldom, in a thread of its own."""

from __future__ import annotations

import asyncio
import logging
import math
import threading
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from pathlib import Path

from listen.alerts.rules import Rule
from listen.clock import Clock
from listen.insight.objectives import Progress, one_by_one
from listen.store.read import Reader
from listen.store.sqlite import StoreError

EVERY = 3_600.0
"""Seconds between two looks: what is promised for weeks does not change by the minute."""

REST = 10.0
"""Real seconds between two looks, however fast the clock is played."""

log = logging.getLogger("listen.alerts")

Heed = Callable[[Sequence[Progress]], Awaitable[None]]


class Promises:
    """Looks while any rule wants to know."""

    def __init__(self, store: Path, clock: Clock) -> None:
        self._store, self._clock = store, clock
        self._looked_at = self._rests_until = -math.inf
        self._looking: asyncio.Task[None] | None = None
        self._ended = threading.Event()

    def anew(self) -> None:
        """Objectives or rules may be others: look soon."""
        self._looked_at = self._rests_until = -math.inf

    def look(self, rules: Iterable[Rule], heed: Heed) -> None:
        """Begin a look where it is time for one; what a look before met is raised here: StoreError."""
        if self._looking is not None and self._looking.done():
            task, self._looking = self._looking, None
            task.result()
        now = self._clock.now()
        rests = 0 <= now - self._looked_at < EVERY or time.monotonic() < self._rests_until
        if self._looking is None and not rests and any(rule.when == "objective" for rule in rules):
            self._looked_at, self._rests_until = now, time.monotonic() + REST
            self._looking = asyncio.create_task(self._look(heed, now))

    async def _look(self, heed: Heed, now: float) -> None:
        try:
            found = await asyncio.to_thread(self._progress, now)
        except StoreError:
            raise
        except Exception:  # a fault of ours: the other rules go on
            log.exception("how far objectives are cannot be worked out")
            return
        await heed(found)

    def _progress(self, now: float) -> list[Progress]:
        found: list[Progress] = []
        with Reader(self._store) as reader:
            for one in one_by_one(reader, reader.objectives(), now=now):
                found.append(one)
                if self._ended.is_set():  # a thread that nobody waits for would keep the collector from ending
                    break
        return found

    async def end(self) -> None:
        """Stop."""
        self._ended.set()
        if self._looking is not None:
            self._looking.cancel()
            await asyncio.gather(self._looking, return_exceptions=True)
