"""What the sources screen shows: sources and channels with their health, in an order; and how the store is asked."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from listen.clock import Clock
from listen.console.answers import Post
from listen.console.clerk import Asked, Job
from listen.insight.dismissals import Dismissals, dismissals
from listen.store.channels import Channel, Source, State
from listen.store.health import repeated
from listen.store.read import Reader
from listen.store.requests import Request
from listen.text import fold

DAY = 86_400.0

COUNT_EVERY = 10.0
"""Real seconds between two counts of what was heard: they go through a day of mentions."""

REJECTS = 3
"""Rejects that the detail pane shows of a channel."""

Key = tuple[str, int]
"""(source, channel id); 0 for the source itself."""

RANK: Mapping[State, int] = {
    "stopped": 0, "dead": 0, "failing": 1, "quiet": 2, "waiting": 3, "ok": 4, "off": 5,
}  # fmt: skip
"""What needs care stands first."""

BAD: frozenset[State] = frozenset({"failing", "dead", "stopped"})
"""What brings nothing because something is wrong."""


class Listening(NamedTuple):
    """All that is known of where is listened."""

    channels: Sequence[Channel] = ()
    sources: Sequence[Source] = ()
    heard: Mapping[int, int] = {}
    """Channel id -> mentions of the last 24 hours."""
    coverage: Mapping[int, float] = {}
    """Channel id -> share of the last 24 hours in which it was really heard."""
    requests: Sequence[Request] = ()
    version: int = -1
    counted_at: float = 0.0
    """Monotonic seconds."""
    told: Mapping[int, Sequence[int]] = {}
    """Channel id -> stories of these mentions, each as often as it was heard."""


class About(NamedTuple):
    """What the detail pane tells of a channel besides its row."""

    channel: int
    rejects: Sequence[tuple[int, str, str, int]] = ()
    """(when, reason, message, how often), newest first."""


class Entry(NamedTuple):
    """One line of the list: a source that has one channel, a source that has several, or one of these channels."""

    key: Key
    source: str
    state: State
    channels: Sequence[Channel]
    """The one, or all of the source's."""
    nested: bool
    """It stands below its source."""
    good_at: int | None
    next_at: int | None
    """None when it is not asked by itself any more."""
    heard: int
    """Mentions of the last 24 hours."""
    coverage: float
    errors: int
    """In a row."""
    stories: int = 0
    """That the mentions tell."""

    @property
    def channel(self) -> Channel | None:
        """The one channel it stands for, None for a source that has several."""
        return self.channels[0] if self.nested or len(self.channels) == 1 else None

    @property
    def label(self) -> str:
        """What its channel is called, where that says more than the source's name. Foreign text."""
        channel = self.channel
        return channel.label if channel is not None and channel.label != self.source else ""


class Order(NamedTuple):
    name: str
    column: str
    """Under which heading it sorts."""


ORDERS = (
    Order("what needs care", "state"),
    Order("name", "name"),
    Order("mentions", "/h"),
    Order("longest unheard", "last good"),
)


def listening(before: Listening, clock: Clock, mine: Sequence[int], *, anew: bool = False) -> Job:
    """Everything, when anything was written since `before`, or after a while; `mine` are the requests to look at."""

    def job(reader: Reader, _asked: Asked, _post: Post) -> Listening | None:
        version, now, real = reader.data_version(), clock.now(), time.monotonic()
        late = real - before.counted_at > COUNT_EVERY
        if version == before.version and not late and not anew:
            return None
        heard, coverage, at, told = before.heard, before.coverage, before.counted_at, before.told
        if late or anew:
            heard, coverage, at = reader.heard_since(now - DAY), reader.coverage(now - DAY, now), real
            told = reader.stories_since(now - DAY)
        return Listening(reader.channels(), reader.sources(), heard, coverage, reader.requests(mine), version, at, told)

    return job


def dismissed(clock: Clock) -> Job:
    """What share of their mentions people dismiss; it is asked seldom, and looks at some thousands of mentions."""

    def job(reader: Reader, _asked: Asked, _post: Post) -> Dismissals:
        return dismissals(reader, now=clock.now())

    return job


class Yields(NamedTuple):
    """What the sources on trial have brought."""

    told: Mapping[str, str]
    """Source -> in words."""


def yields(clock: Clock) -> Job:
    """What trials have brought; asked as seldom."""

    def job(reader: Reader, _asked: Asked, _post: Post) -> Yields:
        from listen.insight.discover import trials

        return Yields({one.source: one.told() for one in trials(reader, now=clock.now())})

    return job


def about(channel: int) -> Job:
    """What the detail pane tells of a channel."""

    def job(reader: Reader, _asked: Asked, _post: Post) -> About:
        found = reader.rejects(REJECTS, channel)
        return About(channel, [(one.at, one.reason, one.message, one.seen) for one in found])

    return job


def entries(told: Listening, order: Order, wanted: str = "") -> list[Entry]:
    """The lines of the list: sources in that order, below each its channels when it has several.

    `wanted` keeps those in whose source, label or address it occurs.
    """
    groups: dict[str, list[Channel]] = {}
    for channel in told.channels:
        groups.setdefault(channel.source, []).append(channel)
    part = fold(wanted)
    found: list[tuple[Entry, list[Entry]]] = []
    for name, channels in groups.items():
        whole = part in fold(name)
        kept = channels if whole else [one for one in channels if part in fold(f"{one.label} {one.key}"[:2_000])]
        if not kept:
            continue
        head = _entry(told, (name, 0), channels, nested=False)
        below = [] if len(channels) == 1 else [_entry(told, (name, one.id), [one], nested=True) for one in kept]
        found.append((head, sorted(below, key=lambda entry: _rank(entry, order))))
    lines: list[Entry] = []
    for head, below in sorted(found, key=lambda group: min(_rank(entry, order) for entry in [group[0], *group[1]])):
        lines += [head, *below]
    return lines


def _entry(told: Listening, key: Key, channels: Sequence[Channel], *, nested: bool) -> Entry:
    on = [one for one in channels if one.state != "off"] or channels
    asked = [one.next_at for one in on if one.state not in ("off", "stopped")]
    heard = sum(told.heard.get(one.id, 0) for one in channels)
    again = [story for one in channels for story in told.told.get(one.id, ())]
    return Entry(
        key,
        key[0],
        _state([one.state for one in on]),
        channels,
        nested,
        max((one.good_at for one in on if one.good_at), default=None),
        min(asked, default=None),
        heard,
        sum(told.coverage.get(one.id, 0.0) for one in on) / len(on),
        max(one.errors for one in on),
        heard - repeated(again),
    )


def _state(states: Iterable[State]) -> State:
    """Of several channels: failing when one fails, stopped when none is asked any more, waiting when none was heard."""
    found = set(states)
    if len(found) == 1:
        return found.pop()
    return "failing" if found & BAD else "ok" if found & {"ok", "quiet"} else "waiting"


def _rank(entry: Entry, order: Order) -> tuple[float, float, str, str]:
    name, label = fold(entry.source), fold(entry.label[:200])
    match order.column:
        case "state":
            return RANK[entry.state], -min(entry.errors, 1_000), name, label
        case "/h":
            return -entry.heard, 0, name, label
        case "last good":
            return entry.state == "off", entry.good_at or 0, name, label
    return 0, 0, name, label


class Summary(NamedTuple):
    """Everything in one line."""

    on: int = 0
    """Channels that shall be heard."""
    heard: int = 0
    """Those of them that are."""
    failing: int = 0
    quiet: int = 0
    """Those that answer, and bring nothing for longer than they used to."""
    off: int = 0
    an_hour: float = 0.0
    """Mentions, over the last 24 hours."""


def summary(told: Listening) -> Summary:
    """How well is listened."""
    on = [one for one in told.channels if one.state != "off"]
    return Summary(
        len(on),
        sum(one.state in ("ok", "quiet") for one in on),
        sum(one.state in BAD for one in on),
        sum(one.state == "quiet" for one in on),
        sum(one.off_at is not None for one in told.channels),
        sum(told.heard.values()) / 24,
    )
