"""What people say of alerts and the silences they make are kept, taken back and done again."""

from __future__ import annotations

from pathlib import Path

import pytest

from listen.store import alerts
from listen.store.alerts import FIRING, PENDING, RESOLVED, Alert
from listen.store.read import Reader
from listen.store.triage import Triage
from tests.store.posts import NOW, Desk, Turned


def put(desk: Desk, rule: str, state: str, **more: object) -> int:
    fired = None if state == PENDING else NOW
    resolved = NOW + 60 if state == RESOLVED else None
    one = Alert(0, rule, "topic:acme", {"topic": "acme"}, "page", state, NOW - 60, NOW, fired, resolved, **more)  # type: ignore[arg-type]
    with desk.writer.transaction():
        return alerts.begin(desk.connection, one)


def test_an_acknowledgement_holds_is_taken_back_and_done_again(desk: Desk, store_path: Path, clock: Turned) -> None:
    firing, waiting = put(desk, "buzz", FIRING, evidence={"text": "41 in the hour"}), put(desk, "slow", PENDING)
    with Triage(store_path, "ana", clock) as ana, Reader(store_path) as reader:
        assert ana.acknowledge([firing, waiting, 99], "on it", "useful").count == 1
        found = reader.alert(firing)
        assert found is not None
        one, events = found
        assert (one.standing, one.acked_by, one.note, one.verdict) == ("acknowledged", "ana", "on it", "useful")
        assert one.evidence == {"text": "41 in the hour"}
        assert [(event.what, event.by, event.detail) for event in events] == [("acknowledged", "ana", "on it, useful")]
        # What the collector saves meanwhile leaves it alone.
        with desk.writer.transaction():
            alerts.save(desk.connection, alerts.untold(desk.connection)[0])
        assert [each.fired for each in reader.alert_figures(NOW - 1)] == [1]
        assert reader.alert_figures(NOW - 1)[0].useful == 1
        undone = ana.undo()
        assert undone is not None
        assert undone.count == 1
        assert {each.standing for each in reader.alerts()} == {PENDING, FIRING}
        assert ana.redo() is not None
        assert ana.acknowledge([firing], "", "noise").count == 1
        assert reader.alert_figures(NOW - 1)[0].noise == 1
        with pytest.raises(ValueError, match="useful or noise"):
            ana.acknowledge([firing], "", "meh")


def test_what_somebody_else_said_since_is_left_alone(desk: Desk, store_path: Path, clock: Turned) -> None:
    firing = put(desk, "buzz", FIRING)
    with Triage(store_path, "ana", clock) as ana, Triage(store_path, "bea", clock) as bea:
        ana.acknowledge([firing])
        bea.acknowledge([firing], "mine now")
        undone = ana.undo()
        assert undone is not None
        assert undone.count == 0
        assert [one.acked_by for one in alerts.alerts(desk.connection)] == ["bea"]


def test_a_silence_stands_until_it_is_over_or_ended(desk: Desk, store_path: Path, clock: Turned) -> None:
    with Triage(store_path, "ana", clock) as ana:
        number, _ = ana.silence(NOW + 3_600, "TV ad", rule="buzz")

        def standing() -> list[int]:
            return [one.id for one in alerts.silences(desk.connection, clock.now())]

        assert standing() == [number]
        ana.undo()
        assert standing() == []
        ana.redo()
        assert standing() == [number]
        assert ana.end_silence([number, 77]).count == 1
        assert standing() == []
        ana.undo()
        assert standing() == [number]
        clock.at += 3_601
        assert standing() == []
        assert [one.comment for one in alerts.silences(desk.connection)] == ["TV ad"]


def test_one_rule_has_one_open_alert_for_an_instance_and_many_that_are_over(desk: Desk) -> None:
    for _ in range(3):
        put(desk, "buzz", RESOLVED)
    first = put(desk, "buzz", FIRING)
    with pytest.raises(Exception, match="UNIQUE"):
        put(desk, "buzz", PENDING)
    assert alerts.alerts(desk.connection)[0].id == first
    assert len(alerts.alerts(desk.connection)) == 4
    assert [one.id for one in alerts.alerts(desk.connection, open_only=True)] == [first]
    assert alerts.cooling(desk.connection, NOW) == {("buzz", "topic:acme"): NOW + 60}
    with desk.writer.transaction():
        assert alerts.forget_before(desk.connection, NOW + 61) == 3
        assert alerts.forget(desk.connection, "alerts", ["acme"], 0, 10)[0] == 1
    assert [(one.instance, one.labels, one.open) for one in alerts.alerts(desk.connection)] == [
        (f"gone {first}", {}, False)
    ]
