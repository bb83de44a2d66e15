"""Which words a VADER score comes from, and what flipped, boosted or damped them.

The valences are the engine's own. What moved one is found by taking the words around it away, one after another: those
without which it would weigh otherwise have moved it, and together those of which each would do it alone. So the reasons
cannot differ from the rules.
"""

from __future__ import annotations

import math
import re
import string
from collections.abc import Iterator, Sequence
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple, cast

from listen.sentiment.explained import How, Moved, Scored
from listen.sentiment.vader import NOTHING, PAD, Vader, Word, emphasis, weigh_contrast, weighing

_TOKEN = re.compile(r"\S+")
_ABSENT = Word()
"""In the place of a word that is taken away; unlike `NOTHING` it does not mean that the text begins or ends there."""


class _Weighed(NamedTuple):
    """A text as the engine weighs it."""

    read: str
    """With emoji in words."""
    origins: Sequence[int]
    """Where each of its characters comes from."""
    padded: list[Word]
    span_at: dict[int, tuple[int, int]]
    """Place among the words -> characters of `read`."""
    tell: bool
    """Whether capitals say anything."""
    hits: list[int]
    alone: list[float]
    """What each hit weighs before contrast."""
    valences: list[float]


def _weighed(vader: Vader, text: str) -> _Weighed:
    read, origins = _read(vader, text)
    spans = [found.span() for found in _TOKEN.finditer(read)]
    tokens = [read[start:end] for start, end in spans]
    words = [vader.met(token) for token in tokens]
    tell = 0 < sum(word.capital for word in words) < len(words)
    padded = vader.lined_up(words)
    span_at = dict(zip((place for place, word in enumerate(padded) if word is not NOTHING), spans, strict=True))
    hits = weighing(padded)
    alone = [vader.valence(padded, place, tell) for place in hits]
    valences = list(alone)
    weigh_contrast(padded, hits, valences)
    return _Weighed(read, origins, padded, span_at, tell, hits, alone, valences)


def scored_words(vader: Vader, text: str) -> tuple[list[Scored], float]:
    """The words that the score of a text comes from, in order, and the share of its `!` and `?`."""
    it = _weighed(vader, text)
    total = float(sum(it.valences))
    added = math.copysign(emphasis(it.read), total) if total else 0.0
    divisor = math.sqrt((total + added) ** 2 + 15) / 1000
    found: list[Scored] = []
    for place, before, valence in zip(it.hits, it.alone, it.valences, strict=True):
        if not valence:
            continue
        window = it.padded[place - PAD : place + PAD]
        moved = (*_moved(vader, window, it.tell), *_contrast(before, valence))
        start, end = _bare(it.read, *it.span_at[place])
        weight = it.padded[place].valence or 0.0
        word = Scored(it.origins[start], it.origins[end - 1] + 1, weight, valence, valence / divisor, moved)
        if found and found[-1].start == word.start:
            word = _together(found.pop(), word)
        found.append(word)
    return found, added / divisor


def weighed_words(vader: Vader, text: str) -> list[Scored]:
    """The same words with what they weigh alone, neither share nor reason: a tenth of the work."""
    it = _weighed(vader, text)
    found: list[Scored] = []
    for place, valence in zip(it.hits, it.valences, strict=True):
        if valence:
            start, end = _bare(it.read, *it.span_at[place])
            word = Scored(it.origins[start], it.origins[end - 1] + 1, it.padded[place].valence or 0.0, valence, 0.0)
            if found and found[-1].start == word.start:
                word = _together(found.pop(), word)
            found.append(word)
    return found


def _read(vader: Vader, text: str) -> tuple[str, list[int] | range]:
    """The text with emoji in words, as the engine reads it, and where each of its characters comes from."""
    if vader.emoji.keys().isdisjoint(text):
        return text, range(len(text))
    read: list[str] = []
    origins: list[int] = []
    for place, sign in enumerate(text):
        said = f" {vader.emoji[sign]}" if sign in vader.emoji else sign
        read.append(said)
        origins += [place] * len(said)
    return "".join(read), origins


def _bare(read: str, start: int, end: int) -> tuple[int, int]:
    """Without the punctuation around it, unless it is an emoticon."""
    token = read[start:end]
    bare = token.strip(string.punctuation)
    if len(bare) <= 2:
        return start, end
    first = token.index(bare)
    return start + first, start + first + len(bare)


def _moved(vader: Vader, window: list[Word], tell: bool) -> Iterator[Moved]:
    """What moved the word at PAD in its window, which is as wide as the rules look."""
    valence = vader.valence(window, PAD, tell)
    beside = [place for place, word in enumerate(window) if place != PAD and word is not NOTHING]
    effects = [
        (_effect(_without(vader, window, [place], tell), valence), window[place].lower) for place in beside
    ]  # fmt: skip
    found = [
        Moved(cast(How, how), " ".join(word for _, word in words))
        for how, words in groupby(effects, key=itemgetter(0))
        if how
    ]
    bare = _without(vader, window, beside, tell)
    together = _effect(bare, valence)
    if together and all(moved.how != together for moved in found):
        # Each of them would do it alone, as in "no no good": without one nothing changes.
        alone = [_without(vader, window, [other for other in beside if other != place], tell) for place in beside]
        words = [
            window[place].lower for place, one in zip(beside, alone, strict=True) if _effect(bare, one) == together
        ]
        if words:
            found.append(Moved(cast(How, together), " ".join(words)))
    yield from found
    if window[PAD].capital and tell:
        yield Moved("boosted", "capitals")


def _without(vader: Vader, window: list[Word], places: list[int], tell: bool) -> float:
    """The valence with these words taken away."""
    return vader.valence([_ABSENT if at in places else word for at, word in enumerate(window)], PAD, tell)


def _contrast(before: float, after: float) -> Iterator[Moved]:
    if before != after:
        yield Moved("boosted" if abs(after) > abs(before) else "damped", "but")


def _effect(without: float, valence: float) -> str:
    if without == valence:
        return ""
    if without * valence < 0:
        return "flipped"
    return "boosted" if abs(valence) > abs(without) else "damped"


def _together(one: Scored, other: Scored) -> Scored:
    """Two words of one emoji."""
    moved = tuple(dict.fromkeys((*one.moved, *other.moved)))
    end = max(one.end, other.end)
    return Scored(
        one.start, end, one.weight + other.weight, one.valence + other.valence, one.share + other.share, moved
    )
