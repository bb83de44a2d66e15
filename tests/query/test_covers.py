"""What is asked of search engines: every mention that a topic matches is found by at least one question."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from listen.model import Mention
from listen.query import parse, search_terms, searches
from listen.query.match import Subject, compile
from listen.query.tree import And, Or
from sources.packing import packed
from tests.query.test_topics import NOW, mentions, queries


def found_by(question: str, subject: Subject) -> bool:
    """What X and Reddit document: words, "phrases", #tags, a blank for AND, OR, brackets; no case, no accents."""
    return compile(parse(question), NOW)(subject)


@given(st.lists(queries, min_size=1, max_size=4), mentions)
def test_every_match_of_every_topic_is_found_by_a_question(texts: list[str], mention: Mention) -> None:
    nodes = [parse(text) for text in texts]
    subject = Subject.of(mention)
    terms, expressions = search_terms(*nodes), searches(*nodes, longest=60)
    assert bool(terms) == bool(expressions)
    if terms and any(compile(node, NOW)(subject) for node in nodes):
        assert any(found_by(f'"{term}"' if " " in term else term, subject) for term in terms)
        assert any(found_by(question, subject) for question in packed(expressions, " OR ", 60))


@pytest.mark.parametrize(
    ("topics", "terms", "expressions"),
    [
        (["acme"], ["acme"], ["acme"]),
        (["acme OR rival"], ["acme", "rival"], ["acme", "rival"]),
        (['acme OR "acme battery" OR #acmefail'], ["acme", "#acmefail"], ["acme", "#acmefail"]),
        (["acme", "acme battery", "rival acme"], ["acme"], ["acme"]),
        (["acme battery", "battery"], ["battery"], ["battery"]),
        (["acme battery"], ["battery"], ["acme battery"]),
        (["(acme OR rival) battery NOT toy"], ["battery"], ["(acme OR rival) battery"]),
        (["(acme red) OR (acme extraordinary)"], ["acme"], ["acme red", "acme extraordinary"]),
        (['"battery life" OR battery'], ["battery"], ["battery"]),
        (["battery NEAR/5 (died OR dead)"], ["battery"], ["battery died", "battery dead"]),
        (
            ["rival NEAR/5 (charger OR battery)", "acme", "a (b OR c acme)"],
            ["rival", "acme", "a"],
            ["rival charger", "rival battery", "acme", "a (b OR c acme)"],
        ),
        (["{Orange} lang:fr"], ["orange"], ["orange"]),
        (["Été"], ["ete"], ["ete"]),
        (["{C++} OR #a_b"], ["c++", "#a_b"], ['"c++"', "#a_b"]),
        (["東京都"], ["東京都"], ["東京都"]),
        (['"東京都 大阪"'], ["東京都 大阪"], ['"東京都 大阪"']),
        (['"e bik*"'], ["e"], ["e"]),
        (["bat*"], [], []),
        (["te?t"], [], []),
        (["-toy"], [], []),
        (["lang:fr"], [], []),
        (["acme OR bat*"], [], []),
        (["acme", "lang:fr"], [], []),
        ([""], [], []),
    ],
)
def test_what_is_asked(topics: list[str], terms: list[str], expressions: list[str]) -> None:
    nodes = [parse(text) for text in topics]
    assert search_terms(*nodes) == terms
    assert searches(*nodes, longest=512) == expressions


def test_a_branch_that_is_too_long_is_said_in_fewer_words() -> None:
    (node,) = [parse("acme (battery OR charger OR cable OR adapter) (broken OR dead)")]
    assert searches(node, longest=80) == ["acme (battery OR charger OR cable OR adapter) (broken OR dead)"]
    assert searches(node, longest=40) == ["acme"]


def test_a_query_of_thousands_of_words_is_covered_in_a_moment() -> None:
    words = [f"w{number}" for number in range(1_500)]
    wide, deep = parse(" OR ".join(words)), parse(" ".join(words))
    assert isinstance(wide, Or)
    assert isinstance(deep, And)
    assert searches(wide, longest=512) == search_terms(wide) == words
    assert searches(deep, longest=512) == search_terms(deep)
    assert len(packed(words, " OR ", 512)) == -(-sum(len(word) + 4 for word in words) // 512)


@given(st.lists(st.text("ab", min_size=1, max_size=9), max_size=12))
def test_packing_keeps_all_and_leaves_no_room_for_another_question(parts: list[str]) -> None:
    questions = packed(parts, "|", 10)
    assert sorted(part for question in questions for part in question.split("|")) == sorted(set(parts))
    assert all(len(question) <= 10 for question in questions)
    assert all(len(one) + 1 + len(other) > 10 for one, other in itertools.pairwise(questions))


def test_packing_sorts_where_that_saves_a_question() -> None:
    assert packed(["aaaa", "bb", "cccccc", "dddddd"], "|", 11) == ["cccccc|aaaa", "dddddd|bb"]
    assert packed(["aaaa", "bb", "cc"], "|", 7) == ["aaaa|bb", "cc"]
