"""What the writer costs above the bare insertion of the same rows: `python -m tests.bench.bench_ingest`.

The floor is the same statements with the same rows (recorded from a first run, so ids, keys, facets and sums are ready)
by raw `executemany` into a store with the same tables, indexes, full text and rollups, at the same batch size. Both
sides run in one process, taking turns block by block; the ratio is the median over blocks.
"""

from __future__ import annotations

import argparse
import gc
import os
import pickle
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from listen.clock import PlayedClock
from listen.store import schema, sqlite, upkeep
from listen.store.write import Delivery, Writer
from tests.bench import world

Statement = tuple[str, list[Any]]


class Recorder:
    """A connection that keeps what is written through it."""

    def __init__(self, connection: sqlite.Connection) -> None:
        self.connection = connection
        self.statements: list[Statement] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self.connection, name)

    def execute(self, sql: str, values: Any = ()) -> Any:
        if sql.startswith(("INSERT", "UPDATE", "DELETE", "CREATE")):
            self.statements.append((sql, [tuple(values)]))
        return self.connection.execute(sql, values)

    def executemany(self, sql: str, rows: Any) -> Any:
        rows = list(rows)
        if rows:
            self.statements.append((sql, rows))
        return self.connection.executemany(sql, rows)


def open_store(folder: Path, name: str, start: Path | None, cache: int = 0) -> sqlite.Connection:
    """A store of its own; with so many MB of cache, 0 for as many as the collector has."""
    path = folder / f"{name}.db"
    path.unlink(missing_ok=True)
    if start:
        shutil.copyfile(start, path)
    schema.prepare(path)
    return sqlite.connect_writer(path, cache) if cache else sqlite.connect_writer(path)


def make_writer(connection: Any, until: int, size: int) -> tuple[Writer, list[int]]:
    writer = Writer(connection, PlayedClock(time.time(), until, 0.0), size)
    channels, _ = world.set_up(writer)
    return writer, channels


def deliveries(batch: list[world.Heard], channels: list[int], one: bool) -> list[Delivery]:
    if one:
        return [Delivery(channels[0], [heard.post for heard in batch], batch[-1].seen_at)]
    by_source: dict[int, list[world.Heard]] = {}
    for heard in batch:
        by_source.setdefault(heard.source, []).append(heard)
    return [
        Delivery(channels[source], [heard.post for heard in found], found[-1].seen_at)
        for source, found in by_source.items()
    ]


def prepare(folder: Path, options: argparse.Namespace, start: Path | None, until: int, seed: int) -> int:
    """Make the batches and record what the writer does with them; how many blocks of them there are."""
    connection = Recorder(open_store(folder, "record", start))
    writer, channels = make_writer(connection, until, options.partition)
    blocks = 0
    posts = iter(world.World(options.rows, seed, until))
    for done in range(0, options.rows, options.block):
        wanted = min(options.block, options.rows - done)
        block: list[tuple[list[Delivery], list[Statement]]] = []
        while wanted > 0:
            found = deliveries(list(islice(posts, min(options.batch, wanted))), channels, options.one_channel)
            connection.statements = []
            writer.add_all(found)
            block.append((found, connection.statements))
            wanted -= options.batch
        writer.checkpoint()
        (folder / f"block{blocks}").write_bytes(pickle.dumps(block, pickle.HIGHEST_PROTOCOL))
        blocks += 1
    connection.close()
    return blocks


def replay(connection: sqlite.Connection, statements: list[Statement]) -> None:
    connection.execute("BEGIN IMMEDIATE")
    for sql, rows in statements:
        connection.executemany(sql, rows)
    connection.execute("COMMIT")


def blocks_of(folder: Path, count: int) -> Iterator[list[tuple[list[Delivery], list[Statement]]]]:
    for number in range(count):
        block = pickle.loads((folder / f"block{number}").read_bytes())
        gc.freeze()  # what the benchmark holds ready is not the writer's rubbish to look through
        yield block
        gc.unfreeze()


def compare(folder: Path, count: int, options: argparse.Namespace, start: Path | None, until: int) -> None:
    """Both sides in turn, block by block, as often as asked for."""
    ratios, loads, writers, floors = [], [], [], []
    longest = 0.0
    for turn in range(options.turns):
        raw = open_store(folder, "floor", start, options.cache)
        make_writer(raw, until, options.partition)
        log = upkeep.Log(raw)
        own = open_store(folder, "writer", start, options.cache)
        writer, _ = make_writer(own, until, options.partition)
        for number, block in enumerate(blocks_of(folder, count)):
            rows = sum(len(one.posts) for found, _ in block for one in found)

            def ours(block: Any = block, writer: Writer = writer) -> None:
                nonlocal longest
                for found, _ in block:
                    began = time.perf_counter()
                    writer.add_all(found)
                    longest = max(longest, time.perf_counter() - began)
                writer.checkpoint()

            def bare(block: Any = block, raw: sqlite.Connection = raw, log: upkeep.Log = log) -> None:
                for _, statements in block:
                    replay(raw, statements)
                log.checkpoint()

            pair = [ours, bare] if (turn + number) % 2 else [bare, ours]
            spent = {run: timed(run) for run in pair}
            writers.append(1e6 * spent[ours][0] / rows)
            floors.append(1e6 * spent[bare][0] / rows)
            ratios.append(spent[ours][0] / spent[bare][0])
            loads.append(spent[ours][1] / spent[bare][1])
        raw.close()
        own.close()
    quartiles = statistics.quantiles(ratios, n=4)
    print(
        f"  writer {statistics.median(writers):6.1f} us a post | floor {statistics.median(floors):6.1f} | ratio "
        f"{statistics.median(ratios):.2f} (quartiles {quartiles[0]:.2f}-{quartiles[2]:.2f}, {len(ratios)} pairs) | "
        f"{statistics.median(loads):.2f} in CPU time | {1e6 / statistics.median(writers):,.0f} posts/s | "
        f"longest batch {1e3 * longest:.0f} ms"
    )


def timed(run: Callable[[], Any]) -> tuple[float, float]:
    """(seconds, seconds of CPU)"""
    began, cpu = time.perf_counter(), time.process_time()
    run()
    return time.perf_counter() - began, time.process_time() - cpu


STAGES = {
    "_identify": "identity, dedupe",
    "_number": "ids, authors",
    "_insert_rows": "rows",
    "_insert_matches": "matches, inbox",
    "_revise": "known ones",
    "_index": "full text",
    "note_channel": "channels",
}


def stages(folder: Path, count: int, options: argparse.Namespace, start: Path | None, until: int) -> None:
    """Where the writer's time goes. Full text is flushed at once here, so that it does not show up in the commit."""
    own = open_store(folder, "writer", start, options.cache)
    writer, _ = make_writer(own, until, options.partition)
    spent = dict.fromkeys(STAGES, 0.0)

    def wrap(name: str) -> None:
        inner = getattr(writer, name)

        def outer(*arguments: Any) -> Any:
            began = time.perf_counter()
            result = inner(*arguments)
            if name == "_index":
                own.execute("SAVEPOINT flush")
                own.execute("RELEASE flush")
            spent[name] += time.perf_counter() - began
            return result

        setattr(writer, name, outer)

    for name in STAGES:
        wrap(name)
    total, rows, checkpoints = 0.0, 0, 0.0
    for block in blocks_of(folder, count):
        for found, _ in block:
            total += timed(lambda found=found: writer.add_all(found))[0]
            rows += sum(len(one.posts) for one in found)
        checkpoints += timed(writer.checkpoint)[0]
    parts = [f"{label} {1e6 * spent[name] / rows:.1f}" for name, label in STAGES.items()]
    rest = total - sum(spent.values())
    print(f"  by stage, us a post: {', '.join(parts)}, rollups and commit {1e6 * rest / rows:.1f}, "
          f"checkpoints {1e6 * checkpoints / rows:.1f}")  # fmt: skip
    while writer.idle():
        pass
    own.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    (mentions,) = own.execute("SELECT count(*) FROM mentions").fetchone()
    (text,) = own.execute("SELECT avg(length(CAST(text AS BLOB))) FROM mentions").fetchone()
    own.close()
    size = (folder / "writer.db").stat().st_size
    print(
        f"  {size / mentions:.0f} bytes a mention of {text:.0f} bytes of text, {mentions:,} mentions, {size >> 20} MiB"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--batch", type=int, default=500)
    parser.add_argument("--block", type=int, default=10_000, help="posts in a turn of one side")
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--partition", type=int, default=250_000)
    parser.add_argument("--cache", type=int, default=0, help="MB of SQLite's pages, instead of the collector's")
    parser.add_argument("--onto", type=Path, help="a store made by tests.bench.world to append to, besides a fresh one")
    parser.add_argument("--only-onto", action="store_true")
    parser.add_argument("--one-channel", action="store_true", help="as if one stream brought everything")
    parser.add_argument("--until", type=int, default=world.UNTIL)
    options = parser.parse_args()
    print(
        f"SQLite {sqlite.sqlite3.sqlite_version}, batch {options.batch}, synchronous FULL, "
        f"load {os.getloadavg()[0]:.2f}"
    )
    starts = [options.onto] if options.only_onto else [None, options.onto] if options.onto else [None]
    for start in starts:
        print(f"{options.rows:,} posts into {start or 'a fresh store'}")
        # What is appended comes after everything that is there, as from another world: other identities, other words.
        until = options.until + (int(options.rows / world.PER_DAY * 86_400) if start else 0)
        with tempfile.TemporaryDirectory(dir=Path.cwd() if os.environ.get("BENCH_HERE") else None) as folder:
            count = prepare(Path(folder), options, start, until, 8 if start else 7)
            compare(Path(folder), count, options, start, until)
            stages(Path(folder), count, options, start, until)
    print(f"load {os.getloadavg()[0]:.2f}")


if __name__ == "__main__":
    main()
