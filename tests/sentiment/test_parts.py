"""Long texts are scored by their sentences, and quoted lines and code not at all."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from listen.sentiment import explain, score
from listen.sentiment.parts import LONG, READ, own_words, parts

DULL = "The committee met on Tuesday and read what was sent to it by the members of the board. "


def of(text: str, lang: str = "en") -> int:
    found = score(text, lang).score
    assert found is not None
    return found


def test_a_page_is_not_as_loud_as_its_loudest_words() -> None:
    praise = "The new phone is great and we love it. "
    short, page = of(praise), of(praise + DULL * 6)
    assert short > 700
    assert 50 <= page < short / 3
    assert of("\n".join([praise] * 10)) == pytest.approx(short, abs=2), "what all sentences say is said by the page"


def test_a_headline_counts_more_than_a_sentence() -> None:
    body = DULL * 6
    headline, within = of(f"A terrible recall\n{body}"), of(f"A quiet week\n{body}A terrible recall")
    assert headline < within < 0
    words = explain(f"A terrible recall\n{body}It was a terrible recall", "en").words
    assert [word.start < 20 for word in words] == [True, False]
    assert words[0].share == pytest.approx(2 * words[1].share, rel=0.05)


@pytest.mark.parametrize(
    ("text", "lang"),
    [
        ("> this is awful, I hate it\nnot what I saw", "en"),
        ("> c'est nul, quelle honte\nce n'est pas ce que j'ai vu", "fr"),
        ("try `kill bad; panic()` in the shell", "en"),
        ("it prints\n```\nfatal error: bad, hate, worst\n```\nin the log", "en"),
    ],
)
def test_what_others_wrote_and_code_say_nothing(text: str, lang: str) -> None:
    assert (score(text, lang).score, score(text, lang).hits) == (0, 0)
    assert explain(text, lang).words == ()


def test_signs_that_are_no_quotation_stay() -> None:
    for text in ("I hate it >:(", "love > hate", "a -> b, awful", "it's ` awful"):
        assert own_words(text) == text


@given(st.text(alphabet="a. !?\n>`x😀\t", max_size=900))
def test_parts_are_of_the_text_in_order_and_their_weights_are_one(text: str) -> None:
    own = own_words(text[:READ])
    assert len(own) == len(text[:READ])
    found = parts(text)
    assert sum(part.weight for part in found) == pytest.approx(1)
    assert len(found) == 1 or len(text) > LONG
    at = 0
    for part in found:
        assert part.start >= at
        assert own[part.start : part.start + len(part.text)] == part.text
        at = part.start + len(part.text)
