"""A scripted server, and a polite client whose clock stands still."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from listen.collect.http import Client
from tests.collect.clocks import TurnedClock
from tests.collect.server import Server


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with Server() as running:
        yield running


@pytest.fixture
async def other() -> AsyncIterator[Server]:
    async with Server() as running:
        yield running


@pytest.fixture
def clock() -> TurnedClock:
    return TurnedClock()


@pytest.fixture
async def client(clock: TurnedClock) -> AsyncIterator[Client]:
    async with Client(clock, gap=0, contact="ops@example.org") as polite:
        yield polite
