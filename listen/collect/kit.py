"""What a visit works with, made from the configuration."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from listen.clock import Clock
from listen.collect.events import Emit
from listen.collect.http import Client, HostStore, Limits
from listen.collect.sessions import Sessions
from listen.collect.workshop import Bounds, Workshop
from listen.collect.writing import Scribe
from listen.config import Config

SHELF = 40 << 20
"""Bytes of answers that may wait to be read: two of the largest."""


class Shelf:
    """Room for answers that wait to be read: when it is full, nothing more is fetched."""

    def __init__(self, size: int = SHELF) -> None:
        self._size, self._held = size, 0
        self._freed = asyncio.Event()

    async def room(self) -> None:
        while self._held >= self._size:
            self._freed.clear()
            await self._freed.wait()

    @contextmanager
    def holding(self, body: bytes) -> Iterator[None]:
        self._held += len(body)
        try:
            yield
        finally:
            self._held -= len(body)
            self._freed.set()


@dataclass(frozen=True, slots=True)
class Kit:
    """What a visit works with."""

    client: Sessions
    workshop: Workshop
    scribe: Scribe
    clock: Clock
    emit: Emit
    shelf: Shelf

    async def close(self) -> None:
        """Visits must have ended."""
        await self.client.aclose()
        await self.workshop.close()


def client_of(config: Config, clock: Clock, hosts: HostStore | None = None) -> Sessions:
    """The polite client as configured, which knows secrets."""
    told = config.limits
    limits = Limits(told.wire, told.decoded, told.total, told.connect, redirects=told.redirects)
    client = Client(
        clock, contact=config.contact, limits=limits, hosts=hosts, gap=config.gap, overall=config.concurrency
    )
    return Sessions(client, clock)


def workshop_of(config: Config) -> Workshop:
    """The workshop as configured; it starts no child before one is needed."""
    told = config.limits
    bounds = Bounds(cpu=math.ceil(told.cpu), wall=told.wall, memory=told.memory)
    return Workshop(config.workers, bounds, intents=config.tables.get("intents"))


def same_kit(one: Config, other: Config) -> bool:
    """Whether client and workshop of one configuration serve the other as well."""
    return (one.limits, one.contact, one.gap, one.concurrency, one.workers, one.tables.get("intents")) == (
        other.limits, other.contact, other.gap, other.concurrency, other.workers, other.tables.get("intents"),
    )  # fmt: skip
