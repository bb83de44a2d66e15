"""What a brief tells: how loud against what is expected, stories, new words, and what is late or dead."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from listen.insight.brief import Brief, brief, since_of
from listen.insight.brief_told import head, parts, record
from listen.insight.figures import figures
from listen.insight.window import window
from listen.model import Author
from listen.query import QueryError
from listen.service import Desk
from listen.store import numbers, schema, sqlite
from listen.store.read import Reader
from listen.store.triage import Triage
from listen.store.write import Writer
from tests.store import posts
from tests.store.posts import NOW, Turned, make_post

HOUR, DAY, WEEK = 3_600, 86_400, 604_800


class House:
    def __init__(self, path: Path) -> None:
        schema.prepare(path)
        self.path, self.clock, self.count = path, Turned(NOW), 0
        self.writer = Writer(posts.fast(sqlite.connect_writer(path)), self.clock)
        self.world = posts.make_desk(self.writer)

    def say(self, ago: float, *texts: str, topic: str = "acme", **more: object) -> list[int]:
        topics: dict[int, int | None] = {self.world.topics[topic]: None}
        made = []
        for text in texts:
            self.count += 1
            given = {"author": Author(f"a{self.count}"), "published_at": int(NOW - ago)} | more
            made.append(make_post(f"p{self.count}", text, topics=topics, **given))
        return self.world.add(made, seen_at=int(NOW - ago)).new_ids

    def say_daily(self, days: int, n: int) -> None:
        """So many mentions of acme an hour before this time of each of the last days."""
        topics: dict[int, int | None] = {self.world.topics["acme"]: None}
        self.world.add([
            make_post(f"d{day}.{one}", "as ever", topics=topics, published_at=NOW - day * DAY - HOUR)
            for day in range(1, days + 1) for one in range(n)
        ])  # fmt: skip

    def heard(self, ago: float, until: float) -> None:
        with self.writer.transaction():
            channel = self.world.channels["a1"].id
            numbers.heard(self.writer.connection, channel, [(int(NOW - ago), int(NOW - until))])

    def brief(self, since: float | None = None, who: str = "ana") -> Brief:
        with Reader(self.path) as reader:
            return brief(reader, who, now=NOW, since=None if since is None else NOW - since, budget=30.0)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = House(tmp_path / "listen.db")
    yield made
    made.writer.connection.close()


def test_what_is_expected_is_what_the_overview_expects_of_the_same_hours(house: House) -> None:
    """Three mentions in the same hour of every day of ten weeks, of which the last but two was not heard."""
    house.heard(10 * WEEK, 20 * DAY)
    house.heard(14 * DAY, 0)
    house.say_daily(70, 3)
    house.say(HOUR, *["acme as ever"] * 30)
    house.say(HOUR, "rival", topic="rival")
    dismissed = house.say(HOUR, "acme coupon")
    with Triage(house.path, "ana", house.clock) as people:
        people.set_status(dismissed, "dismissed")
    day = window("24h", NOW)
    with Reader(house.path) as reader:
        found = brief(reader, "ana", now=NOW, since=day.since, budget=30.0)
        drawn = figures(reader, "acme", day, now=NOW)
    assert drawn is not None
    acme, rival = found.volumes
    assert (acme.topic, acme.n, rival.topic, rival.n, rival.expected) == ("acme", 30, "rival", 1, None)
    assert acme.expected is not None
    assert acme.expected.mean == pytest.approx(sum(one.expected or 0.0 for one in drawn.points))
    assert acme.expected.mean == pytest.approx(3.0, abs=1.2)
    assert (found.coverage, drawn.coverage) == (1.0, 1.0)
    told = dict(next(parts(found)).lines)
    assert f"acme       30 ▲ expected {acme.expected.mean:,.0f} ± {acme.expected.spread:,.0f}" in told
    assert "expected: by the same hours of earlier weeks" in told
    topics = record(found)["topics"]
    assert isinstance(topics, list)
    assert (topics[0]["basis"], topics[1]["expected"]) == ("the same hours of earlier weeks", None)
    with Reader(house.path) as reader:
        hasty = brief(reader, "ana", now=NOW, since=day.since, wait=-1.0)
    assert (hasty.hasty, {one.expected for one in hasty.volumes}) == (3, {None})
    assert "3 quieter topics not compared" in str(list(parts(hasty)))
    assert house.brief(17 * DAY).coverage == pytest.approx(14 / 17), "what was not heard is told"
    long = house.brief(30 * WEEK)
    assert (long.coverage, long.heard_from) == (pytest.approx(64 / 70), NOW - 10 * WEEK)
    assert "of the first 140 d nothing is known of what was heard" in str(list(parts(long)))


def test_a_short_history_is_told_by_days_and_none_by_nothing(house: House) -> None:
    house.say(HOUR, "acme")
    assert house.brief(2 * HOUR).volumes[0].expected is None
    for day in (1, 2, 3):
        house.say(day * DAY + HOUR, *["acme"] * day)
    (acme,) = house.brief(2 * HOUR).volumes
    assert acme.expected is not None
    assert acme.expected.basis == "the same hours of earlier days"


def test_stories_come_before_what_is_endorsed_and_count_once_for_words(house: House) -> None:
    ever = ["my", "acme", "battery", "is", "fine", "again", "but", "their", "app", "takes", "long", "and", "nobody"]
    house.say(3 * DAY, *[" ".join(ever[n * step % 13] for n in range(8)) for step in range(1, 30)])
    copies = house.say(HOUR, *["The recall of all acme chargers has begun this morning in three countries"] * 4)
    house.say(HOUR, "liked by many people", likes=90)
    house.say(
        HOUR, "acme smells of burning zorblax", "who else has a zorblax in the kitchen since friday",
        "never again with that thing, zorblax everywhere", "my dog found the zorblax under our sofa last night",
        "can anybody explain zorblax please", "warning to all parents: zorblax!",
    )  # fmt: skip
    found = house.brief(2 * HOUR)
    assert [(one.row.id in copies, one.mentions, one.endorsed) for one in found.stories[:1]] == [(True, 4, 0)]
    assert any(one.endorsed == 90 for one in found.stories)
    words = {one.word: (one.n, one.before) for one in found.words}
    assert words["zorblax"] == (6, 0)
    assert not {"acme", "battery", "recall", "chargers"} & words.keys(), "names, old words, and one story told often"


def test_since_the_last_visit_of_each_person(house: House) -> None:
    house.clock.at = NOW - 3 * HOUR
    with Triage(house.path, "ana", house.clock) as people:
        people.here()
    house.clock.at = NOW
    house.say(5 * HOUR, "acme before")
    house.say(HOUR, "acme since")
    mine, other = house.brief(), house.brief(who="bo")
    assert (mine.visited, mine.since, mine.mentions) == (True, NOW - 3 * HOUR, 1)
    assert (other.visited, other.since, other.mentions) == (False, NOW - DAY, 2)
    assert head(mine) == "1 mention of your topics in 3 h, since you were here"


def test_late_desks_and_what_nothing_is_to_be_told_of(house: House) -> None:
    assert list(parts(house.brief())) == []
    house.writer.sync_desks([Desk("care", "refund", 60.0), Desk("idle", "nothing", 60.0)])
    house.say(HOUR, "acme refund")
    found = house.brief()
    assert [one.desk.name for one in found.late] == ["care"]
    assert "care: 1 of 1 late, the oldest waits 1 h" in dict(list(parts(found))[-1].lines)
    assert record(found)["mentions"] == 1


def test_times_are_written_as_in_a_query() -> None:
    assert since_of("24h", NOW) == NOW - DAY
    with pytest.raises(QueryError):
        since_of("yesterday", NOW)
