"""Matching a topic anew over a large store: how fast, how short its steps are, and what a preview takes.

    python -m tests.bench.world STORE --rows 1000000        (once)
    python -m tests.bench.bench_topics STORE [--query 'QUERY' ...]

The store is copied first. What 10, 100 and 1,000 topics cost a mention that arrives is measured by `bench_query`.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
import time
from pathlib import Path

from listen.clock import SystemClock
from listen.query import parse
from listen.store import generations, rematch, schema, sqlite
from listen.store.gains import gains
from listen.store.read import Reader
from listen.store.write import Writer


def words_of(path: Path) -> list[str]:
    """A topic's query as it is, one word of it, and the same without another: what people change."""
    with Reader(path) as reader:
        topics = sorted(reader.topics(now=time.time()), key=lambda topic: -topic.mentions)
    return [f"({topics[place].query}) NOT ({topics[place + 1].query})" for place in (0, len(topics) // 4)]


def measure(path: Path, writer: Writer, text: str) -> None:
    """Give the store's loudest topic this query, and print what that takes."""
    with Reader(path) as reader:
        topics = sorted(reader.topics(now=time.time()), key=lambda topic: -topic.mentions)
        begun = time.perf_counter()
        found = gains(reader, topics[0].name, parse(text), now=time.time())
        took = time.perf_counter() - begun
        whole = sum(part[0] for part in writer.connection.execute("SELECT count FROM partitions"))
    exact = "exact" if found.complete else "at least"
    print(f"\n{text[:100]}")
    print(f"  preview: {exact} {found.gained:,} gained, {found.lost:,} lost in {took:.2f} s")
    wanted = [(one.name, text if one.name == topics[0].name else one.query, one.role) for one in topics]
    writer.sync_topics(wanted)
    steps: list[float] = []
    begun = time.perf_counter()
    while generations.of_state(writer.connection, generations.BUILDING):
        at = time.perf_counter()
        rematch.step(writer)
        steps.append(time.perf_counter() - at)
    took = time.perf_counter() - begun
    (matches,) = writer.connection.execute(
        "SELECT count(*) FROM matches WHERE topic_id = (SELECT id FROM topics WHERE name = ? AND active)",
        (topics[0].name,),
    ).fetchone()
    steps.sort()
    print(
        f"  matched anew: {whole:,} mentions, {matches:,} matches in {took:.1f} s: {whole / took:,.0f} mentions/s, "
        f"{matches / took:,.0f} matches/s; {len(steps)} steps, p50 {1e3 * steps[len(steps) // 2]:.0f} ms, "
        f"p95 {1e3 * steps[int(len(steps) * 0.95)]:.0f} ms, longest {1e3 * steps[-1]:.0f} ms"
    )
    begun = time.perf_counter()
    writer.sync_topics([(one.name, one.query, one.role) for one in topics])
    print(f"  undone in {1e3 * (time.perf_counter() - begun):.1f} ms")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("store", type=Path)
    parser.add_argument("--query", action="append")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.store.parent) as folder:
        path = Path(folder) / "topics.db"
        shutil.copyfile(options.store, path)
        schema.prepare(path)
        writer = Writer(sqlite.connect_writer(path), SystemClock())
        writer.claim()
        for text in options.query or words_of(path):
            measure(path, writer, text)
        writer.connection.close()


if __name__ == "__main__":
    main()
