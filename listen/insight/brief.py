"""What has happened since somebody looked last: how loud, which stories, which words, what is late, what has died.

Everything is bounded: BUDGET seconds for what takes long, however big the store is; what was not looked at is said.
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from typing import NamedTuple

from listen.insight import foreseen, telling
from listen.insight.desks import Standing, promising, standing
from listen.insight.dismissals import Change, dismissals
from listen.insight.expected import Expectation
from listen.insight.telling import Word
from listen.insight.window import HOUR
from listen.query import parse, tree
from listen.store import lately
from listen.store.alerts import Alert
from listen.store.channels import Channel
from listen.store.lately import Told
from listen.store.read import Reader
from listen.store.records import Row
from listen.text.terms import stop_words

DAY = 86_400.0

FIRST = DAY
"""Seconds that are told to somebody who was never here."""

READ, READ_BEFORE = 1_500, 3_000
"""Mentions whose words are read, of the time and of the time before it."""

BEFORE = 28 * DAY
"""How long the time before is, whose words are known."""

SLICES = 7
"""Parts of it of which each gives as many mentions."""

TOLD = 0.5
"""Mentions that must have been expected for it to be told that there were none."""

STORIES, WORDS = 5, 8

BUDGET = 0.5
"""Seconds for the words."""

DESKS, LEAST = 0.4, 0.01
"""Seconds for what is late at all desks, and for each of them at the least; beside both everything else is short."""

QUESTIONS = 2
"""That take long, of those that are asked of each desk."""


class Volume(NamedTuple):
    """How much was said of a topic."""

    topic: str
    n: int
    expected: Expectation | None
    """What alerts and charts expect of that time, too; None while too little is known."""
    stories: int
    """That the mentions tell."""


class Story(NamedTuple):
    """What many told, or many endorsed."""

    row: Row
    """Its newest mention."""
    mentions: int
    """Of this time, among those that were looked at."""
    endorsed: int


class Brief(NamedTuple):
    """What happened in a span of time, for one person; times in Unix seconds."""

    since: float
    until: float
    visited: bool
    """Since the person's last visit."""
    mentions: int
    """Of any topic, each once however many topics it has."""
    told: int
    """The stories of all those."""
    volumes: Sequence[Volume]
    """Of topics of which something was said or expected, the least expected first."""
    hasty: int
    """Topics of which there was no time to work out what is expected."""
    coverage: float | None
    """The share of the time from `heard_from` on in which the channels were really heard; None: unknown."""
    heard_from: float
    """From when on that is known, Unix seconds; `since` where it is known of all of the time, or of none."""
    stories: Sequence[Story]
    words: Sequence[Word]
    read: int
    """Mentions whose words were read."""
    late: Sequence[Standing]
    """Desks with something late."""
    dead: Sequence[Channel]
    drift: Sequence[Change]
    """Sources of which another share than before is dismissed."""
    alerts: Sequence[Alert] = ()
    """Those that have fired since, and those that still do; what fires first, then the newest."""


def since_of(written: str, now: float) -> float:
    """`24h` or `2026-01-31` in Unix seconds. Raises QueryError."""
    node = parse(f"since:{written}")
    assert isinstance(node, tree.Time)
    assert node.low is not None
    return float(node.low.resolve(now))


def brief(
    reader: Reader, who: str, *, now: float, since: float | None = None, budget: float = BUDGET, wait: float = math.inf
) -> Brief:
    """What is new to a person since the last visit, or since a time (Unix seconds).

    `budget`: seconds for the words, `wait`: for what is expected of topics.
    """
    visit = reader.last_visit(who) if since is None else None
    visited = visit is not None
    start = since if since is not None else float(visit.at) if visit is not None else now - FIRST
    start = min(start, now - 60.0)
    told = reader.told_between(start, now, READ, 1)
    with reader.snapshot() as connection:
        mentions, in_stories = lately.in_all(connection, start, now)
    return Brief(
        start, now, visited, mentions, in_stories, *loudness(reader, start, now, wait), stories(reader, told),
        words(reader, told, start, budget), len(told), _late(reader, now),
        [one for one in reader.channels() if one.active and one.state in ("dead", "stopped")],
        [one for one in dismissals(reader, now=now, topics=False).sources if one.told and one.worse],
        [one for one in reader.alerts(since=start) if one.fired_at is not None],
    )  # fmt: skip


# --- how loud --------------------------------------------------------------------------------------------------------


class Loudness(NamedTuple):
    """How loud it is, as `Brief` tells it."""

    volumes: Sequence[Volume]
    hasty: int
    coverage: float | None
    heard_from: float


def loudness(reader: Reader, since: float, now: float, budget: float = math.inf) -> Loudness:
    """How much was said of all topics; what is expected is worked out for `budget` seconds, the loudest first."""
    counts = reader.counted_between(since, now)
    with reader.snapshot() as connection:
        numbers = dict(connection.execute("SELECT name, id FROM topics WHERE active").fetchall())
        asked = sorted(counts.keys() & numbers.keys(), key=lambda name: (-counts[name][0], name))
        heard = foreseen.listened(connection, since, now, now)
        expected = foreseen.between(connection, [numbers[name] for name in asked], since, now, heard, budget)
    found = []
    for topic in asked:
        (n, told), usual = counts[topic], expected.get(numbers[topic])
        if n or (usual is not None and usual.mean >= TOLD):
            found.append(Volume(topic, n, usual, told))
    found.sort(key=lambda one: (-_surprise(one) if numbers[one.topic] in expected else 0.0, -one.n, one.topic))
    covered, known = heard.between(since, now), heard.first * HOUR
    return Loudness(found, len(asked) - len(expected), covered, since if covered is None else max(since, known))


def _surprise(one: Volume) -> float:
    """How far it is from what is expected, by the square roots of both, which evens out chance."""
    return abs(math.sqrt(one.n) - math.sqrt(one.expected.mean if one.expected is not None else 0.0))


# --- stories ---------------------------------------------------------------------------------------------------------


def stories(reader: Reader, told: Sequence[Told]) -> list[Story]:
    """What was told most often, then what was endorsed most."""
    groups: dict[int, list[Told]] = {}
    for one in told:
        groups.setdefault(-one.story if one.story is not None else one.id, []).append(one)
    ranked = sorted(groups.values(), key=lambda some: (len(some), sum(one.endorsed for one in some)), reverse=True)
    chosen = [some for some in ranked if len(some) > 1 or some[0].endorsed][:STORIES]
    rows = {row.id: row for row in reader.rows([max(one.id for one in some) for some in chosen])}
    return [
        Story(rows[newest], len(some), sum(one.endorsed for one in some))
        for some in chosen
        if (newest := max(one.id for one in some)) in rows
    ]


# --- words -----------------------------------------------------------------------------------------------------------


def words(reader: Reader, told: Sequence[Told], since: float, budget: float) -> list[Word]:
    """Words that were never or rarely said before; see `listen.insight.telling`."""
    end = time.monotonic() + budget
    now = telling.said(told, end - budget / 2)
    if now.stories < telling.LEAST:
        return []
    before = telling.said(reader.told_between(since - BEFORE, since, READ_BEFORE, SLICES), end)
    return telling.words(now, before, telling.asked_for(reader.topics_asked()) | stop_words(), WORDS)


# --- desks -----------------------------------------------------------------------------------------------------------


def _late(reader: Reader, now: float, budget: float = DESKS) -> list[Standing]:
    end, desks = time.monotonic() + budget, promising(reader.desks())
    found = []
    for done, desk in enumerate(desks):
        left = max(LEAST, (end - time.monotonic()) / (len(desks) - done))
        found.append(standing(reader, desk, now=now, window=0.0, budget=left / QUESTIONS))
    return [one for one in found if one.late]
