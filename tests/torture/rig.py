"""The product as its users run it: `listen` processes on folders of their own, against hosts that misbehave."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import io
import json
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from listen.cli import run
from tests.collect.server import Reply, Seen, Server

ROOT = Path(__file__).parents[2]
PATIENCE = 120.0
"""Seconds after which what was waited for will not come any more, on however busy a machine."""

_PAIR = re.compile(r'(\w+)=("(?:[^"\\]|\\.)*"|\S+)')


class Hosts:
    """Any number of scripted servers, each a host of its own, in one thread."""

    def __enter__(self) -> Self:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._servers: list[Server] = []
        return self

    def new(self, **pages: bytes | Reply | Callable[[Seen, asyncio.StreamWriter], Any]) -> Server:
        """One more host; `name=body` is served at `/name`."""
        server = Server()
        asyncio.run_coroutine_threadsafe(server.__aenter__(), self._loop).result(10)
        self._servers.append(server)
        for name, page in pages.items():
            server.on(f"/{name}", Reply(body=page) if isinstance(page, bytes) else page)
        return server

    def __exit__(self, *_: object) -> None:
        for server in self._servers:
            asyncio.run_coroutine_threadsafe(server.__aexit__(None, None, None), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()


@dataclass(frozen=True)
class Ran:
    """What one command line did."""

    code: int
    out: bytes
    err: bytes

    @property
    def records(self) -> list[dict[str, Any]]:
        """The JSON lines of standard output, read by the strictest rules."""

        def refuse(word: str) -> None:
            raise ValueError(f"{word} is not JSON")

        return [json.loads(line, parse_constant=refuse) for line in self.out.decode("ascii").splitlines()]


class Desk:
    """Somebody's folder, with a configuration, a store, and an environment that reaches nobody else's files."""

    def __init__(self, folder: Path, **environment: str) -> None:
        self.folder = folder
        self.config = folder / "config.toml"
        self.store = folder / "db" / "listen.db"
        kept = {name: os.environ[name] for name in ("PATH", "PYTHONPATH", "HOME", "LANG") if name in os.environ}
        own = {"XDG_CONFIG_HOME": str(folder / "config"), "XDG_DATA_HOME": str(folder / "data")}
        self.environment = {**kept, **own, **environment}

    def configure(self, *tables: str) -> None:
        self.config.write_text("\n\n".join([*tables, '[store]\npath = "db/listen.db"\n']), encoding="utf-8")

    def command(self, *arguments: str | bytes | Path) -> list[str | bytes]:
        plain = [argument if isinstance(argument, bytes) else str(argument) for argument in arguments]
        return [sys.executable, "-m", "listen", *plain]

    def run(self, *arguments: str | bytes | Path, environment: Mapping[str, str] | None = None, **more: Any) -> Ran:
        """Run a command in a process of its own, to its end."""
        more = {"capture_output": True, "stdin": subprocess.DEVNULL, "cwd": ROOT, "timeout": PATIENCE, **more}
        told = self.environment if environment is None else dict(environment)
        done = subprocess.run(self.command(*arguments), env=told, check=False, **more)
        return Ran(done.returncode, done.stdout or b"", done.stderr or b"")

    def ask(self, *arguments: str | Path) -> Ran:
        """Run a command with this desk's configuration in this process, which takes a tenth of the time."""
        out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True) for _ in range(2))
        mask = os.umask(0o077)
        try:
            with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
                code = run(["--config", str(self.config), *map(str, arguments)])
        finally:
            os.umask(mask)
        return Ran(code, out.buffer.getvalue(), err.buffer.getvalue())  # type: ignore[attr-defined]

    def on_a_terminal(
        self, *arguments: str | Path, until: bytes | None = None, environment: Mapping[str, str] | None = None
    ) -> bytes:
        """Every byte that a command sends to a terminal of 200 columns, up to its end or to certain bytes."""
        near, far = pty.openpty()
        fcntl.ioctl(far, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 200, 0, 0))
        told = {**self.environment, "TERM": "xterm-256color", **(environment or {})}
        command = self.command(*arguments, "--config", self.config)
        with subprocess.Popen(command, env=told, stdin=far, stdout=far, stderr=far, cwd=ROOT) as process:
            os.close(far)
            try:
                return _drained(near, until)
            finally:
                process.terminate()
                os.close(near)

    @contextlib.contextmanager
    def collecting(self, *options: str, **environment: str) -> Iterator[Collector]:
        """A collector of its own, ended if it has not been ended before."""
        log = self.folder / f"collector-{time.monotonic_ns()}.log"
        with log.open("wb") as told:
            process = subprocess.Popen(
                self.command("collect", *options, "--config", self.config), env={**self.environment, **environment},
                stdin=subprocess.DEVNULL, stdout=told, stderr=told, cwd=ROOT,
            )  # fmt: skip
        try:
            yield Collector(process, log)
        finally:
            process.kill()
            process.wait()


def _drained(terminal: int, until: bytes | None) -> bytes:
    told = b""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and (until is None or until not in told):
        if select.select([terminal], [], [], 0.2)[0]:
            try:
                part = os.read(terminal, 65_536)
            except OSError:  # Linux: the other end was closed
                break
            if not part:
                break
            told += part
    return told


class Collector:
    """A collector process and its log."""

    def __init__(self, process: subprocess.Popen[bytes], log: Path) -> None:
        self.process, self.log = process, log

    def events(self, kind: str = "", source: str = "") -> list[dict[str, str]]:
        """What it has told so far."""
        lines = self.log.read_text(encoding="utf-8").splitlines()
        found = [
            {name: json.loads(value) if value[0] == '"' else value for name, value in _PAIR.findall(line)}
            for line in lines
        ]
        return [one for one in found if kind in ("", one.get("event")) and source in ("", one.get("source"))]

    def heard(self, *kinds: str) -> list[dict[str, str]]:
        """Events of these kinds."""
        return [one for one in self.events() if one.get("event") in kinds]

    def until(self, holds: Callable[[], object], seconds: float = PATIENCE) -> None:
        """Wait until something is true; it is not, when the collector has ended before."""
        end = time.monotonic() + seconds
        while not holds():
            alive = self.process.poll() is None
            assert alive or holds(), self.log.read_text(encoding="utf-8")
            assert time.monotonic() < end, self.log.read_text(encoding="utf-8")
            time.sleep(0.05)

    def told(self, kind: str, source: str = "", times: int = 1) -> None:
        """Wait for so many events."""
        self.until(lambda: len(self.events(kind, source)) >= times)

    def end(self, number: signal.Signals = signal.SIGTERM, seconds: float = 30.0) -> int:
        self.process.send_signal(number)
        return self.process.wait(seconds)

    def memory(self) -> int:
        """Bytes that it used at most so far, 0 where the system does not tell."""
        return _memory(self.process.pid)


def _memory(pid: int) -> int:
    with contextlib.suppress(OSError):
        peak = re.search(r"VmHWM:\s*(\d+) kB", Path(f"/proc/{pid}/status").read_text())
        return int(peak[1]) << 10 if peak else 0
    return 0


def feed(name: str, *urls: str, every: str = "1h", allow: str = "127.0.0.1", more: str = "") -> str:
    """A source of feeds, as it stands in a configuration."""
    return (
        f'[sources."{name}"]\nadapter = "feed"\nevery = "{every}"\nurls = {json.dumps(list(urls))}\n'
        f'allow_private = ["{allow}"]\n{more}'
    )
