"""`doctor`: what is wrong here, and what to do about it."""

from __future__ import annotations

import json
import shutil
import stat
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import click

from listen.cli.common import FOUND, NOTHING, Session, common, print_json, sentence_of, several
from listen.text import one_line

LOW_DISK = 256 << 20
"""Bytes left on the store's disk below which to warn."""

LONG_LOG = 256 << 20
"""Bytes of write-ahead log above which to warn: four times what a collector leaves."""

RECENT = 7 * 86_400
"""Seconds for which it is told that mentions have lost their text."""

SILENT = 120
"""Seconds after which a collector that says nothing is in trouble."""


@dataclass(frozen=True, slots=True)
class Finding:
    subject: str
    good: bool
    message: str
    remedy: str = ""


@click.command()
@click.option("--deep", is_flag=True, help="Read the whole store: structure, and the search index against the texts.")
@common
def doctor(session: Session, deep: bool) -> int:
    """Look at the program, the configuration, the store and the sources."""
    good = True
    for finding in _findings(session, deep):
        good = good and finding.good
        if session.as_json:
            print_json(
                {"subject": finding.subject, "good": finding.good, "message": finding.message, "remedy": finding.remedy}
            )
        else:
            print(f"{'✓' if finding.good else '✗'} {finding.subject:<14} {one_line(finding.message)}")
            if finding.remedy:
                print(f"  {'':<14} → {one_line(finding.remedy)}")
    return FOUND if good else NOTHING


def _findings(session: Session, deep: bool) -> Iterator[Finding]:
    yield from _program()
    yield from _configuration(session)
    from listen.config import ConfigErrors
    from listen.store.sqlite import StoreError, sqlite3

    try:
        path = session.store()
    except ConfigErrors:
        words = "not looked at, as the configuration would say where it is"
        yield Finding("store", False, words, "mend the configuration, or give the store with --db FILE")
        return
    try:
        if not path.exists():
            yield Finding("store", True, f"none yet at {path}", "`listen init BRAND`, then `listen`")
            yield from _secrets(session)
            return
        yield from _file(path)
        yield from _collector(session, path)
        yield from _sources(session)
        yield from _scores(session)
        yield from _content(session, deep)
    except (StoreError, sqlite3.Error, OSError) as error:
        told = sentence_of(error)
        yield Finding("store", False, told[0] if told else str(error))


def _program() -> Iterator[Finding]:
    from listen import __version__
    from listen.store import sqlite

    yield Finding("listen", True, f"{__version__}, Python {sys.version.split()[0]}")
    numbers = sqlite.version()
    spelled = f"{'.'.join(map(str, numbers))} ({sqlite.sqlite3.__name__.partition('.')[0]})"
    if sqlite.risky(numbers):
        yield Finding(
            "SQLite",
            False,
            f"{spelled} has a race that can damage a store which several processes write",
            "`pip install pysqlite3`, or a Python built with SQLite 3.51.3 or newer; until then keep backups",
        )
    else:
        yield Finding("SQLite", True, spelled)


def _configuration(session: Session) -> Iterator[Finding]:
    from listen.cli.setup import open_sources
    from listen.config import ConfigErrors

    try:
        loaded = session.config(adapters=True)
        open_sources(loaded)
    except ConfigErrors as errors:
        for error in errors.errors:
            yield Finding("configuration", False, one_line(str(error)))
        return
    if not loaded.written:
        yield Finding("configuration", True, "none of your own yet", "`listen init BRAND` writes one")
        return
    for file in loaded.files:
        if file.stat().st_mode & (stat.S_IWGRP | stat.S_IWOTH) and not file.parent.stat().st_mode & stat.S_ISGID:
            yield Finding("configuration", False, f"{file} can be changed by others", f"chmod go-w {file}")
    yield Finding(
        "configuration",
        True,
        f"{', '.join(map(str, loaded.files))}: "
        f"{several(len(loaded.topics), 'topic')}, {several(len(loaded.sources), 'source')}",
    )
    yield from _plugins({source.adapter for source in loaded.sources.values()})
    if loaded.sources and not loaded.contact:
        yield Finding(
            "contact",
            False,
            "requests carry no contact",
            '`contact = "you@example.org"` below [collect]: some servers insist on one',
        )


def _plugins(adapters: set[str]) -> Iterator[Finding]:
    """Adapters of other packages that the configuration names: code of others that runs here."""
    import sources
    from sources import plugins
    from sources.base import SourceError

    for name, point in sources.others().items():
        if name not in adapters:
            continue
        try:
            sources.get(name)
            yield Finding("plug-in", True, f"{name} of {plugins.package(point)}, {point.value}")
        except SourceError as error:
            yield Finding("plug-in", False, error.message, error.remedy)


def _file(path: Path) -> Iterator[Finding]:
    from listen.store import files, sqlite

    mode = path.stat().st_mode
    team = bool(path.parent.stat().st_mode & stat.S_ISGID)
    if mode & stat.S_IRWXO or (mode & stat.S_IRWXG and not team):
        yield Finding("permissions", False, f"{path} is open to others", f"chmod {'660' if team else '600'} {path}")
    if team:
        yield from _shared(path)
    free = shutil.disk_usage(path.parent).free
    if free < LOW_DISK:
        yield Finding(
            "disk", False, f"{free >> 20} MB left beside the store", "make room: collecting pauses on a full disk"
        )
    try:
        files.check_place(path)
    except sqlite.StoreError as error:
        yield Finding("disk", False, str(error))
    log = path.with_name(f"{path.name}-wal")
    if log.exists() and (length := log.stat().st_size) > LONG_LOG:
        yield Finding(
            "log", False, f"{length >> 20} MB that were written are not in the file yet: somebody reads an older state",
            "end what has been reading for long, such as `listen sql`; start a collector if none runs",
        )  # fmt: skip
    size = sum(
        file.stat().st_size
        for file in path.parent.glob(f"{path.name}*")
        if file.suffix in (path.suffix, f"{path.suffix}-wal")
    )
    yield Finding("store", True, f"{path}, {size / (1 << 20):,.0f} MB, {free >> 30} GB free")


def _shared(path: Path) -> Iterator[Finding]:
    """Of a team's store: what lies beside it is for the whole group, too."""
    import grp

    folder = path.parent.stat()
    name = next((one.gr_name for one in grp.getgrall() if one.gr_gid == folder.st_gid), str(folder.st_gid))
    mends = f"`sudo listen init --team {name}` mends it"
    if folder.st_mode & 0o070 != 0o070:
        yield Finding("team", False, f"{path.parent} cannot be used by the group {name}", mends)
    for file in sorted(path.parent.glob(f"{path.name}*")):
        status = file.stat()
        if status.st_gid != folder.st_gid or status.st_mode & 0o060 != 0o060:
            yield Finding("team", False, f"{file} cannot be written by the group {name}", mends)
    yield Finding("team", True, f"the group {name} shares the store")


def _content(session: Session, deep: bool) -> Iterator[Finding]:
    from listen.store import audit

    sound = True
    for problem in audit.problems(session.store(), deep=deep):
        sound = False
        yield Finding("content", False, problem, "`listen backup` what is there, then restore the last good backup")
    if sound:
        told = "structure and search index agree" if deep else "sound at a first look; --deep reads all of it"
        yield Finding("content", True, told)


def _collector(session: Session, path: Path) -> Iterator[Finding]:
    import time

    from listen.collect.lock import holder

    who = holder(path)
    if who is None:
        yield Finding("collector", True, "nobody collects now", "`listen`, or `listen collect --detach`")
        yield from _secrets(session)
        return
    with session.reader() as reader:
        state = reader.collector()
    silent = time.time() - state.heartbeat if state and state.heartbeat else None
    if silent is not None and silent > SILENT:
        yield Finding(
            "collector", False, f"{who} has said nothing for {silent:.0f} seconds", "stop it and start it again"
        )
    elif state is not None and state.problem:
        yield Finding("collector", False, f"{who}: {state.problem}")
    else:
        yield Finding("collector", True, str(who))


def _secrets(session: Session) -> Iterator[Finding]:
    """Secrets that a collector begun here would not have; one that runs has its own, and its channels tell of it."""
    import sources
    from listen.config import ConfigErrors
    from listen.config.values import unresolved
    from sources.base import SourceError

    try:
        loaded = session.config(adapters=True)
    except ConfigErrors:
        return  # told already
    for source in loaded.sources.values():
        try:
            options = sources.get(source.adapter).options if source.enabled else {}
        except SourceError:
            continue  # told already
        for key, option in options.items():
            reference = source.settings.get(key)
            if option.type == "secret" and reference and (wrong := unresolved(str(reference), loaded.folder)):
                yield Finding("secret", False, f"{one_line(source.name)}: {key}: {wrong[0]}", wrong[1])


def _scores(session: Session) -> Iterator[Finding]:
    """Which engines the stored scores are from, where that are not yet those that run."""
    from listen import aims
    from listen.store import scored

    with session.reader() as reader:
        job, stored, empty = reader.rescoring(), reader.state(scored.SCORED_BY), reader.newest() is None
    running = aims.engines()
    by = json.loads(stored or "{}") if job is None else dict(job.engines)
    for name in scored.BESIDE:
        by.pop(name, None)
    if job is not None and by == running:
        yield Finding("sentiment", True, scored.sentence(job), "a collector does it in the background")
    elif job is not None or (not empty and by != running):
        words = "the stored scores are from other engines than those that run"
        yield Finding("sentiment", True, words, "the next collector scores what is stored anew, newest first")
    else:
        yield Finding("sentiment", True, ", ".join(f"{lang} by {name}" for lang, name in running.items()))


def _sources(session: Session) -> Iterator[Finding]:
    from listen.clock import from_environment
    from listen.store import condition, perishable

    now = from_environment().now()
    with session.reader() as reader:
        channels = [channel for channel in reader.channels() if channel.adapter != "import"]
        lost = perishable.lost_of(reader.state(perishable.LOST))
    for source, (many, at) in lost.items():
        if now - at < RECENT:
            remedy = "let the collector run every few days, and see that the source can be asked"
            yield Finding("source", False, f"{one_line(source)}: {perishable.sentence(many)}", remedy)
    for channel in channels:
        if channel.active and channel.errors:
            problem = one_line(channel.error or channel.error_reason or "", 120)
            place = f"{one_line(channel.source)} {one_line(channel.label, 60)}"
            yield Finding("source", False, f"{place}: {problem}", one_line(channel.error_remedy or "", 160))
        elif channel.state == "quiet" or (channel.active and channel.moved):
            told, _, remedy = condition.problem(channel).partition(condition.ARROW)
            place = f"{one_line(channel.source)} {one_line(channel.label, 60)}"
            yield Finding("source", True, f"{place}: {one_line(told, 200)}", remedy)
    healthy = sum(1 for channel in channels if channel.active and not channel.errors)
    yield Finding("sources", True, f"{healthy} of {len(channels)} channels are well")
