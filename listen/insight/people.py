"""Who talks about something, how far they reach, how they feel, and which part they take in the talk.

Only what counts is counted: no own words, no noise, nothing dismissed, unless the query asks for it. A person is one
account, or several that somebody said are one. Toward a topic (or whatever else the query finds) a person

    produces   when most of what they said are posts, articles or reviews of their own
    comments   when most of it are comments, replies and quotes, which stand under what others said
    relays     when most of it are reposts, and links without a word of their own

where the largest of the three counts, and the one that stands first here when two are as large. A person is an

    evangelist   when it was positive in WEEKS separate ISO weeks, and in more than it was negative
    detractor    when it was negative in as many, and in more than it was positive

where a week is positive (negative) when the mean of that week's scores toward the topic is at least 0.05 (at most
-0.05). A person is *engaged* when they spoke in WEEKS separate ISO weeks, spoke *once* with a single mention, and is
*casual* between the two. Beside these shares stand the founding documents' marks: 5 % engaged, 75 % casual, 20 %
silent. The silent cannot be observed: whoever reads and says nothing leaves no trace.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, NamedTuple

from listen.model import NEGATIVE, POSITIVE, tone
from listen.query import parse, tree
from listen.query.folding import counted
from listen.store.names import Names
from listen.store.read import Reader
from listen.store.search import FOREVER
from listen.text import fold

if TYPE_CHECKING:
    from listen.store.people import Who
    from listen.store.voices import Cell, Voices

WEEKS = 3
"""Separate ISO weeks that make somebody engaged, an evangelist or a detractor."""

MARKS = (("engaged", 5), ("casual", 75), ("silent", 20))
"""The founding documents' shares, in per cent."""

NOT_SEEN = "silent: not observable"

MOST = 100_000
"""Mentions that one answer looks at: more people than that would not fit into a console's memory."""

NAMED = 20
"""People whom a query names one by one at most."""

COUNTED = 0.1
"""Seconds for counting what those are found by say."""

FIRST = 0.02
"""Seconds for a first answer."""

Role = Literal["produces", "comments", "relays"]
ROLES: tuple[Role, ...] = ("produces", "comments", "relays")

Order = Literal["mentions", "followers", "endorsed", "critics", "fans"]
ORDERS: dict[Order, str] = {
    "mentions": "most mentions first",
    "followers": "most followed first",
    "endorsed": "most endorsed first",
    "critics": "most negative first",
    "fans": "most positive first",
}


@dataclass(slots=True)
class Voice:
    """What one person said. Weeks must come in order, the newest or the oldest first."""

    person: int
    n: int = 0
    neg: int = 0
    pos: int = 0
    scored: int = 0
    total: int = 0
    relays: int = 0
    comments: int = 0
    endorsed: int | None = None
    """Likes and reposts received; None is unknown."""
    newest: int = 0
    """The newest mention's id."""
    weeks: int = 0
    """Separate ISO weeks in which they spoke."""
    _good: int = 0
    _bad: int = 0
    _week: int = -1
    _week_total: int = 0
    _week_scored: int = 0

    def add(self, cell: Cell) -> None:
        """Take in what they said in a week, or in a part of it."""
        if cell.week != self._week:
            self._good, self._bad = self.good_weeks, self.bad_weeks
            self._week, self._week_total, self._week_scored = cell.week, 0, 0
            self.weeks += 1
        self._week_total += cell.total
        self._week_scored += cell.scored
        self.n += cell.n
        self.neg += cell.neg
        self.pos += cell.pos
        self.scored += cell.scored
        self.total += cell.total
        self.relays += cell.relays
        self.comments += cell.comments
        self.newest = max(self.newest, cell.newest)
        if cell.endorsed is not None:
            self.endorsed = cell.endorsed + (self.endorsed or 0)

    @property
    def good_weeks(self) -> int:
        """Separate weeks in which it was positive."""
        return self._good + (self._week_scored > 0 and self._week_total >= POSITIVE * self._week_scored)

    @property
    def bad_weeks(self) -> int:
        """Separate weeks in which it was negative."""
        return self._bad + (self._week_scored > 0 and self._week_total <= NEGATIVE * self._week_scored)

    @property
    def produces(self) -> int:
        """Mentions of their own."""
        return self.n - self.relays - self.comments

    @property
    def mean(self) -> float | None:
        """The mean score in thousandths; None when nothing was scored."""
        return self.total / self.scored if self.scored else None

    @property
    def tone(self) -> str:
        """As `listen.model.tone`, of the mean."""
        return "unknown" if self.mean is None else tone(round(self.mean), 1)

    @property
    def role(self) -> Role:
        """The part that they take; see above."""
        return max(ROLES, key=lambda role: getattr(self, role))

    @property
    def stance(self) -> Literal["evangelist", "detractor", ""]:
        """Whether they take a side again and again; see above."""
        good, bad = self.good_weeks, self.bad_weeks
        if good >= WEEKS and good > bad:
            return "evangelist"
        return "detractor" if bad >= WEEKS and bad > good else ""

    @property
    def engaged(self) -> bool:
        """They spoke in so many separate weeks."""
        return self.weeks >= WEEKS


class Shares(NamedTuple):
    """How many people there are of each kind."""

    people: int = 0
    produces: int = 0
    comments: int = 0
    relays: int = 0
    evangelists: int = 0
    detractors: int = 0
    engaged: int = 0
    once: int = 0

    @property
    def casual(self) -> int:
        """Those between engaged and once."""
        return self.people - self.engaged - self.once


@dataclass(slots=True)
class Crowd:
    """Everybody who was found so far, from the newest mention back."""

    voices: dict[int, Voice] = field(default_factory=dict)
    n: int = 0
    """Mentions that were looked at."""
    back_to: int = FOREVER
    """Everything from this id on was looked at."""
    complete: bool = False

    @property
    def full(self) -> bool:
        """No more is looked at."""
        return self.complete or self.n >= MOST

    def take(self, found: Voices) -> None:
        """Take in the next part of the answer."""
        voices = self.voices
        for cell in found.cells:
            voice = voices.get(cell.person)
            if voice is None:
                voice = voices[cell.person] = Voice(cell.person)
            voice.add(cell)
        self.n += found.n
        self.back_to, self.complete = found.back_to, found.complete

    def shares(self) -> Shares:
        """How many take which part."""
        parts: dict[str, int] = dict.fromkeys(ROLES, 0)
        stances = {"evangelist": 0, "detractor": 0, "": 0}
        engaged = once = 0
        for voice in self.voices.values():
            parts[voice.role] += 1
            stances[voice.stance] += 1
            engaged += voice.engaged
            once += voice.n == 1
        return Shares(
            len(self.voices), parts["produces"], parts["comments"], parts["relays"],
            stances["evangelist"], stances["detractor"], engaged, once,
        )  # fmt: skip


class Group(NamedTuple):
    """A part of the people, as one query finds what they said."""

    people: int
    mentions: int
    query: str
    """Finds all that they said, within what the crowd was looked for in."""
    alone: bool
    """And nothing else: nobody who is called as they are spoke there."""


GROUPS: Mapping[str, Callable[[Voice], bool]] = {
    "engaged": lambda voice: voice.engaged,
    "casual": lambda voice: not voice.engaged and voice.n > 1,
    "once": lambda voice: voice.n == 1,
    "produce": lambda voice: voice.role == "produces",
    "comment": lambda voice: voice.role == "comments",
    "relay": lambda voice: voice.role == "relays",
}
"""What people are told apart by: how much they engage, and which part they take."""


def groups(reader: Reader, crowd: Crowd, within: tree.Node, *, now: float) -> dict[str, Group]:
    """Those groups of a whole crowd, looked for in `within`, that are few enough for a query to name."""
    found: dict[str, Group] = {}
    for name, belongs in GROUPS.items() if crowd.complete else ():
        those = [voice for voice in crowd.voices.values() if belongs(voice)]
        if not 0 < len(those) <= NAMED:
            continue
        who = reader.who([voice.person for voice in those])
        if len(who) < len(those) or not all(one.handle for each in who for one in each.accounts):
            continue
        asked, n = called(reader, *who).query, sum(voice.n for voice in those)
        node = counted(tree.And((within, parse(asked))))
        all_of_it = reader.count(node, cap=n + 1, budget=COUNTED, now=now)
        found[name] = Group(len(those), n, asked, all_of_it.complete and all_of_it.n == n)
    return found


class Talker(NamedTuple):
    """A person, and what they said."""

    who: Who
    voice: Voice


class Called(NamedTuple):
    """People by the names of their accounts."""

    query: str
    """`author:"@claire@mastodon.social"`"""
    alone: bool
    """Nobody else is found by it."""


def called(reader: Reader, *who: Who) -> Called:
    """What finds all that people said."""
    accounts = [one for each in who for one in each.accounts]
    handles = dict.fromkeys(f"@{one.handle.removeprefix('@')}".replace('"', "") for one in accounts)
    values = " ".join(f'"{one}"' for one in handles)
    with reader.snapshot() as connection:
        meant = Names(connection).ids("author", [fold(one) for one in handles])
    alone = meant is not None and meant <= {one.id for one in accounts}
    return Called(f"author:({values})" if len(handles) > 1 else f"author:{values}", alone)


def look(
    reader: Reader, crowd: Crowd, query: tree.Node, topic: str | None, *, budget: float | None = FIRST, now: float
) -> Crowd:
    """Look further back for so many seconds (None: to the end, or to MOST); the same crowd, larger."""
    if not crowd.full:
        left = MOST - crowd.n
        crowd.take(reader.voices(query, topic, before=crowd.back_to, most=left, budget=budget, now=now))
    return crowd


def first(reader: Reader, crowd: Crowd, order: Order, part: str = "", limit: int = 500) -> list[Talker]:
    """Those who come first in an order; `part` keeps those in whose handles, names or segments it occurs."""
    persons: Iterable[int] = crowd.voices
    if part.strip():
        persons = reader.called(persons, part)
    if order == "followers":
        known = reader.followed(persons, limit)
        chosen = [crowd.voices[one] for one in known]
        if len(chosen) < limit:
            rest = set(persons).difference(known)
            chosen += heapq.nsmallest(limit - len(chosen), (crowd.voices[one] for one in rest), _RANKS["mentions"])
    else:
        chosen = heapq.nsmallest(limit, (crowd.voices[one] for one in persons), _RANKS[order])
    known_as = {one.person: one for one in reader.who([voice.person for voice in chosen])}
    return [Talker(known_as[voice.person], voice) for voice in chosen if voice.person in known_as]


_RANKS: dict[str, Callable[[Voice], tuple[float, ...]]] = {
    "mentions": lambda voice: (-voice.n, -voice.newest),
    "endorsed": lambda voice: (-(-1 if voice.endorsed is None else voice.endorsed), -voice.n, -voice.newest),
    "critics": lambda voice: (voice.pos - voice.neg, -voice.n, -voice.newest),
    "fans": lambda voice: (voice.neg - voice.pos, -voice.n, -voice.newest),
}
