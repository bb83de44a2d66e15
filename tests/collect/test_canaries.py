"""No secret is told on any way in which a question may fail: not in events, logs or the store."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from pathlib import Path

import pytest

from tests.collect.collecting import collecting, config, source
from tests.collect.server import Reply, Seen, Server

KEY, USER, BEARER = "canary-key-7711", "canary-user:canary-word", "canary-bearer-81"


async def test_no_secret_is_told_however_a_question_fails(
    tmp_path: Path, server: Server, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def silent(_: Seen, writer: asyncio.StreamWriter) -> None:
        await asyncio.Event().wait()

    async def cut(_: Seen, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n" + KEY.encode())

    monkeypatch.setenv("CANARY", BEARER)
    caplog.set_level(logging.DEBUG)
    server.on("/silent", silent)
    server.on("/cut", cut)
    server.on("/fault", Reply(500, f"{KEY} {BEARER}".encode(), reason=KEY))
    server.on("/loop", Reply(302, headers={"Location": f"/loop?token={KEY}"}))
    server.on("/away", Reply(302, headers={"Location": f"gopher://x/{KEY}"}))
    server.on("/odd", Reply(body=f"<rss><channel><item>{KEY} {BEARER} {USER}".encode()))
    server.on("/graphql", Reply(body=f'{{"errors": [{{"message": "bad token {BEARER}"}}]}}'.encode()))
    secret = f"?token={KEY}"
    places = {name: server.url(f"/{name}{secret}") for name in ("silent", "cut", "fault", "loop", "away", "odd")}
    places |= {
        "nobody": f"http://127.0.0.1:1/{secret}",
        "nowhere": f"http://nowhere.invalid/{secret}",
        "tls": server.url(f"/{secret}").replace("http:", "https:"),
        "private": f"http://10.255.255.1/{secret}",
        "broken": f"http://{USER}@[::1/{secret}",
    }
    places = {name: url.replace("//", f"//{USER}@", 1) if "@" not in url else url for name, url in places.items()}
    sources = [source(name, url) for name, url in places.items()]
    settings = {"host": server.url(""), "token": "env:CANARY", "search": ["acme"]}
    sources.append(source("api", adapter="github-discussions", settings=settings))
    asked = config(tmp_path / "listen.db", *sources)
    asked = replace(asked, limits=replace(asked.limits, total=1.0, connect=1.0))
    async with collecting(asked) as run:
        await run.until(lambda: {event.source for event in run.of("error")} >= {one.name for one in sources})
    assert any(KEY in seen.path for seen in server.seen)
    assert any(BEARER in seen.headers.get("authorization", "") for seen in server.seen)
    stored = b"".join(file.read_bytes() for file in tmp_path.iterdir())  # noqa: ASYNC240 - small files
    told = repr(run.events) + caplog.text + stored.decode("latin-1")
    assert "canary" not in told
