"""The store's threads: the newest question wins, every action is carried out, and faults are told and got over."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from listen import query
from listen.console import counting, pages
from listen.console.answers import Acted, Arrived, Changed, Checked, Counted, Failed, Mailbox, Recovered
from listen.console.clerk import Asked, Clerk, Hands
from listen.console.heartbeat import Heartbeat
from listen.console.view import View
from listen.console.watch import Watch
from listen.model import STATUSES
from listen.store import presence
from listen.store.channels import LastHeard
from listen.store.read import Reader
from listen.store.running import Collector
from tests.console.conftest import DEADLINE
from tests.console.town import NOW, Town, make_town
from tests.store.posts import Turned


class Heard(list[Any]):
    """What was told."""

    def until(self, holds: Callable[[list[Any]], object]) -> None:
        deadline = time.monotonic() + DEADLINE
        while not holds(self):
            assert time.monotonic() < deadline, list(self)
            time.sleep(0.005)

    def of(self, kind: type) -> list[Any]:
        return [one for one in self if isinstance(one, kind)]


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def clerk(town: Town, heard: Heard) -> Any:
    made = Clerk("test", town.path, heard.append)
    yield made
    made.close()


class TestClerk:
    def test_the_newest_question_of_a_kind_takes_the_place_of_the_one_before(self, clerk: Clerk, heard: Heard) -> None:
        held, began = threading.Event(), threading.Event()

        def slow(_reader: Reader, asked: Asked, _post: object) -> str:
            began.set()
            held.wait(DEADLINE)
            return f"slow, {asked.wanted}"

        clerk.ask("a", slow)
        began.wait(DEADLINE)
        for number in range(5):
            clerk.ask("a", lambda *_, number=number: number)
        clerk.ask("b", lambda *_: "b")
        held.set()
        heard.until(lambda told: "b" in told)
        assert heard == ["slow, False", 4, "b"]

    def test_a_long_query_is_stopped_by_the_next_question(self, clerk: Clerk, heard: Heard) -> None:
        ended = threading.Event()
        began = threading.Event()

        def endless(reader: Reader, asked: Asked, _post: object) -> None:
            began.set()
            with reader._question(None) as connection, reader._ended():
                connection.execute(
                    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT sum(i) FROM n"
                ).fetchone()
            ended.set()

        clerk.ask("page", endless)
        assert began.wait(DEADLINE)
        time.sleep(0.05)
        clerk.ask("page", lambda *_: "next")
        heard.until(lambda told: "next" in told)
        assert ended.is_set()

    def test_a_fault_is_told_and_the_question_asked_again(self, clerk: Clerk, heard: Heard, monkeypatch) -> None:
        monkeypatch.setattr("listen.console.clerk.AGAIN", 0.01)
        tries = []

        def unlucky(*_: object) -> str:
            tries.append(1)
            if len(tries) < 3:
                raise OSError(5, "Input/output error")
            return "at last"

        clerk.ask("a", unlucky)
        heard.until(lambda told: "at last" in told)
        assert [type(one) for one in heard] == [Failed, Failed, Recovered, str]
        assert "Input/output error" in heard[0].sentence

    def test_it_closes_while_a_query_runs(self, town: Town) -> None:
        made = Clerk("test", town.path, lambda _answer: None)
        began = threading.Event()

        def endless(reader: Reader, *_: object) -> None:
            began.set()
            with reader._question(None) as connection, reader._ended():
                connection.execute(
                    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT sum(i) FROM n"
                ).fetchone()

        made.ask("page", endless)
        assert began.wait(DEADLINE)
        time.sleep(0.05)
        made.close()
        assert not made._thread.is_alive()


class TestQuestions:
    def test_a_page_its_rest_and_its_end(self, town: Town, clerk: Clerk, heard: Heard) -> None:
        ids = town.talk(40)
        clerk.ask("page", pages.first(View(1), NOW))
        heard.until(lambda told: told)
        assert heard[0].ids == ids[:200]
        assert not heard[0].end
        assert [row.id for row in heard[0].rows] == ids[: pages.AT_ONCE]
        clerk.ask("more", pages.below(View(1), heard[0].searched, NOW))
        heard.until(lambda told: len(told) == 2)
        clerk.ask("more", pages.below(View(1), heard[1].searched, NOW))
        heard.until(lambda told: len(told) == 3)
        assert [*heard[0].ids, *heard[1].ids, *heard[2].ids] == ids
        assert heard[2].end

    def test_around_an_id_and_the_oldest(self, town: Town, clerk: Clerk, heard: Heard) -> None:
        ids = town.talk(60)
        clerk.ask("page", pages.first(View(1), NOW, ids[300]))
        clerk.ask("old", pages.last(View(1), NOW))
        clerk.ask("up", pages.above(View(1), ids[500], NOW))
        heard.until(lambda told: len(told) == 3)
        around, oldest, above = heard
        assert around.ids == ids[100:500]
        assert (around.at, around.newest, around.end) == (ids[300], False, False)
        assert oldest.ids == ids[-200:]
        assert above.ids == ids[300:500]

    def test_counts_and_checks(self, town: Town, clerk: Clerk, heard: Heard) -> None:
        town.talk()
        clerk.ask("count", counting.count(7, query.parse("acme"), NOW))
        clerk.ask("check", counting.check("topic:rival AND", NOW))
        clerk.ask("check2", counting.check("topic:rival or", NOW))
        heard.until(lambda told: len({one.text for one in told.of(Checked)}) == 2)
        assert heard.of(Counted)[0] == Counted(7, 10, True)
        assert {one.text: one.error is not None for one in heard.of(Checked)} == {
            "topic:rival AND": True,
            "topic:rival or": False,
        }


class TestHands:
    def test_everything_is_carried_out_in_order_also_at_the_end(self, town: Town, heard: Heard) -> None:
        ids = town.talk(5)
        hands = Hands(town.path, "ana", town.clock, heard.append)
        for number, one in enumerate(ids):
            status = STATUSES[1 + number % 3]
            hands.do(status, (one,), lambda triage, one=one, status=status: triage.set_status([one], status))
        hands.close()
        assert [acted.ids[0] for acted in heard.of(Acted)] == ids
        with Reader(town.path) as reader:
            assert [row.status for row in reader.rows(ids)] == [STATUSES[1 + n % 3] for n in range(len(ids))]

    def test_a_fault_is_told_with_what_it_concerns_and_the_next_one_goes_on(self, town: Town, heard: Heard) -> None:
        (one,) = town.say("mastodon", "ana", "hello")
        hands = Hands(town.path, "ana", town.clock, heard.append)
        hands.do("done", (one,), lambda triage: triage.set_status([one], "nonsense"))
        hands.do("star", (one,), lambda triage: triage.star([one], True))
        hands.close()
        failed, fine = heard
        assert failed.error
        assert failed.ids == (one,)
        assert fine.error is None


class TestWatch:
    def watch(self, town: Town, heard: Heard) -> Watch:
        watch = Watch(town.path, town.clock, heard.append, presence.console(""))
        with Reader(town.path) as reader:
            watch._seen = reader.arrivals(None)[0]
        watch.look()
        heard.clear()
        return watch

    def test_arrivals_of_the_view_are_told(self, town: Town, heard: Heard) -> None:
        watch = self.watch(town, heard)
        watch.follow(3, query.parse("topic:rival status:new sentiment:neg since:2h"))
        town.say("mastodon", "ana", "about acme")
        (wanted,) = town.say("mastodon", "ana", "about rival", topics={town.topics["rival"]: -300})
        town.say("mastodon", "ana", "long ago", topics={town.topics["rival"]: -300}, ago=8000)
        watch.look()
        arrived, changed = heard
        assert arrived[:2] == (3, [wanted])
        assert [row.id for row in arrived.rows] == [wanted]
        assert (type(changed), list(changed.touched)) == (Changed, [])
        heard.clear()
        watch.look()
        assert heard == []
        watch.close()

    def test_another_s_write_is_told_without_arrivals(self, town: Town, heard: Heard) -> None:
        from listen.store.triage import Triage

        ids = town.talk()
        watch = self.watch(town, heard)
        with Triage(town.path, "bob", town.clock) as triage:
            triage.set_status(ids[:2], "done")
        watch.look()
        (changed,) = heard
        assert (type(changed), set(changed.touched)) == (Changed, set(ids[:2]))
        watch.close()

    def test_a_store_that_comes_late_is_found(self, tmp_path: Path, heard: Heard, monkeypatch) -> None:
        monkeypatch.setattr("listen.console.watch.AGAIN", 0.01)
        watch = Watch(tmp_path / "late.db", Turned(NOW), heard.append, presence.console(""))
        watch.start(0)
        heard.until(lambda told: told)
        town = make_town(tmp_path / "late.db")
        town.say("mastodon", "ana", "hello")
        heard.until(lambda told: heard.of(Recovered) and heard.of(Arrived))
        watch.close()
        town.writer.connection.close()


def test_a_mailbox_keeps_what_nobody_reads_yet() -> None:
    mail, read = Mailbox(), []
    mail.post(1)
    mail.post(2)
    assert mail.take() == [1, 2]
    mail.post(3)
    mail.open(read.append)
    mail.post(4)
    assert read == [3, 4]
    mail.close()
    mail.post(5)
    assert read == [3, 4]


def test_a_heartbeat_is_judged_by_whether_it_goes_on(monkeypatch) -> None:
    now = [100.0]
    monkeypatch.setattr("listen.console.heartbeat.time.monotonic", lambda: now[0])
    told = Collector(1, socket.gethostname(), NOW, NOW, 1, None)
    beat = Heartbeat(Turned(NOW + 5))
    assert beat.told() == ("nobody collects", True)
    beat.see(told)
    assert beat.told() == ("collecting", False)
    now[0] += 31
    beat.see(told)
    assert beat.told() == ("nobody collects", True)
    old = Heartbeat(Turned(NOW + 100_000))
    old.see(told)
    assert old.told()[1], "an old heartbeat may be one of the dead"
    old.see(Collector(1, "server", NOW, NOW + 40_000, 1, None))
    assert old.told() == ("collecting on server", False)
    old.see(Collector(1, "server", NOW, NOW + 80_000, 1, "no room left"))
    assert old.told() == ("no room left", True)
    old.ended("the disk is full")
    assert old.state() == ("nobody collects · the disk is full", True), "it is not waited for its silence"
    old.see(Collector(1, "server", NOW, NOW + 90_000, 2, None))
    assert old.state() == ("collecting on server", False)


def test_the_header_says_when_nothing_was_heard_for_longer_than_the_rhythm_explains(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("listen.console.heartbeat.time.monotonic", lambda: 100.0)

    def state(ago: float, heard: LastHeard, *, collected: bool = True) -> tuple[str, bool]:
        beat = Heartbeat(Turned(NOW + ago))
        now = int(NOW + ago) if collected else NOW - 100_000
        beat.see(Collector(1, socket.gethostname(), NOW, now, 1, None), heard)
        return beat.state()

    often = LastHeard(NOW, 120)
    assert state(1_700, often) == ("collecting", False)
    assert state(1_900, often) == ("nothing heard for 31 min", True)
    assert state(10_900, often, collected=False) == ("nobody collects · nothing heard for 3 h", True)
    assert state(10_900, LastHeard(NOW, 6_000)) == ("collecting", False)  # it is asked every hundred minutes
    assert state(10_900, LastHeard(NOW, None)) == ("nothing heard for 3 h", True)  # all of them have a fault
    assert LastHeard(NOW, 120).silent_for(NOW + 10_900, pace=5_000) is None  # two seconds of a demo
    assert state(10_900, LastHeard(None, None)) == ("collecting", False)  # nothing has ever answered: told elsewhere
