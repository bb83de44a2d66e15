"""Noise is folded away, unless a query speaks of it."""

from __future__ import annotations

import pytest

from listen.query import parse, tree
from listen.query.folding import NOISE, folded, folded_away


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
