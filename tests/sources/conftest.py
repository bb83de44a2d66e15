"""A scripted server and a polite client for the adapters that are asked over HTTP."""

from __future__ import annotations

import pytest

from tests.collect.clocks import TurnedClock
from tests.collect.conftest import client, server
from tests.sources.reading import NOW

__all__ = ["client", "clock", "server"]


@pytest.fixture
def clock() -> TurnedClock:
    return TurnedClock(NOW)
