"""The labelled texts below the folder of fixtures, which are never shipped; its README says whose they are."""

from __future__ import annotations

import csv
import random
from collections.abc import Callable, Iterator, Mapping
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from listen.sentiment.evaluation import Labelled

CLASSES = {"negative": -1, "neutral": 0, "positive": 1, "neg": -1, "neu": 0, "pos": 1}


class Targeted(NamedTuple):
    """A text, where in it the target is named, and what it says of that: -1, 0 or 1."""

    text: str
    start: int
    end: int
    truth: int


def texts(folder: Path) -> Iterator[tuple[str, str]]:
    """(file, text) of every labelled text below the folder `labelled`."""
    for file in sorted(folder.glob("umsab/*/*_text.txt")) + sorted(folder.glob("tweeteval_sentiment/val_text.txt")):
        yield from ((file.parent.name, line) for line in lines(file))
    for line in lines(folder / "vader_icwsm2014" / "tweets_GroundTruth.txt"):
        yield "vader", line.split("\t")[-1]
    for line in lines(folder / "umsab" / "langid_dev.tsv"):
        yield "langid", line.partition("\t")[2]
    for file in sorted((folder / "target_en").glob("*.raw")) + sorted((folder / "target_en").glob("*.seg")):
        yield from ((file.stem, one.text) for one in triples(file))
    for part in ("dev", "train"):
        for words in _sentences(folder / "target_fr" / f"gold-fr-{part}.txt"):
            yield "xabsa", _written([word for word, _ in words])
    for file in (folder / "target_smoke.tsv", folder / "intent_fr" / "intent_smoke_fr.tsv"):
        yield from ((file.stem, line.split("\t")[-1]) for line in lines(file))
    for file in (*sorted(folder.glob("intent_*/*.csv")), folder / "target_en" / "brands_sxsw_dev.csv"):
        rows = list(_rows(file))
        column = max(rows[0], key=lambda name: sum(len(row[name] or "") for row in rows))
        yield from ((file.stem, row[column] or "") for row in rows)


def lines(file: Path) -> list[str]:
    """Its lines; a line ends with a newline only."""
    return file.read_text(encoding="utf-8").removesuffix("\n").split("\n")


def _rows(file: Path) -> Iterator[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as opened:
        yield from csv.DictReader(opened)


# --- whole texts -----------------------------------------------------------------------------------------------------


def paired(folder: Path, part: str, lang: str) -> list[Labelled]:
    """The files `val_text.txt` and `val_labels.txt` (0, 1, 2), as TweetEval and UMSAB have them."""
    said, truths = lines(folder / f"{part}_text.txt"), lines(folder / f"{part}_labels.txt")
    return [Labelled(text, int(truth) - 1, lang) for text, truth in zip(said, truths, strict=True)]


def umsab(folder: Path, language: str, part: str) -> list[Labelled]:
    codes = {"english": "en", "french": "fr", "german": "de", "spanish": "es"}
    return paired(folder / "umsab" / language, part, codes[language])


def tweeteval(folder: Path) -> list[Labelled]:
    return paired(folder / "tweeteval_sentiment", "val", "en")


def vader_tweets(folder: Path) -> list[Labelled]:
    """Tweets with the mean of twenty ratings, -4 to 4."""
    rows = (line.split("\t") for line in lines(folder / "vader_icwsm2014" / "tweets_GroundTruth.txt"))
    return [Labelled(row[-1], float(row[1]), "en") for row in rows]


def airline(folder: Path) -> list[Labelled]:
    rows = _rows(folder / "intent_en" / "airline_dev.csv")
    return [Labelled(row["text"], CLASSES[row["airline_sentiment"]], "en") for row in rows]


def energy(folder: Path) -> list[Labelled]:
    rows = _rows(folder / "intent_fr" / "energy_tweets_fr_dev.csv")
    return [Labelled(row["text"], CLASSES[row["polarity"]], "fr") for row in rows if row["lang"] == "fr"]


def complaints(folder: Path) -> list[tuple[str, bool]]:
    return [(row["text"], row["complaint"] == "1") for row in _rows(folder / "intent_en" / "complaints_dev.csv")]


def xabsa(folder: Path, part: str) -> list[Labelled]:
    """Restaurant sentences in French whose targets are all spoken of alike."""
    found = []
    for words in _sentences(folder / "target_fr" / f"gold-fr-{part}.txt"):
        said = {tag[2:].lower() for _, tag in words if tag.startswith("T-")}
        if len(said) == 1:
            found.append(Labelled(_written([word for word, _ in words]), CLASSES[said.pop()], "fr"))
    return found


def _sentences(file: Path) -> Iterator[list[tuple[str, str]]]:
    for empty, some in groupby(lines(file), key=lambda line: not line.strip()):
        if not empty:
            yield [(line.split("\t")[0], line.split("\t")[1]) for line in some]


def _written(words: list[str]) -> str:
    """The words as one text: no blank behind an apostrophe, none before a full stop or a comma."""
    said = ""
    for word in words:
        said += word if not said or said.endswith(("'", "’", "(")) or word in (".", ",", ")", "…") else f" {word}"
    return said


# --- toward a target -------------------------------------------------------------------------------------------------


def triples(file: Path) -> list[Targeted]:
    """Three lines each: the text with `$T$` for the target, the target, and -1, 0 or 1."""
    rows = lines(file)
    found = []
    for said, target, truth in zip(rows[::3], rows[1::3], rows[2::3], strict=True):
        at = said.index("$T$")
        found.append(Targeted(said.replace("$T$", target), at, at + len(target), int(truth)))
    return found


def dong(folder: Path) -> list[Targeted]:
    return triples(folder / "target_en" / "dong2014_train.raw")


def third(some: list[Targeted], seed: int = 1) -> list[Targeted]:
    """A third of them, always the same."""
    return random.Random(seed).sample(some, len(some) // 3)


GRADED = "tweets of VADER's authors"
"""The set whose labels are degrees: a correlation says something of it."""

SETS: Mapping[str, Callable[[Path], list[Labelled]]] = {
    "TweetEval, validation": tweeteval,
    GRADED: vader_tweets,
    "UMSAB English, validation": lambda folder: umsab(folder, "english", "val"),
    "tweets to airlines, a quarter": airline,
    "UMSAB French, validation": lambda folder: umsab(folder, "french", "val"),
    "XABSA French restaurants, dev": lambda folder: xabsa(folder, "dev"),
    "French tweets to an energy supplier": energy,
}
"""The sets of whole texts that the table in the README shows, each a part that nobody keeps aside."""
