"""The life of one instance of a rule, minute by minute over what is known of the past, at several thresholds at once.

Of a hundred thousand minutes few may change anything: the others are passed over by bounds, which never decide where
they are not sure.
"""

from __future__ import annotations

import json
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from listen.alerts import cycle, evaluate, facts
from listen.alerts.cycle import Reading
from listen.alerts.evaluate import Seen, reading
from listen.alerts.history import HOUR, Heard, Series
from listen.alerts.rules import Rule
from listen.insight.expected import SENSITIVITY, Baseline, Expectation, is_surprising
from listen.model import first_id, id_time
from listen.store.alerts import FIRING, RESOLVED, Alert
from listen.store.read import Reader

MINUTE = 60

NEAR = 5_000
"""Mentions of one window whose authors and stories are looked up."""

FEW = 8
"""Mentions whose authors and stories are looked at first; then eight times as many, and so on."""

FACTORS = (0.5, 0.75, 1.0, 1.5, 2.0)
"""By what the threshold is multiplied, to show what it would do."""

FAR = 1 << 62
"""More than anybody counts."""

SLACK = 1e-6
"""How much surer than sure a bound is, of one: what rounding may make of a chance is a hundredth of it."""


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


@dataclass(slots=True)
class Life:
    """What one threshold makes of one instance."""

    factor: float
    rule: Rule
    alert: Alert | None = None
    cool: float = 0.0
    peak: float = 0.0
    held: int = 0
    """When it was seen to hold last while it fires; 0: as the alert says."""
    firings: list[Firing] = field(default_factory=list)


def live(
    reader: Reader, rule: Rule, series: Series, heard: Heard | None, since: float, until: float
) -> Iterator[tuple[int, Sequence[Life]]]:
    """Live through a time: (each moment at which something may change, what each of FACTORS has made of it so far)."""
    lives = [Life(factor, _scaled(rule, factor)) for factor in FACTORS]
    counted = _Counted(reader, rule, series, heard, since)
    instance, labels = facts.spelled(series.labels), dict(series.labels)
    for now in _moments(counted, lives, since, until):
        yield now, lives
        counted.look(now)
        settled = False
        for life in lives:
            if settled and life.alert is None:
                continue
            holds, value = (False, 0.0) if settled else counted.holds(life)
            settled = holds is False and rule.when != "silence"  # whose thresholds are the higher the sooner reached
            if life.alert is not None:
                _go_on(life, holds, value, counted)
            elif holds and now >= life.cool:
                _step(life, counted.reading(life, instance, labels, fires=not rule.for_), now)
    for life in lives:
        if life.alert is not None and life.alert.state == FIRING:
            life.firings.append(_firing(life, life.alert, None))
    yield int(until), lives


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


# --- when ------------------------------------------------------------------------------------------------------------


def _moments(counted: _Counted, lives: Sequence[Life], since: float, until: float) -> Iterator[int]:
    """The minutes at which something may change: those that bring a mention, and all while an alert is open."""
    now = int(since) // MINUTE * MINUTE
    if counted.rule.when == "silence":
        yield from range(now, int(until) + 1, 10 * MINUTE)
        return
    now = int(since) - 1
    while True:
        if any(life.alert is not None for life in lives):
            now += MINUTE
        else:
            now = counted.next(now, until)
        if now > until:
            return
        if now >= since:
            yield now


# --- states ----------------------------------------------------------------------------------------------------------


def _go_on(life: Life, holds: bool | None, value: float, counted: _Counted) -> None:
    """An alert is open: what a reading without words does to it. Most of them do nothing."""
    alert, now = life.alert, counted.now
    assert alert is not None
    if alert.state == FIRING:
        if holds is not False:
            life.held = now
            life.peak = max(life.peak, value) if holds else life.peak
            return
        if now - (life.held or alert.held_at) < life.rule.resolve_after:
            return
    elif holds is None or (holds and now - alert.began_at < life.rule.for_):
        return
    if life.held:
        life.alert, life.held = replace(alert, held_at=life.held), 0
    if holds:
        _step(life, counted.reading(life, alert.instance, alert.labels, fires=True), now)
    else:
        _step(life, Reading(alert.instance, alert.labels, holds, value), now)


def _step(life: Life, one: Reading, now: int) -> None:
    after, what = cycle.step(life.alert, one, life.rule, now, life.cool)
    life.alert = after
    if what == FIRING:
        life.peak, life.held = one.value, 0
    elif what == RESOLVED and after is not None:
        life.firings.append(_firing(life, after, after.resolved_at))
        life.alert, life.cool = None, now + life.rule.cooldown


def _firing(life: Life, one: Alert, over: int | None) -> Firing:
    text = str(one.evidence.get("text", ""))
    return Firing(one.instance, one.began_at, one.fired_at or one.began_at, over, round(life.peak, 3), text)


# --- what was counted ------------------------------------------------------------------------------------------------


class _Counted:
    """What was counted of one instance at a minute, asked in order of time."""

    def __init__(self, reader: Reader, rule: Rule, series: Series, heard: Heard | None, since: float) -> None:
        self.rule, self.now = rule, 0
        self._series, self._heard = series, heard
        self._known = _Known(reader, series)
        self._usual = _Usual(rule, series, heard) if rule.when == "spike" and heard is not None else None
        self._changes = _changes(rule, series, since) if rule.when == "share" else None
        self._low = self._high = self._of = 0
        self._share = 1.0
        self._reaches: bool | None = None

    def next(self, now: int, until: float) -> int:
        """The end of the next minute that may let something begin; one beyond `until` when there is none."""
        ids = self._series.ids
        while now <= until:
            if self._changes is not None:
                at = bisect_right(self._changes, now)
                return self._changes[at] if at < len(self._changes) else int(until) + 1
            at = bisect_left(ids, first_id(now + 1))
            if at == len(ids):
                break
            now = -(-id_time(ids[at]) // MINUTE) * MINUTE
            if self._usual is None or self._usual.may_surprise(now // HOUR):
                return now
            now = (now // HOUR + 1) * HOUR - MINUTE
        return int(until) + 1

    def look(self, now: int) -> None:
        """Count up to that minute."""
        series, window = self._series, self.rule.window
        self.now, self._reaches = now, None
        self._low, self._high = series.until(now - window), series.until(now)
        self._of = series.of(now) - series.of(now - window)
        self._share = self._heard.share(now - window, now) if self._heard and self.rule.coverage else 1.0

    def holds(self, life: Life) -> tuple[bool | None, float]:
        """(whether the condition holds, what it is about); authors and stories are asked where all else holds."""
        rule, n = life.rule, self._high - self._low
        if self._usual is not None:
            n_told = int(n / life.factor)
            if self._share < rule.coverage:
                return None, n_told
            if n_told < rule.mentions or n < rule.authors or n < rule.stories:
                return False, n_told
            holds, value = self._usual.is_surprising(n_told, self.now), float(n_told)
        else:
            holds = evaluate.holds(rule, Seen(n, n, n, self._of, 0, self._share))
            value = n / self._of if rule.when == "share" and self._of else float(n)
        if holds and (rule.authors > 1 or rule.stories > 1):
            if self._reaches is None:
                self._reaches = self._known.reach(rule.authors, rule.stories, self._low, self._high)
            return self._reaches, value
        return holds, value

    def reading(self, life: Life, instance: str, labels: Mapping[str, str], *, fires: bool) -> Reading:
        """What it says where it holds; with all words where they will be told."""
        _, value = self.holds(life)
        if life.factor != 1.0 or not fires:
            return Reading(instance, labels, True, value)
        authors, stories = self._known.distinct(self._low, self._high)
        usual = self._usual.at(self.now) if self._usual is not None else None
        seen = Seen(self._high - self._low, authors, stories, self._of, 0, self._share, usual)
        return reading(life.rule, instance, labels, seen, self.now)


def _changes(rule: Rule, series: Series, since: float) -> list[int]:
    """The minutes in which a share may rise: something comes, or something leaves that it is a share of."""
    first = first_id(since)
    found = {-(-id_time(one) // MINUTE) * MINUTE for some in (series.ids, series.all) for one in some if one >= first}
    found |= {moment + int(rule.window) for moment in found}
    return sorted(found)


class _Known:
    """Authors and stories of mentions, looked up where they are asked for."""

    def __init__(self, reader: Reader, series: Series) -> None:
        self._reader, self._ids = reader, series.ids
        self._told: dict[int, tuple[int, int]] = {}
        """Place in the series -> (author, story)."""
        self._enough = -1
        """A place: what follows it has authors and stories enough, up to one that was looked at since."""

    def reach(self, authors: int, stories: int, low: int, high: int) -> bool:
        """Whether the newest NEAR of some mentions have so many of both: of most windows the last few tell."""
        low = max(low, high - NEAR)
        if self._enough >= low:
            return True
        few = FEW
        while True:
            start = max(low, high - few)
            if self._has(authors, stories, start, high):
                self._enough = start
                return True
            if start == low:
                return False
            few *= 8

    def _has(self, authors: int, stories: int, low: int, high: int) -> bool:
        found = self._look_up(low, high)
        return len({author for author, _ in found}) >= authors and len({story for _, story in found}) >= stories

    def distinct(self, low: int, high: int) -> tuple[int, int]:
        """(authors, stories) of the newest NEAR of some mentions."""
        found = self._look_up(max(low, high - NEAR), high)
        return len({author for author, _ in found}), len({story for _, story in found})

    def _look_up(self, low: int, high: int) -> list[tuple[int, int]]:
        if len(self._told) > 4 * NEAR:
            self._told = {place: one for place, one in self._told.items() if place >= low}
        unknown = [place for place in range(low, high) if place not in self._told]
        if unknown:
            with self._reader.snapshot() as connection:
                rows = connection.execute(
                    "SELECT ifnull(m.author_id, -m.id), ifnull(m.story_id, -m.id) FROM json_each(?) AS j "
                    "LEFT JOIN mentions AS m ON m.id = j.value ORDER BY j.key",
                    (json.dumps([self._ids[place] for place in unknown]),),
                ).fetchall()
            self._told.update(zip(unknown, rows, strict=True))
        return [self._told[place] for place in range(low, high)]


class _Usual:
    """What was expected of one instance, and from how many mentions on there were too many."""

    def __init__(self, rule: Rule, series: Series, heard: Heard) -> None:
        self._rule, self._series, self._heard = rule, series, heard
        self._baseline = Baseline(id_time(series.ids[0]) // HOUR if series.ids else 0)
        self._chance = SENSITIVITY[rule.sensitivity]
        self._asked, self._may = -1, False
        self._hour = -1
        self._least: Expectation | None = None
        self._most: Expectation | None = None
        """What is expected in that hour when least and when most is; None: at some time nobody knows."""
        self._few, self._many = 0, FAR
        """So many are no surprise in any minute of it; so many are one in every minute."""

    def at(self, now: int) -> Expectation | None:
        """What the window that ends then should bring."""
        self._teach(now // HOUR)
        return self._baseline.expect(now - self._rule.window, now)

    def may_surprise(self, hour: int) -> bool:
        """Whether any threshold may be passed in an hour."""
        if hour != self._asked:
            self._asked, self._may = hour, self._may_surprise(hour)
        return self._may

    def _may_surprise(self, hour: int) -> bool:
        n = int(self._loudest(hour) / FACTORS[0])
        if n < self._rule.mentions:
            return False
        self._turn_to(hour)
        return self._least is None or is_surprising(n, self._least, self._chance * (1 + SLACK))

    def _loudest(self, hour: int) -> int:
        """The most mentions that a window has which ends in that hour."""
        series, ids = self._series, self._series.ids
        start, last = hour * HOUR, (hour + 1) * HOUR - MINUTE
        low, high = series.until(start - self._rule.window), series.until(last)
        if int((high - low) / FACTORS[0]) < self._rule.mentions:
            return high - low  # which is too many, and yet too few
        most, now = 0, start
        place = series.until(start)
        while True:
            most = max(most, place - series.until(now - self._rule.window))
            if place == high:
                return most
            now = -(-id_time(ids[place]) // MINUTE) * MINUTE
            place = series.until(now)

    def is_surprising(self, n: int, now: int) -> bool | None:
        """Whether so many were too many in the window that ends then; None: nobody could know."""
        self._turn_to(now // HOUR)
        if n <= self._few:
            return False
        if n >= self._many:
            return True
        if self._least is not None and self._most is not None:
            # More expected is less surprise: what is none at the least of an hour is none in all of it.
            if not is_surprising(n, self._least, self._chance * (1 + SLACK)):
                self._few = n
                return False
            if is_surprising(n, self._most, self._chance * (1 - SLACK)):
                self._many = n
                return True
        usual = self.at(now)
        return None if usual is None else is_surprising(n, usual, self._chance)

    def _turn_to(self, hour: int) -> None:
        if hour != self._hour:
            around = self._around(hour)
            known = [one for one in around if one is not None]
            self._least, self._most = (min(known), max(known)) if len(known) == len(around) else (None, None)
            self._hour, self._few, self._many = hour, -1, FAR

    def _around(self, hour: int) -> list[Expectation | None]:
        """What is expected at the first and the last minute of an hour, and where it bends in between."""
        self._teach(hour)
        start, window = hour * HOUR, self._rule.window
        bend = ((start - window) // HOUR + 1) * HOUR + window
        ends = (start, min(bend, start + HOUR - MINUTE), start + HOUR - MINUTE)
        return [self._baseline.expect(end - window, end) for end in ends]

    def _teach(self, hour: int) -> None:
        baseline, until = self._baseline, self._series.until
        if baseline.next >= hour:
            return
        before = until(baseline.next * HOUR - 1)
        while baseline.next < hour:
            heard, after = self._heard.hour(baseline.next), until((baseline.next + 1) * HOUR - 1)
            baseline.push(after - before, heard)
            before = after
