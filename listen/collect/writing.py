"""The one thread that writes to the store, so that the event loop never waits for a disk."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from listen import aims
from listen.clock import Clock
from listen.collect.http import HostState
from listen.store import rescore, schema, sqlite
from listen.store.sqlite import StoreError
from listen.store.write import Writer

T = TypeVar("T")


class Scribe:
    """Runs one piece of work after the other on the writer, in the order in which they are given."""

    def __init__(self, store: Path, clock: Clock, *, forced: bool = False, who: str = "") -> None:
        self.progress = time.monotonic()
        """When the last piece of work was done, on the monotonic clock: the service manager's watchdog asks."""
        self._store, self._clock, self._forced, self._who = store, clock, forced, who
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="listen-writer")
        self._writer: Writer | None = None
        self.after: Callable[[Writer], None] | None = None
        """Called behind each piece of work by which something was stored, before the next one; it raises nothing."""

    async def open(self) -> None:
        """Make or migrate the store and claim it. Raises StoreError."""
        await asyncio.wrap_future(self._thread.submit(self._open))

    def _open(self) -> None:
        schema.prepare(self._store, forced=self._forced)
        self._writer = Writer(sqlite.connect_writer(self._store, forced=self._forced), self._clock)
        self._writer.claim(self._who)
        rescore.sync(self._writer, aims.engines())  # before this process scores anything

    async def do(self, work: Callable[[Writer], T]) -> T:
        """The result of `work(writer)`. Raises what it raises; StoreFull and StoreBusy mean that nothing was written.

        Who is cancelled while waiting leaves the work itself undisturbed: it is done or it is not.
        """
        return await asyncio.wrap_future(self.submit(work))

    def submit(self, work: Callable[[Writer], T]) -> Future[T]:
        """The same for those who do not wait."""
        return self._thread.submit(self._do, work)

    def _do(self, work: Callable[[Writer], T]) -> T:
        if self._writer is None:
            raise StoreError("the store is not open")
        try:
            done = work(self._writer)
            if self.after is not None and self._writer.just_stored:
                self.after(self._writer)
            return done
        finally:
            self.progress = time.monotonic()

    async def close(self) -> None:
        """Finish what was given, say that nobody collects any more, and close the store."""
        self._thread.submit(self._close)
        await asyncio.to_thread(self._thread.shutdown)

    def _close(self) -> None:
        if self._writer is None:
            return
        try:
            self._writer.release()
            self._writer.checkpoint()
        except StoreError:
            pass  # a full disk or a successor: what is committed is committed
        finally:
            self._writer.connection.close()
            self._writer = None


class StoredHosts:
    """The pauses that hosts asked for, kept in the store so that a restart does not forget them."""

    def __init__(self, scribe: Scribe, known: dict[str, tuple[int, int, str | None]]) -> None:
        self._scribe = scribe
        self._states = {host: HostState(at, level, reason or "") for host, (at, level, reason) in known.items()}

    def get(self, host: str) -> HostState | None:
        return self._states.get(host)

    def shift(self, seconds: float) -> None:
        """The clock was set: pauses last as long as was asked for."""
        self._states = {
            host: HostState(state.not_before + seconds, state.level, state.reason)
            for host, state in self._states.items()
        }

    def put(self, host: str, not_before: int, level: int, reason: str) -> None:
        self._states[host] = HostState(not_before, level, reason)
        self._scribe.submit(lambda writer: writer.set_host(host, not_before, level, reason or None))
