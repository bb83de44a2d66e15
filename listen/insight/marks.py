"""What happened in the world beside the numbers: how much was said before and after it, and what was to be expected.

Both spans are equally long, to the second. What the same hours of earlier weeks (or days) had says what the time after
would have brought without it: a rise at noon is none where every noon rises. No proof that the one caused the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median
from typing import NamedTuple, Protocol

from listen.insight.brief import coverage, earlier
from listen.store.marks import Mark
from listen.store.pulse import Numbers
from listen.store.read import Reader

__all__ = ["SPAN", "Effect", "Mark", "effect", "marks", "topics_of"]

SPAN = 86_400
"""Seconds before and after a mark that are compared when nothing else is said."""

LEAST = 60
"""Seconds that must have passed since a mark before anything is said of it."""


class Between(Protocol):
    """A span of time in Unix seconds, as `listen.insight.window.Window` is one."""

    @property
    def since(self) -> int: ...
    @property
    def until(self) -> int: ...


class Effect(NamedTuple):
    """A topic before and after a mark."""

    mark: Mark
    topic: str
    span: int
    """Seconds of each of the two times: as asked, or as many as have passed since the mark."""
    over: bool
    """The time after is over; else these are its numbers so far."""
    before: Numbers
    after: Numbers
    expected_before: float | None
    """Mentions that the same hours of earlier weeks (days) had, their median; None while too little was heard."""
    expected: float | None
    """The same of the time after."""
    of: int
    """How many earlier times `expected` is the median of."""
    unit: str
    """`weeks` or `days`."""
    heard_before: float | None
    """The share of the time in which channels were really heard, 0 to 1; None without channels."""
    heard: float | None


def marks(reader: Reader, window: Between, topic: str | None = None) -> Sequence[Mark]:
    """The marks of a window, oldest first; with a topic those about it, or about all topics."""
    return reader.marks(window.since, window.until, topic)


def effect(reader: Reader, mark: Mark, topic: str, *, now: float, span: int = SPAN) -> Effect | None:
    """What became of an active topic; None for a mark that is still to come, or came this very minute."""
    passed = int(now) - mark.at
    if passed < LEAST:
        return None
    span, over = min(span, passed), span <= passed
    start, end = mark.at - span, mark.at + span
    usual, of, unit = _usual(reader, topic, mark.at, end)
    return Effect(
        mark, topic, span, over,
        reader.numbers_between(topic, start, mark.at), reader.numbers_between(topic, mark.at, end),
        _usual(reader, topic, start, mark.at)[0], usual, of, unit,
        coverage(reader, start, mark.at), coverage(reader, mark.at, end),
    )  # fmt: skip


def _usual(reader: Reader, topic: str, since: float, until: float) -> tuple[float | None, int, str]:
    """(mentions of the same hours of earlier weeks or days, how many of those, which)."""
    found, unit = earlier(reader, since, until, topic)
    return (median(one.get(topic, 0.0) for one in found) if found else None), len(found), unit


def topics_of(reader: Reader, mark: Mark) -> list[str]:
    """The active topics that a mark is told of: its own, else our brands, else all."""
    listed = reader.live_topics()
    if mark.topic is not None:
        return [one.name for one in listed if one.name == mark.topic]
    return [one.name for one in listed if one.role == "brand"] or [one.name for one in listed]
