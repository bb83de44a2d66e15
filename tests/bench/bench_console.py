"""The console through a pseudo-terminal: `python -m tests.bench.bench_console STORE [--rows N] [--in-place]`.

STORE is made by `tests.bench.world` when it is not there. Printed are the first useful paint beside a bare Textual
hello-world, taking turns; the time from a key to the first byte, and bytes, while 0, 50 and 500 mentions a second
arrive; bytes and processor time a second while following, held and idle; memory. Beside it the same of Textual's
DataTable with 100,000 rows, which asks no store and where nothing arrives. A copy of the store is written to.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from itertools import islice
from pathlib import Path

from listen.clock import PlayedClock
from tests.bench import world
from tests.console.pty import Terminal, console_command

HELLO = """
from textual.app import App
from textual.widgets import Static

class Hello(App):
    def compose(self):
        yield Static("Hello")

Hello().run()
"""

TABLE = """
from textual.app import App
from textual.widgets import DataTable

class Table(App):
    def compose(self):
        yield DataTable(cursor_type="row")

    def on_mount(self):
        table = self.query_one(DataTable)
        table.add_columns("time", "score", "source", "author", "text")
        table.add_rows(
            (f"{n % 24:02}:00", "-.42", f"source{n % 170:03}", f"u{n}", f"row {n} of the words that people say")
            for n in range(100_000)
        )

Table().run()
"""

BAR = "▌".encode()
"""The cursor's bar: it stands beside a mention, so the first useful paint holds it."""

TICKS = os.sysconf("SC_CLK_TCK")


BEGAN = time.time()


def environment() -> dict[str, str]:
    """The store's time goes on from where it was made; compiled modules are kept as in an installation."""
    return {"LISTEN_CLOCK": str(PlayedClock(BEGAN, world.UNTIL, 1.0)), "PYTHONDONTWRITEBYTECODE": ""}


def first_paint(command: list[str], mark: bytes) -> float:
    """Milliseconds from the start of the process to the bytes of its first useful paint."""
    began = time.perf_counter()
    with Terminal(command, environment=environment()) as terminal:
        terminal.until(mark)
        return 1e3 * (time.perf_counter() - began)


def paints(store: str, turns: int) -> None:
    hello, ours = [], []
    pair = [(hello, [sys.executable, "-c", HELLO], b"Hello"), (ours, console_command(store), BAR)]
    for _, command, mark in pair:
        first_paint(command, mark)
    for turn in range(turns):
        for times, command, mark in pair if turn % 2 else pair[::-1]:
            times.append(first_paint(command, mark))
    ratios = [one / other for one, other in zip(ours, hello, strict=True)]
    print(
        f"first paint   hello {statistics.median(hello):.0f} ms, listen {statistics.median(ours):.0f} ms | ratio "
        f"{statistics.median(ratios):.2f} (fastest {min(ours) / min(hello):.2f}, {turns} pairs)"
    )


def processor(pid: int) -> float:
    """Seconds of processor time so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def memory(pid: int) -> tuple[float, float]:
    """(now, highest) in MiB."""
    lines = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines() if ":" in line)
    return int(lines["VmRSS"].split()[0]) / 1024, int(lines["VmHWM"].split()[0]) / 1024


def keys(terminal: Terminal, key: str, count: int, pause: float) -> tuple[list[float], list[int]]:
    """(milliseconds to the first byte, bytes within 40 ms, before the detail pane follows) of each press."""
    delays, sizes = [], []
    for _ in range(count):
        while terminal.read(0.0):
            pass
        before, began = len(terminal.output), time.perf_counter()
        terminal.send(key)
        while len(terminal.output) == before and time.perf_counter() - began < 2:
            terminal.read(0.05)
        delays.append(1e3 * (time.perf_counter() - began))
        while time.perf_counter() - began < 0.04:
            terminal.read(0.005)
        sizes.append(len(terminal.output) - before)
        settle(terminal, pause)
    return delays, sizes


def told(name: str, delays: list[float], sizes: list[int]) -> str:
    p95 = sorted(delays)[int(0.95 * len(delays))]
    return f"{name} {statistics.median(delays):.1f} / {p95:.1f} ms, {statistics.median(sizes):.0f} bytes"


def rate(terminal: Terminal, seconds: float) -> str:
    """Bytes and processor time a second."""
    bytes_before, spent_before = len(terminal.output), processor(terminal.pid)
    began = time.perf_counter()
    while time.perf_counter() - began < seconds:
        terminal.read(0.1)
    took = time.perf_counter() - began
    sent, spent = len(terminal.output) - bytes_before, processor(terminal.pid) - spent_before
    return f"{sent / took / 1000:.2f} KB/s, {100 * spent / took:.1f} % of a core"


def live(store: str, arrivals: int, seconds: float, query: str) -> None:
    """Keys and rates while so many mentions a second arrive."""
    feeder = None
    if arrivals:
        command = [sys.executable, "-m", "tests.bench.bench_console", "--feed", str(arrivals), store]
        feeder = subprocess.Popen(command, stdin=subprocess.PIPE, env={**os.environ, **environment()})
    try:
        with Terminal(console_command(store, *query.split()), environment=environment()) as terminal:
            terminal.until(BAR)
            settle(terminal, 4.0)
            name = f"{arrivals}/s {query or 'everything'}"
            print(f"{name:<28}following {rate(terminal, seconds)}")
            terminal.send("\x04")
            settle(terminal, 2.0)
            print(f"{'':<28}held      {rate(terminal, seconds)}")
            parts = [told("j", *keys(terminal, "j", 40, 0.3)), told("pgdn", *keys(terminal, "pgdn", 20, 0.3))]
            print(f"{'':<28}key to byte p50 / p95   {' | '.join(parts)}")
            now, highest = memory(terminal.pid)
            print(f"{'':<28}memory {now:.0f} MiB, highest {highest:.0f}")
    finally:
        if feeder is not None:
            feeder.stdin.close()  # type: ignore[union-attr]
            feeder.wait()


def bulk(store: str) -> None:
    """Done with everything older than the first row: `V` `G` `a` over as many rows as can be marked."""
    with Terminal(console_command(store), environment=environment()) as terminal:
        terminal.until(BAR)
        settle(terminal, 4.0)
        parts = [told(key, *keys(terminal, key, 40, 0.3)) for key in ("j", "pgdn")]
        print(f"{'before':<28}key to byte p50 / p95   {' | '.join(parts)}")
        terminal.send("g")
        settle(terminal, 2.0)
        began = time.perf_counter()
        terminal.send("VG")
        terminal.until(b"in the range", 300.0)
        print(f"{'V G, then a':<28}all in the range after {time.perf_counter() - began:.1f} s")
        settle(terminal, 2.0)
        print(f"{'':<28}{told('a: key to byte', *keys(terminal, 'a', 1, 0.3))}")
        terminal.send("g")  # at the end of the list there is nothing for a key to do
        settle(terminal, 2.0)
        parts = [told(key, *keys(terminal, key, 40, 0.3)) for key in ("j", "pgdn")]
        print(f"{'':<28}while the store follows, key to byte p50 / p95   {' | '.join(parts)}")
        terminal.until(b"takes it back", 900.0)
        print(f"{'':<28}done after {time.perf_counter() - began:.0f} s")
        now, highest = memory(terminal.pid)
        print(f"{'':<28}memory {now:.0f} MiB, highest {highest:.0f}")


def table() -> None:
    """What Textual's own table does with 100,000 rows."""
    command = [sys.executable, "-c", TABLE]
    began = time.perf_counter()
    with Terminal(command, environment=environment()) as terminal:
        terminal.until(b"row 0 of", 300.0)
        print(f"{'DataTable, 100,000 rows':<28}first paint {time.perf_counter() - began:.1f} s")
        settle(terminal, 4.0)
        parts = [told(key, *keys(terminal, key, 20, 0.3)) for key in ("down", "pgdn")]
        print(f"{'':<28}key to byte p50 / p95   {' | '.join(parts)}")
        now, highest = memory(terminal.pid)
        print(f"{'':<28}memory {now:.0f} MiB, highest {highest:.0f}")


def settle(terminal: Terminal, seconds: float) -> None:
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        terminal.read(0.1)


def feed(store: str, arrivals: int) -> None:
    """Write so many mentions a second, four commits a second, until standard input closes."""
    import select

    from listen.clock import from_environment
    from listen.store import sqlite
    from listen.store.write import Writer

    clock = from_environment()
    writer = Writer(sqlite.connect_writer(store), clock)
    channels, _ = world.set_up(writer)
    posts = iter(world.World(1_000_000, int(time.time()), world.UNTIL))
    due = time.monotonic()
    while not select.select([sys.stdin], [], [], max(0.0, due - time.monotonic()))[0]:
        due += 0.25
        now = int(clock.now())
        batch = list(islice(posts, max(1, arrivals // 4)))
        for heard in batch:
            heard.seen_at = heard.post.published_at = now
            heard.post.external_id += f"-{time.monotonic_ns()}"
        world.store(writer, channels, batch)
    writer.connection.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("store")
    parser.add_argument("--rows", type=int, default=1_000_000, help="posts of a store that has to be made")
    parser.add_argument("--turns", type=int, default=11)
    parser.add_argument("--seconds", type=float, default=15.0)
    parser.add_argument("--arrivals", type=int, nargs="*", default=[0, 50, 500])
    parser.add_argument("--bulk", action="store_true", help="only a verb on half a million rows")
    parser.add_argument("--in-place", action="store_true", help="write into STORE itself, which saves a copy")
    parser.add_argument("--feed", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.feed:
        feed(options.store, options.feed)
        return
    if not Path(options.store).exists():
        world.build(options.store, options.rows, say=True)
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    print("load average", *(f"{load:.1f}" for load in os.getloadavg()))
    if not options.bulk:
        paints(options.store, options.turns)
        table()
    with tempfile.TemporaryDirectory(dir=Path(options.store).parent) as folder:
        written = options.store
        if not options.in_place:
            written = shutil.copyfile(options.store, str(Path(folder) / "copy.db"))
        for arrivals in () if options.bulk else options.arrivals:
            live(written, arrivals, options.seconds, "")
        if not options.bulk:
            live(written, 50, options.seconds, f"topic:{world.topic_name(1)}")
        bulk(written)


if __name__ == "__main__":
    main()
