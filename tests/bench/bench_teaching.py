"""What labels teach: the gain that is told, beside the one on texts kept aside, and what a model costs for each text.

    python -m tests.bench.bench_teaching [--shared FOLDER] [--draws 5]

Labels are drawn at random from the training part of each set, a few times; told is the cross-validated gain, as people
are shown it, then what the same labels gain on the other part. Training and validation parts only. The cost is in
processor time, beside scoring the same texts by their lexicon in the same run.
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from listen import sentiment
from listen.sentiment import learning
from listen.sentiment.evaluation import Agreement, Labelled, agreement
from listen.sentiment.learning import Example, compared
from listen.sentiment.teaching import NOTHING, Judged, Part, Teaching, judged
from tests.bench import labelled

Learn = Callable[[Sequence[Example]], Teaching]

WAYS: tuple[tuple[str, int, Learn], ...] = (
    ("thresholds", learning.FOR_BEGINS, lambda some: Teaching(begins=learning.begins(some))),
    ("thresholds", 200, lambda some: Teaching(begins=learning.begins(some))),
    ("model", learning.FOR_MODEL, lambda some: Teaching(model=learning.model(some, "bench"))),
    ("model", 500, lambda some: Teaching(model=learning.model(some, "bench"))),
)


LANGUAGES = ("english", "french")


def example(number: int, one: Labelled) -> Example:
    """A text with what the lexicon says of all of it."""
    told = sentiment.explain(one.text, one.lang)
    parts = tuple(Part(word.start, word.end, word.valence, word.share) for word in told.words)
    score = told.score or 0
    heard = Judged(score, len(parts), parts, score - sum(part.share for part in parts))
    return Example(str(number), one.text, one.lang, heard, one.side)


def figures(some: Sequence[Example], taught: Teaching) -> Agreement:
    told = [judged(one.text, one.lang, one.heard, taught) for one in some]
    truths = [Labelled(one.text, one.label, one.lang) for one in some]
    return agreement(truths, [one.score / 1_000 for one in told], [one.hits for one in told])


def halves(some: Sequence[Labelled]) -> tuple[list[Labelled], list[Labelled]]:
    mixed = random.Random(1).sample(list(some), len(some))
    return mixed[: len(mixed) // 2], mixed[len(mixed) // 2 :]


def sets(folder: Path) -> dict[str, tuple[Sequence[Labelled], Sequence[Labelled]]]:
    """Name -> (texts to learn from, texts kept aside)."""
    english, french = ([labelled.umsab(folder, lang, part) for part in ("train", "val")] for lang in LANGUAGES)
    return {
        "tweets to airlines, halves": halves(labelled.airline(folder)),
        "TweetEval validation, halves": halves(labelled.tweeteval(folder)),
        "UMSAB English, train, val": (english[0], english[1]),
        "UMSAB French, train, val": (french[0], french[1]),
        "XABSA French, train, dev": (labelled.xabsa(folder, "train"), labelled.xabsa(folder, "dev")),
    }


def mean(values: Sequence[float]) -> float:
    return statistics.fmean(values)


def told(name: str, learn_from: Sequence[Example], aside: Sequence[Example], draws: int) -> None:
    before = figures(aside, NOTHING)
    print(f"\n{name}: kept aside {len(aside):,}, macro-F1 {before.macro_f1:.3f}, wrong sign {before.wrong_sign:.1%}")
    for way, n, learn in WAYS:
        if n > len(learn_from):
            continue
        gains, after = [], []
        for seed in range(draws):
            some = random.Random(seed).sample(list(learn_from), n)
            gains.append(compared(some, NOTHING, learn))
            after.append(figures(aside, learn(some)))
        offered = sum(gain.worth for gain in gains)
        print(
            f"  {way:10} {n:4} labels   told {mean([one.before.macro_f1 for one in gains]):.3f} → "
            f"{mean([one.after.macro_f1 for one in gains]):.3f}   kept aside {before.macro_f1:.3f} → "
            f"{mean([one.macro_f1 for one in after]):.3f}, wrong sign "
            f"{mean([one.wrong_sign or 0.0 for one in after]):.1%}   offered {offered} of {draws}"
        )


def cost(some: Sequence[Example]) -> None:
    """Processor time of a text by the lexicon, and by a model on top."""
    taught = Teaching(model=learning.model(some[:500], "bench"))
    ways: dict[str, Callable[[Example], object]] = {
        "by the lexicon": lambda one: sentiment.score(one.text, one.lang),
        "by a model on top": lambda one: judged(one.text, one.lang, one.heard, taught),
    }
    spent: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(7):
        for name, work in ways.items():
            began = time.process_time()
            for one in some:
                work(one)
            spent[name].append((time.process_time() - began) / len(some) * 1e6)
    for name, each in spent.items():
        print(f"  {name:18} {statistics.median(each):6.1f} µs a text, 5,000 in {statistics.median(each) / 200:.2f} s")
    began = time.process_time()
    learning.model(some[:200], "bench")
    print(f"  learning from 200  {(time.process_time() - began) * 1e3:6.1f} ms")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--shared", type=Path, default=Path(__file__).resolve().parents[3] / "shared")
    parser.add_argument("--draws", type=int, default=5)
    given = parser.parse_args()
    folder = given.shared / "fixtures" / "labelled"
    print(f"{given.draws} draws of each; load average {os.getloadavg()[0]:.1f}")
    for name, (first, second) in sets(folder).items():
        learn_from = [example(number, one) for number, one in enumerate(first)]
        told(name, learn_from, [example(number, one) for number, one in enumerate(second)], given.draws)
        if name.startswith("tweets"):
            cost(learn_from)


if __name__ == "__main__":
    main()
