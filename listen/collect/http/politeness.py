"""Whose turn it is: hosts that asked for a pause, a few requests at a time, a gap between two to one host.

A host is `host:port`. Pauses are kept in a `HostStore`, so that a restart does not forget them; they and the gap are
times of the injected clock.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Protocol

from listen.clock import Clock
from listen.collect.http.headers import DAY, LONGEST_WAIT
from listen.collect.http.records import FetchError, Rate

FIRST_PAUSE = 60.0
"""The longest first pause where a host does not say how long; it doubles up to a day."""
SHORTEST_PAUSE = 1.0
SLOW = 10.0
"""Real seconds after which a request that is still going on leaves its place at the host to another one: a host that
hangs on one feed may be well with its others."""
SLOW_AT_ONCE = 2
"""Requests of a host that may do so at a time: one that is slow as a whole is not to be burdened more and more."""
_HIGHEST_LEVEL = 12
"""60 s doubled eleven times is more than a day."""
_REMEMBERED = 4_096
"""Hosts whose last turn is kept, so that redirects to ever new names cost no memory."""


@dataclass(frozen=True, slots=True)
class Manners:
    """What is known of a place that wants more patience than others."""

    queue: str
    """Its names share one queue."""
    gap: float
    """Least seconds between two requests."""
    shy: bool = False
    """It says 403 where others say 429."""


_REDDIT = Manners("reddit.com", 61.0, shy=True)
MANNERS = {
    "reddit.com": _REDDIT, "www.reddit.com": _REDDIT, "old.reddit.com": _REDDIT,
    "api.gdeltproject.org": Manners("api.gdeltproject.org", 5.0),
    "lobste.rs": Manners("lobste.rs", 60.0),
}  # fmt: skip
"""By host. Reddit: about one question a minute for an address, whatever is asked (its interface for apps is another
host); GDELT: "one request every 5 seconds"; Lobsters gives random answers to those in a hurry."""


def manners(place: str) -> Manners | None:
    """What is known of `host:port`."""
    return MANNERS.get(place.rpartition(":")[0])


@dataclass(frozen=True, slots=True)
class HostState:
    """Not to be asked before `not_before`, after `level` refusals in a row, the last for `reason`."""

    not_before: float
    level: int = 0
    reason: str = ""


class HostStore(Protocol):
    """Where pauses outlive the process."""

    def get(self, host: str) -> HostState | None: ...

    def put(self, host: str, not_before: int, level: int, reason: str) -> None: ...


class MemoryHosts:
    """Pauses that last as long as the process, for one-off fetches."""

    def __init__(self) -> None:
        self.states: dict[str, HostState] = {}

    def get(self, host: str) -> HostState | None:
        return self.states.get(host)

    def put(self, host: str, not_before: int, level: int, reason: str) -> None:
        self.states[host] = HostState(not_before, level, reason)


@dataclass(slots=True)
class _Seat:
    """A host's few places, and the earliest moment for its next request."""

    places: asyncio.Semaphore
    users: int = 0
    free_at: float = -math.inf
    slow: int = 0
    """Requests under way that have given up their place."""

    @asynccontextmanager
    async def place(self) -> AsyncIterator[None]:
        """Wait for a place and hold it, for SLOW seconds at most while few others are as slow."""
        await self.places.acquire()
        gone = False

        def give_up() -> None:
            nonlocal gone
            if self.slow < SLOW_AT_ONCE:
                gone, self.slow = True, self.slow + 1
                self.places.release()

        timer = asyncio.get_running_loop().call_later(SLOW, give_up)
        try:
            yield
        finally:
            timer.cancel()
            if gone:
                self.slow -= 1
            else:
                self.places.release()


class Turns:
    """Gives out turns, and keeps what hosts said about asking again."""

    def __init__(
        self, clock: Clock, store: HostStore, *, gap: float, per_host: int, overall: int, random: Callable[[], float]
    ) -> None:
        self._clock, self._store, self._random = clock, store, random
        self._gap, self._per_host = gap, per_host
        self._overall = asyncio.Semaphore(overall)
        self._seats: dict[str, _Seat] = {}

    @asynccontextmanager
    async def turn(self, host: str, *, spaced: bool = True) -> AsyncIterator[None]:
        """Wait for a turn and hold it. Raises FetchError `waiting`, now or after the queue, when the host paused us.

        Names of one place (`MANNERS`) wait in one queue.

        A host's place is taken before one of the few places overall, so that many requests to one slow host do not
        keep others out. `spaced` is False for a redirect within the host that was just asked.
        """
        self._refuse_paused(host)
        known = manners(host)
        seat = self._seat(known.queue if known else host)
        seat.users += 1
        try:
            async with seat.place():
                if spaced:
                    await self._keep_distance(seat, max(self._gap, known.gap if known else 0.0))
                async with self._overall:
                    self._refuse_paused(host)
                    yield
        finally:
            seat.users -= 1

    def _seat(self, host: str) -> _Seat:
        if host not in self._seats and len(self._seats) >= _REMEMBERED:
            now = self._clock.now()
            self._seats = {name: seat for name, seat in self._seats.items() if seat.users or seat.free_at > now}
        return self._seats.setdefault(host, _Seat(asyncio.Semaphore(self._per_host)))

    async def _keep_distance(self, seat: _Seat, gap: float) -> None:
        now = self._clock.now()
        # Those who wait before us need a gap each: more than that is a clock that was set back in between.
        start = max(now, min(seat.free_at, now + gap * seat.users))
        seat.free_at = start + gap
        if start > now:
            await self._clock.sleep(start - now)

    def _refuse_paused(self, host: str) -> None:
        state = self._known(host)
        if state is not None and state.not_before > self._clock.now():
            raise FetchError(
                "waiting",
                f"{host} asked us to pause ({state.reason or 'no reason kept'})",
                "nothing to do: listen asks again when the pause is over",
                retry_at=state.not_before,
            )

    def _known(self, host: str) -> HostState | None:
        """What is kept of a host; a pause longer than any was begun by a clock that has been set back since."""
        state = self._store.get(host)
        if state is None or state.not_before <= self._clock.now() + LONGEST_WAIT + 1.0:
            return state
        return replace(state, not_before=0.0)

    def refused(self, host: str, reason: str, stated: float | None, rate: Rate) -> float:
        """Begin or lengthen a pause after a refusal and return when it ends.

        The host's own words win (`stated` seconds, else the reset of its allowance); else a random time below a ceiling
        that doubles with each refusal ("full jitter": Brooker, Exponential Backoff And Jitter, 2015).
        """
        now = self._clock.now()
        known = self._known(host)
        level = min((known.level if known else 0) + 1, _HIGHEST_LEVEL)
        wait = stated
        if wait is None and rate.reset_at is not None and rate.reset_at > now:
            wait = min(rate.reset_at - now, DAY)
        if wait is None:
            wait = max(SHORTEST_PAUSE, self._random() * min(FIRST_PAUSE * 2 ** (level - 1), DAY))
        until = max(math.ceil(now + wait), math.ceil(known.not_before) if known else 0)
        self._store.put(host, until, level, reason)
        return float(until)

    def rest(self, host: str, seconds: float) -> None:
        """Begin or lengthen a pause that is no refusal."""
        known = self._known(host)
        until = math.ceil(self._clock.now() + min(seconds, DAY))
        self._store.put(host, max(until, math.ceil(known.not_before) if known else 0), 0, "it asked to be left alone")

    def answered(self, host: str, began: float, rate: Rate) -> None:
        """Forget refusals after a success, and pause when the allowance is all but used up.

        A request that began before the pause did proves nothing about it.
        """
        now = self._clock.now()
        known = self._known(host)
        if known is not None and known.not_before > began:
            return
        if rate.left is not None and rate.left <= 1 and rate.reset_at is not None and rate.reset_at > now:
            self._store.put(host, math.ceil(min(rate.reset_at, now + DAY)), 0, "allowance used up")
        elif known is not None and (known.level or known.not_before):
            self._store.put(host, 0, 0, "")
