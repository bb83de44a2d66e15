import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from listen import query
from listen.query import QueryError
from listen.query.translate import translate


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ('((apple OR "apple juice"~5) AND (pie NEAR/5f cake)) NOT (recipe OR site:food.com)',
         '((apple OR "apple juice"~5) (pie ONEAR/5 cake)) NOT (recipe OR site:food.com)'),
        ("{BT} AND language:en", "{BT} lang:en"),
        ("authorFollowers:[500 TO 100000] AND engagementType:RETWEET", "followers:500..100000 is:repost"),
        ('"car sharing"~ AND NOT bus', '("car sharing" OR carsharing) NOT bus'),
        ("cake NEAR tea", "cake NEAR/15 tea"),
        ('++"L\'Oréal" OR raw:"B&Q"', "{L'Oréal} OR {B&Q}"),
        ("near/4:James,Shaffer", "James NEAR/4 Shaffer"),
        ("topLevelDomain:fr hashtag:#acme subreddit:python", "site:fr #acme url:reddit.com/r/python/"),
        ("title:(battery OR (acme AND charger)) <<< ours >>> died", "title:(battery OR (acme charger)) died"),
        ("((battery OR charger) AND (died OR dead))~5", "((battery OR charger) (died OR dead))~5"),
        ("sourcetype:SOCIALMEDIA_TWITTER -toy", "source:x NOT toy"),
    ],
)  # fmt: skip
def test_a_query_is_taken_over_whole(theirs: str, ours: str) -> None:
    told = translate(theirs)
    assert (told.text, told.left_out) == (ours, 0)


@pytest.mark.parametrize(
    ("theirs", "ours", "left"),
    [
        ("acme AND authorGender:F", "acme", "authorGender:F"),
        ("acme NOT posttype:IMAGE", "acme", "posttype:IMAGE"),
        ("*bank OR credit", "credit", "*bank"),
        ("links:x AND (acme OR authorVerified:true)", "acme", "links:x"),
    ],
)
def test_what_has_no_counterpart_is_left_out_and_named(theirs: str, ours: str, left: str) -> None:
    told = translate(theirs)
    assert told.text == ours
    assert left in [note.written for note in told.notes]
    assert told.left_out == sum(note.why.startswith("left out") for note in told.notes) > 0


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [("roam~1", "roam"), ("brand*name", "brand*"), ("acme SENTENCE died", "acme NEAR/20 died")],
)
def test_what_means_nearly_the_same_is_told(theirs: str, ours: str) -> None:
    told = translate(theirs)
    assert (told.text, told.left_out, len(told.notes)) == (ours, 0, 1)


@pytest.mark.parametrize("theirs", ["acme AND (battery", "acme OR", "acme)", "posttype:IMAGE", "", "NOT"])
def test_what_cannot_be_read_says_so(theirs: str) -> None:
    with pytest.raises(QueryError):
        translate(theirs)


PIECES = [
    "acme", "OR", "AND", "NOT", "(", ")", ")~5", "NEAR/5f", "NEAR", "SENTENCE", '"a b"', '"a b"~3', '"a b"~', "{BT}",
    "title:(", "language:en", "authorFollowers:[5 TO *]", "authorGender:F", "roam~1", "*x", "b*n", '+"x y"', "-toy",
    "near/4:a,b", "<<< x >>>", "é", "東京", '"', "{", "hashtag:#x", "site:a.b",
]  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=14).map(" ".join))
def test_the_outcome_can_always_be_read(theirs: str) -> None:
    try:
        told = translate(theirs)
    except QueryError:
        return
    query.parse(told.text)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=60))
def test_nothing_breaks_it(theirs: str) -> None:
    with contextlib.suppress(QueryError):
        query.parse(translate(theirs).text)
