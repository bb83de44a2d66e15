"""What an undo asks of the collector (a definition as it was): done by the one that runs, or here under its lock."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Sequence

from listen.cli.common import Session
from listen.cli.definitions import PATIENCE, done
from listen.clock import from_environment
from listen.store import requests
from listen.store.requests import Request
from listen.store.sqlite import Connection, connect_people


def open_edits(connection: Connection) -> list[Request]:
    """Edits that nobody has carried out yet, oldest first."""
    return [one for one in requests.open_requests(connection) if one.kind == "edit"]


def carried_out(session: Session, asked: Sequence[Request]) -> Iterator[tuple[str, bool]]:
    """Carry these edits out; of each that did not come about why, and whether it may still.

    Raises ConfigErrors for a configuration that is broken.
    """
    from listen.collect.lock import CollectorLock, Held

    config = session.config(adapters=True)
    with contextlib.closing(connect_people(config.store)) as people:
        try:
            lock = CollectorLock(config.store)
        except Held:
            yield from _awaited(people, asked)
            return
        with lock:
            for one in asked if config.files else ():
                if (fault := _done_here(session, people, one)) is not None:
                    yield fault, False
        if not config.files:
            yield "without a configuration nobody can write it here: it waits until somebody collects", True


def _done_here(session: Session, people: Connection, asked: Request) -> str | None:
    """Why it was refused, None when it is done."""
    from listen.collect.topics import Refused

    clock = from_environment()
    try:
        answer = done(session, session.config(adapters=True), asked.body)
    except Refused as refused:
        requests.finish(people, asked.id, clock, error=str(refused))
        return str(refused)
    requests.finish(people, asked.id, clock, answer=answer)
    return None


def _awaited(people: Connection, asked: Sequence[Request]) -> Iterator[tuple[str, bool]]:
    end = time.monotonic() + PATIENCE
    for one in asked:
        while (now := requests.request(people, one.id)) is not None and now.done_at is None:
            if time.monotonic() > end:
                yield "the collector has not answered yet; it will do it", True
                return
            time.sleep(0.1)
        if now is not None and now.error:
            yield now.error, False
