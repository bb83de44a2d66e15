"""The recorded answers of X, YouTube, Reddit and Facebook."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import sources
from sources.base import Answer, Cursor, Known, Page, Threads
from tests.sources.asked import faulty
from tests.sources.reading import NOW, at

KEYS: dict[str, dict[str, Any]] = {
    "x": {"token": "env:T", "budget": "1", "users": True, "search": ["a"]},
    "youtube": {"key": "env:K", "search": ["a"]},
    "reddit": {"client_id": "env:I", "client_secret": "env:S", "search": ["a"]},
    "facebook": {"token": "env:T", "page": "19292868552"},
}


def read(shared: Path, path: str, cursor: Cursor | None = None, status: int = 200) -> Page:
    adapter = sources.get(path.partition("/")[0])
    raw = (shared / "fixtures" / path).read_bytes()
    channel = adapter.channels(KEYS[adapter.name], [])[0]
    return adapter.parse(channel, cursor or {}, Answer("https://x.example", status, {}, raw), NOW)


def test_a_page_of_x_in_many_languages(shared: Path) -> None:
    page = read(shared, "x/search_expansions_multilang.json")
    assert len(page.posts) == 30
    assert page.rejects == []
    raw = json.loads((shared / "fixtures/x/search_expansions_multilang.json").read_bytes())
    assert page.spent == {"money": pytest.approx(100 * 0.005 + len(raw["includes"]["users"]) * 0.010)}
    assert (page.more, page.cursor["top"], page.cursor["until"]) == (
        True,
        "1440717170493689866",
        page.posts[-1].external_id,
    )
    assert {"repost", "reply", "quote", "post"} >= {post.kind for post in page.posts}
    assert len({post.lang for post in page.posts}) > 5
    assert all(post.author is not None and post.author.followers is not None for post in page.posts)
    assert sum("https://t.co/" in post.text for post in page.posts) < sum(
        "https://" in post.text for post in page.posts
    )


def test_an_edited_post_of_x_keeps_the_id_of_its_first_version(shared: Path) -> None:
    (post,) = read(shared, "x/edited_after.json").posts
    assert (post.external_id, post.state, post.lang) == ("1576994746135764992", "edited", None)
    assert (post.published_at, post.edited_at) == (at("2022-10-03T17:57:01"), at("2022-10-03T17:57:11"))
    assert (post.likes, post.replies, post.reposts) == (32, 14, 3)


def test_the_least_that_x_answers(shared: Path) -> None:
    page = read(shared, "x/search_recent_minimal.json")
    assert len(page.posts) == 10
    assert page.posts[0].author is None
    assert page.spent == {"money": pytest.approx(0.05)}
    retweet = read(shared, "x/mentions.json").posts[0]
    assert (retweet.kind, retweet.truncated) == ("repost", True)


def test_videos_found_are_looked_at_and_their_comments_read(shared: Path) -> None:
    found = read(shared, "youtube/search_keywords_p1.json")
    assert (found.posts, found.more) == ([], True)
    assert str(found.cursor["ids"]).split()[:2] == ["gQ_1zX-F_No", "i2hewkFijuY"]
    page = read(shared, "youtube/videos_multi.json", {"ids": "D-lhorsDlUQ", "begun": 7})
    video = page.posts[-1]
    assert (video.external_id, video.title) == ("D-lhorsDlUQ", "What are Actions on Google (Assistant on Air)")
    assert (video.published_at, video.lang, video.replies) == (at("2019-03-21T20:37:49"), "en", None)
    assert "actions" in video.tags
    page = read(shared, "youtube/comment_threads_p1.json", {"asks": "F1UP7wRCPH8", "known": "F1UP7wRCPH8:5:0"})
    assert len(page.posts) == 5
    first = page.posts[0]
    assert (first.text, first.parent_id, first.kind, first.state) == ("Google.com", "F1UP7wRCPH8", "comment", "active")
    assert first.author is not None
    assert first.author.url == "https://www.youtube.com/channel/UCzj-CjKYmGlZ7vTL-vOe57A"
    assert page.more
    assert page.cursor["next"]


def test_a_refusal_of_youtube_says_what_google_said(shared: Path) -> None:
    with faulty("refused"):
        read(shared, "youtube/error_403.json", status=403)


def test_listings_of_reddit(shared: Path) -> None:
    page = read(shared, "reddit/search_all.json")
    assert len(page.posts) == 6
    assert page.rejects == []
    assert page.posts[0].url is not None
    assert page.posts[0].url.startswith("https://www.reddit.com/r/redditdev/comments/")
    comment = read(shared, "reddit/r_comments_listing.json").posts[0]
    assert (comment.external_id, comment.parent_id, comment.thread_id) == ("t1_dgd9bcm", "t3_62gzev", "t3_62gzev")
    assert (comment.text, comment.published_at, comment.kind) == ("Nice one :)", 1492415114, "comment")
    assert comment.url == "https://www.reddit.com/r/kakapo/comments/62gzev/was_told_to_post_this_here/dgd9bcm/"
    assert read(shared, "reddit/r_askreddit_new.json").posts[0].title


@pytest.mark.parametrize(
    ("name", "state"), [("deleted_submission", "deleted"), ("edited_submission", "edited"), ("crosspost", "active")]
)
def test_what_became_of_a_post_of_reddit(shared: Path, name: str, state: str) -> None:
    thread = json.loads((shared / f"fixtures/reddit/{name}.json").read_bytes())
    adapter = sources.get("reddit")
    answer = Answer("https://x.example", 200, {}, json.dumps(thread[0]).encode())
    (post,) = adapter.parse(adapter.channels(KEYS["reddit"], [])[0], {}, answer, NOW).posts
    assert post.state == state
    assert (post.text == "") == (state == "deleted")
    assert (post.kind == "repost") == (name == "crosspost")
    assert (post.author is None) == (state == "deleted")


def test_a_page_of_facebook_and_its_comments(shared: Path) -> None:
    page = read(shared, "facebook/page_feed_p1.json")
    assert (len(page.posts), page.more) == (5, True)
    post = page.posts[0]
    assert (post.external_id, post.published_at) == ("19292868552_10158349356748553", at("2021-07-09T19:09:52"))
    assert (post.replies, post.likes, post.reposts) == (13, 125, 10)
    assert str(page.cursor["asks"]).split()[0] == post.external_id
    under: Cursor = {"asks": "19292868552_10158407654328553", "known": "19292868552_10158407654328553:18:0"}
    page = read(shared, "facebook/comments_p1.json", under)
    assert (len(page.posts), page.more, page.cursor["next"]) == (10, True, "after")
    first, reply = page.posts[0], page.posts[5]
    assert first.external_id == "10158407654328553_10158407835073553"
    assert (reply.parent_id, reply.thread_id) == ("10158407654328553_10158407903973553", under["asks"])
    assert "REDACTED" not in json.dumps(page.cursor)
    page = read(shared, "facebook/comments_p2.json", page.cursor)
    assert (len(page.posts), page.more, page.cursor["asks"]) == (5, False, "")
    with faulty("permission"):
        read(shared, "facebook/error.json", status=400)
    gone = read(shared, "facebook/error.json", under, status=400)
    assert (gone.posts, gone.more, len(gone.rejects)) == ([], False, 1)


def test_a_conversation_of_reddit(shared: Path) -> None:
    adapter = sources.get("reddit")
    assert isinstance(adapter, Threads)
    heard = adapter.channels(KEYS["reddit"], [])[0]
    channel = adapter.thread(heard, Known("t1_d1616q2", "comment", thread_id="t3_4b1tfm"))
    assert channel is not None
    assert adapter.request(channel, {}, NOW).url == "https://oauth.reddit.com/comments/4b1tfm"
    raw = (shared / "fixtures/reddit/deleted_submission.json").read_bytes()
    posts = {post.external_id: post for post in adapter.parse(channel, {}, Answer("u", 200, {}, raw), NOW).posts}
    assert "t3_4b1tfm" in posts
    assert posts["t1_d1680wu"].parent_id == "t1_d1616q2"
    assert (posts["t1_d1616q2"].state, posts["t1_d1680wu"].text) == ("deleted", "Comment reply")


@pytest.mark.parametrize(("name", "posts"), [("videos_multi", 2), ("comment_threads_p1", 5), ("search_keywords_p1", 0)])
def test_a_recording_of_youtube_is_read_as_what_it_says_it_is(shared: Path, name: str, posts: int) -> None:
    page = read(shared, f"youtube/{name}.json")
    assert (len(page.posts), page.rejects) == (posts, [])
