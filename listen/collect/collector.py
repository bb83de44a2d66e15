"""The collector: asks every channel when it is due, stores what comes, and stays alive whatever the sources do."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Coroutine
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from listen.clock import Clock
from listen.collect import channels, desks, disk, lock, outside, systemd, topics
from listen.collect.accounts import Naming
from listen.collect.alarms import Alarms
from listen.collect.asked import Asked
from listen.collect.channels import Watch
from listen.collect.events import Emit, Event, silent
from listen.collect.files import Files
from listen.collect.health import Health, Timer
from listen.collect.hurry import Hurry
from listen.collect.kit import Kit, Shelf, client_of, same_kit, workshop_of
from listen.collect.matching import Matching
from listen.collect.process import WorkshopError
from listen.collect.receiving import Receiving
from listen.collect.refresh import Refreshing
from listen.collect.rescoring import Rescorer
from listen.collect.rounds import Rounds
from listen.collect.serving import Reload, serve
from listen.collect.streams import Streams
from listen.collect.visit import visit
from listen.collect.writing import Scribe, StoredHosts
from listen.config import Config
from listen.store import rematch, switches
from listen.store.sqlite import StoreBusy, StoreError, StoreFull
from listen.store.write import LostLock, Writer
from sources.base import Receives

TICK = 1.0
"""Real seconds between two looks at requests, configuration files, disk and service manager."""

PROBE = 5.0
"""Real seconds between two attempts to write while collecting is paused."""

UPKEEP = 0.5
"""Real seconds of upkeep between two looks around."""

BUSY_UPKEEP = 0.1
"""The same for matching anew while visits are under way: they wait for the writer no longer than that."""

VISITS = 4
"""Visits under way for each request that may be: the others wait for the workshop or for the writer."""

SET_BACK = 2.0
"""Seconds that the clock may go back without notice: services that keep it right move it by less."""

GRACE = 10.0
"""Real seconds that a batch has to finish when the collector is asked to stop."""

log = logging.getLogger("listen.collect")


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
    collector = Collector(config, store, clock, emit=emit, reload=reload, stop=stop, forced=forced)
    heeding = outside.signals(collector.stop.set, collector.ask_to_reload) if signals else contextlib.nullcontext()
    with heeding:
        held = await outside.stand_by(store, collector.stop) if standby else lock.CollectorLock(store)
        if held is None:
            return
        with held:
            try:
                await collector.run()
            except LostLock:
                raise lock.Held(store, lock.holder(store) or lock.Holder(0, "", 0.0)) from None


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
        self.config, self.store, self.clock, self.reload = config, store, clock, reload
        self.stop = stop or asyncio.Event()
        self.rounds = Rounds()
        self.paused = ""
        """Why nothing is collected at the moment."""
        self.scribe = Scribe(store, clock, forced=forced, who=config.me.name)
        self.health = Health(self.scribe, clock, self.rounds, emit)
        self._asked = Asked(self.scribe, clock, partial(serve, self))
        self._streams = Streams(self.scribe, clock, self.health, self._asked.visited, self._store_failed)
        self._naming = Naming(clock, self.health.passed)
        self._refreshing = Refreshing(clock, self.health.passed)
        self._rescorer = Rescorer(self.scribe, self.health, lambda: bool(self.rounds.running))
        self._hurry = Hurry(self.scribe, self.rounds, clock)
        self.alarms = Alarms(store, self.scribe, clock, self.health)
        self._receiving = Receiving(clock, self._store_failed)
        self._files = Files(config)
        self.kit: Kit
        self._hosts: StoredHosts
        self._matching = Matching(self.scribe, self.health)
        self._others: set[asyncio.Task[None]] = set()
        self._wake = asyncio.Event()
        self._tick, self._probe = Timer(TICK), Timer(PROBE)
        self._fatal: StoreError | None = None
        self._reload_asked = False
        self._latest = clock.now()
        self._identity: tuple[int, int] | None = None

    def ask_to_reload(self) -> None:
        self._reload_asked = True
        self._wake.set()

    async def run(self) -> None:
        """Collect until asked to stop. Raises StoreError."""
        try:
            await self.scribe.open()
            self._identity = disk.identity(self.store)
            self._hosts = StoredHosts(self.scribe, await self.scribe.do(Writer.hosts))
            self.kit = self._make_kit()
            await self._asked.begin()
            await self._tell_changes(self.config)
            await self.configure(self.config)
            await self._listen()
            systemd.notify("READY=1", systemd.status(self.health.status()))
            self.health.tell("ready", message=self.health.status())
            self._beside(self._warm())
            await self._collect()
        finally:
            systemd.notify("STOPPING=1")
            await self._end()

    async def _collect(self) -> None:
        while not self.stop.is_set() and self._fatal is None:
            if self._tick.due():
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
            await asyncio.wait(waits, timeout=self._tick.seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in waits:
                task.cancel()
        self._wake.clear()

    async def _end(self) -> None:
        """Fetches are broken off, the batch that is being written is finished."""
        if self.stop.is_set():
            self.health.tell("stopping")
        tasks = [*self.rounds.running.values(), *self._streams.tasks(), *self._others]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=GRACE)
        await self._naming.end()
        await self._refreshing.end()
        await self._rescorer.end()
        await self.alarms.end()
        await self._receiving.close()
        await self._asked.end()
        if hasattr(self, "kit"):
            await self.kit.close()
        await self.scribe.close()

    def _beside(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._others.add(task)
        task.add_done_callback(self._others.discard)

    async def _warm(self) -> None:
        with contextlib.suppress(WorkshopError):  # each channel will say so when it needs a child
            await self.kit.workshop.warm()

    # --- visits ------------------------------------------------------------------------------------------------------

    @property
    def _most(self) -> int:
        return VISITS * self.config.concurrency

    def _next_due(self) -> float | None:
        return None if self.paused else self.rounds.next_due(self._most)

    def _launch(self) -> None:
        if not self.paused:
            for watch in self.rounds.due(self.clock.now(), self._most):
                task = asyncio.create_task(self._visit(self.kit, watch), name=watch.name)
                self.rounds.begin(watch.row.id, task)

    async def _visit(self, kit: Kit, watch: Watch) -> None:
        """One visit; whatever happens in it, the others go on."""
        told: list[Event] = []
        try:
            go = self._receiving.visit if isinstance(watch.adapter, Receives) else visit
            await go(replace(kit, emit=told.append), watch)
            await self._asked.visited(watch, told)
        except StoreError as error:
            await self._store_failed(error)
        except Exception as error:
            # A fault of ours. The channel is left alone for a while, and the others are not to suffer from it.
            log.exception("the visit to %s failed", watch.name)
            watch.due = self.clock.now() + watch.pace()
            words = f"{type(error).__name__} in our own code"
            fault = Event("error", self.clock.now(), watch.source.name, watch.channel.label, reason="internal")
            told.append(replace(fault, message=words, remedy="please report it"))
            with contextlib.suppress(StoreError):  # whoever asked for it is told when the store can be written again
                await self._asked.visited(watch, told)
        finally:
            self.rounds.end(watch.row.id)
            self._wake.set()
        for event in told:
            self.health.passed(event)

    async def _listen(self) -> None:
        """Keep streams and doors in line with what is to be listened to."""
        own = replace(self.kit, emit=self.health.passed)
        await self._receiving.settle(own, () if self.paused else self.rounds.on())
        await self._streams.settle(self.kit, {} if self.paused else self.rounds.streaming())

    async def _store_failed(self, error: StoreError) -> None:
        """No room is a pause; anything else is the end."""
        if isinstance(error, StoreFull | StoreBusy):
            await self._pause(str(error))
        else:
            self._fatal = error
            self._wake.set()

    # --- configuration -----------------------------------------------------------------------------------------------

    def _make_kit(self) -> Kit:
        client = client_of(self.config, self.clock, self._hosts)
        return Kit(client, workshop_of(self.config), self.scribe, self.clock, silent, Shelf())

    async def configure(self, config: Config, by: str = "") -> None:
        """Watch the channels of that configuration; `by`: who changed it. One that is being visited learns of it."""
        before, self.config = self.config, config
        if not same_kit(before, config):
            await self._rescorer.end()
            before_them = self.kit
            self.kit = self._make_kit()
            await self._streams.settle(self.kit, {})
            under_way = [*self.rounds.running.values(), *self._streams.tasks(), *self._asked.tasks()]
            self._beside(self._retire(before_them, under_way))
        moved = await asyncio.to_thread(desks.shifts, self.store, config, self.clock)
        for words in filter(None, map(desks.sentence, moved)):
            self.health.tell("rematch", message=words)
        found, queries, closed = await channels.watch(config, self.scribe, self.clock.now(), by)
        await self.scribe.do(lambda writer: desks.settle(writer, moved))
        self._matching.learn(self.kit.workshop, queries)
        await self._rescorer.begin()
        await self._matching.begin()
        await self.alarms.configure(config)
        self.rounds.configure(found, self.clock.now())
        await self._look_at_switches()
        self._files.config = config
        for one in closed:
            self.health.closed(one)

    async def _look_at_switches(self) -> None:
        """Heed what people switched off, and on again."""
        off = await self.scribe.do(lambda writer: switches.off_channels(writer.connection))
        if self.rounds.switch(off, self.clock.now()):
            self._wake.set()

    async def _retire(self, kit: Kit, running: list[asyncio.Task[None]]) -> None:
        """Let the visits under way finish with what they began with."""
        try:
            if running:
                await asyncio.wait(running)
        finally:
            await kit.close()

    async def _look_at_configuration(self) -> None:
        if self.reload is None or not (self._files.changed() or self._reload_asked):
            return
        self._reload_asked = False
        systemd.notify("RELOADING=1", f"MONOTONIC_USEC={time.monotonic_ns() // 1000}")
        try:
            config = self.reload()
            await self._tell_changes(config)
            await self.configure(config)
            self.health.tell("reloaded", message=self.health.status())
            await self.health.problem("config", "")
        except StoreError:
            raise
        except Exception as error:
            self.health.tell("config-error", reason="config", message=str(error))
            words = f"the changed configuration has a fault, so the old one still runs: {error}"
            await self.health.problem("config", words)
        systemd.notify("READY=1")

    async def _tell_changes(self, config: Config) -> None:
        """Say what a re-read file makes of the topics, before it does."""
        for words in await asyncio.to_thread(topics.changes, self.store, config, self.clock):
            self.health.tell("rematch", message=words)

    def switched_on(self) -> list[Watch]:
        """The channels that nobody has switched off."""
        return [watch for number, watch in self.rounds.watches.items() if number not in self.rounds.off]

    # --- chores ------------------------------------------------------------------------------------------------------

    async def _chores(self) -> None:
        """What is looked at once a second. A store that cannot be written at the moment is a pause, not an end."""
        self._look_at_clock()
        try:
            await self._look_at_disk()
            if self.paused:
                self._streams.halt()
            else:
                await self._look_at_configuration()
                await self._look_at_switches()
                await self._matching.look(self.kit.workshop)
                if await self._asked.look(self.rounds):
                    self._wake.set()
                await self._listen()
                await self.health.fares()
                await self.alarms.look()
                if await self._hurry.look(self.alarms.engine.urgent()):
                    self._wake.set()
                self._naming.look(self.kit, self.switched_on())
                self._refreshing.look(self.kit, self.switched_on())
                self._rescorer.look(self.kit.workshop)
                await self.health.beat()
                await self._tidy()
        except (StoreFull, StoreBusy) as error:
            await self._pause(str(error))
        self.health.feed_watchdog()

    def _look_at_clock(self) -> None:
        """A clock that was set back must not stop the collector until the time has come round again."""
        before, self._latest = self._latest, self.clock.now()
        if self._latest < before - SET_BACK:
            self.rounds.shift(self._latest - before)
            self._hosts.shift(self._latest - before)

    async def _tidy(self) -> None:
        """Upkeep in short steps as long as nobody waits for the writer; matching anew gets a share of it even then."""
        await self.scribe.do(Writer.checkpoint)
        begun = time.monotonic()
        while (spent := time.monotonic() - begun) < UPKEEP and not self.stop.is_set():
            due = self._next_due()
            waited_for = self.rounds.running or (due is not None and due <= self.clock.now())
            if waited_for and spent >= BUSY_UPKEEP:
                return
            if not await self.scribe.do(rematch.step if waited_for else Writer.idle):
                return

    async def _pause(self, why: str) -> None:
        if self.paused:
            return
        self.paused = why
        self._probe.restart()
        self.health.tell("paused", reason="store", message=why)
        systemd.notify(systemd.status(f"paused: {why}"))
        with contextlib.suppress(StoreFull, StoreBusy):  # there may be no room left even for this
            await self.health.problem("store", why)

    async def _look_at_disk(self) -> None:
        """Pause when room runs short, and go on when a write succeeds again. Raises StoreError: the file is gone."""
        if disk.identity(self.store) != self._identity:
            raise StoreError(f"{self.store} was moved, replaced or removed while it was written to; start again")
        short = disk.short_of_room(self.store, resuming=bool(self.paused))
        if not self.paused:
            if short:
                await self._pause(short)
        elif self._probe.due() and not short:
            await self.health.problem("store", "")
            self.paused = ""
            self.health.tell("resumed")
