"""How many rows a second `listen import` takes in: reading, preparing, judging and storing, all on.

    python -m tests.bench.bench_import [--rows 20000]

Prints beside it what the writer alone takes for the same rows without the patterns of noise, and with them.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import tempfile
import time
from pathlib import Path

from listen import noise
from listen.clock import SystemClock
from listen.collect import imports
from listen.store import schema, sqlite
from listen.store.write import Writer
from tests.collect.collecting import config
from tests.store.posts import make_desk, make_post

WORDS = [
    "acme",
    "battery",
    "died",
    "great",
    "charger",
    "bad",
    "help",
    "love",
    "hate",
    "price",
    "shop",
    "news",
    "today",
    "phone",
    "new",
    "old",
    "never",
    "always",
]


def texts(rows: int) -> list[str]:
    draw = random.Random(1)
    return [" ".join(draw.choices(WORDS, k=25)) for _ in range(rows)]


def taken_in(folder: Path, rows: int) -> float:
    """Seconds of the whole command without the start of the interpreter."""
    file = folder / "rows.jsonl"
    told = [{"id": n, "text": text, "author": f"u{n % 5_000}"} for n, text in enumerate(texts(rows))]
    file.write_text("".join(json.dumps(one) + "\n" for one in told))
    begun = time.perf_counter()
    done = asyncio.run(imports.take_in(config(folder / "i.db"), file, SystemClock()))
    assert done.new == rows
    return time.perf_counter() - begun


def written(folder: Path, rows: int, judged: bool) -> float:
    """Seconds of the writer alone."""
    path = folder / f"w{judged}.db"
    schema.prepare(path)
    desk = make_desk(Writer(sqlite.connect_writer(path), SystemClock()))
    if judged:
        desk.writer.sync_noise(noise.built_in())
    posts = [make_post(str(n), text) for n, text in enumerate(texts(rows))]
    begun = time.perf_counter()
    for start in range(0, rows, 500):
        desk.add(posts[start : start + 500])
    took = time.perf_counter() - begun
    desk.connection.close()
    return took


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=20_000)
    rows = parser.parse_args().rows
    with tempfile.TemporaryDirectory() as folder:
        whole = taken_in(Path(folder), rows)
        plain, judged = (written(Path(folder), rows, one) for one in (False, True))
    print(f"import {rows / whole:,.0f} rows a second")
    print(f"the writer alone {rows / plain:,.0f}, with noise judged {rows / judged:,.0f}: {judged / plain:.2f} times")


if __name__ == "__main__":
    main()
