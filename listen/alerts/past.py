"""What a rule would have counted before it was watched: read from the store once, when it begins or the program starts.

Hours of long ago count mentions by their own time; the window that is open now counts them by their arrival.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from listen.alerts import facts
from listen.alerts.facts import Fact, Labels
from listen.alerts.rules import Rule
from listen.alerts.windows import Arrival
from listen.insight.hearing import GAP
from listen.model import first_id, id_time
from listen.query import parse, tree
from listen.query.folding import COUNTS
from listen.store.read import Reader
from listen.store.search import FOREVER
from listen.store.sqlite import Connection

HOUR, WEEK = 3_600, 604_800

WEEKS = 8
"""Weeks that are looked back on."""

MOST = 200_000
"""Mentions of one rule that are read, the newest."""

STEP = 2_000


@dataclass(slots=True)
class Past:
    """By instance."""

    hours: dict[Labels, dict[int, int]] = field(default_factory=dict)
    """Hour (Unix seconds // 3600) -> mentions."""
    arrivals: dict[Labels, list[Arrival]] = field(default_factory=dict)
    """What has arrived in the window that is open, oldest first."""


@dataclass(slots=True)
class Recent:
    """The arrivals of the last days, as far as the store remembers them."""

    places: dict[int, tuple[int, int]]
    """Mention -> (its place among all arrivals, when it arrived), of those that count."""
    quiet: frozenset[int]
    since: int
    """From when on all are known, Unix seconds."""


def recent(reader: Reader, since: float) -> Recent:
    """Arrivals from a time on."""
    with reader.snapshot() as connection:
        rows = connection.execute(
            "SELECT a.seq, a.mention_id, a.quiet, m.seen_at FROM arrivals AS a "
            "JOIN mentions AS m ON m.id = a.mention_id ORDER BY a.seq DESC"
        )
        places: dict[int, tuple[int, int]] = {}
        quiet: set[int] = set()
        first, oldest = 1, int(since)
        for first, mention_id, hushed, seen_at in rows:
            if seen_at < since:
                break
            oldest = seen_at
            if hushed:
                quiet.add(mention_id)
            else:
                places[mention_id] = first, seen_at
        else:
            # Only if rows were dropped before the first one is anything older not known.
            oldest = int(since) if first == 1 else oldest
    return Recent(places, frozenset(quiet), oldest)


def needs_hours(rule: Rule) -> bool:
    """Whether it compares with weeks that have to be read, and not the open window alone."""
    return rule.when in ("spike", "silence")


def of_rule(
    reader: Reader, rule: Rule, upto: int, now: float, lately: Recent | None = None
) -> tuple[Past, Past | None]:
    """(what it would have counted, of what a `share` would be a share). Raises QueryError, StoreError."""
    lately = lately or recent(reader, now - rule.window)
    of = read(reader, rule, rule.of, lately, upto, now) if rule.when == "share" else None
    return read(reader, rule, rule.query, lately, upto, now), of


def read(reader: Reader, rule: Rule, query: str, lately: Recent, upto: int, now: float, *, weeks: int = WEEKS) -> Past:
    """The past of a rule up to a place among the arrivals. Raises QueryError, StoreError."""
    node = reader.resolved(parse(query))
    named = facts.asked_for(rule, reader.book())
    asked = tree.And((node, *COUNTS))
    past = Past()
    since = now - rule.window
    need_hours = needs_hours(rule)
    oldest = now - weeks * WEEK if need_hours else since
    late = [one for one, (_, at) in lately.places.items() if at > since and one < first_id(since)]
    for ids in _found(reader, node, oldest, now):
        _take(reader, rule, named, ids, past, lately, upto, now, hours=need_hours)
    for start in range(0, len(late), STEP):
        ids = sorted(reader.among(asked, late[start : start + STEP], now=now))
        _take(reader, rule, named, ids, past, lately, upto, now, hours=False)
    for some in past.arrivals.values():
        some.sort(key=lambda one: (one.at, one.seq))
    return past


def _found(reader: Reader, node: tree.Node, oldest: float, now: float) -> Iterator[Sequence[int]]:
    ids = reader.sweep(node, first_id(oldest), FOREVER, MOST, lambda share: None, now=now).ids()
    for start in range(0, len(ids), STEP):
        yield ids[start : start + STEP]


def _take(
    reader: Reader,
    rule: Rule,
    named: facts.Named,
    ids: Sequence[int],
    past: Past,
    lately: Recent,
    upto: int,
    now: float,
    *,
    hours: bool,
) -> None:
    """Count some mentions where they belong."""
    since = now - rule.window
    if not rule.per and rule.when != "growth":
        ids = _count_early(reader, ids, past, lately, upto, now, hours=hours)
    for one, fact in _facts(reader, rule, ids, upto, now).items():
        # Much of what is older came after an outage: see `Watched.take`.
        news = rule.when == "match" or id_time(one) > since - GAP
        in_window = (
            news and fact.at > since and one not in lately.quiet and (one in lately.places or fact.at < lately.since)
        )
        for found in facts.labels(rule, fact, named):
            if hours:
                counted = past.hours.setdefault(found, {})
                hour = id_time(one) // HOUR
                counted[hour] = counted.get(hour, 0) + 1
            if in_window:
                past.arrivals.setdefault(found, []).append(fact.arrival(lately.places.get(one, (0, 0))[0]))


def _count_early(
    reader: Reader, ids: Sequence[int], past: Past, lately: Recent, upto: int, since: float, *, hours: bool
) -> list[int]:
    """Count those of long ago by their ids alone, where nothing else is asked of them; the others."""
    first = first_id(since - GAP)
    rest = [one for one in ids if one >= first or one in lately.places]
    if hours and len(rest) < len(ids):
        with reader.snapshot() as connection:
            newer = _newer(connection, upto).union(rest)
        counted = past.hours.setdefault((), {})
        for hour, n in Counter(id_time(one) // HOUR for one in ids if one not in newer).items():
            counted[hour] = counted.get(hour, 0) + n
    return rest


def _newer(connection: Connection, upto: int) -> set[int]:
    """What has arrived since."""
    return {row[0] for row in connection.execute("SELECT mention_id FROM arrivals WHERE seq > ?", (upto,))}


def _facts(reader: Reader, rule: Rule, ids: Sequence[int], upto: int, now: float) -> Mapping[int, Fact]:
    """Without those that have arrived since: they are counted as they arrive."""
    with reader.snapshot() as connection:
        names = dict(connection.execute("SELECT id, name FROM topics WHERE active").fetchall())
        newer = _newer(connection, upto)
        found = facts.of(connection, [one for one in ids if one not in newer], names, topics="topic" in rule.per)
    return facts.with_desks(reader, found, now) if "desk" in rule.per else found
