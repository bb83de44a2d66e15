"""Channels, requests and single fields of the adapter for feeds."""

from __future__ import annotations

import pytest

from sources.base import Author, SourceError
from sources.feed import ACCEPT, FeedAdapter, refusals
from sources.opml import Outline
from tests.sources.reading import URL, at, body, channel, items, read, title


def urls(*found: object) -> list[str]:
    return [one.settings["url"] for one in FeedAdapter().channels({"urls": list(found)}, [])]


# --- channels and requests --------------------------------------------------------------------------------------------


def test_each_address_is_a_channel_once() -> None:
    found = FeedAdapter().channels(
        {"urls": ["https://a.example/feed/", "http://b.example/x?y=1", "https://a.example/feed/"]}, []
    )
    assert [(one.key, one.label) for one in found] == [
        ("https://a.example/feed/", "a.example/feed"),
        ("http://b.example/x?y=1", "b.example/x"),
    ]


def test_feed_addresses_of_old_readers() -> None:
    assert urls("feed://a.example/x", "feed:https://b.example/y", " https://c.example/z\n") == [
        "http://a.example/x",
        "https://b.example/y",
        "https://c.example/z",
    ]


def test_secrets_of_an_address_are_asked_for_and_never_shown() -> None:
    one, two = (f"https://ann:hunter2@a.example/feed?user=7&token={secret}" for secret in ("canary1", "canary2"))
    found = FeedAdapter().channels({"urls": [one, two]}, [])
    assert [FeedAdapter().request(each, {}, 0.0).url for each in found] == [one, two]
    assert len({each.key for each in found}) == 2
    shown = " ".join(f"{each.key} {each.label}" for each in found)
    assert "canary" not in shown
    assert "hunter2" not in shown
    assert "user=7" in shown


def test_outlines_carry_their_label_and_tags() -> None:
    outlines = [
        Outline("https://a.example/x", "A", ("press",)),
        Outline("|rm -rf", "B", refused="it is a command"),
    ]
    found = FeedAdapter().channels({"urls": outlines, "allow_doctype": True}, [])
    assert [(one.label, one.settings) for one in found] == [
        ("A", {"url": "https://a.example/x", "tags": ["press"], "allow_doctype": True})
    ]
    assert [(one.reason, one.sample) for one in refusals(outlines)] == [("refused: it is a command", "|rm -rf")]


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"urls": []},
        {"urls": "https://a.example"},
        {"urls": ["a.example/feed"]},
        {"urls": ["ftp://a.example/feed"]},
        {"urls": ["https://"]},
        {"urls": ["https://[bad"]},
        {"urls": ["https://a.example:99999/"]},
        {"urls": ["file:///etc/passwd"]},
        {"urls": ["opml:press.opml"]},
        {"urls": [Outline("|x", refused="it is a command")]},
    ],
)
def test_settings_that_cannot_work_say_so(settings: dict[str, object]) -> None:
    with pytest.raises(SourceError) as caught:
        FeedAdapter().channels(settings, [])
    assert caught.value.reason == "settings"
    assert "urls" in caught.value.message
    assert caught.value.remedy


def test_the_request_names_what_is_understood() -> None:
    request = FeedAdapter().request(channel(), {"seen": "x"}, 0.0)
    assert (request.url, request.headers, request.method) == (URL, {"accept": ACCEPT}, "GET")


# --- links ------------------------------------------------------------------------------------------------------------

ATOM = '<feed xmlns="http://www.w3.org/2005/Atom"{0}><id>f</id>{1}<entry><id>urn:1</id>{2}</entry></feed>'


def link(feed: str, final: str = URL) -> str | None:
    return read(feed, final=final).posts[0].url


def test_relative_links_stand_on_the_base_then_the_channel_then_the_address() -> None:
    item = "<link>post/1</link>"
    assert link(items(item)) == "https://feeds.example/dir/post/1"
    assert link(items(item), "https://moved.example/a/b.xml") == "https://moved.example/a/post/1"
    assert link(items(item, head="<link>https://blog.example/home/</link>")) == "https://blog.example/home/post/1"
    assert link(items(item, head="<link>/blog/</link>")) == "https://feeds.example/blog/post/1"
    based = ATOM.format(
        ' xml:base="https://base.example/x/"', '<link href="https://blog.example/"/>', '<link href="p"/>'
    )
    assert link(based) == "https://base.example/x/p"
    assert link(items("<link>//cdn.example/p</link>")) == "https://cdn.example/p"
    assert link(items("<link>?p=1</link>")) == "https://feeds.example/dir/feed.xml?p=1"


def test_which_of_several_links_is_the_page() -> None:
    page = '<link rel="alternate" type="text/html" href="https://x.example/page"/>'
    others = '<link rel="self" href="https://x.example/self"/><link rel="related" href="https://x.example/related"/>'
    sound = '<link rel="enclosure" href="https://x.example/a.mp3" type="audio/mpeg"/>'
    gemini = '<link rel="alternate" type="text/gemini" href="gemini://x.example/"/>'
    plain = '<link rel="alternate" type="text/plain" href="https://x.example/plain"/>'
    assert link(ATOM.format("", "", others + sound + page + gemini)) == "https://x.example/page"
    assert link(ATOM.format("", "", others + gemini + plain)) == "https://x.example/plain"
    assert link(ATOM.format("", "", others).replace("urn:1", "https://x.example/id")) == "https://x.example/id"
    assert link(ATOM.format("", "", others + sound)) == "https://x.example/a.mp3"
    assert link(ATOM.format("", "", others)) is None


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        ("<guid>https://x.example/1</guid>", "https://x.example/1"),
        ('<guid isPermaLink="false">https://x.example/1</guid>', None),
        ("<guid>1559104147038</guid>", None),
        ("<guid>https://x.example/1</guid><link>https://x.example/2</link>", "https://x.example/2"),
        ("<guid>https://x.example/1</guid><link></link>", "https://x.example/1"),
        ("<link>javascript:alert(1)</link><title>t</title>", None),
        ("<link>java\nscript:alert(1)</link><title>t</title>", None),
        ("<link>mailto:x@y.example</link><title>t</title>", None),
        ("<link>https://x.example/a b\n c</link>", "https://x.example/a%20b%20c"),
        ("<link>https://x.example/?a=1&amp;b=2</link>", "https://x.example/?a=1&b=2"),
        (
            '<title>t</title><enclosure url="https://x.example/a.pdf" type="application/pdf"/>',
            "https://x.example/a.pdf",
        ),
    ],
)
def test_links_of_rss_items(item: str, expected: str | None) -> None:
    assert link(items(item)) == expected


# --- text -------------------------------------------------------------------------------------------------------------


def told(item: str) -> tuple[str | None, str]:
    post = read(items(item)).posts[0]
    return title(post), body(post)


def test_double_escaped_html_is_read_as_meant() -> None:
    assert told(
        "<description>&amp;lt;p&amp;gt;One &amp;amp; two&amp;lt;/p&amp;gt;"
        "&amp;lt;p&amp;gt;Three&amp;lt;/p&amp;gt;</description>"
    ) == (
        None,
        "One & two\n\nThree",
    )
    assert (
        told("<description><![CDATA[See &lt;a href=&quot;https://x.example&quot;&gt;this&lt;/a&gt;.]]></description>")[
            1
        ]
        == "See this."
    )


def test_tags_that_a_text_talks_about_stay() -> None:
    assert told("<description><![CDATA[<p>Use &lt;b&gt; for bold, &lt;/b&gt; ends it.</p>]]></description>")[1] == (
        "Use <b> for bold, </b> ends it."
    )
    assert told("<description>1 &amp;lt; 2</description>")[1] == "1 < 2"


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("AT&amp;T", "AT&T"),
        ("<![CDATA[AT&T]]>", "AT&T"),
        ("AT&amp;amp;T", "AT&T"),
        ("1 &lt; 2 &amp; 3 &gt; 2", "1 < 2 & 3 > 2"),
        ("&lt;b&gt;Bold&lt;/b&gt; claim", "Bold claim"),
        ("I &lt;3 kettles", "I <3 kettles"),
        ("List&lt;String&gt; in Java", "List<String> in Java"),
        ("\n  Padded\n  title ", "Padded title"),
    ],
)
def test_titles_are_read_once(raw: str, expected: str) -> None:
    assert told(f"<title>{raw}</title><description>&lt;p&gt;x&lt;/p&gt;</description>") == (expected, "x")
    assert told(f"<title>{raw}</title>") == (expected, "")


def test_a_plain_text_beside_a_marked_up_title_keeps_its_lines() -> None:
    entry = '<title type="html">&lt;i&gt;T&lt;/i&gt;</title><content type="text">a &lt;b&gt;\nc &amp;amp; d</content>'
    post = read(ATOM.format("", "", entry)).posts[0]
    assert (title(post), body(post)) == ("T", "a <b>\nc &amp; d")


def test_the_longest_content_is_the_text() -> None:
    summary = "<description>A much longer summary than the content is.</description>"
    content = '<content:encoded xmlns:content="http://purl.org/rss/1.0/modules/content/">Content</content:encoded>'
    assert told(summary + content) == (None, "Content")
    entry = (
        '<content type="text">one</content><content type="html">&lt;p&gt;longer&lt;/p&gt;</content><summary>s</summary>'
    )
    assert body(read(ATOM.format("", "", entry)).posts[0]) == "longer"
    empty = '<content type="html"> </content><summary>the summary</summary>'
    assert body(read(ATOM.format("", "", empty)).posts[0]) == "the summary"
    picture = '<content type="image/png">iVBORw0KGgo=</content><summary>the summary</summary>'
    assert body(read(ATOM.format("", "", picture)).posts[0]) == "the summary"


def test_items_without_titles_have_none() -> None:
    assert told("<title></title><description>Words</description>") == (None, "Words")
    assert told("<title> </title><description>Words</description>") == (None, "Words")


# --- dates, authors, kinds --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("date", "expected"),
    [
        ("Wed, 04 Mar 2026 10:00:00 EST", "2026-03-04T15:00"),
        ("2026/3/4 10:00:00", "2026-03-04T10:00"),
        ("4 mars 2026 10:00:00 +0100", "2026-03-04T09:00"),
        ("Κυρ, 11 Ιούλ 2004 12:00:00 EST", "2004-07-11T17:00"),
        ("2004년 05월 28일  01:31:15", "2004-05-27T16:31:15"),
        ("Sat, 31 Feb 2026 10:00:00 GMT", None),
        ("2026年3月4日 10:00", "2026-03-04T10:00"),
        ("19:00", None),
        ("99999999999999999999", None),
        ("Wed, 04 Mar 1981 10:00:00 GMT", None),
        ("Wed, 04 Mar 2099 10:00:00 GMT", None),
        ("9999-12-31T23:59:60Z", None),
        ("yesterday", None),
    ],
)
def test_dates_that_can_be_believed(date: str, expected: str | None) -> None:
    post = read(items(f"<title>t</title><pubDate>{date}</pubDate>")).posts[0]
    assert post.published_at == (at(expected) if expected else None)


def test_a_clock_that_is_a_little_ahead_is_believed() -> None:
    now = at("2026-03-04T10:00")
    for date, kept in (("2026-03-05T09:59:59Z", True), ("2026-03-05T10:00:01Z", False)):
        page = read(items(f"<title>t</title><pubDate>{date}</pubDate>"), now=float(now))
        assert (page.posts[0].published_at is not None) is kept


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Ann Urn", Author("Ann Urn@feeds.example", name="Ann Urn")),
        ("ann@urn.example", Author("ann@urn.example")),
        ("ann@urn.example (Ann Urn)", Author("Ann Urn@feeds.example", name="Ann Urn")),
        ("Ann Urn (ann@urn.example)", Author("Ann Urn@feeds.example", name="Ann Urn")),
        ("Ann Urn &lt;ann@urn.example&gt;", Author("Ann Urn@feeds.example", name="Ann Urn")),
        ("jonas@insanity.industries (Jonas Große)", Author("Jonas Große@feeds.example", name="Jonas Große")),
        ("Ann Urn (editor)", Author("Ann Urn (editor)@feeds.example", name="Ann Urn (editor)")),
        ("  ", None),
    ],
)
def test_the_forms_of_author(name: str, expected: Author | None) -> None:
    assert read(items(f"<title>t</title><author>{name}</author>")).posts[0].author == expected


def test_a_name_said_twice_is_one() -> None:
    item = '<title>t</title><author>a@x.example (Ann)</author><dc:creator xmlns:dc="http://purl.org/dc/elements/1.1/">Ann</dc:creator>'
    assert read(items(item)).posts[0].author == Author("Ann@feeds.example", name="Ann")


def test_the_author_of_the_feed_writes_entries_without_one() -> None:
    feed = ATOM.format(
        "", "<author><name>Ed</name></author>", "<title>t</title><source><author><name>Sue</name></author></source>"
    )
    assert read(feed).posts[0].author == Author("Sue@feeds.example", name="Sue")


@pytest.mark.parametrize(
    ("enclosure", "kind"),
    [
        ('type="audio/mpeg" url="https://x.example/a"', "episode"),
        ('type="video/mp4" url="https://x.example/a"', "episode"),
        ('url="https://x.example/a.MP3?x=1"', "episode"),
        ('type="image/jpeg" url="https://x.example/a.jpg"', "article"),
        ('type="application/pdf" url="https://x.example/a.pdf"', "article"),
    ],
)
def test_what_can_be_heard_or_watched_is_an_episode(enclosure: str, kind: str) -> None:
    assert read(items(f"<title>t</title><enclosure {enclosure}/>")).posts[0].kind == kind


def test_a_video_channel_gives_videos_with_their_views() -> None:
    feed = (
        '<feed xmlns:yt="http://www.youtube.com/xml/schemas/2015" xmlns:media="http://search.yahoo.com/mrss/" '
        'xmlns="http://www.w3.org/2005/Atom"><entry><id>yt:video:abc</id><yt:videoId>abc</yt:videoId><title>Boil</title>'
        '<link rel="alternate" href="https://www.youtube.com/watch?v=abc"/><media:group>'
        "<media:description>Watch it boil.</media:description><media:community>"
        '<media:statistics views="1234"/></media:community>'
        "</media:group></entry></feed>"
    )
    post = read(feed).posts[0]
    assert (post.kind, post.views, body(post)) == ("video", 1_234, "Watch it boil.")


@pytest.mark.parametrize("count", ["-1", "many", "99999999999999999999999", "1.5", ""])
def test_counts_that_are_none_are_unknown(count: str) -> None:
    item = (
        f'<title>t</title><slash:comments xmlns:slash="http://purl.org/rss/1.0/modules/slash/">{count}</slash:comments>'
    )
    assert read(items(item)).posts[0].replies is None


def test_many_tags_are_kept_short() -> None:
    item = "<title>t</title>" + "".join(f"<category>{'x' * 200} {number}</category>" for number in range(80))
    tags = read(items(item)).posts[0].tags
    assert len(tags) <= 50
    assert all(len(tag) <= 100 for tag in tags)


@pytest.mark.parametrize(
    ("hint", "lang"), [("en-US", "en"), ("pt_BR", "pt"), ("ZH", "zh"), ("English", None), ("", None), ("x", None)]
)
def test_language_hints(hint: str, lang: str | None) -> None:
    assert read(items("<title>t</title>", head=f"<language>{hint}</language>")).posts[0].lang == lang


@pytest.mark.parametrize(
    ("head", "every"),
    [
        ("<ttl>60</ttl>", 3_600.0),
        ("<ttl>x</ttl>", None),
        ("<ttl>0</ttl>", None),
        ("<ttl>99999999999999999</ttl>", 31_536_000.0),
        (
            '<sy:updatePeriod xmlns:sy="http://purl.org/rss/1.0/modules/syndication/"> Hourly </sy:updatePeriod>'
            "<ttl>30</ttl>",
            3_600.0,
        ),
    ],
)
def test_wishes_for_an_interval(head: str, every: float | None) -> None:
    assert read(items(head=head)).every == every


@pytest.mark.parametrize(
    ("head", "hours"),
    [
        ("<skipHours><hour>24</hour><hour> 3 </hour><hour>99</hour></skipHours>", {0, 3, 24, 27, 48, 51, 144, 147}),
        ("<skipDays><day>monday</day><day>Someday</day></skipDays>", set(range(24))),
        ("<skipHours></skipHours><skiphours>x</skiphours>", set()),
    ],
)
def test_hours_in_which_a_publisher_wishes_not_to_be_asked(head: str, hours: set[int]) -> None:
    skip = read(items("<title>a</title>", head=head)).skip
    assert hours <= set(skip)
    assert bool(skip) == bool(hours)
    assert len(skip) in (0, 24, 14)
