"""Experience, connectivity, proximity: what the founding documents want of being present, as three numbers."""

from __future__ import annotations

from typing import NamedTuple

from listen.insight import contacts
from listen.insight.metrics import Measure, Scope, measure, of_net, share
from listen.insight.people import Crowd, look
from listen.insight.window import Window
from listen.objectives import METRICS, Kind, Objective, Target
from listen.query import tree
from listen.query.folding import counted
from listen.store.read import Reader
from listen.text import fold

EXPERIENCE = (
    "how people feel after we were in touch: net sentiment of what those whom we answered said on the topic after our "
    "first answer, up to now"
)
CONNECTIVITY = "how much people talk with each other: the share of those who spoke who replied, quoted or reposted"
PROXIMITY = f"how near we are: {METRICS['answered_within_promise'].means}"


class Value(NamedTuple):
    """One of the three."""

    name: str
    kind: Kind
    measure: Measure
    """Its value, interval and n; `few` of METRICS holds here, too."""
    definition: str


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
        Value("experience", "net", _experience(reader, scope, topic, window, now), EXPERIENCE),
        Value("connectivity", "share", _connectivity(reader, scope, topic, window, now), CONNECTIVITY),
        Value("proximity", "share", measure(scope, window), PROXIMITY),
    )


def _experience(reader: Reader, scope: Scope, topic: str, window: Window, now: float) -> Measure:
    answered = scope.within(window, tree.Facet("is", ("answered",)))
    found = contacts.since(reader, answered, topic, now=now, budget=scope.budget)
    note = f"of {found.people:,} {'person' if found.people == 1 else 'people'} who spoke again"
    return of_net(found.numbers)._replace(note=note if found.whole else f"{note}, those who spoke last")


def _connectivity(reader: Reader, scope: Scope, topic: str, window: Window, now: float) -> Measure:
    time = tree.Time("time", tree.Moment(at=window.since), tree.Moment(at=window.until))
    node = counted(tree.And((tree.Facet("topic", (fold(topic),)), time)))
    crowd = look(reader, Crowd(), node, topic, budget=scope.budget, now=now)
    joined = sum(bool(one.comments or one.relays) for one in crowd.voices.values())
    return share(joined, len(crowd.voices), "" if crowd.complete else f"of the newest {crowd.n:,} mentions")
