"""`listen sources`: what each brought; and its feeds for other readers (`opml`)."""

from __future__ import annotations

from pathlib import Path

from listen.clock import SystemClock
from listen.store import schema, sqlite
from listen.store.write import Writer
from sources import opml
from tests.cli.conftest import Commands
from tests.store.posts import make_desk, make_post

CONFIG = """
[sources.press]
adapter = "feed"
urls = ["https://a.example/feed", "opml:more.opml", "reddit:r/batteries", "https://b.example/?token=canary-1"]
[sources.hn]
adapter = "hackernews"
"""
MORE = '<opml version="2.0"><body><outline text="C" xmlUrl="https://c.example/"/><outline xmlUrl="|ls"/></body></opml>'


def test_feeds_are_listed_with_their_whole_addresses(listen: Commands, tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text(CONFIG)
    (tmp_path / "more.opml").write_text(MORE)
    ran = listen("sources", "opml", "--config", file)
    assert (ran.code, "1 of these addresses hold a key" in ran.err) == (0, True)
    assert [(one.url, one.label) for one in opml.parse(ran.out.encode())] == [
        ("https://a.example/feed", "https://a.example/feed"),
        ("https://c.example/", "C"),
        ("https://www.reddit.com/r/batteries/new/.rss?limit=100", "reddit:r/batteries"),
        ("https://b.example/?token=canary-1", "https://b.example/?token=canary-1"),
    ]
    assert listen("sources", "opml", "--json", "--config", file).records[1] == {
        "source": "press", "url": "https://c.example/", "label": "C",
    }  # fmt: skip


def test_a_list_that_is_not_there_or_a_bad_short_form_is_named(listen: Commands, tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text('[sources.press]\nadapter = "feed"\nurls = ["opml:none.opml"]\n')
    ran = listen("sources", "opml", "--config", file)
    assert ran.code == 2
    assert "press: " in ran.err
    assert "none.opml" in ran.err
    file.write_text("[sources]\n")
    assert listen("sources", "opml", "--config", file).code == 1


def test_sources_tell_what_came_in_a_day_and_how_many_stories_that_is(listen: Commands, tmp_path: Path) -> None:
    store, said = tmp_path / "s.db", "Acme recalls two million batteries after several fires in homes across Europe"
    schema.prepare(store)
    connection, now = sqlite.connect_writer(store), int(SystemClock().now())
    desk = make_desk(Writer(connection, SystemClock()))
    desk.add([make_post(f"p{n}", said, published_at=now - 60 * n) for n in range(4)], seen_at=now)
    desk.add([make_post("old", said, published_at=now - 200_000)], seen_at=now)
    connection.close()
    told = listen("sources", "--json", "--db", store).records
    assert [(one["last_day"], one["last_day_stories"]) for one in told if one["last_day"]] == [(4, 1)]
    assert "4 · 1 story" in listen("sources", "--db", store).out
