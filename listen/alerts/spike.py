"""How unlikely it is that chance alone brings so many mentions."""

from __future__ import annotations

import math

from listen.alerts.expected import Expectation

SENSITIVITY = {"sensitive": 1e-2, "balanced": 1e-3, "strict": 1e-4}
"""The tail probability below which a count is a spike."""

LEAST_MEAN = 0.5
"""Where nothing was ever said, one mention is no wonder."""


def surprise(count: int, expectation: Expectation) -> float:
    """The probability of `count` or more: Poisson, or negative binomial where the counts vary more than that."""
    mean = max(LEAST_MEAN, expectation.mean)
    variance = expectation.spread**2
    if count <= 0:
        return 1.0
    if variance <= mean * 1.05:
        return _upper(count, -mean, lambda k: mean / (k + 1))
    size = mean * mean / (variance - mean)
    share = mean / variance
    return _upper(count, size * math.log(share), lambda k: (size + k) / (k + 1) * (1 - share))


def _upper(count: int, log_first: float, ratio: object) -> float:
    """P(X >= count) of a distribution by log P(0) and P(k + 1) / P(k)."""
    assert callable(ratio)
    log, below = log_first, 0.0
    for k in range(count):
        below += math.exp(log)
        log += math.log(ratio(k))
    return max(0.0, 1.0 - below) if below < 0.999_999 else _tail(count, log, ratio)


def _tail(count: int, log: float, ratio: object) -> float:
    """The same from above, where the difference from 1 would be lost."""
    assert callable(ratio)
    total, k = 0.0, count
    while True:
        part = math.exp(log)
        total += part
        if part <= total * 1e-12:
            return total
        log += math.log(ratio(k))
        k += 1
