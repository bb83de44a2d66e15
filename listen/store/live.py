"""How the streams fare right now, as the collector tells those who read the store: one fact, written every few seconds.

It is no history: coverage and a channel's own row keep what was heard.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import NamedTuple

from listen.store.sqlite import Connection

FACT = "streams"

FRESH = 60.0
"""Seconds after which what was told counts no more: its collector has ended without a word."""


class Live(NamedTuple):
    """A channel that streams. Times in Unix seconds."""

    at: int
    """When this was told."""
    since: int | None = None
    """Connected since; None: it is not."""
    rate: float = 0.0
    """Frames a second."""
    lag: float | None = None
    """Seconds by which the newest frame was late; None is unknown."""
    instead: str = ""
    """Why it is asked now and then instead."""

    def connected(self, now: float) -> bool:
        return self.since is not None and abs(now - self.at) <= FRESH


def written(at: float, channels: Mapping[int, Live]) -> str:
    """The fact's value."""
    told = {str(number): [one.since, one.rate, one.lag, one.instead] for number, one in channels.items()}
    return json.dumps({"at": int(at), "channels": told}, ensure_ascii=False)


def read(connection: Connection) -> dict[int, Live]:
    """Channel id -> how it fares, of those that stream."""
    row = connection.execute("SELECT value FROM state WHERE name = ?", (FACT,)).fetchone()
    if row is None:
        return {}
    told = json.loads(row[0])
    return {int(number): Live(int(told["at"]), *one) for number, one in told["channels"].items()}
