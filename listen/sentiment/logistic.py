"""Logistic regression: from texts that people graded to a weight for each feature, and back. Pure, and numpy alone.

Grades are whole numbers from 0 on, in order: two of them for a flag (no, yes), three for a tone (negative, neutral,
positive). One weight a feature gives the strain `z = sum(weight * value)`, and between two grades lies a cut: a text
is of the grade between the cuts that enclose its `z`. What is minimised is, over all texts and all cuts,
`sum log(1 + exp(-(z - cut)))` of those above a cut and `sum log(1 + exp(z - cut))` of those below it, and
`penalty / 2 * sum(weight ** 2)`: the all-threshold loss (Rennie and Srebro 2005), which for two grades is plain
logistic regression. It is convex, so that the same texts always give the same weights, in whatever order they come.

numpy is imported where something is fitted: nothing that only reads weights needs it.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    import numpy
    from numpy.typing import NDArray

    Vector = NDArray[numpy.float64]

Row = Mapping[str, float]
"""Feature -> value of one text; what is not there is 0."""

ROUNDS = 50
INNER = 60
"""Steps of the solver, and steps of conjugate gradients in each; a dozen of both is usual."""
SLACK = 1e-8
"""Where the slope is this much flatter than at the beginning it is done."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Fit:
    """What was learned: weights, and the cuts between the grades in ascending order."""

    weights: Mapping[str, float]
    cuts: tuple[float, ...]

    def strain(self, row: Row) -> float:
        """The weighted sum of a text's features: what is above more cuts is of a higher grade."""
        return math.fsum(self.weights.get(name, 0.0) * value for name, value in row.items())

    def grade(self, row: Row) -> int:
        """From 0 to as many as there are cuts."""
        strain = self.strain(row)
        return sum(strain > cut for cut in self.cuts)

    def chance(self, row: Row, cut: int = 0) -> float:
        """The probability that a text is of a higher grade than number `cut`; of a flag, that it is set."""
        return sigmoid(self.strain(row) - self.cuts[cut])


def sigmoid(z: float) -> float:
    """`1 / (1 + exp(-z))`, whatever `z`."""
    return 1 / (1 + math.exp(-z)) if z >= 0 else math.exp(z) / (1 + math.exp(z))


def fit(rows: Sequence[Row], grades: Sequence[int], *, penalty: float = 1.0, balance: float = 0.0) -> Fit:
    """Weights and cuts for these texts; at least two grades must be there, and all between 0 and the highest.

    `balance` says how much rare grades count for more: 0 each text the same, 1 each grade the same, 0.5 in between.
    Raises ValueError where a grade is missing or the lengths differ.
    """
    import numpy as np

    if len(rows) != len(grades):
        raise ValueError(f"{len(rows)} rows, but {len(grades)} grades")
    highest = max(grades, default=0)
    if highest < 1 or set(grades) != set(range(highest + 1)):
        raise ValueError(f"expected grades from 0 to 1 or more with none left out, got {sorted(set(grades))}")
    names = sorted({name for row in rows for name in row})
    sums = _Sums(rows, names)
    told = np.asarray(grades)
    above = np.where(told[:, None] > np.arange(highest)[None, :], 1.0, -1.0)
    counted = np.bincount(told, minlength=highest + 1)
    importance = ((len(rows) / ((highest + 1) * counted)) ** balance)[told]
    found = _minimised(sums, above, importance, penalty)
    weights = dict(zip(names, (float(one) for one in found[: len(names)]), strict=True))
    return Fit(weights, tuple(sorted(float(one) for one in found[len(names) :])))


class _Sums:
    """The rows as one sparse matrix: its products with vectors."""

    def __init__(self, rows: Sequence[Row], names: Sequence[str]) -> None:
        import numpy as np

        place = {name: number for number, name in enumerate(names)}
        self.height, self.width = len(rows), len(names)
        self._row = np.asarray([number for number, row in enumerate(rows) for _ in row], dtype=np.intp)
        self._column = np.asarray([place[name] for row in rows for name in row], dtype=np.intp)
        self._value = np.asarray([value for row in rows for value in row.values()], dtype=np.float64)

    def times(self, weights: Vector) -> Vector:
        """The strain of each text."""
        import numpy as np

        return np.bincount(self._row, self._value * weights[self._column], self.height).astype(np.float64)

    def back(self, pulls: Vector) -> Vector:
        """For each feature the sum of its values, each times its text's pull."""
        import numpy as np

        return np.bincount(self._column, self._value * pulls[self._row], self.width).astype(np.float64)


def _minimised(sums: _Sums, above: Any, importance: Vector, penalty: float) -> Vector:
    """Weights, then cuts, by Newton's method, each step by conjugate gradients (Nocedal and Wright 2006, 7.1)."""
    import numpy as np

    width = sums.width
    shrink = np.concatenate([np.full(width, penalty), np.full(above.shape[1], 1e-9)])

    def looked(point: Vector) -> tuple[float, Vector, Callable[[Vector], Vector]]:
        """The loss there, its slope, and what turns a direction into the change of the slope along it."""
        margin = above * (sums.times(point[:width])[:, None] - point[width:][None, :])
        doubt = np.exp(-np.logaddexp(0.0, margin))
        loss = float((importance[:, None] * np.logaddexp(0.0, -margin)).sum() + 0.5 * (shrink * point**2).sum())
        pull = -importance[:, None] * above * doubt
        slope = np.concatenate([sums.back(pull.sum(1)), -pull.sum(0)]) + shrink * point
        bend = importance[:, None] * doubt * (1 - doubt)

        def bent(way: Vector) -> Vector:
            moved = bend * (sums.times(way[:width])[:, None] - way[width:][None, :])
            return np.concatenate([sums.back(moved.sum(1)), -moved.sum(0)]) + shrink * way

        return loss, slope, bent

    point = np.zeros(width + above.shape[1])
    loss, slope, bent = looked(point)
    enough = SLACK * float(np.linalg.norm(slope))
    for _ in range(ROUNDS):
        steep = float(np.linalg.norm(slope))
        if steep <= enough:
            break
        way = _solved(bent, -slope, min(0.1, math.sqrt(steep)) * steep)
        gain, length = float(slope @ way), 1.0
        while True:
            there = point + length * way
            further = looked(there)
            if further[0] <= loss + 1e-4 * length * gain or length < 1e-10:
                break
            length /= 2
        if further[0] >= loss:
            break
        point, (loss, slope, bent) = there, further
    return point


def _solved(bent: Callable[[Vector], Vector], wanted: Vector, enough: float) -> Vector:
    """The direction that `bent` turns into `wanted`, near enough."""
    import numpy as np

    found, left = np.zeros_like(wanted), wanted.copy()
    way, size = left.copy(), float(left @ left)
    for _ in range(INNER):
        if math.sqrt(size) <= enough:
            break
        turned = bent(way)
        step = size / float(way @ turned)
        found, left = found + step * way, left - step * turned
        before, size = size, float(left @ left)
        way = left + size / before * way
    return found


# --- how well it does on what it has not seen ------------------------------------------------------------------------


def folds(names: Sequence[str], grades: Sequence[int], parts: int = 5) -> list[int]:
    """For each text the part that it is left out with: of each grade the same share in each part.

    By what the texts are called and not by their order, so that the same texts always fall into the same parts.
    """
    keys = [hashlib.sha256(name.encode("utf-8", "surrogatepass")).digest() for name in names]
    found = [0] * len(names)
    order = sorted(range(len(names)), key=lambda place: (grades[place], keys[place]))
    for rank, place in enumerate(order):
        found[place] = rank % parts
    return found


def left_out(parts: Sequence[int], learn: Callable[[Sequence[int]], Callable[[int], T]]) -> list[T]:
    """What each text is taken for by a teacher that has not seen it: places -> what knows a place's answer."""
    answers: dict[int, T] = {}
    for part in sorted(set(parts)):
        asked = learn([place for place, one in enumerate(parts) if one != part])
        answers |= {place: asked(place) for place, one in enumerate(parts) if one == part}
    return [answers[place] for place in range(len(parts))]
