"""The one clock. Everything that asks for the time or waits asks a `Clock`; the demo and the tests turn it."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from typing import Protocol

VARIABLE = "LISTEN_CLOCK"
"""Environment variable by which the demo gives its clock to the processes that it starts."""


class Clock(Protocol):
    def now(self) -> float:
        """Unix time in seconds."""
        ...

    def pace(self) -> float:
        """How many seconds of this clock pass in a real one."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait for that many seconds of this clock."""
        ...


async def _sleep(seconds: float) -> None:
    import asyncio  # 40 ms, which commands that only read the clock need not pay

    await asyncio.sleep(max(0.0, seconds))


class SystemClock:
    """The machine's time."""

    def now(self) -> float:
        return time.time()

    def pace(self) -> float:
        return 1.0

    async def sleep(self, seconds: float) -> None:
        await _sleep(seconds)


@dataclass(frozen=True, slots=True)
class PlayedClock:
    """Plays `rate` seconds a second from `played` (reached at wall time `wall`) until it meets the real time.

    Once it has caught up with the wall clock it is the wall clock.
    """

    wall: float
    played: float
    rate: float

    def now(self) -> float:
        real = time.time()
        return min(real, self.played + (real - self.wall) * self.rate)

    def pace(self) -> float:
        return self.rate if self.now() < time.time() else 1.0

    async def sleep(self, seconds: float) -> None:
        await _sleep(seconds / self.pace())

    def __str__(self) -> str:
        return f"{self.wall!r}:{self.played!r}:{self.rate!r}"


def from_environment() -> Clock:
    """The clock that the parent process asked for, else the machine's."""
    spelled = os.environ.get(VARIABLE)
    if not spelled:
        return SystemClock()
    wall, played, rate = (float(part) for part in spelled.split(":"))
    return PlayedClock(wall, played, rate)
