"""Toward whom something is said: the sentiment of a text toward each of the topics that it matches.

The words of a topic's query are the places where it is named; brands and competitors that a text names beside it are
its rivals. A topic that is not named in what is scored (`site:`, `author:`, a platform's tags) has the score of the
whole text. Pure, and asked of every post: what makes no difference is not worked out.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

from listen import sentiment
from listen.model import RIVALS
from listen.query.spans import Field, Sought, Span
from listen.query.topics import node_of
from listen.sentiment import teaching
from listen.sentiment.explained import Scored
from listen.sentiment.teaching import NOTHING, Judged, Part, Teaching
from listen.sentiment.toward import ALPHA, Reading, Toward

VERSION = "toward-1"
"""What is stored toward topics is worked out anew in the background when this changes."""

LOOKED_AT = 2_000
"""Characters in which topics are looked for: no engine reads further."""


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
    text = text[:LOOKED_AT]
    found = _toward_each(text, lang, whole, aims)
    for topic, one in aims.items():
        if one.taught.concerns(text):
            heard = judged_toward(text, lang, aims, topic)
            found[topic] = whole if heard is None else Tone(heard.score, heard.hits)
    return found


def _toward_each(text: str, lang: str | None, whole: Tone, aims: Mapping[K, Aim]) -> dict[K, Tone]:
    """The same by what the lexicons say, whatever was taught."""
    if not whole.hits and not Reading(text, (), lang or "").compares:
        return dict.fromkeys(aims, whole)
    found: dict[K, Tone] = {}
    for topic, told in explained(text, sentiment.weighed(text, lang) if whole.hits else (), lang, aims).items():
        if told is None:
            found[topic] = whole
        else:
            found[topic] = Tone(told.score, told.hits)
    return found


def explained(text: str, words: Sequence[Scored], lang: str | None, aims: Mapping[K, Aim]) -> dict[K, Toward | None]:
    """The same with what each word had to do with it; None where the whole text counts. `words` as `explain` says.

    Of `aims` those of one name are no rivals of each other.
    """
    field, reading = Field(text[:LOOKED_AT]), Reading(text[:LOOKED_AT], words, lang or "")
    named = {topic: _names(aim.sought.spans(field), words) for topic, aim in aims.items()}
    found: dict[K, Toward | None] = {}
    for topic, targets in named.items():
        others = [
            span for other, spans in named.items() if aims[other].rival and aims[other].name != aims[topic].name
            for span in spans
        ]  # fmt: skip
        found[topic] = reading.toward(targets, others)
    return found


def judged_toward(
    text: str, lang: str | None, aims: Mapping[K, Aim], topic: K, *, where: bool = False
) -> Judged | None:
    """The score toward one of the topics by all that was taught about it, and its parts; None for what is not scored.

    See `listen.sentiment.teaching.judged`.
    """
    text, taught = text[:LOOKED_AT], aims[topic].taught
    words = taught.overrides if taught.speaks_of(text) else ()
    whole = sentiment.score(text, lang, words)
    if whole.score is None or whole.hits is None:
        return None
    weighed = sentiment.weighed(text, lang, words)
    told = explained(text, weighed, lang, aims)[topic]
    if told is None:
        heard = _of_parts(whole.score, whole.hits, weighed, [one.valence for one in weighed])
    else:
        heard = _of_parts(told.score, told.hits, weighed, told.shares)
    return teaching.judged(text, lang, heard, taught, where=where)


def _of_parts(score: int, hits: int, words: Sequence[Scored], valences: Sequence[float]) -> Judged:
    """A score `1000 * s / sqrt(s*s + 15)` with what each word gives to it, of which `valences` say how much of `s`."""
    per = 1_000 * math.sqrt((1 - min(1.0, abs(score) / 1_000) ** 2) / ALPHA)
    parts = tuple(
        Part(one.start, one.end, valence, valence * per)
        for one, valence in zip(words, valences, strict=bool(valences))
        if valence
    )
    return Judged(score, hits, parts, score - math.fsum(one.share for one in parts))


def _names(spans: Sequence[Span], words: Sequence[Scored]) -> Sequence[Span]:
    """Where a topic is named: not by a word that weighs something (`acme (terrible OR great)`), unless by nothing else.

    A name says nothing of itself, so such a word would not count.
    """
    weighing = {span for word in words for span in ((word.start, word.end), (word.start - 1, word.end))}
    return [span for span in spans if span not in weighing] or spans
