"""What was taught about a topic: words, thresholds, a model; and what of it can be learned."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from listen.model import NEGATIVE, POSITIVE
from listen.sentiment import explain
from listen.sentiment.learning import Example, begins, compared, enough, model
from listen.sentiment.models import ModelError, of_text, read, written
from listen.sentiment.teaching import NOTHING, Judged, Model, Part, Teaching, judged, moved, safe_name, scaled


def heard(text: str, lang: str = "en", taught: Teaching = NOTHING) -> Judged:
    """The score of the whole text."""
    told = explain(text, lang, taught.overrides)
    parts = tuple(Part(one.start, one.end, one.valence, one.share) for one in told.words)
    score = told.score or 0
    return Judged(score, len(parts), parts, score - sum(part.share for part in parts))


def example(number: int, text: str, label: int) -> Example:
    return Example(f"hn {number}", text, "en", heard(text), label)


def desk(n: int = 240) -> list[Example]:
    """Labels of a desk whose trade has words of its own: a lexicon knows neither `counter` nor `badge`."""
    chance = random.Random(3)
    openers = ("the app today", "thanks, the office", "our order, again", "nice shop over there", "hello you")
    ends = {-1: ("counter is shut", "lost badge"), 0: ("opens at nine", "moved"), 1: ("new badge", "quick door")}
    labels = [chance.choice((-1, 0, 1)) for _ in range(n)]
    texts = [f"{chance.choice(openers)} {chance.choice(ends[label])} {chance.choice('abcdef')}" for label in labels]
    return [example(number, text, label) for number, (text, label) in enumerate(zip(texts, labels, strict=True))]


# --- words -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lang", "text", "words", "before", "after"),
    [
        ("en", "Thanks a lot, another bad day", {"Thanks": -1.0}, -1, -1),
        ("en", "the counter again", {"counter": -2.0}, 0, -1),
        ("en", "not a counter", {"counter": -2.0}, 0, 1),
        ("fr", "Merci bien, encore une coupure", {"merci": 0, "bien": 0}, -1, -1),
        ("fr", "n'est pas réglé", {"réglé": -2.0}, 0, 1),
        ("fr", "pas regle", {"réglé": -2.0}, 0, 1),
    ],
)
def test_a_word_weighs_what_was_taught_and_the_rules_around_it_hold(
    lang: str, text: str, words: dict[str, float], before: int, after: int
) -> None:
    taught = Teaching(words=words)
    told = explain(text, lang, taught.overrides)
    sides = [(score >= POSITIVE) - (score <= NEGATIVE) for score in (heard(text, lang).score, told.score or 0)]
    assert sides == [before, after]
    assert sum(one.share for one in told.words) + told.emphasis == pytest.approx(told.score, abs=1)
    for word, valence in words.items():
        assert not valence or any(one.weight == valence for one in told.words)
        assert valence or all(text[one.start : one.end].lower() != word.lower() for one in told.words)
    assert taught.speaks_of(text)
    assert not taught.speaks_of("It opens at nine")
    assert explain(text, lang).score == heard(text, lang).score  # and nobody else's words have changed


# --- thresholds ------------------------------------------------------------------------------------------------------


def test_scores_are_moved_so_that_the_classes_begin_where_it_was_taught() -> None:
    for negative, positive in ((200, 650), (-300, 100), (-50, 50), (-400, -350), (-900, 900)):
        told = [moved(score, negative, positive) for score in range(-1_000, 1_001)]
        assert told == sorted(told)
        assert (told[0], told[-1]) == (-1_000, 1_000)
        for score, now in zip(range(-1_000, 1_001), told, strict=True):
            assert (now <= NEGATIVE, now >= POSITIVE) == (score <= negative, score >= positive)
    assert [moved(score, -50, 50) for score in (-400, 0, 3)] == [-400, 0, 3]


def test_what_has_no_word_is_neither_moved_nor_judged() -> None:
    silent = heard("It opens at nine")
    assert judged("It opens at nine", "en", silent, Teaching(begins=(200, 650))) == silent
    odd = Model("m-1", {"counter": (-2.0, 1.0)}, {"score": 1.0}, (-0.5, 0.5), ("en",))
    assert judged("It opens at nine", "en", silent, Teaching(model=odd)) == silent
    assert judged("It is at the counter", "en", heard("x"), Teaching(model=odd)).score < NEGATIVE
    assert judged("It is at the counter", "de", heard("x"), Teaching(model=odd)) == heard("x")


def test_the_thresholds_with_the_best_agreement_are_found() -> None:
    some = [Example(str(n), "x", "en", Judged(n, 1, (), n), 1 if n >= 600 else -1 if n <= 150 else 0)
            for n in range(-1_000, 1_001, 37)]  # fmt: skip
    low, high = begins(some)
    right = [(n <= low, n >= high) == (one.label == -1, one.label == 1) for one in some for n in (one.heard.score,)]
    assert all(right)
    gain = compared(some, NOTHING, lambda others: Teaching(begins=begins(others)))
    assert gain.worth
    assert gain.after.macro_f1 > 0.95 > gain.before.macro_f1
    agreed = [one._replace(label=(one.heard.score >= POSITIVE) - (one.heard.score <= NEGATIVE)) for one in some]
    assert begins(agreed) == (NEGATIVE, POSITIVE)


# --- the model -------------------------------------------------------------------------------------------------------


def test_a_model_learns_a_trade_and_its_weights_are_the_explanation() -> None:
    labels = desk()
    assert enough(labels, (-1, 0, 1))
    assert not enough([one for one in labels if one.label], (-1, 0, 1)), "three sides cannot be learned of two"
    gain = compared(labels, NOTHING, lambda others: Teaching(model=model(others, "desk-1")))
    assert gain.after.macro_f1 > 0.9 > 0.6 > gain.before.macro_f1
    found = model(labels, "desk-1")
    assert found == model(labels[::-1], "desk-1")
    assert found.langs == ("en",)
    text = "> new badge, quick door\nhello @counter thanks, LOST badge today!"
    told = judged(text, "en", heard(text), Teaching(model=found), where=True)
    assert told.score < NEGATIVE
    assert told.score == judged(text, "en", heard(text), Teaching(model=found)).score
    assert sum(part.share for part in told.parts) + told.rest == pytest.approx(told.score)
    shares = {text[part.start : part.end]: part.share for part in told.parts}
    assert shares["LOST badge"] < 0 < shares["thanks"]
    assert shares.keys().isdisjoint({"counter", "quick", "new badge"}), "somebody's name, somebody else's words"


def test_between_and_beyond_the_cuts_the_score_says_how_sure_it_is() -> None:
    told = [scaled(strain / 100, -1.0, 2.0) for strain in range(-900, 901)]
    assert told == sorted(told)
    for strain, score in zip(range(-900, 901), told, strict=True):
        if strain not in (-100, 200):
            assert (score <= NEGATIVE, score >= POSITIVE) == (strain < -100, strain > 200)
    assert scaled(0.5, -1.0, 2.0) == 0
    assert scaled(2.0 + 1.0986, -1.0, 2.0) == 525  # three in four
    assert scaled(50, 0.0, 0.0) == 1_000


def test_a_model_is_a_file_that_people_can_read_and_change(tmp_path: Path) -> None:
    labels = desk()
    found = model(labels, "acme-1")
    gain = compared(labels, NOTHING, lambda others: Teaching(model=model(others, "m")))
    text = written(found, "Acme\n[x]", len(labels), "2026-11-22", gain)
    assert f"from {len(labels)} of them on 2026-11-22" in text
    file = tmp_path / "acme-1.toml"
    file.write_text(text, "utf-8")
    assert read(file) == found
    assert Teaching(model=found).mark == Teaching(model=read(file)).mark != Teaching().mark == ""
    quoted = Model("q", {'a "b\\': (1.0, 2.0)}, {}, (0.0, 0.0), ())
    assert of_text(written(quoted, "q", 1, "d", gain), "q") == quoted


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("langs = []\ncuts = [1, 0]", "the first is above the second"),
        ("langs = []\ncuts = [1]", "cuts: expected 2 numbers"),
        ("langs = []\ncuts = [0, inf]", "cuts: expected 2 numbers"),
        ("cuts = [0, 1]", "langs: expected a list"),
        ("langs = []\ncuts = [0, 1]\n[words]\nmerci = 1", "'merci': expected 2 numbers"),
        ("langs = []\ncuts = [0, 1]\n[lexicon]\nmerci = 1", "unknown key 'merci'"),
        ("word = 1", "unknown key 'word'"),
        ("x", "Expected '='"),
    ],
)
def test_a_file_that_is_no_model_says_where_and_what_was_expected(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "acme-1.toml"
    file.write_text(text, "utf-8")
    with pytest.raises(ModelError, match=r"acme-1\.toml") as fault:
        read(file)
    assert said in str(fault.value)
    with pytest.raises(ModelError, match="cannot be read"):
        read(tmp_path / "none.toml")


def test_a_topic_gives_its_files_a_name_that_every_system_takes() -> None:
    names = ["acme", "Acme", "a/../b", "東京", "énergie", "Énergie", "."]
    found = [safe_name(name) for name in names]
    assert len(set(found)) == len(names)
    assert found[0] == "acme"
    assert all(name.replace("-", "").isascii() and name.replace("-", "").isalnum() for name in found)
