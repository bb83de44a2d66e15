"""Statuses of Mastodon's interface asked for by id: the conversation around one, and several once more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sources import links
from sources.base import Channel, Cursor, Known, Page, Post, Reject, SourceError
from sources.jsontext import decode, name, text
from sources.toots import home_of, is_public, listed, post_of

AT_ONCE = 20
"""The most that a server tells by their ids at a time."""


def thread(channel: Channel, post: Known) -> Channel | None:
    """The conversation as the post's own server tells it; the token goes to no other than the one it is for."""
    home = home_of(post)
    if home is None:
        return None
    host, number = home
    token = {"token": channel.settings["token"]} if _same(channel, host) and channel.settings.get("token") else {}
    settings = {"what": "thread", "host": host, "id": number, "uri": post.external_id, **token}
    return Channel(f"thread:{post.external_id}"[:500], f"around {number} on {links.host(host)}", settings)


def again(channel: Channel, posts: Sequence[Known]) -> Channel | None:
    """Those of the posts that were written on the channel's own server."""
    homes = ((home_of(post), post.external_id) for post in posts)
    wanted = {home[1]: uri for home, uri in homes if home is not None and _same(channel, home[0])}
    if not wanted:
        return None
    host, token = channel.settings["host"], channel.settings.get("token")
    settings = {"what": "again", "host": host, "uris": wanted, **({"token": token} if token else {})}
    return Channel("again", f"{len(wanted)} posts of {links.host(host)}", settings)


def _same(channel: Channel, host: str) -> bool:
    return bool(host.lower() == str(channel.settings["host"]).lower())


def asked(channel: Channel, cursor: Cursor) -> tuple[str, tuple[tuple[str, str], ...]]:
    """(path, parameters) of the next question."""
    settings = channel.settings
    if settings["what"] == "again":
        return "/api/v1/statuses", tuple(("id[]", one) for one in settings["uris"])
    path = f"/api/v1/statuses/{settings['id']}"
    return (path, ()) if cursor.get("root") else (f"{path}/context", ())


def page(channel: Channel, cursor: Cursor, body: bytes, now: float) -> Page:
    """What stands around a status, then the status itself with its place in that; or statuses once more.

    Raises SourceError `shape`.
    """
    rejects: list[Reject] = []
    result = decode(body, rejects)
    settings = channel.settings
    if settings["what"] == "again":
        return Page(_again(settings, result, now), rejects=rejects)
    if not isinstance(result, dict):
        raise _shape()
    if cursor.get("root"):
        known = {name(result.get("in_reply_to_id")): text(cursor.get("parent"))}
        post = _open(result, settings["host"], known, now)
        return Page([_in(post, str(cursor["root"]))] if post else [], rejects=rejects)
    above, below = result.get("ancestors"), result.get("descendants")
    if not isinstance(above, list) or not isinstance(below, list):
        raise _shape()
    statuses = [one for one in (*above, *below) if isinstance(one, dict)]
    known = {name(one.get("id")): text(one.get("uri")) for one in statuses} | {settings["id"]: settings["uri"]}
    ancestors = [uri for one in above if isinstance(one, dict) and (uri := text(one.get("uri")))]
    root = ancestors[0] if ancestors else str(settings["uri"])
    posts = [post for one in statuses if (post := _open(one, settings["host"], known, now)) is not None]
    after: Cursor = {"root": root, "parent": ancestors[-1] if ancestors else None}
    return Page([_in(post, root) for post in posts], cursor=after, more=True, rejects=rejects)


def _again(settings: Mapping[str, Any], result: Any, now: float) -> list[Post]:
    if not isinstance(result, list):
        raise _shape()
    posts = [post for one in result if (post := post_of(one, settings["host"], {}, now)) is not None]
    there = {post.external_id for post in posts}
    gone = [uri for uri in settings["uris"].values() if uri not in there]
    return posts + [Post(network="mastodon", external_id=uri, state="deleted") for uri in gone]


def _open(status: Mapping[str, Any], host: str, known: Mapping[str | None, str | None], now: float) -> Post | None:
    """The post, where it was written for everybody by somebody who may be kept."""
    return post_of(status, host, known, now) if is_public(status) and listed(status, everyone=True) else None


def _in(post: Post, root: str) -> Post:
    post.thread_id = root
    return post


def _shape() -> SourceError:
    return SourceError("shape", "the answer holds no posts", "The post's server may not speak Mastodon's interface.")
