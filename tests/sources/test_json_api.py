"""The generic JSON adapter: what it asks, what it reads, how it moves, also over real HTTP on loopback."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest

import sources
from listen.clock import SystemClock
from listen.collect import channels, trial
from listen.collect.wanted import Wanted
from sources.base import Answer, Author, Channel, Cursor, Page, SourceError
from sources.json_api import JsonAdapter
from tests.collect import collecting
from tests.collect.server import Reply, Server
from tests.sources.reading import NOW, at

ADAPTER = JsonAdapter()


def told(**more: Any) -> dict[str, Any]:
    rules: dict[str, Any] = {
        "name": "shop",
        "summary": "a shop",
        "items": "list",
        "options": {"host": {"help": "h", "default": "https://shop.example"}},
        "request": {"url": "{host}/api"},
        "post": {"id": "id", "title": "title", "text": "text", "published_at": "at", "likes": "likes"},
    }
    return {**rules, **more}


def opened(rules: dict[str, Any], terms: list[str] | None = None, **settings: Any) -> list[Channel]:
    text = json.dumps({"file": "shop.toml", "mapping": rules})
    return ADAPTER.channels({"mapping": text, **settings}, terms or [])


def read(channel: Channel, answer: object, cursor: Cursor | None = None, **headers: str) -> Page:
    body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
    return ADAPTER.parse(channel, cursor or {}, Answer("https://shop.example/api", 200, headers, body), NOW)


def asked(channel: Channel, cursor: Cursor | None = None) -> dict[str, str]:
    return dict(ADAPTER.request(channel, cursor or {}, NOW).params)


# --- one answer -------------------------------------------------------------------------------------------------------


def test_fields_are_found_and_brought_into_form() -> None:
    fields = {
        "id": "id", "kind": "'review'", "url": "link", "title": "title", "text": "parts", "author": "by.nick",
        "author_name": "by.name", "author_url": "by.page", "followers": "by.fans", "lang": "lang", "published_at": "at",
        "edited_at": "changed", "rating": "stars", "likes": "likes", "replies": "replies", "views": "views",
        "parent_id": "parent", "thread_id": "thread", "tags": "tags", "truncated": "cut",
    }  # fmt: skip
    by = {"nick": "ana", "name": "Ana", "page": "/u/ana", "fans": "1.8K"}
    item = {
        "id": 7, "link": "/p/7", "title": "A < B", "parts": ["<p>one</p>", None, "two"], "by": by, "lang": "fr",
        "at": 1_790_000_000_000, "changed": "2026-09-21T15:13:20Z", "stars": 4.0, "likes": "12", "replies": None,
        "views": "2,5M", "parent": 3, "thread": "3", "tags": "red, blue", "cut": True,
    }  # fmt: skip
    page = read(opened(told(post=fields, html=["text"]))[0], {"list": [item]})
    (post,) = page.posts
    assert page.rejects == []
    assert (post.network, post.external_id, post.kind, post.url) == ("shop", "7", "review", "https://shop.example/p/7")
    assert (post.title, post.text, post.markup) == ("A &lt; B", "<p>one</p>\n\ntwo", "html")
    assert post.author == Author("ana", "Ana", "https://shop.example/u/ana", 1_800)
    assert (post.published_at, post.edited_at) == (1_790_000_000, at("2026-09-21T15:13:20"))
    assert (post.rating, post.likes, post.replies, post.views) == (4, 12, None, 2_500_000)
    assert (post.parent_id, post.thread_id, post.tags, post.truncated) == ("3", "3", ("red", "blue"), True)


def test_a_bad_item_is_set_aside_and_spares_its_neighbours() -> None:
    rules = told(post={"id": "id", "text": "join(' ', words)"}, skip="advert")
    items = [{"id": "1", "words": ["a"]}, {"id": "2", "words": 7}, "x", {"words": []}, {"id": "3", "advert": True}]
    page = read(opened(rules)[0], {"list": [*items, {"id": "4", "words": ["b"]}]})
    assert [post.external_id for post in page.posts] == ["1", "4"]
    assert [reject.reason.partition(":")[0] for reject in page.rejects] == ["shape", "shape", "no-identity"]


def test_one_item_may_stand_where_a_list_is_expected() -> None:
    assert len(read(opened(told())[0], {"list": {"id": "1"}}).posts) == 1


@pytest.mark.parametrize(
    ("answer", "reason"), [(b"<html>", "parse"), ({}, "shape"), ({"list": "x"}, "shape"), ([], "shape")]
)
def test_an_answer_of_no_use_says_why(answer: object, reason: str) -> None:
    with pytest.raises(SourceError) as caught:
        read(opened(told())[0], answer)
    assert (caught.value.reason, bool(caught.value.remedy)) == (reason, True)


def test_a_refusal_with_a_good_status_is_one() -> None:
    channel = opened(told(error="fault && join(' ', ['so:', fault])", remedy="Pay."))[0]
    with pytest.raises(SourceError, match="the server refuses: so: no more") as caught:
        read(channel, {"fault": "no\n  more"})
    assert (caught.value.reason, caught.value.remedy) == ("refused", "Pay.")
    with pytest.raises(SourceError, match=r"not as shop\.toml says"):
        read(channel, {"fault": 7})


def test_no_more_items_are_read_than_one_answer_may_hold() -> None:
    page = read(opened(told())[0], {"list": [{"id": number} for number in range(2_100)]})
    assert len(page.posts) == 2_000
    assert page.rejects[0].reason.startswith("limit:entries: 100 more")


# --- settings and channels --------------------------------------------------------------------------------------------

SEARCH = {
    "each": "search",
    "terms": True,
    "options": {
        "host": {"help": "h", "default": "https://shop.example"},
        "search": {"help": "s", "type": "texts"},
        "key": {"help": "k", "type": "secret"},
        "size": {"help": "n", "type": "number"},
        "deep": {"help": "d", "type": "flag"},
    },
    "request": {
        "url": "{host}/find",
        "params": {"q": "{each}", "n": "{size}", "deep": "{deep}", "key": "{key}", "form": "{{json}}"},
    },
}


def test_a_channel_for_each_value_and_parameters_only_where_there_is_one() -> None:
    found = opened(told(**SEARCH), ["acme", "acme batt*"], size=5, deep=True)
    assert [(one.key, one.label, one.every) for one in found] == [
        ("search:acme", "acme", 3600.0), ("search:acme batt", "acme batt", 3600.0),
    ]  # fmt: skip
    assert asked(found[0]) == {"q": "acme", "n": "5", "deep": "true", "form": "{json}"}
    assert [one.label for one in opened(told(**SEARCH), ["acme"], search=["own", "own"])] == ["own"]


def test_words_are_joined_into_the_fewest_questions() -> None:
    rules = told(**SEARCH, joined=" OR ", longest=24, phrases=True)
    found = opened(rules, ["acme", "acme battery", "rival", "veltra"])
    assert [one.settings["each"] for one in found] == ['acme OR "acme battery"', "rival OR veltra"]


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({}, "search: there is nothing to ask for"),
        ({"serch": ["x"]}, "serch: shop.toml knows no such key"),
        ({"search": "x"}, "search: expected a list of texts"),
        ({"search": ["x"], "size": "5"}, "size: expected a whole number"),
        ({"search": ["x"], "host": "shop"}, 'host: "shop" is no web address'),
        ({"search": ["x"], "key": "canary-plain"}, "key: a secret may not stand here in plain text"),
    ],
)
def test_settings_that_cannot_work_name_the_key(settings: dict[str, Any], words: str) -> None:
    with pytest.raises(SourceError) as caught:
        opened(told(**SEARCH), **settings)
    assert caught.value.message.startswith(words)
    assert "canary" not in caught.value.message + caught.value.remedy


def test_a_post_with_a_body() -> None:
    body = {"query": "{each}", "page": {"after": "{since}"}, "deep": [1, None, "x"]}
    rules = told(**{**SEARCH, "request": {"url": "{host}/find", "method": "POST", "body": body}}, since={"form": "iso"})
    request = ADAPTER.request(opened(rules, ["acmé"])[0], {}, NOW)
    assert (request.method, request.headers["content-type"]) == ("POST", "application/json")
    assert json.loads(request.body or b"") == {"query": "acmé", "page": {}, "deep": [1, None, "x"]}


def test_what_stands_in_an_address_is_quoted() -> None:
    rules = told(**{**SEARCH, "request": {"url": "{host}/tag/{each}"}})
    assert ADAPTER.request(opened(rules, ["a/../b?c"])[0], {}, NOW).url == "https://shop.example/tag/a%2F..%2Fb%3Fc"


# --- rounds -----------------------------------------------------------------------------------------------------------


def items(*numbers: int) -> list[dict[str, Any]]:
    return [{"id": str(number), "text": f"n{number}", "at": int(NOW) - 1_000 + number} for number in numbers]


def test_pages_are_read_until_what_is_known() -> None:
    channel = opened(told(paging={"kind": "page", "param": "p", "size": 2}))[0]
    assert asked(channel) == {"p": "1"}
    page = read(channel, {"list": items(4, 3)})
    assert page.more
    assert asked(channel, page.cursor) == {"p": "2"}
    page = read(channel, {"list": items(2)}, page.cursor)
    assert not page.more, "a page that is not full is the last"
    assert asked(channel, page.cursor) == {"p": "1"}
    page = read(channel, {"list": items(6, 5)}, page.cursor)
    assert page.more
    page = read(channel, {"list": items(4, 3)}, page.cursor)
    assert not page.more, "what follows was read in the last round"
    assert not read(channel, {"list": items(6, 5)}, page.cursor).more


def test_a_round_ends_after_so_many_pages_and_at_an_empty_one() -> None:
    channel = opened(told(paging={"kind": "offset", "param": "from", "most": 3}))[0]
    cursor: Cursor = {}
    offsets = []
    for number in range(3):
        offsets.append(asked(channel, cursor)["from"])
        page = read(channel, {"list": items(100 - 2 * number, 99 - 2 * number)}, cursor)
        cursor = page.cursor
    assert (offsets, page.more) == (["0", "2", "4"], False)
    assert not read(channel, {"list": []}).more


def test_a_cursor_is_sent_back_and_one_that_stands_still_ends_the_round() -> None:
    channel = opened(told(paging={"kind": "cursor", "param": "c", "at": "next"}))[0]
    assert asked(channel) == {}
    page = read(channel, {"list": items(3), "next": "env:HOME"})
    assert asked(channel, page.cursor) == {"c": "env:HOME"}
    assert ADAPTER.request(channel, page.cursor, NOW).secrets == {}, "a server cannot ask for a secret"
    assert not read(channel, {"list": items(2), "next": "env:HOME"}, page.cursor).more
    assert not read(channel, {"list": items(2), "next": "x" * 3_000}).more


def test_forward_goes_on_where_the_last_visit_ended() -> None:
    paging = {"kind": "forward", "param": "offset", "at": "list[-1].number", "plus": 1, "size": 2}
    channel = opened(told(paging=paging))[0]
    assert asked(channel) == {}
    page = read(channel, {"list": [{"id": "a", "number": 7}, {"id": "b", "number": 8}]})
    assert (page.more, asked(channel, page.cursor)) == (True, {"offset": "9"})
    page = read(channel, {"list": []}, page.cursor)
    assert (page.more, asked(channel, page.cursor)) == (False, {"offset": "9"})


def test_links_are_followed_at_the_same_place_only_and_kept_without_secrets() -> None:
    rules = told(
        options={"host": {"help": "h", "default": "https://shop.example"}, "key": {"help": "k", "type": "secret"}},
        request={"url": "{host}/api", "params": {"key": "{key}", "size": "2"}},
        paging={"kind": "link"},
    )
    channel = opened(rules, key="env:SHOP_KEY")[0]
    link = '<https://shop.example/api?key=canary&size=2&p=2>; rel="next", <https://shop.example/api>; rel="first"'
    page = read(channel, {"list": items(2, 1)}, link=link)
    assert page.more
    assert "canary" not in repr(page.cursor)
    request = ADAPTER.request(channel, page.cursor, NOW)
    assert (request.url, request.params) == ("https://shop.example/api?size=2&p=2", (("key", "⟦key⟧"),))
    for elsewhere in ("https://evil.example/api", "http://shop.example/api", "https://[", "//evil.example"):
        page = read(channel, {"list": items(2, 1)}, link=f"<{elsewhere}>; rel=next")
        assert not page.more
        assert page.rejects[0].reason.startswith("refused")


@pytest.mark.parametrize(
    ("form", "first", "later"),
    [
        ("seconds", str(int(NOW) - 86_400), str(int(NOW) - 1_598)),
        ("milliseconds", str(int(NOW - 86_400) * 1_000), str((int(NOW) - 1_598) * 1_000)),
        ("iso", "2026-11-20T12:00:00Z", "2026-11-21T11:33:22Z"),
        ("date", "2026-11-20", "2026-11-21"),
    ],
)
def test_since_is_where_the_last_round_ended_less_the_overlap(form: str, first: str, later: str) -> None:
    rules = told(since={"form": form, "first": "1d"}, request={"url": "{host}/api", "params": {"since": "{since}"}})
    channel = opened(rules)[0]
    assert asked(channel) == {"since": first}
    page = read(channel, {"list": items(2, 1)})
    assert asked(channel, page.cursor) == {"since": later}
    ahead = read(channel, {"list": [{"id": "1", "at": int(NOW) + 3_600}]}, page.cursor)
    assert asked(channel, ahead.cursor) == {"since": later}, "a date in the future moves nothing"


# --- over HTTP --------------------------------------------------------------------------------------------------------


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with Server() as running:
        yield running


async def test_a_mapping_of_ones_own_is_listened_to(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHOP_KEY", "canary-9911")
    rules = told(
        options={"host": {"help": "h", "required": True}, "key": {"help": "k", "type": "secret"}},
        request={"url": "{host}/api", "params": {"key": "{key}"}, "headers": {"authorization": "Bearer {key}"}},
        paging={"kind": "page", "param": "p", "size": 2},
    )
    (tmp_path / "shop.json").write_text(json.dumps(rules))
    server.on("/api", *(Reply(body=json.dumps({"list": items(*found)}).encode()) for found in ((3, 2), (1,))))
    settings = {"mapping": str(tmp_path / "shop.json"), "host": server.url(""), "key": "env:SHOP_KEY"}
    shop = collecting.source("shop", adapter="json", settings=settings)
    store = tmp_path / "listen.db"
    async with collecting.collecting(collecting.config(store, shop)) as run:
        await run.until(lambda: len(run.of("page")) == 2)
    assert [dict(parse_qsl(seen.path.partition("?")[2])) for seen in server.seen[:2]] == [
        {"key": "canary-9911", "p": "1"}, {"key": "canary-9911", "p": "2"},
    ]  # fmt: skip
    assert server.seen[0].headers["authorization"] == "Bearer canary-9911"
    assert sum(event.new for event in run.of("page")) == 3
    for file in (store, Path(f"{store}-wal")):
        assert b"canary-9911" not in (file.read_bytes() if file.exists() else b"")


async def test_a_hashtag_is_looked_up_first(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("META", "canary-9912")
    server.on("/v24.0/ig_hashtag_search", Reply(body=b'{"data": [{"id": "178"}]}'))
    media = {"data": [{"id": "1", "caption": "Acme rocks", "timestamp": "2026-11-20T10:00:00+0000", "like_count": 3}]}
    server.on("/v24.0/178/recent_media", Reply(body=json.dumps(media).encode()))
    settings = {"host": server.url(""), "token": "env:META", "user": "99", "hashtags": ["acme"]}
    source = collecting.source("ig", adapter="instagram", settings=settings)
    (result,) = await trial.check(collecting.config(tmp_path / "x.db", source), source, SystemClock())
    assert result.error is None
    assert [(post.text, post.likes) for post in result.posts] == [("Acme rocks", 3)]
    asked_for = [seen.path.partition("?")[0] for seen in server.seen]
    assert asked_for == ["/v24.0/ig_hashtag_search", "/v24.0/178/recent_media"]


async def test_a_bot_hears_what_it_has_not_heard(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BOT", "12:canary-9913")
    message = {"message_id": 4, "chat": {"id": -9, "username": "acmenews"}, "date": 1_790_000_000, "text": "Acme!"}
    answer = {"ok": True, "result": [{"update_id": 70, "channel_post": message}, {"update_id": 71, "poll": {}}]}
    server.on(
        "/bot12:canary-9913/getUpdates", Reply(body=json.dumps(answer).encode()), Reply(body=b'{"ok":true,"result":[]}')
    )
    bot = collecting.source("bot", adapter="telegram", settings={"host": server.url(""), "token": "env:BOT"}, every=0.1)
    store = tmp_path / "listen.db"
    async with collecting.collecting(collecting.config(store, bot)) as run:
        await run.until(lambda: run.of("page"))
    adapter = sources.get("telegram")
    (channel,) = adapter.channels(bot.settings, [])
    page = adapter.parse(channel, {}, Answer(server.url(""), 200, {}, json.dumps(answer).encode()), NOW)
    (post,) = page.posts
    assert (post.external_id, post.url) == ("-9/4", "https://t.me/acmenews/4")
    assert ("offset", "72") in adapter.request(channel, page.cursor, NOW).params
    assert b"canary-9913" not in store.read_bytes()


def test_a_missing_or_faulty_mapping_is_the_sources_own_error(tmp_path: Path) -> None:
    source = collecting.source("shop", adapter="json", settings={"mapping": "shop.toml"})
    found = channels.open_source(source, Wanted(()), tmp_path)
    assert found.error is not None
    assert (found.error.reason, str(tmp_path / "shop.toml") in found.error.message) == ("mapping", True)


@pytest.mark.parametrize("name", ["newsapi", "threads", "tumblr", "telegram", "instagram", "vkontakte"])
def test_what_needs_a_key_takes_it_by_reference_alone(name: str) -> None:
    adapter = sources.get(name)
    settings: dict[str, Any] = {key: ["acme"] for key, option in adapter.options.items() if option.type == "texts"}
    settings |= {key: "9" for key, option in adapter.options.items() if option.type == "text" and option.required}
    (secret,) = (key for key, option in adapter.options.items() if option.type == "secret")
    with pytest.raises(SourceError, match="plain text"):
        adapter.channels({**settings, secret: "canary"}, [])
    request = adapter.request(adapter.channels({**settings, secret: "env:KEY"}, [])[0], {}, NOW)
    assert list(request.secrets.values()) == ["env:KEY"]
    (mark,) = request.secrets
    assert mark in repr((request.url, request.params, request.headers))


def test_vkontakte_tells_posts_and_comments_by_their_owners_and_goes_on_where_it_says() -> None:
    adapter = sources.get("vkontakte")
    (channel,) = adapter.channels({"token": "env:VK"}, ["acme battery"])
    request = adapter.request(channel, {}, NOW)
    assert request.url == "https://api.vk.com/method/newsfeed.search"
    assert ("q", '"acme battery"') in request.params
    posts = [
        {"id": 45, "owner_id": -77, "from_id": -77, "date": NOW - 60, "text": "acme батарея", "post_type": "post",
         "likes": {"count": 3}, "comments": {"count": 1}, "reposts": {"count": 0}, "views": {"count": 120}},
        {"id": 9, "owner_id": 12, "from_id": 12, "date": NOW - 90, "edited": NOW - 30, "text": "?",
         "post_type": "reply"},
        {"owner_id": 12, "text": "without a number"},
    ]  # fmt: skip
    body = json.dumps({"response": {"items": posts, "next_from": "100/-77_45", "count": 2}}).encode()
    page = adapter.parse(channel, {}, Answer(request.url, 200, {}, body), NOW)
    assert len(page.rejects) == 1
    club, reader = page.posts
    assert (club.external_id, club.url, club.kind) == ("-77_45", "https://vk.com/wall-77_45", "post")
    assert club.author == Author("club77", url="https://vk.com/club77")
    assert (club.likes, club.replies, club.reposts, club.views) == (3, 1, 0, 120)
    assert (reader.author, reader.kind) == (Author("id12", url="https://vk.com/id12"), "comment")
    assert (reader.edited_at, reader.likes) == (NOW - 30, None)
    assert ("start_from", "100/-77_45") in adapter.request(channel, page.cursor, NOW).params
    refused = json.dumps({"error": {"error_code": 5, "error_msg": "User authorization failed"}}).encode()
    with pytest.raises(SourceError, match="5 User authorization failed"):
        adapter.parse(channel, {}, Answer(request.url, 200, {}, refused), NOW)


def test_github_is_asked_with_a_token_or_without() -> None:
    adapter = sources.get("github")
    (channel,) = adapter.channels({}, ["acme battery"])
    request = adapter.request(channel, {}, NOW)
    assert ("q", '"acme battery" is:issue updated:>=2026-11-14T12:00:00Z') in request.params
    assert "authorization" not in request.headers
    (channel,) = adapter.channels({"token": "env:GH", "what": "pull-request"}, ["acme"])
    request = adapter.request(channel, {}, NOW)
    assert request.headers["authorization"] in {f"Bearer {mark}" for mark in request.secrets}
    assert ("q", "acme is:pull-request updated:>=2026-11-14T12:00:00Z") in request.params


def test_gdelt_is_asked_for_everything_at_once_as_its_language_wants_it() -> None:
    adapter = sources.get("gdelt")

    def asked_for(*words: str) -> list[str]:
        channels = adapter.channels({}, words)
        return [dict(adapter.request(channel, {}, NOW).params)["query"] for channel in channels]

    assert asked_for("acme") == ["acme"]
    assert asked_for("acme battery") == ['"acme battery"']
    assert asked_for("acme", "H&M", "ai", "#acme", "acme battery") == ['(acme OR "H&M" OR "acme battery")']
    many = asked_for(*(f"acme battery {number}" for number in range(30)))
    assert len(many) == 3
    assert all(len(one) <= 252 and one.startswith("(") for one in many)
    with pytest.raises(SourceError, match="nothing to ask for"):
        asked_for("ai")


def discussion(number: int, **more: Any) -> dict[str, Any]:
    return {
        "id": f"D_{number}", "title": "Acme dies", "bodyText": "after an hour", "createdAt": "2026-11-20T10:00:00Z",
        "url": f"https://github.com/a/b/discussions/{number}", "lastEditedAt": None, "upvoteCount": 4,
        "author": {"login": "ann", "url": "https://github.com/ann"}, "comments": {"totalCount": 2},
        "category": {"name": "Q&A"}, "labels": {"nodes": [{"name": "battery"}]}, **more,
    }  # fmt: skip


def discussions(*nodes: object, after: str | None = None) -> bytes:
    info = {"hasNextPage": after is not None, "endCursor": after or "end"}
    return json.dumps({"data": {"search": {"pageInfo": info, "nodes": nodes}}}).encode()


async def test_discussions_of_github_are_asked_for_page_after_page(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GH", "canary-5510")
    gone = discussion(8, author=None, lastEditedAt="2026-11-20T11:00:00Z")
    server.on("/graphql", Reply(body=discussions(discussion(7), {}, after="Y3Vyc29y")), Reply(body=discussions(gone)))
    asked = collecting.source("gh", adapter="github-discussions", settings={
        "host": server.url(""), "token": "env:GH", "search": ["acme battery"],
    })  # fmt: skip
    store = tmp_path / "listen.db"
    async with collecting.collecting(collecting.config(store, asked)) as run:
        await run.until(lambda: len(run.of("page")) == 2)
    first, second = (json.loads(seen.body)["variables"] for seen in server.seen)
    assert first["asked"].startswith('"acme battery" updated:>=20')
    assert ("after" in first, second["after"]) == (False, "Y3Vyc29y")
    assert {seen.headers["authorization"] for seen in server.seen} == {"Bearer canary-5510"}
    told = "SELECT m.external_id, n.name, m.likes, m.replies, m.author_id IS NULL FROM mentions m, networks n"
    assert collecting.rows(store, f"{told} WHERE n.id = m.network_id ORDER BY 1") == [
        ("D_7", "github", 4, 2, 0), ("D_8", "github", 4, 2, 1),
    ]  # fmt: skip
    assert b"canary-5510" not in store.read_bytes()


def test_what_github_refuses_in_a_good_answer_is_told() -> None:
    adapter = sources.get("github-discussions")
    (channel,) = adapter.channels({"token": "env:GH"}, ["acme"])
    for said in ({"errors": [{"message": "Bad query"}]}, {"message": "Bad query"}):
        with pytest.raises(SourceError, match="refuses: Bad query"):
            adapter.parse(channel, {}, Answer("", 200, {}, json.dumps(said).encode()), NOW)


def test_words_instead_of_an_answer_are_told() -> None:
    with pytest.raises(SourceError, match="answers in words: slow down, please"):
        read(opened(told())[0], b"slow down,\n please")
