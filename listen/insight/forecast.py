"""Where a number is going: a straight line through its last values. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

LEAST = 4
"""Values below which no line is drawn: three lie near one by chance."""

_T = (4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228)
"""Student's t that leaves 2.5 % above it, for 2 to 10 degrees of freedom; beyond, 2.2."""


class Forecast(NamedTuple):
    """What one more value is likely to be, with its 95 % interval."""

    value: float
    low: float
    high: float


def forecast(values: Sequence[float | None], ahead: float) -> Forecast | None:
    """The value so many steps behind the last one; None while fewer than LEAST are known.

    The line of ordinary least squares, and its prediction interval: y ± t s √(1 + 1/n + (x - x̄)²/Sxx), where s² is the
    sum of the squared residuals by n - 2 (D. C. Montgomery, E. A. Peck, G. G. Vining, Introduction to Linear Regression
    Analysis, 5th ed., 2012, section 2.5).
    """
    points = [(float(at), value) for at, value in enumerate(values) if value is not None]
    n = len(points)
    if n < LEAST:
        return None
    mid_x, mid_y = (sum(point[axis] for point in points) / n for axis in (0, 1))
    sxx = sum((x - mid_x) ** 2 for x, _ in points)
    slope = sum((x - mid_x) * (y - mid_y) for x, y in points) / sxx
    off = math.sqrt(sum((y - mid_y - slope * (x - mid_x)) ** 2 for x, y in points) / (n - 2))
    x = len(values) - 1 + ahead
    value = mid_y + slope * (x - mid_x)
    t = _T[n - 4] if n - 4 < len(_T) else 2.2
    half = t * off * math.sqrt(1 + 1 / n + (x - mid_x) ** 2 / sxx)
    return Forecast(value, value - half, value + half)
