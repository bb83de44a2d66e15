"""Places that relevant mentions cite and nobody hears yet, and what trials have brought."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from listen.insight.discover import Place, discover, last_day, named, trials
from listen.model import Author
from listen.noise import Pattern
from listen.store import schema, sqlite
from listen.store.read import Reader
from listen.store.triage import Triage
from listen.store.write import Writer
from tests.store.posts import NOW, Desk, Turned, fast, make_desk, make_post

CITES = [
    "acme recalled, says https://www.batterynews.example/2026/recall and r/batteries",
    "see https://batterynews.example/other. #BatteryGate #acme",
    "https://old.reddit.com/r/Batteries/comments/1 #batterygate",
    "their feed is https://blog.example/feed.xml, ask @joe@piaille.example",
    "https://blog.example/feed.xml @ann@piaille.example https://youtu.be/x https://press.example/1",
    "https://press.example/2 https://x.com/acme",
]


@pytest.fixture
def desk() -> Iterator[Desk]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "listen.db"
        schema.prepare(path)
        desk = make_desk(Writer(fast(sqlite.connect_writer(path)), Turned(NOW)))
        desk.writer.sync_sources([("a", "feed", {"urls": ["https://press.example/rss"]}), ("b", "mastodon", {})])
        yield desk
        desk.connection.close()


def path_of(desk: Desk) -> Path:
    return Path(desk.rows("PRAGMA database_list")[0][2])


def say(desk: Desk, texts: list[str], *, author: str = "{}", topics: dict[int, int | None] | None = None) -> list[int]:
    told = {1: 0} if topics is None else topics
    return desk.add(
        [
            make_post(
                f"{author}{n}{len(texts)}", text, author=Author(author.format(n)), published_at=NOW - 60, topics=told
            )
            for n, text in enumerate(texts)
        ]
    ).new_ids


def found(desk: Desk) -> dict[str, Place]:
    with Reader(path_of(desk)) as reader:
        return {place.name: place for place in discover(reader, now=NOW)}


def test_places_are_counted_by_mentions_and_authors_without_what_is_heard(desk: Desk) -> None:
    ids = say(desk, CITES)
    places = found(desk)
    assert {(one.kind, one.name, one.mentions, one.authors) for one in places.values()} == {
        ("domain", "batterynews.example", 2, 2), ("subreddit", "r/batteries", 2, 2), ("tag", "#batterygate", 2, 2),
        ("feed", "https://blog.example/feed.xml", 2, 2), ("instance", "piaille.example", 2, 2),
    }  # fmt: skip
    assert places["r/batteries"].examples == (ids[2], ids[0])
    assert places["r/batteries"].lines() == [
        "[sources.r-batteries]", 'adapter = "feed"', 'urls = ["reddit:r/batteries"]',
    ]  # fmt: skip
    assert places["batterynews.example"].lines()[0] == '[sources."batterynews.example"]'
    assert named(list(places.values()), "BatteryGate") == places["#batterygate"]


def test_our_own_sites_and_pages_of_the_network_itself_are_no_discovery(desk: Desk) -> None:
    desk.writer.sync_accounts({"acme": ["shop.example", "@acme@piaille.example"]})
    say(desk, ["acme https://www.shop.example/1", "acme https://help.shop.example/2 @joe@piaille.example"])
    say(desk, ["https://shop.example.org acme @ann@piaille.example", "https://shop.example.org", "nothing"])
    posts = [
        make_post(
            str(n), "acme", author=Author(f"hn{n}"), published_at=NOW - 60, topics={1: 0}, network="hackernews",
            url=f"https://{where}/{n}",
        )
        for n, where in ((41, "hn.example"), (42, "hn.example"), (43, "paper.example/a"), (44, "hn.example?x="))
    ]  # fmt: skip
    desk.add(posts)
    assert set(found(desk)) == {"shop.example.org", "piaille.example"}


def test_only_what_is_relevant_counts_and_one_author_is_no_crowd(desk: Desk) -> None:
    link = ["acme https://spam.example/1", "acme https://spam.example/2"]
    say(desk, link, author="one")
    assert found(desk) == {}
    say(desk, link, author="x{}", topics={})
    assert found(desk) == {}
    ids = say(desk, [*link, "acme"], author="y{}")
    assert list(found(desk)) == ["spam.example"]
    with Triage(path_of(desk), "ana", desk.writer.clock) as ana:
        ana.set_status(ids[:2], "dismissed")
    assert found(desk) == {}
    with Triage(path_of(desk), "ana", desk.writer.clock) as ana:
        ana.undo()
    desk.writer.sync_noise({"all": Pattern("acme", "it says so")})
    while desk.writer.idle():
        pass
    assert found(desk) == {}


def test_a_trial_is_judged_by_its_yield(desk: Desk) -> None:
    desk.writer.set_state("trials", json.dumps({"a": str(last_day(NOW)), "gone": "2026-01-05", "b": "no date"}))
    say(desk, ["acme"] * 4, author="u{}")
    say(desk, ["other"] * 6, author="v{}", topics={})
    with Reader(path_of(desk)) as reader:
        (now,) = trials(reader, now=NOW)
        (over,) = trials(reader, now=NOW + 9 * 86_400)
    assert (now.heard, now.relevant, now.over) == (10, 4, False)
    assert now.told() == "on trial until 2026-01-08: 4 relevant of 10, 40 % so far"
    assert over.told() == ("its trial ended on 2026-01-08: 4 relevant of 10, 40 %: keep it: remove its key trial")
    assert over._replace(relevant=2).told().endswith("drop it: set enabled = false")
