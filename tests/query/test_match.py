"""What each node means: the predicate over one mention."""

from __future__ import annotations

from itertools import pairwise, permutations, product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from listen.model import Author, Mention, Prepared, first_id
from listen.query import parse, tree
from listen.query.attributes import host_of, is_question
from listen.query.match import Subject, TopicIndex, compile
from listen.text import tokens

NOW = 1_770_000_000.0
"""2026-02-02 02:40 UTC."""


def mention(text: str = "", **more: Any) -> Mention:
    return Mention(**{"id": 0, "network": "n", "external_id": "1", "kind": "post", "text": text, **more})


def holds(query: str, subject: Mention) -> bool:
    return compile(parse(query), NOW)(Subject.of(subject))


WORDS = [
    # query, title, text, does it hold
    ("battery", None, "The BATTERY died", True),
    ("battery", "Battery", "", True),
    ("battery", None, "batteries", False),
    ("été", None, "ETE", True),
    ("battery died", "battery", "died", True),
    ("battery -died", None, "battery died", False),
    ("battery OR charger", None, "charger", True),
    ('"battery died"', None, "The battery died.", True),
    ('"battery died"', None, "The battery has died.", False),
    ('"battery died"', "battery", "died", False),
    ('"died battery"', "battery", "died", False),
    ("bat*", None, "the batteries", True),
    ("bat*", None, "combat", False),
    ('"the bat*"', None, "the batteries", True),
    ('"the bat*"', None, "the big batteries", False),
    ("te?t", None, "a text", True),
    ("te?t", None, "a tet", False),
    ("te?t", None, "texts", False),
    ("te?t*", None, "texts", True),
    ("te?t", None, "te t", False),
    ("東京", None, "東京都へ", True),
    ("東京都", None, "東京の都", False),
    ("東京都", None, "大東京都庁", True),
    ("東", None, "京東", True),
    ('"東京都 大阪"', None, "東京都、大阪府", True),
    ("😀", None, "great😀!", True),
    ("title:battery", "battery", "x", True),
    ("title:battery", "x", "battery", False),
    ("text:battery", "battery", "x", False),
    ('title:"a b"', "a b", "", True),
    ("title:(a b)", "a", "b", False),
    ("title:te?t", "a test", "", True),
    ("text:te?t", "a test", "", False),
    ("#acme", None, "love #Acme", True),
    ("#acme", "#acme", "", True),
    ("#acme", None, "love acme", False),
    ("acme", None, "love #acme", True),
    ("@claire", None, "ask @claire@mastodon.social", True),
    ("@claire@mastodon.social", None, "ask @claire@mastodon.social", True),
    ("@claire@mastodon.social", None, "ask @claire@other.social", False),
    ('"battery died"~1', None, "died of battery", True),
    ('"battery died"~1', None, "died of a battery", False),
    ("battery NEAR/0 died", None, "battery died", True),
    ("battery NEAR/0 died", None, "died battery", True),
    ("battery ONEAR/0 died", None, "died battery", False),
    ("battery ONEAR/2 died", None, "battery has suddenly died", True),
    ("battery ONEAR/1 died", None, "battery has suddenly died", False),
    ("battery NEAR/5 died", "battery", "died", False),
    ("title:(battery NEAR/5 died)", "battery died", "", True),
    ('"a a"~3', None, "a b", False),
    ('"a a"~3', None, "a b a", True),
    ('"new york" NEAR/1 "york city"', None, "new york city", False),
    ("a ONEAR/1 b ONEAR/1 a", None, "a x b x a", True),
    ("a ONEAR/1 b ONEAR/1 a", None, "a b", False),
    ("{Orange}", None, "Orange rises", True),
    ("{Orange}", None, "orange rises", False),
    ("{Orange}", None, "Oranges", False),
    ("{Orange}", None, "ROrange", False),
    ("{Orange}", None, "l'Orange.", True),
    ("{Orange}", None, "#Orange_fr", True),
    ("{Orange}", "Orange", "x", True),
    ("text:{Orange}", "Orange", "orange", False),
    ("{Acme Corp}", None, "Acme\n Corp", True),
    ("{Acme Corp}", None, "Acme Corporation", False),
    ("{C++}", None, "C++ rocks", True),
    ("{C++}", None, "c++ or C", False),
    ("{C++}", None, "C++11", True),
    ("{Orange}", None, "see https://orange.fr/Orange", False),
    ("{東京}", None, "東京都", True),
    ("{Sony}", None, "これはSonyです", True),
    ("{क}", None, "कि", False),
    ("<<< nothing >>>", None, "", True),
    ("a OR b OR c OR d OR e OR f OR g OR h", None, "x h", True),
    ("a OR b OR c OR d OR e OR f OR g OR h", None, "x ah", False),
    ('a OR b OR c OR d OR e OR f OR g OR h OR "i j"', None, "i j", True),
]


@pytest.mark.parametrize(("query", "title", "text", "answer"), WORDS)
def test_words_are_found_by_their_tokens(query: str, title: str | None, text: str, answer: bool) -> None:
    assert holds(query, mention(text, title=title)) is answer
    assert holds(f"NOT ({query} a)", mention(text, title=title)) is not holds(f"{query} a", mention(text, title=title))


CLAIRE = Author("Claire@Mastodon.social", "Claire Dupré", followers=1200)
ATTRIBUTES: list[tuple[str, dict[str, Any], bool]] = [
    ("author:claire", {"author": CLAIRE}, True),
    ("author:@CLAIRE", {"author": CLAIRE}, True),
    ("author:claire@mastodon.social", {"author": CLAIRE}, True),
    ("author:claire@mastodon", {"author": CLAIRE}, False),
    ('author:"claire dupre"', {"author": CLAIRE}, True),
    ("author:dupre", {"author": CLAIRE}, False),
    ("author:cla*", {"author": CLAIRE}, True),
    ("author:(bob claire)", {"author": CLAIRE}, True),
    ("author:clair", {"author": CLAIRE}, False),
    ("author:claire", {"author": Author("bob", None)}, False),
    ("author:cla*", {"author": Author("bob", "Clara")}, True),
    ("source:hn", {"sources": ("HN", "press"), "adapters": ("hackernews", "feed")}, True),
    ("source:(feed x)", {"sources": ("HN", "press"), "adapters": ("hackernews", "feed")}, True),
    ("source:hack", {"sources": ("HN",), "adapters": ("hackernews",)}, False),
    ("topic:acme", {"topics": {"Acme": 3, "rival": None}}, True),
    ("topic:acme", {"topics": {"acme battery": 3}}, False),
    ("lang:(fr de)", {"lang": "de"}, True),
    ("lang:fr", {"lang": "de"}, False),
    ("kind:article", {"kind": "article"}, True),
    ("kind:article", {}, False),
    ("status:new", {}, True),
    ("status:(done answered)", {"status": "answered"}, True),
    ("is:answered", {"status": "answered"}, True),
    ("is:answered", {}, False),
    ("is:starred", {"starred": True}, True),
    ("is:starred", {}, False),
    ("is:own", {"own": True}, True),
    ("is:noise", {"noise": True}, True),
    ("is:noise", {}, False),
    ("is:repost", {"kind": "repost", "parent_id": "2"}, True),
    ("is:reply", {"kind": "repost", "parent_id": "2"}, False),
    ("is:reply", {"kind": "reply"}, True),
    ("is:reply", {"kind": "comment"}, True),
    ("is:question", {"text": "Why?"}, True),
    ("is:question", {"text": "no", "title": "Ask HN: why?"}, True),
    ("is:question", {"text": "http://x.y/?z=1"}, False),
    ("is:edited", {"state": "edited"}, True),
    ("is:edited", {"edited_at": 5, "state": "deleted"}, True),
    ("is:edited", {}, False),
    ("is:deleted", {"state": "deleted"}, True),
    ("is:withheld", {"state": "deleted"}, False),
    ("is:(starred reply)", {"kind": "reply"}, True),
    ("has:link", {"url": "https://x.y"}, True),
    ("has:link", {"url": ""}, False),
    ("has:title", {"title": "T"}, True),
    ("has:title", {"title": ""}, False),
    ("has:author", {"author": Author("x")}, True),
    ("site:lemonde.fr", {"url": "https://www.LeMonde.fr:443/une?x"}, True),
    ("site:lemonde.fr", {"url": "https://sport.lemonde.fr/"}, True),
    ("site:lemonde.fr", {"url": "https://notlemonde.fr/"}, False),
    ("site:lemonde.fr", {"url": "https://x.y/lemonde.fr"}, False),
    ("site:(a.b x.y)", {"url": "https://x.y"}, True),
    ("link:lemonde.fr/a", {"text": "read https://www.LeMonde.fr/A?b"}, True),
    ("link:https://www.x.y", {"text": "", "title": "at http://x.y"}, True),
    ("link:x.y", {"text": "x.y, and https://a.b/x.y", "url": "https://x.y"}, False),
    ("url:lemonde.fr/Sport", {"url": "https://www.lemonde.fr/sport/1"}, True),
    ("https://lemonde.fr/a", {"url": "http://lemonde.fr/a?b"}, True),
    ("followers:>1000", {"author": CLAIRE}, True),
    ("followers:>1200", {"author": CLAIRE}, False),
    ("followers:1k..", {"author": CLAIRE}, True),
    ("likes:5", {"likes": 5}, True),
    ("likes:0", {"likes": 0}, True),
    ("likes:<5", {"likes": 5}, False),
    ("likes:<=5", {"likes": 5}, True),
    ("replies:2..4", {"replies": 4}, True),
    ("reposts:2..4", {"reposts": 5}, False),
    ("views:..4", {"views": 4}, True),
    ("rating:(1 2)", {"rating": 2}, True),
    ("sentiment:<-0.3", {"score": -301}, True),
    ("sentiment:<-0.3", {"score": -300}, False),
    ("sentiment:-1..-0.5", {"score": -500}, True),
    ("sentiment:neg", {"score": -50}, True),
    ("sentiment:neu", {"score": -49, "hits": 1}, True),
    ("sentiment:none", {"score": 0, "hits": 0}, True),
    ("sentiment:neu", {"score": 0, "hits": 0}, False),
    ("sentiment:pos", {"score": 50, "hits": 1}, True),
    ("sentiment:unknown", {}, True),
    ("sentiment:(neg pos)", {"score": 900, "hits": 2}, True),
    ("since:2h", {"id": first_id(NOW - 7200)}, True),
    ("since:2h", {"id": first_id(NOW - 7201)}, False),
    ("until:2h", {"id": first_id(NOW - 7200)}, False),
    ("until:2h", {"id": first_id(NOW - 7201)}, True),
    ("date:2026-02", {"id": first_id(NOW)}, True),
    ("date:2026-01", {"id": first_id(NOW)}, False),
    ("until:2026-02-02", {"id": first_id(NOW)}, True),
    ("until:2026-02-01", {"id": first_id(NOW)}, False),
    ("weekday:mon hour:2", {"id": first_id(NOW)}, True),
    ("weekday:mon hour:3@Europe/Paris", {"id": first_id(NOW)}, True),
    ("weekday:sun@America/St_Johns hour:23@America/St_Johns", {"id": first_id(NOW)}, True),
    ("weekday:tue..sun", {"id": first_id(NOW)}, False),
    ("id:(1 7)", {"id": 7}, True),
    ("id:1", {"id": 7}, False),
    ("seen:2h", {"seen_at": int(NOW) - 10, "id": 0}, True),
    ("seen:2026-02-01", {"seen_at": int(NOW)}, False),
]


@pytest.mark.parametrize(("query", "attributes", "answer"), ATTRIBUTES)
def test_attributes_are_compared(query: str, attributes: dict[str, Any], answer: bool) -> None:
    subject = mention(**{"text": "", **attributes})
    assert holds(query, subject) is answer
    assert holds(f"NOT {query}", subject) is not answer


UNKNOWN = [
    "author:claire", "lang:fr", "site:x.y", "url:x", "link:x", "has:link", "has:author", "has:title", "followers:0",
    "followers:..9", "likes:>=0", "replies:..9", "reposts:..9", "views:..9", "rating:..9", "sentiment:..1",
    "sentiment:(neg neu pos none)", "source:hn", "topic:acme", "is:edited", "desk:legal", "is:late", "intent:idea",
    "toward:acme:<0", "tag:vip", "assignee:ana", "stage:buy",
    "country:fr", "story:5", "view:x", "reach:>=0", "is:corrected", "has:note",
]  # fmt: skip


@pytest.mark.parametrize("query", UNKNOWN)
def test_what_is_unknown_is_false_and_its_negation_true(query: str) -> None:
    assert not holds(query, mention())
    assert holds(f"NOT {query}", mention())


def test_a_fresh_post_is_asked_by_the_tokens_that_it_brings() -> None:
    post = Prepared(
        "n", "1", "post", None, "Title", "text", "fresh title", "fresh words", ["#tag"], score=-400, hits=1, lang="en"
    )
    subject = Subject.fresh(post, sources=("hn",), adapters=("hackernews",))

    def asked(query: str) -> bool:
        return compile(parse(query), NOW)(subject)

    assert all(
        asked(query) for query in ("title:fresh", '"fresh words"', "#tag", "source:hn", "sentiment:neg", "status:new")
    )
    spoken = Subject.fresh(post, spoken=["fresh", "title", "fresh", "words"])
    topics = {1: parse("words"), 2: parse('"fresh words" -toy'), 3: parse("wor*"), 4: parse("#tag"), 5: parse("text")}
    assert TopicIndex(topics, NOW).match(spoken) == TopicIndex(topics, NOW).match(subject) == [1, 2, 3, 4]
    assert not any(asked(query) for query in ("text", '"title fresh"', "since:2000", "seen:9999d", "is:own", "topic:x"))


def test_tokens_are_made_once_and_only_for_words(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []
    monkeypatch.setattr("listen.query.match.tokens", lambda text: made.append(text) or tokens(text))
    subject = Subject.of(mention("battery", title="t", lang="fr"))
    assert compile(parse("lang:fr -sentiment:neg"), NOW)(subject)
    assert made == []
    assert compile(parse("battery title:t -#x"), NOW)(subject)
    assert compile(parse("a OR battery"), NOW)(subject)
    assert sorted(made) == ["battery", "t"]
    with pytest.raises(AttributeError):
        subject.nothing  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("why? because", True),
        ('"why?" he said', True),
        ("元気？はい", True),
        ("لماذا؟", True),
        ("x?y", False),
        ("", False),
    ],
)
def test_a_question_ends_in_a_question_mark(text: str, answer: bool) -> None:
    assert is_question(None, text) is answer
    assert is_question(text, "") is answer


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://www.Example.com/x", "example.com"),
        ("http://user:pass@example.com:80?x", "example.com"),
        ("https://example.com#a@b", "example.com"),
        ("mailto:a@b", ""),
        ("", ""),
        (None, ""),
    ],
)
def test_the_host_of_a_link(url: str | None, host: str) -> None:
    assert host_of(url) == host


# --- distances against the plain reading of their definition ----------------------------------------------------------


def slow_near(words: list[str], parts: tuple[tuple[str, ...], ...], distance: int, ordered: bool) -> bool:
    """Every choice of one occurrence of each part, in every order."""
    places = [[at for at in range(len(words)) if tuple(words[at : at + len(part)]) == part] for part in parts]
    for chosen in product(*places):
        spans = [(at, at + len(part)) for at, part in zip(chosen, parts, strict=True)]
        for order in [spans] if ordered else permutations(spans):
            if all(0 <= after[0] - before[1] <= distance for before, after in pairwise(order)):
                return True
    return False


@given(
    st.lists(st.sampled_from("abcxyz"), max_size=24),
    st.lists(st.lists(st.sampled_from("abc"), min_size=1, max_size=2).map(tuple), min_size=2, max_size=4).map(tuple),
    st.integers(0, 3),
    st.booleans(),
)
def test_distances_hold_as_defined(
    words: list[str], parts: tuple[tuple[str, ...], ...], distance: int, ordered: bool
) -> None:
    predicate = compile(tree.Near(parts, distance, ordered), NOW)
    assert predicate(Subject.of(mention(" ".join(words)))) is slow_near(words, parts, distance, ordered)


def test_a_distance_in_a_long_and_dull_text_is_no_burden() -> None:
    """All parts but one everywhere, the last one out of reach: every occurrence stays a candidate."""
    text = "a b c d e f g " * 4_000 + "x " * 200 + "h"
    assert not holds('"a b c d e f g h"~100', mention(text))
    assert holds('"a b c d e f g h"~100', mention(text.replace("x ", "")))
