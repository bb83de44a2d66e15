"""The fictional week: the same every time, in four languages, with a crisis on its fifth day."""

from __future__ import annotations

import json
from collections import Counter

import pytest

import sources
from listen.clock import PlayedClock
from listen.demo.server import Site
from listen.demo.week import BRAND, DAYS, week
from sources.base import Answer, Page

START = 1_790_000_000.0
END = START + DAYS * 86_400


class Still:
    """A clock that stands where it is put."""

    def __init__(self, now: float) -> None:
        self.at = now

    def now(self) -> float:
        return self.at

    def pace(self) -> float:
        return 1.0

    async def sleep(self, seconds: float) -> None:
        self.at += seconds


def test_the_same_seed_gives_the_same_week() -> None:
    assert week(START) == week(START)
    assert week(START) != week(START, seed=6)


def test_it_has_what_a_demonstration_needs() -> None:
    said = [one for one in week(START) if one.at < END]
    assert len(said) >= 600
    assert set(Counter(one.lang for one in said)) == {"en", "fr", "de", "es"}
    assert len({one.place for one in said}) >= 6
    assert sum(BRAND in one.text or BRAND in (one.title or "") for one in said) >= 300
    copies = Counter(one.text for one in said if one.place in ("daily-spoke", "harbour-post"))
    assert max(copies.values()) >= 2
    assert any("\x1b" in one.text for one in said)


def test_the_fifth_day_is_a_crisis() -> None:
    said = [one for one in week(START) if one.at < END]
    by_day = Counter(int((one.at - START) // 86_400) for one in said)
    assert by_day.most_common(1)[0][0] == 4
    assert by_day[4] >= 2 * sorted(by_day.values())[len(by_day) // 2]


@pytest.mark.parametrize(
    ("adapter", "settings", "place"),
    [
        ("feed", {"urls": ["http://127.0.0.1/press/daily-spoke.xml"]}, "daily-spoke"),
        ("feed", {"urls": ["http://127.0.0.1/press/harbour-post.xml"]}, "harbour-post"),
        ("feed", {"urls": ["http://127.0.0.1/press/courrier.xml"]}, "courrier"),
        ("feed", {"urls": ["http://127.0.0.1/tags/norvola.rss"]}, "social"),
        ("feed", {"urls": ["http://127.0.0.1/forum.atom"]}, "forum"),
        ("feed", {"urls": ["http://127.0.0.1/reviews.json"]}, "reviews"),
        ("feed", {"urls": ["http://127.0.0.1/bazaar.xml"]}, "bazaar"),
        ("hackernews", {"host": "http://127.0.0.1", "search": [BRAND]}, "hn"),
    ],
)
def test_the_real_adapters_read_every_place(adapter: str, settings: dict[str, list[str]], place: str) -> None:
    site = Site(START, Still(END))
    page = read(site, adapter, settings)
    shown = [one for one in site.said if one.place == place and one.at <= END]
    assert shown
    if place == "hn":
        shown = [one for one in shown if BRAND.lower() in f"{one.title} {one.text}".lower()]
    assert len(page.posts) == min(400, len(shown))
    assert {post.published_at for post in page.posts} <= {int(one.at) for one in shown}


def read(site: Site, adapter: str, settings: dict[str, list[str]]) -> Page:
    one = sources.get(adapter)
    channel = one.channels(settings, [])[0]
    request = one.request(channel, {}, END)
    query = "&".join(f"{name}={value}" for name, value in request.params)
    path = request.url.removeprefix("http://127.0.0.1")
    status, kind, body = site.answer(f"{path}?{query}" if query else path)
    assert status == 200
    return one.parse(channel, {}, Answer(request.url, status, {"content-type": kind}, body), END)


def test_nothing_is_shown_before_its_time() -> None:
    clock = Still(START + 3600)
    site = Site(START, clock)
    _, _, body = site.answer("/reviews.json")
    early = len(json.loads(body)["items"])
    clock.at = END
    _, _, body = site.answer("/reviews.json")
    assert early < len(json.loads(body)["items"])


def test_the_played_clock_ends_at_the_real_time(monkeypatch: pytest.MonkeyPatch) -> None:
    wall = 1_000_000.0
    monkeypatch.setattr("listen.clock.time.time", lambda: wall)
    clock = PlayedClock(wall=1_000_000.0, played=1_000_000.0 + 10 - 700, rate=70.0)
    assert clock.now() == 1_000_000.0 + 10 - 700
    wall += 5
    assert clock.now() == 1_000_000.0 + 10 - 350
    wall += 5
    assert clock.now() == wall
    wall += 100
    assert clock.now() == wall
