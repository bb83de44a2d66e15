"""Who talks about the loudest topic and about everything: the first answer, the whole one, and SQL's own GROUP BY.

    python -m tests.bench.world STORE --rows 1000000        (once)
    python -m tests.bench.bench_people STORE

The store must have this program's schema. The floor counts the same mentions by author in one statement.
"""

from __future__ import annotations

import argparse
import json
import resource
import time
from pathlib import Path

from listen import query
from listen.insight.people import ORDERS, Crowd, first, look
from listen.insight.person import person
from listen.model import id_time
from listen.query import tree
from listen.store import sqlite
from listen.store.read import Reader

TIMES = 9

FLOOR = """
SELECT author_id, count(*), sum(score <= -50), sum(score >= 50), sum(score), sum(likes)
FROM json_each(?) AS j CROSS JOIN mentions AS m ON m.id = j.value GROUP BY author_id"""


def measure(reader: Reader, path: Path, text: str, topic: str | None, now: float) -> Crowd:
    """Print what a query takes."""
    node = query.parse(text)
    took = []
    for _ in range(TIMES):
        crowd, begun = Crowd(), time.perf_counter()
        look(reader, crowd, node, topic, now=now)
        first(reader, crowd, "mentions", limit=80)
        took.append(1e3 * (time.perf_counter() - begun))
    took.sort()
    begun = time.perf_counter()
    look(reader, crowd, node, topic, budget=None, now=now)
    whole = time.perf_counter() - begun
    print(f"\n{text or 'everything'}: first answer p50 {took[len(took) // 2]:.0f} ms, longest {took[-1]:.0f} ms")
    back = "to the end" if crowd.complete else f"back {(now - id_time(crowd.back_to)) / 86_400:.1f} days"
    floor = _floor(reader, path, node, crowd.n, now)
    print(
        f"  {crowd.n:,} mentions of {len(crowd.voices):,} people, {back}: {whole:.2f} s, {whole / floor:.1f}x the floor"
    )
    return crowd


def _floor(reader: Reader, path: Path, node: tree.Node, most: int, now: float) -> float:
    ids = json.dumps(reader.page(node, limit=most, budget=None, now=now).ids)
    connection = sqlite.connect_reader(path)
    begun = time.perf_counter()
    connection.execute(FLOOR, (ids,)).fetchall()
    took = time.perf_counter() - begun
    connection.close()
    return took


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("store", type=Path)
    path = parser.parse_args().store
    with Reader(path) as reader:
        newest = reader.newest()
        assert newest is not None, "the store is empty"
        now = id_time(newest) + 1.0
        topic = max(reader.topics(now=now), key=lambda one: one.mentions).name
        for text, about in ((f"topic:{topic} since:7d", topic), (f"topic:{topic}", topic), ("", None)):
            crowd = measure(reader, path, text, about, now)
        for order in ORDERS:
            begun = time.perf_counter()
            found = first(reader, crowd, order)
            print(f"  {ORDERS[order]}: {1e3 * (time.perf_counter() - begun):.0f} ms")
        begun = time.perf_counter()
        person(reader, found[0].who.person, now=now)
        print(f"  a person's page: {1e3 * (time.perf_counter() - begun):.0f} ms")
    print(f"  memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB")


if __name__ == "__main__":
    main()
