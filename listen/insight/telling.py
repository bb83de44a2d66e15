"""Words that tell what a time is about: those that were never or rarely said before it."""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Container, Iterable, Mapping
from typing import NamedTuple

from listen.query import tree
from listen.store.lately import Told
from listen.text import tokens
from listen.text.terms import tells

PRIOR = 0.1
"""The prior of the log-odds weighs so much of both times' words: with less, a word never said before is never sure."""

LEAST = 3
"""Stories that a new word must stand in, said by two people at least."""

SURE = 2.0
"""The z of the log-odds from which on a word is more frequent than before beyond chance."""

RARE = 1 / 3
"""A word is new when it stood in this share of what would be as often as now, or less."""


class Word(NamedTuple):
    """A word that was never or rarely said before."""

    word: str
    n: int
    """Stories of this time that it stands in, among those that were read."""
    before: int
    z: float
    """Of its log-odds against the time before."""


class Said(NamedTuple):
    """What was said in a time."""

    words: Counter[str]
    """Word -> stories that it stands in."""
    people: Mapping[str, set[int | None]]
    """Word -> two of the people who said it."""
    stories: int


def said(told: Iterable[Told], end: float = math.inf) -> Said:
    """The words of these mentions, each story once, as far as time reaches (by the monotonic clock)."""
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
        found, marks = tokens(f"{one.title or ''}\n{one.text}")
        for word in {*found, *(mark for mark in marks if mark.startswith("#"))}:
            counts[word] += 1
            if len(of := people.setdefault(word, set())) < 2:
                of.add(one.author)
    return Said(counts, people, size)


def words(now: Said, before: Said, known: Container[str], most: int) -> list[Word]:
    """Words that were never or rarely said before, by the z of their log-odds with a prior from both times.

    Without those that are `known`. See `log_odds`.
    """
    if not before.stories:
        return []
    total, total_before = sum(now.words.values()), sum(before.words.values())
    found = []
    for word, n in now.words.items():
        if n < LEAST or len(now.people[word]) < 2 or word in known or not tells(word):
            continue
        earlier = before.words[word]
        if earlier / before.stories > RARE * n / now.stories:
            continue
        z = log_odds(n, total, earlier, total_before)
        if z >= SURE:
            found.append(Word(word, n, earlier, z))
    return sorted(found, key=lambda one: (-one.z, one.word))[:most]


def log_odds(n: int, total: int, earlier: int, total_before: int) -> float:
    """How much more often a word is said than before, in standard deviations: the z of its log-odds with a prior.

    The informative Dirichlet prior of B. Monroe, M. Colaresi, K. Quinn, "Fightin' Words", Political Analysis 16 (2008),
    372-403: it weighs PRIOR of all words of both times, and is spread over the words as those times use them. So a
    word that was said by chance gets no high z, and one that was never said before gets one when it is said often.
    `n` and `earlier` are how often the word was said, `total` and `total_before` how often all words were.
    """
    if not n + earlier:
        return 0.0
    prior, whole = PRIOR * (n + earlier), PRIOR * (total + total_before)
    odds = math.log((n + prior) / max(0.5, total + whole - n - prior))
    odds -= math.log((earlier + prior) / max(0.5, total_before + whole - earlier - prior))
    return odds / math.sqrt(1 / (n + prior) + 1 / (earlier + prior))


def asked_for(queries: Iterable[tree.Node]) -> set[str]:
    """What topics ask for by name is no news."""
    found: set[str] = set()
    for topic in queries:
        for part in tree.walk(topic):
            if isinstance(part, tree.Words):
                found.update(part.tokens)
            elif isinstance(part, tree.Mark):
                found.add(part.token)
    return found
