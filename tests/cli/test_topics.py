"""Topics from the command line: what a query would change, changing it, and taking that back."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from listen.store.audit import problems
from listen.store.read import Reader
from listen.store.sqlite import connect_writer
from tests.cli.conftest import Commands

CONFIG = """
[store]
path = "week.db"

[topics.norvola]
query = "norvola OR #norvolafire"  # ours
role = "brand"

[topics.veltra]
query = "veltra"
role = "competitor"

[sources.press]
adapter = "feed"
urls = ["http://127.0.0.1:9/rss"]
"""


@pytest.fixture
def week(tmp_path: Path, played: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a configuration with a store that holds the fictional week."""
    folder = tmp_path / "week"
    folder.mkdir()
    shutil.copyfile(played, folder / "week.db")
    (folder / "config.toml").write_text(CONFIG)
    monkeypatch.setenv("LISTEN_CONFIG", str(folder / "config.toml"))
    return folder


def ids(week: Path, words: str) -> set[int]:
    from listen.query import parse

    with Reader(week / "week.db") as reader:
        return set(reader.page(parse(words), limit=10_000, budget=None, now=2e9).ids)


def test_a_preview_tells_what_would_change_and_changes_nothing(week: Path, listen: Commands) -> None:
    before, other = ids(week, "topic:norvola"), ids(week, "battery")
    ran = listen("topics", "preview", "norvola", "battery", "--json")
    (told,) = ran.records
    assert (ran.code, told["gained"], told["lost"]) == (0, len(other - before), len(before - other))
    assert told["exact"] is True
    assert told["back_to"] == 0
    assert told["gained_examples"] == sorted(other - before, reverse=True)[:3]
    assert told["lost_examples"] == sorted(before - other, reverse=True)[:3]
    assert ids(week, "topic:norvola") == before
    assert not (week / "console.toml").exists()
    shown = listen("topics", "preview", "norvola", "battery")
    assert f"norvola would gain {len(other - before)} and lose {len(before - other)}" in shown.err
    assert [line[0] for line in shown.out.splitlines()] == [*"+++", *"---"]
    assert listen("topics", "preview", "norvola", "norvola OR #norvolafire").code == 1


def test_an_edit_is_written_matched_and_undone(week: Path, listen: Commands) -> None:
    before, other = ids(week, "topic:norvola"), ids(week, "battery")
    ran = listen("topics", "edit", "norvola", "battery")
    assert ran.code == 0, ran.err
    assert f"its query stands in {week / 'console.toml'} now; `listen topics undo norvola` takes it back" in ran.err
    assert ids(week, "topic:norvola") == other != before
    assert "query = 'battery'" in (week / "console.toml").read_text()
    assert (week / "config.toml").read_text() == CONFIG
    listed = {record["topic"]: record for record in listen("topics", "--json").records}
    assert (listed["norvola"]["query"], listed["norvola"]["mentions"]) == ("battery", len(other))
    assert listed["norvola"]["before"] == "norvola OR #norvolafire"
    assert listed["norvola"]["role"] == "brand"
    assert listed["norvola"]["rematch"] is None
    assert listen("topics", "edit", "norvola", "battery").code == 1
    assert listen("topics", "undo", "norvola").code == 0
    assert ids(week, "topic:norvola") == before
    assert "battery" not in (week / "console.toml").read_text()
    assert problems(week / "week.db", deep=True) == []
    connection = connect_writer(week / "week.db")
    journal = connection.execute("SELECT action, count FROM journal WHERE action = 'topic changed'").fetchall()
    connection.close()
    assert journal == [("topic changed", 1)] * 2


def test_undo_writes_what_stood_there_before(week: Path, listen: Commands) -> None:
    before, file = ids(week, "topic:veltra"), week / "console.toml"
    assert listen("topics", "edit", "veltra", "battery").code == 0
    assert "`listen undo` takes it back" in listen("views", "save", "angry", "sentiment:neg").err
    ran = listen("undo", "2")
    assert (ran.code, ran.out, ran.err) == (0, "undone: 1 view saved\nundone: 1 topic changed\n", "")
    assert "angry" not in file.read_text()
    assert "battery" not in file.read_text()
    assert ids(week, "topic:veltra") == before
    assert "angry" not in listen("views").out
    assert {record["undone_by"] is not None for record in listen("log", "--json").records} == {True}
    assert listen("views", "save", "calm", "sentiment:pos").code == 0
    file.write_text(file.read_text().replace("sentiment:pos", "sentiment:neu"))
    changed = listen("undo")
    assert (changed.code, "calm" in file.read_text()) == (3, True)
    assert "calm" in changed.err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("edit", "norvolo", "x"), 'no topic "norvolo"; did you mean "norvola"?'),
        (("edit", "norvola", "since:2h"), "not for time"),
        (("edit", "norvola", "(x"), "("),
        (("undo", "veltra"), "nothing to undo"),
        (("preview", "norvola", '"'), '"'),
    ],
)
def test_what_cannot_be_is_said_and_changes_nothing(
    week: Path, listen: Commands, words: tuple[str, ...], told: str
) -> None:
    ran = listen("topics", *words)
    assert (ran.code, ran.out) == (2, ""), ran
    assert told in ran.err
    assert not (week / "console.toml").exists()


def test_a_fault_in_the_file_keeps_an_edit_out(week: Path, listen: Commands) -> None:
    (week / "console.toml").write_text("[topics.norvola]\nquery = 'norvola'\nrule = 1\n")
    ran = listen("topics", "edit", "norvola", "battery")
    assert ran.code == 2
    assert "rule" in ran.err
    assert (week / "console.toml").read_text() == "[topics.norvola]\nquery = 'norvola'\nrule = 1\n"
