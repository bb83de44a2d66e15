"""A random sample of all that a query finds, in bounded time however much that is.

What can be walked through within WALK seconds is sampled by reservoir: every set of mentions is as likely as any other.
Of more, short spells are read that lie evenly over all that is stored, and the sample is drawn from what they hold.
Every mention is then as likely as any other, too, and only those of one spell know of each other. The spells are read
in random order, so that one that ends for want of time is fair as well.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from listen.query import tree
from listen.store.read import Reader

WALK = 1.0
"""Seconds for walking through the whole answer."""

SPELLS = 2.0
"""Seconds for reading spells of what is too much for that."""

PAGE = 5_000
"""Mentions that are asked for at a time."""

MANY = 400
"""Spells."""

POOL = 5_000
"""Mentions that all spells together shall hold."""

Spell = tuple[int, int]
"""Lowest id, and the one after the highest."""


class Sample(NamedTuple):
    """Mentions of a query at random, in random order: the first of them are a sample, too."""

    ids: tuple[int, ...]
    seed: int
    n: int
    """How many mentions the query has; about so many when not `whole`."""
    whole: bool
    """Every mention of the answer was looked at."""
    spells: int = 0
    """How many spells were read, of `of`, when not `whole`."""
    of: int = 0

    @property
    def rule(self) -> str:
        """How it was drawn: `50 of all 1,234 at random (seed 1)`."""
        some = f"{len(self.ids):,} of"
        if self.whole:
            return f"{some} all {self.n:,} at random (seed {self.seed})"
        cut = "" if self.spells == self.of else f", of {self.of:,} that were meant: time was up"
        spread = f"{self.spells:,} short spells spread over all that is stored{cut}"
        return f"{some} about {self.n:,} at random, from {spread} (seed {self.seed})"


def sample(
    reader: Reader, node: tree.Node, size: int, seed: int, *, now: float, wanted: Callable[[], bool] = lambda: True
) -> Sample:
    """At most `size` mentions of a query at random; the same again for the same seed and the same store.

    (As far as time does not decide: which spells are read until it is up depends on the machine.) Ends early when
    `wanted()` says that nobody waits for it.
    """
    dice = random.Random(seed)  # noqa: S311 - nobody gains by guessing it
    until = time.monotonic() + WALK
    held: list[int] = []
    n, before = 0, None
    while wanted():
        left = until - time.monotonic()
        page = reader.page(node, before=before, limit=PAGE, budget=max(0.01, left), now=now)
        for one in page.ids:
            n += 1
            if len(held) < size:
                held.append(one)
            elif (at := dice.randrange(n)) < size:
                held[at] = one
        if page.complete and len(page.ids) < PAGE:
            dice.shuffle(held)
            return Sample(tuple(held), seed, n, whole=True)
        before = page.back_to
        if left <= 0:
            break
    return _spread(reader, node, size, seed, dice, _share(reader.spread(), before or 0, n), now, wanted)


def _share(parts: Sequence[tuple[int, int, int]], back_to: int, n: int) -> tuple[Sequence[tuple[int, int, int]], int]:
    """(the parts of the store, about how many mentions a query has that has `n` from `back_to` on)."""
    seen = sum(count * _above(low, high, back_to) for low, high, count in parts)
    total = sum(count for _, _, count in parts)
    return parts, max(n, round(n * total / seen)) if seen else n


def _above(low: int, high: int, at: int) -> float:
    """The part of a range of ids that lies from `at` on."""
    return max(0.0, min(1.0, (high - at) / max(1, high - low)))


def _spread(
    reader: Reader,
    node: tree.Node,
    size: int,
    seed: int,
    dice: random.Random,
    share: tuple[Sequence[tuple[int, int, int]], int],
    now: float,
    wanted: Callable[[], bool],
) -> Sample:
    parts, about = share
    cells = max(1, round(about / max(POOL, 10 * size)))
    meant = list(_spells(parts, cells, dice))
    dice.shuffle(meant)
    until = time.monotonic() + SPELLS
    pool: list[int] = []
    read = 0
    for low, high in meant:
        left = until - time.monotonic()
        if not wanted() or (left <= 0 and read):
            break
        page = reader.page(node, after=low - 1, before=high, limit=2 * PAGE, budget=max(0.05, left), now=now)
        if not page.complete and read:  # a spell that was read in part would favour its beginning
            break
        pool += page.ids
        read += 1
    ids = dice.sample(pool, min(size, len(pool)))
    n = round(len(pool) * cells * len(meant) / read) if read else about
    return Sample(tuple(ids), seed, n, whole=False, spells=read, of=len(meant))


def _spells(parts: Sequence[tuple[int, int, int]], cells: int, dice: random.Random) -> Iterator[Spell]:
    """One of every `cells` short spells: the store is cut into MANY even stretches, and each of them into cells."""
    total = sum(count for _, _, count in parts)
    for low, high, count in parts:
        stretches = max(1, round(MANY * count / total))
        for stretch in range(stretches):
            cell = stretch * cells + dice.randrange(cells)
            first, last = (low + (high - low) * at // (stretches * cells) for at in (cell, cell + 1))
            if first < last:
                yield first, last
