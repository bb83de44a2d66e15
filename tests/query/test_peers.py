import pytest

from listen import query
from listen.query import QueryError
from listen.query.tree import And, Facet, Mark, Near, Node, Not, Number, Or, Time


def bare(node: Node) -> str:
    """The node without its columns, which are those of other words."""
    match node:
        case And(items) | Or(items):
            return f"{type(node).__name__}({', '.join(map(bare, items))})"
        case Not(item):
            return f"Not({bare(item)})"
    return repr(node).rpartition("span=")[0]


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("language:fr", "lang:fr"),
        ("sourcecountry:uk", "country:gb"),
        ("content:battery", "text:battery"),
        ("authorFollowers:[500 TO 100000]", "followers:500..100000"),
        ("authorFollowers:[* TO 10k]", "followers:..10k"),
        ("rating:[3 TO 5]", "rating:3..5"),
        ("rating:[3 TO *]", "rating:3.."),
        ("date:[2026-01 TO 2026-02]", "date:2026-01..2026-02"),
        ("engagementType:RETWEET", "is:repost"),
        ("engagementType:(REPLY QUOTE)", "(is:reply OR kind:quote)"),
        ("is:(retweet starred)", "(is:repost OR is:starred)"),
        ("is:unread acme", "status:new acme"),
        ("hashtag:#acme", "#acme"),
        ("hashtag:acme", "#acme"),
        ("mention:@claire", "@claire"),
        ("subreddit:python", "url:reddit.com/r/python/"),
        ("domainurl:lemonde.fr", "site:lemonde.fr"),
        ("age:<2h", "since:2h"),
        ("battery NEAR/5f died", "battery ONEAR/5 died"),
        ("acme AND NOT toy", "acme -toy"),
        ("((battery OR charger) AND (died OR dead))~5", "(battery OR charger) NEAR/5 (died OR dead)"),
        ("title:(battery AND died)~4", "title:(battery NEAR/4 died)"),
    ],
)
def test_what_others_write_means_the_same_here(theirs: str, ours: str) -> None:
    assert bare(query.parse(theirs)) == bare(query.parse(ours))


@pytest.mark.parametrize(
    ("written", "column", "message"),
    [
        ("acme engagementType:like", 20, "no value like"),
        ("age:5", 4, "no value 5"),
        ("followers:[1 TO", 10, "wants a number"),
        ("(battery OR charger)~3", 19, "two sides"),
    ],
)
def test_what_cannot_be_taken_over_says_where(written: str, column: int, message: str) -> None:
    with pytest.raises(QueryError, match=message) as caught:
        query.parse(written)
    assert caught.value.column == column


def test_a_word_before_a_colon_is_still_a_word() -> None:
    assert query.parse("language: French") == query.parse("language: French")
    assert not isinstance(query.parse("mention: this"), Mark | Facet | Number | Time | Near)
