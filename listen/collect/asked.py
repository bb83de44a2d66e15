"""What people ask of the collector while it runs: to try a source now, to change a topic, to take in a file ..."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from listen.clock import Clock
from listen.collect import errands
from listen.collect.channels import Watch, stored
from listen.collect.conversation import THREAD
from listen.collect.events import Event
from listen.collect.meanwhile import Changed
from listen.collect.rounds import Rounds
from listen.collect.topics import Refused
from listen.collect.writing import Scribe
from listen.store import requests
from listen.store.requests import Request
from listen.store.sqlite import StoreError
from listen.store.write import Writer

TRY = "try"
"""Body: `{"source": name}`, `{"channel": id}`, or nothing for all of them. The answer counts channels asked, mentions
that are new and those that were known, and lists errors with what to do about them."""

TOPICS = ("preview", "edit", "re-match")
"""Body: `{"topic": name, "query": text}`, or to re-match `{"topic": name, "undo": true}`. The answer is what the query
makes of the topic (`listen.collect.topics.figures`); after an edit it counts, and the topic is being matched anew.
`{"topic": name, "reset": true}` edits it to what the store's file says. An edit may also begin, change, rename or
remove a topic, a view, a desk or a rule: see `listen.collect.definitions.wanted`; what happened is its answer's
`message`. With `read`, what stood there when the editing began, it is refused once that has changed, see
`listen.collect.meanwhile`: beside the error the answer has what stands there now, as `changed`."""

REPLAY = "replay"
"""Body: `{"rule": name, "since": Unix seconds}`, of a rule that is not saved with its keys as `entry`. The answer is
`listen.alerts.told.replay_record`, with the last firings alone (`listen.collect.alarms.TOLD`); how many there were
stands beside the threshold's factor 1."""

BESIDE = (*errands.KINDS, REPLAY)
"""What takes a while: one of a kind at a time, beside all else, and broken off when who asked ends it."""

TOLD = 20
"""Errors that an answer lists; the others are counted."""


Serve = Callable[[Request], Awaitable[dict[str, Any]]]


@dataclass(slots=True)
class _Trial:
    """A request that is answered when all its channels have been visited."""

    waiting: set[int]
    answer: dict[str, Any] = field(
        default_factory=lambda: {"channels": 0, "new": 0, "again": 0, "failed": 0, "errors": []}
    )

    def visited(self, number: int, watch: Watch, told: Sequence[Event]) -> None:
        """A channel has answered, or could not."""
        self.waiting.discard(number)
        self.answer["channels"] += 1
        for event in told:
            self.answer["new"] += event.new
            self.answer["again"] += event.again
        if told and told[-1].message:
            self.answer["failed"] += 1
            if self.answer["failed"] <= TOLD:
                words = {"error": stored(told[-1].message), "remedy": stored(told[-1].remedy)}
                self.answer["errors"].append({"channel": stored(watch.channel.label), **words})


class Asked:
    """Takes requests, makes channels due, and answers when they have been visited."""

    def __init__(self, scribe: Scribe, clock: Clock, serve: Serve) -> None:
        """`serve` answers the requests about TOPICS, THREAD and what is done BESIDE. Raises Refused."""
        self._scribe, self._clock, self._serve = scribe, clock, serve
        self._previews: set[asyncio.Task[None]] = set()
        self._errands: dict[int, asyncio.Task[None]] = {}
        self._one_at_a_time = {kind: asyncio.Lock() for kind in BESIDE}
        self._trials: dict[int, _Trial] = {}

    async def begin(self) -> None:
        """What the last collector took and did not finish is open again."""
        await self._scribe.do(lambda writer: requests.give_back(writer.connection))

    async def look(self, rounds: Rounds) -> bool:
        """Take what is new; whether a channel has become due."""
        await self._give_up(rounds)
        found = await self._scribe.do(lambda writer: requests.open_requests(writer.connection))
        for number in self._errands.keys() - {request.id for request in found}:
            self._errands[number].cancel()  # who asked for it has ended it
        begun = [request for request in found if request.taken_at is None]
        for request in begun:
            await self._scribe.do(partial(self._mark, request.id))
            await self._take(request, rounds)
        return bool(begun)

    def _mark(self, number: int, writer: Writer) -> None:
        requests.take(writer.connection, number, self._clock)

    async def _take(self, request: Request, rounds: Rounds) -> None:
        if request.kind in (*TOPICS, THREAD):
            await self._take_topic(request)
            return
        if request.kind in BESIDE:
            task = asyncio.create_task(self._run_errand(request))
            self._errands[request.id] = task
            task.add_done_callback(lambda _: self._errands.pop(request.id, None))
            return
        if request.kind != TRY:
            await self._finish(
                request.id, error=f"This version of the collector does not know the request {request.kind!r}."
            )
            return
        meant = [watch for watch in rounds.watches.values() if _meant(request.body, watch)]
        wanted = [watch for watch in meant if watch.row.id not in rounds.off]
        if not wanted:
            off = "It is switched off; switch it on first."
            why = off if meant else "No source that is listened to has that name or number."
            await self._finish(request.id, error=why)
            return
        for watch in wanted:
            watch.due, watch.wanted = self._clock.now(), True
        self._trials[request.id] = _Trial({watch.row.id for watch in wanted})

    async def _take_topic(self, request: Request) -> None:
        """A preview and a conversation take their time and change no topic, so nobody waits for them."""
        if request.kind not in ("preview", THREAD):
            await self._answer_topic(request)
            return
        task = asyncio.create_task(self._answer_topic(request))
        self._previews.add(task)
        task.add_done_callback(self._previews.discard)

    async def _run_errand(self, request: Request) -> None:
        async with self._one_at_a_time[request.kind]:
            await self._answer_topic(request)

    def tasks(self) -> list[asyncio.Task[None]]:
        """What is under way beside the visits."""
        return [*self._previews, *self._errands.values()]

    async def _answer_topic(self, request: Request) -> None:
        try:
            answer = await self._serve(request)
        except Changed as changed:
            await self._finish(request.id, error=stored(str(changed)), answer={"changed": changed.now})
        except (Refused, StoreError) as error:
            await self._finish(request.id, error=stored(str(error)))
        else:
            await self._finish(request.id, answer=answer)

    async def end(self) -> None:
        """Break off what is under way; the next collector takes it up."""
        tasks = self.tasks()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _give_up(self, rounds: Rounds) -> None:
        """What was switched off or taken out of the configuration meanwhile answers nobody any more."""
        there = (rounds.watches.keys() - rounds.off) | rounds.running.keys()
        for number, trial in list(self._trials.items()):
            if not trial.waiting <= there:
                trial.waiting &= there
                await self._end(number, trial)

    async def visited(self, watch: Watch, told: Sequence[Event]) -> None:
        """A channel has been visited, and this was told of it."""
        for number, trial in list(self._trials.items()):
            if watch.row.id in trial.waiting:
                trial.visited(watch.row.id, watch, told)
                await self._end(number, trial)

    async def _end(self, number: int, trial: _Trial) -> None:
        """Answer when nothing is waited for."""
        if trial.waiting:
            return
        del self._trials[number]
        if trial.answer["channels"]:
            await self._finish(number, answer=trial.answer)
        else:
            await self._finish(
                number, error="It was switched off or taken out of the configuration before it was asked."
            )

    async def _finish(self, number: int, *, answer: dict[str, Any] | None = None, error: str | None = None) -> None:
        await self._scribe.do(
            lambda writer: requests.finish(writer.connection, number, self._clock, answer=answer, error=error)
        )


def _meant(body: dict[str, Any], watch: Watch) -> bool:
    if "channel" in body:
        return bool(body["channel"] == watch.row.id)
    return "source" not in body or bool(body["source"] == watch.source.name)
