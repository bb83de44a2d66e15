"""How long erasing keeps the writer from others: `python -m tests.bench.bench_erase STORE [--mentions 20000]`.

Works on the store itself: give it a copy. Told are the steps, of which each lets others in, and the longest of them on
the clock and in processor time: what lies between is the machine's other work.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Iterator
from pathlib import Path

from listen.clock import SystemClock
from listen.model import id_time
from listen.store import forget, retention, schema
from listen.store.receipts import Receipt
from listen.store.sqlite import connect_writer
from listen.store.triage import Triage
from listen.store.write import Writer


def timed(name: str, steps: Iterator[Receipt | int]) -> None:
    """Carry out, and print what it took."""
    took: list[tuple[float, float]] = []
    done: Receipt | int | None = 0
    begun = time.monotonic()
    while True:
        wall, cpu = time.monotonic(), time.thread_time()
        told = next(steps, None)
        took.append((time.monotonic() - wall, time.thread_time() - cpu))
        if told is None:
            break
        done = told
    counts = done.counts if isinstance(done, Receipt) else {"mentions": done}
    walls = sorted(wall for wall, _ in took)
    print(
        f"{name:14} {counts['mentions']:>8,} mentions in {len(took):>6,} steps, {time.monotonic() - begun:6.1f} s: "
        f"half of them within {1000 * walls[len(walls) // 2]:.0f} ms, 99 % {1000 * walls[99 * len(walls) // 100]:.0f}, "
        f"the longest {1000 * walls[-1]:.0f} (processor {1000 * max(cpu for _, cpu in took):.0f}); "
        f"load {os.getloadavg()[0]:.1f}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("store", type=Path)
    parser.add_argument("--mentions", type=int, default=20_000, help="to be erased by a rule, and acted on before")
    options = parser.parse_args()
    schema.prepare(options.store)
    connection = connect_writer(options.store)
    writer = Writer(connection, SystemClock())
    writer.claim("bench")
    oldest = "SELECT id FROM mentions ORDER BY id LIMIT ?"
    ids = [row[0] for row in connection.execute(oldest, (5 * options.mentions,))]
    with Triage(options.store, "ana", SystemClock()) as ana:
        print(ana.set_status(ids, "done").text)
    many = "SELECT author_id FROM mentions WHERE author_id NOT NULL GROUP BY 1 ORDER BY count(*) DESC LIMIT 1"
    (author,) = connection.execute(many).fetchone()
    timed("forget", forget.erase(writer, forget.accounts(connection, [author]), "ana", mask=True))
    for name, then, end in (("prune", retention.DELETE, 1), ("pseudonymise", retention.PSEUDONYMISE, 2)):
        keep = time.time() - id_time(ids[options.mentions * end])
        timed(name, retention.carry_out(writer, [retention.Rule("old", "", keep, then)], "ana", "prune"))
    writer.release()


if __name__ == "__main__":
    main()
