"""Objectives from the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from listen import objectives
from listen.clock import SystemClock
from listen.config import declared, load
from listen.store import schema, sqlite
from listen.store.triage import Triage
from listen.store.write import Writer
from tests.cli.conftest import Commands
from tests.store.posts import make_desk, make_post

CONFIG = """
[store]
path = "small.db"

[topics.acme]
query = "acme"

[objectives.mood]
metric = "net_sentiment"
target = "> 20 %"
topic = "acme"
by = 2099-01-01
owner = "ana"
worth = "2 EUR"

[objectives.loud]
metric = "volume"
target = ">= 1,000"
query = "acme battery"
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, listen: Commands) -> Path:
    (tmp_path / "config.toml").write_text(CONFIG)
    monkeypatch.setenv("LISTEN_CONFIG", str(tmp_path / "config.toml"))
    schema.prepare(tmp_path / "small.db")
    connection = sqlite.connect_writer(tmp_path / "small.db")
    writer = Writer(connection, SystemClock())
    desk = make_desk(writer)
    now = int(SystemClock().now())
    topics: dict[int, int | None] = {desk.topics["acme"]: 700}
    posts = [
        make_post(str(n), f"acme battery {n}", topics=topics, score=700, hits=1, published_at=now - 3_600)
        for n in range(24)
    ]
    config = load()
    places = declared(config.files, "objectives")
    added = desk.add(posts, seen_at=now - 3_600)
    writer.set_state(objectives.STATE, objectives.told(objectives.configured(config.tables["objectives"], places)))
    writer.release()
    connection.close()
    with Triage(tmp_path / "small.db", "ana", SystemClock()) as people:
        people.set_status(added.new_ids[:1], "done")
    return tmp_path


def test_objectives_are_listed_and_one_is_told_whole_with_an_exit_code(folder: Path, listen: Commands) -> None:
    listed = listen("objectives")
    assert (listed.code, listed.err) == (0, "")
    lines = listed.out.splitlines()
    assert lines[0] == "mood  met  > 20 %"
    assert "████████████████████" in lines[1]
    assert lines[1].endswith("+1.00 ± 0.11: met")
    assert lines[2] == "loud  open  >= 1,000"
    assert "24: short by 976" in lines[3]
    assert "acme, the last 7 days" in lines
    assert any(line.strip().startswith("proximity") for line in lines)
    whole = listen("objectives", "mood")
    assert whole.code == 0, whole.err
    for told in (
        "net_sentiment of topic:acme, over 7 d",
        "by 2099-01-01, owned by ana",
        "1 min of work in 1 action",
        "work is from a person's first",
        f"declared      {folder / 'config.toml'}:{CONFIG[: CONFIG.index('[objectives.mood]')].count(chr(10)) + 1}\n",
    ):
        assert told in whole.out
    assert listen("objectives", "loud").code == 1, "not met"
    unknown = listen("objectives", "moood")
    assert (unknown.code, 'did you mean "mood"?' in unknown.err) == (2, True)
    mood, loud, strip = listen("objectives", "--json").records
    assert (mood["objective"], mood["state"], mood["value"], mood["n"], mood["by"]) == (
        "mood",
        "met",
        1.0,
        24,
        "2099-01-01",
    )
    assert (loud["value"], loud["goal"], loud["met"], loud["about"]) == (24.0, 1000.0, False, "acme battery")
    assert (strip["strip"], strip["connectivity"]["n"]) == ("acme", 1)  # type: ignore[index]


def test_without_any_it_says_how_to_begin(folder: Path, listen: Commands) -> None:
    connection = sqlite.connect_writer(folder / "small.db")
    writer = Writer(connection, SystemClock())
    writer.claim()
    writer.set_state(objectives.STATE, "[]")
    writer.release()
    connection.close()
    unread = listen("objectives")
    assert (unread.code, "no collector has read mood, loud yet" in unread.err) == (1, True)
    (folder / "config.toml").write_text(CONFIG.partition("[objectives.mood]")[0])
    done = listen("objectives")
    assert (done.code, done.out) == (1, "")
    assert "README" in done.err
