"""Rows J of the torture list: receivers that are down, late, picky or busy, storms, silences, and foreign words."""

from __future__ import annotations

import asyncio
import email
import json
import logging
import time
from collections.abc import Callable
from email.policy import default
from pathlib import Path
from typing import Any, TypeVar

import pytest
from aiosmtpd.smtp import SMTP  # type: ignore[import-untyped]

from listen.alerts import past
from listen.alerts.cycle import Notice
from listen.alerts.engine import Engine
from listen.alerts.notify import letters, ways
from listen.alerts.notify.sender import JITTER, Sender
from listen.alerts.notify.targets import Target
from listen.alerts.rules import Rule
from listen.cli import run
from listen.secrets import Secret
from listen.store import alerts, outbox
from listen.store.alerts import FIRING, Alert
from listen.store.read import Reader
from listen.store.sqlite import StoreError
from listen.store.triage import Triage
from listen.store.write import Writer
from listen.text import clean
from tests.alerts.notify.conftest import Post, hook, post, server
from tests.alerts.notify.test_postman import Kept
from tests.collect.server import Reply, Seen, Server
from tests.store.conftest import clock, desk, store_path
from tests.store.posts import NOW, Desk, Turned, make_post

__all__ = ["clock", "desk", "post", "server", "store_path"]

T = TypeVar("T")
HOUR = 3_600


def keys(server: Server, path: str = "/hook") -> list[str]:
    return [seen.headers["webhook-id"] for seen in server.seen if seen.path == path]


# --- receivers -------------------------------------------------------------------------------------------------------


async def test_after_an_hour_of_a_receiver_that_is_down_all_of_the_backlog_arrives(post: Post, server: Server) -> None:
    """T071."""
    server.on("/hook", Reply(500))
    post.to(hook(server, per_hour=1_000))
    wanted = []
    for minute in range(60):
        wanted.append(f"n{minute}")
        post.put(wanted[-1], thread=f"rule {minute % 3}")
        await post.round()
        post.clock.at += 60
    began = int(post.clock.at) - HOUR
    assert outbox.delayed(post.writer.connection) == (60, began), "how long the queue is, and has been there"
    server.on("/hook", Reply())
    down = len(server.seen)
    for _ in range(80):
        await post.round()
        post.clock.at += 60
    assert set(post.states().values()) == {"sent"}
    arrived = keys(server)[down:]
    assert sorted(arrived) == sorted(wanted), "each once"
    for thread in range(3):
        its = [key for key in arrived if int(key[1:]) % 3 == thread]
        assert its == [f"n{minute}" for minute in range(60) if minute % 3 == thread], "oldest first"


async def test_cut_off_between_delivery_and_the_mark_a_letter_comes_again_under_its_key(
    post: Post, server: Server
) -> None:
    """T072. A process that ends there, and a store that cannot be written, are the same to the outbox."""

    async def do(work: Callable[[Writer], T], /) -> T:
        if keys(server)[asked:]:
            raise StoreError("the process is gone")
        return work(post.writer)

    server.on("/hook", Reply())
    post.put("page")
    for asked in range(50):  # noqa: B007 - `do` looks at it
        one = Sender(do, post.ways, post.clock)
        one.targets = {"duty": hook(server)}
        await one.look()
        await one.idle()
        assert post.states() == {"page": "waiting"}
    post.to(hook(server))
    await post.round()
    assert (keys(server), post.states()) == (["page"] * 51, {"page": "sent"})
    assert len({seen.body for seen in server.seen}) == 1


async def test_a_late_answer_counts_as_none_and_the_tries_are_seen(
    post: Post, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """T073."""
    monkeypatch.setattr(ways, "DEADLINE", 0.3)

    async def late(_: Seen, writer: asyncio.StreamWriter) -> None:
        await asyncio.Event().wait()

    server.on("/hook", late)
    post.to(hook(server))
    post.put("page")
    for tries in (1, 2):
        await post.round()
        letter = post.letters()["page"]
        assert (letter.state, letter.tries, letter.error) == ("waiting", tries, "no answer within 0 s")
        post.clock.at += HOUR
    monkeypatch.setattr(ways, "DEADLINE", 30.0)
    server.on("/hook", Reply())
    await post.round()
    assert (keys(server), post.letters()["page"].tries, post.states()) == (["page"] * 3, 3, {"page": "sent"})


async def test_a_receiver_that_asks_to_wait_gets_no_other_letter_meanwhile(post: Post, server: Server) -> None:
    """T074."""
    busy = Reply(503, headers={"Retry-After": "120"})
    server.on("/hook", busy, busy, busy, Reply())
    server.on("/other", Reply())
    post.to(hook(server), hook(server, "/other", "other"))
    for key in ("a", "b", "c"):
        post.put(key)
    post.put("d", "other")
    asked = []
    began = post.clock.at
    while "waiting" in post.states().values():
        before = len(keys(server))
        await post.round()
        asked += [int(post.clock.at - began)] * (len(keys(server)) - before)
        post.clock.at += 1
    assert post.letters()["d"].sent_at == began, "the other receiver has nothing to do with it"
    assert asked[:3] == [0, 120, 240]
    assert 360 <= asked[3] <= 240 + 120 * (1 + JITTER), "the third step is as long as what is asked for, more or less"
    assert len(asked) == 6, "three refusals, and each letter once"


async def test_one_bad_letter_among_a_hundred_is_set_aside_and_sent_again_by_its_number(
    post: Post, server: Server, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """T075."""

    async def picky(seen: Seen, writer: asyncio.StreamWriter) -> None:
        bad = b"marker" in seen.body
        writer.write(b"HTTP/1.1 %s\r\nContent-Length: 0\r\n\r\n" % (b"400 Bad" if bad else b"200 Fine"))
        await writer.drain()

    server.on("/hook", picky)
    post.to(hook(server, per_hour=1_000))
    for number in range(100):
        post.put(f"n{number}", body={"title": "buzz fires", "text": "marker" if number == 40 else "fine"})
    await post.round()
    states = post.states()
    assert states.pop("n40") == "dead"
    assert set(states.values()) == {"sent"}
    asked = ["--db", str(tmp_path / "listen.db"), "alerts", "retry"]
    number = post.letters()["n40"].id
    assert run([*asked, "--json"]) == 0
    (told,) = map(json.loads, capsys.readouterr().out.splitlines())
    assert (told["id"], told["state"], told["tries"], told["error"]) == (number, "dead", 1, "HTTP 400 Bad")
    server.on("/hook", Reply())
    assert run([*asked, str(number)]) == 0
    post.clock.at = time.time() + 1  # the command's clock is the machine's
    await post.round()
    assert set(post.states().values()) == {"sent"}
    assert keys(server).count("n40") == 2


async def test_of_two_targets_the_good_one_is_told_once_however_often_the_other_fails(
    post: Post, server: Server
) -> None:
    """T078."""
    server.on("/hook", Reply())
    server.on("/bad", Reply(500))
    post.to(hook(server), hook(server, "/bad", "bad"))
    for key in ("a", "b"):
        post.put(key)
        post.put(key, "bad")
    for _ in range(6):
        await post.round()
        post.clock.at += 2 * HOUR
    assert sorted(keys(server)) == ["a", "b"]
    found = {(one.key, one.target): (one.state, one.tries) for one in outbox.letters(post.writer.connection)}
    assert found["a", "duty"] == found["b", "duty"] == ("sent", 1)
    assert found["a", "bad"][0] == found["b", "bad"][0] == "waiting"
    assert keys(server, "/bad").count("a") == found["a", "bad"][1] >= 3


# --- storms and silences ---------------------------------------------------------------------------------------------


class Alarmed:
    """Rules over a store, whose notices are written to the outbox as the collector does."""

    def __init__(self, desk: Desk, store: Path, clock: Turned, *rules: Rule) -> None:
        self.desk, self.clock, self.said = desk, clock, 0
        self.sender = Sender(self._do, self, clock)
        self.sender.targets = {"duty": Target("duty", "command", argv=("x",), per_hour=1_000)}
        self.sent: list[letters.Message] = []
        desk.writer.remembers = True
        self.engine = Engine(self._put)
        self.engine.configure(desk.writer, rules)
        self.turn()
        with Reader(store) as reader:
            for one in self.engine.unread():
                self.engine.learn(one.rule, *past.of_rule(reader, one.rule, one.since, clock.now()))

    def _put(self, connection: Any, notices: Any, now: float) -> None:
        letters.put(connection, notices, self.sender.targets, now)

    async def _do(self, work: Callable[[Writer], T], /) -> T:
        return work(self.desk.writer)

    async def prepare(self, targets: object) -> None:
        pass

    async def send(self, target: Target, message: letters.Message, now: float) -> ways.Outcome:
        self.sent.append(message)
        return ways.Outcome()

    async def close(self) -> None:
        pass

    def say(self, n: int, text: str = "an acme recall") -> None:
        topics = {self.desk.topics["acme"]: 0}
        posts = [make_post(f"s{self.said + one}", f"{text} {self.said + one}", topics=topics) for one in range(n)]
        self.said += n
        self.desk.add(posts, seen_at=int(self.clock.now()))

    def turn(self, after: float = 0.0) -> None:
        self.clock.at += after
        self.engine.turn(self.desk.writer)

    async def round(self) -> None:
        await self.sender.look()
        await self.sender.idle()

    def letters(self) -> list[tuple[str, str, str | None]]:
        return [(one.kind, one.state, one.error) for one in reversed(outbox.letters(self.desk.connection))]


def recall(**more: Any) -> Rule:
    return Rule("recall", "match", query="topic:acme", severity="page", route=("notify:duty",), **more)


async def test_a_storm_of_one_rule_is_one_letter_an_interval_with_count_and_items(
    desk: Desk, clock: Turned, store_path: Path
) -> None:
    """T076: 10,000 matches within a minute, and all of them in the store."""
    alarmed = Alarmed(desk, store_path, clock, recall(group_interval=300.0))
    for _ in range(20):
        alarmed.say(500)
        alarmed.turn(3)
        await alarmed.round()
    assert len(alarmed.sent) == 1, "the first, at once"
    alarmed.turn(300)
    await alarmed.round()
    first, storm = alarmed.sent
    assert first.key != storm.key
    (alert,) = storm.record["alerts"]
    assert (alert["evidence"]["count"], len(alert["evidence"]["mentions"])) == (10_000, letters.QUOTED)
    assert "10,000 in the" in storm.text
    assert storm.text.count("\n– ") == letters.QUOTED
    assert desk.one("SELECT count(*) FROM mentions") == 10_000
    for _ in range(5):
        alarmed.turn(60)
        await alarmed.round()
    assert len(alarmed.sent) == 2
    alarmed.engine.close()


async def test_what_is_silenced_is_kept_as_silenced_and_told_when_the_silence_is_over(
    desk: Desk, clock: Turned, store_path: Path
) -> None:
    """T077: a silence of an hour, of which a letter that waits already is kept, too."""
    alarmed = Alarmed(desk, store_path, clock, recall(per=("lang",), group_interval=60.0, window=24.0 * HOUR))
    alarmed.say(1)
    alarmed.turn(1)
    with Triage(store_path, "ana", clock) as ana:
        number, _ = ana.silence(int(clock.at) + HOUR, "TV ad", rule="recall")
    alarmed.turn(60)
    await alarmed.round()
    assert alarmed.letters() == [("firing", "muted", "a silence stands")]
    assert [one.muted for one in alerts.alerts(desk.connection)] == [f"silence {number}"]
    alarmed.say(1)
    alarmed.turn(120)
    assert len(alarmed.letters()) == 1, "nothing is written while it stands"
    alarmed.turn(HOUR)
    await alarmed.round()
    assert [state for _, state, _ in alarmed.letters()] == ["muted", "sent"]
    assert "2 in 24 h" in alarmed.sent[0].text, "it tells of all that was silenced"
    assert [one.muted for one in alerts.alerts(desk.connection)] == [""]
    with Triage(store_path, "ana", clock) as ana:
        assert ana.send_again() == 1
    await alarmed.round()
    assert [state for _, state, _ in alarmed.letters()] == ["sent", "sent"]
    alarmed.engine.close()


# --- words and secrets -----------------------------------------------------------------------------------------------

FOREIGN = (
    "snake_case #1 <b>a < b</b> *x* @everyone <!channel> \ud83d\ude00 \udfff\r\nBcc: eve@evil.example\r\n\r\n.\r\nQUIT"
)


def told_of(desk: Desk, instance: str, text: str) -> dict[str, Any]:
    """The body of a letter on one mention that says `text`, cleaned as all is that comes in."""
    text = clean(text, 2_000)[0]
    (number,) = desk.add([make_post("1", text)]).new_ids
    evidence = {"text": f"1 of {text}", "words": [text], "mentions": [number]}
    one = Alert(7, "buzz", instance, {"topic": instance}, "page", FIRING, NOW, NOW, NOW, evidence=evidence)
    notice = Notice("firing-7-1", "buzz", "firing", "page", ("notify:duty",), NOW, (one,))
    targets = {"duty": Target("duty", "command", argv=("x",))}
    (draft,) = letters.drafts(desk.connection, [notice], targets, NOW)
    return dict(draft.body)


async def test_foreign_words_reach_webhook_and_mail_whole_and_command_nothing(
    desk: Desk, post: Post, server: Server
) -> None:
    kept = Kept()
    served = await asyncio.get_running_loop().create_server(lambda: SMTP(kept), "127.0.0.1", 0)
    port = served.sockets[0].getsockname()[1]
    mail = f"mailto://127.0.0.1:{port}?from=listen@acme.example&to=duty@acme.example&mode=insecure"
    server.on("/hook", Reply())
    post.to(hook(server), Target("mail", "url", Secret(mail)))
    body = told_of(desk, "topic:" + clean(FOREIGN, 100)[0], FOREIGN)
    for name in ("duty", "mail"):
        post.put("a", name, body=body)
    try:
        await post.round()
    finally:
        served.close()
    assert {one.state for one in outbox.letters(post.writer.connection)} == {"sent"}
    (seen,) = server.seen
    record = json.loads(seen.body)
    assert record["alerts"][0]["evidence"]["mentions"][0]["text"] == clean(FOREIGN)[0], "machines get it as it was"
    read = email.message_from_bytes(kept.mails[0], policy=default)
    assert len(kept.mails) == 1
    assert (read["Bcc"], read["To"].addresses[0].addr_spec) == (None, "duty@acme.example")
    plain = read.get_body(("plain",)).get_content()  # type: ignore[attr-defined]
    for text in (record["text"], record["title"], plain, str(read["Subject"])):
        assert "snake_case #1 <b>a < b</b> *x* @" in " ".join(text.split())
        assert not any(call in text for call in ("@everyone", "<!channel>"))
        assert not any("\ud800" <= one <= "\udfff" for one in text)
    for text in (record["text"], plain):
        assert not any(line.strip() in (".", "QUIT") or line.startswith("Bcc") for line in text.splitlines())
        assert "QUIT" in text, "nothing behind it was cut off"


async def test_no_secret_is_told_however_a_sending_fails(
    post: Post, server: Server, tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(ways, "DEADLINE", 5.0)
    caplog.set_level(logging.DEBUG)
    word, key, sign = "canary-word", "canary-key-7711", "canary-secret-81"
    path = f"/services/canary-path-5523?token={key}"

    async def closes(_: Seen, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 \r\n")

    quoted = f"no {path} for {word} and {key} signed {sign}"
    for reply, name in ((Reply(500, quoted.encode(), reason=key), "quotes"), (closes, "closes"),
                        (Reply(400, b"x " * 93 + quoted.encode()), "cuts"),
                        (Reply(307, headers={"Location": f"gopher://{key}/"}), "moves")):  # fmt: skip
        server.on(f"/{name}/services/canary-path-5523", reply)
    urls = {name: f"http://user:{word}@{server.place}/{name}{path}" for name in ("quotes", "closes", "cuts", "moves")}
    urls |= {"nobody": f"http://user:{word}@127.0.0.1:1{path}", "broken": f"http://user:{word}@[::1{path}"}
    said = ("sh", "-c", f"echo {sign} {key} >&2; exit 3")
    post.to(
        *(Target(name, "webhook", Secret(url), Secret(sign)) for name, url in urls.items()),
        Target("chat", "url", Secret(f"json://user:{word}@{server.place}/quotes{path}")),
        Target("odd", "url", Secret(f"nosuch://{key}/{sign}")),
        Target("shell", "command", argv=said),
    )
    names = list(post.sender.targets)
    for name in names:
        post.put(name, name)
    await post.round()
    assert all(one.error for one in post.letters().values())
    assert any(key in seen.path for seen in server.seen)
    assert run(["--db", str(tmp_path / "listen.db"), "alerts", "retry", "--json"]) == 0
    assert run(["--db", str(tmp_path / "listen.db"), "alerts", "retry"]) == 0
    stored = b"".join(file.read_bytes() for file in tmp_path.iterdir() if file.is_file())  # noqa: ASYNC240
    out = capfd.readouterr()
    assert "HTTP 500" in out.out
    assert len(out.out.splitlines()) > 2 * len(names)
    for place, told in (("log", caplog.text), ("store", stored.decode("latin-1")), ("out", out.out), ("err", out.err)):
        assert "canary" not in told, place
