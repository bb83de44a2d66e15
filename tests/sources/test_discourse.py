"""Discourse over HTTP on loopback: what is asked, how far rounds go, whose words are kept."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from listen.collect.http import Client
from sources.base import Author, Channel, Page
from sources.discourse import DiscourseAdapter
from sources.forum import own_words
from tests.collect.clocks import TurnedClock
from tests.collect.server import Reply, Server
from tests.sources.asked import answering, ask, faulty, params, round_of
from tests.sources.reading import at, body, title

ADAPTER = DiscourseAdapter()


def post(number: int, **fields: Any) -> dict[str, Any]:
    return {
        "id": number,
        "name": "Ann B.",
        "username": "ann",
        "created_at": "2026-11-21T10:00:00.000Z",
        "updated_at": "2026-11-21T11:00:00.000Z",
        "cooked": f"<p>The kettle, {number}</p>",
        "post_number": 2,
        "post_type": 1,
        "version": 1,
        "reply_count": 1,
        "topic_id": 4,
        "topic_slug": "kettles",
        "topic_title": "Kettles & <co>",
        "actions_summary": [{"id": 2, "count": 6}],
        **fields,
    }


def channel(server: Server, **settings: object) -> Channel:
    return ADAPTER.channels({"hosts": [server.url()], **settings}, ["kettle"])[0]


def numbers(page: Page) -> list[int]:
    return [int(one.external_id.rpartition("/")[2]) for one in page.posts]


def test_one_question_hears_a_whole_forum_whatever_the_topics_want() -> None:
    found = ADAPTER.channels({"hosts": ["https://a.example/", "b.example"]}, ["acme", "tea"])
    assert [one.label for one in found] == ["new posts · a.example", "new posts · b.example"]
    found = ADAPTER.channels(
        {"hosts": ["a.example"], "search": ["tea"], "latest": True, "topics": ["https://b.example/t/words/12/3"]}, []
    )
    assert [one.label for one in found] == ["new topics · a.example", "tea · a.example", "topic 12 · b.example"]


@pytest.mark.parametrize(
    "settings",
    [{}, {"hosts": ["a b"]}, {"hosts": "a.example"}, {"topics": ["https://a.example/c/5"]}, {"topics": ["7"]}],
)
def test_settings_that_cannot_work_say_so(settings: dict[str, object]) -> None:
    with faulty("settings"):
        ADAPTER.channels(settings, ["kettle"])


# --- all new posts ----------------------------------------------------------------------------------------------------


class Forum:
    """Gives at most twenty of the posts among the fifty ids up to `before`, as Discourse does."""

    def __init__(self, *numbers: int) -> None:
        self.numbers = set(numbers)

    def page(self, asked: dict[str, str]) -> bytes:
        before = int(asked.get("before", max(self.numbers)))
        found = sorted((one for one in self.numbers if before - 50 < one <= before), reverse=True)[:20]
        return json.dumps({"latest_posts": [post(one) for one in found]}).encode()


async def test_the_first_round_reads_some_pages_and_later_ones_up_to_what_is_known(
    server: Server, client: Client, clock: TurnedClock
) -> None:
    forum = Forum(*range(1, 301))
    server.on("/posts.json", answering(forum.page))
    where = channel(server)
    page = await round_of(client, ADAPTER, where, {}, clock)
    assert numbers(page) == list(range(300, 200, -1))
    assert page.cursor == {"since": 300}
    forum.numbers |= {*range(301, 320), 500, 501}
    server.seen.clear()
    page = await round_of(client, ADAPTER, where, page.cursor, clock)
    assert set(numbers(page)) >= {*range(301, 320), 500, 501}, "ids that nobody may see do not end the round"
    assert page.cursor == {"since": 501}
    server.seen.clear()
    again = await round_of(client, ADAPTER, where, page.cursor, clock)
    assert (numbers(again)[:2], again.cursor) == ([501, 500], page.cursor)


async def test_an_empty_forum_and_one_that_knows_no_before(server: Server, client: Client, clock: TurnedClock) -> None:
    server.on("/posts.json", Reply(body=b'{"latest_posts": []}'))
    page = await round_of(client, ADAPTER, channel(server), {}, clock)
    assert (page.posts, page.cursor) == ([], {})
    stuck = {"latest_posts": [post(number) for number in range(900, 880, -1)]}
    server.on("/posts.json", Reply(body=json.dumps(stuck).encode()))
    page = await round_of(client, ADAPTER, channel(server), {"since": 300}, clock)
    assert page.cursor == {"since": 900}


# --- searches, topics, new topics -------------------------------------------------------------------------------------


async def test_a_search_finds_excerpts(server: Server, client: Client, clock: TurnedClock) -> None:
    found = {"id": 9, "username": "bo", "created_at": "2026-11-21T10:00:00Z", "blurb": "a <kettle> that…",
             "like_count": 2, "post_number": 1, "topic_id": 4}  # fmt: skip
    told = {
        "posts": [found],
        "topics": [{"id": 4, "title": "Kettles & <co>"}],
        "grouped_search_result": {"more_full_page_results": True},
    }
    end = {"grouped_search_result": {"more_full_page_results": None}}
    server.on("/search.json", Reply(body=json.dumps(told).encode()), Reply(body=json.dumps(end).encode()))
    page = await round_of(client, ADAPTER, channel(server, search=["acme kettle"]), {}, clock)
    assert [params(seen) for seen in server.seen] == [
        {"q": '"acme kettle" order:latest', "page": "1"},
        {"q": '"acme kettle" order:latest', "page": "2"},
    ]
    (one,) = page.posts
    assert (one.external_id, title(one), body(one)) == ("127.0.0.1/t/4", "Kettles & <co>", "a <kettle> that…")
    assert (one.likes, one.truncated, one.kind) == (2, True, "post")


async def test_a_topic_is_read_by_the_ids_of_its_posts(server: Server, client: Client, clock: TurnedClock) -> None:
    stream = list(range(1, 56))

    def first(asked: dict[str, str]) -> bytes:
        told = {"posts": [post(number) for number in stream[:20]], "stream": stream}
        return json.dumps({"id": 4, "title": "Kettles", "post_stream": told}).encode()

    async def some(seen: Any, writer: Any) -> None:
        asked = [int(value) for key, value in parse_qsl(urlsplit(seen.path).query) if key == "post_ids[]"]
        told = json.dumps({"post_stream": {"posts": [post(number) for number in asked]}}).encode()
        await answering(lambda _: told)(seen, writer)

    server.on("/t/4.json", answering(first))
    server.on("/t/4/posts.json", some)
    where = channel(server, topics=[server.url("/t/kettles/4")])
    page = await round_of(client, ADAPTER, where, {}, clock)
    assert sorted(numbers(page)) == stream
    assert page.cursor == {"since": 55}
    stream.append(60)
    server.seen.clear()
    page = await round_of(client, ADAPTER, where, page.cursor, clock)
    assert (60 in numbers(page), len(server.seen), page.cursor) == (True, 2, {"since": 60})
    server.seen.clear()
    await round_of(client, ADAPTER, where, page.cursor, clock)
    assert len(server.seen) == 1


async def test_new_topics(server: Server, client: Client, clock: TurnedClock) -> None:
    topic = {"id": 4, "title": "Kettles & <co>", "slug": "kettles", "excerpt": "They boil&hellip;", "views": 82,
             "like_count": 10, "posts_count": 3, "created_at": "2026-11-21T10:00:00Z", "tags": ["tea"]}  # fmt: skip
    server.on("/latest.json", Reply(body=json.dumps({"topic_list": {"topics": [topic, None]}}).encode()))
    page = await ask(client, ADAPTER, channel(server, latest=True), {}, clock)
    (one,) = page.posts
    assert (one.external_id, title(one), body(one)) == ("127.0.0.1/t/4", "Kettles & <co>", "They boil…")
    assert (one.url, one.views, one.replies, one.tags) == (f"{server.url()}t/kettles/4", 82, 2, ("tea",))
    assert len(page.rejects) == 1


# --- posts ------------------------------------------------------------------------------------------------------------


async def read(server: Server, client: Client, clock: TurnedClock, *posts: Any) -> Page:
    server.on("/posts.json", Reply(body=json.dumps({"latest_posts": posts}).encode()))
    return await ask(client, ADAPTER, channel(server), {}, clock)


async def test_a_post_with_all_that_is_known(server: Server, client: Client, clock: TurnedClock) -> None:
    page = await read(
        server, client, clock, post(9, post_number=3, reply_to_post_number=2, version=2), post(8),
        post(7, post_number=1), post(6, post_number=50, reply_to_post_number=40), post(5, post_number=51, post_type=3),
    )  # fmt: skip
    reply, second, first, far = page.posts
    assert (first.external_id, first.kind, title(first), first.parent_id) == (
        "127.0.0.1/t/4", "post", "Kettles & <co>", None,
    )  # fmt: skip
    assert (second.external_id, second.kind, second.title) == ("127.0.0.1/p/8", "comment", None)
    assert (second.parent_id, second.thread_id, second.likes, second.replies) == (
        first.external_id,
        "127.0.0.1/t/4",
        6,
        1,
    )
    assert (reply.parent_id, reply.state, reply.edited_at) == (second.external_id, "edited", at("2026-11-21T11:00"))
    assert far.parent_id == "127.0.0.1/t/4/40"
    assert reply.url == f"{server.url()}t/kettles/4/3"
    assert reply.author == Author("ann@127.0.0.1", "Ann B.", f"{server.url()}u/ann")


async def test_deleted_and_hidden_posts_keep_no_words(server: Server, client: Client, clock: TurnedClock) -> None:
    page = await read(server, client, clock, post(2, user_deleted=True), post(1, hidden=True))
    assert [(one.state, one.text) for one in page.posts] == [("deleted", ""), ("withheld", "")]


@pytest.mark.parametrize(
    ("cooked", "own"),
    [
        ('<aside class="quote"><blockquote><p>theirs</p></blockquote></aside><p>mine</p>', "<p>mine</p>"),
        ('a<aside class="quote no-group">x<aside class="onebox">y</aside>z</aside>b', "ab"),
        (
            'a<aside class="onebox allowlistedgeneric" data-onebox-src="https://x.test/1">p</aside>b',
            "a<p>https://x.test/1</p>b",
        ),
        ("<aside class='note'>kept</aside>", "<aside class='note'>kept</aside>"),
        ('mine<aside class="quote">never closed', "mine"),
        ("</aside>stray", "</aside>stray"),
    ],
)
def test_words_of_others_are_left_out(cooked: str, own: str) -> None:
    assert own_words(cooked) == own


async def test_bad_posts_and_no_list(server: Server, client: Client, clock: TurnedClock) -> None:
    spoilt = {"id": 3, "cooked": 5, "username": [], "topic_id": "x", "actions_summary": 3, "created_at": 7}
    page = await read(server, client, clock, None, {}, spoilt)
    assert [(one.external_id, one.text, one.author, one.thread_id) for one in page.posts] == [
        ("127.0.0.1/p/3", "", None, None)
    ]
    assert len(page.rejects) == 2
    for raw in (b"[]", b'{"errors": ["You need to be \\u001b[31mlogged in"]}', b'{"latest_posts": 5}'):
        server.on("/posts.json", Reply(body=raw))
        with faulty("shape"):
            await ask(client, ADAPTER, channel(server), {}, clock)


def test_refusals_are_told_in_plain_words() -> None:
    where = ADAPTER.channels({"hosts": ["a.example"]}, [])[0]
    assert "members only" in str(ADAPTER.refused(where, 403))
    assert "as Discourse does" in str(ADAPTER.refused(where, 404))
    assert ADAPTER.refused(where, 500) is None
