"""What people said of a sample."""

from __future__ import annotations

from pathlib import Path

from listen.store.labels import Asked, label
from listen.store.read import Reader
from listen.store.sqlite import connect_people
from tests.store.posts import NOW, Desk, Turned, make_post


def test_judgements_belong_to_a_query_and_to_a_person(desk: Desk, store_path: Path) -> None:
    one, two, three = desk.add([make_post(name, "battery") for name in "xyz"]).new_ids
    clock, asked = Turned(NOW), Asked("battery", "power")
    connection = connect_people(store_path)
    assert label(connection, asked, {one: True, two: False, 17: True}, "ana", clock) == 2
    with Reader(store_path) as reader:
        assert reader.labelled(asked, [three, two, one]) == {one: True, two: False}
        assert reader.labelled(Asked("battery"), [one]) == {}
        assert reader.labelled(Asked("battery toy", "power"), [one]) == {}
        clock.at += 5
        label(connection, asked, {one: False}, "bob", clock)
        assert reader.labelled(asked, [one]) == {one: False}, "the last word counts"
        label(connection, asked, {one: None}, "bob", clock)
        assert reader.labelled(asked, [one]) == {one: True}
    assert connection.execute("SELECT by, topic, query, kept, at FROM labels ORDER BY mention_id").fetchall() == [
        ("ana", "power", "battery", 1, NOW),
        ("ana", "power", "battery", 0, NOW),
    ]
    connection.close()
