"""JSON Feed, with all that publishers get wrong."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sources.base import Author, SourceError
from tests.sources.reading import body, read, title


def feed(*items: Any, **fields: Any) -> bytes:
    return json.dumps(
        {"version": "https://jsonfeed.org/version/1.1", "title": "T", "items": list(items), **fields}
    ).encode()


def test_ids_are_texts_whatever_their_type() -> None:
    number, digits, whole, other = (read(feed({"id": value})).posts[0].external_id for value in (7, "7", 7.0, 7.5))
    assert number == digits == whole != other
    assert read(feed({"id": 2**63})).posts[0].external_id == read(feed({"id": str(2**63)})).posts[0].external_id


def test_numeric_id_polled_twice() -> None:
    first = read(feed({"id": 7, "title": "a", "url": "https://x.example/7"}))
    again = read(feed({"id": 7, "title": "a, corrected", "url": "https://x.example/7b"}), cursor=first.cursor)
    assert first.posts[0].external_id == again.posts[0].external_id


def test_fields_of_the_wrong_type_count_as_missing() -> None:
    page = read(
        feed(
            {
                "id": "2", "title": 1000, "content_text": ["x"], "content_html": True, "summary": True,
                "date_published": "soon", "date_modified": {}, "url": 1.2, "language": True, "authors": "Ann",
                "tags": {"a": 1},
                "attachments": [7, {"url": 3}],
            },
            title=["T"], home_page_url={}, authors={}, language=7,
        )
    )  # fmt: skip
    post = page.posts[0]
    assert (page.title, post.title, post.text, post.url, post.author, post.lang, post.published_at, post.tags) == (
        None, None, "", None, None, None, None, (),
    )  # fmt: skip


def test_what_is_no_item_is_rejected_and_its_neighbours_kept() -> None:
    page = read(feed("x", {"id": "1"}, None, [], {"title": "t"}, {}))
    assert len(page.posts) == 2
    assert [reject.reason for reject in page.rejects] == [
        "shape: an item is no JSON object",
        "shape: an item is no JSON object",
        "shape: an item is no JSON object",
        "no-identity: 1 item has neither id, link, title nor text",
    ]


def test_html_then_text_then_summary() -> None:
    assert (
        body(read(feed({"content_html": "<p>a &amp; b</p>", "content_text": "t", "summary": "s"})).posts[0]) == "a & b"
    )
    assert body(read(feed({"content_html": "", "content_text": "a < b & c", "summary": "s"})).posts[0]) == "a < b & c"
    assert body(read(feed({"summary": "s"})).posts[0]) == "s"
    post = read(feed({"title": "1 < 2 & 3", "content_html": "<p>x</p>"})).posts[0]
    assert (title(post), body(post)) == ("1 < 2 & 3", "x")


def test_links() -> None:
    home = {"home_page_url": "https://x.example/home/"}
    assert (
        read(feed({"id": 1, "url": "a", "external_url": "https://y.example/"}, **home)).posts[0].url
        == "https://x.example/home/a"
    )
    assert read(feed({"id": 1, "url": "a"})).posts[0].url == "https://feeds.example/dir/a"
    assert read(feed({"id": 1, "external_url": "https://y.example/"})).posts[0].url == "https://y.example/"
    assert read(feed({"id": "https://x.example/1"})).posts[0].url == "https://x.example/1"
    assert read(feed({"id": 1, "url": "javascript:alert(1)"})).posts[0].url is None
    assert (
        read(feed({"id": 1, "attachments": [{"url": "https://x.example/a.mp3"}]})).posts[0].url
        == "https://x.example/a.mp3"
    )


@pytest.mark.parametrize(
    ("item", "whole", "expected"),
    [
        ({"authors": [{"name": "Ann"}], "author": {"name": "Old"}}, {}, "Ann"),
        ({"author": {"name": "Old"}}, {"authors": [{"name": "Feed"}]}, "Old"),
        ({}, {"authors": [{"name": "Feed"}]}, "Feed"),
        ({}, {"author": {"name": "Feed"}}, "Feed"),
        ({"authors": [{}]}, {"author": {"name": "Feed"}}, "Feed"),
        ({"authors": [7, {"name": []}, {"name": "Ann"}]}, {}, "Ann"),
        ({}, {}, None),
    ],
)
def test_authors(item: dict[str, Any], whole: dict[str, Any], expected: str | None) -> None:
    author = read(feed({"id": 1, **item}, **whole)).posts[0].author
    assert author == (Author(f"{expected}@feeds.example", name=expected) if expected else None)


@pytest.mark.parametrize(
    ("version", "fine"),
    [
        ("https://jsonfeed.org/version/1", True),
        ("http://jsonfeed.org/version/1.1", True),
        ("https://www.jsonfeed.org/version/1.0/", True),
        (None, True),
        ("https://jsonfeed.org/version/1234", False),
        ("https://evil.example/https://jsonfeed.org/version/1", False),
        (1, False),
    ],
)
def test_versions(version: object, fine: bool) -> None:
    raw = feed({"id": 1}, version=version)
    if fine:
        assert len(read(raw).posts) == 1
        return
    with pytest.raises(SourceError) as caught:
        read(raw)
    assert caught.value.reason == "version"


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (
            b'{"items": [{"id": "1", "title": "cut \\ud83d emoji"}, {"id": "2", "title": "whole \\ud83d\\ude00"}]}',
            ["cut \ufffd emoji", "whole 😀"],
        ),
        (b'{"items": [{"id": "1", "title": "a\xff"}]}', ["aÿ"]),
        (b'{"items": [{"id": "1", "title": "a\nb"}]}', ["a b"]),
        (b'{"items": [{"id": "1", "title": "a", "n": NaN, "i": 1e999, "long": ' + b"9" * 6_000 + b"}]}", ["a"]),
        (b'\xef\xbb\xbf \n{"items": [{"id": "1", "title": "a"}]}', ["a"]),
        ('{"items": [{"id": "1", "title": "é"}]}'.encode("utf-16"), ["é"]),
    ],
)
def test_one_bad_value_does_not_cost_the_feed(raw: bytes, expected: list[str]) -> None:
    page = read(raw)
    assert [title(post) for post in page.posts] == expected
    assert all(post.text.encode() is not None and (post.title or "").encode() for post in page.posts)


@pytest.mark.parametrize("bad", [b"", b', "x": "a\xff"', b', "n": NaN'])
def test_what_is_nested_without_end_costs_its_own_value_and_no_other(bad: bytes) -> None:
    deep = b"[" * 20_000 + b'"]}\\\\"' + b"]" * 20_000
    raw = (
        b'{"items": [{"id": "1", "title": "a [b] {"}, {"id": "2", "title": "x", "content_text": %s%s}, {"id": "3"%s}]}'
    )
    page = read(raw % (deep, b', "url": "https://x.example/2"', bad))
    assert [post.title for post in page.posts] == ["a [b] {", "x", None][: len(page.posts)]
    assert page.posts[1].url == "https://x.example/2"
    assert page.rejects[0].reason == "limit:depth: nested more than 64 levels deep"
    assert page.rejects[0].sample == "[" * 200


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b'{"items": [' + b"[" * 50_000, "limit:depth"),
        (b'{"items": [{"id": 1}', "parse"),
        (b'{"items": [{"id": 1}]} trailing', "parse"),
        (b'{"items": {"id": 1}}', "not-a-feed"),
        (b'{"feed": {"entry": []}}', "not-a-feed"),
        (b"{}", "not-a-feed"),
    ],
)
def test_what_is_no_json_feed(raw: bytes, reason: str) -> None:
    with pytest.raises(SourceError) as caught:
        read(raw)
    assert caught.value.reason == reason
    assert caught.value.message.isprintable()


def test_sound_and_pictures() -> None:
    def kind(mime: str) -> str:
        return (
            read(feed({"id": 1, "title": "t", "attachments": [{"url": "https://x.example/a", "mime_type": mime}]}))
            .posts[0]
            .kind
        )

    assert [kind("audio/x-m4a"), kind("video/mp4"), kind("image/png"), kind("")] == [
        "episode",
        "episode",
        "article",
        "article",
    ]
