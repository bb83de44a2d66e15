"""The numbers of what a query leaves of a topic, by the rules of `listen.insight.figures`.

The rollups know whole topics alone, so every mention that the query finds is looked at: those of the window and of the
one before it one by one, of the weeks that tell what is expected their times only, which the ids hold. A query that
leaves everything gives the very figures of the topic; a property test holds them together.
"""

from __future__ import annotations

import heapq
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, tzinfo

from listen.insight import breakdown, series
from listen.insight.breakdown import Part, Shown
from listen.insight.figures import (
    LONELY,
    TOLD,
    Figures,
    Gathered,
    Loud,
    Pause,
    Side,
    made,
    peers,
    span_of,
    topic_query,
)
from listen.insight.window import HOUR, Window
from listen.model import EPOCH
from listen.query import parse, tree
from listen.query.folding import APART, counted
from listen.store.counted import Span, sums, total
from listen.store.layout import hour_of
from listen.store.picked import CHUNK, Picked, picked
from listen.store.pulse import Numbers
from listen.store.read import Reader
from listen.store.sqlite import Connection
from listen.text import fold

ALL = 1 << 60
"""More mentions than there are."""

OWN = APART["own"][0]


def query_of(topic: str, only: str, window: Window) -> str:
    """The query of a topic in a window, narrowed where `only` says anything."""
    return " ".join([topic_query(topic), *([f"({only})"] if only.strip() else []), window.query()])


def narrowed(
    reader: Reader, topic: str, only: str, window: Window, *, now: float, zone: tzinfo | None = None
) -> Figures | None:
    """All numbers of what a query leaves of an active topic; None for an unknown one, or after `reader.stop()`.

    Raises QueryError for a query that cannot be read.
    """
    row = next((one for one in reader.live_topics() if one.name == topic), None)
    if row is None:
        return None
    asked = (row.number, row.name, row.role)
    past, before, span = series.past(window), span_of(window.before()), span_of(window)
    with reader.snapshot() as connection:
        others = peers(connection, asked)
    ids = _ids(reader, topic, only, Span(min(past.first, before.first), span.last), now)
    said = {name: _ids(reader, name, only, Span(before.first, span.last), now) for name in others.values()}
    voice = _voice(said | {topic: ids}, before, span)
    own = [_own(reader, topic, only, one, now) for one in (before, span)]
    found = None
    with reader.interruptible() as (connection, pause):
        sources = dict(connection.execute("SELECT id, name FROM sources").fetchall())
        last, this = (_picked(connection, pause, row.number, _within(ids, one)) for one in (before, span))
        known = Gathered(
            asked, window, Counter(map(hour_of, ids)), _side(this, window, own[1], sources),
            _side(last, window.before(), own[0], sources), voice,
            _loudest(this), query_of(topic, only, window),
        )  # fmt: skip
        found = made(connection, pause, known, now, zone or UTC)
    return found


# --- what the query finds --------------------------------------------------------------------------------------------


def _node(topic: str, only: str, span: Span, *more: tree.Node) -> tree.Node:
    parts = [tree.Facet("topic", (fold(topic),)), *([parse(only)] if only.strip() else [])]
    low, high = (tree.Moment(at=EPOCH + HOUR * hour) for hour in span)
    return tree.And((*parts, tree.Time("time", low, high), *more))


def _ids(reader: Reader, topic: str, only: str, span: Span, now: float) -> list[int]:
    """The mentions that count, the oldest first."""
    node = counted(_node(topic, only, span))
    return list(reversed(reader.page(node, limit=ALL, budget=None, now=now).ids))


def _own(reader: Reader, topic: str, only: str, span: Span, now: float) -> int:
    """Those of our own accounts."""
    return reader.count(_node(topic, only, span, OWN), None, None, now=now).n


def _within(ids: Sequence[int], span: Span) -> Sequence[int]:
    low, high = (bisect_left(ids, one) for one in span.ids)
    return ids[low:high]


def _picked(connection: Connection, pause: Pause, topic: int, ids: Sequence[int]) -> list[Picked]:
    found: list[Picked] = []
    for start in range(0, len(ids), CHUNK):
        pause()
        found += picked(connection, topic, ids[start : start + CHUNK])
    return found


# --- what it comes to ------------------------------------------------------------------------------------------------


def _total(some: Iterable[Picked]) -> Numbers:
    return total(one.numbers for one in some)


def _side(some: Sequence[Picked], window: Window, own: int, names: Mapping[int, str]) -> Side:
    span, step = span_of(window), window.step // HOUR
    shown = Shown(_total(some), sums((aspect, one.numbers) for one in some for aspect in one.aspects), own)
    stories = Counter(one.story for one in some if one.story is not None)
    sources = sums((names[one.source], one.numbers) for one in some)
    steps = sums((span.step_of(one.hour, step), one.numbers) for one in some)
    return Side(steps, shown.all, sources, stories, shown)


def _voice(said: Mapping[str, Sequence[int]], before: Span, span: Span) -> list[Part]:
    last, this = ({name: Numbers(len(_within(ids, one))) for name, ids in said.items()} for one in (before, span))
    return breakdown.parts(this, last, topic_query)


def _loudest(some: Sequence[Picked]) -> list[Loud]:
    """The stories that most tell, then the most endorsed of the newest that nobody else tells."""
    newest = {one.story: one.mention for one in some if one.story is not None}
    stories = Counter(one.story for one in some if one.story is not None)
    several = heapq.nlargest(TOLD, ((n, story) for story, n in stories.items() if n > 1))
    found = [Loud(newest[story], n, story) for n, story in several]
    alone = [(one.endorsed, one.mention) for one in some[-LONELY:] if one.story is None and one.endorsed > 0]
    return [*found, *(Loud(mention, 1, None) for _, mention in heapq.nlargest(TOLD - len(found), alone))]
