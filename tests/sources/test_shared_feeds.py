"""The recorded feeds: values read by hand for the known traps, feedparser's reading for everything else."""

from __future__ import annotations

import calendar
import io
from pathlib import Path
from typing import Any

import pytest

from sources import opml
from sources.base import SourceError
from tests.sources.reading import URL, at, body, read, title

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

XML = {".xml", ".rss", ".rdf", ".atom"}


def recorded(shared: Path, name: str) -> bytes:
    return (shared / "fixtures" / "feeds" / name).read_bytes()


def names(shared: Path, *suffixes: str) -> list[str]:
    folder = shared / "fixtures" / "feeds"
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.suffix in suffixes)


# --- by hand ----------------------------------------------------------------------------------------------------------

BY_HAND: list[tuple[str, int, str | None, str | None, str | None, str]] = [
    (
        "no_encoding_ISO-8859-1.xml", 0, "Perturbateurs endocriniens : quels effets sur le cerveau ?",
        "https://le-cercle-psy.scienceshumaines.com/perturbateurs-endocriniens-quels-effets-sur-le-cerveau_sh_39995",
        "2018-10-17T10:30", "Si leur impact semble discret au premier abord, nombre d'études montrent que",
    ),
    (
        "no_encoding_ISO-8859-1.xml", 3, "Caroline Eliacheff : « Dolto reste authentiquement subversive »",
        "https://le-cercle-psy.scienceshumaines.com/caroline-eliacheff-dolto-reste-authentiquement-subversive_sh_39992",
        "2018-10-17T10:30", "Françoise Dolto est morte il y a trente ans. D'abord adulée",
    ),
    ("enc_utf8-incorrect-prolog.xml", 0, "Café", None, None, ""),
    ("enc_invalid-prolog.xml", 0, "Café", None, None, ""),
    (
        "utf16_encoded.xml", 0, "UTF-16 Entry 1", "https://example.com/entry1", "2024-01-03T12:00",
        "First entry in UTF-16",
    ),
    (
        "encoding_WINDOWS-1251.xml", 0, "Цитата #17703", "http://ibash.org.ru/quote.php?id=17703",
        "2018-03-21T07:27:32",
        "xxx: есть у кого жаба программер",
    ),
    (
        "kc0011.rss", 0, "建国35周年纪念，华表，和平鸽", "http://www.kc0011.net/dispbbs.asp?BoardID=10&ID=25164257&Page=1",
        "2020-01-10T14:33", "建国35周年纪念，华表，和平鸽\n\n35周年1套520，华表60一个，和平鸽20一个\n一起出7枚680元",
    ),
    (
        "EMarley.rss", 0, "UI Automation & screenshots",
        "https://medium.com/@emarley/ui-automation-screenshots-c44a41af38d1?source=rss-b4981c59ffa5------2",
        "2016-05-07T23:53:30", "Here’s a partial collection of links from my talk today…\n\nContinue reading on »",
    ),
    (
        "EMarley.rss", 1, "They didn’t.", "https://medium.com/@emarley/they-didn-t-3a4dab489f45?source=rss-b4981c59ffa5------2",
        "2016-01-09T15:29:25", "“The [software developer tool] team clearly doesn’t use [that tool] themselves.”",
    ),
    (
        "relative_links.rss", 0, "Teaching Elderly People to Use Android - Lessons Learned",
        "https://feeds.example/blog/teaching-elderly-people-to-use-android/", "2024-11-02T00:00",
        "This is my story about an adventure into online teaching",
    ),
    ("reader_relative.rss", 0, None, "https://feeds.example/dir/blog/post/1", None, ""),
    ("atom_xml_base.xml", 0, "my cool entry title", "https://numi.st/post/2022/travel-uke", "2022-04-21T00:00", ""),
    (
        "rss_2.0_relurl_1.xml", 0, "Pareto-optimal compression",
        "https://insanity.industries/post/pareto-optimal-compression/", "2021-03-02T22:39:15", "...",
    ),
    (
        "lemonde_une_fr.rss", 0, "Après le Brexit, le FMI prévoit une croissance mondiale à la baisse",
        "http://www.lemonde.fr/economie/article/2016/07/19/apres-le-brexit-le-fmi-revoit-ses-previsions-de-croissance-"
        "mondiale-a-la-baisse_4971838_3234.html#xtor=RSS-3208",
        "2016-07-19T13:05:34", "Selon les scénarios, les incertitudes liées au référendum britannique",
    ),
    (
        "nb_multiple_item_links.atom", 0, "Multiple links", "http://www.test.org/tests", "2022-05-13T05:18:02",
        "Some content",
    ),
    ("nb_rss091_1.xml", 0, "1 < 2", "http://example.com/1_less_than_2.html", None, "1 < 2, 3 < 4.\nIn HTML,"),
    ("nb_rss092_1.xml", 2, "A third item", "http://example.com/a_third_item.html", None, "no description"),
    (
        "manton.rss", 0, None, "http://www.manton.org/2015/09/3071.html", "2015-09-25T14:26:40",
        "This week’s Core Intuition is out with a discussion about new and old iPhones",
    ),
    (
        "wordpress_comments.rss", 0, "By: Graham Morris",
        "https://battlefieldanomalies.com/comment-page-1/#comment-210335", "2025-11-11T07:46:27",
        "In reply to Brett Bentley-Leek.\n\nThanks for contacting me Brett.",
    ),
    (
        "urdu_UTF8.xml", 1, "امریکہ کے ساتھ خفیہ معلومات کا تبادلہ اور فوجی تعاون معطل کر دیا: وزیر دفاع",
        "http://www.bbc.com/urdu/pakistan-42645212", "2018-01-11T13:20:55", "پاکستان کے وزیر دفاع",
    ),
    (
        "rss_0.91_missing_id.xml", 0,
        "Oferta de Empleo Público // 3 PROFESOR/A TÉCNICO/A (INGENIE. TÉC. FORESTAL) 17/17", None, None,
        "Publicado el 14-05-2021 resultado de calificaciones 2º ej en los tablones de anuncios. Descárguelo aquí",
    ),
    (
        "atom_scattered.xml", 0,
        "0042: consulting lessons, there are no strings on me, buttondown, focus goof, jsfuck, 1ml",
        "https://www.scattered-thoughts.net/log/0042/", "2023-12-01T00:00",
        "0042: consulting lessons, there are no strings on me",
    ),
    ("illformed/rss_item_link_corrupted_ampersands.xml", 0, None, "http://link/get?a=1&b=2", None, ""),
    ("illformed/rdf_channel_empty_textinput.xml", 0, "crashes here", "http://example.com/1", None, ""),
    ("rss_0.92_spec_1.xml", 1, None, "http://www.scripting.com/mp3s/theOtherOne.mp3", None, "The Other One,"),
    (
        "theomnishow.rss", 0, "Andrea McVittie, User Experience Designer",
        "https://theomnishow.omnigroup.com/episode/andrea-mcvittie-user-experience-designer/", "2017-12-06T14:00",
        "Full transcript and show notes at theomnishow.omnigroup.com",
    ),
    (
        "DaringFireball.json", 0, "The Talk Show: ‘I Do Like Throwing a Baby’",
        "https://daringfireball.net/linked/2017/06/26/the-talk-show-195", "2017-06-27T00:54:17",
        "New episode of America’s favorite 3-star podcast",
    ),
    (
        "jsonfeed_spec_1.json", 0, "Announcing JSON Feed", "https://jsonfeed.org/2017/05/17/announcing_json_feed",
        "2017-05-17T15:02:12", "We — Manton Reece and Brent Simmons — have noticed",
    ),
    (
        "pxlnv.json", 0, "Uber Lost $4.5 Billion in 2017", "https://pxlnv.com/linklog/uber-losses-2017/",
        "2018-02-13T23:23:12", "Eric Newcomer, Bloomberg:",
    ),
    ("reader_full.json", 0, "Title", "https://example.org/second-item", "2020-01-02T21:00", "Content with link"),
    ("reader_invalid.json", 1, "float id", None, None, ""),
    ("authors.json", 0, None, None, None, ""),
]  # fmt: skip


@pytest.mark.parametrize("case", BY_HAND, ids=[f"{case[0]}-{case[1]}" for case in BY_HAND])
def test_values_read_by_hand(shared: Path, case: tuple[str, int, str | None, str | None, str | None, str]) -> None:
    name, place, expected_title, url, moment, beginning = case
    post = read(recorded(shared, name)).posts[place]
    assert (title(post), post.url) == (expected_title, url)
    assert post.published_at == (at(moment) if moment else None)
    assert " ".join(body(post).split()).startswith(" ".join(beginning.split()))
    assert beginning or name.startswith(("reader_rel", "atom_xml")) or not body(post)


COUNTS = {
    "DaringFireball.json": 48, "EMarley.rss": 10, "OneFootTsunami.atom": 25, "aktuality.rss": 30, "aljazeera.rss": 25,
    "authors.json": 4, "bbc_world.rss": 33, "bio.rdf": 30, "davidbau_latin1.rdf": 15, "encoding_WINDOWS-1251.xml": 50,
    "huginn_github_rss.atom": 20, "huginn_podcast.rss": 4, "kc0011.rss": 20, "livemint.xml": 25, "manton.rss": 10,
    "nb_rss20_2.xml": 3, "no_encoding_ISO-8859-1.xml": 9, "pxlnv.json": 20, "reader_full.atom": 5,
    "reader_full.json": 2, "reader_full.rss": 5, "reader_invalid.json": 8, "wordpress_comments.rss": 10,
    "enc_iso-8859-1.xml": 0,
    "enc_windows-1252-incorrect-prolog.xml": 0, "illformed/always_strip_doctype.xml": 0,
    "illformed/http_high_bit_date.xml": 0,
}  # fmt: skip

ERRORS = {
    "allthis-partial.json": "parse",
    "reader_unknown.json": "version",
    "malformed_rss_namespaced.xml": "parse",
    "rss_2.0_invalid_1.xml": "parse",
    "illformed/aaa_illformed.xml": "parse",
    "illformed/rss_empty_document.xml": "parse",
    "illformed/rss_incomplete_cdata.xml": "parse",
    "illformed/undeclared_namespace.xml": "parse",
}


@pytest.mark.parametrize("name", sorted(COUNTS))
def test_how_many_items(shared: Path, name: str) -> None:
    assert len(read(recorded(shared, name)).posts) == COUNTS[name]


@pytest.mark.parametrize("name", sorted(ERRORS))
def test_what_cannot_be_read_says_why(shared: Path, name: str) -> None:
    with pytest.raises(SourceError) as caught:
        read(recorded(shared, name))
    assert caught.value.reason == ERRORS[name]
    assert caught.value.message
    assert caught.value.remedy


def test_titles_of_feeds_in_lying_encodings(shared: Path) -> None:
    found = {
        name: read(recorded(shared, name)).title
        for name in ("enc_iso-8859-1.xml", "enc_windows-1252-incorrect-prolog.xml", "enc_utf8-incorrect-prolog.xml")
    }
    assert list(found.values()) == ["Café", "Euro €", "테스트 피드"]


def test_a_comment_feed_is_one_conversation(shared: Path) -> None:
    posts = read(recorded(shared, "wordpress_comments.rss")).posts
    assert {post.kind for post in posts} == {"comment"}
    assert len({post.thread_id for post in posts}) == 1
    assert posts[0].parent_id == posts[1].external_id
    assert posts[1].parent_id == posts[1].thread_id


# --- all of them ------------------------------------------------------------------------------------------------------


def test_items_polled_twice_are_the_same_posts(shared: Path) -> None:
    for name in names(shared, ".json", *XML):
        if name in ERRORS:
            continue
        first = read(recorded(shared, name))
        ids = [post.external_id for post in first.posts]
        again = [post.external_id for post in read(recorded(shared, name), cursor=first.cursor).posts]
        fresh = [post.external_id for post in read(recorded(shared, name)).posts]
        assert ids == again == fresh, name
        assert len(set(ids)) == len(ids), name


EXPLAINED = {
    ("kc0011.rss", "date"): "feedparser reads 2020/1/10 as the first of November",
    ("rss_0.92_spec_1.xml", "link"): "an enclosure is the page of an item without one",
    ("reader_full.atom", "link"): "feedparser takes urn:uuid:... for a link",
    ("illformed/rdf_channel_empty_textinput.xml", "link"): "rdf:about is an address",
}


def test_everything_else_equals_feedparser(shared: Path) -> None:
    compared, differences = 0, set()
    for name in names(shared, *XML):
        if name in ERRORS:
            continue
        raw = recorded(shared, name)
        ours = [(title(post), post.url, post.published_at, words(body(post))) for post in read(raw).posts]
        theirs = [judgement(entry) for entry in judged(raw)["entries"] if something(entry)]
        assert len(ours) == len(theirs), name
        for mine, judge in zip(ours, theirs, strict=True):
            compared += 1
            for field, one, other in zip(("title", "link", "date", "text"), mine, judge, strict=True):
                if one != other:
                    differences.add((name, field))
    assert differences == set(EXPLAINED)
    assert compared > 500


def judged(raw: bytes) -> Any:
    import feedparser

    return feedparser.parse(io.BytesIO(raw), response_headers={"content-location": URL})


def something(entry: Any) -> bool:
    return any(dict.get(entry, key) for key in ("id", "link", "title", "summary", "content"))


def judgement(entry: Any) -> tuple[str | None, str | None, int | None, str]:
    """Title, link, date and text of feedparser's entry, cleaned as ours are."""
    contents = [one for one in dict.get(entry, "content") or [] if one["value"].strip()]
    if contents:
        longest = max(contents, key=lambda one: len(one["value"]))
        text = cleaned(longest["value"], longest["type"])
    else:
        text = cleaned(
            dict.get(entry, "summary") or "", (dict.get(entry, "summary_detail") or {}).get("type", "text/html")
        )
    kind = (dict.get(entry, "title_detail") or {}).get("type", "text/plain")
    moments = [dict.get(entry, f"{key}_parsed") for key in ("published", "created", "updated")]
    moment = next((calendar.timegm(one) for one in moments if one), None)
    name = cleaned(dict.get(entry, "title") or "", kind, lines=False)
    return name or None, dict.get(entry, "link") or None, moment, words(text)


def cleaned(value: str, kind: str, *, lines: bool = True) -> str:
    from listen import text

    return text.clean(text.from_html(value) if kind != "text/plain" else value, lines=lines)[0]


def words(text: str) -> str:
    return " ".join(text.split())


# --- lists of feeds ---------------------------------------------------------------------------------------------------


def listed(shared: Path, name: str) -> list[opml.Outline]:
    return opml.expand([f"opml:{name}"], shared / "fixtures")


def test_lists_of_other_readers(shared: Path) -> None:
    example = listed(shared, "opml/example.opml")
    assert [(one.url, one.label, one.tags) for one in example[3:]] == [
        ("https://example.com/feed.rss09", "example.com website (RSS 0.9 feed)", ()),
        ("https://blogs.example.com/~john/posts.rss", "John's musings", ("Blogs",)),
        ("https://blogs.example.com/~mike/.rss", "Notes by Mike", ("Blogs", "friends")),
        ("https://fred.example.com/writing/index.php?type=rss", "Fred on everything", ("eloquent",)),
    ]
    assert len(example) == 7
    category = listed(shared, "opml/category.opml")
    assert [(one.url, one.tags) for one in category] == [
        ("http://feeds.bbci.co.uk/news/business/rss.xml?edition=int", ("tag one", "tag_two", "tag/three"))
    ]
    subscriptions = listed(shared, "feeds/Subs.opml")
    assert [(one.url, one.label) for one in subscriptions[:2]] == [
        ("http://daringfireball.net/feeds/main", "Daring Fireball"),
        ("https://developer.apple.com/swift/blog/news.rss", "Swift Blog - Apple Developer"),
    ]
    assert "chat & code" in {one.label for one in subscriptions}


def test_a_list_with_a_command_gives_the_rest(shared: Path) -> None:
    command, feed = listed(shared, "opml/piped.opml")
    assert command.url == "|~/fetch_tweets.py"
    assert "command" in command.refused
    assert (feed.url, feed.tags, feed.refused) == ("https://example.com/feed.atom", ("tagged",), "")


@pytest.mark.parametrize(
    ("name", "words_of_it"),
    [
        ("opml/body-element-missing.opml", "<body>"),
        ("opml/opml-element-missing.opml", "<not-opml>"),
        ("opml/none.opml", "No such file"),
    ],
)
def test_lists_that_are_none_say_so(shared: Path, name: str, words_of_it: str) -> None:
    with pytest.raises(SourceError) as caught:
        listed(shared, name)
    assert name in caught.value.message
    assert words_of_it in caught.value.message
