"""The recorded answers of the networks that are heard by a mapping."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import sources
from sources.base import Answer, Author, Page, Post, SourceError
from tests.sources.reading import NOW, at, body, title


def read(shared: Path, name: str, file: str) -> Page:
    adapter = sources.get(name)
    settings: dict[str, Any] = {key: ["acme"] for key, option in adapter.options.items() if option.type == "texts"}
    settings |= {key: "9" for key, option in adapter.options.items() if option.required and option.type == "text"}
    settings |= {key: "env:KEY" for key, option in adapter.options.items() if option.type == "secret"}
    raw = (shared / "fixtures" / file).read_bytes()
    return adapter.parse(adapter.channels(settings, [])[0], {"found": "178"}, Answer("", 200, {}, raw), NOW)


def only(page: Page) -> Post:
    (post,) = page.posts
    assert page.rejects == []
    return post


def test_lobsters(shared: Path) -> None:
    post = only(read(shared, "lobsters", "lobsters/newest.json"))
    assert (post.network, post.external_id, post.title) == ("lobsters", "1xr8zc", "Text-to-meowdio models")
    assert post.url == "https://www.kmjn.org/notes/text_to_meowdio_models.html"
    assert post.author == Author("mjn")
    assert (post.published_at, post.likes, post.replies) == (at("2026-09-29T16:51:35"), 2, 2)
    assert post.tags == ("ai", "visualization")


def test_devto(shared: Path) -> None:
    post = only(read(shared, "devto", "devto/articles_tag_ai.json"))
    assert (post.external_id, post.kind, post.lang) == ("4754094", "article", "en")
    assert post.author == Author("james_anderson_h", "James Anderson", "https://dev.to/james_anderson_h")
    assert (post.published_at, post.likes, post.replies) == (at("2026-09-27T05:32:50"), 99, 90)
    assert post.tags == ("ai", "security", "agents", "webdev")
    assert post.text.startswith("In March 2026, a financial")


def test_tumblr(shared: Path) -> None:
    page = read(shared, "tumblr", "tumblr/liked_posts.json")
    assert page.rejects == []
    assert len(page.posts) > 5
    first = page.posts[0]
    assert (first.external_id, first.author) == ("131192373805", Author("alwaysdaddys"))
    assert (first.published_at, first.likes, body(first)) == (1_444_873_560, 26, "There’s no other way…")
    assert first.tags[:2] == ("frosty", "wendys")
    assert all(post.url and post.published_at for post in page.posts)
    assert all(title(post) or body(post) or post.tags for post in page.posts)


def test_newsapi_drops_the_cookie_wall_and_tells_a_refusal(shared: Path) -> None:
    page = read(shared, "newsapi", "newsapi/everything.json")
    assert (page.posts, page.rejects) == ([], [])
    with pytest.raises(SourceError, match="rateLimited: You have made too many requests") as caught:
        read(shared, "newsapi", "newsapi/error_rate.json")
    assert caught.value.remedy


def test_telegram_takes_the_edit_of_a_message(shared: Path) -> None:
    page = read(shared, "telegram", "telegram/get_updates.json")
    post = only(page)
    assert (post.external_id, post.text, post.state) == ("-1001234567890/42", "Légende corrigée", "edited")
    assert (post.published_at, post.edited_at) == (1_790_000_000, 1_790_000_600)
    assert page.cursor["page"] == 870_003


def test_threads(shared: Path) -> None:
    page = read(shared, "threads", "threads/user_posts.json")
    assert [post.external_id for post in page.posts] == ["1002", "1001"]
    first = page.posts[0]
    assert (first.text, first.kind, first.published_at) == ("Second post", "post", at("2024-01-02T12:00:00"))
    assert first.author == Author("threads-user", url="https://www.threads.net/@threads-user")
    assert first.url == "https://www.threads.net/@threads-user/post/def"


@pytest.mark.parametrize("file", ["hashtag_top_media_p1.json", "hashtag_recent_media_p1.json", "tagged_media.json"])
def test_instagram(shared: Path, file: str) -> None:
    page = read(shared, "instagram", f"instagram/{file}")
    assert page.rejects == []
    assert page.posts
    assert "access_token" not in repr(page.cursor)
    if file.startswith("hashtag_top"):
        first = page.posts[0]
        assert (first.external_id, first.likes, first.replies) == ("18088158883149835", 997, 10)
        assert first.url == "https://www.instagram.com/p/B8goRvrnwod/"
        assert page.cursor["page"] == "after"


def test_github(shared: Path) -> None:
    page = read(shared, "github", "github/search_issues.json")
    assert page.rejects == []
    assert len(page.posts) > 5
    assert all(post.kind == "issue" and post.title and post.published_at and post.author for post in page.posts)
    assert all((post.url or "").startswith("https://github.com/") for post in page.posts)
    assert all(post.replies is not None for post in page.posts)


def test_gdelt(shared: Path) -> None:
    first, _ = read(shared, "gdelt", "gdelt/artlist.json").posts
    assert (first.external_id, first.title) == (first.url, "Grève à la SNCF : deux trains sur trois")
    assert (first.author, first.published_at) == (Author("example.fr"), at("2026-08-27T08:15:00"))
    assert read(shared, "gdelt", "gdelt/no_match.json").posts == []
    with pytest.raises(SourceError, match="Please limit requests to one every 5 seconds") as caught:
        read(shared, "gdelt", "gdelt/rate_limited_429.txt")
    assert (caught.value.reason, bool(caught.value.remedy)) == ("refused", True)
