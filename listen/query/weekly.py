"""`weekday:mon..fri` and `hour:9..17@Europe/Paris`: on which days of the week, in which hours, by whose clock.

Days and hours are those of UTC, as dates are, unless a value names a zone behind an @. A zone is a table of shifts,
made once from what this machine knows of it: both compilers read the same one.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import Literal, NamedTuple

from listen.model import EPOCH
from listen.query import tree
from listen.query.errors import QueryError, suggestion
from listen.query.lex import Value
from listen.service import DAYS

Name = Literal["weekday", "hour"]

LONG = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
SIZES: dict[Name, int] = {"weekday": 7, "hour": 24}

KNOWN_TO = 2_524_608_000
"""The year 2050: beyond it a zone keeps the shift that it has then."""

LONGEST_ZONE = 40
"""Signs of a name up to which a similar one is looked for."""

LEAST = 7 * 86_400
"""Seconds for which a zone keeps a shift at least: shorter ones are not noticed."""

_HINTS: dict[Name, str] = {
    "weekday": "write weekday:mon, weekday:mon..fri or weekday:(sat sun)",
    "hour": "write hour:13, hour:9..17, hour:>=18 or hour:22..5: whole hours from 0 to 23",
}
_ZONE_HINT = "write hour:9@Europe/Paris or hour:9@+01:00; without it hours and days are those of UTC"
_ZONE = re.compile(r"[A-Z][A-Za-z0-9_+-]*(?:/[A-Za-z0-9_+-]+){0,3}")
_OFFSET = re.compile(r"([+-])(\d\d):?([0-5]\d)")
_SPELLED = re.compile(r"(<=|>=|<|>|=)?([^.<>=]+)|([^.<>=]+)?\.\.([^.<>=]+)?")


def weekly(name: Name, values: Sequence[Value], zone: tzinfo, span: tree.Span) -> tree.Node:
    """The node of one of the two fields; `zone` is that of values that name none.

    Raises:
        QueryError: no day or hour, a range of nothing, or a zone that this machine does not know.
    """
    found: dict[str, set[int]] = {}
    for value in values:
        spelled, at, place = value.text.strip().partition("@")
        found.setdefault(_zone(place, value) if at else zone_name(zone), set()).update(_places(name, spelled, value))
    nodes: list[tree.Node] = [tree.Weekly(name, tuple(sorted(some)), one, span) for one, some in found.items()]
    return nodes[0] if len(nodes) == 1 else tree.Or(tuple(nodes), span)


def _places(name: Name, spelled: str, value: Value) -> set[int]:
    size, written = SIZES[name], _SPELLED.fullmatch(spelled.strip().lower())
    if written is None or not any(written.groups()):
        raise _wrong(name, value)
    sign, one, first, last = written.groups()
    if one is not None:
        at = _place(name, one, value)
        beside = {"<": range(at), "<=": range(at + 1), ">": range(at + 1, size), ">=": range(at, size)}
        found = set(beside.get(sign, range(at, at + 1)))
    else:
        low = _place(name, first, value) if first else 0
        high = _place(name, last, value) if last else size - 1
        found = {(low + step) % size for step in range((high - low) % size + 1)}
    if not found or (sign not in (None, "=") and name == "weekday"):
        raise _wrong(name, value)
    return found


def _place(name: Name, spelled: str, value: Value) -> int:
    if name == "hour":
        if not re.fullmatch(r"\d\d?", spelled, re.ASCII) or int(spelled) > 23:
            raise _wrong(name, value)
        return int(spelled)
    for names in (DAYS, LONG):
        if spelled in names:
            return names.index(spelled)
    raise _wrong(name, value)


def _wrong(name: Name, value: Value) -> QueryError:
    message = f"weekday: has no day {value.text}" if name == "weekday" else f"hour: has no hour {value.text}"
    expected = DAYS if name == "weekday" else ("9", "9..17")
    return QueryError(message, value.start, value.end - value.start, _HINTS[name], expected)


# --- zones -----------------------------------------------------------------------------------------------------------


def _zone(written: str, value: Value) -> str:
    if offset := _OFFSET.fullmatch(written):
        if int(offset[2]) < 24:
            same = f"{offset[1]}{offset[2]}:{offset[3]}"
            return "" if same[1:] == "00:00" else same
    elif (found := zone_of(written)) is not None:
        return zone_name(found)
    meant = suggestion(written.lower(), _all_zones(), 0.7) if len(written) <= LONGEST_ZONE else ""
    hint = f"did you mean {value.text.strip().partition('@')[0]}@{_all_zones()[meant]}" if meant else _ZONE_HINT
    message = f"there is no time zone {written}" if written else "@ wants a time zone"
    raise QueryError(message, value.start, value.end - value.start, hint)


@lru_cache(maxsize=1)
def _all_zones() -> dict[str, str]:
    """Names in small letters -> as they are spelled."""
    import zoneinfo

    return {name.lower(): name for name in sorted(zoneinfo.available_timezones())}


def zone_name(zone: tzinfo) -> str:
    """How a query names a zone: by its name or its offset, "" for UTC."""
    name = getattr(zone, "key", None)
    if name:
        return "" if name in ("UTC", "Etc/UTC") else str(name)
    minutes = int((datetime(2000, 1, 1, tzinfo=zone).utcoffset() or timedelta(0)).total_seconds()) // 60
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}" if minutes else ""


def zone_of(name: str) -> tzinfo | None:
    """The zone of that name, None when this machine knows of none."""
    import zoneinfo

    if not _ZONE.fullmatch(name):
        return None
    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return None


class Shifts(NamedTuple):
    """By how much a zone's clock is ahead of UTC."""

    starts: tuple[int, ...]
    """Unix seconds from which on each but the first holds."""
    seconds: tuple[int, ...]

    def at(self, unix: int) -> int:
        """In seconds."""
        return self.seconds[bisect_right(self.starts, unix)]

    def within(self, since: int, until: int) -> Shifts:
        """Those of a span of time."""
        first, last = bisect_right(self.starts, since), bisect_left(self.starts, until)
        return Shifts(self.starts[first:last], self.seconds[first : max(first, last) + 1])


@lru_cache(maxsize=32)
def shifts(zone: str) -> Shifts:
    """Those of a zone, from the year 2000 on."""
    if offset := _OFFSET.fullmatch(zone):
        seconds = 3600 * int(offset[2]) + 60 * int(offset[3])
        return Shifts((), (-seconds if offset[1] == "-" else seconds,))
    return shifts_of(zone_of(zone) or UTC, EPOCH, KNOWN_TO) if zone else Shifts((), (0,))


def shifts_of(zone: tzinfo, since: int, until: int, unit: int = 1) -> Shifts:
    """Those of a span of time; where they change is told in whole `unit`s of seconds."""

    def at(unix: int) -> int:
        # What the clock shows: an offset asked for afterwards may be that of the hour's other half of a year.
        return int(datetime.fromtimestamp(unix, zone).replace(tzinfo=UTC).timestamp()) - unix

    starts, seconds, before = [], [at(since)], since
    while before < until:
        after = min(before + LEAST, until)
        if (found := at(after)) != seconds[-1]:
            low, high = before, after
            while high - low > unit:
                middle = low + (high - low) // unit // 2 * unit
                low, high = (middle, high) if at(middle) == seconds[-1] else (low, middle)
            starts.append(high)
            seconds.append(found)
        before = after
    return Shifts(tuple(starts), tuple(seconds))


def hour_of_week(unix: int, ahead: int) -> int:
    """0 for the hour after Monday's midnight to 167, by a clock that is so many seconds ahead of UTC."""
    return (unix + ahead + 3 * 86_400) // 3600 % 168
