"""How the tests ask an adapter to read bytes."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from listen import text
from sources.base import Answer, Channel, Cursor, Page, Post
from sources.feed import FeedAdapter

DATA = Path(__file__).parent / "data"
URL = "https://feeds.example/dir/feed.xml"
NOW = datetime.fromisoformat("2026-11-21T12:00:00+00:00").timestamp()


def at(moment: str) -> int:
    """Unix seconds of an ISO moment, UTC where it names no zone."""
    when = datetime.fromisoformat(moment)
    return int(when.timestamp() if when.tzinfo else datetime.fromisoformat(moment + "+00:00").timestamp())


def channel(url: str = URL, **settings: object) -> Channel:
    return FeedAdapter().channels({"urls": [url], **settings}, [])[0]


def read(
    body: bytes | str,
    *,
    url: str = URL,
    final: str | None = None,
    cursor: Cursor | None = None,
    content_type: str = "",
    now: float = NOW,
    **settings: object,
) -> Page:
    """What the feed adapter makes of a body that came from `final` when `url` was asked."""
    data = body.encode() if isinstance(body, str) else body
    headers = {"content-type": content_type} if content_type else {}
    return FeedAdapter().parse(channel(url, **settings), cursor or {}, Answer(final or url, 200, headers, data), now)


def data(name: str) -> bytes:
    return (DATA / name).read_bytes()


def title(post: Post) -> str | None:
    """The title as it will be stored."""
    if post.title is None:
        return None
    return text.clean(text.from_html(post.title) if post.markup == "html" else post.title, lines=False)[0]


def body(post: Post) -> str:
    """The text as it will be stored."""
    return text.clean(text.from_html(post.text) if post.markup == "html" else post.text)[0]


def items(*items: str, head: str = "") -> str:
    """An RSS 2.0 feed around items."""
    inside = "".join(f"<item>{item}</item>" for item in items)
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>T</title>{head}{inside}</channel></rss>'
