"""Telling a brand from the word that it is: from how people write it, and from what was kept and refused."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from listen import query
from listen.insight.context import Judged, is_common, propose, removals, uses
from listen.model import Prepared
from listen.query.match import Subject, compile
from listen.text import tokens
from tests.collect.recipes import ORANGE

BRAND = [text for text in ORANGE if "Orange" in text]
FRUIT = [text for text in ORANGE if "Orange" not in text]


def found(text: str, said: str) -> bool:
    words, marks = tokens(said)
    post = Prepared("test", "1", "post", None, None, said, "", " ".join(words), marks)
    return compile(query.parse(text), 0.0)(Subject.fresh(post))


def test_uses_are_counted_in_the_middle_of_sentences_of_people_who_use_capitals() -> None:
    assert uses("orange", ["I ate an orange.", "We left Orange today", "Orange again", "so. Orange", "my orange"]) == (
        1,
        2,
    )


def test_a_word_that_hits_write_as_a_word_is_common() -> None:
    assert is_common("orange", ORANGE)
    assert is_common("Orange", [])
    assert not is_common("norvola", [])
    assert not is_common("Orange Juice", ORANGE)
    assert not is_common("東京", ["東京"])


def test_a_listed_word_that_everybody_capitalises_here_is_a_name() -> None:
    assert not is_common("orange", [f"We left Orange {n} times" for n in range(10)])


def test_a_coined_name_that_some_write_small_is_a_name() -> None:
    assert not is_common("norvola", ["I like norvola", "My Norvola broke", "We love Norvola"] * 4)
    assert not is_common("ripgrep", ["I use ripgrep daily"] * 20)


def test_the_hits_alone_propose_spelling_context_and_exclusions() -> None:
    made = propose("orange", [Judged(text) for text in ORANGE])
    assert made is not None
    assert made.query == "{Orange} (fibre OR network) NOT juice"
    assert [(one.word, one.refused, one.kept) for one in made.removals] == [("juice", 3, 0)]
    assert all(found(made.query, text) for text in BRAND)
    assert not any(found(made.query, text) for text in FRUIT)


def test_judgements_outweigh_the_spelling() -> None:
    hits = [Judged(text, False) for text in BRAND] + [Judged(text, True) for text in FRUIT[:2]]
    made = propose("orange", hits)
    assert made is not None
    assert {one.word for one in made.removals} >= {"fibre"}


def test_without_a_good_hit_there_is_nothing_to_propose() -> None:
    assert propose("orange", []) is None
    assert propose("orange", [Judged(text, False) for text in BRAND]) is None


def test_any_name_may_get_exclusions_from_what_was_refused() -> None:
    hits = [Judged(f"acme cartoon {n}", False) for n in range(3)] + [Judged("acme battery", True)]
    assert removals("acme", hits)[0][1:] == (3, 0)
    assert removals("acme", [Judged("acme one", False)]) == []


@given(
    st.text(min_size=1, max_size=30), st.lists(st.tuples(st.text(max_size=80), st.sampled_from([True, False, None])))
)
def test_whatever_people_say_the_proposal_is_a_query(name: str, hits: list[tuple[str, bool | None]]) -> None:
    if not tokens(name)[0]:
        return
    judged = [Judged(f"{text} {name} {text}", kept) for text, kept in hits]
    try:
        made = propose(name, judged)
    except query.QueryError:
        return
    if made is not None:
        query.check_topic(query.parse(made.query))
