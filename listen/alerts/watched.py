"""One rule at work: what it has counted so far, by instance."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from listen.alerts import facts
from listen.alerts.cycle import Reading
from listen.alerts.evaluate import Seen, reading
from listen.alerts.facts import Fact, Labels
from listen.alerts.past import Past
from listen.alerts.rules import INSTANCES, Rule
from listen.alerts.windows import Arrival, Window
from listen.insight.expected import Baseline, Expectation
from listen.insight.hearing import sources_of
from listen.model import id_time
from listen.query import parse
from listen.query.book import Book, resolved

HOUR = 3_600

Heard = Callable[[float, float, frozenset[str]], float]
"""The share of a time that was heard in some sources."""

HeardHours = Callable[[frozenset[str]], Mapping[int, float]]


class Watched:
    """A rule with its windows. Raises QueryError for a query that cannot be read."""

    def __init__(self, rule: Rule, book: Book, since: int = 0) -> None:
        self.rule, self.since = rule, since
        """What arrived up to this place is its past."""
        self.node = resolved(parse(rule.query), book)
        self.of = resolved(parse(rule.of), book) if rule.when == "share" else None
        self.asked_for = facts.asked_for(rule, book)
        self.desks = frozenset(book.desks.items()) if "desk" in rule.per else frozenset()
        """What its instances hang on beside what it asks."""
        self.sources = sources_of(self.node)
        self.windows: dict[Labels, Window] = {}
        self.all: dict[Labels, Window] = {}
        self.series: dict[Labels, dict[int, int]] = {}
        self.ready = False
        """Its past is known."""
        self.crowded = 0
        """Mentions that belong to instances beyond INSTANCES, since there were so many."""
        self._baselines: dict[Labels, Baseline] = {}

    def asks_as(self, other: Watched) -> bool:
        """Whether another one would count the same, so that what this one knows is good for it."""
        return self.rule.asked == other.rule.asked and (self.node, self.of, self.desks) == (
            other.node,
            other.of,
            other.desks,
        )

    def take(self, fact: Fact, arrival: Arrival, *, counts: bool = True, waited: bool = False) -> list[Labels]:
        """A mention has arrived that the rule finds; with `counts` False only what it is a share of.

        What `waited` for us while we were deaf is no news of now: it counts when it was said, unless each is wanted.
        """
        if waited and self.rule.when != "match":
            said = id_time(fact.id)
            if said <= fact.at - self.rule.window:
                return self._take_late(fact, said, counts)
        touched = facts.labels(self.rule, fact, self.asked_for)
        for found in touched:
            if self.of is not None:
                self._window(self.all, found).add(arrival)
            if counts and self._window(self.windows, found).add(arrival):
                hours = self.series.setdefault(found, {})
                hours[fact.at // HOUR] = hours.get(fact.at // HOUR, 0) + 1
        return touched

    def _take_late(self, fact: Fact, said: int, counts: bool) -> list[Labels]:
        for found in facts.labels(self.rule, fact, self.asked_for) if counts else ():
            hours = self.series.setdefault(found, {})
            hours[said // HOUR] = hours.get(said // HOUR, 0) + 1
        return []

    def _window(self, where: dict[Labels, Window], found: Labels) -> Window:
        window = where.get(found)
        if window is None:
            window = Window(self.rule.window)
            if len(where) < INSTANCES:
                where[found] = window
            else:
                self.crowded += 1
        return window

    def learn(self, past: Past, of: Past | None) -> None:
        """Its past has been read."""
        for found, hours in past.hours.items():
            series = self.series.setdefault(found, {})
            for hour, n in hours.items():
                series[hour] = series.get(hour, 0) + n
        for found, arrivals in past.arrivals.items():
            self._window(self.windows, found).before(arrivals)
        for found, arrivals in (of.arrivals if of is not None else {}).items():
            self._window(self.all, found).before(arrivals)
        self._baselines.clear()
        self.ready = True

    def leave_out(self, mention_id: int) -> bool:
        """A mention counts no more; whether it did."""
        found = False
        for labels, window in self.windows.items():
            if (gone := window.remove(mention_id)) is not None:
                found = True
                hours = self.series.get(labels, {})
                hour = gone.at // HOUR
                hours[hour] = max(0, hours.get(hour, 0) - 1)
                if labels in self._baselines:
                    self._baselines[labels].take_back(hour)
        for window in self.all.values():
            found = window.remove(mention_id) is not None or found
        return found

    def retell(self, mention_id: int, story: int) -> None:
        """A mention has become part of a story."""
        for window in (*self.windows.values(), *self.all.values()):
            window.retell(mention_id, story)

    @property
    def named(self) -> frozenset[str]:
        """The folded names of the topics that it asks for."""
        return self.asked_for["topic"]

    # --- readings ----------------------------------------------------------------------------------------------------

    def readings(self, which: Iterable[Labels], heard: Heard, hours: HeardHours, now: float) -> list[Reading]:
        """What the condition says of these instances; those of which nothing is left are let go of."""
        chosen = list(which)
        told = [self._reading(found, heard, hours, now) for found in chosen]
        for found in chosen:
            for where in (self.windows, self.all):
                if found in where and not where[found].n:
                    del where[found]
        if max(len(self.windows), len(self.all)) < INSTANCES:
            self.crowded = 0
        return told

    def is_quiet(self, found: Labels) -> bool:
        """Whether so little was counted of an instance that its condition cannot begin to hold."""
        window, rule = self.windows.get(found), self.rule
        n = window.n if window is not None else 0
        match rule.when:
            case "count" | "growth":
                return n < rule.at_least
            case "spike":
                return n < rule.mentions
            case "share":
                return found not in self.all or self.all[found].n < rule.mentions
            case "silence":
                return n > rule.at_most
        return not n

    def instances(self) -> set[Labels]:
        """All of which something is known."""
        always: set[Labels] = {()} if not self.rule.per and self.rule.when != "growth" else set()
        known = set(self.series) if self.rule.when == "silence" else set()
        return always | known | set(self.windows) | set(self.all)

    def _reading(self, found: Labels, heard: Heard, hours: HeardHours, now: float) -> Reading:
        window, all_of_it = self.windows.get(found), self.all.get(found)
        for one in (window, all_of_it):
            if one is not None:
                one.pass_on(now)
        rule = self.rule
        share = heard(now - rule.window, now, self.sources) if rule.coverage else 1.0
        loud = rule.when == "spike" and window is not None and window.n >= rule.mentions
        usual = self._expected(found, hours, now) if loud else None
        seen = Seen(
            n=window.n if window else 0,
            authors=window.authors if window else 0,
            stories=window.stories if window else 0,
            of=all_of_it.n if all_of_it else 0,
            mark=window.latest if window else 0,
            heard=share,
            usual=usual,
        )
        return reading(rule, facts.spelled(found), dict(found), seen, now)

    def _expected(self, found: Labels, hours: HeardHours, now: float) -> Expectation | None:
        """What the window should have: each hour teaches once, when it is over."""
        series, current = self.series.get(found, {}), int(now) // HOUR
        baseline = self._baselines.get(found)
        if baseline is None:
            baseline = self._baselines[found] = Baseline(min(series, default=current))
        if baseline.next < current:
            heard = hours(self.sources)
            baseline.teach((series.get(hour, 0), heard.get(hour, 0.0)) for hour in range(baseline.next, current))
        return baseline.expect(now - self.rule.window, now)
