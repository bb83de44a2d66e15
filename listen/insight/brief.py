"""What has happened since somebody looked last: how loud, which stories, which words, what is late, what has died.

Everything is bounded: BUDGET seconds for what takes long, however big the store is; what was not looked at is said.
"""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from statistics import median
from typing import NamedTuple

from listen.insight.context import stop_words
from listen.insight.desks import Standing, promising, standing
from listen.insight.dismissals import Change, dismissals
from listen.query import parse, tree
from listen.store.lately import Told
from listen.store.overview import Channel
from listen.store.read import Reader
from listen.store.records import Row
from listen.text import tokens

DAY, WEEK = 86_400.0, 604_800.0

FIRST = DAY
"""Seconds that are told to somebody who was never here."""

WEEKS, DAYS = 8, 7
"""Earlier weeks whose same hours tell what is expected; earlier days, while there are no two such weeks."""

COVERED = 0.8
"""The share of its hours that an earlier time must have been heard to tell what is expected."""

READ, READ_BEFORE = 1_500, 3_000
"""Mentions whose words are read, of the time and of the time before it."""

BEFORE = 28 * DAY
"""How long the time before is, whose words are known."""

SLICES = 7
"""Parts of it of which each gives as many mentions."""

STORIES, WORDS = 5, 8

PRIOR = 0.1
"""The prior of the log-odds weighs so much of both times' words: with less, a word never said before is never sure."""

LEAST = 3
"""Stories that a new word must stand in, said by two people at least."""

SURE = 2.0
"""The z of the log-odds from which on a word is more frequent than before beyond chance."""

RARE = 1 / 3
"""A word is new when it stood in this share of what would be as often as now, or less."""

BUDGET = 0.6
"""Seconds for the words, beside which everything else is short."""


class Volume(NamedTuple):
    """How much was said of a topic."""

    topic: str
    n: int
    expected: float | None
    """The median of the same hours of earlier weeks, or of earlier days; None while too little was heard."""
    of: int
    """How many of them that is the median of."""
    unit: str
    """`weeks` or `days`."""
    stories: int
    """That the mentions tell."""


class Story(NamedTuple):
    """What many told, or many endorsed."""

    row: Row
    """Its newest mention."""
    mentions: int
    """Of this time, among those that were looked at."""
    endorsed: int


class Word(NamedTuple):
    """A word that was never or rarely said before."""

    word: str
    n: int
    """Stories of this time that it stands in, among those that were read."""
    before: int
    z: float
    """Of its log-odds against the time before."""


class Brief(NamedTuple):
    since: float
    until: float
    visited: bool
    """Since the person's last visit."""
    volumes: Sequence[Volume]
    """Of topics of which something was said or expected, the least expected first."""
    coverage: float | None
    """The share of the time in which channels were really heard, on average; None without channels."""
    stories: Sequence[Story]
    words: Sequence[Word]
    read: int
    """Mentions whose words were read."""
    late: Sequence[Standing]
    """Desks with something late."""
    dead: Sequence[Channel]
    drift: Sequence[Change]
    """Sources of which another share than before is dismissed."""

    @property
    def mentions(self) -> int:
        """All of it, each topic's counted for itself."""
        return sum(one.n for one in self.volumes)

    @property
    def told(self) -> int:
        """The stories of all that, each topic's counted for itself."""
        return sum(one.stories for one in self.volumes)


def since_of(written: str, now: float) -> float:
    """`24h` or `2026-01-31` in Unix seconds. Raises QueryError."""
    node = parse(f"since:{written}")
    assert isinstance(node, tree.Time)
    assert node.low is not None
    return float(node.low.resolve(now))


def brief(reader: Reader, who: str, *, now: float, since: float | None = None, budget: float = BUDGET) -> Brief:
    """What is new to a person since the last visit, or since a time (Unix seconds)."""
    visit = reader.last_visit(who) if since is None else None
    visited = visit is not None
    start = since if since is not None else float(visit.at) if visit is not None else now - FIRST
    start = min(start, now - 60.0)
    told = reader.told_between(start, now, READ, 1)
    return Brief(
        start, now, visited, volumes(reader, start, now), _coverage(reader, start, now), stories(reader, told),
        words(reader, told, start, budget), len(told), _late(reader, now),
        [one for one in reader.channels() if one.active and one.state in ("dead", "stopped")],
        [one for one in dismissals(reader, now=now).sources if one.told and one.worse],
    )  # fmt: skip


# --- how loud --------------------------------------------------------------------------------------------------------


def volumes(reader: Reader, since: float, now: float) -> list[Volume]:
    """Of each topic with anything to tell, the farthest from what is expected first."""
    counts = reader.counted_between(since, now)
    earlier, unit = _earlier(reader, since, now)
    found = []
    for topic, (n, told) in counts.items():
        expected = median(one.get(topic, 0.0) for one in earlier) if earlier else None
        if n or expected:
            found.append(Volume(topic, n, expected, len(earlier), unit, told))
    return sorted(found, key=lambda one: (-_surprise(one), -one.n, one.topic))


def _surprise(one: Volume) -> float:
    """How far it is from what is expected, by the square roots of both, which evens out chance."""
    return abs(math.sqrt(one.n) - math.sqrt(one.expected)) if one.expected is not None else 0.0


def _earlier(reader: Reader, since: float, now: float) -> tuple[list[dict[str, float]], str]:
    """What each of the same hours of earlier weeks had, of those that were heard; else of earlier days."""
    for step, most, unit in ((WEEK, WEEKS, "weeks"), (DAY, DAYS, "days")):
        apart = step * max(1, math.ceil((now - since) / step))
        found = []
        for place in range(1, most + 1):
            heard = reader.heard_between(since - place * apart, now - place * apart)
            if heard.covered >= COVERED:
                found.append({topic: n / heard.covered for topic, n in heard.topics.items()})
        if len(found) >= 2:
            return found, unit
    return [], "weeks"


def _coverage(reader: Reader, since: float, now: float) -> float | None:
    active = [one.id for one in reader.channels() if one.active]
    heard = reader.coverage(since, now)
    return sum(heard.get(one, 0.0) for one in active) / len(active) if active else None


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
    """Words that were never or rarely said before, by the z of their log-odds with a prior from both times.

    Each story counts once. B. Monroe, M. Colaresi, K. Quinn, "Fightin' Words", Political Analysis 16 (2008), 372-403.
    """
    end = time.monotonic() + budget
    now_in, people, size = _frequencies(told, end - budget / 2)
    if size < LEAST:
        return []
    before_in, _, before_size = _frequencies(reader.told_between(since - BEFORE, since, READ_BEFORE, SLICES), end)
    if not before_size:
        return []
    known = _own_words(reader) | stop_words()
    total, total_before = sum(now_in.values()), sum(before_in.values())
    both = total + total_before
    found = []
    for word, n in now_in.items():
        if n < LEAST or len(people[word]) < 2 or word in known or not _telling(word):
            continue
        before = before_in[word]
        if before / before_size > RARE * n / size:
            continue
        prior = PRIOR * (n + before)
        odds = math.log((n + prior) / (total + PRIOR * both - n - prior))
        odds -= math.log((before + prior) / (total_before + PRIOR * both - before - prior))
        z = odds / math.sqrt(1 / (n + prior) + 1 / (before + prior))
        if z >= SURE:
            found.append(Word(word, n, before, z))
    return sorted(found, key=lambda one: (-one.z, one.word))[:WORDS]


def _frequencies(told: Iterable[Told], end: float) -> tuple[Counter[str], dict[str, set[int | None]], int]:
    """(word -> stories that it stands in, word -> people who said it, stories), as far as time reaches."""
    counts: Counter[str] = Counter()
    people: dict[str, set[int | None]] = {}
    seen: set[int] = set()
    size = 0
    for one in told:
        if time.monotonic() > end:
            break
        if one.story is not None and one.story in seen:
            continue
        seen.update([one.story] if one.story is not None else [])
        size += 1
        said, marks = tokens(f"{one.title or ''}\n{one.text}")
        for word in {*said, *(mark for mark in marks if mark.startswith("#"))}:
            counts[word] += 1
            if len(of := people.setdefault(word, set())) < 2:
                of.add(one.author)
    return counts, people, size


def _telling(word: str) -> bool:
    """Letters, three at least, or two where a letter is a word; a hashtag; an emoji."""
    bare = word.removeprefix("#")
    return (bare.isalpha() and len(bare) > (2 if bare.isascii() else 1)) or not (bare.isascii() or bare.isalnum())


def _own_words(reader: Reader) -> set[str]:
    """What topics ask for by name is no news."""
    found: set[str] = set()
    for topic in reader.topics_asked():
        for part in tree.walk(topic):
            if isinstance(part, tree.Words):
                found.update(part.tokens)
            elif isinstance(part, tree.Mark):
                found.add(part.token)
    return found


# --- desks -----------------------------------------------------------------------------------------------------------


def _late(reader: Reader, now: float) -> list[Standing]:
    found = [standing(reader, desk, now=now, window=0.0, budget=0.5) for desk in promising(reader.desks())]
    return [one for one in found if one.late]
