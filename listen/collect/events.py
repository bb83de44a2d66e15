"""What the collector tells those who watch it: progress on a terminal, logs, the demonstration, tests."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

Kind = Literal[
    "ready",
    "page",
    "unchanged",
    "frames",
    "connected",
    "lost",
    "error",
    "waiting",
    "paused",
    "resumed",
    "reloaded",
    "rematch",
    "rescore",
    "fare",
    "alert",
    "config-error",
    "stopping",
]


@dataclass(frozen=True, slots=True)
class Event:
    """Something happened. Texts may be foreign: whoever shows them cleans them."""

    kind: Kind
    at: float
    source: str = ""
    channel: str = ""
    new: int = 0
    """Mentions stored for the first time."""
    again: int = 0
    changed: int = 0
    rejects: int = 0
    dropped: int = 0
    """Posts that match no topic, of a source that keeps matched ones only."""
    reason: str = ""
    message: str = ""
    remedy: str = ""


Emit = Callable[[Event], None]


def silent(event: Event) -> None:
    """For those who watch nothing."""
