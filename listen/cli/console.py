"""The bare `listen`: the console, with a collector of its own when nobody else collects."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from listen.cli.common import Session
from listen.clock import from_environment

if TYPE_CHECKING:
    from listen.config import Config


class Companion:
    """Starts a collector for a store that nobody collects into: an exec'd child, which inherits no lock."""

    def __init__(self, store: Path, config_file: Path | None) -> None:
        self.store = store
        self.config_file = config_file
        self.child: subprocess.Popen[bytes] | None = None

    def ensure(self) -> None:
        """Start one unless somebody collects. Called every few seconds by the console."""
        from listen.collect.lock import holder

        if self.child is not None and self.child.poll() is None:
            return
        if holder(self.store) is not None:
            return
        with _log_of(self.store) as log:
            self.child = subprocess.Popen(
                collect_command(self.store, self.config_file, "--while-input-open"),
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=log,
                start_new_session=True,
            )

    def stop(self) -> None:
        """Let our child finish its batch and go; it goes by itself when we die, since its standard input closes."""
        if self.child is None or self.child.poll() is not None:
            return
        self.child.terminate()
        try:
            self.child.wait(12)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()


def collect_command(store: Path, config_file: Path | None, *options: str) -> list[str]:
    """The command line of a collector into that store."""
    named = ["--config", str(config_file)] if config_file else []
    return [sys.executable, "-m", "listen", "collect", "--db", str(store), *named, *options]


def _log_of(store: Path):  # type: ignore[no-untyped-def]
    """Where a collector without a terminal talks: beside the store, begun anew when it has grown past a megabyte."""
    path = store.with_name(store.name + ".log")
    mode = "wb" if path.exists() and path.stat().st_size > 1 << 20 else "ab"
    return path.open(mode)


def open_console(session: Session, *, read_only: bool, query: str) -> int:
    """Open the console on the session's store; without a configuration and a store it says how to get one."""
    from listen import config

    file = config.find_file(session.config_file)
    loaded = config.load(session.config_file, store=session.db)
    companion = Companion(loaded.store, file) if file is not None and not read_only and loaded.sources else None
    if companion is not None:
        prepare(loaded.store)
        companion.ensure()
    return run_console(loaded, companion, read_only=read_only, query=query)


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


def run_console(loaded, companion: Companion | None, *, read_only: bool = False, query: str = "") -> int:  # type: ignore[no-untyped-def]
    """Run the console until it is left; its own collector leaves with it."""
    from listen import console

    os.environ.setdefault("ESCDELAY", "25")
    try:
        return console.run(
            loaded.store,
            who=loaded.me.name,
            clock=from_environment(),
            ensure_collector=companion.ensure if companion else None,
            read_only=read_only,
            query=query,
            configured=loaded.written,
            mouse=loaded.me.mouse,
            keys=own_keys(loaded),
            theme=loaded.me.theme,
        )
    finally:
        if companion is not None:
            companion.stop()


def prepare(store: Path) -> None:
    """The store must exist before the console looks at it; the collector will find it ready."""
    from listen.store import schema

    store.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    schema.prepare(store)
