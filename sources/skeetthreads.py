"""Posts of Bluesky asked for by their names: the conversation around one, and several once more."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sources.base import Channel, Known, Page, Post, Reject, SourceError
from sources.jsontext import text
from sources.skeets import NETWORK, POSTS, members_only, post_of, table

DEPTH, HEIGHT = "20", "80"
"""Levels below a post and above it that are asked for; a server gives 1,000 at most."""
_GONE = ("NotFound", "app.bsky.feed.defs#notFoundPost")


def thread(host: str, post: Known) -> Channel | None:
    """The conversation around a post."""
    if f"/{POSTS}/" not in post.external_id:
        return None
    settings = {"what": "thread", "path": "getPostThread", "host": host, "uris": [post.external_id]}
    return Channel(f"thread:{post.external_id}"[:500], "a conversation", settings)


def again(host: str, posts: Sequence[Known]) -> Channel | None:
    """These posts once more; acts of sharing are none."""
    uris = [post.external_id for post in posts if f"/{POSTS}/" in post.external_id]
    settings = {"what": "again", "path": "getPosts", "host": host, "uris": uris}
    return Channel("again", f"{len(uris)} posts", settings) if uris else None


def asked(settings: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """The parameters of the question."""
    if settings["what"] == "again":
        return tuple(("uris", uri) for uri in settings["uris"])
    return ("uri", settings["uris"][0]), ("depth", DEPTH), ("parentHeight", HEIGHT)


def page(settings: Mapping[str, Any], result: Mapping[str, Any], rejects: list[Reject], now: float) -> Page:
    """The posts of the answer; what was asked for once more and is not there has been deleted.

    Raises SourceError `shape`.
    """
    views = result.get("posts") if settings["what"] == "again" else None
    if settings["what"] == "thread" and isinstance(result.get("thread"), dict):
        views = list(_all(result["thread"]))
    if not isinstance(views, list):
        raise SourceError("shape", "the answer holds no posts", "Check that host is a server of Bluesky's.")
    found = [(table(view), post) for view in views if (post := post_of(view, now)) is not None]
    posts = [post for view, post in found if not members_only(view.get("author"))]
    there = {post.external_id for _, post in found}
    gone = [uri for uri in settings["uris"] if uri not in there] if settings["what"] == "again" else []
    return Page(posts + [Post(network=NETWORK, external_id=uri, state="deleted") for uri in gone], rejects=rejects)


def _all(root: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The post, what stands above it, and what stands below each; however deep, without recursion."""
    waiting: list[Any] = [root]
    while waiting:
        node = table(waiting.pop(0))
        if node and text(node.get("$type")) not in _GONE:
            if table(node.get("post")):
                yield table(node.get("post"))
            replies = node.get("replies")
            waiting += [node.get("parent"), *(replies if isinstance(replies, list) else [])]
