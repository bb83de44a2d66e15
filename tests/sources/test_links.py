"""Addresses: openable, absolute, alike, safe to show."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources import links


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://x.example/a", "http://x.example/a"),
        ("https://x.example/a", "HTTPS://X.Example:443/a/"),
        ("http://x.example:80", "https://x.example/"),
        ("https://x.example/a?utm_source=a&utm_medium=b", "https://x.example/a"),
        ("https://x.example/a?id=1&fbclid=2", "https://x.example/a?id=1"),
        ("https://x.example/a?.tsrc=rss", "https://x.example/a"),
        ("https://x.example/a#xtor=RSS-3208", "https://x.example/a"),
        ("https://x.example/a?source=rss-b49------2", "https://x.example/a"),
        ("https://x.example/a?rss=1", "https://x.example/a"),
        ("https://x.example/a;jsessionid=AB12?x=1", "https://x.example/a?x=1"),
        ("https://x.example/a?PHPSESSID=q", "https://x.example/a"),
        ("https://x.example/a?at_medium=RSS&at_campaign=rss", "https://x.example/a"),
        ("https://x.example/a?", "https://x.example/a"),
        (" https://x.example/a\n", "https://x.example/a"),
    ],
)
def test_the_same_page(one: str, other: str) -> None:
    assert links.canonical(one) == links.canonical(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://x.example/a", "https://x.example/b"),
        ("https://x.example/a", "https://y.example/a"),
        ("https://x.example/a", "https://x.example:8080/a"),
        ("https://x.example/a?id=1", "https://x.example/a?id=2"),
        ("https://x.example/a#comment-1", "https://x.example/a#comment-2"),
        ("https://x.example/A", "https://x.example/a"),
        ("urn:uuid:1", "urn:uuid:2"),
    ],
)
def test_different_pages(one: str, other: str) -> None:
    assert links.canonical(one) != links.canonical(other)


@pytest.mark.parametrize(
    "bad",
    [
        None,
        "",
        "x",
        "/a",
        "javascript:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "https://",
        "http:///x",
        "https://[::1",
        "https://x:y/",
    ],
)
def test_what_no_browser_opens(bad: str | None) -> None:
    assert links.web(bad) is None


@pytest.mark.parametrize(
    ("link", "bases", "expected"),
    [
        ("a", ["https://x.example/b/"], "https://x.example/b/a"),
        ("a", [None, "not a base", "https://x.example/b"], "https://x.example/a"),
        ("../a", ["https://x.example/b/c/d"], "https://x.example/b/a"),
        ("https://y.example", ["https://x.example"], "https://y.example"),
        ("//y.example/z", ["https://x.example"], "https://y.example/z"),
        ("http:a", ["http://x.example/b"], "http://x.example/a"),
        ("a", [], None),
        ("mailto:a@b.example", ["https://x.example"], None),
        (" \n", ["https://x.example"], None),
        ("https://[", ["https://x.example"], None),
    ],
)
def test_links_are_resolved(link: str, bases: list[str | None], expected: str | None) -> None:
    assert links.resolve(link, bases) == expected


def test_secrets_are_replaced_by_digests() -> None:
    secret = "https://ann:pw@x.example/f?access_token=one&page=2&key=two&sig=three"
    shown = links.shown(secret)
    assert not any(word in shown for word in ("ann", "pw@", "one", "two", "three"))
    assert "page=2" in shown
    assert shown != links.shown(secret.replace("three", "four"))
    assert links.shown("https://x.example/f?page=2#a") == "https://x.example/f?page=2#a"
    assert set(links.hidden(secret)) == {"ann:pw", "pw", "one", "two", "three"}
    assert links.hidden("https://x.example/f?page=2#a") == []


def test_a_long_digest_is_a_key_under_any_name() -> None:
    private = f"https://www.reddit.com/.rss?feed={'0f' * 20}&user=ann"
    assert links.hidden(private) == ["0f" * 20]
    assert "0f0f" not in links.shown(private)
    assert links.shown(private).endswith("&user=ann")


def test_a_secret_is_known_in_both_spellings() -> None:
    found = set(links.hidden("https://ann:p%40ss@x.example/?token=a+b"))
    assert found == {"ann:p%40ss", "ann:p@ss", "p%40ss", "p@ss", "a+b", "a b"}


@given(st.text(max_size=60), st.text(max_size=60))
def test_no_text_breaks_them(one: str, other: str) -> None:
    url = f"https://{one}/{other}"
    for text in (one, url):
        assert links.canonical(links.canonical(text)) is not None
        links.shown(text)
        links.host(text)
        found = links.resolve(text, [url, "https://x.example"])
        assert found is None or found.startswith(("https://", "http://"))
