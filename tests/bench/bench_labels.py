"""How well sentiment agrees with people, beside vaderSentiment 3.3.2 in the same run, and what each rule does for it.

    python -m tests.bench.bench_labels [--shared FOLDER]

Prints the table of the README: training and validation parts only, so that nothing is shown that was not free to look
at. Then the English pack taken apart: what each of its rules adds to the package alone and to the other rules, and how
many texts of all sets it brings to the class that people chose, and away from it. A rule that does more harm than good
does not stay in the pack.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from listen import language
from listen.sentiment import ENGINES, english, explain, pack
from listen.sentiment.evaluation import Agreement, Labelled, agreement, side
from listen.sentiment.figures import STOCK, figures
from listen.sentiment.toward import toward
from tests.bench import labelled

Scorer = Callable[[str], float]

POLAR = 0.2
"""Where a tone toward a target begins, as the published figures of Dong 2014 have it."""


# --- the table -------------------------------------------------------------------------------------------------------


def compared(truths: Sequence[Labelled]) -> tuple[Agreement, Agreement]:
    """(ours, vaderSentiment's)."""
    ours = [figures(one.text, one.lang) for one in truths]
    stock = [figures(one.text, one.lang, STOCK) for one in truths]
    first, second = (
        agreement(truths, [one.compound for one in some], [one.hits for one in some]) for some in (ours, stock)
    )
    return first, second


def compared_toward(folder: Path) -> tuple[Agreement, Agreement]:
    """(toward the target, vaderSentiment's of the whole text), on a third of Dong's training part."""
    some = labelled.third(labelled.dong(folder))
    truths = [Labelled(one.text, one.truth, "en") for one in some]
    ours = [
        found.score / 1_000 if (found := toward(text, explain(text, "en").words, [(start, end)], [], "en")) else 0.0
        for text, start, end, _ in some
    ]
    stock = [english.stock(one.text).compound for one in some]
    first, second = (
        agreement(truths, [one if abs(one) >= POLAR else 0.0 for one in scores], [None] * len(scores))
        for scores in (ours, stock)
    )
    return first, second


def row(name: str, ours: Agreement, stock: Agreement, *, linear: bool = False) -> str:
    """A line of the table; each figure ours, then the stock package's."""
    cells = [name, f"{ours.n:,}"]
    pairs = [(getattr(ours, name), getattr(stock, name)) for name in ("accuracy", "macro_f1", "macro_recall")]
    cells += [f"{one:.3f} · {other:.3f}" for one, other in pairs]
    cells.append(f"{(ours.wrong_sign or 0):.1%} · {(stock.wrong_sign or 0):.1%}".replace("%", " %"))
    cells.append(f"{ours.correlation:.3f} · {stock.correlation:.3f}" if linear else "")
    return f"| {' | '.join(cells)} |"


def table(folder: Path) -> None:
    print("| texts | n | accuracy | macro-F1 | macro-recall | wrong sign | r |\n|---|---|---|---|---|---|---|")
    for name, read in labelled.SETS.items():
        print(row(name, *compared(read(folder)), linear=name == labelled.GRADED))
    print(row("toward a target: Dong 2014, a third of train", *compared_toward(folder)))


def foreign(folder: Path) -> None:
    """How much in languages that have no engine is scored all the same."""
    rows = [line.partition("\t") for line in labelled.lines(folder / "umsab" / "langid_dev.tsv")]
    others = [text for lang, _, text in rows if lang not in ENGINES]
    scored = sum(language.detect(text, None)[0] in ENGINES for text in others)
    print(f"\nof {len(others)} tweets in other languages {scored} are scored, {scored / len(others):.1%}")


# --- the pack taken apart --------------------------------------------------------------------------------------------


class Parts:
    """The sets that a rule is judged by, read once."""

    def __init__(self, folder: Path) -> None:
        self.sets = [
            labelled.tweeteval(folder),
            labelled.umsab(folder, "english", "train") + labelled.umsab(folder, "english", "val"),
            labelled.vader_tweets(folder),
            labelled.airline(folder),
            [Labelled(one.text, one.truth, "en") for one in labelled.dong(folder)],
        ]
        self.complaints = labelled.complaints(folder)

    def judged(self, score: Scorer) -> Judged:
        scores = [[score(one.text) for one in some] for some in self.sets]
        told = [agreement(some, given, [None] * len(some)) for some, given in zip(self.sets, scores, strict=True)]
        blamed = [complaint for text, complaint in self.complaints if side(score(text)) < 0]
        complaints = sum(complaint for _, complaint in self.complaints)
        tweets, umsab, graded, airline, _ = told
        return Judged(
            [tweets.macro_recall, umsab.macro_f1, graded.correlation or 0.0, airline.macro_recall,
             airline.wrong_sign or 0.0, sum(blamed) / len(blamed), sum(blamed) / complaints],
            [
                side(one) == truth.side
                for some, given in zip(self.sets, scores, strict=True)
                for truth, one in zip(some, given, strict=True)
            ],
        )  # fmt: skip


class Judged(NamedTuple):
    """What a way of scoring comes to."""

    figures: list[float]
    """As in COLUMNS."""
    right: list[bool]
    """Whether the class is that of people, for each text of all sets."""


COLUMNS = ("TweetEval rec", "UMSAB F1", "graded r", "airline rec", "wrong sign", "complaint P", "complaint R")


def with_pack(without: Sequence[str]) -> Scorer:
    packed = english.Packed(pack.load(english.PACK, without=without))
    return lambda text: packed.polarity(packed.plain(english.capped(text))).compound


def taken_apart(folder: Path) -> None:
    parts, every = Parts(folder), pack.names(english.PACK)
    stock, whole = parts.judged(with_pack(every)), parts.judged(with_pack(()))
    print(f"\n{'':34}{''.join(f'{name:>14}' for name in COLUMNS)}   better, worse")
    print(f"{'vaderSentiment alone':34}{''.join(f'{value:14.4f}' for value in stock.figures)}")
    for rule in every:
        alone = parts.judged(with_pack([name for name in every if name != rule]))
        without = parts.judged(with_pack([rule]))
        print(f"{rule:16}{'alone adds':18}{gains(stock, alone)}")
        print(f"{'':16}{'and to the others':18}{gains(without, whole)}")
    print(f"{'all of it':34}{''.join(f'{value:14.4f}' for value in whole.figures)}{changed(stock, whole)}")


def gains(before: Judged, after: Judged) -> str:
    figures = zip(before.figures, after.figures, strict=True)
    return "".join(f"{b - a:+14.4f}" for a, b in figures) + changed(before, after)


def changed(before: Judged, after: Judged) -> str:
    both = list(zip(before.right, after.right, strict=True))
    return f"{both.count((False, True)):9}{both.count((True, False)):7}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shared", type=Path, default=Path(__file__).resolve().parents[3] / "shared")
    folder = parser.parse_args().shared / "fixtures" / "labelled"
    table(folder)
    foreign(folder)
    taken_apart(folder)


if __name__ == "__main__":
    main()
