"""Leaps through a list of terms find all that fit a pattern, and no more of the list is read than that takes."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from listen.model import Author
from listen.query import parse
from listen.store import patterns
from listen.store.patterns import beyond, fits
from listen.store.read import Reader
from tests.store.posts import NOW, Desk, make_post

signs = st.sampled_from("abcé東🔥\U0010ffff")
lists = st.lists(st.text(signs, min_size=1, max_size=5), max_size=60, unique=True).map(sorted)
tokens = st.tuples(signs, st.text(st.one_of(st.just("?"), signs), max_size=3)).map("".join)


def _seen(token: str, terms: Sequence[str]) -> list[str]:
    """The terms that are looked at."""
    seen: list[str] = []
    at: str | None = token.partition("?")[0]
    while at is not None and (place := bisect_left(terms, at)) < len(terms):
        seen.append(terms[place])
        at = beyond(token, terms[place])
        assert at is None or at > terms[place]
    return seen


@given(token=tokens, terms=lists, prefix=st.booleans())
@example("a?\U0010ffff", ["a\U0010ffff\U0010ffff", "b"], True)
def test_every_term_that_fits_is_seen(token: str, terms: list[str], prefix: bool) -> None:
    found = {term[: len(token)] for term in _seen(token, terms) if fits(token, term, prefix)}
    wanted = {
        term[: len(token)]
        for term in terms
        if (len(term) == len(token) or (prefix and len(term) > len(token)))
        and all(mine in ("?", theirs) for mine, theirs in zip(token, term, strict=False))
    }
    assert found == wanted


def test_few_terms_are_looked_at() -> None:
    terms = sorted(f"te{one}{two}{three}" for one in "abcdefgh" for two in "rstu" for three in "xyz")
    assert len(_seen("te?t", [*terms, "teft"])) <= 3 * 8


@pytest.fixture
def many(desk: Desk) -> Desk:
    words = ["test", "text", "teat", "tents", "tension", "tést", "te", "toast", "team"]
    desk.add([make_post(word, f"the {word} of it") for word in words])
    return desk


@pytest.mark.parametrize("leaps", [1, 3, 600])
def test_a_pattern_finds_its_words_however_far_the_terms_are_read(
    many: Desk, store_path: object, leaps: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patterns, "LEAPS", leaps)
    with Reader(str(store_path)) as reader:
        counts = [
            reader.count(parse(text), now=NOW).n for text in ("te?t", "ten?*", "te?t OR toast", "the -te?t", "te?z")
        ]
    assert counts == [4, 2, 5, 5, 0]


def test_a_pattern_is_asked_while_another_branch_is_being_read(desk: Desk, store_path: object) -> None:
    desk.add([make_post(str(n), f"test {n}", author=Author(f"a{n}", followers=n)) for n in range(12)])
    with Reader(str(store_path)) as reader:
        assert reader.count(parse("followers:>5 OR te?t"), now=NOW).n == 12


def test_where_no_term_fits_no_mention_is_read(many: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    connection = many.connection
    connection.create_function(patterns.BEYOND, 2, beyond)
    patterns.show(connection, parse("te?z"))
    asked = patterns.filled(connection, 1, f"{{title text}} : {patterns.said('te?z', False)}")
    assert patterns.NOBODY in asked
    assert many.found(asked) == []
    asked = patterns.filled(connection, 1, f"({patterns.said('te?t', False)}) AND ({patterns.said('th?', True)})")
    assert len(many.found(asked)) == 4
