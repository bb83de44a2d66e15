"""vaderSentiment 3.3.2 (Hutto and Gilbert 2014) read quicker: the same four figures for every text, to the last digit.

The tables are the package's own; its rules are followed with their quirks. What makes it quick: a word is looked up
once and remembered with all that the rules ask of it, words that they ask nothing of share one record, and the rules
run only around words of the lexicon. The package lowers every word of the text again at each of them, which takes time
that grows with the square of the text.
"""

from __future__ import annotations

import importlib
import math
import string
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush
from typing import NamedTuple

NAME = "vader-3.3.2"

_REMEMBERED = 40_000  # words; about 5 MB
_LONGEST_REMEMBERED = 16  # characters: what is longer is mostly a link or a name that never comes again
_FEW = 4  # signs that are replaced one after another; more of them in one go
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


@dataclass(frozen=True, slots=True, eq=False)
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
    """Whether it can change the valence of a word after it, or has a rule of its own."""
    idle: bool = True
    """Whether no rule looks at it from a word beside it."""
    steady: bool = False
    """Whether no rule can move it where the three words before it are idle."""
    ends: bool = False
    """Whether no rule reaches beyond it; the package knows no such end."""


NOTHING = Word()
"""Stands before the first word and after the last one."""

ORDINARY, SHOUTED = Word(), Word(capital=True)
"""Every word that is in no list; its letters matter to nobody."""

PAD = 3
"""Words before a word that the rules look at."""

_AROUND = PAD * (NOTHING,)


class Remembered(dict[str, Word]):
    """The words met so far, and those that were not are looked up; forgets all of them when they are too many."""

    def __init__(self, look_up: Callable[[str], Word]) -> None:
        super().__init__()
        self.look_up = look_up

    def __missing__(self, token: str) -> Word:
        word = self.look_up(token)
        if len(token) <= _LONGEST_REMEMBERED:
            if len(self) >= _REMEMBERED:
                self.clear()
            self[token] = word
        return word


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
        self._words = Remembered(self.word)
        self._bind()

    def _bind(self) -> None:
        """Make what is derived from the tables; to be called again when they have been changed."""
        self.signs = frozenset(self.emoji)
        self.listed = frozenset(("but", *self.lexicon, *self.boosters, *self.negations, *self.idiom_words, *_SPOKEN_TO))

    def polarity(self, text: str) -> Polarity:
        """The four figures of `polarity_scores(text)` and the number of hits."""
        if not text.isascii():
            text = self.spelled_out(text)
        tokens = text.split()
        if not tokens:
            return Polarity(0.0, 0.0, 0.0, 0.0, 0)
        words = list(map(self._words.__getitem__, tokens))
        padded = self.lined_up(words)
        hits = weighing(padded)
        if not hits:
            return Polarity(0.0, 1.0, 0.0, 0.0, 0)
        valences = self.valences(words, padded, hits)
        if "but" in text.lower():
            weigh_contrast(padded, hits, valences)
        return summed(valences, len(words), emphasis(text))

    def valences(self, words: Sequence[Word], padded: Sequence[Word], hits: Sequence[int]) -> list[float]:
        """The valence of each word of the lexicon; the rules are asked only where there is something for them to do."""
        found: list[float] = []
        tell: bool | None = None
        for place in hits:
            word = padded[place]
            if word.steady and padded[place - 1].idle and padded[place - 2].idle and padded[place - 3].idle:
                found.append(word.valence or 0.0)
                continue
            if tell is None:
                tell = 0 < [word.capital for word in words].count(True) < len(words)
            found.append(self.valence(padded, place, tell))
        return found

    def spelled_out(self, text: str) -> str:
        """The text with its emoji in words."""
        found = self.signs.intersection(text)
        if len(found) > _FEW:
            return text.translate({ord(sign): f" {self.emoji[sign]}" for sign in found})
        for sign in found:
            text = text.replace(sign, " " + self.emoji[sign])
        return text

    def lined_up(self, words: Sequence[Word]) -> list[Word]:
        """The words as the rules look at them, with nothing before and behind them."""
        return [*_AROUND, *words, *_AROUND]

    def met(self, token: str) -> Word:
        """`word`, worked out once."""
        return self._words[token]

    def word(self, token: str) -> Word:
        """What stands between two blanks, with what the rules ask of it."""
        bare = without_punctuation(token)
        lower = bare.lower()
        if lower not in self.listed and "n't" not in lower:
            return SHOUTED if bare.isupper() else ORDINARY
        boost = self.boosters.get(lower)
        negates = lower in self.negations or "n't" in lower
        in_idiom = lower in self.idiom_words
        moves = boost is not None or negates or lower in _SPOKEN_TO
        capital, idle = bare.isupper(), not moves and not in_idiom
        return Word(
            lower, capital, self.lexicon.get(lower), boost, negates, in_idiom, moves, idle, steady=idle and not capital
        )

    def valence(self, words: Sequence[Word], place: int, capitals_tell: bool) -> float:
        """The valence of a word of the lexicon, moved by its capitals and by the three words before it."""
        word, one, two, three = words[place], words[place - 1], words[place - 2], words[place - 3]
        base = valence = word.valence or 0.0
        moved = one.moves or two.moves or three.moves
        if moved or word.moves:
            if word.lower == "no" and words[place + 1].valence is not None:
                valence = 0.0
            if (
                one.lower == "no"
                or two.lower == "no"
                or (three.lower == "no" and (one.lower == "or" or one.lower == "nor"))
            ):
                valence = base * self.negated_by
        if word.capital and capitals_tell:
            valence += self.capitals_add if valence > 0 else -self.capitals_add
        if moved:
            valence = self._moved(valence, one, two, three, capitals_tell)
        if (
            three.valence is None
            and three is not NOTHING
            and (
                (word.in_idiom and (one.in_idiom or words[place + 1].in_idiom))
                or (two.in_idiom and (one.in_idiom or three.in_idiom))
            )
        ):
            valence = self._in_idiom(valence, words, place)
        if moved and one.lower == "least" and one.valence is None and two.lower != "at" and two.lower != "very":
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

    def _in_idiom(self, valence: float, words: Sequence[Word], place: int) -> float:
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


def without_punctuation(token: str) -> str:
    """The word alone; what is two characters or fewer then is an emoticon, perhaps, and stays as it is."""
    bare = token.strip(string.punctuation)
    return bare if len(bare) > 2 else token


def weighing(padded: Sequence[Word]) -> list[int]:
    """The places of the words that are in the lexicon; the `kind` of `kind of` is not meant."""
    return [
        place
        for place, word in enumerate(padded)
        if word.valence is not None and (word.lower != "kind" or padded[place + 1].lower != "of")
    ]


def weigh_contrast(padded: Sequence[Word], hits: Sequence[int], valences: list[float]) -> None:
    """Halves what stands before the first `but`, adds half to what stands after it.

    The package finds a valence's place by its value: of two equal ones the first is changed, twice if need be. So the
    places of each value are kept, the first on top; one that has another value by now is passed over.
    """
    but = next((place for place, word in enumerate(padded) if word.lower == "but"), None)
    if but is None:
        return
    places: dict[float, list[int]] = {}
    for at, value in enumerate(valences):
        places.setdefault(value, []).append(at)
    for at in range(len(valences)):
        value = valences[at]
        first = _first(places[value], valences, value) if value else at
        if value and hits[first] != but:
            valences[first] = value * (0.5 if hits[first] < but else 1.5)
            heappush(places.setdefault(valences[first], []), first)


def _first(places: list[int], valences: Sequence[float], value: float) -> int:
    while valences[places[0]] != value:
        heappop(places)
    return places[0]


def emphasis(text: str) -> float:
    """What exclamation and question marks add."""
    exclaimed = text.count("!") if "!" in text else 0
    asked = text.count("?") if "?" in text else 0
    return (4 if exclaimed > 4 else exclaimed) * 0.292 + (0 if asked < 2 else asked * 0.18 if asked <= 3 else 0.96)


def rounded(value: float, parts: int, digits: int) -> float:
    """`round(value, digits)`, where `parts` is ten to their power, twice as quick unless it is near the middle of two.

    A division of whole numbers is rounded to the nearest double, as the decimal that `round` writes is read.
    """
    exact = value * parts
    nearest = int(exact + 0.5 if value > 0 else exact - 0.5)
    return nearest / parts if nearest and -0.499 < exact - nearest < 0.499 else round(value, digits)


def summed(valences: list[float], words: int, emphasis: float) -> Polarity:
    """The four figures of words that weigh so much among so many, and what `!` and `?` add."""
    total = positive = negative = 0.0
    neutral = words
    for valence in valences:
        total += valence
        if valence > 0:
            positive += valence + 1
            neutral -= 1
        elif valence < 0:
            negative += 1 - valence
            neutral -= 1
    if total > 0:
        total += emphasis
    elif total < 0:
        total -= emphasis
    if positive > negative:
        positive += emphasis
    elif positive < negative:
        negative += emphasis
    whole = positive + negative + neutral
    return Polarity(
        rounded(negative / whole, 1_000, 3) if negative else 0.0,
        rounded(neutral / whole, 1_000, 3),
        rounded(positive / whole, 1_000, 3) if positive else 0.0,
        rounded(total / math.sqrt(total * total + 15), 10_000, 4),
        len(valences),
    )
