"""Killed at any moment, with a receiver that fails as receivers do, the collector loses no alert."""

from __future__ import annotations

import asyncio
import json
import os
import random
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email.utils import formatdate
from pathlib import Path

import pytest

from tests.collect.collecting import item, rows, rss
from tests.collect.server import Seen, Server

ROOT = Path(__file__).parents[2]
GROWTH = 2
"""Mentions that the feed has more of at each look."""


class Receiver:
    """Answers 200, 500, 429, too late or not at all, until it is well; keeps what it took for good."""

    def __init__(self, server: Server, seed: int) -> None:
        self.chance, self.well = random.Random(seed), False
        self.bodies: dict[str, list[bytes]] = {}
        server.on("/hook", self.answer)

    async def answer(self, seen: Seen, writer: asyncio.StreamWriter) -> None:
        how = "well" if self.well else self.chance.choice(("well", "well", "500", "429", "closed", "late"))
        if how in ("well", "late"):
            # Who answers late, or to nobody any more, has it all the same.
            self.bodies.setdefault(seen.headers["webhook-id"], []).append(seen.body)
        if how == "late":
            await asyncio.sleep(self.chance.random() / 5)
        if how != "closed":
            status = {"500": "500 Oh", "429": "429 Slower\r\nRetry-After: 0"}.get(how, "204 Fine")
            writer.write(f"HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())
            await writer.drain()


def growing(server: Server) -> list[int]:
    """A feed that has more at each look, until told otherwise; [how many it has, how many it may have]."""
    told = [0, 10**9]

    async def answer(_: Seen, writer: asyncio.StreamWriter) -> None:
        told[0] = min(told[0] + GROWTH, told[1])
        date = f"<pubDate>{formatdate()}</pubDate></item>"
        shown = range(told[0], max(0, told[0] - 40), -1)
        body = rss(*(item(one, f"The acme battery {one} is great").replace("</item>", date) for one in shown))
        writer.write(f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode() + body)
        await writer.drain()

    server.on("/feed", answer)
    return told


@asynccontextmanager
async def collector(store: Path, server: Server, *more: str) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.alerts.alarmed", str(store), server.url("/feed"), server.url("/hook"), *more,
        cwd=ROOT, env=os.environ,
    )  # fmt: skip
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def until(holds: object, what: str) -> None:
    assert callable(holds)
    async with asyncio.timeout(90):
        while not holds():  # noqa: ASYNC110 - another process's store is asked, which tells nobody
            await asyncio.sleep(0.05)


def lost(store: Path, receiver: Receiver) -> set[int]:
    """The alerts that nobody was told of."""
    told = {
        alert["id"] for bodies in receiver.bodies.values() for body in bodies for alert in json.loads(body)["alerts"]
    }
    return {row[0] for row in rows(store, "SELECT id FROM alerts WHERE fired_at IS NOT NULL")} - told


async def killed(store: Path, server: Server, times: int, *more: str) -> Receiver:
    """What was received after so many kills and a healthy end."""
    receiver, feed, chance = Receiver(server, times), growing(server), random.Random(times)
    async with collector(store, server, *more):
        await until(lambda: store.exists() and _count(store, "mentions"), "it collects")
        await until(lambda: _count(store, "outbox"), "it alerts")
    for _ in range(times):
        before = _count(store, "outbox")
        async with collector(store, server, *more):
            if chance.random() < 0.8:
                await until(lambda before=before: _count(store, "outbox") > before, "more is told")
            await asyncio.sleep(chance.random() / 5)
    receiver.well, feed[1] = True, feed[0]
    async with collector(store, server, *more):
        await until(lambda: _count(store, "mentions") == feed[0], "all is collected")
        await until(lambda: not rows(store, "SELECT 1 FROM alerts WHERE NOT told"), "all is told")
        await until(lambda: not rows(store, "SELECT 1 FROM outbox WHERE state = 'waiting'"), "all is sent")
    return receiver


def _count(store: Path, table: str) -> int:
    try:
        return int(rows(store, f"SELECT count(*) FROM {table}")[0][0])
    except Exception:  # the store is not there yet
        return 0


async def _no_alert_is_lost(store: Path, server: Server, times: int) -> None:
    receiver = await killed(store, server, times)
    letters = {row[0]: row[1] for row in rows(store, "SELECT key, state FROM outbox")}
    assert set(letters.values()) == {"sent"}
    assert lost(store, receiver) == set()
    assert set(receiver.bodies) == set(letters)
    for bodies in receiver.bodies.values():
        assert len(set(bodies)) == 1, "what comes twice is the same"
    assert _count(store, "alerts") == _count(store, "mentions")
    again = Counter(len(bodies) for bodies in receiver.bodies.values())
    print(f"\n{times} kills: {len(letters)} letters, 0 lost; how often each arrived: {dict(sorted(again.items()))}")


async def test_no_alert_is_lost_when_the_collector_is_killed(tmp_path: Path, server: Server) -> None:
    await _no_alert_is_lost(tmp_path / "listen.db", server, 20)


@pytest.mark.slow
async def test_no_alert_is_lost_in_two_hundred_kills(tmp_path: Path, server: Server) -> None:
    await _no_alert_is_lost(tmp_path / "listen.db", server, 200)


async def test_a_build_that_marks_before_it_sends_is_found_out(tmp_path: Path, server: Server) -> None:
    receiver = await killed(tmp_path / "listen.db", server, 3, "broken")
    assert lost(tmp_path / "listen.db", receiver)
