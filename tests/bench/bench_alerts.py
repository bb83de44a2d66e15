"""What 200 rules add to ingest at 500 mentions a second, and how soon a notice leaves.

    python -m tests.bench.bench_alerts [--rows 20000] [--rules 200]

Both sides take in the same posts from their JSON to the commit (decode, clean, 100 topics, language, sentiment, store),
a quarter of a second of them in each transaction; one of them has a turn of the alerts behind each, and a whole one
each second, as the collector does. They take turns block by block, in one process.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from listen.alerts import past
from listen.alerts.cycle import Notice
from listen.alerts.engine import Engine
from listen.alerts.rules import Rule
from listen.collect.prepare import Topics, prepare
from listen.store import sqlite
from listen.store.mirror import ChannelUpdate
from listen.store.read import Reader
from listen.store.write import Writer
from sources.base import Post
from tests.bench import world
from tests.bench.bench_ingest import open_store
from tests.bench.bench_pipeline import PLACE, bodies, decode, tracked

RATE, BATCHES = 500, 4
"""Mentions a second, in so many transactions."""

BLOCK = 40
"""Transactions before the other side's turn."""


@dataclass
class Turned:
    at: float

    def now(self) -> float:
        return self.at

    def pace(self) -> float:
        return 1.0

    async def sleep(self, seconds: float) -> None:
        self.at += seconds


def rules(count: int) -> list[Rule]:
    """Such as people write: mostly about one topic, some about words, some about everything by topic."""
    found = []
    for number in range(count):
        name = world.topic_name(1 + number % world.TOPICS)
        topic = f"topic:{name}"
        found.append(
            (
                Rule(f"r{number}", "spike", f"{topic} sentiment:neg", mentions=5, authors=3, stories=2, coverage=0.8),
                Rule(f"r{number}", "count", topic, at_least=50, window=3_600.0, authors=3),
                Rule(f"r{number}", "share", f"{topic} sentiment:neg", topic, threshold=0.5, mentions=8),
                Rule(f"r{number}", "match", f'{topic} ("product recall" OR fire OR burns)', severity="page"),
                Rule(f"r{number}", "match", f'"{name} battery" (fire OR smoke)', severity="page"),
                Rule(f"r{number}", "silence", topic, window=21_600.0, coverage=0.8),
                Rule(f"r{number}", "growth", topic, at_least=20, gained=500, authors=3),
                Rule(f"r{number}", "count", "", per=("topic", "lang"), at_least=500)
                if number < 8
                else Rule(f"r{number}", "count", f"{topic} lang:fr", at_least=20),
            )[number % 8]
        )
    return found


class Side:
    """A store and its writer, with rules or without."""

    def __init__(self, folder: Path, name: str, watched: Sequence[Rule]) -> None:
        connection = open_store(folder, name, None)
        self.clock = Turned(float(world.UNTIL))
        self.writer = Writer(connection, self.clock)
        self.channels, _ = world.set_up(self.writer)
        self.topics = Topics({n: tracked(n) for n in range(1, world.TOPICS + 1)})
        self.engine = Engine(self.put) if watched else None
        self.notices = self.whole = 0
        self.turns: list[float] = []
        if self.engine is not None:
            self.writer.remembers = True
            self.engine.configure(self.writer, watched)
            self.engine.turn(self.writer)
            with Reader(folder / f"{name}.db") as reader:
                for one in self.engine.unread():
                    self.engine.learn(one.rule, *past.of_rule(reader, one.rule, one.since, self.clock.now()))

    def put(self, connection: sqlite.Connection, notices: Sequence[Notice], now: float) -> None:
        self.notices += len(notices)

    def take(self, posts: Sequence[Post]) -> None:
        """A quarter of a second."""
        ready = [prepare(post, self.topics, PLACE, self.clock.now()) for post in posts]
        now = self.clock.now()
        heard = ChannelUpdate.well(now, int(now) + 60, (int(now) - 1, int(now)))
        self.writer.add(self.channels[0], ready, seen_at=int(now), update=heard)
        if self.engine is not None:
            began = time.perf_counter()
            self.engine.turn(self.writer)
            self.turns.append(time.perf_counter() - began)
        self.clock.at += 1 / BATCHES


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--rules", type=int, default=200)
    options = parser.parse_args()
    posts = list(chain.from_iterable(map(decode, bodies(options.rows, None))))
    size = RATE // BATCHES
    batches = [posts[start : start + size] for start in range(0, len(posts), size)]
    with tempfile.TemporaryDirectory() as name:
        bare, watched = Side(Path(name), "bare", ()), Side(Path(name), "watched", rules(options.rules))
        ratios, seconds = [], [0.0, 0.0]
        for start in range(0, len(batches), BLOCK):
            took = [0.0, 0.0]
            pair = ((0, bare), (1, watched)) if start // BLOCK % 2 else ((1, watched), (0, bare))
            for at, side in pair:
                began = time.process_time()
                for batch in batches[start : start + BLOCK]:
                    side.take(batch)
                took[at] = time.process_time() - began
                seconds[at] += took[at]
            ratios.append(took[1] / took[0])
        turns = sorted(watched.turns)
        print(
            f"{options.rules} rules, {len(posts):,} posts at {RATE}/s in transactions of {size}: "
            f"{1e6 * seconds[0] / len(posts):.0f} us a post without, {1e6 * seconds[1] / len(posts):.0f} us with "
            f"(processor time); ratio {statistics.median(ratios):.3f}, median of {len(ratios)} blocks"
        )
        half, most = (1e3 * turns[int(len(turns) * part)] for part in (0.5, 0.95))
        print(
            f"a turn takes p50 {half:.1f} ms, p95 {most:.1f} ms, at most {1e3 * turns[-1]:.1f} ms; "
            f"{watched.notices:,} notices left in the turn behind their mention's commit"
        )
        print(f"load {os.getloadavg()[0]:.2f}")


if __name__ == "__main__":
    main()
