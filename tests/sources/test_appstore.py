"""Reviews of the App Store: what is asked, what is read, and what an empty answer means; also through the collector."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from listen.collect.http import Client
from sources.appstore import AppStoreAdapter
from sources.base import Answer, Author, Channel, Page
from tests.collect.clocks import TurnedClock
from tests.collect.collecting import collecting, config, rows, source
from tests.collect.server import Reply, Server
from tests.sources.asked import faulty, round_of
from tests.sources.reading import NOW, at

ADAPTER = AppStoreAdapter()
PLACE = "/fr/rss/customerreviews/page={}/id=284882215/sortby=mostrecent/json"


def review(number: int, moment: str = "2026-11-20T03:00:00-07:00", **fields: Any) -> dict[str, Any]:
    told = {
        "id": number, "title": f"Review {number}", "content": "it loads, acme", "updated": moment, "im:rating": 2,
        "im:version": "9.1.0", "im:voteSum": 3, **fields,
    }  # fmt: skip
    author = {"name": {"label": "ann"}, "uri": {"label": "https://itunes.apple.com/fr/reviews/id1"}}
    return {key: {"label": str(value)} for key, value in told.items()} | {"author": author}


def feed(*entries: Any, **more: Any) -> bytes:
    return json.dumps(
        {"feed": {"title": {"label": "t"}, **({"entry": list(entries)} if entries else {}), **more}}
    ).encode()


def channel(**settings: Any) -> Channel:
    return ADAPTER.channels({"apps": ["284882215"], "countries": ["fr"], **settings}, [])[0]


def read(body: bytes, cursor: Any = None) -> Page:
    return ADAPTER.parse(channel(), cursor or {}, Answer("https://x", 200, {}, body), NOW)


def test_each_app_in_each_country_is_asked_for() -> None:
    apps = ["284882215", "https://apps.apple.com/fr/app/acme/id123456?mt=8"]
    found = ADAPTER.channels({"apps": apps, "countries": ["FR", "us"]}, [])
    assert [one.key for one in found] == ["fr:284882215", "us:284882215", "fr:123456", "us:123456"]
    assert ADAPTER.request(found[2], {}, NOW).url == (
        "https://itunes.apple.com/fr/rss/customerreviews/page=1/id=123456/sortby=mostrecent/json"
    )
    assert ADAPTER.channels({"apps": ["284882215"]}, [])[0].key == "us:284882215"


@pytest.mark.parametrize("settings", [{}, {"apps": ["acme"]}, {"apps": ["1234"], "countries": ["France"]}])
def test_settings_that_cannot_work_say_so(settings: dict[str, Any]) -> None:
    with faulty("settings"):
        ADAPTER.channels(settings, [])


def test_a_review_and_what_stands_among_them() -> None:
    page = read(feed({"im:name": {"label": "Acme"}, "id": {"label": "app"}}, review(7), {"title": {}}, "x"))
    (post,) = page.posts
    assert (post.network, post.external_id, post.kind, post.rating, post.likes) == ("appstore", "7", "review", 2, 3)
    assert post.country == "fr"
    assert (post.title, post.text) == ("Review 7", "it loads, acme")
    assert post.author == Author("ann", url="https://itunes.apple.com/fr/reviews/id1")
    assert post.published_at == at("2026-11-20T10:00")
    assert len(page.rejects) == 2
    assert read(feed(review(8, **{"im:rating": 9}))).posts[0].rating is None


def test_one_review_is_no_list_in_the_recording(shared: Path) -> None:
    (post,) = read((shared / "fixtures/appstore/reviews_single_entry.json").read_bytes()).posts
    assert (post.external_id, post.rating, post.title) == ("13000000001", 2, "Ça plante depuis la mise à jour")
    assert post.published_at == at("2026-09-30T18:02:13")
    assert post.url == "https://itunes.apple.com/fr/review?id=1&type=Purple%20Software"


def test_no_reviews_are_none_at_first_and_a_fault_where_there_were_some() -> None:
    assert read(feed()).posts == []
    known = read(feed(review(7))).cursor
    with faulty("empty"):
        read(feed(), known)
    with faulty("shape"):
        read(b"{}")
    with faulty("parse"):
        read(b"<html>busy</html>")


async def test_pages_are_read_to_where_the_last_round_ended(client: Client, clock: TurnedClock, server: Server) -> None:
    days = [f"2026-11-{20 - number // 50:02}T03:00:00Z" for number in range(120)]
    for page in range(3):
        reviews = [review(number, days[number]) for number in range(page * 50, min(120, page * 50 + 50))]
        server.on(PLACE.format(page + 1), Reply(body=feed(*reviews)))
    where = channel(host=server.url())
    whole = await round_of(client, ADAPTER, where, {}, clock)
    assert len({post.external_id for post in whole.posts}) == 120
    again = await round_of(client, ADAPTER, where, whole.cursor, clock)
    assert len(again.posts) == 100, "a day is read again, and the third page lies before it"


async def test_reviews_become_mentions_with_stars_and_an_edited_one_is_the_same(tmp_path: Path, server: Server) -> None:
    store = tmp_path / "listen.db"
    server.on(PLACE.format(1), Reply(body=feed(review(7))), Reply(body=feed(review(7, content="it died, acme"))))
    asked = source("reviews", adapter="appstore", settings={
        "apps": ["284882215"], "countries": ["fr"], "host": server.url(),
    })  # fmt: skip
    clock = TurnedClock()
    async with collecting(config(store, asked), clock) as run:
        await run.until(lambda: run.of("page"))
        clock.turn(120)
        await run.until(lambda: len(run.of("page")) == 2)
    assert rows(store, "SELECT external_id, rating, text FROM mentions") == [("7", 2, "it died, acme")]
