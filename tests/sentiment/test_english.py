"""English: the stock scores are vaderSentiment's own; what the pack on top of it changes."""

from __future__ import annotations

import subprocess
import sys
from functools import cache
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

from listen.sentiment import english, pack
from tests.text.foreign import foreign

WORDS = (  # noqa: SIM905
    "good bad love hate great GREAT awful no not never isn't without doubt but BUT so this very kind of sort least at "
    "the phone is was shit bad ass bus stop kiss of death :) :( lol meh! ok? ??? !!! don’t ❤ ❤️ 👍 😁 🔥 💔 . , x "
    "uh-oh hardly EXTREMELY amazing!! terrible... cooking hand to mouth yeah right cut the mustard"
).split()
sentences = st.lists(st.sampled_from(WORDS), max_size=25).map(" ".join)


@cache
def package() -> Any:
    return SentimentIntensityAnalyzer()


@given(st.one_of(sentences, foreign, st.lists(foreign | sentences, max_size=4).map("".join)))
def test_the_score_is_the_package_s(text: str) -> None:
    said, theirs = english.stock(text), package().polarity_scores(text)
    assert (said.neg, said.neu, said.pos, said.compound) == tuple(
        theirs[part] for part in ("neg", "neu", "pos", "compound")
    )


@given(st.one_of(sentences, foreign, st.lists(foreign | sentences, max_size=4).map("".join)))
def test_what_is_explained_is_what_is_scored(text: str) -> None:
    """The parts with their places are the text that the engine reads."""
    assert "".join(said for said, _ in english._read(text)) == english._packed(()).plain(text)


@pytest.mark.parametrize(
    ("text", "sign"),
    [
        ("I don’t like it", -1),  # a typographic apostrophe
        ("❤️", 1), ("👍🏽", 1), ("🤬", -1), ("👎", -1), ("💔", -1),  # emoji with variants, and such as VADER has not
        ("@Love hello", 0), ("see https://great.example/best", 0),  # names and links
        ("please help me", 0), ("my order is late", -1), ("soooo goooood", 1), ("nooo way it is good", 1),
        ("still waiting for a refund", -1), ("I like it", 1), ("nobody and I don't like it", -1), ("like that", 0),
    ],
)  # fmt: skip
def test_what_the_pack_corrects(text: str, sign: int) -> None:
    score, _ = english.score(text)
    assert (score > 0) - (score < 0) == sign


def test_each_part_of_the_pack_does_what_it_is_named_for() -> None:
    told = {
        "names-and-links": ("@Love called", 1, 0),
        "typography": ("I don’t love it", 1, -1),
        "emoji-variants": ("\U0001f618\ufe0f", 0, 1),
        "long-letters": ("goooood", 0, 1),
        "likes": ("it looks like rain", 1, 0),
        "facts": ("United changed the number", 1, 0),
        "sentences": ("Never! Great work", -1, 1),
        "politeness": ("please", 1, 0),
        "customer-care": ("a refund", 0, -1),
        "emoji": ("🤬", 0, -1),
    }
    assert set(pack.names(english.PACK)) == set(told), "a part that is not tested here"
    for name, (text, without, with_it) in told.items():
        less = english.Packed(pack.load(english.PACK, without=[name]))
        scores = less.polarity(less.plain(text)).compound, english.polarity(text).compound
        assert [(one > 0) - (one < 0) for one in scores] == [without, with_it], name


def test_long_letters_in_capitals_are_louder() -> None:
    assert english.score("it is GOOOOD") == english.score("it is GOOD") > english.score("it is gooood")


def test_a_rule_ends_with_its_sentence() -> None:
    for begun in ("Six hours without an answer. ", "Not!  ", "Never again\n", 'He said "no." '):
        alone, (words, _) = english.words("Shame")[0][0], english.words(f"{begun}Shame on you")
        shame = words[-1]
        assert (shame.weight, shame.valence, shame.moved) == (alone.weight, alone.valence, ()), begun


def test_without_anything_to_correct_the_score_is_the_package_s() -> None:
    for text in ("VADER is smart, handsome, and funny!", "not bad at all", "The service was TERRIBLE, but cheap :("):
        assert english.score(text)[0] == round(1000 * package().polarity_scores(text)["compound"])


@given(st.text(st.sampled_from("😁🔥 ab"), max_size=200))
def test_the_caps_keep_the_beginning(text: str) -> None:
    capped = english.capped(text)
    assert len(capped) == min(len(text), english.MOST_CHARACTERS)
    assert sum(sign in "😁🔥" for sign in capped) == min(sum(sign in "😁🔥" for sign in text), english.MOST_EMOJI)
    assert all(kept in (sign, " ") for kept, sign in zip(capped, text, strict=False))
    assert english.capped(capped) == capped


@pytest.mark.parametrize(
    ("text", "score", "hits"),
    [
        ("VADER is smart, handsome, and funny!", 844, 3),
        ("The book was only kind of good.", 383, 1),
        ("A kind of magic", 0, 0),
        ("Today SUX!", -546, 1),
        ("The phone has a battery", 0, 0),
        ("not good", -341, 1),
        ("good bad", -153, 2),
        ("😁", 494, 1),
    ],
)
def test_scores_and_hits(text: str, score: int, hits: int) -> None:
    assert english.score(text) == (score, hits)


def test_floods_are_cut_before_the_package_sees_them() -> None:
    """20,000 emoji take the package minutes."""
    assert english.score("😁" * 20_000) == english.score("😁" * 50)
    assert english.capped("good " * 100_000) == "good " * 400
    assert english.capped("😁a" * 51 + "b") == "😁a" * 50 + " ab"


def test_nothing_but_the_package_is_loaded() -> None:
    code = (
        "import sys; from listen.sentiment import score;"
        "print('vaderSentiment.vaderSentiment' in sys.modules); score('good', 'en');"
        "print('vaderSentiment.vaderSentiment' in sys.modules, 'requests' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\nTrue False\n"
