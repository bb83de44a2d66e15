"""Toward whom something is said: the sentiment of a text toward each of the topics that it matches.

The words of a topic's query are the places where it is named; brands and competitors that a text names beside it are
its rivals. A topic that is not named in what is scored (`site:`, `author:`, a platform's tags) has the score of the
whole text. Pure, and asked of every post: what makes no difference is not worked out.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeVar, cast

from listen import sentiment
from listen.model import RIVALS
from listen.query.spans import Field, Sought, Span
from listen.query.topics import node_of
from listen.sentiment import parts, teaching
from listen.sentiment.explained import Scored
from listen.sentiment.teaching import NOTHING, Judged, Part, Teaching
from listen.sentiment.toward import ALPHA, Place, Reading

VERSION = "toward-2"
"""What is stored toward topics is worked out anew in the background when this changes."""

K = TypeVar("K", int, str)


@dataclass(frozen=True, slots=True)
class Aim:
    """What of a topic decides about the sentiment toward it."""

    name: str
    rival: bool
    """Whether what is said of it is not said of others."""
    sought: Sought
    taught: Teaching = NOTHING


class Tone(NamedTuple):
    """A score in thousandths and the words that it comes from; without a score there was none of the text, either."""

    score: int | None
    hits: int | None


def engines() -> dict[str, str]:
    """Language -> what scores it, and says toward whom: stored tones of another one are made anew."""
    return {lang: f"{name} {VERSION}" for lang, name in sentiment.engines().items()}


def aim(name: str, query: str, role: str, taught: str = "") -> Aim:
    """Of a topic; a query that cannot be read names nobody. `taught` is told by `listen.sentiment.teaching`."""
    return Aim(name, role in RIVALS, Sought(node_of(query)), teaching.of(taught))


def toward_each(text: str, lang: str | None, whole: Tone, aims: Mapping[K, Aim]) -> dict[K, Tone]:
    """Topic id -> the tone toward it, of all that a text matches; `text` is what `whole` was scored from."""
    if whole.score is None or not aims:
        return dict.fromkeys(aims, whole)
    text = text[: parts.READ]
    told: Mapping[K, Heard | None] = dict.fromkeys(aims)
    words: Sequence[Scored] = ()
    if whole.hits or Reading(text, (), lang or "").compares:
        words = sentiment.weighed(text, lang) if whole.hits else ()
        told = explained(text, words, lang, aims)
    found: dict[K, Tone] = {}
    for topic, heard in told.items():
        taught = aims[topic].taught
        if taught.speaks_of(text):
            judged = judged_toward(text, lang, aims, topic)
            found[topic] = whole if judged is None else Tone(judged.score, judged.hits)
        elif taught.concerns(text):
            judged = teaching.judged(text, lang, _judged(whole.score, whole.hits or 0, heard, words), taught)
            found[topic] = Tone(judged.score, judged.hits)
        else:
            found[topic] = whole if heard is None else Tone(heard.score, heard.hits)
    return found


class Heard(NamedTuple):
    """A score toward a topic, and what it comes from: `shares` and `compared`, in thousandths, add up to it."""

    score: int
    hits: int
    """Words that say something of it, a comparison among them."""
    shares: tuple[float, ...]
    """Of each word of the explanation, in its order."""
    valences: tuple[float, ...]
    """What of each word's valence counts."""
    places: tuple[Place, ...]
    """Where each of these words stands."""
    compared: float
    """What a comparison gives, or leaving takes."""


def explained(text: str, words: Sequence[Scored], lang: str | None, aims: Mapping[K, Aim]) -> dict[K, Heard | None]:
    """The same with what each word had to do with it; None where the whole text counts. `words` as `explain` says.

    Of `aims` those of one name are no rivals of each other. A long text is heard as it is scored: the score is the mean
    over its sentences that name the topic.
    """
    field = Field(text[: parts.READ])
    named = {topic: _names(aim.sought.spans(field), words) for topic, aim in aims.items()}
    said = [_Said(part, words, lang or "") for part in parts.parts(text)] if any(named.values()) else []
    found: dict[K, Heard | None] = {}
    for topic, targets in named.items():
        others = [
            span for other, spans in named.items() if aims[other].rival and aims[other].name != aims[topic].name
            for span in spans
        ]  # fmt: skip
        found[topic] = _heard(said, targets, others, len(words)) if targets else None
    return found


class _Said:
    """A part of a text, and which of its words stand in it."""

    def __init__(self, part: parts.Part, words: Sequence[Scored], lang: str) -> None:
        self.part, self.end = part, part.start + len(part.text)
        self.numbers = [at for at, word in enumerate(words) if part.start <= word.start < self.end]
        here = [words[at] for at in self.numbers]
        if part.start:
            here = [one._replace(start=one.start - part.start, end=one.end - part.start) for one in here]
        self.reading = Reading(part.text, here, lang)

    def within(self, spans: Sequence[Span]) -> list[Span]:
        """Those of the places that lie here, as they are called here."""
        start = self.part.start
        return [(first - start, last - start) for first, last in spans if start <= first < self.end]


def _heard(said: Sequence[_Said], targets: Sequence[Span], others: Sequence[Span], words: int) -> Heard:
    told = [(one, toward) for one in said if (toward := one.reading.toward(one.within(targets), one.within(others)))]
    whole = sum(one.part.weight for one, _ in told)
    shares, valences, compared, score = [0.0] * words, [0.0] * words, 0.0, 0.0
    places = cast(list[Place], ["beside"] * words)
    for one, toward in told:
        per = toward.thousandths * one.part.weight / whole
        score += toward.score * one.part.weight / whole
        compared += toward.compared * per
        for number, share, place in zip(one.numbers, toward.shares, toward.places, strict=True):
            shares[number], valences[number], places[number] = share * per, share * one.part.weight / whole, place
    return Heard(
        round(score), sum(toward.hits for _, toward in told), tuple(shares), tuple(valences), tuple(places), compared
    )


def judged_toward(
    text: str, lang: str | None, aims: Mapping[K, Aim], topic: K, *, where: bool = False
) -> Judged | None:
    """The score toward one of the topics by all that was taught about it, and its parts; None for what is not scored.

    See `listen.sentiment.teaching.judged`.
    """
    text, taught = text[: parts.READ], aims[topic].taught
    words = taught.overrides if taught.speaks_of(text) else ()
    whole = sentiment.score(text, lang, words)
    if whole.score is None or whole.hits is None:
        return None
    weighed = sentiment.weighed(text, lang, words)
    heard = _judged(whole.score, whole.hits, explained(text, weighed, lang, aims)[topic], weighed)
    return teaching.judged(text, lang, heard, taught, where=where)


def _judged(score: int, hits: int, told: Heard | None, words: Sequence[Scored]) -> Judged:
    """What is heard toward a topic with its parts where they stand; where it is not named, those of the whole text."""
    if told is None:
        return _of_parts(score, hits, words, [one.valence for one in words])
    found = tuple(
        Part(one.start, one.end, valence, share)
        for one, valence, share in zip(words, told.valences, told.shares, strict=True)
        if share
    )
    return Judged(told.score, told.hits, found, told.score - math.fsum(one.share for one in found))


def _of_parts(score: int, hits: int, words: Sequence[Scored], valences: Sequence[float]) -> Judged:
    """A score `1000 * s / sqrt(s*s + 15)` with what each word gives to it, of which `valences` say how much of `s`."""
    per = 1_000 * math.sqrt((1 - min(1.0, abs(score) / 1_000) ** 2) / ALPHA)
    found = tuple(
        Part(one.start, one.end, valence, valence * per)
        for one, valence in zip(words, valences, strict=True)
        if valence
    )
    return Judged(score, hits, found, score - math.fsum(one.share for one in found))


def _names(spans: Sequence[Span], words: Sequence[Scored]) -> Sequence[Span]:
    """Where a topic is named: not by a word that weighs something (`acme (terrible OR great)`), unless by nothing else.

    A name says nothing of itself, so such a word would not count.
    """
    weighing = {span for word in words for span in ((word.start, word.end), (word.start - 1, word.end))}
    return [span for span in spans if span not in weighing] or spans
