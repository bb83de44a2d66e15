"""A clock that tests turn by hand."""

from __future__ import annotations

import asyncio


class TurnedClock:
    """Stands still until it is turned; whoever sleeps turns it, and `slept` keeps for how long."""

    def __init__(self, now: float = 1_795_000_000.0) -> None:
        self._now = now
        self.slept: list[float] = []

    def now(self) -> float:
        return self._now

    def pace(self) -> float:
        return 1.0

    def turn(self, seconds: float) -> None:
        self._now += seconds

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self._now += seconds
        await asyncio.sleep(0)


class StillClock(TurnedClock):
    """Is turned by the test alone: whoever sleeps waits until he is no longer wanted."""

    async def sleep(self, seconds: float) -> None:
        await asyncio.Event().wait()
