"""What people taught about one topic, and what it makes of a score toward that topic.

Three things can be taught, each on top of the one before: words that weigh something else there (`words`); where
negative and positive begin (`begins`); a model of the labels that people gave (`model`). It all stands in text files.
Whatever was taught, a score below `NEGATIVE` is negative and one from `POSITIVE` on is positive, so that a filter, a
number and an alert need not know of it: a score is moved until that is true.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from listen import text as texts
from listen.model import NEGATIVE, POSITIVE
from listen.sentiment import parts
from listen.sentiment.logistic import sigmoid
from listen.sentiment.pack import Overrides
from listen.text import fold

SCORE, PRAISE, BLAME = "score", "praise", "blame"
"""Features of the lexicon: the score toward the topic, the sums of what weighs for it and against it."""

HEAVIER = 3.0
"""The lexicon's features are so much larger than the words': what it says is believed sooner than one word is."""

PER_VALENCE = 4.0 / HEAVIER
"""The sums are counted in the heaviest words there are."""


@dataclass(frozen=True, slots=True)
class Model:
    """A regression over the words of a text and what the lexicon says of them."""

    name: str
    """`acme-3`: the topic's file name and the version."""
    words: dict[str, tuple[float, float]]
    """Word, or two words in a row, folded -> what it weighs, and how rare it is (its inverse document frequency)."""
    lexicon: dict[str, float]
    """SCORE, PRAISE and BLAME -> what they weigh."""
    cuts: tuple[float, float]
    """Below the first sum of weights a text is negative, above the second positive."""
    langs: tuple[str, ...]
    """Languages of the labels; texts in others are left to the lexicon."""


@dataclass(frozen=True, slots=True)
class Teaching:
    """What was taught about one topic; nothing at all by default."""

    words: dict[str, float] = field(default_factory=dict)
    """Word -> what it weighs there, -4 to 4; 0 for nothing."""
    begins: tuple[int, int] | None = None
    """Scores in thousandths up to which a text is negative, and from which on it is positive."""
    model: Model | None = None

    @property
    def overrides(self) -> Overrides:
        """The words as the engines take them."""
        return tuple(sorted((word.lower(), float(valence)) for word, valence in self.words.items()))

    def concerns(self, text: str) -> bool:
        """Whether it may move the score of a text."""
        return self.begins is not None or self.model is not None or self.speaks_of(text)

    def speaks_of(self, text: str) -> bool:
        """Whether a word of the text may weigh something else."""
        if not self.words:
            return False
        folded = fold(text)
        return any(fold(word) in folded for word in self.words)

    @property
    def mark(self) -> str:
        """Says whether two teachings are the same; empty for none at all."""
        if self == NOTHING:
            return ""
        return hashlib.sha256(told(self).encode("utf-8", "surrogatepass")).hexdigest()[:16]


NOTHING = Teaching()


def told(taught: Teaching) -> str:
    """It as one text, for the store and for other processes."""
    return json.dumps(asdict(taught), ensure_ascii=False, sort_keys=True)


@lru_cache(maxsize=256)
def of(text: str) -> Teaching:
    """What such a text tells; an empty one nothing."""
    if not text:
        return NOTHING
    read = json.loads(text)
    model, begins = read["model"], read["begins"]
    if model is not None:
        words = {word: (weight, rarity) for word, (weight, rarity) in model["words"].items()}
        cuts, langs = tuple(model["cuts"]), tuple(model["langs"])
        model = Model(model["name"], words, model["lexicon"], cuts, langs)
    return Teaching(read["words"], None if begins is None else tuple(begins), model)


class Part(NamedTuple):
    """Something in a text that a score toward a topic comes from."""

    start: int
    end: int
    """Its characters in the text that was scored."""
    valence: float
    """What of it counts toward the topic, by the lexicon and the rules; 0 for a word that a model alone knows."""
    share: float
    """Thousandths of the score."""


class Judged(NamedTuple):
    """A score toward a topic, and where it comes from: `parts` and `rest` add up to it."""

    score: int
    hits: int
    """Words that say something; with none, a score of 0 says nothing."""
    parts: tuple[Part, ...]
    rest: float
    """What no word gives: exclamation marks, a comparison, where negative and positive begin, a model's starting point.
    """
    by: str = ""
    """What the rest is due to, of what was taught: `thresholds`, or the name of a model."""


def judged(text: str, lang: str | None, heard: Judged, taught: Teaching, *, where: bool = False) -> Judged:
    """What the score that the lexicon gives becomes by thresholds or a model. What `words` taught is in it already.

    `text` is what was scored, `heard` its score toward the topic. A text in which no word says anything stays so.
    Unless it is asked `where`, what a model gives has no parts: finding where its words stand takes the most time.
    """
    if taught.model is not None and (lang or "").partition("-")[0].lower() in taught.model.langs:
        return _modelled(text, heard, taught.model, where)
    if taught.begins is not None and heard.hits:
        score = moved(heard.score, *taught.begins)
        return heard._replace(score=score, rest=heard.rest + score - heard.score, by="thresholds")
    return heard


def moved(score: int, negative: int, positive: int) -> int:
    """A score in thousandths, moved so that what is negative up to `negative` is so up to NEGATIVE, and so on.

    Piecewise linear, from end to end: the order of scores stays, and -1000 and 1000 stay what they are.
    """
    if score <= negative:
        return round(_between(score, -1_000, negative, -1_000, NEGATIVE))
    if score >= positive:
        return round(_between(score, positive, 1_000, POSITIVE, 1_000))
    inside = _between(score, negative, positive, NEGATIVE, POSITIVE)
    return max(NEGATIVE + 1, min(POSITIVE - 1, round(inside)))


def _between(value: float, low: float, high: float, first: float, last: float) -> float:
    return first if high <= low else first + (value - low) / (high - low) * (last - first)


# --- the model -------------------------------------------------------------------------------------------------------


class Said(NamedTuple):
    """A word of a text, or two in a row, as a model knows it."""

    name: str
    start: int
    end: int


def said(text: str) -> list[str]:
    """The words of a text and each two in a row, folded; without names of users, links, quoted lines and code."""
    words, _ = texts.tokens(_readable(text))
    return [*words, *map(" ".join, pairwise(words))]


def _said_where(text: str) -> list[Said]:
    """The same, with where each stands."""
    words, _ = texts.placed_tokens(_readable(text))
    alone = [Said(one.token, one.start, one.end) for one in words]
    pairs = [Said(f"{one.token} {other.token}", one.start, other.end) for one, other in pairwise(words)]
    return [*alone, *pairs]


def _readable(text: str) -> str:
    """Names of users, quoted lines and code become blanks, so that everything else stays in its place."""
    return texts.HANDLE.sub(lambda name: " " * len(name[0]), parts.own_words(text[: parts.READ]))


def frequencies(known: Mapping[str, float], names: Sequence[str]) -> dict[str, float]:
    """The features of words: how rare each is that is known, as one vector of length 1 (TF-IDF, each counted once)."""
    found = {name: known[name] for name in names if name in known}
    length = math.sqrt(math.fsum(rarity * rarity for rarity in found.values()))
    return {name: rarity / length for name, rarity in found.items()}


def of_lexicon(score: int, parts: Sequence[Part]) -> dict[str, float]:
    """The features that the lexicon gives."""
    return {
        SCORE: score / 1_000 * HEAVIER,
        PRAISE: math.fsum(max(one.valence, 0.0) for one in parts) / PER_VALENCE,
        BLAME: math.fsum(min(one.valence, 0.0) for one in parts) / PER_VALENCE,
    }


def _modelled(text: str, heard: Judged, model: Model, where: bool) -> Judged:
    names = said(text)
    features = frequencies({name: model.words[name][1] for name in names if name in model.words}, names)
    lexicon = of_lexicon(heard.score, heard.parts)
    strain = math.fsum(
        (
            *(value * model.words[name][0] for name, value in features.items()),
            *(value * model.lexicon.get(name, 0.0) for name, value in lexicon.items()),
        )
    )
    hits = heard.hits or len(features)
    if not hits:
        return heard
    score = scaled(strain, *model.cuts)
    if not where:
        return Judged(score, hits, (), score, model.name)
    whole = strain - sum(model.cuts) / 2
    per = score / whole if whole else 0.0
    parts = tuple(one._replace(share=one.share * per) for one in _strains(text, heard, model, features))
    return Judged(score, hits, parts, score - math.fsum(one.share for one in parts), model.name)


def _strains(text: str, heard: Judged, model: Model, features: Mapping[str, float]) -> list[Part]:
    """What each word gives to the sum of the weights, in its `share`: by the lexicon, and by itself."""
    found: dict[tuple[int, int], Part] = {}
    by_score = HEAVIER / 1_000 * model.lexicon.get(SCORE, 0.0)
    for one in heard.parts:
        by_sum = model.lexicon.get(PRAISE if one.valence > 0 else BLAME, 0.0) * one.valence / PER_VALENCE
        found[one.start, one.end] = one._replace(share=one.share * by_score + by_sum)
    told: set[str] = set()
    for name, start, end in _said_where(text):
        if name in features and name not in told:
            told.add(name)
            before = found.get((start, end), Part(start, end, 0.0, 0.0))
            found[start, end] = before._replace(share=before.share + features[name] * model.words[name][0])
    return [found[place] for place in sorted(found)]


def scaled(strain: float, negative: float, positive: float) -> int:
    """The score in thousandths of a sum of weights between or beyond two cuts.

    Between them it is linear, from NEGATIVE to POSITIVE. Beyond it tells how sure the model is: where it gives three
    in four to positive the score is in the middle of the positive ones, .525.
    """
    middle, half = (negative + positive) / 2, max((positive - negative) / 2, 1e-6)
    aside = abs(strain - middle)
    if aside <= half:
        size = min(aside / half * POSITIVE, POSITIVE - 1)
    else:
        size = POSITIVE + (1_000 - POSITIVE) * (2 * sigmoid(aside - half) - 1)
    return round(math.copysign(size, strain - middle))


def safe_name(topic: str) -> str:
    """A topic's name as part of a file's: letters, digits and hyphens alone."""
    plain = "".join(sign if sign.isascii() and sign.isalnum() else "-" for sign in fold(topic))
    marks = "" if plain == topic else "-" + hashlib.sha256(topic.encode()).hexdigest()[:6]
    return f"{plain.strip('-') or 'topic'}{marks}"
