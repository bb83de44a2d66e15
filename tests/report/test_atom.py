"""A feed is well-formed Atom whatever was written, says it as text, and stays the same for the same mentions."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import feedparser
import pytest

from listen.model import Author, Mention, first_id
from listen.report import atom
from tests.store.posts import NOW

A = "{http://www.w3.org/2005/Atom}"

HOSTILE = [
    "<script>alert(1)</script>", "<!--><script>alert(1)</script>-->", '<a href="java&#10;script:alert(1)">x</a>',
    '"><img src=x onerror=alert(1)>', "]]><x/>", "&lt;b&gt; &amp;amp; &nbsp; &#0; &undefined;", "<![CDATA[ x",
    "a\x00b\x0b\x1b[31m\x7f\x9b\ufffe\uffff\U0001ffff", "\ud800 alone", "\u202eevil\u2066 way", "", " \n\n ", "'\"",
    "👩\u200d👩\u200d👧 שלום 東京", "line\r\nline\rline\u2028line",
    "<?xml version='1.0'?><!DOCTYPE x [<!ENTITY a 'b'>]>&a;",
]  # fmt: skip

LINKS = [
    "javascript:alert(1)", "file:///etc/passwd", "--remote-debugging-port=9222", "data:text/html,<script>1</script>",
    "http://h.test/$(touch x)`id`;reboot", "http://h.test/ --flag", "", "http://[::1", "ht!tp://x", "https://u:p@h.test/",
    'https://h.test/"><b>\x01\ufffe', "https://münchen.test/ü?q=ü",
]  # fmt: skip


def mention(number: int, text: str, **more: Any) -> Mention:
    return Mention(first_id(NOW) + number, "net", f"{number} {text}", "post", text, **more)


def elements(written: bytes) -> tuple[ElementTree.Element, list[ElementTree.Element]]:
    root = ElementTree.fromstring(written)
    return root, root.findall(f"{A}entry")


class Seen(HTMLParser):
    """What a browser would make of it."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        assert not attrs

    def handle_data(self, data: str) -> None:
        self.text += data


def check(mentions: list[Mention], title: str = "crisis", asked: str = "view:crisis") -> list[ElementTree.Element]:
    """All that RFC 4287 asks of a feed, and that no foreign word is markup in it; its entries."""
    written = atom.feed(title, asked, mentions)
    parsed = feedparser.parse(written)
    assert (parsed.bozo, parsed.version, parsed.encoding) == (0, "atom10", "utf-8")
    root, entries = elements(written)
    assert len(parsed.entries) == len(entries)
    assert {one.tag.removeprefix(A) for one in root.iter()} <= {
        "feed", "title", "subtitle", "id", "updated", "generator", "entry", "link", "published", "author", "name",
        "uri", "category", "content",
    }  # fmt: skip
    ids = [one.text for one in root.iter(f"{A}id")]
    assert len(set(ids)) == len(ids)
    assert all(text and text.startswith("urn:uuid:") for text in ids)
    for entry in entries:
        for name in ("title", "id", "published", "updated", "content", f"author/{A}name"):
            assert entry.find(A + name) is not None, name
        assert all(entry.findtext(A + name, "").strip() for name in ("title", f"author/{A}name"))
        for link in [one.get("href", "") for one in entry.findall(f"{A}link")] + [
            one.text or "" for one in entry.iter(f"{A}uri")
        ]:
            assert link.startswith(("http://", "https://"))
            assert not set(link) & set(' "<>\x01\ufffe')
        seen = Seen()
        seen.feed(entry.findtext(f"{A}content", ""))
        assert seen.tags <= {"p", "br"}
    return entries


def test_nothing_hostile_breaks_it_or_is_markup_in_it() -> None:
    mentions = [
        mention(at, text, title=text or None, url=LINKS[at % len(LINKS)], topics={text or "t": -500, "acme": None},
                author=Author(text, text, url=LINKS[-at % len(LINKS)]) if at % 3 else None)
        for at, text in enumerate(HOSTILE)
    ]  # fmt: skip
    mentions += [mention(100 + at, "linked", url=url) for at, url in enumerate(LINKS)]
    for text in HOSTILE:
        check([], title=text, asked=text)
    entries = check(mentions, title=HOSTILE[0], asked=HOSTILE[2])
    shown = Seen()
    shown.feed(entries[0].findtext(f"{A}content", ""))
    assert shown.text == HOSTILE[0], "the words themselves are there"
    assert "\u202e" not in "".join(entries[9].itertext())
    assert "👩\u200d👩\u200d👧 שלום 東京" in "".join(entries[13].itertext())
    linked = [bool(entry.findall(f"{A}link")) for entry in entries[len(HOSTILE) :]]
    assert linked == [False, False, False, False, True, True, False, False, False, False, True, True]


def test_what_the_hostile_fixtures_hold_is_text(shared: Path) -> None:
    inputs = shared / "fixtures" / "hostile" / "inputs"
    texts = json.loads((inputs / "html_fragments.json").read_text())
    texts += json.loads((inputs / "csv_cells.json").read_text())
    check([mention(at, str(text), title=str(text), author=Author(str(text))) for at, text in enumerate(texts)])


def test_the_same_is_the_same_and_what_changed_says_so() -> None:
    old, new = mention(1, "first"), mention(2, "second\n\nby the way\nbye", topics={"b": 1, "a": 2}, score=-700, hits=2)
    written = atom.feed("crisis", "view:crisis", [new, old])
    again = mention(2, "second\n\nby the way\nbye", topics={"a": 2, "b": 1}, score=-700, hits=2)
    assert atom.feed("crisis", "view:crisis", [again, old]) == written
    root, (first, second) = elements(written)
    assert first.findtext(f"{A}content") == "<p>second</p><p>by the way<br>bye</p>"
    assert [one.get("term") for one in first.findall(f"{A}category")] == ["a", "b", "neg"]
    other, (moved,) = elements(atom.feed("Crisis!", "view:crisis", [mention(1, "first", edited_at=NOW + 60)]))
    assert moved.findtext(f"{A}id") == second.findtext(f"{A}id"), "the id stays when the text changes"
    assert (other.findtext(f"{A}id"), root.findtext(f"{A}id")) == (root.findtext(f"{A}id"),) * 2
    assert other.findtext(f"{A}updated") == moved.findtext(f"{A}updated") != second.findtext(f"{A}updated")
    assert check([mention(3, "", state="deleted"), mention(4, "x", state="withheld")]) == []


@pytest.mark.parametrize("empty", [[], [mention(1, "")]])
def test_an_empty_feed_is_a_feed(empty: list[Mention]) -> None:
    check(empty)
