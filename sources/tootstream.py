"""What servers of Mastodon's interface tell as it is said: server-sent events of posts, edits and deletions.

A server tells where it streams (`configuration.urls.streaming`), and to none but those with a token. It does not go
back: what was said between two connections is asked for. A deletion names the post by this server's own number: the
newest of these are kept in the cursor, with the names that count everywhere, those of all stored posts in the store.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sources import links
from sources.base import Channel, Cursor, Frame, Page, Post, Reject, Request, Socket, SourceError
from sources.jsontext import decode, name, text
from sources.toots import alias_of, is_public, listed, post_of

MOST = 20
"""Hashtags of a server that are streamed, each over a connection of its own; what is more is asked now and then."""
SILENCE = 90.0
"""Seconds without a byte after which a connection is dead; servers send a comment every half minute at least."""
POSTS = ("update", "status.update", "status_update")
"""Events that hold a post; some programs spell the one of edits with an underscore."""
REMEMBERED = 200
"""Posts whose numbers are kept in the cursor: what was not stored yet may be deleted."""
LONGEST = 64
"""Characters of a server's number."""


def place(instance: Any, host: str) -> str:
    """Where the server streams; itself where it does not say so. Never unprotected where the server is not."""
    said: Any = instance
    for key in ("configuration", "urls", "streaming"):
        said = said.get(key) if isinstance(said, dict) else None
    told = text(said) or ""
    scheme, sign, rest = told.strip().rstrip("/").partition("://")
    over = {"wss": "https", "ws": "http"}.get(scheme.lower(), scheme.lower())
    safe = over == "https" or (over == "http" and host.startswith("http:"))
    address = links.web(f"{over}://{rest}") if sign and safe and "@" not in rest else None
    return address.rstrip("/") if address else host


def socket(channel: Channel, cursor: Cursor, mark: str) -> Socket:
    """The stream of a hashtag or of the public timeline; `mark` stands for the token."""
    settings = channel.settings
    part = f"/{cursor['part']}" if cursor.get("part") else ""
    kind, asked = ("hashtag", (("tag", settings["tags"][0]),)) if settings["what"] == "tag" else ("public", ())
    headers = {"Authorization": f"Bearer {mark}"}
    address = f"{cursor['live']}/api/v1/streaming/{kind}{part}"
    return Socket("sse", Request(address, asked, headers, secrets={mark: settings["token"]}), silence=SILENCE)


def read(channel: Channel, cursor: Cursor, frames: Sequence[Frame], now: float) -> Page:
    """The posts of some events. `newest` in its cursor is the number of the newest one."""
    page = Page([], cursor=dict(cursor))
    recent = _recent(cursor)
    for frame in frames:
        if frame.event == "delete":
            number = frame.data.decode("utf-8", "replace").strip()
            if number and len(number) <= LONGEST:
                alias = alias_of(channel.settings["host"], number)
                uri = recent.get(number)
                page.posts.append(
                    Post(network="mastodon", external_id=uri or alias, alias=None if uri else alias, state="deleted")
                )
        elif frame.event in POSTS:
            _take(channel, frame, page, recent, now)
    kept = list(recent.items())[-REMEMBERED:]
    page.cursor["recent"] = "\n".join(f"{number} {uri}" for number, uri in kept)
    return page


def _take(channel: Channel, frame: Frame, page: Page, recent: dict[str, str], now: float) -> None:
    """The post of one event, unless its author does not want to be kept."""
    try:
        status = decode(frame.data, page.rejects)
    except SourceError as error:
        page.rejects.append(Reject(f"parse: {error.message}", frame.data[:200].decode("utf-8", "replace")))
        return
    known: dict[str | None, str | None] = {}
    known.update(recent)
    post = post_of(status, channel.settings["host"], known, now)
    if post is None:
        page.rejects.append(Reject("shape: a post without uri, or no object at all", repr(status)[:200]))
        return
    number = name(status.get("id"))
    if number is not None and " " not in number and "\n" not in number + post.external_id:
        recent.pop(number, None)
        recent[number] = post.external_id
        if frame.event == "update":
            page.cursor["newest"] = number
    if is_public(status) and listed(status, everyone=channel.settings["what"] != "public"):
        page.posts.append(post)


def _recent(cursor: Cursor) -> dict[str, str]:
    """The newest posts: this server's number -> the name that counts everywhere, oldest first."""
    told = cursor.get("recent")
    pairs = (line.partition(" ") for line in (told if isinstance(told, str) else "").split("\n") if line)
    return {number: uri for number, _, uri in pairs}
