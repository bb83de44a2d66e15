"""What to make of a web page that came where a feed was expected: its title, and the feeds that it names."""

from __future__ import annotations

from sources import links
from sources.base import SourceError

_LOOK = 512 * 1_024
"""Bytes of the page that are read: the links are in its head."""
_FEEDS = ("rss", "atom", "feed+json", "rdf+xml")
_SHOWN = 5


def feeds(page: bytes, url: str) -> list[str]:
    """Addresses of the feeds that a page names by `<link rel="alternate">`, absolute, in order, each once."""
    from selectolax.lexbor import LexborHTMLParser

    tree = LexborHTMLParser(page[:_LOOK].decode("utf-8", "replace"))
    base = tree.css_first("base[href]")
    bases = (links.resolve(base.attributes.get("href"), (url,)) if base else None, url)
    found = []
    for link in tree.css("link[rel][href][type]"):
        rel, kind = (link.attributes.get("rel") or "").lower().split(), (link.attributes.get("type") or "").lower()
        if (
            "alternate" in rel
            and any(word in kind for word in _FEEDS)
            and (whole := links.resolve(link.attributes.get("href"), bases))
        ):
            found.append(whole)
    return list(dict.fromkeys(found))


def title(page: bytes) -> str:
    """The page's title on one line, without signs that do not print; "" when it has none."""
    from selectolax.lexbor import LexborHTMLParser

    node = LexborHTMLParser(page[:_LOOK].decode("utf-8", "replace")).css_first("title")
    words = " ".join(node.text().split())[:80] if node else ""
    return "".join(sign if sign.isprintable() else "\ufffd" for sign in words)


def refusal(page: bytes, url: str) -> SourceError:
    """The error for a page instead of a feed: never items. Says which feeds the page names, if any."""
    named = title(page)
    message = "the address answers with a web page" + (f" titled “{named}”" if named else "") + ", not with a feed"
    found = feeds(page, url)
    if found:
        more = f" (and {len(found) - _SHOWN} more)" if len(found) > _SHOWN else ""
        return SourceError("html", message, f"The page names: {' '.join(found[:_SHOWN])}{more}. Put that into `urls`.")
    return SourceError(
        "html", message, "Open it in a browser: it may be a page that turns programs away, or the feed has moved."
    )
