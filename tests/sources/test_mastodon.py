"""Mastodon over HTTP on loopback: what is asked, how gaps are walked, who is kept, what closed timelines say."""

from __future__ import annotations

import json
from typing import Any

import pytest

from listen.collect.http import Client, FetchError
from sources.base import Channel, Cursor, Page
from sources.mastodon import MastodonAdapter
from tests.collect.clocks import TurnedClock
from tests.collect.server import Reply, Server
from tests.sources.asked import answering, ask, faulty, params, round_of
from tests.sources.reading import NOW, at, body, title

ADAPTER = MastodonAdapter()
NUMBER = 117_000_000_000_000_000


def instance(live: str = "public", tags: str = "public") -> bytes:
    access = {"live_feeds": {"local": live, "remote": live}, "hashtag_feeds": {"local": tags, "remote": tags}}
    return json.dumps(
        {"domain": "town.example", "version": "4.5.0", "configuration": {"timelines_access": access}}
    ).encode()


def toot(number: int, **fields: Any) -> dict[str, Any]:
    account = {"acct": "ann", "url": "https://town.example/@ann", "followers_count": 12, "display_name": "Ann"}
    return {
        "id": str(NUMBER + number),
        "uri": f"https://town.example/users/ann/statuses/{number}",
        "url": f"https://town.example/@ann/{number}",
        "created_at": "2026-11-21T10:00:00.000Z",
        "content": f"<p>The kettle, {number}</p>",
        "visibility": "public",
        "language": "en",
        "favourites_count": 3,
        "reblogs_count": 1,
        "replies_count": 0,
        "account": account,
        **fields,
    }


class Timeline:
    """A timeline that pages as Mastodon does: by max_id backward, by min_id forward, newest first in each page."""

    def __init__(self, *numbers: int) -> None:
        self.toots = {NUMBER + number: toot(number) for number in numbers}

    def add(self, *numbers: int) -> None:
        self.toots |= {NUMBER + number: toot(number) for number in numbers}

    def page(self, asked: dict[str, str]) -> bytes:
        low, high = int(asked.get("min_id", 0)), int(asked.get("max_id", 2**63))
        within = sorted(number for number in self.toots if low < number < high)
        limit = int(asked["limit"])
        chosen = within[:limit] if "min_id" in asked else within[-limit:]
        return json.dumps([self.toots[number] for number in reversed(chosen)]).encode()


def channel(server: Server, *terms: str, **settings: object) -> Channel:
    return ADAPTER.channels({"hosts": [server.url().rstrip("/")], **settings}, terms)[0]


def numbers(page: Page) -> list[int]:
    return [int(post.external_id.rpartition("/")[2]) for post in page.posts]


# --- channels ---------------------------------------------------------------------------------------------------------


def test_words_become_hashtags_five_in_one_question() -> None:
    found = ADAPTER.channels(
        {}, ["acme battery", "#AcmeFail", "@acme", "2026", "kettle", "thé", "tea", "東京", "acme's"]
    )
    assert [one.settings["tags"] for one in found] == [
        ["acmebattery", "acmefail", "kettle", "thé", "tea"],
        ["東京", "acmes"],
    ]
    assert found[0].label == "#acmebattery #acmefail #kettle #thé #tea · mastodon.social"
    request = ADAPTER.request(found[0], {"access": 100}, 100)
    assert request.url == "https://mastodon.social/api/v1/timelines/tag/acmebattery"
    assert [value for key, value in request.params if key == "any[]"] == ["acmefail", "kettle", "thé", "tea"]


def test_a_token_searches_too_and_stays_a_reference() -> None:
    found = ADAPTER.channels({"token": "env:TOWN_TOKEN"}, ["acme battery", "@acme"])
    assert [one.key for one in found] == [
        "tag:https://mastodon.social:acmebattery",
        "search:https://mastodon.social:acme battery",
        "search:https://mastodon.social:@acme",
    ]
    request = ADAPTER.request(found[1], {"access": 100}, 100)
    assert dict(request.params) == {"limit": "40", "type": "statuses", "q": '"acme battery"'}
    assert request.secrets == {request.headers["Authorization"].removeprefix("Bearer "): "env:TOWN_TOKEN"}


def test_every_server_gets_its_channels() -> None:
    found = ADAPTER.channels(
        {"hosts": ["a.example", "https://b.example/"], "tags": ["tea"], "public": True}, ["kettle"]
    )
    assert [one.label for one in found] == [
        "#tea · a.example",
        "everything public · a.example",
        "#tea · b.example",
        "everything public · b.example",
    ]


@pytest.mark.parametrize(
    "settings",
    [
        {"hosts": ["file:///etc"], "tags": ["a"]},
        {"hosts": ["https://me:pw@town.example"], "tags": ["a"]},
        {"hosts": "town.example", "tags": ["a"]},
        {"tags": "acme"},
        {"search": ["acme"]},
        {"hosts": ["a.example", "b.example"], "token": "env:T", "tags": ["a"]},
        {"token": "abcdef", "tags": ["a"]},
        {},
    ],
)
def test_settings_that_cannot_work_say_so(settings: dict[str, object]) -> None:
    with faulty("settings"):
        ADAPTER.channels(settings, [])


# --- rounds -----------------------------------------------------------------------------------------------------------


async def test_the_first_round_asks_what_is_open_and_goes_back_some_pages(
    server: Server, client: Client, clock: TurnedClock
) -> None:
    line = Timeline(*range(1, 300))
    server.on("/api/v2/instance", Reply(body=instance()))
    server.on("/api/v1/timelines/tag/kettle", answering(line.page))
    where = channel(server, "kettle")
    page = await round_of(client, ADAPTER, where, {}, clock)
    assert numbers(page) == list(range(299, 99, -1)), "five pages of forty"
    assert [path.partition("?")[0].rpartition("/")[2] for path in server.paths()] == ["instance"] + ["kettle"] * 5
    assert page.cursor["since"] == str(NUMBER + 299)


async def test_later_rounds_read_the_newest_page_again_and_walk_what_lies_before_it(
    server: Server, client: Client, clock: TurnedClock
) -> None:
    line = Timeline(*range(1, 31))
    server.on("/api/v2/instance", Reply(body=instance()))
    server.on("/api/v1/timelines/tag/kettle", answering(line.page))
    where = channel(server, "kettle")
    cursor = (await round_of(client, ADAPTER, where, {}, clock)).cursor
    line.add(31)
    line.toots[NUMBER + 30] |= {"edited_at": "2026-11-21T11:00:00Z", "content": "<p>Better</p>", "favourites_count": 9}
    server.seen.clear()
    page = await round_of(client, ADAPTER, where, cursor, clock)
    assert len(server.seen) == 1
    assert numbers(page) == list(range(31, 0, -1))
    edited = page.posts[1]
    assert (edited.state, edited.edited_at, body(edited), edited.likes) == (
        "edited",
        at("2026-11-21T11:00"),
        "Better",
        9,
    )
    line.add(*range(32, 232))
    server.seen.clear()
    page = await round_of(client, ADAPTER, where, page.cursor, clock)
    assert set(numbers(page)) >= set(range(32, 232)), "nothing of the gap is skipped"
    assert [params(seen).get("min_id") for seen in server.seen[:3]] == [None, str(NUMBER + 31), str(NUMBER + 71)]
    assert page.cursor["since"] == str(NUMBER + 231)
    server.seen.clear()
    again = await round_of(client, ADAPTER, where, page.cursor, clock)
    assert (len(server.seen), again.cursor) == (1, page.cursor)


async def test_a_walk_that_was_cut_off_goes_on_and_what_is_gone_does_not_hold_it(
    server: Server, client: Client, clock: TurnedClock
) -> None:
    line = Timeline(*range(1, 200))
    server.on("/api/v1/timelines/tag/kettle", answering(line.page))
    where = channel(server, "kettle")
    cursor: Cursor = {"access": int(clock.now()), "since": str(NUMBER + 10)}
    del line.toots[NUMBER + 10]
    first = await ask(client, ADAPTER, where, cursor, clock)
    second = await ask(client, ADAPTER, where, first.cursor, clock)
    assert second.more
    rest = await round_of(client, ADAPTER, where, json.loads(json.dumps(second.cursor)), clock)
    assert {*numbers(first), *numbers(second), *numbers(rest)} == set(range(11, 200))


async def test_a_server_that_knows_no_min_id_is_not_asked_for_ever(
    server: Server, client: Client, clock: TurnedClock
) -> None:
    line = Timeline(*range(1, 100))
    server.on("/api/v1/timelines/tag/kettle", answering(lambda asked: line.page({"limit": asked["limit"]})))
    where = channel(server, "kettle")
    page = await round_of(client, ADAPTER, where, {"access": int(clock.now()), "since": str(NUMBER + 1)}, clock)
    assert len(server.seen) == 2
    assert page.cursor["since"] == str(NUMBER + 99)


async def test_other_programs_are_asked_for_one_hashtag_after_the_other(
    server: Server, client: Client, clock: TurnedClock
) -> None:
    told = json.loads(instance()) | {"source_url": "https://code.example/other/social", "version": "0.17"}
    server.on("/api/v2/instance", Reply(body=json.dumps(told).encode()))
    server.on("/api/v1/timelines/tag/kettle", Reply(body=json.dumps([toot(1)]).encode()))
    server.on("/api/v1/timelines/tag/tea", Reply(body=json.dumps([toot(2)]).encode()))
    where = channel(server, "kettle", "tea")
    page = await round_of(client, ADAPTER, where, {}, clock)
    assert numbers(page) == [1, 2]
    assert all("any" not in path for path in server.paths())
    server.seen.clear()
    await round_of(client, ADAPTER, where, page.cursor, clock)
    assert [path.partition("?")[0].rpartition("/")[2] for path in server.paths()] == ["kettle", "tea"]
    told = json.loads(instance()) | {"source_url": "https://github.com/mastodon/mastodon"}
    server.on("/api/v2/instance", Reply(body=json.dumps(told).encode()))
    clock.turn(86_400)
    server.seen.clear()
    await ask(client, ADAPTER, where, page.cursor, clock)
    assert server.paths() == ["/api/v2/instance"]


# --- what is open -----------------------------------------------------------------------------------------------------


async def test_a_closed_timeline_is_no_silence(server: Server, client: Client, clock: TurnedClock) -> None:
    server.on("/api/v2/instance", Reply(body=instance(live="disabled")))
    server.on("/api/v1/timelines/tag/kettle", Reply(body=b"[]"))
    with faulty("closed"):
        await ask(client, ADAPTER, channel(server, public=True), {}, clock)
    assert (await round_of(client, ADAPTER, channel(server, "kettle"), {}, clock)).posts == []


async def test_a_timeline_for_members_wants_a_token(
    server: Server, client: Client, clock: TurnedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOWN_TOKEN", "a-token-of-the-town")
    server.on("/api/v2/instance", Reply(body=instance(live="authenticated")))
    server.on("/api/v1/timelines/public", Reply(body=json.dumps([toot(1)]).encode()))
    with faulty("closed"):
        await ask(client, ADAPTER, channel(server, public=True), {}, clock)
    page = await round_of(client, ADAPTER, channel(server, public=True, token="env:TOWN_TOKEN"), {}, clock)
    assert set(numbers(page)) == {1}
    assert server.seen[-1].headers["authorization"] == "Bearer a-token-of-the-town"


async def test_what_a_server_shows_is_read_again_after_a_day(
    server: Server, client: Client, clock: TurnedClock
) -> None:
    server.on("/api/v2/instance", Reply(body=instance()), Reply(body=instance(tags="disabled")))
    server.on("/api/v1/timelines/tag/kettle", Reply(body=json.dumps([toot(5)]).encode()))
    where = channel(server, "kettle")
    page = await round_of(client, ADAPTER, where, {}, clock)
    clock.turn(86_401)
    with faulty("closed"):
        await ask(client, ADAPTER, where, page.cursor, clock)


async def test_half_a_timeline_is_asked_for_where_half_is_open(
    server: Server, client: Client, clock: TurnedClock
) -> None:
    told = json.loads(instance())
    told["configuration"]["timelines_access"]["live_feeds"]["remote"] = "disabled"
    server.on("/api/v2/instance", Reply(body=json.dumps(told).encode()))
    server.on("/api/v1/timelines/public", Reply(body=b"[]"))
    await round_of(client, ADAPTER, channel(server, public=True), {}, clock)
    assert params(server.seen[-1]) == {"limit": "40", "local": "true"}


async def test_refusals_are_told_in_plain_words(server: Server, client: Client, clock: TurnedClock) -> None:
    server.on("/api/v1/timelines/public", Reply(401, body='{"error": "アクセスできません"}'.encode()))
    where = channel(server, public=True)
    with pytest.raises(FetchError) as caught:
        await ask(client, ADAPTER, where, {"access": int(clock.now())}, clock)
    assert caught.value.status == 401
    said = ADAPTER.refused(where, 401)
    assert said is not None
    assert said[0].startswith("127.0.0.1 has closed its public timeline")
    assert said[1] == "add a token of an account there, or listen to hashtags"
    assert "token" in str(ADAPTER.refused(channel(server, tags=["a"], token="env:T"), 401))
    assert ADAPTER.refused(where, 500) is None


@pytest.mark.parametrize("raw", [b"{}", b"null", b'{"error": "This is\\u001b[31m no"}', b'{"statuses": {}}'])
async def test_what_is_no_list_of_posts(server: Server, client: Client, clock: TurnedClock, raw: bytes) -> None:
    server.on("/api/v1/timelines/tag/kettle", Reply(body=raw))
    server.on("/api/v2/instance", Reply(body=b"[]"))
    with faulty("shape"):
        await ask(client, ADAPTER, channel(server, "kettle"), {"access": int(clock.now())}, clock)
    with faulty("shape"):
        await ask(client, ADAPTER, channel(server, "kettle"), {}, clock)


# --- posts ------------------------------------------------------------------------------------------------------------


async def read(server: Server, client: Client, clock: TurnedClock, *toots: Any, **settings: object) -> Page:
    where = channel(server, **(settings or {"tags": ["kettle"]}))
    server.on("/api/v1/timelines/tag/kettle", Reply(body=json.dumps(toots).encode()))
    server.on("/api/v1/timelines/public", Reply(body=json.dumps(toots).encode()))
    return await ask(client, ADAPTER, where, {"access": int(clock.now())}, clock)


async def test_a_post_with_all_that_is_known_of_it(server: Server, client: Client, clock: TurnedClock) -> None:
    said = toot(
        7,
        spoiler_text="Tea & <sympathy>",
        content='<p>See <a href="https://shop.example/a/very/long/way"><span class="invisible">https://</span>'
        '<span class="ellipsis">shop.example/a/very</span><span class="invisible">/long/way</span></a> '
        '<span class="h-card"><a href="https://b.example/@bo">@<span>bo</span></a></span></p>',
        tags=[{"name": "kettle"}],
        poll={"options": [{"title": "Black"}, {"title": "Green"}]},
    )
    post = (await read(server, client, clock, said)).posts[0]
    assert (post.network, post.external_id) == ("mastodon", "https://town.example/users/ann/statuses/7")
    assert (post.kind, post.url, title(post)) == ("post", "https://town.example/@ann/7", "Tea & <sympathy>")
    assert body(post) == "See https://shop.example/a/very/long/way @bo\n\nBlack\n\nGreen"
    assert (post.likes, post.reposts, post.replies, post.lang, post.tags) == (3, 1, 0, "en", ("kettle",))
    assert post.published_at == at("2026-11-21T10:00")
    assert post.author is not None
    assert (post.author.handle, post.author.name, post.author.followers) == ("ann@town.example", "Ann", 12)


async def test_replies_quotes_and_boosts(server: Server, client: Client, clock: TurnedClock) -> None:
    inner = toot(1, content="<p>Inner</p>", spoiler_text="Careful")
    boost = toot(2, content="", reblog=inner, favourites_count=0, account={"acct": "bo@b.example"})
    page = await read(
        server, client, clock, toot(5, in_reply_to_id=str(NUMBER + 4)), toot(4, in_reply_to_id="99"),
        toot(3, quote={"state": "accepted", "quoted_status": inner}), boost,
    )  # fmt: skip
    near, far, quote, repost = page.posts
    assert (near.kind, near.parent_id) == ("reply", far.external_id)
    assert (far.kind, far.parent_id) == ("reply", f"{server.url()}api/v1/statuses/99")
    assert (quote.kind, quote.parent_id) == ("quote", inner["uri"])
    assert (repost.kind, repost.parent_id, body(repost), title(repost)) == ("repost", inner["uri"], "Inner", "Careful")
    assert repost.author is not None
    assert (repost.author.handle, repost.likes, repost.author.followers) == ("bo@b.example", 3, None)


async def test_who_asks_robots_to_stay_away_is_left_out(server: Server, client: Client, clock: TurnedClock) -> None:
    toots = [
        toot(1, account={"acct": "a", "noindex": True}),
        toot(2, account={"acct": "b", "note": '<p>tea <a href="#">#<span>nobot</span></a></p>'}),
        toot(3, account={"acct": "c", "indexable": False}),
        toot(4, account={"acct": "d", "indexable": True}),
        toot(5, visibility="private"),
        toot(6, visibility="unlisted"),
    ]
    assert numbers(await read(server, client, clock, *toots)) == [3, 4, 6]
    page = await read(server, client, clock, *toots, public=True)
    assert numbers(page) == [4, 6]
    assert [reject.reason for reject in page.rejects] == ["unwilling: 4 of 6 posts, whose authors refuse to be found"]
    again = await ask(client, ADAPTER, channel(server, public=True), {"access": int(NOW), "since": "1"}, clock)
    assert again.rejects == [], "it is told once"


async def test_bad_posts_are_rejected_and_their_neighbours_kept(
    server: Server, client: Client, clock: TurnedClock
) -> None:
    spoilt = {
        "uri": "u", "id": 5, "content": 7, "account": [], "created_at": "soon", "favourites_count": -1, "tags": "x",
        "reblog": "y", "quote": 3, "poll": [], "media_attachments": [None], "url": "javascript:alert(1)",
    }  # fmt: skip
    page = await read(server, client, clock, None, {}, "x", spoilt, toot(9))
    assert [post.external_id for post in page.posts] == ["u", "https://town.example/users/ann/statuses/9"]
    assert len(page.rejects) == 3
    post = page.posts[0]
    assert (post.text, post.author, post.published_at, post.likes, post.url) == ("", None, None, None, None)
