"""Reading feeds: the adapter against feedparser as it comes, and with its sanitizer and link resolver off, in one run.

    python -m tests.bench.bench_feeds [ROUNDS]

The adapter's time is all of `parse`: encoding, guards, feedparser without its sanitizer, fields and identity. Processor
time per entry, the best of the rounds, the sides taking turns. Feeds are generated; the recorded ones are added where
they lie beside the checkout.
"""

from __future__ import annotations

import io
import random
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import feedparser

from sources.base import Answer, SourceError
from sources.feed import FeedAdapter

RECORDED = Path(__file__).resolve().parents[3] / "shared" / "fixtures" / "feeds"
URL = "https://feeds.example/feed.xml"
NOW = 1_795_000_000.0
WORDS = (
    "kettle",
    "boils",
    "water",
    "whistle",
    "steam",
    "lid",
    "handle",
    "leak",
    "quiet",
    "loud",
    "hot",
    "cold",
    "review",
)


def words(chance: random.Random, count: int) -> str:
    return " ".join(chance.choice(WORDS) for _ in range(count))


def headlines(chance: random.Random, count: int) -> bytes:
    """RSS as newspapers write it: titles, a sentence, no markup."""
    made = "".join(
        f"<item><title>{words(chance, 9)}</title><link>https://x.example/{number}?utm_source=rss</link>"
        f"<guid isPermaLink='false'>{number}</guid><pubDate>Wed, 04 Mar 2026 10:{number % 60:02}:00 GMT</pubDate>"
        f"<category>{words(chance, 1)}</category><description>{words(chance, 25)}</description></item>"
        for number in range(count)
    )
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>T</title>{made}</channel></rss>'.encode()


def articles(chance: random.Random, count: int) -> bytes:
    """Atom with whole articles in HTML, some 6 KB each."""
    made = []
    for number in range(count):
        body = "".join(
            f'<p class="x">{words(chance, 40)} <a href="/{number}">{words(chance, 3)}</a> <em>{words(chance, 4)}</em>'
            for _ in range(16)
        )
        escaped = body.replace("&", "&amp;").replace("<", "&lt;")
        made.append(
            f"<entry><id>tag:x.example,2026:{number}</id><title>{words(chance, 8)}</title>"
            f'<link href="https://x.example/{number}"/><updated>2026-03-04T10:00:00Z</updated>'
            f'<author><name>Ann</name></author><content type="html">{escaped}</content></entry>'
        )
    return f'<feed xmlns="http://www.w3.org/2005/Atom"><title>T</title>{"".join(made)}</feed>'.encode()


def feeds() -> dict[str, list[bytes]]:
    chance = random.Random(7)  # the same feeds in every run
    found = {
        "headlines, 1 x 500": [headlines(chance, 500)],
        "headlines, 20 x 25": [headlines(chance, 25) for _ in range(20)],
        "articles, 1 x 50": [articles(chance, 50)],
    }
    if RECORDED.is_dir():
        found["recorded, XML"] = [
            path.read_bytes() for path in sorted(RECORDED.iterdir()) if path.suffix in (".xml", ".rss", ".atom", ".rdf")
        ]
    return found


def stock(body: bytes) -> int:
    return len(feedparser.parse(io.BytesIO(body), response_headers={"content-location": URL}).entries)


def bare(body: bytes) -> int:
    headers = {"content-location": URL}
    parsed = feedparser.parse(
        io.BytesIO(body), response_headers=headers, sanitize_html=False, resolve_relative_uris=False
    )
    return len(parsed.entries)


def ours(body: bytes) -> int:
    adapter = FeedAdapter()
    channel = adapter.channels({"urls": [URL]}, [])[0]
    try:
        return len(adapter.parse(channel, {}, Answer(URL, 200, {}, body), NOW).posts)
    except SourceError:
        return 0


def seconds(read: Callable[[bytes], int], bodies: list[bytes]) -> tuple[float, int]:
    start = time.process_time()
    entries = sum(read(body) for body in bodies)
    return time.process_time() - start, entries


def main() -> None:
    warnings.simplefilter("ignore")
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    print(f"feedparser {feedparser.__version__}; microseconds per entry, best of {rounds}")
    print(
        f"{'feeds':<20} {'entries':>7} {'KB':>6} {'stock':>8} {'bare':>8} {'adapter':>8}  stock/adapter  adapter/bare"
    )
    for name, bodies in feeds().items():
        best = {read: seconds(read, bodies) for read in (stock, bare, ours)}
        for _ in range(rounds - 1):
            for read in best:
                best[read] = min(best[read], seconds(read, bodies))
        each = {read: 1e6 * spent / max(1, entries) for read, (spent, entries) in best.items()}
        print(
            f"{name:<20} {best[ours][1]:>7} {sum(map(len, bodies)) // 1024:>6} {each[stock]:>8.0f} {each[bare]:>8.0f} "
            f"{each[ours]:>8.0f}  {each[stock] / each[ours]:>12.2f}x  {each[ours] / each[bare]:>11.2f}x"
        )


if __name__ == "__main__":
    main()
