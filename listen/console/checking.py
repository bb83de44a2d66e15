"""How precise a query is: a sample of what it finds, judged one by one. Records, and the questions to a `Clerk`.

Pure, no screen: `listen.console.screens.checking` shows it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from listen.clock import Clock
from listen.console.answers import Post
from listen.console.clerk import Asked, Job
from listen.console.steps import Steps
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


class Check(Steps[bool]):
    """A sample, what was said of it, and where the person is in it."""

    @property
    def precision(self) -> Precision:
        """Of those that were judged, the share that was kept."""
        return precision(sum(self.said.values()), len(self.said))


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
