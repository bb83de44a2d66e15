"""Whatever the bytes, an adapter answers with posts that can be told apart or with one reason."""

from __future__ import annotations

import json
from itertools import pairwise

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sources import opml
from sources.base import Answer, Cursor, Page, SourceError
from sources.hackernews import HOST, HackerNewsAdapter
from tests.sources.reading import DATA, NOW, data, items, read

FEEDS = sorted(path.name for path in DATA.iterdir() if path.suffix in (".xml", ".rdf", ".atom", ".json"))
PIECES = [
    b"", b"\0", b"<", b">", b"&", b"]]>", b"<![CDATA[", b"<item>", b"</item>", b"<entry>", b"</channel>",
    b"<guid>1</guid>", b"<link/>",    b"<!DOCTYPE x>", b"<?xml version='1.0' encoding='utf-16'?>", b"&#xD800;",
    b"&nbsp;", b"\xff\xfe", b"\xed\xa0\x80", "é€".encode(),
    b"<a xml:base='//'>", b'{"id": 1}', b"[", b"}", b'"\\ud83d"',
    b"<title>", b"\n\n", b"xmlns:a='b'", b"http://[", b"<pubDate>0</pubDate>",
]  # fmt: skip

RUN = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """A feed with pieces cut out, doubled and put in, perhaps broken off, perhaps in another encoding."""
    raw = data(draw(st.sampled_from(FEEDS)))
    for _ in range(draw(st.integers(0, 4))):
        start, end = sorted((draw(st.integers(0, len(raw))), draw(st.integers(0, len(raw)))))
        if end - start > 400 and draw(st.booleans()):
            end = start + 400
        middle = draw(st.sampled_from([*PIECES, raw[start:end] * 2]))
        raw = raw[:start] + middle + raw[end:]
    if draw(st.booleans()):
        raw = raw[: draw(st.integers(0, len(raw)))]
    return raw


def told(error: SourceError) -> None:
    assert error.reason.isprintable()
    assert error.message.isprintable()


def sound(page: Page) -> None:
    ids = [post.external_id for post in page.posts]
    assert all(ids)
    assert len(set(ids)) == len(ids)
    for post in page.posts:
        assert post.title is None or post.title.strip()
        assert post.url is None or post.url.startswith(("http://", "https://"))
        assert post.published_at is None or 631_152_000 <= post.published_at <= NOW + 86_400
        f"{post.title}{post.text}{post.tags}{post.author}".encode()
    assert all(reject.reason for reject in page.rejects)


@RUN
@given(mutated(), st.sampled_from(["", "text/xml; charset=utf-16", "application/json", "text/html; charset=x"]))
def test_mutated_feeds(raw: bytes, content_type: str) -> None:
    try:
        page = read(raw, content_type=content_type)
    except SourceError as error:
        told(error)
        return
    sound(page)
    again = read(raw, content_type=content_type, cursor=page.cursor)
    assert [post.external_id for post in again.posts] == [post.external_id for post in page.posts]


@RUN
@given(st.lists(mutated(), min_size=2, max_size=4))
def test_a_memory_of_one_document_never_breaks_the_next(documents: list[bytes]) -> None:
    cursor: Cursor = {}
    for raw in documents:
        try:
            page = read(raw, cursor=cursor)
        except SourceError:
            continue
        sound(page)
        cursor = page.cursor


Fields = tuple[str, str, str, int, str]
WORDS = st.sampled_from(["", "a", "b"])
ITEM = st.tuples(WORDS, WORDS, WORDS, st.integers(0, 2), WORDS)
"""guid, link, title, day, text"""


def feed_of(poll: list[Fields]) -> str:
    """A feed whose authors are the items' places."""
    made = []
    for place, (guid, link, title, day, text) in enumerate(poll):
        item = f"<guid isPermaLink='false'>{guid}</guid>" if guid else ""
        item += f"<link>https://x.example/{link}</link>" if link else ""
        item += f"<title>{title}</title><description>{text}</description><author>{place}</author>"
        made.append(item + (f"<pubDate>{day} Jan 2026 10:00:00 GMT</pubDate>" if day else ""))
    return items(*made)


@RUN
@given(st.lists(st.lists(ITEM, max_size=6, unique=True), min_size=2, max_size=4))
def test_an_item_that_stays_keeps_its_id(polls: list[list[Fields]]) -> None:
    """Items that share guids, links, titles and texts: whoever is alone with its link and title stays the same post."""
    pages: list[dict[Fields, str]] = []
    cursor: Cursor = {}
    for poll in polls:
        page = read(feed_of(poll), cursor=cursor)
        cursor = page.cursor
        sound(page)
        places = [int(post.author.name) for post in page.posts if post.author and post.author.name]
        pages.append({poll[place]: post.external_id for place, post in zip(places, page.posts, strict=True)})
    for (before, old), (after, new) in pairwise(zip(polls, pages, strict=True)):
        for item in before:
            if item in old and item in after and alone(item, before) and alone(item, after):
                assert old[item] == new[item]


def alone(item: Fields, poll: list[Fields]) -> bool:
    return bool(item[1] or item[2]) and [other[1:3] for other in poll].count(item[1:3]) == 1


@RUN
@given(st.binary(max_size=300))
def test_any_bytes(raw: bytes) -> None:
    for parse in (read, opml.parse):
        try:
            parse(raw)
        except SourceError as error:
            told(error)


LEAVES = st.sampled_from(["1", "story", "comment", "https://x.example", "\ud83d"])
KEYS = st.sampled_from(
    ["objectID", "created_at_i", "_tags", "title", "url", "author", "points", "hits", "items", "id", "authors",
     "attachments", "content_html", "tags"]
)  # fmt: skip
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=6),
    max_leaves=12,
)


@RUN
@given(JSON, st.booleans())
def test_any_json(value: object, stream: bool) -> None:
    raw = json.dumps({"hits": [value, {"objectID": "good"}], "items": [value, {"id": "good"}]}).encode()
    if stream:
        page = HackerNewsAdapter().parse(HackerNewsAdapter().channels({}, [])[0], {}, Answer(HOST, 200, {}, raw), NOW)
        assert "good" in [post.external_id for post in page.posts]
    else:
        page = read(raw)
        assert page.posts
    sound(page)
