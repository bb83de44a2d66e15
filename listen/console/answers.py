"""What the store's threads tell the screen. Plain records, so that the threads run before Textual has been loaded."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from rich.segment import Segment

from listen.model import Mention
from listen.query import Hint, QueryError
from listen.store.overview import Channel, Collector, Hour, Source, Topic
from listen.store.records import Row

Post = Callable[[object], object]
"""Hands an answer over to the screen, from any thread."""

Place = Literal["first", "down", "up", "oldest"]


@dataclass(frozen=True, slots=True)
class Ids:
    """Ids of a view, newest first."""

    view: int
    place: Place
    """A new answer, one below the ids at hand, one above them, or the oldest of all."""
    ids: Sequence[int]
    end: bool
    """There are no more in that direction (downwards for a new answer)."""
    searched: int
    """How far was looked in that direction."""
    searching: bool = False
    """It goes on in the background."""
    rows: Sequence[Row] = ()
    at: int | None = None
    """Where the cursor shall stand, None for the top."""
    newest: bool = True
    """For a new answer: there are no more above it."""
    arrivals: int | None = None
    """Where arrivals stood before the store was asked: later ones are not in the answer."""


@dataclass(frozen=True, slots=True)
class Rows:
    rows: Sequence[Row]
    asked: Sequence[int]
    """Those that have no row are gone."""


@dataclass(frozen=True, slots=True)
class Counted:
    """How many mentions a view has."""

    view: int
    n: int
    complete: bool


@dataclass(frozen=True, slots=True)
class Checked:
    """What a query would do that is being typed."""

    text: str
    error: QueryError | None = None
    hints: Sequence[Hint] = ()
    n: int | None = None
    complete: bool = True


@dataclass(frozen=True, slots=True)
class Glance:
    """What stands around the list."""

    topics: Sequence[Topic] = ()
    sources: Sequence[Source] = ()
    channels: Sequence[Channel] = ()
    collector: Collector | None = None
    volume: Sequence[Hour] = ()
    """The hours of the topic that is shown, oldest first."""
    stored: bool = False
    """Whether there is any mention."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A mention for the detail pane, None when it is gone, and its lines for a pane of `width` cells."""

    id: int
    mention: Mention | None
    width: int
    lines: Sequence[list[Segment]] = ()


@dataclass(frozen=True, slots=True)
class Arrived:
    """Mentions of a view that came in."""

    view: int
    ids: Sequence[int]


@dataclass(frozen=True, slots=True)
class Changed:
    """Somebody else has written."""


@dataclass(frozen=True, slots=True)
class Acted:
    """What became of a person's action."""

    verb: str
    text: str
    """In words; empty when there was nothing to do."""
    count: int = 0
    ids: Sequence[int] = ()
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Failed:
    """The store does not answer; it is asked again."""

    sentence: str


@dataclass(frozen=True, slots=True)
class Recovered:
    """The store answers again."""


@dataclass(slots=True)
class Mailbox:
    """Keeps answers until somebody reads them."""

    waiting: list[object] = field(default_factory=list)
    reader: Post | None = None

    def post(self, answer: object) -> None:
        """Hand over, or keep."""
        self.waiting.append(answer)
        self.deliver()

    def take(self) -> list[object]:
        """What waits, for a reader that wants it at once."""
        taken, self.waiting = self.waiting, []
        return taken

    def open(self, reader: Post) -> None:
        """From here on answers go to `reader`, those that wait first."""
        self.reader = reader
        self.deliver()

    def close(self) -> None:
        """Nobody reads any more; what still comes is dropped."""
        self.reader = lambda _answer: None

    def deliver(self) -> None:
        """Empty the box; list methods are atomic, so that no lock is needed."""
        while self.reader is not None and self.waiting:
            try:
                answer = self.waiting.pop(0)
            except IndexError:
                return
            self.reader(answer)
