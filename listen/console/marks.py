"""What is marked: ids, never rows, so that marks survive paging and whatever the list lets go of.

Plain Python, no screen and no store.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence


class Marks:
    """Marked mentions, and a range that is being drawn: it is marked as far as the cursor has come."""

    def __init__(self) -> None:
        # Kept in their order: half a million that come in order are sorted in no time, a set of them would take long.
        self._fixed: dict[int, None] = {}
        self._range: dict[int, None] = {}
        """From where the range began to the cursor."""
        self._both = 0
        """How many of the range are marked anyway."""

    def __contains__(self, one: int) -> bool:
        return one in self._fixed or one in self._range

    def __len__(self) -> int:
        return len(self._fixed) + len(self._range) - self._both

    @property
    def ids(self) -> tuple[int, ...]:
        """All of them, the newest first."""
        return self.all_of(tuple)

    def all_of(self, meant: Callable[[Iterable[int]], Iterable[int]]) -> tuple[int, ...]:
        """The same with what the rows of a range that is being drawn stand for."""
        return tuple(sorted({**self._fixed, **dict.fromkeys(meant(self._range))}, reverse=True))

    def within(self, shown: Iterable[int]) -> int:
        """How many of these are marked."""
        return sum(one in self for one in shown)

    def toggle(self, one: int, *others: int) -> bool:
        """Mark, or no longer, and with it the others that its row stands for; whether it is marked now."""
        if one in self._fixed:
            self.drop((one, *others))
            return False
        self._fixed.update(dict.fromkeys((one, *others)))
        return True

    def take(self, ids: Iterable[int]) -> None:
        """These, and no others."""
        self._fixed, self._range, self._both = dict.fromkeys(ids), {}, 0

    def drop(self, gone: Iterable[int]) -> None:
        """No longer these: they are not there any more."""
        for one in gone:
            self._fixed.pop(one, None)
            self._range.pop(one, None)
        self._count()

    def _count(self) -> None:
        self._both = len(self._fixed.keys() & self._range.keys()) if self._fixed and self._range else 0

    def clear(self) -> bool:
        """No marks; whether there were any."""
        had = bool(self._fixed or self._range)
        self.take(())
        return had

    # --- a range -----------------------------------------------------------------------------------------------------

    @property
    def ranging(self) -> bool:
        """Whether a range is being drawn."""
        return bool(self._range)

    @property
    def end(self) -> int | None:
        """Where the range has come to."""
        return next(reversed(self._range), None)

    def begin(self, one: int) -> None:
        """A range from here on."""
        self._range = {one: None}
        self._count()

    def walk(self, steps: Sequence[int]) -> None:
        """The cursor went over these ids; the last one is under it.

        Whatever it comes back to is the range's end again. What arrives between two of its rows is no part of it unless
        the cursor goes there.
        """
        for one in steps:
            if one in self._range:
                while self.end != one:
                    self._range.popitem()
            else:
                self._range[one] = None
        self._count()

    def fix(self, meant: Callable[[Iterable[int]], Iterable[int]] = tuple) -> None:
        """The range is done: all that its rows stand for is marked like others."""
        self._fixed.update(dict.fromkeys(meant(self._range)))
        self._range, self._both = {}, 0

    def leave(self) -> None:
        """No range; what was marked before stays."""
        self._range, self._both = {}, 0
