"""What the console needs of the command line to begin from nothing, and the children by which it gets things done."""

from __future__ import annotations

import asyncio
import contextlib
import json
import subprocess
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from listen.clock import Clock

if TYPE_CHECKING:
    from listen.console.screens.leaving import Collects

LONGEST_LINE = 8 << 20
"""Bytes of one record at most: a text of 64 KB in which every sign is escaped is far below it."""

PATIENCE = 30.0
"""Seconds that writing a configuration may take."""


class Begun(NamedTuple):
    """What a new configuration gives: its store, made ready, who sees to it that somebody collects, and its topic."""

    store: Path
    companion: Collects
    topic: str | None


@dataclass(frozen=True)
class Beginning:
    """How to begin. The commands are argument lists, run as children; the callables may take a while."""

    who: str
    clock: Clock
    trying: Callable[[str], Sequence[str]]
    """The command that asks every source once for a query, and prints records."""
    writing: Callable[[str, str], Sequence[str]]
    """The command that writes a configuration for a brand and its query."""
    begin: Callable[[], Begun]
    """Read the configuration that has been written. Raises an exception whose text is for people."""
    file: Path
    """The configuration that will be written."""
    missing: Path | None = None
    """A store that was asked for and is not there."""


class Child:
    """A command under way, whose records are taken as they come."""

    def __init__(self, command: Sequence[str]) -> None:
        self._command = list(command)
        self._process: asyncio.subprocess.Process | None = None
        self.code: int | None = None
        self.said = ""
        """What it said on its standard error."""

    async def records(self) -> AsyncIterator[dict[str, Any]]:
        """Its records; a line that is none is passed over. Raises OSError when it cannot be started."""
        process = self._process = await asyncio.create_subprocess_exec(
            *self._command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            limit=LONGEST_LINE,
            start_new_session=True,
        )
        assert process.stdout is not None
        assert process.stderr is not None
        talk = asyncio.create_task(process.stderr.read())
        try:
            async for line in process.stdout:
                with contextlib.suppress(ValueError):
                    record = json.loads(line)
                    if isinstance(record, dict):
                        yield record
            self.said = (await talk).decode("utf-8", "replace").strip()
            self.code = await process.wait()
        finally:
            talk.cancel()
            self.stop()

    def stop(self) -> None:
        """End it; it holds nothing that could be lost."""
        if self._process is not None and self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()


async def done(command: Sequence[str]) -> tuple[int, str]:
    """Run a command to its end: exit code, and what it said. Raises OSError, TimeoutError."""
    child = Child(command)
    async with asyncio.timeout(PATIENCE):
        async for _ in child.records():
            pass
    return child.code or 0, child.said
