"""How well sentiment is computed, from random samples that people labelled blind (`listen.store.samples`).

Every figure is of the population that was sampled: a mention that was drawn from a part of it stands for as many as the
part has mentions for each one labelled. What is not scored is counted apart. Where several people labelled a mention,
each of them counts for an equal share of it.
"""

from __future__ import annotations

import math
import random
from collections import defaultdict
from collections.abc import Callable, Sequence
from itertools import combinations
from typing import NamedTuple

from listen.insight.precision import wilson
from listen.store.samples import Case

FEW = 50
"""Labels below which no figure is shown: its interval would be wider than what it says."""

RESAMPLED = 1_000
"""Samples of the sample that an interval is taken from."""

SIDES = (-1, 0, 1)
NAMES = {-1: "negative", 0: "neutral", 1: "positive"}

Table = Sequence[Sequence[float]]
"""What people said (rows) and what is computed (columns), both negative, neutral, positive; weights add up to 1."""


class Share(NamedTuple):
    """A figure with its 95 % interval."""

    value: float
    low: float
    high: float

    @property
    def off(self) -> float:
        """Half the interval."""
        return (self.high - self.low) / 2

    def __str__(self) -> str:
        """`74 % ± 6`."""
        return f"{100 * self.value:.0f} % ± {max(1, round(100 * self.off))}"


class Figures(NamedTuple):
    """How well it goes. Each figure is None while there are too few labels for it, or nothing that it is about."""

    n: int
    """Labelled mentions that are scored."""
    unscored: int
    """Labelled mentions that are not."""
    confusion: tuple[tuple[int, int, int], ...]
    """Labels: rows what people said, columns what is computed, as in `Table`."""
    accuracy: Share | None = None
    macro_f1: Share | None = None
    wrong_sign: Share | None = None
    """Of what people call negative or positive, the share that is computed to be the opposite."""
    kappa: Share | None = None
    """Cohen's, of people and machine: what they agree in beyond chance."""

    @property
    def few(self) -> bool:
        """Whether there are too few labels to say anything."""
        return self.n < FEW


class Pair(NamedTuple):
    """Two people who labelled the same mentions."""

    one: str
    other: str
    n: int
    agreement: float
    kappa: Share | None
    """None below FEW, and where both always said the same one thing."""


class Estimated(NamedTuple):
    """The shares of negative, neutral and positive, as computed and as they would be without the errors measured."""

    computed: tuple[float, float, float]
    corrected: tuple[Share, Share, Share]


def figures(cases: Sequence[Case], *, seed: int = 1) -> Figures:
    """How well the scores of labelled mentions agree with what people say; the same again for the same seed."""
    scored = [case for case in cases if case.scored is not None]
    counted = [[0, 0, 0] for _ in SIDES]
    for case in scored:
        for said in case.said.values():
            counted[said + 1][(case.scored or 0) + 1] += 1
    rows = tuple((row[0], row[1], row[2]) for row in counted)
    told = Figures(len(scored), len(cases) - len(scored), rows)
    if told.few:
        return told
    tables = [_table(scored), *_resampled(scored, seed)]
    return told._replace(
        accuracy=accuracy(scored),
        macro_f1=_measured(_macro_f1, tables),
        wrong_sign=_measured(_wrong_sign, tables),
        kappa=_measured(_kappa, tables),
    )


def accuracy(cases: Sequence[Case]) -> Share | None:
    """The share of scored mentions that people say the same of, with Wilson's interval; None of none.

    With several parts the variance is that of a stratified sample, and the interval that of as many plain draws as
    have the same variance (Kish's effective sample size). Quick: it asks for no resampling.
    """
    parts = _parts([case for case in cases if case.scored is not None])
    whole = sum(part[0].of or 1 for part in parts)
    value = variance = 0.0
    for part in parts:
        weight = (part[0].of or 1) / whole
        right = sum(sum(said == case.scored for said in case.said.values()) / len(case.said) for case in part)
        share = right / len(part)
        value += weight * share
        variance += weight * weight * share * (1 - share) / len(part)
    if not parts:
        return None
    n = value * (1 - value) / variance if variance else sum(map(len, parts))
    return Share(value, *wilson(min(1.0, value), n))


def estimated(cases: Sequence[Case], computed: tuple[float, float, float], *, seed: int = 1) -> Estimated | None:
    """The shares of a population with the errors measured in a sample of it taken out; None below FEW labels.

    A mention that is computed to be negative is of each tone as often as those of the sample are: the double sampling
    of A. Tenenbein, Journal of the American Statistical Association 65 (1970), 1350-1361. Where the sample holds none
    that is computed so, it is taken as it is.
    """
    scored = [case for case in cases if case.scored is not None]
    if len(scored) < FEW:
        return None
    tables = [_table(scored), *_resampled(scored, seed)]
    shares = [_corrected(table, computed) for table in tables]
    one, two, three = (_interval(shares[0][side], [other[side] for other in shares[1:]]) for side in range(3))
    return Estimated(computed, (one, two, three))


def pairs(cases: Sequence[Case], *, seed: int = 1) -> list[Pair]:
    """How well people agree with each other, those first who labelled most together."""
    said: dict[tuple[str, str], list[Case]] = defaultdict(list)
    for case in cases:
        for one, other in combinations(sorted(case.said), 2):
            said[one, other].append(Case(case.mention_id, {one: case.said[one]}, case.said[other], "", 0))
    found = [_pair(one, other, both, seed) for (one, other), both in said.items()]
    return sorted(found, key=lambda pair: (-pair.n, pair.one, pair.other))


def _pair(one: str, other: str, both: Sequence[Case], seed: int) -> Pair:
    same = sum(case.said[one] == case.scored for case in both)
    kappa = None if len(both) < FEW else _measured(_kappa, [_table(both), *_resampled(both, seed)])
    return Pair(one, other, len(both), same / len(both), kappa)


# --- tables ----------------------------------------------------------------------------------------------------------


def _parts(cases: Sequence[Case]) -> list[list[Case]]:
    parts: dict[str, list[Case]] = defaultdict(list)
    for case in cases:
        parts[case.stratum].append(case)
    return list(parts.values())


def _table(cases: Sequence[Case]) -> Table:
    """The weights of what was said and computed."""
    parts = _parts(cases)
    whole = sum(part[0].of or 1 for part in parts)
    table = [[0.0, 0.0, 0.0] for _ in SIDES]
    for part in parts:
        each = (part[0].of or 1) / whole / len(part)
        for case in part:
            for said in case.said.values():
                table[said + 1][(case.scored or 0) + 1] += each / len(case.said)
    return table


def _resampled(cases: Sequence[Case], seed: int) -> list[Table]:
    """Tables of samples of the sample, each part drawn from itself (Efron's bootstrap)."""
    dice = random.Random(seed)  # noqa: S311 - nobody gains by guessing it
    parts = _parts(cases)
    return [_table([case for part in parts for case in dice.choices(part, k=len(part))]) for _ in range(RESAMPLED)]


def _measured(figure: Callable[[Table], float | None], tables: Sequence[Table]) -> Share | None:
    """A figure of the first table, and between what it lies in 95 % of the others."""
    value = figure(tables[0])
    found = [other for table in tables[1:] if (other := figure(table)) is not None]
    return None if value is None or not found else _interval(value, found)


def _interval(value: float, others: Sequence[float]) -> Share:
    ordered = sorted(others)
    low, high = (ordered[min(len(ordered) - 1, int(share * len(ordered)))] for share in (0.025, 0.975))
    return Share(value, min(low, value), max(high, value))


def _macro_f1(table: Table) -> float | None:
    """The mean over the classes that people named."""
    scores = []
    for side in range(3):
        said, computed = sum(table[side]), sum(row[side] for row in table)
        if said:
            scores.append(2 * table[side][side] / (said + computed))
    return math.fsum(scores) / len(scores) if scores else None


def _wrong_sign(table: Table) -> float | None:
    polar = sum(table[0]) + sum(table[2])
    return (table[0][2] + table[2][0]) / polar if polar else None


def _kappa(table: Table) -> float | None:
    """Agreement beyond chance; J. Cohen, Educational and Psychological Measurement 20 (1960), 37-46."""
    agreed = sum(table[side][side] for side in range(3))
    chance = sum(sum(table[side]) * sum(row[side] for row in table) for side in range(3))
    return (agreed - chance) / (1 - chance) if chance < 1 - 1e-9 else None


def _corrected(table: Table, computed: Sequence[float]) -> list[float]:
    shares = [0.0, 0.0, 0.0]
    for scored in range(3):
        column = [table[said][scored] for said in range(3)]
        whole = sum(column)
        for said in range(3):
            shares[said] += computed[scored] * (column[said] / whole if whole else float(said == scored))
    return shares
