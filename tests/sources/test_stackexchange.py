"""Stack Exchange over HTTP on loopback: what is asked, at what pace, and how the allowance is obeyed."""

from __future__ import annotations

import gzip
import json
from typing import Any

import pytest

from listen.collect.http import Client
from sources.base import Channel, Page
from sources.stackexchange import StackExchangeAdapter
from tests.collect.clocks import TurnedClock
from tests.collect.server import Reply, Server
from tests.sources.asked import ask, faulty, params, round_of
from tests.sources.reading import NOW, body, title

ADAPTER = StackExchangeAdapter()


def question(number: int, moment: float, **fields: Any) -> dict[str, Any]:
    return {
        "question_id": number,
        "creation_date": int(moment),
        "title": f"Why &quot;n{number}&quot; &amp; not?",
        "body": "<p>My kettle</p>\n<pre><code>a &lt; b</code></pre>",
        "link": f"https://stackoverflow.com/questions/{number}/n",
        "owner": {"display_name": "Ann &amp; Bo", "user_id": 5, "link": "https://stackoverflow.com/users/5/ann"},
        "tags": ["c++", "kettle"],
        "score": 3,
        "answer_count": 1,
        "view_count": 40,
        **fields,
    }


def told(*items: Any, more: bool = False, **fields: Any) -> Reply:
    raw = json.dumps({"items": items, "has_more": more, "quota_max": 300, "quota_remaining": 298, **fields}).encode()
    return Reply(body=gzip.compress(raw), headers={"Content-Encoding": "gzip"})


def channel(server: Server, *terms: str, **settings: object) -> Channel:
    return ADAPTER.channels({"host": server.url(), **settings}, terms)[0]


PATH = "/2.3/search/advanced"


def test_all_tags_are_one_question_and_searches_one_each() -> None:
    found = ADAPTER.channels(
        {"tags": ["Acme", "acme battery"], "search": ["x y"], "sites": ["stackoverflow.com", "diy"]}, []
    )
    assert [one.key for one in found] == [
        "tags:stackoverflow:acme;acme-battery", "search:stackoverflow:x y", "tags:diy:acme;acme-battery",
        "search:diy:x y",
    ]  # fmt: skip
    asked = dict(ADAPTER.request(found[0], {}, NOW).params)
    assert (asked["tagged"], asked["site"], asked["page"]) == ("acme;acme-battery", "stackoverflow", "1")
    assert asked["fromdate"] == str(int(NOW) - 7 * 86_400)
    assert dict(ADAPTER.request(found[1], {}, NOW).params)["q"] == '"x y"'
    assert [one.settings["term"] for one in ADAPTER.channels({}, ["#acme", "tea"])] == ["acme", "tea"]


def test_without_a_key_all_channels_share_the_day() -> None:
    few = ADAPTER.channels({}, ["a"])
    many = ADAPTER.channels({}, [f"t{number}" for number in range(20)])
    keyed = ADAPTER.channels({"key": "env:SE_KEY"}, [f"t{number}" for number in range(20)])
    assert [few[0].every, many[0].every, keyed[0].every] == [1_800.0, 7_200.0, 600.0]


@pytest.mark.parametrize(
    "settings", [{}, {"search": "a"}, {"key": "abc", "search": ["a"]}, {"host": "ftp://x", "tags": ["a"]}]
)
def test_settings_that_cannot_work_say_so(settings: dict[str, object]) -> None:
    with faulty("settings"):
        ADAPTER.channels(settings, [])


async def test_a_round_with_a_key_that_only_the_server_sees(
    server: Server, client: Client, clock: TurnedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SE_KEY", "U4DMV*8nv")
    server.on(PATH, told(question(2, NOW - 60), more=True), told(question(1, NOW - 600)))
    where = channel(server, "kettle", key="env:SE_KEY")
    assert "U4DMV" not in repr(ADAPTER.request(where, {}, NOW))
    page = await round_of(client, ADAPTER, where, {}, clock)
    assert [post.external_id for post in page.posts] == ["stackoverflow:2", "stackoverflow:1"]
    assert [(params(seen)["page"], params(seen)["key"]) for seen in server.seen] == [
        ("1", "U4DMV*8nv"),
        ("2", "U4DMV*8nv"),
    ]
    assert (page.cursor, page.left, page.pause) == ({"since": int(NOW) - 60}, 298, None)
    assert dict(ADAPTER.request(where, page.cursor, NOW).params)["fromdate"] == str(int(NOW) - 60 - 86_400)


async def test_backoff_and_an_allowance_that_is_used_up(server: Server, client: Client, clock: TurnedClock) -> None:
    server.on(PATH, told(question(1, NOW), backoff=10, more=True), told(quota_remaining=0))
    where = channel(server, "kettle")
    first = await ask(client, ADAPTER, where, {}, clock)
    assert (first.pause, first.more, first.cursor["page"]) == (10, True, 2)
    last = await ask(client, ADAPTER, where, first.cursor, clock)
    assert (last.left, last.pause) == (0, 43_200), "midnight is twelve hours away"
    assert int(NOW) % 86_400 == 43_200


async def read(server: Server, client: Client, clock: TurnedClock, *items: Any) -> Page:
    server.on(PATH, told(*items))
    return await ask(client, ADAPTER, channel(server, "kettle"), {}, clock)


async def test_a_question_with_all_that_is_known(server: Server, client: Client, clock: TurnedClock) -> None:
    (post,) = (await read(server, client, clock, question(7, NOW, last_edit_date=int(NOW) - 5))).posts
    assert (post.network, post.external_id, post.kind) == ("stackexchange", "stackoverflow:7", "post")
    assert (title(post), body(post)) == ('Why "n7" & not?', "My kettle\n\na < b")
    assert (post.likes, post.replies, post.views, post.tags) == (3, 1, 40, ("c++", "kettle"))
    assert (post.state, post.edited_at, post.published_at) == ("edited", int(NOW) - 5, int(NOW))
    assert post.author is not None
    assert (post.author.handle, post.author.name) == ("Ann & Bo@stackoverflow", "Ann & Bo")


async def test_bad_questions_and_no_list(server: Server, client: Client, clock: TurnedClock) -> None:
    spoilt = {"question_id": 5, "title": 3, "owner": "x", "tags": "y", "score": -4, "link": "javascript:a"}
    page = await read(server, client, clock, None, {}, spoilt)
    assert [(post.external_id, post.title, post.author, post.likes) for post in page.posts] == [
        ("stackoverflow:5", None, None, None)
    ]
    assert len(page.rejects) == 2
    server.on(PATH, Reply(body=b'{"items": 3}'))
    with faulty("shape"):
        await ask(client, ADAPTER, channel(server, "kettle"), {}, clock)
    server.on(PATH, Reply(body=b'{"error_id": 502, "error_message": "too many requests"}'))
    with faulty("refused"):
        await ask(client, ADAPTER, channel(server, "kettle"), {}, clock)


def test_refusals_are_told_in_plain_words() -> None:
    bare, keyed = ADAPTER.channels({}, ["a"])[0], ADAPTER.channels({"key": "env:K"}, ["a"])[0]
    assert "enough for today" in str(ADAPTER.refused(bare, 400))
    assert "refuses the key" in str(ADAPTER.refused(keyed, 400))
    assert ADAPTER.refused(bare, 500) is None


async def test_a_back_fill_goes_as_far_back_as_it_is_asked_to(server: Server) -> None:
    """Nine pages of a question each day: more than a round reads of itself."""
    since = NOW - 60 * 86_400
    asked = ADAPTER.back(channel(server, "acme"), since, NOW)
    pages = [told(question(day, NOW - day * 86_400), more=True) for day in range(0, 90, 7)]
    server.on(PATH, *pages)
    async with Client(TurnedClock(NOW), gap=0) as client:
        whole = await round_of(client, ADAPTER, channel(server, "acme"), asked or {}, TurnedClock(NOW))
    assert params(server.seen[0])["fromdate"] == str(int(since))
    assert len(whole.posts) == 10
    assert whole.cursor == {"since": int(NOW)}
