"""vaderSentiment 3.3.2 (Hutto and Gilbert 2014) read quicker: the same four figures for every text, to the last digit.

The tables are the package's own; its rules are followed with their quirks. What makes it quick: a word is looked up
once and remembered with all that the rules ask of it, and the rules run only around words of the lexicon. The package
lowers every word of the text again at each of them, which takes time that grows with the square of the text.
"""

from __future__ import annotations

import importlib
import math
import string
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

NAME = "vader-3.3.2"

_REMEMBERED = 20_000  # words; about 5 MB
_STRETCHING = frozenset(("so", "this"))
_SPOKEN_TO = frozenset("no or nor never so this without doubt least at very".split())  # noqa: SIM905


class Polarity(NamedTuple):
    """What the package's `polarity_scores` says, and how many words were looked at."""

    neg: float
    neu: float
    pos: float
    compound: float
    hits: int
    """Words and emoticons of the text that are in the lexicon."""


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a text with all that the rules ask of it."""

    lower: str = ""
    capital: bool = False
    valence: float | None = None
    """Its valence in the lexicon, None when it is not there."""
    boost: float | None = None
    negates: bool = False
    in_idiom: bool = False
    moves: bool = False
    """Whether it can change the valence of a word after it."""


NOTHING = Word()
"""Stands before the first word and after the last one."""

PAD = 3
"""Words before a word that the rules look at."""

_AROUND = PAD * (NOTHING,)


class Vader:
    """The package's tables, and the words met so far."""

    def __init__(self) -> None:
        package = importlib.import_module("vaderSentiment.vaderSentiment")
        analyzer = package.SentimentIntensityAnalyzer()
        self.lexicon: dict[str, float] = analyzer.lexicon
        self.emoji: dict[str, str] = {sign: said for sign, said in analyzer.emojis.items() if len(sign) == 1}
        self.boosters: dict[str, float] = package.BOOSTER_DICT
        self.negations = frozenset[str](package.NEGATE)
        self.idioms: dict[str, float] = package.SPECIAL_CASES
        self.negated_by: float = package.N_SCALAR
        self.capitals_add: float = package.C_INCR
        phrases = [*self.idioms, *(phrase for phrase in self.boosters if " " in phrase)]
        self.idiom_words = frozenset(word for phrase in phrases for word in phrase.split())
        self._words: dict[str, Word] = {}

    def polarity(self, text: str) -> Polarity:
        """The four figures of `polarity_scores(text)` and the number of hits."""
        if not text.isascii():
            for sign in set(text):
                if sign in self.emoji:
                    text = text.replace(sign, " " + self.emoji[sign])
        known = self._words
        tokens = text.split()
        if not tokens:
            return Polarity(0.0, 0.0, 0.0, 0.0, 0)
        words = [known.get(token) or self.word(token) for token in tokens]
        if all(word.valence is None for word in words):
            return Polarity(0.0, 1.0, 0.0, 0.0, 0)
        capitals = sum([word.capital for word in words])
        tell = 0 < capitals < len(words)
        padded, places = self.lined_up(tokens, words)
        hits = weighing(padded, places)
        valences = [self.valence(padded, place, tell) for place in hits]
        if "but" in text.lower():
            weigh_contrast(padded, hits, valences)
        return summed(valences, len(words), emphasis(text))

    def lined_up(self, tokens: Sequence[str], words: Sequence[Word]) -> tuple[list[Word], Sequence[int]]:
        """The words as the rules look at them, with nothing before and behind them; and where in that each stands."""
        return [*_AROUND, *words, *_AROUND], range(PAD, PAD + len(words))

    def word(self, token: str) -> Word:
        """What stands between two blanks, with what the rules ask of it."""
        bare = token.strip(string.punctuation)
        if len(bare) <= 2:  # an emoticon, perhaps
            bare = token
        lower = bare.lower()
        boost = self.boosters.get(lower)
        negates = lower in self.negations or "n't" in lower
        in_idiom = lower in self.idiom_words
        moves = boost is not None or negates or in_idiom or lower in _SPOKEN_TO
        word = Word(lower, bare.isupper(), self.lexicon.get(lower), boost, negates, in_idiom, moves)
        if len(self._words) >= _REMEMBERED:
            self._words.clear()
        self._words[token] = word
        return word

    def valence(self, words: list[Word], place: int, capitals_tell: bool) -> float:
        """The valence of a word of the lexicon, moved by its capitals and by the three words before it."""
        word, one, two, three = words[place], words[place - 1], words[place - 2], words[place - 3]
        base = valence = word.valence or 0.0
        if word.lower == "no" and words[place + 1].valence is not None:
            valence = 0.0
        moved = one.moves or two.moves or three.moves
        if moved and (
            one.lower == "no"
            or two.lower == "no"
            or (three.lower == "no" and (one.lower == "or" or one.lower == "nor"))
        ):
            valence = base * self.negated_by
        if word.capital and capitals_tell:
            valence += self.capitals_add if valence > 0 else -self.capitals_add
        if moved:
            valence = self._moved(valence, one, two, three, capitals_tell)
        if (word.in_idiom or moved) and three.valence is None and three is not NOTHING:
            valence = self._in_idiom(valence, words, place)
        if one.lower == "least" and one.valence is None and two.lower != "at" and two.lower != "very":
            valence *= self.negated_by
        return valence

    def _moved(self, valence: float, one: Word, two: Word, three: Word, capitals_tell: bool) -> float:
        """The valence after boosters and negations among the words before; words of the lexicon do not move others."""
        if one.valence is None:
            valence += self._boost(one, valence, capitals_tell)
            if one.negates:
                valence *= self.negated_by
        if two.valence is None:
            valence += self._boost(two, valence, capitals_tell) * 0.95
            if two.lower == "never" and one.lower in _STRETCHING:
                valence *= 1.25
            elif two.negates and not (two.lower == "without" and one.lower == "doubt"):
                valence *= self.negated_by
        if three.valence is None and three is not NOTHING:
            valence += self._boost(three, valence, capitals_tell) * 0.9
            if one.lower in _STRETCHING or (three.lower == "never" and two.lower in _STRETCHING):
                valence *= 1.25
            elif three.negates and not (three.lower == "without" and "doubt" in (one.lower, two.lower)):
                valence *= self.negated_by
        return valence

    def _boost(self, word: Word, valence: float, capitals_tell: bool) -> float:
        if word.boost is None:
            return 0.0
        boost = -word.boost if valence < 0 else word.boost
        if word.capital and capitals_tell:
            boost += self.capitals_add if valence > 0 else -self.capitals_add
        return boost

    def _in_idiom(self, valence: float, words: list[Word], place: int) -> float:
        """The idiom's own valence where the word stands in one; `kind of` and the like before the word weaken it."""
        three, two, one, word, next_one, next_two = [word.lower for word in words[place - 3 : place + 3]]
        for phrase in (
            f"{one} {word}", f"{two} {one} {word}", f"{two} {one}", f"{three} {two} {one}", f"{three} {two}"
        ):  # fmt: skip
            if phrase in self.idioms:
                valence = self.idioms[phrase]
                break
        for phrase in (f"{word} {next_one}", f"{word} {next_one} {next_two}"):
            valence = self.idioms.get(phrase, valence)
        for phrase in (f"{three} {two} {one}", f"{three} {two}", f"{two} {one}"):
            valence += self.boosters.get(phrase, 0.0)
        return valence


def weighing(padded: Sequence[Word], places: Sequence[int]) -> list[int]:
    """The places of the words that are in the lexicon; the `kind` of `kind of` is not meant."""
    return [
        place
        for place in places
        if padded[place].valence is not None and (padded[place].lower != "kind" or padded[place + 1].lower != "of")
    ]


def weigh_contrast(padded: Sequence[Word], hits: list[int], valences: list[float]) -> None:
    """Halves what stands before the first `but`, adds half to what stands after it.

    The package finds a valence's place by its value: of two equal ones the first is changed, twice if need be.
    """
    but = next((place for place, word in enumerate(padded) if word.lower == "but"), None)
    if but is None:
        return
    for valence in list(range(len(valences))):
        value = valences[valence]
        if value:
            first = valences.index(value)
            if hits[first] < but:
                valences[first] = value * 0.5
            elif hits[first] > but:
                valences[first] = value * 1.5


def emphasis(text: str) -> float:
    """What exclamation and question marks add."""
    asked = text.count("?")
    return min(text.count("!"), 4) * 0.292 + (0 if asked < 2 else asked * 0.18 if asked <= 3 else 0.96)


def summed(valences: list[float], words: int, emphasis: float) -> Polarity:
    """The four figures of words that weigh so much among so many, and what `!` and `?` add."""
    total = float(sum(valences))
    if total > 0:
        total += emphasis
    elif total < 0:
        total -= emphasis
    compound = total / math.sqrt(total * total + 15)
    positive = negative = 0.0
    neutral = words
    for valence in valences:
        if valence > 0:
            positive += valence + 1
            neutral -= 1
        elif valence < 0:
            negative += valence - 1
            neutral -= 1
    if positive > -negative:
        positive += emphasis
    elif positive < -negative:
        negative -= emphasis
    whole = positive - negative + neutral
    return Polarity(
        round(-negative / whole + 0.0, 3),
        round(neutral / whole, 3),
        round(positive / whole, 3),
        round(max(-1.0, min(1.0, compound)), 4),
        len(valences),
    )
