"""A collector on loopback feeds, for tests: in this process with its events, or in one of its own.

python -m tests.collect.collecting STORE URL [URL ...]      prints one JSON object an event; exit code as `listen`
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from listen import query
from listen.clock import Clock, SystemClock
from listen.collect import collector, lock, visit
from listen.collect.events import Event
from listen.config import Config, Limits, Me, Source, Topic
from listen.store.sqlite import connect_reader

LOOPBACK = ("127.0.0.1",)


def source(name: str, *urls: str, adapter: str = "feed", **more: Any) -> Source:
    """A source of feeds on loopback, asked once a minute."""
    fields: dict[str, Any] = {
        "settings": {"urls": list(urls)}, "every": 60.0, "keep": "all", "stream": False, "allow_private": LOOPBACK,
        "enabled": True,
    }  # fmt: skip
    return Source(name, adapter, **{**fields, **more})


def topic(name: str, text: str) -> Topic:
    return Topic(name, text, query.parse(text), "brand")


def config(store: Path, *sources: Source, topics: Mapping[str, str] | None = None, **more: Any) -> Config:
    """What the command line would have read."""
    limits = Limits(10 << 20, 20 << 20, 20.0, 5.0, 5, 10.0, 512 << 20, 20.0)
    fields: dict[str, Any] = {
        "files": (), "written": True, "store": store, "contact": None, "concurrency": 8, "gap": 0.0, "workers": 1,
        "limits": limits, "accounts": {}, "lists": {}, "me": Me("ana", "listen-dark", None, False, False, {}),
        "topics": {name: topic(name, text) for name, text in (topics or {"acme": "acme"}).items()},
        "sources": {each.name: each for each in sources},
    }  # fmt: skip
    tables = {"stories": {"follow": True}, **more.pop("tables", {})}
    return Config(**{**fields, **more, "tables": tables})


class Run:
    """A collector at work, and what it has told."""

    def __init__(self, stop: asyncio.Event) -> None:
        self.events: list[Event] = []
        self.stop = stop
        self.task: asyncio.Task[None]
        self._told = asyncio.Event()

    def tell(self, event: Event) -> None:
        self.events.append(event)
        self._told.set()

    def of(self, kind: str, source: str = "") -> list[Event]:
        return [event for event in self.events if event.kind == kind and source in ("", event.source)]

    async def until(self, holds: Callable[[], object], seconds: float = 60.0) -> None:
        """Wait for something to be true after an event, or fail; a collector that has ended says why."""
        async with asyncio.timeout(seconds):
            while not holds():
                if self.task.done():
                    self.task.result()
                    raise AssertionError("the collector ended")
                told = asyncio.create_task(self._told.wait())
                await asyncio.wait((told, self.task), timeout=0.5, return_when=asyncio.FIRST_COMPLETED)
                told.cancel()
                self._told.clear()


@contextlib.asynccontextmanager
async def collecting(config: Config, clock: Clock | None = None, **options: Any) -> AsyncIterator[Run]:
    """A collector in this process, ended in order afterwards."""
    run = Run(asyncio.Event())
    options = {"signals": False, **options}
    work = collector.run(config, config.store, clock or SystemClock(), emit=run.tell, stop=run.stop, **options)
    run.task = asyncio.create_task(work)
    try:
        yield run
    finally:
        run.stop.set()
        await run.task


def rows(store: Path, sql: str, *values: Any) -> list[tuple[Any, ...]]:
    """What the store holds now."""
    connection = connect_reader(store)
    try:
        return connection.execute(sql, values).fetchall()
    finally:
        connection.close()


def item(number: int, words: str = "We like the acme battery", title: str = "") -> str:
    return (
        f"<item><title>{title or f'Post {number}'}</title><link>http://x.test/{number}</link><guid>g{number}</guid>"
        f"<description>{words}</description></item>"
    )


def rss(*items: str, head: str = "") -> bytes:
    return (
        '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel><title>t</title><link>http://x.test/</link>'
        f"{head}{''.join(items)}</channel></rss>"
    ).encode()


async def _main(store: Path, urls: list[str]) -> int:
    def tell(event: Event) -> None:
        print(json.dumps(asdict(event)), flush=True)

    # As it is in earnest, only quicker: many small transactions, and no long wait after a pause.
    visit.ROWS, collector.TICK, collector.PROBE = 50, 0.1, 0.2
    sources = [source(f"s{number}", url, every=1.0) for number, url in enumerate(urls)]
    try:
        await collector.run(config(store, *sources), store, SystemClock(), emit=tell)
    except lock.Held as held:
        print(held, file=sys.stderr)
        return 4
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(_main(Path(sys.argv[1]), sys.argv[2:])))
