"""How well sentiment is computed: figures checked by hand, and intervals by what they promise."""

from __future__ import annotations

import random

import pytest

from listen.insight import quality
from listen.insight.precision import wilson
from listen.insight.quality import figures
from listen.store.samples import Case


def cases(table: list[list[int]], who: str = "ana", stratum: str = "", of: int = 0) -> list[Case]:
    """So many mentions of each (said, computed)."""
    found = []
    for said, row in enumerate(table):
        for scored, n in enumerate(row):
            found += [Case(len(found) + at, {who: said - 1}, scored - 1, stratum, of) for at in range(n)]
    return found


TABLE = [[20, 5, 5], [4, 20, 6], [2, 3, 35]]


def test_the_figures_are_those_of_a_table_made_by_hand() -> None:
    told = figures([*cases(TABLE), Case(999, {"ana": 1}, None, "", 0)])
    assert (told.n, told.unscored, told.few) == (100, 1, False)
    assert told.confusion == ((20, 5, 5), (4, 20, 6), (2, 3, 35))
    assert told.accuracy == (0.75, *wilson(0.75, 100))
    assert told.wrong_sign is not None
    assert told.wrong_sign.value == pytest.approx(7 / 70)
    assert told.macro_f1 is not None
    assert told.macro_f1.value == pytest.approx((40 / 56 + 40 / 58 + 70 / 86) / 3)
    assert told.kappa is not None
    chance = 0.3 * 0.26 + 0.3 * 0.28 + 0.4 * 0.46
    assert told.kappa.value == pytest.approx((0.75 - chance) / (1 - chance))
    for share in (told.macro_f1, told.wrong_sign, told.kappa):
        assert share.low < share.value < share.high
    assert figures(cases(TABLE)) == figures(cases(TABLE)), "the same for the same seed"


def test_below_fifty_there_are_too_few() -> None:
    told = figures(cases([[20, 5, 0], [0, 20, 0], [0, 0, 4]]))
    assert (told.n, told.few, told.accuracy, told.kappa) == (49, True, None, None)
    assert quality.estimated(cases([[20, 5, 0], [0, 20, 0], [0, 0, 4]]), (0.4, 0.5, 0.1)) is None
    assert figures([]).few
    alike = figures(cases([[0, 0, 0], [0, 60, 0], [0, 0, 0]]))
    assert (alike.kappa, alike.wrong_sign) == (None, None), "there is nothing to agree about"
    assert alike.accuracy is not None
    assert alike.accuracy.value == 1.0


def test_parts_count_for_as_many_as_they_were_drawn_from() -> None:
    """900 negative ones of which 80 % are right, 100 positive ones of which half are."""
    some = [
        *cases([[40, 0, 0], [10, 0, 0], [0, 0, 0]], stratum="neg", of=900),
        *cases([[0, 0, 25], [0, 0, 0], [0, 0, 25]], stratum="pos", of=100),
    ]
    told = figures(some)
    assert told.accuracy is not None
    assert told.accuracy.value == pytest.approx(0.9 * 0.8 + 0.1 * 0.5)
    assert told.wrong_sign is not None
    assert told.wrong_sign.value == pytest.approx(0.05 / (0.9 * 0.8 + 0.1))


def test_two_who_disagree_count_half_each() -> None:
    some = [Case(at, {"ana": -1, "bob": -1 if at % 2 else 0}, -1, "", 0) for at in range(60)]
    told = figures(some)
    assert told.accuracy is not None
    assert told.accuracy.value == pytest.approx(0.75)
    (pair,) = quality.pairs(some)
    assert (pair.one, pair.other, pair.n, pair.agreement) == ("ana", "bob", 60, 0.5)
    assert pair.kappa is not None
    assert pair.kappa.value == pytest.approx(0.0, abs=1e-9)
    assert quality.pairs(some[:49])[0].kappa is None


def test_shares_are_corrected_by_the_errors_of_the_sample() -> None:
    told = quality.estimated(cases(TABLE), (0.26, 0.28, 0.46))
    assert told is not None
    assert [one.value for one in told.corrected] == pytest.approx([0.3, 0.3, 0.4])
    assert all(one.low < one.value < one.high for one in told.corrected)
    never = quality.estimated(cases([[50, 0, 0], [0, 0, 0], [10, 0, 0]]), (0.5, 0.25, 0.25))
    assert never is not None
    assert [one.value for one in never.corrected] == pytest.approx([0.5 * 5 / 6, 0.25, 0.25 + 0.5 / 6])


def test_intervals_hold_what_they_promise() -> None:
    """Of 100 samples of a population of which 70 % are right, about 95 intervals hold that."""
    dice, held = random.Random(5), 0
    for _ in range(100):
        right = sum(dice.random() < 0.7 for _ in range(60))
        share = quality.accuracy(cases([[right, 60 - right, 0], [0, 0, 0], [0, 0, 0]]))
        assert share is not None
        held += share.low <= 0.7 <= share.high
    assert held >= 88
