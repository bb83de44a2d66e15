"""Lemmy over HTTP on loopback: what is asked, how far a round goes back, what becomes of posts and comments."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from listen.collect.http import Client
from sources.base import Channel, Page
from sources.lemmy import LemmyAdapter
from tests.collect.clocks import TurnedClock
from tests.collect.server import Reply, Server
from tests.sources.asked import answering, ask, faulty, params, round_of
from tests.sources.reading import NOW, at

ADAPTER = LemmyAdapter()


def iso(moment: float) -> str:
    """As servers before 0.19.4 write it: without a zone."""
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%S.123456")


def post(number: int, moment: float, **fields: Any) -> dict[str, Any]:
    said = {"id": number, "name": f"n{number}", "body": "A kettle", "ap_id": f"https://t.example/post/{number}"}
    return {
        "post": {**said, "published": iso(moment), "deleted": False, "removed": False, **fields},
        "creator": {"name": "ann", "display_name": "Ann", "actor_id": "https://b.example/u/ann"},
        "community": {"name": "kitchen"},
        "counts": {"comments": 4, "upvotes": 9, "score": 7},
    }


def comment(number: int, moment: float, path: str, **fields: Any) -> dict[str, Any]:
    said = {"id": number, "content": f"c{number}", "ap_id": f"https://t.example/comment/{number}", "path": path}
    return {
        "comment": {**said, "post_id": 1, "published": iso(moment), **fields},
        "post": {"ap_id": "https://t.example/post/1", "name": "n1", "featured_community": True},
        "creator": {"name": "bo", "actor_id": "https://t.example/u/bo"},
        "counts": {"upvotes": 2, "child_count": 0},
    }


def channel(server: Server, *terms: str, **settings: object) -> Channel:
    return ADAPTER.channels({"host": server.url(), **settings}, terms)[0]


def numbers(page: Page) -> list[int]:
    return [int(one.external_id.rpartition("/")[2]) for one in page.posts]


def test_channels_for_communities_searches_and_everything() -> None:
    def found(settings: dict[str, object], *terms: str) -> list[str]:
        return [one.key for one in ADAPTER.channels(settings, terms)]

    assert found({}, "acme", "acme battery") == ["search:acme", "search:acme battery"]
    assert found({}) == ["posts:", "comments:"]
    assert found({"communities": ["!france@jlai.lu"]}, "acme") == ["posts:france@jlai.lu", "comments:france@jlai.lu"]
    assert found({"communities": ["a"], "search": ["b"]}) == ["posts:a", "comments:a", "search:b"]


@pytest.mark.parametrize("settings", [{"host": "gopher://x"}, {"search": "acme"}, {"communities": [1]}])
def test_settings_that_cannot_work_say_so(settings: dict[str, object]) -> None:
    with faulty("settings"):
        ADAPTER.channels(settings, [])


async def test_a_search_is_read_back_by_number_to_where_the_last_round_ended(
    server: Server, client: Client, clock: TurnedClock
) -> None:
    world = [post(number, NOW - 600 * number) for number in range(130)]

    def answer(asked: dict[str, str]) -> bytes:
        start = (int(asked.get("page", 1)) - 1) * 50
        return json.dumps({"type_": "All", "posts": world[start : start + 50], "comments": [], "users": []}).encode()

    server.on("/api/v3/search", answering(answer))
    where = channel(server, "kettle")
    page = await round_of(client, ADAPTER, where, {}, clock)
    assert numbers(page) == list(range(130))
    assert [params(seen).get("page") for seen in server.seen] == [None, "2", "3"]
    assert params(server.seen[0])["q"] == "kettle"
    assert page.cursor == {"since": int(NOW)}
    server.seen.clear()
    clock.turn(600)
    world.insert(0, post(500, NOW + 600))
    page = await round_of(client, ADAPTER, where, page.cursor, clock)
    assert (len(server.seen), page.posts[0].external_id) == (1, "https://t.example/post/500")
    assert page.cursor == {"since": int(NOW) + 600}


async def test_posts_of_a_community_page_by_mark_and_pinned_ones_do_not_end_the_round(
    server: Server, client: Client, clock: TurnedClock
) -> None:
    pinned = post(900, NOW - 10**8, featured_community=True)
    first = {"posts": [pinned, *(post(number, NOW - number) for number in range(50))], "next_page": "P2"}
    second = {"posts": [post(60, NOW - 60), post(61, NOW - 9 * 86_400)], "next_page": "P3"}
    server.on("/api/v3/post/list", Reply(body=json.dumps(first).encode()), Reply(body=json.dumps(second).encode()))
    page = await round_of(client, ADAPTER, channel(server, communities=["kitchen@b.example"]), {}, clock)
    assert [params(seen).get("page_cursor") for seen in server.seen] == [None, "P2"]
    assert params(server.seen[0])["community_name"] == "kitchen@b.example"
    assert len(page.posts) == 53


async def test_posts_and_comments_with_all_that_is_known(server: Server, client: Client, clock: TurnedClock) -> None:
    told = {
        "posts": [
            post(1, NOW - 60, url="https://shop.example/", updated=iso(NOW - 30)),
            post(2, NOW, deleted=True),
            post(3, NOW, removed=True),
        ],
        "comments": [comment(8, NOW, "0.7.8"), comment(7, NOW, "0.7"), comment(9, NOW, "0.5.9")],
    }
    server.on("/api/v3/search", Reply(body=json.dumps(told).encode()))
    one, two, three, below, top, far = (await ask(client, ADAPTER, channel(server, "kettle"), {}, clock)).posts
    assert (one.network, one.external_id, one.url) == ("lemmy", "https://t.example/post/1", "https://t.example/post/1")
    assert (one.title, one.text, one.markup) == ("n1", "A kettle\n\nhttps://shop.example/", "plain")
    assert (one.state, one.published_at, one.edited_at) == ("edited", int(NOW) - 60, int(NOW) - 30)
    assert (one.likes, one.replies, one.tags) == (9, 4, ("kitchen",))
    assert one.author is not None
    assert (one.author.handle, one.author.name, one.author.url) == ("ann@b.example", "Ann", "https://b.example/u/ann")
    assert [(gone.state, gone.title, gone.text) for gone in (two, three)] == [
        ("deleted", None, ""),
        ("withheld", None, ""),
    ]
    assert (below.kind, below.title, below.text, below.parent_id) == ("comment", None, "c8", top.external_id)
    assert (top.parent_id, top.thread_id) == ("https://t.example/post/1", "https://t.example/post/1")
    assert far.parent_id == f"{server.url()}comment/5"


async def test_what_is_no_list_and_bad_items(server: Server, client: Client, clock: TurnedClock) -> None:
    for raw in (b"[]", b'{"error": "rate\\u001b[31m"}', b'{"posts": {}}'):
        server.on("/api/v3/search", Reply(body=raw))
        with faulty("shape"):
            await ask(client, ADAPTER, channel(server, "kettle"), {}, clock)
    spoilt = {"post": {"ap_id": "x", "name": 7, "url": "javascript:a", "published": 5}, "creator": [], "counts": 3}
    server.on("/api/v3/search", Reply(body=json.dumps({"posts": [None, {}, {"post": {}}, spoilt]}).encode()))
    page = await ask(client, ADAPTER, channel(server, "kettle"), {}, clock)
    assert [(one.external_id, one.title, one.text, one.url) for one in page.posts] == [("x", None, "", None)]
    assert len(page.rejects) == 3


async def test_more_than_a_round_may_hold_is_told(server: Server, client: Client, clock: TurnedClock) -> None:
    told = {"posts": [post(number, NOW - number) for number in range(50)]}
    server.on("/api/v3/search", Reply(body=json.dumps(told).encode()))
    page = await round_of(client, ADAPTER, channel(server, "kettle"), {"since": int(NOW) - 86_400}, clock)
    assert len(server.seen) == 20
    assert [reject.reason.partition(":")[0] for reject in page.rejects] == ["limit"]


def test_refusals_are_told_in_plain_words() -> None:
    community = ADAPTER.channels({"communities": ["nowhere"]}, [])[0]
    assert "no community nowhere" in str(ADAPTER.refused(community, 404))
    assert ADAPTER.refused(community, 500) is None


def test_a_time_without_zone_is_utc() -> None:
    assert int(NOW) == at(iso(NOW))
