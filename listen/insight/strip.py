"""Experience, connectivity, proximity: what the founding documents want of being present, as three numbers."""

from __future__ import annotations

from typing import NamedTuple

from listen.insight import contacts
from listen.insight.figures import topic_query
from listen.insight.metrics import Measure, Scope, measure, of_net, share
from listen.insight.objectives import behind
from listen.insight.people import Crowd, look
from listen.insight.window import Window
from listen.objectives import METRICS, Kind, Objective, Target
from listen.query import parse, tree
from listen.query.folding import counted
from listen.store.read import Reader
from listen.store.voices import COMMENTS
from listen.text import fold

EXPERIENCE = (
    "how people feel after we were in touch: net sentiment of what those whom we answered said on the topic after our "
    "first answer, up to now"
)
CONNECTIVITY = (
    "how much people talk with each other: the share of those who spoke who replied, quoted, reposted or passed on a "
    "bare link"
)
PROXIMITY = f"how near we are: {METRICS['answered_within_promise'].means}"


NAMED = 60
"""Mentions that a query names one by one at most: of more nobody could read it."""

JOINED = f"kind:({' '.join((*COMMENTS, 'repost'))})"


class Behind(NamedTuple):
    """What is behind one of them."""

    query: str = ""
    """Of the mentions that it is of; where the language cannot say them, of those that are nearest to it."""
    told: str = ""
    """How many mentions or people that are, and what of them the query cannot say."""


class Value(NamedTuple):
    """One of the three."""

    name: str
    kind: Kind
    measure: Measure
    """Its value, interval and n; `few` of METRICS holds here, too."""
    definition: str
    behind: Behind = Behind()


class Strip(NamedTuple):
    """The value strip: experience from -1 to 1, connectivity and proximity shares of 1."""

    experience: Value
    connectivity: Value
    proximity: Value


def strip(reader: Reader, topic: str, window: Window, now: float, patience: float | None = None) -> Strip:
    """The three numbers of an active topic over a span of time; `patience` as `listen.insight.metrics.Scope` has it."""
    promised = Objective("", "answered_within_promise", Target("", True, 1.0), topic=topic)
    scope = Scope(reader, promised, now, patience)
    return Strip(
        Value("experience", "net", *_experience(scope, window)),
        Value("connectivity", "share", *_connectivity(scope, window)),
        Value("proximity", "share", *_proximity(scope, window)),
    )


def _experience(scope: Scope, window: Window) -> tuple[Measure, str, Behind]:
    topic = scope.objective.topic
    answered = scope.within(window, tree.Facet("is", ("answered",)))
    found = contacts.since(scope.reader, answered, topic, now=scope.now, budget=scope.budget)
    note = f"of {found.people:,} {'person' if found.people == 1 else 'people'} who spoke again"
    measured = of_net(found.numbers)._replace(note=note if found.whole else f"{note}, those who spoke last")
    told = f"net of {len(found.scored):,} scored, said after our first answer"
    if len(found.scored) <= NAMED:
        query = f"id:({' '.join(map(str, sorted(found.scored, reverse=True)))})" if found.scored else ""
        return measured, EXPERIENCE, Behind(query, told)
    asked = f"{topic_query(topic)} is:answered {window.query()}"
    return measured, EXPERIENCE, Behind(asked, f"enter shows what we answered; no query says the {told}")


def _connectivity(scope: Scope, window: Window) -> tuple[Measure, str, Behind]:
    topic = scope.objective.topic
    time = tree.Time("time", tree.Moment(at=window.since), tree.Moment(at=window.until))
    node = counted(tree.And((tree.Facet("topic", (fold(topic),)), time)))
    crowd = look(scope.reader, Crowd(), node, topic, budget=scope.budget, now=scope.now)
    joined = [one for one in crowd.voices.values() if one.comments or one.relays]
    note = "" if crowd.complete else f"of the newest {crowd.n:,} mentions"
    asked = f"{topic_query(topic)} {JOINED} {window.query()}"
    told = f"{len(joined):,} of {len(crowd.voices):,} people"
    if crowd.complete:
        told += f", in {_joined(scope, asked, sum(one.comments + one.relays for one in joined))}"
    else:
        told += f"; enter shows all replies, quotes and reposts, the number is {note}"
    return share(len(joined), len(crowd.voices), note), CONNECTIVITY, Behind(asked, told)


def _joined(scope: Scope, asked: str, said: int) -> str:
    """What the query finds of all that makes people part of the talk: the language has no words for a bare link."""
    n, whole = scope.reader.count(counted(parse(asked)), cap=None, budget=scope.budget, now=scope.now)
    if not whole:
        return "replies, comments, quotes and reposts"
    links = f" and {said - n:,} bare link{'s' * (said - n != 1)} that no query finds" if said > n else ""
    return f"{n:,} mention{'s' * (n != 1)}{links}: replies, comments, quotes, reposts"


def _proximity(scope: Scope, window: Window) -> tuple[Measure, str, Behind]:
    found = measure(scope, window)
    asked = f"{behind(scope.objective, window, scope.reader.desks())} (is:answered OR is:late)"
    in_time = round(found.n * (found.value or 0.0))
    told = f"of {found.n:,} mention{'s' * (found.n != 1)} answered or late, {in_time:,} in time"
    return found, PROXIMITY, Behind(asked, told)
