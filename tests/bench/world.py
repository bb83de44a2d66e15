"""A synthetic store of any size, the same for the same seed: `python -m tests.bench.world --rows 1000000 PATH`.

Posts come in order of arrival over the time that so many take at 26,000 a day, ending now or at `--until`: calm and
bursts, late ones, repeats, eight languages, tags, handles, emoji, links. A topic's query is its name, and the posts
that match it say it.
"""

from __future__ import annotations

import argparse
import math
import multiprocessing
import random
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate, islice
from multiprocessing.context import SpawnProcess
from pathlib import Path
from typing import Any

from listen import text
from listen.clock import PlayedClock
from listen.model import Author, Prepared
from listen.store import schema, sqlite
from listen.store.search import PARTITION_SIZE
from listen.store.write import Delivery, Writer

BATCH = 5_000
"""Posts in one transaction of a build."""

PER_DAY = 26_000
TOPICS, SOURCES, AUTHORS, VOCABULARY = 100, 170, 2_000_000, 250_000
NETWORKS = ("bluesky", "mastodon", "hackernews", "feed", "reddit")
LANGS = ("en", "fr", "de", "es", "pt")
UNTIL = 1_767_225_600
"""When the last post arrives unless said otherwise: 2026-01-01."""

_COMMON = (
    "the of and to a in is it you that for on with this my was are but not be have so at just they me all we your out "
    "up like what no when from if can do get how an about one has or good as new more will time day now there love "
    "battery phone service support price customer delivery store brand order"
)
COMMON = _COMMON.split()


@dataclass(slots=True)
class Heard:
    """A post on its way into the store."""

    source: int
    """Which source hears it, from 0."""
    seen_at: int
    post: Prepared


def source_name(number: int) -> str:
    return f"source{number:03d}"


def topic_name(number: int) -> str:
    return f"acme{number:02d}"


def zipf(size: int, power: float, shift: float = 2.7) -> list[float]:
    return list(accumulate(1 / (rank + shift) ** power for rank in range(size)))


class World:
    """Posts in order of arrival."""

    def __init__(self, rows: int, seed: int = 7, until: int = UNTIL) -> None:
        self.rng = rng = random.Random(seed)
        parts = [c + v for c in "bcdfghjklmnprstvwz" for v in "aeiou"] + ["an", "en", "or", "is", "al", "st"]
        words: dict[str, None] = dict.fromkeys(COMMON)
        while len(words) < VOCABULARY:
            words["".join(rng.choices(parts, k=rng.choice((2, 2, 3, 3, 4))))] = None
        self.words, self.word_weights = list(words), zipf(VOCABULARY, 1.05)
        self.signs = [chr(0x4E00 + i * 3) for i in range(1500)] + [chr(0x3042 + i) for i in range(80)]
        self.sign_weights = zipf(len(self.signs), 0.8)
        self.topic_weights, self.source_weights = zipf(TOPICS, 1.0), zipf(SOURCES, 1.1)
        self.topics, self.sources = range(1, TOPICS + 1), range(SOURCES)
        self.now, self.until = until - rows / PER_DAY * 86_400, until
        self.burst, self.serial = 0, seed * 50_000_000  # worlds of other seeds are other posts
        self.recent: list[Heard] = []

    def __iter__(self) -> Iterator[Heard]:
        while True:
            yield self.post()

    def tick(self) -> None:
        if self.burst:
            self.burst -= 1
            self.now = min(self.now + 0.01, self.until)
            return
        hour = self.now / 3600
        calm = 86_400 / PER_DAY * 1.58 * (1 + 0.6 * math.sin(hour * math.tau / 24))
        if self.rng.random() < 0.015:
            self.burst = int(self.rng.expovariate(1 / 40))
        self.now = min(self.now + self.rng.expovariate(1 / max(calm, 0.2)), self.until)

    def body(self, names: list[str]) -> tuple[str, str]:
        """(language, text)"""
        rng = self.rng
        draw = rng.random()
        if draw < 0.06:
            lang = ("ja", "zh", "th")[int(draw * 50)]
            body = "".join(rng.choices(self.signs, cum_weights=self.sign_weights, k=rng.randint(20, 110)))
            if rng.random() < 0.03:
                body = body[:10] + "東京" + body[10:]
            body = " ".join([body, *names])
        else:
            lang = "en" if draw < 0.66 else LANGS[int(draw * 100) % 5]
            size = max(3, min(110, int(rng.lognormvariate(3.5, 0.55))))
            chosen = rng.choices(self.words, cum_weights=self.word_weights, k=size)
            if draw < 0.2:
                chosen[size // 2] = chosen[size // 2].replace("a", "é")
            if rng.random() < 0.2:
                chosen.insert(0, "opener")
            if rng.random() < 0.2 and size > 20:
                chosen.append("closer")
            for name in names:
                chosen[rng.randrange(len(chosen))] = name
            body = " ".join(chosen)
        if rng.random() < 0.25:
            body += " #" + self.words[100 + int(rng.expovariate(1 / 200))]
        if rng.random() < 0.2:
            body = "@" + self.words[1000 + int(rng.expovariate(1 / 5000))] + " " + body
        if rng.random() < 0.15:
            body += " " + rng.choice("😀😂🔥👍😡🎉💔🙏")
        if rng.random() < 0.3:
            body += f" https://t.example/{rng.getrandbits(48):x}"
        return lang, body

    def names(self, source: int) -> tuple[str, str, str | None]:
        """(network, identity, url)"""
        rng = self.rng
        network = NETWORKS[source % 5]
        if network == "bluesky":
            return network, f"at://did:plc:{rng.getrandbits(110):x}/app.bsky.feed.post/3k{rng.getrandbits(50):x}", None
        if network == "mastodon":
            said = f"https://mastodon.example/users/{self.words[rng.randrange(5000)]}/statuses/1{self.serial:017d}"
            return network, said, None
        if network == "hackernews":
            return network, str(40_000_000 + self.serial), None
        slug = self.words[rng.randrange(9000)]
        return network, f"{rng.getrandbits(64):x}", f"https://news{source}.example/2025/{rng.getrandbits(40):x}-{slug}"

    def post(self) -> Heard:
        rng = self.rng
        self.tick()
        seen = int(self.now)
        if self.recent and rng.random() < 0.02:
            again = rng.choice(self.recent)
            return Heard(rng.choices(self.sources, cum_weights=self.source_weights)[0], seen, again.post)
        self.serial += 1
        if rng.random() < 0.05:
            published = seen - int(math.exp(rng.uniform(math.log(300), math.log(5 * 86_400))))
        else:
            published = seen - int(rng.expovariate(1 / 15))
        topics = dict.fromkeys(
            rng.choices(self.topics, cum_weights=self.topic_weights, k=rng.choices((0, 1, 2, 3), (10, 62, 20, 8))[0])
        )
        lang, body = self.body([topic_name(topic) for topic in topics])
        title = None
        if rng.random() < 0.15:
            title = " ".join(rng.choices(self.words, cum_weights=self.word_weights, k=8))
        source = rng.choices(self.sources, cum_weights=self.source_weights)[0]
        network, external_id, url = self.names(source)
        author = rng.randrange(AUTHORS) if rng.random() < 0.5 else int(rng.paretovariate(0.6)) % 20_000
        kind = "post" if network in ("bluesky", "mastodon") else "article" if network == "feed" else "comment"
        tendency = rng.choice((-1, -1, 0, 1, 1, 1)) if rng.random() < 0.75 else 0
        score = round(1000 * tendency * rng.betavariate(2.2, 1.6)) if lang == "en" else None
        title_words, title_marks = text.tokens(title) if title else ([], [])
        words, marks = text.tokens(body)
        answer = f"{rng.getrandbits(40):x}" if rng.random() < 0.1 else None
        post = Prepared(
            network, external_id, kind, url, title, body, " ".join(title_words), " ".join(words),
            list(dict.fromkeys([*title_marks, *marks])), Author(f"u{author}", f"Name {author}" if author % 3 else None),
            lang, published, score=score, hits=None if score is None else abs(tendency) * 2,
            unscored=None if score is not None else f"language {lang}",
            likes=rng.randrange(40) if rng.random() < 0.5 else None, parent_id=answer, thread_id=answer,
            topics=dict.fromkeys(topics, score),
        )  # fmt: skip
        heard = Heard(source, seen, post)
        if rng.random() < 0.05:
            self.recent = [*self.recent[-200:], heard]
        return heard


# --- building --------------------------------------------------------------------------------------------------------


def _produce(queue: Any, rows: int, size: int, seed: int, until: int) -> None:
    world = iter(World(rows, seed, until))
    while rows > 0:
        queue.put(list(islice(world, min(size, rows))))
        rows -= size
    queue.put(None)


class Stock:
    """Posts made ahead by another process, a bounded number of batches, so that making them costs the writer little."""

    def __init__(self, rows: int, size: int = 500, seed: int = 7, until: int = UNTIL) -> None:
        context = multiprocessing.get_context("spawn")
        self._queue = context.Queue(max(2, 20_000 // size))
        self._process: SpawnProcess = context.Process(
            target=_produce, args=(self._queue, rows, size, seed, until), daemon=True
        )
        self._process.start()

    def __iter__(self) -> Iterator[list[Heard]]:
        while (batch := self._queue.get()) is not None:
            yield batch
        self._process.join()


def set_up(writer: Writer) -> tuple[list[int], dict[int, int]]:
    """Claim the store and make the world's sources, a channel each, and its topics; (channel by source, topic ids)."""
    writer.claim()
    ids = writer.sync_sources([(source_name(number), NETWORKS[number % 5], {}) for number in range(SOURCES)])
    channels = []
    for number in range(SOURCES):
        (row,) = writer.sync_channels(ids[source_name(number)], [("main", source_name(number))]).values()
        channels.append(row.id)
    roles = ("brand", "competitor", "theme")
    topics = writer.sync_topics([(topic_name(n), topic_name(n), roles[n % 3]) for n in range(1, TOPICS + 1)])
    return channels, {number: topics[topic_name(number)] for number in range(1, TOPICS + 1)}


def store(writer: Writer, channels: list[int], batch: list[Heard]) -> int:
    """Write a batch in one transaction; how many posts were new."""
    by_source: dict[int, list[Heard]] = {}
    for heard in batch:
        by_source.setdefault(heard.source, []).append(heard)
    deliveries = [
        Delivery(channels[source], [one.post for one in found], found[-1].seen_at)
        for source, found in by_source.items()
    ]
    return sum(len(added.new_ids) for added in writer.add_all(deliveries))


def build(
    path: str, rows: int, *, seed: int = 7, until: int = UNTIL, size: int = PARTITION_SIZE, say: bool = False
) -> None:
    """Make a store of so many posts (2 in 100 are repeats), merged as an idle collector leaves it."""
    schema.prepare(path)
    connection = sqlite.connect_writer(path, cache_mb=512)
    # A store that is being built may be lost whole: the next run makes the same one.
    connection.execute("PRAGMA synchronous=OFF")
    connection.execute("PRAGMA secure_delete=OFF")
    writer = Writer(connection, PlayedClock(time.time(), until, 0.0), size)
    channels, _ = set_up(writer)
    start, done, new = time.perf_counter(), 0, 0
    for batch in Stock(rows, BATCH, seed, until):
        new += store(writer, channels, batch)
        done += len(batch)
        writer.checkpoint()
        if say and done % 100_000 < len(batch):
            spent = time.perf_counter() - start
            print(f"{done:>11,} posts, {new:,} mentions, {spent:,.0f} s, {1e6 * spent / done:.0f} us each", flush=True)
    while writer.idle():
        pass
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("path")
    parser.add_argument("--rows", type=int, default=1_000_000, help="posts; 2 in 100 of them are repeats")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--until", type=int, default=UNTIL, help="Unix time of the last post")
    parser.add_argument("--partition", type=int, default=PARTITION_SIZE)
    options = parser.parse_args()
    if Path(options.path).exists():
        parser.error(f"{options.path} exists")
    build(options.path, options.rows, seed=options.seed, until=options.until, size=options.partition, say=True)


if __name__ == "__main__":
    main()
