"""One stream: connect, fetch what was missed, store what comes, connect again; its health is stored as it goes."""

from __future__ import annotations

import asyncio
import contextlib
import random as chance
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, replace

from listen.collect import channels, foreign, schedule
from listen.collect.buffer import Buffer
from listen.collect.channels import Watch
from listen.collect.events import Event, Kind
from listen.collect.http import FetchError
from listen.collect.http.sockets import LONGEST, Stream
from listen.collect.kit import Kit
from listen.collect.process import WorkshopError
from listen.collect.visit import store, visit
from listen.secrets import mask
from listen.store.write import ChannelUpdate
from sources.base import Frame, Page, Reject, Socket, SourceError

FIRST_WAIT = 1.0
"""Seconds before the first attempt to connect again; each one that fails doubles them ..."""

LONGEST_WAIT = 300.0
"""... up to this."""

STEADY = 10.0
"""Seconds that a connection has to last to be a good one: one that breaks off sooner counts as one that failed."""

REFUSALS = 3
"""Times in a row that our credentials may be refused."""

REFUSED = frozenset({401, 403})
"""HTTP statuses that say so ..."""

NO_STREAM = frozenset({400, 404, 405, 406, 410, 422, 501})
"""... and those that say that there is no stream, where the channel can be asked now and then instead."""

QUIET = 15.0
"""Real seconds without a frame after which the store is told that the silence was heard."""

BEHIND = 10.0
"""Seconds by which a server may tell its frames late before the time until now does not count as heard."""

Told = Callable[[Watch, Sequence[Event]], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a connection ended, or was not made."""

    reason: str
    message: str
    remedy: str = ""
    refused: bool = False
    retry_at: float | None = None
    stored: bool = False
    """The channel's health says so already."""


class _Ended(Exception):
    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.message)
        self.fault = fault


class Listener:
    """Listens to one channel until it is cancelled, or refused for good."""

    def __init__(self, kit: Kit, watch: Watch, tried: Told, random: Callable[[], float] = chance.random) -> None:
        """`tried` is told what became of an attempt that somebody asked for."""
        self.kit, self.watch = kit, watch
        self.source, self.channel = watch.source, watch.channel
        self.since: float | None = None
        """When the connection was made; None while there is none."""
        self.frames = 0
        self.lag: float | None = None
        """Seconds by which the newest frame was late."""
        self._tried, self._random = tried, random
        self._failures = self._refusals = self._oversized = 0
        self._heard_to: float | None = None
        self._retry: float | None = None
        self._told = False
        """This connection has told something, if only that there is nothing to tell."""
        self._wake = asyncio.Event()

    def wake(self) -> None:
        """Somebody wants it tried now."""
        self._wake.set()

    async def run(self) -> Fault:
        """Listen; the fault that ends it is a refusal. Raises StoreError."""
        while True:
            begun, self._told = self.kit.clock.now(), False
            fault = await self._connection()
            self._refusals += fault.refused
            if self._refusals >= REFUSALS:
                await self._note(fault, None if self.channel.polled else schedule.NEVER)
                return fault
            steady = self._told and self.kit.clock.now() - begun >= STEADY
            self._failures = 0 if steady else self._failures + 1
            wait = self._wait(fault)
            await self._note(fault, None if self._told else self.kit.clock.now() + wait)
            await self._rest(wait)

    # --- one connection ----------------------------------------------------------------------------------------------

    async def _connection(self) -> Fault:
        """Connect and listen until it ends."""
        try:
            async with self._connected() as (stream, buffer, socket):
                await self._begin(socket)
                while True:
                    await self._take(stream, await buffer.take(QUIET))
        except _Ended as ended:
            return ended.fault
        except FetchError as error:
            said = channels.refusal(self.watch.adapter, self.channel, error.status) or (error.message, error.remedy)
            refused = error.status in REFUSED or (self.channel.polled and error.status in NO_STREAM)
            return Fault(error.reason, *said, refused, error.retry_at)
        except SourceError as error:
            return Fault(error.reason, error.message, error.remedy)
        except WorkshopError as error:
            return Fault("workshop", str(error), "see `listen doctor`; it is tried again by itself")

    @contextlib.asynccontextmanager
    async def _connected(self) -> AsyncIterator[tuple[Stream, Buffer, Socket]]:
        socket = await self._socket()
        stream = await self.kit.client.connect(socket, allow_private=self.source.allow_private)
        buffer = Buffer()
        reading = asyncio.create_task(_pump(stream, buffer))
        self.since, self._oversized = self.kit.clock.now(), 0
        try:
            yield stream, buffer, socket
        finally:
            self.since, self._retry = None, stream.retry
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)
            await stream.close()

    async def _socket(self) -> Socket:
        """Where to listen, asked for first where that is not known."""
        adapter, row = self.watch.adapter, self.watch.row
        socket = foreign.socket_of(adapter, self.channel, row.cursor, self.kit.clock.now())
        if socket is None:
            await self._ask()
            socket = foreign.socket_of(adapter, self.channel, row.cursor, self.kit.clock.now())
        if socket is None:
            raise SourceError("adapter", "the adapter does not say where to listen", foreign.REMEDY)
        return socket

    async def _begin(self, socket: Socket) -> None:
        """Count what is heard from here on, and fetch what was said while nobody listened."""
        now = self.kit.clock.now()
        known = self._heard_to if self._heard_to is not None else self.watch.row.good_at
        if socket.since is not None:
            self._heard_to = min(now, max(socket.since, known or 0.0))
        elif self.channel.polled:
            await self._ask()
            self._heard_to = float(self.watch.row.good_at or now)
        else:
            self._heard_to = now
        self._tell("connected")
        await self._answer()

    async def _ask(self) -> None:
        """Visit the channel as if it did not stream. Raises _Ended when it brings nothing."""
        more = True
        while more:
            told: list[Event] = []
            await visit(replace(self.kit, emit=told.append), self.watch)
            for event in told:
                self.kit.emit(event)
            last = told[-1] if told else None
            if last is None or last.kind not in ("page", "unchanged"):
                said = last or Event("error", self.kit.clock.now(), reason="internal", message="nothing was answered")
                again = float(self.watch.row.next_at)
                raise _Ended(Fault(said.reason, said.message, said.remedy, retry_at=again, stored=True))
            more = self.watch.due <= self.kit.clock.now()

    # --- what comes --------------------------------------------------------------------------------------------------

    async def _take(self, stream: Stream, frames: list[Frame]) -> None:
        """Read and store a batch; an empty one says that the silence was heard."""
        now = self.kit.clock.now()
        if not frames:
            update = self._well(now, now)
            await self.kit.scribe.do(lambda writer: writer.update_channel(self.watch.row.id, update))
            self.watch.apply(update)
            return
        page = await self.kit.workshop.read(self.watch.adapter.name, self.channel, self.watch.row.cursor, frames, now)
        page.rejects += self._left_out(stream)
        self.frames += len(frames)
        await store(self.kit, self.watch, page, self._good(page, now), now, "frames")
        if page.ending is not None:
            ending = page.ending
            raise _Ended(Fault(ending.reason, ending.message, ending.remedy, ending.refused))
        self._refusals = 0

    def _left_out(self, stream: Stream) -> list[Reject]:
        count, self._oversized = stream.oversized - self._oversized, stream.oversized
        return [Reject(f"limit:frame-bytes: {count} frames of more than {LONGEST >> 20} MB")] if count else []

    def _good(self, page: Page, now: float) -> ChannelUpdate:
        """The health of a channel that has just told something."""
        self.lag = None if page.at is None else max(0.0, now - page.at)
        if page.gap is not None:
            self._heard_to = max(self._heard_to or 0.0, min(now, page.gap[1]))
        update = self._well(now, now if self.lag is None or self.lag <= BEHIND else page.at or now)
        update.cursor = page.cursor
        update.rate_left = page.left
        return update

    def _well(self, now: float, heard_to: float) -> ChannelUpdate:
        begun = self._heard_to if self._heard_to is not None else now
        self._heard_to = max(begun, heard_to)
        self._told = True
        heard = (int(begun), int(self._heard_to)) if int(self._heard_to) > int(begun) else None
        return ChannelUpdate.well(now, int(now), heard)

    # --- what goes wrong ---------------------------------------------------------------------------------------------

    def _wait(self, fault: Fault) -> float:
        """Seconds until the next attempt: twice as long each time, of a random part, no less than the server asks."""
        wait = min(FIRST_WAIT * 2.0 ** min(max(0, self._failures - 1), 30), LONGEST_WAIT) * (0.5 + self._random() / 2)
        asked = min(self._retry or 0.0, LONGEST_WAIT)
        until = (fault.retry_at or 0.0) - self.kit.clock.now()
        return max(wait, asked, until)

    async def _note(self, fault: Fault, next_at: float | None) -> None:
        """Tell and store why there is no connection. `next_at` None: it only broke off, which is no fault yet."""
        now = self.kit.clock.now()
        reason, message, remedy = fault.reason, mask(fault.message), mask(fault.remedy)
        if not fault.stored and next_at is None:
            self._tell("lost", reason, message, remedy)
        elif not fault.stored and reason == "waiting":
            update = ChannelUpdate(next_at=int(next_at or now))
            if not self.watch.row.errors:  # what else is wrong with it matters more
                update.error_reason, update.error, update.error_remedy = reason, message, remedy
            await self._store(update)
            self._tell("waiting", reason, message, remedy)
        elif not fault.stored:
            error = SourceError(reason, message, remedy)
            streak = self.watch.row.errors + 1
            await self._store(channels.failure(error, streak, int(now), int(next_at or now)))
            self._tell("error", reason, message, remedy)
        await self._answer(reason, message, remedy)

    async def _store(self, update: ChannelUpdate) -> None:
        await self.kit.scribe.do(lambda writer: writer.update_channel(self.watch.row.id, update))
        self.watch.apply(update)

    async def _answer(self, *said: str) -> None:
        """Whoever asked to try it learns what came of it."""
        if self.watch.wanted:
            self.watch.wanted = False
            await self._tried(self.watch, [self._event("error" if said else "connected", *said)])

    def _tell(self, kind: Kind, *said: str) -> None:
        self.kit.emit(self._event(kind, *said))

    def _event(self, kind: Kind, reason: str = "", message: str = "", remedy: str = "") -> Event:
        place = (self.source.name, self.channel.label)
        return Event(kind, self.kit.clock.now(), *place, reason=reason, message=message, remedy=remedy)

    async def _rest(self, seconds: float) -> None:
        """Wait, unless somebody wants it tried."""
        self._wake.clear()
        waits = [asyncio.ensure_future(self.kit.clock.sleep(seconds)), asyncio.create_task(self._wake.wait())]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in waits:
                task.cancel()


async def _pump(stream: Stream, buffer: Buffer) -> None:
    """From the socket into the buffer, as fast as there is room."""
    try:
        while True:
            await buffer.put(await stream.receive())
    except Exception as fault:  # whoever takes from the buffer raises it
        buffer.end(fault)
