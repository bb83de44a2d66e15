"""The sources screen beside a real collector on loopback: what a key asks for happens."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from listen.clock import SystemClock
from listen.collect import collector
from listen.console.screens import sources as sources_screen
from tests.collect.collecting import collecting, config, item, rss, source
from tests.collect.server import Reply, Server
from tests.console.conftest import Driven, console


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with Server() as started:
        yield started


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources_screen, "LOOK", 0.1)
    monkeypatch.setattr(collector, "TICK", 0.05)


async def chosen(driven: Driven, name: str) -> None:
    """The sources screen, with the cursor on a source."""
    await driven.press("5")
    await driven.until(lambda: any(entry.source == name for entry in driven.screen.list.entries))
    driven.screen.list.go_to((name, 0))
    await driven.pilot.pause()


async def test_what_is_tried_is_asked_and_its_mentions_are_in_the_stream(tmp_path: Path, server: Server) -> None:
    server.on("/feed", Reply(body=rss(item(1))), Reply(body=rss(item(2), item(1))), Reply(503))
    store = tmp_path / "listen.db"
    async with collecting(config(store, source("press", server.url("/feed"), every=3_600.0))) as run:
        await run.until(lambda: run.of("page"))
        async with console(store, SystemClock()) as driven:
            await chosen(driven, "press")
            await driven.press("T")
            await driven.until(lambda: re.search("press: asked: 1 new, 1 known", driven.footer()))
            await driven.press("T")
            await driven.until(lambda: re.search("press: asked: .*503.* → ", driven.footer()))
            await driven.until(lambda: re.search("✗ failing +press", driven.text()))
            await driven.press("enter")
            await driven.until(lambda: len(driven.feed) == 2)


async def test_what_is_switched_off_is_asked_no_more_until_it_is_taken_back(tmp_path: Path, server: Server) -> None:
    for path in ("/one", "/two"):
        server.on(path, Reply(body=rss(item(1))))
    store = tmp_path / "listen.db"

    def asked(path: str) -> int:
        return sum(seen.path == path for seen in server.seen)

    both = (source("one", server.url("/one"), every=1.0), source("two", server.url("/two"), every=1.0))
    async with collecting(config(store, *both)) as run:
        await run.until(lambda: len(run.of("page")) == 2)
        async with console(store, SystemClock()) as driven:
            await chosen(driven, "one")
            await driven.press("x")
            await driven.until(lambda: re.search("– off +one", driven.text()))
            await driven.until(lambda: "one: switched off · u takes it back" in driven.footer())
            others, before = asked("/two"), asked("/one")
            await driven.until(lambda: asked("/two") >= others + 2)
            assert asked("/one") <= before + 1, "the one that was under way"
            before = asked("/one")
            await driven.press("u")
            await driven.until(lambda: asked("/one") > before)
            await driven.until(lambda: re.search("● ok +one", driven.text()))
