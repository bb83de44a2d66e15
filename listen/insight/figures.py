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
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, tzinfo
from typing import Any, NamedTuple

from listen.insight import breakdown, series
from listen.insight.breakdown import Part as Part
from listen.insight.breakdown import Shown
from listen.insight.breakdown import named as named
from listen.insight.series import Point as Point
from listen.insight.series import coverage as coverage
from listen.insight.series import span_of as span_of
from listen.insight.window import HOUR, Window
from listen.model import EPOCH
from listen.query.weekly import hour_of_week, shifts_of
from listen.store import aspects, counted, records
from listen.store.counted import Span, total
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
    """The brand and its competitors, or for a theme the themes. Only `n` is counted; a share is it by all of them."""
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
    """From when on languages, countries, speakers, intents and stages are counted, in Unix seconds; 0 for all. In a
    store from before they were, the collector counts them by and by, back from now."""
    heard_from: int = 0
    """From when on it was kept what was heard, in Unix seconds; all before that is taken for heard."""

    @property
    def parted(self) -> bool:
        """Whether those are counted in the whole window."""
        return self.parted_from <= self.window.since

    @property
    def parted_query(self) -> str:
        """The query of the mentions of which those are counted."""
        if self.parted:
            return self.query
        return f"{topic_query(self.topic)} {self.window._replace(since=self.parted_from).query()}"

    @property
    def parted_before(self) -> bool:
        """The same of the window before: where not, their `before` tell less than there was."""
        return self.parted_from <= self.window.before().since


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


class Side(NamedTuple):
    """One of two windows."""

    steps: Mapping[int, Numbers]
    """By the first hour of each, since 2000."""
    numbers: Numbers
    sources: Mapping[str, Numbers]
    stories: Mapping[Any, int]
    """Story -> its mentions; what nobody else tells is in none."""
    shown: Shown

    @property
    def told(self) -> int:
        """How many stories."""
        return self.numbers.n - sum(self.stories.values()) + len(self.stories)


def _side(
    connection: Connection, topic: int, window: Window, names: Mapping[int, str], first: int, *, before: bool = False
) -> Side:
    """`names` of sources; `first`: the hour from which on aspects are counted; `before`: of parts only `n` counts."""
    span = span_of(window)
    parted = Span(max(span.first, first), span.last)
    steps = counted.by_step(connection, topic, span, window.step // HOUR)
    numbers = total(steps.values())
    sources = counted.by_source(connection, topic, span, only_n=before)
    named_sources = {names[number]: one for number, one in sources.items() if one.n}
    shown = counted.by_aspect(connection, topic, parted, only_n=before) if parted.first < parted.last else {}
    all_shown = numbers if parted == span else counted.by_topic(connection, [topic], parted)[topic]
    own = counted.own(connection, topic, span)
    stories = counted.stories(connection, topic, span)
    return Side(steps, numbers, named_sources, stories, Shown(all_shown, shown, own))


class Loud(NamedTuple):
    """A story (None: told by nobody else) before its row is read."""

    mention: int
    mentions: int
    story: int | None


class Gathered(NamedTuple):
    """What the figures of a topic are made of, wherever it was counted."""

    topic: tuple[int, str, str]
    """Number, name, role."""
    window: Window
    hours: Mapping[int, int]
    """Mentions by hour since 2000, of the window and of all that is compared with it."""
    this: Side
    last: Side
    """The window, and the one before it."""
    voice: Sequence[Part]
    loud: Sequence[Loud]
    query: str
    parted_from: int = 0


def _figures(
    connection: Connection, pause: Pause, topic: tuple[int, str, str], window: Window, now: float, zone: tzinfo
) -> Figures:
    number, name, _ = topic
    span, before = span_of(window), span_of(window.before())
    names = dict(connection.execute("SELECT id, name FROM sources").fetchall())
    first = aspects.first_hour(connection)
    this = _side(connection, number, window, names, first)
    pause()
    last = _side(connection, number, window.before(), names, first, before=True)
    pause()
    hours = counted.mentions_by_hour(connection, number, Span(min(before.first, series.past(window).first), span.last))
    voice = _voice(connection, topic, (span, this.numbers), (before, last.numbers))
    loud = _loudest(connection, number, span, this.stories)
    query = f"{topic_query(name)} {window.query()}"
    known = Gathered(topic, window, hours, this, last, voice, loud, query, EPOCH + HOUR * first if first else 0)
    return made(connection, pause, known, now, zone)


def made(connection: Connection, pause: Pause, known: Gathered, now: float, zone: tzinfo) -> Figures:
    """The figures of what was counted: what was heard and expected beside it, its parts, and what is told of it."""
    window, this, last = known.window, known.this, known.last
    pause()
    heard = series.heard(connection, window, now)
    pause()
    points = series.points(window, this.steps, known.hours, heard, now)
    pause()
    sides = (this.shown, last.shown)
    recommend, dissuade = (breakdown.intent(sides, name) for name in ("recommend", "dissuade"))
    return Figures(
        known.topic[1], known.topic[2], window, points, this.numbers, last.numbers, this.told, last.told,
        heard.of(window, now), heard.of(window.before(), now), net(this.numbers), net(last.numbers), known.voice,
        breakdown.parts(this.sources, last.sources, lambda key: f"source:{named(key)}"),
        breakdown.languages(sides), breakdown.countries(sides), breakdown.speakers(sides), breakdown.intents(sides),
        breakdown.stages(sides), recommend[0], dissuade[0], recommend[1], dissuade[1],
        heat(known.hours, window, zone), _told(connection, known.loud, known.query), known.query,
        known.parted_from, HOUR * heard.first,
    )  # fmt: skip


def _voice(
    connection: Connection, topic: tuple[int, str, str], this: tuple[Span, Numbers], last: tuple[Span, Numbers]
) -> list[Part]:
    """The topic, whose numbers are known in both windows, and the active ones that stand beside it."""
    name, names = topic[1], peers(connection, topic)
    sides = []
    for span, numbers in (this, last):
        found = counted.by_topic(connection, names, span, only_n=True)
        sides.append({name: Numbers(numbers.n)} | {called: found[other] for other, called in names.items()})
    return breakdown.parts(sides[0], sides[1], topic_query)


def peers(connection: Connection, topic: tuple[int, str, str]) -> dict[int, str]:
    """Number -> name of the active topics that a topic (number, name, role) is compared with."""
    wanted = ("theme",) if topic[2] == "theme" else ("brand", "competitor")
    rows = connection.execute("SELECT id, name, role FROM topics WHERE active").fetchall()
    return {other: called for other, called, its in rows if its in wanted and other != topic[0]}


def heat(hours: Mapping[int, int], window: Window, zone: tzinfo) -> list[list[int]]:
    """Mentions of a window by weekday, Monday first, and hour of the day in a zone, of mentions by hour since 2000."""
    shifts, week = shifts_of(zone, window.since, window.until, HOUR), [0] * 168
    for hour in range(*span_of(window)):
        at = EPOCH + HOUR * hour
        week[hour_of_week(at, shifts.at(at))] += hours.get(hour, 0)
    return [week[day : day + 24] for day in range(0, 168, 24)]


# --- what is told most -----------------------------------------------------------------------------------------------


def _loudest(connection: Connection, topic: int, span: Span, stories: Mapping[str, int]) -> list[Loud]:
    least = min(heapq.nlargest(TOLD, stories.values()), default=0)
    several = sorted(((n, int(story)) for story, n in stories.items() if n >= least and n > 1), reverse=True)[:TOLD]
    found = [Loud(counted.newest(connection, topic, span, story), n, story) for n, story in several]
    if len(found) < TOLD:
        alone = counted.endorsed(connection, topic, span, LONELY, TOLD - len(found))
        found += [Loud(one, 1, None) for one in alone]
    return found


def _told(connection: Connection, loud: Sequence[Loud], asked: str) -> list[Told]:
    rows = {row.id: row for row in records.rows(connection, [one.mention for one in loud])}
    return [
        Told(rows[one.mention], one.mentions, f"{asked} {f'story:{one.story}' if one.story else f'id:{one.mention}'}")
        for one in loud
        if one.mention in rows
    ]
