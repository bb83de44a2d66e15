"""Toward whom a text speaks: of each topic that it matches."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from listen import sentiment
from listen.aims import MOST_PLACES, Tone, aim, explained, toward_each
from listen.sentiment.toward import Reading, Toward

TOPICS = {
    "acme": ("acme OR #acme", "brand"),
    "rival": ("rival", "competitor"),
    "delivery": ("delivery (late OR lost OR fast)", "theme"),
    "buy": ('"best buy"', "competitor"),
    "press": ("site:press.example", "theme"),
    "love": ("love", "brand"),
}
DULL = "The committee met on Tuesday and read what was sent to it by the members of the board. "


def tones(text: str, *names: str, lang: str = "en") -> dict[str, Tone]:
    whole = sentiment.score(text, lang)
    asked = {name: aim(name, *TOPICS[name]) for name in names}
    return toward_each(text, lang, Tone(whole.score, whole.hits), asked)


def signs(text: str, *names: str) -> dict[str, int]:
    return {name: ((tone.score or 0) > 50) - ((tone.score or 0) < -50) for name, tone in tones(text, *names).items()}


def test_each_topic_has_its_own() -> None:
    assert signs("Left Rival, love Acme", "acme", "rival") == {"acme": 1, "rival": -1}
    assert signs("Acme delivery was lost, awful", "acme", "delivery") == {"acme": -1, "delivery": -1}
    assert signs("Rival is awful and #acme is great", "acme", "rival") == {"acme": 1, "rival": -1}


def test_who_is_not_named_has_the_whole_text_and_who_is_unspoken_of_nothing() -> None:
    text = "I hate Rival. Acme opens at nine"
    found = tones("Acme opens at nine, rival is awful", "acme", "press")
    assert found["press"] == Tone(sentiment.score("Acme opens at nine, rival is awful", "en").score, 1)
    assert tones("Acme opens at nine, rival is awful", "acme", "rival")["acme"] == Tone(0, 0)
    assert tones(text, "press", lang="it") == {"press": Tone(None, None)}


def test_a_name_says_nothing_and_words_that_a_query_asks_for_beside_it_do() -> None:
    assert tones("Best Buy called", "buy") == {"buy": Tone(0, 0)}
    assert signs("the delivery is late, awful", "delivery") == {"delivery": -1}, "late is asked for, and weighs"
    assert tones("we met at Love in town", "love") == {"love": Tone(0, 0)}, "it is all that names the topic"


def test_of_an_article_those_sentences_count_that_name_the_topic() -> None:
    article = f"A week in town\n{DULL * 2}Rival is terrible and bad. {DULL}Acme is great. {DULL}Everything was awful."
    found = tones(article, "acme", "rival")
    assert found["acme"] == tones("Acme is great.", "acme")["acme"]
    assert found["rival"].score == tones("Rival is terrible and bad.", "rival")["rival"].score
    twice = f"{article}\nAcme is terrible."
    assert abs(tones(twice, "acme")["acme"].score or 0) < 200, "their mean"


words = st.lists(
    st.sampled_from([*"Acme Rival love hate great terrible but , . ! is than better left for > it".split(), "\n"]),  # noqa: SIM905
    max_size=90,
).map(" ".join)


@given(words)
def test_what_the_words_and_a_comparison_give_adds_up_to_the_score(text: str) -> None:
    told = sentiment.explain(text, "en").words
    for heard in explained(text, told, "en", {name: aim(name, *TOPICS[name]) for name in ("acme", "rival")}).values():
        if heard is not None:
            assert len(heard.shares) == len(heard.places) == len(told)
            assert math.fsum(heard.shares) + heard.compared == pytest.approx(heard.score, abs=1.01)
            assert -1_000 <= heard.score <= 1_000


def test_a_text_that_names_many_topics_very_often_is_read_in_bounded_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = 0
    real = Reading.toward

    def counted(self: Reading, targets: Sequence[tuple[int, int]], others: Sequence[tuple[int, int]]) -> Toward | None:
        nonlocal asked
        asked += 1 + len(targets) + len(others)
        return real(self, targets, others)

    monkeypatch.setattr(Reading, "toward", counted)
    text = "Acme > Rival. love Acme\n" * 80
    many = {f"{number}": aim(f"{number}", "acme OR rival", "brand") for number in range(20)}
    found = toward_each(text, "en", Tone(500, 80), many)
    assert len(set(found.values())) == 1
    assert asked < 20 * MOST_PLACES * 22
