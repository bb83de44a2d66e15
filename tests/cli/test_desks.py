"""Desks and the brief from the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from listen.clock import SystemClock
from listen.collect.channels import desks_of
from listen.config import edits, load
from listen.store import schema, sqlite
from listen.store.write import Writer
from tests.cli.conftest import Commands
from tests.store.posts import NOW, make_desk, make_post

CONFIG = """
[store]
path = "small.db"

[topics.acme]
query = "acme"

[desks.care]
query = "battery"
answer_within = "2h"

[desks.legal]
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, listen: Commands) -> Path:
    (tmp_path / "config.toml").write_text(CONFIG)
    monkeypatch.setenv("LISTEN_CONFIG", str(tmp_path / "config.toml"))
    schema.prepare(tmp_path / "small.db")
    connection = sqlite.connect_writer(tmp_path / "small.db")
    writer = Writer(connection, SystemClock())
    desk = make_desk(writer)
    topics: dict[int, int | None] = {desk.topics["acme"]: None}
    desk.add([make_post(str(n), text, topics=topics, published_at=NOW) for n, text in enumerate(["acme battery"] * 3)])
    desk.add([make_post("9", "a charger of acme", topics=topics)])
    writer.sync_desks(desks_of(load()))
    writer.release()
    connection.close()
    return tmp_path


def test_desks_are_listed_and_another_query_is_tried(folder: Path, listen: Commands) -> None:
    done = listen("desks", "--json")
    found = {one["desk"]: one for one in map(json.loads, done.out.splitlines())}
    assert set(found) == {"care", "legal"}
    assert (found["care"]["waiting"], found["care"]["late"], found["care"]["answer_within"]) == (3, 3, 7200.0)
    listed = listen("desks")
    assert listed.code == 0
    assert "care" in listed.out
    assert "closed: marketing" in listed.err
    tried = listen("desks", "try", "care", "charger")
    assert (tried.code, tried.out) == (0, "care would take 1 waiting mention, let go of 3\n")
    assert listen("desks", "try", "car", "x").code == 2
    assert listen("desks", "try", "care", "(").code == 2
    assert json.loads(listen("desks", "--json").out.splitlines()[0]) == found["legal"], "nothing has changed"


def test_the_brief_is_told_in_lines_and_as_a_record(folder: Path, listen: Commands) -> None:
    told = listen("brief", "--since", "2026-01-01", "--json")
    record = json.loads(told.out)
    assert (told.code, record["mentions"], [one["desk"] for one in record["late"]]) == (0, 4, ["care"])
    lines = listen("brief", "--since", "2026-01-01").out.splitlines()
    assert lines[0].startswith("4 mentions of your topics in ")
    assert any("care: 3 of 3 late" in line for line in lines)
    assert listen("brief", "--since", "soon").code == 2


def standing(folder: Path) -> dict[str, object]:
    return edits.standing(folder / "console.toml").get("desks", {})


def test_desks_are_changed_opened_begun_and_given_up_with_what_that_takes(folder: Path, listen: Commands) -> None:
    changed = listen("desks", "edit", "care", "charger", "--assign", "ana", "--tags", "hot, late", "--within", "1d")
    assert changed.code == 0, changed.err
    assert "takes 1 waiting mention, lets go of 3; 1 wait there" in changed.err
    assert standing(folder) == {
        "care": {"query": "charger", "assign": "ana", "tags": ["hot", "late"], "answer_within": "1d"}
    }
    assert listen("count", "assignee:ana tag:hot").out == "1\n", "what waits there is given and tagged, too"
    (care,) = (one for one in listen("desks", "--json").records if one["desk"] == "care")
    assert (care["waiting"], care["answer_within"]) == (1, 86_400.0)
    assert care["masks"]["query"] == "battery"  # type: ignore[index]
    assert "`listen desks reset care` makes the file decide again" in listen("desks").err
    assert listen("desks", "edit", "care", "--assign", "").code == 0
    assert listen("count", "assignee:ana").code == 1, "what it gave is nobody's again"

    assert listen("desks", "edit", "sales", "--within", "1h").code == 0
    assert standing(folder)["sales"] == {"answer_within": "1h", "open": False}, "it stays closed"
    assert listen("desks", "open", "sales").code == 0
    assert "sales" in listen("desks").out
    assert listen("desks", "reset", "sales").code == 0
    assert "sales" not in listen("desks").out
    begun = listen("desks", "add", "press", "acme", "-charger", "--within", "2h")
    assert "takes 3 waiting mentions" in begun.err
    assert listen("views", "save", "hurry", "desk:press").code == 0
    assert "view hurry asks for desk:press" in listen("desks", "remove", "press").err
    assert listen("views", "remove", "hurry").code == 0
    assert listen("desks", "remove", "press").code == 0
    assert "lets go of 1" in listen("desks", "close", "care").err
    done = [one["action"] for one in listen("log", "--json").records if not str(one["by"]).startswith("desk ")]
    assert done[-3:] == ["desk changed", "desk changed", "desk changed"]
    assert done[:2] == ["desk closed", "desk removed"]

    before = standing(folder)
    for words, why in (
        (["edit", "car", "x"], 'did you mean "care"?'), (["edit", "care"], "say what shall change"),
        (["edit", "care", "desk:care"], "cannot hold itself"), (["edit", "care", "--within", "soon"], "answer_within"),
        (["edit", "legal", "--within", ""], "was not set here"), (["reset", "legal"], "nothing was changed"),
        (["add", "care", "x"], "already"), (["remove", "care"], "listen desks reset care"),
        (["edit", "care", "--tags", "a:b"], "is no tag"), (["edit", "care", "view:none"], "there is no view"),
    ):  # fmt: skip
        refused = listen("desks", *words)
        assert (refused.code, why in refused.err) == (2, True), (words, refused.err)
    assert standing(folder) == before
