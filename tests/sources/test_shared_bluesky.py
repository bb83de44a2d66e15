"""The recorded answers and frames of Bluesky's network."""

from __future__ import annotations

import json
from pathlib import Path

from listen.collect import prepare, wire
from sources.base import Answer, Frame, Page
from sources.bluesky import BlueskyAdapter
from sources.skeets import post_of
from tests.sources.asked import faulty
from tests.sources.reading import NOW, at

ADAPTER = BlueskyAdapter()
(AUTHOR,) = ADAPTER.channels({"authors": ["kenji.test"]}, [])
(SEARCH,) = ADAPTER.channels({"account": "a.test", "password": "env:X"}, ["SNCF"])
(STREAM,) = ADAPTER.channels({"stream": True}, [])
LATER = NOW + 86_400


def read(shared: Path, channel: object, name: str) -> Page:
    raw = (shared / "fixtures" / "bluesky" / name).read_bytes()
    return ADAPTER.parse(channel, {}, Answer("https://public.api.bsky.app/", 200, {}, raw), LATER)  # type: ignore[arg-type]


def test_an_author_who_shares_and_writes(shared: Path) -> None:
    repost, own = read(shared, AUTHOR, "getAuthorFeed.json").posts
    assert repost.author is not None
    assert own.author is not None
    assert (repost.kind, repost.author.handle, own.author.handle) == ("repost", "kenji.test", "kenji.test")
    assert repost.parent_id == "at://did:plc:bpddthfsgvi4uzhaufznepgs/app.bsky.feed.post/3n2txwfx3rc2x"
    assert repost.text.startswith("Grève à la SNCF demain")
    assert repost.text.endswith("https://example.fr/greve")
    assert (own.kind, own.lang, own.published_at) == ("post", "ja", at("2026-11-21T20:47:40"))


def test_two_pages_of_a_search(shared: Path) -> None:
    first, second = (
        read(shared, SEARCH, "searchPosts_appview.json"),
        read(shared, SEARCH, "searchPosts_appview_p2.json"),
    )
    assert (first.more, second.more) == (True, True)
    assert first.cursor["at"], "the server's own mark of the next page"
    posts = [*first.posts, *second.posts]
    assert len({post.external_id for post in posts}) == len(posts) >= 4
    (quote,) = [post for post in posts if post.kind == "quote"]
    assert (quote.text, quote.parent_id) == ("quote: look at this SNCF thing", posts[-1].external_id)
    assert [*first.rejects, *second.rejects] == []


def test_what_is_no_list_of_posts(shared: Path) -> None:
    for name in ("error_bad_request.json", "searchPosts_via_pds_noauth.json", "createSession_401.json"):
        with faulty("shape"):
            read(shared, SEARCH, name)


def test_a_post_with_pictures_that_quotes_another(shared: Path) -> None:
    raw = json.loads((shared / "fixtures" / "bluesky" / "thread_view_post_with_media.json").read_text())
    post = post_of(raw["thread"]["post"], LATER)
    assert post is not None
    assert (post.kind, post.text) == ("quote", "")
    assert post.parent_id == "at://did:plc:kvwvcn5iqfooopmyzvb4qzba/app.bsky.feed.post/3kahesw26il2z"


def test_recorded_frames(shared: Path) -> None:
    folder = shared / "fixtures" / "bluesky"
    lines = [line for name in ("jetstream_v1_first75.jsonl", "jetstream_v1_golden10.jsonl")
             for line in (folder / name).read_bytes().splitlines() if line.strip()]  # fmt: skip
    page = ADAPTER.read(STREAM, {}, [Frame(line) for line in lines], LATER)
    posts = {post.external_id: post for post in page.posts}
    assert (len(page.posts), page.rejects, page.cursor["us"]) == (9, [], 1783175888231457)
    card = posts["at://did:plc:dclwtltrt2ggsryagfzk7dp4/app.bsky.feed.post/3mptbyoeyc22k"]
    assert card.text == (
        "https://www.youtube.com/watch?v=V5lDo-jw8mA\n\nWhat does America's 250th anniversary mean to Native Americans?"
    )
    topics = prepare.Topics({})
    place = wire.Place("firehose", "bluesky")
    assert all(prepare.prepare(post, topics, place, LATER).words for post in page.posts)
