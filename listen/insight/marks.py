"""What happened in the world beside the numbers: how much was said before and after it, and what was to be expected.

Both spans are equally long, to the second. What the hours before the mark let expect, as alerts and charts do
(`listen.insight.expected`), says what the time after would have brought without it: a rise at noon is none where every
noon rises. No proof that the one caused the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from listen.insight import foreseen
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
    """Mentions that were to be expected, each hour by those before it; None while too little is known."""
    expected: float | None
    """The same of the time after, by the hours before the mark."""
    spread: float | None
    """The standard deviation of `expected`."""
    basis: str | None
    """From what `expected` was told, as `listen.insight.expected` says it."""
    heard_before: float | None
    """The share of the time in which the channels were really heard, 0 to 1; None where nothing of that was kept."""
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
    usual, later = None, None
    with reader.snapshot() as connection:
        heard = foreseen.listened(connection, start, end, now)
        for (number,) in connection.execute("SELECT id FROM topics WHERE name = ? AND active", (topic,)).fetchall():
            usual, later = foreseen.around(connection, number, mark.at, span, heard)
    return Effect(
        mark, topic, span, over,
        reader.numbers_between(topic, start, mark.at), reader.numbers_between(topic, mark.at, end),
        usual and usual.mean, later and later.mean, later and later.spread,
        later and later.basis, heard.between(start, mark.at), heard.between(mark.at, end),
    )  # fmt: skip


def topics_of(reader: Reader, mark: Mark) -> list[str]:
    """The active topics that a mark is told of: its own, else our brands, else all."""
    listed = reader.live_topics()
    if mark.topic is not None:
        return [one.name for one in listed if one.name == mark.topic]
    return [one.name for one in listed if one.role == "brand"] or [one.name for one in listed]
