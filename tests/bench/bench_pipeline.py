"""What a social post costs from its JSON to the store, against the bare insertion of the same rows.

    python -m tests.bench.bench_pipeline [--tweets LABELLED_FOLDER]

"All on" is: decode, clean, tokens, 100 topics, language, sentiment, identity, rows, matches, full text, rollups, commit
with synchronous=FULL. The floor is what `bench_ingest` calls so: the very same rows by `executemany`, at the same batch
size. First both in one process, taking turns; then with the children of the workshop preparing while one thread writes.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec

from listen import language, sentiment, text
from listen.clock import PlayedClock
from listen.collect.prepare import Topics, prepare
from listen.collect.wire import Done, Item, Place, Prepare, encoder, frame, job_decoder, reply_decoder
from listen.collect.workshop import BATCH, Workshop
from listen.collect.writing import Scribe
from listen.intents import intents
from listen.intents.reader import Reader
from listen.model import Prepared, Tracked
from listen.query.match import Subject
from listen.store import sqlite
from listen.store.write import Writer
from sources.base import Author, Post
from tests.bench import bench_ingest, world
from tests.bench.bench_ingest import Recorder, Statement, open_store, replay

NOW = float(world.UNTIL)
PLACE = Place("source000", "bluesky")
decode = msgspec.json.Decoder(list[Post]).decode


def topic_query(name: str) -> str:
    """A brand as people ask for it: its names and tag, without its namesakes."""
    return f'({name} OR "{name} battery" OR #{name}fail) NOT ("{name} klein" OR {{{name.upper()}}})'


def tracked(number: int) -> Tracked:
    """Every other one is a competitor."""
    name = world.topic_name(number)
    return Tracked(topic_query(name), name, "competitor" if number % 2 else "brand")


def tweets(folder: Path | None) -> tuple[list[str], list[str]]:
    """(English texts, others) of the labelled sets, none when they are not at hand."""
    if folder is None:
        return [], []
    icwsm = (folder / "vader_icwsm2014/tweets_GroundTruth.txt").read_text("utf-8").splitlines()
    umsab = (folder / "umsab/langid_dev.tsv").read_text("utf-8").splitlines()
    english = [line.split("\t")[2] for line in icwsm if line.count("\t") >= 2]
    others = [line.partition("\t")[2] for line in umsab if not line.startswith("en\t")]
    return english, others


def bodies(rows: int, folder: Path | None) -> Iterator[bytes]:
    """Batches of posts as a platform would send them: the world's, with the words of real tweets when there are any."""
    english, others = tweets(folder)
    made = world.World(rows, 7)
    rng = made.rng
    posts = (post_of(heard.post, rng, english, others) for heard in made)
    while rows > 0:
        yield msgspec.json.encode(list(islice(posts, min(500, rows))))
        rows -= 500


def post_of(made: Prepared, rng: Any, english: list[str], others: list[str]) -> Post:
    words = made.text
    if english:
        names = [name for name in words.split() if name.startswith("acme")]
        source = english if rng.random() < 0.66 else others
        words = rng.choice(source)
        while len(words) < 190:
            words += " " + rng.choice(source)
        words = " ".join([words, *names])
    author = made.author and Author(made.author.handle, made.author.name)
    return Post(
        network=made.network, external_id=made.external_id, kind=made.kind, url=made.url, title=made.title, text=words,
        author=author, lang=made.lang if rng.random() < 0.6 else None, published_at=made.published_at, likes=made.likes,
        parent_id=made.parent_id, thread_id=made.thread_id,
    )  # fmt: skip


@dataclass
class Batch:
    raw: bytes
    prepared: list[Prepared]
    statements: list[Statement]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rows", type=int, default=50_000)
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument("--tweets", type=Path, help="folder with the labelled tweets, for words of real people")
    options = parser.parse_args()
    print(f"SQLite {sqlite.sqlite3.sqlite_version}, batch 500, synchronous FULL, load {os.getloadavg()[0]:.2f}")
    topics = Topics({n: tracked(n) for n in range(1, world.TOPICS + 1)}, Reader(intents({})))
    with tempfile.TemporaryDirectory(dir=Path.cwd() if os.environ.get("BENCH_HERE") else None) as name:
        folder = Path(name)
        batches = record(folder, options, topics)
        describe(batches)
        gc.collect()
        gc.freeze()  # what is kept for the comparison is not what a collector holds
        stages(batches, topics)
        floor = compare(folder, batches, topics, options.turns)
        for size in (1, 2):
            asyncio.run(together(folder, batches, size, floor))
    print(f"load {os.getloadavg()[0]:.2f}")


def record(folder: Path, options: argparse.Namespace, topics: Topics) -> list[Batch]:
    """Run everything once, and keep what each batch writes: the floor's rows."""
    connection = Recorder(open_store(folder, "record", None))
    writer, channels = bench_ingest.make_writer(connection, world.UNTIL, 250_000)
    batches = []
    for raw in bodies(options.rows, options.tweets):
        prepared = [prepare(post, topics, PLACE, NOW) for post in decode(raw)]
        connection.statements = []
        writer.add(channels[0], prepared, seen_at=int(NOW))
        batches.append(Batch(raw, prepared, connection.statements))
    connection.close()
    return batches


def describe(batches: Sequence[Batch]) -> None:
    posts = [post for batch in batches for post in batch.prepared]
    size = statistics.mean(len(post.text.encode()) for post in posts)
    scored = sum(post.score is not None for post in posts) / len(posts)
    matched = sum(bool(post.topics) for post in posts) / len(posts)
    print(
        f"{len(posts):,} posts of {size:.0f} bytes of text, {scored:.0%} scored, {matched:.0%} match one of 100 topics"
    )


def stages(batches: Sequence[Batch], topics: Topics) -> None:
    """What each part of the preparation costs alone; the rest is building the record."""
    posts = [post for batch in batches[:40] for post in decode(batch.raw)]
    ready = [post for batch in batches[:40] for post in batch.prepared]
    said = [(post.text, post.lang) for post in ready]
    raw = [batch.raw for batch in batches[:40]]
    parts: dict[str, Callable[[], object]] = {
        "decode": lambda: [decode(one) for one in raw],
        "clean": lambda: [text.clean(words) for words, _ in said],
        "tokens": lambda: [text.tokens(words) for words, _ in said],
        "language": lambda: [language.detect(post.text, post.lang) for post in posts],
        "sentiment": lambda: [sentiment.score(words, lang) for words, lang in said],
        "100 topics": lambda: [topics.index.match(Subject.fresh(post, ("s",), ("a",))) for post in ready],
        "all of prepare": lambda: [prepare(post, topics, PLACE, NOW) for post in posts],
        "to the child and back": lambda: to_and_fro(posts, ready),
    }
    told = [
        f"{name} {1e6 * min(both_clocks(run)[1] for _ in range(3)) / len(posts):.1f}" for name, run in parts.items()
    ]
    print(f"  by part, us of processor time a post: {', '.join(told)}")


def to_and_fro(posts: Sequence[Post], ready: Sequence[Prepared]) -> None:
    """What it costs to say a batch in MessagePack and to check it, at both ends of both pipes."""
    for start in range(0, len(posts), BATCH):
        job_decoder.decode(frame(Prepare(list(posts[start : start + BATCH]), PLACE, NOW, 10))[4:])
        reply = Done([Item(post, None) for post in ready[start : start + BATCH]])
        reply_decoder.decode(encoder.encode(reply))


def compare(folder: Path, batches: Sequence[Batch], topics: Topics, turns: int) -> float:
    """Both sides in one process, block by block in turn; seconds of the floor for all rows."""
    ratios, processor, mine, bare = [], [], [], []
    block = 20
    for turn in range(turns):
        raw = open_store(folder, "floor", None)
        bench_ingest.make_writer(raw, world.UNTIL, 250_000)
        own = open_store(folder, "pipeline", None)
        writer, channels = bench_ingest.make_writer(own, world.UNTIL, 250_000)
        for start in range(0, len(batches), block):
            part = batches[start : start + block]
            rows = sum(len(batch.prepared) for batch in part)

            def ours(part: Sequence[Batch] = part, writer: Writer = writer, channel: int = channels[0]) -> None:
                for batch in part:
                    ready = [prepare(post, topics, PLACE, NOW) for post in decode(batch.raw)]
                    writer.add(channel, ready, seen_at=int(NOW))

            def floor(part: Sequence[Batch] = part, raw: sqlite.Connection = raw) -> None:
                for batch in part:
                    replay(raw, batch.statements)

            pair = [ours, floor] if (turn + start // block) % 2 else [floor, ours]
            spent = {run: both_clocks(run) for run in pair}
            mine.append(1e6 * spent[ours][0] / rows)
            bare.append(1e6 * spent[floor][0] / rows)
            ratios.append(spent[ours][0] / spent[floor][0])
            processor.append(spent[ours][1] / spent[floor][1])
        raw.close()
        own.close()
    quartiles = statistics.quantiles(ratios, n=4)
    print(
        f"  one process: {statistics.median(mine):6.1f} us a post | floor {statistics.median(bare):6.1f} | ratio "
        f"{statistics.median(ratios):.2f} (quartiles {quartiles[0]:.2f}-{quartiles[2]:.2f}, {len(ratios)} pairs) | "
        f"of processor time {statistics.median(processor):.2f}"
    )
    return statistics.median(bare) * sum(len(batch.prepared) for batch in batches) / 1e6


def both_clocks(run: Callable[[], object]) -> tuple[float, float]:
    """Seconds on the wall, and of this process."""
    wall, processor = time.perf_counter(), time.process_time()
    run()
    return time.perf_counter() - wall, time.process_time() - processor


async def together(folder: Path, batches: Sequence[Batch], size: int, floor: float) -> None:
    """The real thing: children prepare, the scribe's thread writes, both at the same time."""
    store = folder / f"together{size}.db"
    scribe = Scribe(store, PlayedClock(time.time(), NOW, 0.0))
    await scribe.open()
    channels, ids = await scribe.do(world.set_up)
    rows = sum(len(batch.prepared) for batch in batches)
    async with Workshop(size) as shop:
        shop.set_topics({ids[n]: tracked(n) for n in ids})
        await asyncio.gather(*(shop.warm() for _ in range(size)))
        waiting: list[asyncio.Future[object]] = []
        began = time.perf_counter()
        tasks = [asyncio.create_task(shop.prepare(decode(batch.raw), PLACE, NOW)) for batch in batches[: size + 1]]
        for number in range(len(batches)):
            ready = await tasks.pop(0)
            if number + size + 1 < len(batches):
                tasks.append(asyncio.create_task(shop.prepare(decode(batches[number + size + 1].raw), PLACE, NOW)))
            posts = [post for post in ready if isinstance(post, Prepared)]

            def write(writer: Writer, posts: list[Prepared] = posts) -> object:
                return writer.add(channels[0], posts, seen_at=int(NOW))

            waiting.append(asyncio.wrap_future(scribe.submit(write)))
            if len(waiting) > 2:
                await waiting.pop(0)
        await asyncio.gather(*waiting)
        spent = time.perf_counter() - began
    await scribe.close()
    who = f"{size} child{'ren' * (size > 1)} and the writer's thread"
    print(
        f"  {who}: {1e6 * spent / rows:6.1f} us a post of wall time, {rows / spent:,.0f} posts/s, "
        f"ratio {spent / floor:.2f}"
    )


if __name__ == "__main__":
    main()
