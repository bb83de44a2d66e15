"""What people wait for when they read a store: `python -m tests.bench.bench_read [STORE] [--rows 1000000]`.

Every kind of query, everyday and adversarial: the complete first page, the first answer within the budget of 40 ms, and
the first answer from a cold file, each with 200 rows of text. Beside the queries of words, in the same run, the same
FTS5 expression over one table that is not partitioned. STORE, made by `tests.bench.world`, is copied and then triaged.

Held, p95: complete everyday first pages < 50 ms; any first answer < 50 ms warm, < 150 ms cold.
"""

from __future__ import annotations

import argparse
import math
import os
import random
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from listen.clock import PlayedClock
from listen.query import parse
from listen.query.tree import Node
from listen.store import mentions, search, sqlite
from listen.store.read import BUDGET, Page, Reader
from listen.store.search import PARTITION_SIZE
from listen.store.sqlite import short_transaction
from listen.store.triage import Triage
from tests.bench import world
from tests.bench.world import COMMON, SOURCES, TOPICS, World, source_name, topic_name

PAGE = 200
WARM_UP = 2
SLOW = 0.3
"""Seconds of a complete page from which on fewer samples are taken."""

EMPTIED = topic_name(TOPICS - 10)
"""A topic of which ten mentions are left to be dealt with."""

QUEUED = 50
"""Arrivals between two counts of the queues."""

STOP_AFTER = 0.05
"""Seconds after which a query is stopped."""

Query = Callable[[random.Random], str]


def kinds(made: World, rare_authors: Sequence[str]) -> list[tuple[str, str, Query]]:
    """(group, name, how one is written): `e` everyday, `o` other, `a` adversarial."""
    words, rare = made.words[300:3000], made.words[120_000:240_000]
    common = COMMON[:40]
    signs = made.signs[:200]

    def any_topic(pick: random.Random, of: int = TOPICS) -> str:
        return topic_name(pick.randint(1, of))

    def rare_source(pick: random.Random) -> str:
        return source_name(pick.randrange(60, SOURCES))

    def window(pick: random.Random) -> str:
        days = pick.randint(2, 30)
        return f"since:{days}d until:{days - 1}d"

    return [
        ("e", "newest page", lambda pick: ""),
        ("e", "topic", lambda pick: f"topic:{any_topic(pick)}"),
        ("e", "source", lambda pick: f"source:{source_name(pick.randrange(SOURCES))}"),
        ("e", "sentiment band", lambda pick: pick.choice(["sentiment:neg", "sentiment:<-0.9", "sentiment:pos"])),
        ("e", "topic, sentiment:neg", lambda pick: f"topic:{any_topic(pick, 20)} sentiment:neg"),
        ("e", "language", lambda pick: f"lang:{pick.choice(['fr', 'de', 'ja'])}"),
        ("e", "common word", lambda pick: pick.choice(common)),
        ("e", "mid word", lambda pick: pick.choice(words)),
        ("e", "rare word", lambda pick: pick.choice(rare)),
        ("e", "common AND rare", lambda pick: f"{pick.choice(common)} {pick.choice(rare)}"),
        ("e", "mid AND mid", lambda pick: f"{pick.choice(words)} {pick.choice(words)}"),
        ("e", "phrase of 2 common words", lambda pick: f'"{pick.choice(common)} {pick.choice(common)}"'),
        ("e", "phrase, common and mid", lambda pick: f'"{pick.choice(common)} {pick.choice(words)}"'),
        ("e", "prefix, 3 letters", lambda pick: f"{pick.choice(words)[:3]}*"),
        ("e", "prefix, 5 letters", lambda pick: f"{pick.choice(rare)[:5]}*"),
        ("e", "author", lambda pick: f"author:{pick.choice(rare_authors)}"),
        ("e", "status:new", lambda pick: "status:new"),
        ("e", "status:new in a topic, 10 left", lambda pick: f"status:new topic:{EMPTIED}"),
        ("e", "status:done", lambda pick: "status:done"),
        ("e", "is:starred", lambda pick: "is:starred"),
        ("e", "OR of 5 words", lambda pick: " OR ".join(pick.choices(words, k=5))),
        ("e", "topic OR word", lambda pick: f"topic:{any_topic(pick)} OR {pick.choice(words)}"),
        ("e", "word NOT word", lambda pick: f"{pick.choice(common)} -{pick.choice(common)}x -{pick.choice(words)}"),
        ("e", "NOT word", lambda pick: f"-{pick.choice(common)}"),
        ("e", "word, a day of last month", lambda pick: f"{pick.choice(common)} {window(pick)}"),
        ("e", "CJK pair", lambda pick: "東京"),
        ("e", "a term that is nowhere", lambda pick: f"nowhere{pick.randrange(99)}"),
        (
            "o", "topic, source, sentiment:<-0.9",
            lambda pick: f"topic:{any_topic(pick, 20)} source:{rare_source(pick)} sentiment:<-0.9",
        ),
        ("o", "topic, Mondays at 13", lambda pick: f"topic:{any_topic(pick, 20)} weekday:mon hour:13"),
        ("o", "an hour by a zone's clock", lambda pick: f"hour:{pick.randrange(24)}@Europe/Paris"),
        ("o", "CJK 3 signs", lambda pick: "".join(pick.choices(signs, k=3))),
        ("o", "CJK 1 sign", lambda pick: pick.choice(signs)),
        ("o", "word OR likes:>38 (not in full text)", lambda pick: f"{pick.choice(words)} OR likes:>38"),
        ("o", "word, likes:>38", lambda pick: f"{pick.choice(common)} likes:>38"),
        ("o", "te?t", lambda pick: (lambda word: f"{word[:3]}?{word[4:]}")(pick.choice(words) + "an")),
        ("a", "phrase of 3 common words", lambda pick: f'"{" ".join(pick.choices(common, k=3))}"'),
        ("a", "{Case} that is nowhere", lambda pick: f"{{{pick.choice(common).upper()}}}"),
        ("a", "NEAR without a hit", lambda pick: "opener NEAR/2 closer"),
        ("a", "a NOT a", lambda pick: (lambda word: f"{word} -{word}")(pick.choice(common))),
        ("a", "a NOT a*", lambda pick: (lambda word: f"{word} -{word}*")(pick.choice(words))),
        ("a", "prefix, 2 letters", lambda pick: f"{pick.choice(words)[:2]}*"),
        ("a", "prefix, 2 letters, AND rare", lambda pick: f"{pick.choice(words)[:2]}* {pick.choice(rare)}"),
        ("a", "rare author AND common word", lambda pick: f"author:{pick.choice(rare_authors)} {pick.choice(common)}"),
        ("a", "likes:>1000 (nowhere, not in full text)", lambda pick: "likes:>1000"),
        ("a", "is:question (nowhere, by predicate)", lambda pick: "is:question"),
    ]  # fmt: skip


def queues() -> list[str]:
    """What people work through."""
    big, mid, small = topic_name(5), topic_name(20), topic_name(60)
    return [
        "status:new", f"topic:{big} status:new", f"topic:{big} sentiment:neg status:new",
        f"topic:{mid} sentiment:neg status:new", f"topic:{small} sentiment:neg status:new",
        f"topic:{mid} sentiment:<-0.6 status:new", f"topic:{mid} {COMMON[20]} status:new",
        f"topic:{small} battery status:new", f"topic:{small} (battery OR sentiment:<-0.6) status:new",
        "battery sentiment:neg status:new", f"topic:{EMPTIED} status:new", f"topic:({big} {small}) lang:fr status:new",
    ]  # fmt: skip


COLUMN_TITLES = (
    f"{'':42}{'complete':>17} {'one table':>17} {'ratio':>6} {'hits':>5}  {'budget p95':>10} {'max':>6} {'whole':>6}"
)


def milliseconds(run: Callable[[], Any]) -> tuple[float, Any]:
    start = time.perf_counter()
    answer = run()
    return 1e3 * (time.perf_counter() - start), answer


def percentile(values: Sequence[float], share: float) -> float:
    """By nearest rank: the smallest value that `share` of them do not exceed."""
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]


class OneTable:
    """The same documents in one FTS5 table, merged to one segment, in a file of its own."""

    def __init__(self, store: Path, path: Path) -> None:
        fresh = not path.exists()
        self.connection = sqlite.sqlite3.connect(path, isolation_level=None)
        self.connection.execute("PRAGMA cache_size=-16384")
        if fresh:
            self._fill(store)

    def _fill(self, store: Path) -> None:
        source = sqlite.connect_reader(store, cache_mb=256)
        self.connection.execute("PRAGMA journal_mode=OFF")
        self.connection.execute("PRAGMA cache_size=-524288")
        search.create_table(self.connection, 1)
        ids = [row[0] for row in source.execute("SELECT id FROM mentions ORDER BY id")]
        for at in range(0, len(ids), 20_000):
            self.connection.execute("BEGIN")
            search.insert(self.connection, 1, mentions.documents(source, ids[at : at + 20_000]))
            self.connection.execute("COMMIT")
        self.connection.execute("INSERT INTO search_1(search_1) VALUES ('optimize')")
        self.connection.execute("PRAGMA cache_size=-16384")
        source.close()

    def page(self, expression: str) -> list[int]:
        sql = f"SELECT rowid FROM search_1 WHERE search_1 MATCH ? ORDER BY rowid DESC LIMIT {PAGE}"
        return [row[0] for row in self.connection.execute(sql, (expression,))]


def expression(reader: Reader, node: Node, now: float) -> str | None:
    """The FTS5 expression that is the whole of a query; None when there is none."""
    branches = reader.explain(node, now=now).branches
    if len(branches) != 1 or not branches[0].walk.partitioned or branches[0].walk.test or branches[0].low:
        return None
    return str(branches[0].walk.values[0])


class Bench:
    def __init__(self, store: Path, one: OneTable | None, now: int, samples: int) -> None:
        self.store, self.one, self.now, self.samples = store, one, now, samples
        self.reader = Reader(store)

    def ask(self, node: Node, budget: float | None, reader: Reader | None = None) -> Page:
        reader = reader or self.reader
        page = reader.page(node, limit=PAGE, budget=budget, now=self.now)
        reader.rows(page.ids)
        return page

    def warm(self, name: str, nodes: Sequence[Node]) -> tuple[list[float], float]:
        """Print a line; (milliseconds of each complete page, p95 of the first answer)."""
        for node in nodes[:WARM_UP]:
            self.ask(node, BUDGET)
        slow = milliseconds(lambda: self.ask(nodes[0], None))[0] > 1e3 * SLOW
        some = nodes[: max(3, self.samples // 8)] if slow else nodes
        whole = [milliseconds(lambda node=node: self.ask(node, None)) for node in some]
        first = [milliseconds(lambda node=node: self.ask(node, BUDGET)) for node in nodes]
        spent = [one[0] for one in whole]
        other, ratio = "", ""
        theirs = self._one_table(some)
        if theirs:
            other = f"{percentile(theirs, 0.5):8.2f}/{percentile(theirs, 0.95):8.2f}"
            ratio = f"{percentile(spent, 0.5) / percentile(theirs, 0.5):6.2f}"
        hits = int(percentile([len(page.ids) for _, page in whole], 0.5))
        p95 = percentile([one[0] for one in first], 0.95)
        complete = sum(page.complete for _, page in first) / len(first)
        print(
            f"{name:42}{percentile(spent, 0.5):8.2f}/{percentile(spent, 0.95):8.2f} {other:17} {ratio:6} {hits:5}  "
            f"{p95:10.2f} {max(one[0] for one in first):6.1f} {complete:6.0%}",
            flush=True,
        )
        return spent, p95

    def _one_table(self, nodes: Sequence[Node]) -> list[float]:
        """Milliseconds of the same queries over one table; [] where they are no plain full text."""
        one = self.one
        asked = [expression(self.reader, node, self.now) for node in nodes]
        if one is None or None in asked:
            return []
        for said in asked[:WARM_UP]:
            one.page(str(said))
        return [milliseconds(lambda said=said: self.reader.rows(one.page(str(said))))[0] for said in asked]

    def cold(self, nodes: Sequence[Node]) -> list[float]:
        """Milliseconds of first answers with a new connection and nothing of the file in memory."""
        spent = []
        for node in nodes:
            with Reader(self.store) as reader:
                evict(self.store)
                spent.append(milliseconds(lambda node=node, reader=reader: self.ask(node, BUDGET, reader))[0])
        return spent

    def overview(self) -> None:
        big = topic_name(1)
        dismissed = parse("status:dismissed")
        asked: list[tuple[str, Callable[[], Any]]] = [
            ("count, common word, to 1,000", lambda: self.reader.count(parse("the"), now=self.now)),
            (
                "count, topic and sentiment:neg, to 1,000",
                lambda: self.reader.count(parse(f"topic:{big} sentiment:neg"), now=self.now),
            ),
            (f"what waits, {TOPICS} topics, to 1,000 each", self.reader.waiting),
            ("a topic hour by hour, 24 h", lambda: self.reader.pulse(big, 24, now=self.now)),
            ("a topic hour by hour, 30 days", lambda: self.reader.pulse(big, 720, now=self.now)),
            ("topics with all their numbers", lambda: self.reader.topics(now=self.now)),
            ("channels with their health", self.reader.channels),
            ("one whole mention", lambda: self.reader.mention(self.reader.newest() or 0)),
            ("what an author said before", lambda: self.reader.said_before(self.reader.newest() or 0)),
        ]
        n = self.reader.count(dismissed, cap=None, budget=None, now=self.now).n
        print(f"\nAt a glance, warm, ms p50/p95 ({n:,} dismissed mentions are taken off the numbers)")
        for name, run in asked:
            spent = [milliseconds(run)[0] for _ in range(self.samples)]
            print(f"{name:42}{percentile(spent, 0.5):8.2f}/{percentile(spent, 0.95):8.2f}", flush=True)

    def queues(self) -> None:
        """What the side pane counts: anew, and brought up to date after a verb and some arrivals."""
        print(
            f"\nQueues, counted to 1,000 with the oldest, ms p50/p95\n{'':42}{'anew':>17} {'up to date':>17} {'n':>6}",
            flush=True,
        )
        people = Triage(self.store, "bench", PlayedClock(0.0, float(self.now), 0.0))
        newest = self.reader.page(parse(""), limit=QUEUED, budget=None, now=self.now).ids
        worst = 0.0
        for query in queues():
            node = parse(query)
            anew, kept = [], []
            for _ in range(max(5, self.samples // 4)):
                self.reader._tallies.clear()
                anew.append(milliseconds(lambda node=node: self.reader.tally(node, budget=None, now=self.now))[0])
                for verb in (people.star, lambda ids: people.star(ids, False)):
                    verb(newest[:3])
                    with short_transaction(people.connection):
                        people.connection.executemany(
                            "INSERT INTO arrivals(mention_id) VALUES (?)", [(one,) for one in newest]
                        )
                    spent, found = milliseconds(lambda node=node: self.reader.tally(node, budget=None, now=self.now))
                    kept.append(spent)
            worst = max(worst, percentile(kept, 0.95))
            print(
                f"{query:42}{percentile(anew, 0.5):8.2f}/{percentile(anew, 0.95):8.2f} "
                f"{percentile(kept, 0.5):8.2f}/{percentile(kept, 0.95):8.2f} {found.n:5}"
                f"{'' if found.complete else '+'}",
                flush=True,
            )
        people.close()
        print(f"worst p95, up to date: {worst:.1f} ms (< 5)")

    def stops(self, asked: Sequence[tuple[str, str, Sequence[Node]]]) -> None:
        """How long a query that could take for ever goes on after `stop()` from another thread."""
        few = max(2, self.samples // 8)
        spent = sorted((self._stopped(node), name) for _, name, nodes in asked for node in nodes[:few])
        print(
            f"\nStopped from another thread, ms p50/p95/max of {len(spent)}: {spent[len(spent) // 2][0]:.1f}/"
            f"{spent[int(0.95 * len(spent))][0]:.1f}/{spent[-1][0]:.1f} ({spent[-1][1]}) (< 30)"
        )

    def _stopped(self, node: Node) -> float:
        """Milliseconds from `stop()` to the answer; 0 when it was there before."""
        ended = [0.0]

        def ask() -> None:
            self.reader.page(node, limit=1 << 40, budget=None, now=self.now)
            ended[0] = time.perf_counter()

        thread = threading.Thread(target=ask)
        thread.start()
        thread.join(STOP_AFTER)
        stopped = time.perf_counter()
        self.reader.stop()
        thread.join()
        return max(0.0, 1e3 * (ended[0] - stopped))

    def deep(self) -> None:
        """Page 1,000 of everything, by paging on from where page 999 ended."""
        ids = self.reader.page(parse(""), limit=999 * PAGE, budget=None, now=self.now).ids
        spent = [
            milliseconds(lambda: self.reader.rows(self.reader.page(parse(""), before=ids[-1], now=self.now).ids))[0]
            for _ in range(self.samples)
        ]
        print(f"{'page 1,000':42}{percentile(spent, 0.5):8.2f}/{percentile(spent, 0.95):8.2f}")


def evict(store: Path) -> None:
    """Drop the file from the system's page cache."""
    for path in (store, Path(f"{store}-wal")):
        if path.exists():
            handle = os.open(path, os.O_RDONLY)
            os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
            os.close(handle)


def triaged(store: Path, target: Path, now: int) -> None:
    """A copy in which people have worked: a topic dealt with but for ten, 300 stars, 2,000 dismissed."""
    shutil.copyfile(store, target)
    with Reader(target) as reader:

        def ids(query: str, limit: int) -> list[int]:
            return reader.page(parse(query), limit=limit, budget=None, now=now).ids

        emptied = ids(f"topic:{EMPTIED}", 1 << 40)[5:-5]
        starred, dismissed = ids("battery", 300), ids(f"topic:{topic_name(1)} sentiment:pos", 20_000)[::10]
    with Triage(target, "bench", PlayedClock(0.0, float(now), 0.0)) as triage:
        triage.set_status(emptied, "done")
        triage.star(starred)
        triage.set_status(dismissed, "dismissed")
        triage.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def rare_authors(store: Path, pick: random.Random) -> list[str]:
    """Handles of authors who said something, most of them once or twice."""
    connection = sqlite.connect_reader(store)
    (highest,) = connection.execute("SELECT max(id) FROM authors").fetchone()
    found = [
        connection.execute("SELECT handle FROM authors WHERE id >= ? LIMIT 1", (pick.randint(1, highest),)).fetchone()[
            0
        ]
        for _ in range(200)
    ]
    connection.close()
    return found


def run(bench: Bench, asked: Sequence[tuple[str, str, Sequence[Node]]], cold: int, only: str | None) -> None:
    tables: dict[str, Callable[[], object]] = {
        "pages": lambda: pages(bench, asked),
        "glance": bench.overview,
        "queues": bench.queues,
        "stops": lambda: bench.stops(asked),
        "cold": lambda: cold_pages(bench, asked, cold),
    }
    for name, table in tables.items():
        if only in (None, name) and (name != "cold" or cold):
            table()


def title(group: str, name: str) -> str:
    return f"{'adversarial: ' if group == 'a' else ''}{name}"


def pages(bench: Bench, asked: Sequence[tuple[str, str, Sequence[Node]]]) -> None:
    print(
        f"\nWarm, ms p50/p95, with {PAGE} rows. complete: until the page is full or all is searched; one table: the\n"
        f"same FTS5 expression unpartitioned; budget: the first answer after {1e3 * BUDGET:.0f} ms; whole: how many "
        "are complete by then"
    )
    print(COLUMN_TITLES)
    everyday: list[float] = []
    worst = first = 0.0
    for group, name, nodes in asked:
        spent, answer = bench.warm(title(group, name), nodes)
        first = max(first, answer)
        if group == "e":
            everyday += spent
            worst = max(worst, percentile(spent, 0.95))
    bench.deep()
    print(
        f"p95 of complete everyday pages {percentile(everyday, 0.95):.1f} ms (< 50), of the worst kind {worst:.1f} ms"
    )
    print(f"worst p95 of a first answer {first:.1f} ms (< 50)")


def cold_pages(bench: Bench, asked: Sequence[tuple[str, str, Sequence[Node]]], cold: int) -> None:
    print(f"\nCold: new connection, file evicted, first answer within the budget, ms p50/max of {cold}")
    worst = 0.0
    for group, name, nodes in asked:
        spent = bench.cold(nodes[:cold])
        worst = max(worst, percentile(spent, 0.95))
        print(f"{title(group, name):42}{percentile(spent, 0.5):8.1f}/{max(spent):8.1f}", flush=True)
    print(f"worst p95, cold: {worst:.1f} ms (< 150)")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("store", nargs="?", type=Path, help="made by tests.bench.world; made here when left out")
    parser.add_argument("--rows", type=int, default=1_000_000, help="posts of a store that is made here")
    parser.add_argument("--until", type=int, default=world.UNTIL, help="Unix time of the store's last post")
    parser.add_argument("--partition", type=int, default=PARTITION_SIZE)
    parser.add_argument("--samples", type=int, default=40)
    parser.add_argument("--cold", type=int, default=7, help="cold samples of each kind; 0 leaves them out")
    parser.add_argument("--kind", default="", help="only kinds of queries with this in their names")
    parser.add_argument("--only", choices=["pages", "glance", "queues", "stops", "cold"], help="only one of the tables")
    parser.add_argument(
        "--no-one", action="store_true", help="without the other side, which takes a minute a million to make"
    )
    parser.add_argument(
        "--keep", type=Path, help="folder for the triaged copy and the other side, used again when there"
    )
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="listen-bench-") as scratch:
        folder = options.keep or Path(scratch)
        folder.mkdir(exist_ok=True)
        store = folder / "read.db"
        if not store.exists():
            made = options.store or folder / "world.db"
            if not options.store:
                world.build(str(made), options.rows, until=options.until, size=options.partition)
            triaged(made, store, options.until)
        one = None if options.no_one else OneTable(store, folder / "one.db")
        pick = random.Random(11)
        bench = Bench(store, one, options.until, options.samples)
        asked = [
            (group, name, [parse(write(pick)) for _ in range(options.samples)])
            for group, name, write in kinds(World(1), rare_authors(store, pick))
            if options.kind in name
        ]
        total = bench.reader.count(parse(""), cap=None, budget=None, now=options.until).n
        parts = len(search.load(sqlite.connect_reader(store)))
        print(
            f"{total:,} mentions in {parts} partitions, SQLite {sqlite.sqlite3.sqlite_version}, "
            f"load {os.getloadavg()[0]:.2f}"
        )
        run(bench, asked, options.cold, options.only)
        print(f"load {os.getloadavg()[0]:.2f}")


if __name__ == "__main__":
    main()
