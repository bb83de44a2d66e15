"""A source that is to stream and cannot says so before anything is asked."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

import sources
from listen.collect.channels import open_source
from listen.collect.wanted import Wanted
from listen.config import Source
from sources.base import Channel, Cursor, Frame, Page, Request, Socket


class Polling:
    name = "polling"
    summary = needs = ""
    every = 60.0
    options: Mapping[str, Any] = {}

    def channels(self, settings: Mapping[str, Any], terms: Sequence[str]) -> list[Channel]:
        return [Channel("one", "one")]


class Streaming(Polling):
    name = "streaming"

    def channels(self, settings: Mapping[str, Any], terms: Sequence[str]) -> list[Channel]:
        return [Channel("one", "one", stream=bool(settings.get("stream")) and "words" not in settings)]

    def socket(self, channel: Channel, cursor: Cursor, now: float) -> Socket:
        return Socket("websocket", Request("wss://stream.example/"))

    def read(self, channel: Channel, cursor: Cursor, frames: Sequence[Frame], now: float) -> Page:
        return Page([])


def opened(monkeypatch: pytest.MonkeyPatch, adapter: Polling, **settings: Any) -> Any:
    monkeypatch.setattr(sources, "get", lambda name: adapter)
    own = {name: value for name, value in settings.items() if name != "stream"}
    streams = settings.get("stream", False)
    return open_source(Source("it", adapter.name, own, None, "all", streams, (), True), Wanted(()), Path())


def test_an_adapter_that_cannot_stream_is_not_silently_polled(monkeypatch: pytest.MonkeyPatch) -> None:
    error = opened(monkeypatch, Polling(), stream=True).error
    assert (error.reason, error.message) == (
        "settings",
        "stream: polling cannot stay connected, it is asked now and then",
    )
    assert opened(monkeypatch, Polling()).error is None


def test_the_adapter_is_told_and_says_which_channels_stream(monkeypatch: pytest.MonkeyPatch) -> None:
    assert [channel.stream for channel in opened(monkeypatch, Streaming(), stream=True).channels] == [True]
    assert [channel.stream for channel in opened(monkeypatch, Streaming()).channels] == [False]
    error = opened(monkeypatch, Streaming(), stream=True, words=["acme"]).error
    assert error.reason == "settings"
    assert "nothing of what this source asks of streaming comes as a stream" in error.message
