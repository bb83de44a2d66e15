"""What a text costs before it is stored and when it is shown: `python -m tests.bench.bench_text [--texts FILE]`.

Each figure is the median over turns of the mean over the texts, in processor time. Where there is another way, both
run by turns in one process and the ratio is printed: scoring against vaderSentiment, plain text from HTML against
lexbor without our lines, tokens against the bare `re.findall` of words in lower case. `--texts` takes a file of texts,
one a line.
"""

from __future__ import annotations

import argparse
import html
import random
import re
import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from selectolax.lexbor import LexborHTMLParser
from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

from listen import language, text
from listen.sentiment import english
from listen.sentiment.vader import Vader

SENTENCES = {
    "en": (
        "The battery died after two weeks and nobody answers my mails, not even the hotline.",
        "I really love this phone, the camera is AMAZING but the charger gets very hot :(",
        "@acme please help me, my order #4711 is late again!! https://acme.example/orders?id=4711",
        "Just switched from Volta to Acme, so far so good. Best decision ever, thank you 😁👍",
        "It isn't bad at all, I'd never have thought that it would be this good for the price.",
    ),
    "fr de es ja ru": (
        "La batterie est tombée en panne après deux semaines, déçu… l’accueil était pourtant très bien.",
        "Der Akku hält nicht länger als zwei Tage, schade. Für den Preis würde ich ihn nicht wieder kaufen!",
        "¿Por qué nadie contesta? La batería murió después de dos semanas 😡 @acme #AcmeFail",
        "昨日東京の店で買ったばかりの電池がもう壊れてしまいました。返品できますか？",
        "«Acme» снова подняла цены — зарядка ещё и греется ❤️ https://t.example/a1b2c3",
    ),
}
BYTES = 237
"""Mean size of a social post."""


def made(kind: str, count: int) -> list[str]:
    """Texts of about `BYTES` bytes, each in one language."""
    dice = random.Random(kind)
    texts = []
    for _ in range(count):
        said = " ".join(dice.sample(SENTENCES[kind], 5)) if kind == "en" else dice.choice(SENTENCES[kind]) * 4
        texts.append(said.encode()[:BYTES].decode(errors="ignore"))
    return texts


def spent(work: Callable[[str], object], texts: Sequence[str]) -> float:
    """Mean microseconds a text."""
    began = time.process_time()
    for one in texts:
        work(one)
    return 1e6 * (time.process_time() - began) / len(texts)


def alone(name: str, work: Callable[[str], object], texts: Sequence[str], turns: int) -> None:
    print(f"  {name:34}{statistics.median(spent(work, texts) for _ in range(turns)):8.1f} us")


def beside(
    name: str, work: Callable[[str], object], other: Callable[[str], object], texts: Sequence[str], turns: int
) -> None:
    """Ours and the other way by turns, and how many times as long the other one takes."""
    ours, theirs = [], []
    for _ in range(turns):
        ours.append(spent(work, texts))
        theirs.append(spent(other, texts))
    ratio = statistics.median(there / here for here, there in zip(ours, theirs, strict=True))
    print(f"  {name:34}{statistics.median(ours):8.1f} us  other {statistics.median(theirs):8.1f} us  x{ratio:.2f}")


def ways(texts: Sequence[str], turns: int) -> None:
    word = re.compile(r"\w+")
    package, quick = SentimentIntensityAnalyzer(), Vader()
    marked = [
        f"<p>{html.escape(one)}</p><p>See <a href='https://a.example/?b=c'>this</a>,<br>yes.</p>" for one in texts
    ]
    alone("clean", text.clean, texts, turns)
    beside("tokens / findall of words", text.tokens, lambda one: word.findall(one.lower()), texts, turns)
    alone("language", lambda one: language.detect(one, None), texts, turns)
    beside("score / vaderSentiment", quick.polarity, package.polarity_scores, texts, turns)
    alone("score, capped", english.score, texts, turns)
    beside("from_html / lexbor", text.from_html, lambda one: LexborHTMLParser(one).text(), marked, turns)
    alone("one_line, 120 cells", lambda one: text.one_line(one, 120), texts, turns)
    alone("block", text.block, texts, turns)
    alone("safe_url", text.safe_url, [f"https://a.example/{number}?q={number}" for number in range(len(texts))], turns)


def floods() -> None:
    """One call each on inputs made to be slow."""
    emoji = "😁" * 20_000
    for name, work, flood in (
        ("score, 20,000 emoji", english.score, emoji),
        ("score, 100,000 words", english.score, "x good but not " * 25_000),
        ("score uncapped, 20,000 emoji", Vader().polarity, emoji),
        ("clean, 64,000 marks", text.clean, "a" + "\u0300\u0316" * 32_000),
        ("tokens, 64 K ideograms", text.tokens, "東" * text.TEXT_LIMIT),
        ("from_html, 50,000 nested tags", text.from_html, "<div>" * 50_000 + "x"),
        ("block, 100,000 lines", text.block, "x\n" * 100_000),
        ("language, 64 K words", lambda one: language.detect(one, None), "some words " * 6_000),
    ):
        print(f"  {name:34}{spent(work, [flood]) / 1e3:8.1f} ms")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--texts", type=Path, help="a file of texts, one a line, instead of the ones made here")
    parser.add_argument("--count", type=int, default=2_000)
    parser.add_argument("--turns", type=int, default=7)
    options = parser.parse_args()
    sets = {kind: made(kind, options.count) for kind in SENTENCES}
    if options.texts:
        lines = options.texts.read_text("utf-8").splitlines()
        sets = {str(options.texts): [line for line in lines if line][: options.count]}
    for name, texts in sets.items():
        size = statistics.mean(len(one.encode()) for one in texts)
        print(f"{name}: {len(texts)} texts of {size:.0f} bytes")
        ways(texts, options.turns)
    print("floods")
    floods()


if __name__ == "__main__":
    main()
