"""One page on a brand: every number against the mentions that were said, and honest about what was not heard."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import sources
from listen import countries
from listen.insight.networks import networks
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
            said(1), said(2, author=Author("ann"), lang="fr", score=-600, topics={1: 600}),
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
    assert page.countries == (["fr"], "languages", 0), "English is at home in too many"
    assert [one.name for one in page.over] == ["Viadeo", "Skyrock"]
    assert not {"VKontakte", "Mixi"} & {one.name for one in page.missing}
    assert {"Facebook", "X (Twitter)"} <= {one.name for one in page.missing}
    assert record(page)["silent"] == ["b"]


def test_its_countries_are_those_named_else_the_topics_else_where_it_was_published(desk: Desk, tmp_path: Path) -> None:
    fair = {"network": "feed", "url": "https://press.example.ru/1", "author": None}
    desk.add(
        [said(n, country="fr") for n in range(4)] + [said(n, **fair) for n in range(10, 14)] + [said(20, country="jp")]
    )
    desk.writer.sync_sources([("a", "youtube", {})])
    with Reader(tmp_path / "l.db") as reader:
        published = portrait(reader, "acme", ADAPTERS, now=NOW)
        of_topic = portrait(reader, "acme", ADAPTERS, now=NOW, of_topic={"acme": ("jp",)})
        named = portrait(reader, "acme", ADAPTERS, now=NOW, of_topic={"acme": ("jp",)}, named=["nl", "nl"])
    assert published is not None
    assert of_topic is not None
    assert named is not None
    assert (set(published.countries.codes), published.countries[1:]) == ({"fr", "ru"}, ("published", 9))
    assert [one.name for one in published.missing][:2] == ["VKontakte", "Odnoklassniki"], "near ones first"
    assert (of_topic.countries, of_topic.missing[0].name) == ((("jp",), "topic", 0), "Mixi")
    assert (named.countries, [one.name for one in named.over]) == ((("nl",), "option", 0), ["Hyves"])
    assert "YouTube" not in {one.name for one in named.missing}, "a source hears it"


def test_the_data_file_of_networks_names_adapters_that_are_there() -> None:
    known = {*sources.BUILT_IN, *(path.stem for path in sources.MAPPINGS.glob("*.toml"))}
    for one in networks():
        assert set(one.heard_by) <= known, one.name
        assert one.countries
        assert one.over or one.how, "it says what can be heard, or why not"
        assert all(code == "*" or countries.code(code) == code for code in one.countries)
