"""The audit sees every kind of fault that can be made by hand, and none where there is none."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from listen import text
from listen.store import audit, mentions, search, sqlite
from listen.store.write import Writer
from tests.store.posts import NOW, Desk, Turned, fast, make_desk, make_post


@pytest.fixture
def large(store_path: Path, clock: Turned) -> Desk:
    """Several partitions."""
    desk = make_desk(Writer(fast(sqlite.connect_writer(store_path)), clock, 10))
    for day in range(35, 0, -1):
        desk.add(
            [
                make_post(
                    f"d{day}",
                    f"word{day} battery é",
                    title="A #tag",
                    published_at=NOW - 86_400 * day,
                    topics={1: 20 * day},
                    intents="complaint own-one",
                    kind="article",
                    country="fr",
                )
            ]
        )
    return desk


def documents(desk: Desk, mention: int) -> list[search.Document]:
    return mentions.documents(desk.connection, [mention])


def test_a_sound_store_has_no_fault(large: Desk, store_path: Path) -> None:
    found = audit.audit(large.connection)
    assert (found.mentions, found.faults, found.stale) == (35, 0, 0)
    assert audit.problems(store_path) == audit.problems(store_path, deep=True) == []


def test_an_empty_store_has_no_fault(store_path: Path, desk: Desk) -> None:
    assert audit.problems(store_path) == audit.problems(store_path, deep=True) == []


def remove_from_index(desk: Desk, mention: int) -> None:
    search.delete(desk.connection, desk.writer.partitions.of(mention).no, documents(desk, mention))


def remove_row(desk: Desk, mention: int) -> None:
    desk.connection.execute("DELETE FROM mentions WHERE id = ?", (mention,))


def change_row(desk: Desk, mention: int) -> None:
    desk.connection.execute("UPDATE mentions SET text = 'quite different' WHERE id = ?", (mention,))


def change_order(desk: Desk, mention: int) -> None:
    desk.connection.execute(
        "UPDATE mentions SET text = 'battery é ' || substr(text, 1, instr(text, ' ') - 1) WHERE id = ?", (mention,)
    )


def change_facet(desk: Desk, mention: int) -> None:
    desk.connection.execute("UPDATE mentions SET lang = 'fr' WHERE id = ?", (mention,))


def hear_elsewhere(desk: Desk, mention: int) -> None:
    desk.connection.execute("INSERT INTO sightings VALUES (?, 3)", (mention,))


def move_words(desk: Desk, mention: int) -> None:
    desk.connection.execute("UPDATE mentions SET text = title, title = text WHERE id = ?", (mention,))


@pytest.mark.parametrize(
    ("spoil", "kind"),
    [
        (remove_from_index, "missing"), (remove_row, "ghosts"), (change_row, "differs"), (change_order, "differs"),
        (change_facet, "differs"), (hear_elsewhere, "differs"), (move_words, "differs"),
    ],
)  # fmt: skip
def test_every_kind_of_fault_is_seen(
    large: Desk, store_path: Path, spoil: Callable[[Desk, int], None], kind: str
) -> None:
    ids = [row[0] for row in large.rows("SELECT id FROM mentions ORDER BY id")]
    for mention in (ids[3], ids[-1]):
        spoil(large, mention)
    found = audit.audit(large.connection)
    assert {name: getattr(found, name) for name in ("missing", "differs", "ghosts")} == {
        "missing": 0, "differs": 0, "ghosts": 0, kind: 2
    }  # fmt: skip
    assert found.ids[kind] == [ids[3], ids[-1]]
    assert any(str(ids[3]) in line for line in audit.problems(store_path, deep=True))


def test_a_quick_look_finds_much_of_it(large: Desk, store_path: Path) -> None:
    for (mention,) in large.rows("SELECT id FROM mentions"):
        remove_from_index(large, mention)
    (told,) = audit.problems(store_path)
    assert "cannot be found by their own words" in told


@pytest.mark.parametrize(
    ("sql", "told"),
    [
        ("UPDATE hourly_topic SET total = total + 1", "numbers by hour are not"),
        ("UPDATE hourly SET neg = neg + 1", "numbers by hour and source are not"),
        ("DELETE FROM daily", "35 numbers by day and source are not"),
        ("DELETE FROM daily_topic", "35 numbers by day are not"),
        ("DELETE FROM daily_aspect WHERE aspect = 'stage:support'", "35 numbers by day and aspect are not"),
        ("UPDATE hourly_aspect SET pos = 0 WHERE aspect = 'lang:en'", "numbers by hour and aspect are not"),
        ("INSERT INTO daily VALUES (1, 1, 1, 1, 0, 0, 0, 0)", "1 numbers by day and source are not"),
        ("DELETE FROM inbox WHERE topic_id = 1", "35 rows of the inbox"),
        (
            "INSERT INTO triage(mention_id, status, at, by) SELECT min(id), 1, 0, 'x' FROM mentions",
            "1 rows of the inbox",
        ),
        ("UPDATE partitions SET from_id = from_id + 1 WHERE no = 2", "gap or an overlap"),
        ("DELETE FROM partitions WHERE to_id > 4000000000000000000", "index ends at"),
    ],
)
def test_numbers_inbox_and_ranges_that_are_off(large: Desk, store_path: Path, sql: str, told: str) -> None:
    large.connection.execute(sql)
    assert any(told in line for line in audit.problems(store_path, deep=True))


def test_partitions_of_another_tokenizer_are_not_judged(
    large: Desk, store_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(text, "TOKENIZER", "2/test")
    found = audit.audit(large.connection)
    assert (found.mentions, found.stale, found.faults) == (0, 35, 0)
    assert audit.problems(store_path, deep=True) == []


def test_examples_are_bounded(large: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit, "NAMED", 4)
    large.connection.execute("UPDATE mentions SET text = 'gone'")
    found = audit.audit(large.connection)
    assert (found.differs, len(found.ids["differs"])) == (35, 4)


def test_what_cannot_be_opened_is_a_problem(tmp_path: Path) -> None:
    (told,) = audit.problems(tmp_path / "none.db")
    assert "there is no store" in told


def test_a_very_long_token_is_compared_as_sqlite_cuts_it(desk: Desk) -> None:
    desk.add([make_post("long", "é" * 40_000 + " short"), make_post("ascii", "x" * 60_000)])
    assert audit.audit(desk.connection).faults == 0
