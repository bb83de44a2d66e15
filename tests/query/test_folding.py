"""Noise is folded away, unless a query speaks of it."""

from __future__ import annotations

import pytest

from listen.query import parse, tree
from listen.query.folding import NOISE, counted, folded, folded_away, left_out


@pytest.mark.parametrize("text", ["is:noise", "acme -is:noise", "is:(own noise)", "acme OR (b is:noise)"])
def test_who_speaks_of_noise_gets_what_they_ask(text: str) -> None:
    node = parse(text)
    assert folded(node) is node
    assert folded_away(node) is None


def test_the_rest_is_rid_of_noise() -> None:
    assert folded(parse("")) == tree.Not(NOISE)
    assert folded_away(parse("")) == NOISE
    either = folded(parse("acme OR b"))
    assert isinstance(either, tree.And)
    assert either.items[1:] == (tree.Not(NOISE),)
    both = folded(parse("topic:acme died"))
    assert isinstance(both, tree.And)
    assert len(both.items) == 3, "one level: what looks for the topic of a view finds it"


def test_what_was_taken_away_leaves_numbers_where_it_can_be_found_at_all() -> None:
    """Neither a topic nor a word finds it, so that they need not ask."""
    gone = tree.Facet("is", ("deleted", "withheld"))
    for text in ("", "source:press", "topic:acme OR source:press", "-battery"):
        found = counted(parse(text))
        assert isinstance(found, tree.And)
        assert found.items[-1] == tree.Not(gone)
        assert [*left_out(parse(text))] == ["noise", "own", "dismissed", "deleted"]
    for text in ("topic:acme source:press", "battery", "is:deleted", "has:topic", "source:press is:withheld"):
        assert "deleted" not in left_out(parse(text))
        assert tree.Not(gone) not in tree.walk(counted(parse(text)))
