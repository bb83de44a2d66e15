"""Desks as configured, and the clock by which their promises run: hours of service alone, or all hours."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import Any

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

HOURS_HINT = 'write "09:00-18:00"; "22:00-06:00" goes on into the next day'
DAYS_HINT = 'write "mon-fri", or "mon tue thu"'

DAY = 86_400.0

FURTHEST = 1_500
"""Days of service that are gone through at most: beyond, a promise is long broken, or nobody ever serves."""

_HOURS = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)\s*[-–]\s*([01]?\d|2[0-4]):([0-5]\d)")


def hours_of(written: str) -> tuple[int, int]:
    """`09:00-18:00` -> (540, 1080), minutes after midnight; the end may lie in the next day. Raises ValueError."""
    found = _HOURS.fullmatch(written.strip())
    if not found:
        raise ValueError(HOURS_HINT)
    start, end = int(found[1]) * 60 + int(found[2]), int(found[3]) * 60 + int(found[4])
    if end > 1440:
        raise ValueError(HOURS_HINT)
    return (start, end) if end > start else (start, end + 1440)


def minute_of(written: str) -> int:
    """`08:30` -> 510, minutes after midnight. Raises ValueError."""
    found = _HOURS.fullmatch(f"{written.strip()}-24:00")
    if not found:
        raise ValueError('write "08:00"')
    return int(found[1]) * 60 + int(found[2])


def days_of(written: str) -> tuple[int, ...]:
    """`mon-fri` or `mon, tue` -> 0 for Monday …, each once and in order. Raises ValueError."""
    found: set[int] = set()
    for part in written.lower().replace(",", " ").split():
        first, dash, last = part.replace("–", "-").partition("-")
        ends = [DAYS.index(one[:3]) if one[:3] in DAYS else -1 for one in ((first, last) if dash else (first, first))]
        if min(ends) < 0:
            raise ValueError(DAYS_HINT)
        found |= {(ends[0] + step) % 7 for step in range((ends[1] - ends[0]) % 7 + 1)}
    if not found:
        raise ValueError(DAYS_HINT)
    return tuple(sorted(found))


@dataclass(frozen=True, slots=True)
class Service:
    """When somebody serves: hours of days in a time zone; the default is always."""

    hours: tuple[int, int] = (0, 1440)
    days: tuple[int, ...] = (0, 1, 2, 3, 4, 5, 6)
    zone: str = ""
    """By its name; "" is UTC."""

    @property
    def always(self) -> bool:
        """Whether no hour is left out."""
        return self.hours[1] - self.hours[0] == 1440 and len(self.days) == 7

    def spent(self, start: float, now: float) -> float:
        """Seconds of service between two times, Unix seconds."""
        if self.always:
            return max(0.0, now - start)
        total = 0.0
        for opens, shuts in self._forwards(start):
            if opens >= now:
                break
            total += max(0.0, min(shuts, now) - max(opens, start))
        return total

    def due(self, start: float, within: float) -> float:
        """When so many seconds of service have passed since a time."""
        if self.always:
            return start + within
        left = within
        for opens, shuts in self._forwards(start):
            here = shuts - max(opens, start)
            if here >= left:
                return max(opens, start) + left
            left -= max(0.0, here)
        return start + FURTHEST * DAY

    def cutoff(self, now: float, within: float) -> int:
        """What arrived before this Unix second has waited for longer than `within` seconds of service at `now`.

        The first second c for which `spent(c, now) <= within`.
        """
        if self.always:
            return int(now) - int(within)
        now, left = int(now), within
        for opens, shuts in self._backwards(now):
            here = max(0.0, min(shuts, now) - opens)
            if here > left:
                return int(min(shuts, now) - left)
            left -= here
        return int(now - FURTHEST * DAY)

    def _forwards(self, start: float) -> Iterator[tuple[float, float]]:
        first = self._day(start) - timedelta(days=1)
        return self._spans(first + timedelta(days=step) for step in range(FURTHEST))

    def _backwards(self, now: float) -> Iterator[tuple[float, float]]:
        last = self._day(now)
        return self._spans(last - timedelta(days=step) for step in range(FURTHEST))

    def _day(self, at: float) -> date:
        return datetime.fromtimestamp(at, _zone(self.zone)).date()

    def _spans(self, days: Iterable[date]) -> Iterator[tuple[float, float]]:
        return (_span(self, day) for day in days if day.weekday() in self.days)


@lru_cache(maxsize=4_096)
def _span(service: Service, day: date) -> tuple[float, float]:
    """From when to when there is service on what begins on that day; spans of two days never overlap."""
    midnight = datetime(day.year, day.month, day.day, tzinfo=_zone(service.zone))
    opens, shuts = (_at(midnight, minutes) for minutes in service.hours)
    return opens, max(opens, shuts)


def _at(midnight: datetime, minutes: int) -> float:
    """By the clock on the wall, which a change to summer time moves."""
    days, minutes = divmod(minutes, 1440)
    return ((midnight + timedelta(days=days)).replace(hour=minutes // 60, minute=minutes % 60)).timestamp()


@lru_cache(maxsize=64)
def _zone(name: str) -> tzinfo:
    """A time zone; UTC where this machine does not know it."""
    if not name:
        return UTC
    import zoneinfo

    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return UTC


ALWAYS = Service()


@dataclass(frozen=True, slots=True)
class Desk:
    """A business process that mentions wait for."""

    name: str
    query: str
    within: float | None = None
    """The promise: seconds of service from arrival to an answer."""
    service: Service = ALWAYS
    assign: str | None = None
    """Who is given what arrives."""
    tags: tuple[str, ...] = ()
    """What it is tagged."""
    open: bool = True
    """Somebody answers there. A closed desk is a query with a name: it promises nothing and is late for nothing."""

    @property
    def promises(self) -> bool:
        """Whether a mention can be late here."""
        return self.open and self.within is not None

    @property
    def acts(self) -> bool:
        """Whether it does something when a mention arrives."""
        return self.open and bool(self.assign or self.tags)


def told(desks: Sequence[Desk]) -> str:
    """Desks as the store's mirror keeps them."""
    return json.dumps(
        [
            {
                "name": one.name, "query": one.query, "within": one.within, "hours": one.service.hours,
                "days": one.service.days, "zone": one.service.zone, "assign": one.assign, "tags": one.tags,
                "open": one.open,
            }
            for one in desks
        ],
        ensure_ascii=False,
    )  # fmt: skip


@lru_cache(maxsize=4)
def read(mirrored: str) -> tuple[Desk, ...]:
    """What `told` wrote."""
    return tuple(
        Desk(
            one["name"], one["query"], one["within"], Service(tuple(one["hours"]), tuple(one["days"]), one["zone"]),
            one["assign"], tuple(one["tags"]), one["open"],
        )
        for one in json.loads(mirrored)
    )  # fmt: skip


def configured(tables: Mapping[str, Mapping[str, Any]], here: str) -> list[Desk]:
    """The desks of a checked configuration; `here` is the zone of those that name none."""
    return [
        Desk(
            name, str(keys["query"]), keys["answer_within"],
            Service(
                hours_of(keys["hours"]) if keys["hours"] else (0, 1440),
                days_of(keys["days"]) if keys["days"] else (0, 1, 2, 3, 4, 5, 6),
                (keys["timezone"] or here) if keys["hours"] or keys["days"] else "",
            ),
            (keys["assign"] or "").strip() or None, tuple(keys["tags"]), keys["open"],
        )
        for name, keys in tables.items()
    ]  # fmt: skip
