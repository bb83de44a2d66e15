"""Why a mention matches: the clauses that hold, and the characters that made them hold."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from listen.model import Author, Mention
from listen.query import QueryError, parse, tree
from listen.query.match import Subject, compile
from listen.query.spans import _PLACES, Clause, Field, Sought, Why, merged
from listen.text import clean, placed_tokens, tokens
from tests.query.test_match import WORDS
from tests.text.foreign import foreign

NOW = 1_770_000_000.0

IN_WORDS = (tree.Words, tree.Near, tree.Pattern, tree.Exact, tree.Mark)


def mention(text: str = "", **more: Any) -> Mention:
    return Mention(**{"id": 0, "network": "n", "external_id": "1", "kind": "post", "text": text, **more})


def why(query: str, text: str = "", **more: Any) -> list[Clause] | None:
    return Why(Subject.of(mention(text, **more)), NOW).clauses(parse(query))


def lit(query: str, text: str, title: str = "") -> list[str] | None:
    """The characters that made it match, the title's first."""
    clauses = why(query, text, title=title or None)
    if clauses is None:
        return None
    found = [title[a:b] for clause in clauses for a, b in clause.title]
    return found + [text[a:b] for clause in clauses for a, b in clause.text]


@pytest.mark.parametrize(
    ("query", "text", "found"),
    [
        ("acme", "Acme, ACME and acmes", ["Acme", "ACME"]),
        ("été", "ETE, L’Été, e\u0301te\u0301", ["ETE", "Été", "e\u0301te\u0301"]),
        ('"battery life"', "Battery-life; battery, life", ["Battery-life", "battery, life"]),
        ("bat*", "batteries, combat, bat", ["batteries", "bat"]),
        ('"the bat*"', "the batteries of the bat", ["the batteries", "the bat"]),
        ("te?t", "text TEST texts", ["text", "TEST"]),
        ("te?t*", "texts", ["texts"]),
        ("#acme", "#Acme acme #acmefail", ["#Acme"]),
        ("acme", "#Acme", ["Acme"]),
        ("@claire", "ask @Claire@mastodon.social", ["@Claire"]),
        ("@claire@mastodon.social", "ask @claire@mastodon.social", ["@claire", "claire@mastodon.social"]),
        ("東京", "東京都へ", ["東京"]),
        ("東京都", "大東京都庁", ["東京都"]),
        ("東", "京東、東京", ["東", "東"]),
        ("😀", "great😀! 😀", ["😀", "😀"]),
        ("❤", "a ❤️b", ["❤️"]),
        ("{Orange}", "Orange or orange, ROrange", ["Orange"]),
        ("{Acme Corp}", "the Acme\n Corp", ["Acme\n Corp"]),
        ("{C++}", "C++ or c++", ["C++"]),
        ("{Orange}", "Orange: https://a.example/Orange", ["Orange"]),
        ("acme", "https://acme.example/acme acme", ["acme"]),
        ("acme", "Ａｃｍｅ and a\u200bcme", ["Ａｃｍｅ", "a\u200bcme"]),
        ("secret", "s\u0336e\u0336cret", ["s\u0336e\u0336cret"]),
        ('"battery died"~1', "battery … a b c battery just died", ["battery", "died"]),
        ("battery ONEAR/1 died", "died battery so died died", ["battery", "died"]),
        ('"a a"~0', "a b a a", ["a", "a"]),
        ('"new york" NEAR/1 city', "city of new york", ["city", "new york"]),
        ("battery died", "died: battery", ["battery", "died"]),
        ("battery -toy", "battery", ["battery"]),
        ("battery OR charger", "charger", ["charger"]),
        ("battery OR charger", "charger, battery", ["battery", "charger"]),
        ("(lang:fr battery) OR charger", "charger, battery", ["charger"]),
        ("(battery -charger) OR charger", "charger, battery", ["charger"]),
        ("NOT (battery OR NOT charger)", "charger", ["charger"]),
        ("-toy", "battery", []),
        ("", "battery", []),
        ("has:link OR battery", "battery", ["battery"]),
        ("toy", "battery", None),
        ("battery -charger", "battery charger", None),
        ("½ OR 2", "½", ["½", "½"]),
    ],
)
def test_what_made_it_match(query: str, text: str, found: list[str] | None) -> None:
    assert lit(query, text) == found


def test_title_and_text_are_told_apart() -> None:
    assert lit("title:acme", "acme", "Acme") == ["Acme"]
    assert lit("text:acme", "acme", "Acme") == ["acme"]
    assert lit("acme", "acme", "Acme") == ["Acme", "acme"]
    assert lit("title:acme", "acme", "x") is None
    assert lit('"acme x"~3', "acme x", "acme and x") == ["acme", "x", "acme", "x"]


def test_clauses_tell_where_they_stand_in_the_query() -> None:
    query = "(battery OR charger) lang:en author:ana"
    clauses = why(query, "a charger", lang="en", author=Author("ana"))
    assert clauses is not None
    assert [query[slice(*clause.node.span)] for clause in clauses] == ["charger", "lang:en", "author:ana"]
    assert [clause.text for clause in clauses] == [((2, 9),), (), ()]


@pytest.mark.parametrize(("query", "title", "text", "answer"), WORDS)
def test_it_agrees_with_the_predicate(query: str, title: str | None, text: str, answer: bool) -> None:
    clauses = why(query, text, title=title)
    assert (clauses is not None) is answer
    if answer and parse(query) != tree.All():
        assert all(clause.title or clause.text for clause in clauses or () if isinstance(clause.node, IN_WORDS))


# --- any query, any text ---------------------------------------------------------------------------------------------

VOICES = (
    "acme",
    "Été",
    "a",
    "b",
    "toy",
    "東京都",
    "京",
    "😀",
    "#acme",
    "@ana",
    "x²",
    "ﬁne",
    "don't",
    "https://a.example/a",
)
texts = st.lists(st.sampled_from(VOICES) | foreign, max_size=12).map(lambda words: clean(" ".join(words))[0])
leaves = st.one_of(
    st.sampled_from(VOICES[:-1]),
    st.sampled_from(
        [
            "ac*",
            "a?me",
            "{Été}",
            "{acme}",
            "{a}",
            '"a b"',
            '"a b"~2',
            "a ONEAR/2 b",
            '"a a b"~3',
            "lang:en",
            "東",
            "fi*",
            '"b 東"',
        ]
    ),
    texts.map(lambda text: '"' + text.replace('"', "") + '"'),
    texts.map(lambda text: "{" + text.replace("{", "").replace("}", "") + "}"),
)
queries = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.lists(inner, min_size=2, max_size=3).map(lambda all_of: "(" + " ".join(all_of) + ")"),
        st.lists(inner, min_size=2, max_size=3).map(lambda some: "(" + " OR ".join(some) + ")"),
        inner.map(lambda one: f"(NOT {one})"),
    ),
    max_leaves=6,
)


def parsed(query: str) -> tree.Node:
    try:
        return parse(query)
    except QueryError:
        assume(False)
        raise


@given(query=queries, title=st.none() | texts, text=texts)
def test_it_holds_when_the_predicate_does_and_every_clause_in_words_has_a_place(
    query: str, title: str | None, text: str
) -> None:
    node, subject = parsed(query), Subject.of(mention(text, title=title, lang="en"))
    clauses = Why(subject, NOW).clauses(node)
    assert (clauses is not None) == compile(node, NOW)(subject)
    for clause in clauses or ():
        if isinstance(clause.node, IN_WORDS):
            assert clause.title or clause.text
        assert_places(clause, title or "", text)


def assert_places(clause: Clause, title: str, text: str) -> None:
    """The spans lie on borders of tokens, and hold what the clause looks for."""
    for field, spans in ((title, clause.title), (text, clause.text)):
        words, marks = placed_tokens(field)
        starts, ends = {one.start for one in words + marks}, {one.end for one in words + marks}
        assert list(spans) == sorted(spans)
        for start, end in spans:
            written = field[start:end]
            match clause.node:
                case tree.Exact(said):
                    assert written.split()[0].startswith(said.split()[0])
                    continue
                case tree.Words(wanted, prefix=True):
                    assert any(token.startswith(wanted[-1]) for token in tokens(written)[0])
                case tree.Words(wanted):
                    assert set(wanted) <= {one.token for one in words if start <= one.start and one.end <= end}
                case tree.Near(parts):
                    assert any(set(part) <= {one.token for one in words if one.end <= end} for part in parts)
                case tree.Mark(token):
                    assert token in {one.token for one in marks if (one.start, one.end) == (start, end)}
            assert start in starts
            assert end in ends or len(written) == 1


@given(query=foreign, text=foreign)
def test_it_never_raises(query: str, text: str) -> None:
    node = parsed(query)
    subject = Subject.of(mention(text))
    assert (Why(subject, NOW).clauses(node) is not None) == compile(node, NOW)(subject)


def test_many_equal_words_do_not_take_long() -> None:
    """Each of the windows of a distance is searched for, in a text where every word could be part of many."""
    query = '"a a a a a a a b"~50'
    assert lit(query, "a " * 1_000) is None
    found = lit(query, "a " * 990 + "b " + "a " * 10)
    assert found is not None
    assert "b" in found


WRITTEN = ["acme", "Acme", "batt", "battery", "died", "@Joe_x", "#acme", "_", "-", "'", "\n", "a1", "é"]
plain = st.lists(st.sampled_from(WRITTEN), max_size=12).map(lambda words: " ".join(words).replace(" - ", "-"))
sought = st.sampled_from(
    [
        *("acme", "acme battery", '"battery died"', "bat*", "#acme", "@joe_x", "te?t OR b?ttery", "acme NEAR/2 died"),
        *("{Acme}", "a1 OR x"),
    ]
)


@given(sought, plain)
def test_in_plain_texts_words_stand_where_their_tokens_do(query: str, text: str) -> None:
    leaves = [node for node in tree.walk(parse(query)) if type(node) in _PLACES]
    slow = merged(span for leaf in leaves for span in _PLACES[type(leaf)](leaf, Field(text)))
    assert Sought(parse(query)).spans(Field(text)) == slow
