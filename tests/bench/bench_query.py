"""Queries: matching 10, 100 and 1,000 topics against tokenising the same texts in one run; reading a query.

    python -m tests.bench.bench_query [--texts 5000] [--rounds 15]

Held: 100 topics cost at most half of tokenising; 1,000 topics at most three times as much as 10.
"""

from __future__ import annotations

import argparse
import random
import string
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from listen.model import Prepared
from listen.query import parse
from listen.query.match import Predicate, Subject, TopicIndex, compile
from listen.query.tree import Node
from listen.text import tokens

LENGTH = 237
"""Characters of a text: the mean of social posts."""

VOCABULARY = 50_000
SIZES = (10, 100, 1_000)
QUERIES = (
    "battery OR charger",
    '(acme OR "acme battery" OR #acmefail) NOT ({ACME} klein)',
    'title:(acme OR rival) "battery died"~5 lang:(fr de) -is:repost since:7d sentiment:<-0.3',
)


def vocabulary(source: random.Random) -> list[str]:
    words = {"".join(source.choices(string.ascii_lowercase, k=source.randint(2, 9))) for _ in range(VOCABULARY)}
    return sorted(words, key=lambda word: (len(word), source.random()))


def texts(words: list[str], count: int, source: random.Random) -> list[str]:
    """Posts of zipf words with some capitals, tags, links and accents."""
    weights = [1 / (rank + 2.7) for rank in range(len(words))]
    made = []
    for _ in range(count):
        parts = source.choices(words, weights, k=60)
        parts[5] = parts[5].title()
        if source.random() < 0.3:
            parts[20] = f"#{parts[20]}"
        if source.random() < 0.2:
            parts[3] = f"caf\u00e9 {parts[3]}"
        if source.random() < 0.3:
            parts[0] = f"https://example.com/{parts[0]}"
        made.append(" ".join(parts)[:LENGTH])
    return made


def topic(words: list[str], source: random.Random) -> str:
    """A brand as analysts write one: a name, seldom a frequent word, with variants and exclusions."""

    def name() -> str:
        return words[min(len(words) - 1, int(200 * (len(words) / 200) ** source.random()))]

    return source.choice((
        "{0}", "{0} OR #{0}", '{0} OR "{1} {2}"', '({0} OR "{0} {1}" OR #{0}fail) NOT ({{{2}}} {3})',
        '{0} ({1} OR {2} OR {3})', '"{0} {1}"~5', "{0} -{1} lang:(en fr)", "{0}x* OR {1}",
    )).format(name(), name(), name(), name())  # fmt: skip


def prepared(text: str) -> tuple[Prepared, list[str]]:
    """As the workshop has it: the post, and the tokens that were just made."""
    found, marks = tokens(text)
    return Prepared("n", "1", "post", None, None, text, "", " ".join(found), marks), found


def matching(index: TopicIndex) -> Callable[[tuple[Prepared, list[str]]], list[int]]:
    return lambda read: index.match(Subject.fresh(read[0], ("press",), ("feed",), spoken=read[1]))


def fastest(
    works: Mapping[object, tuple[Callable[[Any], object], Sequence[object]]], rounds: int
) -> dict[object, float]:
    """Microseconds of this process a thing, for each work the best of some rounds, in which all take turns.

    Nothing is kept: memory would be measured, too.
    """
    best = dict.fromkeys(works, float("inf"))
    for _ in range(rounds):
        for name, (work, things) in works.items():
            start = time.process_time()
            for thing in things:
                work(thing)
            best[name] = min(best[name], (time.process_time() - start) / len(things) * 1e6)
    return best


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--texts", type=int, default=5_000)
    options.add_argument("--rounds", type=int, default=15)
    given = options.parse_args()
    source = random.Random(7)
    words = vocabulary(source)
    posts = texts(words, given.texts, source)

    ready = [prepared(text) for text in posts]
    indexes = {size: TopicIndex({n: parse(topic(words, source)) for n in range(size)}, 0.0) for size in SIZES}
    costs = fastest(
        {0: (tokens, posts), **{size: (matching(index), ready) for size, index in indexes.items()}}, given.rounds
    )
    print(f"{len(posts):,} texts of {LENGTH} characters, µs of processor time a text, best of {given.rounds}\n")
    print(f"tokenise {costs[0]:8.2f}\n\ntopics   match   of tokenising   hits a text")
    for size, index in indexes.items():
        hits = sum(len(matching(index)(read)) for read in ready) / len(ready)
        print(f"{size:6,} {costs[size]:7.2f} {costs[size] / costs[0]:15.2f} {hits:13.2f}")
    growth = (costs[0] + costs[1000]) / (costs[0] + costs[10])
    print(f"\n100 topics of tokenising: {costs[100] / costs[0]:.2f} (held: 0.50)")
    print(f"1,000 topics of 10, tokenising counted: {growth:.2f} (held: 3.00)\n")
    for query in QUERIES:
        spent = fastest({"parse": (parse, [query] * 200), "compile": (compile_now, [parse(query)] * 200)}, given.rounds)
        print(f"parse {spent['parse']:7.1f} µs   compile {spent['compile']:6.1f} µs   {query}")


def compile_now(node: Node) -> Predicate:
    return compile(node, 0.0)


if __name__ == "__main__":
    main()
