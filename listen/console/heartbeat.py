"""Who collects, as far as the console can tell: the collector leaves a heartbeat in the store."""

from __future__ import annotations

import re
import socket
import time

from listen.clock import Clock
from listen.store.channels import LastHeard
from listen.store.running import Collector
from listen.text import one_line

SILENT = 30.0
"""Seconds of our own time without a new heartbeat after which nobody collects."""

STARTING = 15.0
"""Seconds that a collector which this console has started may take for its first heartbeat."""

RECENT = 90.0
"""Real seconds: a heartbeat that is no older was beaten by somebody alive."""


NOBODY = ("nobody collects", True)
"""What is told when nobody does."""


BEGINS = "starting"


class Heartbeat:
    """Judges by whether the heartbeat goes on: the collector's clock may run at another speed than ours."""

    def __init__(self, clock: Clock, *, starting: bool = False) -> None:
        self._clock = clock
        self._starting_until = time.monotonic() + STARTING if starting else 0.0
        self._here = socket.gethostname()
        self._last: Collector | None = None
        self._beaten_at: float | None = None
        self._heard = LastHeard()
        self.why = ""
        """Why the collector of this console has ended, until somebody collects again."""

    def ended(self, why: str) -> None:
        """The collector of this console has ended by itself."""
        self.why, self._beaten_at, self._starting_until = why, None, 0.0

    def see(self, collector: Collector | None, heard: LastHeard = LastHeard()) -> None:  # noqa: B008 (it never changes)
        """What the store says now."""
        self._heard = heard
        if collector is not None and (self._last is None or collector.heartbeat != self._last.heartbeat):
            age = (self._clock.now() - collector.heartbeat) / self._clock.pace()
            fresh = self._last is not None or age < RECENT
            self._beaten_at = time.monotonic() if fresh else None
            self.why = "" if fresh else self.why
        self._last = collector

    @property
    def silent(self) -> bool:
        """Nobody collects, as far as is known."""
        return self.told() == NOBODY

    def told(self) -> tuple[str, bool]:
        """(in a word or two, whether something is wrong)"""
        if self._last is None or self._beaten_at is None or time.monotonic() - self._beaten_at > SILENT:
            if time.monotonic() < self._starting_until:
                return BEGINS, False
            return NOBODY
        if self._last.problem:
            return one_line(self._last.problem, 40), True
        where = "" if self._last.host == self._here else f" on {one_line(self._last.host, 20)}"
        who = f"{one_line(self._last.who, 16)} collects" if self._last.who else "collecting"
        return f"{who}{where}", False

    def state(self) -> tuple[str, bool]:
        """The same with why, or how long nothing has answered, once that is more than can be explained."""
        told, wrong = self.told()
        if self.why and told == NOBODY[0]:
            return f"{told} · {_brief(self.why)}", True
        silent = self._heard.silent_for(self._clock.now(), self._clock.pace())
        if silent is None or told == BEGINS:
            return told, wrong
        from listen.store.condition import span

        words = f"nothing heard for {span(silent)}"
        return f"{told} · {words}" if wrong else words, True


def _brief(why: str) -> str:
    """Where in which file, when that is what is wrong; else the beginning: there is little room in a first line."""
    place = re.match(r"(?:[^:]*/)?([^/:]+:\d+): ", why)
    return one_line(place[1] if place else why, 40)
