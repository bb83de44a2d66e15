"""What each side of a query's ORs brings, told by what is stored: nothing, or nearly everything."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from listen.query import tree
from listen.store.read import Reader

DAYS = 30
"""How far back is looked."""

SHARE = 0.8
"""A side that brings so much of a query alone is worth a look."""

CAP = 10_000
"""Mentions counted at most."""

BUDGET = 1.0
"""Seconds for each count."""

MOST = 60
"""Sides that are counted at most."""

ENOUGH = 20
"""Mentions of the whole query below which shares say nothing."""


@dataclass(frozen=True, slots=True)
class Clause:
    """One side of an OR, or what a NOT takes out. `n` counts its mentions of the last DAYS days, up to CAP."""

    span: tree.Span
    excludes: bool
    n: int
    complete: bool
    """False: at least `n`, for want of time or because CAP was reached."""
    share: float | None = None
    """The part of the query's mentions that it would find without its siblings; None when that is not known."""

    @property
    def idle(self) -> bool:
        """It never matched."""
        return self.complete and self.n == 0

    @property
    def dominant(self) -> bool:
        """It brings nearly everything alone."""
        return self.share is not None and self.share >= SHARE


def clauses(reader: Reader, node: tree.Node, *, now: float) -> list[Clause]:
    """The sides of all ORs that do not stand under a NOT, and all NOTs, as they are written.

    A side is counted alone; what a NOT takes out is counted within the rest of its AND.
    """
    whole = _count(reader, node, now)
    found: list[Clause] = []
    for part, only, excludes in _parts(node, lambda it: it):
        if len(found) == MOST:
            break
        n, complete = _count(reader, part, now)
        share = None
        if not excludes and n and whole[1] and whole[0] >= ENOUGH:
            alone, known = _count(reader, only, now)
            share = alone / whole[0] if known else None
        found.append(Clause(part.span, excludes, n, complete, share))
    return found


Context = Callable[[tree.Node], tree.Node]
"""The whole query with another node in the place of a part."""


def _parts(node: tree.Node, around: Context) -> Iterator[tuple[tree.Node, tree.Node, bool]]:
    """(part to count, the whole query with it alone among its siblings, whether a NOT takes it out)"""
    match node:
        case tree.Or(items) if len({item.span for item in items}) > 1:
            for item in items:
                yield item, around(item), False
                yield from _parts(item, around)
        case tree.And(items):
            for at, item in enumerate(items):
                rest = (*items[:at], *items[at + 1 :])
                if isinstance(item, tree.Not):
                    yield tree.And((*rest, item.item), item.span), node, True
                else:
                    yield from _parts(item, lambda it, rest=rest: around(tree.And((*rest, it))))  # type: ignore[misc]


def _count(reader: Reader, node: tree.Node, now: float) -> tuple[int, bool]:
    recent = tree.Time("time", tree.Moment(ago=DAYS * 86_400.0))
    found = reader.count(tree.And((recent, node)), CAP, BUDGET, now=now)
    return found.n, found.complete
