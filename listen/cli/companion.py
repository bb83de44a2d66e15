"""The collector that belongs to a console: started when nobody collects, and ended or left behind when it is closed."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from listen.cli.common import say

STAY = b"stay\n"
"""What a console writes to its collector that shall outlive it. The last line counts when the pipe closes."""

GO = b"go\n"

SILENCE, PATIENCE = 0.5, 12.0
"""Seconds that a collector may take to finish its batch and end: without a word, and until it is killed."""

PAUSE, LONGEST_PAUSE = 10.0, 300.0
"""Seconds between two starts of a collector that fails; doubled each time up to the longest."""


class CollectorEnded(Exception):
    """The collector has ended by itself, and not because it was told to."""

    def __init__(self, why: str, pause: float) -> None:
        """`why`: its last words; `pause`: seconds until it is tried again."""
        super().__init__(f"{why}; it is tried again in {pause:.0f} seconds")
        self.why = why


class Companion:
    """Sees to it that somebody collects, with an exec'd child, which inherits no lock and no terminal.

    A `personal` store is this person's alone: what happens to the collector at the end is for them to say. `memory` is
    the file that remembers it.
    """

    def __init__(
        self, store: Path, config_file: Path | None, *, personal: bool = False, memory: Path | None = None
    ) -> None:
        self.store, self.config_file = store, config_file
        self.child: subprocess.Popen[bytes] | None = None
        self._memory = (memory or memory_file()) if personal else None
        self.keeps: bool | None = None
        """Whether the collector goes on when the console is closed; None when nobody has said so yet."""
        self._left_behind: int | None = None
        self._recall()
        self._failures, self._not_before, self._begun_with = 0, 0.0, 0

    # --- while the console runs ---

    def ensure(self) -> None:
        """Start a collector unless there is one. Called every few seconds, in a thread. Raises CollectorEnded once.

        One that has failed is not waited for any longer when its configuration was changed.
        """
        from listen.collect.lock import holder

        if self._child_runs():
            return
        self._look_at_the_end()
        written = self._written()
        if holder(self.store) is not None or (time.monotonic() < self._not_before and written == self._begun_with):
            return
        self._begun_with = written
        with log_of(self.store) as log:
            self.child = subprocess.Popen(
                collect_command(self.store, self.config_file, "--while-input-open"),
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=log,
                start_new_session=True,
            )
        if self.keeps:
            self._tell(STAY)

    def _look_at_the_end(self) -> None:
        """A child that has failed is tried again, less and less often, and its last words are told."""
        child, self.child = self.child, None
        if child is None:
            return
        if child.stdin is not None:
            child.stdin.close()
        if child.returncode in (0, 4, -signal.SIGTERM):  # told to, or somebody else was quicker
            self._failures = 0
            return
        pause = min(LONGEST_PAUSE, PAUSE * 2**self._failures)
        self._failures += 1
        self._not_before = time.monotonic() + pause
        raise CollectorEnded(_last_line(self.store).removeprefix("listen: ") or "no reason given", pause)

    def _written(self) -> int:
        """When the configuration was written, in nanoseconds; 0 when that cannot be told."""
        try:
            return self.config_file.stat().st_mtime_ns if self.config_file is not None else 0
        except OSError:
            return 0

    def _child_runs(self) -> bool:
        return self.child is not None and self.child.poll() is None

    # --- what becomes of it ---

    @property
    def personal(self) -> bool:
        """Whether it is for this person to say what becomes of the collector."""
        return self._memory is not None

    def asks(self) -> bool:
        """Whether leaving has to ask: a collector of ours runs, and nobody has said what shall become of it."""
        self._recall()
        return self.personal and self.keeps is None and self._ours() is not None

    def keep(self, on: bool) -> None:
        """Whether the collector goes on when the console is closed, from now on. Raises OSError when not remembered."""
        self.keeps = on
        self._tell(STAY if on else GO)
        self._remember()

    def leave(self) -> None:
        """The console is closed: leave our collector behind, or let it finish its batch and end.

        It ends by itself when we die, since its standard input closes.
        """
        self._recall()
        pid = self._ours()
        if pid is None or self.keeps:
            with contextlib.suppress(OSError):
                self._remember()
            return
        if self.child is not None and self._child_runs():
            self._end(self.child)
        else:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGTERM)

    def _end(self, child: subprocess.Popen[bytes]) -> None:
        """The screen has been left: whoever has to wait for the shell is told what for."""
        child.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(SILENCE)
            return
        say("listen: the collector finishes what it has begun …")
        try:
            child.wait(PATIENCE - SILENCE)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
            say("listen: it did not, and was ended; nothing is lost, the next one goes on from there")

    def _ours(self) -> int | None:
        """The process that collects for us: our child, or one that an earlier console of ours left behind."""
        if self.child is not None and self._child_runs():
            return self.child.pid
        import socket

        from listen.collect.lock import holder

        who = holder(self.store) if self.personal and self._left_behind else None
        here = who is not None and who.pid == self._left_behind and who.host == socket.gethostname()
        return self._left_behind if here else None

    def _tell(self, word: bytes) -> None:
        if self.child is not None and self.child.stdin is not None:
            with contextlib.suppress(OSError, ValueError):
                self.child.stdin.write(word)
                self.child.stdin.flush()

    # --- memory ---

    def _remembered(self) -> dict[str, Any]:
        try:
            told = json.loads(self._memory.read_bytes()) if self._memory else {}
        except (OSError, ValueError):
            return {}
        return {name: one for name, one in told.items() if isinstance(one, dict)} if isinstance(told, dict) else {}

    def _recall(self) -> None:
        """Another console of this person may have been told something else meanwhile."""
        told = self._remembered().get(str(self.store), {})
        self.keeps = told.get("keep", self.keeps)
        self._left_behind = told.get("pid", self._left_behind)

    def _remember(self) -> None:
        if self._memory is None or self.keeps is None:
            return
        told = {
            **self._remembered(),
            str(self.store): {"keep": self.keeps, "pid": self._ours()},
        }
        self._memory.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        beside = self._memory.with_name(f".{self._memory.name}.{os.getpid()}")
        beside.write_text(json.dumps(told), encoding="utf-8")
        beside.chmod(0o600)
        beside.replace(self._memory)


def memory_file() -> Path:
    """Where a person's consoles remember what was answered: `~/.local/state/listen/collector.json` or its like."""
    from platformdirs import user_state_path

    return user_state_path("listen") / "collector.json"


def is_personal(store: Path, config_file: Path | None) -> bool:
    """Whether a store is one person's: not a team's, which lies in a setgid folder or is told of in /etc."""
    from listen.config import system_file

    folder = store.parent
    shared = folder.is_dir() and bool(folder.stat().st_mode & stat.S_ISGID)
    return not shared and config_file != system_file()


def collect_command(store: Path, config_file: Path | None, *options: str) -> list[str]:
    """The command line of a collector into that store."""
    named = ["--config", str(config_file)] if config_file else []
    return [sys.executable, "-m", "listen", "collect", "--db", str(store), *named, *options]


def log_of(store: Path):  # type: ignore[no-untyped-def]
    """Where a collector without a terminal talks: beside the store, begun anew when it has grown past a megabyte."""
    from listen.store import files

    path = store.with_name(store.name + ".log")
    anew = os.O_TRUNC if path.exists() and path.stat().st_size > 1 << 20 else 0
    mode = files.file_mode(store)
    log = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | anew, mode)
    if os.fstat(log).st_uid == os.geteuid():
        os.fchmod(log, mode)  # the umask took the group's part
    return os.fdopen(log, "ab")


def _last_line(store: Path) -> str:
    from listen.text import one_line

    try:
        with store.with_name(store.name + ".log").open("rb") as log:
            log.seek(max(0, log.seek(0, os.SEEK_END) - 2000))
            told = log.read().decode("utf-8", "replace").strip()
    except OSError:
        return ""
    return one_line(told.rpartition("\n")[2], 200)
