"""How many of the mentions that a query finds are about what it means, from a sample that a person judged."""

from __future__ import annotations

import math
from typing import NamedTuple

Z = 1.959964
"""Standard deviations that leave 95 % of a normal distribution between them."""


class Precision(NamedTuple):
    """`kept` of `judged` are about it; `low` to `high` is the interval for all that the query finds. Shares of 1."""

    kept: int
    judged: int
    low: float
    high: float

    @property
    def share(self) -> float:
        """Of those that were judged, the share that is about it; 0 when none was."""
        return self.kept / self.judged if self.judged else 0.0

    def __str__(self) -> str:
        """`12 of 15 are about it · 80 % (55–93 %)`."""
        if not self.judged:
            return "none judged yet"
        words = "is" if self.kept == 1 else "are"
        return (
            f"{self.kept} of {self.judged} {words} about it · {100 * self.share:.0f} % "
            f"({100 * self.low:.0f}–{100 * self.high:.0f} %)"
        )


def precision(kept: int, judged: int, z: float = Z) -> Precision:
    """The share with its 95 % interval (`wilson`); with nothing judged the interval is all of 0 to 1.

    Raises:
        ValueError: `kept` is not between 0 and `judged`.
    """
    if not 0 <= kept <= judged:
        raise ValueError(f"{kept} of {judged} cannot be")
    if not judged:
        return Precision(0, 0, 0.0, 1.0)
    low, high = wilson(kept / judged, judged, z)
    return Precision(kept, judged, low, high)


def wilson(share: float, n: float, z: float = Z) -> tuple[float, float]:
    """The score interval of a share of `n` draws, n > 0, which holds for few of them and near 0 and 1.

    E. B. Wilson, "Probable Inference, the Law of Succession, and Statistical Inference", Journal of the American
    Statistical Association 22 (1927), 209-212: (p + z²/2n ± z √(p(1-p)/n + z²/4n²)) / (1 + z²/n).
    """
    square = z * z / n
    middle = share + square / 2
    half = z * math.sqrt(share * (1 - share) / n + square / (4 * n))
    low, high = (middle - half) / (1 + square), (middle + half) / (1 + square)
    return 0.0 if share == 0 else low, 1.0 if share == 1 else high
