"""The console through Debian's sshd on loopback: `python -m tests.bench.bench_ssh STORE [--seconds 15] [--term TERM]`.

Printed is what reaches the terminal: bytes a second while 50 mentions a second arrive, following and held; bytes of a
cursor move and of a page; bytes of a minute in which nothing happens; beside it the limits of the design, and what of
all that SSH put on the wire. STORE is made by `tests.bench.world` when it is not there; a copy is written to.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.bench import world
from tests.bench.bench_console import BAR, environment, keys, settle
from tests.console import sshd
from tests.console.pty import Terminal, console_command

FOLLOWING, HELD, MOVE, MINUTE = 25_000, 1_000, 500, 200
"""Bytes that are allowed: a second following, a second held, a cursor move, a minute of rest (the clock)."""

ARRIVALS = 50


def told(what: str, found: float, limit: float, unit: str) -> None:
    print(f"{what:<44}{found:>9,.0f} {unit:<14} limit {limit:>7,.0f}  {'ok' if found <= limit else 'EXCEEDED'}")


def rate(terminal: Terminal, seconds: float) -> float:
    """Bytes a second."""
    before, began = len(terminal.output), time.perf_counter()
    settle(terminal, seconds)
    return (len(terminal.output) - before) / (time.perf_counter() - began)


def live(server: sshd.Server, store: str, term: str, seconds: float) -> None:
    """While mentions arrive."""
    command = [sys.executable, "-m", "tests.bench.bench_console", "--feed", str(ARRIVALS), store]
    feeder = subprocess.Popen(command, stdin=subprocess.PIPE, env={**os.environ, **environment()})
    try:
        remote = server.command(console_command(store), environment(), "-o", "LogLevel=VERBOSE")
        with Terminal(remote, environment={"TERM": term, "COLORTERM": ""}) as terminal:
            terminal.until(BAR)
            settle(terminal, 4.0)
            told(f"{ARRIVALS}/s arriving, following", rate(terminal, seconds), FOLLOWING, "bytes/s")
            terminal.send("\x04")
            settle(terminal, 2.0)
            told("the same, held", rate(terminal, seconds), HELD, "bytes/s")
            for key in ("j", "k"):
                _, sizes = keys(terminal, key, 40, 0.3)
                told(f"cursor move ({key}), median", statistics.median(sizes), MOVE, "bytes")
                print(f"{'  its mean, with those that scroll':<44}{statistics.mean(sizes):>9,.0f} bytes")
            _, sizes = keys(terminal, "pgdn", 20, 0.3)
            print(f"{'a page, median':<44}{statistics.median(sizes):>9,.0f} bytes")
            drawn = len(terminal.output)
            terminal.leave("Q")
            if moved := re.search(rb"received (\d+) bytes", terminal.output):
                wire = int(moved[1])
                print(f"{'on the wire, of what was drawn':<44}{wire:>9,.0f} bytes          {wire / drawn:.2f} times")
    finally:
        feeder.stdin.close()  # type: ignore[union-attr]
        feeder.wait()


def idle(server: sshd.Server, store: str, term: str) -> None:
    """While nothing happens: two minutes, of which the clock changes twice."""
    remote = server.command(console_command(store), environment())
    with Terminal(remote, environment={"TERM": term, "COLORTERM": ""}) as terminal:
        terminal.until(BAR)
        settle(terminal, 12.0)
        told("idle", 60 * rate(terminal, 120.0), MINUTE, "bytes/minute")
        terminal.leave("Q")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("store")
    parser.add_argument("--rows", type=int, default=200_000, help="posts of a store that has to be made")
    parser.add_argument("--seconds", type=float, default=15.0)
    parser.add_argument("--term", default="xterm-256color")
    parser.add_argument("--no-idle", action="store_true", help="leave out the two minutes of rest")
    options = parser.parse_args()
    if sshd.MISSING:
        sys.exit(sshd.MISSING)
    if not Path(options.store).exists():
        world.build(options.store, options.rows, say=True)
    print("load average", *(f"{load:.1f}" for load in os.getloadavg()))
    with tempfile.TemporaryDirectory(dir=Path(options.store).parent) as folder:
        copy = shutil.copyfile(options.store, str(Path(folder) / "copy.db"))
        with sshd.serving(Path(folder)) as server:
            live(server, copy, options.term, options.seconds)
            if not options.no_idle:
                idle(server, copy, options.term)


if __name__ == "__main__":
    main()
