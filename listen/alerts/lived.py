"""The life of one instance of a rule, minute by minute over what is known of the past, at several thresholds at once.

Most hours change nothing, which their loudest minute tells. Of the others only those minutes are asked that may.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from listen.alerts import cycle, evaluate, facts
from listen.alerts.cycle import Reading
from listen.alerts.evaluate import Seen, reading
from listen.alerts.history import HOUR, Heard, Series
from listen.alerts.minutes import MINUTE, Hour, hours, minute
from listen.alerts.rules import Rule
from listen.alerts.usual import Usual
from listen.alerts.voices import Voices
from listen.store.alerts import FIRING, PENDING, RESOLVED, Alert
from listen.store.read import Reader

FACTORS = (0.5, 0.75, 1.0, 1.5, 2.0)
"""By what the threshold is multiplied, to show what it would do."""

MOST_PAIRS = 100_000
"""Answers of one threshold that are remembered."""


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
    """Of the threshold as it is."""
    held: int = 0
    """When it was seen to hold last while it fires; 0: as the alert says."""
    firings: list[Firing] = field(default_factory=list)
    answers: dict[tuple[int, int], bool | None] = field(default_factory=dict)
    """What it says of so many, of so many, where nothing else matters."""


def live(
    reader: Reader, rule: Rule, series: Series, heard: Heard | None, since: float, until: float
) -> Iterator[tuple[int, Sequence[Life]]]:
    """Live through a time, an hour at a time: (when it begins, what each of FACTORS has made of the time before)."""
    lives = [Life(factor, _scaled(rule, factor)) for factor in FACTORS]
    counted = _Counted(reader, rule, series, heard)
    least = _least(lives[0])

    def idle() -> bool:
        return all(life.alert is None for life in lives)

    for hour in hours(series, rule.window, since, until, least, idle, share=rule.when == "share"):
        yield hour.first, lives
        counted.turn_to(hour)
        for life in lives:
            never = counted.never(life)
            if not never:
                _live_through(life, hour.first, hour.last, counted)
            elif life.alert is not None:
                _live_without(life, hour.first, hour.last, counted)
            if never and all(one.alert is None for one in lives) and rule.when != "silence":
                break  # what does not hold at all holds the less the higher the threshold is
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


def _least(lowest: Life) -> int:
    """The fewest mentions of a window of which a condition may hold at any threshold."""
    match lowest.rule.when:
        case "silence":
            return 0
        case "count" | "growth":
            return lowest.rule.at_least
        case "spike":
            return max(1, math.floor(lowest.rule.mentions * lowest.factor))
    return 1


# --- states ----------------------------------------------------------------------------------------------------------


def _live_through(life: Life, first: int, last: int, counted: _Counted) -> None:
    """Some minutes of an hour, of which those are asked that may change an alert."""
    now = first
    while now <= last:
        if life.alert is None:
            now = _begins(life, max(now, minute(life.cool)), last, counted)
        elif life.alert.state == PENDING:
            now = _waits(life, now, last, counted)
        else:
            now = _fires_on(life, now, last, counted)


def _live_without(life: Life, first: int, last: int, counted: _Counted) -> None:
    """Minutes of an hour in none of which the condition holds, while an alert is open."""
    if life.alert is not None and life.alert.state == FIRING:
        first = max(first, _due(life))
    if first <= last:
        _step(life, counted.nothing, first)


def _begins(life: Life, now: int, last: int, counted: _Counted) -> int:
    """Nothing is open till something holds; the minute to go on with."""
    while now <= last:
        if counted.holds(life, now):
            _step(life, counted.reading(life, now, fires=not life.rule.for_), now)
            return now if life.rule.for_ == 0 else now + MINUTE
        now += MINUTE
    return now


def _waits(life: Life, now: int, last: int, counted: _Counted) -> int:
    """Something is pending till it has held for long enough, or does not; the minute to go on with."""
    assert life.alert is not None
    due = life.alert.began_at + life.rule.for_
    while now <= last:
        holds = counted.holds(life, now)
        if holds is False or (holds and now >= due):
            _step(life, counted.reading(life, now, fires=True) if holds else counted.nothing, now)
            return now if holds else now + MINUTE
        now += MINUTE
    return now


def _fires_on(life: Life, now: int, last: int, counted: _Counted) -> int:
    """Something fires: the last minute that keeps it so, of those before it would be over; the minute to go on with."""
    due = max(now, _due(life))
    end = held = min(last, due)
    while held >= now and counted.holds(life, held) is False:
        held -= MINUTE
    if held < now:
        if end == due:
            _step(life, counted.nothing, end)
        return end + MINUTE
    if life.factor == 1.0:
        life.peak = counted.most(life, now, held, life.peak)
    life.held = held
    return held + MINUTE


def _due(life: Life) -> int:
    """When what fires is over, if it goes on not to hold."""
    assert life.alert is not None
    return minute((life.held or life.alert.held_at) + life.rule.resolve_after)


def _step(life: Life, one: Reading, now: int) -> None:
    if life.held and life.alert is not None:
        life.alert, life.held = replace(life.alert, held_at=life.held), 0
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
    """What was counted of one instance, asked in order of time, hour by hour."""

    def __init__(self, reader: Reader, rule: Rule, series: Series, heard: Heard | None) -> None:
        self.rule = rule
        self.instance, self.labels = facts.spelled(series.labels), dict(series.labels)
        self._heard = heard if rule.coverage else None
        self._voices = Voices(reader, rule, series)
        self._usual = Usual(rule, series, heard) if rule.when == "spike" and heard is not None else None
        self._hour = Hour(0, [], [], [], [])
        self.nothing = Reading(self.instance, self.labels, False)
        self._low = self._high = 0
        self._shares: list[float] = []
        """How much was heard of each window; empty: enough of all, or of none."""
        self._deaf = False
        """Too little was heard of all of them."""

    def turn_to(self, hour: Hour) -> None:
        """The hour that is asked of from now on."""
        self._hour, self._shares = hour, []
        self._low, self._high = min(hour.counts), max(hour.counts)
        self._deaf = False
        if self._heard is not None:
            least, most = self._heard.between(hour.first - self.rule.window, hour.last)
            self._deaf = most < self.rule.coverage
            if least < self.rule.coverage <= most:
                self._shares = [self._share(now) for now in range(hour.first, hour.last + 1, MINUTE)]
        if self._usual is not None and self._high >= FACTORS[0] * self.rule.mentions:
            self._usual.turn_to(hour.first // HOUR)

    def never(self, life: Life) -> bool:
        """Whether it is sure that the condition does not hold in any minute of the hour."""
        if self._deaf or self._shares or self._hour.of:
            return False
        return self._surely(life, self._low if self.rule.when == "silence" else self._high) is False

    def holds(self, life: Life, now: int) -> bool | None:
        """What the condition says at a minute."""
        at = self._place(now)
        if self._deaf or (self._shares and self._shares[at] < self.rule.coverage):
            return None
        n = self._hour.counts[at]
        holds = self._surely(life, n, self._hour.of[at] if self._hour.of else 0)
        if holds is None and self._usual is not None:
            holds = self._usual.is_surprising(int(n / life.factor), now)
        if holds and self._voices.wanted:
            return self._voices.reach(self._hour.lows[at], self._hour.highs[at])
        return holds

    def _surely(self, life: Life, n: int, of: int = 0) -> bool | None:
        """What it says of so many, whenever in the hour and whoever said them; None: that is not sure."""
        if self._usual is None:
            return self._said(life, n, of)
        told, rule = int(n / life.factor), life.rule
        if told < rule.mentions or n < rule.authors or n < rule.stories:
            return False
        return self._usual.surely(told)

    def _said(self, life: Life, n: int, of: int) -> bool | None:
        """What it says of so many, of so many, which hangs on nothing else."""
        answers = life.answers
        if (n, of) not in answers:
            if len(answers) >= MOST_PAIRS:
                answers.clear()
            answers[n, of] = evaluate.holds(life.rule, Seen(n, n, n, of, 0, 1.0))
        return answers[n, of]

    def _share(self, now: int) -> float:
        """How much was heard of the window that ends then."""
        return self._heard.share(now - self.rule.window, now) if self._heard is not None else 1.0

    def most(self, life: Life, first: int, last: int, least: float) -> float:
        """The most that it was about in those of some minutes in which it held, or `least`."""
        for now in range(first, last + 1, MINUTE):
            value = self._value(life, self._place(now))
            if value > least and self.holds(life, now):
                least = value
        return least

    def _place(self, now: int) -> int:
        return (now - self._hour.first) // MINUTE

    def _value(self, life: Life, at: int) -> float:
        n = self._hour.counts[at]
        if self._hour.of:
            return n / self._hour.of[at] if self._hour.of[at] else float(n)
        return float(int(n / life.factor)) if self._usual is not None else float(n)

    def reading(self, life: Life, now: int, *, fires: bool) -> Reading:
        """What it says where it holds; with all words where they will be told."""
        at = self._place(now)
        if life.factor != 1.0 or not fires:
            return Reading(self.instance, self.labels, True, self._value(life, at))
        low, high = self._hour.lows[at], self._hour.highs[at]
        authors, stories = self._voices.distinct(low, high)
        usual = self._usual.at(now) if self._usual is not None else None
        of = self._hour.of[at] if self._hour.of else 0
        seen = Seen(high - low, authors, stories, of, 0, self._share(now), usual)
        return reading(life.rule, self.instance, self.labels, seen, now)
