"""What an overview takes: all figures of a topic in a window: `python -m tests.bench.bench_overview [STORE]`.

STORE, made by `tests.bench.world`, is only read; without one a store of `--rows` is made. The loudest topic and the one
in the middle, 24 hours, 7 days and 30 days: the first time by a reader that has just been opened, then p50 and p95 of
`--samples`. Beside each, in the same run, bare SQL that counts the matches of the window once, and one that reads their
rollup by hour: neither tells more than one line of the figures. With coverage and stories in the store they are part of
it; how much there is of each is printed. Who asks again profits from what is remembered: the first time tells what
another topic or window takes. On a busy machine the time of the CPU says more than that of the clock.

Held at 10 million: p95 < 60 ms.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from listen.insight.figures import figures, span_of
from listen.insight.window import Window, window
from listen.model import id_time
from listen.store.layout import hour_id
from listen.store.read import Reader
from listen.store.sqlite import Connection
from tests.bench import world
from tests.bench.bench_read import milliseconds, percentile

HELD = 60.0
"""Milliseconds at 10 million mentions."""

COUNTED = (
    "SELECT count(*), sum(score <= -50), sum(score >= 50), count(score) FROM matches "
    "WHERE topic_id = ? AND mention_id >= ? AND mention_id < ?"
)
ROLLED = "SELECT hour, n, neg, pos FROM hourly_topic WHERE topic_id = ? AND hour >= ? AND hour < ?"


def topics(connection: Connection) -> list[tuple[int, str, int]]:
    """(id, name, mentions) of the loudest topic and of the one in the middle."""
    rows = connection.execute(
        "SELECT t.id, t.name, sum(d.n) FROM topics AS t JOIN daily_topic AS d ON d.topic_id = t.id WHERE t.active "
        "GROUP BY t.id ORDER BY 3 DESC"
    ).fetchall()
    return [rows[0], rows[len(rows) // 2]]


def compared(store: Path, topic: tuple[int, str, int], span: Window, now: float, samples: int) -> float:
    """Print a line; the p95 of all figures in ms."""
    number, name, _ = topic
    hours = span_of(span)
    with Reader(store) as cold:
        first, found = milliseconds(lambda: figures(cold, name, span, now=now))
    with Reader(store) as reader, reader.snapshot() as connection:
        bare = {
            COUNTED: (number, hour_id(hours.first), hour_id(hours.last)),
            ROLLED: (number, hours.first, hours.last),
        }
        runs: list[Callable[[], Any]] = [
            lambda sql=sql, values=values: connection.execute(sql, values).fetchall() for sql, values in bare.items()
        ]
        spent: list[list[float]] = [[], [], []]
        with Reader(store) as other:
            runs.append(lambda: figures(other, name, span, now=now))
            busy = []
            for _ in range(samples + 1):
                for times, run in zip(spent, runs, strict=True):
                    began = time.process_time()
                    times.append(milliseconds(run)[0])
                busy.append(1e3 * (time.process_time() - began))
    counted, rolled, whole = ([percentile(times[1:], share) for share in (0.5, 0.95)] for times in spent)
    days = (span.until - span.since) / 86_400
    print(
        f"{name:8} {days:3.0f} d {found.numbers.n:9,} | first {first:6.1f} | p50 {whole[0]:6.1f} p95 {whole[1]:6.1f}, "
        f"CPU p50 {percentile(busy[1:], 0.5):5.1f} | "
        f"matches counted {counted[0]:6.1f} {counted[1]:6.1f} | rollup read {rolled[0]:5.1f} {rolled[1]:5.1f} | "
        f"load {os.getloadavg()[0]:.1f}"
    )
    return whole[1]


def measure(store: Path, samples: int) -> None:
    """All windows of both topics."""
    with Reader(store) as reader, reader.snapshot() as connection:
        now = float(id_time(connection.execute("SELECT max(id) FROM mentions").fetchone()[0]) + 1)
        for table in ("hourly_topic", "daily_aspect", "hourly_aspect", "coverage", "retold", "amended"):
            (rows,) = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
            print(f"{table} {rows:,}", end="  ")
        chosen = topics(connection)
    print("\nmilliseconds")
    worst = max(
        compared(store, topic, window(written, now), now, samples)
        for topic in chosen
        for written in ("24h", "7d", "30d")
    )
    print(f"worst p95 {worst:.1f} ms, held at 10 million: {HELD:.0f} ms")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("store", nargs="?", type=Path)
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--samples", type=int, default=30)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        store = options.store
        if store is None:
            store = Path(folder) / "world.db"
            world.build(store, options.rows)
        measure(store, options.samples)


if __name__ == "__main__":
    main()
