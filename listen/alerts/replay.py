"""When a rule would have fired: the same conditions and the same life, over what the store holds.

History has no arrivals: a mention counts from its own time on, which its id carries. The newest mentions are read, MOST
of them; authors and stories are looked up only where numbers alone would let the rule fire. What hung on people's work
and on sources at the time (late, source) is not kept, and cannot be replayed.
"""

from __future__ import annotations

import json
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from listen.alerts import cycle, evaluate, facts
from listen.alerts.cycle import Reading
from listen.alerts.evaluate import Seen, reading
from listen.alerts.facts import Labels
from listen.alerts.rules import Rule
from listen.config.alerts import POLLED
from listen.insight.expected import Baseline, Expectation
from listen.insight.hearing import Hearing
from listen.model import first_id, id_time
from listen.query import parse, tree
from listen.query.folding import COUNTS
from listen.query.tree import Node
from listen.store import inbox
from listen.store.alerts import FIRING, RESOLVED, Alert
from listen.store.read import Reader
from listen.text import fold

MINUTE, HOUR, WEEK = 60, 3_600, 604_800

WEEKS = 8
"""Weeks before the time that are read to know what was usual."""

MOST = 2_000_000
"""Mentions that are read of one query."""

LABELLED = 200_000
"""The same where each must be looked at to know its instance."""

NEAR = 5_000
"""Mentions of one window whose authors and stories are looked up."""

FEW = 40
"""Mentions whose authors and stories are looked at first."""

BLOCK = 500
"""Mentions that are looked up at once."""

FACTORS = (0.5, 0.75, 1.0, 1.5, 2.0)
"""By what the threshold is multiplied, to show what it would do."""

BARS = 60
"""Columns of the picture."""


class NoReplay(ValueError):
    """A rule whose past nobody kept; the text says why."""


class BrokenOff(Exception):
    """Nobody wants to know any more."""


class Firing(NamedTuple):
    """One time that the rule would have fired. Times are Unix seconds."""

    instance: str
    began_at: int
    fired_at: int
    resolved_at: int | None
    """None: it would still fire."""
    peak: float
    text: str
    """The arithmetic when it fired."""


class Replayed(NamedTuple):
    """What a rule would have done."""

    rule: str
    since: int
    until: int
    firings: Sequence[Firing]
    factors: Mapping[float, int]
    """By what the threshold is multiplied -> how often it would have fired."""
    bars: Sequence[int]
    """Mentions in each of BARS equal parts of the time."""
    mentions: int
    back_to: int
    """From when on all was read."""
    deaf_before: int | None
    """Before this nobody kept what was heard, so all of it is taken for heard; None: it was kept throughout."""


@dataclass(slots=True)
class _Series:
    """One instance's mentions, oldest first."""

    ids: array[int] = field(default_factory=lambda: array("q"))
    times: array[int] = field(default_factory=lambda: array("q"))
    all_times: array[int] = field(default_factory=lambda: array("q"))
    """share: of those that it is a share of."""


@dataclass(slots=True)
class _Life:
    """What one threshold makes of one instance."""

    factor: float
    rule: Rule
    alert: Alert | None = None
    cool: float = 0.0
    peak: float = 0.0
    held: int = 0
    """When it was seen to hold last while it fires; 0: as the alert says."""
    firings: list[Firing] = field(default_factory=list)


def _always() -> bool:
    return True


def replay(reader: Reader, rule: Rule, since: float, until: float, wanted: Callable[[], bool] = _always) -> Replayed:
    """When it would have fired between two moments; BrokenOff once it is not `wanted`, as it may take minutes.

    Raises NoReplay, QueryError, StoreError.
    """
    if rule.when in POLLED:
        raise NoReplay(f'when = "{rule.when}" hangs on how things stood at the time, which nobody kept: no replay')
    start = since - (WEEKS * WEEK if rule.when == "spike" else rule.window)
    series, back_to = _read(reader, rule, start, until)
    heard = _Heard(reader, rule, since, until) if rule.coverage or rule.when == "spike" else None
    lives = {found: _lives(rule) for found in series}
    for found, one in series.items():
        moments = _moments(rule, one, lives[found], since, until)
        _live(reader, rule, found, one, lives[found], heard, _while(wanted, moments))
    firings = [each for some in lives.values() for life in some if life.factor == 1.0 for each in life.firings]
    times = [moment for one in series.values() for moment in one.times]
    return Replayed(
        rule.name,
        int(since),
        int(until),
        sorted(firings, key=lambda one: (one.fired_at, one.instance)),
        {factor: sum(len(some[at].firings) for some in lives.values()) for at, factor in enumerate(FACTORS)},
        _bars(times, since, until),
        sum(moment >= since for moment in times),
        int(back_to),
        heard.deaf_before if heard else None,
    )


# --- what was said ---------------------------------------------------------------------------------------------------


def _read(reader: Reader, rule: Rule, start: float, until: float) -> tuple[dict[Labels, _Series], float]:
    """(the mentions of each instance, from when on all were read)."""
    node = reader.resolved(parse(rule.query))
    per = rule.per or (("story",) if rule.when == "growth" else ())
    found: dict[Labels, _Series]
    if not per:
        ids, back_to = _ids(reader, node, start, until, MOST)
        found = {(): _Series(ids, array("q", map(id_time, ids)))}
    elif per == ("topic",):
        found, back_to = _by_topic(reader, node, start, until)
    else:
        found, back_to = _by_facts(reader, rule, node, start, until)
    if rule.when == "share":
        of = reader.resolved(parse(rule.of))
        for labels, one in found.items():
            asked = tree.And((of, *(parse(f'{name}:"{value}"') for name, value in labels)))
            ids, reached = _ids(reader, asked, start, until, MOST)
            one.all_times, back_to = array("q", map(id_time, ids)), max(back_to, reached)
    return found, back_to


def _ids(reader: Reader, node: Node, start: float, until: float, most: int) -> tuple[array[int], float]:
    """(ids of the newest `most` mentions that count, oldest first; from when on they are all)."""
    low, high = first_id(start), first_id(until + 1)
    recent = tree.Time("time", tree.Moment(at=int(start)), None)
    page = reader.page(tree.And((node, recent, *COUNTS)), before=high, limit=most, budget=None, now=until)
    ids = array("q", (one for one in reversed(page.ids) if one >= low))
    return ids, (id_time(page.ids[-1]) if len(page.ids) >= most else start)


def _by_topic(reader: Reader, node: Node, start: float, until: float) -> tuple[dict[Labels, _Series], float]:
    """Few mentions are sorted by their topics; of many each topic is asked for."""
    named = facts.named_topics(node)
    with reader.snapshot() as connection:
        active = connection.execute("SELECT id, name FROM topics WHERE active ORDER BY name").fetchall()
    names = {number: name for number, name in active if not named or fold(name) in named}
    ids, back_to = _ids(reader, node, start, until, LABELLED)
    if back_to <= start:
        return _sorted_by_topic(reader, ids, names), back_to
    found: dict[Labels, _Series] = {}
    back_to = start
    for name in names.values():
        ids, reached = _ids(reader, tree.And((node, tree.Facet("topic", (name,)))), start, until, MOST)
        found[(("topic", name),)] = _Series(ids, array("q", map(id_time, ids)))
        back_to = max(back_to, reached)
    return found, back_to


def _sorted_by_topic(reader: Reader, ids: Sequence[int], names: Mapping[int, str]) -> dict[Labels, _Series]:
    found: dict[Labels, _Series] = {}
    with reader.snapshot() as connection:
        for at in range(0, len(ids), 2_000):
            told = inbox.topics_of_many(connection, ids[at : at + 2_000])
            for one in ids[at : at + 2_000]:
                for number in told.get(one, ()):
                    if number in names:
                        series = found.setdefault((("topic", names[number]),), _Series())
                        series.ids.append(one)
                        series.times.append(id_time(one))
    return found


def _by_facts(
    reader: Reader, rule: Rule, node: Node, start: float, until: float
) -> tuple[dict[Labels, _Series], float]:
    ids, back_to = _ids(reader, node, start, until, LABELLED)
    named = facts.named_topics(node)
    found: dict[Labels, _Series] = {}
    with reader.snapshot() as connection:
        names = dict(connection.execute("SELECT id, name FROM topics WHERE active").fetchall())
        for at in range(0, len(ids), 2_000):
            for one, fact in sorted(facts.of(connection, ids[at : at + 2_000], names).items()):
                for labels in facts.labels(rule, fact, named):
                    series = found.setdefault(labels, _Series())
                    series.ids.append(one)
                    series.times.append(id_time(one))
    return found, back_to


# --- what was heard --------------------------------------------------------------------------------------------------


class _Heard:
    """The share of each hour that was heard. Before anything of that was kept, all is taken for heard."""

    def __init__(self, reader: Reader, rule: Rule, since: float, until: float) -> None:
        from listen.alerts.watched import sources_of

        hearing, sources = Hearing(), sources_of(reader.resolved(parse(rule.query)))
        with reader.snapshot() as connection:
            hearing.look(connection, until)
            first = int(since - WEEKS * WEEK) // HOUR
            self._hours = hearing.between(connection, sources, first, until)
        self._first = min((hour for hour, share in self._hours.items() if share), default=int(until) // HOUR + 1)
        self.deaf_before = self._first * HOUR if self._first * HOUR > since else None

    def hour(self, hour: int) -> float:
        return 1.0 if hour < self._first else self._hours.get(hour, 0.0)

    def share(self, start: float, end: float) -> float:
        total = sum(
            self.hour(hour) * (min(end, (hour + 1) * HOUR) - max(start, hour * HOUR))
            for hour in range(int(start) // HOUR, int(end - 1) // HOUR + 1)
        )
        return min(1.0, total / max(1.0, end - start))


# --- the life of one instance ----------------------------------------------------------------------------------------


def _lives(rule: Rule) -> list[_Life]:
    return [_Life(factor, _scaled(rule, factor)) for factor in FACTORS]


def _scaled(rule: Rule, factor: float) -> Rule:
    """The rule as it were with another threshold. A spike's is scaled where it is counted."""
    match rule.when:
        case "count" | "growth":
            return replace(rule, at_least=max(1, round(rule.at_least * factor)))
        case "share":
            return replace(rule, threshold=min(1.0, rule.threshold * factor))
        case "silence":
            return replace(rule, at_most=round(rule.at_most * factor))
    return rule


def _live(
    reader: Reader,
    rule: Rule,
    found: Labels,
    series: _Series,
    lives: Sequence[_Life],
    heard: _Heard | None,
    moments: Iterator[int],
) -> None:
    counted = _Counted(reader, rule, series, heard)
    instance, labels = facts.spelled(found), dict(found)
    for now in moments:
        seen = counted.at(now)
        for life in lives:
            told = seen
            if rule.when == "spike":
                n = int(seen.n / life.factor)
                if life.alert is None and (n < rule.mentions or (seen.usual is not None and n <= seen.usual.mean)):
                    continue  # most minutes are of this kind
                told = Seen(n, seen.n, seen.n, 0, 0, seen.heard, seen.usual)
            holds = _holds(life.rule, told, counted, now)
            if holds and life.alert is None:
                _step(life, reading(life.rule, instance, labels, counted.told(told, now), now), now)
            elif life.alert is not None:
                _go_on(life, holds, told, counted, now)
    for life in lives:
        if life.alert is not None and life.alert.state == FIRING:
            life.firings.append(_firing(life, life.alert, None))


def _holds(rule: Rule, seen: Seen, counted: _Counted, now: int) -> bool | None:
    """What the condition says; authors and stories are looked up only where everything else holds."""
    holds = evaluate.holds(rule, seen)
    if holds and (rule.authors > 1 or rule.stories > 1):
        return counted.reaches(rule.authors, rule.stories, now)
    return holds


def _go_on(life: _Life, holds: bool | None, seen: Seen, counted: _Counted, now: int) -> None:
    """An alert is open: what a reading without words does to it."""
    alert = life.alert
    assert alert is not None
    value = seen.n / seen.of if life.rule.when == "share" and seen.of else float(seen.n)
    if holds and alert.state == FIRING:
        life.held, life.peak = now, max(life.peak, value)
        return
    if life.held:
        life.alert, life.held = replace(alert, held_at=life.held), 0
    if holds and now - alert.began_at >= life.rule.for_:
        _step(life, reading(life.rule, alert.instance, alert.labels, counted.told(seen, now), now), now)
    else:
        _step(life, Reading(alert.instance, alert.labels, holds, value), now)


def _step(life: _Life, one: Reading, now: int) -> None:
    after, what = cycle.step(life.alert, one, life.rule, now, life.cool)
    life.alert = after
    if what == FIRING:
        life.peak, life.held = one.value, 0
    elif what == RESOLVED and after is not None:
        life.firings.append(_firing(life, after, after.resolved_at))
        life.alert, life.cool = None, now + life.rule.cooldown


def _firing(life: _Life, one: Alert, over: int | None) -> Firing:
    text = str(one.evidence.get("text", ""))
    return Firing(one.instance, one.began_at, one.fired_at or one.began_at, over, round(life.peak, 3), text)


class _Counted:
    """What was counted of one instance at any minute, asked in order of time."""

    def __init__(self, reader: Reader, rule: Rule, series: _Series, heard: _Heard | None) -> None:
        self._reader, self._rule, self._series, self._heard = reader, rule, series, heard
        self._baseline: Baseline | None = None
        if rule.when == "spike":
            self._baseline = Baseline(series.times[0] // HOUR if series.times else 0)
        self._authors, self._stories = array("q", bytes(8 * len(series.ids))), array("q", bytes(8 * len(series.ids)))
        self._known: set[int] = set()
        """Blocks of mentions whose authors and stories have been looked up."""

    def at(self, now: int) -> Seen:
        """As if every author and story were another one."""
        n = self._count(self._series.times, now)
        heard = self._heard.share(now - self._rule.window, now) if self._heard and self._rule.coverage else 1.0
        usual = self._usual(now) if self._baseline is not None and n else None
        return Seen(n, n, n, self._count(self._series.all_times, now), 0, heard, usual)

    def _count(self, times: Sequence[int], now: int) -> int:
        return bisect_right(times, now) - bisect_right(times, now - self._rule.window)

    def _usual(self, now: int) -> Expectation | None:
        baseline, times = self._baseline, self._series.times
        assert baseline is not None
        assert self._heard is not None
        while baseline.next < now // HOUR:
            start = baseline.next * HOUR
            baseline.push(bisect_left(times, start + HOUR) - bisect_left(times, start), self._heard.hour(baseline.next))
        return baseline.expect(now - self._rule.window, now)

    def told(self, seen: Seen, now: int) -> Seen:
        """The same with its distinct authors and stories."""
        low, high = self._looked_up(now)
        authors, stories = len(set(self._authors[low:high])), len(set(self._stories[low:high]))
        return Seen(seen.n, authors, stories, seen.of, seen.mark, seen.heard, seen.usual)

    def reaches(self, authors: int, stories: int, now: int) -> bool:
        """Whether there are so many of both: of most windows the last few mentions tell."""
        low, high = self._looked_up(now)
        for start in (max(low, high - FEW), low):
            if len(set(self._authors[start:high])) >= authors and len(set(self._stories[start:high])) >= stories:
                return True
        return False

    def _looked_up(self, now: int) -> tuple[int, int]:
        """The places of the window's newest NEAR mentions, whose authors and stories are known now."""
        times = self._series.times
        high = bisect_right(times, now)
        low = max(bisect_right(times, now - self._rule.window), high - NEAR)
        for block in range(low // BLOCK, -(-high // BLOCK)):
            if block not in self._known:
                self._look_up(block)
        return low, high

    def _look_up(self, block: int) -> None:
        start = block * BLOCK
        ids = self._series.ids[start : start + BLOCK]
        with self._reader.snapshot() as connection:
            rows = connection.execute(
                "SELECT ifnull(m.author_id, -m.id), ifnull(m.story_id, -m.id) FROM json_each(?) AS j "
                "JOIN mentions AS m ON m.id = j.value ORDER BY j.key",
                (json.dumps(list(ids)),),
            ).fetchall()
        self._authors[start : start + len(rows)] = array("q", (author for author, _ in rows))
        self._stories[start : start + len(rows)] = array("q", (story for _, story in rows))
        self._known.add(block)


def _while(wanted: Callable[[], bool], moments: Iterator[int]) -> Iterator[int]:
    for now in moments:
        if not wanted():
            raise BrokenOff
        yield now


def _moments(rule: Rule, series: _Series, lives: Sequence[_Life], since: float, until: float) -> Iterator[int]:
    """The minutes at which something may change: those that bring a mention, and all while an alert is open."""
    ends = _minutes(series, rule, since, until)
    place, now = 0, int(since) // MINUTE * MINUTE
    if rule.when == "silence":
        yield from range(now, int(until) + 1, 10 * MINUTE)
        return
    while True:
        if any(life.alert is not None for life in lives):
            now += MINUTE
            while place < len(ends) and ends[place] <= now:
                place += 1
        elif place < len(ends):
            now = ends[place]
            place += 1
        else:
            return
        if now > until:
            return
        yield now


def _minutes(series: _Series, rule: Rule, since: float, until: float) -> list[int]:
    """The ends of the minutes in which a mention came; what leaves lets nothing begin."""
    first = bisect_left(series.times, int(since))
    found = {-(-moment // MINUTE) * MINUTE for moment in series.times[first:]}
    if rule.when == "share":
        found |= {-(-moment // MINUTE) * MINUTE for moment in series.all_times if moment >= since}
        found |= {moment + int(rule.window) for moment in found}
    return sorted(moment for moment in found if since <= moment <= until)


def _bars(times: Sequence[int], since: float, until: float) -> list[int]:
    bars = [0] * BARS
    width = max(1.0, (until - since) / BARS)
    for moment in times:
        if since <= moment <= until:
            bars[min(BARS - 1, int((moment - since) / width))] += 1
    return bars
