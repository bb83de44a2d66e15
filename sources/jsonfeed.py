"""JSON Feed 1.0 and 1.1 (jsonfeed.org) -> items. A field of the wrong type counts as missing."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from sources import dates, links, prose
from sources.base import Post, Reject, SourceError
from sources.document import ENTRIES, over
from sources.entries import language
from sources.identity import Item
from sources.jsontext import decode, name, text

_VERSION = re.compile(r"https?://(?:www\.)?jsonfeed\.org/version/1(?:\.\d+)?/?")
_AUTHORS = 20


def read(data: bytes, url: str, now: float) -> tuple[list[Item], str | None, list[Reject]]:
    """The items of a JSON Feed that answered at `url`, its title, and what could not be read.

    Raises SourceError: `parse`, `limit:depth`, `not-a-feed` when it is other JSON, `version` when it is of a version
    we do not know.
    """
    rejects: list[Reject] = []
    feed = decode(data, rejects)
    if not isinstance(feed, dict) or not isinstance(feed.get("items"), list):
        raise SourceError(
            "not-a-feed",
            "the answer is JSON, but no JSON Feed: it has no list `items`",
            "Check the address in a browser.",
        )
    version = feed.get("version")
    if not _VERSION.fullmatch(version) if isinstance(version, str) else version is not None:
        raise SourceError(
            "version", "the JSON Feed is of a version other than 1.0 and 1.1", "Tell us, if the publisher is right."
        )
    site = links.resolve(text(feed.get("home_page_url")), (url,)) or url
    entries = feed["items"]
    if len(entries) > ENTRIES:
        rejects.append(over(len(entries)))
    items = []
    for entry in entries[:ENTRIES]:
        if isinstance(entry, dict):
            items.append(_item(entry, feed, site, url, now))
        else:
            rejects.append(Reject("shape: an item is no JSON object", repr(entry)[:200]))
    return items, text(feed.get("title")), rejects


def _item(entry: Mapping[str, Any], feed: Mapping[str, Any], site: str, url: str, now: float) -> Item:
    markup, plain = text(entry.get("content_html")), text(entry.get("content_text")) or text(entry.get("summary")) or ""
    title, body, as_html = prose.together(
        text(entry.get("title")), False, prose.unescaped(markup) if markup else plain, bool(markup)
    )
    published = dates.plausible(dates.parse(entry.get("date_published")), now)
    modified = dates.plausible(dates.parse(entry.get("date_modified")), now)
    people = _people(entry) or _people(feed)
    post = Post(
        network="feed",
        external_id="",
        kind="episode" if _plays(entry) else "article" if title else "post",
        url=_url(entry, (site, url)),
        title=title,
        text=body,
        markup="html" if as_html else "plain",
        author=prose.byline(people, site),
        lang=language(entry.get("language")) or language(feed.get("language")),
        published_at=published if published is not None else modified,
        edited_at=modified if published is not None and modified is not None and modified > published else None,
        tags=_tags(entry.get("tags")),
    )
    return Item(post, guid=name(entry.get("id")))


def _attachments(entry: Mapping[str, Any]) -> list[dict[str, Any]]:
    found = entry.get("attachments")
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _plays(entry: Mapping[str, Any]) -> bool:
    return any((text(one.get("mime_type")) or "").startswith(("audio/", "video/")) for one in _attachments(entry))


def _url(entry: Mapping[str, Any], bases: tuple[str, str]) -> str | None:
    found = [text(entry.get("url")), text(entry.get("external_url")), links.web(name(entry.get("id")))]
    found += [links.web(text(one.get("url"))) for one in _attachments(entry)]
    return next((url for link in found if link and (url := links.resolve(link, bases))), None)


def _people(entry: Mapping[str, Any]) -> list[prose.Person]:
    """(name, mail, address) of `authors` (1.1), else of `author` (1.0)."""
    several = entry.get("authors")
    listed = several if isinstance(several, list) and several else [entry.get("author")]
    people: list[prose.Person] = []
    for one in listed[:_AUTHORS]:
        if isinstance(one, dict):
            who, address = text(one.get("name")), text(one.get("url"))
            mail = address[7:] if address and address.startswith("mailto:") else None
            if who or mail:
                people.append((who, mail, address))
    return people


def _tags(tags: Any) -> tuple[str, ...]:
    found = (text(tag) for tag in tags) if isinstance(tags, list) else ()
    return tuple(dict.fromkeys(tag.strip()[:100] for tag in found if tag))[:50]
