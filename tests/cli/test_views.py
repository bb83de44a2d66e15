"""Views from the command line, and what `console.toml` decides about instead of the person's own file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from listen.clock import SystemClock
from listen.store import schema, sqlite
from listen.store.write import Writer
from tests.cli.conftest import Commands
from tests.store.posts import make_desk, make_post

CONFIG = """
[store]
path = "small.db"

[topics.acme]
query = "acme"

[views.crisis]
query = "topic:acme sentiment:neg"
queue = true

[views.worst]
query = "view:crisis sentiment:<-0.5"

[lists]
staff = ["@claire"]

[sources.press]
adapter = "feed"
urls = ["http://127.0.0.1:9/rss"]
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, listen: Commands) -> Path:
    """The folder of a configuration with a small store, whose views have been mirrored."""
    made = tmp_path / "small"
    made.mkdir()
    (made / "config.toml").write_text(CONFIG)
    monkeypatch.setenv("LISTEN_CONFIG", str(made / "config.toml"))
    schema.prepare(made / "small.db")
    connection = sqlite.connect_writer(made / "small.db")
    writer = Writer(connection, SystemClock())
    desk = make_desk(writer)
    writer.sync_topics([("acme", "acme", "brand")])
    posts = [make_post(str(number), "acme battery", score=-700, hits=2) for number in range(3)]
    posts[0].topics = {desk.topics["acme"]: -700}
    posts.append(make_post("9", "a charger", score=500, hits=1))
    desk.add(posts)
    writer.sync_views([("crisis", "topic:acme sentiment:neg", True)])
    writer.release()
    connection.close()
    return made


def listed(listen: Commands) -> dict[Any, Any]:
    return {record["view"]: record for record in listen("views", "--json").records}


def test_a_view_is_saved_changed_renamed_and_removed(folder: Path, listen: Commands) -> None:
    ran = listen("views", "save", "angry ones", "battery", "sentiment:neg", "-toy", "--queue")
    assert (ran.code, "the queue angry ones is saved in" in ran.err) == (0, True), ran.err
    found = listed(listen)
    assert list(found) == ["crisis", "worst", "angry ones"]
    one = found["angry ones"]
    assert (one["query"], one["queue"], one["mentions"], one["in"]) == (
        "battery sentiment:neg -toy", True, 3, "console.toml",
    )  # fmt: skip
    assert listen("views", "rename", "angry ones", "angry").code == 0
    assert listen("views", "edit", "angry", "charger").code == 0
    assert listed(listen)["angry"]["mentions"] == 1
    assert "angry   queue  1" in listen("views").out
    assert listen("views", "remove", "angry").code == 0
    assert list(listed(listen)) == ["crisis", "worst"]
    assert "[views" not in (folder / "console.toml").read_text()
    assert (folder / "config.toml").read_text() == CONFIG

    connection = sqlite.connect_reader(folder / "small.db")
    done = [row[0] for row in connection.execute("SELECT action FROM journal ORDER BY id")]
    assert done == ["view saved", "view renamed", "view changed", "view removed"]
    connection.close()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("save", "Crisis", "acme"), 'there is a view "crisis" already; take another name'),
        (("save", "a/b", "acme"), '"a/b" cannot be a name'),
        (("save", "x", "(acme"), "("),
        (("save", "x", "view:crisos"), "there is no view crisos"),
        (("save", "x", "site:@staf"), "there is no list @staf"),
        (("save", "x", "view:x", "acme"), "a view cannot hold itself"),
        (("edit", "crisis", "view:worst"), "a view cannot hold itself: view:worst → view:crisis → view:worst"),
        (("edit", "nobody", "acme"), 'there is no view "nobody"'),
        (("rename", "crisis", "other"), "the view crisis stands in"),
        (("remove", "crisis"), "the view crisis stands in"),
        (("remove", "crisos"), 'did you mean "crisis"?'),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(
    folder: Path, listen: Commands, words: tuple[str, ...], told: str
) -> None:
    ran = listen("views", *words)
    assert (ran.code, ran.out) == (2, ""), ran
    assert told in ran.err
    assert not (folder / "console.toml").exists()


def test_a_view_that_others_ask_for_stays(folder: Path, listen: Commands) -> None:
    assert listen("views", "save", "base", "acme").code == 0
    assert listen("views", "save", "above", "view:base", "battery").code == 0
    ran = listen("views", "remove", "base")
    assert (ran.code, "view above asks for view:base; change that one first" in ran.err) == (2, True)
    assert listen("views", "rename", "base", "ground").code == 2
    assert listen("views", "remove", "above").code == 0
    assert listen("views", "remove", "base").code == 0


def test_a_topic_begins_here_and_ends_here(folder: Path, listen: Commands) -> None:
    ran = listen("topics", "add", "charger", "charger", "--role", "brand")
    assert ran.code == 0
    assert "charger would gain 1 and lose 0" in ran.err
    assert "`listen topics remove charger` takes it back" in ran.err
    topics = {record["topic"]: record for record in listen("topics", "--json").records}
    assert (topics["charger"]["mentions"], topics["charger"]["role"]) == (1, "brand")
    assert listen("topics", "add", "Charger", "x").code == 2
    assert "a topic cannot hold the list @staff" in listen("topics", "add", "x", "author:@staff").err
    assert "stands in" in listen("topics", "remove", "acme").err
    assert listen("topics", "edit", "charger", "battery").code == 0
    assert "`listen topics remove charger`" in listen("topics", "reset", "charger").err
    assert listen("topics", "remove", "charger").code == 0
    assert [record["topic"] for record in listen("topics", "--json").records] == ["acme"]


def test_a_query_of_the_file_that_does_not_count_is_told_of_until_it_does(folder: Path, listen: Commands) -> None:
    assert "nothing that was changed here counts" in listen("topics", "reset", "acme").err
    assert listen("topics", "edit", "acme", "acme battery").code == 0
    assert "console.toml decides about this topic" in listen("topics").err
    assert "changed since" not in listen("topics").err
    assert listen("backup", folder / "other.db").code == 0
    (folder / "console.toml").rename(folder / "aside.toml")
    assert "console.toml decides" not in listen("topics").err, "the files say so"
    assert "console.toml decides" in listen("topics", "--db", folder / "other.db").err, "they are another store's"
    (folder / "aside.toml").rename(folder / "console.toml")
    file = folder / "config.toml"
    file.write_text(CONFIG.replace('query = "acme"', '# theirs\nquery = "acme OR rival"'))
    told = listen("topics").err
    assert f"not {file}:7 (acme OR rival), which was changed since, in vain; `listen topics reset acme`" in told
    (record,) = listen("topics", "--json").records
    assert record["masks"] == {"file": str(file), "line": 7, "query": "acme OR rival", "changed_since": True}
    assert f"{file}:7: topics.acme.query does not count" in listen("config", "check").err
    (record,) = listen("config", "check", "--json").records
    assert record["masked"] == [{"file": str(file), "line": 7, "key": "topics.acme.query"}]

    ran = listen("topics", "reset", "acme")
    assert ran.code == 0, ran.err
    assert "its query stands in" not in ran.err
    (record,) = listen("topics", "--json").records
    assert (record["query"], record["masks"]) == ("acme OR rival", None)
    assert "does not count" not in listen("config", "check").err

    assert listen("views", "edit", "crisis", "acme").code == 0
    assert "`listen views remove crisis` makes the file decide again" in listen("config", "check").err
    assert "the view crisis is that of" in listen("views", "remove", "crisis").err
    assert listed(listen)["crisis"]["query"] == "topic:acme sentiment:neg"
