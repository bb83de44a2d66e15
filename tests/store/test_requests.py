"""What people ask of the collector."""

from __future__ import annotations

from pathlib import Path

import pytest

from listen.store import requests, sqlite
from tests.store.posts import NOW, Desk, Turned


def test_a_request_is_asked_taken_and_answered_once(store_path: Path, desk: Desk, clock: Turned) -> None:
    people = sqlite.connect_people(store_path)
    first = requests.ask(people, "try", {"source": "press"}, "ana", clock)
    second = requests.ask(people, "report", {"since": "7d", "é": [1, None]}, "bo", clock)
    collector = desk.connection
    assert [(one.id, one.kind, one.body, one.by, one.at) for one in requests.open_requests(collector)] == [
        (first, "try", {"source": "press"}, "ana", NOW), (second, "report", {"since": "7d", "é": [1, None]}, "bo", NOW)
    ]  # fmt: skip
    clock.at += 5
    assert requests.take(collector, first, clock)
    assert not requests.take(collector, first, clock)
    requests.finish(collector, first, clock, answer={"posts": 3})
    requests.finish(collector, first, clock, error="too late")
    done = requests.request(people, first)
    assert done is not None
    assert (done.taken_at, done.done_at, done.answer, done.error) == (NOW + 5, NOW + 5, {"posts": 3}, None)
    assert not requests.take(collector, first, clock)
    assert [one.id for one in requests.open_requests(people)] == [second]
    people.close()


def test_what_a_collector_left_undone_is_open_again(desk: Desk, clock: Turned) -> None:
    one, two = (requests.ask(desk.connection, "preview", {}, "ana", clock) for _ in range(2))
    for request in (one, two):
        requests.take(desk.connection, request, clock)
    requests.finish(desk.connection, two, clock, error="the host is gone")
    assert requests.give_back(desk.connection) == 1
    assert [(request.id, request.taken_at) for request in requests.open_requests(desk.connection)] == [(one, None)]
    assert requests.request(desk.connection, two).error == "the host is gone"


def test_unknown_requests(desk: Desk, clock: Turned) -> None:
    with pytest.raises(ValueError, match="no such request: 'dance'; one of try, preview"):
        requests.ask(desk.connection, "dance", {}, "ana", clock)
    assert requests.request(desk.connection, 99) is None
