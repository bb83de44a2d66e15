"""How precise a query is: a sample of what it finds, judged one by one. Records, and the questions to a `Clerk`.

Pure, no screen: `listen.console.screens.checking` shows it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from listen.clock import Clock
from listen.console.answers import Post
from listen.console.clerk import Asked, Job
from listen.console.view import View, query_of, window_of
from listen.insight import checking
from listen.insight.checking import Verdict
from listen.insight.precision import Precision, precision
from listen.insight.sampling import Sample, sample
from listen.query import tree
from listen.store import labels
from listen.store.overview import Talk
from listen.store.read import Reader
from listen.store.triage import Done, Triage

SIZE = 50
"""Mentions of a sample."""


class Subject(NamedTuple):
    """What is checked: a view, or the topic that it shows."""

    node: tree.Node
    name: str
    """What it is called; foreign text."""
    filter: str
    """The view's text: what exclusions are added to when they narrow it."""
    asked: labels.Asked
    """What judgements are kept with: the topic's query, or the view's text."""


def subject_of(view: View, topics: Iterable[Talk]) -> Subject | None:
    """What a view shows, to be checked; None for everything, which is about nothing."""
    base, _ = window_of(view.text)
    if isinstance(view.node, tree.All) or not base:
        return None
    topic = next((one for one in topics if query_of(one.name) == base), None)
    asked = labels.Asked(base) if topic is None else labels.Asked(topic.query, topic.name)
    return Subject(view.node, base if topic is None else topic.name, view.text, asked)


class Drawn(NamedTuple):
    """A sample, and what was said of its mentions on another day."""

    sample: Sample
    said: Mapping[int, bool]


class Judged(NamedTuple):
    """What the judgements say."""

    said: Mapping[int, bool]
    verdict: Verdict


@dataclass
class Check:
    """A sample, what was said of it, and where the person is in it."""

    ids: tuple[int, ...] = ()
    said: dict[int, bool] = field(default_factory=dict)
    at: int = 0
    trail: list[tuple[int, bool | None]] = field(default_factory=list)
    """What was said before of each mention that was judged, in order: what `u` goes back along."""

    @classmethod
    def of(cls, drawn: Drawn) -> Check:
        """Begins at the first one of which nothing was said yet."""
        made = cls(drawn.sample.ids, dict(drawn.said))
        made.step(0)
        return made

    @property
    def current(self) -> int | None:
        """The mention that is shown."""
        return self.ids[self.at] if self.ids else None

    @property
    def open(self) -> int:
        """Of how many nothing was said yet."""
        return sum(one not in self.said for one in self.ids)

    @property
    def precision(self) -> Precision:
        """Of those that were judged, the share that was kept."""
        return precision(sum(self.said.values()), len(self.said))

    def judge(self, kept: bool) -> int | None:
        """Say it of the current one and go to the next that is open; which one it was, None when there is none."""
        one = self.current
        if one is None:
            return None
        self.trail.append((one, self.said.get(one)))
        self.said[one] = kept
        self.step(1)
        return one

    def take_back(self) -> tuple[int, bool | None] | None:
        """Undo the last judgement, and go there; what holds of that mention now."""
        if not self.trail:
            return None
        one, before = self.trail.pop()
        if before is None:
            self.said.pop(one, None)
        else:
            self.said[one] = before
        self.at = self.ids.index(one)
        return one, before

    def step(self, by: int) -> bool:
        """To the next one that is open (by 1), the one before (-1), or the first from here on (0); False if none is."""
        count = len(self.ids)
        for far in range(abs(by), count + abs(by)):
            at = (self.at + far * (by or 1)) % count
            if self.ids[at] not in self.said:
                self.at = at
                return True
        return False

    def move(self, by: int) -> None:
        """To the one beside it, judged or not; stops at both ends."""
        self.at = max(0, min(self.at + by, len(self.ids) - 1))


# --- questions -------------------------------------------------------------------------------------------------------


def drawn(subject: Subject, seed: int, now: float) -> Job:
    """Draw a sample."""

    def job(reader: Reader, asked: Asked, _post: Post) -> Drawn | None:
        found = sample(reader, subject.node, SIZE, seed, now=now, wanted=lambda: asked.wanted)
        return Drawn(found, reader.labelled(subject.asked, found.ids)) if asked.wanted else None

    return job


def judged(subject: Subject, said: Mapping[int, bool], now: float) -> Job:
    """What judgements say of the query."""
    kept = dict(said)

    def job(reader: Reader, asked: Asked, _post: Post) -> Judged | None:
        text = subject.asked.query
        found = checking.verdict(reader, subject.node, text, text, kept, now=now, wanted=lambda: asked.wanted)
        return Judged(kept, found) if asked.wanted else None

    return job


def keep(triage: Triage, subject: Subject, one: int, kept: bool | None, clock: Clock) -> Done:
    """Keep a judgement in the store, or take it out again (None)."""
    n = labels.label(triage.connection, subject.asked, {one: kept}, triage.who, clock)
    return Done("" if n else "it is not there any more", n)
