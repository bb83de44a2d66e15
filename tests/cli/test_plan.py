"""`listen sources plan`: what will be asked, how often and at what cost; and commands that keep within the budgets."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, cast

import pytest

from listen.store import schema
from tests.cli.conftest import Commands
from tests.collect.server import Reply, served

TOPICS = """
[store]
path = "plan.db"
[topics.acme]
query = "acme (battery OR charger) -toy"
[topics.rival]
query = "rival"
[topics.french]
query = "lang:fr"
"""
SOURCES = """
[sources.films]
adapter = "youtube"
key = "env:YT"
every = "5m"
[sources.more]
adapter = "youtube"
key = "env:YT"
search = ["one", "two"]
[sources.birds]
adapter = "x"
token = "env:X"
budget = "1.25"
check_deletions = true
[sources.broken]
adapter = "x"
token = "env:X"
budget = "cheap"
[sources.hn]
adapter = "hackernews"
every = "2m"
"""


@pytest.fixture
def file(home: Path) -> Path:
    written = home / "plan.toml"
    written.write_text(TOPICS + SOURCES)
    return written


def costs(record: dict[str, object]) -> list[dict[str, Any]]:
    return cast("list[dict[str, Any]]", record["costs"])


def test_the_plan_tells_pace_and_cost_before_anything_is_asked(listen: Commands, file: Path, home: Path) -> None:
    told = listen("sources", "plan", "--json", "--config", file)
    assert told.code == 0, told.err
    lines = {record["channel"]: record for record in told.records if "channel" in record}
    assert list(lines) == [
        "search:acme|rival", "search:one", "search:two", "search:(acme (battery OR charger) OR rival) -is:retweet",
        "search:acme", "search:rival",
    ]  # fmt: skip
    films = lines["search:acme|rival"]
    assert (films["every"], lines["search:rival"]["requests_a_day"]) == (2880.0, 720.0)
    assert films["note"] == "every 5 min would take 864 searches a day, 100 are allowed: asked every 48 min"
    searches, _ = costs(films)
    assert (searches["budget"], round(searches["day"] * 3)) == ("searches", 90), "three channels share the key's day"
    (money,) = costs(lines["search:(acme (battery OR charger) OR rival) -is:retweet"])
    assert (money["visit"], money["day"], money["at_most"]) == (0.5, 1.25, True)
    budgets = {(record["budget"], record["limit"], record["channels"]) for record in told.records if "limit" in record}
    assert budgets == {("searches", 100, 3), ("units", 10_000, 3), ("money", 1.25, 1)}
    assert {record["topic"] for record in told.records if "searchable" in record} == {"french"}
    assert [record["source"] for record in told.records if "error" in record] == ["broken"]
    assert list(home.glob("*.db")) == []
    shown = listen("sources", "plan", "--config", file)
    assert "up to $1.25 a day, up to $0.50 each time" in shown.out
    assert "looked at again for deletions and counts, up to 5 times, at $0.005 each time: birds" in shown.err
    assert "no word finds french" in shown.err
    assert "asked every 48 min: films acme | rival" in shown.err


def test_commands_that_ask_once_take_from_the_budget_and_tries_name_what_costs(
    listen: Commands, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("X", "secret-token")
    post = {"id": "1990000000000000000", "text": "the acme battery"}
    with served() as server:
        pages = [json.dumps({"data": [post] * size, "meta": {}}).encode() for size in (40, 10)]
        server.on("/2/tweets/search/recent", *(Reply(body=page) for page in pages))
        file = home / "x.toml"
        source = f'[sources.birds]\nadapter = "x"\ntoken = "env:X"\nbudget = "0.30"\nhost = "{server.url()}"\n'
        file.write_text(TOPICS + source + 'allow_private = ["127.0.0.1"]\n')
        refused = listen("sources", "check", "birds", "--config", file)
        assert (refused.code, len(server.seen)) == (3, 0)
        assert "it costs money, and there is no store yet that could remember how much" in refused.err
        schema.prepare(home / "plan.db")
        for _ in range(2):
            assert listen("sources", "check", "birds", "--config", file).code == 0
        spent = [
            record for record in listen("sources", "plan", "--json", "--config", file).records if "spent" in record
        ]
        assert [record["spent"] for record in spent] == [0.25], (
            "the second question was for the 20 posts that were left"
        )
        assert [int(seen.path.partition("max_results=")[2][:2]) for seen in server.seen] == [60, 20]
        unnamed = listen("try", "acme battery", "--config", file)
        assert "its answers cost money, so it is asked only when it is named → --source birds" in unnamed.err
        assert len(server.seen) == 2
        named = listen("try", "acme battery", "--source", "birds", "--config", file)
        assert len(server.seen) == 3, named.err
        server.on("/2/tweets/counts/recent", Reply(body=json.dumps({"meta": {"total_tweet_count": 70}}).encode()))
        file.write_text(file.read_text().replace("0.30", "0.31"))
        counted = listen("sources", "plan", "--ask", "--json", "--config", file).records
        (money,) = costs(counted[0])
        assert (money["day"], money["at_most"]) == (0.05, False), "ten posts a day"
        assert next(record for record in counted if "spent" in record)["spent"] == 0.305
        file.write_text(file.read_text().replace("0.31", "0.30"))
        del server.seen[3:]
        over = listen("sources", "check", "birds", "--config", file)
        assert "$0.30 of $0.30 a day are used up → ask again at 00:00 UTC" in over.err
        assert len(server.seen) == 3


def test_what_a_topic_costs_is_said_before_it_is_saved(listen: Commands, file: Path, home: Path) -> None:
    schema.prepare(home / "plan.db")
    cost = "birds asks 1 question for all topics, up to $0.50 each time, never more than $1.25 a day"
    shown = listen("topics", "preview", "acme", "acme OR foe", "--config", file)
    assert cost in shown.err
    added = listen("topics", "add", "foe", "foe", "--config", file)
    assert added.code == 0, added.err
    assert added.err.index(cost) < added.err.index("would gain"), "said first"
    free = listen("topics", "preview", "acme", "lang:fr", "--json", "--config", file)
    assert free.records[0]["cost"] == cost, "the other topics are asked for all the same"


def test_a_plan_of_nothing_says_why(listen: Commands, home: Path) -> None:
    told = listen("sources", "plan", "--db", home / "plan.db")
    assert (told.code, told.out) == (1, "")
    assert "there is no configuration" in told.err
    assert "listen init BRAND" in told.err
    file = home / "plan.toml"
    for written, why in (
        (TOPICS, "no source is configured; add a [sources.NAME]"),
        (TOPICS + '[sources.hn]\nadapter = "hackernews"\nenabled = false\n', "every source is switched off"),
    ):
        file.write_text(written)
        told = listen("sources", "plan", "--config", file)
        assert (told.code, why in told.err) == (1, True), told.err
