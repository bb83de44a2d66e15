"""Taking in a file of mentions through the same pipeline as what is heard, in steps that can be gone on with.

A step is a chunk of whole records: read and prepared in the workshop, written in one transaction together with where
the file stands, so that a kill loses nothing and brings nothing twice.
"""

from __future__ import annotations

import asyncio
import csv
import hashlib
import json
import os
import stat
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from listen import noise
from listen.clock import Clock
from listen.collect import channels, lock
from listen.collect.channels import read_beside
from listen.collect.kit import workshop_of
from listen.collect.wire import Place
from listen.collect.workshop import Workshop
from listen.collect.writing import Scribe
from listen.config import Config
from listen.model import Prepared, Tracked
from listen.store import generations, rescore
from listen.store.write import Writer
from sources.base import Answer, Channel, Reject
from sources.imported import NETWORK, keyed, known

ROWS = 500
"""Records in one step: one transaction."""

BYTES = 1 << 20
"""No step reads more than this, and a record."""

LONGEST = 4 << 20
"""Bytes of one record; what is longer is no mention."""

NAMED = 100
"""Bad lines that are named; the others are counted."""

PIPE = "give it to `listen import - <FILE`, which passes it on"
"""What to do with what cannot be opened by its name."""

HEAD = 65_536
"""Bytes at the beginning of a file that tell it from others."""


class ImportFault(Exception):
    """The file cannot be taken in; the text says why and what to do."""


@dataclass(slots=True)
class Progress:
    """How far it is, and what has come of it."""

    size: int
    at: int = 0
    """Bytes that are done."""
    line: int = 1
    new: int = 0
    again: int = 0
    bad: int = 0
    faults: list[str] = field(default_factory=list)
    """What is wrong with the first NAMED bad lines."""
    resumed: int = 0
    """Where an earlier run had got to, in bytes."""

    @property
    def rows(self) -> int:
        """Records that were read."""
        return self.new + self.again + self.bad


Told = Callable[[Progress], None]


def _silent(_: Progress) -> None:
    """For who does not want to know."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What is taken in, and as what."""

    path: Path
    network: str = NETWORK
    """The network of records that name none."""
    source: str = NETWORK


async def take_in(
    config: Config, path: Path, clock: Clock, *, network: str = NETWORK, name: str = NETWORK, told: Told | None = None
) -> Progress:
    """Take a file into the store as the source `name`, going on where an earlier run ended.

    Raises ImportFault, `lock.Held`, StoreError and WorkshopError; what was written by then stays.
    """
    with opened(path) as file, lock.CollectorLock(config.store):
        told_format = _format(path, file)
        scribe = Scribe(config.store, clock, who=config.me.name)
        workshop = workshop_of(config)
        try:
            await scribe.open()
            workshop.set_topics(await scribe.do(lambda writer: _queries(writer, config)))
            return await _run(scribe, workshop, clock, Taken(path, network, name), file, told_format, told or _silent)
        finally:
            await workshop.close()
            await scribe.close()


async def beside(
    scribe: Scribe, workshop: Workshop, clock: Clock, what: Taken, expected: str, told: Told, before: Progress | None
) -> Progress:
    """The same within a collector that runs. `expected` is the `mark` of the file as it was seen by who asked.

    `before`: what an earlier run of the same request had counted. Raises ImportFault, OSError, StoreError and
    WorkshopError.
    """
    with opened(what.path) as file:
        if mark(file) != expected:
            raise ImportFault(f"the collector finds another file at {what.path} than you do; {PIPE}")
        return await _run(scribe, workshop, clock, what, file, _format(what.path, file), told, before)


def _queries(writer: Writer, config: Config) -> dict[int, Tracked]:
    """The topics to match, by id, after the store has learnt what is configured."""
    if config.written:
        writer.sync_topics([(one.name, one.query, one.role) for one in config.topics.values()])
        writer.sync_accounts(config.accounts)
    writer.sync_noise(noise.patterns(config.tables.get("noise", {})))
    rescore.sync_beside(writer, read_beside(config))
    return generations.tracked(writer.connection)


async def _run(
    scribe: Scribe,
    workshop: Workshop,
    clock: Clock,
    what: Taken,
    file: BinaryIO,
    settings: dict[str, Any],
    told: Told,
    before: Progress | None = None,
) -> Progress:
    name = what.source
    key = f"import:{name}:{what.network}:{mark(file)}"

    def begin(writer: Writer) -> tuple[int, dict[str, Any]]:
        return writer.bystander(name, "import", name), json.loads(writer.state(key) or "{}")

    channel_id, stood = await scribe.do(begin)
    start = settings.pop("start")
    progress = Progress(settings.pop("size"), int(stood.get("at", start[0])), int(stood.get("line", start[1])))
    progress.resumed = progress.at if stood else 0
    if before is not None:
        progress.new, progress.again, progress.bad = before.new, before.again, before.bad
        progress.faults, progress.resumed = before.faults, before.resumed
    place = Place(name, "import")
    channel = Channel(name, name, {**settings, "network": what.network})
    file.seek(progress.at)
    at, line = progress.at, progress.line
    writing: asyncio.Task[None] | None = None
    try:
        for body, lines in _chunks(file, settings["format"] == "csv"):
            prepared = await _read(workshop, channel, body, line, place, clock.now())
            if writing is not None:
                await writing
            at, line = at + len(body), line + lines
            stand = {key: json.dumps({"at": at, "line": line})}
            writing = asyncio.create_task(_write(scribe, channel_id, prepared, stand, progress, told))
        if writing is not None:
            await writing
    finally:
        if writing is not None and not writing.done():
            await asyncio.wait([writing])
    return progress


async def _read(
    workshop: Workshop, channel: Channel, body: bytes, line: int, place: Place, now: float
) -> tuple[list[Prepared], list[Reject], int]:
    """The mentions of a chunk, what is none, and when that was."""
    page = await workshop.parse("import", channel, {"line": line}, Answer("", 200, {}, body), now)
    outcomes = await workshop.prepare(page.posts, place, now)
    posts = [one for one in outcomes if isinstance(one, Prepared)]
    rejects = [*page.rejects, *_refused(outcomes, str(page.cursor.get("lines", "")).split())]
    return posts, rejects, int(now)


async def _write(
    scribe: Scribe,
    channel_id: int,
    prepared: tuple[list[Prepared], list[Reject], int],
    stand: dict[str, str],
    progress: Progress,
    told: Told,
) -> None:
    """Store a chunk together with where the file stands, while the next one is read."""
    posts, rejects, now = prepared
    refused = [channels.stored_reject(reject) for reject in rejects]
    added = await scribe.do(
        lambda writer: writer.add(channel_id, posts, seen_at=now, rejects=refused, quiet=True, stand=stand)
    )
    (stood,) = (json.loads(value) for value in stand.values())
    progress.at, progress.line = stood["at"], stood["line"]
    progress.new, progress.again = progress.new + len(added.new_ids), progress.again + added.again
    progress.bad += len(rejects)
    progress.faults += [reject.reason for reject in rejects][: NAMED - len(progress.faults)]
    told(progress)


def _refused(outcomes: Sequence[Prepared | Reject], lines: Sequence[str]) -> list[Reject]:
    """What could be read and not be prepared, with the lines where it stands."""
    return [
        Reject(f"line {line}: {one.reason}", one.sample)
        for one, line in zip(outcomes, lines, strict=True)
        if isinstance(one, Reject)
    ]


# --- the file --------------------------------------------------------------------------------------------------------


def opened(path: Path) -> BinaryIO:
    """The file, opened without waiting for anybody at the other end of it. Raises ImportFault, OSError."""
    file = os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb")
    if stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        return file
    file.close()
    raise ImportFault(f"{path} is no file; {PIPE}")


def mark(file: BinaryIO) -> str:
    """A name for this file that its content gives it; whoever knows it can read the file."""
    file.seek(0)
    head = file.read(HEAD)
    return hashlib.blake2b(head + str(_size(file)).encode(), digest_size=12).hexdigest()


def _size(file: BinaryIO) -> int:
    return os.fstat(file.fileno()).st_size


def _format(path: Path, file: BinaryIO) -> dict[str, Any]:
    """How the file is read: `format`, of CSV `header` and `delimiter` too; `start` is (byte, line) of the first record.

    Raises ImportFault.
    """
    file.seek(0)
    head, size = file.read(HEAD), _size(file)
    bom = 3 if head.startswith(b"\xef\xbb\xbf") else 0
    if not head[bom:].strip():
        raise ImportFault(f"{path} is empty")
    if head[bom:].lstrip()[:1] == b"{":
        return {"format": "jsonl", "start": (bom, 1), "size": size}
    if head[bom:].lstrip()[:1] == b"[":
        raise ImportFault(
            f"{path} is one JSON list; write one object a line: jq -c '.[]' {path.name} > {path.stem}.jsonl"
        )
    first = head[bom:].split(b"\n", 1)[0]
    try:
        words = first.decode("utf-8")
    except UnicodeDecodeError:
        raise ImportFault(f"{path} is neither JSON lines nor CSV in UTF-8") from None
    delimiter = max(",;\t|", key=words.count)
    header = next(csv.reader([words.rstrip("\r")], delimiter=delimiter), [])
    if not known(header):
        names = "external_id, title, text, author, url, published_at"
        raise ImportFault(f"{path}: line 1 names no column that is known; a CSV file begins with names such as {names}")
    if not {"text", "title", "url"} & _fields(header):
        raise ImportFault(f"{path}: line 1 names no column with a text, a title or a url")
    return {"format": "csv", "header": header, "delimiter": delimiter, "start": (bom + len(first) + 1, 2), "size": size}


def _fields(header: list[str]) -> set[str]:
    from sources.imported import NAMES

    found = {keyed(name) for name in header}
    return {field for field, names in NAMES.items() if found & set(names)}


def _chunks(file: BinaryIO, quoted: bool) -> Iterator[tuple[bytes, int]]:
    """(some whole records, how many lines they are). In CSV a record may go over several lines, within quotes.

    Raises ImportFault for a record that never ends.
    """
    lines: list[bytes] = []
    size = rows = open_from = 0
    inside = False
    for line in iter(lambda: file.readline(LONGEST + 1), b""):
        lines.append(line)
        size += len(line)
        inside ^= quoted and line.count(b'"') % 2 == 1
        open_from = open_from + len(line) if inside else 0
        if max(open_from, len(line)) > LONGEST:
            raise ImportFault(f"a record has more than {LONGEST >> 20} MiB: a quote that is never closed?")
        if inside:
            continue
        rows += 1
        if rows >= ROWS or size >= BYTES:
            yield b"".join(lines), len(lines)
            lines, size, rows = [], 0, 0
    if lines:
        yield b"".join(lines), len(lines)
