"""`sql`: SQL that only looks."""

from __future__ import annotations

import csv
import io
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Commands


def test_numbers_of_the_views_are_those_of_the_commands(played: Path, listen: Commands) -> None:
    told = {one["topic"]: one["mentions"] for one in listen("topics", "--json", "--db", played).records}
    statement = "SELECT topic, sum(mentions) AS n, sum(left_out) AS n FROM v_hourly GROUP BY topic"
    found = listen("sql", statement, "--json", "--db", played)
    assert {one["topic"]: one["n"] for one in found.records} == told
    assert all("n_2" in one for one in found.records)
    rows = list(csv.reader(io.StringIO(listen("sql", statement, "--csv", "--db", played).out)))
    assert rows[0] == ["topic", "n", "n"]
    assert {row[0]: int(row[1]) for row in rows[1:]} == told


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("DELETE FROM mentions", "DELETE is not allowed"),
        ("INSERT INTO state VALUES ('a', 'b')", "INSERT is not allowed"),
        ("CREATE TEMP TABLE x(a)", "not allowed"),
        ("PRAGMA query_only = OFF", "PRAGMA is not allowed"),
        ("SELECT * FROM pragma_table_info('mentions')", "PRAGMA is not allowed"),
        ("ATTACH '/tmp/other.db' AS other", "ATTACH is not allowed"),
        ("VACUUM INTO '/tmp/other.db'", "not allowed"),
        ("BEGIN IMMEDIATE", "not allowed"),
        ("SELECT load_extension('x')", "load_extension() is closed"),
        ("SELECT hash FROM forgotten", "forgotten is closed"),
        ("SELECT 1; SELECT 2", "several statements"),
    ],
)
def test_nothing_but_looking_is_allowed(played: Path, listen: Commands, statement: str, told: str) -> None:
    before = played.read_bytes()
    refused = listen("sql", statement, "--db", played)
    assert (refused.code, refused.out) == (2, "")
    assert told in refused.err
    assert played.read_bytes() == before


def test_a_wrong_name_is_shown_with_a_caret_and_a_suggestion(played: Path, listen: Commands) -> None:
    wrong = listen("sql", "SELECT id,\n  senitment FROM v_mentions", "--db", played)
    assert wrong.code == 2
    assert 'did you mean "sentiment"?' in wrong.err
    assert wrong.err.splitlines()[-2:] == ["  senitment FROM v_mentions", "  ^^^^^^^^^"]


def test_what_takes_too_long_ends(played: Path, listen: Commands) -> None:
    endless = "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) SELECT count(*) FROM c"
    slow = listen("sql", endless, "--timeout", "0.05", "--db", played)
    assert slow.code == 3
    assert "stopped after 0.05 seconds" in slow.err


def test_a_terminal_gets_a_table_without_foreign_signs(
    played: Path, listen: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    shown = listen("sql", "SELECT 'a' || char(27) || '[2J' AS sign, 1.5 AS n, x'ff' AS bytes, NULL", "--db", played)
    assert shown.out.split() == ["sign", "n", "bytes", "NULL", "a␛[2J", "1.5", "ff"]
    assert listen("sql", "SELECT 1 WHERE 0", "--db", played).code == 1
    listed = listen("sql", "--db", played).out
    assert "v_hourly" in listed
