"""Rules from the command line: begun, changed, switched and given up, beside a file that has one of its own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from listen.config import load
from listen.config.edits import edited, standing
from listen.store import schema
from listen.store.read import Reader
from tests.cli.conftest import Commands

CONFIG = """
[store]
path = "small.db"

[topics.acme]
query = "acme"

[alerts.anger]
when = "share"
query = "topic:acme sentiment:neg"
threshold = 0.4
quiet = "22:00-07:00"
authors = 3
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "config.toml").write_text(CONFIG)
    monkeypatch.setenv("LISTEN_CONFIG", str(tmp_path / "config.toml"))
    schema.prepare(tmp_path / "small.db")
    return tmp_path


def written(folder: Path) -> dict[str, Any]:
    return standing(folder / "console.toml").get("alerts", {})


def test_a_rule_is_begun_and_removed_and_faults_are_told_at_their_key(folder: Path, listen: Commands) -> None:
    for words, said in (
        (("when=share",), "query: share needs one, such as topic:acme toward:acme:neg"),
        (("when=share", "threshold=9"), "threshold: expected a number from 0 to 1"),
        (("whn=share",), 'did you mean "when"?'),
        (("when=count", "at_least=3", "query=view:gone"), "there is no view"),
        (("when=match", "query=acme", "route=nobody"), "neither a desk nor notify:NAME"),
    ):
        told = listen("alerts", "add", "recall", *words)
        assert told.code == 2
        assert said in told.err
    assert written(folder) == {}
    assert listen("alerts", "add", "recall", "when=match", "query=topic:acme recall", "severity=page").code == 0
    assert written(folder) == {"recall": {"when": "match", "query": "topic:acme recall", "severity": "page"}}
    assert 'there is a rule "recall" already' in listen("alerts", "add", "Recall", "when=match", "query=a").err
    with Reader(folder / "small.db") as reader:
        known = json.loads(reader.state("rules_written") or "")["rules"]
    assert known["anger"] == {
        "when": "share", "query": "topic:acme sentiment:neg", "threshold": "0.4", "quiet": "22:00-07:00",
    }  # fmt: skip
    assert listen("alerts", "remove", "recall").code == 0
    assert written(folder) == {}


def test_a_rule_of_the_file_is_changed_beside_it_and_comes_back(folder: Path, listen: Commands) -> None:
    assert "threshold means nothing for when" in listen("alerts", "edit", "anger", "when=spike").err
    told = listen("alerts", "edit", "anger", "when=spike", "threshold=", "quiet=", "window=2h")
    assert told.code == 0
    assert written(folder) == {"anger": {"when": "spike", "query": "topic:acme sentiment:neg", "window": "2h"}}
    keys = load(folder / "config.toml").tables["alerts"]["anger"]
    assert (keys["when"], keys["window"], keys["quiet"]) == ("spike", 7200.0, None)  # nothing of the file's is left
    assert [(one.table, one.name) for one in edited([folder / "config.toml"])] == [("alerts", "anger")]
    assert listen("alerts", "off", "anger").code == 0
    assert written(folder)["anger"]["enabled"] is False
    assert "is off already" in listen("alerts", "off", "anger").err
    assert listen("alerts", "edit", "anger", "window=3h").code == 0
    assert written(folder)["anger"]["enabled"] is False
    assert listen("alerts", "reset", "anger").code == 0
    assert written(folder) == {}
    assert "nothing was changed here" in listen("alerts", "reset", "anger").err
    assert "where it can be taken out" in listen("alerts", "remove", "anger").err
    assert written(folder) == {"anger": {"enabled": False}}
    assert listen("alerts", "on", "anger").code == 0
    assert written(folder) == {}
    same = ("threshold=40%", "authors=3", "window=60m")
    assert "is that of" in listen("alerts", "edit", "anger", *same).err
    assert written(folder) == {}
