"""`listen forget`, and what a backup of before brings back."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.conftest import Commands


def write(file: Path, *authors: str) -> Path:
    lines = [
        {"id": f"{author}/{n}", "text": f"{author} word{n}", "author": author, "date": "2026-01-01"}
        for n, author in enumerate(authors)
    ]
    file.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return file


def test_a_person_is_erased_with_a_receipt_and_stays_away(listen: Commands, tmp_path: Path) -> None:
    db, copy = tmp_path / "s" / "l.db", tmp_path / "copies" / "b.db"
    copy.parent.mkdir()
    file = write(tmp_path / "m.jsonl", "zqclaire@a.example", "zqclaire@b.example", "bob", "zqclaire@a.example")
    assert listen("import", file, "--db", db, "--network", "forum").code == 0
    assert listen("backup", copy, "--db", db).code == 0

    unclear = listen("forget", "@zqclaire", "--yes", "--db", db)
    assert (unclear.code, "forum:zqclaire@b.example" in unclear.err) == (2, True)
    unasked = listen("forget", "forum/zqclaire@a.example", "--db", db)
    assert (unasked.code, "with 2 mentions? This cannot be undone" in unasked.err) == (2, True)
    nobody = listen("forget", "nobody", "--yes", "--db", db)
    assert (nobody.code, "nothing is stored of nobody" in nobody.err) == (1, True)

    done = listen("forget", "forum:zqclaire@a.example", "--yes", "--json", "--db", db)
    assert done.code == 0, done.err
    (told,) = done.records
    assert (told["mentions"], told["names"], told["named_in"]) == (2, 1, [])
    assert told["clean_at"] is not None
    assert [one["file"] for one in told["backups"]] == [str(copy)]  # type: ignore[attr-defined]
    assert all(b"zqclaire@a" not in one.read_bytes() for one in db.parent.iterdir())
    assert listen("count", "author:zqclaire", "--db", db).out.strip() == "1"
    (receipt,) = listen("forget", "--receipts", "--json", "--db", db).records
    assert receipt["receipt"] == told["receipt"]
    assert "no byte is left" in listen("forget", "--receipts", "--db", db).out

    file.write_text(file.read_text() + "\n")
    again = listen("import", file, "--db", db, "--network", "forum", "--json")
    assert listen("count", "", "--db", db).out.strip() == "2", again.err

    restored = listen("restore", copy, "--db", db, "--force")
    assert (restored.code, "erased again: 1 people" in restored.err) == (0, True), restored.err
    assert listen("count", "author:zqclaire", "--db", db).out.strip() == "1"


def test_rules_are_counted_and_carried_out(listen: Commands, tmp_path: Path) -> None:
    db, file = tmp_path / "l.db", write(tmp_path / "m.jsonl", "zqclaire", "zqbob", "zqclaire")
    assert listen("import", file, "--db", db, "--network", "forum").code == 0
    config = tmp_path / "c.toml"
    place = ("--db", db, "--config", config)
    config.write_text("[topics.x]\nquery = 'x'\n")
    assert listen("prune", *place).code == 2, "there is no rule"
    config.write_text("[retention.old]\nquery = 'author:zqbob'\nkeep = '2d'\nthen = 'erase'\n")
    wrong = listen("prune", *place)
    assert (wrong.code, f"{config}:4" in wrong.err, "delete" in wrong.err) == (2, True, True), wrong.err
    config.write_text("[retention.old]\nquery = 'author:zqbob'\nkeep = '2d'\n")
    (counted,) = listen("prune", "--dry-run", "--json", *place).records
    assert (counted["rule"], counted["mentions"], counted["then"]) == ("old", 1, "delete")
    assert listen("prune", *place).code == 2, "nobody can be asked"
    assert listen("count", "", *place).out.strip() == "3"
    done = listen("prune", "--yes", "--json", *place)
    assert (done.code, done.records[0]["mentions"], done.records[0]["names"]) == (0, 1, 1), done.err
    assert listen("prune", "--yes", *place).code == 1

    assert listen("pseudonymise", "--older-than", "9000d", "--yes", *place).code == 1
    assert listen("pseudonymise", "--older-than", "soon", "--yes", *place).code == 2
    done = listen("pseudonymise", "author:zqclaire", "--yes", *place)
    assert (done.code, "2 mentions pseudonymised, names erased: 1" in done.out) == (0, True), done.err
    assert len({one["author"] for one in map(author_of, listen("search", "", "--json", *place).records)}) == 1
    file.write_text(file.read_text() + "\n")
    listen("import", file, *place, "--network", "forum")
    assert listen("count", "author:zqclaire", *place).out.strip() == "0", "known without their names"


def author_of(record: dict[str, object]) -> dict[str, object]:
    author = record["author"]
    return author if isinstance(author, dict) else {"author": author}
