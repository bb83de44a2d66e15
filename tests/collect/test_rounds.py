"""Which channels are visited now."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from listen.collect import rounds as rounds_module
from listen.collect import schedule
from listen.collect.http.politeness import SLOW, SLOW_AT_ONCE
from listen.collect.rounds import PER_HOST, Rounds

NOW = 1_795_000_000.0


def watch(number: int, due: float, host: str = "", **more: Any) -> Any:
    fields = {"seen": frozenset(), "source": "s", "channel": "c", "adapter": None, "refused": "", **more}
    fields |= {"due": due, "host": host or f"host{number}", "streams": False, "accounts": ()}
    return SimpleNamespace(row=SimpleNamespace(id=number), **fields)


def rounds(*watches: Any, running: tuple[int, ...] = ()) -> Rounds:
    made = Rounds()
    made.configure(watches, NOW)
    made.running = dict.fromkeys(running)  # type: ignore[arg-type]
    return made


def numbers(found: list[Any]) -> list[int]:
    return [each.row.id for each in found]


def test_the_longest_overdue_come_first_and_no_more_than_there_is_room_for() -> None:
    made = rounds(watch(1, NOW - 1), watch(2, NOW - 5), watch(3, NOW + 5), watch(4, NOW - 3))
    assert numbers(made.due(NOW, 10)) == [2, 4, 1]
    assert numbers(made.due(NOW, 2)) == [2, 4]
    made.running = {2: None}  # type: ignore[dict-item]
    assert numbers(made.due(NOW, 2)) == [4]
    assert made.due(NOW, 1) == []


def test_one_host_gets_few_places_and_the_others_theirs() -> None:
    slow = [watch(number, NOW - 100 + number, "slow.test") for number in range(20)]
    made = rounds(*slow, watch(99, NOW - 1, "good.test"))
    assert numbers(made.due(NOW, 8)) == [0, 1, 99]
    made.running = {0: None, 1: None}  # type: ignore[dict-item]
    assert numbers(made.due(NOW, 8)) == [99]


def test_the_next_one_due_is_one_that_can_be_visited() -> None:
    slow = [watch(number, NOW - 100, "slow.test") for number in range(PER_HOST + 1)]
    made = rounds(*slow, watch(99, NOW + 60), running=tuple(range(PER_HOST)))
    assert made.next_due(8) == NOW + 60
    assert made.next_due(PER_HOST) is None
    made.running = {}
    assert made.next_due(8) == NOW - 100
    assert rounds().next_due(8) is None


def test_a_new_configuration_keeps_what_is_known_of_a_channel() -> None:
    first, second = watch(1, NOW + 500), watch(2, NOW + 500)
    made = rounds(first, second, running=(1,))
    made.configure([watch(1, 0.0), watch(2, 0.0, source="changed"), watch(3, 0.0)], NOW)
    assert made.watches[1] is first
    assert made.watches[2] is second
    assert (first.due, second.due, second.source) == (NOW + 500, NOW, "changed")
    made.configure([], NOW)
    assert made.watches == {}
    assert made.due(NOW, 8) == []


def test_a_clock_that_is_set_takes_the_plan_with_it() -> None:
    made = rounds(watch(1, NOW + 5), watch(2, schedule.NEVER))
    made.shift(-3_600)
    assert [each.due for each in made.watches.values()] == [NOW - 3_595, schedule.NEVER]


def test_few_visits_that_take_long_keep_no_place_of_their_host(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1_000.0]
    monkeypatch.setattr(rounds_module.time, "monotonic", lambda: now[0])
    made = rounds(*(watch(number, NOW - 1, "one") for number in range(9)))
    started = []
    for _ in range(4):
        for each in made.due(NOW, 99):
            made.begin(each.row.id, None)  # type: ignore[arg-type]
            started.append(each.row.id)
        now[0] += SLOW + 1
    assert len(started) == PER_HOST + SLOW_AT_ONCE
    made.end(started[0])
    assert len(made.due(NOW, 99)) == 1


def test_what_is_switched_off_waits_for_nobody_and_is_due_at_once_when_it_is_on_again() -> None:
    made = rounds(watch(1, NOW - 1), watch(2, NOW + 50), watch(3, schedule.NEVER))
    assert made.switch(frozenset({1, 3}), NOW)
    assert not made.switch(frozenset({1, 3}), NOW)
    assert numbers(made.due(NOW + 60, 10)) == [2]
    assert made.next_due(10) == NOW + 50
    assert made.switch(frozenset(), NOW + 5)
    assert [each.due for each in made.watches.values()] == [NOW + 5, NOW + 50, NOW + 5]
