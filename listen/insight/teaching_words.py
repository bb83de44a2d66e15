"""Which words of mentions that were scored wrongly should weigh something else for their topic.

Tried are words that pulled a score away from its label, and words that no lexicon knows and that stand in labelled
mentions of one side. Each is scored with the whole text, so that negation, distance and rivals are heeded.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

from listen import query, text
from listen.insight.teaching_subject import LOOKED_AT, Effect, Subject, Word, effect_of
from listen.sentiment.teaching import Teaching
from listen.store.lessons import Spoken
from listen.store.read import Reader

AT_LEAST = 3
"""Labelled mentions that a word must stand in, of those that weigh something."""

OF_NEW_WORDS = 4
"""The same of words that weigh nothing yet."""

CHANCE = 0.005
"""As seldom as that would they be of one side by chance, given how many labels are: `with` and `are` are no reason."""

BETTER = 2
"""Labels that a suggested word must get right beyond those that it gets wrong."""

WEIGHTS = (0.0, -1.5, 1.5, -2.5, 2.5)
"""What is tried; of equally good ones the first is suggested."""

TRIED = 40
"""Words that are tried, those with most mistakes first."""

LABELS = 1_000
"""Labels that are looked at, the newest; of the mentions with one word PLACES: some seconds at most."""

PLACES = 100

MOST = 8
"""Words that are suggested."""

SHORTEST = 3
"""Letters of a word that weighs nothing yet."""

PATIENCE = 2.0
"""Seconds that are spent on finding a word's mentions."""

Found = dict[str, list[int]]
"""Word -> places of the labelled mentions that it stands in."""


def suggested(reader: Reader, subject: Subject, sides: Sequence[int], *, now: float) -> list[Word]:
    """The words that agree best with the labels; `sides` are what these mentions are scored now, in their order."""
    subject = replace(subject, labelled=subject.labelled[:LABELS])
    wrong = {place for place, one in enumerate(subject.labelled) if sides[place] != one.label}
    candidates = _weighing(subject, wrong) | _silent(subject, wrong)
    tried = sorted(candidates.items(), key=lambda item: (-len(wrong & set(item[1])), -len(item[1]), item[0]))
    better = [
        one
        for one in (_tried(subject, sides, word, places[:PLACES]) for word, places in tried[:TRIED])
        if one is not None
    ]
    better.sort(key=lambda one: (one.agreed - one.agrees, -one.labels, one.word))
    return [replace(one, effect=_effect(reader, subject, one, now)) for one in better[:MOST]]


def _weighing(subject: Subject, wrong: set[int]) -> Found:
    """Words that pulled a score away from its label, and where else they stand."""
    blamed: set[str] = set()
    places: dict[str, set[int]] = defaultdict(set)
    plain = replace(subject.taught, begins=None, model=None)
    for place, one in enumerate(subject.labelled):
        heard = subject.heard(one, plain)
        if heard is None:
            continue
        for part in heard.parts:
            word = one.text[part.start : part.end].lower()
            if not part.valence or len(word.split()) != 1:
                continue
            places[word].add(place)
            pulled = part.valence * one.label < 0 if one.label else part.valence * heard.score > 0
            if place in wrong and pulled:
                blamed.add(word)
    return {word: sorted(places[word]) for word in blamed if len(places[word]) >= AT_LEAST}


def _silent(subject: Subject, wrong: set[int]) -> Found:
    """Words that weigh nothing, and stand in mentions that people mostly called the same."""
    said = [one.label for one in subject.labelled]
    shares = {side: said.count(side) / max(1, len(said)) for side in (-1, 1)}
    named = {word for one in subject.aims.values() for word in text.tokens(one.name)[0]}
    named |= set(text.tokens(subject.live.query)[0]) | set(subject.taught.words)
    places: dict[str, list[int]] = defaultdict(list)
    for place, one in enumerate(subject.labelled):
        for word in set(text.tokens(one.text)[0]):
            if len(word) >= SHORTEST and word.isalpha() and word not in named:
                places[word].append(place)
    return {
        word: some
        for word, some in places.items()
        if len(some) >= OF_NEW_WORDS and wrong.intersection(some) and _one_sided([said[one] for one in some], shares)
    }


def _one_sided(sides: Sequence[int | None], shares: Mapping[int, float]) -> bool:
    """Whether as many of one side would hardly come together by chance (binomial)."""
    return any(_by_chance(sides.count(side), len(sides), share) < CHANCE for side, share in shares.items())


def _by_chance(k: int, n: int, share: float) -> float:
    """The probability of k of n or more."""
    return math.fsum(math.comb(n, one) * share**one * (1 - share) ** (n - one) for one in range(k, n + 1))


def _tried(subject: Subject, sides: Sequence[int], word: str, places: Sequence[int]) -> Word | None:
    """What of WEIGHTS agrees best with the labels of the mentions that it stands in; None when none is better."""
    labelled = [subject.labelled[place] for place in places]
    agreed = sum(sides[place] == one.label for place, one in zip(places, labelled, strict=True))
    found: Word | None = None
    for value in WEIGHTS:
        if subject.taught.words.get(word) == value:
            continue
        taught = _with(subject.taught, word, value)
        agrees = sum(subject.side(one, taught) == one.label for one in labelled)
        if agrees - agreed >= BETTER and (found is None or agrees > found.agrees):
            found = Word(word, value, agrees, agreed, len(places), Effect(0, 0, True))
    return found


def _with(taught: Teaching, word: str, value: float) -> Teaching:
    return replace(taught, words={**taught.words, word: value})


def _effect(reader: Reader, subject: Subject, one: Word, now: float) -> Effect:
    """What the word would do to the topic's mentions: those that it stands in are looked at."""
    some, complete = _holding(reader, subject, one.word, now)
    flips = effect_of(subject, some, _with(subject.taught, one.word, one.value))
    return Effect(flips, subject.mentions if complete else len(some), complete)


def _holding(reader: Reader, subject: Subject, word: str, now: float) -> tuple[list[Spoken], bool]:
    try:
        node = query.parse(f'topic:"{subject.name}" "{word}"')
    except query.QueryError:  # no word of a text as queries know them
        return [], False
    page = reader.page(node, limit=LOOKED_AT, budget=PATIENCE, now=now)
    return reader.spoken(subject.live, page.ids), page.complete and len(page.ids) < LOOKED_AT
