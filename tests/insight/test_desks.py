"""What waits at desks, what is late, and how soon we answered."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from listen.insight.desks import due, promises, spoken, standings
from listen.model import Author
from listen.service import Desk, Service, days_of, hours_of
from listen.store import schema, sqlite
from listen.store.read import Reader
from listen.store.triage import Triage
from listen.store.write import Writer
from tests.store import posts
from tests.store.posts import NOW, Turned, make_post

HOUR = 3_600
CARE = Desk("Care", "refund", 2 * HOUR)


class Office:
    """Mentions that arrived and were answered at known times."""

    def __init__(self, path: Path) -> None:
        schema.prepare(path)
        self.path, self.clock = path, Turned(NOW)
        self.writer = Writer(posts.fast(sqlite.connect_writer(path)), self.clock)
        self.world = posts.make_desk(self.writer)
        self.writer.sync_accounts({"we": ["@us"]})
        self.writer.sync_desks([CARE, Desk("Idle", "refund"), Desk("Closed", "refund", 60.0, open=False)])
        self.count = 0

    def arrive(self, ago: int, text: str = "refund", **more: object) -> int:
        """The id of a mention that came in so many seconds before NOW."""
        self.count += 1
        topics: dict[int, int | None] = {self.world.topics["acme"]: None}
        post = make_post(f"p{self.count}", text, topics=topics, **more)
        (number,) = self.world.add([post], seen_at=NOW - ago).new_ids
        return number

    def act(self, ago: int, number: int, status: str) -> None:
        self.clock.at = NOW - ago
        with Triage(self.path, "ana", self.clock) as people:
            people.set_status([number], status)
        self.clock.at = NOW


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    made = Office(tmp_path / "listen.db")
    yield made
    made.writer.connection.close()


def test_desks_tell_what_waits_what_is_late_and_what_was_kept(office: Office) -> None:
    office.arrive(5 * HOUR)
    office.arrive(HOUR)
    office.act(8 * HOUR, office.arrive(9 * HOUR), "answered")
    office.act(4 * HOUR, office.arrive(9 * HOUR), "answered")
    done = office.arrive(9 * HOUR)
    office.act(6 * HOUR, done, "done")
    office.act(2 * HOUR, office.arrive(9 * HOUR), "dismissed")
    office.arrive(5 * HOUR, "something else")
    ours = [office.arrive(hours * HOUR, author=Author("us")) for hours in (5, 9)]  # they count nowhere
    office.act(HOUR, ours[1], "done")
    with Triage(office.path, "ana", office.clock) as people:
        people.star([done])  # later, and no answer
    with Reader(office.path) as reader:
        care, idle = standings(reader, now=NOW)
    assert (care.waiting, care.late, care.exact, care.oldest) == (2, 1, True, NOW - 5 * HOUR)
    assert care.first == (2, 3 * HOUR, 5 * HOUR, 0.5)
    assert care.done == (3, 3 * HOUR, 5 * HOUR, pytest.approx(1 / 3))
    assert idle.done == (3, 3 * HOUR, 5 * HOUR, None)
    assert care.kept == pytest.approx(1 / 3)
    assert (idle.waiting, idle.late, idle.kept) == (2, 0, None)


def test_a_reply_of_ours_is_an_answer_when_it_was_written(office: Office) -> None:
    asked = office.arrive(9 * HOUR, published_at=NOW - 9 * HOUR)
    office.arrive(HOUR, "sorry", author=Author("us"), parent_id="p1", thread_id="p1", published_at=NOW - 8 * HOUR)
    with Reader(office.path) as reader:
        care = standings(reader, now=NOW)[0]
        assert (care.waiting, care.first.n, care.first.half, care.kept) == (0, 1, HOUR, 1.0)
        mention = reader.mention(asked)
        assert mention is not None
        (told,) = promises(reader, mention, NOW)
        assert (told.desk, told.taken) == ("Care", HOUR)


def test_each_mention_has_its_promise_in_hours_of_service(office: Office) -> None:
    """NOW is midnight between Wednesday and Thursday."""
    late, soon = office.arrive(5 * HOUR), office.arrive(HOUR)
    with Reader(office.path) as reader:
        assert due(reader, [late, soon], NOW) == {late: NOW - 3 * HOUR, soon: NOW + HOUR}
        mentions = reader.mentions([late, soon])
        assert [round(promises(reader, one, NOW)[0].left) for one in mentions] == [-3 * HOUR, HOUR]
        day = Service(hours_of("09:00-17:00"), days_of("mon-fri"))
        office.writer.sync_desks([Desk("Care", "refund", 2 * HOUR, day), Desk("Soon", "refund", 1.5 * HOUR, day)])
        assert due(reader, [soon], NOW) == {soon: NOW + 10.5 * HOUR}
        assert [one.left for one in promises(reader, mentions[1], NOW)] == [1.5 * HOUR, 2 * HOUR]


def test_undo_takes_an_answer_back(office: Office) -> None:
    number = office.arrive(5 * HOUR)
    office.act(4 * HOUR, number, "answered")
    with Reader(office.path) as reader, Triage(office.path, "ana", office.clock) as people:
        assert standings(reader, now=NOW)[0].kept == 1.0
        people.undo()
        found = standings(reader, now=NOW)[0]
        assert (found.waiting, found.late, found.first.n, found.kept) == (1, 1, 0, 0.0)


@pytest.mark.parametrize(
    ("seconds", "told"),
    [(0, "0 min"), (31, "1 min"), (2_100, "35 min"), (7_200, "2 h"), (7_800, "2 h 10 min"), (273_600, "3 d 4 h")],
)
def test_spans_are_told_in_two_units(seconds: float, told: str) -> None:
    assert spoken(seconds) == told
