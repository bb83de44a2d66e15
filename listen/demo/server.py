"""The demonstration's loopback server: `python -m listen.demo.server START` plays the week by the clock it is given.

It prints its address on one line and ends when its standard input closes, so that it never outlives who started it.
"""

from __future__ import annotations

import email.utils
import hashlib
import html
import json
import math
import re
import sys
import threading
from collections.abc import Callable, Sequence
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit
from xml.sax.saxutils import escape

from listen.clock import Clock, from_environment
from listen.demo.week import Said, until, week

HOME = "https://{place}.norvola-demo.example"
_ITEM = re.compile(r"/(api/v1/items|v0/item)/(\d{1,6})(?:\.json)?")
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f]")


def _date(at: float) -> str:
    return email.utils.formatdate(at, usegmt=True)


def _link(said: Said) -> str:
    return f"{HOME.format(place=said.place)}/{said.number}"


def rss(place: str, title: str, posts: Sequence[Said], *, lang: str = "en") -> bytes:
    """RSS 2.0 as newspapers and Mastodon's hashtags publish it."""
    items = "".join(
        f"<item>{f'<title>{escape(said.title)}</title>' if said.title else ''}<link>{_link(said)}</link>"
        f'<guid isPermaLink="true">{_link(said)}</guid><pubDate>{_date(said.at)}</pubDate>'
        f"<dc:creator>{escape(said.author)}</dc:creator>"
        f"<description>{escape(f'<p>{escape(said.text)}</p>')}</description></item>"
        for said in posts
    )
    head = f"<title>{escape(title)}</title><link>{HOME.format(place=place)}/</link><language>{lang}</language>"
    xml = f'<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel>{head}{items}</channel></rss>'
    return ('<?xml version="1.0" encoding="UTF-8"?>' + xml).encode()


def atom(place: str, title: str, posts: Sequence[Said]) -> bytes:
    """Atom with threads (RFC 4685), as forums publish it."""
    entries = "".join(
        f'<entry xml:lang="{said.lang}"><id>{_link(said)}</id><title>{escape(said.title or "Re:")}</title>'
        f'<link href="{_link(said)}"/><published>{_iso(said.at)}</published><updated>{_iso(said.at)}</updated>'
        f"<author><name>{escape(said.author)}</name></author>"
        + (f'<thr:in-reply-to ref="{HOME.format(place=place)}/{said.parent}"/>' if said.parent else "")
        + f'<content type="html">{escape(f"<p>{escape(said.text)}</p>")}</content></entry>'
        for said in posts
    )
    spaces = 'xmlns="http://www.w3.org/2005/Atom" xmlns:thr="http://purl.org/syndication/thread/1.0"'
    updated = _iso(posts[0].at if posts else 0)
    head = f"<id>{HOME.format(place=place)}/</id><title>{escape(title)}</title><updated>{updated}</updated>"
    return f'<?xml version="1.0" encoding="UTF-8"?><feed {spaces}>{head}{entries}</feed>'.encode()


def json_feed(place: str, title: str, posts: Sequence[Said]) -> bytes:
    """JSON Feed 1.1, as the review site publishes it."""
    items = [
        {
            "id": str(said.number),
            "url": _link(said),
            "title": said.title,
            "content_text": said.text,
            "date_published": _iso(said.at),
            "authors": [{"name": said.author}],
            "language": said.lang,
        }
        for said in posts
    ]
    home = HOME.format(place=place)
    feed = {"version": "https://jsonfeed.org/version/1.1", "title": title, "home_page_url": home, "items": items}
    return json.dumps(feed).encode()


def bazaar(posts: Sequence[Said]) -> bytes:
    """A feed that is not well-formed and says so with real control characters: what the web is like."""
    items = "".join(
        f"<item><title>{_referenced(said.title or '')}</title>"
        f"<link>{'javascript:alert(1)' if said.number % 3 else _link(said)}</link>"
        f"<guid>{said.number}</guid><pubDate>{_date(said.at)}</pubDate><author>{_referenced(said.author)}</author>"
        f"<description>{_referenced(said.text)} & more</description></item>"
        for said in posts
    )
    return f"<rss version=2.0><channel><title>Bazaar & Co</title>{items}</channel></rss>".encode()


def _referenced(text: str) -> str:
    """Control characters as character references, which a lenient parser turns back into the real thing."""
    return _CONTROLS.sub(lambda hit: f"&#{ord(hit.group())};", html.escape(text))


def algolia(
    posts: Sequence[Said], query: dict[str, list[str]], by_number: dict[int, Said], now: float = math.inf
) -> bytes:
    """Hacker News' search_by_date: words, and bounds on created_at_i."""
    words = re.findall(r"\w+", query.get("query", [""])[0].lower())
    low, high = 0, 1 << 60
    for sign, bound in re.findall(r"created_at_i\s*([<>]=?)\s*(\d+)", query.get("numericFilters", [""])[0]):
        if sign[0] == ">":
            low = int(bound) + (sign == ">")
        else:
            high = int(bound) - (sign == "<")
    hits = [
        _hit(said, by_number, now)
        for said in posts
        if low <= int(said.at) <= high and all(word in f"{said.title or ''} {said.text}".lower() for word in words)
    ]
    size = int(query.get("hitsPerPage", ["20"])[0])
    page = int(query.get("page", ["0"])[0])
    pages = -(-len(hits) // size) if size else 0
    shown = hits[page * size : (page + 1) * size]
    return json.dumps(
        {"hits": shown, "nbHits": len(hits), "page": page, "nbPages": pages, "hitsPerPage": size}
    ).encode()


def _hit(said: Said, by_number: dict[int, Said], now: float) -> dict[str, object]:
    common = {
        "objectID": str(said.number),
        "author": said.author,
        "created_at_i": int(said.at),
        "created_at": _iso(said.at),
    }
    parent = by_number.get(said.parent) if said.parent else None
    story = parent
    while story is not None and story.parent:
        story = by_number[story.parent]
    if story is None or parent is None:
        return {
            **common,
            "_tags": [
                "story",
                *(f"{word.lower()}_hn" for word in ("Ask", "Show") if f"{word} HN" in (said.title or "")),
            ],
            "title": said.title,
            "url": _link(said),
            "points": _grown(said, now),
            "num_comments": 0,
        }
    return {
        **common,
        "_tags": ["comment"],
        "comment_text": html.escape(said.text, quote=True),
        "parent_id": parent.number,
        "story_id": story.number,
        "story_title": story.title,
        "story_url": _link(story),
        "points": None,
    }


def _grown(said: Said, now: float) -> int | None:
    """The points that a story has by now: most of them come in the first hours."""
    return None if said.likes is None else round(1 + said.likes * (1 - math.exp((said.at - now) / 14_400)))


def item(said: Said, now: float) -> bytes:
    """One item as Hacker News' own service tells it."""
    kind = "comment" if said.parent else "story"
    told = {"id": said.number, "type": kind, "by": said.author, "time": int(said.at), "title": said.title,
            "text": html.escape(said.text, quote=True), "parent": said.parent, "score": _grown(said, now),
            "url": None if said.parent else _link(said)}  # fmt: skip
    return json.dumps(told).encode()


def conversation(said: Said, posts: Sequence[Said], now: float) -> dict[str, object]:
    """A story and what stands below it, as Algolia tells it: the same for each comment."""
    kind = "comment" if said.parent else "story"
    below = [conversation(one, posts, now) for one in posts if one.parent == said.number]
    return {"id": said.number, "type": kind, "author": said.author, "created_at_i": int(said.at), "title": said.title,
            "text": html.escape(said.text, quote=True), "parent_id": said.parent, "points": _grown(said, now),
            "url": None if said.parent else _link(said), "children": below}  # fmt: skip


def _iso(at: float) -> str:
    import datetime

    return datetime.datetime.fromtimestamp(at, datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class Site:
    """All places of the week at one moment of the clock."""

    def __init__(self, start: float, clock: Clock) -> None:
        self.clock = clock
        self.said = week(start)
        self.by_number = {said.number: said for said in self.said}
        self.routes: dict[str, tuple[str, Callable[[], bytes]]] = {
            "/press/daily-spoke.xml": ("application/rss+xml", partial(self._rss, "daily-spoke", "The Daily Spoke")),
            "/press/harbour-post.xml": ("text/xml", partial(self._rss, "harbour-post", "Harbour Post")),
            "/press/courrier.xml": ("text/html", partial(self._rss, "courrier", "Le Courrier du Vélo", "fr")),
            "/tags/norvola.rss": ("application/rss+xml", partial(self._rss, "social", "#norvola", "")),
            "/forum.atom": ("application/atom+xml", lambda: atom("forum", "Spokes forum", self._posts("forum"))),
            "/reviews.json": (
                "application/feed+json",
                lambda: json_feed("reviews", "Ride reviews", self._posts("reviews")),
            ),
            "/bazaar.xml": ("text/plain", lambda: bazaar(self._posts("bazaar"))),
        }

    def _posts(self, place: str) -> list[Said]:
        return list(until(self.said, self.clock.now(), place))

    def _rss(self, place: str, title: str, lang: str = "en") -> bytes:
        return rss(place, title, self._posts(place), lang=lang)

    def answer(self, target: str) -> tuple[int, str, bytes]:
        """Status, content type and body for a request's target."""
        address = urlsplit(target)
        if address.path == "/api/v1/search_by_date":
            posts = list(until(self.said, self.clock.now(), "hn", last=5000))
            return 200, "application/json", algolia(posts, parse_qs(address.query), self.by_number, self.clock.now())
        if (found := _ITEM.fullmatch(address.path)) and (said := self.by_number.get(int(found[2]))):
            now = self.clock.now()
            if found[1] == "v0/item":
                return 200, "application/json", item(said, now)
            posts = list(until(self.said, now, "hn", last=5000))[::-1]
            return 200, "application/json", json.dumps(conversation(said, posts, now)).encode()
        if address.path == "/gone.xml":
            return 200, "text/html", b"<!doctype html><title>Moved</title><p>This feed has moved."
        route = self.routes.get(address.path)
        if route is None:
            return 404, "text/plain", b"not here"
        return 200, route[0], route[1]()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    site: Site

    def do_GET(self) -> None:
        status, kind, body = self.site.answer(self.path)
        etag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
        if status == 200 and self.headers.get("If-None-Match") == etag:
            status, body = 304, b""
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("ETag", etag)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if status != 304:
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Silent: standard error belongs to who started the demonstration."""


def main() -> None:
    """Serve until standard input closes."""
    handler = type("Handler", (_Handler,), {"site": Site(float(sys.argv[1]), from_environment())})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    print(f"http://127.0.0.1:{server.server_port}", flush=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdin.buffer.read()


if __name__ == "__main__":
    main()
