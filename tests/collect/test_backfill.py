"""A back-fill reads a source's past page by page, quietly, apart from its live cursor, and goes on where it was."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from listen.clock import SystemClock
from listen.collect import backfill
from listen.store.sqlite import connect_reader
from sources import hackernews, walk
from tests.collect.collecting import config, source
from tests.collect.server import Reply, Seen, Server

DAY = 86_400
FEED = """<rss version="2.0"><channel><title>t</title><item><title>acme now</title><guid>g1</guid>
<link>https://x.example/1</link></item></channel></rss>"""


class Algolia:
    """A search whose 7 hits, one a day, come 3 at a time; `broken` answers 500 once so many have been asked."""

    def __init__(self, now: float) -> None:
        self.now, self.asked, self.broken = now, 0, 99

    async def __call__(self, seen: Seen, writer: asyncio.StreamWriter) -> None:
        reply = self.reply(seen)
        writer.write(reply.head() + b"".join(reply.payload()))
        await writer.drain()

    def reply(self, seen: Seen) -> Reply:
        self.asked += 1
        if self.asked > self.broken:
            return Reply(404, body=b"no")
        bounds = parse_qs(urlsplit(seen.path).query)["numericFilters"][0].split(",")
        low = int(bounds[0].removeprefix("created_at_i>="))
        high = int(bounds[1].removeprefix("created_at_i<=")) if len(bounds) > 1 else 1 << 40
        times = [int(self.now) - day * DAY for day in range(7)]
        found = [at for at in times if low <= at <= high]
        hits = [
            {"objectID": str(at), "created_at_i": at, "_tags": ["comment"], "comment_text": "acme", "author": "joe"}
            for at in found[:3]
        ]
        return Reply(body=json.dumps({"hits": hits, "nbHits": len(found), "hitsPerPage": 3}).encode())


def rows(store: Path, sql: str) -> list[object]:
    connection = connect_reader(store)
    try:
        return connection.execute(sql).fetchall()
    finally:
        connection.close()


async def test_the_past_is_read_quietly_and_gone_on_with(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = SystemClock()
    algolia = Algolia(clock.now() - 60)
    server.on("/api/v1/search_by_date", algolia)
    settings = {"host": server.url("").rstrip("/"), "search": ["acme"]}
    told = config(tmp_path / "l.db", source("hn", adapter="hackernews", settings=settings))
    shown: list[float] = []
    algolia.broken = 2
    (half,) = await backfill.fill(told, "hn", 5.5 * DAY, clock, lambda filled: shown.append(filled.share))
    assert (half.done, half.pages, bool(half.problem)) == (False, 2, True)
    assert shown == sorted(shown)
    assert 0 < shown[0] < 1
    algolia.broken = 99
    (rest,) = await backfill.fill(told, "hn", 5.5 * DAY, clock, lambda filled: None)
    assert (rest.done, rest.resumed, rest.able, rest.problem) == (True, True, True, "")
    assert rest.new + half.new == 6
    assert rows(told.store, "SELECT count(*) FROM mentions") == [(6,)]
    assert rows(told.store, "SELECT count(*) FROM arrivals WHERE quiet") == [(6,)]
    assert rows(told.store, "SELECT cursor FROM channels") == [("{}",)], "the live cursor stays as it is"
    (again,) = await backfill.fill(told, "hn", 5.5 * DAY, clock, lambda filled: None)
    assert (again.new, again.resumed, again.done) == (0, False, True)


async def test_a_place_without_a_past_says_what_it_has(server: Server, tmp_path: Path) -> None:
    server.on("/feed", Reply(body=FEED.encode()))
    told = config(tmp_path / "l.db", source("press", server.url("/feed")))
    (done,) = await backfill.fill(told, "press", 30 * DAY, SystemClock(), lambda filled: None)
    assert (done.new, done.able, done.done, done.problem) == (1, False, True, "")


def test_a_back_fill_is_asked_for_by_its_bounds() -> None:
    from sources.base import Channel

    adapter = hackernews.HackerNewsAdapter()
    (channel,) = adapter.channels({"search": ["acme"]}, [])
    assert isinstance(channel, Channel)
    cursor = adapter.back(channel, 1_000_000_000, 1_700_000_000)
    assert cursor is not None
    asked = dict(adapter.request(channel, cursor, 1_700_000_000).params)
    assert asked["numericFilters"] == "created_at_i>=1000000000"


def test_mappings_whose_questions_name_a_time_reach_back() -> None:
    import sources
    from sources.base import Backfills

    for name, able in (("github", True), ("lobsters", False)):
        adapter = sources.get(name)
        assert isinstance(adapter, Backfills)
        channel = adapter.channels({"search": ["acme"]} if able else {"tags": ["x"]}, ["acme"])[0]  # type: ignore[attr-defined]
        cursor = adapter.back(channel, 1_600_000_000, 1_700_000_000)
        assert (cursor is not None) == able
        if cursor is not None:
            assert "2020-09" in str(adapter.request(channel, cursor, 1_700_000_000))  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("name", "settings", "reaches"),
    [
        ("bluesky", {"authors": ["acme.example"]}, True),
        ("lemmy", {"communities": ["acme@lemmy.example"]}, True),
        ("reddit", {"subreddits": ["acme"], "client_id": "env:A", "client_secret": "env:B"}, True),
        ("discourse", {"hosts": ["forum.example"], "search": ["acme"]}, True),
        ("discourse", {"hosts": ["forum.example"]}, False),
        ("bluesky", {"stream": True}, False),
    ],
)
def test_places_that_list_by_time_reach_back(name: str, settings: dict[str, object], reaches: bool) -> None:
    import sources
    from sources.base import Backfills

    adapter = sources.get(name)
    assert isinstance(adapter, Backfills)
    channel = adapter.channels(settings, [])[0]  # type: ignore[attr-defined]
    cursor = adapter.back(channel, 1_600_000_000, 1_700_000_000)
    assert (cursor is not None) == reaches
    if cursor is not None:
        _, more = walk.step(cursor, [1_650_000_000], walk.Reach(60, 0, 1), [], 1_700_000_000, further=True)
        assert more, "one page is not all, whatever a round of its own may take"
        _, more = walk.step(cursor, [1_590_000_000], walk.Reach(60, 0, 1), [], 1_700_000_000, further=True)
        assert not more, "what is older was not asked for"
