"""The recorded answers of Lemmy, Stack Exchange and Discourse."""

from __future__ import annotations

from pathlib import Path

import pytest

from sources.base import Answer, Page
from sources.discourse import DiscourseAdapter
from sources.lemmy import LemmyAdapter
from sources.stackexchange import StackExchangeAdapter
from tests.sources.asked import faulty
from tests.sources.reading import NOW, at, body, title

LEMMY, STACK, FORUM = LemmyAdapter(), StackExchangeAdapter(), DiscourseAdapter()


def lemmy(shared: Path, name: str) -> Page:
    raw = (shared / "fixtures" / "lemmy" / name).read_bytes()
    return LEMMY.parse(LEMMY.channels({}, ["a"])[0], {}, Answer("https://lemmy.world", 200, {}, raw), NOW)


def stack(shared: Path, name: str) -> Page:
    raw = (shared / "fixtures" / "stackexchange" / name).read_bytes()
    return STACK.parse(STACK.channels({}, ["a"])[0], {}, Answer("https://api.stackexchange.com", 200, {}, raw), NOW)


@pytest.mark.parametrize("name", ["v3_post_list.json", "v3_post_list_no_timezone.json"])
def test_a_list_of_posts_with_and_without_time_zone(shared: Path, name: str) -> None:
    (post,) = lemmy(shared, name).posts
    assert (post.external_id, post.title) == ("https://lemmy.world/post/50908658", "This HAS to be satire")
    assert (post.published_at, post.likes, post.replies) == (at("2026-08-20T20:31:39"), 746, 285)
    assert post.text == "https://lemmy.world/pictrs/image/4f25b9b2.png"
    assert post.author is not None
    assert (post.author.handle, post.author.name) == ("cannedtuna@lemmy.world", "Canned Tuna")


def test_comments_out_of_order_and_a_removed_one(shared: Path) -> None:
    below, top, removed = lemmy(shared, "v3_comment_list.json").posts
    assert (below.parent_id, top.parent_id) == (top.external_id, "https://lemmy.world/post/10")
    assert (removed.state, removed.text) == ("withheld", "")


def test_the_next_version_and_an_error(shared: Path) -> None:
    (post,) = lemmy(shared, "v4_paged_response_synthetic.json").posts
    assert (post.title, post.likes, post.replies, post.published_at) == ("Titre", 4, 2, at("2026-09-01T10:00"))
    assert post.author is not None
    assert post.author.handle == "zoe@lemmy.example"
    with faulty("shape"):
        lemmy(shared, "error.json")


def test_a_search_of_stack_overflow(shared: Path) -> None:
    page = stack(shared, "search_advanced.json")
    asked, gone = page.posts
    assert (asked.external_id, asked.likes, asked.views, asked.state) == (
        "stackoverflow:11227809", 21619, 1223408, "edited",
    )  # fmt: skip
    assert title(gone) == 'objc "How do I" get the string object from this Json array?'
    assert gone.author is not None
    assert (gone.author.handle, gone.author.url) == ("user3873843@stackoverflow", None)
    assert (page.pause, page.left) == (10, 298)


def test_a_throttle_violation(shared: Path) -> None:
    with faulty("refused"):
        stack(shared, "error_throttle.json")


def forum(shared: Path, name: str, **settings: object) -> Page:
    raw = (shared / "fixtures" / "discourse" / name).read_bytes()
    where = FORUM.channels({"hosts": ["forum.example"], **settings}, [])[0]
    return FORUM.parse(where, {}, Answer("https://forum.example", 200, {}, raw), NOW)


def test_the_newest_posts_of_a_forum(shared: Path) -> None:
    page = forum(shared, "posts_latest.json")
    second, first = page.posts[:2]
    assert [post.external_id for post in page.posts] == [
        "forum.example/p/15", "forum.example/t/11", "forum.example/t/7", "forum.example/t/2",
    ]  # fmt: skip
    assert (body(second), second.parent_id) == ("holla bullhonky.", first.external_id)
    assert title(first) == "This is an uncategorized title"
    assert first.published_at == at("2020-01-25T00:58:35")


def test_new_topics_of_a_forum(shared: Path) -> None:
    page = forum(shared, "latest.json", latest=True)
    assert [title(post) for post in page.posts] == ["Test topic #1", "Test topic #2", "Test topic #3"]
    assert (page.posts[0].views, page.posts[0].likes, page.posts[0].published_at) == (
        268,
        14,
        at("2013-02-04T20:26:25"),
    )


def test_a_topic(shared: Path) -> None:
    page = forum(shared, "topic.json", hosts=[], topics=["https://forum.example/t/57"])
    assert [post.external_id for post in page.posts] == [
        "forum.example/t/57", "forum.example/p/84", "forum.example/p/86", "forum.example/p/226",
    ]  # fmt: skip
    assert title(page.posts[0]) == "THIS SITE IS A SANDBOX -- it is reset every day"
    assert (page.cursor, page.more) == ({"since": 226}, False)


def test_a_search_of_a_forum_of_ten_years_ago_is_refused(shared: Path) -> None:
    with faulty("shape"):
        forum(shared, "search.json", search=["a"])
