"""Sentiment toward a name in a text."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from listen.sentiment import explain
from listen.sentiment.toward import ALPHA, Toward, named, toward

WORDS = "Acme Rival Zeta love hate great terrible but mais , . is was than better for left the phone support".split()  # noqa: SIM905
sentences = st.lists(st.sampled_from(WORDS), max_size=16).map(" ".join)


def of(text: str, target: str = "Acme", *others: str, lang: str = "en") -> Toward | None:
    return toward(
        text,
        explain(text, lang).words,
        named(text, target),
        [span for other in others for span in named(text, other)],
        lang,
    )


@pytest.mark.parametrize(
    ("lang", "text", "acme", "rival"),
    [
        ("en", "Left Rival, love Acme", 1, -1),
        ("en", "Acme is so much worse than Rival", -1, 1),
        ("en", "Switched from Rival to Acme last week", 1, -1),
        ("en", "I prefer Acme over Rival", 1, -1),
        ("en", "Acme > Rival", 1, -1),
        ("en", "Rival is terrible, Acme is great", 1, -1),
        ("en", "The Acme is great but the Rival is terrible", 1, -1),
        ("fr", "J'ai quitté Rival pour Acme", 1, -1),
        ("fr", "Acme est bien meilleur que Rival", 1, -1),
        ("fr", "Rival est nul, Acme est génial", 1, -1),
        ("fr", "J'en ai marre de Acme", -1, 0),
    ],
)
def test_each_gets_its_own(lang: str, text: str, acme: int, rival: int) -> None:
    for name, other, sign in (("Acme", "Rival", acme), ("Rival", "Acme", rival)):
        found = of(text, name, other, lang=lang)
        score = 0 if found is None else found.score
        assert (score > 50) - (score < -50) == sign, (name, found)


def test_what_is_farther_away_counts_less() -> None:
    near, far = of("Acme great"), of("Acme has a shop in the town where we live, great")
    assert near is not None
    assert far is not None
    assert near.score > far.score > 0


def test_a_name_says_nothing_of_itself() -> None:
    text = "The Great phone"
    assert toward(text, explain(text, "en").words, named(text, "Great"), [], "en") is None


def test_who_is_not_named_has_no_score() -> None:
    assert of("a great phone") is None
    assert of("Acme opens at nine") is None


@given(sentences, st.sampled_from(["en", "fr", "de"]))
def test_the_score_is_the_formula_over_the_shares(text: str, lang: str) -> None:
    words = explain(text, lang).words
    found = toward(text, words, named(text, "Acme"), named(text, "Rival") + named(text, "Zeta"), lang)
    if found is None:
        return
    assert len(found.shares) == len(words)
    assert all(
        abs(share) <= abs(word.valence) and share * word.valence >= 0
        for share, word in zip(found.shares, words, strict=True)
    )
    total = math.fsum(found.shares) + found.compared
    assert found.score == round(1_000 * total / math.sqrt(total * total + ALPHA))


@given(sentences)
def test_without_rivals_and_comparisons_one_clause_has_the_sign_of_its_words(text: str) -> None:
    text = " ".join(word for word in text.split() if word in ("Acme", "love", "great", "the", "phone", "is"))
    found = of(text)
    assert found is None or found.score > 0


def test_labelled_tweets_are_read_better_than_by_the_whole_text(shared: Path) -> None:
    lines = (shared / "fixtures/labelled/target_en/dong2014_train.raw").read_text("utf-8", "replace").splitlines()
    right = {"whole": 0, "toward": 0}
    wrong = {"whole": 0, "toward": 0}
    for at in range(0, 3 * 1_500, 3):
        text, name, side = lines[at].strip(), lines[at + 1].strip(), int(lines[at + 2])
        place = text.index("$T$")
        text = text.replace("$T$", name, 1)
        explained = explain(text, "en")
        found = toward(text, explained.words, [(place, place + len(name))], [], "en")
        for how, score in (("whole", explained.score or 0), ("toward", found.score if found else 0)):
            said = (score >= 200) - (score <= -200)
            right[how] += said == side
            wrong[how] += said * side < 0
    assert right["toward"] > right["whole"] * 1.1
    assert wrong["toward"] < wrong["whole"] * 0.8
