"""Queries: matching 10, 100 and 1,000 topics against tokenising the same texts in one run; reading a query.

    python -m tests.bench.bench_query [--texts 5000] [--rounds 5]

Held: 100 topics cost at most half of tokenising; 1,000 topics at most three times as much as 10.
"""

from __future__ import annotations

import argparse
import random
import string
import time
from collections.abc import Callable, Sequence
from typing import Any

from listen.model import Prepared
from listen.query import parse
from listen.query.match import Subject, TopicIndex, compile
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


def fastest(work: Callable[[Any], object], things: Sequence[object], rounds: int) -> float:
    """Microseconds of this process a thing, the best of some rounds. Nothing is kept: memory would be measured, too."""
    best = float("inf")
    for _ in range(rounds):
        start = time.process_time()
        for thing in things:
            work(thing)
        best = min(best, time.process_time() - start)
    return best / len(things) * 1e6


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--texts", type=int, default=5_000)
    options.add_argument("--rounds", type=int, default=5)
    given = options.parse_args()
    source = random.Random(7)
    words = vocabulary(source)
    posts = texts(words, given.texts, source)

    def subject(read: tuple[Prepared, list[str]]) -> Subject:
        return Subject.fresh(read[0], ("press",), ("feed",), spoken=read[1])

    ready = [prepared(text) for text in posts]
    tokenising = fastest(tokens, posts, given.rounds)
    print(f"{len(posts):,} texts of {LENGTH} characters, µs of processor time a text, best of {given.rounds}\n")
    print(f"tokenise {tokenising:8.2f}\n")
    print("topics   match   of tokenising   hits a text")
    costs = {}
    for size in SIZES:
        index = TopicIndex({number: parse(topic(words, source)) for number in range(size)}, 0.0)
        costs[size] = fastest(lambda read, index=index: index.match(subject(read)), ready, given.rounds)  # type: ignore[misc]
        hits = sum(len(index.match(subject(read))) for read in ready) / len(ready)
        print(f"{size:6,} {costs[size]:7.2f} {costs[size] / tokenising:15.2f} {hits:13.2f}")
    growth = (tokenising + costs[1000]) / (tokenising + costs[10])
    print(f"\n100 topics of tokenising: {costs[100] / tokenising:.2f} (held: 0.50)")
    print(f"1,000 topics of 10, tokenising counted: {growth:.2f} (held: 3.00)\n")
    for query in QUERIES:
        node = parse(query)
        reading = fastest(parse, [query] * 200, given.rounds)
        building = fastest(lambda node: compile(node, 0.0), [node] * 200, given.rounds)
        print(f"parse {reading:7.1f} µs   compile {building:6.1f} µs   {query}")


if __name__ == "__main__":
    main()
