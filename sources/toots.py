"""A status of Mastodon's interface as a post."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from typing import Any

from sources import dates, links
from sources.base import Author, Known, Post
from sources.jsontext import count, name, text

PUBLIC = ("public", "unlisted")
_STATUS = re.compile(r"(https?://[^/?#@]+)/(?:@[^/?#]+|users/[^/?#]+/statuses|ap/users/\d+/statuses)/(\w{1,40})")
_NO_BOTS = re.compile(r"#(?:<span>)?(?:no(?:bots?|index|archive))\b", re.IGNORECASE)


def is_public(status: Mapping[str, Any]) -> bool:
    """Whether it was written for everybody; what says nothing of it was found in a public place."""
    return status.get("visibility", "public") in PUBLIC


def listed(status: Mapping[str, Any], *, everyone: bool) -> bool:
    """Whether its author may be kept: not who asks robots to stay away, in the profile's settings or in its words.

    Who writes a hashtag wants to be found under it. In a timeline of everything (not `everyone`), only those are taken
    who have not refused to be found by search.
    """
    account = _table(status.get("account"))
    if account.get("noindex") is True or _NO_BOTS.search(text(account.get("note")) or ""):
        return False
    return everyone or account.get("indexable") is not False


def post_of(status: Any, host: str, known: Mapping[str | None, str | None], now: float) -> Post | None:
    """The post; None when it has no uri. `known`: this server's id -> uri of the posts beside it.

    A boost is a post of kind repost by whoever boosted, with the words of what was boosted, which is its parent. A
    content warning is the title. The parent of a reply is known by this server's id alone: where it is not on the same
    page, it is named by the address under which the server tells it.
    """
    uri = text(status.get("uri")) if isinstance(status, dict) else None
    if uri is None:
        return None
    boosted = _table(status.get("reblog"))
    said = boosted or status
    replied = name(status.get("in_reply_to_id"))
    quoted = _table(_table(status.get("quote")).get("quoted_status"))
    parent = text(boosted.get("uri"))
    if replied and not parent:
        parent = known.get(replied) or f"{host}/api/v1/statuses/{replied}"
    warning = text(said.get("spoiler_text"))
    edited = dates.plausible(dates.parse(said.get("edited_at")), now)
    return Post(
        network="mastodon",
        external_id=uri,
        kind="repost" if boosted else "reply" if replied else "quote" if quoted else "post",
        url=links.web(text(said.get("url"))) or links.web(text(said.get("uri"))),
        title=html.escape(warning, quote=False) if warning else None,
        text=_words(said),
        markup="html",
        author=_author(_table(status.get("account")), host),
        lang=text(said.get("language")),
        published_at=dates.plausible(dates.parse(status.get("created_at")), now),
        edited_at=edited,
        state="active" if edited is None else "edited",
        likes=count(said.get("favourites_count")),
        replies=count(said.get("replies_count")),
        reposts=count(said.get("reblogs_count")),
        parent_id=parent or text(quoted.get("uri")),
        alias=alias_of(host, number) if (number := name(status.get("id"))) else None,
        tags=tuple(tag for one in _list(said.get("tags")) if (tag := text(_table(one).get("name")))),
    )


def alias_of(host: str, number: str) -> str:
    """A post by the number that this server gives it."""
    return f"{host} {number}"


def home_of(post: Known) -> tuple[str, str] | None:
    """(server, id there) of a post where it was written; None where its names do not tell.

    There all the answers to it are known, elsewhere only some.
    """
    for address in (post.url, post.external_id):
        if address and (found := _STATUS.fullmatch(address)):
            return found[1], found[2]
    return None


def _words(status: Mapping[str, Any]) -> str:
    """Its text, what a poll asks to choose from, and the descriptions of pictures where there is nothing else."""
    said = text(status.get("content")) or ""
    options = [text(_table(one).get("title")) for one in _list(_table(status.get("poll")).get("options"))]
    pictures = [text(_table(one).get("description")) for one in _list(status.get("media_attachments"))]
    lines = [line for line in (options if said else [*options, *pictures]) if line]
    return said + "".join(f"<p>{html.escape(line, quote=False)}</p>" for line in lines)


def _author(account: Mapping[str, Any], host: str) -> Author | None:
    handle = text(account.get("acct")) or text(account.get("username"))
    if handle is None:
        return None
    url = links.web(text(account.get("url"))) or links.web(text(account.get("uri")))
    if "@" not in handle:
        handle = f"{handle}@{links.host(url) or links.host(host)}"
    # Servers write -1 or 0 for numbers that are hidden.
    return Author(handle, text(account.get("display_name")), url, count(account.get("followers_count")) or None)


def _table(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
