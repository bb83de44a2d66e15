"""The regression against closed forms and against the sum that it minimises, written out slowly."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence

import pytest

from listen.sentiment.logistic import Fit, Row, fit, folds, left_out, sigmoid


def logit(share: float) -> float:
    return math.log(share / (1 - share))


def some(n: int = 60, grades: int = 3) -> tuple[Sequence[Row], list[int]]:
    chance = random.Random(7)
    rows = [{name: chance.gauss(0, 1) for name in "abc" if chance.random() < 0.7} for _ in range(n)]
    drawn = [row.get("a", 0.0) - 0.5 * row.get("b", 0.0) + chance.gauss(0, 0.7) for row in rows]
    return rows, [min(grades - 1, max(0, round(one + (grades - 1) / 2))) for one in drawn]


def loss(found: Fit, rows: Sequence[Row], grades: list[int], penalty: float) -> float:
    """The sum of the module's docstring."""
    whole = penalty / 2 * sum(weight**2 for weight in found.weights.values())
    for row, grade in zip(rows, grades, strict=True):
        for number, cut in enumerate(found.cuts):
            margin = found.strain(row) - cut
            whole += math.log1p(math.exp(-margin if grade > number else margin))
    return whole


def test_a_flag_with_one_feature_has_the_log_odds_that_can_be_worked_out_by_hand() -> None:
    # Set in 8 of 10 texts with the word, in 3 of 15 without it.
    rows: Sequence[Row] = [{"word": 1.0}] * 10 + [{}] * 15
    found = fit(rows, [1] * 8 + [0] * 2 + [1] * 3 + [0] * 12, penalty=1e-9)
    assert found.cuts[0] == pytest.approx(-logit(3 / 15), abs=1e-5)
    assert found.weights["word"] == pytest.approx(logit(8 / 10) - logit(3 / 15), abs=1e-5)
    assert found.chance({"word": 1.0}) == pytest.approx(0.8, abs=1e-6)
    assert (found.grade({"word": 1.0}), found.grade({"other": 9.0})) == (1, 0)


def test_without_features_the_cuts_are_the_shares_of_the_grades() -> None:
    found = fit([{}] * 20, [0] * 4 + [1] * 10 + [2] * 6)
    assert found.cuts == pytest.approx((-logit(16 / 20), -logit(6 / 20)), abs=1e-6)
    assert found.chance({}, 1) == pytest.approx(6 / 20, abs=1e-6)
    level = fit([{}] * 20, [0] * 4 + [1] * 10 + [2] * 6, balance=1.0)
    assert level.cuts == pytest.approx((-logit(2 / 3), -logit(1 / 3)), abs=1e-6)


def test_nothing_near_is_a_lower_sum() -> None:
    rows, grades = some()
    found = fit(rows, grades, penalty=0.5)
    lowest = loss(found, rows, grades, 0.5)
    for name in found.weights:
        for by in (-1e-3, 1e-3):
            moved = Fit({**found.weights, name: found.weights[name] + by}, found.cuts)
            assert loss(moved, rows, grades, 0.5) > lowest
    for place in range(2):
        for by in (-1e-3, 1e-3):
            cuts = [cut + by * (number == place) for number, cut in enumerate(found.cuts)]
            assert loss(Fit(found.weights, tuple(cuts)), rows, grades, 0.5) > lowest


def test_the_same_texts_in_another_order_teach_the_same() -> None:
    rows, grades = some()
    first = fit(rows, grades)
    assert first == fit(rows, grades)
    again = fit(rows[::-1], grades[::-1])
    assert again.weights == pytest.approx(first.weights, abs=1e-6)
    assert again.cuts == pytest.approx(first.cuts, abs=1e-6)


def test_what_parts_the_grades_wholly_stays_finite_and_a_penalty_makes_it_small() -> None:
    rows: Sequence[Row] = [{"good": 1.0}, {"bad": 1.0}] * 5
    free, bound = (fit(rows, [1, 0] * 5, penalty=penalty).weights["good"] for penalty in (1e-6, 10.0))
    assert math.isfinite(free)
    assert free > 4 > 1 > bound > 0
    assert [sigmoid(-800), sigmoid(800)] == pytest.approx([0, 1])


@pytest.mark.parametrize(("grades", "said"), [([0, 0], "left out"), ([0, 2], "left out"), ([0], "2 rows, but 1")])
def test_grades_that_teach_nothing_are_refused(grades: list[int], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        fit([{"a": 1.0}, {"b": 1.0}], grades)


def test_each_text_is_answered_by_who_has_not_seen_it() -> None:
    names, grades = [f"text {number}" for number in range(43)], [0] * 30 + [1] * 13
    parts = folds(names, grades)
    both = [[parts[place] for place in range(43) if grades[place] == grade] for grade in (0, 1)]
    for of_grade in both:
        sizes = [of_grade.count(part) for part in range(5)]
        assert max(sizes) - min(sizes) <= 1
    assert folds(names[::-1], grades[::-1]) == parts[::-1]

    def learn(places: Sequence[int]) -> Callable[[int], tuple[bool, int]]:
        return lambda place: (place in places, len(places))

    answers = left_out(parts, learn)
    assert len(answers) == 43
    assert not any(seen for seen, _ in answers)
    assert all(size >= 33 for _, size in answers)
