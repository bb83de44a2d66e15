"""The sources that wait for what others bring: their doors are kept open, and what comes in is read and stored.

A visit to such a channel asks nobody: it says that the door has stood open, or why it cannot be opened.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field, replace

from listen.clock import Clock
from listen.collect.channels import Watch, stored_reject
from listen.collect.doors import PATH, Listener
from listen.collect.events import Event
from listen.collect.kit import Kit
from listen.collect.process import WorkshopError
from listen.collect.visit import failed, store, unread
from listen.store.sqlite import StoreError
from listen.store.write import ChannelUpdate
from sources.base import Answer, Door, Receives, Reject, SourceError

EVERY = 60.0
"""Seconds between two records that a door stood open."""

LATER = "the store takes nothing at the moment, come again"

Failed = Callable[[StoreError], Awaitable[None]]


@dataclass(slots=True)
class _Waiting:
    """A channel at its door."""

    watch: Watch
    since: float
    """When the door was opened."""
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)


class Receiving:
    """All doors."""

    def __init__(self, clock: Clock, failed: Failed) -> None:
        """`failed`: the store takes no more."""
        self._clock, self._failed = clock, failed
        self._listeners: dict[str, Listener] = {}
        self._waiting: dict[str, _Waiting] = {}
        self._kit: Kit | None = None

    async def settle(self, kit: Kit, wanted: Iterable[Watch]) -> None:
        """Keep exactly these doors open; one that cannot be opened is told by its visit, which tries again."""
        self._kit = kit
        now = self._clock.now()
        found = {watch.source.name: watch for watch in wanted if isinstance(watch.adapter, Receives)}
        known = {name: one for name, one in self._waiting.items() if found.get(name) is one.watch}
        self._waiting = {name: known.get(name) or _Waiting(watch, now) for name, watch in found.items()}
        places: dict[str, dict[str, Door]] = {}
        for name, watch in found.items():
            assert isinstance(watch.adapter, Receives)
            door = watch.adapter.door(watch.channel)
            places.setdefault(door.address, {})[name] = door
        for address in self._listeners.keys() - places.keys():
            await self._listeners.pop(address).stop()
        for address, doors in places.items():
            listener = self._listeners.setdefault(address, Listener(address, self._clock, self._deliver))
            listener.doors = doors
            await _open(listener)

    async def close(self) -> None:
        """Open none any more."""
        for listener in self._listeners.values():
            await listener.stop()
        self._listeners, self._waiting = {}, {}

    async def visit(self, kit: Kit, watch: Watch) -> None:
        """Say how the door of this channel is. Raises StoreError."""
        assert isinstance(watch.adapter, Receives)
        door, waiting = watch.adapter.door(watch.channel), self._waiting.get(watch.source.name)
        listener = self._listeners.get(door.address)
        was_open = listener is not None and listener.open
        fault = await _open(listener) if listener is not None else "it is being opened"
        if fault or waiting is None:
            remedy = "write another address, or end the program that waits there"
            await failed(kit, watch, "door", f"{door.address} cannot be had: {fault}", remedy)
            return
        if not was_open:
            waiting.since = kit.clock.now()
        update = _well(waiting, kit.clock.now())
        await kit.scribe.do(lambda writer: writer.update_channel(watch.row.id, update))
        watch.apply(update)
        kit.emit(Event("unchanged", kit.clock.now(), watch.source.name, watch.channel.label))

    async def _deliver(self, name: str, body: bytes) -> tuple[int, str]:
        waiting, kit = self._waiting.get(name), self._kit
        if waiting is None or kit is None:
            return 404, f"nobody waits here; sources wait at {PATH}NAME"
        async with waiting.turn:
            told: list[Event] = []
            try:
                status, words = await self._take(replace(kit, emit=told.append), waiting, body)
            except StoreError as error:
                await self._failed(error)
                return 503, LATER
            for event in told:
                kit.emit(event)
            return status, words

    async def _take(self, kit: Kit, waiting: _Waiting, body: bytes) -> tuple[int, str]:
        watch, now = waiting.watch, kit.clock.now()
        answer = Answer(PATH + watch.source.name, 200, {}, body)
        try:
            page = await kit.workshop.parse(watch.adapter.name, watch.channel, watch.row.cursor, answer, now)
            told: list[Event] = []
            await store(replace(kit, emit=told.append), watch, page, _well(waiting, now), now)
        except WorkshopError:
            return 503, LATER
        except SourceError as error:
            reject = stored_reject(Reject(f"{error.reason}: {error.message}", unread(body)))
            await kit.scribe.do(lambda writer: writer.add_rejects(watch.row.id, [reject]))
            return 400, error.message
        kit.emit(told[0])
        return _receipt(told[0])


def _receipt(event: Event) -> tuple[int, str]:
    """What the sender is told. A body of which nothing could be read is a fault of his."""
    counts = {
        "stored": event.new, "known": event.again, "changed": event.changed, "left out": event.dropped,
        "could not be read": event.rejects,
    }  # fmt: skip
    words = ", ".join(f"{count} {what}" for what, count in counts.items() if count) or "nothing in it"
    return (422 if event.rejects and not (event.new or event.again or event.changed) else 202), words


def _well(waiting: _Waiting, now: float) -> ChannelUpdate:
    """The health of a channel whose door stands open: it was heard since it was opened."""
    begun = max(waiting.since, float(waiting.watch.row.good_at or 0))
    heard = (int(begun), int(now)) if int(now) > int(begun) else None
    return ChannelUpdate.well(now, int(now + EVERY), heard)


async def _open(listener: Listener) -> str:
    """Why the listener is not open; "" when it is."""
    if listener.open:
        return ""
    try:
        await listener.start()
    except OSError as error:
        return (error.strerror or str(error)).lower()
    return ""
