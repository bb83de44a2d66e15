"""What has arrived in a window, for one instance of one rule: each mention once, by when it arrived."""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Iterable
from typing import NamedTuple

KEPT = 5_000
"""Mentions of one window that are known one by one; of earlier ones only how many there were."""

PARTS = 60
"""Parts of a window by which those are counted."""


class Arrival(NamedTuple):
    """A mention that a rule counts."""

    id: int
    at: int
    """When it arrived, Unix seconds."""
    seq: int
    """Its place among all arrivals."""
    author: int
    story: int


class Window:
    """Counts over the last `seconds`."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.known: OrderedDict[int, Arrival] = OrderedDict()
        self.latest = 0
        """The place of the newest arrival that it ever had."""
        self._authors: Counter[int] = Counter()
        self._stories: Counter[int] = Counter()
        self._early: OrderedDict[int, int] = OrderedDict()
        """Part of the time -> mentions beyond KEPT."""

    @property
    def n(self) -> int:
        """Mentions in the window."""
        return len(self.known) + (sum(self._early.values()) if self._early else 0)

    @property
    def authors(self) -> int:
        """Distinct authors, among the newest KEPT."""
        return len(self._authors)

    @property
    def stories(self) -> int:
        """Distinct stories, among the newest KEPT; what nobody else tells is one, too."""
        return len(self._stories)

    def add(self, one: Arrival) -> bool:
        """Take in a mention; False when it is known already."""
        if one.id in self.known:
            return False
        self.known[one.id] = one
        self.latest = max(self.latest, one.seq)
        self._authors[one.author] += 1
        self._stories[one.story] += 1
        if len(self.known) > KEPT:
            early = self._forget(next(iter(self.known)))
            part = int(early.at // self._part)
            self._early[part] = self._early.get(part, 0) + 1
        return True

    def remove(self, mention_id: int) -> Arrival | None:
        """A mention counts no more; what was known of it."""
        return self._forget(mention_id) if mention_id in self.known else None

    def retell(self, mention_id: int, story: int) -> None:
        """A mention has become part of a story."""
        one = self.known.get(mention_id)
        if one is not None and one.story != story:
            _less(self._stories, one.story)
            self._stories[story] += 1
            self.known[mention_id] = one._replace(story=story)

    def pass_on(self, now: float) -> None:
        """Let go of what is older than the window."""
        since = now - self.seconds
        while self.known and (oldest := next(iter(self.known.values()))).at <= since:
            self._forget(oldest.id)
        while self._early and (next(iter(self._early)) + 1) * self._part <= since:
            self._early.popitem(last=False)

    def before(self, past: Iterable[Arrival]) -> None:
        """Take in what arrived before all that is known."""
        later = list(self.known.values())
        self.known.clear()
        self._authors.clear()
        self._stories.clear()
        for one in (*past, *later):
            self.add(one)

    @property
    def _part(self) -> float:
        return max(1.0, self.seconds / PARTS)

    def _forget(self, mention_id: int) -> Arrival:
        one = self.known.pop(mention_id)
        _less(self._authors, one.author)
        _less(self._stories, one.story)
        return one


def _less(counter: Counter[int], key: int) -> None:
    counter[key] -= 1
    if not counter[key]:
        del counter[key]
