"""Lists of feeds."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from sources import opml
from sources.base import SourceError
from sources.opml import Outline
from tests.sources.reading import DATA, data


def test_outlines_with_labels_folders_and_categories() -> None:
    found = opml.parse(data("list.opml"))
    assert [one for one in found if not one.refused] == [
        Outline("https://kettles.example/feed.xml", "Kettle Watch"),
        Outline("https://titled.example/rss", "Titled", ("one", "two/three")),
        Outline("https://nameless.example/atom.xml"),
        Outline("https://the.example/rss.xml", "Le Thé & Cie", ("Press", "France")),
    ]


def test_what_is_written_is_read_again() -> None:
    feeds = [Outline("https://a.example/?x=1&y=2", 'Le Thé "vert" & <Cie>\x07'), Outline("https://b.example/")]
    text = opml.written({"press & co": [*feeds, Outline("|ls", refused="a command")], "nothing": []})
    assert opml.parse(text.encode()) == [
        Outline("https://a.example/?x=1&y=2", 'Le Thé "vert" & <Cie>', ("press & co",)),
        Outline("https://b.example/", "https://b.example/", ("press & co",)),
    ]


def test_commands_and_files_are_refused_with_the_reason() -> None:
    refused = {one.url: one.refused for one in opml.parse(data("list.opml")) if one.refused}
    assert list(refused) == [
        "|~/bin/fetch.py",
        "exec:/bin/ls",
        "filter:cut:https://x.example/",
        "file:///etc/passwd",
        "gopher://old.example/",
    ]
    assert {reason for url, reason in refused.items() if not url.startswith("gopher")} == {
        "it is a command to run or a local file, and feeds are only fetched over http and https"
    }
    assert refused["gopher://old.example/"] == "it is no web address"


def test_expanding_keeps_the_order_and_reads_from_the_folder() -> None:
    found = opml.expand(["https://first.example/", "opml:list.opml", "https://last.example/"], DATA)
    assert [one.url for one in found][:2] == ["https://first.example/", "https://kettles.example/feed.xml"]
    assert found[-1] == Outline("https://last.example/")
    assert opml.expand([f"opml:{DATA / 'list.opml'}"], Path("/nowhere")) == opml.parse(data("list.opml"))


WHOLE = '<opml version="2.0"><body><outline text="É" xmlUrl="https://x.example/f"/></body></opml>'


@pytest.mark.parametrize(
    "raw",
    [
        WHOLE.encode(),
        f'<?xml version="1.0" encoding="ISO-8859-1"?>{WHOLE}'.encode("latin-1"),
        f"\n\n<?xml version='1.0'?>{WHOLE}".encode(),
        WHOLE.encode("utf-16"),
        WHOLE.encode("utf-8-sig"),
        WHOLE.upper().replace("HTTPS://X.EXAMPLE/F", "https://x.example/f").encode(),
        f'<!DOCTYPE opml SYSTEM "http://x.example/opml.dtd">{WHOLE}'.encode(),
    ],
)
def test_encodings_and_spellings(raw: bytes) -> None:
    assert opml.parse(raw) == [Outline("https://x.example/f", "É")]


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        ("", "not well-formed"),
        ("no xml", "not well-formed"),
        (WHOLE[:-3], "line 1: the file is not well-formed"),
        ("<rss><body/></rss>", "root element is <rss>"),
        ("<opml><head/></opml>", "no <body>"),
        (f'<!DOCTYPE opml [<!ENTITY x "y">]>{WHOLE}', "entities of its own"),
        (
            '<!DOCTYPE opml [<!ENTITY x SYSTEM "file:///etc/passwd">]><opml><body><outline text="&x;" xmlUrl="https://x"/></body></opml>',
            "entities",
        ),
        ("<opml><body>" + "<outline>" * 100 + "</outline>" * 100 + "</body></opml>", "nested"),
        (
            "<opml><body>" + '<outline xmlUrl="https://x.example/"/>' * (opml.OUTLINES + 1) + "</body></opml>",
            "more than 10,000",
        ),
        (WHOLE + " " * opml.SIZE, "larger than"),
    ],
)
def test_what_is_no_list_says_so(raw: str, words: str) -> None:
    with pytest.raises(SourceError) as caught:
        opml.parse(raw.encode())
    assert caught.value.reason == "opml"
    assert words in caught.value.message
    assert caught.value.remedy


def test_outlines_outside_of_the_body_do_not_count() -> None:
    raw = '<opml><head><outline xmlUrl="https://x.example/1"/></head><body><outline xmlUrl="https://x.example/2"/></body></opml>'
    assert [one.url for one in opml.parse(raw.encode())] == ["https://x.example/2"]


def test_files_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    (tmp_path / "large.opml").write_bytes(b"<" + b" " * opml.SIZE)
    (tmp_path / "bad.opml").write_bytes(b"<opml>")
    (tmp_path / "secret.opml").write_bytes(WHOLE.encode())
    (tmp_path / "secret.opml").chmod(0)
    (tmp_path / "folder.opml").mkdir()
    names = ["missing.opml", "large.opml", "bad.opml", "folder.opml"]
    for name in names if os.geteuid() == 0 else [*names, "secret.opml"]:
        with pytest.raises(SourceError) as caught:
            opml.expand([f"opml:{name}"], tmp_path)
        assert caught.value.reason == "opml"
        assert str(tmp_path / name) in caught.value.message
