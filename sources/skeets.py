"""A record of Bluesky's, with or without what its servers tell about it, as a post."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from sources import dates, links
from sources.base import Author, Post
from sources.jsontext import count, text

NETWORK = "bluesky"
SITE = "https://bsky.app"
POSTS = "app.bsky.feed.post"
"""The collection of a repository that holds posts."""
MEMBERS_ONLY = "!no-unauthenticated"
"""The label of those who want to be seen by signed-in people alone."""
FACETS = 200
"""Parts of a text that are looked at for links and tags; a post has 300 signs."""
_DID = re.compile(r"did:[a-z]+:[A-Za-z0-9._:%-]{1,200}", re.ASCII)
_PLACE = re.compile(rf"at://({_DID.pattern})/([A-Za-z0-9.-]{{1,300}})/([A-Za-z0-9._~:-]{{1,512}})", re.ASCII)
_CUT = re.compile(r"(?:\.\.\.|…)$")


def is_did(value: object) -> bool:
    """Whether this is the lasting name of an account."""
    return isinstance(value, str) and _DID.fullmatch(value) is not None


def page_of(uri: str) -> str | None:
    """The address under which people read a post; None where `uri` names none."""
    found = _PLACE.fullmatch(uri)
    return f"{SITE}/profile/{found[1]}/post/{found[3]}" if found and found[2] == POSTS else None


def post_of(view: Any, now: float) -> Post | None:
    """The post of a view, with its author and counts; None when it holds no record or its name is none."""
    said = table(view)
    record, uri = table(said.get("record")), text(said.get("uri"))
    if not record or uri is None or not _PLACE.fullmatch(uri):
        return None
    indexed = dates.plausible(dates.parse(said.get("indexedAt")), now)
    post = record_post(uri, record, indexed, now)
    post.author = author_of(said.get("author"))
    post.likes, post.replies = count(said.get("likeCount")), count(said.get("replyCount"))
    post.reposts = count(said.get("repostCount"))
    return post


def repost_of(post: Post, reason: Any, now: float) -> Post | None:
    """The act of sharing a post: its words, told by whoever shared them, who is `by`; None where nobody is named."""
    told = table(reason)
    who = author_of(told.get("by"))
    if who is None:
        return None
    did = text(table(told.get("by")).get("did")) or who.handle
    return Post(
        network=NETWORK,
        external_id=text(told.get("uri")) or f"at://{did}/app.bsky.feed.repost/{post.external_id.rpartition('/')[2]}",
        kind="repost",
        url=post.url,
        text=post.text,
        author=who,
        lang=post.lang,
        published_at=dates.plausible(dates.parse(told.get("indexedAt")), now),
        parent_id=post.external_id,
        thread_id=post.thread_id,
        tags=post.tags,
    )


def record_post(uri: str, record: Mapping[str, Any], seen: int | None, now: float) -> Post:
    """The post of a record alone: no author, no counts. `seen`: when a server first had it, as authors set the date."""
    written = dates.plausible(dates.parse(record.get("createdAt")), now)
    reply = table(record.get("reply"))
    parent, root = (text(table(reply.get(key)).get("uri")) for key in ("parent", "root"))
    quoted = _quoted(table(record.get("embed")))
    said, tags = _words(record)
    langs = _list(record.get("langs"))
    return Post(
        network=NETWORK,
        external_id=uri,
        kind="reply" if parent else "quote" if quoted else "post",
        url=page_of(uri),
        text=said,
        lang=text(langs[0]) if langs else None,
        published_at=min((one for one in (written, seen) if one is not None), default=None),
        parent_id=parent or quoted,
        thread_id=root or parent,
        tags=tags,
    )


def author_of(value: Any) -> Author | None:
    """Who it is; by the lasting name where the handle does not (or no longer) lead there."""
    told = table(value)
    did, handle = text(told.get("did")), text(told.get("handle"))
    if handle is None or handle == "handle.invalid":
        handle = did
    if handle is None:
        return None
    followers = count(told.get("followersCount"))
    return Author(handle, text(told.get("displayName")), f"{SITE}/profile/{did or handle}", followers, uid=did)


def members_only(value: Any) -> bool:
    """Whether an author wants to be seen by signed-in people alone."""
    return any(table(label).get("val") == MEMBERS_ONLY for label in _list(table(value).get("labels")))


# --- words ------------------------------------------------------------------------------------------------------------


def _words(record: Mapping[str, Any]) -> tuple[str, tuple[str, ...]]:
    """What is said, with links written out and what pictures and cards say below it; and its tags."""
    said = record.get("text") if isinstance(record.get("text"), str) else ""
    assert isinstance(said, str)
    facets = _facets(said, _list(record.get("facets")))
    tags = [tag for one in _list(record.get("tags")) if (tag := text(one))]
    whole = _written_out(said, facets, tags)
    below = [line for line in _attached(table(record.get("embed")), whole) if line]
    return "\n\n".join(part for part in (whole, *below) if part), tuple(dict.fromkeys(tags))


def _facets(said: str, given: Iterable[Any]) -> list[tuple[int, int, Mapping[str, Any]]]:
    """(first, last byte of the text, what stands there) in order; those that overlap or cut a sign apart are none."""
    size, found = len(said.encode()), []
    for one in list(given)[:FACETS]:
        index = table(table(one).get("index"))
        start, end = count(index.get("byteStart")), count(index.get("byteEnd"))
        if start is None or end is None or not start < end <= size:
            continue
        found += [(start, end, table(feature)) for feature in _list(table(one).get("features"))[:1]]
    return sorted(found, key=lambda facet: facet[:2])


def _written_out(said: str, facets: Iterable[tuple[int, int, Mapping[str, Any]]], tags: list[str]) -> str:
    """The text with shortened addresses in full, and those behind words in brackets; its tags go to `tags`."""
    raw, pieces, at = said.encode(), [], 0
    for start, end, feature in facets:
        kind = text(feature.get("$type")) or ""
        if kind.endswith("#tag") and (tag := text(feature.get("tag"))):
            tags.append(tag)
        address = links.web(text(feature.get("uri"))) if kind.endswith("#link") else None
        if start < at or address is None:
            continue
        try:
            before, shown = raw[at:start].decode(), raw[start:end].decode()
        except UnicodeDecodeError:
            continue
        pieces += [before, _address(shown, address)]
        at = end
    try:
        return "".join([*pieces, raw[at:].decode()])
    except UnicodeDecodeError:  # a facet ended inside a sign, and the text began again there
        return said


def _address(shown: str, address: str) -> str:
    """What stands in a text for a link: the whole address where the text shows its beginning, else both."""
    begun = _bare(_CUT.sub("", shown.strip()))
    if begun and _bare(address).startswith(begun):
        return address
    return f"{shown} ({address})"


def _bare(address: str) -> str:
    return re.sub(r"^(?:https?://)?(?:www\.)?", "", address.lower()).rstrip("/")


def _attached(embed: Mapping[str, Any], said: str) -> list[str]:
    """What pictures, films and cards say for themselves; the words of a quoted post are somebody else's."""
    if media := table(embed.get("media")):
        return _attached(media, said)
    lines = [text(table(picture).get("alt")) or "" for picture in _list(embed.get("images"))]
    lines.append(text(embed.get("alt")) or "")
    card = table(embed.get("external"))
    address = links.web(text(card.get("uri")))
    if address:
        lines.append(
            "\n".join(part for part in (text(card.get("title")), None if address in said else address) if part)
        )
        lines.append("" if said.strip() else text(card.get("description")) or "")
    return lines


def _quoted(embed: Mapping[str, Any]) -> str | None:
    """The post that is quoted, beside pictures or not."""
    inner = table(embed.get("record"))
    uri = text(inner.get("uri")) or text(table(inner.get("record")).get("uri"))
    return uri if uri and page_of(uri) else None


def table(value: Any) -> Mapping[str, Any]:
    """The object, or an empty one."""
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
