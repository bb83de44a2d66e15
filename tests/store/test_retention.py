"""What is kept for some time only, and authors who become nobody: numbers always say what is stored."""

from __future__ import annotations

import time
from collections import Counter
from itertools import islice
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from listen.model import Author
from listen.query import parse
from listen.store import forgotten, receipts, retention, schema, sqlite
from listen.store.receipts import Receipt
from listen.store.retention import Rule
from listen.store.triage import Triage
from listen.store.write import Writer
from tests.store.posts import NOW, Desk, Turned, check_everything, fast, make_desk, make_post

DAY = 86_400
CLAIRE = Author("zqclaire@zqhost.example", "Zqname Zqfamily", "https://zqhost.example/@zqclaire", 12, "did:zqlasting")


def carried_out(writer: Writer, *rules: Rule) -> Receipt | None:
    told = list(retention.carry_out(writer, rules, "ana", "prune"))
    return told[-1] if isinstance(told[-1], Receipt) else None


def count(receipt: Receipt | None) -> int:
    assert receipt is not None
    return int(receipt.counts["mentions"])


def test_old_mentions_go_by_themselves_but_not_marked_ones(store_path: Path, clock: Turned) -> None:
    writer = Writer(fast(sqlite.connect_writer(store_path)), clock, partition_size=40)
    desk = make_desk(writer)
    for start in range(200, 0, -20):
        desk.add(
            [
                make_post(
                    f"p{n}",
                    f"battery {n}",
                    author=Author(f"u{n % 50}"),
                    published_at=NOW - DAY * n,
                    topics={1: -500, 2: None} if n % 3 else {},
                )
                for n in range(start, start - 20, -1)
            ]
        )
    ids = {row[1]: row[0] for row in desk.rows("SELECT id, external_id FROM mentions")}
    with Triage(store_path, "ana", clock) as ana:
        ana.star([ids["p150"]])
        ana.tag([ids["p155"]], "vip")
        ana.edit([ids["p159"]], note="keep")
        ana.set_status([ids["p180"], ids["p1"]], "done")
    parts = len(writer.partitions.parts)
    writer.sync_retention([Rule("old", "battery", 90 * DAY)])
    while writer.idle():
        pass
    left = {row[0] for row in desk.rows("SELECT external_id FROM mentions")}
    assert left == {f"p{n}" for n in (*range(1, 91), 150, 155, 159)}
    (receipt,) = receipts.listed(desk.connection)
    assert (receipt.by, receipt.action, receipt.counts["mentions"]) == ("retention", "prune", 107)
    assert receipt.counts["names"] == 0
    assert "p180" not in desk.one("SELECT group_concat(detail) FROM journal")
    assert len(writer.partitions.parts) < parts
    check_everything(desk.connection)
    writer.sync_retention([Rule("old", "battery", 90 * DAY)])
    assert not retention.due(desk.connection, NOW + 3600), "it is looked through now and then only"
    clock.at += DAY
    while writer.idle():
        pass
    assert desk.one("SELECT count(*) FROM mentions") == 92
    assert [count(carried_out(writer, Rule("r", text, DAY))) for text in ("tag:vip", "-tag:x is:starred")] == [1, 1]
    assert carried_out(writer, Rule("r", "is:starred", DAY)) is None
    writer.connection.close()


def test_what_a_query_asks_for_does_not_protect() -> None:
    for text, wanted in (
        ("battery", set()), ("is:starred", {"starred"}), ("a OR (tag:vip has:note)", {"tag", "note"}),
        ("-tag:vip", set()), ("has:tag", {"tag"}), ("is:noise", set()),
    ):  # fmt: skip
        assert retention.marks(parse(text)) == wanted, text


def test_a_view_asks_for_a_mark_as_its_query_does(desk: Desk, store_path: Path, clock: Turned) -> None:
    ids = desk.add([make_post(f"p{n}", "battery", published_at=NOW - 9 * DAY) for n in range(6)]).new_ids
    desk.writer.sync_views([("praised", "is:starred battery", False), ("not", "-view:praised", False)])
    with Triage(store_path, "ana", clock) as ana:
        ana.star(ids[:2])
        ana.tag(ids[1:3], "vip")
    assert count(carried_out(desk.writer, Rule("r", "view:not", DAY))) == 3, "a tag keeps one of the four"
    assert count(carried_out(desk.writer, Rule("r", "view:praised", DAY))) == 1, "the star no longer, the tag still"
    assert desk.rows("SELECT id FROM mentions ORDER BY id") == [(one,) for one in sorted(ids[1:3])]


def test_a_pass_that_is_broken_off_is_gone_on_with(store_path: Path, clock: Turned) -> None:
    """Half of all is old. Others act between the steps; what was begun is whole, and the next writer does the rest."""
    rule = Rule("old", "", 50 * DAY)
    connection = fast(sqlite.connect_writer(store_path))
    desk = make_desk(Writer(connection, clock, partition_size=100))
    for start in range(0, 600, 100):
        posts = [
            make_post(
                f"p{n}", f"battery {n}", author=Author(f"u{n}"), published_at=NOW - DAY * n // 6, topics={1: -500}
            )
            for n in range(start, start + 100)
        ]
        desk.add(posts)
    ids = {name: one for one, name in desk.rows("SELECT id, external_id FROM mentions")}
    with Triage(store_path, "ana", clock) as ana:
        ana.set_status(ids.values(), "done")
        desk.writer.erasing.row = 1.0
        for step in islice(retention.carry_out(desk.writer, [rule], "ana", "prune"), 20):
            assert isinstance(step, int)
            assert ana.star([ids["p1"]], on=step % 2 == 0).count <= 1
    check_everything(connection)
    assert 300 < desk.one("SELECT count(*) FROM mentions") < 600
    connection.close()

    desk = Desk(Writer(fast(sqlite.connect_writer(store_path)), clock, partition_size=100), {}, {})
    desk.writer.claim()
    desk.writer.sync_retention([rule])
    while desk.writer.idle():
        pass
    assert {name for (name,) in desk.rows("SELECT external_id FROM mentions")} == {f"p{n}" for n in range(301)}
    assert desk.one("SELECT count(*) FROM authors") == 301, "names go with what they said, whoever took it away"
    told = desk.rows("SELECT sum(count) FROM journal WHERE detail LIKE '%status%'")
    assert told == [(301,)], "undo has nothing to look for"
    assert sqlite.free_bytes(desk.connection) > 0
    check_everything(desk.connection)
    desk.connection.close()


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 3), st.booleans()), min_size=1, max_size=25),
       st.integers(0, 30), st.sampled_from(["delete", "pseudonymise"]))  # fmt: skip
def test_numbers_say_what_is_stored(
    tmp_path_factory: object, told: list[tuple[int, int, bool]], days: int, then: str
) -> None:
    path = tmp_path_factory.mktemp("kept") / "l.db"  # type: ignore[attr-defined]
    schema.prepare(path)
    writer = Writer(fast(sqlite.connect_writer(path)), Turned(NOW), partition_size=10)
    desk = make_desk(writer)
    posts = [
        make_post(f"p{n}", f"battery @zq{who} {n}", author=Author(f"zq{who}"), published_at=NOW - DAY * age,
                  topics={1: 600 if good else -600}, score=600 if good else -600)
        for n, (age, who, good) in enumerate(told)
    ]  # fmt: skip
    desk.add(posts)
    before = desk.rows("SELECT * FROM hourly_topic ORDER BY 1, 2")
    carried_out(writer, Rule("r", "battery", days * DAY, then))
    check_everything(desk.connection)
    old = sum(age >= days for age, _, _ in told if age > 0 or days == 0)
    if then == "pseudonymise":
        assert desk.rows("SELECT * FROM hourly_topic ORDER BY 1, 2") == before
    else:
        assert desk.one("SELECT count(*) FROM mentions") >= len(told) - old
    writer.connection.close()


def test_a_pseudonym_is_stable_and_nobody(desk: Desk, store_path: Path, clock: Turned) -> None:
    writer = desk.writer
    desk.writer.sync_accounts({"acme": ["@acme"]})
    words, name = "ask @acme and @zqbob about the battery", "https://zqhost.example/@zqclaire/1"
    first = make_post(name, words, author=CLAIRE, url=name, published_at=NOW - 100 * DAY, topics={1: -500})
    more = [
        make_post(f"https://zqhost.example/@zqclaire/{n}", "battery", author=CLAIRE, published_at=NOW - 100 * DAY - n,
                  parent_id="https://zqhost.example/@zqclaire/1")
        for n in (2, 3)
    ]  # fmt: skip
    new = make_post("n", "battery", author=Author("zqbob"), published_at=NOW, topics={2: 0})
    ours = make_post("o", "battery", author=Author("acme"), published_at=NOW - 100 * DAY, parent_id=first.external_id)
    desk.add([first, *more, new, ours])
    (mention,) = desk.rows("SELECT id FROM mentions WHERE external_id = ?", first.external_id)[0]
    with Triage(store_path, "ana", clock) as ana:
        ana.edit([mention], note="hm")
    numbers = desk.rows("SELECT * FROM daily_topic")
    answered = desk.rows("SELECT mention_id FROM answered")
    receipt = carried_out(writer, Rule("old", "", 90 * DAY, "pseudonymise"))
    assert receipt is not None
    assert (receipt.counts["mentions"], receipt.counts["names"]) == (2, 0), "one was noted"
    with Triage(store_path, "ana", clock) as ana:
        ana.undo()
    receipt = carried_out(writer, Rule("old", "", 90 * DAY, "pseudonymise"))
    assert receipt is not None
    assert (receipt.counts["mentions"], receipt.counts["names"]) == (1, 1)
    assert desk.rows("SELECT * FROM daily_topic") == numbers
    assert desk.rows("SELECT mention_id FROM answered") == answered
    texts = desk.rows("SELECT text, m.url, handle, name, followers FROM mentions m JOIN authors a ON a.id = author_id")
    pseudonyms = Counter(row[2] for row in texts if row[2].startswith("anon-"))
    assert list(pseudonyms.values()) == [3]
    assert ("ask @acme and @… about the battery", None, next(iter(pseudonyms)), None, 12) in texts
    assert sorted(row[2] for row in texts if row[2] not in pseudonyms) == ["acme", "zqbob"]

    assert desk.add([first, *more]).new_ids == []
    assert desk.one("SELECT count(*) FROM mentions WHERE text LIKE '%zqbob%'") == 0
    desk.add([make_post(more[0].external_id, "", author=None, state="deleted")])
    assert desk.one("SELECT count(*) FROM mentions WHERE text = ''") == 1
    with Triage(store_path, "ana", clock) as ana:
        redone = ana.redo()
    assert redone is not None
    assert redone.ids == (mention,)
    deadline = time.monotonic() + 30
    while receipts.owed(desk.connection) and time.monotonic() < deadline:
        writer.wash()
        writer.washing.wait()
    # Our own reply names what it answers; it is ours.
    ids = f"UPDATE mentions SET parent_id = '{forgotten.VEIL}' WHERE external_id = 'o'"
    desk.connection.execute(ids)
    desk.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert b"zqclaire" not in store_path.read_bytes()
    assert b"zqfamily" not in store_path.read_bytes().lower()
