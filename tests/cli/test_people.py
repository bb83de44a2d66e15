"""People from the command line: lists, a page, who is one person, and customers from a file."""

from __future__ import annotations

from pathlib import Path

import pytest

from listen.clock import SystemClock
from listen.model import Author
from listen.store import schema, sqlite
from listen.store.triage import Triage
from listen.store.write import Writer
from tests.cli.conftest import Commands
from tests.store.posts import NOW, fast, make_desk, make_post


@pytest.fixture
def store(tmp_path: Path) -> Path:
    path = tmp_path / "small.db"
    schema.prepare(path)
    writer = Writer(fast(sqlite.connect_writer(path)), SystemClock())
    desk = make_desk(writer)
    claire = Author("claire@m.example", "Claire", followers=12)
    for at, (author, score) in enumerate(((claire, -600), (claire, 700), (Author("claire"), 0), (Author("=bob"), 0))):
        topics: dict[int, int | None] = {desk.topics["acme"]: score} if at < 2 else {}
        post = make_post(f"p{at}", "said it", author=author, score=score, hits=1, topics=topics,
                         published_at=NOW - at * 86_400, network="net" if at else "other")  # fmt: skip
        desk.add([post])
    writer.connection.close()
    return path


def test_people_are_listed_shown_and_taken_for_one(store: Path, listen: Commands) -> None:
    asked = listen("people", "topic:acme", "-nothing", "--limit", "1", "--db", store)
    assert asked.code == 0, asked
    assert (asked.code, asked.out.splitlines()[1].split()[0]) == (0, "1")
    assert "2 people, 2 mentions" in asked.err
    assert "silent: not observable (mark 20)" in asked.err
    assert listen("people", "zzz", "--db", store).code == 1
    assert listen("people", "--db", store, "--json", "--order", "followers").records[0]["followers"] == 12
    several = listen("people", "show", "claire", "--db", store)
    assert several.code == 0, "the whole handle counts first"
    assert listen("people", "show", "claire@m.example", "--db", store).code == 2
    merged = listen("people", "merge", "net/claire@m.example", "other/claire@m.example", "claire", "--reason",
                    "one face", "--db", store)  # fmt: skip
    assert (merged.code, merged.err) == (0, "3 accounts taken for one person\n")
    (first, _) = listen("people", "--json", "--db", store).records
    assert (first["mentions"], len(first["accounts"])) == (3, 3)  # type: ignore[arg-type]
    (shown,) = listen("people", "show", "claire", "--json", "--db", store).records
    assert [one["reason"] for one in shown["joined"]] == ["one face", "one face"]  # type: ignore[attr-defined]
    assert shown["all"]["mentions"] == 3  # type: ignore[index]
    assert "one person: one face" in listen("people", "show", "claire", "--db", store).out
    assert listen("people", "merge", "claire", "net/claire@m.example", "--reason", "again", "--db", store).code == 1
    assert listen("people", "merge", "claire", "=bob", "--reason", " ", "--db", store).code == 2
    assert listen("people", "split", "claire", "--db", store).err == "3 accounts taken apart\n"
    assert listen("people", "split", "claire", "--db", store).code == 1
    with Triage(store, merged_by(store), SystemClock()) as triage:
        undone = triage.undo()
    assert undone is not None
    assert undone.text == "undone: 3 accounts taken apart"
    assert len(listen("people", "--json", "--db", store).records) == 2


def merged_by(store: Path) -> str:
    connection = sqlite.connect_people(store)
    (name,) = connection.execute("SELECT by FROM journal ORDER BY id DESC LIMIT 1").fetchone()
    connection.close()
    return str(name)


def test_customers_come_from_a_file_whose_bad_lines_are_told(store: Path, listen: Commands, tmp_path: Path) -> None:
    crm = tmp_path / "crm.csv"
    crm.write_bytes("Handle;Customer ID;Segment;Network\n@CLAIRE@m.example;C1;VIP;net\n;C2;VIP;\n=bob;;Été;\n".encode())
    taken = listen("people", "import", crm, "--db", store)
    assert taken.code == 0
    assert f"{crm}:3: there is no handle" in taken.err
    assert "2 customers: 2 new, 0 changed, 0 as before, 0 dropped; 2 of their accounts have been heard" in taken.err
    assert listen("count", "segment:vip", "--db", store).out.strip() == "1"
    assert [one["segments"] for one in listen("search", "segment:ete", "--json", "--db", store).records] == [["Été"]]
    crm.write_text("handle,customer id,segment\n=bob,B,fleet\n")
    (again,) = listen("people", "import", crm, "--replace", "--json", "--db", store).records
    assert again == {
        "lines": 1, "customers": 1, "refused": 0, "new": 0, "changed": 1, "same": 0, "gone": 1, "heard": 1,
        "forgotten": 0,
    }  # fmt: skip
    assert listen("people", "segment:fleet", "--db", store).out.splitlines()[1].split()[-1] == "fleet"
    crm.write_text("name\nbob\n")
    refused = listen("people", "import", crm, "--replace", "--db", store)
    assert (refused.code, "line 1 names no handle" in refused.err) == (2, True)
    crm.write_text("handle,customer id,segment\n,,x\n")
    assert listen("people", "import", crm, "--replace", "--db", store).code == 1
    assert listen("count", "segment:fleet", "--db", store).out.strip() == "1", "nothing to take drops nobody"
    assert [one["action"] for one in listen("log", "--json", "--db", store).records] == ["customers imported"] * 2
    assert listen("undo", "--db", store).out == "undone: 2 customers imported\n"
    assert listen("count", "segment:vip", "--db", store).out.strip() == "1"
