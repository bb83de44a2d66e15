"""What the store's threads tell the screen. Plain records, so that the threads run before Textual has been loaded.

Tuples with names and not data classes, which cost ten times as much to define: the first paint waits for this module.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Literal, NamedTuple

from rich.segment import Segment

from listen.absence import Absence
from listen.console.saved import Saved, Tally
from listen.model import Mention
from listen.query import Hint, QueryError
from listen.service import Desk
from listen.store.alerts import Alert
from listen.store.channels import Channel, LastHeard, Source
from listen.store.mirror import Written
from listen.store.overview import Talk
from listen.store.presence import Visit
from listen.store.pulse import Pulse
from listen.store.records import Row
from listen.store.rivals import Rival
from listen.store.running import Collector

if TYPE_CHECKING:
    from listen.console.alike import Choice
    from listen.console.wishes import Wish
    from listen.insight.quality import Share
    from listen.query.complete import Name
    from listen.query.folding import Apart
    from listen.store.gains import Gains
    from listen.store.generations import Rematch
    from listen.store.mirror import Edit
    from listen.store.requests import Request

Post = Callable[[object], object]
"""Hands an answer over to the screen, from any thread."""

Place = Literal["first", "down", "up", "last"]


class Ids(NamedTuple):
    """Ids of a view in its order."""

    view: int
    place: Place
    """A new answer, one below the ids at hand, one above them, or the last of all."""
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
    up_to: int = 0
    """For a new answer around an id: how far was looked above it."""
    ranked_to: int = 0
    """For a new answer in a ranked order: down to which id was looked, 0 when at all."""
    arrivals: int | None = None
    """Where arrivals stood before the store was asked: later ones are not in the answer."""
    stories: Mapping[int, Sequence[int]] = {}
    """Stories of these mentions, each with all mentions that the view has of it."""


class Whole(NamedTuple):
    """Stories of a view that were not wholly known before."""

    view: int
    stories: Mapping[int, Sequence[int]]


class Visited(NamedTuple):
    """When this person was last here, None when never."""

    visit: Visit | None


class Looking(NamedTuple):
    """It is being looked which mentions of a view come first."""

    view: int
    back_to: int


class Sought(NamedTuple):
    """What became of looking for the next mention of some kind."""

    number: int
    """Of the search: late answers to an older one are known for that."""
    id: int | None
    back_to: int
    """How far was looked."""
    complete: bool
    """Up to the end, or it was found."""
    searching: bool = False
    """It goes on in the background."""


class Rows(NamedTuple):
    rows: Sequence[Row]
    asked: Sequence[int]
    """Those that have no row are gone."""


class Counted(NamedTuple):
    """How many mentions a view has."""

    view: int
    n: int
    complete: bool
    apart: Mapping[Apart, int] = {}
    """Of the same query what is left out of the number; none where there is nothing."""
    stories: int | None = None
    """How many stories those mentions tell, None when not all are counted."""


class Checked(NamedTuple):
    """What a query would do that is being typed."""

    text: str
    error: QueryError | None = None
    hints: Sequence[Hint] = ()
    n: int | None = None
    complete: bool = True
    counting: bool = False
    """The count goes on."""
    stories: int | None = None
    """That they tell; None while that is not known."""


class Named(NamedTuple):
    """Names of a kind that the store has heard, for completion."""

    kind: str
    names: Sequence[Name]


class Glance(NamedTuple):
    """What stands around the list."""

    known: bool = False
    """False until the store has answered."""
    topics: Sequence[Talk] = ()
    views: Sequence[Saved] = ()
    desks: Sequence[Desk] = ()
    """Closed ones, too."""
    sources: Sequence[Source] = ()
    channels: Sequence[Channel] = ()
    """Only in an empty store, where they tell why."""
    collector: Collector | None = None
    heard: LastHeard = LastHeard()
    """When anything answered last."""
    topic: str | None = None
    """The topic that is shown, None for everything."""
    pulse: Pulse | None = None
    """How loud it is."""
    stored: bool = False
    """Whether there is any mention."""
    lists: Mapping[str, Sequence[str]] = {}
    """Named lists."""
    absences: Mapping[str, Absence] = {}
    """Who is away, and who covers for them."""
    covered: Sequence[Saved] = ()
    """Queues of those for whom this person covers."""
    rematches: Sequence[Rematch] = ()
    """Topics that are matched anew."""
    rescored: float | None = None
    """How much of what is stored has been scored anew, 0 to 1; None when that is not under way."""
    measured: tuple[Share, int] | None = None
    """How often the sentiment of what is shown is computed as people say, and from how many labels; see `:quality`."""
    rematched: Mapping[str, tuple[str, int, int]] = {}
    """Topic -> (its query, gained, lost) when it was matched anew last."""
    rules: Written = Written()
    """The rules as they are configured."""
    edits: Sequence[Edit] = ()
    """Topics and views whose query was given in the console or by a command."""


class Everything(NamedTuple):
    """How loud everything together is."""

    pulse: Pulse


class Tallied(NamedTuple):
    """What saved queries have."""

    tallies: Mapping[Saved, Tally]
    cost: float | None = None
    """Seconds that all of them took; None when some are still being counted."""


class Shown(NamedTuple):
    """A mention for the detail pane, None when it is gone, and its lines for a pane of `width` cells."""

    id: int
    mention: Mention | None
    width: int
    lines: Sequence[list[Segment]] = ()
    whole: bool = True
    """Everything about it has been found out."""


class Arrived(NamedTuple):
    """Mentions of a view that came in."""

    view: int
    ids: Sequence[int]
    rows: Sequence[Row] = ()
    """Rows of the newest of them, so that they are painted once."""
    stories: Mapping[int, Sequence[int]] = {}
    """As for `Ids`."""


class Changed(NamedTuple):
    """Somebody has written."""

    touched: Sequence[int] | None = ()
    """Mentions that are different now; None when too many to tell."""


class Here(NamedTuple):
    """Where other people are now: mention -> who is on it."""

    people: Mapping[int, Sequence[str]]
    alone: bool
    """No other console is open."""


class Ringing(NamedTuple):
    """What fires and nobody has taken note of."""

    alerts: Sequence[Alert] = ()


class Gathered(NamedTuple):
    """Ids that are to be marked."""

    view: int
    ids: Sequence[int]
    """Newest first; with `going` those found so far are counted only."""
    what: Literal["all", "range"] = "all"
    going: bool = False
    found: int = 0
    more: bool = False
    """There are more than may be marked."""


class Handed(NamedTuple):
    """Mentions whose links or texts were asked for, in order."""

    what: str
    mentions: Sequence[Mention]
    asked: int
    """How many were meant; more than a clipboard holds are not read."""


class Alike(NamedTuple):
    """What other mentions may have in common with this one, and how many of the view have it."""

    mention_id: int
    choices: Sequence[Choice]
    counts: Sequence[tuple[int, bool]] = ()
    """(how many, whether that is all) of the first choices; the others are still being counted."""


class Acting(NamedTuple):
    """How far an action on many mentions is."""

    verb: str
    done: int
    of: int


class Acted(NamedTuple):
    """What became of a person's action."""

    verb: str
    text: str
    """In words; empty when there was nothing to do."""
    changed: int = 0
    """Mentions that are different now."""
    ids: Sequence[int] = ()
    """Those that were meant."""
    error: str | None = None
    touched: Sequence[int] = ()
    """Those that are different now."""
    half: bool = False
    """The error came when a part had been done."""
    rivals: Sequence[Rival] = ()
    """Those that were left alone, because somebody else was quicker."""


class Wished(NamedTuple):
    """Something was asked of the collector; without a number, `error` says why not."""

    wish: Wish
    number: int | None
    error: str = ""


class Requests(NamedTuple):
    """What became of requests."""

    found: Sequence[Request]


class Previewed(NamedTuple):
    """What another query would make of a topic."""

    text: str
    gains: Gains


class Failed(NamedTuple):
    """The store does not answer; it is asked again."""

    sentence: str
    who: str = ""
    """Which of the threads asked."""


class Recovered(NamedTuple):
    """The store answers again."""

    who: str = ""


class Replaced(NamedTuple):
    """Another file lies in the store's place."""


class Reported(NamedTuple):
    """A report was written, or was not."""

    text: str
    style: str = "plain"


class Mailbox:
    """Keeps answers until somebody reads them."""

    def __init__(self) -> None:
        self.waiting: list[object] = []
        self.reader: Post | None = None

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
