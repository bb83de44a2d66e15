"""How well sentiment is computed: a random sample, labelled blind. Records, and the questions to a `Clerk`.

Pure, no screen: `listen.console.screens.quality` shows it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from listen.clock import Clock
from listen.console.answers import Post, Shown
from listen.console.clerk import Asked as Question
from listen.console.clerk import Job
from listen.console.facts import Facts
from listen.console.reading import reading
from listen.console.theme import Palette
from listen.console.view import View, query_of, window_of
from listen.insight import blind, measured
from listen.query import parse, tree
from listen.store import samples
from listen.store.labels import Asked
from listen.store.overview import Talk
from listen.store.read import Reader
from listen.store.triage import Done, Triage

BLIND = ("thread", "rating", "heard in", "time", "kind")
"""What is told of a mention besides its words: nothing that the program makes of it."""


class Subject(NamedTuple):
    """Whose sentiment is measured: what the stream shows, without its window of time."""

    node: tree.Node
    name: str
    """What it is called; foreign text."""
    asked: Asked
    """What samples are kept with."""


class Ready(NamedTuple):
    """A sample to be labelled."""

    ids: Sequence[int]
    said: Mapping[int, int]
    """What this person said on another day."""
    rule: str
    sample: int | samples.Drawn
    """Its number in the store, or the sample, which is kept with the first label."""


class Told(NamedTuple):
    """What all labels say, in lines."""

    lines: Sequence[str]


def subject_of(view: View, topics: Iterable[Talk]) -> Subject:
    """What a view shows, or the topic that it shows."""
    base, _ = window_of(view.text)
    topic = next((one for one in topics if query_of(one.name) == base), None)
    node = parse(base) if base else tree.All()
    if topic is not None:
        return Subject(node, f"toward {topic.name}", Asked(topic.query, topic.name))
    return Subject(node, base or "everything", Asked(base))


# --- questions -------------------------------------------------------------------------------------------------------


def ready(subject: Subject, who: str, now: float, *, another: bool = False) -> Job:
    """The last sample that is kept; one is drawn where there is none, or `another` is wanted."""

    def job(reader: Reader, question: Question, _post: Post) -> Ready | None:
        kept = blind.latest(reader, subject.asked)
        if kept is not None and not another:
            members, said = reader.sampled(kept.id, who)
            return Ready([one.mention_id for one in members], said, kept.rule, kept.id)
        drawn = blind.draw(
            reader, subject.asked, subject.node, blind.SIZE, kept.seed + 1 if kept else 1, now=now,
            wanted=lambda: question.wanted,
        )  # fmt: skip
        return Ready([one.mention_id for one in drawn.members], {}, drawn.rule, drawn) if question.wanted else None

    return job


def told(subject: Subject, now: float) -> Job:
    """What the labels of all people say."""

    def job(reader: Reader, _question: Question, _post: Post) -> Told:
        return Told(measured.lines(blind.measured(reader, subject.asked, subject.node, now=now)))

    return job


def shown(mention_id: int, width: int, colours: Palette, clock: Clock) -> Job:
    """A mention without anything that is computed of it."""

    def job(reader: Reader, _question: Question, _post: Post) -> Shown:
        mention = reader.mention(mention_id)
        if mention is None:
            return Shown(mention_id, None, width)
        lines = reading(Facts(mention, reader.around(mention)), width, colours, clock.now(), only=BLIND)
        return Shown(mention_id, mention, width, lines)

    return job


def keep(triage: Triage, sample: int | samples.Drawn, one: int, tone: int | None, who: str, clock: Clock) -> Done:
    """Keep a label in the store, and with the first one its sample; None takes it out again."""
    number = sample if isinstance(sample, int) else samples.keep(triage.connection, sample, clock)
    n = samples.label(triage.connection, number, {one: tone}, who, clock)
    return Done("" if n else "it is not there any more", n)
