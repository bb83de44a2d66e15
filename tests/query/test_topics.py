"""Many topics at once, what they may ask for, and what is asked of search engines on their behalf."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from listen.model import Author, Mention
from listen.query import QueryError, check_topic, parse
from listen.query.match import Subject, TopicIndex, compile

NOW = 1_770_000_000.0

CLAUSES = [
    "acme", "battery", '"acme battery"', '"battery died"~3', "acme ONEAR/2 died", "bat*", "ba*", "batte*",
    '"acme bat*"', "b?ttery", "a?me*", "{Acme}", "{Acme Corp}", "#acme", "#東京", "@claire", "title:acme", "title:bat*",
    "東", "東京都", "lang:fr", "author:claire", "kind:article", "😀", "country:fr", "site:x.y", "<<< all >>>",
]  # fmt: skip
TEXTS = [
    "acme", "Acme", "battery", "batteries", "Acme Corp", "the battery died", "#acme", "@claire", "bat", "東京都", "東",
    "#東京", "😀", "bottery", "died", "axme", "toy", "",
]  # fmt: skip

queries = st.recursive(
    st.sampled_from(CLAUSES),
    lambda inner: st.one_of(
        st.tuples(inner, inner).map(lambda pair: f"({pair[0]} OR {pair[1]})" if all(map(filled, pair)) else "acme"),
        st.tuples(inner, inner).map(lambda pair: f"({pair[0]} {pair[1]})" if any(map(filled, pair)) else "acme"),
        inner.map(lambda query: f"NOT {query}" if filled(query) else "toy"),
    ),
    max_leaves=6,
)
mentions = st.builds(
    lambda title, words, lang, named: Mention(
        0, "n", "1", "post", " ".join(words), title, lang=lang, author=Author("claire") if named else None
    ),
    st.one_of(st.none(), st.sampled_from(TEXTS)),
    st.lists(st.sampled_from(TEXTS), max_size=6),
    st.sampled_from([None, "fr", "en"]),
    st.booleans(),
)


def filled(query: str) -> bool:
    return "<<<" not in query


@given(st.lists(queries, max_size=8), mentions)
def test_the_index_answers_as_the_predicates_do(texts: list[str], mention: Mention) -> None:
    topics = {number: parse(text) for number, text in enumerate(texts, 5)}
    expected = [number for number, node in topics.items() if compile(node, NOW)(Subject.of(mention))]
    assert TopicIndex(topics, NOW).match(Subject.of(mention)) == expected


def test_only_topics_whose_words_occur_are_asked() -> None:
    topics = ['"acme battery"', "acme died", "rival OR (foe lang:fr)", "bat* lang:fr", "NOT toy"]
    index = TopicIndex({number: parse(text) for number, text in enumerate(topics)}, NOW)
    assert [number for number, _ in index.always] == [4]
    assert sorted(index.filed) == ["acme", "bat*", "battery", "foe", "rival"]
    assert [key for key, filed in index.filed.items() if filed == [(2, None)]] == ["rival"], "no predicate needed"


@pytest.mark.parametrize(
    ("query", "marked", "named"),
    [
        ("acme status:new", "status:new", "status:"),
        ("acme (is:starred OR b)", "is:starred", "is:starred"),
        ("acme is:(repost own)", "is:(repost own)", "is:own"),
        ("acme since:2h", "since:2h", "time"),
        ("acme seen:2h", "seen:2h", "seen:"),
        ("acme -hour:9..17", "hour:9..17", "hour:"),
        ("acme id:1", "id:1", "id:"),
        ("acme -sentiment:neg", "sentiment:neg", "sentiment:"),
        ("acme sentiment:<0", "sentiment:<0", "sentiment:"),
        ("acme likes:>3", "likes:>3", "likes:"),
        ("topic:rival", "topic:rival", "topic:"),
        ("acme desk:legal", "desk:legal", "desk:"),
        ("acme is:late", "is:late", "is:late"),
        ("has:topic", "has:topic", "has:topic"),
        ("acme is:noise", "is:noise", "is:noise"),
        ("acme has:note", "has:note", "has:note"),
    ],
)
def test_a_topic_asks_for_content_and_place_only(query: str, marked: str, named: str) -> None:
    with pytest.raises(QueryError) as caught:
        check_topic(parse(query))
    error = caught.value
    assert query[error.column : error.column + error.length] == marked
    assert f"not for {named};" in str(error)


@pytest.mark.parametrize(
    "query",
    ['(acme OR "a b" OR #c) NOT ({ACME} klein)', "title:a text:b author:c source:d kind:post site:x.y url:z lang:fr",
     "is:question has:link rating:<3 country:fr", ""],
)  # fmt: skip
def test_content_and_place_make_a_topic(query: str) -> None:
    check_topic(parse(query))
