"""Brand names as people type them, and worse: the query parses and finds the name, or the fault is told."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from listen import query
from listen.model import Prepared
from listen.query import brands, match
from listen.query.errors import QueryError
from listen.text import clean, tokens

NAMES = st.one_of(
    st.text(max_size=120),
    st.text(alphabet="{}()\"'“”[]#@:~*?-<>$AND ORNT/5 \x1b\n\x00é東京🔥+", max_size=40),
    st.sampled_from(
        ["AND", "OR", "NOT", "NEAR/5", "ONEAR/5", "title:acme", "sentiment:neg", "since:2h", "-toy", "bat*"]
    ),
)


def said(text: str) -> match.Subject:
    """A post that says this."""
    words, marks = tokens(text)
    post = Prepared("test", "1", "post", None, None, text, "", " ".join(words), marks)
    return match.Subject.fresh(post)


@given(NAMES, st.booleans(), st.lists(NAMES, max_size=3), st.lists(NAMES, max_size=3))
@example('"', False, [], [])
@example("\x1b]8;;http://x\x07Acme", False, [], [])
@example("x" * 300, False, [], [])
def test_any_name_makes_a_query_or_a_clear_fault(name: str, exact: bool, context: list[str], no: list[str]) -> None:
    words = [word for word in context if tokens(word)[0]]
    unwanted = [word for word in no if tokens(word)[0]]
    try:
        text = brands.brand_query(name, exact=exact, context=words, unwanted=unwanted)
    except QueryError as error:
        fault, text = error, ""
        told = fault.message and fault.caret(name)
    else:
        told = str(query.check_topic(query.parse(text)))
    assert told
    assert len(brands.search_text(text)) <= brands.SEARCH


@given(st.text(min_size=1, max_size=60))
@example("C++")
@example("L'Oréal")
@example("東京電力")
@example("🔥")
@example("AND")
def test_the_query_finds_a_text_that_says_the_name(name: str) -> None:
    try:
        node = query.parse(brands.brand_query(name))
        plain = brands.plain_name(name)
    except QueryError:
        return
    assert match.compile(node, 0.0)(said(clean(f"All say {plain}, today.", 10_000)[0]))


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("acme", "acme"),
        ("Acme Battery", '"Acme Battery" OR #acmebattery'),
        ("C++", "{C++}"),
        ("Yahoo!", '"Yahoo!"'),
        ("NOT", '"NOT"'),
        ("#acmefail", "#acmefail"),
        ('the "Acme"', '"the Acme" OR #theacme'),
    ],
)
def test_names_become_queries_that_people_would_write(name: str, wanted: str) -> None:
    assert brands.brand_query(name) == wanted


def test_a_common_word_is_asked_for_in_its_spelling_and_company() -> None:
    text = brands.brand_query("Orange", exact=True, context=["fibre", "mobile money"], unwanted=["juice"])
    assert text == '{Orange} (fibre OR "mobile money") NOT juice'
    finds = match.compile(query.parse(text), 0.0)
    assert finds(said("Orange has no fibre here"))
    assert not finds(said("orange juice and fibre"))
    assert not finds(said("Orange, fibre and juice"))
    assert not finds(said("An Orange"))


def test_context_holds_for_every_way_to_name_the_brand() -> None:
    text = brands.brand_query("Acme Battery", unwanted=["toy"])
    finds = match.compile(query.parse(text), 0.0)
    assert finds(said("my #acmebattery died"))
    assert not finds(said("my acme battery toy"))


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("acme", "acme"),
        ('"Acme Battery" OR #acmebattery', '"Acme Battery"'),
        ('{Orange} (fibre OR "mobile money") NOT juice', 'Orange (fibre OR "mobile money")'),
        ("acme lang:fr -toy", "acme"),
        ("acme OR lang:fr", ""),
        ("#acmefail", ""),
        ("bat*", ""),
        ("(big acme) OR bigco", "(big acme) OR bigco"),
        (" OR ".join(f"word{n}" for n in range(60)), ""),
    ],
)
def test_a_search_engine_is_asked_for_the_words(text: str, asked: str) -> None:
    assert brands.search_text(text) == asked


def test_the_first_tag_that_is_wanted() -> None:
    assert brands.first_tag("acme #acmefail NOT #toy") == "acmefail"
    assert brands.first_tag("acme NOT #toy") == ""


def test_the_first_name_that_is_wanted() -> None:
    assert brands.first_name("-toy {Orange} (fibre OR network)") == "Orange"
    assert brands.first_name('"Acme  Battery" OR #acmebattery') == "Acme Battery"
    assert brands.first_name("#acmefail acme") == "acmefail"
    assert brands.first_name("lang:fr") == ""


def test_words_are_excluded_from_any_query() -> None:
    assert brands.without("acme", []) == "acme"
    assert brands.without("acme", ["toy"]) == "acme NOT toy"
    assert brands.without("", ["toy"]) == "NOT toy"
    assert brands.without("acme OR rival", ["toy", "OR", "a:b"]) == '(acme OR rival) NOT (toy OR "OR" OR "a:b")'
    for text in ("acme OR rival", "acme -x", "", '"a b"~5', "topic:acme since:7d"):
        query.parse(brands.without(text, ["toy", "not"]))


def test_own_words_are_those_that_are_looked_for() -> None:
    assert brands.own_words('(acme OR "acme dock" NEAR/5 rival OR #AcmeFail) {Orange} -toy site:x.example') == (
        "acme acme dock rival acmefail Orange"
    )
    assert brands.own_words("") == ""
