"""What is scored, and what is said of the rest."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from listen.sentiment import Score, english, score
from tests.text.foreign import foreign


def test_english_is_scored() -> None:
    assert score("I love it", "en") == Score(637, 1, None, english.NAME)
    assert score("I love it", "en-GB") == score("I love it", "EN") == score("I love it", "en")


def test_no_hit_is_a_neutral_score_without_hits() -> None:
    assert score("The phone has a battery", "en") == Score(0, 0, None, english.NAME)


@pytest.mark.parametrize(
    ("text", "lang", "reason"),
    [
        ("Lo adoro", "es", "language es"),
        ("Ich liebe es", "de-AT", "language de"),
        ("???", None, "language unknown"),
        ("", "en", "no text"),
        (" \n\u2003", None, "no text"),
    ],
)
def test_what_cannot_be_scored_says_why(text: str, lang: str | None, reason: str) -> None:
    assert score(text, lang) == Score(None, None, reason, "")


@given(foreign, st.none() | st.sampled_from(["en", "fr", "xx"]))
def test_there_is_a_score_or_a_reason(text: str, lang: str | None) -> None:
    said = score(text, lang)
    assert (said.score is None) == (said.hits is None) == (said.unscored is not None) == (said.engine == "")
    assert said.score is None or -1000 <= said.score <= 1000
