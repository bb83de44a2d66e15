"""Windows of time are whole hours or days, and a query says exactly which."""

from __future__ import annotations

import pytest

from listen.insight.window import DAY, HOUR, Window, window
from listen.query import parse, tree
from tests.store.posts import NOW


def test_a_window_reaches_to_the_end_of_the_hour_or_day_that_now_lies_in() -> None:
    now = NOW + 13 * HOUR + 62
    assert window("24h", now) == Window(NOW - 10 * HOUR, NOW + 14 * HOUR, HOUR)
    assert window("2w", now).step == HOUR
    assert window("30d", now) == Window(NOW - 29 * DAY, NOW + DAY, DAY)
    assert window("2025-12-01..2025-12-31", now) == Window(NOW - 31 * DAY, NOW, DAY)
    assert window("30d", now).before() == Window(NOW - 59 * DAY, NOW - 29 * DAY, DAY)


@pytest.mark.parametrize("written", ["", "h", "0h", "30", "9999w", "2025-13-01..2025-13-02", "2026-02-01..2026-01-01"])
def test_what_is_no_window_is_told_with_what_is(written: str) -> None:
    with pytest.raises(ValueError, match=r"24h"):
        window(written, NOW)


def test_its_query_is_exactly_the_window() -> None:
    """In every time zone that a query can be read in."""
    one = window("24h", NOW + 62)
    node = parse(one.query())
    assert isinstance(node, tree.And)
    times = [part for part in node.items if isinstance(part, tree.Time)]
    assert [part.low.at for part in times if part.low] == [one.since]
    assert [getattr(part.high, "at", None) for part in times if part.high] == [one.until]
