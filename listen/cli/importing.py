"""`import`: mentions from a file, through the same pipeline as what is heard."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from listen.cli.bar import Bar
from listen.cli.common import FAILED, FOUND, NOTHING, USAGE, Fault, Session, print_json, say, writing
from listen.text import one_line

if TYPE_CHECKING:
    from listen.collect.imports import Progress, Taken
    from listen.config import Config

NAMED = 20
"""Bad lines that are told."""


@click.command()
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True), metavar="FILE")
@click.option("--network", default="import", metavar="NAME", help="The network of records that name none.")
@click.option("--source", default="import", metavar="NAME", help="The source that they are stored under.")
@writing
def import_(session: Session, file: Path, network: str, source: str) -> int:
    """Take in mentions from FILE: JSON lines, or CSV whose first line names the columns. - reads standard input."""
    from listen.collect import imports
    from listen.collect.process import WorkshopError

    if file.is_dir():
        raise Fault(f"{file} is a folder; give a file", USAGE)
    config = session.config()
    if source in config.sources:
        raise Fault(f'"{source}" is a source that is listened to; give the import another name with --source', USAGE)
    config.store.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    bar, begun = Bar(), time.monotonic()

    def told(progress: Progress) -> None:
        share = progress.at / progress.size if progress.size else 1.0
        rate = progress.rows / max(0.001, time.monotonic() - begun)
        bar.show(share, f"{_words(progress)} · {rate:,.0f} a second")

    try:
        with _spooled(file, config.store) as path:
            done = _take_in(config, imports.Taken(path.absolute(), network, source), told, bar, lasting=path == file)
    except imports.ImportFault as fault:
        raise Fault(str(fault), USAGE) from None
    except WorkshopError as error:
        raise Fault(f"{error}; see `listen doctor`", FAILED) from None
    except KeyboardInterrupt:
        raise Fault("stopped; the same command goes on where it was", FAILED) from None
    finally:
        bar.clear()
    _tell(session, Path("standard input") if str(file) == "-" else file, done)
    return FOUND if done.new or done.again else NOTHING


def _take_in(config: Config, what: Taken, told: Callable[[Progress], None], bar: Bar, *, lasting: bool) -> Progress:
    """Here under the lock, or by the collector that runs."""
    from listen.cli.asking import ask, here_or_there
    from listen.clock import from_environment
    from listen.collect import imports
    from listen.collect.errands import IMPORT

    def here() -> Progress:
        clock = from_environment()
        return asyncio.run(imports.take_in(config, what.path, clock, network=what.network, name=what.source, told=told))

    def there() -> Progress:
        with imports.opened(what.path) as file:
            mark = imports.mark(file)
        body = {"file": str(what.path), "mark": mark, "network": what.network, "source": what.source}
        answer = ask(config, IMPORT, body, lambda so_far: told(imports.Progress(**so_far)), bar, lasting=lasting)
        return imports.Progress(**answer)

    return here_or_there(here, there)


@contextlib.contextmanager
def _spooled(file: Path, store: Path) -> Iterator[Path]:
    """The file itself; what can be read once alone (standard input, a pipe) as a file beside the store meanwhile.

    There the collector can read it, and nobody else who could not read the store.
    """
    from listen.store.files import file_mode

    if str(file) != "-" and not file.is_fifo():
        yield file
        return
    with contextlib.ExitStack() as stack:
        read = stack.enter_context(file.open("rb")) if str(file) != "-" else sys.stdin.buffer
        spool = stack.enter_context(tempfile.NamedTemporaryFile(dir=store.parent, prefix=".import-"))
        os.fchmod(spool.fileno(), file_mode(store))
        shutil.copyfileobj(read, spool)
        spool.flush()
        yield Path(spool.name)


def _words(progress: Progress) -> str:
    parts = [f"{progress.new:,} new"]
    parts += [f"{progress.again:,} known already"] if progress.again else []
    parts += [f"{progress.bad:,} bad"] if progress.bad else []
    return ", ".join(parts)


def _tell(session: Session, file: Path, done: Progress) -> None:
    for fault in done.faults[:NAMED]:
        say(f"{file}: {one_line(fault, 300)}")
    if done.bad > NAMED:
        say(f"and {done.bad - NAMED:,} more bad lines; `listen rejects` keeps the latest of them")
    if session.as_json:
        print_json(
            {
                "file": str(file), "new": done.new, "again": done.again, "bad": done.bad,
                "resumed_at": done.resumed, "bytes": done.size, "faults": done.faults,
            }
        )  # fmt: skip
        return
    if done.resumed >= done.size and not done.rows:
        say(f"{file} was taken in before, whole; nothing to do")
        return
    went_on = ", going on where it was broken off" if done.resumed else ""
    say(f"{one_line(str(file))}: {_words(done)}{went_on}")
