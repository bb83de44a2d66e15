"""Streams through the whole collector, over websockets and event streams on loopback."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

import sources
from listen.clock import SystemClock
from listen.collect import buffer, collector, disk, listener, schedule
from listen.collect.http import sockets
from listen.collect.workshop import Bounds, Workshop
from listen.config import Config, Source
from listen.store import requests, sqlite
from listen.store.triage import Triage
from tests.collect.collecting import Run, collecting, config, rows, source
from tests.collect.server import Reply, Seen, Server
from tests.collect.streaming import NAME, PLACE, frame

POSTS = "SELECT external_id FROM mentions ORDER BY CAST(external_id AS INTEGER)"
HEALTH = "SELECT errors, error_reason, error, error_remedy, next_at FROM channels"

BY_SOURCE = "SELECT s.name, c.error_reason, c.next_at FROM channels c JOIN sources s ON s.id = c.source_id"

Play = Callable[[ServerConnection, int], Awaitable[None]]


@pytest.fixture(autouse=True)
def streamed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The test adapter here and in children, and no long waits between two attempts."""
    monkeypatch.setitem(sources.BUILT_IN, NAME, PLACE)  # type: ignore[arg-type]
    program = ("-m", "tests.collect.streaming")
    monkeypatch.setattr(collector, "workshop_of", lambda config: Workshop(1, Bounds(wall=20.0), program))
    monkeypatch.setattr(listener, "FIRST_WAIT", 0.01)
    monkeypatch.setattr(collector, "TICK", 0.05)


@contextlib.asynccontextmanager
async def playing(*plays: Play) -> AsyncIterator[tuple[str, list[int]]]:
    """A websocket server that plays one after the other to those who connect, the last one again and again.

    (its address, the cursors that were asked for)
    """
    asked: list[int] = []

    async def handle(connection: ServerConnection) -> None:
        assert connection.request is not None
        cursor = int(parse_qs(urlsplit(connection.request.path).query)["cursor"][0])
        asked.append(cursor)
        with contextlib.suppress(ConnectionClosed):
            await plays[min(len(asked), len(plays)) - 1](connection, cursor)

    async with serve(handle, "127.0.0.1", 0, ping_interval=None, max_size=None) as server:
        yield f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/", asked


async def hold(connection: ServerConnection, cursor: int = 0) -> None:
    """Say nothing, and answer pings, until the other side leaves."""
    await connection.wait_closed()


@contextlib.asynccontextmanager
async def listening(told: Config, **options: Any) -> AsyncIterator[Run]:
    """A collector whose store is there."""
    async with collecting(told, **options) as run:
        await run.until(lambda: run.of("ready"))
        yield run


def streaming(address: str, **more: Any) -> Source:
    return source("live", adapter=NAME, settings={"socket": address, **more}, stream=True)


def set_up(tmp_path: Path, address: str, **more: Any) -> Config:
    return config(tmp_path / "listen.db", streaming(address, **more))


async def test_frames_become_mentions_and_a_connection_that_drops_goes_on_from_the_cursor(tmp_path: Path) -> None:
    async def first(connection: ServerConnection, cursor: int) -> None:
        for n in range(1, 251):
            await connection.send(frame(n))
        connection.transport.abort()  # in the middle of whatever is under way

    async def then(connection: ServerConnection, cursor: int) -> None:
        for n in range(cursor, 401):  # at least once: the cursor's own frame again
            await connection.send(frame(n))
        await hold(connection)

    async with playing(first, then) as (address, asked):
        told = set_up(tmp_path, address, resumes=True)
        async with listening(told) as run:
            await run.until(lambda: rows(told.store, "SELECT count(*) FROM mentions") == [(400,)])
    assert asked[0] == 0
    assert 0 < asked[1] <= 250 or asked[1] == 0, "what was not stored is asked for again"
    assert rows(told.store, "SELECT count(*), count(DISTINCT external_id) FROM mentions") == [(400, 400)]
    assert [event.kind for event in run.events if event.kind in ("connected", "lost")][:3] == [
        "connected", "lost", "connected",
    ]  # fmt: skip
    assert rows(told.store, "SELECT errors, json_extract(cursor, '$.n') FROM channels") == [(0, 400)]


async def test_edits_and_deletions_of_a_stream_reach_what_is_stored(tmp_path: Path) -> None:
    async def play(connection: ServerConnection, cursor: int) -> None:
        await connection.send(frame(1))
        await connection.send(frame(2))
        await connection.send(frame(3, "nothing to see"))
        await connection.send(frame(4, "taken away at once", id=9, state="deleted"))
        await connection.send(frame(5, id=1, text="the acme battery exploded", state="edited", edited_at=1_790_000_000))
        await connection.send(frame(6, "", id=2, state="deleted"))
        await hold(connection)

    async with playing(play) as (address, _):
        told = config(tmp_path / "listen.db", source(
            "live", adapter=NAME, settings={"socket": address}, stream=True, keep="matched"))  # fmt: skip
        async with listening(told) as run:
            await run.until(lambda: rows(told.store, "SELECT json_extract(cursor, '$.n') FROM channels") == [(6,)])
    found = rows(told.store, "SELECT external_id, text, state FROM mentions ORDER BY external_id")
    assert [row[:2] for row in found][:1] == [("1", "the acme battery exploded")]
    assert [row[0] for row in found] in (["1"], ["1", "2"]), "what is taken away in the same batch was never heard"


async def test_what_a_server_was_silent_about_while_we_were_away_is_asked_for(tmp_path: Path, server: Server) -> None:
    server.on("/ask", Reply(body=b'[{"n": 1, "text": "acme before"}]'),
              Reply(body=b'[{"n": 2, "text": "acme meanwhile"}]'), Reply(body=b"[]"))  # fmt: skip

    async def once(connection: ServerConnection, cursor: int) -> None:
        await connection.send(frame(cursor + 10))
        await asyncio.sleep(0.4)

    async with playing(once, hold) as (address, asked):
        told = set_up(tmp_path, address, ask=server.url("/ask"), first=True)
        async with listening(told) as run:
            await run.until(lambda: len(run.of("connected")) >= 2)
    assert [seen.path for seen in server.seen][:3] == ["/ask?n=0", "/ask?n=1", "/ask?n=11"]
    assert rows(told.store, POSTS) == [("1",), ("2",), ("11",)]
    assert asked[:2] == [1, 11], "the socket is opened with what the first question told"


async def test_a_server_that_falls_silent_is_left_and_one_that_answers_pings_is_not(tmp_path: Path) -> None:
    async def half_open(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        await asyncio.sleep(60)

    dead = await asyncio.start_server(half_open, "127.0.0.1", 0)
    port = dead.sockets[0].getsockname()[1]
    async with playing(hold) as (address, asked):
        quiet = streaming(address, silence=0.3)
        gone = source("gone", adapter=NAME, settings={"socket": f"ws://127.0.0.1:{port}/"}, stream=True)
        base = config(tmp_path / "listen.db", quiet, gone)
        limits = base.limits.__class__(1 << 20, 1 << 20, 0.5, 5.0, 5, 10.0, 512 << 20, 20.0)
        told = config(base.store, quiet, gone, limits=limits)
        async with listening(told) as run:
            await run.until(lambda: run.of("error", "gone"))
            await asyncio.sleep(0.7)
            assert not run.of("lost", "live")
            assert asked == [0]
    dead.close()

    async def deaf(request: Seen, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: " + frame(1) + b"\n\n")
        await asyncio.sleep(60)

    async with Server() as server:
        server.on("/", deaf)
        told = set_up(tmp_path / "sse", server.url("/"), kind="sse", silence=0.3)
        told.store.parent.mkdir()
        async with listening(told) as run:
            await run.until(lambda: run.of("lost"))
    assert run.of("lost")[0].message == "127.0.0.1 was silent for 0.3 s"
    assert rows(told.store, POSTS) == [("1",)]


@pytest.mark.parametrize("status", [401, 403])
async def test_credentials_that_are_refused_again_and_again_stop_the_stream(
    tmp_path: Path, server: Server, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STREAM_KEY", "s3cret-of-the-stream")
    server.on("/", Reply(status))
    told = set_up(tmp_path, server.url("/").replace("http", "ws"), headers={"authorization": "env:STREAM_KEY"})
    async with listening(told) as run:
        await run.until(lambda: len(run.of("error")) >= 3)
        await asyncio.sleep(0.2)
    assert len(server.seen) == 3
    assert server.seen[0].headers["authorization"] == "s3cret-of-the-stream"
    assert server.seen[0].headers["upgrade"] == "websocket"
    ((errors, reason, _, remedy, next_at),) = rows(told.store, HEALTH)
    assert (errors, reason) == (3, f"http-{status}")
    assert remedy
    assert next_at == schedule.NEVER, "it is not asked any more by itself"
    assert "s3cret" not in "".join(map(repr, run.events)) + repr(rows(told.store, "SELECT * FROM channels"))


async def test_a_frame_that_ends_the_stream_for_good(tmp_path: Path) -> None:
    async def play(connection: ServerConnection, cursor: int) -> None:
        await connection.send(frame(cursor + 1))
        await connection.send(json.dumps({"do": "refuse"}))
        await connection.send(frame(99))
        await hold(connection)

    async with playing(play) as (address, asked):
        told = set_up(tmp_path, address, resumes=True)
        async with listening(told) as run:
            await run.until(lambda: rows(told.store, HEALTH)[0][4] == schedule.NEVER)
    assert asked == [0, 1, 2]
    assert rows(told.store, POSTS) == [("1",), ("2",), ("3",)]
    assert rows(told.store, HEALTH)[0][1:4] == ("auth", "the key has ended", "make a new key")


async def test_a_stream_that_is_refused_is_polled_instead_with_its_reason(tmp_path: Path, server: Server) -> None:
    server.on("/", Reply(404))
    server.on("/ask", Reply(body=b'[{"n": 1, "text": "acme"}]'), Reply(body=b"[]"))
    told = set_up(tmp_path, server.url("/"), kind="sse", ask=server.url("/ask"))
    async with listening(told) as run:
        await run.until(lambda: run.of("page"))
        await run.until(lambda: rows(told.store, "SELECT value FROM state WHERE name = 'streams'"))
    assert server.paths().count("/?cursor=0") == 3
    assert rows(told.store, POSTS) == [("1",)]
    ((value,),) = rows(told.store, "SELECT value FROM state WHERE name = 'streams'")
    (said,) = json.loads(value)["channels"].values()
    assert said[3].startswith("127.0.0.1 has nothing at this address (HTTP 404) → ")
    assert rows(told.store, HEALTH)[0][0] == 0, "it is heard, so it is not ill"


async def test_a_host_that_asks_for_a_pause_gets_it_and_a_private_one_is_not_asked(
    tmp_path: Path, server: Server
) -> None:
    server.on("/", Reply(429, headers={"Retry-After": "600"}))
    address = server.url("/").replace("http", "ws")
    private = source("private", adapter=NAME, settings={"socket": address}, stream=True, allow_private=())
    told = config(tmp_path / "listen.db", streaming(address), private)
    async with listening(told) as run:
        await run.until(lambda: run.of("error", "live") and run.of("error", "private"))
        now = run.of("error", "live")[0].at
        await asyncio.sleep(0.2)
    assert len(server.seen) == 1
    health = {name: (reason, next_at) for name, reason, next_at in rows(told.store, BY_SOURCE)}
    assert health["live"][1] >= int(now) + 599
    assert health["private"][0] == "private-address"


async def test_frames_that_are_too_large_garbage_or_deadly_spare_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sockets, "LONGEST", 10_000)
    monkeypatch.setattr(sockets, "HOPELESS", 100_000)
    monkeypatch.setattr(listener, "LONGEST", 1 << 20)

    async def play(connection: ServerConnection, cursor: int) -> None:
        await connection.send(frame(1))
        await connection.send(b"x" * 20_000)
        await connection.send([b'{"n": 2, "te', b'xt": "acme in pieces"}'])
        await connection.send(b"\x00\xff garbage")
        await connection.send(json.dumps({"do": "die"}))
        await connection.send(json.dumps({"do": "raise"}))
        await connection.send(frame(3))
        await connection.send(b"x" * 200_000)

    async with playing(play, hold) as (address, asked):
        told = set_up(tmp_path, address)
        async with listening(told) as run:
            await run.until(lambda: len(asked) == 2)
    assert rows(told.store, POSTS) == [("1",), ("2",), ("3",)]
    reasons = {reason for (reason,) in rows(told.store, "SELECT reason FROM rejects")}
    assert reasons == {"limit:frame-bytes", "shape", "parse-crash"}
    assert run.of("lost")[0].reason == "limit:frame-bytes"


async def test_a_slow_store_makes_the_server_wait_and_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(buffer, "FRAMES", 200)
    free = asyncio.Event()
    sent = 0
    read = Workshop.read

    async def slow(self: Workshop, *rest: Any) -> Any:
        await free.wait()
        return await read(self, *rest)

    monkeypatch.setattr(Workshop, "read", slow)

    async def play(connection: ServerConnection, cursor: int) -> None:
        nonlocal sent
        for n in range(1, 3_001):
            await connection.send(frame(n, "acme " + "x" * 5_000))
            sent = n
        await hold(connection)

    async with playing(play) as (address, _):
        told = set_up(tmp_path, address)
        async with listening(told) as run:
            await run.until(lambda: run.of("connected"))
            before = -1
            while sent != before or not sent:
                before = sent
                await asyncio.sleep(0.3)
            assert sent < 3_000, "the socket is not read while there is no room"
            free.set()
            await run.until(lambda: rows(told.store, "SELECT count(*) FROM mentions") == [(3_000,)])


async def test_switching_off_changing_and_pausing_end_the_connection(tmp_path: Path) -> None:
    open_now: set[int] = set()

    async def play(connection: ServerConnection, cursor: int) -> None:
        open_now.add(id(connection))
        await connection.send(frame(cursor + 1))
        try:
            await hold(connection)
        finally:
            open_now.discard(id(connection))

    async with playing(play) as (address, asked):
        told = set_up(tmp_path, address, resumes=True)
        wanted = [told]
        async with listening(told, reload=lambda: wanted[-1], signals=True) as run:
            await run.until(lambda: rows(told.store, POSTS) == [("1",)] and len(open_now) == 1)
            with Triage(told.store, "ana", SystemClock()) as ana:
                ana.switch([("live", "")], on=False)
                await run.until(lambda: not open_now)
                ana.switch([("live", "")], on=True)
            await run.until(lambda: rows(told.store, POSTS) == [("1",), ("2",)] and len(open_now) == 1)
            wanted.append(set_up(tmp_path, address, resumes=True, silence=29.0))
            os.kill(os.getpid(), signal.SIGHUP)
            await run.until(lambda: rows(told.store, POSTS) == [("1",), ("2",), ("3",)] and len(open_now) == 1)
            wanted.append(config(told.store, source("other", address.replace("ws", "http"))))
            os.kill(os.getpid(), signal.SIGHUP)
            await run.until(lambda: not open_now)
    assert asked == [0, 1, 2], "each goes on where the one before it ended"


async def test_wikipedia_goes_on_from_its_last_event_and_wants_a_contact(tmp_path: Path, server: Server) -> None:
    async def play(request: Seen, writer: asyncio.StreamWriter) -> None:
        last = request.headers.get("last-event-id", "")
        number = 10 * (1 + last.count("x"))
        edit = {
            "meta": {"domain": "fr.wikipedia.org"}, "type": "edit", "namespace": 0, "title": "Acme", "bot": False,
            "comment": "the battery", "timestamp": int(SystemClock().now()), "revision": {"new": number},
        }  # fmt: skip
        body = f":ok\n\nevent: message\nid: {last}x\ndata: {json.dumps(edit)}\n\n"
        writer.write(f"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n{body}".encode())
        await writer.drain()
        await (asyncio.sleep(60) if len(last) > 1 else asyncio.sleep(0.3))

    server.on("/v2/stream/recentchange", play)
    wiki = source("wiki", adapter="wikipedia", settings={"host": server.url()})
    told = config(tmp_path / "listen.db", wiki, contact="ops@example.org")
    async with listening(told) as run:
        await run.until(lambda: rows(told.store, "SELECT count(*) FROM mentions") == [(3,)])
    assert [seen.headers.get("last-event-id") for seen in server.seen] == [None, "x", "xx"]
    assert "ops@example.org" in server.seen[0].headers["user-agent"]
    assert rows(told.store, "SELECT external_id, title, text FROM mentions ORDER BY id")[0] == (
        "fr.wikipedia.org:10", "Acme", "the battery",
    )  # fmt: skip
    nameless = config(tmp_path / "nameless.db", wiki)
    async with listening(nameless) as run:
        await run.until(lambda: run.of("error"))
    assert len(server.seen) == 3
    assert rows(nameless.store, HEALTH)[0][1:4:2] == ("contact", 'write contact = "you@example.org" in [collect]')


async def test_mastodon_streams_a_hashtag_and_falls_back_to_asking(
    tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOOT", "t0ken-of-ana")

    def toot(number: int, words: str = "the #acme battery") -> dict[str, Any]:
        return {"id": str(number), "uri": f"https://t.example/{number}", "content": f"<p>{words}</p>",
                "account": {"acct": "ann"}, "created_at": "2026-11-21T10:00:00Z"}  # fmt: skip

    async def play(request: Seen, writer: asyncio.StreamWriter) -> None:
        told = f"event: update\ndata: {json.dumps(toot(8))}\n\n"
        later = f":thump\nevent: delete\ndata: 8\n\nevent: update\ndata: {json.dumps(toot(9))}\n\n"
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\n\r\n" + told.encode())
        await asyncio.sleep(0.5)
        writer.write(later.encode())
        await asyncio.sleep(60)

    instance = {"domain": "t", "configuration": {"urls": {"streaming": server.url("").replace("http", "ws")}}}
    server.on("/api/v2/instance", Reply(body=json.dumps(instance).encode()))
    server.on("/api/v1/timelines/tag/acme", Reply(body=json.dumps([toot(7)]).encode()))
    server.on("/api/v1/streaming/hashtag", play)
    where = {"hosts": [server.url("")], "tags": ["acme"], "token": "env:TOOT"}
    told = config(tmp_path / "listen.db", source("toots", adapter="mastodon", settings=where, stream=True))
    async with listening(told) as run:
        await run.until(lambda: rows(told.store, "SELECT count(*) FROM mentions") == [(3,)])
    stored = rows(told.store, "SELECT external_id, text, state FROM mentions ORDER BY external_id")
    assert stored[0] == ("https://t.example/7", "the #acme battery", 0)
    assert stored[1][2] == 2, "deleted"
    assert stored[2] == ("https://t.example/9", "the #acme battery", 0)
    (live,) = [seen for seen in server.seen if "streaming" in seen.path]
    assert (live.path, live.headers["authorization"]) == ("/api/v1/streaming/hashtag?tag=acme", "Bearer t0ken-of-ana")
    server.on("/api/v1/streaming/hashtag", Reply(401))
    refused = config(tmp_path / "refused.db", source("toots", adapter="mastodon", settings=where, stream=True))
    async with listening(refused) as run:
        await run.until(lambda: rows(refused.store, "SELECT 1 FROM state WHERE value LIKE '%not accept the token%'"))
    assert "t0ken" not in str(run.events)
    assert rows(refused.store, "SELECT external_id FROM mentions") == [("https://t.example/7",)]
    assert rows(refused.store, HEALTH)[0][0] == 0


async def test_a_store_without_room_ends_the_connection_until_there_is_some(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    short: list[str] = []
    monkeypatch.setattr(disk, "short_of_room", lambda *_, **__: short[0] if short else "")
    monkeypatch.setattr(collector, "PROBE", 0.1)
    left = asyncio.Event()

    async def play(connection: ServerConnection, cursor: int) -> None:
        await connection.send(frame(cursor + 1))
        await hold(connection)
        left.set()

    async with playing(play) as (address, asked):
        told = set_up(tmp_path, address, resumes=True)
        async with listening(told) as run:
            await run.until(lambda: rows(told.store, POSTS) == [("1",)])
            short.append("the disk is almost full")
            await run.until(lambda: run.of("paused") and left.is_set())
            assert asked == [0]
            short.clear()
            await run.until(lambda: rows(told.store, POSTS) == [("1",), ("2",)])
    assert asked == [0, 1]


async def test_whoever_tries_a_stream_learns_whether_it_stands(tmp_path: Path, server: Server) -> None:
    server.on("/", Reply(403))
    async with playing(hold) as (address, _):
        refused = source("refused", adapter=NAME, settings={"socket": server.url("/"), "kind": "sse"}, stream=True)
        told = config(tmp_path / "listen.db", streaming(address), refused)
        async with listening(told) as run:
            await run.until(lambda: run.of("connected") and len(server.seen) == 3)
            with contextlib.closing(sqlite.connect_people(told.store)) as people:

                async def tried(name: str) -> dict[str, Any]:
                    number = requests.ask(people, "try", {"source": name}, "ana", SystemClock())
                    await run.until(lambda: requests.request(people, number).done_at)  # type: ignore[union-attr]
                    return dict(requests.request(people, number).answer or {})  # type: ignore[union-attr]

                assert (await tried("live"))["failed"] == 0
                answer = await tried("refused")
    assert (answer["channels"], answer["failed"]) == (1, 1)
    assert "HTTP 403" in answer["errors"][0]["error"]
    assert len(server.seen) >= 4, "what was given up is tried again"


async def test_what_is_said_again_counts_in_the_order_in_which_it_is_said(tmp_path: Path) -> None:
    def edit(n: int, words: str) -> bytes:
        return frame(n, f"acme {words}", id=1, state="edited", edited_at=1_790_000_000)

    said = asyncio.Event()

    async def play(connection: ServerConnection, cursor: int) -> None:
        for one in (frame(1), edit(2, "this"), edit(3, "that"), edit(2, "this")):
            await connection.send(one)
        await said.wait()
        await connection.send(edit(3, "that"))
        await connection.send(frame(4))
        await hold(connection)

    async with playing(play) as (address, _):
        told = set_up(tmp_path, address)
        async with listening(told) as run:
            await run.until(lambda: rows(told.store, "SELECT text FROM mentions") == [("acme this",)])
            said.set()
            await run.until(lambda: rows(told.store, "SELECT count(*) FROM mentions") == [(2,)])
    assert rows(told.store, "SELECT text FROM mentions WHERE external_id = '1'") == [("acme that",)]


async def test_coverage_counts_what_was_heard_and_told_afterwards_and_no_gap(tmp_path: Path) -> None:
    hour_ago, told_since = 3_600, SystemClock().now() - 600

    async def play(connection: ServerConnection, cursor: int) -> None:
        more = {"gap": told_since} if cursor == 2 else {}
        await connection.send(frame(cursor + 1, **more))
        await hold(connection)

    async def heard() -> int:
        """Seconds that count after a run that began two hours after the last good answer."""
        async with listening(told) as run:
            await run.until(lambda: run.of("frames"))
        ((seconds,),) = rows(told.store, "SELECT ifnull(sum(seconds), 0) FROM coverage")
        with contextlib.closing(sqlite.connect_writer(told.store)) as connection:
            connection.execute("UPDATE channels SET good_at = good_at - 7200")
            connection.execute("DELETE FROM coverage")
        return int(seconds)

    async with playing(play) as (address, _):
        told = set_up(tmp_path, address, resumes=True)
        assert await heard() < 60, "only since it is connected"
        assert abs(await heard() - hour_ago) < 60, "the server goes back an hour"
        assert abs(await heard() - 600) < 60, "and says that it cannot tell most of that"
