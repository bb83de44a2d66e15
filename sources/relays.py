"""Articles of others as Google and Bing pass them on in their feeds: with the publisher's own link, title and name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from sources import links, prose
from sources.base import Author, Post

_WRAPPERS = (
    (re.compile(r"(?:www\.)?google\.[a-z.]{2,6}"), "/url"),
    (re.compile(r"(?:www\.)?bing\.com"), "/news/apiclick.aspx"),
)
_GOOGLE_NEWS = "news.google.com"


def unwrapped(url: str | None) -> str | None:
    """The address that a Google Alert's or Bing's link leads to; any other as it is.

    Links of Google News do not tell: only Google's servers know where they lead.
    """
    if url is None:
        return None
    parts = urlsplit(url)
    host = (parts.hostname or "").lower()
    if not any(parts.path == path and pattern.fullmatch(host) for pattern, path in _WRAPPERS):
        return url
    said = dict(parse_qsl(parts.query))
    return links.web(said.get("url") or said.get("q")) or url


def tidy(post: Post, entry: Mapping[str, Any]) -> None:
    """Take off what the relay added to an item, and name the publisher as its author."""
    through = links.host(post.url)
    post.url = unwrapped(post.url)
    publisher = _text(entry.get("news_source"))
    page = None
    if through == _GOOGLE_NEWS:
        source = entry.get("source")
        if isinstance(source, Mapping):
            publisher, page = _text(source.get("title")), links.web(_text(source.get("href")))
        # What stands in place of a summary is the title once more, as a link.
        post.text = ""
        if publisher and post.title and post.title.endswith(f" - {publisher}"):
            post.title = post.title.removesuffix(f" - {publisher}")
    if publisher and post.author is None:
        name = prose.plain(publisher)[:200]
        post.author = Author(name, name, page)


def _text(value: object) -> str | None:
    return value.strip() or None if isinstance(value, str) else None
