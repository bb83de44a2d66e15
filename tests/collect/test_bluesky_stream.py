"""Bluesky through the whole collector on loopback: a stream kept, edited, deleted, renamed, resumed; a session."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from websockets.asyncio.server import ServerConnection, serve

from listen.collect import accounts, collector, listener
from tests.collect.collecting import Run, collecting, config, rows, source
from tests.collect.server import Reply, Server

ANN, BOB, EVE = "did:plc:ann", "did:plc:bob", "did:plc:eve"
SAID = "SELECT text, state, handle FROM mentions AS m JOIN authors AS a ON a.id = author_id ORDER BY m.id"
ACTIVE, EDITED, DELETED, WITHHELD = range(4)


class Jetstream:
    """Frames as Jetstream gives them, to whoever listens; what was asked is kept."""

    def __init__(self) -> None:
        self.asked: list[dict[str, list[str]]] = []
        self.moment = int(time.time() * 1_000_000)
        self.url = ""
        self._frames: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._connection: ServerConnection | None = None

    async def handle(self, connection: ServerConnection) -> None:
        assert connection.request is not None
        self.asked.append(parse_qs(urlsplit(connection.request.path).query))
        self._connection = connection
        while (frame := await self._frames.get()) is not None:
            await connection.send(frame)

    def end(self) -> None:
        """Nobody waits for another frame."""
        for _ in self.asked:
            self._frames.put_nowait(None)

    def drop(self) -> None:
        assert self._connection is not None
        self._connection.transport.abort()

    def tell(self, did: str, kind: str, **more: Any) -> None:
        self.moment += 1_000
        self._frames.put_nowait(json.dumps({"did": did, "time_us": self.moment, "kind": kind, **more}).encode())

    def post(self, did: str, key: str, text: str = "", operation: str = "create") -> None:
        record = {"$type": "app.bsky.feed.post", "text": text, "createdAt": "2026-11-21T11:00:00Z", "langs": ["en"]}
        commit = {"operation": operation, "collection": "app.bsky.feed.post", "rkey": key, "rev": "r"}
        self.tell(did, "commit", commit=commit if operation == "delete" else {**commit, "record": record})


@pytest.fixture
async def jetstream(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Jetstream]:
    monkeypatch.setattr(listener, "FIRST_WAIT", 0.01)
    monkeypatch.setattr(collector, "TICK", 0.05)
    monkeypatch.setattr(accounts, "EVERY", 0.05)
    monkeypatch.setattr(accounts, "SETTLED", 0.0)
    stream = Jetstream()
    async with serve(stream.handle, "127.0.0.1", 0, ping_interval=None) as server:
        stream.url = f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        yield stream
        stream.end()


async def stored(run: Run, store: Path, *said: tuple[str, int, str]) -> None:
    found: list[Any] = []

    def look() -> bool:
        found[:] = rows(store, SAID) if run.of("frames") else []
        return found == list(said)

    try:
        await run.until(look, 20)
    except TimeoutError:
        assert found == list(said)


async def test_a_stream_that_keeps_what_matches(tmp_path: Path, server: Server, jetstream: Jetstream) -> None:
    profiles = [{"did": ANN, "handle": "ann.test", "displayName": "Ann"}, {"did": EVE, "handle": "eve.test"}]
    server.on("/xrpc/app.bsky.actor.getProfiles", Reply(body=json.dumps({"profiles": profiles}).encode()))
    store = tmp_path / "listen.db"
    settings = {"host": server.url(), "jetstream": [jetstream.url]}
    told = config(store, source("sky", adapter="bluesky", settings=settings, stream=True, keep="matched"))
    async with collecting(told) as run:
        jetstream.post(ANN, "1", "the acme battery")
        jetstream.post(ANN, "2", "a cup of tea")
        jetstream.post(BOB, "3", "acme is fine")
        jetstream.post(EVE, "4", "acme, acme")
        await stored(
            run, store, ("the acme battery", ACTIVE, "ann.test"), ("acme is fine", ACTIVE, BOB),
            ("acme, acme", ACTIVE, "eve.test"),
        )  # fmt: skip
        asked = parse_qs(urlsplit(server.seen[0].path).query)["actors"]
        assert set(asked) <= {ANN, BOB, EVE}, "who said nothing that is kept is not asked for"
        jetstream.post(ANN, "1", "the kettle", "update")
        jetstream.post(ANN, "2", "two cups of tea", "update")
        jetstream.post(BOB, "3", operation="delete")
        profiles = [{"did": EVE, "handle": "evita.test"}]
        server.on("/xrpc/app.bsky.actor.getProfiles", Reply(body=json.dumps({"profiles": profiles}).encode()))
        jetstream.tell(ANN, "identity", identity={"did": ANN, "handle": "anna.test"})
        jetstream.tell(EVE, "identity", identity={"did": EVE})
        jetstream.tell(EVE, "account", account={"did": EVE, "active": False, "status": "takendown"})
        await stored(run, store, ("the kettle", EDITED, "anna.test"), ("", DELETED, BOB), ("", WITHHELD, "evita.test"))
        assert rows(store, "SELECT count(*) FROM matches WHERE state < 2") == [(0,)]
        last = jetstream.moment
        jetstream.drop()
        await run.until(lambda: len(jetstream.asked) > 1)
    assert jetstream.asked[0] == {"wantedCollections": ["app.bsky.feed.post"]}
    assert jetstream.asked[1]["cursor"] == [str(last - 5_000_000)]
    assert sum(event.dropped for event in run.of("frames")) == 2


async def test_a_session_leaves_no_trace(
    tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Whatever the server makes of them, password and tokens are in no store, event, log or error."""
    monkeypatch.setenv("BSKY", "canary-password")
    signed_in = {"accessJwt": "canary-access", "refreshJwt": "canary-refresh"}
    server.on("/xrpc/com.atproto.server.createSession", Reply(body=json.dumps(signed_in).encode()))
    author = {"did": ANN, "handle": "ann.test"}
    record = {"text": "acme canary-access", "createdAt": "2026-11-21T11:00:00Z"}
    view = {"uri": f"at://{ANN}/app.bsky.feed.post/1", "author": author, "record": record}
    moved = Reply(302, headers={"Location": server.url("/else?token=canary-refresh")})
    wrong = Reply(body=b'{"message": "canary-access has ended"}')
    server.on("/xrpc/app.bsky.feed.searchPosts", wrong, moved, Reply(body=json.dumps({"posts": [view]}).encode()))
    store = tmp_path / "listen.db"
    settings = {"pds": server.url(), "account": "ann.test", "password": "env:BSKY", "search": ["acme", "tea", "milk"]}
    async with collecting(config(store, source("sky", adapter="bluesky", settings=settings))) as run:
        await run.until(lambda: len(run.of("error")) == 2 and run.of("page"))
    assert [seen.path for seen in server.seen].count("/xrpc/com.atproto.server.createSession") == 1
    assert server.seen[-1].headers.get("authorization") in ("Bearer canary-access", None)
    assert rows(store, "SELECT text FROM mentions") == [("acme canary-access",)], "what people write is theirs"
    told = [*rows(store, "SELECT error, cursor, key, label, validators_url FROM channels"), run.events, caplog.text]
    told += [*rows(store, "SELECT * FROM rejects"), *rows(store, "SELECT * FROM state")]
    assert "canary" not in repr(told)
