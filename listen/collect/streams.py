"""The supervisor of all streams: one task for each channel that is listened to over a socket.

`settle` is told every second which channels those are, so whatever changed (the configuration, a switch, a pause of the
store, the clock) is heeded in one place. What readers of the store see of it is the fact `streams`.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any

from listen.clock import Clock
from listen.collect.channels import Watch, stored
from listen.collect.events import Event
from listen.collect.health import Health, Timer
from listen.collect.kit import Kit
from listen.collect.listener import Fault, Listener, Told
from listen.collect.writing import Scribe
from listen.store import live
from listen.store.condition import advice
from listen.store.sqlite import StoreError

AGAIN = 6 * 3_600.0
"""Seconds after which a channel that is asked now and then, because its stream was refused, is tried as one again."""

PUBLISHED = 15.0
"""Real seconds between two records of how fast the streams are, in the store."""

BROKEN = 60.0
"""Seconds before a stream that failed in our own code is listened to again."""

log = logging.getLogger("listen.collect")

Failed = Callable[[StoreError], Awaitable[None]]


class Streams:
    """The streams under way."""

    def __init__(self, scribe: Scribe, clock: Clock, health: Health, tried: Told, failed: Failed) -> None:
        """`tried` is told what became of a channel that somebody asked to try; `failed`: the store takes no more."""
        self._scribe, self._clock, self._health = scribe, clock, health
        self._tried, self._failed = tried, failed
        self._running: dict[int, tuple[Listener, asyncio.Task[None]]] = {}
        self._ending: set[asyncio.Task[None]] = set()
        self._over: dict[int, tuple[object, object]] = {}
        """Channels that were refused for good, with the settings that were."""
        self._polled: dict[int, tuple[float, Watch]] = {}
        """Channels that are asked now and then instead, and when they are tried as streams again."""
        self._published: Any = None
        self._counted: dict[int, tuple[float, int]] = {}
        self._timer = Timer(PUBLISHED)

    async def settle(self, kit: Kit, wanted: Mapping[int, Watch]) -> None:
        """Listen to exactly these, with this kit. Raises StoreError."""
        for number, (listener, task) in list(self._running.items()):
            watch = wanted.get(number)
            same = watch is listener.watch and (watch.source, watch.channel) == (listener.source, listener.channel)
            if not same or listener.kit.client is not kit.client:
                self._end(number, task)
        self._ending = {task for task in self._ending if not task.done()}
        for number, watch in wanted.items():
            if watch.wanted:
                await self._try(number, watch)
            if number not in self._running and self._over.get(number) != (watch.source, watch.channel):
                self._begin(kit, watch)
        self._over = {number: known for number, known in self._over.items() if number in wanted}
        self._try_again()
        await self._publish()

    def halt(self) -> None:
        """Listen to none until the next `settle`; nothing is written."""
        for number, (_, task) in list(self._running.items()):
            self._end(number, task)

    def _end(self, number: int, task: asyncio.Task[None]) -> None:
        del self._running[number]
        task.cancel()
        self._ending.add(task)

    def tasks(self) -> list[asyncio.Task[None]]:
        """All that has not ended yet."""
        return [*(task for _, task in self._running.values()), *self._ending]

    def _begin(self, kit: Kit, watch: Watch) -> None:
        listener = Listener(replace(kit, emit=self._health.passed), watch, self._tried)
        before = list(self._ending)
        task = asyncio.create_task(self._listen(listener, before), name=watch.name)
        self._running[watch.row.id] = listener, task

    async def _listen(self, listener: Listener, before: list[asyncio.Task[None]]) -> None:
        """Listen, once those that end have ended; whatever happens, the others go on."""
        if before:
            await asyncio.wait(before)
        watch, number = listener.watch, listener.watch.row.id
        try:
            self._refused(watch, await listener.run())
        except StoreError as error:
            await self._failed(error)
        except Exception as error:
            # A fault of ours. The stream is left alone for a while, and the others are not to suffer from it.
            log.exception("listening to %s failed", watch.name)
            place = (watch.source.name, watch.channel.label)
            words = f"{type(error).__name__} in our own code"
            fault = Event("error", self._clock.now(), *place, reason="internal", message=words)
            self._health.passed(fault)
            await self._clock.sleep(BROKEN)
        finally:
            if self._running.get(number, (None, None))[0] is listener:
                del self._running[number]

    def _refused(self, watch: Watch, fault: Fault) -> None:
        """Ask now and then instead, where that is possible; else nothing is asked until people change something."""
        if watch.channel.polled:
            watch.refused, watch.due = stored(advice(fault.message, fault.remedy)), self._clock.now()
            self._polled[watch.row.id] = self._clock.now() + AGAIN, watch
        else:
            self._over[watch.row.id] = watch.source, watch.channel

    def _try_again(self) -> None:
        for number, (at, watch) in list(self._polled.items()):
            if not watch.refused or at <= self._clock.now():
                watch.refused = ""
                del self._polled[number]

    async def _try(self, number: int, watch: Watch) -> None:
        """Somebody wants it tried: a connection that stands is the answer."""
        self._over.pop(number, None)
        listener, _ = self._running.get(number, (None, None))
        if listener is not None and listener.since is not None:
            watch.wanted = False
            await self._tried(watch, [])
        elif listener is not None:
            listener.wake()

    # --- for readers of the store ------------------------------------------------------------------------------------

    async def _publish(self) -> None:
        """Keep in the store since when each stream is connected, how much comes, how late, and what is not streamed."""
        standing = {number: listener.since for number, (listener, _) in self._running.items() if listener.since}
        instead = {number: watch.refused for number, (_, watch) in self._polled.items()}
        late = self._timer.due() and bool(standing)
        if (standing, instead) == (self._published or ({}, {})) and not late:
            return
        self._published, now = (standing, instead), self._clock.now()
        told = {number: live.Live(int(now), instead=why) for number, why in instead.items()}
        for number, since in standing.items():
            listener = self._running[number][0]
            lag = None if listener.lag is None else round(listener.lag, 1)
            told[number] = live.Live(int(now), int(since), self._rate(number, listener, now), lag)
        words = live.written(now, told)
        await self._scribe.do(lambda writer: writer.set_state(live.FACT, words))

    def _rate(self, number: int, listener: Listener, now: float) -> float:
        """Frames a second since the last record."""
        at, count = self._counted.get(number, (listener.since or now, 0))
        self._counted[number] = now, listener.frames
        return round(max(0, listener.frames - count) / max(1.0, now - at), 2)
