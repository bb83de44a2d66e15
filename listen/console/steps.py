"""Going through a sample of mentions, saying something of each. Pure, no screen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Generic, Self, TypeVar

T = TypeVar("T")


@dataclass
class Steps(Generic[T]):
    """A sample, what was said of its mentions, and where the person is in it."""

    ids: tuple[int, ...] = ()
    said: dict[int, T] = field(default_factory=dict)
    at: int = 0
    trail: list[tuple[int, T | None]] = field(default_factory=list)
    """What was said before of each mention that was judged, in order: what `u` goes back along."""

    @classmethod
    def of(cls, ids: Iterable[int], said: Mapping[int, T]) -> Self:
        """Begins at the first one of which nothing was said yet."""
        made = cls(tuple(ids), dict(said))
        made.step(0)
        return made

    @property
    def current(self) -> int | None:
        """The mention that is shown."""
        return self.ids[self.at] if self.ids else None

    @property
    def open(self) -> int:
        """Of how many nothing was said yet."""
        return sum(one not in self.said for one in self.ids)

    def judge(self, what: T) -> int | None:
        """Say it of the current one and go to the next that is open; which one it was, None when there is none."""
        one = self.current
        if one is None:
            return None
        self.trail.append((one, self.said.get(one)))
        self.said[one] = what
        self.step(1)
        return one

    def take_back(self) -> tuple[int, T | None] | None:
        """Undo the last judgement, and go there; what holds of that mention now."""
        if not self.trail:
            return None
        one, before = self.trail.pop()
        if before is None:
            self.said.pop(one, None)
        else:
            self.said[one] = before
        self.at = self.ids.index(one)
        return one, before

    def step(self, by: int) -> bool:
        """To the next one that is open (by 1), the one before (-1), or the first from here on (0); False if none is."""
        count = len(self.ids)
        for far in range(abs(by), count + abs(by)):
            at = (self.at + far * (by or 1)) % count
            if self.ids[at] not in self.said:
                self.at = at
                return True
        return False

    def move(self, by: int) -> None:
        """To the one beside it, judged or not; stops at both ends."""
        self.at = max(0, min(self.at + by, len(self.ids) - 1))
