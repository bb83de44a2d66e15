"""X, YouTube, Reddit and Facebook: what is asked, round after round, over real HTTP on loopback."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

import sources
from listen.collect.http import Client
from sources.base import Answer, Channel, Cursor, Known, Page, Refreshes, Request, SourceError, Threads
from tests.collect.clocks import StillClock
from tests.collect.collecting import collecting, config, rows, source
from tests.collect.server import Reply, Server
from tests.sources.asked import answering, ask, faulty, params, round_of
from tests.sources.reading import NOW, at

X, YOUTUBE, FACEBOOK = (sources.get(name) for name in ("x", "youtube", "facebook"))


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with Server() as running:
        yield running


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> StillClock:
    for name in ("ID", "SECRET", "TOKEN"):
        monkeypatch.setenv(name, f"the-{name.lower()}")
    return StillClock(NOW)


@pytest.fixture
async def client(clock: StillClock) -> AsyncIterator[Client]:
    async with Client(clock, gap=0) as polite:
        yield polite


def channel(adapter: Any, terms: list[str] | None = None, **settings: Any) -> Channel:
    key = {"x": "token", "youtube": "key", "facebook": "token"}[adapter.name]
    (only,) = adapter.channels({key: "env:TOKEN", **settings}, terms or [])
    return only  # type: ignore[no-any-return]


def asked(request: Request) -> dict[str, str]:
    return dict(request.params)


# --- X ----------------------------------------------------------------------------------------------------------------


def snowflake(moment: str) -> int:
    return (at(moment) * 1000 - 1_288_834_974_657) << 22


def test_x_is_asked_for_as_few_and_as_narrow_as_can_be() -> None:
    terms = ["acme battery", "(rival OR foe) charger", "#acmefail"]
    one = channel(X, terms, budget="2.50", languages=["fr", "EN"])
    assert asked(X.request(one, {}, NOW))["query"] == (
        "(acme battery OR (rival OR foe) charger OR #acmefail) (lang:fr OR lang:en) -is:retweet"
    )
    assert asked(X.request(channel(X, ["acme"], budget="1"), {}, NOW))["query"] == "acme -is:retweet"
    many = X.channels({"token": "env:TOKEN", "budget": "$1"}, [f"word{number} other" for number in range(100)])
    assert len(many) == 4
    assert all(len(one.settings["query"]) <= 512 for one in many)
    assert asked(X.request(channel(X, ["a"], budget="1", search=["from:acme"]), {}, NOW))["query"] == "from:acme"
    for wrong in ({"budget": "much"}, {"budget": "0.01"}, {"budget": "1", "token": "secret"}, {"budget": "1"}):
        with faulty("settings"):
            X.channels({"token": "env:TOKEN", **wrong}, [])


async def test_rounds_of_x_go_back_to_the_last_post_and_no_further(
    server: Server, client: Client, clock: StillClock
) -> None:
    newest = snowflake("2026-11-21T11:59:00")
    told: list[dict[str, Any]] = [{"id": str(newest - place), "text": "acme"} for place in range(3)]

    def answer(given: dict[str, str]) -> bytes:
        below = int(given.get("until_id", newest + 100))
        above = int(given.get("since_id", 0))
        left = [one for one in told if above < int(one["id"]) < below]
        meta = {"result_count": len(left[:2])} | ({"next_token": "n"} if len(left) > 2 else {})
        return json.dumps({"data": left[:2], "meta": meta} if left else {"meta": {"result_count": 0}}).encode()

    server.on("/2/tweets/search/recent", answering(answer))
    one = channel(X, ["acme"], budget="1", host=server.url())
    first = await round_of(client, X, one, {}, clock)
    assert [post.external_id for post in first.posts] == [entry["id"] for entry in told]
    assert params(server.seen[0])["start_time"] == "2026-11-20T12:00:00Z", "each post costs: one day back at first"
    assert first.cursor == {"since": str(newest)}
    told.insert(
        0, {"id": str(newest + 5), "text": "acme, edited", "edit_history_tweet_ids": [str(newest), str(newest + 5)]}
    )
    second = await round_of(client, X, one, first.cursor, clock)
    assert [(post.external_id, post.state) for post in second.posts] == [(str(newest), "edited")]
    assert params(server.seen[-1])["since_id"] == str(newest)
    assert "start_time" not in params(server.seen[-1])
    quiet = await round_of(client, X, one, second.cursor, clock)
    assert (quiet.posts, quiet.cursor) == ([], second.cursor)
    late = X.request(one, second.cursor, NOW + 8 * 86_400)
    assert "since_id" not in asked(late), "the server refuses ids that are older than it looks back"
    assert asked(late)["start_time"] == "2026-11-22T14:24:00Z"
    silent = X.parse(one, {}, Answer("u", 200, {}, b'{"meta": {"result_count": 0}}'), NOW)
    assert asked(X.request(one, silent.cursor, NOW))["since_id"] == str(snowflake("2026-11-21T11:59:00"))


def test_a_long_post_of_x_is_whole_and_its_links_lead_somewhere() -> None:
    post = {
        "id": "20", "text": "the beginning…", "author_id": "7", "lang": "und", "conversation_id": "19",
        "referenced_tweets": [{"type": "replied_to", "id": "19"}], "withheld": {"country_codes": ["FR"]},
        "note_tweet": {"text": "all of it &amp; https://t.co/x", "entities": {
            "urls": [{"url": "https://t.co/x", "expanded_url": "https://acme.example/"}]}},
    }  # fmt: skip
    told = {"data": [post, {"no": "id"}], "meta": {}}
    page = X.parse(channel(X, ["a"], budget="1"), {}, Answer("u", 200, {}, json.dumps(told).encode()), NOW)
    (read,) = page.posts
    assert (read.text, read.kind, read.parent_id, read.state) == (
        "all of it & https://acme.example/", "reply", "19", "withheld",
    )  # fmt: skip
    assert (read.lang, read.url) == (None, "https://x.com/i/status/20")
    assert read.author is not None
    assert read.author.url == "https://x.com/i/user/7"
    assert len(page.rejects) == 1
    assert page.spent == {"money": pytest.approx(0.01)}
    with faulty("refused"):
        X.parse(channel(X, ["a"], budget="1"), {}, Answer("u", 200, {}, b'{"errors": [{"detail": "no"}]}'), NOW)


# --- YouTube ----------------------------------------------------------------------------------------------------------


def test_x_is_asked_for_deletions_only_when_that_is_wished_and_paid_for() -> None:
    seen = [Known("20"), Known("21"), Known("22"), Known("no number")]
    assert X.again(channel(X, ["a"], budget="1"), seen) is None
    looked = X.again(channel(X, ["a"], budget="1", check_deletions=True), seen)
    assert looked is not None
    request = X.request(looked, {}, NOW)
    assert (request.url.rpartition("/2/")[2], asked(request)["ids"]) == ("tweets", "20,21,22")
    assert request.costs[0].most == pytest.approx(3 * 0.005 + 0.5), "a search must be left beside it"
    problems = "https://api.twitter.com/2/problems/"
    told = {
        "data": [{"id": "20", "text": "acme", "public_metrics": {"like_count": 9}}],
        "errors": [
            {"resource_id": "21", "type": problems + "resource-not-found"},
            {"value": "22", "type": problems + "not-authorized-for-resource"},
            {"resource_id": "99", "type": problems + "resource-not-found"},
        ],
    }
    page = X.parse(looked, {}, Answer("u", 200, {}, json.dumps(told).encode()), NOW)
    assert [(one.external_id, one.state, one.likes) for one in page.posts] == [
        ("20", "active", 9), ("21", "deleted", None), ("22", "withheld", None)
    ]  # fmt: skip
    assert page.spent == {"money": pytest.approx(0.005)}, "what is gone costs nothing"
    with faulty("refused"):
        X.parse(looked, {}, Answer("u", 403, {}, b'{"title": "Forbidden"}'), NOW)


def test_youtube_gets_one_search_for_all_terms() -> None:
    one = channel(YOUTUBE, ["acme", "acme battery", "#acmefail", "c++"], language="fr", region="FR")
    told = asked(YOUTUBE.request(one, {"since": int(NOW) - 60}, NOW))
    assert told["q"] == 'acme|"acme battery"|#acmefail|"c++"'
    assert (told["relevanceLanguage"], told["regionCode"]) == ("fr", "FR")
    assert told["publishedAfter"] == "2026-11-21T05:59:00Z", "new videos take hours to be found"
    with faulty("settings"):
        channel(YOUTUBE, ["acme"], searches=0)


async def test_comments_are_asked_for_where_there_are_more_and_what_is_gone_is_told(
    server: Server, client: Client, clock: StillClock
) -> None:
    videos = {"v1": 0, "v2": 2}
    comments = {"v2": 2}

    def videos_told(given: dict[str, str]) -> bytes:
        there = [one for one in given["id"].split(",") if one in videos]
        items = [
            {"id": one, "snippet": {"title": one}, "statistics": {"commentCount": str(videos[one])}} for one in there
        ]
        return json.dumps({"items": items}).encode()

    def comments_told(given: dict[str, str]) -> bytes:
        said = range(comments[given["videoId"]], 0, -1)
        items = [
            {"snippet": {"topLevelComment": {"id": f"c{number}", "snippet": {
                "textOriginal": "acme", "publishedAt": f"2026-11-21T11:0{number}:00Z"}}}}
            for number in said
        ]  # fmt: skip
        return json.dumps({"items": items, "nextPageToken": "older"}).encode()

    found = [{"id": {"videoId": one}} for one in videos]
    server.on("/youtube/v3/search", answering(lambda given: json.dumps({"items": found}).encode()))
    server.on("/youtube/v3/videos", answering(videos_told))
    server.on("/youtube/v3/commentThreads", answering(comments_told))
    one = channel(YOUTUBE, ["acme"], host=server.url())

    async def visit(before: Page) -> tuple[Page, list[str]]:
        server.seen.clear()
        page = await round_of(client, YOUTUBE, one, before.cursor, clock)
        return page, [urlsplit(seen.path).path.rpartition("/")[2] for seen in server.seen]

    page, questions = await visit(Page([]))
    assert {post.external_id for post in page.posts} == {"v1", "v2", "c1", "c2"}
    assert questions == ["search", "videos", *["commentThreads"] * 5], "the first time as far back as five pages go"
    page, questions = await visit(page)
    assert questions == ["search", "videos"], "no comment is new"
    found.clear()
    videos["v2"], comments["v2"] = 3, 3
    del videos["v1"]
    page, questions = await visit(page)
    assert questions == ["search", "videos", "commentThreads"], "two are known, so the next page is not asked for"
    states = {post.external_id: post.state for post in page.posts}
    assert states["v1"] == "deleted"
    assert "c3" in states


@pytest.mark.parametrize("reason", ["commentsDisabled", "videoNotFound"])
def test_a_video_without_comments_holds_nobody_up(reason: str) -> None:
    one = channel(YOUTUBE, ["acme"])
    answer = Answer("u", 403, {}, json.dumps({"error": {"errors": [{"reason": reason}]}}).encode())
    page = YOUTUBE.parse(one, {"asks": "v1 v2", "known": "v1:1:0 v2:1:0", "begun": 7}, answer, NOW)
    assert (page.cursor["asks"], page.more) == ("v2", True)
    page = YOUTUBE.parse(one, page.cursor, answer, NOW)
    assert (page.cursor, page.more) == ({"since": 7, "known": "v1:1:0 v2:1:0"}, False)


# --- Reddit -----------------------------------------------------------------------------------------------------------


async def test_reddit_is_asked_with_a_token_that_is_nowhere_written(
    tmp_path: Path, server: Server, clock: StillClock
) -> None:
    store = tmp_path / "listen.db"
    token = json.dumps({"access_token": "short-lived", "expires_in": 86_400}).encode()
    listing = json.dumps(
        {"data": {"after": None, "children": [
            {"kind": "t3", "data": {"name": "t3_a", "title": "acme & co", "selftext": "died", "created_utc": NOW - 60,
                                    "permalink": "/r/x/comments/a/", "author": "ann", "score": 3, "is_self": True}},
            {"kind": "t3", "data": {"name": "t3_b", "title": "acme", "selftext": "[removed]", "created_utc": NOW - 70,
                                    "permalink": "/r/x/comments/b/", "author": "[deleted]"}},
            {"kind": "more", "data": {}},
        ]}}
    ).encode()  # fmt: skip
    left = {"x-ratelimit-remaining": "598.0", "x-ratelimit-reset": "300"}
    server.on("/api/v1/access_token", Reply(body=token))
    server.on("/r/batteries/new", Reply(body=listing, headers=left))
    server.on("/r/batteries/comments", Reply(403))
    settings = {
        "client_id": "env:ID", "client_secret": "env:SECRET", "subreddits": ["r/batteries"], "host": server.url(),
        "login": server.url(),
    }  # fmt: skip
    async with collecting(config(store, source("reddit", adapter="reddit", settings=settings)), clock) as run:
        await run.until(lambda: run.of("page") and run.of("error"))
    logins = [seen for seen in server.seen if seen.method == "POST"]
    assert [seen.body for seen in logins] == [b"grant_type=client_credentials"], "both channels share a token"
    assert logins[0].headers["authorization"] == f"Basic {base64.b64encode(b'the-id:the-secret').decode()}"
    asked = next(seen for seen in server.seen if seen.path.startswith("/r/batteries/new"))
    assert asked.headers["authorization"] == "Bearer short-lived"
    assert params(asked) == {"raw_json": "1", "limit": "100"}
    assert rows(store, "SELECT external_id, title, text FROM mentions") == [("t3_a", "acme & co", "died")]
    health = rows(store, "SELECT label, rate_left, error FROM channels ORDER BY id")
    refused = "Reddit refuses: the subreddit is private, or the app not approved (HTTP 403)"
    assert health == [("posts of r/batteries", 598, None), ("comments of r/batteries", None, refused)]
    assert b"short-lived" not in store.read_bytes()


def test_searches_of_reddit_hold_all_expressions() -> None:
    adapter = sources.get("reddit")
    keys = {"client_id": "env:ID", "client_secret": "env:SECRET"}
    (one,) = adapter.channels({**keys, "within": ["france", "r/batteries"]}, ["acme (a OR b)", '"x y"'])
    request = adapter.request(one, {"low": 1, "page": 2, "top": 5, "at": "t3_z"}, NOW)
    assert urlsplit(request.url).path == "/r/france+batteries/search"
    assert (asked(request)["q"], asked(request)["after"]) == ('acme (a OR b) OR "x y"', "t3_z")
    for wrong in ({}, {"subreddits": ["a/b"]}):
        with faulty("settings"):
            adapter.channels({**keys, **wrong}, [])


# --- Facebook ---------------------------------------------------------------------------------------------------------


async def test_comments_of_a_page_are_read_where_there_are_new_ones(
    server: Server, client: Client, clock: StillClock
) -> None:
    totals = {"1_10": 2, "1_11": 0}

    def feed(given: dict[str, str]) -> bytes:
        items = [
            {"id": one, "message": "news", "comments": {"summary": {"total_count": total}}}
            for one, total in totals.items()
        ]
        return json.dumps({"data": items}).encode()

    said = [
        {"id": f"10_{number}", "message": "acme", "created_time": f"2026-11-21T11:0{number}:00+0000"}
        for number in (2, 1)
    ]
    said[0]["parent"] = {"id": "10_1"}  # type: ignore[assignment]
    server.on("/v24.0/1/feed", answering(feed))
    server.on("/v24.0/1_10/comments", answering(lambda given: json.dumps({"data": said}).encode()))
    one = channel(FACEBOOK, page="1", host=server.url())
    page = await round_of(client, FACEBOOK, one, {}, clock)
    assert [(post.external_id, post.parent_id) for post in page.posts] == [
        ("1_10", None), ("1_11", None), ("10_2", "10_1"), ("10_1", "1_10"),
    ]  # fmt: skip
    assert params(server.seen[0])["access_token"] == "the-token"
    assert "the-token" not in json.dumps(page.cursor)
    server.seen.clear()
    page = await round_of(client, FACEBOOK, one, page.cursor, clock)
    assert len(server.seen) == 1, "no comment is new"
    usage = {"x-app-usage": '{"call_count":28}', "x-page-usage": '{"call_count":97,"total_time":1}'}
    server.on("/v24.0/1/feed", Reply(body=feed({}), headers=usage))
    assert (await ask(client, FACEBOOK, one, page.cursor, clock)).pause == 600
    ended = {"error": {"code": 190, "message": "Session has expired"}}
    server.on("/v24.0/1/feed", Reply(400, json.dumps(ended).encode()))
    with faulty("token"):
        await ask(client, FACEBOOK, one, page.cursor, clock)
    busy = {"error": {"code": 32, "message": "Page request limit reached"}}
    server.on("/v24.0/1/feed", Reply(403, json.dumps(busy).encode()))
    assert (await ask(client, FACEBOOK, one, page.cursor, clock)).pause == 3_600


async def test_a_place_that_repeats_our_key_tells_it_to_nobody(
    tmp_path: Path, server: Server, clock: StillClock
) -> None:
    said = b'{"error": {"code": 190, "message": "bad key the-token"}, "detail": "bad the-token", "data": ["the-token"]}'
    for path in ("/2/tweets/search/recent", "/youtube/v3/search", "/v24.0/1/feed"):
        server.on(path, Reply(400, said))
    asked = [
        source("x", adapter="x", settings={"token": "env:TOKEN", "budget": "1", "search": ["a"], "host": server.url()}),
        source("y", adapter="youtube", settings={"key": "env:TOKEN", "search": ["a"], "host": server.url()}),
        source("f", adapter="facebook", settings={"token": "env:TOKEN", "page": "1", "host": server.url()}),
    ]
    async with collecting(config(tmp_path / "listen.db", *asked), clock) as run:
        await run.until(lambda: {event.source for event in run.of("error")} == {"x", "y", "f"})
    stored = b"".join(file.read_bytes() for file in tmp_path.iterdir())  # noqa: ASYNC240 - small files
    assert b"the-token" not in stored
    assert "the-token" not in repr(run.events)
    assert {event.reason for event in run.of("error")} == {"refused", "token"}


# --- conversations, and what is asked about again ---------------------------------------------------------------------


def parsed(adapter: Any, channel: Channel, told: Any, cursor: Cursor | None = None) -> Page:
    return adapter.parse(channel, cursor or {}, Answer("u", 200, {}, json.dumps(told).encode()), NOW)  # type: ignore[no-any-return]


def test_posts_of_reddit_are_asked_about_again_and_those_that_are_gone_are_deleted() -> None:
    adapter = sources.get("reddit")
    assert isinstance(adapter, Refreshes)
    heard = adapter.channels({"client_id": "env:ID", "client_secret": "env:SECRET", "search": ["a"]}, [])[0]
    one = adapter.again(heard, [Known("t3_a"), Known("t1_b", "comment"), Known("https://other.example")])
    assert one is not None
    assert asked(adapter.request(one, {}, NOW))["id"] == "t3_a,t1_b"
    told = {"data": {"children": [{"kind": "t3", "data": {"name": "t3_a", "score": 9, "edited": NOW - 5}}]}}
    page = parsed(adapter, one, told)
    assert [(post.external_id, post.state, post.likes) for post in page.posts] == [
        ("t3_a", "edited", 9), ("t1_b", "deleted", None),
    ]  # fmt: skip
    assert not page.more


def test_a_conversation_of_youtube_and_what_became_of_it() -> None:
    assert isinstance(YOUTUBE, Threads)
    assert isinstance(YOUTUBE, Refreshes)
    heard = channel(YOUTUBE, ["acme"])
    talk = YOUTUBE.thread(heard, Known("c1", "comment", thread_id="v1"))
    assert talk is not None
    told = asked(YOUTUBE.request(talk, {}, NOW))
    assert (told["part"], told["videoId"]) == ("snippet,replies", "v1")
    top = {"id": "c1", "snippet": {"textOriginal": "why?"}}
    reply = {"id": "c1.r", "snippet": {"textOriginal": "because", "parentId": "c1"}}
    thread = {"snippet": {"topLevelComment": top, "totalReplyCount": 1}, "replies": {"comments": [reply]}}
    page = parsed(YOUTUBE, talk, {"items": [thread], "nextPageToken": "n"})
    assert [(post.external_id, post.parent_id, post.thread_id) for post in page.posts] == [
        ("c1", "v1", "v1"), ("c1.r", "c1", "v1"),
    ]  # fmt: skip
    assert asked(YOUTUBE.request(talk, page.cursor, NOW))["pageToken"] == "n"
    again = YOUTUBE.again(heard, [Known("v1", "video"), Known("c1", "comment"), Known("c1.r", "comment")])
    assert again is not None
    assert asked(YOUTUBE.request(again, {}, NOW))["id"] == "v1"
    page = parsed(YOUTUBE, again, {"items": []})
    assert ([post.state for post in page.posts], page.more) == (["deleted"], True)
    assert asked(YOUTUBE.request(again, page.cursor, NOW))["id"] == "c1,c1.r"
    page = parsed(YOUTUBE, again, {"items": [top]}, page.cursor)
    assert [(post.external_id, post.state) for post in page.posts] == [("c1", "active"), ("c1.r", "deleted")]
    assert not page.more


def test_a_conversation_on_a_page_of_facebook() -> None:
    assert isinstance(FACEBOOK, Threads)
    talk = FACEBOOK.thread(channel(FACEBOOK, page="1"), Known("10_2", "comment", thread_id="1_10"))
    assert talk is not None
    assert urlsplit(FACEBOOK.request(talk, {}, NOW).url).path == "/v24.0/1_10/comments"
    said = {"id": "10_2", "message": "acme", "created_time": "2026-11-21T11:00:00+0000"}
    page = parsed(FACEBOOK, talk, {"data": [said], "paging": {"cursors": {"after": "n"}, "next": "https://x"}})
    assert (len(page.posts), page.more) == (1, True)
    assert asked(FACEBOOK.request(talk, page.cursor, NOW))["after"] == "n"
    assert not parsed(FACEBOOK, talk, {"data": [said]}, page.cursor).more


# --- anything ---------------------------------------------------------------------------------------------------------

KEYS: dict[str, dict[str, Any]] = {
    "x": {"token": "env:T", "budget": "1", "users": True, "search": ["a"]},
    "youtube": {"key": "env:K", "search": ["a"]},
    "reddit": {"client_id": "env:I", "client_secret": "env:S", "search": ["a"]},
    "facebook": {"token": "env:T", "page": "1"},
}
FIELDS = [
    "id", "kind", "name", "data", "items", "children", "replies", "snippet", "statistics", "topLevelComment",
    "error", "errors", "reason", "paging", "cursors", "after", "next", "meta", "includes", "users", "entities",
    "urls", "created_utc", "edited", "referenced_tweets", "edit_history_tweet_ids", "public_metrics", "note_tweet",
    "comments", "summary", "videoId", "t1", "t3",
]  # fmt: skip
MIDDLES: list[Cursor] = [
    {}, {"since": "5", "until": "9", "top": "10", "page": 1, "begun": 1}, {"ids": "v w", "known": "v:1:2", "since": 3},
    {"asks": "v", "known": "v:1:2", "next": "n", "pages": 1}, {"low": 1, "top": 2, "page": 2, "at": "x"},
]  # fmt: skip
anything = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.sampled_from([*FIELDS, "190"])),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.sampled_from(FIELDS), inner, max_size=6)),
    max_leaves=25,
)


@given(anything, st.sampled_from(sorted(KEYS)), st.sampled_from([200, 400, 403]), st.sampled_from(MIDDLES))
def test_any_answer_at_any_point_is_posts_or_one_reason(value: Any, name: str, status: int, cursor: Cursor) -> None:
    adapter = sources.get(name)
    (one,) = adapter.channels(KEYS[name], [])
    around = {"data": [value, {"children": [{"kind": "t3", "data": value}]}], "items": [value, {"snippet": value}]}
    for told in (value, around, {"data": {"children": [value]}, "items": [{"id": "v", "snippet": value}]}):
        try:
            page = adapter.parse(one, cursor, Answer("u", status, {}, json.dumps(told).encode()), NOW)
        except SourceError:
            continue
        json.dumps(page.cursor)
        assert all(post.external_id for post in page.posts)
        assert adapter.request(one, page.cursor, NOW).url
