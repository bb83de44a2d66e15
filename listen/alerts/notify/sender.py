"""Delivers what waits in the outbox: one letter after the other to each target, all targets beside one another.

A letter is marked after it has been sent. When that fails, it waits longer and longer, for three days; what can never
arrive, or has killed its sender three times, is set aside with the reason. Nothing is ever dropped.

Letters to one target leave in their order, pages first: whenever one is due, those that failed before it are tried
again before it. When the first fails, another one is tried: if that fails, too, nobody is there, and all wait for the
next time of the first; if it arrives, the first was refused for itself (unless it arrives now), waits alone and holds
nobody up.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol, TypeVar
from zoneinfo import ZoneInfo

from listen.alerts.notify.letters import Message, digest_of, message_of
from listen.alerts.notify.targets import Target
from listen.alerts.notify.ways import Outcome
from listen.clock import Clock
from listen.store import alerts, outbox
from listen.store.outbox import DEAD, HELD, MUTED, Draft, Letter
from listen.store.sqlite import StoreError
from listen.store.write import Writer

T = TypeVar("T")

HOUR, DAY = 3_600.0, 86_400.0

STEPS = (10.0, 30.0, 120.0, 600.0, 1_800.0, HOUR)
"""Seconds from each try to the next; the last one goes on."""

JITTER = 0.2
"""The share by which a step is longer or shorter, so that receivers are not asked by everybody at once."""

PATIENCE = 3 * DAY
"""How long a letter is tried for."""

CRASHES = 3
"""Times that a letter may end its sender."""

LOOK = 1.0
"""Real seconds after which the outbox is looked at again, for what people asked to be sent again."""


class Sends(Protocol):
    """What carries a message."""

    async def prepare(self, targets: Iterable[Target]) -> None:
        """Have ready what takes a while to begin."""

    async def send(self, target: Target, message: Message, now: float) -> Outcome:
        """Try once; never raises but when cancelled: what went wrong is in the outcome, secrets masked."""

    async def close(self) -> None:
        """Let go of what is open."""


class Do(Protocol):
    """Runs work on the one writer of the store."""

    def __call__(self, work: Callable[[Writer], T], /) -> Awaitable[T]: ...


class Sender:
    """Runs as long as the collector."""

    def __init__(self, do: Do, ways: Sends, clock: Clock) -> None:
        self.targets: Mapping[str, Target] = {}
        self.progress = time.monotonic()
        """When the outbox was last looked at, on the monotonic clock."""
        self._do, self._ways, self._clock = do, ways, clock
        self._wake = asyncio.Event()
        self._serving: dict[str, asyncio.Task[None]] = {}
        self._pauses: dict[Target, tuple[float, float]] = {}
        """From when to when a receiver asked to be left alone: with every letter, not only with the one it refused."""
        self._alone: set[int] = set()
        """Letters that were refused while another one arrived."""
        self._rng = random.Random()  # noqa: S311

    def wake(self) -> None:
        """There may be something to send. Call it on the event loop."""
        self._wake.set()

    async def run(self) -> None:
        """Until it is cancelled."""
        try:
            while True:
                self._wake.clear()
                with contextlib.suppress(StoreError):
                    await self.look()
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._wake.wait(), LOOK)
        finally:
            for task in self._serving.values():
                task.cancel()
            await asyncio.gather(*self._serving.values(), return_exceptions=True)
            await self._ways.close()

    async def look(self) -> None:
        """Begin to send what is due to targets that are being sent nothing: one that hangs delays itself alone."""
        targets = self.targets
        await self._ways.prepare(targets.values())
        await self._do(lambda writer: self._set_aside_orphans(writer, targets))
        for name, target in targets.items():
            if not self._pauses_for(target) and (name not in self._serving or self._serving[name].done()):
                self._serving[name] = asyncio.create_task(self._serve(target))
        self.progress = time.monotonic()

    def _pauses_for(self, target: Target) -> bool:
        """A clock that was set back ends a pause."""
        since, until = self._pauses.get(target, (0.0, 0.0))
        return since <= self._clock.now() < until

    async def idle(self) -> None:
        """Wait for what has been begun."""
        await asyncio.gather(*self._serving.values())

    def _set_aside_orphans(self, writer: Writer, targets: Mapping[str, Target]) -> None:
        lost = outbox.orphans(writer.connection, targets)
        if lost:
            with writer.transaction():
                for one in lost:
                    why = f"there is no [notify.{one.target}] any more"
                    outbox.set_aside(writer.connection, [one.id], DEAD, why)

    async def _serve(self, target: Target) -> None:
        """All that is due, until nobody is there to take it."""
        with contextlib.suppress(StoreError):
            while letters := await self._do(lambda writer: self._take(writer, target)):
                digests = [one for one in letters if one.severity == "digest"]
                groups = [*([one] for one in letters if one not in digests), *([digests] if digests else [])]
                while groups:
                    if not await self._deliver_next(target, groups):
                        return

    async def _deliver_next(self, target: Target, groups: list[list[Letter]]) -> bool:
        """Send the first of them; whether to go on with those that are left."""
        first = groups.pop(0)
        if await self._deliver(target, first):
            return True
        if groups and not self._pauses_for(target):
            other = min(groups, key=lambda group: group[0].tries)  # the one that is the least likely to be at fault
            if await self._deliver(target, other):
                groups.remove(other)
                if not await self._deliver(target, first):
                    self._alone.update(one.id for one in first)
                return True
        behind = [one.id for group in groups for one in group]
        await self._do(lambda writer: _put_behind(writer, first[0].id, behind))
        return False

    def _take(self, writer: Writer, target: Target) -> list[Letter]:
        """What is due, without what is silenced and what is one too many."""
        now, connection = self._clock.now(), writer.connection
        due = outbox.due(connection, target.name, now)
        if not due:
            return []
        before = [one for one in outbox.put_back(connection, target.name, now) if one.id not in self._alone]
        due = sorted((*before, *due), key=lambda one: one.id)
        silenced = [one.id for one in due if _is_silenced(connection, one)]
        room = max(0, target.per_hour - outbox.sent_since(connection, target.name, now - HOUR))
        free = [one for one in due if one.severity == "digest" or one.kind == "held"]
        rest = [one for one in due if one.id not in silenced and one not in free]
        rest.sort(key=lambda one: (one.severity != "page", one.id))
        kept, over = rest[:room], rest[room:]
        if silenced or over:
            with writer.transaction():
                outbox.set_aside(connection, silenced, MUTED, "a silence stands")
                outbox.set_aside(connection, [one.id for one in over], HELD, f"more than {target.per_hour} in an hour")
                outbox.put(connection, [self._held_back(target, over, now)] if over else [], now)
        if kept and len(kept) == room:
            kept[-1] = _last_of_the_hour(kept[-1])
        return [*(one for one in free if one.id not in silenced), *kept]

    def _held_back(self, target: Target, over: Sequence[Letter], now: float) -> Draft:
        """One letter for all that was held back, as soon as there is room again."""
        rules = Counter(one.rule for one in over)
        told = ", ".join(f"{rule} {count}" for rule, count in rules.most_common())
        body = {
            "title": f"{len(over)} more held back",
            "text": f"Held back, as there were more than {target.per_hour} in an hour: {told}.\n"
            "`listen alerts` has them; `listen alerts retry` sends them.",
            "kind": "held",
            "alerts": sorted({alert for one in over for alert in one.alerts}),
        }
        return Draft(f"held-{over[0].id}", target.name, "held", "", "held", "notice", (), body, now + HOUR)

    async def _deliver(self, target: Target, letters: Sequence[Letter]) -> bool:
        """Whether to go on with this target."""
        now = self._clock.now()
        message = self._message(target, letters, now)
        outcome = await self._ways.send(target, message, now)
        if outcome.wait and not outcome.hopeless:
            self._pauses[target] = now, now + min(outcome.wait, DAY)
        ids = [one.id for one in letters]
        await self._do(lambda writer: self._note(writer, letters, ids, outcome))
        return not outcome.error or outcome.hopeless

    def _message(self, target: Target, letters: Sequence[Letter], now: float) -> Message:
        first = letters[0]
        if first.severity != "digest":
            return message_of(first.key, target.name, first.body)
        day = datetime.fromtimestamp(now, ZoneInfo(target.zone)).date().isoformat()
        return digest_of(day, target.name, [one.body for one in letters])

    def _note(self, writer: Writer, letters: Sequence[Letter], ids: Sequence[int], outcome: Outcome) -> None:
        now = self._clock.now()
        with writer.transaction():
            if not outcome.error:
                outbox.mark_sent(writer.connection, ids, now)
                return
            for one in letters:
                self._note_failure(writer, one, outcome, now)

    def _note_failure(self, writer: Writer, one: Letter, outcome: Outcome, now: float) -> None:
        due = now + max(self._step(one.tries), min(outcome.wait or 0.0, DAY))
        hopeless = outcome.hopeless or (outcome.crashed and one.crashes + 1 >= CRASHES)
        outbox.put_off(writer.connection, [one.id], due, outcome.error, crashed=outcome.crashed)
        if hopeless or due - one.made_at > PATIENCE:
            why = outcome.error if hopeless else f"tried for three days: {outcome.error}"
            outbox.set_aside(writer.connection, [one.id], DEAD, why)

    def _step(self, tries: int) -> float:
        return STEPS[min(tries, len(STEPS) - 1)] * self._rng.uniform(1 - JITTER, 1 + JITTER)


def _put_behind(writer: Writer, first: int, ids: Sequence[int]) -> None:
    with writer.transaction():
        outbox.put_behind(writer.connection, first, ids)


def _is_silenced(connection: Any, letter: Letter) -> bool:
    """Whether all that it tells of has fallen into a silence since it was written."""
    if letter.kind == "resolved" or not letter.alerts:
        return False
    found = [alerts.alert(connection, one) for one in letter.alerts]
    return all(one is None or one.muted.startswith("silence") for one in found)


def _last_of_the_hour(letter: Letter) -> Letter:
    text = f"{letter.body['text']}\n\nThe last for this hour: what is more is held back. `listen alerts` has all."
    return letter._replace(body={**letter.body, "text": text})
