"""The words that a score comes from: their shares add up to it, and what moved them is the engine's own doing."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from listen.sentiment import Explanation, explain, hundredths, said, score
from listen.sentiment.english import MOST_CHARACTERS
from tests.sentiment.test_english import sentences
from tests.sentiment.test_french import sentences as french
from tests.text.foreign import foreign

texts = st.one_of(
    sentences, french, foreign, st.lists(foreign | sentences | french, max_size=4).map("".join),
    st.lists(sentences | french, min_size=4, max_size=12).map("\n".join),
)  # fmt: skip
languages = st.sampled_from(["en", "fr"])


@given(texts, languages)
def test_the_shares_add_up_to_the_score(text: str, lang: str) -> None:
    explained = explain(text, lang)
    assert explained.score == score(text, lang).score
    total = sum(word.share for word in explained.words) + explained.emphasis
    if explained.score is None:
        assert explained == Explanation(None, "no text")
    else:
        assert math.isclose(total, explained.score, abs_tol=0.56)  # the score is rounded twice


@given(texts, languages)
def test_words_lie_in_the_text_in_order_without_overlap(text: str, lang: str) -> None:
    words = explain(text, lang).words
    at = 0
    for word in words:
        assert at <= word.start < word.end <= min(len(text), MOST_CHARACTERS)
        assert word.valence
        assert word.share * word.valence > 0
        at = word.end


@given(texts, languages)
def test_what_was_not_moved_weighs_what_the_lexicon_says(text: str, lang: str) -> None:
    for word in explain(text, lang).words:
        if word.valence != word.weight:
            assert word.moved
        if word.weight * word.valence < 0 and len(text[word.start : word.end]) > 1:
            assert any(moved.how == "flipped" for moved in word.moved)


def moved(text: str) -> dict[str, list[tuple[str, str]]]:
    return {text[word.start : word.end]: [tuple(one) for one in word.moved] for word in explain(text, "en").words}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("I love it", {"love": []}),
        ("I do not love it.", {"love": [("flipped", "not")]}),
        ("It isn't good", {"good": [("flipped", "isn't")]}),
        ("a very good phone", {"good": [("boosted", "very")]}),
        ("a slightly bad phone", {"bad": [("damped", "slightly")]}),
        ("a sort of good phone", {"good": [("damped", "sort of")]}),
        ("it is GREAT, really", {"GREAT": [("boosted", "capitals")]}),
        ("it was the kiss of death", {"kiss": [("flipped", "of death")], "death": [("damped", "kiss of")]}),
        ("a good phone but bad sound", {"good": [("damped", "but")], "bad": [("boosted", "but")]}),
        ("(good) :( fine...", {"good": [], ":(": [], "fine": []}),
        ("no good", {"good": [("flipped", "no")]}),
        ("a phone", {}),
    ],
)
def test_what_moved_a_word(text: str, found: dict[str, list[tuple[str, str]]]) -> None:
    assert moved(text) == found


def test_words_each_of_which_would_do_it_alone_have_done_it_together() -> None:
    assert moved("no no good")["good"] == [("flipped", "no no")]


def test_an_emoji_is_one_word_whatever_it_is_read_as() -> None:
    (joy,) = explain("look 😁!", "en").words
    assert (joy.start, joy.end) == (5, 6)
    assert joy.share > 0


def test_exclamation_marks_have_their_share() -> None:
    plain, loud = explain("good", "en"), explain("good!!!", "en")
    assert plain.emphasis == 0 < loud.emphasis
    assert explain("bad!!!", "en").emphasis < 0 == explain("what!!!", "en").emphasis


def test_what_is_not_scored_says_why() -> None:
    assert explain("Lo adoro", "es") == Explanation(None, "language es")
    assert explain("?", None) == Explanation(None, "language unknown")
    assert explain("nothing here", "en") == Explanation(0)


def test_only_the_beginning_of_a_long_text_is_read() -> None:
    explained = explain("word " * 1_000 + "bad", "en")
    assert explained.words == ()
    assert explained.score == 0
    assert len(explain("😁" * 20_000, "en").words) == 50


def test_a_title_is_scored_with_its_text_unless_the_text_begins_with_it() -> None:
    assert said("Bad", "phone") == ("Bad\nphone", 4)
    assert said("Bad", "Bad phone") == ("Bad phone", 0)
    assert said("", "phone") == ("phone", 0)


@given(st.lists(st.floats(-900, 900), max_size=30))
def test_hundredths_add_up_and_none_is_off_by_one(shares: list[float]) -> None:
    total = round(sum(shares) / 10)
    rounded = hundredths(shares, total)
    if shares:
        assert sum(rounded) == total
    assert all(abs(whole - share / 10) <= 1 for whole, share in zip(rounded, shares, strict=True))
