"""The clock of promises: hours of service alone count."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from listen.service import Desk, Service, days_of, hours_of, read, told

WEEK = tuple(range(7))
OFFICE = Service(hours_of("09:00-18:00"), days_of("mon-fri"), "Europe/Paris")


def at(written: str) -> float:
    return datetime.fromisoformat(written).timestamp()


services = st.builds(
    Service,
    st.tuples(st.integers(0, 1439), st.integers(60, 1440)).map(lambda it: (it[0], it[0] + it[1])),
    st.sets(st.integers(0, 6), min_size=1).map(lambda days: tuple(sorted(days))),
    st.sampled_from(["", "Europe/Paris", "America/New_York", "Asia/Kolkata"]),
)
starts = st.integers(int(at("2026-03-20T00:00+00:00")), int(at("2026-11-10T00:00+00:00")))
MONTH = 86_400 * 30


@given(service=services, start=starts, later=st.integers(0, MONTH), within=st.sampled_from([60, 3600, 7200, 200_000]))
def test_what_arrived_before_the_cutoff_has_waited_for_too_long(
    service: Service, start: int, later: int, within: int
) -> None:
    now = start + later
    late = service.spent(start, now) > within
    assert (start < service.cutoff(now, within)) == late
    if late:
        assert service.due(start, within) < now


@given(service=services, start=starts, within=st.integers(1, 500_000))
def test_a_promise_is_due_when_its_time_was_spent(service: Service, start: int, within: int) -> None:
    assert service.spent(start, service.due(start, within)) == pytest.approx(within)


def test_nights_and_weekends_do_not_count() -> None:
    friday = at("2026-11-20T17:00+01:00")
    assert OFFICE.due(friday, 7200) == at("2026-11-23T10:00+01:00")
    assert OFFICE.spent(friday, at("2026-11-22T12:00+01:00")) == 3600
    night = Service(hours_of("22:00-06:00"), days_of("fri"), "Europe/Paris")
    assert night.due(at("2026-11-21T05:00+01:00"), 7200) == at("2026-11-27T23:00+01:00")
    assert Service().due(friday, 7200) == friday + 7200


def test_hours_of_the_wall_move_with_summer_time() -> None:
    """In the night to 2026-03-29 Paris goes from one to two hours before UTC."""
    all_days = Service(hours_of("09:00-10:00"), WEEK, "Europe/Paris")
    start = datetime(2026, 3, 28, 12, tzinfo=UTC).timestamp()
    assert all_days.due(start, 1800) == at("2026-03-29T07:30+00:00")


@pytest.mark.parametrize(
    ("written", "days"), [("mon-fri", (0, 1, 2, 3, 4)), ("Sat, sun", (5, 6)), ("fri-mon", (0, 4, 5, 6))]
)
def test_days_are_read_as_they_are_said(written: str, days: tuple[int, ...]) -> None:
    assert days_of(written) == days


@pytest.mark.parametrize("written", ["", "mon-", "today", "mon-funday"])
def test_other_days_are_refused(written: str) -> None:
    with pytest.raises(ValueError, match="mon-fri"):
        days_of(written)


@pytest.mark.parametrize("written", ["9", "25:00-26:00", "09:00-24:30", "9 to 5"])
def test_other_hours_are_refused(written: str) -> None:
    with pytest.raises(ValueError, match="09:00-18:00"):
        hours_of(written)


def test_the_mirror_gives_back_what_it_was_given() -> None:
    desks = (Desk("R&D", "a OR b", 60.0, OFFICE, "ana", ("vip",), False), Desk("x", ""))
    assert read(told(desks)) == desks
