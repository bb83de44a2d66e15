"""When the day of a quota ends: places count by their own midnight."""

from __future__ import annotations

import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

DAY = 86_400
WINTER = {"America/Los_Angeles": -8}
"""Hours from UTC of the zones that places use, for machines that know no zones: right in winter, an hour late else."""


def next_midnight(now: float, zone: str = "UTC") -> int:
    """Unix seconds of the next midnight in that zone, strictly after `now`."""
    where = _zone(zone)
    today = datetime.datetime.fromtimestamp(now, where).date()
    tomorrow = datetime.datetime.combine(today + datetime.timedelta(days=1), datetime.time(), where)
    return int(tomorrow.timestamp())


def _zone(name: str) -> datetime.tzinfo:
    if name == "UTC":
        return datetime.UTC
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return datetime.timezone(datetime.timedelta(hours=WINTER.get(name, 0)))
