"""Toward whom something is said: the sentiment of a text toward each of the topics that it matches.

The words of a topic's query are the places where it is named; brands and competitors that a text names beside it are
its rivals. A topic that is not named in what is scored (`site:`, `author:`, a platform's tags) has the score of the
whole text. Pure, and asked of every post: what makes no difference is not worked out.
"""

from __future__ import annotations

import math
from bisect import bisect_right
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
from listen.sentiment.toward import ALPHA, Place, Reading, Toward

VERSION = "toward-2"
"""What is stored toward topics is worked out anew in the background when this changes."""

MOST_PLACES = 30
"""Places in one text at which a topic is named that are looked at: what a hostile text costs is bounded."""

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
    named = {topic: _names(aim.sought.spans(field), words)[:MOST_PLACES] for topic, aim in aims.items()}
    said = [_Said(part, words, lang or "") for part in parts.parts(text)] if any(named.values()) else []
    begins = [one.part.start for one in said]
    placed = {topic: _by_part(spans, begins) for topic, spans in named.items()}
    found: dict[K, Heard | None] = {}
    for topic, here in placed.items():
        rivals = [placed[other] for other, aim in aims.items() if aim.rival and aim.name != aims[topic].name]
        told = [
            (said[at], said[at].reading.toward(targets, [span for rival in rivals for span in rival.get(at, ())]))
            for at, targets in here.items()
        ]
        found[topic] = _heard(told, len(words)) if named[topic] else None
    return found


class _Said:
    """A part of a text, and which of its words stand in it."""

    def __init__(self, part: parts.Part, words: Sequence[Scored], lang: str) -> None:
        self.part = part
        end = part.start + len(part.text)
        self.numbers = [at for at, word in enumerate(words) if part.start <= word.start < end]
        here = [words[at] for at in self.numbers]
        if part.start:
            here = [one._replace(start=one.start - part.start, end=one.end - part.start) for one in here]
        self.reading = Reading(part.text, here, lang)


def _by_part(spans: Sequence[Span], begins: Sequence[int]) -> dict[int, list[Span]]:
    """Number of a part -> the places that lie in it, as they are called there."""
    found: dict[int, list[Span]] = {}
    for start, end in spans:
        at = bisect_right(begins, start) - 1
        if at >= 0:
            found.setdefault(at, []).append((start - begins[at], end - begins[at]))
    return found


def _heard(told: Sequence[tuple[_Said, Toward | None]], words: int) -> Heard:
    """The mean over parts that name a topic, of what each says of it."""
    whole = sum(one.part.weight for one, _ in told)
    shares, valences, compared, score, hits = [0.0] * words, [0.0] * words, 0.0, 0.0, 0
    places = cast(list[Place], ["beside"] * words)
    for one, toward in told:
        assert toward is not None
        weight = one.part.weight / whole
        score += toward.score * weight
        compared += toward.compared * toward.thousandths * weight
        hits += toward.hits
        for number, share, place in zip(one.numbers, toward.shares, toward.places, strict=True):
            valences[number], places[number] = share * weight, place
            shares[number] = share * weight * toward.thousandths
    return Heard(round(score), hits, tuple(shares), tuple(valences), tuple(places), compared)


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
