"""A sign of life: an address that is asked only while collector and sender make progress.

Who watches it (healthchecks.io, a cron monitor) says so when it stops: nobody else could, when this machine is gone.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging

import httpx

from listen import secrets
from listen.secrets import Secret

EVERY = 60.0
"""Real seconds between two signs."""

STUCK = 120.0
"""Real seconds without progress after which there is none."""

DEADLINE = 15.0

log = logging.getLogger("listen.alerts")


class Heartbeat:
    """Asks the address now and then."""

    def __init__(self) -> None:
        self.address: Secret | None = None
        self.problem = ""
        """Why the last one did not arrive; empty when it did."""
        self._at = -EVERY
        self._asking: asyncio.Task[None] | None = None

    def look(self, now: float, *progress: float) -> None:
        """Once a second, with the monotonic clock's time and when each part made progress last."""
        if self.address is None or now - self._at < EVERY or any(now - one > STUCK for one in progress):
            return
        if self._asking is None or self._asking.done():
            self._at = now
            self._asking = asyncio.create_task(self._ask(self.address))

    async def _ask(self, address: Secret) -> None:
        before = self.problem
        try:
            async with asyncio.timeout(DEADLINE), httpx.AsyncClient(trust_env=False, timeout=DEADLINE) as client:
                answer = await client.get(address.reveal())
            self.problem = "" if answer.is_success else f"HTTP {answer.status_code}"
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as error:
            self.problem = secrets.mask(f"{type(error).__name__}: {error}")
        if self.problem and self.problem != before:
            log.warning("the heartbeat did not arrive: %s", self.problem)

    async def end(self) -> None:
        """Stop."""
        if self._asking is not None:
            self._asking.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._asking
