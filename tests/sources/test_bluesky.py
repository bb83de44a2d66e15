"""Bluesky: accounts, feeds, lists and searches over HTTP, and the frames of the stream."""

from __future__ import annotations

import json
from typing import Any

import pytest

from listen.collect.http import Client, FetchError
from listen.collect.sessions import Sessions
from sources import jetstream
from sources.base import Channel, Cursor, Frame, Page, Post
from sources.bluesky import BlueskyAdapter
from sources.skeets import record_post
from tests.collect.clocks import TurnedClock
from tests.collect.server import Reply, Server
from tests.sources.asked import LOOPBACK, answering, ask, faulty, params, round_of
from tests.sources.reading import NOW, at

ADAPTER = BlueskyAdapter()
ANN, BOB = "did:plc:annannannannannannannann", "did:plc:bobbobbobbobbobbobbobbob"
FEED = "/xrpc/app.bsky.feed.getAuthorFeed"
FIND = "/xrpc/app.bsky.feed.searchPosts"


def uri(number: int | str, did: str = ANN) -> str:
    return f"at://{did}/app.bsky.feed.post/{number}"


def record(text: str = "the acme battery", moment: str = "2026-11-21T11:00:00.000Z", **more: Any) -> dict[str, Any]:
    return {"$type": "app.bsky.feed.post", "text": text, "createdAt": moment, **more}


def view(number: int | str, moment: str = "2026-11-21T11:00:00.000Z", **more: Any) -> dict[str, Any]:
    author = {"did": ANN, "handle": "ann.test", "displayName": "Ann", "labels": more.pop("labels", [])}
    told = {"likeCount": 2, "replyCount": 0, "repostCount": 1, "indexedAt": moment}
    return {"uri": uri(number), "author": author, "record": record(moment=moment, **more), **told}


def post(**more: Any) -> Post:
    return record_post(uri(1), record(**more), int(NOW), NOW)


def facet(text: str, part: str, kind: str, **more: str) -> dict[str, Any]:
    start = text.encode().index(part.encode())
    feature = {"$type": f"app.bsky.richtext.facet#{kind}", **more}
    return {"index": {"byteStart": start, "byteEnd": start + len(part.encode())}, "features": [feature]}


# --- posts ------------------------------------------------------------------------------------------------------------


def test_links_are_written_out_by_the_bytes_of_the_text() -> None:
    said = "Grève 🚄 #transports example.fr/gre... et la suite, dit @claire.test"
    facets = [
        facet(said, "la suite", "link", uri="https://other.test/b"),
        facet(said, "example.fr/gre...", "link", uri="https://www.example.fr/greve?a=1"),
        facet(said, "#transports", "tag", tag="transports"),
        facet(said, "@claire.test", "mention", did=BOB),
        facet(said, "la", "link", uri="javascript:alert(1)"),
    ]
    one = post(text=said, facets=facets, tags=["SNCF"], langs=["fr", "en"])
    assert one.text == (
        "Grève 🚄 #transports https://www.example.fr/greve?a=1 et la suite (https://other.test/b), dit @claire.test"
    )
    assert (one.tags, one.lang, one.markup) == (("SNCF", "transports"), "fr", "plain")


@pytest.mark.parametrize("index", [(0, 1), (1, 3), (5, 2), (0, 9_000), (-1, 2), ("0", "x"), (None, None)])
def test_a_facet_that_cuts_a_sign_apart_changes_nothing(index: tuple[Any, Any]) -> None:
    link = {"$type": "app.bsky.richtext.facet#link", "uri": "https://x.test/"}
    said = "éé end"
    broken = {"index": {"byteStart": index[0], "byteEnd": index[1]}, "features": [link]}
    assert post(text=said, facets=[broken, None, "x", {"features": 7}]).text == said


def test_pictures_and_cards_speak_and_quoted_posts_do_not() -> None:
    pictures = {"$type": "app.bsky.embed.images", "images": [{"alt": "an acme battery on fire"}, {"alt": ""}]}
    quoted = {"$type": "app.bsky.embed.record", "record": {"uri": uri(7, BOB), "cid": "x"}}
    both = post(embed={"$type": "app.bsky.embed.recordWithMedia", "media": pictures, "record": quoted})
    assert (both.text, both.kind) == ("the acme battery\n\nan acme battery on fire", "quote")
    assert both.parent_id == uri(7, BOB)
    card = {"external": {"uri": "https://news.test/a", "title": "Acme recalls", "description": "All of them."}}
    assert post(embed=card).text == "the acme battery\n\nAcme recalls\nhttps://news.test/a"
    assert post(text="", embed=card).text == "Acme recalls\nhttps://news.test/a\n\nAll of them."
    answer = post(reply={"parent": {"uri": uri(8)}, "root": {"uri": uri(9)}}, embed=quoted)
    assert (answer.kind, answer.parent_id, answer.thread_id) == ("reply", uri(8), uri(9))


def test_a_date_that_authors_set_is_not_later_than_its_arrival() -> None:
    assert post(moment="2026-11-30T00:00:00Z").published_at == int(NOW)
    assert post(moment="2026-11-20T00:00:00Z").published_at == at("2026-11-20T00:00")


# --- over HTTP --------------------------------------------------------------------------------------------------------


def channel(server: Server, **settings: Any) -> Channel:
    return ADAPTER.channels({"host": server.url(), "pds": server.url(), **settings}, [])[0]


async def test_an_account_is_read_backwards_by_pages(client: Client, server: Server, clock: TurnedClock) -> None:
    by = {"did": BOB, "handle": "bob.test"}
    shared = {"$type": "app.bsky.feed.defs#reasonRepost", "by": by, "uri": "at://x/app.bsky.feed.repost/r"}
    pinned = {"post": view(0, "2019-01-01T00:00:00Z"), "reason": {"$type": "app.bsky.feed.defs#reasonPin"}}
    first = [pinned, {"post": view(3)}, {"post": view(2), "reason": {**shared, "indexedAt": "2026-11-21T10:59:00Z"}}]
    last = [{"post": view(1, "2026-11-20T11:00:00Z")}, {"post": {"uri": "nothing"}}]

    def answer(asked: dict[str, str]) -> bytes:
        page = last if asked.get("cursor") == "two" else first
        return json.dumps({"feed": page, **({} if page is last else {"cursor": "two"})}).encode()

    server.on(FEED, answering(answer))
    where = channel(server, authors=["@ann.test"])
    page = await round_of(client, ADAPTER, where, {}, clock)
    assert [params(seen) for seen in server.seen] == [
        {"actor": "ann.test", "limit": "100"}, {"actor": "ann.test", "limit": "100", "cursor": "two"},
    ]  # fmt: skip
    assert [one.kind for one in page.posts] == ["post", "post", "repost", "post"]
    repost = page.posts[2]
    assert repost.author is not None
    assert (repost.external_id, repost.author.handle, repost.parent_id) == (shared["uri"], "bob.test", uri(2))
    one = page.posts[1]
    assert one.author is not None
    assert (one.author.handle, one.author.name, one.author.url) == (
        "ann.test",
        "Ann",
        f"https://bsky.app/profile/{ANN}",
    )
    assert (one.likes, one.replies, one.reposts, one.url) == (2, 0, 1, f"https://bsky.app/profile/{ANN}/post/3")
    assert [reject.reason.partition(":")[0] for reject in page.rejects] == ["shape"]
    assert page.cursor == {"since": at("2026-11-21T11:00")}
    again = await round_of(client, ADAPTER, where, page.cursor, clock)
    assert (len(server.seen), len(again.posts)) == (4, 4), "the pinned post does not end the round, an older one does"


async def test_those_who_want_to_be_seen_by_members_alone_are_left_out(
    client: Client, server: Server, clock: TurnedClock
) -> None:
    hidden = {"post": view(1, labels=[{"val": "!no-unauthenticated"}])}
    server.on(FEED, Reply(body=json.dumps({"feed": [hidden]}).encode()))
    page = await ask(client, ADAPTER, channel(server, authors=["ann.test"]), {}, clock)
    assert (page.posts, page.rejects[0].reason) == ([], "unwilling: 1 of 1 posts, for signed-in people alone")


async def test_feeds_and_lists_by_name_or_page(client: Client, server: Server, clock: TurnedClock) -> None:
    server.on("/xrpc/com.atproto.identity.resolveHandle", Reply(body=json.dumps({"did": ANN}).encode()))
    for path in ("getFeed", "getListFeed"):
        server.on(f"/xrpc/app.bsky.feed.{path}", Reply(body=json.dumps({"feed": [{"post": view(1)}]}).encode()))
    feeds = ["https://bsky.app/profile/ann.test/feed/trains", f"at://{ANN}/app.bsky.graph.list/3k"]
    named, listed = ADAPTER.channels({"host": server.url(), "feeds": feeds}, [])
    first = await round_of(client, ADAPTER, named, {}, clock)
    await round_of(client, ADAPTER, named, first.cursor, clock)
    assert len((await round_of(client, ADAPTER, listed, {}, clock)).posts) == len(first.posts) == 1
    assert [params(seen).get("feed") or params(seen).get("list") for seen in server.seen] == [
        None, f"at://{ANN}/app.bsky.feed.generator/trains", f"at://{ANN}/app.bsky.feed.generator/trains", feeds[1],
    ]  # fmt: skip


async def test_a_search_signs_in_once_and_renews(
    server: Server, clock: TurnedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BSKY", 'canary-"quoted"-9913')
    signed_in = {"did": ANN, "handle": "ann.test", "accessJwt": "canary-access", "refreshJwt": "canary-refresh"}
    server.on("/xrpc/com.atproto.server.createSession", Reply(body=json.dumps(signed_in).encode()))
    renewed = {**signed_in, "accessJwt": "canary-second"}
    server.on("/xrpc/com.atproto.server.refreshSession", Reply(body=json.dumps(renewed).encode()))
    ended = Reply(400, json.dumps({"error": "ExpiredToken"}).encode())
    found = Reply(body=json.dumps({"posts": [view(1)]}).encode())
    server.on(FIND, found, ended, found)
    settings = {"pds": server.url(), "account": "ann.test", "password": "env:BSKY"}
    (where,) = ADAPTER.channels(settings, ["acme battery"])
    assert "canary" not in repr(where)
    sessions = Sessions(Client(clock, gap=0), clock)
    for _ in range(2):
        fetched = await sessions.fetch(ADAPTER.request(where, {}, clock.now()), allow_private=LOOPBACK)
        assert fetched.answer is not None
        assert [one.external_id for one in ADAPTER.parse(where, {}, fetched.answer, clock.now()).posts] == [uri(1)]
        clock.turn(3_600)
    await sessions.aclose()
    assert json.loads(server.seen[0].body) == {"identifier": "ann.test", "password": 'canary-"quoted"-9913'}
    told = [(seen.path.partition("?")[0].rpartition(".")[2], seen.headers.get("authorization")) for seen in server.seen]
    assert told[1:] == [
        ("searchPosts", "Bearer canary-access"), ("searchPosts", "Bearer canary-access"),
        ("refreshSession", "Bearer canary-refresh"), ("searchPosts", "Bearer canary-second"),
    ]  # fmt: skip
    assert params(server.seen[1]) == {
        "q": '"acme battery"', "sort": "latest", "since": "2026-11-14T12:00:00Z", "limit": "100",
    }  # fmt: skip


async def test_refusals_are_said_in_plain_words(client: Client, server: Server, clock: TurnedClock) -> None:
    server.on(FEED, Reply(400, b'{"error":"InvalidRequest","message":"Profile not found"}'))
    where = channel(server, authors=["nobody.test"])
    with pytest.raises(FetchError) as caught:
        await ask(client, ADAPTER, where, {}, clock)
    assert caught.value.status == 400
    assert ADAPTER.refused(where, 400) == (
        "127.0.0.1 does not know @nobody.test (HTTP 400)", "check the spelling; accounts can be closed",
    )  # fmt: skip
    assert ADAPTER.refused(where, 500) is None
    server.on(FEED, Reply(body=b"<html>"))
    with faulty("parse"):
        await ask(client, ADAPTER, where, {}, clock)
    server.on(FEED, Reply(body=b'{"message":"no"}'))
    with faulty("shape"):
        await ask(client, ADAPTER, where, {}, clock)


@pytest.mark.parametrize(
    "settings",
    [
        {}, {"account": "ann.test"}, {"password": "env:X"}, {"search": ["acme"]}, {"feeds": ["https://bsky.app/"]},
        {"account": "ann.test", "password": "abcd-efgh"}, {"stream": True, "jetstream": ["https://x.test"]},
        {"authors": "ann.test"},
    ],
)  # fmt: skip
def test_settings_that_cannot_work_name_the_key(settings: dict[str, Any]) -> None:
    with faulty("settings"):
        ADAPTER.channels(settings, ["acme"])


# --- the stream -------------------------------------------------------------------------------------------------------

STREAM = ADAPTER.channels({"stream": True}, ["acme"])[0]
US = int(NOW) * 1_000_000


def frame(number: int, operation: str = "create", **more: Any) -> Frame:
    commit = {"operation": operation, "collection": "app.bsky.feed.post", "rkey": f"k{number}", "rev": "r"}
    commit |= {} if operation == "delete" else {"record": record()}
    told = {"did": ANN, "time_us": US - 60_000_000 + number, "kind": "commit", "commit": commit}
    return Frame(json.dumps({**told, **more}).encode())


def read(*frames: Frame, cursor: Cursor | None = None) -> Page:
    return ADAPTER.read(STREAM, cursor or {}, frames, NOW)


def test_the_stream_makes_edits_and_deletes_posts() -> None:
    like = frame(4, commit={"operation": "create", "collection": "app.bsky.feed.like", "rkey": "l", "record": {}})
    page = read(frame(1), frame(2, "update"), frame(3, "delete"), like, frame(5, kind="account"))
    made, edited, deleted = page.posts
    assert (made.external_id, made.state, made.text) == (uri("k1"), "active", "the acme battery")
    assert made.author is not None
    assert (made.author.handle, made.author.url) == (ANN, f"https://bsky.app/profile/{ANN}")
    assert (edited.state, edited.edited_at) == ("edited", int(NOW) - 60)
    assert (deleted.external_id, deleted.state, deleted.text) == (uri("k3"), "deleted", "")
    assert (page.cursor, page.rejects) == ({"us": US - 60_000_000 + 5}, [])
    assert page.at == pytest.approx(NOW - 60, abs=0.001)


def test_the_stream_tells_of_accounts_that_are_called_otherwise_or_no_more() -> None:
    def account(**told: Any) -> Frame:
        return frame(1, kind="account", account={"did": ANN, **told})

    renamed = frame(1, kind="identity", identity={"did": ANN, "handle": "anna.test"})
    nameless = frame(1, kind="identity", identity={"did": ANN})
    gone, taken = account(active=False, status="deleted"), account(active=False, status="takendown")
    resting, back = account(active=False, status="deactivated"), account(active=True, status="deleted")
    page = read(renamed, nameless, gone, taken, resting, back)
    assert [(one.author.handle, one.author.uid, one.gone, one.unsure) for one in page.accounts] == [
        ("anna.test", ANN, "", False), (ANN, ANN, "", True), (ANN, ANN, "deleted", False),
        (ANN, ANN, "withheld", False),
    ]  # fmt: skip
    assert (page.posts, page.rejects) == ([], [])


async def test_who_wrote_is_asked_by_lasting_names(client: Client, server: Server, clock: TurnedClock) -> None:
    profiles = [{"did": ANN, "handle": "ann.test", "displayName": "Ann", "followersCount": 7}, {"did": "x"}, None]
    server.on("/xrpc/app.bsky.actor.getProfiles", Reply(body=json.dumps({"profiles": profiles}).encode()))
    where, request = ADAPTER.who(channel(server, stream=True), [ANN, BOB])
    fetched = await client.fetch(request, allow_private=LOOPBACK)
    assert fetched.answer is not None
    (one, _) = ADAPTER.parse(where, {}, fetched.answer, NOW).accounts
    assert (one.author.handle, one.author.uid, one.author.name, one.author.followers) == ("ann.test", ANN, "Ann", 7)
    assert server.seen[0].path.count("actors=") == 2
    searching = channel(server, account="a", password="env:X", search=["acme"])
    assert ADAPTER.who(searching, [ANN])[1].url.startswith(server.url()), "no account is needed to ask"


def test_a_bad_frame_spares_its_neighbours() -> None:
    bad = [Frame(b"{"), Frame(b"[]"), Frame(b'{"did":"x"}'), frame(1, time_us=US * 2), frame(2, commit={
        "operation": "create", "collection": "app.bsky.feed.post", "rkey": "k"})]  # fmt: skip
    page = read(*bad, frame(3))
    assert ([one.external_id for one in page.posts], len(page.rejects)) == ([uri("k3")], 5)
    assert page.cursor == {"us": US - 60_000_000 + 3}


def test_a_connection_goes_on_a_few_seconds_before_where_the_last_one_ended() -> None:
    socket = ADAPTER.socket(STREAM, {}, NOW)
    assert socket is not None
    assert socket.request.url in [f"{host}/subscribe" for host in jetstream.HOSTS]
    assert (socket.request.params, socket.since) == ((("wantedCollections", "app.bsky.feed.post"),), None)
    again = ADAPTER.socket(STREAM, {"us": US}, NOW + 1)
    assert again is not None
    assert ("cursor", str(US - 5_000_000)) in again.request.params
    assert again.since == NOW - 5
    assert again.request.url != socket.request.url, "the next connection tries the next server"
    ahead = ADAPTER.socket(STREAM, {"us": US * 2}, NOW)
    assert ahead is not None
    assert ahead.since is None, "a clock that was wrong wrote that"
    old = int(NOW - 3 * 86_400)
    page = read(frame(1), cursor={"us": old * 1_000_000})
    assert page.gap == (old, pytest.approx(NOW - 60, abs=0.001)), "servers remember a day and a half"


async def test_a_stream_of_some_accounts_finds_out_who_they_are(
    client: Client, server: Server, clock: TurnedClock
) -> None:
    told = {"profiles": [{"did": ANN, "handle": "ann.test"}]}
    server.on("/xrpc/app.bsky.actor.getProfiles", Reply(body=json.dumps(told).encode()))
    where = channel(server, stream=True, authors=["Ann.test", BOB, "nobody.test"], jetstream=["127.0.0.1:6008"])
    assert ADAPTER.socket(where, {}, NOW) is None
    page = await ask(client, ADAPTER, where, {}, clock)
    assert [reject.reason for reject in page.rejects] == ["unknown: there is no account nobody.test"]
    socket = ADAPTER.socket(where, page.cursor, NOW)
    assert socket is not None
    assert socket.request.url == "wss://127.0.0.1:6008/subscribe"
    assert [value for key, value in socket.request.params if key == "wantedDids"] == [ANN, BOB]
    lonely = channel(server, stream=True, authors=["nobody.test"])
    with faulty("settings"):
        await ask(client, ADAPTER, lonely, {}, clock)
