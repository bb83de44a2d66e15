"""The numbers of a topic in a window of time, computed once: for the screen, reports, objectives and the status line.

Own mentions, noise and what people dismissed are in none of them, what people corrected counts as they say; both at
once. Net sentiment is (positive - negative) / scored, with the interval of Bonett and Price (2012) for a difference of
two shares of one sample: with p = (positive + 1) / (scored + 2) and q = (negative + 1) / (scored + 2) it is
p - q +- 1.96 * sqrt((p + q - (p - q)^2) / (scored + 2)). What is expected is what alerts expect
(`listen.insight.expected`), an hour that was not heard teaches nothing.
"""

from __future__ import annotations

import heapq
import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, tzinfo
from typing import NamedTuple

from listen.insight.expected import WEEKS, Baseline
from listen.insight.hearing import Hearing
from listen.insight.window import HOUR, Window
from listen.model import EPOCH
from listen.store import counted, records
from listen.store.counted import Span
from listen.store.pulse import Numbers
from listen.store.read import Reader
from listen.store.records import Row
from listen.store.sqlite import Connection

TOLD = 5
"""Stories that are told."""

LONELY = 500
"""Newest mentions among which the most endorsed are looked for where too few stories are told by several."""

SURE = 1.959964
"""Standard deviations on each side that hold 95 % of a normal distribution."""

Pause = Callable[[], None]


class Point(NamedTuple):
    """An hour or a day of the window."""

    start: int
    """Unix seconds."""
    numbers: Numbers
    heard: float
    """The share of it (as far as it has passed) in which the channels were really heard, 0 to 1; 1 before anything of
    that was kept."""
    expected: float | None
    """Mentions that were to be expected (up to now, in a step that is not over); None while too little is known."""
    spread: float | None
    """Their standard deviation."""


class Part(NamedTuple):
    """One row of a breakdown."""

    name: str
    numbers: Numbers
    before: int
    """Mentions in the window before."""
    query: str
    """Narrows a stream to it: `lang:fr`; empty where the language has no words for it."""


class Net(NamedTuple):
    """Net sentiment, -1 to 1, with its 95 % interval; None when nothing was scored."""

    value: float | None
    low: float | None
    high: float | None
    scored: int


class Told(NamedTuple):
    """A story of the window, or a mention that nobody else tells."""

    row: Row
    """Its newest mention in the window."""
    mentions: int
    """That it has in the window."""
    query: str


class Figures(NamedTuple):
    """What the window says of a topic, beside the window of the same length before it."""

    topic: str
    role: str
    window: Window
    points: Sequence[Point]
    numbers: Numbers
    before: Numbers
    stories: int
    stories_before: int
    coverage: float | None
    """The share of it in which the channels were really heard; None where nothing of that was kept."""
    coverage_before: float | None
    net: Net
    net_before: Net
    voice: Sequence[Part]
    """The brand and its competitors, or for a theme the themes; each one's share is its `n` by the sum of all."""
    sources: Sequence[Part]
    languages: Sequence[Part]
    """`?` for unknown."""
    countries: Sequence[Part]
    """Where any is declared, with `?` for the rest at the end."""
    speakers: Sequence[Part]
    """`us` (own accounts: not in `numbers`), `press`, `people`."""
    intents: Sequence[Part]
    stages: Sequence[Part]
    """In the order of a customer's way."""
    recommend: int
    dissuade: int
    recommend_before: int
    dissuade_before: int
    heat: Sequence[Sequence[int]]
    """Seven days, Monday first, of 24 hours each, in the zone that was asked for."""
    told: Sequence[Told]
    query: str
    parted_from: int = 0
    """From when on languages, countries, speakers, intents and stages are counted, in Unix seconds: 0 for all."""

    @property
    def parted(self) -> bool:
        """Whether those are counted in the whole window; the window before may still be missing some."""
        return self.parted_from <= self.window.since


def net(numbers: Numbers) -> Net:
    """Net sentiment of these numbers; the formula stands at the head of this file."""
    value = numbers.net
    if value is None:
        return Net(None, None, None, 0)
    n = numbers.scored + 2
    p, q = (numbers.pos + 1) / n, (numbers.neg + 1) / n
    half = SURE * math.sqrt((p + q - (p - q) ** 2) / n)
    return Net(value, max(-1.0, min(value, p - q - half)), min(1.0, max(value, p - q + half)), numbers.scored)


def topic_query(name: str) -> str:
    """`topic:acme`, quoted where it has to be."""
    return "topic:" + named(name)


def named(name: str) -> str:
    """A name as the value of a field."""
    return name if re.fullmatch(r"\w[\w.-]*", name) else '"' + name.replace('"', " ") + '"'


def figures(reader: Reader, topic: str, window: Window, *, now: float, zone: tzinfo | None = None) -> Figures | None:
    """All numbers of an active topic; None for an unknown one, or when `reader.stop()` came before the answer."""
    found = None
    with reader.interruptible() as (connection, pause):
        row = connection.execute("SELECT id, name, role FROM topics WHERE name = ? AND active", (topic,)).fetchone()
        if row is None:
            return None
        found = _figures(connection, pause, row, window, now, zone or UTC)
    return found


# --- one topic -------------------------------------------------------------------------------------------------------


class _Side(NamedTuple):
    """One of two windows."""

    hours: Mapping[int, Numbers]
    numbers: Numbers
    sources: Mapping[str, Numbers]
    own: int
    stories: Mapping[int, tuple[int, int]]

    @property
    def told(self) -> int:
        """How many stories."""
        return self.numbers.n - sum(n - 1 for n, _ in self.stories.values())


def _side(connection: Connection, pause: Pause, topic: int, span: Span) -> _Side:
    hours = counted.by_hour(connection, topic, span)
    sources = counted.by_source(connection, topic, span)
    pause()
    own = 0
    for one in counted.changed(connection, topic, span):
        counted.put(hours, (one.mention >> 12) // HOUR, one.delta)
        counted.put(sources, one.source, one.delta)
        own += one.own
    names = dict(connection.execute("SELECT id, name FROM sources").fetchall())
    named_sources = {names[number]: numbers for number, numbers in sources.items() if numbers.n}
    stories = counted.stories(connection, topic, span)
    pause()
    return _Side(hours, _sum(hours.values()), named_sources, own, stories)


def _sum(numbers: Iterable[Numbers]) -> Numbers:
    return Numbers(*map(sum, zip(Numbers(), *numbers, strict=True)))


def span_of(window: Window) -> Span:
    """The hours of a window as the store counts them."""
    return Span(max(0, (window.since - EPOCH) // HOUR), max(0, (window.until - EPOCH) // HOUR))


def _figures(
    connection: Connection, pause: Pause, topic: tuple[int, str, str], window: Window, now: float, zone: tzinfo
) -> Figures:
    number, name, role = topic
    span, before = span_of(window), span_of(window.before())
    this, last = (_side(connection, pause, number, one) for one in (span, before))
    heard = _heard(connection, window, now)
    pause()
    points = _points(connection, number, window, this.hours, heard, now)
    pause()
    us = Part("us", Numbers(this.own), last.own, "is:own")
    query = f"{topic_query(name)} {window.query()}"
    return Figures(
        name, role, window, points, this.numbers, last.numbers, this.told, last.told,
        _covered(heard, window, now), _covered(heard, window.before(), now), net(this.numbers), net(last.numbers),
        _voice(connection, role, span, before),
        _parts(this.sources, {key: one.n for key, one in last.sources.items()}, lambda key: f"source:{named(key)}"),
        (), (), [us], (), (), 0, 0, 0, 0,
        heat(this.hours, zone), _told(connection, _loudest(connection, number, span, this.stories), query), query,
    )  # fmt: skip


def _parts(found: Mapping[str, Numbers], before: Mapping[str, int], query: Callable[[str], str]) -> list[Part]:
    """The loudest first."""
    names = {*(name for name, one in found.items() if one.n), *(name for name, n in before.items() if n)}
    parts = [Part(name, found.get(name, Numbers()), before.get(name, 0), query(name)) for name in names]
    return sorted(parts, key=lambda one: (-one.numbers.n, -one.before, one.name))


def _voice(connection: Connection, role: str, span: Span, before: Span) -> list[Part]:
    """The active topics that stand beside one of this role."""
    wanted = ("theme",) if role == "theme" else ("brand", "competitor")
    rows = connection.execute("SELECT id, name, role FROM topics WHERE active").fetchall()
    names = {number: name for number, name, its in rows if its in wanted}
    this, last = (counted.by_topic(connection, names, one) for one in (span, before))
    return _parts(
        {name: this[number] for number, name in names.items()},
        {name: last[number].n for number, name in names.items()},
        topic_query,
    )


def heat(hours: Mapping[int, Numbers], zone: tzinfo) -> list[list[int]]:
    """Mentions by weekday, Monday first, and hour of the day in a zone, of numbers by hour since 2000."""
    found = [[0] * 24 for _ in range(7)]
    for hour, numbers in hours.items():
        at = datetime.fromtimestamp(EPOCH + HOUR * hour, zone)
        found[at.weekday()][at.hour] += numbers.n
    return found


# --- what was heard, and what was to be expected ---------------------------------------------------------------------


class _Heard(NamedTuple):
    """Hour since 1970 -> share that was heard; all is taken for heard before anything of that was kept."""

    hours: Mapping[int, float]
    first: int

    def at(self, hour: int) -> float:
        return 1.0 if hour < self.first else self.hours.get(hour, 0.0)


def _heard(connection: Connection, window: Window, now: float) -> _Heard:
    hearing = Hearing()
    hearing.look(connection, min(now, window.until))
    first = window.before().since // HOUR - WEEKS * 168
    hours = hearing.between(connection, frozenset(), first, min(now, window.until))
    return _Heard(hours, min((hour for hour, share in hours.items() if share), default=int(now) // HOUR + 1))


def _covered(heard: _Heard, window: Window, now: float) -> float | None:
    """The share of what has passed of a window that was heard, None where nothing of that was kept."""
    first, last = max(heard.first, window.since // HOUR), int(min(now, window.until - 1)) // HOUR
    if last < first:
        return None
    return sum(map(heard.at, range(first, last + 1))) / (last + 1 - first)


def coverage(reader: Reader, windows: Sequence[Window], now: float) -> list[float | None]:
    """The share of each of these windows, oldest first, that was heard as far as it has passed.

    Stricter than that of `Figures`: what was before anything was kept was not heard. None where nothing ever was.
    """
    with reader.snapshot() as connection:
        heard = _heard(connection, Window(windows[0].since, windows[-1].until, HOUR), now).hours
    if not any(heard.values()):
        return [None] * len(windows)
    spans = [range(one.since // HOUR, int(min(now, one.until - 1)) // HOUR + 1) for one in windows]
    return [sum(heard.get(hour, 0.0) for hour in hours) / max(1, len(hours)) for hours in spans]


def _points(
    connection: Connection, topic: int, window: Window, hours: Mapping[int, Numbers], heard: _Heard, now: float
) -> list[Point]:
    span = span_of(window)
    past = Span(max(0, span.first - WEEKS * 168), span.first)
    counts = {hour: one.n for hour, one in counted.by_hour(connection, topic, past).items()}
    for one in counted.changed(connection, topic, past):
        counts[(one.mention >> 12) // HOUR] += one.delta.n
    counts.update((hour, one.n) for hour, one in hours.items())
    epoch = EPOCH // HOUR
    baseline = Baseline(epoch + min((hour for hour, n in counts.items() if n), default=span.last))
    found = []
    for start in range(window.since, window.until, window.step):
        end = min(start + window.step, (int(now) // HOUR + 1) * HOUR)
        while baseline.next < end // HOUR - 1:
            baseline.push(max(0, counts.get(baseline.next - epoch, 0)), heard.at(baseline.next))
        usual = baseline.expect(start, min(end, now)) if start < now else None
        steps = range(start // HOUR, end // HOUR)
        share = sum(map(heard.at, steps)) / len(steps) if steps else 0.0
        numbers = _sum(hours.get(hour - epoch, Numbers()) for hour in steps)
        found.append(Point(start, numbers, share, usual and usual.mean, usual and usual.spread))
    return found


# --- what is told most -----------------------------------------------------------------------------------------------


class _Loud(NamedTuple):
    """A story (None: told by nobody else) before its row is read."""

    mention: int
    mentions: int
    story: int | None


def _loudest(connection: Connection, topic: int, span: Span, stories: Mapping[int, tuple[int, int]]) -> list[_Loud]:
    several = [(n, newest, story) for story, (n, newest) in stories.items() if n > 1]
    found = [_Loud(newest, n, story) for n, newest, story in heapq.nlargest(TOLD, several)]
    if len(found) < TOLD:
        alone = counted.endorsed(connection, topic, span, LONELY, TOLD - len(found))
        found += [_Loud(one, 1, None) for one in alone]
    return found


def _told(connection: Connection, loud: Sequence[_Loud], asked: str) -> list[Told]:
    rows = {row.id: row for row in records.rows(connection, [one.mention for one in loud])}
    return [
        Told(rows[one.mention], one.mentions, asked if one.story is None else f"{asked} story:{one.story}")
        for one in loud
        if one.mention in rows
    ]
