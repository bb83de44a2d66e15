"""Single items of Hacker News: a conversation as Algolia tells it, and one item as the site's own service does."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
from typing import Any

from sources import dates, links
from sources.base import Answer, Author, Page, Post, Reject, SourceError
from sources.jsontext import count, decode, name, text

SITE = "https://news.ycombinator.com"
MOST = 1_500
"""Posts of a conversation that are taken."""


def conversation(answer: Answer, now: float) -> Page:
    """The story and all its comments, from `items/ID`. Raises SourceError `shape`."""
    rejects: list[Reject] = []
    root = decode(answer.body, rejects)
    if not isinstance(root, dict) or name(root.get("id")) is None:
        raise SourceError("shape", "the answer holds no item", "The search may have changed; try again later.")
    thread = name(root.get("story_id")) or name(root.get("id")) or ""
    posts = [post for item in _all(root) if (post := _post(item, thread, now)) is not None]
    if len(posts) > MOST:
        rejects.append(Reject(f"limit:entries: {len(posts) - MOST} comments more than the {MOST} that are taken"))
    return Page(posts[:MOST], rejects=rejects)


def single(answer: Answer, wanted: str, now: float) -> Page:
    """One item of the site's own service; `null` and `deleted` say that it is gone, `dead` that it is hidden."""
    item = decode(answer.body, [])
    if item is not None and not isinstance(item, dict):
        raise SourceError("shape", "the answer holds no item", "Check items.")
    if item is None or item.get("deleted") is True:
        return Page([Post(network="hackernews", external_id=wanted, state="deleted")])
    if item.get("dead") is True:
        return Page([Post(network="hackernews", external_id=wanted, state="withheld")])
    comment = item.get("type") == "comment"
    page = f"{SITE}/item?id={wanted}"
    title = text(item.get("title"))
    told = Post(
        network="hackernews",
        external_id=wanted,
        kind="comment" if comment else "post",
        url=page if comment else links.web(text(item.get("url"))) or page,
        title=markup(title) if title and not comment else None,
        text=text(item.get("text")) or "",
        markup="html",
        author=_author(text(item.get("by"))),
        published_at=dates.plausible(count(item.get("time")), now),
        likes=None if comment else count(item.get("score")),
        replies=None if comment else count(item.get("descendants")),
        parent_id=name(item.get("parent")) if comment else None,
        tags=() if comment else _sections(title, item.get("type")),
    )
    return Page([told])


def _all(root: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The item and what stands below it, parents first; however deep, without recursion."""
    waiting: list[Any] = [root]
    while waiting:
        item = waiting.pop(0)
        if isinstance(item, dict):
            yield item
            children = item.get("children")
            waiting += children if isinstance(children, list) else []


def _post(item: Mapping[str, Any], thread: str, now: float) -> Post | None:
    number = name(item.get("id"))
    said, title = text(item.get("text")), text(item.get("title"))
    if number is None or not (said or title):
        return None  # deleted: its place is empty, its answers stand
    comment = item.get("type") == "comment"
    page = f"{SITE}/item?id={number}"
    return Post(
        network="hackernews",
        external_id=number,
        kind="comment" if comment else "post",
        url=page if comment else links.web(text(item.get("url"))) or page,
        title=markup(title) if title and not comment else None,
        text=said or "",
        markup="html",
        author=_author(text(item.get("author"))),
        published_at=dates.plausible(count(item.get("created_at_i")), now),
        likes=count(item.get("points")),
        parent_id=name(item.get("parent_id")) if comment else None,
        thread_id=thread,
        tags=() if comment else _sections(title, item.get("type")),
    )


def markup(title: str) -> str:
    """A title as HTML. Algolia gives it as typed, the site itself with `&lt;` for `<`: a bare `<` says which it is."""
    return html.escape(title, quote=False) if "<" in title else re.sub(r"&(?!#?\w{1,31};)", "&amp;", title)


def _sections(title: str | None, kind: object) -> tuple[str, ...]:
    """The sections that the search files a story under: it goes by how the title begins, and by the kind."""
    begins = next(
        (f"{word.lower()}_hn" for word in ("Ask", "Show", "Launch") if (title or "").startswith(f"{word} HN")), ""
    )
    return tuple(one for one in (begins, str(kind) if kind in ("job", "poll") else "") if one)


def _author(handle: str | None) -> Author | None:
    return Author(handle, url=f"{SITE}/user?id={handle}") if handle else None
