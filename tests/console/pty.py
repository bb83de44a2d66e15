"""A command in a pseudo-terminal: its raw bytes, its keys, its size, and its end."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType

DEADLINE = 60.0
"""Seconds of real time that something is waited for."""

KEYS = {
    "enter": "\r",
    "esc": "\x1b",
    "tab": "\t",
    "up": "\x1b[A",
    "down": "\x1b[B",
    "pgdn": "\x1b[6~",
    "pgup": "\x1b[5~",
}

ELSEWHERE = ("NO_COLOR", "COLORTERM", "SSH_CONNECTION", "SSH_TTY", "SSH_CLIENT", "TMUX", "STY", "TERM_PROGRAM")
"""What the environment of the tests says of another terminal than this one."""

CONTROL = re.compile(
    rb"\x1b\](\d*)[^\x07\x1b]*(?:\x07|\x1b\\)?|\x1b([P_^X])[^\x1b]*(?:\x1b\\)?|\x1b\[([<=>?!]?)[0-9;:]*([ -/]*[@-~])"
    rb"|\x1b([ -/]*[0-~])|(\xc2[\x80-\x9f])|([\x00-\x06\x08\x0b\x0c\x0e-\x1a\x1c-\x1f\x7f])|(\x07)"
)
"""Everything that a terminal obeys, by kind."""


def kinds(data: bytes) -> dict[str, int]:
    """How often each kind of control stands in the bytes: `CSI m`, `OSC 8`, `C1 c29b`, `C0 08`, `BEL` ..."""
    found: dict[str, int] = {}
    for match in CONTROL.finditer(data):
        osc, string, private, final, other, c1, c0, _ = match.groups()
        if match[0].startswith(b"\x1b]"):
            kind = f"OSC {osc.decode()}"
        elif string:
            kind = f"STR {string.decode()}"
        elif final:
            kind = f"CSI {(private or b'').decode()}{final.decode()}"
        elif other:
            kind = f"ESC {other.decode()}"
        else:
            kind = f"C1 {c1.hex()}" if c1 else f"C0 {c0.hex()}" if c0 else "BEL"
        found[kind] = found.get(kind, 0) + 1
    return found


@dataclass
class Terminal:
    """A child in a pseudo-terminal of its own, the leader of its session."""

    command: Sequence[str]
    size: tuple[int, int] = (120, 40)
    environment: Mapping[str, str] = field(default_factory=dict)
    output: bytes = b""
    pid: int = 0
    fd: int = -1
    code: int | None = None

    def __enter__(self) -> Terminal:
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            try:
                clean = {name: value for name, value in os.environ.items() if name not in ELSEWHERE}
                clean |= {"TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8", **self.environment}
                time.sleep(0)  # the parent sets the size meanwhile; the child reads it after its own imports
                os.execvpe(self.command[0], list(self.command), clean)
            finally:
                os._exit(127)
        self.resize(*self.size)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.code is None:
            self.kill(signal.SIGKILL)
            self.wait()
        self.hang_up()

    def resize(self, columns: int, rows: int) -> None:
        """The window has another size."""
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def send(self, *keys: str) -> None:
        """Type keys: names of KEYS, or text."""
        os.write(self.fd, "".join(KEYS.get(key, key) for key in keys).encode())

    def paste(self, data: bytes, deadline: float = DEADLINE) -> None:
        """Write a lot, and read meanwhile: neither side waits for the other."""
        os.set_blocking(self.fd, False)
        end = time.monotonic() + deadline
        try:
            while data:
                assert time.monotonic() < end, f"{len(data)} bytes are not taken"
                self.read(0.0)
                if select.select([], [self.fd], [], 0.05)[1]:
                    data = data[os.write(self.fd, data[:4096]) :]
        finally:
            os.set_blocking(self.fd, True)

    def read(self, seconds: float) -> bytes:
        """What comes within that time at most; empty when nothing does, or the child has closed the terminal."""
        ready, _, _ = select.select([self.fd], [], [], seconds)
        if not ready:
            return b""
        try:
            data = os.read(self.fd, 65_536)
        except OSError:
            return b""
        self.output += data
        return data

    def until(self, holds: Callable[[bytes], object] | bytes, deadline: float = DEADLINE) -> bytes:
        """Read until the output since now fulfils this, or holds these bytes; that output."""
        start, end = len(self.output), time.monotonic() + deadline
        done = (lambda data: holds in data) if isinstance(holds, bytes) else holds
        while not done(self.output[start:]):
            assert time.monotonic() < end, (holds, self.output[start:][-2000:])
            self.read(0.05)
        return self.output[start:]

    def quiet(self, seconds: float = 0.4, deadline: float = DEADLINE) -> None:
        """Read until nothing has come for a while."""
        end = time.monotonic() + deadline
        while self.read(seconds) and time.monotonic() < end:
            pass

    def kill(self, number: int) -> None:
        """Send a signal to the child."""
        try:
            os.kill(self.pid, number)
        except ProcessLookupError:
            return

    def hang_up(self) -> None:
        """The terminal is gone."""
        if self.fd >= 0:
            os.close(self.fd)
            self.fd = -1

    def leave(self, *keys: str, deadline: float = DEADLINE) -> int:
        """Press these (esc and Q without any) until the child ends; its exit code.

        An escape and a key that a busy machine reads at once are another key, and nothing ends.
        """
        end = time.monotonic() + deadline
        while not self.ended():
            assert time.monotonic() < end, f"{self.command} does not end"
            for key in keys or ("esc", "Q"):
                with contextlib.suppress(OSError):  # it has ended meanwhile
                    self.send(key)
                self.quiet(0.2, 2.0)
        return self.wait()

    def ended(self) -> bool:
        """Whether the child has ended."""
        if self.code is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.code = os.waitstatus_to_exitcode(status)
        return self.code is not None

    def wait(self, deadline: float = DEADLINE) -> int:
        """The child's exit code, negative for a signal; its output is read on meanwhile."""
        end = time.monotonic() + deadline
        while not self.ended():
            assert time.monotonic() < end, f"{self.command} does not end"
            if self.fd >= 0:
                self.read(0.02)
            else:
                time.sleep(0.01)
        while self.fd >= 0 and self.read(0.02):
            pass
        assert self.code is not None
        return self.code


def console_command(store: str, *arguments: str) -> list[str]:
    """A console on a store, without a collector."""
    program = (
        "import sys; from pathlib import Path; from listen.clock import from_environment; "
        "from listen.console import run; "
        "sys.exit(run(Path(sys.argv[1]), who='ana', clock=from_environment(), query=' '.join(sys.argv[2:])))"
    )
    return [sys.executable, "-c", program, store, *arguments]
