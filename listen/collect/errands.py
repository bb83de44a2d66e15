"""What people ask a running collector for and that takes a while: a file, what a source said before, erasing.

Each tells how far it is, can be broken off by who asked, and goes on where it was, in the next collector too.
"""

from __future__ import annotations

import getpass
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from listen.collect import backfill, erasing, imports
from listen.collect.channels import Watch
from listen.collect.kit import Kit
from listen.collect.process import WorkshopError
from listen.collect.topics import Refused
from listen.config import Config
from listen.store import requests
from listen.store.requests import Request
from listen.store.write import Writer

IMPORT = "import"
"""Body: `{"file": absolute path, "mark": imports.mark of it, "network": name, "source": name}`. Progress and answer are
an `imports.Progress` as a record. The mark shows that who asked can read the file, and that it is the same one."""

BACK_FILL = "back-fill"
"""Body: `{"source": name, "since": Unix seconds}`. Progress and answer hold `channels`, a list of `backfill.Filled` as
records."""

KINDS = (IMPORT, BACK_FILL, *erasing.KINDS)

TOLD = 0.3
"""Real seconds between two words on how far it is."""


class Teller:
    """Writes how far a request is into it, now and then."""

    def __init__(self, kit: Kit, number: int) -> None:
        self._kit, self._number, self._told = kit, number, 0.0

    def __call__(self, told: Mapping[str, Any]) -> None:
        if time.monotonic() - self._told >= TOLD:
            self._told = time.monotonic()
            self._kit.scribe.submit(lambda writer: _tell(writer, self._number, dict(told)))


def _tell(writer: Writer, number: int, told: dict[str, Any]) -> None:
    requests.tell_progress(writer.connection, number, told)


async def serve(kit: Kit, config: Config, watches: Sequence[Watch], request: Request) -> dict[str, Any]:
    """Do it to the end. `watches`: the channels that are switched on. Raises Refused, StoreError."""
    tell = Teller(kit, request.id)
    if request.kind == IMPORT:
        return await _take_in(kit, config, request, tell)
    if request.kind in erasing.KINDS:
        return await erasing.serve(kit.scribe, request, tell)
    return await _fill(kit, config, watches, request, tell)


async def _take_in(kit: Kit, config: Config, request: Request, tell: Teller) -> dict[str, Any]:
    body = request.body
    what = imports.Taken(Path(str(body["file"])), str(body["network"]), str(body["source"]))
    if what.source in config.sources:
        raise Refused(f'"{what.source}" is a source that is listened to; give the import another name with --source')
    before = imports.Progress(**request.progress) if request.progress else None
    try:
        done = await imports.beside(
            kit.scribe, kit.workshop, kit.clock, what, str(body["mark"]), lambda now: tell(asdict(now)), before
        )
    except OSError as error:
        who = f"the collector, which runs as {_user()}, cannot read {what.path}"
        raise Refused(f"{who}: {error.strerror}; {imports.PIPE}") from None
    except (imports.ImportFault, WorkshopError) as error:
        raise Refused(str(error)) from None
    return asdict(done)


async def _fill(kit: Kit, config: Config, watches: Sequence[Watch], request: Request, tell: Teller) -> dict[str, Any]:
    name = str(request.body["source"])
    meant = [watch for watch in watches if watch.source.name == name]
    if not meant:
        why = "is switched off, or cannot be opened; see `listen sources`" if name in config.sources else "is no source"
        raise Refused(f'"{name}" {why}')
    told = {one["channel"]: backfill.Filled(**one) for one in (request.progress or {}).get("channels", ())}

    def show(filled: backfill.Filled) -> None:
        told[filled.channel] = filled
        tell({"channels": [asdict(one) for one in told.values()]})

    done = await backfill.run(kit, meant, float(request.body["since"]), show, dict(told))
    return {"channels": [asdict(one) for one in done]}


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "another user"
