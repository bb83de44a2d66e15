"""How well scores agree with what people said of the same texts."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import correlation
from typing import TextIO

from listen.model import NEGATIVE, POSITIVE

CLASSES = ("neg", "neu", "pos")
CLEAR = 0.5
"""A label that is a number says negative or positive from here on, on a scale that ends at 1 or more."""

_NAMES = {
    "neg": -1, "negative": -1, "n\u00e9gatif": -1, "negatif": -1, "neu": 0, "neutral": 0, "neutre": 0, "pos": 1,
    "positive": 1, "positif": 1,
}  # fmt: skip


class LabelError(ValueError):
    """A file of labels that cannot be read: the line, and what was expected."""


@dataclass(frozen=True, slots=True)
class Labelled:
    text: str
    truth: float
    """Below 0 negative, above 0 positive; a class is -1, 0 or 1."""
    lang: str | None = None

    @property
    def side(self) -> int:
        """-1, 0 or 1."""
        return 0 if abs(self.truth) < CLEAR else 1 if self.truth > 0 else -1


@dataclass(frozen=True, slots=True)
class Agreement:
    """Figures of one set of texts. What was not scored, or had no word of the lexicon, counts as neutral."""

    n: int
    accuracy: float
    macro_f1: float
    macro_recall: float
    wrong_sign: float | None
    """The share of the negative and positive texts that were given the opposite sign; None when there are none."""
    correlation: float | None
    """Pearson's, of the labels and the compound, where both vary."""
    confusion: tuple[tuple[int, int, int], ...]
    """Rows: what people said; columns: what was scored; both in the order of `CLASSES`."""
    unscored: int
    without_hit: int


def side(compound: float | None) -> int:
    """-1, 0 or 1 of a compound; 0 of none."""
    thousandths = 0 if compound is None else round(1_000 * compound)
    return 1 if thousandths >= POSITIVE else -1 if thousandths <= NEGATIVE else 0


def agreement(truths: Sequence[Labelled], compounds: Sequence[float | None], hits: Sequence[int | None]) -> Agreement:
    """Compare labels with compounds (None: not scored) of the same texts in the same order, at least one."""
    counted = [[0, 0, 0] for _ in CLASSES]
    for truth, compound in zip(truths, compounds, strict=True):
        counted[truth.side + 1][side(compound) + 1] += 1
    right = [counted[place][place] for place in range(3)]
    said = [sum(row) for row in counted]
    scored = [sum(row[place] for row in counted) for place in range(3)]
    present = [place for place in range(3) if said[place]]
    polar = said[0] + said[2]
    return Agreement(
        n=len(truths),
        accuracy=sum(right) / len(truths),
        macro_f1=_mean([2 * right[place] / (said[place] + scored[place]) for place in present]),
        macro_recall=_mean([right[place] / said[place] for place in present]),
        wrong_sign=(counted[0][2] + counted[2][0]) / polar if polar else None,
        correlation=_correlation([one.truth for one in truths], [compound or 0.0 for compound in compounds]),
        confusion=tuple((row[0], row[1], row[2]) for row in counted),
        unscored=sum(compound is None for compound in compounds),
        without_hit=sum(hit == 0 for hit in hits),
    )


def _mean(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values)


def _correlation(one: Sequence[float], other: Sequence[float]) -> float | None:
    if len(set(one)) < 2 or len(set(other)) < 2:
        return None
    return correlation(one, other)


# --- files -----------------------------------------------------------------------------------------------------------


def read(file: TextIO) -> list[Labelled]:
    """A CSV with the columns text and label, maybe lang. Raises `LabelError`.

    A label is neg, neu or pos (or the whole word), or a number, whose sign counts from `CLEAR` on; where all are 0, 1
    and 2, they are the three classes in this order, as TweetEval has them.
    """
    rows = list(_rows(file))
    if not rows:
        raise LabelError("no labelled text in it; expected lines below the heading text,label")
    three = {label for _, label, _, _ in rows} == {"0", "1", "2"}
    return [Labelled(text, _truth(label, line, three), lang) for text, label, lang, line in rows]


def _rows(file: TextIO) -> Iterator[tuple[str, str, str | None, int]]:
    reader = csv.DictReader(file)
    names = {name.strip().lower(): name for name in reader.fieldnames or () if name}
    if not {"text", "label"} <= names.keys():
        found = ", ".join(names) or "nothing"
        raise LabelError(f"line 1: expected the columns text and label, maybe lang; found {found}")
    for row in reader:
        lang = (row.get(names.get("lang", "")) or "").strip().lower() or None
        yield row[names["text"]] or "", (row[names["label"]] or "").strip().lower(), lang, reader.line_num


def _truth(label: str, line: int, three: bool) -> float:
    if label in _NAMES:
        return _NAMES[label]
    try:
        truth = float(label)
    except ValueError:
        truth = math.nan
    if not math.isfinite(truth):
        raise LabelError(f'line {line}: expected neg, neu, pos or a number as label, got "{label[:40]}"')
    return truth - 1 if three else truth
