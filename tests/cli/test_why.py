"""`why`."""

from __future__ import annotations

from pathlib import Path

import pytest

from listen.collect.prepare import Topics, prepare
from listen.collect.wire import Place
from listen.model import Author, Tracked
from listen.store import schema, sqlite
from listen.store.write import Writer
from sources.base import Post
from tests.cli.conftest import Commands
from tests.store.posts import NOW, Turned, fast, make_desk, make_post

ROLES = (("acme", 1, "brand"), ("rival", 2, "competitor"))


@pytest.fixture
def told(tmp_path: Path) -> tuple[Path, int]:
    """A store, and a mention of `acme` in it that was heard an hour before its topic got another query."""
    path = tmp_path / "listen.db"
    schema.prepare(path)
    clock = Turned(NOW)
    writer = Writer(fast(sqlite.connect_writer(path)), clock)
    desk = make_desk(writer)
    body = "I hate the Acme dock, \x1b[31mACME\u202e never again"
    post = make_post("a", body, title="Acme", topics={desk.topics["acme"]: None}, author=Author("eve\x1b[2J"))
    (mention,) = desk.add([post]).new_ids
    clock.at = NOW + 3600
    writer.sync_topics([("acme", "acme dock", "brand"), ("rival", "acm*", "theme"), ("power", "battery", "theme")])
    writer.connection.close()
    return path, mention


def test_topics_clauses_and_places_are_told(listen: Commands, told: tuple[Path, int]) -> None:
    path, mention = told
    ran = listen("why", mention, "hate OR zzz", "--json", "--db", path)
    assert ran.code == 0
    (record,) = ran.records
    acme, rival, given = record["matches"]
    assert (acme["topic"], acme["stored"], acme["matches"], acme["older_query"]) == ("acme", True, True, True)
    assert [clause["clause"] for clause in acme["clauses"]] == ["acme", "dock"]
    assert acme["clauses"][0]["title"] == [[0, 4]]
    assert acme["clauses"][0]["text"][0] == [11, 15]
    assert (rival["topic"], rival["stored"], rival["matches"]) == ("rival", False, True)
    assert (given["topic"], given["query"]) == (None, "hate OR zzz")
    assert given["clauses"] == [{"clause": "hate", "title": [], "text": [[2, 6]]}]


def test_an_older_query_is_told_and_foreign_text_is_harmless(listen: Commands, told: tuple[Path, int]) -> None:
    path, mention = told
    ran = listen("why", mention, "--db", path)
    assert "topic acme matches: acme dock" in ran.out
    assert "of an older query; the one that the topic has now finds it, too" in ran.out
    assert "not stored as a match" in ran.out
    assert "text 11-15" in ran.out
    assert "I hate the [Acme] dock" in ran.out
    assert "topic power" not in ran.out
    assert not {"\x1b", "\u202e"} & set(ran.out)


def test_a_match_that_the_query_of_now_does_not_find(listen: Commands, told: tuple[Path, int]) -> None:
    path, mention = told
    writer = Writer(fast(sqlite.connect_writer(path)), Turned(NOW + 7200))
    writer.claim()
    writer.sync_topics([("acme", "acme NOT dock", "brand")])
    writer.connection.close()
    ran = listen("why", mention, "--db", path)
    assert "topic acme matched: acme NOT dock" in ran.out
    assert "the one that the topic has now does not find it" in ran.out


def test_the_exit_code_is_the_querys(listen: Commands, told: tuple[Path, int]) -> None:
    path, mention = told
    assert listen("why", mention, "zzz", "--db", path).code == 1
    assert listen("why", mention, "-zzz", "--db", path).code == 0
    assert listen("why", mention, "*zzz", "--db", path).code == 2
    for number in ("1", "99999999999999999999"):
        none = listen("why", number, "--db", path)
        assert (none.code, none.out) == (1, "")
        assert "there is no mention" in none.err


def test_the_words_of_a_score_add_up(listen: Commands, played: Path) -> None:
    found = listen("search", "lang:en sentiment:neg", "--limit", "20", "--json", "--db", played).records
    assert found
    for mention in found:
        (record,) = listen("why", str(mention["id"]), "--json", "--db", played).records
        sentiment = record["sentiment"]
        assert sentiment["score"] == mention["sentiment"]
        total = sum(word["share"] for word in sentiment["words"]) + sentiment["emphasis"]
        assert total == pytest.approx(sentiment["score"], abs=0.003)
        for word in sentiment["words"]:
            start, end = word["span"]
            assert mention[word["in"]][start:end] == word["word"]
    assert "sentiment ▼" in listen("why", str(found[0]["id"]), "--db", played).out


def test_the_score_toward_each_topic_is_told_word_by_word(listen: Commands, tmp_path: Path) -> None:
    path = tmp_path / "listen.db"
    schema.prepare(path)
    writer = Writer(fast(sqlite.connect_writer(path)), Turned(NOW))
    desk = make_desk(writer)
    topics = Topics({number: Tracked(name, name, role) for name, number, role in ROLES})
    post = Post(network="net", external_id="1", text="Left Rival for Acme, which is really great", lang="en")
    prepared = prepare(post, topics, Place("a", "feed"), NOW)
    (mention,) = desk.add([prepared]).new_ids
    writer.connection.close()
    ran = listen("why", mention, "--db", path)
    lines = ran.out.splitlines()
    acme = lines.index("toward acme ▲ +.62")
    assert lines[acme + 1 : acme + 3] == [
        "  +0.20  by a comparison, or by who is left",
        "  +0.42  great, boosted by really",
    ]
    rival = next(at for at, line in enumerate(lines) if line.startswith("toward rival ▼"))
    assert lines[rival + 2] == "  +0.36  great, boosted by really"
    (record,) = listen("why", mention, "--toward", "RIVAL", "--json", "--db", path).records
    assert record["topic"] == "rival"
    assert record["score"] == (prepared.topics[2] or 0) / 1000
    assert sum(one["share"] for one in record["words"]) + record["compared"] == pytest.approx(
        record["score"], abs=0.001
    )
    ran = listen("why", mention, "--toward", "power", "--db", path)
    assert (ran.code, ran.out) == (1, "")
    assert "matches no topic power; its topics: acme, rival" in ran.err
