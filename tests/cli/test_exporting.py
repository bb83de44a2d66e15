"""`export`: all of a query for other programs, and no cell that a spreadsheet runs."""

from __future__ import annotations

import csv
import io
import json
import stat
import sys
from pathlib import Path

import feedparser
import pytest

from listen.cli import exporting
from listen.cli.tables import cell, write_csv
from listen.files import whole_file
from tests.cli.conftest import Commands


def test_json_lines_are_those_of_search(played: Path, listen: Commands, tmp_path: Path) -> None:
    searched = listen("search", "topic:norvola", "--all", "--json", "--db", played)
    file = tmp_path / "all.jsonl"
    assert listen("export", "topic:norvola", "-o", file, "--db", played).code == 0
    assert file.read_text() == searched.out
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert listen("export", "topic:norvola", "--json", "--db", played).out == searched.out


def test_csv_has_a_line_for_each_and_keeps_numbers_numbers(played: Path, listen: Commands) -> None:
    records = listen("search", "--all", "--json", "--db", played).records
    exported = listen("export", "--format", "csv", "--db", played)
    rows = list(csv.DictReader(io.StringIO(exported.out)))
    assert [int(row["id"]) for row in rows] == [record["id"] for record in records]
    assert list(rows[0]) == list(records[0]) == list(exporting.COLUMNS)
    for row, record in zip(rows, records, strict=True):
        assert row["sentiment"] == ("" if record["sentiment"] is None else str(record["sentiment"]))
        assert row["topics"] == "; ".join(record["topics"])
        assert row["own"] == str(int(bool(record["own"])))
    assert any(row["sentiment"].startswith("-") for row in rows)
    assert "\x1b" not in exported.out


def test_no_text_is_a_formula() -> None:
    out = io.StringIO()
    written = ["=1+1", "+33", "-toy", "@claire", "\tx", "\r=1", "fine", "a\nb", -0.5, None]
    assert write_csv(out, ["=h", *"abcdefghi"], [written]) == 1
    heading, row = csv.reader(io.StringIO(out.getvalue()))
    assert heading[0] == "'=h"
    assert row == ["'=1+1", "'+33", "'-toy", "'@claire", "'\tx", "'\\u000d=1", "fine", "a\nb", "-0.5", ""]
    assert cell("a\u202eb") == "a\\u202eb"


def _break_off(target: Path) -> None:
    with whole_file(target) as file:
        file.write("half")
        file.flush()
        raise ValueError("broken")


def test_a_file_is_whole_or_what_it_was(tmp_path: Path) -> None:
    target = tmp_path / "out.csv"
    target.write_text("old")
    target.chmod(0o644)
    with pytest.raises(ValueError, match="broken"):
        _break_off(target)
    assert target.read_text() == "old"
    with whole_file(target) as file:
        file.write("new")
    assert target.read_text() == "new"
    assert stat.S_IMODE(target.stat().st_mode) == 0o644
    link = tmp_path / "link.csv"
    link.symlink_to(target)
    with whole_file(link) as file:
        file.write("another")
    assert (target.read_text(), link.read_text(), link.is_symlink()) == ("new", "another", False)
    assert stat.S_IMODE(link.stat().st_mode) == 0o600
    assert sorted(one.name for one in tmp_path.iterdir()) == ["link.csv", "out.csv"]


def test_what_is_asked_for_wrongly_is_told(played: Path, listen: Commands, tmp_path: Path) -> None:
    assert "-o FILE" in listen("export", "--format", "parquet", "--db", played).err
    assert listen("export", "--json", "--format", "csv", "--db", played).code == 2
    assert listen("export", "(battery OR", "-o", tmp_path / "x.csv", "--db", played).code == 2
    assert not (tmp_path / "x.csv").exists()
    for command, file in (("export", "x.xlsx"), ("report", "x.pdf")):
        other = listen(command, "-o", tmp_path / file, "--db", played)
        assert (other.code, "is no format that can be written" in other.err, (tmp_path / file).exists()) == (
            2,
            True,
            False,
        )
    nowhere = listen("export", "-o", tmp_path / "no" / "x.csv", "--db", played)
    assert (nowhere.code, f"listen: {tmp_path / 'no' / 'x.csv'}: No such file" in nowhere.err) == (3, True)
    nothing = listen("export", "zzznothing", "--db", played)
    assert (nothing.code, nothing.out.splitlines()) == (1, [",".join(exporting.COLUMNS)])


def test_parquet_without_its_library_says_what_to_install(
    played: Path, listen: Commands, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    wrong = listen("export", "-o", tmp_path / "x.parquet", "--db", played)
    assert wrong.code == 2
    assert "pip install pyarrow" in wrong.err
    assert not list(tmp_path.glob("*x.parquet*"))


def test_parquet_holds_the_same(
    played: Path, listen: Commands, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parquet = pytest.importorskip("pyarrow.parquet", reason="pyarrow is an extra")
    monkeypatch.setattr(exporting, "GROUP", 100)
    file = tmp_path / "x.parquet"
    assert listen("export", "-o", file, "--db", played).code == 0
    records = listen("search", "--all", "--json", "--db", played).records
    assert parquet.ParquetFile(file).num_row_groups == -(-len(records) // 100)
    for row, record in zip(parquet.read_table(file).to_pylist(), records, strict=True):
        for name in exporting.TIMES:
            row[name] = row[name] and row[name].strftime("%Y-%m-%dT%H:%M:%SZ")
        row["correction"] = row["correction"] and json.loads(row["correction"])
        assert row == record


def test_a_view_a_topic_or_a_query_is_a_feed_that_changes_only_with_what_it_holds(
    played: Path, listen: Commands, tmp_path: Path
) -> None:
    file, asked = tmp_path / "crisis.atom", ("--db", played, "feed")
    there = len(listen("--db", played, "search", "view:crisis -is:own", "--limit", "50", "--json").records)
    made = listen(*asked, "Crisis", "-o", file, "--json")
    assert made.records == [{"file": str(file), "entries": there, "changed": True}]
    assert feedparser.parse(file.read_bytes()).feed.title == "crisis"
    file.chmod(0o644)
    before = file.stat()
    again = listen(*asked, "crisis", "-o", file)
    assert (again.code, again.err) == (0, f"{file}: {there} mentions, as it was\n")
    assert (file.stat().st_mtime_ns, file.stat().st_ino) == (before.st_mtime_ns, before.st_ino)
    assert listen(*asked, "crisis", "--limit", "3", "-o", file).code == 0
    assert stat.S_IMODE(file.stat().st_mode) == 0o644
    found = [one.link for one in feedparser.parse(file.read_bytes()).entries]
    listed = listen("--db", played, "search", "view:crisis -is:own -status:dismissed", "--limit", "3", "--json").records
    assert found == [one["url"] for one in listed]
    topic = listen(*asked, "NORVOLA", "--title", "Our <b>", "--limit", "2")
    assert feedparser.parse(topic.out).feed.title_detail.value == "Our <b>"
    query = listen(*asked, "norvola", "lang:fr", "--limit", "1")
    assert (query.code, len(feedparser.parse(query.out).entries)) == (0, 1)
    empty = listen(*asked, "zzznothing", "-o", tmp_path / "none.atom")
    assert (empty.code, (tmp_path / "none.atom").exists()) == (1, True)
    assert "zzznothing is no view and no topic, and read as a query" in empty.err
    (tmp_path / "mine.txt").write_text("dear diary")
    for words, part in (
        (("crisis", "-o", tmp_path / "mine.txt"), "is there and is no feed"),
        ((), "say which"),
        (("view:nothing",), "there is no view nothing"),
        (("crisis", "--json"), "it takes -o FILE"),
    ):
        refused = listen(*asked, *words)
        assert (refused.code, refused.out) == (2, "")
        assert part in refused.err
    assert (tmp_path / "mine.txt").read_text() == "dear diary"
