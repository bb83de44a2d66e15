"""Completion: what is offered, that it can be read, and that no text is too much for it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from listen.model import STAGES
from listen.query import QueryError, parse
from listen.query.complete import Candidate, Known, Name, complete
from listen.query.described import FIELDS, FLAGS
from listen.query.lex import FIELDS as ALL_FIELDS
from listen.query.lex import PLACES

KNOWN: Known = {
    "topic": [Name("acme", "brand"), Name("charger recall", "theme"), Name("rival"), Name("Café")],
    "source": [Name("hackernews", "1,204"), Name("mastodon")],
    "author": [Name("claire", "Claire D."), Name("Le Monde"), Name('say "x"'), Name("a*b"), Name("x\x1b[2J")],
    "lang": [Name("fr", "French"), Name("de", "German")],
    "#": [Name("acmefail", "12"), Name("acme"), Name("two words")],
    "@": [Name("claire")],
    "day": [Name("2026-11-21", "today")],
    "list": [Name("staff", "2 names"), Name("press room"), Name("acme")],
    "view": [Name("crisis", "acme"), Name("to do", "rival")],
    "site": [Name("lemonde.fr")],
}


def texts(text: str, column: int | None = None) -> list[str]:
    return [one.text for one in complete(text, len(text) if column is None else column, KNOWN).candidates]


@pytest.mark.parametrize(
    ("text", "offered"),
    [
        ("so", ["source:"]),
        ("acme AND so", ["source:"]),
        ("(so", ["source:"]),
        ("-so", ["source:"]),
        ("SO", ["source:"]),
        ("topic:", ["acme", '"charger recall"', "rival", "Café", "@staff", '"@press room"', "@acme"]),
        ("author:@st", ["@staff"]),
        ("-author:(bob @pr", ['"@press room"']),
        ("site:@", ["@staff", "@acme"]),
        ("site:le", ["lemonde.fr"]),
        ("lang:@st", []),
        ("view:cr", ["crisis"]),
        ("view:t", ['"to do"']),
        ("topic:ch", ['"charger recall"']),
        ("topic:rec", ['"charger recall"']),
        ("topic:caf", ["Café"]),
        ('topic:"ch', ['"charger recall"']),
        ("TOPIC:AC", ["acme"]),
        ("-topic:ri", ["rival"]),
        ("topic:(acme ri", ["rival"]),
        ("topic:(ri", ["rival"]),
        ("source:h", ["hackernews"]),
        ("author:@cl", ["claire"]),
        ("author:mon", ['"Le Monde"']),
        ("author:a", []),
        ("author:s", []),
        ("author:x", []),
        ("lang:f", ["fr"]),
        ("kind:re", ["reply", "repost", "review"]),
        ("status:d", ["done", "dismissed"]),
        ("is:st", ["starred"]),
        ("has:l", ["link"]),
        ("sentiment:n", ["neg", "neu", "none"]),
        ("toward:riv", ["rival:neg", "rival:pos"]),
        ("toward:acme:n", ["acme:neg", "acme:neu", "acme:none"]),
        ("since:3", ["3m", "3h", "3d", "3w"]),
        ("since:2026", ["2026-11-21"]),
        ("likes:>1", [">10", ">1k"]),
        ("#ac", ["#acmefail", "#acme"]),
        ("#tw", []),
        ("a @c", ["@claire"]),
        ("acme O", ["OR"]),
        ("acme n", ["NOT", "NEAR/5"]),
        ("acme", ["topic:acme"]),
        ("starr", ["is:starred"]),
        ("topic:acme", []),
        ('"so', []),
        ("{so", []),
        ("<<< so", []),
        ("title:so", []),
        ("title:(acme so", []),
        ("title:(acme o", ["OR"]),
        ("title:acme so", ["source:"]),
    ],
)
def test_what_is_offered(text: str, offered: list[str]) -> None:
    found = [one.rstrip() for one in texts(text)]
    assert found[: len(offered)] == offered
    if not offered or ":" in text:
        assert len(found) == len(offered)


def test_an_empty_query_offers_the_fields() -> None:
    assert texts("")[:3] == ["topic:", "source:", "sentiment:"]
    assert texts("acme ")[:3] == ["OR ", "topic:", "source:"]
    assert texts("acme OR ")[:1] == ["topic:"]


def test_a_caret_inside_a_word_completes_nothing() -> None:
    assert texts("source:hack", 3) == []
    assert texts("source:hack", 9) == []
    assert texts("so rival", 2) == ["source:"]
    assert texts("(so)", 3) == ["source:"]


def test_a_quote_that_is_there_already_is_not_doubled() -> None:
    text = 'topic:"ch" rival'
    found = complete(text, 9, KNOWN)
    assert text[: found.start] + found.candidates[0].text + text[found.end :] == 'topic:"charger recall" rival'


def test_what_all_have_in_common() -> None:
    assert complete("#ac", 3, KNOWN).common() == "#acme"
    assert complete("kind:re", 7, KNOWN).common() == "re"
    assert complete('"x', 2, KNOWN).common() == ""


def test_every_candidate_says_what_it_is() -> None:
    assert set(FIELDS) == set(ALL_FIELDS)
    for text in ("", "acme ", "is:", "has:", "status:", "kind:", "sentiment:", "since:", "likes:", "hour:", "weekday:"):
        assert all(one.word for one in complete(text, len(text), KNOWN).candidates), text


def test_what_comes_later_says_so() -> None:
    (reach,) = complete("reach", 5, KNOWN).candidates
    assert reach == Candidate("reach:", "how many it reached; comes later", True)
    assert complete("reach:1", 7, KNOWN).note == "how many it reached; comes later"


def test_intents_and_stages_are_offered_with_their_meaning() -> None:
    assert complete("intent:(delivery co", 19, KNOWN).candidates == (
        Candidate("complaint", "something went wrong for them"),
    )
    assert [one.text for one in complete("stage:", 6, KNOWN).candidates] == list(STAGES)
    known = {**KNOWN, "intent": (Name("warranty", "it is still covered"),)}
    assert complete("intent:warr", 11, known).candidates == (Candidate("warranty", "it is still covered"),)


def test_where_nothing_can_be_listed_a_word_says_what_is_wanted() -> None:
    assert "link" in complete("url:", 4, KNOWN).note
    assert "ends it" in complete('"so', 3, KNOWN).note
    assert "cannot stand inside title:( )" in complete("title:(a lang:", 14, KNOWN).note


def test_the_words_on_values_are_those_of_the_language() -> None:
    for name in FLAGS:
        parse(name)


names = st.lists(st.builds(Name, st.text(max_size=8)), max_size=3)
known = st.fixed_dictionaries(dict.fromkeys(("topic", "author", "#", "lang"), names))
before = st.sampled_from(
    [
        "", "acme ", "acme OR ", "(", "(acme AND ", "NOT ", "-", "title:(acme ", "title:acme ", '"a b" ', "{Acme} ",
        "bat* ", "lang:fr ", "lang:(fr de) ", "a NEAR/3 b ", "#tag ", "a b) ", "<<< c >>> ", "a - b ", "te?t ",
        "title:", "東京 ",
    ]
)  # fmt: skip
opened = st.sampled_from(["", "(", '"', "(a "])
started = st.one_of(
    st.text(max_size=4),
    st.builds("{}:{}{}".format, st.sampled_from(ALL_FIELDS), opened, st.text(max_size=2)),
    st.sampled_from(["o", "N", "na", "#", "@", "#a", "ac", "so", "sta", "pos"]),
)


@given(before, started, known)
def test_a_candidate_can_be_read_where_a_term_could(head: str, typed: str, known: Known) -> None:
    text = head + typed
    found = complete(text, len(text), KNOWN | dict(known))
    if not any(_reads(text[: found.start] + value) for value in VALUES):
        return
    for candidate in found.candidates:
        made = text[: found.start] + candidate.text + (_value(candidate.text) if candidate.goes_on else "")
        assert _reads(made), made


VALUES = ("x:neg", "x", "fr", "1", "2h", "mon", "starred", "new", "post", "link", "buy")
"""Each field reads one of them."""


def _value(candidate: str) -> str:
    if not candidate.endswith(":") or candidate[:-1] in PLACES:
        return "x"
    for value in VALUES:
        if _reads(candidate + value):
            return value
    raise AssertionError(candidate)


def _reads(text: str) -> bool:
    """Whether it can be read once the groups and lists in it are closed."""
    for end in ("", ")", "))"):
        try:
            parse(text + end)
        except QueryError:
            continue
        return True
    return False


@given(st.text(max_size=40), st.integers(-5, 50), known)
def test_no_text_is_too_much(text: str, column: int, known: Known) -> None:
    found = complete(text, column, known)
    assert 0 <= found.start <= found.end <= len(text)


SIGNS = st.text(alphabet='a:(")-#@{}<>~*? ﷺ\x1b\ud800/,', max_size=30)


@given(SIGNS, st.integers(0, 30))
def test_no_sign_is_too_much(text: str, column: int) -> None:
    found = complete(text, column, KNOWN)
    assert 0 <= found.start <= found.end <= len(text)


@pytest.mark.parametrize("part", ["(", '"', "a:", "-", "lang:(", "<<<", "#", "a "])
def test_a_long_text_is_no_matter(part: str) -> None:
    text = part * 9_000
    complete(text, len(text), KNOWN)
