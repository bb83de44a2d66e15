"""The adapter `feed`: RSS 0.90 to 2.0, RDF, Atom 0.3 and 1.0 by feedparser, JSON Feed by our own reader.

feedparser is given bytes that `sources.document` has brought to UTF-8 and never a string (it would open files and
addresses), with its sanitizer and its resolver of links inside HTML turned off: text is made from the HTML later on,
and no HTML is ever shown.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from sources import document, entries, jsonfeed, links, recipes, webpage
from sources.base import Answer, Channel, Cursor, Option, Page, Reject, Request, Settings, SourceError
from sources.identity import Item, identify
from sources.opml import Outline

ACCEPT = (
    "application/atom+xml, application/rss+xml, application/feed+json, application/rdf+xml;q=0.9, "
    "application/xml;q=0.8, text/xml;q=0.8, application/json;q=0.6, */*;q=0.1"
)


class FeedAdapter:
    """Any number of feeds; each address is a channel."""

    name = "feed"
    summary = "RSS, Atom, RDF and JSON feeds, podcasts and comment feeds, by address or from an OPML file"
    needs = "nothing"
    every = 3_600.0
    options: Mapping[str, Option] = {
        "urls": Option(
            "texts",
            "addresses of feeds; `opml:FILE` stands for all the feeds in that file, and short forms for those of "
            f"well-known places ({', '.join(f'{word}:' for word in recipes.RECIPES)})",
            required=True,
        ),
        "allow_doctype": Option("flag", "read feeds that declare entities of their own, which are refused otherwise"),
    }

    def channels(self, settings: Settings, terms: Sequence[str]) -> list[Channel]:
        """One channel for each address, in order, each once.

        `urls` holds texts, or the Outlines that `opml.expand` made of them; refused ones are passed over.
        Raises SourceError `settings` for anything that is no web address.
        """
        urls = settings.get("urls")
        if not isinstance(urls, list | tuple) or not urls:
            raise SourceError(
                "settings", "`urls` is empty", 'Write at least one address: urls = ["https://example.com/feed.xml"].'
            )
        allow = bool(settings.get("allow_doctype", False))
        found: dict[str, Channel] = {}
        for entry in urls:
            outline = entry if isinstance(entry, Outline) else Outline(url=str(entry))
            if not outline.refused:
                channel = _channel(outline, allow)
                found.setdefault(channel.key, channel)
        if not found:
            raise SourceError("settings", "none of `urls` can be followed", "`listen sources check` says why.")
        return list(found.values())

    def request(self, channel: Channel, cursor: Cursor, now: float) -> Request:
        return Request(channel.settings["url"], headers={"accept": ACCEPT})

    def parse(self, channel: Channel, cursor: Cursor, answer: Answer, now: float) -> Page:
        """The posts of a feed. The cursor carries the memory of `sources.identity`.

        Raises SourceError: `empty`, `encoding`, `doctype`, `html`, `not-a-feed`, `version`, `parse`.
        """
        found = document.read(answer.body, answer.headers, allow_doctype=bool(channel.settings.get("allow_doctype")))
        skip: tuple[int, ...] = ()
        if found.kind == "html":
            raise webpage.refusal(found.data, answer.url)
        if found.kind == "json":
            items, title, rejects = jsonfeed.read(found.data, answer.url, now)
            every, trouble = None, None
        else:
            feed = _parsed(found)
            trouble = _trouble(feed, found)
            items = _items(feed, answer.url, now)
            title, every, rejects = entries.title_of(feed["feed"]), entries.every_of(feed["feed"]), found.rejects
            skip = entries.skip_of(found.data)
        posts, kept, left = identify(items, channel.settings["url"], cursor)
        if trouble and not posts:
            raise SourceError("parse", trouble, document.MEND)
        return Page(posts, cursor=kept, rejects=rejects + left, every=every, skip=skip, title=title)

    def refused(self, channel: Channel, status: int) -> tuple[str, str] | None:
        """A refusal of a well-known place in plain words."""
        return recipes.refused(str(channel.settings.get("url", "")), status)


def _channel(outline: Outline, allow_doctype: bool) -> Channel:
    given = outline.url.strip()
    if given.startswith("opml:"):
        raise SourceError(
            "settings", f'urls: "{given}" was not read', "Files are read with the configuration, not by the adapter."
        )
    made = recipes.address(given)
    address = made or given
    if given.lower().startswith("feed:"):
        address = f"http:{given[5:]}" if given[5:].startswith("//") else given[5:]
    url = links.web(address)
    if url is None:
        raise SourceError(
            "settings",
            f'urls: "{given[:200]}" is no web address',
            recipes.meant(given) or "It should begin with https:// or http:// and name a host.",
        )
    settings: dict[str, Any] = {"url": url}
    if allow_doctype:
        settings["allow_doctype"] = True
    if outline.tags:
        settings["tags"] = list(outline.tags)
    return Channel(links.shown(url), outline.label or (given if made else _label(url)), settings)


def _label(url: str) -> str:
    parts = urlsplit(url)
    return links.host(url) + parts.path.rstrip("/")


def _parsed(found: document.Document) -> Any:
    """feedparser's result. Where it raises instead of saying bozo, whatever it raises becomes SourceError `parse`."""
    import feedparser

    headers = {"content-type": "application/xml; charset=utf-8"}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return feedparser.parse(
                io.BytesIO(found.data), response_headers=headers, sanitize_html=False, resolve_relative_uris=False
            )
    except MemoryError:
        raise
    except Exception as error:
        message = f"the feed cannot be read: the parser failed on it ({type(error).__name__})"
        raise SourceError("parse", message, document.MEND) from error


def _items(feed: Any, url: str, now: float) -> list[Item]:
    """The entries that feedparser found, in order."""
    version = feed.get("version") or ""
    return [entries.item(entry, feed["feed"], version, url, now) for entry in feed["entries"][: document.ENTRIES]]


def _trouble(feed: Any, found: document.Document) -> str | None:
    """Why a feed without usable items is an error and not merely empty; None when it is a well-formed feed."""
    if feed.get("bozo"):
        return f"the feed is not well-formed XML and holds no item that can be read ({_complaint(feed, found)})"
    if not feed.get("version"):
        return f"the document is XML, but no feed: its root element is <{found.root[:40]}>"
    return None


def _complaint(feed: Any, found: document.Document) -> str:
    """The XML parser's reason with its line counted in what the publisher sent."""
    error = feed.get("bozo_exception")
    reason = getattr(error, "getMessage", lambda: str(error))()
    line = getattr(error, "getLineNumber", lambda: None)()
    return f"line {line + found.lines}: {reason}" if line else str(reason)


def refusals(outlines: Sequence[Outline]) -> list[Reject]:
    """What an OPML file asked for and does not get, for people to see."""
    return [Reject(f"refused: {one.refused}", one.url[:200]) for one in outlines if one.refused]
