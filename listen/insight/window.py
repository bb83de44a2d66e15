"""Spans of time in whole hours or days, as the rollups are kept: what figures, reports and objectives speak of."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import NamedTuple

from listen.model import EPOCH

HOUR, DAY = 3_600, 86_400

BY_HOUR = 14 * DAY
"""Up to this length a window is told hour by hour, a longer one day by day."""

LONGEST = 3_660 * DAY

_AGO = re.compile(r"(\d{1,5})([hdw])")
_UNITS = {"h": HOUR, "d": DAY, "w": 7 * DAY}
_DATES = re.compile(r"(\d{4}-\d\d-\d\d)\.\.(\d{4}-\d\d-\d\d)")
_WANTED = "write 24h, 7d, 4w or 2026-10-01..2026-10-31"


class Window(NamedTuple):
    """A span of time in whole hours, told by hours or by days: of UTC, in reports those of a zone."""

    since: int
    """Unix seconds, the beginning of a whole step."""
    until: int
    """Unix seconds, not in it any more: the end of the step that `now` lies in when the window is open to now."""
    step: int
    """Seconds that a point of its series spans: an hour in up to a fortnight, a day in more."""

    earlier: int | None = None
    """When the span before it begins; None: as many seconds before as it is long."""

    def before(self) -> Window:
        """The span of the same length right before it; of days, as many days, though summer time may end in them."""
        since = 2 * self.since - self.until if self.earlier is None else self.earlier
        return Window(since, self.since, self.step)

    def query(self) -> str:
        """`since:... until:...` in the query language: exactly this window."""
        return f"since:{_instant(self.since)} until:{_instant(self.until)}"


def first_hour(day: date, zone: tzinfo) -> int:
    """When the first whole hour of UTC begins that lies in a day of a zone, in Unix seconds."""
    midnight = datetime(day.year, day.month, day.day, tzinfo=zone).timestamp()
    return -int(-midnight // HOUR) * HOUR


def whole_days(window: Window, zone: tzinfo) -> Window:
    """The window, which is compared with as many days of a zone where it is made of whole ones."""
    first, last = (datetime.fromtimestamp(at, zone).date() for at in (window.since, window.until))
    if (first_hour(first, zone), first_hour(last, zone)) != (window.since, window.until):
        return window
    return window._replace(earlier=first_hour(first - (last - first), zone))


def window(written: str, now: float) -> Window:
    """`24h`, `7d` and `4w` reach up to now, `2026-10-01..2026-10-31` holds both days (UTC).

    Raises ValueError with what was expected.
    """
    text = written.strip().lower()
    if ago := _AGO.fullmatch(text):
        return _back(int(ago[1]) * _UNITS[ago[2]], written, now)
    dates = _DATES.fullmatch(text)
    if dates is None:
        raise ValueError(f"{written!r} is no window of time; {_WANTED}")
    try:
        first, last = (date.fromisoformat(part) for part in dates.groups())
    except ValueError:
        raise ValueError(f"{written!r} names a day that there is not; {_WANTED}") from None
    if last < first:
        raise ValueError(f"{written!r} ends before it begins; {_WANTED}")
    return _of(_unix(first), _unix(last + timedelta(days=1)), written)


def _back(length: int, written: str, now: float) -> Window:
    step = HOUR if length <= BY_HOUR else DAY
    until = (int(now) // step + 1) * step
    return _of(until - length, until, written)


def _of(since: int, until: int, written: str) -> Window:
    if since >= until or until - since > LONGEST or since < EPOCH:
        raise ValueError(f"{written!r} is empty, longer than ten years or begins before the year 2000; {_WANTED}")
    return Window(since, until, HOUR if until - since <= BY_HOUR else DAY)


def _unix(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())


def _instant(unix: int) -> str:
    return datetime.fromtimestamp(unix, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
