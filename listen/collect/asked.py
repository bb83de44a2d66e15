"""What people ask of the collector while it runs: so far, to try a source or a channel now."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from listen.clock import Clock
from listen.collect.channels import Watch
from listen.collect.events import Event
from listen.collect.writing import Scribe
from listen.store import requests
from listen.store.requests import Request
from listen.store.write import Writer

TRY = "try"
"""Body: `{"source": name}`, `{"channel": id}`, or nothing for all of them."""


@dataclass(slots=True)
class _Trial:
    """A request that is answered when all its channels have been visited."""

    waiting: set[int]
    answer: dict[str, Any] = field(default_factory=lambda: {"channels": 0, "new": 0, "again": 0, "errors": []})


class Asked:
    """Takes requests, makes channels due, and answers when they have been visited."""

    def __init__(self, scribe: Scribe, clock: Clock) -> None:
        self._scribe, self._clock = scribe, clock
        self._trials: dict[int, _Trial] = {}

    async def begin(self) -> None:
        """What the last collector took and did not finish is open again."""
        await self._scribe.do(lambda writer: requests.give_back(writer.connection))

    async def look(self, watches: Iterable[Watch]) -> bool:
        """Take what is new; whether a channel has become due."""
        found = await self._scribe.do(lambda writer: requests.open_requests(writer.connection))
        begun = [request for request in found if request.taken_at is None]
        for request in begun:
            await self._scribe.do(partial(self._mark, request.id))
            await self._take(request, watches)
        return bool(begun)

    def _mark(self, number: int, writer: Writer) -> None:
        requests.take(writer.connection, number, self._clock)

    async def _take(self, request: Request, watches: Iterable[Watch]) -> None:
        if request.kind != TRY:
            await self._finish(
                request.id, error=f"This version of the collector does not know the request {request.kind!r}."
            )
            return
        wanted = [watch for watch in watches if _meant(request.body, watch)]
        if not wanted:
            await self._finish(request.id, error="No source that is listened to has that name or number.")
            return
        for watch in wanted:
            watch.due = self._clock.now()
        self._trials[request.id] = _Trial({watch.row.id for watch in wanted})

    async def visited(self, watch: Watch, told: Event | None) -> None:
        """A channel has been visited, and this is the last that was told of it."""
        for number, trial in list(self._trials.items()):
            if watch.row.id not in trial.waiting:
                continue
            trial.waiting.discard(watch.row.id)
            trial.answer["channels"] += 1
            if told is not None:
                trial.answer["new"] += told.new
                trial.answer["again"] += told.again
                if told.message:
                    trial.answer["errors"].append(f"{watch.name}: {told.message}")
            if not trial.waiting:
                del self._trials[number]
                await self._finish(number, answer=trial.answer)

    async def _finish(self, number: int, *, answer: dict[str, Any] | None = None, error: str | None = None) -> None:
        await self._scribe.do(
            lambda writer: requests.finish(writer.connection, number, self._clock, answer=answer, error=error)
        )


def _meant(body: dict[str, Any], watch: Watch) -> bool:
    if "channel" in body:
        return bool(body["channel"] == watch.row.id)
    return "source" not in body or bool(body["source"] == watch.source.name)
