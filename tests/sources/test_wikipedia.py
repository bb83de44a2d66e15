"""Edits of Wikipedia's articles out of Wikimedia's stream."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from listen.collect.http.sse import Events
from sources.base import Channel, Frame, Page, SourceError
from sources.wikipedia import REMEMBERED, WikipediaAdapter

NOW = 1_795_000_000.0
WIKIPEDIA = WikipediaAdapter()
ID = '[{"topic":"eqiad.mediawiki.recentchange","partition":0,"timestamp":1596207527001}]'


def channel(*terms: str, **settings: Any) -> Channel:
    (found,) = WIKIPEDIA.channels(settings, terms)
    return found


def edit(title: str = "Acme Corporation", comment: str = "", **more: Any) -> dict[str, Any]:
    fields = {
        "meta": {"domain": "fr.wikipedia.org", "dt": "2026-11-18T08:26:00Z"}, "type": "edit", "namespace": 0,
        "title": title, "comment": comment, "timestamp": int(NOW) - 40, "user": "Ana B", "bot": False,
        "revision": {"old": 7, "new": 8},
    }  # fmt: skip
    return {**fields, **more}


def read(told: Channel, *edits: Any, cursor: dict[str, Any] | None = None) -> Page:
    frames = [Frame(json.dumps(one).encode(), "message", ID) for one in edits]
    return WIKIPEDIA.read(told, cursor or {}, frames, NOW)


def test_an_edit_becomes_a_post() -> None:
    page = read(channel("acme"), edit(comment="/* Histoire */ voir [[Pile|la pile]], [[Acme]]"))
    (post,) = page.posts
    assert (post.external_id, post.kind, post.lang) == ("fr.wikipedia.org:8", "edit", "fr")
    assert post.url == "https://fr.wikipedia.org/w/index.php?diff=8&oldid=7"
    assert (post.title, post.text) == ("Acme Corporation", "Histoire: voir la pile, Acme")
    assert post.author is not None
    assert (post.author.handle, post.author.url) == ("Ana B", "https://fr.wikipedia.org/wiki/User:Ana_B")
    assert post.published_at == int(NOW) - 40
    assert page.cursor == {"id": ID, "at": int(NOW) - 40}
    assert page.at == NOW - 40


def test_only_what_is_looked_for_is_kept() -> None:
    others = [
        edit("Battery", type="categorize"), edit(namespace=10), edit(bot=True), edit("Nothing to see"),
        edit(meta={"domain": "www.wikidata.org"}), edit(meta={"domain": "canary"}), edit(revision=None),
        edit(meta={"domain": "fr.wikipedia.org/../x"}),
    ]  # fmt: skip
    assert read(channel("acme"), *others).posts == []
    assert len(read(channel("acme", bots=True), edit(bot=True)).posts) == 1
    found = read(channel('acme "spare part"', "#ÉLECTRIQUE"), edit("Acme"), edit("X", "spare: a part of ACME"),
                 edit("Voiture electrique", namespace=1))  # fmt: skip
    assert [post.title for post in found.posts] == ["X", "Voiture electrique"]
    pages = channel("ignored", pages=["Pile_rechargeable"], wikis=["fr.wikipedia.org"])
    heard = read(
        pages,
        edit("Pile rechargeable"),
        edit("Ignored"),
        edit("Pile rechargeable", meta={"domain": "de.wikipedia.org"}),
    )
    assert [post.title for post in heard.posts] == ["Pile rechargeable"]


def test_it_goes_on_from_the_last_event_and_says_where_it_cannot() -> None:
    first = WIKIPEDIA.socket(channel("acme"), {}, NOW)
    assert (first.kind, first.request.url, first.request.headers, first.since) == (
        "sse", "https://stream.wikimedia.org/v2/stream/recentchange", {}, None,
    )  # fmt: skip
    assert first.request.contact
    later = WIKIPEDIA.socket(channel("acme"), {"id": ID, "at": int(NOW) - 90}, NOW)
    assert later.request.headers == {"Last-Event-ID": ID}
    assert later.since == NOW - 90
    long_ago = {"id": ID, "at": int(NOW) - 2 * REMEMBERED}
    assert WIKIPEDIA.socket(channel("acme"), long_ago, NOW).since == NOW - REMEMBERED
    page = read(channel("acme"), edit(), cursor=long_ago)
    assert page.gap == (NOW - 2 * REMEMBERED, NOW - 40)


def test_bad_frames_spare_the_others_and_an_error_ends_the_stream() -> None:
    told = channel("acme")
    frames = [Frame(b"{"), Frame(b"[]"), Frame(b"\xff"), Frame(json.dumps(edit(title=["x"], meta=7)).encode()),
              Frame(json.dumps(edit()).encode(), "message", "bad\nid"), Frame(b"gone", "error")]  # fmt: skip
    page = WIKIPEDIA.read(told, {}, [*frames, *frames[4:5]], NOW)
    assert len(page.posts) == 1
    assert len(page.rejects) == 3
    assert "id" not in page.cursor
    assert page.ending is not None
    assert not page.ending.refused


def test_settings_that_cannot_work_are_named() -> None:
    for settings, key in (({"wikis": ["fr"]}, "wikis"), ({}, "search")):
        with pytest.raises(SourceError, match=key):
            WIKIPEDIA.channels(settings, [])


def test_the_recorded_stream(shared: Path) -> None:
    frames = Events(1 << 20).feed((shared / "fixtures/wikipedia/recentchange.sse.txt").read_bytes())
    assert len(frames) == 3
    told = channel("נתוני", bots=True, search=["נתוני", "jeff"])
    page = WIKIPEDIA.read(told, {}, frames, NOW)
    assert page.posts == [], "a template, a category and a canary"
    assert page.cursor["id"] == frames[0].id
    assert page.rejects == []
