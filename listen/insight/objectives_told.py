"""Objectives and the value strip in lines of plain text and as records: for the command line, the console and reports.

All lines are fit for the screen: foreign signs have become marks.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any, NamedTuple

from listen.insight.desks import spoken
from listen.insight.metrics import Measure
from listen.insight.objectives import HEARD, Progress, figure, with_interval
from listen.insight.strip import Strip, Value
from listen.objectives import FEW, Money
from listen.text import block, one_line
from listen.told import BLOCKS

NAME = 40
"""Cells of a name at most."""

BAR = 20


class Line(NamedTuple):
    """A label, empty where the one above goes on, and what it says."""

    label: str
    text: str


def sign(found: Progress) -> str:
    """In a word how it stands: `met`, `missed`, `at risk`, `open`, or `?` where that cannot be said."""
    if found.risk:
        return "missed" if found.risk.endswith("over") else "at risk"
    return {True: "met", False: "open", None: "?"}[found.met]


def bar(done: float, width: int = BAR) -> str:
    """`████████░░░░`; full only for what is met."""
    full = width if done >= 1 else min(width - 1, round(done * width))
    return "█" * full + "░" * (width - full)


def spark(trend: Sequence[float | None]) -> str:
    """`▁▃▅ ▇`: from the lowest to the highest; a blank where nothing is known."""
    known = [one for one in trend if one is not None]
    if not known:
        return ""
    low, high = min(known), max(known)
    span = (high - low) or 1.0
    return "".join(" " if one is None else BLOCKS[1 + round(7 * (one - low) / span)] for one in trend)


def lines(found: Progress) -> Iterator[Line]:
    """Everything that is known of one, below its name and its sentence."""
    about = f" of {one_line(found.about, 60)}" if found.about else ""
    over = f", over {spoken(found.window.until - found.window.since)}" if found.window is not None else ""
    yield Line("is", f"{found.metric}{about}{over}")
    yield Line("", one_line(found.means, 400))
    yield Line("target", f"{one_line(found.target, 40)}{_by(found.by)}{_owner(found)}")
    if found.note:
        yield Line("note", one_line(found.note, 200))
    if found.coverage is not None and found.coverage < HEARD:
        yield Line("heard", f"{found.coverage * 100:.0f} % of the time; what was said in the rest is not known")
    if any(one is not None for one in found.trend):
        told = " ".join("·" if one is None else figure(found.kind, one) for one in found.trend)
        yield Line("trend", f"{spark(found.trend)}  {told}")
    yield from _ahead(found)
    yield from _worth(found)
    if found.place:
        yield Line("declared", one_line(found.place, 400))


def _by(by: date | None) -> str:
    return "" if by is None else f" by {by.isoformat()}"


def _owner(found: Progress) -> str:
    return f", owned by {one_line(found.owner, 24)}" if found.owner else ""


def _ahead(found: Progress) -> Iterator[Line]:
    if found.forecast is not None and found.forecast_low is not None and found.forecast_high is not None:
        span = " to ".join(figure(found.kind, one) for one in (found.forecast_low, found.forecast_high))
        yield Line("forecast", f"{figure(found.kind, found.forecast)} by a straight line; 95 of 100 times {span}")
    elif found.by is not None and not found.risk and not found.met:
        yield Line("forecast", "none yet: it takes four windows in which enough was heard")
    if found.risk:
        yield Line("risk", found.risk)


def _worth(found: Progress) -> Iterator[Line]:
    spent = found.effort
    if found.worth is None and not spent.seconds and not spent.paid:
        return
    if found.worth is not None and found.gained is not None:
        yield Line("worth", f"{_money(found.worth)}, {found.gained:+,.1f} × {found.unit}")
    work = f"{spoken(spent.seconds)} of work in {spent.actions:,} action{'' if spent.actions == 1 else 's'}"
    parts = [work if found.cost is None else f"{_money(found.cost)} for {work}"]
    if spent.paid:
        parts.append(f"${spent.paid:,.2f} for questions to paid services")
    yield Line("cost", f"{' and '.join(parts)}{'' if spent.whole else ', of the newest actions'}")
    for place, one in enumerate(found.assumptions):
        yield Line("" if place else "assumed", one_line(one, 200))


def _money(money: Money) -> str:
    return one_line(str(money), 40)


# --- the strip -------------------------------------------------------------------------------------------------------


def value(found: Value) -> str:
    """`+0.12 ± 0.05`, `38 % ± 4`; what is too little to say says so."""
    told: Measure = found.measure
    if told.value is None:
        return "nothing yet"
    text = with_interval(found.kind, told.value, told.low, told.high)
    return text if told.n >= FEW else f"{text}, too few to say ({told.n:,} of {FEW})"


def strip_lines(found: Strip) -> Iterator[Line]:
    """The three values, each with what it means and what is behind it."""
    for one in found:
        yield from value_lines(one)


def value_lines(one: Value) -> Iterator[Line]:
    """One of them."""
    yield Line(one.name, value(one) + (f"; {one_line(one.measure.note, 120)}" if one.measure.note else ""))
    yield Line("", one.definition)
    if one.measure.value is not None:
        yield Line("", f"behind it: {one.behind.told}")


# --- records ---------------------------------------------------------------------------------------------------------


def record(found: Progress) -> dict[str, Any]:
    """An objective as a script reads it; shares of 1, times in seconds, moments in Unix seconds."""
    return {
        "objective": found.name,
        "metric": found.metric,
        "about": found.about,
        "target": found.target,
        "goal": found.goal,
        "above": found.above,
        "by": None if found.by is None else found.by.isoformat(),
        "owner": found.owner,
        "state": sign(found),
        "value": _rounded(found.value),
        "low": _rounded(found.low),
        "high": _rounded(found.high),
        "n": found.n,
        "few": found.n < found.few,
        "met": found.met,
        "done": round(found.done, 4),
        "baseline": _rounded(found.baseline),
        "trend": [_rounded(one) for one in found.trend],
        "forecast": _rounded(found.forecast),
        "forecast_low": _rounded(found.forecast_low),
        "forecast_high": _rounded(found.forecast_high),
        "forecast_at": found.forecast_at,
        "since": None if found.window is None else found.window.since,
        "until": None if found.window is None else found.window.until,
        "coverage": _rounded(found.coverage),
        "short": block(found.short),
        "risk": found.risk,
        "means": found.means,
        "note": found.note,
        "declared": found.place or None,
        "gained": _rounded(found.gained),
        "unit": found.unit,
        "worth": found.worth and found.worth._asdict(),
        "cost": found.cost and found.cost._asdict(),
        "paid_usd": round(found.effort.paid, 4),
        "work_seconds": round(found.effort.seconds),
        "actions": found.effort.actions,
        "assumptions": list(found.assumptions),
    }


def strip_record(found: Strip) -> dict[str, Any]:
    """The strip likewise."""
    return {
        one.name: {
            "value": _rounded(one.measure.value), "low": _rounded(one.measure.low), "high": _rounded(one.measure.high),
            "n": one.measure.n, "note": one.measure.note, "means": one.definition,
            "query": one.behind.query if one.measure.value is not None else "",
        }
        for one in found
    }  # fmt: skip


def _rounded(number: float | None) -> float | None:
    return None if number is None else round(number, 4)
