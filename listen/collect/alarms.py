"""The collector's part of alerts: a turn after each batch and once a second, and the past of new rules beside it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from listen.alerts import leaps, past
from listen.alerts.cycle import Notice
from listen.alerts.engine import Engine
from listen.alerts.notify import letters, targets
from listen.alerts.notify.heartbeat import Heartbeat
from listen.alerts.notify.sender import Sender
from listen.alerts.notify.ways import Ways
from listen.alerts.past import Past, Recent
from listen.alerts.replay import BrokenOff, NoReplay, replay
from listen.alerts.rules import Rule, configured
from listen.alerts.told import replay_record
from listen.alerts.watched import Watched
from listen.clock import Clock
from listen.collect.health import Health
from listen.collect.promises import Promises
from listen.collect.topics import Refused
from listen.collect.writing import Scribe
from listen.config import Config
from listen.config.desks import local_zone
from listen.insight.objectives import Progress
from listen.query import QueryError
from listen.secrets import Secret, SecretError
from listen.store.alerts import Alert
from listen.store.read import Reader
from listen.store.sqlite import Connection, StoreError
from listen.store.write import Writer

log = logging.getLogger("listen.alerts")

TOLD = 100
"""Firings that the answer to a replay lists, the last ones."""


class Alarms:
    """Runs the rules of the configuration."""

    def __init__(self, store: Path, scribe: Scribe, clock: Clock, health: Health) -> None:
        self._store, self._scribe, self._clock, self._health = store, scribe, clock, health
        self.engine = Engine(self._put)
        self.sender = Sender(scribe.do, Ways(), clock)
        self._heartbeat = Heartbeat()
        self._sending: asyncio.Task[None] | None = None
        self._reading: asyncio.Task[None] | None = None
        self._promises = Promises(store, clock)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._fault = ""

    async def configure(self, config: Config) -> None:
        """Watch the rules of that configuration. Raises StoreError."""
        self._loop = asyncio.get_running_loop()
        rules = configured(config.tables.get("alerts", {}), local_zone())
        zone = local_zone() or "UTC"
        self.sender.targets = targets.configured(config.tables.get("notify", {}), config.folder, zone)
        self._heartbeat.address, self._heartbeat.problem = _address(config)
        await self._scribe.do(lambda writer: self._configure(writer, rules))
        self._promises.anew()
        if self._sending is None:
            self._sending = asyncio.create_task(self.sender.run())
        self.sender.wake()
        for name, words in self.engine.faults.items():
            self._health.tell("alert", reason="rule", message=f"the rule {name} cannot be asked: {words}")

    def _configure(self, writer: Writer, rules: Sequence[Rule]) -> None:
        writer.remembers = bool(rules)
        self.engine.configure(writer, rules)
        self._scribe.after = self._after

    def _put(self, connection: Connection, notices: Sequence[Notice], now: float) -> None:
        letters.put(connection, notices, self.sender.targets, now)

    async def look(self) -> None:
        """Once a second. Raises StoreError."""
        await self._scribe.do(self._turn)
        self._heartbeat.look(time.monotonic(), self._scribe.progress, self.sender.progress)
        self._promises.look(self.engine.rules.values(), self._heed)
        if self._reading is not None and self._reading.done():
            task, self._reading = self._reading, None
            task.result()
        if self._reading is None and self.engine.unread():
            self._reading = asyncio.create_task(self._read_past())
        if self._reading is None and (found := self.engine.leapt(self._clock.now())) is not None:
            self._reading = asyncio.create_task(self._look_back(*found))

    def _after(self, writer: Writer) -> None:
        """Behind each batch; whoever stored it is not to suffer from what goes wrong here, and `look` meets it, too."""
        with contextlib.suppress(StoreError):
            self._turn(writer)

    def _turn(self, writer: Writer) -> None:
        try:
            notices = self.engine.turn(writer)
        except StoreError:
            raise
        except Exception as error:  # a fault of ours: collecting goes on, and so do alerts from the next turn on
            if str(error) != self._fault:
                log.exception("a turn of the alerts failed")
                self._tell("alert", "internal", f"{type(error).__name__} in our own code; please report it")
            self._fault = str(error)
            return
        for one in notices:
            self._tell("alert", one.kind, _sentence(one))
        if notices and self._loop is not None:
            with contextlib.suppress(RuntimeError):  # the loop has ended
                self._loop.call_soon_threadsafe(self.sender.wake)

    def _tell(self, kind: str, reason: str, message: str) -> None:
        """From the writing thread."""
        assert kind == "alert"
        if self._loop is not None:
            with contextlib.suppress(RuntimeError):  # the loop has ended
                self._loop.call_soon_threadsafe(lambda: self._health.tell("alert", reason=reason, message=message))

    async def _heed(self, found: Sequence[Progress]) -> None:
        await self._scribe.do(lambda writer: self.engine.heed(found))

    # --- the past of rules -------------------------------------------------------------------------------------------

    async def _read_past(self) -> None:
        """Of rules that look at their open window alone first: they are the sooner at work."""
        lately: dict[float, Recent] = {}
        for one in sorted(self.engine.unread(), key=lambda each: past.needs_hours(each.rule)):
            found = await asyncio.to_thread(self._past_of, one, lately)
            if found is not None:
                await self._scribe.do(lambda writer, one=one, found=found: self.engine.learn(one.rule, *found))  # type: ignore[misc]

    def _past_of(self, one: Watched, lately: dict[float, Recent]) -> tuple[Past, Past | None] | None:
        """None for a rule whose query cannot be asked. `lately`: what has arrived, by windows asked before."""
        now, window = self._clock.now(), one.rule.window
        try:
            with Reader(self._store) as reader:
                if window not in lately:
                    lately[window] = past.recent(reader, now - window)
                return past.of_rule(reader, one.rule, one.since, now, lately[window])
        except QueryError:
            return None

    async def _look_back(self, rule: Rule, since: float) -> None:
        """At what a rule would have fired while nobody looked."""
        ended = threading.Event()
        try:
            found = await asyncio.to_thread(self._looked_back, rule, since, lambda: not ended.is_set())
        finally:
            ended.set()
        await self._scribe.do(lambda writer: self.engine.recall(writer, rule, found))

    def _looked_back(self, rule: Rule, since: float, wanted: Callable[[], bool]) -> list[Alert]:
        try:
            with Reader(self._store) as reader:
                return leaps.looked_back(reader, rule, since, self._clock.now(), self._clock.pace(), wanted)
        except (BrokenOff, QueryError):
            return []
        except ArithmeticError:
            log.exception("the rule %s cannot be looked at again", rule.name)
            return []

    async def replay(self, name: str, since: float, draft: Rule | None = None) -> dict[str, Any]:
        """When a rule that runs, or a draft, would have fired, see `asked.REPLAY`. Raises Refused, StoreError."""
        rule = draft or self.engine.rules.get(name)
        if rule is None:
            raise Refused(f'no rule "{name}" runs; `listen alerts rules` lists those that do')
        ended = threading.Event()
        try:
            return await asyncio.to_thread(self._replayed, rule, since, ended)
        except (NoReplay, QueryError) as error:
            raise Refused(str(error)) from None
        finally:
            ended.set()  # a thread that is not waited for any more would keep the collector from ending

    def _replayed(self, rule: Rule, since: float, ended: threading.Event) -> dict[str, Any]:
        with Reader(self._store) as reader:
            found = replay_record(replay(reader, rule, since, self._clock.now(), lambda: not ended.is_set()))
        return found | {"firings": found["firings"][-TOLD:]}

    async def end(self) -> None:
        """Stop; what has been counted is made anew the next time, and what was not sent waits for it."""
        if self._sending is not None:
            self._sending.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._sending
        await self._heartbeat.end()
        await self._promises.end()
        if self._reading is not None:
            self._reading.cancel()
            with contextlib.suppress(asyncio.CancelledError, StoreError):
                await self._reading
        with contextlib.suppress(StoreError):
            await self._scribe.do(lambda writer: self.engine.close())


def _address(config: Config) -> tuple[Secret | None, str]:
    """(where the heartbeat goes, why it goes nowhere)."""
    if not config.heartbeat:
        return None, ""
    try:
        return targets.secret_of(config.heartbeat, config.folder), ""
    except SecretError as error:
        log.warning("there is no heartbeat: %s", error)
        return None, str(error)


def _sentence(one: Notice) -> str:
    """`bad-buzz fires: 41 in the hour, …`"""
    said = {"firing": "fires", "repeat": "still fires", "resolved": "is over"}[one.kind]
    first = one.alerts[0]
    more = f" and {len(one.alerts) - 1} more" if len(one.alerts) > 1 else ""
    where = f" ({first.instance})" if first.instance else ""
    return f"{one.rule}{where}{more} {said}: {first.evidence.get('text', '')}"
