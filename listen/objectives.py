"""What was promised, as configured: a number, its target, by when, who owns it, and what one more of it is worth."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any, Literal, NamedTuple

Kind = Literal["count", "share", "net", "time"]

STATE = "objectives"
"""The fact in the store that mirrors them."""

WINDOW = 7 * 86_400.0
"""Seconds over which a number is measured when nobody says otherwise."""

HALF = 0.5
"""The share that must keep a time when nobody says otherwise: then it is the median that is promised."""


class Metric(NamedTuple):
    """A number that can be promised."""

    kind: Kind
    means: str
    """What it is, in words."""
    unit: str
    """What `worth` is the worth of."""
    few: int = 0
    """Of fewer nothing is said; 0 for what is counted and not estimated."""
    about: Literal["mentions", "topic", "desk"] = "mentions"
    """What it is a number of: mentions of any kind, one topic, or what desks have to answer."""


FEW = 20
"""Mentions, answers or people below which a share says nothing: its interval would be wider than 40 points."""

METRICS: Mapping[str, Metric] = {
    "volume": Metric("count", "mentions that count: no noise, nothing of our own, nothing dismissed", "mention"),
    "share_of_voice": Metric(
        "share",
        "the topic's mentions as a share of those of the brand and all competitors (of a theme: of all themes); what "
        "speaks of two counts for both",
        "mention",
        FEW,
        "topic",
    ),
    "net_sentiment": Metric(
        "net", "(positive - negative) / scored, -1 to 1; toward the topic where one is named", "hundredth", FEW
    ),
    "negative_share": Metric(
        "share", "negative mentions as a share of those that are scored; toward the topic where one is named",
        "negative mention less", FEW,
    ),
    "recommend_share": Metric(
        "share", "mentions that recommend, as a share of those that recommend or dissuade", "recommendation", FEW
    ),
    "reach": Metric(
        "count",
        "followers of all people who spoke, each person once, as far as they are known; unknown is not 0, so it is at "
        "least so many",
        "1,000 followers",
    ),
    "first_response_time": Metric(
        "time",
        "the share of what came in at the desks that was answered within the target, in hours of service, of what was "
        "answered or waits for longer than that",
        "answer in time",
        FEW,
        "desk",
    ),
    "time_to_done": Metric(
        "time",
        "the share of what came in at the desks that was done or answered within the target, in hours of service, of "
        "what was so or waits for longer than that",
        "mention in time",
        FEW,
        "desk",
    ),
    "answered_within_promise": Metric(
        "share",
        "the share that was answered within the desk's own promise, of what was answered or is late",
        "answer in time",
        FEW,
        "desk",
    ),
    "recovery": Metric(
        "share",
        "of negative mentions that were answered, the share whose author later said something positive about the same "
        "topic",
        "recovered mention",
        FEW,
    ),
    "returning_authors": Metric(
        "share",
        "of the people who spoke, the share who had also spoken in the four windows before",
        "person who returns",
        FEW,
    ),
    "precision": Metric(
        "share",
        "of mentions of the topic that somebody judged in a precision check, the share that is about it; without such "
        "a check, of those that people dealt with, the share that was not dismissed",
        "mention",
        FEW,
        "topic",
    ),
}  # fmt: skip


class Money(NamedTuple):
    amount: float
    currency: str
    """As written; foreign text."""

    def times(self, n: float) -> Money:
        """So many times as much."""
        return Money(self.amount * n, self.currency)

    def __str__(self) -> str:
        """`133 EUR`, `1.50 EUR`."""
        return (
            f"{self.amount:,.0f} {self.currency}" if abs(self.amount) >= 10 else f"{self.amount:,.2f} {self.currency}"
        )


@dataclass(frozen=True, slots=True)
class Target:
    written: str
    above: bool
    """More is better."""
    value: float
    """Of what is measured: a number, a share of 1, -1 to 1; of a time in seconds."""
    included: bool = False

    def met_by(self, value: float) -> bool:
        """Whether a number is on the right side of it."""
        if value == self.value:
            return self.included
        return (value > self.value) is self.above


@dataclass(frozen=True, slots=True)
class Objective:
    """One `[objectives.NAME]`. Durations in seconds, days in UTC."""

    name: str
    metric: str
    target: Target
    share: float = HALF
    """Of a time: the share that must keep it."""
    by: date | None = None
    since: date | None = None
    """Where progress starts."""
    owner: str = ""
    topic: str = ""
    query: str = ""
    view: str = ""
    desk: str = ""
    window: float = WINDOW
    worth: Money | None = None
    """Of one unit of the metric."""
    hour: Money | None = None
    """What an hour of the people's work costs."""
    minutes: float | None = None
    """What one step of work is taken for; None: the journal tells how long people worked."""
    place: str = ""
    """The file and line where it is declared; empty where nobody knows."""

    @property
    def of(self) -> Metric:
        """What the metric is."""
        return METRICS[self.metric]

    @property
    def goal(self) -> Target:
        """The target of what is measured: of a time the share that keeps it."""
        if self.of.kind != "time":
            return self.target
        return Target(f"{self.share * 100:.3g} % {self.target.written}", True, self.share, True)

    @property
    def ends(self) -> float | None:
        """The end of its last day, Unix seconds."""
        return None if self.by is None else midnight(self.by + timedelta(days=1))


def midnight(day: date) -> float:
    """When a day begins in UTC, Unix seconds."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()


_TARGET = re.compile(r"([<>]=?)\s*([+-]?[\d., _]*\d)\s*(\S*)")
_MONEY = re.compile(r"([\d.,]*\d)\s*(\S.{0,11})|([^\d\s]{1,4})\s*([\d.,]*\d)")

EXAMPLES: Mapping[Kind, str] = {
    "count": 'a number of mentions or people, such as ">= 500" or "> 12,000"',
    "share": 'a share, such as "> 25 %" or "<= 0.1"',
    "net": 'a net sentiment from -1 to 1, such as ">= 0.1"',
    "time": 'a time, such as "< 2h" or "<= 90m"',
}


def target_of(written: str, kind: Kind) -> Target:
    """`> 25 %` -> more than 0.25. Raises ValueError with what was expected."""
    found = _TARGET.fullmatch(written.strip())
    if found is None:
        raise ValueError(EXAMPLES[kind])
    sign, digits, unit = found.groups()
    if kind == "time":
        from listen.config.values import seconds

        value = seconds(f"{digits.strip()}{unit}")
        if not value or sign[0] != "<":
            raise ValueError(EXAMPLES[kind])
        return Target(f"{sign} {digits}{unit}", False, value, len(sign) == 2)
    value = _number(digits)
    if value is None or unit not in ("", "%") or (unit and kind == "count"):
        raise ValueError(EXAMPLES[kind])
    value = value / 100 if unit else value
    low = {"count": 0.0, "share": 0.0, "net": -1.0}[kind]
    if value < low or (kind != "count" and value > 1.0):
        raise ValueError(EXAMPLES[kind])
    return Target(f"{sign} {digits.strip()}{' %' if unit else ''}", sign[0] == ">", value, len(sign) == 2)


def money_of(written: str) -> Money:
    """`12 EUR`, `€12`. Raises ValueError with what was expected."""
    found = _MONEY.fullmatch(written.strip())
    amount = _number(found[1] or found[4]) if found else None
    if found is None or amount is None:
        raise ValueError('an amount with its currency, such as "12 EUR"')
    return Money(amount, (found[2] or found[3]).strip())


def _number(digits: str) -> float | None:
    plain = re.sub(r"[ _]|,(?=\d{3}(?!\d))", "", digits)
    try:
        return float(plain)
    except ValueError:
        return None


def day_of(value: object) -> date | None:
    """A day as the configuration has it, TOML's or the same in quotes."""
    return value if isinstance(value, date) or value is None else date.fromisoformat(str(value))


def configured(tables: Mapping[str, Mapping[str, Any]], places: Mapping[str, str] | None = None) -> list[Objective]:
    """The objectives of a checked configuration, in its order; `places` is name -> where it is declared."""
    known = places or {}
    return [
        Objective(
            name, keys["metric"], target_of(keys["target"], METRICS[keys["metric"]].kind),
            HALF if keys["share"] is None else float(keys["share"]), day_of(keys["by"]), day_of(keys["since"]),
            keys["owner"] or "", keys["topic"] or "", keys["query"] or "", keys["view"] or "", keys["desk"] or "",
            keys["window"] or WINDOW, money_of(keys["worth"]) if keys["worth"] else None,
            money_of(keys["hour"]) if keys["hour"] else None, keys["minutes"], known.get(name, ""),
        )
        for name, keys in tables.items()
    ]  # fmt: skip


def told(objectives: Sequence[Objective]) -> str:
    """Objectives as the store's mirror keeps them."""
    kept = [
        {
            "name": one.name, "metric": one.metric, "target": one.target.written, "share": one.share,
            "by": one.by and one.by.isoformat(), "since": one.since and one.since.isoformat(), "owner": one.owner,
            "topic": one.topic, "query": one.query, "view": one.view, "desk": one.desk, "window": one.window,
            "worth": one.worth and f"{one.worth.amount} {one.worth.currency}",
            "hour": one.hour and f"{one.hour.amount} {one.hour.currency}", "minutes": one.minutes, "place": one.place,
        }
        for one in objectives
    ]  # fmt: skip
    return json.dumps(kept, ensure_ascii=False)


@lru_cache(maxsize=4)
def read(mirrored: str) -> tuple[Objective, ...]:
    """What `told` wrote; a metric that only another version of this program knows is left out."""
    tables = {one["name"]: one for one in json.loads(mirrored) if one["metric"] in METRICS}
    return tuple(configured(tables, {name: one.get("place") or "" for name, one in tables.items()}))
