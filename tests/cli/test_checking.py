"""`query check`."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from listen.insight.precision import precision
from listen.store import schema, sqlite
from listen.store.sqlite import sqlite3
from listen.store.write import Writer
from tests.cli.conftest import Commands
from tests.store.posts import NOW, Turned, fast, make_desk, make_post

SAID = [f"acme phone number {n}" for n in range(24)] + [f"acme toy coyote cartoon {n}" for n in range(6)]


@pytest.fixture
def stored(tmp_path: Path) -> tuple[Path, list[int]]:
    """Thirty mentions of `acme`, the last six of them about cartoons; and two that nobody asks for."""
    path = tmp_path / "listen.db"
    schema.prepare(path)
    writer = Writer(fast(sqlite.connect_writer(path)), Turned(NOW))
    desk = make_desk(writer)
    ids = desk.add(
        [make_post(f"p{n}", text, topics={desk.topics["acme"]: None}) for n, text in enumerate(SAID)]
    ).new_ids
    desk.add([make_post("other", "rival coyote"), make_post("bad", "\x1b[31mrival")])
    writer.connection.close()
    return path, list(ids)


def judged(tmp_path: Path, ids: list[int]) -> Path:
    """A file of judgements: what is about cartoons is refused."""
    file = tmp_path / "judged.txt"
    lines = [f"{one} {'keep' if at < 24 else 'refuse'}" for at, one in enumerate(ids)]
    file.write_text("# mine\n\n" + "\n".join(lines) + "\n")
    return file


def test_a_sample_is_data_with_ids(listen: Commands, stored: tuple[Path, list[int]]) -> None:
    path, ids = stored
    ran = listen("query", "check", "acme", "--sample", "10", "--db", path)
    assert ran.code == 0
    assert {record["id"] for record in ran.records} < set(ids)
    assert len(ran.records) == 10
    assert all(record["judged"] is None and "acme" in str(record["text"]) for record in ran.records)
    assert "10 of all 30 at random (seed 1)" in ran.err
    again = listen("query", "check", "acme", "--sample", "10", "--seed", "1", "--db", path)
    other = listen("query", "check", "acme", "--sample", "10", "--seed", "2", "--db", path)
    assert again.out == ran.out != other.out
    assert listen("query", "check", "nowhere", "--db", path).code == 1


def test_judgements_give_a_precision_and_proposals(
    listen: Commands, stored: tuple[Path, list[int]], tmp_path: Path
) -> None:
    path, ids = stored
    file = judged(tmp_path, ids)
    ran = listen("query", "check", "--topic", "ACME", "--judged", file, "--json", "--db", path)
    assert ran.code == 0
    (record,) = ran.records
    wanted = precision(24, 30)
    assert (record["judged"], record["kept"], record["topic"], record["query"]) == (30, 24, "acme", "acme")
    assert (record["precision"], record["low"], record["high"]) == (
        0.8, pytest.approx(wanted.low, abs=1e-4), pytest.approx(wanted.high, abs=1e-4),
    )  # fmt: skip
    (proposal,) = record["proposals"]
    assert proposal["word"] in {"toy", "coyote", "cartoon"}
    assert (proposal["refused"], proposal["kept"], proposal["stored"], proposal["stored_complete"]) == (6, 0, 6, True)
    assert record["better"] == f"acme NOT {proposal['word']}"
    text = listen("query", "check", "--topic", "acme", "--judged", file, "--db", path).out
    assert "24 of 30 are about it · 80 % (63–90 %)" in text
    assert "takes away 6 of 6 refused, 0 of 24 kept · 6 of all stored" in text


def test_judgements_are_kept_with_the_query_and_shown_next_time(
    listen: Commands, stored: tuple[Path, list[int]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, ids = stored
    listen("query", "check", "--topic", "acme", "--judged", judged(tmp_path, ids), "--db", path)
    connection = sqlite3.connect(path)
    rows = connection.execute("SELECT DISTINCT topic, query FROM labels").fetchall()
    assert rows == [("acme", "acme")]
    assert connection.execute("SELECT sum(kept), count(*) FROM labels").fetchone() == (24, 30)
    connection.close()
    shown = listen("query", "check", "--topic", "acme", "--db", path).records
    assert {record["id"]: record["judged"] for record in shown} == {
        one: "keep" if at < 24 else "refuse" for at, one in enumerate(ids)
    }
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{ids[0]} refuse"))
    assert "0 of 1 are about it" in listen("query", "check", "acme", "--judged", "-", "--db", path).out


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("17 yes", "line 1: '17 yes' is no judgement"),
        ("\nkeep 17", "line 2"),
        ("²3 keep", "line 1"),
        ("17 keep", "none of the judged mentions is found by it"),
        (f"{'9' * 40} keep", "none of the judged mentions is found by it"),
        ("", "none of the judged mentions"),
    ],
)
def test_wrong_judgements_are_told(
    listen: Commands, stored: tuple[Path, list[int]], tmp_path: Path, text: str, message: str
) -> None:
    file = tmp_path / "judged.txt"
    file.write_text(text)
    ran = listen("query", "check", "acme", "--judged", file, "--db", stored[0])
    assert (ran.code, ran.out) == (2, "")
    assert message in ran.err


def test_what_is_no_text_or_no_topic_is_told(listen: Commands, stored: tuple[Path, list[int]], tmp_path: Path) -> None:
    path, _ = stored
    file = tmp_path / "judged.bin"
    file.write_bytes(b"\xff\xfe\x00keep")
    assert "not text in UTF-8" in listen("query", "check", "acme", "--judged", file, "--db", path).err
    for arguments, message in (
        ([], "give a query to check"),
        (["acme", "--topic", "acme"], "not both"),
        (["--topic", "acne"], 'there is no topic "acne"; did you mean'),
        (["acme", "("], "^"),
    ):
        ran = listen("query", "check", *arguments, "--db", path)
        assert ran.code == 2, arguments
        assert message in ran.err


def test_judgements_that_cannot_be_kept_are_read_all_the_same(
    listen: Commands, stored: tuple[Path, list[int]], tmp_path: Path
) -> None:
    path, ids = stored
    broken = tmp_path / "broken.toml"
    broken.write_text("[topics.acme\n")
    ran = listen("query", "check", "acme", "--judged", judged(tmp_path, ids), "--db", path, "--config", broken)
    assert ran.code == 0
    assert "24 of 30 are about it" in ran.out
    assert "the judgements are not kept" in ran.err
