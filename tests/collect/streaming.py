"""An adapter for tests that streams, and the workshop's child that knows it.

    python -m tests.collect.streaming MEMORY

Its frames are JSON: `{"n": 7, "text": ..., "state": ...}` is a post, and `n` the cursor to go on from; `{"do": ...}` is
an order to the child or to the supervisor.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from typing import Any

import sources
from listen.collect import child
from sources.base import Answer, Channel, Cursor, Ending, Frame, Option, Page, Post, Reject, Request, Socket

NAME = "streamed"
PLACE = "tests.collect.streaming:Streamed"


def frame(n: int, text: str = "the acme battery", **more: Any) -> bytes:
    return json.dumps({"n": n, "text": text, **more}).encode()


class Streamed:
    """`socket`: its address; `kind`; `resumes`: the server goes back to the cursor; `ask`: an address to poll."""

    name = NAME
    summary = needs = ""
    every = 3600.0
    options: Mapping[str, Option] = {}

    def channels(self, settings: Mapping[str, Any], terms: Sequence[str]) -> list[Channel]:
        return [Channel("one", "one", dict(settings), stream=True, polled="ask" in settings)]

    def request(self, channel: Channel, cursor: Cursor, now: float) -> Request:
        return Request(channel.settings["ask"], (("n", str(cursor.get("n", 0))),))

    def parse(self, channel: Channel, cursor: Cursor, answer: Answer, now: float) -> Page:
        told = json.loads(answer.body)
        return Page([_post(one) for one in told], {"n": max([one["n"] for one in told], default=cursor.get("n", 0))})

    def socket(self, channel: Channel, cursor: Cursor, now: float) -> Socket | None:
        settings = channel.settings
        if settings.get("first") and not cursor:
            return None
        since = now - 3600 if settings.get("resumes") and cursor else None
        asked = Request(settings["socket"], (("cursor", str(cursor.get("n", 0))),), settings.get("headers", {}))
        return Socket(settings.get("kind", "websocket"), asked, settings.get("silence", 30.0), since)

    def read(self, channel: Channel, cursor: Cursor, frames: Sequence[Frame], now: float) -> Page:
        page = Page([], dict(cursor))
        for one in frames:
            try:
                told = json.loads(one.data)
            except ValueError:
                page.rejects.append(Reject("shape: no JSON", one.data[:50].decode("utf-8", "replace")))
                continue
            match told.get("do"):
                case "die":
                    os._exit(9)
                case "raise":
                    raise KeyError("nobody foresaw this")
                case "refuse":
                    page.ending = Ending("auth", "the key has ended", "make a new key", refused=True)
                    return page
            if "gap" in told:
                page.gap = (0.0, told["gap"])
            page.posts.append(_post(told))
            page.cursor["n"] = told["n"]
            page.at = told.get("at")
        return page


def _post(told: Mapping[str, Any]) -> Post:
    state = told.get("state", "active")
    return Post(
        network="test",
        external_id=f"{told.get('id', told['n'])}",
        text=told["text"],
        url="http://x.test/",
        state=state,
        edited_at=told.get("edited_at"),
    )


if __name__ == "__main__":
    sources.BUILT_IN[NAME] = PLACE  # type: ignore[index]
    child.main()
