"""`listen try`: hits of a query from a loopback web, what failed and why, and nothing stored."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from listen.collect import preview
from listen.config import starter
from tests.cli.conftest import Commands
from tests.collect import recipes
from tests.collect.server import Reply, Seen, Server, served


@pytest.fixture
def web(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """Four sources that answer, and a template that names them."""
    with served() as server:
        recipes.script(server)
        monkeypatch.setenv(starter.VARIABLE, str(recipes.starter(home, server)))
        yield server


def hits(records: list[dict[str, object]]) -> list[dict[str, object]]:
    return [record for record in records if "text" in record]


def answers(records: list[dict[str, object]]) -> dict[object, dict[str, object]]:
    return {record["source"]: record for record in records if "posts" in record}


async def hang(request: Seen, writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(60)


def test_without_a_configuration_every_source_of_the_first_one_is_asked(
    listen: Commands, web: Server, home: Path
) -> None:
    tried = listen("try", "orange", "--json")
    assert tried.code == 0, tried.err
    assert tried.records[0] == {"asking": ["hn", "news", "mastodon", "reddit"], "channels": 4}
    found = hits(tried.records)
    assert {str(hit["text"]) for hit in found} == set(recipes.ORANGE)
    assert {name: answer["hits"] for name, answer in answers(tried.records).items()} == {
        "hn": 2, "news": 3, "reddit": 3, "mastodon": 1,
    }  # fmt: skip
    assert all(hit["matched"] == ["orange"] for hit in found)
    first = next(hit for hit in found if str(hit["text"]).startswith("Both Orange"))
    assert first["spans"] == {"title": [], "text": [[5, 11]]}
    assert "9 hits among 9 posts" in tried.err
    assert list(home.glob("**/*.db*")) == []
    assert list(home.glob("**/config.toml")) == []


def test_hits_are_matched_again_and_say_what_found_them(listen: Commands, web: Server) -> None:
    tried = listen("try", "{Orange} (fibre OR router)", "NOT", "vodafone")
    assert tried.code == 0
    lines = tried.out.splitlines()
    assert len(lines) == 2
    assert "{Orange} fibre router" in next(line for line in lines if "hotline" in line)
    assert "juice" not in tried.out
    assert any("q=Orange+%28fibre+OR+router%29" in path for path in web.paths())
    assert "/tags/orange.rss" in web.paths()


def test_a_source_that_fails_stops_no_other_and_says_what_to_do(
    listen: Commands, web: Server, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    web.on("/news", Reply(body=b"<html><body>Are you a robot?</body></html>", headers={"Content-Type": "text/html"}))
    with served() as busy:
        busy.on("/search.rss", Reply(429, headers={"Retry-After": "300"}))
        monkeypatch.setenv(starter.VARIABLE, str(recipes.starter(home, web, reddit=busy)))
        tried = listen("try", "orange", "--json")
    assert tried.code == 0
    told = answers(tried.records)
    assert told["reddit"]["reason"] == "http-429"
    assert told["news"]["reason"] == "html"
    assert told["hn"]["hits"] == 2
    assert re.search(
        r"reddit: 127.0.0.1 finds that we ask too often \(HTTP 429\) → ask again in (29\d|30\d) s", tried.err
    )
    assert "2 of 4 did not answer" in tried.err


def test_a_source_that_hangs_is_told_at_the_deadline(
    listen: Commands, web: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    web.on("/search.rss", hang)
    monkeypatch.setattr(preview.ask, "__kwdefaults__", {"deadline": 4.0})
    tried = listen("try", "orange", "--json")
    assert tried.code == 0
    assert answers(tried.records)["reddit"]["error"] == "127.0.0.1/search.rss did not answer within 4 s"
    assert len(hits(tried.records)) == 6


def test_hostile_answers_are_told_or_cleaned(listen: Commands, web: Server) -> None:
    web.on("/news", Reply(body=b"\x00\xff" * 5000))
    web.on("/search.rss", Reply(body=recipes.rss(["orange \x1b]0;x\x07 \u202e<b>bold</b>" * 3])))
    tried = listen("try", "orange")
    assert tried.code == 0
    assert "\x1b" not in tried.out + tried.err
    assert "\u202e" not in tried.out


def test_nothing_found_is_1_and_nobody_there_is_3(listen: Commands, web: Server) -> None:
    assert listen("try", "zebra", "crossing").code == 1
    for path in ("/hn/api/v1/search_by_date", "/news", "/search.rss", "/tags/acme.rss"):
        web.on(path, Reply(500))
    failed = listen("try", "acme")
    assert failed.code == 3
    assert "4 of 4 did not answer" in failed.err
    assert failed.out == ""


@pytest.mark.parametrize("query", [[""], [], ["("], ["NOT", "acme"], ["lang:fr"]])
def test_what_cannot_be_searched_for_is_a_wrong_use(listen: Commands, web: Server, query: list[str]) -> None:
    wrong = listen("try", *query)
    assert wrong.code == 2
    assert wrong.err.startswith("listen: ")
    assert web.seen == []


def test_a_wrong_query_gets_the_hint_that_helps(listen: Commands, web: Server, home: Path) -> None:
    own = home / "own.toml"
    own.write_text("[topics.acme]\nquery = 'orange'\n[sources.wiki]\nadapter = 'wikipedia'\nstream = true\n")
    for query, hint in (
        (["-acme"], "add what is, such as `listen try battery -acme`"),
        (["topic:acme"], "write the words to look for instead"),
        (["topic:acmee", "--config", own], 'did you mean "acme"'),
        (["topic:acme", "--config", own], "they only stream"),
        (["status:new"], "`listen search`"),
        (["view:crisis"], "`listen search`"),
    ):
        wrong = listen("try", *query)
        assert (wrong.code, hint in wrong.err) == (2, True), wrong.err
    assert web.seen == []
    own.write_text(f"[topics.acme]\nquery = 'orange'\n[sources.news]\nadapter = 'feed'\nurls = ['{web.url('/news')}']\n"
                   "allow_private = ['127.0.0.1']\n")  # fmt: skip
    assert len(hits(listen("try", "topic:acme", "--json", "--config", own).records)) == 3


def test_a_configuration_names_whom_to_ask(listen: Commands, web: Server, home: Path) -> None:
    template = Path(home / "starter.toml").read_text().replace("# The first", "# A")
    own = home / "own.toml"
    own.write_text(starter.Template(template).substitute(
        brand="b", topic="b", query="'b'", search="b", market="en", tag_in_url="acme"
    ).replace("[sources.news]", "[sources.news]\nenabled = false"))  # fmt: skip
    tried = listen("try", "orange", "--json", "--config", own)
    assert tried.records[0]["asking"] == ["hn", "mastodon", "reddit"]
    assert any("query=%22orange%22" in path for path in web.paths())
    one = listen("try", "orange", "--json", "--config", own, "--source", "news")
    assert one.records[0]["asking"] == ["news"]
    assert len(hits(one.records)) == 3
    wrong = listen("try", "orange", "--config", own, "--source", "nws")
    assert wrong.code == 2
    assert 'did you mean "news"' in wrong.err


def test_no_more_than_the_limit_and_every_source_has_its_share(listen: Commands, web: Server) -> None:
    tried = listen("try", "orange", "--json", "--limit", "6")
    found = hits(tried.records)
    assert len(found) == 6
    assert {hit["source"] for hit in found} == {"hn", "news", "mastodon", "reddit"}
    assert "9 hits, 6 shown among 9 posts" in tried.err
