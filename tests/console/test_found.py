"""Words that were looked for are marked in a row, and nothing of the row is lost."""

from __future__ import annotations

import pytest
from rich.segment import Segment
from rich.style import Style

from listen.console.found import marked
from listen.query import parse

PLAIN, FAINT, FOUND = Style(color="white"), Style(dim=True), Style(reverse=True)


def lit(pieces: list[Segment], text: str, start: int = 0) -> list[str]:
    made = marked(pieces, parse(text), start, FOUND)
    assert "".join(piece.text for piece in made) == "".join(piece.text for piece in pieces)
    return [piece.text for piece in made if piece.style and piece.style.reverse]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("battery", ["Battery"]),
        ("bat*", ["Battery", "batch"]),
        ('"the battery"', ["the Battery"]),
        ("ete", ["été"]),
        ("東京", ["東京"]),
        ("nothing", []),
        ("battery NOT batch", ["Battery"]),
        ("author:bob", []),
        ("battery OR batch", ["Battery", "batch"]),
    ],
)
def test_words_are_marked(text: str, words: list[str]) -> None:
    assert lit([Segment("the Battery of a batch, été à 東京", PLAIN)], text) == words


def test_columns_before_the_text_stay_as_they_are() -> None:
    pieces = [Segment("acme  acme", FAINT), Segment(" acme too", PLAIN)]
    assert lit(pieces, "acme", start=6) == ["acme", "acme"]
    assert lit(pieces, "acme", start=10) == ["acme"]
    assert lit(pieces, "acme", start=99) == []


def test_wide_signs_before_the_text_are_counted_in_cells() -> None:
    assert lit([Segment("東京 acme", FAINT)], "acme", start=5) == ["acme"]
    assert lit([Segment("東京 acme", FAINT)], "東京", start=5) == []
