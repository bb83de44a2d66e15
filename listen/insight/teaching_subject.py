"""A topic with its labels, scored by what was taught about it or what might be, and what that does to its mentions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from listen.aims import Aim, aim, judged_toward
from listen.model import NEGATIVE, POSITIVE
from listen.sentiment.teaching import Judged, Teaching, of
from listen.store.lessons import Live, Spoken
from listen.store.read import Reader

LABELS = 5_000
"""Labels that are learned from, the newest."""

LOOKED_AT = 2_000
"""Mentions that are looked at to tell what something would do, the newest: some seconds at most."""


@dataclass(frozen=True, slots=True)
class Effect:
    """What something would do to stored mentions. What people corrected stays as they said."""

    flips: int
    """Those that would not be negative, neutral or positive any more, as they are."""
    of: int
    """Mentions of the topic, or as many of the newest as were looked at."""
    all: bool
    """Whether these are all of the topic's."""


@dataclass(frozen=True, slots=True)
class Word:
    """A word that should weigh something else."""

    word: str
    value: float
    agrees: int
    """Labels of mentions with that word that it agrees with."""
    agreed: int
    """The same as it is now."""
    labels: int
    effect: Effect


@dataclass(frozen=True, slots=True)
class Subject:
    """A topic with its labels."""

    live: Live
    taught: Teaching
    labelled: Sequence[Spoken]
    mentions: int
    """How many match it."""
    aims: Mapping[int, Aim]
    """Of all topics: which of them are its rivals in a text."""

    @property
    def name(self) -> str:
        return self.live.name

    def heard(self, one: Spoken, taught: Teaching) -> Judged | None:
        """What a mention says toward the topic when this is taught; None for one that cannot be read."""
        number = self.live.number
        known = {topic: self.aims[topic] for topic in one.topics if topic in self.aims}
        known[number] = replace(self.aims[number], taught=taught)
        return judged_toward(one.text, one.lang, known, number)

    def side(self, one: Spoken, taught: Teaching) -> int:
        """-1, 0 or 1 of it; 0 where it cannot be read."""
        heard = self.heard(one, taught)
        return 0 if heard is None else side(heard.score)


def side(score: int | None) -> int:
    """-1, 0 or 1 of a score in thousandths; 0 of none."""
    return 0 if score is None else (score >= POSITIVE) - (score <= NEGATIVE)


def subject_of(reader: Reader, topic: str) -> Subject | None:
    """A topic with its labels; None when there is no such topic."""
    topics = reader.live_topics()
    live = next((one for one in topics if one.name == topic), None)
    if live is None:
        return None
    return Subject(
        live,
        of(reader.taught().get(topic, "")),
        reader.labelled_of(live, LABELS),
        reader.matched_count(live),
        {one.number: aim(one.name, one.query, one.role) for one in topics},
    )


def effect_of(subject: Subject, some: Iterable[Spoken], taught: Teaching) -> int:
    """How many of them would be on another side when this is taught."""
    return sum(one.label is None and subject.side(one, taught) != side(one.score) for one in some)


def effect_of_newest(reader: Reader, subject: Subject, taught: Teaching) -> Effect:
    """The same of the newest mentions of the topic."""
    some = reader.newest_of(subject.live, LOOKED_AT)
    return Effect(effect_of(subject, some, taught), len(some), len(some) >= subject.mentions)
