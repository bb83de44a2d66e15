"""The recorded answers of conversations and of posts that were asked for again."""

from __future__ import annotations

import json
from pathlib import Path

from sources.base import Answer, Channel, Known, Page
from sources.bluesky import BlueskyAdapter
from sources.discourse import DiscourseAdapter
from sources.hackernews import HackerNewsAdapter
from sources.mastodon import MastodonAdapter
from tests.sources.reading import at

THEN = at("2026-12-01T12:00")


def read(adapter: MastodonAdapter | BlueskyAdapter | HackerNewsAdapter | DiscourseAdapter, channel: Channel | None,
         raw: bytes) -> Page:  # fmt: skip
    assert channel is not None
    return adapter.parse(channel, {}, Answer("https://t.example", 200, {}, raw), THEN)


def test_mastodon_s_context_keeps_to_what_is_public(shared: Path) -> None:
    raw = (shared / "fixtures/mastodon/context_ancestors_descendants.json").read_bytes()
    adapter = MastodonAdapter()
    (channel,) = adapter.channels({"hosts": ["https://mastodon.social"], "tags": ["x"]}, [])
    uri = "https://mastodon.social/users/halcy/statuses/110446983271234567"
    page = read(adapter, adapter.thread(channel, Known(uri)), raw)
    assert page.more
    assert page.cursor["root"] == json.loads(raw)["ancestors"][0]["uri"]
    public = [one for part in json.loads(raw).values() for one in part if one["visibility"] in ("public", "unlisted")]
    assert len(page.posts) == len(public)


def test_bluesky_s_thread(shared: Path) -> None:
    raw = (shared / "fixtures/bluesky/getPostThread.json").read_bytes()
    adapter = BlueskyAdapter()
    (channel,) = adapter.channels({"authors": ["amelie.test"]}, [])
    root = json.loads(raw)["thread"]["post"]["uri"]
    first, reply = read(adapter, adapter.thread(channel, Known(root)), raw).posts
    assert (first.external_id, first.replies) == (root, 1)
    assert (reply.parent_id, reply.thread_id, reply.text) == (root, root, "Anyone else stuck by the SNCF strike?")


def test_hacker_news_items(shared: Path) -> None:
    folder, adapter = shared / "fixtures/hackernews", HackerNewsAdapter()
    (channel,) = adapter.channels({}, [])

    def again(number: str, raw: bytes) -> list[tuple[str, int | None, str | None]]:
        page = read(adapter, adapter.again(channel, [Known(number)]), raw)
        return [(post.state, post.likes, post.parent_id) for post in page.posts]

    assert again("8863", (folder / "firebase_story_8863.json").read_bytes()) == [("active", 111, None)]
    assert again("2921983", (folder / "firebase_comment_2921983.json").read_bytes()) == [("active", None, "2921506")]
    gone = json.loads((folder / "firebase_deleted_null_dead.json").read_bytes())
    told = [again("9", json.dumps(one).encode())[0][0] for one in gone]
    assert told == ["deleted", "deleted", "withheld"]


def test_discourse_s_topic(shared: Path) -> None:
    raw, adapter = (shared / "fixtures/discourse/topic.json").read_bytes(), DiscourseAdapter()
    channel = adapter.channels({"hosts": ["https://try.discourse.org"], "search": ["x"]}, [])[0]
    page = read(
        adapter, adapter.thread(channel, Known("try.discourse.org/p/84", thread_id="try.discourse.org/t/57")), raw
    )
    assert page.posts[0].external_id == "try.discourse.org/t/57"
    assert {post.thread_id for post in page.posts} == {"try.discourse.org/t/57"}
