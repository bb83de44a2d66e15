"""The bare `listen`: the console, with a collector of its own when nobody else collects."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from listen import places
from listen.cli.common import USAGE, Fault, Session
from listen.cli.companion import Companion, is_personal
from listen.clock import from_environment

if TYPE_CHECKING:
    from listen.config import Config
    from listen.console.first.beginning import Beginning
    from listen.console.own_commands import OwnCommand


def need_terminal() -> None:
    """Raise Fault where a console cannot be shown: a stream leads elsewhere, or the terminal moves no cursor."""
    for stream, name in ((sys.stdin, "input"), (sys.stdout, "output"), (sys.stderr, "error output")):
        if not stream.isatty():
            message = f"the console needs a terminal, and its {name} is none"
            raise Fault(f"{message}; `listen search`, `tail` and `count` do without", USAGE)
    if (kind := os.environ.get("TERM", "")) in ("dumb", "unknown"):
        message = f"the console needs a terminal that can move its cursor, and TERM={kind} says that this one cannot"
        raise Fault(f"{message}; set TERM, or take `listen search`, `tail` and `count`", USAGE)
    if (encoding := sys.stdout.encoding.lower()) not in ("utf-8", "utf8"):
        message = f"the console draws with signs of UTF-8, and the locale says {encoding}"
        raise Fault(f"{message}; `LC_ALL=C.UTF-8 listen` opens it where the terminal shows UTF-8", USAGE)


def open_console(session: Session, *, read_only: bool, query: str) -> int:
    """Open the console on the session's store; without a configuration and a store it asks how to begin."""
    from listen import config

    file = config.find_file(session.config_file)
    loaded = config.load(session.config_file, store=session.db)
    read_only = read_only or loaded.me.read_only or places.unwritable(loaded.store) is not None
    own_keys(loaded)  # before anything is started
    own_commands(loaded)
    if file is None and not os.path.lexists(loaded.store):
        return _begin(session, loaded, read_only=read_only, query=query)
    companion = None
    if file is not None and not read_only and any(source.enabled for source in loaded.sources.values()):
        companion = Companion(loaded.store, file, personal=is_personal(loaded.store, file))
    if companion is not None:
        prepare(loaded.store)
        companion.ensure()
    return run_console(loaded, companion, read_only=read_only, query=query)


def _begin(session: Session, loaded: Config, *, read_only: bool, query: str) -> int:
    """The console of somebody who has told nothing yet, then what was chosen there."""
    if read_only:
        raise Fault(f"there is nothing to read: no configuration, and no store at {loaded.store}", USAGE)
    from listen.cli.first import FirstRun, play_demo
    from listen.console import PLAY_DEMO

    first = FirstRun(session, loaded)
    try:
        code = run_console(loaded, None, query=query, beginning=first.beginning)
    finally:
        if first.companion is not None:
            first.companion.leave()
    if code == PLAY_DEMO:
        play_demo()
    return code


def own_keys(loaded: Config) -> dict[str, tuple[str, ...]]:
    """The person's own keys, checked. Raises ConfigErrors with the place of each fault in `me.toml`."""
    if not loaded.me.keys:
        return {}
    from listen.config import ConfigErrors, fault_in
    from listen.console.own_keys import KeysError, keymap

    try:
        return keymap(loaded.me.keys)
    except KeysError as error:
        files = [loaded.me.file] if loaded.me.file else []
        raise ConfigErrors([fault_in(files, ("keys", one.id), one.message, one.hint) for one in error.faults]) from None


def own_commands(loaded: Config) -> list[OwnCommand]:
    """The commands that were added, checked. Raises ConfigErrors with the place of each fault."""
    written = loaded.tables.get("commands") or {}
    if not written:
        return []
    from listen.config import ConfigErrors, fault_in
    from listen.console.keys import with_own
    from listen.console.own_commands import commands
    from listen.console.own_keys import KeysError

    try:
        return commands(written, with_own(own_keys(loaded)))
    except KeysError as error:
        raise ConfigErrors(
            [
                fault_in(loaded.files, ("commands", *one.id.rsplit(".", 1)), one.message, one.hint)
                for one in error.faults
            ]
        ) from None


def take_time_zone(loaded: Config) -> None:
    """Tell all times by the person's own clock from here on. Raises ConfigErrors when there is no such zone."""
    name = loaded.me.timezone
    if not name:
        return
    import time
    import zoneinfo

    from listen.config import ConfigErrors, fault_in

    try:
        zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        files = [loaded.me.file] if loaded.me.file else []
        hint = 'write an area and a city, such as "Europe/Paris"'
        raise ConfigErrors([fault_in(files, ("me", "timezone"), f'there is no time zone "{name}"', hint)]) from None
    os.environ["TZ"] = name
    time.tzset()


def run_console(
    loaded: Config,
    companion: Companion | None,
    *,
    read_only: bool = False,
    query: str = "",
    beginning: Beginning | None = None,
) -> int:
    """Run the console until it is left; its own collector leaves with it, or stays as its person said."""
    from listen import console

    os.environ.setdefault("ESCDELAY", "25")
    take_time_zone(loaded)
    try:
        return console.run(
            loaded.store,
            who=loaded.me.name,
            clock=from_environment(),
            habits=console.Habits(
                own_keys(loaded), own_commands(loaded), loaded.me.theme, loaded.me.mouse, loaded.me.bell
            ),
            companion=companion,
            read_only=read_only,
            query=query,
            configured=loaded.written,
            beginning=beginning,
        )
    finally:
        if companion is not None:
            companion.leave()


def prepare(store: Path) -> None:
    """The store must exist before the console looks at it; the collector will find it ready."""
    from listen.store import schema

    store.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    schema.prepare(store)
