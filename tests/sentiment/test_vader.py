"""All four figures are the package's, for every text."""

from __future__ import annotations

import random
from functools import cache
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from vaderSentiment import vaderSentiment

from listen.sentiment.vader import Polarity, Vader, rounded
from tests.text.foreign import foreign

ROLES = [
    *vaderSentiment.BOOSTER_DICT,
    *vaderSentiment.NEGATE,
    *(word for phrase in vaderSentiment.SPECIAL_CASES for word in phrase.split()),
    *"but but but no or nor never so this without doubt least at very kind of sort of the phone x".split(),  # noqa: SIM905
]


@cache
def package() -> Any:
    return vaderSentiment.SentimentIntensityAnalyzer()


@cache
def engine() -> Vader:
    return Vader()


def assert_same(text: str) -> None:
    said = package().polarity_scores(text)
    found = engine().polarity(text)
    assert (found.neg, found.neu, found.pos, found.compound) == (
        said["neg"],
        said["neu"],
        said["pos"],
        said["compound"],
    )


words = st.one_of(
    st.sampled_from(sorted(ROLES)),
    st.deferred(lambda: st.sampled_from(sorted(package().lexicon))),
    st.deferred(lambda: st.sampled_from(sorted(package().emojis))),
)
dressed = st.builds(
    lambda before, word, dress, after: before + dress(word) + after,
    st.sampled_from(["", "", "", "(", '"', "#", "*"]),
    words,
    st.sampled_from([str, str, str.upper, str.title]),
    st.sampled_from([" ", " ", " ", "! ", "? ", "??? ", "!!\n", ", ", "...\t", "' ", ""]),
)


@given(st.lists(dressed, max_size=20).map("".join))
def test_sentences_made_of_what_the_rules_look_at(text: str) -> None:
    assert_same(text)


@given(foreign)
def test_any_text(text: str) -> None:
    assert_same(text)


def test_many_sentences_from_one_seed() -> None:
    """Chains of like words, which the search above seldom draws: equal valences around several a `but`."""
    dice = random.Random(7)
    few = [
        "good",
        "bad",
        "but",
        "BUT",
        "no",
        "not",
        "very",
        "so",
        "least",
        "x",
        "kind",
        "of",
        "GOOD",
        "bad!",
        "the",
        "shit",
    ]
    for _ in range(5_000):
        assert_same(" ".join(dice.choices(few, k=dice.randrange(1, 12))))


def test_labelled_texts(shared: Path) -> None:
    lines = (shared / "fixtures/labelled/vader_icwsm2014/tweets_GroundTruth.txt").read_text("utf-8").splitlines()
    for name in ("english", "french", "german", "spanish"):
        lines += (shared / f"fixtures/labelled/umsab/{name}/val_text.txt").read_text("utf-8").splitlines()
    assert len(lines) > 5_000
    for line in lines:
        assert_same(line)


@given(st.floats(-1, 1) | st.integers(-20_001, 20_001).map(lambda half: half / 20_000))
def test_figures_are_rounded_as_python_does(value: float) -> None:
    for parts, digits in ((1_000, 3), (10_000, 4)):
        assert repr(rounded(value, parts, digits)) == repr(round(value, digits))


def test_hits_are_words_of_the_lexicon() -> None:
    assert engine().polarity("") == Polarity(0.0, 0.0, 0.0, 0.0, 0)
    assert engine().polarity("a phone").hits == 0
    assert engine().polarity("no good, kind man; a kind of bad :)").hits == 5


def test_the_words_remembered_are_bounded() -> None:
    vader = Vader()
    for start in range(0, 60_000, 1_000):
        vader.polarity(" ".join(f"word{number}" for number in range(start, start + 1_000)))
    assert vader.polarity("a good word59999") == engine().polarity("a good word59999")
    assert len(vader._words) <= 40_000
