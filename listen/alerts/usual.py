"""What was usual for one instance of a spike, hour by hour, and which counts were too many."""

from __future__ import annotations

from listen.alerts.history import HOUR, Heard, Series
from listen.alerts.minutes import MINUTE
from listen.alerts.rules import Rule
from listen.insight.expected import SENSITIVITY, Baseline, Expectation, is_surprising
from listen.model import id_time

FAR = 1 << 62
"""More than anybody counts."""

SLACK = 1e-6
"""How much surer than sure a bound is, of one: what rounding may make of a chance is a hundredth of it."""


class Usual:
    """Asked in order of time, hour by hour. Where it is not sure for all of one it is asked by the minute."""

    def __init__(self, rule: Rule, series: Series, heard: Heard) -> None:
        self._rule, self._series, self._heard = rule, series, heard
        self._baseline = Baseline(id_time(series.ids[0]) // HOUR if series.ids else 0)
        self._chance = SENSITIVITY[rule.sensitivity]
        self._least: Expectation | None = None
        self._most: Expectation | None = None
        """What is expected in the hour when least and when most is; None: at some time nobody knows."""
        self._few, self._many = 0, FAR
        """So many are no surprise in any minute of it; so many are one in every minute."""
        self._unsure: set[int] = set()
        """So many are one in some minutes of it."""
        self.unknown = False
        """Nobody knows what to expect, in all of the hour."""

    def turn_to(self, hour: int) -> None:
        """The hour that is asked of from now on, Unix seconds // 3600."""
        around = self._around(hour)
        known = [one for one in around if one is not None]
        self._least, self._most = (min(known), max(known)) if len(known) == len(around) else (None, None)
        self._few, self._many, self.unknown = -1, FAR, not known
        self._unsure.clear()

    def surely(self, n: int) -> bool | None:
        """Whether so many are a surprise in every minute of the hour (True) or in none (False)."""
        if n <= self._few:
            return False
        if n >= self._many:
            return True
        if n not in self._unsure and self._least is not None and self._most is not None:
            # More expected is less surprise: what is none at the least of an hour is none in all of it.
            if not is_surprising(n, self._least, self._chance * (1 + SLACK)):
                self._few = n
                return False
            if is_surprising(n, self._most, self._chance * (1 - SLACK)):
                self._many = n
                return True
            self._unsure.add(n)
        return None

    def is_surprising(self, n: int, now: int) -> bool | None:
        """Whether so many are too many in the window that ends at a minute of the hour; None: nobody could know."""
        usual = None if self.unknown else self.at(now)
        return None if usual is None else is_surprising(n, usual, self._chance)

    def at(self, now: int) -> Expectation | None:
        """What the window that ends then should bring."""
        return self._baseline.expect(now - self._rule.window, now)

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
