"""The conversation around a mention, fetched on demand from each place that tells it, through the whole collector."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from listen.clock import SystemClock
from listen.collect import conversation
from listen.collect.lock import CollectorLock
from listen.collect.topics import Refused
from listen.store import requests
from listen.store.read import Reader
from listen.store.sqlite import connect_people
from tests.collect.collecting import collecting, config, rows, source
from tests.collect.server import Reply, Server

NOW = int(SystemClock().now())


def told(value: object) -> Reply:
    return Reply(body=json.dumps(value).encode())


def hackernews(server: Server) -> dict[str, Any]:
    hit = {"objectID": "3", "_tags": ["comment"], "comment_text": "acme broke", "author": "ann", "parent_id": 2,
           "story_id": 1, "created_at_i": NOW - 60}  # fmt: skip
    reply = {"id": 4, "type": "comment", "text": "We can help.", "author": "us", "parent_id": 3, "children": []}
    asked = {"id": 3, "type": "comment", "text": "acme broke", "author": "ann", "parent_id": 2, "children": [reply]}
    empty = {"id": 2, "type": "comment", "text": None, "author": None, "parent_id": 1, "children": [asked]}
    root = {"id": 1, "type": "story", "title": "A story", "author": "bob", "story_id": 1, "children": [empty]}
    server.on("/api/v1/search_by_date", told({"hits": [hit], "nbHits": 1}))
    server.on("/api/v1/items/1", told(root))
    return {"host": server.url(), "items": server.url(), "search": ["acme"]}


def mastodon(server: Server) -> dict[str, Any]:
    def status(number: str, who: str, text: str, above: str | None = None) -> dict[str, Any]:
        uri = server.url(f"/users/{who}/statuses/{number}")
        return {"id": number, "uri": uri, "url": uri, "content": text, "account": {"acct": who}, "visibility": "public",
                "in_reply_to_id": above}  # fmt: skip

    asked = status("3", "ann", "acme broke", "1")
    around = {"ancestors": [status("1", "bob", "A story")], "descendants": [status("4", "us", "We can help.", "3")]}
    feeds = {"live_feeds": {"local": "public", "remote": "public"}}
    server.on("/api/v2/instance", told({"domain": "t", "configuration": {"timelines_access": feeds}}))
    server.on("/api/v1/timelines/tag/acme", told([asked]))
    server.on("/api/v1/statuses/3/context", told(around))
    server.on("/api/v1/statuses/3", told(asked))
    return {"hosts": [server.url()], "tags": ["acme"]}


def lemmy(server: Server) -> dict[str, Any]:
    top = {"id": 1, "ap_id": server.url("/post/1"), "name": "A story"}

    def comment(number: int, path: str, text: str, who: str) -> dict[str, Any]:
        said = {"id": number, "ap_id": server.url(f"/comment/{number}"), "content": text, "path": path, "post_id": 1}
        return {"comment": said, "post": top, "creator": {"name": who}}

    asked, reply = comment(3, "0.3", "acme broke", "ann"), comment(4, "0.3.4", "We can help.", "us")
    server.on("/api/v3/search", told({"comments": [asked], "posts": []}))
    server.on("/api/v3/post", told({"post_view": {"post": top, "creator": {"name": "bob"}}}))
    server.on("/api/v3/comment/list", told({"comments": [asked, reply]}))
    return {"host": server.url(), "search": ["acme"]}


def discourse(server: Server) -> dict[str, Any]:
    def post(number: int, who: str, text: str, above: int | None = None) -> dict[str, Any]:
        return {"id": number, "post_number": number, "topic_id": 9, "username": who, "cooked": text, "post_type": 1,
                "reply_to_post_number": above}  # fmt: skip

    posts = [post(1, "bob", "A story"), post(2, "ann", "acme broke"), post(3, "us", "We can help.", 2)]
    server.on("/search.json", told({"posts": posts[1:2], "topics": [{"id": 9, "title": "A story"}]}))
    server.on("/t/9.json", told({"title": "A story", "post_stream": {"posts": posts, "stream": [1, 2, 3]}}))
    return {"hosts": [server.url()], "search": ["acme"]}


def stackexchange(server: Server) -> dict[str, Any]:
    question = {"question_id": 3, "title": "acme broke", "creation_date": NOW - 60, "owner": {"display_name": "ann"}}
    answer = {"answer_id": 4, "body": "We can help.", "creation_date": NOW - 30, "owner": {"display_name": "us"}}
    remark = {"comment_id": 4, "body": "Which one?", "creation_date": NOW - 40, "owner": {"display_name": "bob"}}
    server.on("/2.3/search/advanced", told({"items": [question]}))
    server.on("/2.3/questions/3", told({"items": [question]}))
    server.on("/2.3/questions/3/comments", told({"items": [remark]}))
    server.on("/2.3/questions/3/answers", told({"items": [answer]}))
    return {"host": server.url(), "search": ["acme"]}


def bluesky(server: Server) -> dict[str, Any]:
    def post(key: str, who: str, text: str, above: str | None = None) -> dict[str, Any]:
        near = {"parent": {"uri": uri(above)}, "root": {"uri": uri("1")}} if above else None
        record = {"text": text, "createdAt": "2026-01-01T00:00:00Z", **({"reply": near} if near else {})}
        return {"uri": uri(key), "record": record, "author": {"did": f"did:plc:{who}", "handle": f"{who}.test"}}

    def uri(key: str) -> str:
        return f"at://did:plc:x/app.bsky.feed.post/{key}"

    asked = post("3", "ann", "acme broke", "1")
    above = {"$type": "app.bsky.feed.defs#threadViewPost", "post": post("1", "bob", "A story")}
    gone = {"$type": "app.bsky.feed.defs#notFoundPost", "uri": uri("9"), "notFound": True}
    below = [{"post": post("4", "us", "We can help.", "3"), "replies": []}, gone]
    server.on("/xrpc/app.bsky.feed.getAuthorFeed", told({"feed": [{"post": asked}]}))
    thread = {"post": asked, "parent": above, "replies": below}
    server.on("/xrpc/app.bsky.feed.getPostThread", told({"thread": thread}))
    return {"host": server.url(), "authors": ["ann.test"]}


OURS = {"mastodon": "@us@127.0.0.1", "lemmy": "@us@127.0.0.1", "discourse": "@us@127.0.0.1",
        "stackexchange": "@us@stackoverflow", "hackernews": "hackernews:us", "bluesky": "@us.test"}  # fmt: skip
PLACES = {one.__name__: one for one in (hackernews, mastodon, lemmy, discourse, stackexchange, bluesky)}


async def answer(store: Path, number: int) -> requests.Request:
    """Ask the collector that runs for a conversation; the request when it has been dealt with."""
    with contextlib.closing(connect_people(store)) as people:
        asked = requests.ask(people, conversation.THREAD, {"mention": number}, "ana", SystemClock())
        async with asyncio.timeout(30):
            while True:
                found = requests.request(people, asked)
                assert found is not None
                if found.done_at is not None:
                    return found
                await asyncio.sleep(0.02)


def said(store: Path, number: int) -> tuple[list[tuple[int, str, bool]], str]:
    with Reader(store) as reader:
        mention = reader.mention(number)
        assert mention is not None
        found = reader.conversation(mention)
    return [(turn.depth, turn.mention.title or turn.mention.text, turn.mention.own) for turn in found.turns], (
        found.answered
    )


@pytest.mark.parametrize("name", PLACES)
async def test_a_conversation_is_fetched_where_it_took_place(tmp_path: Path, server: Server, name: str) -> None:
    store = tmp_path / "listen.db"
    settings: Mapping[str, Any] = PLACES[name](server)
    accounts = {"accounts": {"acme": (OURS[name],)}}
    async with collecting(config(store, source("here", adapter=name, settings=settings), **accounts)) as run:
        await run.until(lambda: run.of("page"))
        ((number,),) = rows(store, "SELECT id FROM mentions WHERE text LIKE '%broke%' OR title LIKE '%broke%'")
        assert said(store, number)[1] == "nobody"
        done = await answer(store, number)
        assert done.error is None
    turns, answered = said(store, number)
    assert answered == "us"
    help_depth = next(depth for depth, words, own in turns if words == "We can help." and own)
    asked_depth = next(depth for depth, words, _ in turns if words == "acme broke" or words.startswith("acme"))
    assert help_depth == asked_depth + 1
    if name != "stackexchange":
        assert turns[0][:2] == (0, "A story")
        assert asked_depth == 1 or name == "hackernews"
    assert rows(store, "SELECT status, by FROM triage WHERE mention_id = ?", number) == [(2, "own")]
    assert rows(store, "SELECT sum(mentions) FROM channels") == [(1,)], (
        "the channel brought one; the rest was asked for"
    )
    # Once more: nothing is new, and nothing is lost.
    with CollectorLock(store):
        other = config(store, source("here", adapter=name, settings=settings), topics={"other": "x"}, **accounts)
        again = await conversation.alone(other, SystemClock(), number)
    assert rows(store, "SELECT name FROM topics WHERE active") == [("acme",)], "who asks configures nothing"
    assert (again["new"], again["source"]) == (0, "here")
    assert said(store, number)[0] == turns


async def test_what_cannot_be_asked_for_says_so(tmp_path: Path, server: Server) -> None:
    store = tmp_path / "listen.db"
    settings = mastodon(server)
    server.on("/api/v1/statuses/3/context", Reply(404))
    async with collecting(config(store, source("here", adapter="mastodon", settings=settings))) as run:
        await run.until(lambda: run.of("page"))
        ((number,),) = rows(store, "SELECT id FROM mentions")
        assert "not there any more" in str((await answer(store, number)).error)
        assert "no such mention" in str((await answer(store, 1)).error)
    feeds = config(store, source("here", adapter="mastodon", settings=settings, enabled=False))
    with CollectorLock(store), pytest.raises(Refused, match="cannot be asked for conversations"):
        await conversation.alone(feeds, SystemClock(), number)
