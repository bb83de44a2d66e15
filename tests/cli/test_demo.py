"""`listen demo --headless`: the whole chain in one command."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from tests.cli.conftest import Commands, listen_process


def test_it_ends_with_one_line_of_json_and_leaves_nothing_behind(home: Path) -> None:
    before = set(home.iterdir())
    command = listen_process("demo", "--headless", "--for", "6s", "--json")
    environment = {"PATH": "/usr/bin:/bin", "TMPDIR": str(home), "HOME": str(home)}
    done = subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120, env=environment
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert done.stdout.count("\n") == 1
    assert told["mentions"] >= 300
    assert told["mentions"] == sum(told["sources"].values())
    assert len(told["sources"]) >= 4
    assert min(told["topics"].values()) > 0
    assert len(told["topics"]) >= 2
    assert 0 < told["scored"] < told["mentions"]
    assert all(fired > 0 for fired in told["alerts"].values())
    assert set(home.iterdir()) == before


def test_the_week_ends_at_the_real_now(listen: Commands, played: Path) -> None:
    """Mentions of the last six hours are there, and the oldest is about a week old."""
    assert listen("count", "since:6h", "--db", played).code == 0
    assert listen("count", "until:6d", "since:8d", "--db", played).code == 0
    assert listen("count", "until:8d", "--db", played).code == 1


def test_too_short_a_time_is_refused(listen: Commands) -> None:
    for wall in ("1s", "week", "-5s"):
        assert listen("demo", "--headless", "--for", wall).code == 2


def test_fiction_is_not_mixed_with_what_was_heard(listen: Commands, tmp_path: Path) -> None:
    heard = tmp_path / "heard.db"
    heard.write_bytes(b"mine")
    refused = listen("demo", "--headless", "--db", heard)
    assert (refused.code, "holds no demonstration" in refused.err, heard.read_bytes()) == (2, True, b"mine")
    assert [one.name for one in tmp_path.iterdir()] == ["heard.db"]
