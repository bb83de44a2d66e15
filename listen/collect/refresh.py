"""Looking again at what was heard lately, for edits, deletions and counts, more and more seldom as it grows old.

A mention that matches a topic is looked at again at each of AGES. Where that stands is one id for each age, kept in the
store: ids are times, so all between two looks is a range. What a place refuses is not made up for: the next age comes.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from listen.clock import Clock
from listen.collect import conversation
from listen.collect.budgets import Spent
from listen.collect.channels import Watch
from listen.collect.events import Emit, Event
from listen.collect.health import Timer
from listen.collect.http import FetchError
from listen.collect.kit import Kit
from listen.collect.process import WorkshopError
from listen.model import Mention, first_id
from listen.store import conversation as stored
from listen.store import perishable, records
from listen.store.forgotten import ANON
from listen.store.sqlite import StoreError
from listen.store.write import Writer
from sources.base import Cursor, Known, Post, Refreshes, SourceError

AGES = (900, 3_600, 6 * 3_600, 86_400, 3 * 86_400)
"""Seconds after which a mention is looked at again."""

EVERY = 20.0
"""Real seconds between two looks whether something has come of age."""

MOST = 300
"""Mentions of one age that are looked at in one go; of more, the newest."""

SPARE = 10
"""Questions that a place must have left, where it counts them: what is new comes first."""

AHEAD = 5
"""Days before the end of the time for which a mention may be kept that it is asked for again."""

AGAIN = 6 * 3_600.0
"""Seconds after which that is tried once more."""

MOST_PAGES = 5
"""Pages of one answer."""

DAY = 86_400
GONE = (404, 410)
MARKS = "refreshed"
"""Name of the fact in the store: a list of ids, one for each age, up to which it is done."""


@dataclass(slots=True)
class _Batches:
    """What is asked of one channel."""

    watch: Watch
    posts: list[Known] = field(default_factory=list)


class Refreshing:
    """Asks beside all else, one question after another."""

    def __init__(self, clock: Clock, emit: Emit) -> None:
        self._clock, self._emit = clock, emit
        self._timer = Timer(EVERY)
        self._asked: dict[int, float] = {}
        """Mentions that were asked for since they may not be kept much longer -> when."""
        self.task: asyncio.Task[None] | None = None

    def look(self, kit: Kit, watches: Sequence[Watch]) -> None:
        """Begin, when it is time and nobody is at it. `watches`: the channels that are switched on."""
        if (self.task is None or self.task.done()) and self._timer.due():
            able = [watch for watch in watches if isinstance(watch.adapter, Refreshes)]
            self.task = asyncio.create_task(self._look(kit, able))

    async def end(self) -> None:
        """Break off; the ages that were not done are begun anew."""
        if self.task is not None:
            self.task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self.task

    async def _look(self, kit: Kit, watches: Sequence[Watch]) -> None:
        try:
            if watches:
                await self._look_at_ages(kit, watches)
            await self._look_at_limits(kit, watches)
        except StoreError:
            return  # the collector finds out by itself, and says so

    async def _look_at_ages(self, kit: Kit, watches: Sequence[Watch]) -> None:
        """Ask for what has come of one of the ages."""
        marks = await kit.scribe.do(lambda writer: _marks(writer, self._clock.now()))
        for place, age in enumerate(AGES):
            high = first_id(self._clock.now() - age)
            if high <= marks[place]:
                continue
            found = await kit.scribe.do(partial(_wanted, low=marks[place], high=high))
            for batches in _sorted(found, watches):
                await self._ask(kit, batches)
            marks[place] = high
            await kit.scribe.do(partial(_remember, marks=tuple(marks)))

    async def _look_at_limits(self, kit: Kit, watches: Sequence[Watch]) -> None:
        """Ask for what may not be kept much longer otherwise; what its place did not tell in time loses its text."""
        now = self._clock.now()
        self._asked = {one: when for one, when in self._asked.items() if 0 <= now - when < AGAIN}
        for adapter, days in (await kit.scribe.do(lambda writer: perishable.days_of(writer.connection))).items():
            before = int(now - max(1, days - AHEAD) * DAY)
            while found := await kit.scribe.do(partial(_due, adapter=adapter, before=before, asked=[*self._asked])):
                self._asked |= {mention.id: now for mention, _ in found}
                for batches in _sorted(found, watches):
                    await self._ask(kit, batches)
            lost = await kit.scribe.do(partial(_expire, adapter=adapter, before=int(now - days * DAY), now=int(now)))
            if lost:
                words = f"{lost:,} mentions have lost their text: nobody may keep them unasked for {days} days"
                self._emit(Event("error", now, adapter, "", reason="expired", message=words))

    async def _ask(self, kit: Kit, batches: _Batches) -> None:
        """All questions of one channel, as long as the place answers and has some left."""
        watch, adapter = batches.watch, batches.watch.adapter
        assert isinstance(adapter, Refreshes)
        step = max(1, adapter.at_once)
        for start in range(0, len(batches.posts), step):
            if watch.row.rate_left is not None and watch.row.rate_left < SPARE:
                return
            try:
                await self._one(kit, watch, batches.posts[start : start + step])
            except Spent:
                return
            except (FetchError, SourceError, WorkshopError) as fault:
                reason = getattr(fault, "reason", "workshop")
                if reason != "waiting":
                    words = f"what was heard there could not be looked at again: {fault}"
                    where = (watch.source.name, watch.channel.label)
                    self._emit(Event("error", self._clock.now(), *where, reason=reason, message=words))
                return

    async def _one(self, kit: Kit, watch: Watch, posts: Sequence[Known]) -> None:
        adapter = watch.adapter
        assert isinstance(adapter, Refreshes)
        channel = adapter.again(watch.channel, posts)
        if channel is None:
            return
        told: list[Post] = []
        cursor: Cursor = {}
        try:
            for _ in range(MOST_PAGES):
                page = await conversation.ask(kit, watch, channel, cursor)
                watch.row.rate_left = page.left if page.left is not None else watch.row.rate_left
                told += page.posts
                cursor = page.cursor
                if not page.more:
                    break
        except FetchError as error:
            if adapter.at_once > 1 or error.status not in GONE:
                raise
            network = await kit.scribe.do(lambda writer: _network(writer, watch.row.id, posts[0]))
            told = [Post(network=network, external_id=posts[0].external_id, state="deleted")]
        await conversation.keep(kit, watch, told)


def _marks(writer: Writer, now: float) -> list[int]:
    """Up to where each age is done. What is older than the next age is left to that; nothing lies before the start."""
    told = json.loads(writer.state(MARKS) or "[]")
    highs = [first_id(now - age) for age in AGES]
    if len(told) != len(AGES):
        _remember(writer, highs)
        return highs
    return [max(mark, limit) for mark, limit in zip(told, [*highs[1:], first_id(now - 2 * AGES[-1])], strict=True)]


def _remember(writer: Writer, marks: Sequence[int]) -> None:
    writer.set_state(MARKS, json.dumps(marks))


def _wanted(writer: Writer, low: int, high: int) -> list[tuple[Mention, list[int]]]:
    """Mentions of this range that are worth it, each with the channels that heard it, the first one in front."""
    return _heard(writer, stored.refreshable(writer.connection, low, high, MOST))


def _heard(writer: Writer, ids: Sequence[int]) -> list[tuple[Mention, list[int]]]:
    """These mentions, each with the channels that heard it; of one without a name nobody can be asked."""
    heard: dict[int, list[int]] = {}
    for number, channel in writer.connection.execute(
        "SELECT g.mention_id, g.channel_id FROM json_each(?) AS j CROSS JOIN sightings AS g ON g.mention_id = j.value "
        "JOIN mentions AS m ON m.id = g.mention_id ORDER BY g.channel_id <> m.channel_id",
        (json.dumps(ids),),
    ):
        heard.setdefault(number, []).append(channel)
    found = [one for one in records.mentions(writer.connection, ids) if not one.external_id.startswith(ANON)]
    return [(one, heard.get(one.id, [])) for one in found]


def _due(writer: Writer, adapter: str, before: int, asked: Sequence[int]) -> list[tuple[Mention, list[int]]]:
    """The same of mentions of that adapter that its place has not told since then."""
    return _heard(writer, perishable.due(writer.connection, adapter, before, asked, MOST))


def _expire(writer: Writer, adapter: str, before: int, now: int) -> int:
    return writer.expire(adapter, before, now)


def _network(writer: Writer, channel_id: int, post: Known) -> str:
    row = writer.connection.execute(
        "SELECT n.name FROM mentions AS m JOIN networks AS n ON n.id = m.network_id JOIN sightings AS g "
        "ON g.mention_id = m.id AND g.channel_id = ? WHERE m.external_id = ?",
        (channel_id, post.external_id),
    ).fetchone()
    return str(row[0]) if row else ""


def _sorted(found: Sequence[tuple[Mention, Sequence[int]]], watches: Sequence[Watch]) -> list[_Batches]:
    """The mentions by the channel that is asked: the first one that heard it and can name it again."""
    by_id: Mapping[int, Watch] = {watch.row.id: watch for watch in watches}
    batches: dict[int, _Batches] = {}
    for mention, heard in found:
        known = conversation.known_of(mention)
        for number in heard:
            watch = by_id.get(number)
            if (
                watch is not None
                and isinstance(watch.adapter, Refreshes)
                and watch.adapter.again(watch.channel, [known])
            ):
                batches.setdefault(number, _Batches(watch)).posts.append(known)
                break
    return list(batches.values())
