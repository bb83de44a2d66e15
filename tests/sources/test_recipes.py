"""Short forms of feed addresses, and what the feeds of those places say."""

from __future__ import annotations

from pathlib import Path

import pytest

from sources import recipes
from sources.base import SourceError
from sources.feed import FeedAdapter
from tests.sources.asked import faulty
from tests.sources.reading import at, body, channel, items, read, title

FORMS = [(word, *way) for word, recipe in recipes.RECIPES.items() for way in recipe.ways]


@pytest.mark.parametrize(("word", "example", "pattern", "template"), FORMS)
def test_every_example_makes_the_address_of_its_own_way(word: str, example: str, pattern: str, template: str) -> None:
    made = recipes.address(f"{word}:{example}")
    assert made is not None
    assert made.startswith(template.partition("{")[0])
    assert "{" not in made
    found = channel(f"{word}:{example}")
    assert (found.settings["url"], found.label) == (made, f"{word}:{example}")


@pytest.mark.parametrize(
    ("entry", "url"),
    [
        (
            "google-news:l'été à Nîmes",
            "https://news.google.com/rss/search?q=l%27%C3%A9t%C3%A9+%C3%A0+N%C3%AEmes+when:1d",
        ),
        (
            'reddit:"acme battery" OR veltra',
            "https://www.reddit.com/search.rss?q=%22acme+battery%22+OR+veltra&sort=new",
        ),
        ("stackexchange:stackoverflow.com/c++", "https://stackoverflow.com/feeds/tag/c%2B%2B"),
        ("discourse:https://forum.example/", "https://forum.example/posts.rss"),
        ("Flickr:#acmé", "https://api.flickr.com/services/feeds/photos_public.gne?tags=acm%C3%A9"),
        ("lemmy:!france@jlai.lu", "https://jlai.lu/feeds/c/france.xml?sort=New"),
    ],
)
def test_what_stands_in_an_address_is_written_as_addresses_are(entry: str, url: str) -> None:
    assert channel(entry).settings["url"].startswith(url)


@pytest.mark.parametrize(
    "entry", ["youtube:acme", "youtube:", "mastodon:acme", "lemmy:france", "github:acme", "reddit:r/"]
)
def test_a_short_form_that_cannot_be_read_says_how_it_is_written(entry: str) -> None:
    with faulty("settings"):
        channel(entry)


def test_a_short_form_that_is_misspelt_is_guessed() -> None:
    with pytest.raises(SourceError) as caught:
        channel("redit:r/batteries")
    assert caught.value.remedy == 'Did you mean "reddit:r/batteries"?'


def test_other_addresses_are_left_alone() -> None:
    urls = ["https://reddit.example/r/a.rss", "feed://blog.example/rss"]
    found = FeedAdapter().channels({"urls": urls}, [])
    assert [one.settings["url"] for one in found] == [urls[0], "http://blog.example/rss"]


def test_well_known_places_are_understood_when_they_refuse() -> None:
    adapter = FeedAdapter()
    for entry, status, word in (("reddit:r/a", 403, "minute"), ("google-news:acme", 503, "every")):
        told = adapter.refused(channel(entry), status)
        assert told is not None
        assert word in " ".join(told)
    assert adapter.refused(channel("reddit:r/a"), 404) is None
    assert adapter.refused(channel("https://notreddit.com/feed"), 403) is None


def test_an_alert_leads_to_the_article() -> None:
    wrapped = "https://www.google.com/url?rct=j&amp;url=https://x.example/a%3Fid%3D7%26b%3D1&amp;ct=ga"
    (post,) = read(items(f"<title>A &lt;b&gt;brand&lt;/b&gt;</title><link>{wrapped}</link>")).posts
    assert post.url == "https://x.example/a?id=7&b=1"
    (post,) = read(items("<title>A</title><link>https://www.google.com/url?url=javascript:alert(1)</link>")).posts
    assert post.url == "https://www.google.com/url?url=javascript:alert(1)"


# --- recorded feeds ---------------------------------------------------------------------------------------------------


def recorded(shared: Path, name: str) -> bytes:
    return (shared / "fixtures" / name).read_bytes()


def test_google_news_gives_the_publisher_and_a_title_without_it(shared: Path) -> None:
    first, second = read(recorded(shared, "google_news/search_fr_synthetic.rss")).posts
    # "ouest-france.fr" is the source and "Ouest-France" stands in the title, so that nothing is taken off.
    assert title(first) == (
        "Grève à la SNCF : « l’équivalent de deux trains sur trois » – ce qu’il faut savoir - Ouest-France"
    )
    assert title(second) == "Ketanji Brown Jackson criticizes supreme court’s handling of emergency docket"
    assert (first.text, second.text) == ("", "")
    assert second.author is not None
    assert (second.author.name, second.author.url) == ("The Guardian", "https://www.theguardian.com")
    assert second.url == "https://news.google.com/rss/articles/CBMiogFBVV95cUxQZ3MtNXd1?oc=5"


def test_bing_news_gives_the_articles_own_address(shared: Path) -> None:
    raw = recorded(shared, "bing_news/search_pt.rss")
    first, second = read(raw).posts
    assert first.url == "https://canaltech.com.br/games/sega-barra-inteligencia-artificial/"
    assert first.author is not None
    assert second.author is not None
    assert (first.author.name, second.author.name) == ("Canaltech", "Kompas Money on MSN")
    # The click has another number each time, and the name space is the query itself.
    again = read(raw.replace(b"tid=6ac5", b"tid=7").replace(b"q=ia&amp;", b"q=ia&amp;a=1&amp;")).posts
    assert [post.external_id for post in again] == [first.external_id, second.external_id]


def test_a_google_alert(shared: Path) -> None:
    (post,) = read(recorded(shared, "google_alerts/feed.atom")).posts
    assert post.url == "https://www.theconcordinsider.com/2021/06/04/this-week-in-concord-history-502/"
    assert "on horseback, from Boscawen to the new State House" in body(post)
    assert post.author is None


PLACES = {
    "youtube/channel_feed.xml": ("video", "Taking Time Off From Filming", "ReallyBigMonkey1", "2025-08-29T10:01:44"),
    "discourse/category_feed.rss": ("article", "Ardour 9.0 released", "Paul Davis", "2026-02-05T17:10:20"),
    "stackexchange/question_feed.atom": (
        "article", 'Setuptools "development" Requirements', "nfarrar", "2015-02-13T22:39:34",
    ),
    "feeds/wordpress_comments.rss": ("comment", None, None, None),
    "tumblr/blog.rss": ("post", None, None, "2026-01-23T10:47:55"),
    "feeds/huginn_github_rss.atom": ("article", None, None, None),
    "reddit/atom_mediarss_reddit_1.xml": ("article", None, None, None),
}  # fmt: skip


@pytest.mark.parametrize("name", PLACES)
def test_a_recorded_feed_of_each_place(shared: Path, name: str) -> None:
    kind, words, author, published = PLACES[name]
    page = read(recorded(shared, name))
    assert not page.rejects
    post = page.posts[0]
    assert post.kind == kind
    assert all(one.url and (one.title or one.text) for one in page.posts)
    assert words is None or title(post) == words
    assert author is None or (post.author is not None and (post.author.name or post.author.handle) == author)
    assert published is None or post.published_at == at(published)


FLICKR = """<?xml version="1.0" encoding="utf-8" standalone="yes"?>
<feed xmlns="http://www.w3.org/2005/Atom" xmlns:flickr="urn:flickr:user"><title>Recent Uploads tagged acme</title>
<entry><title>A charger in the rain</title><id>tag:flickr.com,2005:/photo/54000000001</id>
<link rel="alternate" type="text/html" href="https://www.flickr.com/photos/ann/54000000001/"/>
<published>2026-11-20T10:00:00Z</published><updated>2026-11-20T10:00:00Z</updated>
<content type="html">&lt;p&gt;ann posted a photo:&lt;/p&gt; &lt;p&gt;it still loads&lt;/p&gt;</content>
<author><name>ann</name><uri>https://www.flickr.com/people/ann/</uri></author>
<category term="acme" scheme="https://www.flickr.com/photos/tags/"/></entry></feed>"""

MASTODON = """<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel><title>Ann</title>
<link>https://m.example/@ann</link><item><guid isPermaLink="true">https://m.example/@ann/1</guid>
<link>https://m.example/@ann/1</link><pubDate>Fri, 20 Nov 2026 10:00:00 +0000</pubDate>
<description>&lt;p&gt;my #acme died&lt;/p&gt;</description><category>acme</category></item></channel></rss>"""

LEMMY = """<?xml version="1.0" encoding="UTF-8"?><rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/">
<channel><title>lemmy.example - batteries</title><link>https://lemmy.example/c/batteries</link>
<item><title>Acme recalls</title><link>https://news.example/recall</link>
<description>&lt;p&gt;submitted by ann&lt;/p&gt;</description>
<comments>https://lemmy.example/post/7</comments><guid>https://lemmy.example/post/7</guid>
<pubDate>Fri, 20 Nov 2026 10:00:00 +0000</pubDate><dc:creator>https://lemmy.example/u/ann</dc:creator></item>
</channel></rss>"""


@pytest.mark.parametrize(
    ("feed", "url", "words"),
    [
        (FLICKR, "https://www.flickr.com/photos/ann/54000000001/", "A charger in the rain"),
        (MASTODON, "https://m.example/@ann/1", "my #acme died"),
        (LEMMY, "https://news.example/recall", "Acme recalls"),
    ],
)
def test_feeds_of_places_without_a_recording(feed: str, url: str, words: str) -> None:
    (post,) = read(feed).posts
    assert (post.url, title(post) or body(post), post.published_at) == (url, words, at("2026-11-20T10:00"))
