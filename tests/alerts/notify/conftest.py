"""A scripted receiver, and a store with an outbox whose clock is turned by hand."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any, TypeVar

import pytest

from listen.alerts.notify.sender import Sender
from listen.alerts.notify.targets import Target
from listen.alerts.notify.ways import Ways
from listen.secrets import Secret
from listen.store import outbox, schema, sqlite
from listen.store.outbox import Draft, Letter
from listen.store.write import Writer
from tests.collect.server import Server
from tests.store.posts import NOW, Turned, fast

T = TypeVar("T")


class Post:
    """A sender at work on a store of its own."""

    def __init__(self, store: Path) -> None:
        schema.prepare(store)
        self.clock = Turned(NOW)
        self.writer = Writer(fast(sqlite.connect_writer(store)), self.clock)
        self.writer.claim()
        self.ways = Ways()
        self.sender = Sender(self._do, self.ways, self.clock)

    async def _do(self, work: Callable[[Writer], T], /) -> T:
        return work(self.writer)

    def to(self, *targets: Target) -> None:
        self.sender.targets = {one.name: one for one in targets}

    def put(self, key: str, target: str = "duty", **more: Any) -> None:
        body = {"title": "buzz fires", "text": "41 in the hour", "rule": "buzz"}
        one = Draft(key, target, f"thread {key}", "buzz", "firing", "page", (), body, self.clock.now())
        with self.writer.transaction():
            outbox.put(self.writer.connection, [one._replace(**more)], self.clock.now())

    async def round(self) -> None:
        """One look at the outbox, and all that it begins."""
        await self.sender.look()
        await self.sender.idle()

    def letters(self) -> dict[str, Letter]:
        return {one.key: one for one in outbox.letters(self.writer.connection)}

    def states(self) -> dict[str, str]:
        return {key: one.state for key, one in self.letters().items()}


@pytest.fixture
async def post(tmp_path: Path) -> AsyncIterator[Post]:
    made = Post(tmp_path / "listen.db")
    yield made
    await made.ways.close()
    made.writer.connection.close()


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with Server() as running:
        yield running


def hook(server: Server, path: str = "/hook", name: str = "duty", secret: str = "", **more: Any) -> Target:
    return Target(name, "webhook", Secret(server.url(path)), Secret(secret) if secret else None, **more)
