"""`query explain`, `lint`, `import`."""

from __future__ import annotations

from pathlib import Path

from tests.cli.conftest import Commands


def test_a_query_is_explained(listen: Commands, played: Path) -> None:
    told = listen("query", "explain", "battery", "(norvola OR zzz)", "status:new", "--db", played)
    assert told.code == 0
    assert "  AND\n    battery\n    OR\n      norvola\n" in told.out
    assert "search_" in told.out
    count = listen("count", "battery (norvola OR zzz) status:new", "--db", played).out.strip()
    assert f"all: {count} mentions" in told.out


def test_an_explanation_is_data_too(listen: Commands, played: Path) -> None:
    (record,) = listen("query", "explain", "zzznothing", "--json", "--db", played).records
    assert (record["count"], record["first"], record["tree"]) == (0, 0, ["zzznothing"])
    assert record["plan"]


def test_lint_points_at_parts_and_counts_what_is_stored(listen: Commands, played: Path) -> None:
    told = listen("query", "lint", "norvola OR zzznothing OR norvola", "--json", "--db", played)
    assert told.code == 1
    found = {(record["part"], record["message"]) for record in told.records}
    assert ("zzznothing", "it never matched in the last 30 days") in found
    assert ("norvola", "it says the same as a part before it") in found
    fine = listen("query", "lint", "battery", "--db", played)
    assert (fine.code, fine.out) == (0, "")


def test_lint_needs_no_store(listen: Commands, tmp_path: Path) -> None:
    assert listen("query", "lint", "acme or rival", "--db", tmp_path / "none.db").code == 1
    wrong = listen("query", "lint", "*bank", "--db", tmp_path / "none.db")
    assert wrong.code == 2
    assert "^" in wrong.err


def test_a_query_of_another_tool_is_translated(listen: Commands, tmp_path: Path) -> None:
    told = listen("query", "import", "acme AND authorGender:F AND language:en")
    assert (told.code, told.out) == (1, "acme lang:en\n")
    assert "authorGender:F" in told.err
    file = tmp_path / "query.txt"
    file.write_text("acme AND\n(battery OR charger)")
    (record,) = listen("query", "import", "--file", file, "--json").records
    assert record == {"query": "acme (battery OR charger)", "notes": [], "left_out": 0}
    assert listen("query", "import", "acme AND (").code == 2


def test_the_help_of_a_group_cuts_no_sentence(listen: Commands) -> None:
    told = listen("topics", "--help").out
    assert "match it over all that is" in " ".join(told.split())
    assert "..." not in told.partition("Commands:")[2]
