"""What arrives is told in the turn in which it is stored: nobody looks around in between."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from websockets.asyncio.server import ServerConnection

from listen.alerts.notify import sender
from listen.collect import collector
from listen.config import keys
from listen.config.values import typed
from tests.collect.collecting import collecting, config, rows, rss, source
from tests.collect.server import Reply, Server
from tests.collect.streaming import frame
from tests.collect.test_alarms import dated, rule
from tests.collect.test_streams import hold, playing, streamed, streaming

__all__ = ["streamed"]


@pytest.fixture(autouse=True)
def nobody_looks(monkeypatch: pytest.MonkeyPatch, streamed: None) -> None:
    """But once, at the start."""
    monkeypatch.setattr(collector, "TICK", 3_600.0)
    monkeypatch.setattr(sender, "LOOK", 3_600.0)


async def test_a_page_leaves_behind_the_post_that_it_is_about(tmp_path: Path, server: Server) -> None:
    ready = asyncio.Event()

    async def play(connection: ServerConnection, cursor: int) -> None:
        await ready.wait()
        await connection.send(frame(1, "an acme recall"))
        await hold(connection)

    server.on("/hook", Reply())
    known = dated(1, "The acme battery", 86_400.0)
    server.on("/feed", Reply(body=rss(known)), Reply(body=rss(known, dated(2, "An acme recall", 60.0))))
    duty = typed(keys.TABLES["notify"].keys, {"webhook": server.url("/hook")})
    given = {"severity": "page", "route": ("notify:duty",)}
    rules = {
        "streamed": rule("match", query="recall source:live", **given),
        "fetched": rule("match", query="recall source:press", **given),
    }
    async with playing(play) as (address, _):
        sources = (streaming(address), source("press", server.url("/feed"), every=0.5))
        told = config(tmp_path / "listen.db", *sources, tables={"alerts": rules, "notify": {"duty": duty}})
        async with collecting(told) as run:
            await run.until(lambda: run.of("connected") and run.of("page"))
            ready.set()
            await run.until(lambda: len([one for one in server.seen if one.path == "/hook"]) >= 2)
            pages = [json.loads(one.body) for one in server.seen if one.path == "/hook"]
    assert sorted(one["rule"] for one in pages) == ["fetched", "streamed"]
    sent = "SELECT count(*) FROM outbox WHERE state = 'sent' OR tries = 0"
    assert rows(told.store, sent) == [(2,)], "none was tried twice"
