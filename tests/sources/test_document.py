"""From bytes to a document: encodings, kinds, guards."""

from __future__ import annotations

import codecs

import pytest

from sources import document
from sources.base import SourceError
from tests.sources.reading import body, items, read, title

FRENCH = '<rss version="2.0"><channel><item><title>Été à la plage : 5 € ?</title><guid>1</guid></item></channel></rss>'
LATIN = FRENCH.replace("€", "F")


def declared(name: str, text: str = FRENCH) -> str:
    return f'<?xml version="1.0" encoding="{name}"?>\n{text}'


@pytest.mark.parametrize(
    ("raw", "content_type"),
    [
        (FRENCH.encode(), ""),
        (FRENCH.encode("utf-8-sig"), ""),
        (FRENCH.encode("utf-16"), ""),
        (declared("utf-16").encode("utf-16"), "text/xml"),
        (declared("utf-16").encode("utf-16-be"), "text/xml"),
        (declared("utf-16").encode("utf-16-le"), ""),
        (codecs.BOM_UTF32_BE + FRENCH.encode("utf-32-be"), ""),
        (declared("utf-8").encode(), "text/xml"),
        (declared("utf-8").encode(), "text/html; charset=iso-8859-1"),
        (declared("iso-8859-1").encode(), ""),
        (declared("utf-16").encode(), ""),
        (declared("x-invented").encode(), ""),
        (declared("windows-1252").encode("windows-1252"), ""),
        (declared("iso-8859-1").encode("windows-1252"), ""),
        (FRENCH.encode("windows-1252"), ""),
        (FRENCH.encode("windows-1252"), "text/xml"),
        (FRENCH.encode("iso-8859-15"), "application/rss+xml; charset=ISO-8859-15"),
        (declared("utf-8").encode("windows-1252"), "text/xml; charset=utf-8"),
        (declared("us-ascii").encode("windows-1252"), ""),
    ],
)
def test_the_euro_survives(raw: bytes, content_type: str) -> None:
    assert title(read(raw, content_type=content_type).posts[0]) == "Été à la plage : 5 € ?"


def test_latin_1_without_a_word_about_it() -> None:
    assert title(read(LATIN.encode("iso-8859-1")).posts[0]) == "Été à la plage : 5 F ?"


@pytest.mark.parametrize(
    ("codec", "name", "words"),
    [
        ("gb18030", "gb2312", "电热水壶"),
        ("shift_jis", "Shift_JIS", "電気ケトル"),
        ("euc-kr", "euc-kr", "전기 주전자"),
        ("big5", "big5", "電熱水壺"),
        ("koi8-r", "koi8-r", "Чайник"),
        ("windows-1251", "windows-1251", "Чайник"),
        ("iso-8859-7", "iso-8859-7", "Βραστήρας"),
    ],
)
def test_other_scripts_by_their_own_encodings(codec: str, name: str, words: str) -> None:
    raw = declared(name, FRENCH.replace("Été à la plage : 5 € ?", words)).encode(codec)
    assert title(read(raw).posts[0]) == words
    assert title(read(raw.replace(name.encode(), b"?"), content_type=f"text/xml; charset={name}").posts[0]) == words


def test_a_few_broken_bytes_do_not_make_it_latin_1() -> None:
    raw = items("<title>Æblegrød på è ù ñ</title><guid>1</guid>").encode().replace("ù".encode(), b"\xc3")
    assert title(read(raw).posts[0]) == "Æblegrød på è \ufffd ñ"


def test_the_charset_of_the_answer_beats_the_prolog() -> None:
    raw = declared("windows-1251", FRENCH).encode("windows-1252")
    assert title(read(raw, content_type="text/xml; charset=windows-1252").posts[0]) == "Été à la plage : 5 € ?"


@pytest.mark.parametrize("name", ["unicode_escape", "raw_unicode_escape", "punycode", "idna", "undefined"])
def test_what_is_no_character_set_is_refused(name: str) -> None:
    raw = declared(name, items("<title>a</title>").partition("?>")[2]).encode()
    with pytest.raises(SourceError) as caught:
        read(raw)
    assert caught.value.reason == "encoding"
    assert name in caught.value.message


# --- kinds ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "early",
    [
        "\n\n",
        " \t\r\n",
        "\ufeff",
        "<!-- made by hand -->\n",
        "<?xml-stylesheet href='x.css'?>",
        "<br />\n<b>Warning</b>: x in y\n",
    ],
)
def test_what_stands_before_the_feed_does_no_harm(early: str) -> None:
    assert [title(post) for post in read(early + items("<title>a</title>")).posts] == ["a"]
    assert [title(post) for post in read("\n" * 3_000 + items("<title>a</title>")).posts] == ["a"]


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"", "empty"),
        (b" \n\t ", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        (b"Service unavailable", "not-a-feed"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "not-a-feed"),
        (b"\x1f\x8b\x08\0\0\0\0\0", "not-a-feed"),
        (b"<!-- nothing -->", "parse"),
        (b"<", "parse"),
        (b"<sitemap><url/></sitemap>", "parse"),
        (b"<opml version='1.0'><body/></opml>", "parse"),
        (b"<rss version='2.0'><channel><title>x", "parse"),
        (b"[1, 2]", "not-a-feed"),
        (b'{"error": "gone"}', "not-a-feed"),
        (b'{"items": ', "parse"),
        (b'{"version": "https://jsonfeed.org/version/2", "items": []}', "version"),
    ],
)
def test_what_is_no_feed_is_an_error_with_its_reason(raw: bytes, reason: str) -> None:
    with pytest.raises(SourceError) as caught:
        read(raw, content_type="application/rss+xml")
    assert caught.value.reason == reason
    assert caught.value.message.isprintable()
    assert caught.value.remedy


def test_an_empty_feed_is_fine() -> None:
    for raw in (items(), '<feed xmlns="http://www.w3.org/2005/Atom"><title>T</title></feed>'):
        page = read(raw)
        assert (page.posts, page.rejects, page.title) == ([], [], "T")
    assert read('{"version": "https://jsonfeed.org/version/1.1", "title": "T", "items": []}').posts == []


PAGE = """<!DOCTYPE html><html><head><title>Our \x1b[31m shop</title><base href="https://shop.example/news/">
<link rel="stylesheet" type="text/css" href="x.css">
<link rel="alternate" type="application/rss+xml" title="News" href="feed.xml">
<link rel="Alternate" type="application/feed+json" href="/feed.json">
<link rel="alternate" hreflang="fr" type="text/html" href="/fr">
<link rel="alternate" type="application/atom+xml" href="javascript:alert(1)">
</head><body><article><h1>News</h1></article></body></html>"""


def test_a_web_page_names_its_feeds() -> None:
    with pytest.raises(SourceError) as caught:
        read(PAGE, content_type="application/rss+xml")
    error = caught.value
    assert error.reason == "html"
    assert error.remedy.startswith("The page names: https://shop.example/news/feed.xml https://shop.example/feed.json.")
    assert "\x1b" not in error.message
    assert "shop" in error.message


@pytest.mark.parametrize(
    "wall",
    [
        "<html><head><title>Just a moment...</title></head><body>Checking your browser</body></html>",
        "<!doctype html>\n<html lang=en><title>Access denied</title><p>rss &lt;item&gt;",
        "<html><script>x = '<rss version=2.0><channel><item><title>x</title></item></channel></rss>'</script></html>",
        "<body>blocked</body>",
    ],
)
def test_a_bot_wall_never_becomes_items(wall: str) -> None:
    with pytest.raises(SourceError) as caught:
        read(wall, content_type="application/xml")
    assert caught.value.reason == "html"


def test_an_xhtml_doctype_does_not_make_a_feed_a_page() -> None:
    doctype = '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN" "http://site.invalid/">'
    assert len(read(doctype + items("<title>a</title>").partition("?>")[2]).posts) == 1


# --- guards -----------------------------------------------------------------------------------------------------------

BOMB = '<!DOCTYPE rss [<!ENTITY kettle "Kessel"><!ENTITY x SYSTEM "file:///etc/passwd">]>'


def test_entities_of_its_own_are_refused_unless_allowed() -> None:
    raw = BOMB + "\n" + items("<title>&kettle;</title><guid>1</guid>").partition("?>")[2]
    with pytest.raises(SourceError) as caught:
        read(raw)
    assert caught.value.reason == "doctype"
    assert "allow_doctype" in caught.value.remedy
    assert [post.url for post in read(raw, allow_doctype=True).posts] == [None]


def test_an_allowed_doctype_gives_its_harmless_entities() -> None:
    raw = '<!DOCTYPE rss [\n<!ENTITY kettle "Kessel">\n]>\n' + items("<title>&kettle;</title>").partition("?>")[2]
    assert title(read(raw, allow_doctype=True).posts[0]) == "Kessel"


def test_a_doctype_inside_a_text_is_text() -> None:
    raw = items("<title>a</title><description><![CDATA[<!DOCTYPE x [<!ENTITY y 'z'>]>hello]]></description>")
    assert len(read(raw).posts) == 1


@pytest.mark.parametrize(
    "reference",
    ["&#xD800;", "&#55296;", "&#x110000;", "&#99999999999;", "&#" + "9" * 5_000 + ";", "&#x0000dfff;"],
)
def test_references_to_no_character_cost_one_sign(reference: str) -> None:
    raw = items(f"<title>a{reference}b</title><guid>1</guid>", "<title>good</title><guid>2</guid>")
    assert [title(post) for post in read(raw).posts] == ["a\ufffdb", "good"]


def test_references_that_do_not_end_cost_one_sign_too() -> None:
    raw = items("<title>a&#xD800 b</title><guid>1</guid>", "<title>good</title><guid>2</guid>")
    assert [title(post) for post in read(raw).posts] == ["a\ufffd b", "good"]


def test_references_to_characters_stay() -> None:
    assert title(read(items("<title>&#x1F600;&#65533;&#128512;</title>")).posts[0]) == "😀\ufffd😀"


def test_escapes_in_an_ill_formed_feed_are_kept_for_the_screen_to_mark() -> None:
    assert title(read(items("<title>a&#27;]2;x&#7;b</title>")).posts[0]) == "a\x1b]2;x\x07b"


def test_a_named_reference_without_declaration_is_read_as_html() -> None:
    assert title(read(items("<title>caf&eacute;&nbsp;!</title>")).posts[0]) == "café\u00a0!"


def test_a_cut_feed_keeps_its_whole_items_and_says_so() -> None:
    whole = items(
        "<title>one</title><guid>g?a=1&amp;b=2</guid>",
        "<title>two</title><guid>2</guid>",
        "<title>three</title><guid>3</guid>",
    )
    ids = [post.external_id for post in read(whole).posts]
    cut = read(whole[: whole.index("three") + 3])
    assert [title(post) for post in cut.posts] == ["one", "two"]
    assert [post.external_id for post in cut.posts] == ids[:2]
    assert [reject.reason for reject in cut.rejects] == [
        "truncated: the feed breaks off; its last item is not whole and was left out"
    ]


@pytest.mark.parametrize("name", ["rdf", "atom"])
def test_cut_feeds_of_other_formats(name: str) -> None:
    if name == "rdf":
        raw = (
            '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"><channel>'
            "<title>T</title></channel><item><title>one</title></item><item><title>tw"
        )
    else:
        raw = '<feed xmlns="http://www.w3.org/2005/Atom"><entry><title>one</title></entry><entry><title>tw'
    page = read(raw)
    assert [title(post) for post in page.posts] == ["one"]
    assert len(page.rejects) == 1


def test_more_items_than_are_read_at_a_time() -> None:
    count = document.ENTRIES + 500
    page = read(items(*(f"<title>n{number}</title><guid>{number}</guid>" for number in range(count))))
    assert [title(post) for post in page.posts] == [
        f"n{number}" for number in [*range(document.ENTRIES - 1), count - 1]
    ][: document.ENTRIES] or len(page.posts) == document.ENTRIES
    assert [reject.reason for reject in page.rejects] == [
        "limit:entries: 500 of 2,500 items left out; 2,000 are read at a time"
    ]


def test_of_too_many_items_the_newest_are_read() -> None:
    feed = [
        f"<title>n{number}</title><guid>{number}</guid>"
        f"<pubDate>{number % 28 + 1:02} Jan {1991 + number // 28}</pubDate>"
        for number in range(900)
    ]
    count = document.ENTRIES
    try:
        document.ENTRIES = 100
        oldest_first = read(items(*feed))
        newest_first = read(items(*reversed(feed)))
    finally:
        document.ENTRIES = count
    newest = {f"n{number}" for number in range(800, 900)}
    assert {title(post) for post in oldest_first.posts} == {title(post) for post in newest_first.posts} == newest


def test_too_many_items_of_a_json_feed() -> None:
    found = ",".join(f'{{"id": {number}}}' for number in range(document.ENTRIES + 1))
    page = read(f'{{"version": "https://jsonfeed.org/version/1", "items": [{found}]}}')
    assert len(page.posts) == document.ENTRIES
    assert [reject.reason for reject in page.rejects] == [
        "limit:entries: 1 of 2,001 items left out; 2,000 are read at a time"
    ]


def test_lines_of_a_complaint_are_those_of_the_publisher() -> None:
    with pytest.raises(SourceError) as caught:
        read("\n\n<?xml version='1.0'?>\n<!-- note\n-->\n<rss version='2.0'>\n<channel>\n<x:title/></channel></rss>")
    assert "line 8" in caught.value.message


def test_doctypes_end_where_they_end() -> None:
    quoted = '<!DOCTYPE rss PUBLIC "a > b [" "http://x.example/[">'
    assert len(read(quoted + items("<title>a</title>").partition("?>")[2]).posts) == 1
    assert body(read(items("<title>a</title><description>d</description>")).posts[0]) == "d"
