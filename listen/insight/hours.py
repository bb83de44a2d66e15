"""What the hours of a week are asked by: each number of `Figures.heat` with the query that finds as many mentions."""

from __future__ import annotations

from datetime import tzinfo

from listen.insight.window import HOUR, Window
from listen.query.weekly import Shifts, shifts_of, zone_of
from listen.service import DAYS


def cells(window: Window, zone: tzinfo, name: str = "") -> list[list[str]]:
    """Seven days, Monday first, of 24 queries each, which narrow the window to one hour of the week in a zone.

    They name the zone where its `name` is known. The numbers are kept by hours of UTC: of a zone that is not whole
    hours away each counts for the hour in which it begins there, and a query says so in UTC, as it does for one without
    a name; where the clocks are put forward or back within the window, in several parts.
    """
    shifts = shifts_of(zone, window.since, window.until, HOUR)
    if not any(shifts.seconds):
        return [[f"weekday:{day} hour:{hour}" for hour in range(24)] for day in DAYS]
    if name and _is_told_by(name, shifts, window):
        return [[f"weekday:{day}@{name} hour:{hour}@{name}" for hour in range(24)] for day in DAYS]
    return [[_in_utc(24 * day + hour, shifts, window) for hour in range(24)] for day in range(7)]


def _is_told_by(name: str, shifts: Shifts, window: Window) -> bool:
    """Whether a zone of that name has these shifts, and all its hours are hours of UTC."""
    zone = zone_of(name)
    whole = not any(seconds % HOUR for seconds in shifts.seconds)
    return zone is not None and whole and shifts_of(zone, window.since, window.until) == shifts


def _in_utc(place: int, shifts: Shifts, window: Window) -> str:
    """An hour of the week in a zone, by the hours of UTC that begin in it."""
    found: list[tuple[int, Window]] = []
    ends = (*shifts.starts, window.until)
    for start, end, seconds in zip((window.since, *shifts.starts), ends, shifts.seconds, strict=True):
        there = (place - seconds // HOUR) % 168
        if found and found[-1][0] == there:
            found[-1] = there, found[-1][1]._replace(until=end)
        else:
            found.append((there, Window(start, end, HOUR)))
    told = [f"weekday:{DAYS[there // 24]} hour:{there % 24}" for there, _ in found]
    if len(told) == 1:
        return told[0]
    return f"({' OR '.join(f'({one} {part.query()})' for one, (_, part) in zip(told, found, strict=True))})"
