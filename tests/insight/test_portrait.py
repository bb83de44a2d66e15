"""One page on a brand: every number against the mentions that were said, and honest about what was not heard."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from listen.insight.portrait import portrait, record
from listen.model import Author
from listen.noise import Pattern
from listen.store import schema, sqlite
from listen.store.mirror import ChannelUpdate
from listen.store.read import Reader
from listen.store.write import Writer
from tests.store.posts import NOW, Desk, Turned, fast, make_desk, make_post

ADAPTERS = {"feed": "nothing", "mastodon": "nothing", "youtube": "a key", "facebook": "a page"}


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    schema.prepare(tmp_path / "l.db")
    desk = make_desk(Writer(fast(sqlite.connect_writer(tmp_path / "l.db")), Turned(NOW)))
    yield desk
    desk.connection.close()


def said(number: int, **more: object) -> object:
    given = {"published_at": NOW - 60, "topics": {1: -500}, "score": -500, "hits": 1, "author": Author("joe")}
    return make_post(str(number), "acme died", **(given | more))  # type: ignore[arg-type]


def test_the_page_says_what_was_said(desk: Desk, tmp_path: Path) -> None:
    desk.writer.sync_accounts({"we": ["@us"]})
    desk.writer.sync_noise({"spam": Pattern('"promo code"', "a coupon")})
    desk.add(
        [
            said(1), said(2, author=Author("ann"), lang="fr", score=600, topics={1: 600}),
            said(3, published_at=NOW - 86_400 * 3, network="feed", url="https://www.press.example/1", author=None),
            said(4, score=None, hits=None, lang=None, topics={1: None}),
            said(5, published_at=NOW - 86_400 * 40), said(6, topics={2: 0}), said(7, author=Author("us")),
            make_post("8", "promo code", topics={1: 0}, published_at=NOW - 60),
        ]
    )  # fmt: skip
    heard = (NOW - 86_400 * 30, NOW)
    desk.writer.update_channel(desk.channels["b1"].id, ChannelUpdate(heard=heard))
    desk.writer.update_channel(
        desk.channels["b2"].id, ChannelUpdate(errors=2, error_reason="dns", error="no such host")
    )
    with Reader(tmp_path / "l.db") as reader:
        page = portrait(reader, "ACME", ADAPTERS, now=NOW)
        assert portrait(reader, "nobody", ADAPTERS, now=NOW) is None
    assert page is not None
    assert (page.total, page.complete, page.voices, page.noise, page.own) == (4, True, 2, 1, 1)
    assert page.networks == [("net", 3), ("press.example", 1)]
    assert page.authors == [("joe on net", 2), ("ann on net", 1)]
    assert page.tones == {"neg": 2, "pos": 1, "unknown": 1}
    assert page.mean == pytest.approx((-0.5 - 0.5 + 0.6) / 3)
    assert dict(page.languages) == {"en": 2, "fr": 1, "unknown": 1}
    assert (page.per_day[-1], page.per_day[-4], sum(page.per_day), len(page.per_day)) == (3, 1, 4, 30)
    heard_in, quiet = page.sources
    assert (heard_in.name, heard_in.mentions, heard_in.covered) == ("a", 4, 0.0)
    assert (quiet.name, quiet.mentions, quiet.trouble) == ("b", 0, "1 of 2 channels fail")
    assert quiet.covered == pytest.approx(0.5, abs=0.01)
    assert page.silent == [quiet]
    assert page.not_heard == [("facebook", "a page"), ("youtube", "a key")]
    assert page.local == [("Viadeo", "fr")], "a quarter of it is French, none is Russian"
    assert record(page)["silent"] == ["b"]
