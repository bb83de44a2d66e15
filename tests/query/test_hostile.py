"""No query costs much to read, check, translate, complete or explain: measured as calls, not as time."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest

from listen import query
from listen.query import QueryError, book, lint, match, spans, translate
from listen.query.complete import complete

MOST = 1_500_000
"""Calls of functions, Python's own among them, that one question may take: some 0.1 s."""

TEXT = ("battery a b c " * 150)[:2_000]

HOSTILE = {
    "parentheses": "(" * 10_000, "64 levels": "(" * 64 + "a" + ")" * 64, "100 KB of a OR": "a OR " * 20_000,
    "16 KB of a OR": "a OR " * 3_200 + "a", "many words": " OR ".join(f"w{n}" for n in range(1_800)),
    "stars": "*" * 10_000, "star": "*", "quotes": '"' * 9_999, "an open quote": '"a b',
    "FTS5": 'a NEAR(b c, 5) AND col:x ^y NOT {a b}: "c" * + d', "NUL": "a\0b " * 2_000, "emoji": "👍" * 4_000,
    "emoji, 400 KB": "👍" * 100_000, "emoji, apart": "👍 " * 3_000, "NOT": "NOT " * 3_900 + "a",
    "-": "-" * 10_000 + "a",
    "NEAR": " NEAR/5 ".join(["a"] * 1_500), "braces": "{" * 8_000, "comments": "<<<" * 5_000,
    "fields": "title:" * 2_600,
    "question marks": "a" + "?" * 15_000, "patterns": " ".join(["a?b?c"] * 2_600), "spellings": "{a} " * 1_900,
    "names": "author:(" + " ".join(f"x{n}" for n in range(2_300)) + ")", "ranges": "likes:1..2 " * 1_400,
    "accents": "e" + "\u0301" * 8_000, "a long phrase": '"' + "a " * 8_000 + '"',
    "LIKE": "100% _ " * 2_000, "distinct patterns": " OR ".join(f"a{chr(97 + n % 26)}?{n}" for n in range(1_500)),
    "tags and handles": "#a @b " * 2_700, "groups within": " OR ".join(["((a OR b OR c) (d OR e OR f))~5"] * 28),
    "an AND of ORs": " ".join(["(likes:>1 OR replies:>2 OR a)"] * 400),
    "sources": " OR ".join(f"source:x{n}" for n in range(900)),
    "SQL": "'; DROP TABLE mentions;--", "a pattern for a regex": "(a+)+$" * 2_000,
}  # fmt: skip


class _TooMuch(BaseException):
    """It goes on and on."""


def counted(run: Callable[[], object], most: int = MOST) -> None:
    """Run it, and fail when it calls more functions than that."""
    left = most

    def called(_frame: Any, event: str, _argument: Any) -> None:
        nonlocal left
        left -= event.endswith("call")
        if left < 0:
            sys.setprofile(None)
            raise _TooMuch

    before = sys.getprofile()
    sys.setprofile(called)
    try:
        with suppress(QueryError):
            run()
    finally:
        sys.setprofile(before)


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_nothing_that_is_typed_costs_much(text: str) -> None:
    for ask in (query.parse, query.hints, lint.lint, translate.translate):
        counted(lambda ask=ask: ask(text))  # type: ignore[misc]
    for column in (0, len(text) // 2, len(text)):
        counted(lambda column=column: complete(text, column, {}))  # type: ignore[misc]
    with suppress(QueryError):
        node = query.parse(text)
        counted(lambda: match.compile(node, 0.0))
        counted(lambda: spans.places(node, TEXT))
        nested = {f"v{n}": query.parse(" ".join([f"view:v{n + 1}"] * 3)) for n in range(60)} | {"v60": node}
        counted(lambda: book.resolved(query.parse("view:v0"), book.Book(nested)))


def test_equal_parts_are_looked_for_once() -> None:
    assert spans.places(query.parse("a OR " * 3_000 + "b"), "a b a") == ((0, 1), (2, 3), (4, 5))


def test_many_spellings_are_made_only_where_their_words_stand() -> None:
    match.spelling.cache_clear()
    node = query.parse(" OR ".join(f"{{W{n}}}" for n in range(1_000)))
    assert spans.places(node, "w1 W2") == ((3, 5),)
    assert match.spelling.cache_info().misses <= 2


@pytest.mark.parametrize(
    ("theirs", "ours"), [("NOT NOT a", "a"), ("NOT NOT NOT a", "NOT a"), ("NOT " * 3_999 + "a", "NOT a")]
)
def test_however_many_turns_are_translated_as_one(theirs: str, ours: str) -> None:
    assert translate.translate(theirs).text == ours
