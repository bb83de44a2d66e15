"""Wilson's interval: values that are known, and what must hold for all."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from listen.insight.precision import precision


@pytest.mark.parametrize(
    ("kept", "judged", "low", "high"),
    # Newcombe, "Two-sided confidence intervals for the single proportion", Statistics in Medicine 17 (1998), Table I
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_published_values(kept: int, judged: int, low: float, high: float) -> None:
    found = precision(kept, judged)
    assert found.low == pytest.approx(low, abs=5e-5)
    assert found.high == pytest.approx(high, abs=5e-5)


@given(st.integers(1, 2000), st.data())
def test_the_interval_holds_the_share_and_mirrors(judged: int, data: st.DataObject) -> None:
    kept = data.draw(st.integers(0, judged))
    found, other = precision(kept, judged), precision(judged - kept, judged)
    assert 0 <= found.low <= found.share <= found.high <= 1
    assert found.low == pytest.approx(1 - other.high)
    assert precision(2 * kept, 2 * judged).high - precision(2 * kept, 2 * judged).low < found.high - found.low


def test_it_reads_as_a_sentence() -> None:
    assert str(precision(12, 15)) == "12 of 15 are about it · 80 % (55–93 %)"
    assert str(precision(1, 3)).startswith("1 of 3 is about it")
    assert str(precision(0, 0)) == "none judged yet"


def test_more_than_all_cannot_be_kept() -> None:
    with pytest.raises(ValueError, match="cannot be"):
        precision(3, 2)
