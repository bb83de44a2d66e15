"""Hacker News by Algolia's search: what is asked, what is read, and how a channel moves through time."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest

from sources import hackernews
from sources.base import Answer, Author, Channel, Cursor, Page, SourceError
from sources.hackernews import HITS, OVERLAP, HackerNewsAdapter
from tests.sources.reading import NOW, at, body, data, title

ADAPTER = HackerNewsAdapter()


def channel(term: str | None = "kettle", **settings: object) -> Channel:
    return ADAPTER.channels(settings, [term] if term else [])[0]


def read(raw: bytes | object, cursor: Cursor | None = None, *, where: Channel | None = None, now: float = NOW) -> Page:
    body = raw if isinstance(raw, bytes) else json.dumps(raw).encode()
    return ADAPTER.parse(where or channel(), cursor or {}, Answer(hackernews.HOST, 200, {}, body), now)


def hits(*found: Any, **fields: Any) -> dict[str, Any]:
    return {"hits": list(found), "nbHits": len(found), "hitsPerPage": HITS, **fields}


def hit(number: int, moment: int, **fields: Any) -> dict[str, Any]:
    return {"objectID": str(number), "created_at_i": moment, "_tags": ["story"], "title": f"n{number}", **fields}


# --- channels and requests --------------------------------------------------------------------------------------------


def test_one_channel_for_each_word_of_the_topics_or_of_the_setting() -> None:
    def keys(settings: dict[str, object], terms: Sequence[str]) -> list[tuple[str, str]]:
        return [(one.key, one.label) for one in ADAPTER.channels(settings, terms)]

    assert keys({}, ["acme", "acme battery"]) == [("search:acme", "acme"), ("search:acme battery", "acme battery")]
    assert keys({"search": ["own", ' "own" ', "two  words"]}, ["acme"]) == [
        ("search:own", "own"),
        ("search:two words", "two words"),
    ]
    assert keys({}, []) == [("all", "everything new")]


@pytest.mark.parametrize(
    "settings", [{"host": "hn.example"}, {"host": "file:///etc"}, {"search": "acme"}, {"search": [7]}]
)
def test_settings_that_cannot_work_say_so(settings: dict[str, object]) -> None:
    with pytest.raises(SourceError) as caught:
        ADAPTER.channels(settings, [])
    assert caught.value.reason == "settings"


def asked(where: Channel, cursor: Cursor, now: float = NOW) -> dict[str, str]:
    return dict(ADAPTER.request(where, cursor, now).params)


def test_the_question() -> None:
    request = ADAPTER.request(channel("acme battery", host="http://127.0.0.1:8080/"), {"since": 1_772_618_400}, NOW)
    assert request.url == "http://127.0.0.1:8080/api/v1/search_by_date"
    assert dict(request.params) == {
        "query": '"acme battery"',
        "tags": "(story,comment)",
        "numericFilters": f"created_at_i>={1_772_618_400 - OVERLAP}",
        "hitsPerPage": "500",
        "typoTolerance": "false",
        "advancedSyntax": "true",
    }
    assert asked(channel("batter*"), {})["query"] == "batter"
    assert asked(channel(None), {})["query"] == ""


def test_the_first_round_goes_back_a_week_or_an_hour() -> None:
    assert asked(channel(), {})["numericFilters"] == f"created_at_i>={int(NOW) - 7 * 86_400}"
    assert asked(channel(None), {})["numericFilters"] == f"created_at_i>={int(NOW) - 3_600}"


@pytest.mark.parametrize(
    "cursor", [{"since": "x"}, {"since": None, "low": True}, {"until": 5}, {"seen": "of another adapter"}]
)
def test_a_spoilt_cursor_starts_anew(cursor: Cursor) -> None:
    assert asked(channel(), cursor)["numericFilters"] == f"created_at_i>={int(NOW) - 7 * 86_400}"


@pytest.mark.parametrize("cursor", [{"since": 1}, {"low": 1}, {"since": -9, "low": -9, "until": 1, "top": 1}])
def test_a_cursor_from_the_future_starts_anew_and_is_gone_after_a_full_answer(cursor: dict[str, int]) -> None:
    ahead = {key: int(NOW) + 86_400 * days for key, days in cursor.items()}
    assert asked(channel(), ahead)["numericFilters"] == f"created_at_i>={int(NOW) - 7 * 86_400}"
    found = {**hits(*(hit(n, int(NOW) - n) for n in range(3))), "hitsPerPage": 3, "nbHits": 9}
    page = read(found, ahead)
    assert page.more
    assert page.cursor == {"low": int(NOW) - 7 * 86_400, "until": int(NOW) - 2, "top": int(NOW)}


# --- hits -------------------------------------------------------------------------------------------------------------


def test_stories_comments_and_questions() -> None:
    page = read(data("search.json"))
    comment, show, ask = page.posts
    assert page.rejects == []
    assert (comment.network, comment.external_id, comment.kind) == ("hackernews", "42000003", "comment")
    assert (title(comment), body(comment)) == (None, "It's loud.\n\nAnd it leaks.")
    assert comment.url == "https://news.ycombinator.com/item?id=42000003"
    assert comment.author == Author("ann", url="https://news.ycombinator.com/user?id=ann")
    assert (comment.parent_id, comment.thread_id) == ("42000002", "42000001")
    assert (comment.likes, comment.replies, comment.published_at) == (None, None, at("2026-03-04T10:05"))
    assert (show.kind, title(show), show.url) == (
        "post",
        "Show HN: Brewster, an R&D kettle <open>",
        "https://brewster.example/",
    )
    assert (show.likes, show.replies, show.tags, show.thread_id) == (92, 48, ("show_hn",), "42000001")
    assert (title(ask), body(ask), ask.tags) == ("Ask HN: Which kettle & why?", "Mine broke.", ("ask_hn",))
    assert ask.url == "https://news.ycombinator.com/item?id=42000000"
    assert (ask.likes, ask.replies) == (0, 0), "nought is known, which is not unknown"


def test_deleted_and_dead() -> None:
    page = read(hits(hit(1, 1_790_000_000, deleted=True), hit(2, 1_790_000_000, dead=True), hit(3, 1_790_000_000)))
    assert [post.state for post in page.posts] == ["deleted", "withheld", "active"]


def test_bad_hits_are_rejected_and_their_neighbours_kept() -> None:
    page = read(hits(None, "x", {}, {"objectID": None}, {"objectID": {}}, hit(1, 1_790_000_000), hit(1, 1_790_000_000)))
    assert [post.external_id for post in page.posts] == ["1"]
    assert len(page.rejects) == 5
    assert {reject.reason for reject in page.rejects} == {"shape: a hit without id, or no object at all"}


def test_fields_of_the_wrong_type_are_unknown() -> None:
    spoilt = {"objectID": 7, "title": 5, "author": [], "points": "many", "num_comments": -3,
               "created_at_i": "soon", "_tags": "story",
              "url": "javascript:alert(1)", "story_text": {}, "story_id": [], "created_at": 5}  # fmt: skip
    post = read(hits(spoilt)).posts[0]
    assert (post.external_id, post.title, post.text, post.author, post.likes, post.replies, post.published_at) == (
        "7", None, "", None, None, None, None,
    )  # fmt: skip
    assert post.url == "https://news.ycombinator.com/item?id=7"


def test_a_cut_emoji_costs_one_sign() -> None:
    raw = b'{"hits": [{"objectID": "1", "title": "a \\ud83d b"}, {"objectID": "2", "title": "good \\ud83d\\ude00"}]}'
    assert [title(post) for post in read(raw).posts] == ["a \ufffd b", "good 😀"]


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"", "parse"),
        (b"<html>", "parse"),
        (b"[]", "shape"),
        (b"null", "shape"),
        (b'{"hits": {}}', "shape"),
        (b'{"message": "Invalid\\u001b[31m value", "status": 400}', "shape"),
        (b'{"hits": ' + b"[" * 100_000, "limit:depth"),
    ],
)
def test_what_is_no_search_result(raw: bytes, reason: str) -> None:
    with pytest.raises(SourceError) as caught:
        read(raw)
    assert caught.value.reason == reason
    assert caught.value.remedy


# --- the walk through time --------------------------------------------------------------------------------------------


class Search:
    """A search that answers as Algolia does: the newest first, at most `room` hits, within the bounds asked for."""

    def __init__(self, room: int = HITS, *, count_all: bool = True) -> None:
        self.room = room
        self.count_all = count_all
        self.moments: list[tuple[int, int]] = []
        self.asked = 0

    def add(self, *moments: int) -> None:
        self.moments += [(moment, len(self.moments) + number) for number, moment in enumerate(moments)]

    def answer(self, filters: str) -> dict[str, Any]:
        self.asked += 1
        low, high = 0, 2**40
        for part in filters.split(","):
            if part.startswith("created_at_i>="):
                low = int(part[14:])
            else:
                high = int(part.removeprefix("created_at_i<="))
        within = sorted((pair for pair in self.moments if low <= pair[0] <= high), reverse=True)
        found = [hit(number, moment) for moment, number in within[: self.room]]
        return hits(*found, nbHits=len(within) if self.count_all else len(found), hitsPerPage=self.room)


def round_of(search: Search, cursor: Cursor, now: float, where: Channel | None = None) -> tuple[list[str], Cursor]:
    """All ids of one round of questions."""
    where = where or channel()
    found: list[str] = []
    for _ in range(200):
        page = read(search.answer(asked(where, cursor, now)["numericFilters"]), cursor, where=where, now=now)
        found += [post.external_id for post in page.posts]
        cursor = page.cursor
        if not page.more:
            return found, cursor
    raise AssertionError("the round does not end")


@pytest.mark.parametrize("count_all", [True, False])
@pytest.mark.parametrize("room", [1, 7, 100, HITS])
def test_a_round_reads_all_there_is_and_later_rounds_what_is_new(room: int, count_all: bool) -> None:
    search = Search(room, count_all=count_all)
    start = int(NOW) - 86_400
    search.add(*(start + number * 600 for number in range(40)))
    found, cursor = round_of(search, {}, NOW)
    assert set(map(int, found)) == set(range(40))
    assert cursor == {"since": start + 39 * 600}
    late, new = int(cursor["since"] or 0) - 3_600, int(NOW) + 300  # indexed late; written since
    search.add(late, new)
    found, cursor = round_of(search, cursor, NOW + 600)
    assert {"40", "41"} <= set(found)
    assert len(set(found)) <= 16, "only the overlap is read again"
    assert cursor == {"since": new}


def test_a_round_that_was_cut_off_goes_on_where_it_was() -> None:
    search = Search(10)
    search.add(*(int(NOW) - 1_000 - number for number in range(35)))
    first = read(search.answer(asked(channel(), {})["numericFilters"]), {})
    assert first.more
    search.add(int(NOW) + 10)
    found, cursor = round_of(search, json.loads(json.dumps(first.cursor)), NOW + 60)
    assert {*map(int, found)} | {int(post.external_id) for post in first.posts} == set(range(35))
    found, cursor = round_of(search, cursor, NOW + 120)
    assert "35" in found
    assert cursor == {"since": int(NOW) + 10}


def test_silence_moves_nothing() -> None:
    _, cursor = round_of(Search(), {}, NOW)
    assert cursor == {"since": int(NOW) - 7 * 86_400}
    assert round_of(Search(), cursor, NOW + 86_400) == ([], cursor)


def test_more_in_one_second_than_an_answer_holds_is_stepped_over() -> None:
    search = Search(10)
    search.add(*[int(NOW) - 500] * 25, int(NOW) - 600, int(NOW) - 400)
    found, cursor = round_of(search, {}, NOW)
    assert {"25", "26"} <= set(found)
    assert cursor == {"since": int(NOW) - 400}


def test_a_search_that_takes_no_bounds_is_not_asked_for_ever() -> None:
    stuck = hits(*(hit(number, int(NOW) - number) for number in range(HITS)), nbHits=10_000)
    cursor: Cursor = {}
    for _ in range(5):
        page = read(stuck, cursor)
        cursor = page.cursor
        if not page.more:
            break
    assert not page.more


def test_a_count_that_is_wrong_ends_too() -> None:
    one = hits(hit(1, int(NOW) - 100), nbHits=999)
    page = read(one)
    assert page.more
    assert not read(one, page.cursor).more


def test_a_date_in_the_future_does_not_carry_the_cursor_away() -> None:
    page = read(hits(hit(1, int(NOW) + 10**7), hit(2, int(NOW) + 600), hit(3, int(NOW) - 600), hit(4, 5)))
    assert len(page.posts) == 4
    assert page.cursor == {"since": int(NOW)}
    assert [post.published_at for post in page.posts] == [None, int(NOW) + 600, int(NOW) - 600, None]


def test_everything_new_overlaps_less() -> None:
    assert asked(channel(None), {"since": 1_790_000_000})["numericFilters"] == "created_at_i>=1789999100"
