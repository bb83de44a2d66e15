"""`collect`: the collector alone."""

from __future__ import annotations

import asyncio
import datetime
import logging
import math
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from listen.cli.common import FAILED, FOUND, HELD, USAGE, Fault, Session, advice, common, print_json, say
from listen.clock import from_environment
from listen.secrets import Redact
from listen.text import block, one_line

if TYPE_CHECKING:
    from listen.collect.events import Event
    from listen.config import Config

GATHERED = 30.0
"""Seconds between two words about one stream, on a terminal and in a log."""

START_SECONDS = 20.0
"""How long a detached collector may take to get hold of the store."""


@click.command()
@click.option("--detach", is_flag=True, help="Start it in the background and return.")
@click.option("--standby", is_flag=True, help="Wait while somebody else collects, and take over.")
@click.option("--backfill", metavar="SPAN", help="Read the last SPAN (30d, 12h) of SOURCE, and leave.")
@click.option("--systemd", "print_unit", is_flag=True, help="Print a unit for systemd and leave.")
@click.option("--while-input-open", is_flag=True, hidden=True, help="Leave when standard input closes.")
@click.argument("source", required=False)
@common
def collect(
    session: Session,
    detach: bool,
    standby: bool,
    backfill: str | None,
    print_unit: bool,
    while_input_open: bool,
    source: str | None,
) -> int:
    """Listen: fetch, read, match, score and store, until ctrl+c or SIGTERM."""
    config = _configured(session)
    if print_unit:
        from listen.collect import systemd

        print(systemd.unit(_command(config, session)), end="")
        return FOUND
    if source is not None and backfill is None:
        raise Fault("collect listens to all sources; SOURCE goes with --backfill 30d", USAGE)
    session.must_write()
    config.store.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if backfill is not None:
        from listen.cli.backfilling import back_fill

        if source is None:
            raise Fault("--backfill wants a source: listen collect --backfill 30d SOURCE", USAGE)
        keep_log()
        return back_fill(config, session, backfill, source)
    if detach:
        return _detach(config, session, standby)
    return run_collector(config, session, standby=standby, while_input_open=while_input_open)


def _brought_up_to_date(store: Path) -> None:
    """A store of imports that an older listen made can be read again. Raises Held, StoreError."""
    from listen.collect.lock import CollectorLock
    from listen.store import schema

    with CollectorLock(store):
        schema.prepare(store)


def _configured(session: Session) -> Config:
    config = session.config(adapters=True)
    if not config.written:
        if config.store.is_file():
            _brought_up_to_date(config.store)
        raise Fault("there is no configuration yet, so nothing is fetched; `listen init BRAND` writes one", USAGE)
    if not any(source.enabled for source in config.sources.values()):
        raise Fault(f"{config.files[0]} names no source to listen to; add a [sources.NAME]", USAGE)
    return config


def run_collector(config: Config, session: Session, *, standby: bool = False, while_input_open: bool = False) -> int:
    """Collect in this process until it is asked to stop."""
    from listen.collect import collector

    keep_log()
    emit = gathered(progress() if sys.stderr.isatty() else log_line)

    async def main() -> None:
        stop = asyncio.Event()
        if while_input_open:
            _stop_with_input(stop)
        await collector.run(
            config,
            config.store,
            from_environment(),
            emit=emit,
            reload=lambda: session.config(adapters=True),
            stop=stop,
            standby=standby,
        )

    asyncio.run(main())
    return FOUND


def _stop_with_input(stop: asyncio.Event) -> None:
    """Whoever started us may be killed: then nobody is left to stop us, but the pipe between us closes.

    Unless the last line it wrote says that we shall stay.
    """
    from listen.cli.companion import STAY

    loop = asyncio.get_running_loop()

    def wait() -> None:
        word = b""
        for line in sys.stdin.buffer:
            word = line
        if word != STAY:
            loop.call_soon_threadsafe(stop.set)

    threading.Thread(target=wait, daemon=True).start()


def _command(config: Config, session: Session) -> list[str]:
    file = session.config_file or config.files[0]
    return [sys.executable, "-m", "listen", "collect", "--db", str(config.store), "--config", str(file.absolute())]


def _detach(config: Config, session: Session, standby: bool) -> int:
    """Start a collector of its own session, and say so only once it holds the store."""
    from listen.cli.companion import log_of
    from listen.collect.lock import holder

    if (who := holder(config.store)) is not None and not standby:
        raise Fault(f"{who} collects into {config.store} already; --standby waits until it ends", HELD)
    log = config.store.with_name(config.store.name + ".log")
    with log_of(config.store) as output:
        child = subprocess.Popen(
            _command(config, session) + (["--standby"] if standby else []),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=output,
            start_new_session=True,
        )
    _wait_until_held(child, config.store, log, standby)
    if session.as_json:
        print_json({"pid": child.pid, "store": str(config.store), "log": str(log)})
    else:
        say(f"collecting into {config.store} as process {child.pid}; it writes to {log}; `kill {child.pid}` ends it")
    return FOUND


def _wait_until_held(child: subprocess.Popen[bytes], store: Path, log: Path, standby: bool) -> None:
    from listen.collect.lock import holder

    deadline = time.monotonic() + START_SECONDS
    while not standby:
        if child.poll() is not None:
            last = log.read_text(encoding="utf-8", errors="replace").strip().rpartition("\n")[2]
            raise Fault(f"the collector has ended at once: {last or 'no reason given'}", FAILED)
        if (who := holder(store)) is not None and who.pid == child.pid:
            return
        if time.monotonic() > deadline:
            raise Fault(f"the collector does not get hold of {store}; see {log}", FAILED)
        time.sleep(0.02)


class _OneLine(logging.Formatter):
    """A record of our own or of a library as one line; with LISTEN_DEBUG set, with its traceback below."""

    def format(self, record: logging.LogRecord) -> str:
        when = datetime.datetime.fromtimestamp(record.created, datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        words = [record.getMessage(), (record.exc_text or "").rpartition("\n")[2]]
        line = f"time={when} event=fault logger={record.name} message={_quoted(': '.join(filter(None, words)))}"
        debugging = os.environ.get("LISTEN_DEBUG") and record.exc_text
        return f"{line}\n{block(record.exc_text or '')}" if debugging else line


def keep_log() -> None:
    """Faults that code logs go to stderr as one line each, without secrets."""
    handler = logging.StreamHandler()
    handler.addFilter(Redact())
    handler.setFormatter(_OneLine())
    logging.basicConfig(handlers=[handler], level=logging.WARNING)
    logging.raiseExceptions = False  # a log that cannot be written stops nobody


def log_line(event: Event) -> None:
    """One line of `key=value` pairs for a log."""
    when = datetime.datetime.fromtimestamp(event.at, datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    pairs = {
        "source": event.source,
        "channel": event.channel,
        "new": event.new or "",
        "again": event.again or "",
        "changed": event.changed or "",
        "rejects": event.rejects or "",
        "dropped": event.dropped or "",
        "reason": event.reason,
        "message": event.message,
        "remedy": event.remedy,
    }
    told = " ".join(f"{key}={_quoted(value)}" for key, value in pairs.items() if value != "")
    say(f"time={when} event={event.kind} {told}".rstrip())


def _quoted(value: object) -> str:
    """The value, quoted where it would not be one word of a log line."""
    import json

    text = one_line(str(value), 500)
    return (
        text
        if text.replace("-", "").replace("_", "").replace(".", "").isalnum()
        else json.dumps(text, ensure_ascii=False)
    )


def gathered(tell: Callable[[Event], None], seconds: float = GATHERED) -> Callable[[Event], None]:
    """What streams bring a few times a second is told once in a while, as the sum of it."""
    sums: dict[tuple[str, str], Event] = {}
    told: dict[tuple[str, str], float] = {}

    def gather(event: Event) -> None:
        if event.kind != "frames":
            tell(event)
            return
        place = (event.source, event.channel)
        before = sums.pop(place, None)
        if before is not None:
            names = ("new", "again", "changed", "rejects", "dropped")
            event = replace(event, **{name: getattr(before, name) + getattr(event, name) for name in names})
        if event.at - told.setdefault(place, -math.inf) >= seconds and (event.new or event.changed or event.rejects):
            told[place] = event.at
            tell(event)
        else:
            sums[place] = event

    return gather


def progress() -> Callable[[Event], None]:
    """One line for what is new or wrong, for people at a terminal."""
    total = 0

    def tell(event: Event) -> None:
        nonlocal total
        total += event.new
        clock = datetime.datetime.fromtimestamp(event.at).strftime("%H:%M:%S")
        place = one_line(f"{event.source} {event.channel}", 60)
        if event.kind in ("page", "frames") and (event.new or event.changed or event.rejects):
            extra = "".join(
                f", {n} {word}" for n, word in ((event.changed, "changed"), (event.rejects, "set aside")) if n
            )
            say(f"{clock}  {place}: {event.new} new{extra} ({total} since the start)")
        elif event.kind in ("error", "paused", "config-error") or event.reason == "budget":
            say(f"{clock}  {place}: {one_line(advice(event.message, event.remedy), 300)}".replace("  : ", "  "))
        elif event.kind in ("connected", "lost"):
            say(f"{clock}  {place}: {event.kind} {one_line(event.message, 300)}".rstrip())
        elif event.kind == "fare":
            place = one_line(f"{event.source} {event.channel}", 80)
            say(f"{clock}  {place}: {one_line(event.message, 300)}")
        elif event.kind in ("ready", "reloaded", "resumed", "rematch", "rescore", "alert"):
            say(f"{clock}  {event.kind}: {one_line(event.message, 300)}".rstrip(": "))

    return tell
