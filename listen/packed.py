"""Very many ids in little room: half a million as numbers of Python's own take 20 MB wherever they are held."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from operator import neg

MANY = 2_000
"""Ids from which on they are packed."""


def packed(ids: Sequence[int]) -> Sequence[int]:
    """The same ids as a tuple, or packed when they are many."""
    if isinstance(ids, array):
        return ids if len(ids) > MANY else tuple(ids)
    return array("q", ids) if len(ids) > MANY else tuple(ids)


def merged(many: Sequence[int], others: Iterable[int], gone: Iterable[int] = ()) -> Sequence[int]:
    """Ids that stand newest first, with others that are not among them and without those that are gone.

    In the time that it takes to copy them, as long as those two are few.
    """
    changes = sorted([*((one, True) for one in others), *((one, False) for one in gone)], reverse=True)
    source = many if isinstance(many, array) else array("q", many)
    found = array("q")
    at = 0
    for one, comes in changes:
        to = bisect_left(source, -one, lo=at, key=neg)
        found.extend(source[at:to])
        if comes:
            found.append(one)
        at = to if comes else to + 1
    found.extend(source[at:])
    return packed(found)


def within(one: int, newest_first: Sequence[int]) -> bool:
    """Whether an id is one of many that stand newest first."""
    at = bisect_left(newest_first, -one, key=neg)
    return at < len(newest_first) and newest_first[at] == one


class Trail:
    """Ids in the order in which a cursor went over them, each once."""

    def __init__(self, ids: Iterable[int] = ()) -> None:
        self._ids = array("q", ids)
        self._way = 0
        """-1: each one older than the one before, 1: newer; 0: neither, or not known yet."""
        self._all: set[int] | None = None
        """The same, when they go neither way."""

    def __len__(self) -> int:
        return len(self._ids)

    def __iter__(self) -> Iterator[int]:
        return iter(self._ids)

    def __contains__(self, one: int) -> bool:
        if self._all is not None:
            return one in self._all
        if self._way < 0:
            return within(one, self._ids)
        at = bisect_left(self._ids, one)
        return at < len(self._ids) and self._ids[at] == one

    @property
    def last(self) -> int | None:
        return self._ids[-1] if self._ids else None

    def newest_first(self) -> Sequence[int]:
        """All of them."""
        if self._all is not None:
            return packed(sorted(self._ids, reverse=True))
        return packed(self._ids[:] if self._way < 0 else self._ids[::-1])

    def add(self, one: int) -> None:
        """One more, which is none of them."""
        self.extend((one,))

    def extend(self, more: Sequence[int]) -> None:
        """More, none of them among those; many go one way in themselves."""
        if not more:
            return
        row = [*self._ids[-1:], *(more if len(more) <= MANY else (more[0], more[-1]))]
        ways = {1 if after > before else -1 for before, after in pairwise(row)}
        if len(self._ids) > 1 or self._way:
            ways.add(self._way)
        self._ids.extend(more)
        if self._all is not None:
            self._all.update(more)
        elif len(ways) > 1:
            self._all, self._way = set(self._ids), 0
        elif ways:
            (self._way,) = ways

    def pop(self) -> int:
        """Take the last one away."""
        one = self._ids.pop()
        if self._all is not None:
            self._all.discard(one)
        elif len(self._ids) < 2:
            self._way = 0
        return one

    def drop(self, one: int) -> None:
        """Take one out, if it is there."""
        if one in self:
            self._ids.remove(one)
            if self._all is not None:
                self._all.discard(one)
