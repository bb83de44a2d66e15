"""Mastodon's streams: where they are, what their events tell, and how a round and a stream share a cursor."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from listen.collect.http.sse import Events
from sources import tootstream
from sources.base import Channel, Cursor, Frame, SourceError
from sources.mastodon import MARK, MastodonAdapter
from tests.sources.reading import NOW
from tests.sources.test_mastodon import NUMBER, toot

ADAPTER = MastodonAdapter()
TOKEN = {"hosts": ["town.example"], "token": "env:TOOT", "stream": True}
LIVE: Cursor = {"access": int(NOW), "live": "https://live.town.example", "part": None, "since": str(NUMBER + 1)}


def channel(**settings: Any) -> Channel:
    (found,) = ADAPTER.channels({**TOKEN, **settings}, [])
    return found


def event(name: str, told: Any) -> Frame:
    return Frame((told if isinstance(told, str) else json.dumps(told)).encode(), name)


def test_hashtags_and_everything_public_stream_and_searches_do_not() -> None:
    found = ADAPTER.channels({**TOKEN, "tags": ["a", "b"], "search": ["kettle"], "public": True}, [])
    assert [(one.settings["what"], one.stream, one.polled) for one in found] == [
        ("tag", True, True), ("tag", True, True), ("search", False, True), ("public", True, True),
    ]  # fmt: skip
    many = ADAPTER.channels({**TOKEN, "tags": [f"tag{n}" for n in range(tootstream.MOST + 7)]}, [])
    assert [one.stream for one in many] == [True] * tootstream.MOST + [False] * 2
    with pytest.raises(SourceError, match="token"):
        ADAPTER.channels({"hosts": ["town.example"], "tags": ["a"], "stream": True}, [])


@pytest.mark.parametrize(
    ("said", "host", "place"),
    [
        ("wss://live.town.example", "https://town.example", "https://live.town.example"),
        ("wss://live.town.example/", "https://town.example", "https://live.town.example"),
        ("ws://live.town.example", "https://town.example", "https://town.example"),
        ("ws://127.0.0.1:4000", "http://127.0.0.1:3000", "http://127.0.0.1:4000"),
        ("wss://ann:secret@live.town.example", "https://town.example", "https://town.example"),
        ("file:///etc/passwd", "https://town.example", "https://town.example"),
        (None, "https://town.example", "https://town.example"),
        (["wss://x"], "https://town.example", "https://town.example"),
    ],
)
def test_where_a_server_streams(said: Any, host: str, place: str) -> None:
    assert tootstream.place({"configuration": {"urls": {"streaming": said}}}, host) == place


def test_a_stream_is_opened_when_it_is_known_where_and_to_whom() -> None:
    told = channel(tags=["kettle"])
    assert ADAPTER.socket(told, {}, NOW) is None
    assert ADAPTER.socket(told, {**LIVE, "access": int(NOW) - 90_000}, NOW) is None
    socket = ADAPTER.socket(told, LIVE, NOW)
    assert socket is not None
    assert (socket.kind, socket.request.url, socket.request.params) == (
        "sse", "https://live.town.example/api/v1/streaming/hashtag", (("tag", "kettle"),),
    )  # fmt: skip
    assert (socket.request.headers["Authorization"], socket.request.secrets) == (f"Bearer {MARK}", {MARK: "env:TOOT"})
    assert socket.since is None, "what was said meanwhile is asked for"
    local = ADAPTER.socket(channel(public=True), {**LIVE, "part": "local"}, NOW)
    assert local is not None
    assert local.request.url == "https://live.town.example/api/v1/streaming/public/local"


def test_posts_edits_and_deletions() -> None:
    edited = toot(5, content="<p>No kettle</p>", edited_at="2026-11-21T11:00:00.000Z")
    frames = [
        event("update", toot(5)), event("update", toot(6)), event("notification", {}), event("status.update", edited),
        event("delete", str(NUMBER + 6)), event("delete", "12345"), event("update", toot(7, visibility="private")),
        event("update", "{"), event("update", []),
    ]  # fmt: skip
    page = ADAPTER.read(channel(tags=["kettle"]), LIVE, frames, NOW)
    assert [(post.external_id[-1], post.state) for post in page.posts] == [
        ("5", "active"), ("6", "active"), ("5", "edited"), ("6", "deleted"), ("5", "deleted"),
    ]  # fmt: skip
    assert len(page.rejects) == 2
    assert page.cursor["since"] == str(NUMBER + 7), "the next round goes on from here"
    later = ADAPTER.read(channel(tags=["kettle"]), page.cursor, [event("delete", str(NUMBER + 5))], NOW)
    assert [(post.external_id[-1], post.state) for post in later.posts] == [("5", "deleted")]
    assert later.cursor["since"] == page.cursor["since"]


def test_a_round_that_is_under_way_is_not_cut_short_and_little_is_remembered() -> None:
    frames = [event("update", toot(n)) for n in range(2, 300)]
    page = ADAPTER.read(channel(tags=["kettle"]), {**LIVE, "back": "3"}, frames, NOW)
    assert page.cursor["since"] == LIVE["since"]
    assert str(page.cursor["recent"]).count("\n") == tootstream.REMEMBERED - 1
    assert len(str(page.cursor["recent"])) < 20_000


def test_the_recorded_stream(shared: Path) -> None:
    frames = Events(1 << 20).feed((shared / "fixtures/mastodon/stream_user.sse.txt").read_bytes() + b"\n\n")
    assert [frame.event for frame in frames] == ["update"]
    page = ADAPTER.read(channel(tags=["kettle"]), LIVE, frames, NOW)
    assert [post.text for post in page.posts] == ["<p>it&#39;s cool guy</p>"]
    assert page.rejects == []
