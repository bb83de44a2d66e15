"""The conversation around a mention from the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from listen.query import parse
from listen.store.read import Reader
from tests.cli.conftest import Commands

CONFIG = """
[topics.norvola]
query = "norvola"

[sources.press]
adapter = "feed"
urls = ["http://127.0.0.1:9/rss"]
"""


@pytest.fixture
def answered(played: Path) -> int:
    """A comment that the brand has answered."""
    with Reader(played) as reader:
        return reader.page(parse("status:answered source:hn"), budget=None, now=2e9).ids[0]


def test_what_is_stored_is_printed_as_a_tree(played: Path, answered: int, listen: Commands) -> None:
    ran = listen("thread", answered, "--stored", "--db", played)
    assert ran.code == 0
    lines = ran.out.splitlines()
    place = next(at for at, line in enumerate(lines) if line.startswith(">"))
    assert lines[place + 1].index("norvola_team (us)") > lines[place].index(":")
    assert "answered by us" in ran.err
    told = listen("thread", answered, "--stored", "--db", played, "--json").records
    assert [one["depth"] for one in told if one["id"] == answered] == [1]
    assert [one["answered_by"] for one in told if "answered_by" in one] == ["us"]
    assert any(one["own"] and one["depth"] == 2 for one in told)


def test_our_own_reply_is_called_so_and_waits_for_no_answer(played: Path, answered: int, listen: Commands) -> None:
    told = listen("thread", answered, "--stored", "--db", played, "--json").records
    ours = next(one["id"] for one in told if one["own"])
    ran = listen("thread", ours, "--stored", "--db", played)
    assert "our own reply" in ran.err
    assert "answered by nobody" not in ran.err


def test_a_mention_that_is_not_there_is_nothing_found(played: Path, listen: Commands) -> None:
    ran = listen("thread", "1", "--db", played)
    assert ran.code == 1
    assert "no mention 1" in ran.err


def test_what_cannot_be_fetched_prints_what_is_stored(
    tmp_path: Path, played: Path, answered: int, listen: Commands
) -> None:
    import shutil

    store, file = tmp_path / "week.db", tmp_path / "config.toml"
    shutil.copyfile(played, store)
    file.write_text(CONFIG)
    ran = listen("thread", answered, "--db", store, "--config", file)
    assert ran.code == 0
    assert "not fetched: where it was heard (hackernews) cannot be asked for conversations" in ran.err
    assert any(line.startswith(">") for line in ran.out.splitlines())


def test_without_a_configuration_nobody_is_asked_and_the_store_keeps_its_topics_and_sources(
    played: Path, answered: int, listen: Commands
) -> None:
    before = listen("topics", "--json", "--db", played).out, listen("sources", "--json", "--db", played).out
    ran = listen("thread", answered, "--db", played)
    assert (ran.code, "answered by us" in ran.err) == (0, True)
    assert "no configuration" in ran.err
    assert (listen("topics", "--json", "--db", played).out, listen("sources", "--json", "--db", played).out) == before
