"""`demo`: the real collector and adapters against a loopback server that plays a fictional week."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from listen.cli.common import FAILED, FOUND, USAGE, AdapterKeys, Fault, Session, common, print_json, say
from listen.clock import VARIABLE, PlayedClock, from_environment
from listen.config import seconds
from listen.demo.week import DAYS

WATCHED = 180.0
"""Wall seconds in which the week plays when somebody watches."""
HEADLESS = 20.0
LAST_LOOK = 0.25
"""Share of a headless run that is kept for the collector to catch up after the week has ended."""


@click.command()
@click.option("--headless", is_flag=True, help="No screen: collect, then print one JSON object.")
@click.option("--for", "wall", metavar="DURATION", help="Wall time in which the week plays, such as 20s or 3m.")
@common
def demo(session: Session, headless: bool, wall: str | None) -> int:
    """Play a fictional week: a brand, its rival and a crisis on day five, in four languages."""
    length = seconds(wall) if wall else (HEADLESS if headless else WATCHED)
    if not length or length < 2:
        raise Fault('--for takes a duration of at least two seconds, such as "20s" or "3m"', USAGE)
    if not headless:
        from listen.cli.console import need_terminal

        need_terminal()
        say("a fictional week is being prepared ...")
    else:
        _warm()
    with (
        _store(session.db) as store,
        _played(store, length * (1 - LAST_LOOK) if headless else length) as config_file,
    ):
        if headless:
            return _collect_headless(session, store, config_file, length)
        return _watch(store, config_file)


def _warm() -> None:
    """Load what collecting takes before the curtain rises: on a busy machine it is days of a week of seconds."""
    from listen.collect import collector  # noqa: F401
    from listen.collect.prepare import Topics, prepare
    from listen.collect.wire import Place
    from sources.base import Post

    prepare(
        Post(network="demo", external_id="0", text="The battery is bad", published_at=0), Topics({}), Place("", ""), 0.0
    )


@contextmanager
def _store(named: Path | None) -> Iterator[Path]:
    """The store that was asked for, else one that lasts as long as the demonstration."""
    if named is not None:
        if named.exists() and not _configuration(named).exists():
            raise Fault(
                f"{named} holds no demonstration, and fiction would mix with what it holds; give another", USAGE
            )
        yield named.absolute()
        return
    with tempfile.TemporaryDirectory(prefix="listen-demo-", ignore_cleanup_errors=True) as folder:
        yield Path(folder) / "demo.db"


def _configuration(store: Path) -> Path:
    """Where the demonstration's own configuration lies, beside its store."""
    return store.with_name(f"{store.stem}-demo.toml")


@contextmanager
def _played(store: Path, length: float) -> Iterator[Path]:
    """The server plays, and every process that we start from here on lives by the same clock."""
    now = time.time()
    start = now + length - DAYS * 86400
    # The first three hours are over when the curtain rises, so that nobody watches an empty screen.
    clock = PlayedClock(now, start + 3 * 3600, (DAYS * 86400 - 3 * 3600) / length)
    environment = {**os.environ, VARIABLE: str(clock)}
    command = [sys.executable, "-m", "listen.demo.server", repr(start)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment) as server:
        try:
            assert server.stdout is not None
            base = server.stdout.readline().decode().strip()
            if not base:
                raise Fault("the demonstration's server did not start", FAILED)
            config_file = _configuration(store)
            template = Path(__file__).parents[1] / "demo" / "demo.toml"
            config_file.write_text(template.read_text(encoding="utf-8").replace("{base}", base), encoding="utf-8")
            os.environ[VARIABLE] = str(clock)
            yield config_file
        finally:
            os.environ.pop(VARIABLE, None)
            server.stdin.close() if server.stdin else None
            server.kill()


def _collect_headless(session: Session, store: Path, config_file: Path, length: float) -> int:
    """Collect for `length` wall seconds, then tell what is stored."""
    from listen import config
    from listen.cli.collect import log_line
    from listen.collect import collector
    from listen.collect.events import silent

    loaded = config.load(config_file, store=store, adapter_keys=AdapterKeys())
    emit = log_line if os.environ.get("LISTEN_DEBUG") else silent

    async def main() -> None:
        stop = asyncio.Event()
        asyncio.get_running_loop().call_later(length, stop.set)
        await collector.run(loaded, store, from_environment(), emit=emit, stop=stop)

    if not session.as_json:
        say(f"playing a week in {length:.0f} seconds ...")
    asyncio.run(main())
    print_json(_summary(store))
    return FOUND


def _summary(store: Path) -> dict[str, Any]:
    """What a store holds: mentions, by topic and by source, how many have a score, and which rules fired how often."""
    from listen import query
    from listen.store.read import Reader

    now = time.time()
    with Reader(store) as reader:

        def count(text: str) -> int:
            return reader.count(query.parse(text), cap=None, budget=None, now=now).n

        return {
            "mentions": count(""),
            "topics": {topic.name: topic.mentions for topic in reader.topics(now=now)},
            "sources": {source.name: source.mentions for source in reader.sources()},
            "scored": count("NOT sentiment:unknown"),
            "alerts": {one.rule: one.fired for one in reader.alert_figures(0.0)},
        }


def _watch(store: Path, config_file: Path) -> int:
    """The console over the week as it plays."""
    from listen import config
    from listen.cli.companion import Companion
    from listen.cli.console import prepare, run_console

    loaded = config.load(config_file, store=store)
    prepare(store)
    companion = Companion(store, config_file)
    companion.ensure()
    return run_console(loaded, companion)
