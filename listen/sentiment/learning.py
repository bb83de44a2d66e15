"""What can be learned from the labels that people gave to a topic's mentions, and what it gains on those left out.

Where negative and positive begin from `FOR_BEGINS` labels on, a model from `FOR_MODEL` on. The gain is cross-validated:
each label is compared with what was learned from the others. Labels are mostly corrections, which people give to what
is wrong, so both figures are lower than on a random sample; their difference is what counts.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from listen.model import NEGATIVE, POSITIVE
from listen.sentiment.evaluation import Agreement, Labelled, agreement
from listen.sentiment.logistic import fit, folds, left_out
from listen.sentiment.teaching import Judged, Model, Teaching, frequencies, judged, of_lexicon, said

FOR_BEGINS = 50
"""Labels from which on thresholds are offered."""

FOR_MODEL = 200
"""Labels from which on a model is offered."""

OF_EACH = 8
"""So many labels must say negative, and as many positive, for anything to be offered; for a model neutral, too."""

WORTH = 0.01
"""Macro-F1 that something has to gain to be offered,"""

FEWER = 0.03
"""or the share by which wrong signs become fewer, when macro-F1 loses no more than `LOSS`."""

LOSS = 0.005

PENALTY, BALANCE = 1.0, 0.5
"""Chosen on four sets of labelled tweets: with a smaller penalty general talk is learned by heart, with a larger one a
topic's own words are not learned."""

AT_LEAST = 2
"""Labelled texts that a word must stand in, for the model to know it."""

MOST_WORDS = 2_000
"""Words and pairs of words of a model: what most texts say comes first."""

OF_LANGUAGE = 20
"""Labels in a language without which the model leaves its texts to the lexicon."""

STEP = 50
"""Thousandths between two thresholds that are tried."""

FURTHEST = 900

Begins = tuple[int, int]


class Example(NamedTuple):
    """A text that somebody labelled."""

    name: str
    """What it is called, in the same way tomorrow."""
    text: str
    """What was scored."""
    lang: str | None
    heard: Judged
    """What the lexicon says toward the topic."""
    label: int
    """-1, 0 or 1."""


class Gain(NamedTuple):
    """How well scores agree with labels without something and with it."""

    before: Agreement
    after: Agreement

    @property
    def f1(self) -> float:
        """Points of macro-F1, as a share."""
        return self.after.macro_f1 - self.before.macro_f1

    @property
    def worth(self) -> bool:
        """Whether it is offered."""
        before, after = self.before.wrong_sign, self.after.wrong_sign
        fewer = before is not None and after is not None and before - after >= FEWER
        return self.f1 >= WORTH or (fewer and self.f1 >= -LOSS)


def enough(examples: Iterable[Example], sides: Iterable[int] = (-1, 1)) -> bool:
    """Whether there are enough of each of these sides."""
    counted = Counter(one.label for one in examples)
    return min(counted[side] for side in sides) >= OF_EACH


# --- where negative and positive begin -------------------------------------------------------------------------------


def begins(examples: Sequence[Example]) -> Begins:
    """The thresholds, in thousandths, with the best macro-F1 on these labels; of several the nearest to the usual."""
    grid = range(-FURTHEST, FURTHEST + 1, STEP)
    shares = _Shares(examples)
    pairs = ((low, high) for low in grid for high in grid if low < high)
    return max(pairs, key=lambda pair: (shares.macro_f1(*pair), -abs(pair[0] - NEGATIVE) - abs(pair[1] - POSITIVE)))


class _Shares:
    """How many texts of each label have a score up to each value; those without any word stay neutral."""

    def __init__(self, examples: Sequence[Example]) -> None:
        self._totals = [0, 0, 0]
        self._upto = [[0] * 2_001 for _ in range(3)]
        for one in examples:
            self._totals[one.label + 1] += 1
            if one.heard.hits:
                self._upto[one.label + 1][one.heard.score + 1_000] += 1
        for counts in self._upto:
            for place in range(1, 2_001):
                counts[place] += counts[place - 1]

    def macro_f1(self, low: int, high: int) -> float:
        negative = [counts[low + 1_000] for counts in self._upto]
        positive = [counts[2_000] - counts[high + 999] for counts in self._upto]
        neutral = [n - down - up for n, down, up in zip(self._totals, negative, positive, strict=True)]
        taken = (negative, neutral, positive)
        found = [
            2 * taken[place][place] / (self._totals[place] + sum(taken[place]))
            for place in range(3)
            if self._totals[place]
        ]
        return sum(found) / len(found)


# --- the model -------------------------------------------------------------------------------------------------------


def model(examples: Sequence[Example], name: str) -> Model:
    """A regression over their words and what the lexicon says of them. Raises ValueError where a label is missing."""
    rarity = _rarity([said(one.text) for one in examples])
    rows = [
        {**frequencies(rarity, said(one.text)), **{f"\0{key}": value for key, value in _lexicon(one).items()}}
        for one in examples
    ]
    found = fit(rows, [one.label + 1 for one in examples], penalty=PENALTY, balance=BALANCE)
    spoken = Counter((one.lang or "").partition("-")[0].lower() for one in examples)
    return Model(
        name=name,
        words={word: (round(found.weights[word], 4), round(rarity[word], 4)) for word in sorted(rarity)},
        lexicon={key[1:]: round(weight, 4) for key, weight in found.weights.items() if key[0] == "\0"},
        cuts=(round(found.cuts[0], 4), round(found.cuts[1], 4)),
        langs=tuple(sorted(lang for lang, n in spoken.items() if lang and n >= OF_LANGUAGE)),
    )


def _lexicon(one: Example) -> dict[str, float]:
    return of_lexicon(one.heard.score, one.heard.parts)


def _rarity(texts: Sequence[Sequence[str]]) -> dict[str, float]:
    """Word -> its inverse document frequency, `ln((1 + texts) / (1 + texts with it)) + 1`, of the most common ones."""
    counted = Counter(name for names in texts for name in set(names))
    known = sorted((name for name, n in counted.items() if n >= AT_LEAST), key=lambda name: (-counted[name], name))
    return {name: math.log((1 + len(texts)) / (1 + counted[name])) + 1 for name in known[:MOST_WORDS]}


# --- what it gains ---------------------------------------------------------------------------------------------------


def compared(examples: Sequence[Example], before: Teaching, learn: Callable[[Sequence[Example]], Teaching]) -> Gain:
    """How well labels agree with what `before` makes of their texts, and with what is learned from the other labels."""
    parts = folds([one.name for one in examples], [one.label + 1 for one in examples])

    def learned(places: Sequence[int]) -> Callable[[int], Judged]:
        taught = learn([examples[place] for place in places])
        return lambda place: _judged(examples[place], taught)

    return Gain(_agreement(examples, [_judged(one, before) for one in examples]),
                _agreement(examples, left_out(parts, learned)))  # fmt: skip


def _judged(one: Example, taught: Teaching) -> Judged:
    return judged(one.text, one.lang, one.heard, taught)


def _agreement(examples: Sequence[Example], told: Sequence[Judged]) -> Agreement:
    truths = [Labelled(one.text, one.label, one.lang) for one in examples]
    return agreement(truths, [one.score / 1_000 for one in told], [one.hits for one in told])
