"""Figures are what single mentions say, whatever happened to them, and what was heard and expected is told beside."""

from __future__ import annotations

import math
import tempfile
from collections.abc import Iterator
from datetime import UTC
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from listen.insight.expected import Baseline
from listen.insight.figures import Figures, figures, net, topic_query
from listen.insight.series import by_day
from listen.insight.window import HOUR, window
from listen.model import EPOCH, Prepared
from listen.query import parse
from listen.store import heard, numbers, schema, sqlite
from listen.store.pulse import Numbers
from listen.store.read import Reader
from listen.store.write import Writer
from tests.insight.reckoning import check_figures
from tests.store.posts import NOW, Desk, Turned, fast, make_desk, make_post
from tests.store.test_numbers import Life, acts, open_desk
from tests.store.test_numbers import posts as any_post

DAYS = 30


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """Thirty days of which the channels heard all but one night; what was said in it came in all the same."""
    path = tmp_path / "listen.db"
    schema.prepare(path)
    made = make_desk(Writer(fast(sqlite.connect_writer(path)), Turned(NOW)))
    made.add([
        make_post(f"p{hour}.{n}", "acme", published_at=NOW - 3600 * hour, topics={1: 100})
        for hour in range(DAYS * 24)
        for n in range(1 + hour % 24 // 8)
    ])  # fmt: skip
    listened(made, "a1", DAYS * 24, 60)
    listened(made, "a1", 50, 0)
    yield made
    made.connection.close()


def listened(desk: Desk, channel: str, since: int, until: int) -> None:
    """From so many hours ago till so many."""
    with desk.writer.transaction():
        span = (NOW - since * HOUR, NOW - until * HOUR)
        numbers.heard(desk.connection, desk.channels[channel].id, [span])
        desk.connection.execute("UPDATE channels SET good_at = ?, next_at = ?", (NOW, NOW + 60))


def told(desk: Desk, written: str) -> Figures:
    with Reader(sqlite.file_of(desk.connection)) as reader:
        found = figures(reader, "acme", window(written, NOW - 1), now=NOW - 1)
    assert found is not None
    return found


def test_what_is_expected_is_what_alerts_expect_and_what_was_not_heard_teaches_nothing(desk: Desk) -> None:
    found = told(desk, "72h")
    counts: dict[int, int] = {}
    for (mention,) in desk.rows("SELECT mention_id FROM matches"):
        hour = ((mention >> 12) + EPOCH) // HOUR
        counts[hour] = counts.get(hour, 0) + 1
    baseline = Baseline(min(counts))
    deaf = range((NOW - 60 * HOUR) // HOUR, (NOW - 50 * HOUR) // HOUR)
    for point in found.points:
        while baseline.next < point.start // HOUR:
            baseline.push(counts.get(baseline.next, 0), 0.0 if baseline.next in deaf else 1.0)
        usual = baseline.expect(point.start, min(point.start + HOUR, NOW - 1))
        assert usual is not None
        assert (point.expected, point.spread) == (usual.mean, usual.spread)
        assert point.heard == (0.0 if point.start // HOUR in deaf else pytest.approx(1.0))
    assert found.coverage == pytest.approx(62 / 72)
    assert found.coverage_before == pytest.approx(1.0)
    days = told(desk, "20d").points
    assert days[-1].expected == pytest.approx(48, abs=3)
    assert sum(point.numbers.n for point in days) == told(desk, "20d").numbers.n == 20 * 48


def test_days_of_a_zone_are_its_hours_put_together(desk: Desk) -> None:
    now = NOW - 3_000.0
    with Reader(sqlite.file_of(desk.connection)) as reader:
        days = window("20d", now)
        by_hour = figures(reader, "acme", days._replace(step=HOUR), now=now)
        by_days = figures(reader, "acme", days, now=now)
    assert by_hour is not None
    assert by_days is not None
    assert [one[:2] for one in by_day(by_hour.points, UTC, now)] == [one[:2] for one in by_days.points]
    for one, wanted in zip(by_day(by_hour.points, UTC, now), by_days.points, strict=True):
        assert (one.heard, one.expected, one.spread) == pytest.approx((wanted.heard, wanted.expected, wanted.spread))
    paris = by_day(by_hour.points, ZoneInfo("Europe/Paris"), now)
    assert [one.numbers.n for one in paris][1:-1] == [48] * 19
    assert sum(one.numbers.n for one in paris) == by_hour.numbers.n


def test_what_was_heard_is_kept_once_it_is_old_and_worked_out_anew_when_more_is_known(desk: Desk) -> None:
    before = [point.heard for point in told(desk, "20d").points]
    while desk.writer.idle():
        pass
    kept = desk.rows("SELECT hour, share FROM heard ORDER BY hour")
    last = (NOW - EPOCH) // HOUR - heard.FRESH - 1
    assert [hour for hour, _ in kept] == list(range((NOW - EPOCH) // HOUR - DAYS * 24, last + 1))
    assert [hour for hour, share in kept if share == 0.0] == list(range(last - 33, last - 23))
    assert [point.heard for point in told(desk, "20d").points] == before
    # Another channel tells that it had listened all the time: that of the two is deaf for a night.
    listened(desk, "b1", DAYS * 24, 0)
    after = [point.heard for point in told(desk, "20d").points]
    assert all(new > old for new, old in zip(after, before, strict=True) if old < 0.99)
    while desk.writer.idle():
        pass
    assert [point.heard for point in told(desk, "20d").points] == after
    assert desk.one("SELECT count(*) FROM heard") == len(kept)


@given(st.lists(any_post, min_size=7, max_size=9), st.lists(acts, max_size=5))
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_figures_are_what_the_matches_say(first: list[Prepared], life: list[tuple[str, Any]]) -> None:
    """Through edits, deletions, triage, corrections, noise, own voices, undo, failures, restarts and older stores."""
    with tempfile.TemporaryDirectory() as folder:
        path, clock = Path(folder) / "listen.db", Turned(NOW)
        schema.prepare(path)
        lived = Life(path, open_desk(path, clock), clock)
        lived.desk.add(first)
        for name, what in life:
            lived.act(name, what)
        lived.status(([0, 1], "dismissed"))
        lived.correct(([1, 2, 3], "neg"))
        check_figures(lived.desk.connection, path, NOW)
        lived.undo(True)
        check_figures(lived.desk.connection, path, NOW)
        lived.desk.connection.close()


def test_net_sentiment_has_an_interval_that_holds_it() -> None:
    found = net(Numbers(120, 20, 50, 100, 0))
    p, q = 51 / 102, 21 / 102
    half = 1.959964 * math.sqrt((p + q - (p - q) ** 2) / 102)
    assert found == (0.3, pytest.approx(p - q - half), pytest.approx(p - q + half), 100)
    assert net(Numbers(5, 0, 0, 0, 0)) == (None, None, None, 0)
    for one in (Numbers(1, 1, 0, 1, -900), Numbers(3, 0, 3, 3, 900), Numbers(1, 0, 0, 1, 0)):
        value, low, high, _ = net(one)
        assert value is not None
        assert low is not None
        assert high is not None
        assert -1 <= low <= value <= high <= 1


def test_each_part_opens_what_it_counts(desk: Desk) -> None:
    desk.add([
        make_post(str(n), "acme", published_at=NOW - 60 * n, topics={1: 5}, lang=("fr", None, "de", "zh-Hans")[n % 4],
                  kind=("article", "post", "video")[n % 3], country=("be", "fr", None)[n % 3],
                  intents=("complaint question", "churn complaint", "recommend", None)[n % 4])
        for n in range(50)
    ], channel="b1")  # fmt: skip
    found = told(desk, "24h")
    parts = [*found.sources, *found.languages, *found.countries, *found.speakers, *found.intents, *found.stages]
    with Reader(sqlite.file_of(desk.connection)) as reader:
        for part in parts:
            if part.query:
                assert reader.count(parse(f"{found.query} {part.query}"), now=NOW).n == part.numbers.n, part
    assert [part.name for part in parts if not part.query] == ["zh-Hans", "?"]
    assert topic_query('a "b" c') == 'topic:"a  b  c"'


def test_an_unknown_topic_has_none_and_stop_ends_the_question(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    with Reader(sqlite.file_of(desk.connection)) as reader:
        assert figures(reader, "nobody", window("24h", NOW), now=NOW) is None
        pause = reader._pause

        def stopped() -> None:
            reader.stop()
            pause()

        monkeypatch.setattr(reader, "_pause", stopped)
        assert figures(reader, "acme", window("24h", NOW), now=NOW) is None
