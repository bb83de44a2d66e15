"""What the alerts screen shows: what fires and what is known of one alert; and how the store is asked."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from listen.clock import Clock
from listen.config.alerts import POLLED
from listen.config.values import seconds
from listen.console.clerk import Asked, Job
from listen.console.format import local
from listen.insight.expected import Baseline, Expectation
from listen.insight.hearing import sources_of
from listen.insight.series import heard_since
from listen.model import first_id, id_time
from listen.query import QueryError, named, parse, tree
from listen.query.folding import COUNTS
from listen.store import outbox
from listen.store.alerts import Alert, Event, Figures, Silence
from listen.store.outbox import Letter, Stuck
from listen.store.read import Reader
from listen.store.records import Row

HOUR, DAY, WEEK = 3_600, 86_400, 604_800

OVER = 7 * DAY
"""For how long what is over is listed."""

MONTH = 30 * DAY

LISTED = 300

DRAWN = 48
"""Hours of the chart."""

WEEKS = 8

READ = 60_000
"""Mentions that are counted for a chart, the newest."""

PATIENCE = 1.5
"""Seconds that this may take."""

QUOTED = 3


class Watching(NamedTuple):
    """A rule as far as the screen tells of it."""

    name: str
    when: str
    query: str
    window: float
    off: bool = False
    """Nobody watches by it."""
    said: Mapping[str, str] = {}
    """All that it says: key and value."""


class Board(NamedTuple):
    """An answer: all that is listed."""

    alerts: Sequence[Alert] = ()
    silences: Sequence[Silence] = ()
    figures: Sequence[Figures] = ()
    rules: Mapping[str, Watching] = {}
    held: Mapping[str, str] = {}
    """Rules that say nothing at the moment, and why."""
    stuck: Sequence[Stuck] = ()
    """Letters that did not arrive and are not tried again by themselves."""
    letters: Sequence[Letter] = ()
    """The newest of those."""
    delayed: int = 0
    """Letters that did not arrive and are tried again, with those behind them."""
    delayed_for: float = 0.0
    """Seconds that the oldest of them waits."""
    read: bool = False


class Chart(NamedTuple):
    """Mentions hour by hour, up to the end of an alert's window."""

    until: int
    """The hour after the last one, since 1970."""
    counts: Sequence[int]
    usual: Sequence[Expectation | None]


class Detail(NamedTuple):
    """An answer: all that is known of one alert."""

    alert: Alert | None
    events: Sequence[Event] = ()
    letters: Sequence[Letter] = ()
    quotes: Sequence[Row] = ()
    silences: Sequence[Silence] = ()
    chart: Chart | None = None
    figures: Figures | None = None


def board(clock: Clock) -> Job:
    """What fires, what waits, and what was over lately."""

    def job(reader: Reader, _asked: Asked, _post: object) -> Board:
        now = clock.now()
        with reader.snapshot() as connection:
            stuck = outbox.stuck(connection)
            letters = outbox.letters(connection, (outbox.DEAD, outbox.HELD), LISTED) if stuck else ()
            delayed, oldest = outbox.delayed(connection)
        return Board(
            reader.alerts(since=now - OVER, limit=LISTED),
            reader.silences(now),
            reader.alert_figures(now - MONTH),
            rules(reader),
            json.loads(reader.state("alerts_held") or "{}"),
            stuck,
            letters,
            delayed,
            max(0.0, now - (oldest or now)),
            True,
        )

    return job


def rules(reader: Reader) -> dict[str, Watching]:
    """Those that run and those that are off, in the order of the configuration as far as that is known."""
    written = reader.rules_written()
    told = {one["name"]: one for one in json.loads(reader.state("rules") or "[]")}
    listed = [name for name in (*written.rules, *told) if name in told or name in written.off]
    return {name: _watching(name, told.get(name, {}), written.rules.get(name, {})) for name in listed}


def _watching(name: str, runs: Mapping[str, Any], said: Mapping[str, str]) -> Watching:
    window = runs.get("window") or seconds(said.get("window", "")) or HOUR
    query = runs.get("query", said.get("query", ""))
    return Watching(name, runs.get("when") or said.get("when", ""), query, window, not runs, said)


def detail(number: int, clock: Clock) -> Job:
    """All of one alert: what is quick to know, then its chart."""

    def job(reader: Reader, _asked: Asked, post: object) -> Detail:
        now, found = clock.now(), reader.alert(number)
        if found is None:
            return Detail(None)
        alert, events = found
        with reader.snapshot() as connection:
            letters = outbox.of_alert(connection, number)
        rows = {row.id: row for row in reader.rows(list(alert.evidence.get("mentions", ()))[:QUOTED])}
        quotes = [rows[one] for one in alert.evidence.get("mentions", ()) if one in rows]
        figures = next((one for one in reader.alert_figures(now - MONTH) if one.rule == alert.rule), None)
        known = Detail(alert, events, letters, quotes, reader.silences(now), None, figures)
        assert callable(post)
        post(known)
        rule = rules(reader).get(alert.rule)
        return known._replace(chart=chart(reader, rule, alert, now)) if rule is not None else known

    return job


def behind(rule: Watching | None, alert: Alert | None) -> str | None:
    """The query for what an alert, or a rule without one, is about; None where that is no mentions."""
    if rule is None or rule.when == "source":
        return None
    if rule.when == "late":
        return "is:late"
    return rule.query if alert is None else in_window(named.behind(rule.query, alert.labels), alert)


def in_window(query: str, alert: Alert) -> str:
    """The same, seen within the window in which it was counted."""
    since, until = (alert.evidence.get(name) for name in ("since", "until"))
    if since is None or until is None:
        return query
    low, high = (f"{local(at):%Y-%m-%dT%H:%M}" for at in (since, until + 60))
    return f"{query} seen:{low}..{high}".strip()


def chart(reader: Reader, rule: Watching, alert: Alert, now: float) -> Chart | None:
    """The hours of what the rule counts, with what was usual; None for a rule that counts nothing."""
    if rule.when in POLLED:
        return None
    end = int(alert.evidence.get("until", now)) // HOUR + 1
    start = (end - DRAWN) * HOUR - WEEKS * WEEK
    try:
        node = reader.resolved(parse(named.behind(rule.query, alert.labels)))
    except QueryError:
        return None
    page = reader.page(tree.And((node, *COUNTS)), before=first_id(end * HOUR), limit=READ, budget=PATIENCE, now=now)
    back_to = max(start, id_time(page.back_to)) if page.back_to else start
    hours: dict[int, int] = {}
    for one in page.ids:
        hours[id_time(one) // HOUR] = hours.get(id_time(one) // HOUR, 0) + 1
    first = min(hours, default=end - DRAWN)
    baseline = Baseline(max(first, back_to // HOUR))
    with reader.snapshot() as connection:
        heard = heard_since(connection, baseline.first, min(now, end * HOUR), sources_of(node))
    usual: list[Expectation | None] = [None] * DRAWN
    for hour in range(baseline.first, end):
        usual.append(baseline.expect(hour * HOUR, (hour + 1) * HOUR))
        baseline.push(hours.get(hour, 0), heard.at(hour))
    return Chart(end, [hours.get(hour, 0) for hour in range(end - DRAWN, end)], usual[-DRAWN:])
