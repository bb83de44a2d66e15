"""`listen import`: a file goes through the whole pipeline, in steps that a kill does not repeat or lose."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from listen.store import sqlite
from tests.cli.conftest import Commands

CONFIG = '[topics.acme]\nquery = "acme"\nrole = "brand"\n[sources.hn]\nadapter = "hackernews"\n'


def write(file: Path, count: int, **more: Any) -> Path:
    lines = [
        {"id": n, "text": f"the acme battery number {n} died", "published_at": 1_700_000_000 + n} | more
        for n in range(count)
    ]
    file.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return file


def rows(db: Path, sql: str) -> list[Any]:
    connection = sqlite.connect_reader(db)
    try:
        return connection.execute(sql).fetchall()
    finally:
        connection.close()


def test_it_needs_no_configuration_and_is_searched(listen: Commands, tmp_path: Path) -> None:
    db, file = tmp_path / "new" / "l.db", write(tmp_path / "m.jsonl", 3)
    done = listen("import", str(file), "--db", str(db), "--network", "forum")
    assert (done.code, done.out) == (0, "")
    assert "3 new" in done.err
    found = listen("search", "battery", "--json", "--db", str(db))
    told = [json.loads(line) for line in found.out.splitlines()]
    assert [(one["network"], one["external_id"], one["sources"], one["tone"]) for one in told] == [
        ("forum", str(n), ["import"], "neg") for n in (2, 1, 0)
    ]
    assert rows(db, "SELECT count(*) FROM arrivals WHERE quiet") == [(3,)]
    assert "brought by `listen import`" in listen("sources", "--db", str(db)).out
    again = listen("import", str(file), "--db", str(db), "--network", "forum")
    assert (again.code, "nothing to do" in again.err) == (1, True)


def test_topics_match_bad_lines_are_told_and_json_counts(listen: Commands, tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(CONFIG)
    file = tmp_path / "m.csv"
    file.write_text("id,text,date\n1,acme is great,2026-01-01\n2,acme,never\n3,other,2026-01-02\n")
    done = listen(
        "import", str(file), "--db", str(tmp_path / "l.db"), "--config", str(tmp_path / "config.toml"), "--json"
    )
    told = json.loads(done.out)
    assert (told["new"], told["bad"], done.code) == (2, 1, 0)
    assert f'{file}: line 3: published_at is no date: "never"' in done.err
    assert listen("count", "topic:acme", "--db", str(tmp_path / "l.db")).out.strip() == "1"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"[{}]", "write one object a line"),
        (b"a,b\n1,2\n", "no column that is known"),
        (b"id,date\n1,2\n", "no column with a text"),
        (b"\xff\xfe\n", "neither JSON lines nor CSV"),
        (b'id,text\n1,"never closed\n' + b"x\n" * 3_000_000, "a quote that is never closed"),
    ],
)
def test_what_is_no_such_file_is_said(listen: Commands, tmp_path: Path, content: bytes, said: str) -> None:
    file = tmp_path / "file"
    file.write_bytes(content)
    done = listen("import", str(file), "--db", str(tmp_path / "l.db"))
    assert (done.code, said in done.err) == (2, True), done.err


def test_a_killed_import_is_gone_on_with(listen: Commands, tmp_path: Path) -> None:
    db, file = tmp_path / "l.db", write(tmp_path / "m.jsonl", 6_000)
    command = [sys.executable, "-m", "listen", "import", str(file), "--db", str(db)]
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    deadline = time.monotonic() + 60
    count = 0
    while not count and child.poll() is None:
        assert time.monotonic() < deadline
        time.sleep(0.01)
        if db.exists():
            try:
                count = rows(db, "SELECT count(*) FROM mentions")[0][0]
            except Exception:  # it is just being made
                continue
    os.killpg(child.pid, signal.SIGKILL)
    child.wait()
    (kept,) = rows(db, "SELECT count(*) FROM mentions")[0]
    assert 0 < kept < 6_000
    done = listen("import", str(file), "--db", str(db), "--json")
    told = json.loads(done.out)
    assert (told["new"], told["again"], told["bad"]) == (6_000 - kept, 0, 0)
    assert told["resumed_at"] > 0
    assert rows(db, "SELECT count(*), count(DISTINCT external_id) FROM mentions") == [(6_000, 6_000)]
