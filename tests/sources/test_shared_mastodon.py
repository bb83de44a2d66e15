"""The recorded answers of Mastodon's servers."""

from __future__ import annotations

from pathlib import Path

import pytest

from sources.base import Answer, Page
from sources.mastodon import MastodonAdapter
from tests.sources.asked import faulty
from tests.sources.reading import NOW, at, body

ADAPTER = MastodonAdapter()
THEN = at("2026-08-02T12:00")
TAG, PUBLIC = ADAPTER.channels({"hosts": ["http://localhost:3000"], "tags": ["kettle"], "public": True}, [])


def read(shared: Path, name: str, *, wrap: bool = False) -> Page:
    raw = (shared / "fixtures" / "mastodon" / name).read_bytes()
    raw = b"[" + raw + b"]" if wrap else raw
    return ADAPTER.parse(TAG, {"access": THEN}, Answer("http://localhost:3000", 200, {}, raw), THEN)


def test_four_pages_of_a_hashtag(shared: Path) -> None:
    pages = [read(shared, f"hashtag_timeline_page{number}.json") for number in (1, 2, 3)]
    assert [len(page.posts) for page in pages] == [10, 10, 10]
    assert len({post.external_id for page in pages for post in page.posts}) == 30
    assert pages[0].cursor["back"] == "117020581339834938", "where the server's own Link goes on"
    assert all(post.author and post.author.handle == "mastodonpy_test_2@localhost" for post in pages[0].posts)
    end = read(shared, "hashtag_timeline_page4_empty.json")
    assert (end.posts, end.more) == ([], False)


def test_the_biggest_server_has_closed_its_public_timeline(shared: Path) -> None:
    raw = (shared / "fixtures" / "mastodon" / "instance_v2_mastodon_social_feeds_disabled.json").read_bytes()
    with faulty("closed"):
        ADAPTER.parse(PUBLIC, {}, Answer("http://localhost:3000", 200, {}, raw), NOW)
    page = ADAPTER.parse(TAG, {}, Answer("http://localhost:3000", 200, {}, raw), NOW)
    assert (page.posts, page.more) == ([], True)


@pytest.mark.parametrize(
    ("name", "posts"), [("search_v2_account_and_statuses.json", 2), ("search_v2_statuses_empty.json", 0)]
)
def test_a_recorded_search(shared: Path, name: str, posts: int) -> None:
    page = read(shared, name)
    assert (len(page.posts), page.rejects) == (posts, [])


def test_an_edited_post_and_a_poll(shared: Path) -> None:
    edited = read(shared, "status_edited.json", wrap=True).posts[0]
    assert (edited.state, edited.edited_at, edited.lang) == ("edited", at("2026-08-01T13:54:00"), "ja")
    assert body(edited) == "the best editor? why, of course it is the KDE Advanced Text Editor, Kate"
    poll = read(shared, "status_with_poll.json", wrap=True).posts[0]
    assert body(poll) == "secret test poll :hecker:\n\nreal\n\nfr fr\n\nso true\n\n:hecker:"
    assert poll.external_id == "https://icosahedron.website/users/halcy/statuses/110446382983698223"
    assert poll.author is not None
    assert (poll.author.handle, poll.author.followers) == ("halcy@icosahedron.website", 3553)


def test_an_error_is_no_timeline(shared: Path) -> None:
    with faulty("shape"):
        read(shared, "error_404.json")
