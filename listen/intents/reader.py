"""Reads the intents of a text: one look at its words by an index, then only the patterns whose words it has.

Every pattern is a query (`listen.query`); the branches of its ORs are filed one by one (`listen.intents.patterns`), and
count once together.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any, NamedTuple

from listen.intents import ANY, Intent, Intents, intents
from listen.intents.patterns import Branch, Part, Sign, branches, found
from listen.model import Mention
from listen.query.match import Subject
from listen.query.spans import Span, merged
from listen.text import Placed, placed_tokens

ENOUGH = 4
"""Points that show an intent."""

SURE, LIKELY, HINT, UNLESS = ENOUGH, 2, 1, 0
"""Points of a query that holds; UNLESS takes the intent away."""

READ = 2_000
"""Characters of a text that are read: what somebody wants, they say early."""

LONG = 100
"""Words from which on only what is sure counts: somewhere in a long text stands any hint."""


class Pattern(NamedTuple):
    """One branch of a query of an intent."""

    intent: str
    points: int
    number: int
    """Of its query among those of the language: it counts once, whichever of its branches hold."""
    branch: Branch


class Shown(NamedTuple):
    """An intent that a text shows, and where."""

    name: str
    title: tuple[Span, ...]
    text: tuple[Span, ...]


class Reader:
    """Reads texts by these intents; those that are off are left out."""

    def __init__(self, found: Intents) -> None:
        """The queries have been checked."""
        on = [one for one in found if one.on]
        self._intents = {lang: [one for one in on if one.lang in (lang, ANY)] for lang in {ANY, *(i.lang for i in on)}}
        self._packs: dict[str, _Pack] = {}

    def names(self, subject: Subject) -> list[str]:
        """The intents that a mention shows, in the order of the data files. Asks for its language and its score."""
        if len(subject.record.text) > READ:
            subject = _cut(subject)
        return self._pack(subject.record.lang).names(subject)

    def names_of(self, title: str, text: str, lang: str | None, score: int | None) -> list[str]:
        """The same for a stored text; `score` is what was computed."""
        return self.names(subject_of(title, text, lang, score))

    def shown(self, subject: Subject) -> list[Shown]:
        """The same with the characters of title and text that show them."""
        return self._pack(subject.record.lang).shown(_cut(subject))

    def _pack(self, lang: str | None) -> _Pack:
        """Made when a text is the first of its language."""
        base = lang.partition("-")[0].lower() if lang else ANY
        base = base if base in self._intents else ANY
        if base not in self._packs:
            self._packs[base] = _Pack(self._intents[base])
        return self._packs[base]


@lru_cache(maxsize=4)
def reader(own: str) -> Reader:
    """A reader by the built-in intents as these tables change them (JSON)."""
    return Reader(intents(json.loads(own)))


class _Pack:
    """The patterns of one language."""

    def __init__(self, some: Sequence[Intent]) -> None:
        self._order = {name: place for place, name in enumerate(dict.fromkeys(one.name for one in some))}
        self._without: dict[str, set[str]] = {}
        for one in some:
            self._without.setdefault(one.name, set()).update(one.without)
        self._patterns = list(_patterns(some))
        self._filed = _Filed(self._patterns)

    def names(self, subject: Subject) -> list[str]:
        return self._told(self._hits(subject), len(subject.spoken))

    def _hits(self, subject: Subject) -> list[Pattern]:
        """The patterns that hold."""
        sure, asked = self._filed.of(subject.spoken)
        hits = [self._patterns[at] for at in sure]
        return hits + [pattern for at in asked if (pattern := self._patterns[at]).branch.holds(subject)]

    def shown(self, subject: Subject) -> list[Shown]:
        hits = self._hits(subject)
        title, text = _Placed(subject.record.title or ""), _Placed(subject.record.text)
        told = self._told(hits, len(subject.spoken))
        telling = {name: _telling([hit for hit in hits if hit.intent == name]) for name in told}
        return [Shown(name, title.spans(some), text.spans(some)) for name, some in telling.items()]

    def _told(self, hits: Sequence[Pattern], words: int) -> list[str]:
        """The intents for which the branches that hold are enough."""
        least = SURE if words > LONG else 0
        points: dict[str, dict[int, int]] = {}
        for name, worth, number, _ in hits:
            if worth >= least or worth == UNLESS:
                points.setdefault(name, {})[number] = worth
        found = {name for name, some in points.items() if UNLESS not in some.values() and sum(some.values()) >= ENOUGH}
        kept = (name for name in found if self._without[name].isdisjoint(found))
        return sorted(kept, key=self._order.__getitem__)


def _telling(hits: Sequence[Pattern]) -> list[Part]:
    """What is sure says it all; where nothing is, all that adds up does."""
    sure = [hit.branch.part for hit in hits if hit.points == SURE]
    return sure or [hit.branch.part for hit in hits if hit.points != UNLESS]


class _Filed:
    """The numbers of patterns by their keys; what a word brings up is remembered for the next text that has it."""

    def __init__(self, patterns: Sequence[Pattern]) -> None:
        self._whole: dict[str, list[int]] = {}
        self._asked: dict[str, list[int]] = {}
        self.always = [at for at, one in enumerate(patterns) if not one.branch.keys]
        for at, one in enumerate(patterns):
            for key in one.branch.keys:
                (self._whole if one.branch.whole else self._asked).setdefault(key, []).append(at)
        self._among = frozenset((*self._whole, *self._asked)).intersection
        heads = [key[:-1] for key in self._asked if key.endswith("*")]
        self._sizes = sorted({len(head) for head in heads})
        self._heads = frozenset(heads)
        self._first = frozenset(head[: self._sizes[0]] for head in heads)

    def of(self, spoken: Sequence[str]) -> tuple[set[int], set[int]]:
        """(patterns that hold for these words, patterns that have to be asked)."""
        keys = self._among(spoken)
        if self._sizes:
            size = self._sizes[0]
            first = self._first
            for word in {word for word in spoken if word[:size] in first}:
                keys |= {f"{word[:size]}*" for size in self._sizes if word[:size] in self._heads}
        whole = {at for key in keys for at in self._whole.get(key, ())}
        asked = {at for key in keys for at in self._asked.get(key, ())}
        asked.update(self.always)
        return whole, asked


def _patterns(some: Sequence[Intent]) -> Iterator[Pattern]:
    number = 0
    for one in some:
        for points, queries in ((SURE, one.sure), (LIKELY, one.likely), (HINT, one.hints), (UNLESS, one.unless)):
            for text in queries:
                number += 1
                for branch in branches(text):
                    yield Pattern(one.name, points, number, branch)
        if one.learned is not None:
            number += 1
            yield Pattern(one.name, SURE, number, _trained(one.learned))


def _trained(told: Mapping[str, Any]) -> Branch:
    """A flag of people's own is asked of every text."""
    from listen.intents.learned import flag

    known = flag(told)
    return Branch(Sign(known.holds, known.telling()), frozenset())


class _Placed:
    """The tokens of a title or of a text with their places."""

    def __init__(self, text: str) -> None:
        self._words = placed_tokens(text)[0]
        self._line = f" {' '.join(word.token for word in self._words)} "

    def spans(self, parts: Sequence[Part]) -> tuple[Span, ...]:
        """The characters in which the words of these parts stand."""
        spans = [span for part in parts for span in found(part, self._line)]
        return merged((self._word(first).start, self._word(end).end) for first, end in spans)

    def _word(self, at: int) -> Placed:
        """The word that a place of the line belongs to."""
        return self._words[self._line.count(" ", 1, at)]


def subject_of(title: str, text: str, lang: str | None, score: int | None) -> Subject:
    """What patterns see of a text; `score` is what was computed."""
    return Subject.of(Mention(0, "", "", "post", text[:READ], title or None, lang=lang, score=score))


def stored(mention: Mention) -> Subject:
    """What patterns see of a stored mention: people's corrections say nothing of what its author wants."""
    computed = mention.score if mention.correction is None else mention.correction.was
    return Subject.of(replace(mention, score=computed))


def _cut(subject: Subject) -> Subject:
    record = subject.record
    if len(record.text) <= READ:
        return subject
    return subject_of(record.title or "", record.text, record.lang, record.score)
