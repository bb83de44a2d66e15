"""What a collector has to do with the world outside: the lock that somebody else holds, and the signals it is sent."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

from listen.collect import lock, systemd

STANDBY = 2.0
"""Real seconds between two looks of a collector that stands by."""


async def stand_by(store: Path, stop: asyncio.Event) -> lock.CollectorLock | None:
    """The lock, once it is free; None when we are asked to stop before."""
    while not stop.is_set():
        try:
            return lock.CollectorLock(store)
        except lock.Held as held:
            systemd.notify("READY=1", "WATCHDOG=1", systemd.status(f"standing by: {held.who} collects"))
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), STANDBY)
    return None


@contextlib.contextmanager
def signals(stop: Callable[[], None], reload: Callable[[], None]) -> Iterator[None]:
    """SIGTERM and SIGINT stop, SIGHUP reads the configuration again."""
    loop = asyncio.get_running_loop()
    actions = {signal.SIGTERM: stop, signal.SIGINT: stop, signal.SIGHUP: reload}
    for number, action in actions.items():
        loop.add_signal_handler(number, action)
    try:
        yield
    finally:
        for number in actions:
            loop.remove_signal_handler(number)
