"""Sources of social networks through the whole collector, on loopback: mentions, cursors, plain words, pauses."""

from __future__ import annotations

import json
from pathlib import Path

from listen.clock import SystemClock
from tests.collect.clocks import TurnedClock
from tests.collect.collecting import collecting, config, rows, source
from tests.collect.server import Reply, Server

HEALTH = "SELECT error_reason, error, error_remedy FROM channels"


def feeds(access: str) -> Reply:
    told = {"live_feeds": {"local": access, "remote": access}}
    return Reply(body=json.dumps({"domain": "t", "configuration": {"timelines_access": told}}).encode())


async def test_mastodon_posts_are_stored_and_a_closed_timeline_says_what_to_do(tmp_path: Path, server: Server) -> None:
    store = tmp_path / "listen.db"
    toot = {"id": "7", "uri": "https://t.example/7", "content": "<p>the #acme battery</p>", "account": {"acct": "ann"}}
    server.on("/api/v2/instance", feeds("public"))
    server.on("/api/v1/timelines/tag/acme", Reply(body=json.dumps([toot]).encode()))
    where = {"hosts": [server.url()]}
    with_tag = source("tags", adapter="mastodon", settings=where)
    async with collecting(config(store, with_tag), TurnedClock()) as run:
        await run.until(lambda: run.of("unchanged"))
    assert rows(store, "SELECT external_id, text FROM mentions") == [("https://t.example/7", "the #acme battery")]
    server.on("/api/v2/instance", feeds("disabled"))
    closed = source("all", adapter="mastodon", settings={**where, "public": True})
    async with collecting(config(tmp_path / "closed.db", closed), TurnedClock()) as run:
        await run.until(lambda: run.of("error"))
    assert rows(tmp_path / "closed.db", HEALTH) == [
        ("closed", "127.0.0.1 has closed its public timeline to everybody", "Listen to hashtags.")
    ]
    server.on("/api/v2/instance", feeds("public"))
    server.on("/api/v1/timelines/public", Reply(401))
    async with collecting(config(tmp_path / "401.db", closed), TurnedClock()) as run:
        await run.until(lambda: run.of("error"))
    ((reason, _, remedy),) = rows(tmp_path / "401.db", HEALTH)
    assert (reason, remedy) == ("http-401", "add a token of an account there, or listen to hashtags")


async def test_a_wish_to_be_left_alone_holds_for_all_channels_of_the_host(tmp_path: Path, server: Server) -> None:
    store, now = tmp_path / "listen.db", int(SystemClock().now())
    item = {"question_id": 7, "title": "acme", "creation_date": now - 60}
    told = {"items": [item], "has_more": True, "backoff": 600, "quota_remaining": 41}
    server.on("/2.3/search/advanced", Reply(body=json.dumps(told).encode()))
    asked = source("so", adapter="stackexchange", settings={"host": server.url(), "search": ["acme", "battery", "tea"]})
    async with collecting(config(store, asked)) as run:
        await run.until(lambda: len(run.of("waiting")) == 3)
    assert len(server.seen) <= 2, "two may be under way when the wish is read, and nobody asks for a second page"
    assert rows(store, "SELECT external_id FROM mentions") == [("stackoverflow:7",)]
    assert rows(store, "SELECT max(rate_left) FROM channels") == [(41,)]
    assert all(next_at >= now + 600 for (next_at,) in rows(store, "SELECT next_at FROM channels"))
