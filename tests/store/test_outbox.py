"""Letters wait in their order, are never written twice, and stay when they cannot be sent."""

from __future__ import annotations

from listen.store import outbox
from listen.store.outbox import DEAD, HELD, SENT, WAITING, Draft
from tests.store.posts import NOW, Desk


def draft(key: str, target: str = "duty", thread: str = "buzz 1", **more: object) -> Draft:
    body = {"title": "buzz fires", "text": "@claire is angry"}
    return Draft(key, target, thread, "buzz", "firing", "page", (1,), body, NOW)._replace(**more)


def put(desk: Desk, *drafts: Draft) -> int:
    with desk.writer.transaction():
        return outbox.put(desk.connection, drafts, NOW)


def due(desk: Desk, at: float = NOW, target: str = "duty") -> list[str]:
    return [one.key for one in outbox.due(desk.connection, target, at)]


def test_the_same_news_is_written_once_for_each_target(desk: Desk) -> None:
    assert put(desk, draft("a"), draft("a"), draft("a", "mail")) == 2
    assert put(desk, draft("a")) == 0
    assert due(desk) == due(desk, target="mail") == ["a"]
    (one,) = outbox.of_alert(desk.connection, 1)[:1]
    assert (one.body["text"], one.alerts, one.state) == ("@claire is angry", (1,), WAITING)


def test_within_a_thread_letters_keep_their_order_and_others_go_past(desk: Desk) -> None:
    put(
        desk,
        draft("first"),
        draft("second"),
        draft("other", thread="buzz 2"),
        draft("late", thread="x", due_at=NOW + 9),
    )
    assert due(desk) == ["first", "other"]
    first = outbox.due(desk.connection, "duty", NOW)[0]
    with desk.writer.transaction():
        outbox.put_off(desk.connection, [first.id], NOW + 30, "HTTP 503")
    assert due(desk) == ["other"]
    assert due(desk, NOW + 29) == ["other", "late"]
    with desk.writer.transaction():
        outbox.mark_sent(desk.connection, [first.id], NOW + 31)
    assert due(desk, NOW + 31) == ["second", "other", "late"]


def test_what_was_set_aside_is_sent_again_under_its_key(desk: Desk) -> None:
    put(desk, draft("a"), draft("b", thread="b"), draft("c", thread="c"))
    one, two, three = outbox.due(desk.connection, "duty", NOW)
    with desk.writer.transaction():
        outbox.set_aside(desk.connection, [one.id], DEAD, "HTTP 404")
        outbox.set_aside(desk.connection, [two.id], HELD, "more than 20 in an hour")
        outbox.mark_sent(desk.connection, [three.id], NOW)
    assert due(desk) == []
    assert outbox.counts(desk.connection) == {DEAD: 1, HELD: 1}
    assert [one.error for one in outbox.letters(desk.connection, (DEAD,))] == ["HTTP 404"]
    with desk.writer.transaction():
        assert outbox.send_again(desk.connection, [one.id, three.id], NOW) == 1
        assert outbox.send_again(desk.connection, None, NOW) == 1
    assert due(desk) == ["a", "b"]


def test_what_was_set_aside_is_told_by_reason_and_dropped_for_good(desk: Desk) -> None:
    put(desk, *(draft(key, thread=key) for key in "abc"), draft("d", "mail", thread="d"))
    ids = [one.id for one in outbox.letters(desk.connection)][::-1]
    with desk.writer.transaction():
        outbox.set_aside(desk.connection, [ids[0], ids[2]], DEAD, "HTTP 404")
        outbox.set_aside(desk.connection, [ids[3]], HELD, "more than 20 in an hour")
    found = outbox.stuck(desk.connection)
    assert [(one.target, one.state, one.error, sorted(one.ids)) for one in found] == [
        ("mail", HELD, "more than 20 in an hour", [ids[3]]),
        ("duty", DEAD, "HTTP 404", [ids[0], ids[2]]),
    ]
    with desk.writer.transaction():
        assert [target for target, _, _ in outbox.drop(desk.connection, [ids[0], ids[1]])] == ["duty"], "b waits"
        assert outbox.send_again(desk.connection, [ids[0]], NOW) == 0
        assert len(outbox.drop(desk.connection, None)) == 2
        assert outbox.send_again(desk.connection, None, NOW) == 0
    assert outbox.stuck(desk.connection) == []
    assert due(desk) == ["b"]


def test_whose_target_is_gone_is_found_and_who_is_forgotten_is_in_no_letter(desk: Desk) -> None:
    put(desk, draft("a"), draft("b", "mail", thread="b"))
    assert [one.key for one in outbox.orphans(desk.connection, ["mail"])] == ["a"]
    with desk.writer.transaction():
        assert outbox.forget(desk.connection, ["@claire"])[0] == 2
        assert outbox.send_again(desk.connection, None, NOW) == 0
    assert due(desk) == []
    assert [(one.state, one.body) for one in outbox.letters(desk.connection)] == [(DEAD, {}), (DEAD, {})]
    with desk.writer.transaction():
        outbox.forget_before(desk.connection, NOW + 1)
    assert outbox.letters(desk.connection, (SENT, DEAD)) == []
