"""Who waits to write goes in before the collector's next transaction, which is short when somebody waits."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from listen.model import Prepared
from listen.store import door, sqlite, upkeep
from listen.store.delivery import Delivery, portions
from listen.store.mirror import ChannelUpdate
from listen.store.pace import Pace
from listen.store.read import Reader
from tests.store.posts import NOW, Desk, make_post

PATIENCE = 30


def test_a_person_who_waits_goes_in_before_the_writers_next_transaction(
    desk: Desk, store_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(door.give_way, "__defaults__", (PATIENCE,))
    done: list[str] = []

    def act() -> None:
        person = sqlite.connect_people(store_path)
        with sqlite.short_transaction(person):
            done.append("person")
        person.close()

    assert not door.give_way(store_path)
    with desk.writer.transaction():
        acting = threading.Thread(target=act)
        acting.start()
        end = time.monotonic() + PATIENCE
        while not door.give_way(store_path, 0) and time.monotonic() < end:
            time.sleep(0.001)
        done.append("writer")
    with desk.writer.transaction():
        done.append("writer again")
    acting.join(PATIENCE)
    assert done == ["writer", "person", "writer again"]
    assert desk.writer.waited_for > 0
    assert not door.give_way(store_path)


def test_a_door_that_somebody_blocks_holds_nobody_up_for_good(desk: Desk, store_path: Path) -> None:
    with door.standing(store_path), desk.writer.transaction():
        pass
    with door.standing(store_path.parent / "no folder" / "x.db"):
        assert not door.give_way(store_path.parent / "no folder" / "x.db")


def test_portions_keep_order_and_leave_the_channels_word_to_the_last() -> None:
    said = ChannelUpdate(cursor="c")
    one = Delivery(1, [make_post(str(number)) for number in range(7)], NOW, said, stand={"a": "b"})
    two = Delivery(2, [], NOW, said)
    three = Delivery(3, [make_post(str(number)) for number in range(7, 10)], NOW, said)
    parts = list(portions([one, two, three], 4))
    assert [sum(len(part.posts) for part in found.values()) for found in parts] == [4, 4, 2]
    assert [list(part) for part in parts] == [[0], [0, 1, 2], [2]]
    together = [post.external_id for found in parts for part in found.values() for post in part.posts]
    assert together == [str(number) for number in range(10)]
    assert [[part.update is said for part in found.values()] for found in parts] == [
        [False],
        [True, True, False],
        [True],
    ]
    assert [[*part.stand] for found in parts for part in found.values()] == [[], ["a"], [], [], []]
    assert list(portions([], 4)) == [{}]


def test_beside_somebody_who_waits_much_is_stored_in_portions(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.writer._pace = Pace(1.0, 10)
    told: list[int] = []
    stored = desk.writer._wave
    monkeypatch.setattr(desk.writer, "_wave", lambda wave: (told.append(len(wave[0][2])), stored(wave))[1])
    batch = [make_post(str(number), topics={1: 5}) for number in range(25)]

    def add(found: list[Prepared]) -> tuple[int, int]:
        desk.writer._pace.row = 1.0
        added = desk.writer.add(desk.channels["a1"].id, found, seen_at=NOW, update=ChannelUpdate(cursor="next"))
        return len(added.new_ids), added.again

    assert add([*batch, replace(batch[0])]) == (25, 1)
    assert [n for n in told if n] == [10, 10, 6]
    assert desk.one("SELECT mentions FROM channels WHERE id = ?", desk.channels["a1"].id) == 25
    assert add(batch) == (0, 25), "who brings it once more finds all of it known"
    told.clear()
    desk.writer._pace.row, desk.writer.waited_for = 0.001, time.monotonic()
    assert desk.writer._bearable() == 80
    desk.writer.waited_for = -PATIENCE
    assert desk.writer._bearable() == 250


def test_the_log_begins_afresh_once_readers_have_been_waited_for(
    desk: Desk, store_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upkeep, "WAL_LIMIT", 1)
    log, wait = upkeep.Log(desk.connection), upkeep.moved

    def frames() -> int:
        desk.add([make_post(str(time.monotonic()))])
        return int(desk.connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()[1])

    with Reader(store_path) as reader:
        with reader._question() as held:
            held.execute("SELECT count(*) FROM mentions").fetchone()
            before = frames()
            assert log.checkpoint(1)
            assert frames() > before, "it reads for longer than anybody waits for it"
            before = frames()

            def ended(connection: sqlite.Connection, how: str, patience: int = 0) -> bool:
                held.execute("COMMIT")
                return wait(connection, how, patience)

            monkeypatch.setattr(upkeep, "moved", ended)
            log = upkeep.Log(desk.connection)
            assert log.checkpoint(1)
        assert frames() < before
