"""The window that a report is about, as people write it: one reading for the command line and the console."""

from __future__ import annotations

from datetime import datetime, timedelta, tzinfo

from listen.insight.window import BY_HOUR, DAY, HOUR, LONGEST, Window, first_hour, whole_days
from listen.query import QueryError, parse, tree


def span(since: str, until: str, now: float, zone: tzinfo) -> Window:
    """The window in whole hours, or in whole days of the zone when it is longer than a fortnight.

    Raises ValueError for what is no window, or no time, with what is.
    """
    first, dots, last = since.partition("..")
    if dots and until:
        raise ValueError("--since A..B says where the window ends, and so does --until; give one of them")
    end = _instant("until", last or until, zone)[0] if last or until else now + 1
    start, ago = _instant("since", first, zone)
    length = ago or end - start
    if length <= BY_HOUR:
        high = -int(-end // HOUR) * HOUR
        window = Window(high - -int(-ago // HOUR) * HOUR if ago else int(start // HOUR) * HOUR, high, HOUR)
    else:
        newest = datetime.fromtimestamp(end - 1, zone).date()
        oldest = newest - timedelta(-int(-ago // DAY) - 1) if ago else datetime.fromtimestamp(start, zone).date()
        window = Window(first_hour(oldest, zone), first_hour(newest + timedelta(1), zone), DAY)
    if not 0 < window.until - window.since <= LONGEST:
        raise ValueError(
            f"--since {since}: the window is empty or longer than ten years; write 7d, or 2026-10-01..2026-10-31"
        )
    return whole_days(window, zone)


def _instant(name: str, written: str, zone: tzinfo) -> tuple[float, float]:
    """(the time that is meant, 0) or (0, seconds before the end). Raises ValueError."""
    try:
        node = parse(f"{name}:{written.strip()}", zone)
    except QueryError as error:
        raise ValueError(f"--{name} {written}: {error}") from None
    moment = (node.low or node.high) if isinstance(node, tree.Time) else None
    if not isinstance(moment, tree.Moment) or (moment.at is None and name == "until"):
        raise ValueError(f"--{name} {written}: a day such as 2026-10-31, or a time such as 2026-10-31T18:00, is wanted")
    return (moment.at or 0.0, 0.0) if moment.at is not None else (0.0, moment.ago or 0.0)
