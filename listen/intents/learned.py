"""A flag that people train themselves: from texts that they called one thing or the other to weights of words. Pure.

A text shows the flag where what its words weigh, each times its rarity, divided by the length of all its rarities, is
above the cut. The cut is the lowest at which, of what a teacher that has not seen a text takes for it, enough is right.
"""

from __future__ import annotations

import math
import tomllib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from listen.intents import TRUSTED
from listen.query.match import Subject
from listen.sentiment.logistic import Row, fit, folds, left_out
from listen.sentiment.teaching import frequencies, said

LABELS = 200
"""Texts that are needed."""

OF_EACH = 30
"""Of them, those that show it, and those that do not."""

RIGHT = TRUSTED
"""The share of right ones that the cut is put for; RECALLED of those that show it have to be found with it."""

RECALLED = 0.2

DOUBTED = 3
"""Wrong ones that are added to what was found: the cut that was best on few texts is less good on others."""

AT_LEAST = 2
"""Texts in which a word has to stand to be weighed."""

MOST_WORDS = 5_000
LARGEST = 1 << 20
"""Bytes of a file that is read."""


class FlagError(Exception):
    """It cannot be learned or read: what is wrong, and what would help."""


class Label(NamedTuple):
    """A text that somebody called one thing or the other."""

    name: str
    """What it is called, in the same way tomorrow."""
    text: str
    shows: bool


@dataclass(frozen=True)
class Flag:
    words: Mapping[str, tuple[float, float]]
    """Word, or two in a row -> its weight and its rarity."""
    cut: float

    def strain(self, text: str) -> float:
        """The weighted sum of a text's words."""
        row = frequencies(self._rarity, said(text))
        return math.fsum(self.words[word][0] * value for word, value in row.items())

    @cached_property
    def _rarity(self) -> Mapping[str, float]:
        return {word: rarity for word, (_, rarity) in self.words.items()}

    def holds(self, subject: Subject) -> bool:
        """Whether a text shows it."""
        return self.strain(f"{subject.record.title or ''}\n{subject.record.text}") > self.cut

    def telling(self) -> frozenset[str]:
        """Words that speak for it."""
        return frozenset(word for word, (weight, _) in self.words.items() if weight > 0)


class Lesson(NamedTuple):
    """What was learned, and how it does on texts that it has not seen."""

    flag: Flag
    labels: int
    precision: float
    recall: float
    found: int


def learn(labels: Sequence[Label]) -> Lesson:
    """Raises FlagError where there are too few labels, or where too little of what it finds is right."""
    yes = sum(label.shows for label in labels)
    if len(labels) < LABELS or min(yes, len(labels) - yes) < OF_EACH:
        told = f"{yes} that show it and {len(labels) - yes} that do not"
        raise FlagError(f"{told} are too few: {LABELS} are needed, {OF_EACH} of each at least")
    grades = [int(label.shows) for label in labels]

    def teacher(places: Sequence[int]) -> Any:
        flag = _fitted([labels[place] for place in places])
        return lambda place: flag.strain(labels[place].text) - flag.cut

    strains = left_out(folds([label.name for label in labels], grades), teacher)
    lesson = _best(strains, grades)
    if lesson is None:
        raise FlagError(
            f"not surely {RIGHT:.0%} of what it would find is right: more labels, or clearer ones, may help"
        )
    above, precision, recall, found = lesson
    flag = _fitted(labels)
    return Lesson(Flag(flag.words, round(flag.cut + above, 4)), len(labels), precision, recall, found)


def _best(strains: Sequence[float], grades: Sequence[int]) -> tuple[float, float, float, int] | None:
    """(cut, precision, recall, texts found) with the best recall of those that are right often enough."""
    ranked = sorted(zip(strains, grades, strict=True), reverse=True)
    best, right = None, 0
    for found, (strain, grade) in enumerate(ranked, 1):
        right += grade
        recall = right / max(1, sum(grades))
        if grade and right / (found + DOUBTED) >= RIGHT and recall >= RECALLED:
            best = strain - 1e-6, right / found, recall, found
    return best


def _fitted(labels: Sequence[Label]) -> Flag:
    texts = [said(label.text) for label in labels]
    counted = Counter(word for words in texts for word in set(words))
    known = sorted((word for word, n in counted.items() if n >= AT_LEAST), key=lambda word: (-counted[word], word))
    rarity = {word: math.log((1 + len(texts)) / (1 + counted[word])) + 1 for word in known[:MOST_WORDS]}
    rows: list[Row] = [frequencies(rarity, words) if words else {} for words in texts]
    found = fit(rows, [int(label.shows) for label in labels], balance=0.5)
    words = {word: (round(weight, 4), round(rarity[word], 4)) for word, weight in found.weights.items()}
    return Flag(words, found.cuts[0])


# --- as a file -------------------------------------------------------------------------------------------------------


def written(lesson: Lesson, name: str, day: str) -> str:
    """The text of its file, the words that weigh most first."""
    heaviest = sorted(lesson.flag.words.items(), key=lambda item: (-abs(item[1][0]), item[0]))
    return (
        "\n".join(
            [
                f"# The flag {name}, learned by listen from {lesson.labels} labels on {day}. Left out part by part,",
                f"# {lesson.precision:.2f} of what it finds is right; it finds {lesson.recall:.2f} of what there is.",
                "# You may change or remove words, and the cut; keep the old file for what was.",
                f"cut = {lesson.flag.cut!r}",
                "\n# Word, or two in a row = [weight, rarity]",
                "[words]",
                *(f'"{word}" = [{weight!r}, {rarity!r}]' for word, (weight, rarity) in heaviest if weight),
            ]
        )
        + "\n"
    )


def read(file: Path) -> dict[str, Any]:
    """The table of a file. Raises FlagError."""
    try:
        if file.stat().st_size > LARGEST:
            raise FlagError(f"{file} is larger than {LARGEST >> 20} MB, so it is no flag")
        told = tomllib.loads(file.read_text("utf-8"))
        flag(told)
    except OSError as error:
        raise FlagError(f"{file} cannot be read: {error.strerror}") from None
    except (ValueError, FlagError) as error:
        raise FlagError(f"{file}: {error}") from None
    return told


def flag(told: Mapping[str, Any]) -> Flag:
    """What a table tells. Raises FlagError."""
    words = told.get("words")
    if not _is_number(told.get("cut")) or not isinstance(words, Mapping):
        raise FlagError("expected cut = a number, and a table [words]")
    for word, pair in words.items():
        if not (isinstance(pair, Sequence) and len(pair) == 2 and all(map(_is_number, pair)) and pair[1] > 0):
            raise FlagError(f"words, {word!r}: expected [weight, rarity], got {pair!r}")
    return Flag({word: (float(weight), float(rarity)) for word, (weight, rarity) in words.items()}, float(told["cut"]))


def _is_number(said: object) -> bool:
    return isinstance(said, int | float) and not isinstance(said, bool) and math.isfinite(said)
