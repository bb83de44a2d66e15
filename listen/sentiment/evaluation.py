"""How well scores agree with what people said of the same texts."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import correlation
from typing import TextIO

from listen.model import NEGATIVE, POSITIVE

CLASSES = ("neg", "neu", "pos")
LONGEST = 1 << 24
"""Characters of a text in a file."""

CLEAR = 0.5
"""A label that is a number says negative or positive from here on, on a scale that ends at 1 or more."""

_NAMES = {
    "neg": -1, "negative": -1, "n\u00e9gatif": -1, "negatif": -1, "neu": 0, "neutral": 0, "neutre": 0, "pos": 1,
    "positive": 1, "positif": 1, "negativo": -1, "negativ": -1, "neutro": 0, "positivo": 1, "positiv": 1,
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

    A label is neg, neu or pos (or the whole word), or a number, whose sign counts from `CLEAR` on; numbers that are all
    of one of `SCALES` are read by that.
    """
    rows = list(_rows(file))
    if not rows:
        raise LabelError("no labelled text in it; expected lines below the heading text,label")
    scale = _scale({label for _, label, _, _ in rows})
    return [Labelled(text, _truth(label, line, scale), lang) for text, label, lang, line in rows]


SCALES: Sequence[Mapping[str, float]] = (
    {"0": -1, "1": 0, "2": 1},
    {"0": -1, "2": 0, "4": 1},
    {"1": -1, "2": -1, "3": 0, "4": 1, "5": 1},
)
"""Labels without a sign: the three classes as TweetEval numbers them, and as Sentiment140 does; stars of a review."""


def _scale(labels: set[str]) -> Mapping[str, float]:
    """The first scale that has all labels, its lowest and its highest among them; else none."""
    for scale in SCALES:
        lowest, *_, highest = scale
        if {lowest, highest} <= labels <= scale.keys():
            return scale
    return {}


def _rows(file: TextIO) -> Iterator[tuple[str, str, str | None, int]]:
    csv.field_size_limit(LONGEST)
    reader = csv.DictReader(file)
    names = {name.strip().lower(): name for name in _heading(reader) if name}
    if not {"text", "label"} <= names.keys():
        found = ", ".join(names) or "nothing"
        raise LabelError(f"line 1: expected the columns text and label, maybe lang; found {found}")
    for row in _read(reader):
        lang = (row.get(names.get("lang", "")) or "").strip().lower() or None
        yield row[names["text"]] or "", (row[names["label"]] or "").strip().lower(), lang, reader.line_num


def _heading(reader: csv.DictReader[str]) -> Sequence[str]:
    try:
        return reader.fieldnames or ()
    except csv.Error as error:
        raise LabelError(f"line 1: {error}") from None


def _read(reader: csv.DictReader[str]) -> Iterator[dict[str, str]]:
    try:
        yield from reader
    except csv.Error as error:
        raise LabelError(f"line {reader.line_num}: {error}") from None


def _truth(label: str, line: int, scale: Mapping[str, float]) -> float:
    if label in _NAMES or label in scale:
        return _NAMES[label] if label in _NAMES else scale[label]
    try:
        truth = float(label)
    except ValueError:
        truth = math.nan
    if not math.isfinite(truth):
        raise LabelError(f'line {line}: expected neg, neu, pos or a number as label, got "{label[:40]}"')
    return truth
