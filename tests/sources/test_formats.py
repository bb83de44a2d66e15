"""One small feed of each format, with the values that people expect of it."""

from __future__ import annotations

import pytest

from sources.base import Author, Page
from tests.sources.reading import at, body, data, read, title

Told = tuple[str | None, str | None, int | None, str]


def told(page: Page) -> list[Told]:
    return [(title(post), post.url, post.published_at, body(post)) for post in page.posts]


FORMATS: list[tuple[str, str, list[Told]]] = [
    (
        "rss090.rdf",
        "Kettle Watch",
        [
            ("The Brewster leaks at the lid", "https://kettles.example/2026/leak", None, ""),
            ("Three litres & no whistle", "https://kettles.example/2026/quiet", None, ""),
        ],
    ),
    (
        "rss091.xml",
        "Kettle Watch",
        [
            (
                "Recall of the Brewster 2",
                "https://kettles.example/recall",
                None,
                "The handle gets too hot. Owners should write in.",
            ),
            ("A note without a link", None, None, "Only words."),
        ],
    ),
    ("rss092.xml", "Kettle Diary", [(None, None, None, "Boiled twice today. Pictures.")]),
    (
        "rss10.rdf",
        "Wasserkocher heute",
        [
            (
                "Kalk im Kocher",
                "https://wasser.example/kalk?utm_source=rss",
                at("2026-03-04T09:00"),
                "Kalk ist hartnäckig.\n\nEssig hilft.",
            )
        ],
    ),
    (
        "rss20.xml",
        "La Bouilloire",
        [
            (
                "L’été sans thé & sans café",
                "https://bouilloire.example/ete#xtor=RSS-1",
                at("2026-03-04T09:00"),
                "Les ventes chutent de 12\u00a0%.",
            ),
            (None, "https://bouilloire.example/note/2", at("2026-03-05T08:30"), "Une note sans titre."),
        ],
    ),
    (
        "atom03.xml",
        "Teteras",
        [("Una tetera nueva", "https://teteras.example/nueva", at("2026-03-04T09:00"), "Es roja.")],
    ),
    (
        "atom10.xml",
        "Steam & Co",
        [
            (
                "AT&T buys a kettle, 1 < 2",
                "https://steam.example/blog/att",
                at("2026-03-04T09:00"),
                "A long story.\n\nThe end.",
            ),
            ("Un mot", "https://autre.example/fr/mot", at("2026-03-03T09:00"), "Texte nu : a < b"),
        ],
    ),
    (
        "jsonfeed10.json",
        "Kettle Notes",
        [
            (None, "https://notes.example/7", at("2026-03-04T09:00"), "Plain words,\nin two lines."),
            ("Eight", "https://notes.example/8", None, "Eight & more"),
            ("No id", "https://else.example/x", None, "Just a summary"),
        ],
    ),
    (
        "jsonfeed11.json",
        "Kettle Cast",
        [
            ("Episode 1", "https://cast.example/1", at("2026-03-04T10:00"), "Listen."),
            ("Two", "https://cast.example/2", None, "a < b"),
        ],
    ),
    (
        "podcast.xml",
        "On the Boil",
        [
            (
                "The whistle",
                "https://boil.example/1.mp3?download=1",
                at("2026-03-04T15:00"),
                "Why kettles whistle.",
            )
        ],
    ),
]


@pytest.mark.parametrize(("name", "feed_title", "expected"), FORMATS, ids=[name for name, _, _ in FORMATS])
def test_title_link_date_and_text(name: str, feed_title: str, expected: list[Told]) -> None:
    page = read(data(name))
    assert page.title == feed_title
    assert told(page) == expected
    assert page.rejects == []


@pytest.mark.parametrize("name", [name for name, _, _ in FORMATS])
def test_every_item_keeps_its_one_id(name: str) -> None:
    first = read(data(name))
    again = read(data(name), cursor=first.cursor)
    without_memory = read(data(name))
    ids = [post.external_id for post in first.posts]
    assert len(set(ids)) == len(ids)
    assert ids == [post.external_id for post in again.posts] == [post.external_id for post in without_memory.posts]
    assert {post.network for post in first.posts} == {"feed"}


def test_the_kind_follows_what_it_is() -> None:
    kinds = {
        "rss20.xml": ["article", "post"],
        "podcast.xml": ["episode"],
        "comments.xml": ["comment", "comment"],
        "threads.atom": ["article", "comment"],
        "jsonfeed11.json": ["episode", "article"],
    }
    assert {name: [post.kind for post in read(data(name)).posts] for name in kinds} == kinds


def test_languages_come_from_the_item_then_from_the_feed() -> None:
    assert [post.lang for post in read(data("atom10.xml")).posts] == ["en", "fr"]
    assert [post.lang for post in read(data("jsonfeed11.json")).posts] == ["fr", "en"]
    assert [post.lang for post in read(data("rss10.rdf")).posts] == ["de"]
    assert [post.lang for post in read(data("rss091.xml")).posts] == ["en", "en"]
    assert [post.lang for post in read(data("rss092.xml")).posts] == [None]


def test_authors_of_items_feeds_and_shows() -> None:
    assert [post.author for post in read(data("atom10.xml")).posts] == [
        Author("Sam Steam@steam.example", name="Sam Steam", url="https://steam.example/sam"),
        Author("Ann, Bob@steam.example", name="Ann, Bob"),
    ]
    assert [post.author for post in read(data("rss20.xml")).posts] == [
        Author("Élodie Théière@bouilloire.example", name="Élodie Théière"),
        Author("redaction@bouilloire.example"),
    ]
    # The editor of an RSS feed has not written its items; the host of a show speaks in its episodes.
    assert read(data("rss092.xml")).posts[0].author is None
    assert read(data("podcast.xml")).posts[0].author == Author("Ann Urn@boil.example", name="Ann Urn")
    silent = data("podcast.xml").replace(b"<itunes:author>Ann Urn</itunes:author>", b"")
    assert read(silent).posts[0].author == Author("Boil Media@boil.example", name="Boil Media")
    assert [post.author for post in read(data("jsonfeed11.json")).posts] == [
        Author("Ann, Bob@cast.example", name="Ann, Bob"),
        Author("cy@cast.example"),
    ]


def test_tags_counts_and_edits() -> None:
    first, second = read(data("rss20.xml")).posts
    assert (first.tags, first.replies, first.edited_at) == (("Société", "Boissons"), 7, at("2026-03-04T11:00"))
    assert (second.tags, second.replies, second.edited_at) == ((), None, None)
    assert read(data("atom10.xml")).posts[0].tags == ("Deals",)
    assert read(data("atom10.xml")).posts[0].edited_at is None, "twenty seconds are no edit"
    assert read(data("jsonfeed11.json")).posts[0].edited_at == at("2026-03-05T10:00")
    assert read(data("jsonfeed10.json")).posts[1].tags == ("one", "two")


def test_the_publishers_wish_for_the_interval() -> None:
    assert read(data("rss20.xml")).every == 90 * 60
    assert read(data("rss10.rdf")).every == 86_400 / 4
    assert read(data("atom10.xml")).every is None
    assert read(data("rss091.xml")).every is None, "hours to skip are no interval"


def test_comments_know_their_post_and_what_they_answer() -> None:
    answer, question = read(data("comments.xml")).posts
    assert answer.parent_id == question.external_id
    assert answer.thread_id == question.thread_id == question.parent_id
    assert answer.thread_id not in (answer.external_id, question.external_id, None)


def test_atom_threads() -> None:
    question, answer = read(data("threads.atom")).posts
    assert (question.replies, question.parent_id) == (3, None)
    assert answer.parent_id == question.external_id
    assert answer.thread_id is not None
