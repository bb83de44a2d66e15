"""What YouTube tells of videos and comments -> posts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sources import dates, links
from sources.base import Author, Post
from sources.jsontext import count, name, text

SITE = "https://www.youtube.com"


def plain(number: str) -> bool:
    return all(sign.isascii() and (sign.isalnum() or sign in "-_") for sign in number) and len(number) < 100


def _moment(snippet: Mapping[str, Any], key: str, now: float) -> int | None:
    return dates.plausible(dates.parse(snippet.get(key)), now)


def inside(item: Any, *keys: str) -> Mapping[str, Any]:
    for key in keys:
        item = item.get(key) if isinstance(item, dict) else None
    return item if isinstance(item, dict) else {}


def video_post(item: Any, now: float) -> Post | None:
    video = text(item.get("id")) if isinstance(item, dict) else None
    if video is None or not plain(video):
        return None
    snippet, numbers = inside(item, "snippet"), inside(item, "statistics")
    tags = snippet.get("tags")
    return Post(
        network="youtube",
        external_id=video,
        kind="video",
        url=f"{SITE}/watch?v={video}",
        title=text(snippet.get("title")),
        text=text(snippet.get("description")) or "",
        author=_author(snippet.get("channelId"), snippet.get("channelTitle")),
        lang=text(snippet.get("defaultAudioLanguage")) or text(snippet.get("defaultLanguage")),
        published_at=_moment(snippet, "publishedAt", now),
        likes=count(numbers.get("likeCount")),
        replies=count(numbers.get("commentCount")),
        views=count(numbers.get("viewCount")),
        thread_id=video,
        tags=tuple(_texts(tags)),
    )


def _texts(value: Any) -> Iterable[str]:
    return (one for one in value if isinstance(one, str)) if isinstance(value, list) else ()


def comment_post(item: Any, video: str, now: float) -> Post | None:
    """The comment that a thread begins with."""
    thread = inside(item, "snippet")
    return said_post(thread.get("topLevelComment"), video, count(thread.get("totalReplyCount")), now)


def said_post(comment: Any, video: str | None, replies: int | None, now: float) -> Post | None:
    """A comment or a reply; one that is told alone does not name its video."""
    number = name(comment.get("id")) if isinstance(comment, dict) else None
    if number is None:
        return None
    snippet = inside(comment, "snippet")
    video = video or text(snippet.get("videoId"))
    published, updated = (_moment(snippet, key, now) for key in ("publishedAt", "updatedAt"))
    edited = updated if updated is not None and published is not None and updated > published else None
    return Post(
        network="youtube",
        external_id=number,
        kind="comment",
        url=f"{SITE}/watch?v={video}&lc={number}" if video and plain(video) else None,
        text=text(snippet.get("textOriginal")) or text(snippet.get("textDisplay")) or "",
        author=_author(inside(snippet, "authorChannelId").get("value"), snippet.get("authorDisplayName")),
        published_at=published,
        edited_at=edited,
        state="edited" if edited else "active",
        likes=count(snippet.get("likeCount")),
        replies=replies,
        parent_id=text(snippet.get("parentId")) or video,
        thread_id=video,
    )


def _author(number: Any, shown: Any) -> Author | None:
    """Names are not one's own there, numbers are; since 2022 names of commenters are handles (`@acme`)."""
    who, called = text(number), text(shown)
    if who is None and called is None:
        return None
    handle = called.removeprefix("@") if called and called.startswith("@") else called or who or ""
    page = links.web(f"{SITE}/channel/{who}") if who and plain(who) else None
    return Author(handle, called, page)
