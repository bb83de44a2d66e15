"""What is marked: ids, never rows, so that marks survive paging and whatever the list lets go of.

Plain Python, no screen and no store.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from listen.packed import MANY, Trail, merged, packed, within

Meant = Callable[[Sequence[int]], Sequence[int]]
"""What rows, newest first, stand for: themselves and more, each once; of many the newest first again."""


class Marks:
    """Marked mentions, and a range that is being drawn: it is marked as far as the cursor has come."""

    def __init__(self) -> None:
        self._mass: Sequence[int] = ()
        """Very many that were marked at once, newest first."""
        self._without: set[int] = set()
        """Those of them that are marked no longer."""
        self._fixed: dict[int, None] = {}
        """Others."""
        self._range = Trail()
        """From where the range began to the cursor."""
        self._both = 0
        """How many of the range are marked anyway."""

    def __contains__(self, one: int) -> bool:
        return self._marked(one) or one in self._range

    def _marked(self, one: int) -> bool:
        return one in self._fixed or (one not in self._without and within(one, self._mass))

    def __len__(self) -> int:
        return len(self._mass) - len(self._without) + len(self._fixed) + len(self._range) - self._both

    @property
    def ids(self) -> Sequence[int]:
        """All of them, the newest first."""
        return self.all_of(lambda ids: ids)

    def all_of(self, meant: Meant) -> Sequence[int]:
        """The same with what the rows of a range that is being drawn stand for."""
        if not self._range and not self._fixed and not self._without:
            return self._mass
        drawn = self._range.newest_first()
        if self._mass:
            more = [
                one
                for one in meant(drawn)
                if one not in self._fixed and (one in self._without or not within(one, self._mass))
            ]
            return merged(self._mass, [*self._fixed, *more], self._without)
        found = meant(drawn)
        if not self._fixed and found is drawn:
            return drawn
        if len(found) > MANY:
            return merged(found, [one for one in self._fixed if not within(one, found)])
        return packed(sorted({*self._fixed, *found}, reverse=True))

    def within(self, shown: Iterable[int]) -> int:
        """How many of these are marked."""
        return sum(one in self for one in shown)

    def toggle(self, one: int, *others: int) -> bool:
        """Mark, or no longer, and with it the others that its row stands for; whether it is marked now."""
        if self._marked(one):
            self.drop((one, *others))
            return False
        for other in (one, *others):
            if other in self._without:
                self._without.discard(other)
            elif not self._marked(other):
                self._fixed[other] = None
        self._count()
        return True

    def take(self, ids: Sequence[int]) -> None:
        """These, and no others; many stand newest first."""
        self._mass, self._without, self._fixed = (), set(), {}
        if len(ids) > MANY:
            self._mass = packed(ids)
        else:
            self._fixed = dict.fromkeys(ids)
        self._range, self._both = Trail(), 0

    def drop(self, gone: Iterable[int]) -> None:
        """No longer these: they are not there any more."""
        for one in gone:
            self._fixed.pop(one, None)
            self._range.drop(one)
            if within(one, self._mass):
                self._without.add(one)
        self._count()

    def _count(self) -> None:
        if self._mass:
            self._both = sum(map(self._marked, self._range))
        else:
            self._both = sum(one in self._range for one in self._fixed) if self._range else 0

    def clear(self) -> bool:
        """No marks; whether there were any."""
        had = len(self) > 0
        self.take(())
        return had

    # --- a range -----------------------------------------------------------------------------------------------------

    @property
    def ranging(self) -> bool:
        """Whether a range is being drawn."""
        return len(self._range) > 0

    @property
    def end(self) -> int | None:
        """Where the range has come to."""
        return self._range.last

    def begin(self, one: int) -> None:
        """A range from here on."""
        self._range = Trail((one,))
        self._count()

    def walk(self, steps: Sequence[int]) -> None:
        """The cursor went over these ids; the last one is under it.

        Whatever it comes back to is the range's end again. What arrives between two of its rows is no part of it unless
        the cursor goes there.
        """
        if len(steps) > MANY and steps[0] not in self._range and steps[-1] not in self._range:
            self._range.extend(steps)  # all of them lie beyond its end
        else:
            for one in steps:
                if one not in self._range:
                    self._range.add(one)
                while self.end != one:
                    self._range.pop()
        self._count()

    def fix(self, meant: Meant = lambda ids: ids) -> None:
        """The range is done: all that its rows stand for is marked like others."""
        self.take(self.all_of(meant))

    def leave(self) -> None:
        """No range; what was marked before stays."""
        self._range, self._both = Trail(), 0
