"""How far what was promised is: the number now, where it comes from and goes, what it costs and what it is worth.

A number is measured over the objective's window, up to the end of this hour (of today, where the window is longer than
a fortnight). Its trend are WINDOWS such windows, one right behind the other, so that no mention counts in two of them;
a straight line through them says where it will be on the last day (`listen.insight.forecast`). An hour in which nothing
could be heard is no silence: a count over a window that was heard to less than HEARD is in no trend, and neither is a
window of which not all could be looked at in time.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import NamedTuple

from listen.insight import effort, metrics
from listen.insight.desks import spoken
from listen.insight.effort import Effort
from listen.insight.figures import coverage, named
from listen.insight.forecast import forecast
from listen.insight.metrics import Measure, Scope
from listen.insight.window import Window, window
from listen.objectives import Kind, Money, Objective, Target, midnight
from listen.query import QueryError
from listen.service import Desk
from listen.store.read import Reader

WINDOWS = 8
"""Windows of a trend, and how many ahead it tells anything."""

HEARD = 0.8
"""The share of a window that must have been heard for a count of it to say anything."""

LOWEST: dict[Kind, float] = {"count": 0.0, "share": 0.0, "time": 0.0, "net": -1.0}

DAY = 86_400.0


class Progress(NamedTuple):
    """One objective as it stands. What of a time is measured is the share that keeps it."""

    name: str
    metric: str
    target: str
    """As written, with its share."""
    owner: str
    by: date | None
    value: float | None
    low: float | None
    high: float | None
    n: int
    """Of how many; of a count the number itself."""
    met: bool | None
    """None: there is nothing, or too little to say."""
    done: float
    """0 to 1: the part of the way from where it began to the target."""
    trend: Sequence[float | None]
    """The last windows, this one last."""
    forecast: float | None
    """On the last day, or as far ahead as the trend reaches."""
    short: str
    """`74 % ± 4, on course for 78 %: short by 2`"""
    kind: Kind = "share"
    goal: float = 0.0
    """The target as a number, of a time the share."""
    above: bool = True
    few: int = 0
    """Of fewer nothing is said."""
    baseline: float | None = None
    forecast_low: float | None = None
    forecast_high: float | None = None
    forecast_at: float | None = None
    """Which moment the forecast is of, Unix seconds."""
    window: Window | None = None
    coverage: float | None = None
    """The share of the window that was heard; None where nothing of that was ever kept."""
    about: str = ""
    """The query of what it is about, as a person would write it."""
    behind: str = ""
    """The query of the mentions in its window that the number is made from; empty when it cannot be read."""
    means: str = ""
    note: str = ""
    risk: str = ""
    """Why it is about to be missed, or was; empty while it may still be met."""
    gained: float | None = None
    """Units more than where it began would have brought in the window."""
    unit: str = ""
    worth: Money | None = None
    """Of what was gained."""
    effort: Effort = Effort()
    """Of all people and sources in the window."""
    cost: Money | None = None
    """Of the people's time."""
    assumptions: Sequence[str] = ()
    place: str = ""
    """The file and line where it is declared, where that is known."""


def progress(
    reader: Reader, objectives: Sequence[Objective], *, now: float, patience: float | None = None
) -> list[Progress]:
    """How far each is, in their order; `now` in Unix seconds, `patience` as `listen.insight.metrics.Scope` has it."""
    return list(one_by_one(reader, objectives, now=now, patience=patience))


def one_by_one(
    reader: Reader, objectives: Sequence[Objective], *, now: float, patience: float | None = None
) -> Iterator[Progress]:
    """The same, each as soon as it is known."""
    trends = {one.name: _windows(window(f"{round(one.window / 3600)}h", now), WINDOWS) for one in objectives}
    heard = coverage(reader, {each for trend in trends.values() for each in trend}, now)
    lasts = {trend[-1] for trend in trends.values()}
    spent = {last: effort.effort(reader, last.since, min(now, last.until)) for last in lasts}
    for one in objectives:
        windows = trends[one.name]
        scope = Scope(reader, one, now, patience)
        yield _progress(scope, windows, [heard[each] for each in windows], spent[windows[-1]])


def _progress(scope: Scope, windows: Sequence[Window], heard: Sequence[float | None], spent: Effort) -> Progress:
    one, now, last = scope.objective, scope.now, windows[-1]
    try:
        latest = metrics.measure(scope, last)  # first: what is asked later may find that the time is over
        started = None if one.since is None else metrics.measure(scope, _before(one.since, last))
        earlier = [metrics.measure(scope, at) for at in reversed(windows[:-1])]
    except QueryError as error:
        return _unread(one, f"its query cannot be read: {error}")
    told = [*reversed(earlier), latest]
    trend = [_trusted(one, each, part) for each, part in zip(told, heard, strict=True)]
    found = _stands(one, last, latest, trend)._replace(
        baseline=_baseline(trend, started),
        coverage=heard[-1],
        about=_about(one),
        behind=behind(one, last, scope.reader.desks()),
        effort=spent,
    )
    found = found._replace(met=_met(one, latest, found.coverage))
    found = found._replace(done=_done(found), **_forecast(one, trend, last, now)._asdict())
    found = found._replace(risk=_risk(one, found, now))
    return _valued(one, found._replace(short=sentence(found, now)))


def _stands(one: Objective, last: Window, told: Measure, trend: Sequence[float | None]) -> Progress:
    value, low, high, n, note, _ = told
    return Progress(
        one.name, one.metric, one.goal.written, one.owner, one.by, value, low, high, n, None, 0.0, trend, None, "",
        one.of.kind, one.goal.value, one.goal.above, one.of.few, window=last, means=one.of.means, note=note,
        unit=one.of.unit, place=one.place,
    )  # fmt: skip


def _unread(one: Objective, why: str) -> Progress:
    return Progress(
        one.name, one.metric, one.goal.written, one.owner, one.by, None, None, None, 0, None, 0.0, (), None, why,
        one.of.kind, one.goal.value, one.goal.above, means=one.of.means, note=why, unit=one.of.unit,
        place=one.place,
    )  # fmt: skip


# --- windows ---------------------------------------------------------------------------------------------------------


def _windows(last: Window, n: int) -> list[Window]:
    """The last one and those before it, oldest first."""
    found = [last]
    while len(found) < n:
        found.append(found[-1].before())
    return found[::-1]


def _before(since: date, last: Window) -> Window:
    """The window that ends where progress starts."""
    end = int(midnight(since))
    return Window(end - (last.until - last.since), end, last.step)


def _trusted(one: Objective, each: Measure, heard: float | None) -> float | None:
    if not each.whole:
        return None
    if one.of.kind == "count":
        return each.value if heard is None or heard >= HEARD else None
    return each.value if each.n >= one.of.few // 4 else None


# --- how far ---------------------------------------------------------------------------------------------------------


def _met(one: Objective, now: Measure, heard: float | None) -> bool | None:
    if now.value is None or now.n < one.of.few:
        return None
    met = one.goal.met_by(now.value)
    deaf = one.of.kind == "count" and heard is not None and heard < HEARD
    # What was not heard can only add to a count.
    return None if deaf and met is not one.goal.above else met


def _baseline(trend: Sequence[float | None], started: Measure | None) -> float | None:
    if started is not None and started.value is not None and started.whole:
        return started.value
    return next((one for one in trend[:-1] if one is not None), None)


def _done(found: Progress) -> float:
    if found.met or found.value is None:
        return 1.0 if found.met else 0.0
    if found.baseline is None or found.baseline == found.goal:
        return 0.0
    return max(0.0, min(1.0, (found.value - found.baseline) / (found.goal - found.baseline)))


class _Ahead(NamedTuple):
    forecast: float | None = None
    forecast_low: float | None = None
    forecast_high: float | None = None
    forecast_at: float | None = None


def _forecast(one: Objective, trend: Sequence[float | None], last: Window, now: float) -> _Ahead:
    if one.ends is None or one.ends <= now:
        return _Ahead()
    length = last.until - last.since
    at = min(one.ends, now + WINDOWS * length)
    found = forecast(trend, (at - now) / length)
    if found is None:
        return _Ahead()
    value, low, high = (_possible(one.of.kind, each) for each in found)
    return _Ahead(value, low, high, at)


def _possible(kind: Kind, value: float) -> float:
    return max(LOWEST[kind], value if kind == "count" else min(1.0, value))


def _risk(one: Objective, found: Progress, now: float) -> str:
    """Missed; surely missed by the forecast; or too far off with a window left."""
    goal = one.goal
    if one.ends is not None and one.ends <= now:
        return f"{one.by} is over" if found.met is False else ""
    if one.ends is None:
        return ""
    best = found.forecast_high if goal.above else found.forecast_low
    if best is not None and found.forecast_at == one.ends and not goal.met_by(best):
        return "even the best of the forecast misses it"
    near = found.high if goal.above else found.low
    if found.met is False and one.ends - now <= one.window and near is not None and not goal.met_by(near):
        return "little time is left"
    return ""


# --- words -----------------------------------------------------------------------------------------------------------


def figure(kind: Kind, value: float) -> str:
    """`74 %`, `+0.08`, `1,204`."""
    if kind == "net":
        return f"{value:+.2f}"
    return f"{value:,.0f}" if kind == "count" else f"{value * 100:.0f} %"


def off(kind: Kind, value: float) -> str:
    """A difference, without its unit: `2` of per cent, `0.05`, `120`; never nothing."""
    value = abs(value)
    if kind == "net":
        return f"{max(value, 0.01):.2f}"
    return f"{max(value, 1.0):,.0f}" if kind == "count" else f"{max(value * 100, 1.0):.0f}"


def with_interval(kind: Kind, value: float, low: float | None, high: float | None) -> str:
    """`74 % ± 4`: with half of its interval, where it has one."""
    if low is None or high is None:
        return figure(kind, value)
    return f"{figure(kind, value)} ± {off(kind, (high - low) / 2)}"


def sentence(found: Progress, now: float) -> str:
    """How it stands in a few words."""
    if found.value is None:
        return "nothing to measure yet"
    deaf = f" · heard {found.coverage * 100:.0f} %" if found.coverage is not None and found.coverage < HEARD else ""
    return f"{with_interval(found.kind, found.value, found.low, found.high)}{_so(found, found.value, now)}{deaf}"


def _so(found: Progress, value: float, now: float) -> str:
    if found.n < found.few:
        return f", too few to say ({found.n:,} of {found.few:,})"
    if found.met is None:
        return ", too little was heard to say"
    if found.by is not None and midnight(found.by) + DAY <= now:
        return f": {'met' if found.met else f'missed by {_short(found, value)}'}"
    if found.forecast is None or found.forecast_at is None:
        return f": {_verdict(found, value)}"
    soon = found.by is not None and found.forecast_at == midnight(found.by) + DAY
    when = "" if soon else f" in {spoken(found.forecast_at - now)}"
    ahead = with_interval(found.kind, found.forecast, found.forecast_low, found.forecast_high)
    return f", on course for {ahead}{when}: {_verdict(found, found.forecast)}"


def _verdict(found: Progress, value: float) -> str:
    goal = Target("", found.above, found.goal, True)
    return "met" if goal.met_by(value) else f"{'short' if found.above else 'over'} by {_short(found, value)}"


def _short(found: Progress, value: float) -> str:
    return off(found.kind, found.goal - value)


def _about(one: Objective) -> str:
    names = (("topic", one.topic), ("view", one.view), ("desk", one.desk))
    parts = [f"{key}:{named(name)}" for key, name in names if name]
    query = one.query.strip()
    return " ".join([*parts, *([f"({query})" if parts else query] if query else [])])


_NARROWED = {"net_sentiment": "{tone}:-1..1", "negative_share": "{tone}:neg", "recommend_share": "intent:recommend",
             "recovery": "is:answered sentiment:neg"}  # fmt: skip
"""Metric -> those of what it is about that its number is of, or a share: the scored ones, the negative ones."""


def behind(one: Objective, last: Window, desks: Sequence[Desk]) -> str:
    """The query of the mentions in a window that its number is made from.

    What desks answer (all that are open, where none is named) is told by when it came in, all else by its time.
    """
    tone = f"toward:{named(one.topic)}" if one.topic else "sentiment"
    narrowed = _NARROWED.get(one.metric, "").format(tone=tone)
    span = last.query()
    if one.of.about == "desk":
        since, until = (part.partition(":")[2] for part in span.split())
        span = f"seen:{since}..{until}"
        promised = one.metric == "answered_within_promise"
        opened = " ".join(named(desk.name) for desk in desks if desk.open and (desk.promises or not promised))
        narrowed = f"desk:({opened})" if opened and not one.desk else ""
    return " ".join(filter(None, (_about(one) or "has:topic", narrowed, span)))


# --- worth and cost --------------------------------------------------------------------------------------------------

ALL_WORK = "work and API spend are those of everything in the window, not of this alone"


def _valued(one: Objective, found: Progress) -> Progress:
    gained, assumptions = _gained(one, found), []
    worth = None
    if one.worth is not None and gained is not None and found.baseline is not None:
        worth = one.worth.times(gained)
        assumptions.append(
            f"{one.worth} for each {one.of.unit}; without the work it would still be "
            f"{figure(found.kind, found.baseline)}"
        )
    minutes = found.effort.mentions * one.minutes if one.minutes is not None else found.effort.seconds / 60
    if one.minutes is not None:
        assumptions.append(f"each mention's work takes {one.minutes:g} min")
    else:
        assumptions.append(
            f"work is from a person's first action to the last, with pauses up to {effort.PAUSE // 60} min, and "
            f"{effort.BEFORE // 60} min before"
        )
    cost = None
    if one.hour is not None:
        cost = one.hour.times(minutes / 60)
        assumptions.append(f"{one.hour} for an hour of work")
    seconds = found.effort._replace(seconds=minutes * 60)
    return found._replace(gained=gained, worth=worth, cost=cost, effort=seconds, assumptions=(*assumptions, ALL_WORK))


def _gained(one: Objective, found: Progress) -> float | None:
    """Units more than the baseline would have brought: of a share by how many it is of."""
    if found.value is None or found.baseline is None:
        return None
    more = (found.value - found.baseline) * (1 if found.above else -1)
    if one.metric == "reach":
        return more / 1_000
    if found.kind == "count":
        return more
    return more * 100 if found.kind == "net" else more * found.n
