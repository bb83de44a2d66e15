"""A workshop child whose adapter `hostile` does what its channel's key says, and whose posts can do the same."""

from __future__ import annotations

import ctypes
import os
import sys
import time
from collections.abc import Mapping, Sequence
from typing import Any

import sources
from listen.collect import child
from sources.base import Answer, Channel, Cursor, Option, Page, Post, Reject, Request, SourceError


def _segfault() -> None:
    ctypes.string_at(0)


def _burn() -> None:
    while True:
        sum(range(100_000))


def _eat() -> None:
    held = []
    while True:
        held.append(bytearray(16 << 20))


def _network() -> None:
    import socket

    socket.create_connection(("127.0.0.1", 9))


def _program() -> None:
    import subprocess

    subprocess.run(["true"])


def _exit() -> None:
    sys.exit(3)


def _recurse() -> None:
    _recurse()


ACTS = {
    "segfault": _segfault,
    "burn": _burn,
    "eat": _eat,
    "hang": lambda: time.sleep(3600),
    "exit": _exit,
    "os-exit": lambda: os._exit(0),
    "recurse": _recurse,
    "network": _network,
    "program": _program,
    "print": lambda: print("\x1b]2;PWNED\x07" * 100_000),
    "write": lambda: os.write(1, b"\xff" * 100_000),
    "interrupt": lambda: os.kill(os.getpid(), 2),
}


class Hostile:
    name = "hostile"
    summary = ""
    every = 60.0
    options: Mapping[str, Option] = {}

    def channels(self, settings: Mapping[str, Any], terms: Sequence[str]) -> list[Channel]:
        return []

    def request(self, channel: Channel, cursor: Cursor, now: float) -> Request:
        return Request("http://x.test/")

    def parse(self, channel: Channel, cursor: Cursor, answer: Answer, now: float) -> Page:
        if channel.key in ACTS:
            ACTS[channel.key]()
        match channel.key:
            case "refuse":
                raise SourceError("not-a-feed", "This is a web page \ud800.", "Give the address of its feed.")
            case "raise":
                raise ValueError("x" * 10_000 + "\ud800")
            case "huge":
                return Page([Post(network="t", external_id=str(i), text="é" * 60_000) for i in range(1000)])
            case "long":
                return Page([Post(network="t", external_id="1", text="<b>x</b> " * 3_000_000, markup="html")])
            case "many":
                return Page([Post(network="t", external_id=str(i), text="x") for i in range(2_500)])
            case "values":
                return _values()
            case "environment":
                return Page([_post("e", repr(dict(os.environ)))])
            case "pid":
                return Page([_post("p", str(os.getpid()))])
        return Page([_post("1", "good")], {"after": 5}, more=True, rejects=[Reject("no-identity: x", "y")], every=60.0)


def _post(external_id: Any, text: Any, **more: Any) -> Post:
    return Post(network="t", external_id=external_id, text=text, **more)


def _values() -> Page:
    return Page(
        [
            _post("1", "cut emoji \ud83d"),
            _post("2", "count", likes=2**70),
            _post(3, "a number for an id"),
            _post("4", "wrong", likes="many"),
            _post("5", None),
            _post("6", "good"),
        ],
        {"mark\udc00": "x\udc00"},
        title="t\ud800",
    )


def _hostile_item(worker: child.Worker, post: Post, job: Any) -> Any:
    if post.text in ACTS:
        ACTS[post.text]()
    return _item(worker, post, job)


def _hostile_rescore(worker: Any, job: Any) -> Any:
    for one in job.mentions:
        if one.text in ACTS:
            ACTS[one.text]()
    return _rescore(worker, job)


_item, _rescore = child.Worker._item, child.Worker._rescore

if __name__ == "__main__":
    sources.BUILT_IN = {**sources.BUILT_IN, "hostile": "__main__:Hostile"}
    child.Worker._item = _hostile_item  # type: ignore[method-assign]
    child.Worker._rescore = _hostile_rescore  # type: ignore[method-assign]
    child.main()
