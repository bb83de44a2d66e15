"""Frames on their way from a socket to the workshop: a bounded place to wait, emptied in batches."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Sequence

from sources.base import Frame

FRAMES = 1_000
"""Frames that may wait; then nothing more is read from the socket, and the server has to wait."""

BYTES = 8 << 20
"""The same in bytes."""

BATCH = 100
"""Frames in one job of the workshop."""

BATCH_BYTES = 4 << 20

FIRST = 0.05
"""Seconds that a batch is waited for after its first frame."""

PACE = 0.25
"""Seconds between two batches that are not full: each one is a transaction."""


class Buffer:
    """Filled by whoever reads the socket, emptied by whoever stores."""

    def __init__(self) -> None:
        self._frames: deque[Frame] = deque()
        self._bytes = 0
        self._fault: BaseException | None = None
        self._changed = asyncio.Event()
        self._taken = 0.0

    def __len__(self) -> int:
        return len(self._frames)

    def _full(self) -> bool:
        return len(self._frames) >= FRAMES or self._bytes >= BYTES

    async def put(self, frames: Sequence[Frame]) -> None:
        """Add frames and wait for room."""
        self._frames.extend(frames)
        self._bytes += sum(len(frame.data) for frame in frames)
        self._changed.set()
        while self._full():
            await self._wait(None)

    def end(self, fault: BaseException) -> None:
        """No more will come; `take` raises the fault when all that came has been taken."""
        self._fault = fault
        self._changed.set()

    async def take(self, patience: float) -> list[Frame]:
        """The next batch; none when nothing came for so many seconds. Raises the fault that ended the connection."""
        clock = asyncio.get_running_loop().time
        late = clock() + patience
        while not self._frames and self._fault is None:
            if clock() >= late:
                return []
            await self._wait(late - clock())
        due = max(clock() + FIRST, self._taken + PACE)
        while self._fault is None and not self._enough() and clock() < due:
            await self._wait(due - clock())
        if not self._frames and self._fault is not None:
            raise self._fault
        self._taken = clock()
        return self._batch()

    def _enough(self) -> bool:
        return len(self._frames) >= BATCH or self._bytes >= BATCH_BYTES

    def _batch(self) -> list[Frame]:
        batch: list[Frame] = []
        size = 0
        while self._frames and len(batch) < BATCH and size < BATCH_BYTES:
            frame = self._frames.popleft()
            batch.append(frame)
            size += len(frame.data)
        self._bytes -= size
        self._changed.set()
        return batch

    async def _wait(self, seconds: float | None) -> None:
        """Until something has changed, or so long. Two wait at most: each one looks again when it is woken."""
        self._changed.clear()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._changed.wait(), seconds)
