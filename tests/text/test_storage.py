"""The gate to storage."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from listen.text import clean
from tests.text.foreign import foreign


@given(foreign, st.integers(1, 40), st.booleans())
def test_what_is_stored_can_be_stored_and_is_not_cleaned_again(text: str, limit: int, lines: bool) -> None:
    cleaned, _ = clean(text, limit, lines=lines)
    cleaned.encode("utf-8")
    assert "\0" not in cleaned
    assert "\r" not in cleaned
    assert unicodedata.is_normalized("NFC", cleaned)
    assert len(cleaned) <= limit
    assert clean(cleaned, limit, lines=lines) == (cleaned, False)


@given(foreign)
def test_a_text_within_its_limit_is_not_called_truncated(text: str) -> None:
    assert clean(text, 1_000)[1] is False


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("e\u0301", "é"),
        ("sec\0ret", "secret"),
        ("cut \ud83d here", "cut \ufffd here"),
        ("\ude00\ud83d", "\ufffd\ufffd"),
        ("\ud83d\ude00", "😀"),
        ("a\r\nb\rc\n", "a\nb\nc"),
        (" \n two\tcells \u2028", "two\tcells"),
        ("\x1b[2J\u202eevil\u2069 \u200b", "\x1b[2J\u202eevil\u2069 \u200b"),
        ("", ""),
        (" \n", ""),
    ],
)
def test_storage_changes_what_it_must_and_nothing_else(text: str, stored: str) -> None:
    assert clean(text) == (stored, False)


def test_a_title_is_one_line_with_its_own_signs() -> None:
    assert clean("A\n\t title \r\n with\u2028blanks  and 5\u00a0€", 500, lines=False) == (
        "A title with blanks and 5\u00a0€",
        False,
    )


@pytest.mark.parametrize(
    ("text", "limit", "stored"),
    [
        ("abcdef", 3, "abc"),
        ("ab cdef", 3, "ab"),
        ("ab👍🏽", 3, "ab"),
        ("a👨\u200d👩\u200d👧", 4, "a"),
        ("a❤\ufe0f", 2, "a"),
        ("दिन", 1, "द"),
        ("बादिन", 4, "बादि"),
        ("बाकिन", 3, "बा"),
        ("x̂x̂", 3, "x̂"),
        ("🇫🇷🇩🇪", 3, "🇫🇷"),
    ],
)
def test_a_cut_tears_no_sign_from_what_belongs_to_it(text: str, limit: int, stored: str) -> None:
    assert clean(text, limit) == (stored, True)


def test_a_cut_in_an_endless_sign_is_made_anyway() -> None:
    assert clean("ab" + "\u0336" * 25, 20) == ("ab" + "\u0336" * 18, True)


def test_what_lies_far_behind_the_limit_is_cut_before_it_costs_anything() -> None:
    text, truncated = clean("e\u0301" * 1_000_000, 500)
    assert (text, truncated) == ("é" * 500, True)


def test_a_flood_of_marks_out_of_order_is_bounded() -> None:
    """Normalising sorts them in quadratic time; beyond thirty on one letter they are dropped."""
    text, _ = clean("a" + "\u0300" * 30_000 + "\u0316" * 30_000)
    assert len(text) <= 31
