"""Toward whom something is said: the sentiment of a text toward each of the topics that it matches.

The words of a topic's query are the places where it is named; brands and competitors that a text names beside it are
its rivals. A topic that is not named in what is scored (`site:`, `author:`, a platform's tags) has the score of the
whole text. Pure, and asked of every post: what makes no difference is not worked out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

from listen import sentiment
from listen.model import RIVALS
from listen.query.spans import Field, Sought, Span
from listen.query.topics import node_of
from listen.sentiment.explained import Scored
from listen.sentiment.toward import Reading, Toward

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


class Tone(NamedTuple):
    """A score in thousandths and the words that it comes from; without a score there was none of the text, either."""

    score: int | None
    hits: int | None


def engines() -> dict[str, str]:
    """Language -> what scores it, and says toward whom: stored tones of another one are made anew."""
    return {lang: f"{name} {VERSION}" for lang, name in sentiment.engines().items()}


def aim(name: str, query: str, role: str) -> Aim:
    """Of a topic; a query that cannot be read names nobody."""
    return Aim(name, role in RIVALS, Sought(node_of(query)))


def toward_each(text: str, lang: str | None, whole: Tone, aims: Mapping[K, Aim]) -> dict[K, Tone]:
    """Topic id -> the tone toward it, of all that a text matches; `text` is what `whole` was scored from."""
    if whole.score is None or not aims:
        return dict.fromkeys(aims, whole)
    text = text[:LOOKED_AT]
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


def _names(spans: Sequence[Span], words: Sequence[Scored]) -> Sequence[Span]:
    """Where a topic is named: not by a word that weighs something (`acme (terrible OR great)`), unless by nothing else.

    A name says nothing of itself, so such a word would not count.
    """
    weighing = {span for word in words for span in ((word.start, word.end), (word.start - 1, word.end))}
    return [span for span in spans if span not in weighing] or spans
