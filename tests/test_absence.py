"""Who is away, and who covers."""

from __future__ import annotations

from datetime import date

from listen.absence import Absence, away, covered_by, people, read, told, written

TEAM = people(
    {
        "Ana": {"away": date(2027, 1, 4), "cover": "Bob"},
        "bob": {"away": "2027-01-02", "cover": "chloé"},
        "dan": {"away": "2027-01-04"},
        "eve": {},
    }
)


def test_the_last_day_is_a_day_away_and_cover_goes_on_to_who_is_there() -> None:
    assert away(TEAM, "ana", date(2027, 1, 2)) == Absence("2027-01-04", "chloe")
    assert away(TEAM, "ana", date(2027, 1, 4)) == Absence("2027-01-04", "bob")
    assert away(TEAM, "ana", date(2027, 1, 5)) is None
    assert away(TEAM, "eve", date(2027, 1, 2)) is None
    assert away(TEAM, None, date(2027, 1, 2)) is None
    assert set(covered_by(TEAM, "chloe", date(2027, 1, 1))) == {"ana", "bob"}
    assert set(covered_by(TEAM, "bob", date(2027, 1, 3))) == {"ana"}
    assert covered_by(TEAM, "bob", date(2027, 1, 1)) == {}, "bob is away himself"


def test_it_is_told_in_words_and_kept_in_the_store() -> None:
    assert told(TEAM["ana"]) == "away until 4 Jan, bob covers"
    assert told(TEAM["dan"]) == "away until 4 Jan, nobody covers"
    assert read(written(TEAM)) == TEAM
    assert read(None) == {}
