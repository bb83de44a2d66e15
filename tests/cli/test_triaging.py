"""`triage`, `undo`, `log` and `tags`: what the keys do, without a screen."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from listen.clock import SystemClock
from listen.store import schema, sqlite
from listen.store.triage import Triage
from listen.store.write import Writer
from tests.cli.conftest import Commands
from tests.store.posts import make_desk, make_post


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "config" / "listen" / "me.toml"
    path.parent.mkdir(parents=True)
    path.write_text('[me]\nname = "Ana"\n')
    found = tmp_path / "small.db"
    schema.prepare(found)
    connection = sqlite.connect_writer(found)
    desk = make_desk(Writer(connection, SystemClock()))
    desk.add([make_post(str(number), f"battery {word}", score=-700, hits=2) for number, word in enumerate("abcde")])
    connection.close()
    return found


def test_a_query_is_triaged_logged_and_undone_step_by_step(listen: Commands, store: Path) -> None:
    done = listen("--db", store, "triage", "done", "battery", "-a", "-b")
    assert (done.code, done.out, done.err) == (0, "3\n", "3 done; `listen undo` takes it back\n")
    (record,) = listen("--db", store, "triage", "tag", "vip -old", "status:done", "--json").records
    assert record == {"verb": "tag", "found": 3, "changed": 3}
    listen("--db", store, "triage", "assign", "me", "battery")
    assert listen("--db", store, "count", "assignee:me tag:vip").out == "3\n"
    listen("--db", store, "triage", "correct", "positive", "tag:vip")
    assert listen("--db", store, "count", "sentiment:pos is:corrected").out == "3\n"
    again = listen("--db", store, "triage", "correct", "+", "tag:vip")
    assert (again.out, again.err) == ("0\n", "0 called positive; 3 were so already\n")
    with Triage(store, "bo", SystemClock()) as bo:
        bo.star([row[0] for row in bo.connection.execute("SELECT id FROM mentions LIMIT 1")])
    logged = listen("--db", store, "log", "--json").records
    assert [(one["by"], one["action"], one["count"], one["undone_at"]) for one in logged] == [
        ("bo", "starred", 1, None), ("Ana", "called positive", 3, None), ("Ana", "given to ana", 5, None),
        ("Ana", "tagged vip, untagged old", 3, None), ("Ana", "done", 3, None),
    ]  # fmt: skip
    assert len(listen("--db", store, "log", "--who", "me", "--since", "1h", "--json").records) == 4
    assert listen("--db", store, "undo", "--step", str(logged[3]["step"])).out == "undone: 3 tagged vip, untagged old\n"
    back = listen("--db", store, "undo", "9")
    assert back.out.splitlines() == ["undone: 3 called positive", "undone: 5 given to ana", "undone: 3 done"]
    assert listen("--db", store, "undo").code == 1
    assert "taken back" in listen("--db", store, "log").out
    assert listen("--db", store, "count", "is:starred").out == "1\n"


def test_ids_and_what_is_refused(listen: Commands, store: Path) -> None:
    one = str(listen("--db", store, "search", "battery", "--limit", "1", "--json").records[0]["id"])
    assert listen("--db", store, "triage", "note", "call back", one).out == "1\n"
    assert listen("--db", store, "show", one, "--json").records[0]["note"] == "call back"
    for words, part in (
        (("done",), "--all says that it shall be"),
        (("don", "battery"), 'did you mean "done"'),
        (("done", "123456789012"), "there is no mention 123456789012"),
        (("correct", "good", "battery"), "there is no sentiment good"),
        (("tag", '"', "battery"), "is no tag"),
        (("tag",), "takes a value"),
    ):
        refused = listen("--db", store, "triage", *words)
        assert (refused.code, refused.out) == (2, "")
        assert part in refused.err
    assert listen("--db", store, "triage", "done", "nothing").code == 1
    assert listen("--db", store, "triage", "done", "--all").out == "5\n"


def test_tags_are_listed_renamed_and_merged_in_one_step(listen: Commands, store: Path) -> None:
    assert listen("--db", store, "tags").code == 1
    listen("--db", store, "triage", "tag", "vip", "a")
    listen("--db", store, "triage", "tag", "Customer vip", "b")
    listen("--db", store, "triage", "tag", "customer", "c")
    assert listen("--db", store, "tags", "rename", "vip", "client").err.startswith("2 vip renamed to client")
    merged = listen("--db", store, "tags", "rename", "client", "customer", "--json")
    assert merged.records == [{"tag": "client", "name": "customer", "changed": 2, "asked_by": []}]
    assert listen("--db", store, "tags", "--json").records == [{"tag": "Customer", "mentions": 3}]
    assert listen("--db", store, "tags", "rename", "customer", "CUSTOMER").code == 0
    assert listen("--db", store, "tags", "--json").records == [{"tag": "CUSTOMER", "mentions": 3}]
    listen("--db", store, "undo", "2")
    assert {(one["tag"], one["mentions"]) for one in listen("--db", store, "tags", "--json").records} == {
        ("Customer", 2), ("client", 2),
    }  # fmt: skip
    assert "no mention has the tag vip" in listen("--db", store, "tags", "rename", "vip", "x").err


def test_what_happened_is_marked_listed_with_before_and_after_and_taken_away(listen: Commands, store: Path) -> None:
    asked = ("--db", store, "mark")
    assert listen(*asked, "TV ad [red]\x1b[31m", "--at", "2h").out == "1\n"
    assert listen(*asked, "fair", "--topic", "ACME").code == 0
    assert listen(*asked, "to come", "--at", "9999-01-01").code == 2
    later = listen(*asked, "to come", "--at", f"{datetime.now() + timedelta(days=30):%Y-%m-%dT%H:%M}")
    assert (later.code, later.out) == (0, "3\n")
    listed = listen(*asked, "--list")
    assert [line.split()[0] for line in listed.out.splitlines()] == ["mark", "3", "2", "1"]
    assert "\x1b" not in listed.out
    assert "before and after: 24 h each" in listed.err
    assert "expected: ? where too little had been heard before" in listed.err
    third, second, first = listen(*asked, "--list", "--json").records
    assert (third["effects"], second["topic"], first["topic"]) == ([], "acme", None)
    (effect,) = first["effects"]
    assert (effect["topic"], effect["before"]["mentions"], effect["over"]) == ("acme", 0, False)
    assert 7_200 <= effect["span"] < 7_300, "no longer than has passed"
    assert listen(*asked, "--delete", "1", "--delete", "2", "--json").records == [{"deleted": 2}]
    assert [one["mark"] for one in listen(*asked, "--list", "--json").records] == [3]
    assert listen("--db", store, "undo").out == "undone: 2 marks taken away\n"
    for words, part in (
        ((), "say what happened"),
        (("x", "--list"), "say what happened"),
        (("x", "--at", "soon"), "soon is no time; write 2h (ago), 18:30"),
        (("x", "--topic", "acmee"), 'did you mean "acme"'),
        ((" ",), "a mark says what happened"),
        (("--delete", "7"), "there is no mark 7"),
        (("--list", "--span", "1s"), "a minute to 28 days"),
    ):
        refused = listen(*asked, *words)
        assert (refused.code, refused.out) == (2, ""), words
        assert part in refused.err
