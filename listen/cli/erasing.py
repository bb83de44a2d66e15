"""Having people's requests to erase done: by the collector that runs, or here under its lock, until no byte is left."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from listen.cli.bar import Bar
from listen.cli.common import USAGE, Fault, Session, say
from listen.clock import from_environment

if TYPE_CHECKING:
    from pathlib import Path

    from listen.config import Config
    from listen.store.write import Writer

PATIENCE = 60.0
"""Seconds to wait for the last bytes; the collector goes on trying."""

LOOK = 0.1


def erased(session: Session, kind: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """The receipt as `listen.collect.erasing.record` gives it, with `clean_at` when no byte is left."""
    from listen.cli.asking import ask, here_or_there
    from listen.collect.topics import Refused

    config = session.config(adapters=True)
    bar = Bar()

    def told(progress: Mapping[str, Any]) -> None:
        bar.show(None, f"{progress.get('mentions', 0):,} mentions")

    def here() -> dict[str, Any]:
        return _here(config, kind, body, told)

    def there() -> dict[str, Any]:
        answer = ask(config, kind, body, told)
        bar.clear()
        if answer["receipt"] is None:
            return answer
        return {**answer, "clean_at": _clean(config.store, answer["receipt"])}

    try:
        return here_or_there(here, there)
    except Refused as refused:
        raise Fault(str(refused), USAGE) from None
    finally:
        bar.clear()


def _here(
    config: Config, kind: str, body: Mapping[str, Any], told: Callable[[Mapping[str, Any]], None]
) -> dict[str, Any]:
    from listen.collect import erasing
    from listen.collect.channels import retention_of
    from listen.collect.lock import CollectorLock
    from listen.store import receipts, schema
    from listen.store.sqlite import connect_writer
    from listen.store.write import Writer

    with CollectorLock(config.store):
        schema.prepare(config.store)
        with contextlib.closing(connect_writer(config.store)) as connection:
            writer = Writer(connection, from_environment())
            writer.claim(config.me.name)
            if config.written:
                writer.sync_retention(retention_of(config))
            answer = erasing.alone(writer, kind, body, config.me.name, told)
            _wash(writer)
            found = receipts.receipt(connection, answer["receipt"] or "")
            writer.release()
    return {**answer, "clean_at": found.clean_at if found else None}


def _wash(writer: Writer) -> None:
    """Until no byte is left, or as long as somebody can be expected to wait."""
    from listen.store import receipts

    end, said = time.monotonic() + PATIENCE, ""
    while receipts.owed(writer.connection):
        writer.wash()
        if writer.washing.waits != said:
            said = writer.washing.waits
            say(said)
        if time.monotonic() > end:
            say("not every byte is gone yet; the next `listen collect` goes on, and `listen forget --receipts` tells")
            return
        time.sleep(LOOK)


def _clean(store: Path, number: str) -> int | None:
    """Since when no byte is left, by the collector that runs; None when it did not get there."""
    from listen.store import receipts
    from listen.store.sqlite import connect_reader

    end = time.monotonic() + PATIENCE
    with contextlib.closing(connect_reader(store)) as connection:
        while time.monotonic() < end:
            found = receipts.receipt(connection, number)
            if found is None or found.clean_at is not None:
                return found.clean_at if found else None
            time.sleep(LOOK)
    say("not every byte is gone yet: somebody still reads an older state; the collector goes on trying")
    return None
