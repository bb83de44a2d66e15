"""A file and a source's past are taken in by the collector that runs, when one does: told how far, and broken off."""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from listen.cli import run
from listen.clock import SystemClock
from listen.collect import collector, errands, imports
from listen.config import Config
from listen.store import requests, sqlite
from tests.collect.collecting import collecting, config, rows, source
from tests.collect.server import Reply, Seen, Server
from tests.collect.test_backfill import DAY, Algolia


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(collector, "TICK", 0.05)
    monkeypatch.setattr(errands, "TOLD", 0.0)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))


def written(file: Path, count: int) -> Path:
    lines = [{"id": n, "text": f"the acme battery number {n} died"} for n in range(count)]
    file.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return file


def asked(told: Config, kind: str, body: dict[str, Any]) -> int:
    with contextlib.closing(sqlite.connect_people(told.store)) as people:
        return requests.ask(people, kind, body, "ana", SystemClock())


async def until(told: Config, number: int, holds: Callable[[requests.Request], object]) -> requests.Request:
    async with asyncio.timeout(60):
        while True:
            with contextlib.closing(sqlite.connect_people(told.store)) as people:
                found = requests.request(people, number)
            assert found is not None
            if holds(found):
                return found
            await asyncio.sleep(0.02)


async def test_a_file_is_taken_in_by_the_collector_that_runs(
    server: Server, tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    server.on("/feed", Reply(body=b"<rss/>"))
    told = config(tmp_path / "l.db", source("press", server.url("/feed")))
    file = written(tmp_path / "m.jsonl", 1_200)
    async with collecting(told) as at_work:
        await at_work.until(lambda: at_work.of("ready"))

        def command(*arguments: str) -> tuple[int, dict[str, Any]]:
            capfd.readouterr()
            code = run(["import", *arguments, "--json", "--db", str(told.store)])
            return code, json.loads(capfd.readouterr().out or "{}")

        code, said = await asyncio.to_thread(command, str(file))
        assert (code, said["new"], said["bad"]) == (0, 1_200, 0)
        assert rows(told.store, "SELECT count(*) FROM arrivals WHERE quiet") == [(1_200,)]
        assert rows(told.store, "SELECT count(*) > 0 FROM matches") == [(1,)]
        typed = io.TextIOWrapper(
            io.BytesIO(b'{"id": "typed", "text": "acme"}\n{"id": "bad", "published_at": "never"}\n')
        )
        monkeypatch.setattr(sys, "stdin", typed)
        code, said = await asyncio.to_thread(command, "-")
        assert (code, said["new"], said["bad"], said["file"]) == (0, 1, 1, "standard input")
        assert not [name for name in os.listdir(tmp_path) if name.startswith(".import-")]

        other = {"file": str(file), "mark": "other", "network": "import", "source": "import"}
        for body, words in ((other, "finds another file"), (other | {"file": "/nowhere"}, "cannot read /nowhere")):
            refused = await until(told, asked(told, "import", body), lambda one: one.done_at)
            assert refused.error is not None
            assert words in refused.error
            assert "listen import - <FILE" in refused.error


async def test_the_past_is_asked_for_by_the_collector_and_broken_off_by_who_asked(
    server: Server, tmp_path: Path
) -> None:
    clock = SystemClock()
    algolia = Algolia(clock.now() - 60)
    first, go_on = asyncio.Event(), asyncio.Event()

    async def slow(seen: Seen, writer: asyncio.StreamWriter) -> None:
        if algolia.asked == 1:
            first.set()
            await go_on.wait()
        await algolia(seen, writer)

    server.on("/api/v1/search_by_date", algolia)
    settings = {"host": server.url("").rstrip("/"), "search": ["acme"]}
    told = config(tmp_path / "l.db", source("hn", adapter="hackernews", settings=settings, every=86_400.0))
    async with collecting(told) as at_work:
        await at_work.until(lambda: at_work.of("page"))  # the live visit: three hits, and its own cursor
        (live,) = rows(told.store, "SELECT cursor FROM channels")
        algolia.asked = 0
        server.on("/api/v1/search_by_date", slow)
        body = {"source": "hn", "since": clock.now() - 5.5 * DAY}
        number = asked(told, "back-fill", body)
        await first.wait()
        so_far = await until(told, number, lambda one: one.progress)
        assert so_far.progress is not None
        assert so_far.progress["channels"][0]["pages"] == 1
        with contextlib.closing(sqlite.connect_people(told.store)) as people:
            requests.finish(people, number, clock, error="stopped by ana")
        again = asked(told, "back-fill", body)
        await until(told, again, lambda one: one.taken_at)  # by then the first one has been broken off
        go_on.set()
        done = await until(told, again, lambda one: one.done_at)
        assert done.error is None
        assert done.answer is not None
        (one,) = done.answer["channels"]
        assert (one["done"], one["resumed"]) == (True, True), "it goes on where the first one was"
        assert rows(told.store, "SELECT count(*) FROM mentions") == [(7,)], "the live visit has read all seven already"
        assert rows(told.store, "SELECT cursor FROM channels") == [live]
        unknown = await until(told, asked(told, "back-fill", body | {"source": "x"}), lambda one: one.done_at)
        assert unknown.error == '"x" is no source'


async def test_the_next_collector_goes_on_with_what_the_last_one_had_taken(tmp_path: Path) -> None:
    told = config(tmp_path / "l.db")
    file = written(tmp_path / "m.jsonl", 1_200)
    await imports.take_in(told, written(tmp_path / "before", 1), SystemClock(), network="other")
    with imports.opened(file) as opened:
        body = {"file": str(file), "mark": imports.mark(opened), "network": "import", "source": "import"}
    number = asked(told, "import", body)
    half = {"size": 1, "new": 700, "again": 0, "resumed": 0}
    with contextlib.closing(sqlite.connect_people(told.store)) as people:
        requests.take(people, number, SystemClock())
        requests.tell_progress(people, number, half)
    async with collecting(told):
        done = await until(told, number, lambda one: one.done_at)
    assert done.answer is not None
    assert done.answer["new"] == 700 + 1_200, "what an earlier collector counted counts"
