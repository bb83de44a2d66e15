"""Posts and topics of Discourse's interface as posts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Literal

from sources import dates, links
from sources.base import Author, Post
from sources.jsontext import count, text

LIKE = 2
"""The number of the action "like" in Discourse."""
_ASIDE = re.compile(r"<(/?)aside\b([^<>]{0,2000})>", re.IGNORECASE)
_OTHERS = re.compile(r"\bclass=[\"'][^\"']*\b(?:quote|onebox)\b", re.IGNORECASE)
_LINK = re.compile(r"\bdata-onebox-src=[\"']([^\"'<>]{1,2000})[\"']", re.IGNORECASE)


def own_words(cooked: str) -> str:
    """The HTML of a post without what others wrote: quotes, and previews of pages (their addresses stay)."""
    kept: list[str] = []
    depth = end = 0
    for tag in _ASIDE.finditer(cooked):
        if depth == 0 and not tag[1] and _OTHERS.search(tag[2]):
            kept.append(cooked[end : tag.start()])
            if found := _LINK.search(tag[2]):
                kept.append(f"<p>{found[1]}</p>")
            depth = 1
        elif depth:
            depth += -1 if tag[1] else 1
            end = tag.end()
    return "".join(kept) + (cooked[end:] if depth == 0 else "")


def post_of(
    item: Any, host: str, titles: Mapping[Any, str], near: Mapping[tuple[Any, Any], Any], now: float
) -> Post | None:
    """A post; None when it has no id. `titles`: of topics beside it; `near`: (topic, number) -> id of posts beside it.

    The first post of a topic is the topic: both have the same id, whichever is heard first.
    """
    number = count(item.get("id")) if isinstance(item, dict) else None
    if number is None:
        return None
    topic, place = count(item.get("topic_id")), count(item.get("post_number"))
    first = place == 1 and topic is not None
    gone = item.get("user_deleted") is True or item.get("deleted_at") is not None
    hidden = item.get("hidden") is True
    blurb = text(item.get("blurb"))
    edited = (
        dates.plausible(dates.parse(item.get("updated_at")), now) if (count(item.get("version")) or 1) > 1 else None
    )
    state: Literal["active", "edited", "deleted", "withheld"] = "active" if edited is None else "edited"
    state = "deleted" if gone else "withheld" if hidden else state
    title = text(item.get("topic_title")) or titles.get(topic)
    thread = _topic_id(host, topic)
    return Post(
        network="discourse",
        external_id=thread if first and thread else f"{links.host(host)}/p/{number}",
        kind="post" if place == 1 else "comment",
        url=f"{host}/t/{text(item.get('topic_slug')) or '-'}/{topic}/{place or 1}" if topic else f"{host}/p/{number}",
        title=_escaped(title) if title and place == 1 else None,
        text="" if gone or hidden else own_words(text(item.get("cooked")) or "") or _escaped(blurb or ""),
        markup="html",
        author=_author(item, host),
        published_at=dates.plausible(dates.parse(item.get("created_at")), now),
        edited_at=edited,
        state=state,
        likes=_likes(item),
        replies=count(item.get("reply_count")),
        parent_id=None if place == 1 else _parent(item, host, near, topic),
        thread_id=thread,
        truncated=not text(item.get("cooked")) and blurb is not None,
    )


def topic_of(item: Any, host: str, now: float) -> Post | None:
    """A topic with its first lines, as lists of topics tell it; None when it has no id."""
    topic = count(item.get("id")) if isinstance(item, dict) else None
    if topic is None:
        return None
    posts = count(item.get("posts_count"))
    given = item.get("tags")
    return Post(
        network="discourse",
        external_id=f"{links.host(host)}/t/{topic}",
        url=f"{host}/t/{text(item.get('slug')) or '-'}/{topic}",
        title=_escaped(text(item.get("title")) or ""),
        text=text(item.get("excerpt")) or "",
        markup="html",
        published_at=dates.plausible(dates.parse(item.get("created_at")), now),
        likes=count(item.get("like_count")),
        replies=posts - 1 if posts else None,
        views=count(item.get("views")),
        thread_id=f"{links.host(host)}/t/{topic}",
        tags=tuple(tag for tag in given if isinstance(tag, str)) if isinstance(given, list) else (),
        truncated=True,
    )


def _topic_id(host: str, topic: int | None) -> str | None:
    return None if topic is None else f"{links.host(host)}/t/{topic}"


def _parent(item: Mapping[str, Any], host: str, near: Mapping[tuple[Any, Any], Any], topic: int | None) -> str | None:
    """The post above, by its id where it is beside this one, else by its number; the topic where none is named."""
    above = count(item.get("reply_to_post_number"))
    if above is None or above == 1 or topic is None:
        return _topic_id(host, topic)
    number = count(near.get((topic, above)))
    return f"{links.host(host)}/t/{topic}/{above}" if number is None else f"{links.host(host)}/p/{number}"


def _likes(item: Mapping[str, Any]) -> int | None:
    direct = count(item.get("like_count"))
    actions = item.get("actions_summary")
    if direct is not None or not isinstance(actions, list):
        return direct
    found = (count(one.get("count")) for one in actions if isinstance(one, dict) and one.get("id") == LIKE)
    return next(found, 0) or 0


def _author(item: Mapping[str, Any], host: str) -> Author | None:
    handle = text(item.get("username"))
    if handle is None:
        return None
    shown = text(item.get("name")) or text(item.get("display_username"))
    return Author(f"{handle}@{links.host(host)}", shown, links.web(f"{host}/u/{handle}"))


def _escaped(plain: str) -> str:
    return plain.replace("&", "&amp;").replace("<", "&lt;")
