"""Dates in the spellings that feeds use."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources import dates
from tests.sources.reading import at


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Sat, 07 May 2016 23:53:30 GMT", "2016-05-07T23:53:30"),
        ("Sat, 7 May 2016 23:53 +0200", "2016-05-07T21:53"),
        ("07 May 16 23:53 EST", "2016-05-08T04:53"),
        ("Mon, 01 Jan 90 00:00:00 Z", "1990-01-01T00:00"),
        ("Saturday, 07-May-16 23:53:30 GMT", "2016-05-07T23:53:30"),
        ("Sat May  7 23:53:30 2016", "2016-05-07T23:53:30"),
        ("Sat May 07 23:53:30 PDT 2016", "2016-05-08T06:53:30"),
        ("Wed, 03 Jan 2024 12:00:00 GMT (Coordinated Universal Time)", "2024-01-03T12:00"),
        ("Wed, 03 Jan 2024 12:00:00 GMT+01:00", "2024-01-03T11:00"),
        ("May 7, 2016 3:04 PM", "2016-05-07T15:04"),
        ("May 7, 2016 12:04 am", "2016-05-07T00:04"),
        ("2016-05-07T23:53:30Z", "2016-05-07T23:53:30"),
        ("2016-05-07T23:53:30.123456-07:00", "2016-05-08T06:53:30"),
        ("2016-05-07T23:53+0530", "2016-05-07T18:23"),
        ("2016-05-07 23:53:30", "2016-05-07T23:53:30"),
        ("2016-05-07T23:53:30 CEST", "2016-05-07T21:53:30"),
        ("2016-05-07", "2016-05-07T00:00"),
        ("2016/5/7 3:04:05", "2016-05-07T03:04:05"),
        ("20160507T235330Z", "2016-05-07T23:53:30"),
        ("20160507", "2016-05-07T00:00"),
        ("2016-12-31T23:59:60Z", "2017-01-01T00:00"),
        ("Fri, 30 Dec 2016 24:00:00 GMT", "2016-12-31T00:00"),
        ("mar., 3 févr. 2026 10:00:00 +0100", "2026-02-03T09:00"),
        ("3. März 2026 10:00", "2026-03-03T10:00"),
        ("Mittwoch, 4. Dezember 2024", "2024-12-04T00:00"),
        ("5 de março de 2024 10:00:00", "2024-03-05T10:00"),
        ("lun, 5 ago 2024 10:00:00 -0300", "2024-08-05T13:00"),
        ("5 мая 2024 10:00", "2024-05-05T10:00"),
        ("\n 2016-05-07T23:53:30Z ", "2016-05-07T23:53:30"),
    ],
)
def test_read(text: str, expected: str) -> None:
    assert dates.parse(text) == at(expected)


@pytest.mark.parametrize(
    "text",
    ["", "x", "now", "2026", "2026-03", "19:00", "2026-02-29", "2026-13-01", "2026-01-01T25:00:00Z",
     "2026-01-01T10:61:00Z", "32 Jan 2026",
     "Mon, 32 Foo 20266 00:00:00 XYZ", "0000-00-00T00:00:00Z", "99999999999999999999",
     "2026-01-01T00:00:00+99:00", "1" * 500,
     "Jan " * 60, None, 7, {}],
)  # fmt: skip
def test_not_read(text: object) -> None:
    assert dates.parse(text) is None


@given(st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1), timezones=st.timezones()))
def test_what_the_standards_write(moment: datetime) -> None:
    moment = moment.replace(microsecond=0)
    whole_minutes = (moment.utcoffset() or UTC.utcoffset(None)).seconds % 60 == 0
    if whole_minutes:
        assert dates.parse(format_datetime(moment)) == int(moment.timestamp())
        assert dates.parse(moment.isoformat()) == int(moment.timestamp())


@given(st.text(alphabet="0123456789:-+/., TZJanFebMarGMTPp年月日é", max_size=60))
def test_no_text_breaks_it(text: str) -> None:
    moment = dates.parse(text)
    assert dates.plausible(moment, 1_800_000_000) is None or dates.EARLIEST <= (moment or 0) <= 1_800_086_400
