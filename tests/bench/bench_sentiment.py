"""The English engine beside the package it follows, vaderSentiment 3.3.2: `python -m tests.bench.bench_sentiment`.

First that it says the same: all four figures of every labelled text and of 100,000 made ones, each compared bit for
bit. Then how quick it is: both score the same texts by turns in one process, a hundred texts each, in processor time;
the ratio is the median over the turns. Then that its time grows with the length of a text and no faster, and what 5,000
tweets cost with everything on that a mention meets: language, score with the pack on top, its explanation, and the tone
toward two names.

`--shared FOLDER` holds the labelled texts; without it only made ones are scored.
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from vaderSentiment import vaderSentiment as package

from listen import language, sentiment
from listen.sentiment import english, toward
from tests.bench import labelled

MADE = 100_000
SLICE = 100
"""Texts that one of the two scores before it is the other's turn."""


# --- made texts ------------------------------------------------------------------------------------------------------

NEUTRAL = (  # noqa: SIM905
    "the a my phone order it was is and to of for on in they app bank train ticket Monday 42 $9.99 café naïve"
).split()
TURNS = (  # noqa: SIM905
    "but BUT But but, however although though yet no nor or never so this without doubt least at very"
).split()
GRAPHEMES = (
    "❤️", "👍🏽", "👨‍👩‍👧", "🇫🇷", "1️⃣", "é", "ﬁ", "İ", "ß", "ǅ", "\u200b", "\ufeff", "\u202e", "日本", "مرحبا", "नमस्ते",
)  # fmt: skip
BLANKS = (" ", " ", " ", " ", "  ", "\n", "\t", "\u00a0", "\u2003", "\x1f", "")
BEHIND = ("", "", "", "", "!", "!!", "!!!!!!", "?", "??", "?????", "?!", ".", "...", ",", ";", "'", '"', ")", "…", "’s")
BEFORE = ("", "", "", "", "", "", "(", '"', "'", "#", "@", "*", "“", "¿")


class Words:
    """What texts are made of: the tables of the package, and what stands around their words."""

    def __init__(self, analyzer: package.SentimentIntensityAnalyzer) -> None:
        idioms = [*package.SPECIAL_CASES, *(phrase for phrase in package.BOOSTER_DICT if " " in phrase), "kind of"]
        self.kinds: list[Sequence[str]] = [
            list(analyzer.lexicon), list(analyzer.lexicon), list(analyzer.emojis), list(package.BOOSTER_DICT),
            package.NEGATE, [*idioms, *(word for phrase in idioms for word in phrase.split())], TURNS, NEUTRAL, NEUTRAL,
            NEUTRAL, GRAPHEMES,
        ]  # fmt: skip
        self.weights = [8, 0, 3, 4, 4, 3, 5, 12, 0, 0, 1]


def dressed(word: str, dice: random.Random) -> str:
    """In capitals, with letters drawn out, as a tag of several words, between signs; mostly as it is."""
    chance = dice.random()
    if chance < 0.12:
        word = word.upper()
    elif chance < 0.2:
        word = word.title()
    elif chance < 0.23 and word:
        at = dice.randrange(len(word))
        word = word[:at] + word[at] * dice.randrange(3, 6) + word[at + 1 :]
    elif chance < 0.26:
        word = "#" + "".join(part.title() for part in (word, dice.choice(NEUTRAL)))
    return dice.choice(BEFORE) + word + dice.choice(BEHIND) if dice.random() < 0.35 else word


def made(words: Words, dice: random.Random) -> str:
    """A text: mostly as long as a post, now and then empty, as long as a page, or of a few words again and again."""
    length = dice.choice((0, 1, 2, 3, 5, 8, 8, 13, 13, 21, 34)) if dice.random() < 0.995 else dice.randrange(100, 400)
    kinds = dice.choices(words.kinds, words.weights, k=length)
    if dice.random() < 0.1:
        few = [dice.choice(kind) for kind in kinds[:4]]
        said = [dice.choice(few) for _ in kinds]
    else:
        said = [dice.choice(kind) for kind in kinds]
    return "".join(dressed(word, dice) + dice.choice(BLANKS) for word in said)


def all_made(analyzer: package.SentimentIntensityAnalyzer, count: int, seed: int) -> Iterator[str]:
    words, dice = Words(analyzer), random.Random(seed)
    return (made(words, dice) for _ in range(count))


# --- measuring -------------------------------------------------------------------------------------------------------


def different(analyzer: package.SentimentIntensityAnalyzer, texts: Iterator[str]) -> tuple[int, list[str]]:
    """How many texts were compared, and those of which one of the four figures is not the package's."""
    compared, found = 0, []
    for text in texts:
        compared += 1
        said, theirs = english.stock(text), analyzer.polarity_scores(text)
        if repr((said.neg, said.neu, said.pos, said.compound)) != repr(tuple(theirs.values())):
            found.append(text)
    return compared, found


def spent(work: Callable[[str], object], texts: Sequence[str]) -> float:
    began = time.process_time()
    for one in texts:
        work(one)
    return time.process_time() - began


def beside(
    work: Callable[[str], object], other: Callable[[str], object], texts: Sequence[str], turns: int
) -> tuple[float, float, float]:
    """(texts a second of the one, of the other, the ratio): medians over the turns."""
    ours, theirs = [], []
    slices = [texts[at : at + SLICE] for at in range(0, len(texts), SLICE)]
    for _ in range(turns + 1):
        mine = yours = 0.0
        for some in slices:
            mine += spent(work, some)
            yours += spent(other, some)
        ours.append(len(texts) / mine)
        theirs.append(len(texts) / yours)
    ratios = [mine / yours for mine, yours in zip(ours[1:], theirs[1:], strict=True)]  # the first turn is cold
    return statistics.median(ours[1:]), statistics.median(theirs[1:]), statistics.median(ratios)


def told_speed(name: str, analyzer: package.SentimentIntensityAnalyzer, texts: Sequence[str], turns: int) -> None:
    mean = sum(map(len, texts)) / len(texts)
    for engine, work in (("identical", english.stock), ("with the pack", english.score)):
        ours, theirs, ratio = beside(work, analyzer.polarity_scores, texts, turns)
        print(
            f"  {name:22}{mean:5.0f} characters  {engine:14}{ours:9,.0f}/s   vaderSentiment {theirs:8,.0f}/s"
            f"   x{ratio:.2f}"
        )


def told_growth() -> None:
    """Seconds for a long text and for one half as long: twice the length, twice the time."""
    kinds: dict[str, Callable[[int], str]] = {
        "20,000 emoji, one kind": lambda n: "😁" * n,
        "20,000 emoji, all kinds": lambda n: "".join(
            map("😁🔥💔👍❤😂🙏😡🎉😭".__getitem__, (at % 10 for at in range(n)))
        ),
        "14,000 words": lambda n: " ".join(["the phone is not good but I love it"] * (n // 9)),
        "14,000 words of the lexicon": lambda n: " ".join(["good bad great ugly"] * (n // 4)) + " but fine",
        "14,000 exclamation marks": lambda n: "good " + "!" * n,
        "14,000 letters in one word": lambda n: "g" + "o" * n + "d",
    }
    for name, make in kinds.items():
        n = int(name.split()[0].replace(",", ""))
        half, whole = (statistics.median(spent(english.stock, [make(size)]) for _ in range(3)) for size in (n // 2, n))
        capped = spent(english.score, [make(n)])
        print(f"  {name:30}{whole:8.4f} s   half of it {half:8.4f} s   with the pack and its caps {capped:8.4f} s")


def everything(text: str) -> None:
    lang, _ = language.detect(text, None)
    told = sentiment.explain(text, lang)
    names = [toward.named(text, name) for name in ("united", "americanair")]
    for at, spans in enumerate(names):
        toward.toward(text, told.words, spans, names[1 - at], lang or "")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shared", type=Path, default=Path(__file__).resolve().parents[3] / "shared")
    parser.add_argument("--made", type=int, default=MADE, help="texts to make")
    parser.add_argument("--turns", type=int, default=7)
    asked = parser.parse_args()
    analyzer = package.SentimentIntensityAnalyzer()
    folder = asked.shared / "fixtures" / "labelled"
    tweets = [one.text for one in labelled.tweeteval(folder) + labelled.airline(folder)] if folder.is_dir() else []
    sets = {
        "labelled": (text for _, text in labelled.texts(folder)) if folder.is_dir() else iter(()),
        "made": all_made(analyzer, asked.made, seed=1),
    }
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")
    print("all four figures bit for bit those of vaderSentiment 3.3.2")
    for name, texts in sets.items():
        compared, found = different(analyzer, texts)
        print(f"  {name:10}{compared:9,} texts  {len(found):,} differ{''.join(f' {text!r}' for text in found[:3])}")
    print("texts a second, by turns in one process")
    short = list(all_made(analyzer, 5_000, seed=2))
    for name, some in {"tweets": tweets, "made": short}.items():
        if some:
            told_speed(name, analyzer, some, asked.turns)
    print("long ones")
    told_growth()
    five = (tweets or short)[:5_000]
    whole = 5_000 / len(five) * statistics.median(spent(everything, five) for _ in range(3))
    what = "tweets" if tweets else "made texts"
    print(f"5,000 {what}, language, score, its explanation, toward two names: {whole:.2f} s")
    print(f"load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
