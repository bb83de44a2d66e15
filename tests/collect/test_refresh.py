"""What was heard lately is looked at again: counts grow, edits and deletions are heard of, people's work stays."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from listen.collect import refresh
from listen.store import perishable
from listen.store.read import Reader
from listen.store.triage import Triage
from tests.collect.clocks import StillClock
from tests.collect.collecting import collecting, config, rows, source
from tests.collect.server import Reply, Server

DAY = 86_400
AGAIN = "SELECT text, likes, state FROM mentions ORDER BY external_id"


def told(value: object) -> Reply:
    return Reply(body=json.dumps(value).encode())


def story(clock: StillClock, text: str, likes: int) -> dict[str, Any]:
    return {"objectID": "7", "_tags": ["story", "ask_hn"], "title": "Ask HN: acme & co?", "story_text": text,
            "author": "ann", "points": likes, "created_at_i": int(clock.now()) - 5}  # fmt: skip


def item(text: str, likes: int) -> dict[str, Any]:
    return {"id": 7, "type": "story", "by": "ann", "title": "Ask HN: acme & co?", "text": text, "score": likes}


async def test_counts_edits_and_deletions_are_heard_of_at_each_age(
    tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(refresh, "EVERY", 0.05)
    store, clock = tmp_path / "listen.db", StillClock()
    server.on("/api/v1/search_by_date", told({"hits": [story(clock, "It broke.", 1)], "nbHits": 1}))
    server.on("/v0/item/7.json", told(item("It broke.", 40)))
    settings = {"host": server.url(), "items": server.url(), "search": ["acme"]}
    async with collecting(config(store, source("hn", adapter="hackernews", settings=settings)), clock) as run:
        await run.until(lambda: run.of("page"))
        ((number,),) = rows(store, "SELECT id FROM mentions")
        with Triage(store, "ana", clock) as ana:
            ana.set_status([number], "done")
        await run.until(lambda: rows(store, "SELECT 1 FROM state WHERE name = 'refreshed'"))
        assert "/v0/item/7.json" not in server.paths(), "it is too young"
        # A quarter of an hour later: more points, and the very text and tags that the search told.
        server.on("/api/v1/search_by_date", told({"hits": [], "nbHits": 0}))
        clock.turn(1_000)
        await run.until(lambda: rows(store, AGAIN) == [("It broke.\n\n#askhn", 40, 0)])
        # An hour: it was edited.
        server.on("/v0/item/7.json", told(item("It broke twice.", 41)))
        clock.turn(3_000)
        await run.until(lambda: rows(store, AGAIN) == [("It broke twice.\n\n#askhn", 41, 1)])
        with Reader(store) as reader:
            assert [one.likes for one in reader.growth(number)] == [1, 40, 41]
        # Six hours: its author has taken it back, and the search that lags behind does not bring it again.
        server.on("/v0/item/7.json", told({"id": 7, "deleted": True}))
        clock.turn(20_000)
        await run.until(lambda: rows(store, AGAIN) == [("", 41, 2)])
        server.on("/api/v1/search_by_date", told({"hits": [story(clock, "It broke.", 1)], "nbHits": 1}))
        pages = len(run.of("page"))
        clock.turn(7_200)
        await run.until(lambda: len(run.of("page")) > pages)
    assert rows(store, AGAIN) == [("", 41, 2)]
    assert rows(store, "SELECT status, by FROM triage") == [(1, "ana")]
    assert rows(store, "SELECT count(*) FROM matches") == [(0,)]
    assert server.paths().count("/v0/item/7.json") == 3, "once at each age, and what is gone is not asked for again"


async def test_many_are_named_in_one_question_and_a_missing_one_is_gone(
    tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(refresh, "EVERY", 0.05)
    store, clock = tmp_path / "listen.db", StillClock()

    moment = datetime.fromtimestamp(clock.now() - 5, UTC).isoformat()

    def view(key: str, likes: int) -> dict[str, Any]:
        record = {"text": f"acme {key}", "createdAt": moment}
        who = {"did": "did:plc:ann", "handle": "ann.test"}
        return {
            "uri": f"at://did:plc:ann/app.bsky.feed.post/{key}",
            "record": record,
            "author": who,
            "likeCount": likes,
        }

    feed = [{"post": view(key, 0)} for key in ("a", "b")]
    server.on(
        "/xrpc/app.bsky.feed.getAuthorFeed",
        told({"feed": [*feed, {"post": view("c", 0) | {"record": {"text": "tea"}}}]}),
    )
    server.on("/xrpc/app.bsky.feed.getPosts", told({"posts": [view("a", 9)]}))
    settings = {"host": server.url(), "authors": ["ann.test"]}
    async with collecting(config(store, source("sky", adapter="bluesky", settings=settings)), clock) as run:
        await run.until(lambda: run.of("page"))
        server.on("/xrpc/app.bsky.feed.getAuthorFeed", told({"feed": []}))
        clock.turn(1_000)
        await run.until(lambda: rows(store, AGAIN)[:2] == [("acme a", 9, 0), ("", 0, 2)])
    (asked,) = (seen.path for seen in server.seen if "getPosts" in seen.path)
    assert asked.count("uris=") == 2, "what matches no topic is not asked for"


async def test_what_may_be_kept_for_a_month_is_asked_for_again_or_loses_its_text(
    tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(refresh, "EVERY", 0.05)
    monkeypatch.setenv("KEY", "k")
    store, clock = tmp_path / "listen.db", StillClock()
    moment = datetime.fromtimestamp(clock.now() - 400 * DAY, UTC).isoformat()

    def video(number: str) -> dict[str, Any]:
        said = {"title": "acme", "description": number, "publishedAt": moment, "channelTitle": "ann"}
        return {"kind": "youtube#video", "id": number, "snippet": said, "statistics": {"viewCount": "5"}}

    found = {"items": [{"id": {"videoId": one}} for one in ("a", "b", "c")]}
    server.on("/youtube/v3/search", told(found))
    server.on("/youtube/v3/videos", told({"kind": "youtube#videoListResponse", "items": [*map(video, "abc")]}))
    settings = {"key": "env:KEY", "search": ["acme"], "host": server.url(), "comments": False}
    youtube = source("yt", adapter="youtube", settings=settings, every=400 * DAY * 1.0)
    states = "SELECT external_id, text, state FROM mentions ORDER BY external_id"
    async with collecting(config(store, youtube), clock) as run:
        await run.until(lambda: run.of("page") and rows(store, "SELECT count(*) FROM mentions") == [(3,)])
        ((first,),) = rows(store, "SELECT min(id) FROM mentions")
        with Triage(store, "ana", clock) as ana:
            ana.set_status([first], "done")
        # After 26 days: one has been taken down, another is told as it was, of a third nothing is heard.
        server.on("/youtube/v3/videos", told({"kind": "youtube#videoListResponse", "items": [*map(video, "ab")]}))
        asked = len(server.seen)
        clock.turn(26 * DAY)
        await run.until(lambda: rows(store, states)[2] == ("c", "", 2))
        assert len([one for one in server.seen[asked:] if "/videos" in one.path]) == 1, "one question for all of them"
        # The day on which the first answer would have been a month old goes by; then nobody answers for a month more.
        clock.turn(10 * DAY)
        server.on("/youtube/v3/videos", Reply(500))
        assert [one[2] for one in rows(store, states)] == [0, 0, 2]
        clock.turn(21 * DAY)
        await run.until(lambda: [one[1:] for one in rows(store, states)] == [("", 3), ("", 3), ("", 2)])
        await run.until(lambda: [one for one in run.of("error") if one.reason == "expired"])
    assert rows(store, "SELECT status, by FROM triage") == [(1, "ana")], "what people made of it stays"
    assert rows(store, "SELECT count(*) FROM perishable") == [(0,)]
    with Reader(store) as reader:
        assert perishable.lost_of(reader.state("expired")) == {"yt": (2, int(clock.now()))}
