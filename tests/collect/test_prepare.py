"""From a post as a platform tells it to a mention as it is stored."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from listen import text
from listen.collect.prepare import AHEAD, LARGEST, OLDEST, Refused, Topics, prepare
from listen.collect.wire import Place, Prepare, encoder, frame, job_decoder
from listen.model import KINDS, STATES, Author, Prepared, Tracked
from sources import base

NOW = 1_795_000_000.0
PLACE = Place("press", "feed")
NO_TOPICS = Topics({})


def post(**more: Any) -> base.Post:
    return base.Post(**{"network": "feed", "external_id": "1", "text": "We like the acme battery", **more})


def made(**more: Any) -> Prepared:
    return prepare(post(**more), NO_TOPICS, PLACE, NOW)


def test_html_becomes_text_and_plain_text_stays_as_it_is() -> None:
    html = made(title="A &amp; B", text="<p>one</p><p>two<br>three</p><script>x()</script>", markup="html")
    assert (html.title, html.text) == ("A & B", "one\n\ntwo\nthree")
    plain = made(title="A &amp; B", text="a <b>c</b>")
    assert (plain.title, plain.text) == ("A &amp; B", "a <b>c</b>")


@pytest.mark.parametrize(
    ("told", "source", "url", "country"),
    [
        ("FR", "be", "https://press.example.de/1", "fr"),
        ("zz", "be", "https://press.example.de/1", "be"),
        (None, "", "https://acme.zz/1", None),
        ("France", "be", "https://press.example.de/1", "be"),
        (None, "", "https://www.bbc.co.uk/1", "gb"),
        (None, "", "https://acme.io/1", None),
        (None, "", "https://acme.com/1", None),
        (None, "", None, None),
    ],
)
def test_its_country_is_told_by_the_platform_else_by_the_source_else_by_its_domain(
    told: str | None, source: str, url: str | None, country: str | None
) -> None:
    given, place = post(country=told, url=url), Place("press", "feed", source)
    topics = Topics({1: Tracked("country:(fr be gb)")})
    found = prepare(given, topics, place, NOW)
    assert (found.country, list(found.topics)) == (country, [1] if country else [])
    elsewhere = post(network="mastodon", url="https://piaille.fr/1")
    assert prepare(elsewhere, NO_TOPICS, Place("x", "mastodon"), NOW).country is None, "a server is no country"


def test_everything_is_cleaned_and_cut_at_its_limit() -> None:
    long = made(
        external_id=" a\0b ",
        title="t" * 600,
        text="\ud83d x" + "y" * 70_000,
        author=base.Author("h\n" * 300, "n\0" * 300, "javascript:alert(1)", -5),
        url="https://x.test/" + "u" * 3_000,
    )
    assert long.external_id == "ab"
    assert len(long.title or "") == text.TITLE_LIMIT
    assert len(long.text) <= text.TEXT_LIMIT
    assert long.text.startswith("\ufffd x")
    assert long.truncated
    assert long.url is None
    assert long.author is not None
    assert len(long.author.handle) <= text.AUTHOR_LIMIT
    assert "\n" not in long.author.handle
    assert "\0" not in (long.author.name or "")
    assert long.author.url is None
    assert not made().truncated
    assert made(truncated=True).truncated


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://x.test/a?b=1", "https://x.test/a?b=1"),
        ("javascript:alert(1)", None),
        ("java\nscript:alert(1)", None),
        ("file:///etc/passwd", None),
        ("https://user@evil.test/", None),
        ("", None),
        (None, None),
    ],
)
def test_only_safe_links_are_kept(url: str | None, kept: str | None) -> None:
    assert made(url=url).url == kept


def test_an_author_without_a_handle_is_known_by_name() -> None:
    assert made(author=base.Author(" ", "Claire")).author == Author("Claire", "Claire")
    assert made(author=base.Author("", None)).author is None
    assert made(author=None).author is None


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        (int(NOW), int(NOW)),
        (OLDEST, OLDEST),
        (OLDEST - 1, None),
        (int(NOW) + AHEAD, int(NOW) + AHEAD),
        (int(NOW) + AHEAD + 1, None),
        (-(2**70), None),
        (2**70, None),
        (None, None),
    ],
)
def test_dates_that_cannot_be_are_unknown(told: int | None, kept: int | None) -> None:
    found = made(published_at=told, edited_at=told)
    assert (found.published_at, found.edited_at) == (kept, kept)


def test_counts_keep_unknown_apart_from_zero() -> None:
    found = made(likes=0, replies=None, views=2**70, reposts=-3)
    assert (found.likes, found.replies, found.views, found.reposts) == (0, None, LARGEST, -3)


def test_tokens_are_those_of_title_and_text() -> None:
    found = made(title="New #AcmeBattery", text="@Claire said: 東京 #acmebattery")
    assert found.title_words.split() == text.tokens(found.title or "")[0]
    assert found.words.split() == text.tokens(found.text)[0]
    assert found.marks == ["#acmebattery", "@claire"]


def test_tags_of_the_platform_stand_in_the_text_as_hashtags() -> None:
    tags = ("Electric Bikes", "acme", "ACME", "new", "…", "https://x.test/tag", "x" * 80)
    found = made(title="#acme", text="so #new", tags=tags)
    assert found.text == "so #new\n\n#ElectricBikes"
    assert found.marks == ["#acme", "#new", "#electricbikes"]
    assert made(text="", title="t", tags=("a",)).text == "#a"
    full = "x" * text.TEXT_LIMIT
    assert made(text=full, tags=("acme",)).text == full


def test_tags_say_nothing_of_language_and_tone() -> None:
    with_tags, without = made(tags=("horrible", "disaster")), made()
    assert (with_tags.score, with_tags.lang) == (without.score, without.lang)


def test_topics_ask_for_content_and_place() -> None:
    asked = {
        1: "acme battery", 2: "source:press", 3: "source:feed", 4: "source:forum", 5: "lang:en", 6: "author:claire",
        7: "kind:article", 8: "kind:post", 9: "#ebike", 10: "NOT acme", 11: "site:x.test", 12: "title:battery",
    }  # fmt: skip
    topics = Topics({number: Tracked(words) for number, words in asked.items()})
    told = post(
        kind="article", author=base.Author("claire"), lang="en", tags=("ebike",), url="https://news.x.test/1",
        text="We like the acme battery, and it is a pleasure to ride with it every day",
    )  # fmt: skip
    found = prepare(told, topics, PLACE, NOW)
    assert set(found.topics) == {1, 2, 3, 5, 6, 7, 9, 11}
    placed = {2, 3, 5, 6, 7, 9, 11}
    assert {found.topics[number] for number in placed} == {found.score}, "who is not named has the whole text's score"
    assert found.topics[1] is not None
    assert 0 < found.topics[1] < (found.score or 0), "the pleasure is some way from the name"


def test_each_topic_has_what_is_said_of_it() -> None:
    topics = Topics(
        {
            1: Tracked("acme OR #acme", "acme", "brand"), 2: Tracked("rival", "rival", "competitor"),
            3: Tracked("source:press", "press", "theme"), 4: Tracked('"best buy"', "best buy", "competitor"),
        }
    )  # fmt: skip
    found = prepare(post(text="Left Rival, love Acme", lang="en"), topics, PLACE, NOW)
    assert found.topics == {1: 637, 2: -459, 3: found.score}
    assert found.hits_toward == {}
    found = prepare(post(text="Best Buy called, says Acme", lang="en"), topics, PLACE, NOW)
    assert (found.topics[4], found.score, found.hits) == (0, 0, 0), "a name is no praise, whatever is in view"
    found = prepare(post(text="Acme and Rival met on Monday", lang="en"), topics, PLACE, NOW)
    assert (found.topics, found.hits, found.hits_toward) == ({1: 0, 2: 0, 3: 0}, 0, {})
    found = prepare(post(text="Acme e Rival si incontrano ogni lunedì al mercato", lang="it"), topics, PLACE, NOW)
    assert found.topics == {1: None, 2: None, 3: None}


def test_a_source_says_what_its_articles_are() -> None:
    shop = Place("shop", "feed", kind="review")
    kinds = {
        one: prepare(post(kind=one), NO_TOPICS, shop, NOW).kind for one in ("article", "post", "comment", "repost")
    }
    assert kinds == {"article": "review", "post": "review", "comment": "comment", "repost": "repost"}


def test_what_cannot_be_scored_says_why() -> None:
    german = made(text="Dieser Akku ist wirklich sehr schlecht, ich bin enttäuscht und empfehle ihn nicht", lang="de")
    assert (german.lang, german.score, german.hits) == ("de", None, None)
    assert german.unscored == "language de"


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"external_id": " \0"}, "no-identity"),
        ({"external_id": "x" * 5_000}, "no-identity"),
        ({"network": ""}, "no-identity"),
        ({"text": " ", "title": "\n"}, "empty"),
        ({"kind": "poem"}, "bad-value"),
        ({"state": "lost"}, "bad-value"),
    ],
)
def test_a_post_that_is_no_mention_is_refused_with_a_reason(more: dict[str, Any], reason: str) -> None:
    with pytest.raises(Refused, match=f"^{reason}: "):
        made(**more)


def test_a_deletion_needs_no_text_and_a_bare_link_is_a_mention() -> None:
    assert made(text="", state="deleted").state == "deleted"
    assert made(text="", url="https://x.test/").url == "https://x.test/"


@pytest.mark.parametrize(
    "words", ["😀" * 20_000, "\n" * 100_000 + "x", "e\u0301" * 30_000, "<p>" * 40_000, "a" * 200_000]
)
def test_costly_texts_come_out_bounded(words: str) -> None:
    for markup in ("plain", "html"):
        found = made(text=words, url="https://x.test/", markup=markup)
        assert len(found.text) <= text.TEXT_LIMIT
        assert len(found.words) <= 3 * text.TEXT_LIMIT


anything = st.text(max_size=200)
whole = st.none() | st.integers()
posts = st.builds(
    base.Post,
    network=st.just("feed"),
    external_id=anything,
    kind=st.sampled_from(KINDS),
    url=st.none() | anything,
    title=st.none() | anything,
    text=anything,
    markup=st.sampled_from(("plain", "html")),
    author=st.none() | st.builds(base.Author, anything, st.none() | anything, st.none() | anything, whole),
    lang=st.none() | anything,
    published_at=whole,
    state=st.sampled_from(STATES),
    likes=whole,
    tags=st.lists(anything, max_size=4).map(tuple),
)


@given(posts)
def test_whatever_a_post_holds_it_is_storable_or_refused(told: base.Post) -> None:
    try:
        found = prepare(told, Topics({1: Tracked("acme OR #tag")}), PLACE, NOW)
    except Refused:
        return
    for field in fields(found):
        value = getattr(found, field.name)
        if isinstance(value, str):
            assert "\0" not in value
            value.encode()
        if isinstance(value, int):
            assert abs(value) < 2**63
    words = f"{found.title_words} {found.words}".split()
    again = text.tokens(found.title or "")[0] + text.tokens(found.text)[0]
    assert words == again
    marks = list(dict.fromkeys(text.tokens(found.title or "")[1] + text.tokens(found.text)[1]))
    assert found.marks == marks


@given(posts)
def test_posts_travel_unchanged(told: base.Post) -> None:
    job = Prepare([told], PLACE, NOW, 5)
    try:
        message = frame(job)
    except (OverflowError, UnicodeEncodeError):
        return
    assert job_decoder.decode(message[4:]) == job
    assert job_decoder.decode(encoder.encode(job)) == job
