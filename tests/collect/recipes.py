"""A loopback web of four sources, for trying a query before there is a configuration: a template that names it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from email.utils import formatdate
from html import escape
from pathlib import Path

from tests.collect.server import Reply, Server

NOW = 1_795_000_000
"""Roughly the day of the tests' posts."""

ORANGE: Sequence[str] = (
    "The price of fibre at Orange rises again, and the network was down all day",
    "My network at home is from Orange and it was down for the third time this week",
    "Both Orange and Vodafone announce faster fibre for the countryside",
    "The hotline of Orange finally answered: new fibre router on its way",
    "I drank a glass of orange juice and felt better",
    "Freshly pressed orange juice beats everything else at breakfast",
    "She wore an orange dress to the wedding of her cousin",
    "Add the zest of one orange, then the juice, and stir for a minute",
    "The sky turned orange before the storm came over the hills",
)


def rss(texts: Sequence[str], start: int = 0) -> bytes:
    """An RSS feed that says these."""
    items = "".join(
        f"<item><guid>https://post.example/{start + n}</guid><link>https://post.example/{start + n}</link>"
        f"<pubDate>{formatdate(NOW - 60 * (start + n))}</pubDate><description>{escape(text)}</description></item>"
        for n, text in enumerate(texts)
    )
    return f'<rss version="2.0"><channel><title>T</title>{items}</channel></rss>'.encode()


def algolia(texts: Sequence[str]) -> bytes:
    """An answer of Hacker News' search."""
    hits = [
        {
            "objectID": str(9000 + n),
            "author": "tptr",
            "created_at_i": NOW - n,
            "_tags": ["comment"],
            "comment_text": text,
        }
        for n, text in enumerate(texts)
    ]
    return json.dumps({"hits": hits, "nbHits": len(hits), "page": 0, "nbPages": 1, "hitsPerPage": 500}).encode()


def starter(folder: Path, server: Server, *, reddit: Server | None = None) -> Path:
    """A template whose four sources are on that server; reddit may have one of its own."""
    at = {"reddit": reddit or server}
    private = f'allow_private = ["{server.place}"]'
    feeds = "".join(
        f'[sources.{name}]\nadapter = "feed"\nallow_private = ["{at.get(name, server).place}"]\n'
        f'urls = ["{at.get(name, server).url(path)}"]\n\n'
        for name, path in (
            ("news", "/news?q=${search}&mkt=${market}"),
            ("mastodon", "/tags/${tag_in_url}.rss"),
            ("reddit", "/search.rss?q=${search}"),
        )
    )
    file = folder / "starter.toml"
    file.write_text(
        "# The first configuration of ${brand}.\n[topics.${topic}]\nquery = ${query}\nrole = 'brand'\n\n"
        f'[sources.hn]\nadapter = "hackernews"\nhost = "{server.url("/hn")}"\n{private}\n\n{feeds}'
        "[collect]\ngap = '0.01s'\n"
    )
    return file


def script(server: Server, texts: Sequence[str] = ORANGE) -> None:
    """All four answer, each with its share of the texts."""
    server.on("/hn/api/v1/search_by_date", Reply(body=algolia(texts[:2])))
    server.on("/news", Reply(body=rss(texts[2:5])))
    server.on("/search.rss", Reply(body=rss(texts[5:8], 100)))
    for tag in ("orange", "acme"):
        server.on(f"/tags/{tag}.rss", Reply(body=rss(texts[8:], 200)))
