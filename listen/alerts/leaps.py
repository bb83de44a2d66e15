"""What rules would have told while nobody looked: the clock leapt, the machine slept, the disk stalled.

What arrives late is looked at as the replay does, minute by minute at the time it was said, in a thread beside the
collector, and what fired then is written down with the times of then. Silence, sources and desks are not looked back
on: what nobody heard says nothing.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from listen.alerts import past
from listen.alerts.evidence import Explainer
from listen.alerts.history import WEEK, WEEKS, Heard, Series, read
from listen.alerts.lived import Firing, live
from listen.alerts.replay import BrokenOff
from listen.alerts.rules import INSTANCES, Rule
from listen.model import first_id
from listen.store import alerts
from listen.store.alerts import FIRING, PENDING, RESOLVED, Alert
from listen.store.read import Reader
from listen.store.sqlite import Connection

KINDS = ("count", "share", "spike", "growth")
"""Conditions that are looked back on. A `match` tells each mention whenever it arrives."""

LEAP = 600.0
"""Seconds between two looks, or between an arrival and its look, from which on there is something to look back on."""

FARTHEST = 7 * 86_400.0
"""Seconds that are looked back on at most."""

MOST = 20
"""Alerts that one look back writes down, the newest."""

PATIENCE = 120.0
"""Seconds between two looks back on one rule: after a sleep one source after the other tells what it had."""


@dataclass(slots=True)
class _Mark:
    since: float
    left: int = 2
    """Looks that are wanted: one at once, and one when the other sources have spoken, too."""


class Leaps:
    """Rules that are to be looked at again."""

    def __init__(self) -> None:
        self._marks: dict[str, _Mark] = {}
        self._next: dict[str, float] = {}
        self._spared: dict[tuple[str, str], float] = {}
        """(rule, instance) that fired when the clock leapt -> until when nothing that is not heard ends it."""

    def spare(self, key: tuple[str, str], now: float) -> None:
        """It fired when the clock leapt: it is not over before the sources had time to tell what was said."""
        self._spared.setdefault(key, now + 2 * PATIENCE)

    def spares(self, key: tuple[str, str], now: float) -> bool:
        """Whether nobody knows yet if it is over."""
        return now < self._spared.get(key, 0.0)

    def holds(self, key: tuple[str, str]) -> None:
        """It was seen to hold since."""
        self._spared.pop(key, None)

    def spared(self, rule: str, now: float) -> set[str]:
        """The instances of a rule of which nobody knows yet if they are over."""
        return {instance for name, instance in self._spared if name == rule and self.spares((name, instance), now)}

    def mark(self, name: str, since: float, now: float) -> None:
        """Something may have been missed since then."""
        known = self._marks.get(name)
        since = max(now - FARTHEST, min(since, known.since if known else since))
        self._marks[name] = _Mark(since)

    def take(self, now: float) -> tuple[str, float] | None:
        """A rule whose turn it is, and since when."""
        for name, mark in list(self._marks.items()):
            if now >= self._next.get(name, 0.0):
                mark.left -= 1
                self._next[name] = now + PATIENCE
                if not mark.left:
                    self._marks.pop(name, None)
                return name, mark.since
        return None


def looked_back(
    reader: Reader, rule: Rule, since: float, until: float, pace: float, wanted: Callable[[], bool]
) -> list[Alert]:
    """What a rule would have fired between two moments, oldest first; BrokenOff once it is not `wanted`.

    `pace`: seconds of the clock that pass in a real one. Raises QueryError, StoreError.
    """

    def heed(share: float) -> None:
        if not wanted():
            raise BrokenOff

    since -= rule.window
    start = since - (WEEKS * WEEK if rule.when == "spike" else rule.window)
    heard = Heard(reader, rule, since, until, pace) if rule.coverage or rule.when == "spike" else None
    hushed, explainer = past.recent(reader, since).quiet, Explainer()
    found: list[Alert] = []
    for series in read(reader, rule, start, until, heed):
        _leave_out(series, hushed, first_id(since))
        for _, lives in live(reader, rule, series, heard, since, until):
            heed(0.0)
            firings = [one for life in lives if life.factor == 1.0 for one in life.firings]
        found += [_alert(reader, explainer, rule, series, one, until) for one in firings[-MOST:]]
    return sorted(found, key=lambda one: one.fired_at or 0)[-MOST:]


def _leave_out(series: Series, hushed: Iterable[int], first: int) -> None:
    """What a back-fill brought of that time raises no alert; of earlier times it tells what is usual."""
    gone = {one for one in hushed if one >= first}
    if gone:
        series.ids = array("q", (one for one in series.ids if one not in gone))
        series.all = array("q", (one for one in series.all if one not in gone))


def _alert(reader: Reader, explainer: Explainer, rule: Rule, series: Series, one: Firing, until: float) -> Alert:
    since = one.fired_at - rule.window
    ids = list(series.ids[series.until(since) : series.until(one.fired_at)])
    with reader.snapshot() as connection:
        explained = explainer.explained(connection, ids, since, one.fired_at)
    evidence = {"count": len(ids), "value": one.peak, "since": int(since), "until": one.fired_at, "text": one.text}
    over = one.resolved_at
    return Alert(
        0, rule.name, one.instance, dict(series.labels), rule.severity, FIRING if over is None else RESOLVED,
        one.began_at, int(until) if over is None else max(one.fired_at, over - int(rule.resolve_after)), one.fired_at,
        over, value=one.peak, evidence=evidence | dict(explained),
    )  # fmt: skip


def write_down(connection: Connection, rule: Rule, found: Sequence[Alert], spared: Collection[str] = ()) -> None:
    """Inside a transaction: keep of the alerts that a rule would have fired those that nobody knows of.

    Of `spared` instances, which fired when the clock leapt, it is told when they were over.
    """
    since = min(one.began_at for one in found) - rule.window - rule.cooldown
    known = alerts.alerts(connection, since=since, rule=rule.name, limit=2 * INSTANCES)
    known = [_over_since(connection, one, found) if one.instance in spared else one for one in known]
    for one in found:
        if not _is_news(one, known, rule):
            continue
        for each in known:
            if one.open and each.state == PENDING and each.instance == one.instance:
                alerts.drop(connection, each.id)
        number, text = alerts.begin(connection, one), str(one.evidence["text"])
        known.append(one)
        for at, what in ((one.fired_at, FIRING), (one.resolved_at, RESOLVED)):
            if at is not None:
                alerts.note(connection, number, at, what, None, text)


def _over_since(connection: Connection, one: Alert, found: Sequence[Alert]) -> Alert:
    """An alert that fires, or as it was over while nobody looked."""
    later = [
        each for each in found if each.instance == one.instance and (each.resolved_at or one.held_at) >= one.held_at
    ]
    over = max((each.resolved_at or 0 for each in later), default=0)
    if one.state != FIRING or not over or any(each.open for each in later):
        return one
    alerts.save(connection, after := replace(one, state=RESOLVED, resolved_at=max(over, one.held_at)))
    alerts.note(connection, one.id, over, RESOLVED, None, str(one.evidence.get("text", "")))
    return after


def _is_news(one: Alert, known: Sequence[Alert], rule: Rule) -> bool:
    """Whether none of those that fired tells of the same: within a window of each other they do."""
    forever = float("inf")
    return not any(
        each.instance == one.instance
        and each.fired_at is not None
        and one.began_at <= (each.resolved_at or forever) + max(rule.cooldown, rule.window)
        and (one.resolved_at or forever) >= each.began_at - rule.window
        for each in known
    )
