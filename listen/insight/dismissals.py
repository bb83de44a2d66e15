"""What share of the mentions that people deal with they dismiss, by topic and source, and where that has changed.

A precision that keeps itself: nobody is asked. What came in within the last LATELY days is compared with what came in
within the BEFORE days before that, of a source as a whole and of a topic in a source. A change is told when Fisher's
exact test, two-sided, makes it less likely than LEVEL that chance alone brought it: over all comparisons that are made
together, by Bonferroni's correction.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from listen.store.handled import Handled
from listen.store.read import Reader

DAY = 86_400

LATELY = 7
"""Days."""

BEFORE = 28
"""Days before them."""

LEAST = 10
"""Mentions dealt with, in each of the two times, below which nothing is compared."""

LEVEL = 0.05
"""How likely it may be that any of the changes that are told together came by chance."""


class Share(NamedTuple):
    """Of the mentions that people dealt with, those that they dismissed."""

    dismissed: int = 0
    handled: int = 0

    @property
    def percent(self) -> str:
        """`19 %`; `?` when nothing was dealt with."""
        return f"{100 * self.dismissed / self.handled:.0f} %" if self.handled else "?"

    def plus(self, other: Share) -> Share:
        """Both together."""
        return Share(self.dismissed + other.dismissed, self.handled + other.handled)


class Change(NamedTuple):
    """A source, of one topic or as a whole (None)."""

    topic: str | None
    source: str
    before: Share
    lately: Share
    p: float | None = None
    """How likely chance alone brings a difference like this one, corrected; None when it was not compared."""

    @property
    def told(self) -> bool:
        """It is more than chance."""
        return self.p is not None and self.p < LEVEL

    @property
    def worse(self) -> bool:
        """More is dismissed than before."""
        return self.lately.dismissed * self.before.handled > self.before.dismissed * self.lately.handled

    def __str__(self) -> str:
        """`4 % → 19 % dismissed, re-check`."""
        return f"{self.before.percent} → {self.lately.percent} dismissed{', re-check' if self.worse else ''}"


class Dismissals(NamedTuple):
    """What people dismiss, now and before, everywhere."""

    sources: Sequence[Change]
    """Of each source, by name."""
    topics: Sequence[Change]
    """Of each topic in each source, by name."""

    def of_topic(self, name: str) -> Share:
        """All that was dealt with of a topic, in both times."""
        return _sum(one for one in self.topics if one.topic == name)

    def of_source(self, name: str) -> Share:
        """All that was dealt with of a source, in both times."""
        return _sum(one for one in self.sources if one.source == name)

    def changes(self, topic: str) -> list[Change]:
        """The sources in which a topic has changed beyond chance."""
        return [one for one in self.topics if one.topic == topic and one.told]


def dismissals(reader: Reader, *, now: float, topics: bool = True) -> Dismissals:
    """By the mentions of the last weeks that people dealt with; `now` in Unix seconds. Sources alone are told soon."""
    turn = now - LATELY * DAY
    before = reader.handled(turn - BEFORE * DAY, turn, topics)
    lately = reader.handled(turn, now + DAY, topics)  # a day more: clocks differ
    changes = compared(before, lately)
    return Dismissals(
        _corrected([one for one in changes if one.topic is None]),
        _corrected([one for one in changes if one.topic is not None]),
    )


def compared(before: Iterable[Handled], lately: Iterable[Handled]) -> list[Change]:
    """What belongs together, by topic and source, not yet tested."""
    shares: dict[tuple[str | None, str], list[Share]] = {}
    for place, rows in enumerate((before, lately)):
        for row in rows:
            shares.setdefault((row.topic, row.source), [Share(), Share()])[place] = Share(row.dismissed, row.handled)
    ordered = sorted(shares.items(), key=lambda one: (one[0][0] or "", one[0][1]))
    return [Change(topic, source, before, lately) for (topic, source), (before, lately) in ordered]


def _corrected(changes: Sequence[Change]) -> list[Change]:
    """With the likelihood of each, times how many are compared (Bonferroni)."""
    tested = [min(one.before.handled, one.lately.handled) >= LEAST for one in changes]
    count = sum(tested)
    return [
        one._replace(p=min(1.0, count * fisher(one.before, one.lately))) if test else one
        for one, test in zip(changes, tested, strict=True)
    ]


def fisher(one: Share, other: Share) -> float:
    """How likely two shares at least as unlikely as these are when there is no difference: Fisher's exact test.

    Two-sided: the sum of the likelihoods (hypergeometric, with both margins as they are) of all tables that are no
    likelier than this one. R. A. Fisher, "On the interpretation of χ² from contingency tables, and the calculation of
    P", Journal of the Royal Statistical Society 85 (1922), 87-94.
    """
    gone, whole = one.dismissed + other.dismissed, one.handled + other.handled
    low, high = max(0, gone - other.handled), min(one.handled, gone)
    logs = [_log_choose(one.handled, x) + _log_choose(other.handled, gone - x) for x in range(low, high + 1)]
    total = _log_choose(whole, gone)
    here = logs[one.dismissed - low]
    return min(1.0, sum(math.exp(log - total) for log in logs if log <= here + 1e-7))


def _log_choose(n: int, k: int) -> float:
    return math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)


def _sum(changes: Iterable[Change]) -> Share:
    total = Share()
    for one in changes:
        total = total.plus(one.before).plus(one.lately)
    return total
