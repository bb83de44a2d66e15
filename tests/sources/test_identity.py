"""The same item twice is one post; two items are two."""

from __future__ import annotations

import itertools

from sources import identity
from sources.base import Cursor, Page
from tests.sources.reading import items, read, title


def ids(page: Page) -> list[str]:
    return [post.external_id for post in page.posts]


def item(
    *, guid: str = "", link: str = "", title: str = "", date: str = "", text: str = "", permalink: bool = False
) -> str:
    made = f"<title>{title}</title>" if title else ""
    made += f"<link>{link}</link>" if link else ""
    made += f'<guid isPermaLink="{str(permalink).lower()}">{guid}</guid>' if guid else ""
    made += f"<pubDate>{date}</pubDate>" if date else ""
    return made + (f"<description>{text}</description>" if text else "")


WEDNESDAY, THURSDAY = "Wed, 04 Mar 2026 10:00:00 GMT", "Thu, 05 Mar 2026 10:00:00 GMT"


def polled(*feeds: str) -> list[list[str]]:
    """The ids of each poll, the cursor carried on."""
    cursor: Cursor = {}
    found = []
    for feed in feeds:
        page = read(feed, cursor=cursor)
        cursor = page.cursor
        found.append(ids(page))
    return found


def test_a_guid_counts_within_its_feed_only() -> None:
    feed = items(item(guid="1", title="a"))
    here, there = read(feed), read(feed, url="https://elsewhere.example/feed.xml")
    assert ids(here) != ids(there)


def test_the_configured_address_counts_not_where_it_led() -> None:
    feed = items(item(guid="1", title="a"))
    assert ids(read(feed)) == ids(read(feed, final="https://cdn.example/other.xml"))
    assert ids(read(feed, url="http://feeds.example/dir/feed.xml")) == ids(read(feed))


def test_a_guid_outlives_every_edit() -> None:
    before = items(item(guid="1", link="https://x.example/a", title="Old", date=WEDNESDAY, text="old"))
    after = items(item(guid="1", link="https://x.example/b", title="New", date=THURSDAY, text="new"))
    first, second = polled(before, after)
    assert first == second


def test_without_guid_the_link_counts_however_it_is_decorated() -> None:
    links = [
        "https://x.example/a",
        "http://x.example/a/",
        "https://X.example:443/a?utm_source=rss#xtor=RSS-1",
        "https://x.example/a?fbclid=123",
    ]
    found = {tuple(ids(read(items(item(link=link.replace("&", "&amp;"), title="t"))))) for link in links}
    assert len(found) == 1


def test_fragments_and_parameters_tell_items_apart() -> None:
    links = ["https://x.example/a", "https://x.example/a#v2", "https://x.example/a?id=2", "https://x.example/b"]
    page = read(items(*(item(link=link, title="t") for link in links)))
    assert len(set(ids(page))) == 4


def test_without_guid_and_link_title_and_date_count() -> None:
    first, edited, later, other = (
        ids(read(items(feed)))[0]
        for feed in (
            item(title="Notice", date=WEDNESDAY, text="one"),
            item(title="Notice", date=WEDNESDAY, text="one, corrected"),
            item(title="Notice", date=THURSDAY, text="one"),
            item(title="Other", date=WEDNESDAY, text="one"),
        )
    )
    assert first == edited
    assert len({first, later, other}) == 3


def test_without_a_date_the_text_counts() -> None:
    page = read(items(item(title="Notice", text="one"), item(title="Notice", text="two"), item(text="one")))
    assert len(set(ids(page))) == 3


def test_what_has_nothing_is_counted() -> None:
    page = read(items(item(title="a"), "", "<author>x@y.example</author>", item(date=WEDNESDAY)))
    assert len(page.posts) == 1
    assert [reject.reason for reject in page.rejects] == ["no-identity: 3 items have neither id, link, title nor text"]


def test_one_guid_on_two_links_is_two_items() -> None:
    one, two = (item(guid="same", link=f"https://x.example/{name}", title=name) for name in "ab")
    together = ids(read(items(one, two)))
    assert len(set(together)) == 2
    assert ids(read(items(two, one))) == together[::-1]


def test_the_same_item_twice_in_one_answer_is_one_post() -> None:
    twice = item(guid="same", link="https://x.example/a", title="a")
    page = read(items(twice, twice, item(link="https://x.example/b", title="b")))
    assert [title(post) for post in page.posts] == ["a", "b"]
    assert [reject.reason for reject in page.rejects] == ["duplicate: 1 item repeats another of the same answer"]


def test_items_with_one_link_are_told_apart_by_title_and_date() -> None:
    link = "https://x.example/live"
    page = read(items(item(link=link, title="10:00", text="a"), item(link=link, title="11:00", text="b")))
    assert len(set(ids(page))) == 2


def test_an_item_that_comes_to_share_its_link_keeps_its_id() -> None:
    link = "https://x.example/live"
    old = item(link=link, title="10:00", date=WEDNESDAY, text="a")
    first, second, third = polled(items(old), items(item(link=link, title="11:00", text="b"), old), items(old))
    assert second[1] == first[0] == third[0]
    assert second[0] != first[0]


def test_an_item_that_comes_to_share_its_guid_keeps_its_id() -> None:
    one = item(guid="0", link="https://x.example/a", title="a", date=WEDNESDAY)
    two = item(guid="0", link="https://x.example/b", title="b", date=THURSDAY)
    first, second, third = polled(items(one), items(two, one), items(two))
    assert second[1] == first[0]
    assert second[0] == third[0] != first[0]


def test_an_id_that_went_from_one_item_to_another_belongs_to_one_when_both_are_there() -> None:
    one = item(guid="latest", link="https://x.example/a", title="a", date=WEDNESDAY)
    two = item(guid="latest", link="https://x.example/b", title="b", date=THURSDAY)
    first, second, both, again = polled(items(one), items(two), items(two, one), items(two, one))
    assert first == second, "with one guid and nobody else there it is an edit"
    assert len(set(both)) == 2
    assert first[0] in both
    assert again == both


def feed_with_new_guids(count: int, start: int = 0) -> str:
    return items(
        *(
            item(
                guid=f"random-{next(UNIQUE)}",
                link=f"https://x.example/{number}",
                title=f"Item {number}",
                date=WEDNESDAY,
                text=f"text {number}",
            )
            for number in range(start, start + count)
        )
    )


UNIQUE = itertools.count()


def test_guids_that_change_each_time_fall_back_to_the_link() -> None:
    first, second, third = polled(feed_with_new_guids(5), feed_with_new_guids(5), feed_with_new_guids(5))
    assert first == second == third


def test_a_feed_with_changing_guids_goes_on_with_links() -> None:
    cursor: Cursor = {}
    seen: dict[str, set[str]] = {}
    for start in range(6):
        page = read(feed_with_new_guids(5, start), cursor=cursor)
        cursor = page.cursor
        for post in page.posts:
            seen.setdefault(str(post.url), set()).add(post.external_id)
    assert cursor["ids"] == "link"
    assert len(seen) == 10
    assert all(len(found) == 1 for found in seen.values())
    # Items known by their links need no memory at all.
    assert ids(read(feed_with_new_guids(1, 9), cursor={"ids": "link"})) == list(seen["https://x.example/9"])


def test_guids_and_dates_that_both_change_are_seen_through_when_several_items_do_it() -> None:
    def feed(guid: str, date: str) -> str:
        return items(
            *(
                item(guid=guid + name, link=f"https://x.example/{name}", title=name, date=date, text=f"words {name}")
                for name in "ab"
            )
        )

    first, second, third = polled(feed("r1", WEDNESDAY), feed("r2", THURSDAY), feed("r3", WEDNESDAY))
    assert first == second == third


def test_the_next_of_a_series_is_a_new_item() -> None:
    same = {"link": "https://x.example/", "title": "News at ten", "text": "The news."}
    first, second = polled(items(item(guid="1", date=WEDNESDAY, **same)), items(item(guid="2", date=THURSDAY, **same)))
    assert first != second


def test_a_new_item_under_an_old_link_and_title_is_new() -> None:
    same = {"link": "https://x.example/forecast", "title": "Today"}
    first, second = polled(
        items(item(guid="1", date=WEDNESDAY, text="Rain", **same)),
        items(item(guid="2", date=THURSDAY, text="Sun", **same)),
    )
    assert first != second


def test_stable_guids_never_make_links_count() -> None:
    one, two = (item(guid=str(number), link=f"https://x.example/{number}", title="t") for number in range(2))
    page = read(items(one))
    page = read(items(one, two), cursor=page.cursor)
    assert "ids" not in page.cursor


def test_the_memory_is_bounded_and_survives_nonsense() -> None:
    cursor = read(feed_with_new_guids(identity.KEPT * 2)).cursor
    assert len(str(cursor["seen"])) <= identity.KEPT * 42
    feed = feed_with_new_guids(3)
    fresh = ids(read(feed))
    for broken in ("x", "é" * 40, 7, None, True):
        assert ids(read(feed, cursor={"seen": broken, "ids": 3})) == fresh


def test_an_item_that_is_gone_for_a_while_is_still_known() -> None:
    feed = feed_with_new_guids(2)
    again = items(item(guid="other", link="https://x.example/1", title="Item 1", date=WEDNESDAY, text="text 1"))
    first, _, third = polled(feed, feed_with_new_guids(2, 50), again)
    assert third == first[1:]


def test_ids_are_short_and_hold_no_address() -> None:
    long = "x" * 100_000
    page = read(items(item(guid=f"secret-{long}", title="a")), url="https://u:pw@feeds.example/f?token=canary")
    assert len(ids(page)[0]) == 20
    assert "canary" not in str(page.cursor)


def test_an_escaped_ampersand_in_a_guid_is_the_same_in_broken_feeds() -> None:
    whole = items(item(guid="https://x.example/?a=1&amp;b=2", title="a"))
    broken = whole.replace("<title>T</title>", "<title>T & U</title>")
    assert ids(read(whole)) == ids(read(broken))
