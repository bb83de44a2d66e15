"""Having the collector that runs do what takes a while, with its progress, and breaking it off with ctrl+c."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from listen.cli.common import FAILED, Fault
from listen.clock import from_environment

if TYPE_CHECKING:
    from listen.cli.bar import Bar
    from listen.config import Config
    from listen.store.requests import Request
    from listen.store.sqlite import Connection

LOOK = 0.1
"""Seconds between two looks at how far it is."""

SUCCESSION = 30.0
"""Seconds without any collector after which nobody is waited for any more."""


T = TypeVar("T")


class Untaken(Exception):
    """Who held the store was no collector, and has left."""


def here_or_there(here: Callable[[], T], there: Callable[[], T]) -> T:
    """Do it here, which raises Held while somebody collects; then have it done there, by `ask`."""
    from listen.collect.lock import Held

    while True:
        try:
            return here()
        except Held:
            with contextlib.suppress(Untaken):
                return there()


def ask(
    config: Config,
    kind: str,
    body: Mapping[str, Any],
    told: Callable[[dict[str, Any]], None],
    bar: Bar | None = None,
    *,
    lasting: bool = True,
) -> dict[str, Any]:
    """The answer of the collector, however long it takes; `told` is shown how far it is, `bar` that it has been asked.

    `lasting`: when the collector ends, the next one goes on with it; else it is given up. Ctrl+c ends it there, too.
    Raises Untaken, and Fault with the collector's own words.
    """
    from listen.store import requests
    from listen.store.sqlite import connect_people

    clock = from_environment()
    with contextlib.closing(connect_people(config.store)) as people:
        number = requests.ask(people, kind, body, config.me.name, clock)
        try:
            done = _awaited(config, people, number, told, bar)
        except Alone as alone:
            if not (alone.taken and lasting):
                requests.finish(people, number, clock, error="the collector has ended")
            if not alone.taken:
                raise Untaken from None
            goes_on = "the next one goes on with it" if lasting else "the same command goes on where it was"
            raise Fault(f"the collector has ended; {goes_on}", FAILED) from None
        except KeyboardInterrupt:
            requests.finish(people, number, clock, error=f"stopped by {config.me.name}")
            raise
    if done is None or done.answer is None:
        raise Fault((done.error if done else None) or "the collector does not know of it any more", FAILED)
    return done.answer


class Alone(Exception):
    """Nobody collects any more."""

    def __init__(self, taken: bool) -> None:
        super().__init__()
        self.taken = taken


def _awaited(
    config: Config, people: Connection, number: int, told: Callable[[dict[str, Any]], None], bar: Bar | None
) -> Request | None:
    """The request when it is done. Raises Alone: at once for one that nobody took, else after SUCCESSION."""
    from listen.collect.lock import holder
    from listen.store import requests

    seen = time.monotonic()
    while (request := requests.request(people, number)) is not None and request.done_at is None:
        if request.progress is not None:
            told(request.progress)
        if (who := holder(config.store)) is not None:
            seen = time.monotonic()
            if request.progress is None and bar is not None:
                bar.show(None, f"the collector has been asked: {who}")
        elif request.taken_at is None and request.progress is None:
            raise Alone(False)
        elif time.monotonic() - seen > SUCCESSION:
            raise Alone(True)
        time.sleep(LOOK)
    return request
