"""How loud it is, against slow, obvious sums over the mentions, whatever people and the collector do meanwhile."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from listen import query
from listen.model import Mention, first_id
from listen.store import numbers, pulse, schema, sqlite
from listen.store.pulse import Numbers
from listen.store.read import Reader
from listen.store.triage import Triage
from listen.store.write import Writer
from tests.store.posts import NOW, Desk, Turned, fast, make_desk, make_post
from tests.store.worlds import Story, build, stories

DAY = 86_400
NAMES = ("acme", "Zoé", "rival", "東京")


def wanted(mentions: list[Mention], topic: str | None, low: float, high: float) -> Numbers:
    """The numbers from the mentions themselves."""
    told = [
        one
        for one in mentions
        if low <= one.time < high
        and one.status != "dismissed"
        and not one.own
        and not one.noise
        and one.state not in ("deleted", "withheld")
    ]
    scores = [one.score if topic is None else one.topics[topic] for one in told if topic is None or topic in one.topics]
    known = [score for score in scores if score is not None]
    return Numbers(len(scores), sum(s <= -50 for s in known), sum(s >= 50 for s in known), len(known), sum(known))


def check(reader: Reader, mentions: list[Mention], topics: tuple[str | None, ...], now: float) -> None:
    """All that is told of these topics and of everything."""
    talk = {one.name: one.last_hour for one in reader.talk(now=now)}
    for topic in (*topics, None):
        told = reader.pulse(topic, 24, now=now)
        assert told is not None
        assert len(told.hours) == 24
        assert [hour.numbers for hour in told.hours] == [
            wanted(mentions, topic, hour.start, hour.start + 3600) for hour in told.hours
        ]
        assert told.hours[-1].start <= now < told.hours[-1].start + 3600
        assert told.last_hour == wanted(mentions, topic, now - 3600, 1 << 40).n
        assert topic is None or talk[topic] == told.last_hour


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate])
@given(told=st.lists(stories(), min_size=20, max_size=40), later=st.integers(0, 5000))
def test_it_is_that_of_the_mentions(told: list[Story], later: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        world = build(Path(folder), told)
        with Reader(world.path) as reader:
            check(reader, world.mentions, NAMES, NOW + later)
            check(reader, world.mentions, NAMES, NOW + later + 60)


# --- by hand ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def clock() -> Turned:
    return Turned(float(NOW + 1_800))


@pytest.fixture
def desk(tmp_path: Path, clock: Turned) -> Iterator[Desk]:
    path = tmp_path / "store.db"
    schema.prepare(path)
    clock.at -= 30 * DAY
    made = make_desk(Writer(fast(sqlite.connect_writer(path)), clock))
    clock.at += 30 * DAY
    yield made
    made.connection.close()


@pytest.fixture
def reader(desk: Desk, tmp_path: Path) -> Iterator[Reader]:
    with Reader(tmp_path / "store.db") as opened:
        yield opened


def say(desk: Desk, clock: Turned, name: str, ago: float, *topics: str, score: int | None = 100) -> int:
    """One mention; its id."""
    given = {"published_at": int(clock.now() - ago), "score": score, "hits": None if score is None else 1}
    post = make_post(name, name, topics={desk.topics[topic]: score for topic in topics}, **given)
    return desk.add([post], seen_at=int(clock.now())).new_ids[0]


def hear(desk: Desk, clock: Turned, *ago: float) -> None:
    """The hours that many seconds ago were listened to."""
    with desk.writer.transaction():
        spans = [(int(clock.now() - one) - 60, int(clock.now() - one)) for one in ago]
        numbers.heard(desk.connection, desk.channels["a1"].id, spans)


def all_of(reader: Reader, now: float) -> list[Mention]:
    return reader.mentions(reader.page(query.parse(""), limit=10_000, budget=None, now=now).ids)


def test_usual_is_the_mean_of_the_same_minutes_on_the_days_that_were_heard(
    desk: Desk, clock: Turned, reader: Reader
) -> None:
    hear(desk, clock, *(day * DAY + part for day in (1, 3) for part in (0, 3600)))
    for number in range(8):
        say(desk, clock, f"y{number}", DAY + 60 + number, "acme")  # the newer half of yesterday's minutes
    for number in range(4):
        say(desk, clock, f"o{number}", 3 * DAY + 3000 + number, "acme", "rival")  # the older half, three days ago
    for number in range(50):
        say(desk, clock, f"u{number}", 2 * DAY + 60 + number, "acme")  # on a day of which nothing else was heard
    for topic, mean in (("acme", 3.0), ("rival", 1.0), ("power", 0.0), (None, 3.0)):
        told = reader.pulse(topic, 24, now=clock.now())
        assert told is not None
        # Eight in an hour of which half counts, and four in another one: (8/2 + 4/2) / 2 days.
        assert (told.usual, told.days, told.last_hour) == (pytest.approx(mean), 2, 0)
    assert {one.name: one.usual for one in reader.talk(now=clock.now())} == {
        "acme": pytest.approx(3.0), "rival": pytest.approx(1.0), "power": 0.0,
    }  # fmt: skip


def test_what_was_not_heard_and_an_older_query_are_not_usual(desk: Desk, clock: Turned, reader: Reader) -> None:
    for number in range(5):
        say(desk, clock, f"y{number}", DAY + 60 + number, "acme")
    assert [reader.pulse(topic, 24, now=clock.now()).usual for topic in ("acme", None)] == [None, None]  # type: ignore[union-attr]
    hear(desk, clock, DAY, DAY + 3600)
    assert [reader.pulse(topic, 24, now=clock.now()).usual for topic in ("acme", None)] == [2.5, 2.5]  # type: ignore[union-attr]
    desk.writer.set_state("keep_matched", '["a"]')
    desk.writer.sync_topics([("acme", "acme OR ACME", "brand")])
    while desk.writer.idle():
        pass
    assert [reader.pulse(topic, 24, now=clock.now()).usual for topic in ("acme", None)] == [None, 2.5]  # type: ignore[union-attr]


def test_arrivals_dismissals_edits_and_undo_count(desk: Desk, clock: Turned, reader: Reader, tmp_path: Path) -> None:
    ids = [say(desk, clock, f"m{n}", 400 * n, "acme", score=[-300, 300, None][n % 3]) for n in range(60)]
    check(reader, all_of(reader, clock.now()), ("acme",), clock.now())
    with Triage(tmp_path / "store.db", "ana", clock) as people:
        people.set_status(ids[::4], "dismissed")
        check(reader, all_of(reader, clock.now()), ("acme",), clock.now())
        people.set_status(ids[1::4], "done")
        check(reader, all_of(reader, clock.now()), ("acme",), clock.now())
        people.undo()
        people.undo()
        check(reader, all_of(reader, clock.now()), ("acme",), clock.now())
    say(desk, clock, "late", 7 * 3600, "acme")
    say(desk, clock, "new", 5)
    check(reader, all_of(reader, clock.now()), ("acme",), clock.now())
    desk.add([make_post("m20", "", published_at=int(clock.now() - 8000), state="deleted")], seen_at=int(clock.now()))
    for _ in range(30):
        reader.pulse(None, 24, now=clock.now())
    check(reader, all_of(reader, clock.now()), ("acme",), clock.now())
    clock.at += 3_700
    check(reader, all_of(reader, clock.now()), ("acme",), clock.now())


def test_hours_that_are_over_are_counted_once(
    desk: Desk, clock: Turned, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(10):
        say(desk, clock, f"m{number}", 3000 * number)
    reader.pulse(None, 24, now=clock.now())
    counted: list[int] = []
    real = pulse._all

    def noted(connection, low, high):
        counted.append(low)
        return real(connection, low, high)

    monkeypatch.setattr(pulse, "_all", noted)
    reader.pulse(None, 24, now=clock.now())
    assert len(counted) == 3, "the hour that runs, the last sixty minutes, and one to be sure"
    counted.clear()
    say(desk, clock, "late", 5 * 3600)
    reader.pulse(None, 24, now=clock.now())
    assert first_id(NOW - 5 * 3600) in counted
    assert len(counted) <= 4
    monkeypatch.setattr(pulse, "NOTICED", 3)
    for number in range(3):
        say(desk, clock, f"n{number}", 10)
    counted.clear()
    reader.pulse(None, 24, now=clock.now())
    assert len(counted) == 25


def test_stopped_it_tells_nothing(desk: Desk, clock: Turned, reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    assert reader.pulse("nothing", 24, now=clock.now()) is None

    def stopped(*_: object) -> Numbers:
        raise sqlite.sqlite3.OperationalError("interrupted")

    monkeypatch.setattr(pulse, "_all", stopped)
    assert reader.pulse(None, 24, now=clock.now()) is None
    monkeypatch.undo()
    check(reader, [], (), clock.now())


def test_topics_and_views_come_in_the_order_of_the_configuration(desk: Desk, reader: Reader, clock: Turned) -> None:
    assert [one.name for one in reader.talk(now=NOW)] == ["acme", "rival", "power"]
    desk.writer.sync_topics([("power", "battery", "theme"), ("new", "new", "theme"), ("acme", "acme", "brand")])
    assert [one.name for one in reader.talk(now=NOW)] == ["power", "new", "acme"]
    assert [one.name for one in reader.topics(now=NOW)] == ["power", "new", "acme"]
    assert reader.views() == []
    desk.writer.sync_views([("crisis", "topic:acme sentiment:neg", True), ("in French", "lang:fr", False)])
    assert reader.views() == [("crisis", "topic:acme sentiment:neg", True), ("in French", "lang:fr", False)]
