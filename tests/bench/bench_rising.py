"""Rising words: how well they are found, how long that takes, and what it costs to keep the hourly terms.

    python -m tests.bench.bench_rising [--rows 100000] [--store STORE --topics acme01,acme05 --days 60]

Without a store: planted words among chance, found by the log-odds and by the rules that others publish (the ratio of
frequencies, with a floor and with smoothing; chi-square), and a fresh store: what storing takes with the triggers and
without, what counting takes, and bytes a mention. With a store, of any size: the time of the whole answer for windows
of 1, 7 and 30 days. That store is only read; the terms of these topics are counted into a file beside it, which is
attached.
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from listen.clock import PlayedClock
from listen.insight import rising
from listen.insight.telling import LEAST, log_odds
from listen.insight.window import window
from listen.model import EPOCH
from listen.store import migrations, recount, schema, sqlite, terms
from listen.store.layout import hour_of
from listen.store.read import Reader
from listen.store.write import Writer
from tests.bench import world

WINDOWS = ("24h", "7d", "30d")
TURNS = 7

BEFORE_THE_STORES = (
    "CREATE TEMP VIEW term_hours AS SELECT * FROM beside.term_hours",
    "CREATE TEMP VIEW term_days AS SELECT * FROM beside.term_days",
    f"CREATE TEMP VIEW state AS SELECT * FROM main.state WHERE name <> '{terms.FROM}'",
)
"""What SQLite takes for the store's own tables: temporary names come first."""

# --- how well --------------------------------------------------------------------------------------------------------

STORIES, BEFORE, WORDS, PER_STORY = 3_000, 2_400, 30_000, 15
PLANTED = {0: 15, 1: 15, 3: 20, 10: 40, 30: 75, 100: 170, 300: 420, 900: 1_200}
"""Stories of the window before -> of the window, of each planted word; more stories are told in the window."""


def chi_square(n: int, total: int, before: int, total_before: int) -> float:
    """Of the word against all others in both windows; negative where it falls."""
    table = ((n, total - n), (before, total_before - before))
    rows, columns = [sum(row) for row in table], [n + before, total + total_before - n - before]
    whole = sum(rows)
    found = 0.0
    for row, cells in enumerate(table):
        for column, seen in enumerate(cells):
            expected = rows[row] * columns[column] / whole
            found += (seen - expected) ** 2 / expected if expected else 0.0
    return found if n * total_before > before * total else -found


RULES: dict[str, Callable[[int, int, int, int], float]] = {
    "log-odds with a prior (ours)": log_odds,
    "ratio of frequencies": lambda n, total, before, whole: (n / total) / (max(before, 0.01) / whole),
    "the same, add-one": lambda n, total, before, whole: ((n + 1) / total) / ((before + 1) / whole),
    "difference of frequencies": lambda n, total, before, whole: n / total - before / whole,
    "chi-square": chi_square,
}


def sample(chance: random.Random, stories: int, weights: list[float]) -> Counter[str]:
    found: Counter[str] = Counter()
    burst = [f"burst{chance.randrange(10**9)}" for _ in range(stories // 20)]  # what a few say a few times
    for word in burst:
        found[word] += chance.choice((1, 1, 2, 3, 4))
    for _ in range(stories):
        found.update(set(chance.choices(range(WORDS), cum_weights=weights, k=PER_STORY)))  # type: ignore[arg-type]
    return Counter({str(word): n for word, n in found.items()})


def quality(seeds: int = 5) -> None:
    """Print how many of the first words of each rule were planted."""
    weights, hits = world.zipf(WORDS, 1.05), {name: [0, 0] for name in RULES}
    for seed in range(seeds):
        chance = random.Random(seed)
        now, before = sample(chance, STORIES, weights), sample(chance, BEFORE, weights)
        for number, (earlier, n) in enumerate(PLANTED.items()):
            now[f"planted{number}"], before[f"planted{number}"] = n, earlier
        total, whole = sum(now.values()), sum(before.values())
        for name, rule in RULES.items():
            some = [word for word, n in now.items() if n >= LEAST]
            best = sorted(some, key=lambda word: -rule(now[word], total, before[word], whole))
            for at, size in enumerate((len(PLANTED), 20)):
                hits[name][at] += sum(word.startswith("planted") for word in best[:size])
    print(f"{len(PLANTED)} planted words among {WORDS:,}, {STORIES:,} stories against {BEFORE:,}, {seeds} seeds:")
    for name, (first, more) in hits.items():
        wanted = seeds * len(PLANTED)
        print(f"  {name:<30} {first / wanted:>5.0%} in the first {len(PLANTED)}, {more / wanted:>5.0%} in the first 20")


# --- what it costs ---------------------------------------------------------------------------------------------------


def opened(path: Path) -> tuple[Writer, list[int]]:
    schema.prepare(path)
    writer = Writer(sqlite.connect_writer(path), PlayedClock(0.0, world.UNTIL, 0.0))
    return writer, world.set_up(writer)[0]


def costs(rows: int, folder: Path) -> None:
    """Print what storing takes with and without the triggers, and what counting takes in time and room."""
    sides = [opened(folder / name) for name in ("with.db", "without.db")]
    bare = sides[1][0].connection
    for (name,) in bare.execute(
        "SELECT name FROM sqlite_master WHERE type='trigger' AND name LIKE 'terms_%'"
    ).fetchall():
        bare.execute(f"DROP TRIGGER {name}")
    spent: list[list[float]] = [[], []]
    for turn, batch in enumerate(world.Stock(rows)):
        for side in (0, 1) if turn % 2 else (1, 0):
            begun = time.process_time()
            world.store(*sides[side], batch)
            spent[side].append(time.process_time() - begun)
    each = [1e6 * sum(some) / rows for some in spent]
    print(f"storing: {each[0]:.1f} us a post with the triggers, {each[1]:.1f} without: {each[0] / each[1]:.3f}x")
    writer = sides[0][0]
    while recount.step(writer):  # so that what is merged and tidied is no part of it
        writer.checkpoint()
    connection = writer.connection
    connection.execute("DELETE FROM term_hours")
    connection.execute("DELETE FROM term_days")
    connection.execute("INSERT OR IGNORE INTO terms_owed SELECT hour, topic_id FROM hourly_topic")
    writer.recount, begun, longest = recount.Pass(), time.process_time(), 0.0
    while True:
        step = time.process_time()
        if not recount.step(writer):
            break
        longest = max(longest, time.process_time() - step)
    took = time.process_time() - begun
    (matches,) = connection.execute("SELECT count(*) FROM matches").fetchone()
    (mentions,) = connection.execute("SELECT count(*) FROM mentions").fetchone()
    print(f"counting: {1e3 * took / mentions * 1e3:.0f} ms per 1,000 mentions ({matches / mentions:.2f} matches each), "
          f"longest step {1e3 * longest:.0f} ms")  # fmt: skip
    packed = connection.execute(
        "SELECT (SELECT ifnull(sum(length(terms)), 0) FROM term_hours), "
        "(SELECT ifnull(sum(length(terms)), 0) FROM term_days), (SELECT count(*) FROM term_hours), "
        "(SELECT count(*) FROM term_days)"
    ).fetchone()
    print(
        f"room: {packed[0] / mentions:.0f} + {packed[1] / mentions:.0f} bytes a mention in {packed[2]:,} hours and "
        f"{packed[3]:,} days of topics"
    )


# --- how long --------------------------------------------------------------------------------------------------------


def beside(store: Path, side: Path, topics: list[str], days: int) -> float:
    """Count the newest days of topics into a file of its own; the newest moment of the store."""
    connection = sqlite.sqlite3.connect(side)
    connection.execute("ATTACH ? AS told", (str(store),))
    for statement in migrations.STEPS["hourly_terms"].split(";\n"):
        if "CREATE TABLE" in statement:
            connection.execute(statement.replace("CREATE TABLE ", "CREATE TABLE main."))
    (newest,) = connection.execute("SELECT max(id) FROM told.mentions").fetchone()
    now = float((newest >> 12) + EPOCH)
    last, mentions, begun = hour_of(newest) + 1, 0, time.process_time()
    for name in topics:
        (number,) = connection.execute("SELECT id FROM told.topics WHERE name = ? AND active", (name,)).fetchone()
        for hour in range(last - 24 * days, last):
            span = terms.counted(connection, number, hour)
            mentions += span.stories
            if span.stories:
                connection.execute(
                    "INSERT INTO main.term_hours VALUES (?,?,?,?)", (number, hour, span.stories, terms.pack(span.terms))
                )
        while recount._sum_up(connection, now):
            pass
    connection.commit()
    connection.close()
    print(f"{mentions:,} matches counted, {1e6 * (time.process_time() - begun) / max(1, mentions):.0f} us each")
    return now


def speed(store: Path, topics: list[str], days: int, side: Path) -> None:
    """Print how long the whole answer takes."""
    now = beside(store, side, topics, days)
    with Reader(store) as reader:
        reader._connection.execute("ATTACH ? AS beside", (str(side),))
        for view in ("PRAGMA query_only=OFF", *BEFORE_THE_STORES):
            reader._connection.execute(view)
        for name in topics:
            for written in WINDOWS:
                took, found = [], None
                for _ in range(TURNS):
                    begun = time.perf_counter()
                    found = rising.rising(reader, name, window(written, now), now=now)
                    took.append(1e3 * (time.perf_counter() - begun))
                assert found is not None
                print(
                    f"{name} {written:>4}: first {took[0]:.0f} ms, median {statistics.median(took):.0f} ms, "
                    f"{found.mentions:,} mentions against {found.mentions_before:,}, "
                    f"{len(found.words)} words, {len(found.tags)} tags, {len(found.new)} new"
                )


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--store", type=Path)
    parser.add_argument("--topics", default="acme01,acme05,acme30")
    parser.add_argument("--days", type=int, default=62, help="days whose terms are counted beside the store")
    options = parser.parse_args()
    print(f"SQLite {sqlite.sqlite3.sqlite_version}, load {os.getloadavg()[0]:.2f}")
    with tempfile.TemporaryDirectory() as folder:
        if options.store:
            speed(options.store, options.topics.split(","), options.days, Path(folder) / "terms.db")
        else:
            quality()
            costs(options.rows, Path(folder))


if __name__ == "__main__":
    main()
