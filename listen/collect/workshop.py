"""The workshop: exec'd child processes in which everything that chews foreign bytes runs, and may die.

A job that kills its child, hangs or costs too much is found and set aside with its reason; its neighbours go on.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from listen.collect import wire
from listen.collect.process import PROGRAM, START_SECONDS, Child, Died, WorkshopError
from listen.collect.wire import Place, sample_of, sample_of_frame
from listen.model import Prepared, Tracked
from sources.base import Answer, Channel, Cursor, Frame, Page, Post, Reject, SourceError

BATCH = 100
"""Posts in one job: a round trip costs as much as some ten posts."""

BATCH_CHARACTERS = 1 << 20


OUT_OF_TIME = "limit:source-time"
"""Reason of posts that were set aside unread, because others of their page had used up its time."""

UNREAD = frozenset({"parse-crash", "limit:memory", "limit:result"})
"""Ends of a job that the child could still name itself, besides the refusals of adapters."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a job may cost: seconds of CPU and of real time, bytes of memory."""

    cpu: int = 10
    wall: float = 20.0
    memory: int = 512 << 20
    single_cpu: int = 5
    """CPU seconds of one post when the culprit of a batch is looked for: honest ones take a fifth of a millisecond."""
    single_wall: float = 8.0
    replay: float = 40.0
    """Seconds that the culprits of one page may cost together; what is left then is set aside unread."""


class Unread(SourceError):
    """Reading an answer was not survived. `reason` is one of those of `Died`."""


class Workshop:
    """A pool of at most `size` children, started when needed, used by one job each at a time."""

    def __init__(
        self,
        size: int = 2,
        bounds: Bounds | None = None,
        program: Sequence[str] = PROGRAM,
        intents: Mapping[str, Mapping[str, Any]] | None = None,
    ) -> None:
        """`intents` are the configuration's own, which have been checked."""
        self.bounds = bounds or Bounds()
        self._program = program
        self.deaths = 0
        """Children that a job has killed, for people who look at health."""
        self._slots = asyncio.Semaphore(max(1, size))
        self._idle: list[Child] = []
        self._topics = wire.Topics({}, {name: dict(keys) for name, keys in (intents or {}).items()})
        self._leaving: set[asyncio.Task[None]] = set()

    def set_topics(self, tracked: Mapping[int, Tracked]) -> None:
        """The topics by id, for all jobs from now on. Their queries have been checked."""
        self._topics = wire.Topics(dict(tracked), self._topics.intents)

    async def warm(self) -> None:
        """Start a child before it is needed, so that the first answer does not wait for it. Raises WorkshopError."""
        with contextlib.suppress(Died):
            await self._run(wire.Prepare([], Place("", ""), 0.0, self.bounds.cpu), START_SECONDS)

    async def parse(self, adapter: str, channel: Channel, cursor: Cursor, answer: Answer, now: float) -> Page:
        """Read an answer. Raises SourceError as the adapter words it, Unread, WorkshopError."""
        return await self._page(wire.Parse(adapter, channel, cursor, answer, now, self.bounds.cpu), self.bounds.wall)

    async def read(self, adapter: str, channel: Channel, cursor: Cursor, frames: Sequence[Frame], now: float) -> Page:
        """Read frames of a stream; when that fails, one by one: who fails again becomes a reject.

        Raises WorkshopError.
        """
        try:
            job = wire.Read(adapter, channel, cursor, list(frames), now, self.bounds.cpu)
            return await self._page(job, self.bounds.wall)
        except SourceError:
            pass
        whole, patience = Page([], cursor), self.bounds.replay
        clock = asyncio.get_running_loop().time
        for place, frame in enumerate(frames):
            if patience <= 0:
                reason = f"{OUT_OF_TIME}: {len(frames) - place} frames, because those before had used up their time"
                whole.rejects.append(Reject(reason, sample_of_frame(frame)))
                break
            begun = clock()
            try:
                job = wire.Read(adapter, channel, whole.cursor, [frame], now, self.bounds.single_cpu)
                _append(whole, await self._page(job, self.bounds.single_wall))
            except SourceError as error:
                patience -= clock() - begun
                whole.rejects.append(Reject(f"{error.reason}: {error.message}", sample_of_frame(frame)))
            if whole.ending is not None:
                break
        return whole

    async def _page(self, job: wire.Parse | wire.Read, wall: float) -> Page:
        """Raises SourceError, Unread, WorkshopError."""
        try:
            reply = await self._run(job, wall)
        except Died as death:
            raise Unread(death.reason, death.message, "it is asked again later, less and less often") from None
        if isinstance(reply, wire.Parsed):
            return reply.page
        if not isinstance(reply, wire.Failed):
            raise Unread("parse-crash", "the child answered something else")
        fault = SourceError if reply.reason not in UNREAD else Unread
        raise fault(reply.reason, reply.message, reply.remedy)

    async def prepare(self, posts: Sequence[Post], place: Place, now: float) -> list[Prepared | Reject]:
        """Clean, tokenise, match and score: one outcome for each post, in the same order. Raises WorkshopError."""
        outcomes: list[Prepared | Reject] = []
        patience = self.bounds.replay
        for batch in batches(posts):
            try:
                outcomes += await self._prepare(batch, place, now, self.bounds.cpu, self.bounds.wall)
            except Died:
                found, patience = await self._replay(batch, place, now, patience)
                outcomes += found
        return outcomes

    async def _replay(
        self, batch: Sequence[Post], place: Place, now: float, patience: float
    ) -> tuple[list[Prepared | Reject], float]:
        """The batch one by one: who kills the child again is the culprit."""
        outcomes: list[Prepared | Reject] = []
        clock = asyncio.get_running_loop().time
        for post in batch:
            if patience <= 0:
                reason = f"{OUT_OF_TIME}: its neighbours had used up the time of this page"
                outcomes.append(Reject(reason, sample_of(post)))
                continue
            begun = clock()
            try:
                outcomes += await self._prepare([post], place, now, self.bounds.single_cpu, self.bounds.single_wall)
            except Died as death:
                patience -= clock() - begun
                outcomes.append(Reject(str(death), sample_of(post)))
        return outcomes, patience

    async def _prepare(
        self, posts: Sequence[Post], place: Place, now: float, cpu: int, wall: float
    ) -> list[Prepared | Reject]:
        reply = await self._run(wire.Prepare(list(posts), place, now, cpu), wall)
        if isinstance(reply, wire.Failed):
            raise Died(reply.reason, reply.message)
        if not isinstance(reply, wire.Done) or len(reply.items) != len(posts):
            raise Died("parse-crash", "the child answered something else")
        return [item.prepared or item.reject or Reject("parse-crash: no outcome") for item in reply.items]

    async def rescore(self, mentions: Sequence[wire.Said]) -> list[wire.Tone | None]:
        """The tone of each, None for one whose scoring was not survived. Raises WorkshopError."""
        try:
            return [*await self._rescore(mentions, self.bounds.cpu, self.bounds.wall)]
        except Died:
            found: list[wire.Tone | None] = []
        for one in mentions:
            try:
                found += await self._rescore([one], self.bounds.single_cpu, self.bounds.single_wall)
            except Died:
                found.append(None)
        return found

    async def _rescore(self, mentions: Sequence[wire.Said], cpu: int, wall: float) -> list[wire.Tone]:
        reply = await self._run(wire.Rescore(list(mentions), cpu), wall)
        if isinstance(reply, wire.Failed):
            raise Died(reply.reason, reply.message)
        if not isinstance(reply, wire.Rescored) or len(reply.tones) != len(mentions):
            raise Died("parse-crash", "the child answered something else")
        return reply.tones

    async def _run(self, job: wire.Job, wall: float) -> wire.Reply:
        async with self._slots:
            child = await self._child()
            try:
                await child.ready()
                if isinstance(job, wire.Prepare):
                    await self._teach(child)
                reply = await child.ask(job, wall)
            except BaseException as error:
                # Cancelled or not: what the child is doing is unknown, so it is of no further use.
                self._discard(child)
                self.deaths += isinstance(error, Died)
                raise
            if getattr(reply, "last", False):
                self._dismiss(child)
            else:
                self._idle.append(child)
            return reply

    async def _child(self) -> Child:
        """A living child; the one that worked last, so that the others can stay unborn."""
        while self._idle:
            child = self._idle.pop()
            if child.alive:
                return child
        return await Child.start(self.bounds.memory, self._program)

    async def _teach(self, child: Child) -> None:
        """The topics for a child that does not know them yet. Raises WorkshopError."""
        topics = self._topics
        if child.topics is topics:
            return
        try:
            reply = await child.ask(topics, START_SECONDS)
        except Died as death:
            raise WorkshopError(f"A child did not survive the topics ({death}).") from None
        if isinstance(reply, wire.Failed):
            raise WorkshopError(f"A child did not understand the topics ({reply.message}).")
        child.topics = topics

    def _discard(self, child: Child) -> None:
        child.kill()
        self._dismiss(child)

    def _dismiss(self, child: Child) -> None:
        task = asyncio.get_running_loop().create_task(child.close())
        self._leaving.add(task)
        task.add_done_callback(self._leaving.discard)

    async def close(self) -> None:
        """End all children. Jobs that still run must have been cancelled."""
        for child in self._idle:
            self._dismiss(child)
        self._idle.clear()
        await asyncio.gather(*self._leaving)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()


def _append(whole: Page, page: Page) -> None:
    """Have the first page hold what the frames after it told."""
    whole.posts += page.posts
    whole.rejects += page.rejects
    whole.accounts += page.accounts
    whole.cursor, whole.ending = page.cursor, page.ending
    whole.at, whole.gap = page.at or whole.at, page.gap or whole.gap


def batches(posts: Sequence[Post]) -> Iterator[Sequence[Post]]:
    """Runs of at most BATCH posts and about BATCH_CHARACTERS characters."""
    start = size = 0
    for place, post in enumerate(posts):
        length = len(post.text) + len(post.title or "")
        if place > start and (place - start >= BATCH or size + length > BATCH_CHARACTERS):
            yield posts[start:place]
            start, size = place, 0
        size += length
    if start < len(posts):
        yield posts[start:]
