"""The collector: asks every channel when it is due, stores what comes, and stays alive whatever the sources do."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import math
import signal
import time
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from listen.clock import Clock
from listen.collect import channels, disk, lock, systemd
from listen.collect.asked import Asked
from listen.collect.channels import Watch
from listen.collect.events import Emit, Event, Kind, silent
from listen.collect.files import Files
from listen.collect.http import Client, Limits
from listen.collect.process import WorkshopError
from listen.collect.visit import Kit, Shelf, visit
from listen.collect.workshop import Bounds, Workshop
from listen.collect.writing import Scribe, StoredHosts
from listen.config import Config
from listen.store.sqlite import StoreBusy, StoreError, StoreFull
from listen.store.write import LostLock, Writer

TICK = 1.0
"""Real seconds between two looks at requests, configuration files, disk and service manager."""

BEAT = 15.0
"""Real seconds between two signs of life in the store."""

PROBE = 5.0
"""Real seconds between two attempts to write while collecting is paused."""

VISITS = 4
"""Visits under way for each request that may be: most of them wait for their host or for the workshop."""

GRACE = 10.0
"""Real seconds that a batch has to finish when the collector is asked to stop."""

log = logging.getLogger("listen.collect")

Reload = Callable[[], Config]
"""Reads the configuration again. Raises an exception whose text says what is wrong with it."""


async def run(
    config: Config,
    store: Path,
    clock: Clock,
    *,
    emit: Emit = silent,
    reload: Reload | None = None,
    stop: asyncio.Event | None = None,
    standby: bool = False,
    forced: bool = False,
    signals: bool = True,
) -> None:
    """Collect into `store` until SIGTERM, SIGINT or `stop`; SIGHUP or a changed file calls `reload`.

    Raises Held when somebody else collects (`standby` waits instead) or takes over, StoreError when the store cannot be
    written, and WorkshopError never: without children nothing is read, and each channel says so.
    """
    held = await lock.standby(store) if standby else lock.CollectorLock(store)
    with held:
        collector = Collector(config, store, clock, emit=emit, reload=reload, stop=stop, forced=forced)
        with _signals(collector) if signals else contextlib.nullcontext():
            try:
                await collector.run()
            except LostLock:
                raise lock.Held(store, lock.holder(store) or lock.Holder(0, "", 0.0)) from None


@contextlib.contextmanager
def _signals(collector: Collector) -> Iterator[None]:
    loop = asyncio.get_running_loop()
    actions = {
        signal.SIGTERM: collector.stop.set,
        signal.SIGINT: collector.stop.set,
        signal.SIGHUP: collector.ask_to_reload,
    }
    for number, action in actions.items():
        loop.add_signal_handler(number, action)
    try:
        yield
    finally:
        for number in actions:
            loop.remove_signal_handler(number)


class Collector:
    """One run of the collector, under the lock."""

    def __init__(
        self,
        config: Config,
        store: Path,
        clock: Clock,
        *,
        emit: Emit = silent,
        reload: Reload | None = None,
        stop: asyncio.Event | None = None,
        forced: bool = False,
    ) -> None:
        self.config, self.store, self.clock, self.emit, self.reload = config, store, clock, emit, reload
        self.stop = stop or asyncio.Event()
        self.watches: dict[int, Watch] = {}
        self.paused = ""
        """Why nothing is collected at the moment."""
        self._scribe = Scribe(store, clock, forced=forced)
        self._kit: Kit
        self._running: dict[int, asyncio.Task[None]] = {}
        self._others: set[asyncio.Task[None]] = set()
        self._wake = asyncio.Event()
        self._fatal: StoreError | None = None
        self._reload_asked = False
        self._files = Files(config)
        self._next = dict.fromkeys(("tick", "beat", "probe", "watchdog"), 0.0)
        self._asked = Asked(self._scribe, clock)
        self._problems: dict[str, str] = {}
        self._stored = 0

    def ask_to_reload(self) -> None:
        self._reload_asked = True
        self._wake.set()

    async def run(self) -> None:
        """Collect until asked to stop. Raises StoreError."""
        try:
            await self._scribe.open()
            hosts = StoredHosts(self._scribe, await self._scribe.do(Writer.hosts))
            self._kit = self._make_kit(hosts)
            await self._asked.begin()
            await self._configure(self.config)
            systemd.notify("READY=1", systemd.status(self._status()))
            self._tell("ready", message=self._status())
            self._beside(self._warm())
            await self._collect()
        finally:
            systemd.notify("STOPPING=1")
            await self._end()

    def _beside(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._others.add(task)
        task.add_done_callback(self._others.discard)

    async def _warm(self) -> None:
        with contextlib.suppress(WorkshopError):  # each channel will say so when it needs a child
            await self._kit.workshop.warm()

    async def _collect(self) -> None:
        while not self.stop.is_set() and self._fatal is None:
            if time.monotonic() >= self._next["tick"]:
                await self._chores()
            self._launch()
            await self._wait()
        if self._fatal is not None:
            raise self._fatal

    async def _wait(self) -> None:
        """Until something is due, something has ended, or the next look around."""
        waits: list[asyncio.Task[object]] = [
            asyncio.create_task(self.stop.wait()),
            asyncio.create_task(self._wake.wait()),
        ]
        due = self._next_due()
        if due is not None:
            waits.append(asyncio.create_task(self.clock.sleep(due - self.clock.now())))
        try:
            await asyncio.wait(waits, timeout=TICK, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in waits:
                task.cancel()
        self._wake.clear()

    async def _end(self) -> None:
        """Fetches are broken off, the batch that is being written is finished."""
        if self.stop.is_set():
            self._tell("stopping")
        tasks = [*self._running.values(), *self._others]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=GRACE)
        if hasattr(self, "_kit"):
            await self._kit.client.aclose()
            await self._kit.workshop.close()
        await self._scribe.close()

    # --- visits ------------------------------------------------------------------------------------------------------

    def _waiting(self) -> list[Watch]:
        return [watch for number, watch in self.watches.items() if number not in self._running]

    def _next_due(self) -> float | None:
        """When the next channel is due; None when none waits or none may be asked."""
        if self.paused or len(self._running) >= VISITS * self.config.concurrency:
            return None
        return min((watch.due for watch in self._waiting()), default=None)

    def _launch(self) -> None:
        """Begin the visits that are due, the longest overdue first."""
        free = VISITS * self.config.concurrency - len(self._running)
        if self.paused or free <= 0:
            return
        now = self.clock.now()
        due = sorted((watch for watch in self._waiting() if watch.due <= now), key=lambda watch: watch.due)
        for watch in due[:free]:
            self._running[watch.row.id] = asyncio.create_task(self._visit(self._kit, watch), name=watch.name)

    async def _visit(self, kit: Kit, watch: Watch) -> None:
        """One visit; whatever happens in it, the others go on."""
        told: list[Event] = []
        try:
            await visit(replace(kit, emit=told.append), watch)
            await self._asked.visited(watch, told[-1] if told else None)
        except (StoreFull, StoreBusy) as error:
            await self._pause(str(error))
        except StoreError as error:
            self._fatal = error
        except Exception as error:
            # A fault of ours. The channel is left alone for a while, and the others are not to suffer from it.
            log.exception("the visit to %s failed", watch.name)
            watch.due = self.clock.now() + watch.pace()
            told.append(
                self._event("error", watch, reason="internal", message=f"{type(error).__name__} in our own code")
            )
        finally:
            del self._running[watch.row.id]
            self._wake.set()
        for event in told:
            self._stored += event.new
            self.emit(event)

    # --- configuration -----------------------------------------------------------------------------------------------

    def _make_kit(self, hosts: StoredHosts) -> Kit:
        limits, config = self.config.limits, self.config
        client = Client(
            self.clock,
            contact=config.contact,
            limits=Limits(
                wire=limits.wire,
                decoded=limits.decoded,
                total=limits.total,
                connect=limits.connect,
                redirects=limits.redirects,
            ),
            hosts=hosts,
            gap=config.gap,
            overall=config.concurrency,
        )
        bounds = Bounds(cpu=math.ceil(limits.cpu), wall=limits.wall, memory=limits.memory)
        workshop = Workshop(config.workers, bounds)
        self._hosts = hosts
        return Kit(client, workshop, self._scribe, self.clock, self.emit, Shelf())

    async def _configure(self, config: Config) -> None:
        """Watch the channels of that configuration. One that is being visited learns its new settings."""
        before = self.config
        self.config = config
        if (before.limits, before.contact, before.gap, before.concurrency, before.workers) != (
            config.limits, config.contact, config.gap, config.concurrency, config.workers,
        ):  # fmt: skip
            self._retire(self._kit)
            self._kit = self._make_kit(self._hosts)
        found, topics = await channels.watch(config, self._scribe, self.clock.now())
        self._kit.workshop.set_topics(topics)
        now = self.clock.now()
        kept: dict[int, Watch] = {}
        for watch in found:
            old = self.watches.get(watch.row.id)
            if old is not None:
                changed = old.source != watch.source
                old.source, old.adapter, old.channel = watch.source, watch.adapter, watch.channel
                old.due = min(old.due, now) if changed else old.due
            kept[watch.row.id] = old or watch
        self.watches = kept
        self._files.config = config

    def _retire(self, kit: Kit) -> None:
        """Let the visits under way finish with what they began with."""
        running = list(self._running.values())

        async def close() -> None:
            try:
                if running:
                    await asyncio.wait(running)
            finally:
                await kit.client.aclose()
                await kit.workshop.close()

        self._beside(close())

    async def _look_at_configuration(self) -> None:
        if self.reload is None:
            return
        changed = self._files.changed()
        if not changed and not self._reload_asked:
            return
        self._reload_asked = False
        systemd.notify("RELOADING=1", f"MONOTONIC_USEC={time.monotonic_ns() // 1000}")
        try:
            await self._configure(self.reload())
            self._tell("reloaded", message=self._status())
            await self._say("config", "")
        except StoreError:
            raise
        except Exception as error:
            self._tell("config-error", reason="config", message=str(error))
            await self._say("config", f"the changed configuration has a fault, so the old one still runs: {error}")
        systemd.notify("READY=1")

    # --- chores ------------------------------------------------------------------------------------------------------

    async def _chores(self) -> None:
        """What is looked at once a second. A store that cannot be written at the moment is a pause, not an end."""
        self._next["tick"] = time.monotonic() + TICK
        try:
            await self._look_at_disk()
            if not self.paused:
                await self._look_at_configuration()
                await self._look_at_requests()
                await self._beat()
                await self._tidy()
        except (StoreFull, StoreBusy) as error:
            await self._pause(str(error))
        self._feed_watchdog()

    def _once(self, what: str, every: float) -> bool:
        """Whether that chore is due, which is then its turn."""
        now = time.monotonic()
        if now < self._next[what]:
            return False
        self._next[what] = now + every
        return True

    async def _beat(self) -> None:
        if self._once("beat", BEAT):
            await self._scribe.do(Writer.beat)
            systemd.notify(systemd.status(self._status()))

    async def _tidy(self) -> None:
        """Upkeep in short steps, as long as nobody waits for the writer."""
        while not (self._running or self.stop.is_set()) and (self._next_due() or math.inf) > self.clock.now():
            if not await self._scribe.do(Writer.idle):
                return

    def _feed_watchdog(self) -> None:
        """Only when both this loop and the writer have come round: a service that hangs is started anew."""
        seconds = systemd.watchdog_seconds()
        if seconds and time.monotonic() - self._scribe.progress < 2 * seconds and self._once("watchdog", seconds):
            systemd.notify("WATCHDOG=1")

    async def _pause(self, why: str) -> None:
        if self.paused:
            return
        self.paused = why
        self._next["probe"] = time.monotonic() + PROBE
        self._tell("paused", reason="store", message=why)
        systemd.notify(systemd.status(f"paused: {why}"))
        with contextlib.suppress(StoreFull, StoreBusy):  # there may be no room left even for this
            await self._say("store", why)

    async def _look_at_disk(self) -> None:
        """Pause when room runs short, and go on when a write succeeds again."""
        short = disk.short_of_room(self.store, resuming=bool(self.paused))
        if not self.paused:
            if short:
                await self._pause(short)
        elif self._once("probe", PROBE) and not short:
            await self._say("store", "")
            self.paused = ""
            self._tell("resumed")

    async def _look_at_requests(self) -> None:
        if await self._asked.look(self.watches.values()):
            self._wake.set()

    # --- telling -----------------------------------------------------------------------------------------------------

    async def _say(self, subject: str, problem: str) -> None:
        """Keep in the store what is wrong with us, for consoles to show; an empty problem is over. Raises StoreFull."""
        self._problems[subject] = channels.stored(problem, 2_000)
        told = "; ".join(words for words in self._problems.values() if words) or None

        def write(writer: Writer) -> None:
            who = json.loads(writer.state("collector") or "{}")
            writer.set_state("collector", json.dumps({**who, "problem": told}))

        await self._scribe.do(write)

    def _tell(self, kind: Kind, **more: Any) -> None:
        self.emit(self._event(kind, None, **more))

    def _event(self, kind: Kind, watch: Watch | None = None, **more: Any) -> Event:
        event = Event(kind, self.clock.now(), **more)
        return replace(event, source=watch.source.name, channel=watch.channel.label) if watch else event

    def _status(self) -> str:
        ill = sum(1 for watch in self.watches.values() if watch.row.errors)
        return f"{len(self.watches)} channels, {ill} with an error, {self._stored} mentions since the start"
