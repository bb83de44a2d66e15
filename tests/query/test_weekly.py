"""Days of the week and hours of the day by the clocks of zones, against what Python's own say."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from listen.model import EPOCH, Mention, first_id
from listen.query import parse
from listen.query.match import Subject, compile
from listen.query.weekly import KNOWN_TO, shifts, shifts_of

ZONES = (
    "Europe/Paris",
    "Asia/Kathmandu",
    "America/St_Johns",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Africa/Casablanca",
)
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

times = st.integers(EPOCH, KNOWN_TO - 1)


def found(written: str, unix: int) -> bool:
    return compile(parse(written), 0.0)(Subject.of(Mention(first_id(unix), "n", "1", "post", "")))


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(ZONES), times)
def test_a_mention_is_found_by_the_clock_of_a_zone_summer_time_and_all(zone: str, unix: int) -> None:
    around = [unix, *(start + by for start in shifts(zone).starts[-4:] for by in (-3600, -1, 0, 3600))]
    for at in around:
        here, there = datetime.fromtimestamp(at, ZoneInfo(zone)), datetime.fromtimestamp(at, UTC)
        assert found(f"weekday:{DAYS[here.weekday()]}@{zone} hour:{here.hour}@{zone}", at)
        assert found(f"weekday:{DAYS[there.weekday()]} hour:{there.hour}", at)
        assert not found(f"hour:{(here.hour + 1) % 24}@{zone}", at)


@given(st.sampled_from(ZONES), times, st.integers(0, 2 * 366 * 86_400))
def test_a_part_of_the_shifts_says_the_same_of_its_time(zone: str, since: int, length: int) -> None:
    whole, part = shifts(zone), shifts(zone).within(since, since + length)
    assert len(part.starts) <= 1 + length // 86_400
    for at in (since, since + length // 2, since + max(0, length - 1), *part.starts):
        assert part.at(at) == whole.at(at)


def test_in_whole_hours_a_shift_begins_with_an_hour() -> None:
    zone = ZoneInfo("Europe/Paris")
    since, until = (int(datetime(2026, month, 1, tzinfo=UTC).timestamp()) for month in (9, 12))
    autumn = int(datetime(2026, 10, 25, 1, tzinfo=UTC).timestamp())
    assert shifts_of(zone, since, until, 3600) == ((autumn,), (7200, 3600))
    assert shifts_of(zone, autumn, until, 3600) == ((), (3600,))
    assert shifts_of(zone, autumn - 3600, autumn, 3600) == ((autumn,), (7200, 3600)), "its end is looked at, too"
