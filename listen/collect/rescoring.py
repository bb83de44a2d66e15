"""The collector's part of scoring stored mentions anew: the writer gives texts and takes tones, a child scores."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable
from functools import partial

from listen.collect import wire
from listen.collect.health import Health
from listen.collect.process import WorkshopError
from listen.collect.workshop import Workshop
from listen.collect.writing import Scribe
from listen.store import rescore
from listen.store.rescore import Batch, Tone
from listen.store.scored import Rescoring, sentence, under_way
from listen.store.sqlite import StoreError

REST = 60.0
"""Real seconds until it is tried again after no child could be started."""


class Rescorer:
    """Scores what is stored by the engines that run now, in the background."""

    def __init__(self, scribe: Scribe, health: Health, busy: Callable[[], bool]) -> None:
        """While it is `busy` half of the time is rest."""
        self._scribe, self._health, self._busy = scribe, health, busy
        self._task: asyncio.Task[None] | None = None
        self._job: Rescoring | None = None
        self._not_before = 0.0

    async def begin(self) -> None:
        """See what there is to do, unless it is being done. Raises StoreError."""
        if self._task is not None:
            return
        self._job = await self._scribe.do(lambda writer: under_way(writer.connection))
        if self._job is not None:
            self._say(sentence(self._job))

    def look(self, workshop: Workshop) -> None:
        """Go on with it, unless that is under way. Raises StoreError when the last steps did."""
        if self._task is not None and self._task.done():
            task, self._task = self._task, None
            task.result()
        if self._job is not None and self._task is None and time.monotonic() >= self._not_before:
            self._task = asyncio.create_task(self._go(workshop))

    async def _go(self, workshop: Workshop) -> None:
        try:
            batch = await self._scribe.do(rescore.due)
            tones = await _scored(workshop, batch)
            while batch is not None:
                begun = time.monotonic()
                batch, tones = await self._step(workshop, batch, tones)
                if self._busy():
                    await asyncio.sleep(time.monotonic() - begun)
        except WorkshopError:  # each channel says so, too
            self._not_before = time.monotonic() + REST
            return
        ended, self._job, self._health.doing = self._job, None, ""
        if ended is not None:
            self._say(f"what is stored has been scored anew: {ended.changed:,} mentions have another score")

    async def _step(
        self, workshop: Workshop, batch: Batch, tones: list[Tone | None]
    ) -> tuple[Batch | None, list[Tone | None]]:
        """Store one batch while the next one is scored: that one and its tones."""
        after = await self._scribe.do(partial(rescore.due, after=batch))
        scoring = asyncio.create_task(_scored(workshop, after))
        try:
            self._job = await self._scribe.do(partial(rescore.put, batch=batch, tones=tones))
            self._health.doing = sentence(self._job) if self._job is not None else ""
            return after, await scoring
        finally:
            scoring.cancel()

    def _say(self, words: str) -> None:
        self._health.tell("rescore", message=words)

    async def end(self) -> None:
        """Stop; what has been scored is kept, and it goes on from there the next time."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError, StoreError):
                await self._task
            self._task = None


async def _scored(workshop: Workshop, batch: Batch | None) -> list[Tone | None]:
    """Raises WorkshopError."""
    if batch is None or not batch.mentions:
        return []
    said = [wire.Said(one.title, one.text, one.lang, one.tagged, one.score) for one in batch.mentions]
    tones = await workshop.rescore(said)
    return [None if one is None else Tone(one.score, one.hits, one.unscored, one.tagged, one.intents) for one in tones]
