"""What a receiver does, and what becomes of the letter: it arrives, waits, or is set aside, and is never lost."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
from pathlib import Path

import pytest

from listen.alerts.notify import sender, ways
from listen.alerts.notify.targets import Target
from listen.secrets import Secret
from listen.store import outbox
from tests.alerts.notify.conftest import Post, hook
from tests.collect.server import Reply, Seen, Server
from tests.store.posts import NOW


async def test_a_webhook_gets_signed_json_under_a_key(post: Post, server: Server) -> None:
    secret = "whsec_" + base64.b64encode(b"k" * 24).decode()
    server.on("/hook", Reply(204))
    post.to(hook(server, secret=secret))
    post.put("firing-1-1", body={"title": "x", "text": "\u202eevil", "rule": "buzz"})
    await post.round()
    (seen,) = server.seen
    assert json.loads(seen.body) == {"key": "firing-1-1", "title": "x", "text": "\u202eevil", "rule": "buzz"}
    assert (seen.method, seen.headers["webhook-id"]) == ("POST", "firing-1-1")
    told = f"firing-1-1.{seen.headers['webhook-timestamp']}.".encode() + seen.body
    expected = base64.b64encode(hmac.new(b"k" * 24, told, hashlib.sha256).digest()).decode()
    assert seen.headers["webhook-signature"] == f"v1,{expected}"
    assert post.states() == {"firing-1-1": "sent"}
    await post.round()
    assert len(server.seen) == 1


async def test_an_hour_of_errors_is_waited_out_longer_and_longer(post: Post, server: Server) -> None:
    server.on("/hook", Reply(500, b"boom"), Reply(503), Reply(429, headers={"Retry-After": "900"}), Reply(502), Reply())
    post.to(hook(server))
    post.put("a")
    began = post.clock.at
    gaps, last = [], began
    while post.states()["a"] == "waiting":
        asked = len(server.seen)
        await post.round()
        if len(server.seen) > asked:
            gaps.append(round(post.clock.at - last))
            last = post.clock.at
        post.clock.at += 1
    assert post.states() == {"a": "sent"}
    assert {seen.headers["webhook-id"] for seen in server.seen} == {"a"}
    for gap, (least, most) in zip(gaps, ((0, 0), (8, 13), (24, 37), (900, 901), (480, 721)), strict=True):
        assert least <= gap <= most, gaps
    assert post.letters()["a"].tries == 5


async def test_what_can_never_arrive_is_dead_at_once_and_keeps_nobody_waiting(post: Post, server: Server) -> None:
    async def picky(seen: Seen, writer: asyncio.StreamWriter) -> None:
        bad = seen.headers["webhook-id"] == "poison"
        writer.write(b"HTTP/1.1 %s\r\nContent-Length: 5\r\n\r\nsorry" % (b"400 Bad" if bad else b"200 Fine"))
        await writer.drain()

    server.on("/hook", picky)
    post.to(hook(server))
    post.put("poison")
    post.put("fine")
    await post.round()
    assert post.states() == {"poison": "dead", "fine": "sent"}
    assert post.letters()["poison"].error == "HTTP 400 Bad: sorry"
    server.on("/hook", Reply())
    with post.writer.transaction():
        assert outbox.send_again(post.writer.connection, None, post.clock.now()) == 1
    await post.round()
    assert post.states() == {"poison": "sent", "fine": "sent"}


async def test_after_an_outage_letters_leave_in_their_order_and_new_ones_do_not_overtake(
    post: Post, server: Server
) -> None:
    out = True

    async def moody(seen: Seen, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 %s\r\nContent-Length: 0\r\n\r\n" % (b"503 Out" if out else b"200 Fine"))
        await writer.drain()

    server.on("/hook", moody)
    post.to(hook(server))
    for key in ("a", "b", "c"):
        post.put(key)
    for _ in range(40):
        await post.round()
        post.clock.at += 30
    assert set(post.states().values()) == {"waiting"}
    assert len(server.seen) < 2 * 40  # all of them wait together, longer and longer
    assert len({one.due_at for one in post.letters().values()}) == 1
    out, asked = False, len(server.seen)
    post.put("d")  # long before their time has come
    await post.round()
    assert [seen.headers["webhook-id"] for seen in server.seen[asked:]] == ["a", "b", "c", "d"]
    assert set(post.states().values()) == {"sent"}


async def test_what_is_refused_for_itself_holds_nobody_up(post: Post, server: Server) -> None:
    async def picky(seen: Seen, writer: asyncio.StreamWriter) -> None:
        bad = seen.headers["webhook-id"].startswith("poison")
        writer.write(b"HTTP/1.1 %s\r\nContent-Length: 0\r\n\r\n" % (b"500 Oops" if bad else b"200 Fine"))
        await writer.drain()

    server.on("/hook", picky)
    post.to(hook(server))
    for key in ("poison-1", "poison-2", "a", "b"):
        post.put(key)
    while post.states()["b"] == "waiting":
        await post.round()
        post.clock.at += 5
        assert post.clock.at < NOW + 60
    taken = [seen.headers["webhook-id"] for seen in server.seen]
    assert [key for key in taken if not key.startswith("poison")] == ["a", "b"]
    asked = len(server.seen)
    post.put("c")
    await post.round()
    assert server.seen[-1].headers["webhook-id"] == "c"
    assert len(server.seen) <= asked + 3
    assert {key for key, state in post.states().items() if state == "waiting"} == {"poison-1", "poison-2"}


async def test_after_three_days_it_is_set_aside_with_the_reason(post: Post, server: Server) -> None:
    server.on("/hook", Reply(503))
    post.to(hook(server))
    post.put("a")
    while post.states()["a"] == "waiting":
        await post.round()
        post.clock.at += 1_000
    assert 71 * 3_600 <= post.clock.at - post.letters()["a"].made_at <= 74 * 3_600
    assert post.letters()["a"].error == "tried for three days: HTTP 503 Fine"


@pytest.mark.parametrize("fault", ["hangs", "drips", "closes", "redirects"])
async def test_a_receiver_that_misbehaves_delays_itself_alone(
    post: Post, server: Server, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ways, "DEADLINE", 1.0)

    async def bad(_: Seen, writer: asyncio.StreamWriter) -> None:
        if fault == "redirects":
            writer.write(b"HTTP/1.1 307 Go\r\nLocation: /other\r\nContent-Length: 0\r\n\r\n")
        elif fault != "closes":
            writer.write(b"HTTP/1.1 500 Slow\r\nContent-Length: 100000\r\n\r\n" if fault == "drips" else b"")
            await writer.drain()
            await asyncio.sleep(3_600)
        await writer.drain()

    server.on("/bad", bad)
    server.on("/hook", Reply())
    server.on("/other", Reply())
    post.to(hook(server, "/bad", "bad"), hook(server))
    post.put("a", "bad")
    post.put("b")
    await post.sender.look()
    async with asyncio.timeout(20):
        while post.states()["b"] != "sent":  # noqa: ASYNC110 - the store is asked, and tells nobody
            await asyncio.sleep(0)
    await post.sender.idle()
    letter = post.letters()["a"]
    assert letter.state == ("dead" if fault == "redirects" else "waiting")
    assert letter.error
    assert "/other" not in server.paths()


async def test_a_storm_is_held_back_and_told_in_one(post: Post, server: Server) -> None:
    server.on("/hook", Reply())
    post.to(hook(server, per_hour=3))
    for number in range(8):
        post.put(f"n{number}", severity="notice")
    post.put("page")
    await post.round()
    states = post.states()
    assert states["page"] == "sent"
    assert sorted(states.values()) == ["held"] * 6 + ["sent"] * 3 + ["waiting"]
    sent = [json.loads(seen.body) for seen in server.seen]
    assert ["The last for this hour" in one["text"] for one in sent] == [False, False, True]
    post.clock.at += 3_601
    await post.round()
    last = json.loads(server.seen[-1].body)
    assert (last["title"], "buzz 6" in last["text"]) == ("6 more held back", True)
    with post.writer.transaction():
        assert outbox.send_again(post.writer.connection, None, post.clock.now()) == 6


async def test_digests_come_in_one_at_their_time_and_do_not_count_for_the_storm(post: Post, server: Server) -> None:
    server.on("/hook", Reply())
    target = hook(server, digest=8 * 60, per_hour=1)
    post.to(target)
    at = target.next_digest(post.clock.now())
    assert at == post.clock.now() + 8 * 3_600
    for number in range(3):
        post.put(f"d{number}", severity="digest", due_at=at)
    await post.round()
    assert server.seen == []
    post.clock.at = at + 5
    await post.round()
    (seen,) = server.seen
    assert seen.headers["webhook-id"] == "digest-2026-01-01"
    assert [one["title"] for one in json.loads(seen.body)["letters"]] == ["buzz fires"] * 3
    post.put("page")
    await post.round()
    assert set(post.states().values()) == {"sent"}


async def test_a_command_gets_the_record_and_its_end_says_whether_it_arrived(post: Post, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    post.to(
        Target("duty", "command", argv=("sh", "-c", f"cat > {kept}; echo $LISTEN_KEY >> {kept}")),
        Target("sad", "command", argv=("sh", "-c", "echo no paper >&2; exit 3")),
        Target("gone", "command", argv=("/no/such/program",)),
    )
    for target in ("duty", "sad", "gone"):
        post.put(target, target)
    await post.round()
    record, key = kept.read_text().rsplit("}", 1)
    assert (json.loads(record + "}")["rule"], key.strip()) == ("buzz", "duty")
    told = {key: (one.state, one.error) for key, one in post.letters().items()}
    assert told["duty"] == ("sent", None)
    assert told["sad"] == ("waiting", "sh ended with 3: no paper")
    assert told["gone"] == ("waiting", "/no/such/program: No such file or directory")


async def test_what_kills_its_sender_three_times_is_set_aside(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ways, "POSTMAN", ("-c", "import os; os._exit(9)"))
    post.to(Target("duty", "url", Secret("json://127.0.0.1:1/")))
    post.put("a")
    for _ in range(sender.CRASHES):
        assert post.states() == {"a": "waiting"}
        await post.round()
        post.clock.at += 4_000
    assert (post.states(), post.letters()["a"].crashes) == ({"a": "dead"}, 3)


async def test_no_target_any_more_or_no_secret_says_so(post: Post) -> None:
    post.to(Target("duty", "webhook", problem="the environment has no DUTY_URL"))
    post.put("a")
    post.put("b", "old")
    await post.round()
    told = {key: (one.state, one.error) for key, one in post.letters().items()}
    assert told["a"] == ("waiting", "the environment has no DUTY_URL")
    assert told["b"] == ("dead", "there is no [notify.old] any more")


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("120", 120.0), ("Thu, 01 Jan 2026 00:01:00 GMT", 60.0), ("Thu, 01 Jan 2015 00:00:00 GMT", 0.0), ("soon", None),
     (None, None), ("99999999999999", 999_999_999.0)],
)  # fmt: skip
def test_receivers_say_when_to_come_again(header: str | None, seconds: float | None) -> None:
    assert ways.retry_after(header, 1_767_225_600) == seconds
